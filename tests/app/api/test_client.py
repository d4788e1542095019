"""The synchronous client against a service that the test plays, and VM sessions."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time

import pytest

from app.api import ApiError, Client, ErrorCode, Event, MachineState, connect, events
from app.api.messages import (
    Call,
    Cancel,
    EventMessage,
    Failure,
    Progress,
    Reply,
    encode,
    pack,
)
from app.api.vmsession import VmSession
from tests.app.api.played import PlayedService
from tests.app.service.fake_vm import FakeConsole
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of, failing, kill, service_pid, wait_until


@pytest.fixture
def played():
    service = PlayedService()
    yield service
    service.client.close()
    service.channel.dispose()


def test_answers_find_their_calls_in_any_order(played: PlayedService) -> None:
    results: list[str] = []
    for _ in range(3):
        played.start(on_result=results.append)
    calls = [played.channel.receive() for _ in range(3)]
    for call in reversed(calls):
        played.channel.send(Reply(id=call.id, result=pack(f"answer {call.id}")))
    wait_until(lambda: len(results) == 3)
    assert results == [f"answer {call.id}" for call in reversed(calls)]


def test_progress_cancel_and_error(played: PlayedService) -> None:
    told: list[tuple[int, str]] = []
    failures: list[ApiError] = []
    pending = played.start(on_error=failures.append, on_progress=lambda p, t: told.append((p, t)))
    call = played.channel.receive()
    played.channel.send(Progress(id=call.id, percent=40, description="half way"))
    pending.cancel()
    assert played.channel.receive() == Cancel(id=call.id)
    played.channel.send(Failure(id=call.id, code=ErrorCode.E_ABORT, message="Cancelled."))
    wait_until(lambda: failures)
    assert told == [(40, "half way")]
    assert failures[0].code is ErrorCode.E_ABORT


def test_a_call_can_time_out_and_is_cancelled_then(played: PlayedService) -> None:
    with failing(ErrorCode.VBOX_E_TIMEOUT, "did not answer within 0.05 s"):
        played.client.invoke("virtualbox.get_extra_data", {"key": "k"}, timeout=0.05)
    assert isinstance(played.channel.receive(), Call)
    assert isinstance(played.channel.receive(), Cancel)


def test_waiting_and_later_calls_fail_when_the_connection_ends(played: PlayedService) -> None:
    failures: list[ApiError] = []
    played.start(on_error=failures.append)
    played.channel.abort("gone")
    wait_until(lambda: failures and played.lost)
    assert failures[0].code is ErrorCode.NS_ERROR_CALL_FAILED
    with failing(ErrorCode.NS_ERROR_CALL_FAILED, "connection to the Vitrine service was lost"):
        played.client.virtualbox.get_extra_data("k")
    assert not played.client.connected


def test_closing_is_not_a_loss(played: PlayedService) -> None:
    played.client.close()
    assert played.lost == []


def test_unknown_methods_are_not_sent(played: PlayedService) -> None:
    with failing(ErrorCode.E_NOTIMPL, "no method named 'virtualbox.fly'"):
        played.client.call("virtualbox.fly")


def test_a_call_on_the_reader_thread_is_refused(played: PlayedService) -> None:
    outcomes: list[str] = []

    def call_back(_event: Event) -> None:
        try:
            played.client.virtualbox.list_machines()
        except ApiError as error:
            outcomes.append(str(error))

    played.client.subscribe(call_back)
    fire(played, events.SystemPropertiesChanged())
    wait_until(lambda: outcomes)
    assert "reader thread" in outcomes[0]


def fire(played: PlayedService, event: Event, name: str | None = None) -> None:
    played.channel.send(EventMessage(name=name or type(event).__name__, data=pack(event)))


def test_events_reach_all_subscribers_whatever_one_does(
    played: PlayedService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Event] = []

    def fail(_event: Event) -> None:
        raise ValueError("a mistake")

    played.client.subscribe(fail)
    unsubscribe = played.client.subscribe(seen.append)
    wanted = events.MachineDataChanged(id="x")
    fire(played, wanted, "FromTheFuture")
    played.channel.send(EventMessage(name="MachineDataChanged", data=pack(["not", "it"])))
    fire(played, wanted)
    wait_until(lambda: seen)
    assert seen == [wanted]
    assert "FromTheFuture" in caplog.text
    assert "a mistake" in caplog.text
    unsubscribe()
    fire(played, wanted)
    played.start()
    call = played.channel.receive()
    played.channel.send(Reply(id=call.id, result=pack("")))
    assert seen == [wanted]


def test_nonsense_from_the_service_is_survived(played: PlayedService) -> None:
    played.raw.send_bytes(b"\xc1")
    played.raw.send_bytes(encode(Reply(id=999)))
    results: list[str] = []
    failures: list[ApiError] = []
    played.start(on_error=failures.append)
    played.channel.send(Reply(id=played.channel.receive().id, result=pack(["wrong type"])))
    wait_until(lambda: failures)
    assert failures[0].code is ErrorCode.E_UNEXPECTED
    played.start(on_result=results.append)
    played.channel.send(Reply(id=played.channel.receive().id, result=pack("fine")))
    wait_until(lambda: results == ["fine"])


def test_console_calls_without_a_console_are_refused(played: PlayedService) -> None:
    played.channel.send(Call(id=5, method="console.pause", params=pack({"id": "x"})))
    answer = played.channel.receive()
    assert isinstance(answer, Failure)
    assert answer.id == 5
    assert "has no console" in answer.message


def test_console_calls_run_in_order_on_a_thread_of_their_own(played: PlayedService) -> None:
    seen: queue.SimpleQueue[tuple[str, list[int]]] = queue.SimpleQueue()

    class Console(FakeConsole):
        def put_scancodes(self, scancodes: list[int]) -> int:
            seen.put((threading.current_thread().name, scancodes))
            return len(scancodes)

    played.client.serve(Console(set()))
    with failing(ErrorCode.E_UNEXPECTED, "serves a console already"):
        played.client.serve(Console(set()))
    for number in range(3):
        params = pack({"id": "x", "scancodes": [number]})
        played.channel.send(Call(id=number, method="console.put_scancodes", params=params))
    assert [played.channel.receive() for _ in range(3)] == [
        Reply(id=number, result=pack(1)) for number in range(3)
    ]
    names, codes = zip(*(seen.get() for _ in range(3)), strict=True)
    assert set(names) == {"client-console"}
    assert list(codes) == [[0], [1], [2]]


def test_connect_times_out_when_nothing_becomes_ready(
    home: object, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nsleep 20\n")
    script.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(script))
    before = time.monotonic()
    with failing(ErrorCode.NS_ERROR_CALL_FAILED, "did not become ready within"):
        connect(client_name="test", timeout=0.3)
    assert time.monotonic() - before < 5


# -- VM sessions -------------------------------------------------------------------------------


def test_session_in_this_process(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    console = FakeConsole(set())
    session = VmSession.attach("guest", console, client_name="a VM")
    console.session = session
    assert session.machine_id == machine.id
    assert session.start_info.settings_path == machine.settings_path
    assert os.path.isdir(session.start_info.log_folder)
    info = client.virtualbox.find_machine(machine.id)
    assert (info.state, info.session_pid) == (MachineState.STARTING, os.getpid())
    assert info.session_name == "a VM"
    session.report_state(MachineState.RUNNING)
    client.console(machine.id).pause()
    assert client.virtualbox.find_machine(machine.id).state is MachineState.PAUSED
    session.detach()
    assert client.virtualbox.find_machine(machine.id).state is MachineState.POWERED_OFF


def test_session_follows_the_services(home: object, make_machine: MakeMachine) -> None:
    with client_of(start_service=True) as client:
        machine = make_machine(client)
    session = VmSession.attach(machine.id, FakeConsole(set()))
    seen: list[Event] = []
    session.subscribe(seen.append)
    session.report_state(MachineState.RUNNING)
    first = service_pid(home)
    kill(first)
    # Told while there is no service: the next one learns it all the same.
    session.report_state(MachineState.PAUSED)
    wait_until(lambda: service_pid(home) not in (0, first))
    with client_of("next", start_service=True) as client:
        wait_until(lambda: client.virtualbox.find_machine(machine.id).state == "Paused")
        wait_until(lambda: follows(session))
        client.virtualbox.set_system_properties(log_history_count=4)
        wait_until(lambda: events.SystemPropertiesChanged() in seen)
        kill(service_pid(home))
    # Detaching waits for the next service, so that the machine is not taken for crashed.
    session.detach()
    with client_of("last", start_service=True) as client:
        info = client.virtualbox.find_machine(machine.id)
        assert (info.state, info.session_state) == ("PoweredOff", "Unlocked")


def follows(session: VmSession) -> bool:
    try:
        return session.client.connected
    except ApiError:
        return False


def test_session_of_a_machine_that_is_not_there(client: Client) -> None:
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "'nobody'"):
        VmSession.attach("nobody", FakeConsole(set()))


def test_attaching_twice_from_one_process_is_one_session(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    with failing(ErrorCode.E_INVALIDARG, "cannot attach in state PoweredOff"):
        client.session(machine.id).attach_vm(os.getpid(), MachineState.POWERED_OFF)
    session = VmSession.attach(machine.id, FakeConsole(set()))
    with failing(ErrorCode.E_INVALIDARG, "The caller is process"):
        client.session(machine.id).attach_vm(1)
    session.detach()
