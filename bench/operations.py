"""What single operations cost: ports, MMIO, interrupts, faults, system calls, TLB fills.

Microseconds of processor time each, from loops of ``bench/guests/operations.asm`` minus the loop
itself; next to them QEMU's translator. There is no target: these are the prices that a device or
the engine pays.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.machine import guest, qemu_command, vitrine_command
from bench.report import Report, alternate, assembled, rounds, run

# Letter that ends the loop -> (name, operations in it); in the order of the loops.
LOOPS = {
    b"N": ("empty loop", 10_000_000),
    b"I": ("port read", 100_000),
    b"O": ("port write", 100_000),
    b"M": ("MMIO read", 100_000),
    b"T": ("INT n and IRET", 30_000),
    b"D": ("device interrupt with 5 port accesses", 10_000),
    b"P": ("page fault and IRET", 20_000),
    b"F": ("TLB fill", 20 * 1024),
    b"S": ("SYSCALL and SYSRET", 30_000),
}
TIMEOUT = 120.0


def costs(command: list[str]) -> dict[bytes, float]:
    """Run the loops once; return microseconds per operation by letter."""
    found = {}
    with guest(command) as machine:
        at, _ = machine.wait(b"B", TIMEOUT)
        before = machine.cpu_seconds()
        for letter, (_, count) in LOOPS.items():
            at, _ = machine.wait(letter, TIMEOUT, at)
            now = machine.cpu_seconds()
            found[letter] = (now - before) / count * 1e6
            before = now
    return {letter: cost - found[b"N"] for letter, cost in found.items() if letter != b"N"}


def measure(report: Report) -> None:
    """Measure both machines in turn."""
    with assembled("operations") as image:
        pairs = alternate(rounds(3), lambda: _ours(image), lambda: _other(image))
    for letter, (name, _) in LOOPS.items():
        if letter == b"N":
            continue
        ours = [pair[0][letter] for pair in pairs]
        other = sorted(pair[1][letter] for pair in pairs)[len(pairs) // 2]
        report.add(name, ours, "us", detail=f"QEMU {other:.3g} us")


def _ours(image: Path) -> dict[bytes, float]:
    return costs(vitrine_command(output="e9", floppy=image))


def _other(image: Path) -> dict[bytes, float]:
    return costs(qemu_command(output="e9", floppy=image))


def main() -> int:
    """Print the prices."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
