"""A 64-bit Linux from power-on to the end of its self-test: at most 1.6 times QEMU's time."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from bench.machine import guest, qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run

DONE = b"SELFTEST-DONE"
TARGET = 1.6
TIMEOUT = 300.0


def boot(command: list[str]) -> dict[str, float]:
    """Boot once; return the seconds of the whole and of each timed test within the guest."""
    with guest(command) as machine:
        start, begun = machine.wait(b"SELFTEST-START", TIMEOUT)
        end, done = machine.wait(DONE, TIMEOUT, start)
        found = {"kernel": begun - machine.started, "whole": done - machine.started}
        found["processor"] = machine.cpu_seconds()
        for name, seconds in re.findall(r"TIMED (\S+) ([0-9.]+)", machine.text(start, end)):
            found[name] = float(seconds)
        return found


def measure(report: Report) -> None:
    """Measure both machines in turn."""
    image = guest_image("linux-amd64.iso")
    pairs = alternate(rounds(2), lambda: _ours(image), lambda: _other(image))
    report.compare(
        "Linux amd64 to SELFTEST-DONE",
        [(a["whole"], b["whole"]) for a, b in pairs],
        target=TARGET,
        digits=1,
    )
    report.compare(
        "  processor time", [(a["processor"], b["processor"]) for a, b in pairs], digits=1
    )
    for name in pairs[0][0]:
        if name not in {"whole", "processor"}:
            values = [(a[name], b[name]) for a, b in pairs if a[name] and b.get(name)]
            if values:
                report.compare(f"  of it: {name}", values, digits=1)


def _ours(image: Path) -> dict[str, float]:
    return boot(vitrine_command(output="serial", cdrom=image))


def _other(image: Path) -> dict[str, float]:
    return boot(qemu_command(output="serial", cdrom=image))


def main() -> int:
    """Print the ratio."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
