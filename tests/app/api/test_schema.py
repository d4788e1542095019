"""Declared methods, façades, messages and events."""

from __future__ import annotations

import enum
from typing import Protocol

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import ApiError, ErrorCode, MachineState, events, interfaces
from app.api.events import Event
from app.api.messages import (
    MAX_MESSAGE_BYTES,
    Call,
    EventMessage,
    Failure,
    Message,
    Reply,
    decode,
    encode,
    pack,
)
from app.api.schema import METHODS, Facade, find_method, interface, load_interfaces
from tests.app.service.support import failing


@pytest.fixture
def example() -> object:
    @interface("example", bound="id")
    class Example(Protocol):
        def add(self, left: int, right: int = 5) -> int:
            """Add."""

        def _hidden(self) -> None:
            """Not a method of the API."""

    yield Example
    del METHODS["example.add"]


def test_declared_methods_are_found_by_name(example: object) -> None:
    method = find_method("example.add")
    assert list(method.parameters) == ["id", "left", "right"]
    assert method.result_type is int
    with failing(ErrorCode.E_NOTIMPL, "no method named 'example._hidden'"):
        find_method("example._hidden")


def test_facade_binds_like_a_python_call(example: object) -> None:
    calls: list[tuple[str, dict[str, object]]] = []
    facade = Facade("example", lambda name, params: calls.append((name, params)), "the-id")
    facade.add(1, 2)
    facade.add(1)
    facade.add(right=3, left=4)
    assert calls == [
        ("example.add", {"id": "the-id", "left": 1, "right": 2}),
        ("example.add", {"id": "the-id", "left": 1}),
        ("example.add", {"id": "the-id", "right": 3, "left": 4}),
    ]
    for wrong in (
        lambda: facade.add(1, 2, 3),
        lambda: facade.add(1, left=2),
        lambda: facade.add(middle=2),
        lambda: facade.add(1, id="other"),
    ):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(AttributeError, match="'example' has no method 'subtract'"):
        facade.subtract  # noqa: B018


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"id": "x"}, "missing required field `left`"),
        ({"id": "x", "left": "one"}, r"Expected `int`, got `str` - at `\$.left`"),
        ({"id": "x", "left": 1, "middle": 2}, "unknown field `middle`"),
        ([1, 2], "Expected `object`"),
    ],
)
def test_wrong_parameters_are_told(example: object, params: object, told: str) -> None:
    with failing(ErrorCode.E_INVALIDARG, told):
        find_method("example.add").decode_params(pack(params))


def test_defaults_are_filled_in(example: object) -> None:
    decoded = find_method("example.add").decode_params(pack({"id": "x", "left": 1}))
    assert decoded == {"id": "x", "left": 1, "right": 5}


def test_a_result_of_another_type_is_told(example: object) -> None:
    with failing(ErrorCode.E_UNEXPECTED, r"result of example.add is malformed"):
        find_method("example.add").decode_result(pack("three"))


def test_every_method_is_documented_and_carries_types_that_travel() -> None:
    load_interfaces()
    for name, method in METHODS.items():
        assert method.function.__doc__, name
        decoder = msgspec.msgpack.Decoder(method.result_type)
        assert decoder is not None, name
        with pytest.raises(ApiError):
            method.decode_params(pack({"no such parameter": 1}))


def test_files_bear_the_names_of_their_interfaces_on_the_wire() -> None:
    load_interfaces()
    for name in interfaces.__all__:
        module = getattr(interfaces, name).__module__.rpartition(".")[2]
        assert any(method.startswith(f"{module}.") for method in METHODS)


def _some_value(hint: object) -> object:
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return list(hint)[-1]
    return {str: "x", bool: True, int: 7}[hint]  # type: ignore[index]


@pytest.mark.parametrize("event_type", Event.registry.values(), ids=lambda cls: cls.__name__)
def test_events_survive_the_way(event_type: type[Event]) -> None:
    fields = {f.name: _some_value(f.type) for f in msgspec.structs.fields(event_type)}
    event = event_type(**fields)
    message = decode(encode(EventMessage(name=event_type.__name__, data=pack(event))))
    assert isinstance(message, EventMessage)
    assert msgspec.msgpack.decode(message.data, type=Event.registry[message.name]) == event


def test_machine_states_have_virtualbox_numbers() -> None:
    assert [MachineState.NULL.number, MachineState.RUNNING.number] == [0, 6]
    assert MachineState.SNAPSHOTTING.number == 23
    assert {state for state in MachineState if state.is_online} == set(list(MachineState)[6:20])
    assert not MachineState.ABORTED.is_transient
    assert MachineState.STARTING.is_transient
    assert events.MachineStateChanged(id="x", state=MachineState.PAUSED).state == "Paused"


@given(st.binary(max_size=300))
def test_bytes_are_a_message_or_a_typed_error(data: bytes) -> None:
    try:
        message = decode(data)
    except ApiError:
        return
    assert isinstance(message, Message)


@given(st.integers(0, 2**63 - 1), st.text(), st.dictionaries(st.text(), st.text()))
def test_messages_survive_the_way(number: int, text: str, params: dict[str, str]) -> None:
    for message in (
        Call(id=number, method=text, params=pack(params)),
        Reply(id=number, result=pack(params)),
        Failure(id=number, code=number, message=text),
    ):
        assert decode(encode(message)) == message


def test_deep_nesting_is_a_typed_error() -> None:
    deep = b"\x91" * 100_000 + b"\xc0"
    with failing(ErrorCode.E_INVALIDARG, "Not a message"):
        decode(b"\x81\xa4type" + deep)


def test_messages_over_the_limit_are_not_sent() -> None:
    with failing(ErrorCode.E_INVALIDARG, "longer than the limit"):
        encode(Reply(id=1, result=pack(bytes(MAX_MESSAGE_BYTES))))
