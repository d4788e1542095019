"""From the start of the manager's process to its window: under a second.

The first time the service starts too; the second time it is there already.
"""

from __future__ import annotations

import sys
import time

from bench.desktop import check_screen, installation, on_a_screen, program, wait_for_window
from bench.report import Report, rounds, run

TITLE = "Vitrine Manager"
TARGET = 1.0
TIMEOUT = 60.0


def start() -> float:
    """Start the manager; return the seconds until its window is on the screen."""
    started = time.perf_counter()
    with program():
        wait_for_window(TITLE, TIMEOUT)
        return time.perf_counter() - started


def measure(report: Report) -> None:
    """Measure starts without and with a running service."""
    from app.api import connect

    check_screen()
    cold, warm = [], []
    for _ in range(rounds(5)):
        with installation():
            cold.append(start())
            with connect(client_name="bench"):
                warm.append(start())
    report.add("manager, start of process to window", cold, "s", target=TARGET, detail="no service")
    report.add("manager, with the service running", warm, "s", target=TARGET)


def main() -> int:
    """Print the times."""
    code = on_a_screen("bench.manager_start")
    return run(measure) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
