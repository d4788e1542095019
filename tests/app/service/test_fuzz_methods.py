"""Wrong types, wrong values and cut-off frames for every method of the schema, on a live service.

``test_server.py`` throws bytes at the service; this knows the schema and comes closer.
"""

from __future__ import annotations

import enum
import multiprocessing.connection
import os
import struct
import types
import typing

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import Client, ErrorCode
from app.api.address import ServicePlace
from app.api.messages import (
    PROTOCOL_VERSION,
    Call,
    EventMessage,
    Failure,
    Hello,
    Progress,
    Reply,
    decode,
    encode,
    pack,
)
from app.api.schema import METHODS, Method, load_interfaces
from app.service.server import Service
from tests.app.service.fixtures import MakeMachine

load_interfaces()

_SETTINGS = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Waiting until something happens is what it is for; a wrong time-out may wait for long.
BLOCKING = {"progress.wait_for_completion", "guest_property.wait"}

garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_TEXTS = ["guest", "/nowhere/at all", "relative", "", "/", "a\nb", "\u00e4\u20ac", "IDE", "x" * 300]


def values_of(hint: object) -> st.SearchStrategy[object]:
    """Values of the right type, most of them without sense; garbage for types that are not simple."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return st.one_of(*map(values_of, typing.get_args(hint)))
    if typing.get_origin(hint) is list:
        return st.lists(values_of(typing.get_args(hint)[0]), max_size=3)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from([member.value for member in hint])
    simple = {
        str: st.sampled_from(_TEXTS) | st.text(max_size=8),
        bool: st.booleans(),
        int: st.sampled_from([0, 1, -1, 255, 2**31, 2**62]) | st.integers(-10, 300),
        bytes: st.binary(max_size=20),
        types.NoneType: st.none(),
    }
    return simple.get(hint, garbage)  # type: ignore[call-overload]


@st.composite
def parameters_of(draw: st.DrawFn, method: Method) -> object:
    """Parameters: right ones, ones of wrong types, missing ones, ones that are not there."""
    kind = draw(st.sampled_from(["right", "right", "wrong", "anything"]))
    if kind == "anything":
        return draw(garbage)
    params: dict[str, object] = {}
    for name, parameter in method.parameters.items():
        right = st.just("guest") if name in ("id", "name_or_id") else values_of(parameter.annotation)
        params[name] = draw(right if kind == "right" else st.one_of(right, garbage))
        if draw(st.integers(0, 9)) == 0:
            del params[name]
    if kind == "wrong":
        params |= draw(st.dictionaries(st.text(max_size=5), garbage, max_size=1))
    return params


@pytest.fixture
def wire(service: Service):
    """A client that is connected and says what it likes."""
    address = ServicePlace(service.place.home).read()
    assert address is not None
    with multiprocessing.connection.Client(address.address, address.family) as connection:
        hello = Hello(protocol=PROTOCOL_VERSION, token=address.token, client_name="fuzz", pid=os.getpid())
        connection.send_bytes(encode(hello))
        connection.recv_bytes()
        yield connection


def _answer(connection: multiprocessing.connection.Connection) -> Reply | Failure:
    while True:
        assert connection.poll(30), "no answer"
        message = decode(connection.recv_bytes())
        if not isinstance(message, EventMessage | Progress):
            assert isinstance(message, Reply | Failure)
            return message


@pytest.mark.parametrize("name", sorted(METHODS.keys() - BLOCKING))
def test_any_parameters_give_a_result_or_a_typed_error(
    name: str, service: Service, wire: multiprocessing.connection.Connection, client: Client,
    make_machine: MakeMachine, vm_processes: None, tmp_path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    client.virtualbox.set_system_properties(default_machine_folder=str(tmp_path / "vms"))
    make_machine(client, "guest")
    method = METHODS[name]
    numbers = iter(range(1, 10**6))

    @_SETTINGS
    @given(params=parameters_of(method))
    def check(params: object) -> None:
        number = next(numbers)
        try:
            packed = pack(params)
        except (OverflowError, msgspec.MsgspecError, UnicodeEncodeError):
            return
        wire.send_bytes(encode(Call(id=number, method=name, params=packed)))
        answer = _answer(wire)
        assert answer.id == number
        if isinstance(answer, Failure):
            error = answer.to_error()
            assert error.code is not ErrorCode.E_UNEXPECTED, (params, error.message)
            assert len(error.message) > 5, params
        else:
            method.decode_result(answer.result)

    check()
    assert client.virtualbox.get_version().pid == os.getpid()


@_SETTINGS
@given(cut=st.integers(0, 60), claimed=st.integers(-(2**31), 2**31 - 1) | st.none())
def test_cut_frames_end_one_connection_only(
    service: Service, client: Client, cut: int, claimed: int | None
) -> None:
    address = ServicePlace(service.place.home).read()
    assert address is not None
    connection = multiprocessing.connection.Client(address.address, address.family)
    hello = encode(Hello(protocol=PROTOCOL_VERSION, token=address.token, client_name="cut", pid=1))
    size = len(hello) if claimed is None else claimed
    os.write(connection.fileno(), struct.pack("!i", size) + hello[:cut])
    connection.close()
    assert client.virtualbox.list_machines() == []


def test_methods_that_wait_are_declared() -> None:
    assert BLOCKING & METHODS.keys()
