"""Older and newer peers: what each side makes of what it does not know.

ARCHITECTURE.md ("Versions of the schema") promises what is tested here.
"""

from __future__ import annotations

import multiprocessing.connection
import os
from collections.abc import Iterator

import msgspec
import pytest

from app.api import Client, ErrorCode, MachineDataChanged, MachineInfo
from app.api.address import ServicePlace
from app.api.messages import (
    PROTOCOL_VERSION,
    Call,
    EventMessage,
    Failure,
    Reply,
    decode,
    encode,
    pack,
)
from app.api.schema import find_method
from app.service.server import Service
from tests.app.api.played import PlayedService
from tests.app.service.support import failing


@pytest.fixture
def played() -> Iterator[PlayedService]:
    service = PlayedService()
    yield service
    service.client.close()
    service.channel.dispose()


def _newer(message: object, **fields: object) -> bytes:
    """A message as a peer sends it whose version has more fields."""
    return msgspec.msgpack.encode(msgspec.msgpack.decode(encode(message)) | fields)


# -- an older client ---------------------------------------------------------------------------


def test_an_older_client_skips_fields_of_structures_that_it_does_not_know() -> None:
    newer = {"id": "x", "name": "guest", "colour_of_the_case": "beige"}
    assert find_method("virtualbox.find_machine").decode_result(pack(newer)) == MachineInfo(
        id="x", name="guest"
    )


def test_an_older_client_skips_events_and_messages_that_it_does_not_know(
    played: PlayedService,
) -> None:
    with played.client.events() as stream:
        played.channel.send(EventMessage(name="CaseOpened", data=pack({"id": "x"})))
        played.channel.send_encoded(msgspec.msgpack.encode({"type": "gossip", "about": "you"}))
        played.channel.send(EventMessage(name="MachineStateChanged",
                                         data=pack({"id": "x", "state": "Hibernating"})))  # fmt: skip
        newer = {"id": "y", "since": "today"}
        played.channel.send(EventMessage(name="MachineDataChanged", data=pack(newer)))
        assert stream.get(10) == MachineDataChanged(id="y")
        assert stream.get(0) is None
    assert played.client.connected


def test_an_older_client_gets_an_error_for_a_word_that_it_does_not_know(
    played: PlayedService,
) -> None:
    newer = {"id": "x", "name": "guest", "state": "Hibernating"}
    with failing(ErrorCode.E_UNEXPECTED, "result of virtualbox.find_machine is malformed.*Hiber"):
        find_method("virtualbox.find_machine").decode_result(pack(newer))


def test_an_older_client_takes_an_unknown_error_code_for_a_failure(played: PlayedService) -> None:
    errors: list[Exception] = []
    pending = played.start(on_error=errors.append)
    call = played.channel.receive()
    played.channel.send(Failure(id=call.id, code=0x80BB7777, message="The lid is open."))
    with played.client.events() as stream:
        played.channel.send(EventMessage(name="SystemPropertiesChanged", data=pack({})))
        assert stream.get(10)
    assert pending.method.name == call.method
    assert [(error.code, str(error)) for error in errors] == [
        (ErrorCode.E_FAIL, "The lid is open.")
    ]


# -- a newer client ----------------------------------------------------------------------------


def test_a_newer_client_gets_the_defaults_of_fields_that_the_service_does_not_send() -> None:
    older = {"id": "x", "name": "guest"}
    found = find_method("virtualbox.find_machine").decode_result(pack(older))
    assert (found.last_error, found.accessible) == ("", True)


def test_parameters_that_are_not_given_do_not_travel(played: PlayedService) -> None:
    """So that a newer client can call an older service as long as it asks for nothing new."""
    pending = played.client.start_call(
        "machine.launch", {"id": "x"}, on_result=lambda _r: None, on_error=lambda _e: None
    )
    call = played.channel.receive()
    assert msgspec.msgpack.decode(call.params) == {"id": "x"}
    pending.cancel()


@pytest.fixture
def raw(service: Service) -> Iterator[multiprocessing.connection.Connection]:
    """A client that says what it likes, after its greeting (which has a field too many)."""
    address = ServicePlace(service.place.home).read()
    assert address is not None
    with multiprocessing.connection.Client(address.address, address.family) as connection:
        hello = {"type": "hello", "protocol": PROTOCOL_VERSION, "token": address.token,
                 "client_name": "newer", "pid": os.getpid(), "mood": "good"}  # fmt: skip
        connection.send_bytes(msgspec.msgpack.encode(hello))
        assert decode(connection.recv_bytes()).protocol == PROTOCOL_VERSION
        yield connection


def _answer(connection: multiprocessing.connection.Connection) -> Failure | Reply:
    while isinstance(answer := decode(connection.recv_bytes()), EventMessage):
        pass
    assert isinstance(answer, Failure | Reply)
    return answer


@pytest.mark.parametrize(
    ("method", "params", "code", "told"),
    [
        ("machine.knit", {"id": "x"}, ErrorCode.E_NOTIMPL, "no method named 'machine.knit'"),
        ("knitting.begin", {}, ErrorCode.E_NOTIMPL, "no method named 'knitting.begin'"),
        ("virtualbox.find_machine", {"name_or_id": "x", "fuzzy": True}, ErrorCode.E_INVALIDARG,
         "unknown field `fuzzy`"),
        ("machine.lock", {"id": "x", "lock_type": "Gentle"}, ErrorCode.E_INVALIDARG, "Gentle"),
    ],
)  # fmt: skip
def test_an_older_service_names_what_it_does_not_know(
    raw: multiprocessing.connection.Connection,
    client: Client, method: str, params: dict[str, object], code: ErrorCode, told: str,
) -> None:  # fmt: skip
    raw.send_bytes(_newer(Call(id=5, method=method, params=pack(params)), urgency="high"))
    answer = _answer(raw)
    assert isinstance(answer, Failure)
    assert (answer.id, answer.to_error().code) == (5, code)
    assert told in answer.message
    assert client.virtualbox.get_version().api_version == PROTOCOL_VERSION


def test_an_older_service_answers_messages_that_it_does_not_know_and_goes_on(
    raw: multiprocessing.connection.Connection,
) -> None:
    raw.send_bytes(msgspec.msgpack.encode({"type": "gossip", "about": "you"}))
    answer = _answer(raw)
    assert isinstance(answer, Failure)
    assert (answer.id, answer.to_error().code) == (0, ErrorCode.E_INVALIDARG)
    raw.send_bytes(encode(Call(id=6, method="virtualbox.list_machines")))
    assert _answer(raw) == Reply(id=6, result=pack([]))
