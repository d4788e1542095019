"""Choosing a front end, cancelling a start, and what a death leaves behind."""

from __future__ import annotations

import copy
import os
import time
from pathlib import Path

import pytest

from app.api import (
    ApiError,
    Client,
    ErrorCode,
    MachineInfo,
    MachineState,
    SessionState,
    events,
)
from app.service import spawn
from app.service.spawn import changed_environment, check_frontend, choose_frontend
from app.settings.machine_file import MachineFile
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import (
    Recorder,
    client_of,
    failing,
    is_running,
    kill,
    running_service,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("vm_processes")


def find(client: Client, machine: MachineInfo) -> MachineInfo:
    return client.virtualbox.find_machine(machine.id)


def with_saved_state(client: Client, machine: MachineInfo) -> None:
    """Give a machine that nobody holds a saved state, as VirtualBox would have left it."""
    file = MachineFile.load(machine.settings_path)
    settings = copy.deepcopy(file.settings)
    settings.state_file = "Snapshots/2026-01-01T00-00-00-000000000Z.sav"
    file.settings = settings
    file.save()
    assert client.machine(machine.id).refresh().state is MachineState.SAVED


def test_the_first_wish_is_the_front_end() -> None:
    assert choose_frontend("headless", "gui", "gui") == "headless"
    assert choose_frontend("", "headless", "gui") == "headless"
    assert choose_frontend("default", "default", "headless") == "headless"
    assert choose_frontend("", "", "") == "gui"


def test_front_ends_that_are_not_here_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(spawn.FRONTENDS, "headless", spawn.Frontend("app.nothing"))
    check_frontend("gui", installed=True)
    check_frontend("headless", installed=False)
    with failing(ErrorCode.VBOX_E_NOT_SUPPORTED, "'headless' is not part of this installation"):
        check_frontend("headless", installed=True)
    with failing(ErrorCode.VBOX_E_NOT_SUPPORTED, "'sdl' is not part"):
        check_frontend("sdl", installed=True)
    check_frontend("separate", installed=True)
    with failing(ErrorCode.E_INVALIDARG, "no front end 'tty'; known: gui, headless, separate"):
        check_frontend("tty", installed=True)


def test_settings_name_the_front_end(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    settings = client.machine(machine.id).get_settings()
    settings.hardware.default_frontend = "sdl"
    client.machine(machine.id).save_settings(settings)
    with failing(ErrorCode.VBOX_E_NOT_SUPPORTED, "'sdl'"):
        client.machine(machine.id).launch()
    assert find(client, machine).session_state is SessionState.UNLOCKED
    client.machine(machine.id).launch("headless")
    assert find(client, machine).state is MachineState.RUNNING


def test_the_environment_is_changed_as_asked(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch(environment=["DISPLAY=:77", "QT_SCALE_FACTOR=3", "EVIL"])
    output = Path(machine.settings_path).parent / "Logs" / "VBoxVM.out"
    wait_until(lambda: "preload" in output.read_text())
    assert "display: :77 qt: 3" in output.read_text()
    assert changed_environment({"A": "1", "B": "2"}, ["A", "C=x=y", "B="]) == {"B": "", "C": "x=y"}
    for wrong in ("=x", "", "A=\0"):
        with failing(ErrorCode.E_INVALIDARG, "NAME=VALUE is expected"):
            changed_environment({}, [wrong])


@pytest.mark.parametrize("orders", ["hang", "restore"])
def test_a_start_can_be_cancelled_by_anybody(
    client: Client, make_machine: MakeMachine, orders: str
) -> None:
    machine = make_machine(client, orders=orders)
    with_saved_state(client, machine)
    answers: list[object] = []
    client.start_call(
        "machine.launch", {"id": machine.id}, on_result=answers.append, on_error=answers.append
    )
    wait_until(lambda: find(client, machine).session_pid)
    if orders == "restore":
        wait_until(lambda: find(client, machine).state is MachineState.RESTORING)
    pid = find(client, machine).session_pid
    with client_of("onlooker") as onlooker:
        [info] = onlooker.virtualbox.list_progress_operations()
        assert info.description == "Starting VM"
        assert info.operation_description == "Starting virtual machine 'guest'"
        onlooker.progress(info.id).cancel()
        assert onlooker.progress(info.id).wait_for_completion(10_000).canceled
    wait_until(lambda: answers)
    assert isinstance(answers[0], ApiError)
    assert answers[0].code is ErrorCode.E_ABORT
    wait_until(lambda: find(client, machine).session_state is SessionState.UNLOCKED)
    assert not is_running(pid)
    assert find(client, machine).state is MachineState.SAVED


def test_a_client_that_goes_does_not_stop_the_start(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    with client_of("hasty") as hasty:
        hasty.start_call(
            "machine.launch", {"id": machine.id},
            on_result=lambda _result: None, on_error=lambda _error: None,
        )  # fmt: skip
        wait_until(lambda: find(client, machine).session_pid)
    wait_until(lambda: find(client, machine).state is MachineState.RUNNING)


def test_death_while_a_state_is_restored_keeps_the_state(
    home: Path, make_machine: MakeMachine
) -> None:
    with running_service(home), client_of() as client:
        machine = make_machine(client, orders="restore")
        with_saved_state(client, machine)
        recorder = Recorder(client)
        client.start_call(
            "machine.launch", {"id": machine.id},
            on_result=lambda _result: None, on_error=lambda _error: None,
        )  # fmt: skip
        wait_until(lambda: find(client, machine).state is MachineState.RESTORING)
        kill(find(client, machine).session_pid)
        recorder.wait_for(
            events.MachineStateChanged(id=machine.id, state=MachineState.ABORTED_SAVED)
        )
        wait_until(lambda: find(client, machine).session_state is SessionState.UNLOCKED)
    stored = MachineFile.load(machine.settings_path).settings
    assert stored.aborted
    assert stored.state_file
    with running_service(home), client_of() as client:
        assert find(client, machine).state is MachineState.ABORTED_SAVED


def test_whoever_wants_a_machine_that_is_being_released_waits_for_it(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, orders="linger")
    client.machine(machine.id).launch()
    recorder = Recorder(client)
    client.console(machine.id).power_off()
    recorder.wait_for(
        events.SessionStateChanged(id=machine.id, state=SessionState.UNLOCKING),
        events.MachineStateChanged(id=machine.id, state=MachineState.POWERED_OFF),
    )
    before = time.monotonic()
    assert find(client, machine).session_state is SessionState.UNLOCKING
    client.virtualbox.unregister_machine(machine.id)
    assert time.monotonic() - before < 5
    assert events.SessionStateChanged(id=machine.id, state=SessionState.UNLOCKED) in recorder.events


def test_a_process_that_was_not_started_for_it_may_not_take_the_machine(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, orders="hang")
    client.start_call(
        "machine.launch", {"id": machine.id},
        on_result=lambda _result: None, on_error=lambda _error: None,
    )  # fmt: skip
    wait_until(lambda: find(client, machine).session_pid)
    with failing(ErrorCode.E_ACCESSDENIED, r"unexpected process \(PID=0x[0-9A-F]{8}\)"):
        client.session(machine.id).attach_vm(os.getpid())
    kill(find(client, machine).session_pid)
    wait_until(lambda: find(client, machine).session_state is SessionState.UNLOCKED)
