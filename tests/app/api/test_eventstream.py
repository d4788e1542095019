"""Events as a queue: order, time-outs, filters, and how it ends."""

from __future__ import annotations

import threading

import pytest

from app.api import Client, ErrorCode, MachineDataChanged, MachineState, MachineStateChanged
from app.api import eventstream as module
from app.api.messages import EventMessage, pack
from tests.app.api.played import PlayedService
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import failing


@pytest.fixture
def played():
    service = PlayedService()
    yield service
    service.client.close()
    service.channel.dispose()


def _tell(played: PlayedService, *ids: str) -> None:
    for machine_id in ids:
        event = MachineDataChanged(id=machine_id)
        played.channel.send(EventMessage(name="MachineDataChanged", data=pack(event)))


def test_events_come_in_order_and_a_time_out_gives_none(played: PlayedService) -> None:
    with played.client.events() as stream:
        _tell(played, "1", "2", "3")
        assert [stream.get(10).id for _ in range(3)] == ["1", "2", "3"]
        assert stream.get(0.01) is None


def test_only_the_wanted_types_are_delivered(played: PlayedService) -> None:
    with played.client.events(MachineStateChanged) as stream, played.client.events() as all_events:
        _tell(played, "1")
        assert all_events.get(10) == MachineDataChanged(id="1")
        state = MachineStateChanged(id="2", state=MachineState.RUNNING)
        played.channel.send(EventMessage(name="MachineStateChanged", data=pack(state)))
        assert stream.get(10) == state


def test_waiting_for_one_event_skips_others_and_ends_in_time(played: PlayedService) -> None:
    with played.client.events() as stream:
        _tell(played, "1", "2", "3")
        assert stream.wait_for(lambda event: event.id == "2", 10).id == "2"
        with failing(ErrorCode.VBOX_E_TIMEOUT, r"did not come within 0\.05 s"):
            stream.wait_for(lambda event: event.id == "4", 0.05)


def test_iteration_ends_when_the_client_is_closed(played: PlayedService) -> None:
    stream = played.client.events()
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.extend(event.id for event in stream))
    thread.start()
    _tell(played, "1", "2")
    with played.client.events() as other:
        _tell(played, "3")
        assert other.wait_for(lambda event: event.id == "3", 10)
    played.client.close()
    thread.join(10)
    assert not thread.is_alive()
    assert seen == ["1", "2", "3"]


def test_a_lost_connection_is_an_error_after_what_had_come(played: PlayedService) -> None:
    stream = played.client.events()
    with played.client.events() as other:
        _tell(played, "1")
        assert other.get(10) is not None
    played.channel.abort("killed")
    assert stream.get(10).id == "1"
    for _ in range(2):
        with failing(ErrorCode.NS_ERROR_CALL_FAILED, "connection to the Vitrine service was lost"):
            stream.get(10)
    with failing(ErrorCode.NS_ERROR_CALL_FAILED, "was lost"):
        played.client.events().get(10)


def test_a_closed_stream_gets_nothing_more(played: PlayedService) -> None:
    stream = played.client.events()
    stream.close()
    with played.client.events() as other:
        _tell(played, "1")
        assert other.get(10) is not None
    assert stream.get(0) is None
    assert list(stream) == []


def test_a_stream_that_nobody_reads_says_that_events_are_missing(
    played: PlayedService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING_EVENTS", 2)
    stream = played.client.events()
    with played.client.events() as other:
        for number in range(4):
            _tell(played, str(number))
            assert other.get(10) is not None
    assert [stream.get(0).id, stream.get(0).id] == ["0", "1"]
    with failing(ErrorCode.VBOX_E_MAXIMUM_REACHED, "2 events were waiting"):
        stream.get(0)


def test_a_client_that_was_closed_has_an_empty_stream(client: Client) -> None:
    client.close()
    assert list(client.events()) == []


def test_every_client_hears_of_a_new_machine(
    client: Client, make_machine: MakeMachine
) -> None:
    with client.events() as stream:
        machine = make_machine(client, "watched")
        assert stream.wait_for(lambda event: getattr(event, "id", "") == machine.id, 10)
        client.machine(machine.id).set_extra_data("GUI/Note", "x")
        assert stream.get(10) is not None
