"""A snapshot of a running guest with 512 MB: how long it is held, how long it takes, how long back.

Linux has run its self-test, and holds files in half of its memory that can hardly be packed. Held
under 1 s, everything written and flushed under 2 s, going on from the file under 2 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.report import Report, guest_image, rounds, run
from engine.ssm import StateReader
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium
from tests.guests.machine import PROMPT, GuestMachine

MEMORY_MB = 512
BOOT_SECONDS = 300.0
# Half of the memory: pages that can hardly be packed, and as many that are there twice.
FILL = ("dd if=/dev/urandom of=/f bs=1M count=70", "cat /f >/g")
HELD, WHOLE, RESUMED = 1.0, 2.0, 2.0
"""Targets, seconds."""


def snapshot(
    guest: GuestMachine, disk: DiskChain, folder: Path, number: int
) -> tuple[float, float]:
    """Take one of a running machine; how long it was held, and how long everything took."""
    start = time.perf_counter()
    captured = guest.vm.capture(product="a benchmark", details={})
    disk.put_on(folder / f"{number}.vdi", "VDI")
    held = time.perf_counter() - start
    captured.write(str(folder / f"{number}.sav"))
    return held, time.perf_counter() - start


def resume(guest: GuestMachine, state: Path) -> float:
    """Switch a machine off and go on from a state; seconds from its making to its running."""
    guest.vm.power_off()
    start = time.perf_counter()
    guest.rebuild()
    with StateReader(str(state)) as reader:
        guest.vm.power_on(saved=reader)
    return time.perf_counter() - start


def measure(report: Report) -> None:
    """Boot once, and take, write and load as often as is wanted."""
    held, whole, resumed = [], [], []
    with tempfile.TemporaryDirectory(prefix="bench-states-") as name:
        folder = Path(name)
        create_medium(folder / "0.vdi", format_name="VDI", variant="Standard", size=1 << 30)
        image = guest_image("linux-amd64.iso")
        with (
            DiskChain([ImageFile(folder / "0.vdi")]) as disk,
            GuestMachine(cdrom=image, memory_mb=MEMORY_MB, boot_order="d") as guest,
        ):
            guest.expect("SELFTEST-DONE", BOOT_SECONDS)
            guest.expect(PROMPT, BOOT_SECONDS)
            for command in FILL:
                guest.run(command, BOOT_SECONDS)
            for number in range(1, 1 + rounds(5)):
                seconds = snapshot(guest, disk, folder, number)
                held.append(seconds[0])
                whole.append(seconds[1])
                resumed.append(resume(guest, folder / f"{number}.sav"))
            size = (folder / "1.sav").stat().st_size >> 20
    report.add(f"snapshot of {MEMORY_MB} MB: guest held", held, "s", target=HELD)
    report.add("  whole", whole, "s", target=WHOLE, detail=f"{size} MB written")
    report.add("  resume", resumed, "s", target=RESUMED)


def main() -> int:
    """Print the times; 1 when one is over its target."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
