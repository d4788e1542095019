"""Five loops of computation against QEMU's translator: each at most twice its time.

``cpubench.img`` says a letter on port E9h at the end of each stage. A stage takes some tenths of a
second, in which the host may do something else; so it is processor time of the whole process that
is compared. The stages only compute: on an idle host both times are the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.machine import guest, qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run

STAGES = {
    b"A": "A: arithmetic",
    b"B": "B: load and store",
    b"C": "C: rep stosd",
    b"D": "D: call and return",
    b"E": "E: sieve",
}
TARGET = 2.0
TIMEOUT = 120.0


def stages(command: list[str]) -> dict[bytes, float]:
    """Run once; return the seconds of each stage."""
    found = {}
    with guest(command) as machine:
        at, _ = machine.wait(b"S", TIMEOUT)
        before = machine.cpu_seconds()
        for letter in STAGES:
            at, _ = machine.wait(letter, TIMEOUT, at)
            now = machine.cpu_seconds()
            found[letter] = now - before
            before = now
    return found


def measure(report: Report) -> None:
    """Measure both machines in turn."""
    image = guest_image("cpubench.img")
    pairs = alternate(rounds(5), lambda: _ours(image), lambda: _other(image))
    for letter, name in STAGES.items():
        report.compare(name, [(a[letter], b[letter]) for a, b in pairs], target=TARGET)


def _ours(image: Path) -> dict[bytes, float]:
    return stages(vitrine_command(output="e9", floppy=image))


def _other(image: Path) -> dict[bytes, float]:
    return stages(qemu_command(output="e9", floppy=image))


def main() -> int:
    """Print the ratios."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
