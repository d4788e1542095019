"""From power-on to the first instruction of a boot sector: at most 1.2 s."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.machine import POWER_ON, guest, qemu_command, vitrine_command
from bench.report import Report, alternate, assembled, rounds, run

TARGET = 1.2
TIMEOUT = 60.0


def ours(image: Path) -> tuple[float, float]:
    """Boot once; return seconds from power-on and from the start of the process."""
    with guest(vitrine_command(output="e9", floppy=image)) as machine:
        at, on = machine.wait(POWER_ON, TIMEOUT)
        _, booted = machine.wait(b"B", TIMEOUT, at)
        return booted - on, booted - machine.started


def other(image: Path) -> tuple[float, float]:
    """Boot QEMU once; it does not tell when it switches the machine on."""
    with guest(qemu_command(output="e9", floppy=image)) as machine:
        _, booted = machine.wait(b"B", TIMEOUT)
        return booted - machine.started, booted - machine.started


def measure(report: Report) -> None:
    """Measure both machines in turn."""
    with assembled("post") as image:
        pairs = alternate(rounds(5), lambda: ours(image), lambda: other(image))
    qemu = sorted(pair[1][1] for pair in pairs)[len(pairs) // 2]
    process = sorted(pair[0][1] for pair in pairs)[len(pairs) // 2]
    report.add(
        "power-on to boot sector",
        [pair[0][0] for pair in pairs],
        "s",
        target=TARGET,
        detail=f"from the start of the process {process:.2f} s, QEMU {qemu:.2f} s",
    )


def main() -> int:
    """Print the time."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
