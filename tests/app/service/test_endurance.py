"""Services that are killed, clients that hammer, and clients that do not listen."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode, MachineInfo, MachineState, connect, events
from app.service.server import Service
from app.settings.global_file import GlobalFile
from app.settings.machine_file import MachineFile
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import (
    Recorder,
    client_of,
    is_our_process,
    kill,
    running_service,
    service_pid,
    wait_until,
)

pytestmark = pytest.mark.usefixtures("vm_processes")

KILLS = 8


class Writer(threading.Thread):
    """Changes settings through whatever service there is, and remembers what was acknowledged."""

    def __init__(self, machine_id: str) -> None:
        super().__init__(daemon=True)
        self.machine_id = machine_id
        self.acknowledged: dict[str, int] = {}
        self.asked = 0
        self.errors: list[ApiError] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            try:
                with connect(client_name="writer", timeout=20) as client:
                    self._write(client)
            except ApiError as error:
                if error.code is not ErrorCode.NS_ERROR_CALL_FAILED:
                    self.errors.append(error)
                    return

    def _write(self, client: Client) -> None:
        while not self.over.is_set():
            self.asked += 1
            key, value = f"key {self.asked % 7}", str(self.asked)
            client.machine(self.machine_id).set_extra_data(key, value)
            self.acknowledged[key] = self.asked
            client.virtualbox.set_extra_data("last", value)
            self.acknowledged["last"] = self.asked


@pytest.mark.slow
def test_kill_9_at_any_moment_loses_no_acknowledged_setting(
    home: Path, make_machine: MakeMachine
) -> None:
    with client_of("owner", start_service=True) as client:
        machine = make_machine(client)
    writer = Writer(machine.id)
    writer.start()
    chance = random.Random(3)
    for _ in range(KILLS):
        before = writer.asked
        wait_until(lambda before=before: writer.asked > before + 1, 30)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.05))
        pid = service_pid(home)
        assert is_our_process(pid, home)
        acknowledged = dict(writer.acknowledged)
        kill(pid)
        assert_stored(home, machine, acknowledged)
    writer.over.set()
    writer.join(30)
    assert not writer.errors
    assert not writer.is_alive()
    assert_stored(home, machine, writer.acknowledged)
    with client_of("reader", start_service=True) as client:
        stored = MachineFile.load(machine.settings_path).settings.extra_data
        assert client.machine(machine.id).get_settings().extra_data == stored


def assert_stored(home: Path, machine: MachineInfo, acknowledged: dict[str, int]) -> None:
    """Every acknowledged change (or a later one) is in files that nobody had to repair."""
    machine_file = MachineFile.load(machine.settings_path)
    registry = GlobalFile.load(str(home / "VirtualBox.xml"))
    assert machine_file.warnings == registry.warnings == []
    stored = {**registry.settings.extra_data, **machine_file.settings.extra_data}
    assert {key: value for key, value in acknowledged.items() if int(stored[key]) < value} == {}


class Hammer(threading.Thread):
    """A client that changes one key of a shared machine again and again."""

    def __init__(self, number: int, machine_id: str, until: float) -> None:
        super().__init__(daemon=True)
        self.key = f"client {number}"
        self.machine_id = machine_id
        self.until = until
        self.last = 0
        self.heard = 0

    def run(self) -> None:
        with client_of(self.key) as client:
            client.subscribe(self._hear)
            while time.monotonic() < self.until:
                self.last += 1
                client.machine(self.machine_id).set_extra_data(self.key, str(self.last))
                if self.last % 5 == 0:
                    client.virtualbox.list_machines()

    def _hear(self, _event: events.Event) -> None:
        self.heard += 1


@pytest.mark.slow
def test_fifty_clients_hammer_one_machine_and_lose_nothing(
    service: Service, client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    until = time.monotonic() + 4
    hammers = [Hammer(number, machine.id, until) for number in range(50)]
    for hammer in hammers:
        hammer.start()
    for hammer in hammers:
        hammer.join(60)
    assert not any(hammer.is_alive() for hammer in hammers)
    wanted = {hammer.key: str(hammer.last) for hammer in hammers}
    assert client.machine(machine.id).get_settings().extra_data == wanted
    assert MachineFile.load(machine.settings_path).settings.extra_data == wanted
    assert all(hammer.heard >= hammer.last for hammer in hammers)


def test_a_client_that_stops_reading_keeps_nobody_waiting(
    home: Path, make_machine: MakeMachine
) -> None:
    with running_service(home), client_of("deaf") as deaf, client_of("worker") as worker:
        machine = make_machine(worker)
        blocked = threading.Event()
        deaf.subscribe(lambda _event: bool(blocked.wait(60)))
        recorder = Recorder(worker)
        try:
            for number in range(300):
                worker.machine(machine.id).set_extra_data("key", str(number))
        finally:
            blocked.set()
        wanted = [events.ExtraDataChanged(id=machine.id, key="key", value=str(n))
                  for n in range(300)]  # fmt: skip
        recorder.wait_for(wanted[-1])
        assert [e for e in recorder.events if isinstance(e, events.ExtraDataChanged)] == wanted


def test_two_clients_and_the_vm_agree_on_the_order_of_states(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    with client_of("second") as second:
        recorders = [Recorder(client), Recorder(second)]
        for _ in range(10):
            second.console(machine.id).pause()
            client.console(machine.id).resume()
        wanted = [
            events.MachineStateChanged(id=machine.id, state=state)
            for state in (MachineState.PAUSED, MachineState.RUNNING) * 10
        ]

        def states(recorder: Recorder) -> list[events.Event]:
            return [e for e in recorder.events if isinstance(e, events.MachineStateChanged)]

        for recorder in recorders:
            wait_until(lambda each=recorder: len(states(each)) >= 20)  # type: ignore[misc]
            assert states(recorder) == wanted
