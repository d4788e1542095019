"""The service with a thousand machines: start, list, find, one change; and with ten, to compare.

Also how long two clients and a VM process take to see a pause, and what watching the settings
files of a thousand machines costs while nothing happens.
"""

from __future__ import annotations

import os
import shlex
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import Report, rounds, run

if TYPE_CHECKING:
    from app.api import Client, Event, MachineInfo, MachineState

MANY = 1000
FEW = 10
IDLE_SECONDS = 10.0
START_TARGET = 1.5
LIST_TARGET = 0.150
PAUSE_TARGET = 0.200
RATIO_TARGET = 1.5
FAKE_VM = Path(__file__).resolve().parent.parent / "tests" / "app" / "service" / "fake_vm.py"


@contextmanager
def installation(machines: int) -> Iterator[Path]:
    """Give a configuration folder with machines that are registered in it."""
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        home = Path(folder) / "config"
        home.mkdir()
        _register(home, Path(folder) / "vms", machines)
        before = dict(os.environ)
        os.environ["VITRINE_USER_HOME"] = str(home)
        os.environ["VITRINE_SVC_VM_COMMAND"] = shlex.join((sys.executable, str(FAKE_VM)))
        try:
            yield home
        finally:
            os.environ.clear()
            os.environ.update(before)


def _register(home: Path, folder: Path, count: int) -> None:
    from app.settings.defaults import default_settings
    from app.settings.global_file import GlobalFile
    from app.settings.installation import MachineEntry
    from app.settings.machine_file import MachineFile

    registry = GlobalFile.load(str(home / "VirtualBox.xml"))
    entries = []
    for number in range(count):
        name = f"machine {number:04}"
        settings = default_settings(name, "Debian_64")
        settings.uuid = str(uuid.uuid4())
        path = folder / name / f"{name}.vbox"
        if number == 0:
            MachineFile.create(str(path), settings)
            first = (path.read_text(), name, settings.uuid)
        else:
            path.parent.mkdir()
            text = first[0].replace(first[1], name).replace(first[2], settings.uuid)
            path.write_text(text)
        entries.append(MachineEntry(uuid=settings.uuid, path=str(path)))
    registry.settings.machines = entries
    registry.save()


@contextmanager
def client_of_new_service() -> Iterator[tuple[Client, float]]:
    """Start the service; give a client and the seconds that it took."""
    from app.api import connect

    before = time.perf_counter()
    with connect(client_name="bench") as client:
        seconds = time.perf_counter() - before
        pid = client.welcome.pid
        yield client, seconds
    os.kill(pid, 15)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)


def timed(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    before = time.perf_counter()
    function()
    return time.perf_counter() - before


def changes(client: Client, count: int) -> list[float]:
    """Return the seconds of changes of one machine's settings."""
    machine = client.virtualbox.list_machines()[-1]
    api = client.machine(machine.id)
    settings = api.get_settings()
    seconds = []
    for number in range(count):
        settings.description = f"{time.time()} {number}"
        seconds.append(timed(lambda: api.save_settings(settings)))
    return seconds


def processor_share(pid: int, seconds: float) -> float:
    """Return how much of one processor a process uses in the next seconds, in per cent."""

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(seconds)
    return 100 * (used() - before) / seconds


def _has_state(state: MachineState, event: Event) -> bool:
    return getattr(event, "state", None) is state


def pauses(client: Client, machine: MachineInfo, count: int) -> list[float]:
    """Return the seconds from a pause asked for until a second client has seen it."""
    from app.api import MachineState, connect, events

    console = client.console(machine.id)
    client.machine(machine.id).launch()
    steps = ((console.pause, MachineState.PAUSED), (console.resume, MachineState.RUNNING))
    seconds = []
    with connect(client_name="onlooker") as onlooker, onlooker.events(
        events.MachineStateChanged
    ) as told:
        for call, state in steps * count:
            before = time.perf_counter()
            call()
            told.wait_for(partial(_has_state, state), 10)
            seconds.append(time.perf_counter() - before)
    console.power_off()
    return seconds


class Series:
    """Seconds of what a client does with a number of machines."""

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.lists: list[float] = []
        self.finds: list[float] = []
        self.changes: list[float] = []
        self.registry: list[float] = []

    def measure(self) -> None:
        """Start the service and use it."""
        with client_of_new_service() as (client, seconds):
            virtualbox = client.virtualbox
            self.starts.append(seconds)
            name = virtualbox.list_machines()[-1].name
            self.lists += [timed(virtualbox.list_machines) for _ in range(5)]
            self.finds += [timed(lambda: virtualbox.find_machine(name)) for _ in range(5)]
            self.changes += changes(client, 10)
            self.registry += [
                timed(lambda: virtualbox.set_extra_data("bench", str(time.time())))
                for _ in range(3)
            ]

    def tell(self, report: Report, label: str, *, targets: bool) -> None:
        """Print the medians."""
        start, listed = (START_TARGET, LIST_TARGET) if targets else (None, None)
        report.add(f"{label} first start, no cache", self.starts[:1], "s", target=start)
        report.add(f"{label} start", self.starts[1:], "s", target=start)
        report.add(f"{label} list", self.lists, "s", target=listed)
        report.add(f"{label} find by name", self.finds, "s")
        report.add(f"{label} change of one", self.changes, "s")
        report.add(f"{label} change of the registry", self.registry, "s")


def measure(report: Report) -> None:
    """Print start, list, find and change with few and with many machines."""
    few, many = Series(), Series()
    with installation(FEW):
        for _ in range(1 + rounds(5)):
            few.measure()
    few.tell(report, f"service, {FEW} machines:", targets=False)
    with installation(MANY):
        for _ in range(1 + rounds(5)):
            many.measure()
        many.tell(report, f"service, {MANY} machines:", targets=True)
        _measure_idle_and_pause(report)
    ratio = statistics.median(many.changes) / statistics.median(few.changes)
    report.add(f"service, a change with {MANY} to {FEW}", [ratio], "times", target=RATIO_TARGET)


def _measure_idle_and_pause(report: Report) -> None:
    with client_of_new_service() as (client, _seconds):
        time.sleep(1)
        share = processor_share(client.welcome.pid, IDLE_SECONDS)
        report.add("service, 1000 machines: idle", [share], "% CPU", target=1.0)
        status = Path(f"/proc/{client.welcome.pid}/status").read_text()
        rss = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        report.add("service, 1000 machines: memory", [rss], "MB")
        machine = client.virtualbox.list_machines()[0]
        report.add("pause until another client sees it", pauses(client, machine, 20), "s",
                   target=PAUSE_TARGET)  # fmt: skip


def main() -> int:
    """Print the times."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
