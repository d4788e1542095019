"""Life of VM processes: start, console, death, and services that come and go."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from app.api import (
    ApiError,
    Client,
    ErrorCode,
    LockType,
    MachineState,
    SessionState,
    connect,
    events,
)
from app.api.vmsession import VmSession
from app.service.server import Service
from app.settings.machine_file import MachineFile
from tests.app.service.fake_vm import FakeConsole
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import (
    FAKE_VM_COMMAND,
    Recorder,
    client_of,
    is_running,
    kill,
    running_service,
    service_pid,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("vm_processes")


def state_of(client: Client, machine_id: str) -> MachineState:
    return client.virtualbox.find_machine(machine_id).state


def test_launch_returns_when_the_machine_runs(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    recorder = Recorder(client)
    client.machine(machine.id).launch()
    info = client.virtualbox.find_machine("guest")
    assert info.state is MachineState.RUNNING
    assert info.session_state is SessionState.LOCKED
    assert is_running(info.session_pid)
    told = (events.SessionStateChanged, events.MachineStateChanged)
    assert [event for event in recorder.events if isinstance(event, told)][:4] == [
        events.SessionStateChanged(id=machine.id, state=SessionState.SPAWNING),
        events.MachineStateChanged(id=machine.id, state=MachineState.STARTING),
        events.SessionStateChanged(id=machine.id, state=SessionState.LOCKED),
        events.MachineStateChanged(id=machine.id, state=MachineState.RUNNING),
    ]


def test_console_calls_reach_the_vm_and_its_states_reach_everybody(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    with client_of("onlooker") as onlooker:
        recorder = Recorder(onlooker)
        console = client.console(machine.id)
        before = time.monotonic()
        console.pause()
        recorder.wait_for(events.MachineStateChanged(id=machine.id, state=MachineState.PAUSED))
        assert time.monotonic() - before < 0.5
        console.resume()
        recorder.wait_for(events.MachineStateChanged(id=machine.id, state=MachineState.RUNNING))
        assert console.put_scancodes([0x1C, 0x9C]) == 2
        assert len(console.screenshot()) == 4 + (2 << 20)
        console.reset()
        recorder.wait_for(
            events.RuntimeError(
                id=machine.id, fatal=False, error_id="FakeReset", message="It was reset."
            )
        )
        client.machine(machine.id).show_window()
        console.power_off()
        recorder.wait_for(
            events.SessionStateChanged(id=machine.id, state=SessionState.UNLOCKED),
            events.MachineStateChanged(id=machine.id, state=MachineState.POWERED_OFF),
        )
    assert not MachineFile.load(machine.settings_path).settings.aborted


def test_errors_of_the_console_keep_their_code_and_sentence(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    console = client.console(machine.id)
    with pytest.raises(ApiError, match="The guest does not listen") as refused:
        console.power_button()
    assert refused.value.code is ErrorCode.VBOX_E_PDM_ERROR
    with pytest.raises(ApiError, match="a mistake in the console") as failed:
        console.insert_cad()
    assert failed.value.code is ErrorCode.E_UNEXPECTED
    with pytest.raises(ApiError, match="scancodes") as wrong:
        client.call("console.put_scancodes", id=machine.id, scancodes="abc")
    assert wrong.value.code is ErrorCode.E_INVALIDARG


def test_console_of_a_stopped_machine_says_that_it_does_not_run(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    for call in (client.console(machine.id).pause, client.machine(machine.id).show_window):
        with pytest.raises(ApiError, match="'guest' is not currently running") as error:
            call()
        assert error.value.code is ErrorCode.VBOX_E_INVALID_VM_STATE


def test_a_vm_that_does_not_answer_costs_only_its_caller_time(
    home: Path, make_machine: MakeMachine
) -> None:
    with running_service(home, console_seconds=0.4), client_of() as client:
        machine = make_machine(client, orders="deaf")
        client.machine(machine.id).launch()
        failures: list[ApiError] = []
        for _ in range(20):
            client.start_call(
                "console.pause", {"id": machine.id},
                on_result=lambda _result: None, on_error=failures.append,
            )  # fmt: skip
        before = time.monotonic()
        client.virtualbox.list_machines()
        assert time.monotonic() - before < 0.2
        wait_until(lambda: len(failures) == 20)
        assert {error.code for error in failures} == {ErrorCode.VBOX_E_TIMEOUT}
        kill(client.virtualbox.find_machine(machine.id).session_pid)
        wait_until(lambda: state_of(client, machine.id) is MachineState.ABORTED)


def test_killed_vm_process_leaves_the_machine_aborted_and_unlocked(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    recorder = Recorder(client)
    kill(client.virtualbox.find_machine(machine.id).session_pid)
    recorder.wait_for(
        events.MachineStateChanged(id=machine.id, state=MachineState.ABORTED),
        events.SessionStateChanged(id=machine.id, state=SessionState.UNLOCKED),
    )
    info = client.virtualbox.find_machine(machine.id)
    assert info.session_pid == 0
    assert "signal 9" in info.last_error
    assert MachineFile.load(machine.settings_path).settings.aborted
    # It can be started again, and a clean end clears the mark.
    client.machine(machine.id).launch()
    client.console(machine.id).power_off()
    recorder.wait_for(events.MachineStateChanged(id=machine.id, state=MachineState.POWERED_OFF))
    wait_until(lambda: not MachineFile.load(machine.settings_path).settings.aborted)


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ("exit", r"(?s)exit code 3 \(0x3\).*It printed:\nNo firmware was found"),
        ("refuse", "The disk image is damaged"),
        ("crash", "ended by signal 9"),
    ],
)
def test_launch_tells_why_the_machine_did_not_start(
    client: Client, make_machine: MakeMachine, orders: str, told: str
) -> None:
    machine = make_machine(client, orders=orders)
    with pytest.raises(ApiError, match=told) as error:
        client.machine(machine.id).launch()
    assert error.value.code is ErrorCode.VBOX_E_VM_ERROR
    wait_until(
        lambda: client.virtualbox.find_machine("guest").session_state is SessionState.UNLOCKED
    )
    expected = MachineState.ABORTED if orders == "crash" else MachineState.POWERED_OFF
    assert state_of(client, machine.id) is expected


def test_a_vm_process_that_never_attaches_is_ended(home: Path, make_machine: MakeMachine) -> None:
    with running_service(home, attach_seconds=1.0), client_of() as client:
        machine = make_machine(client, orders="hang")
        with pytest.raises(ApiError, match=r"did not come up within 1 s; its process \d+") as error:
            client.machine(machine.id).launch()
        assert error.value.code is ErrorCode.VBOX_E_TIMEOUT
        wait_until(
            lambda: client.virtualbox.find_machine("guest").session_state is SessionState.UNLOCKED
        )


def test_a_vm_program_that_is_missing_is_named(home: Path, make_machine: MakeMachine) -> None:
    with running_service(home, vm_command=("/nowhere/vm",)), client_of() as client:
        machine = make_machine(client)
        with pytest.raises(ApiError, match="'/nowhere/vm' of VM processes cannot be run"):
            client.machine(machine.id).launch()
        info = client.virtualbox.find_machine(machine.id)
        assert info.session_state is SessionState.UNLOCKED
        assert "/nowhere/vm" in info.last_error


def test_a_machine_in_use_cannot_be_launched_removed_or_locked(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    pid = client.virtualbox.find_machine(machine.id).session_pid
    calls = (
        client.machine(machine.id).launch,
        client.machine(machine.id).lock,
        lambda: client.virtualbox.unregister_machine(machine.id, delete_files=True),
        lambda: client.session(machine.id).attach_vm(os.getpid()),
    )
    for call in calls:
        with pytest.raises(ApiError, match=f"locked.*process {pid}") as error:
            call()
        assert error.value.code is ErrorCode.VBOX_E_INVALID_OBJECT_STATE
    assert Path(machine.settings_path).exists()


def test_only_the_holder_reports(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    session = client.session(machine.id)
    for call in (
        lambda: session.report_state(MachineState.PAUSED),
        lambda: session.report_runtime_error(fatal=True, error_id="X", message="x"),
        session.detach_vm,
    ):
        with pytest.raises(ApiError, match="does not hold the machine") as error:
            call()
        assert error.value.code is ErrorCode.VBOX_E_INVALID_SESSION_STATE
    assert state_of(client, machine.id) is MachineState.RUNNING


def test_unknown_front_end(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    with pytest.raises(ApiError, match="no front end 'hologram'; known: gui"):
        client.machine(machine.id).launch("hologram")


def test_vm_process_gets_the_display_of_the_client_and_nothing_else_of_it(
    client: Client, make_machine: MakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setenv("QT_SCALE_FACTOR", "2")
    with client_of("on another display") as other:
        monkeypatch.setenv("DISPLAY", ":1")
        monkeypatch.delenv("QT_SCALE_FACTOR")
        machine = make_machine(client)
        other.machine(machine.id).launch()
    said = (Path(machine.settings_path).parent / "Logs" / "VBoxVM.out").read_text()
    assert "display: :77 qt: 2" in said


def test_a_locked_machine_is_for_its_holder(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    with client_of("editor") as editor:
        editor.machine(machine.id).lock(LockType.WRITE)
        settings = client.machine(machine.id).get_settings()
        settings.description = "changed"
        for call in (
            lambda: client.machine(machine.id).save_settings(settings),
            lambda: client.machine(machine.id).lock(LockType.SHARED),
            client.machine(machine.id).launch,
        ):
            with pytest.raises(ApiError, match="editor"):
                call()
        editor.machine(machine.id).save_settings(settings)
        with pytest.raises(ApiError, match="no lock"):
            client.machine(machine.id).unlock()
    # The lock goes with the client.
    wait_until(
        lambda: client.virtualbox.find_machine("guest").session_state is SessionState.UNLOCKED
    )
    client.machine(machine.id).lock(LockType.SHARED)
    with client_of("second reader") as reader:
        reader.machine(machine.id).lock(LockType.SHARED)
        with pytest.raises(ApiError, match="already locked"):
            reader.machine(machine.id).lock(LockType.WRITE)
    client.machine(machine.id).unlock()


def test_running_vms_survive_kill_9_of_the_service(home: Path, make_machine: MakeMachine) -> None:
    with client_of(start_service=True) as client:
        first = service_pid(home)
        machine = make_machine(client)
        client.machine(machine.id).launch()
        client.console(machine.id).pause()
        wait_until(lambda: state_of(client, machine.id) is MachineState.PAUSED)
        vm_pid = client.virtualbox.find_machine(machine.id).session_pid
        os.kill(first, signal.SIGKILL)
    with connect(client_name="next") as client:
        assert service_pid(home) != first
        # Known at once, before the VM process has found the new service.
        assert state_of(client, machine.id) is MachineState.PAUSED
        with pytest.raises(ApiError, match="already locked"):
            client.machine(machine.id).launch()
        wait_until(lambda: resumed(client, machine.id))
        info = client.virtualbox.find_machine(machine.id)
        assert (info.state, info.session_pid) == (MachineState.RUNNING, vm_pid)
        client.console(machine.id).power_off()
        wait_until(lambda: state_of(client, machine.id) is MachineState.POWERED_OFF)


def resumed(client: Client, machine_id: str) -> bool:
    try:
        client.console(machine_id).resume()
    except ApiError:
        return False
    return True


@pytest.mark.usefixtures("hasty")
def test_a_vm_process_starts_the_next_service_itself(
    home: Path, make_machine: MakeMachine
) -> None:
    with client_of(start_service=True) as client:
        machine = make_machine(client)
        client.machine(machine.id).launch()
        vm_pid = client.virtualbox.find_machine(machine.id).session_pid
    # Without clients the service stays as long as a VM runs.
    time.sleep(0.6)
    first = service_pid(home)
    assert is_running(first)
    kill(first)
    wait_until(lambda: service_pid(home) not in (0, first))
    kill(vm_pid)
    wait_until(lambda: MachineFile.load(machine.settings_path).settings.aborted)
    wait_until(lambda: service_pid(home) == 0)


def test_service_and_vm_killed_together_leave_the_machine_aborted(
    home: Path, make_machine: MakeMachine
) -> None:
    with client_of(start_service=True) as client:
        machine = make_machine(client)
        client.machine(machine.id).launch()
        vm_pid = client.virtualbox.find_machine(machine.id).session_pid
        os.kill(service_pid(home), signal.SIGKILL)
        os.kill(vm_pid, signal.SIGKILL)
    with connect(client_name="next") as client:
        info = client.virtualbox.find_machine(machine.id)
        assert info.state is MachineState.ABORTED
        assert info.session_state is SessionState.UNLOCKED
    assert MachineFile.load(machine.settings_path).settings.aborted


def test_a_dead_vm_whose_settings_are_gone_does_not_keep_the_service_from_starting(
    home: Path, make_machine: MakeMachine
) -> None:
    with client_of(start_service=True) as client:
        machine = make_machine(client)
        other = make_machine(client, "other")
        client.machine(machine.id).launch()
        vm_pid = client.virtualbox.find_machine(machine.id).session_pid
        os.kill(service_pid(home), signal.SIGKILL)
        kill(vm_pid)
        shutil.rmtree(Path(machine.settings_path).parent)
    with connect(client_name="next") as client:
        assert client.virtualbox.find_machine(other.id).accessible
        info = client.virtualbox.find_machine(machine.id)
        assert (info.accessible, info.session_state) == (False, SessionState.UNLOCKED)


def test_a_vm_process_that_somebody_started_by_hand_is_no_different(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    logs = Path(machine.settings_path).parent / "Logs"
    logs.mkdir()
    (logs / "VBoxVM.out").write_text("printed by an earlier start")
    process = subprocess.Popen([*FAKE_VM_COMMAND, "--startvm", "guest"])
    try:
        wait_until(lambda: state_of(client, machine.id) is MachineState.RUNNING)
        info = client.virtualbox.find_machine(machine.id)
        assert (info.session_pid, info.session_name) == (process.pid, "GUI/Qt")
        # Nobody but us will collect this child: the service must see that a zombie is dead.
        process.kill()
        wait_until(lambda: state_of(client, machine.id) is MachineState.ABORTED)
        assert "earlier start" not in client.virtualbox.find_machine(machine.id).last_error
    finally:
        process.kill()
        process.wait()


def test_settings_that_were_fetched_before_the_start_can_be_saved_while_it_runs(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    facade = client.machine(machine.id)
    facade.launch()
    kill(client.virtualbox.find_machine(machine.id).session_pid)
    wait_until(lambda: state_of(client, machine.id) is MachineState.ABORTED)
    before = facade.get_settings()
    facade.launch()
    client.console(machine.id).power_off()
    wait_until(
        lambda: client.virtualbox.find_machine("guest").session_state is SessionState.UNLOCKED
    )
    facade.launch()
    before.description = "saved late"
    facade.save_settings(before)
    stored = facade.get_settings()
    assert (stored.description, stored.aborted) == ("saved late", False)


def test_a_lost_connection_alone_does_not_abort(
    service: Service, client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    session = service.registry.find(machine.id).session
    assert session is not None
    assert session.peer is not None
    session.peer.channel.abort("the test cuts it off")
    wait_until(lambda: session.peer is not None and not session.peer.channel.closed)
    assert state_of(client, machine.id) is MachineState.RUNNING
    client.console(machine.id).pause()
    assert state_of(client, machine.id) is MachineState.PAUSED


def test_what_a_vm_reports_while_it_attaches_again_is_told(
    service: Service, client: Client, make_machine: MakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = make_machine(client)
    session = VmSession.attach(machine.id, FakeConsole(set()))
    session.report_state(MachineState.RUNNING)
    serve = Client.serve

    def pausing(self: Client, *consoles: Any) -> None:
        serve(self, *consoles)
        session.report_state(MachineState.PAUSED)

    monkeypatch.setattr(Client, "serve", pausing)
    held = service.registry.find(machine.id).session
    assert held is not None
    assert held.peer is not None
    held.peer.channel.abort("the test cuts it off")
    wait_until(lambda: state_of(client, machine.id) is MachineState.PAUSED)
    session.detach()
