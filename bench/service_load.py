"""Fifty clients hammer the service for a minute: nothing is lost, and its memory stays flat.

Every client changes its own key of one machine's extra data and a description of its own machine,
lists all machines now and then, and hears all events. ``VITRINE_BENCH_SECONDS`` sets the time.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.report import Report, run
from bench.service import client_of_new_service, installation

if TYPE_CHECKING:
    from app.api import Client, MachineInfo

CLIENTS = 50
SECONDS_VARIABLE = "VITRINE_BENCH_SECONDS"
WARM_UP_SHARE = 0.25
GROWTH_TARGET = 8.0


class Hammer:
    """One client: what it asked for and what it heard."""

    def __init__(self, number: int, shared: MachineInfo, own: MachineInfo) -> None:
        self.key = f"bench/{number}"
        self.calls = 0
        self.heard = 0
        self.last = 0
        self._shared = shared
        self._own = own

    def run(self, until: float) -> None:
        """Work until a time of the monotonic clock."""
        from app.api import connect

        with connect(client_name=self.key) as client:
            client.subscribe(self._hear)
            shared = client.machine(self._shared.id)
            own = client.machine(self._own.id)
            while time.monotonic() < until:
                self.last += 1
                shared.set_extra_data(self.key, str(self.last))
                own.set_extra_data("count", str(self.last))
                self.calls += 2
                if self.last % 10 == 0:
                    client.virtualbox.list_machines()
                    self.calls += 1

    def _hear(self, _event: object) -> None:
        self.heard += 1

    def lost(self, client: Client) -> int:
        """Return how many of its two last changes are not there."""
        wanted = str(self.last)
        return (client.machine(self._shared.id).get_extra_data(self.key) != wanted) + (
            client.machine(self._own.id).get_extra_data("count") != wanted
        )


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def measure(report: Report) -> None:
    """Hammer, and tell calls, losses and memory."""
    seconds = float(os.environ.get(SECONDS_VARIABLE, "60"))
    with installation(CLIENTS + 1), client_of_new_service() as (client, _start):
        shared, *own = client.virtualbox.list_machines()
        hammers = [Hammer(number, shared, own[number]) for number in range(CLIENTS)]
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=hammer.run, args=(until,)) for hammer in hammers]
        for thread in threads:
            thread.start()
        time.sleep(seconds * WARM_UP_SHARE)
        early = memory(client.welcome.pid)
        for thread in threads:
            thread.join()
        late = memory(client.welcome.pid)
        calls = sum(hammer.calls for hammer in hammers)
        heard = sum(hammer.heard for hammer in hammers)
        lost = sum(hammer.lost(client) for hammer in hammers)
    report.add(f"{CLIENTS} clients: calls", [calls / seconds], "1/s", detail=f"{heard} events")
    report.add(f"{CLIENTS} clients: changes lost", [float(lost)], "", target=0.0)
    report.add(f"{CLIENTS} clients: memory growth", [late - early], "MB", target=GROWTH_TARGET,
               detail=f"{early:.1f} MB, later {late:.1f} MB")  # fmt: skip


def main() -> int:
    """Print the figures."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
