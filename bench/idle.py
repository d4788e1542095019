"""What a Linux guest that waits at its prompt costs the host: under 5 % of a core."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench.machine import guest, qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run

PROMPT = b"guest# "
TARGET = 5.0
SETTLE, LENGTH = 3.0, 10.0
TIMEOUT = 300.0


def share(command: list[str]) -> float:
    """Return the per cent of a core that the idle machine uses."""
    with guest(command) as machine:
        machine.wait(PROMPT, TIMEOUT)
        time.sleep(SETTLE)
        used, since = machine.cpu_seconds(), time.perf_counter()
        time.sleep(LENGTH)
        return 100 * (machine.cpu_seconds() - used) / (time.perf_counter() - since)


def measure(report: Report) -> None:
    """Measure both machines in turn."""
    image = guest_image("linux-amd64.iso")
    pairs = alternate(rounds(1), lambda: _ours(image), lambda: _other(image))
    report.add(
        "idle Linux guest, share of a core",
        [ours for ours, _ in pairs],
        "%",
        target=TARGET,
        detail=f"QEMU {sorted(other for _, other in pairs)[len(pairs) // 2]:.1f} %",
    )


def _ours(image: Path) -> float:
    return share(vitrine_command(output="serial", cdrom=image))


def _other(image: Path) -> float:
    return share(qemu_command(output="serial", cdrom=image))


def main() -> int:
    """Print the share."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
