"""Sequential and random input and output of the formats, beside raw and QEMU's own.

Each format is measured in pairs with a raw image in the same folder: allocating writes (1 MiB, from
start to end, into a new image), sequential reads, random reads and writes of 4 KiB in what is
allocated. QEMU's side is ``qemu-img bench`` on the same image and pattern, where it is installed.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Report
from engine.storage.create import create_medium
from engine.storage.medium import open_medium

MIB = 1 << 20
SIZE = 128 * MIB
CHUNK = MIB
SMALL = 4096
SMALL_COUNT = 4000
STRIDE = 37 * 65536 + SMALL
ROUNDS = 9
FORMATS = [
    ("VDI", "Standard", "vdi"), ("VMDK", "Standard", "vmdk"), ("VMDK", "Split2G", ""),
    ("VHD", "Standard", "vpc"), ("QCOW", "Standard", "qcow2"),
]  # fmt: skip
ALLOCATION_TARGET = 1.2
"""Time of allocating writes as a multiple of raw's."""


def timed(work: Callable[[], None]) -> float:
    """Seconds that something takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(path: Path, name: str, variant: str) -> dict[str, float]:
    """Make an image and use it; seconds by kind of work."""
    create_medium(path, format_name=name, variant=variant, size=SIZE)
    block = random.Random(1).randbytes(CHUNK)
    choose = random.Random(2)
    places = [choose.randrange(SIZE // SMALL) * SMALL for _ in range(SMALL_COUNT)]
    small = block[:SMALL]
    found: dict[str, float] = {}
    with open_medium(path, format_name=name) as disk:

        def fill() -> None:
            for offset in range(0, SIZE, CHUNK):
                disk.write(offset, block)
            disk.flush()

        def read() -> None:
            for offset in range(0, SIZE, CHUNK):
                disk.read(offset, CHUNK)

        def read_random() -> None:
            for offset in places:
                disk.read(offset, SMALL)

        def write_random() -> None:
            for offset in places:
                disk.write(offset, small)

        found["allocating writes"] = timed(fill)
        found["sequential reads"] = timed(read)
        found["random reads"] = timed(read_random)
        found["random writes"] = timed(write_random)
    return found


def qemu_img(*arguments: object) -> None:
    """Run QEMU's tool."""
    command = ["qemu-img", *(str(each) for each in arguments)]
    subprocess.run(command, check=True, capture_output=True)


def qemu_times(path: Path, name: str) -> dict[str, float]:
    """Seconds that QEMU's driver takes for the same work, with the start of its process."""
    new = path.with_suffix(".theirs")
    qemu_img("create", "-f", name, new, SIZE)
    large = ("bench", "-f", name, "-d", 1, "-q", "-s", CHUNK, "-c", SIZE // CHUNK)
    # It has no random places: a stride that comes round.
    small = ("bench", "-f", name, "-d", 1, "-q", "-s", SMALL, "-c", SMALL_COUNT, "-S", STRIDE)
    flushed = ("-w", f"--flush-interval={SIZE // CHUNK}")
    return {
        "allocating writes": timed(lambda: qemu_img(*large, *flushed, new)),
        "sequential reads": timed(lambda: qemu_img(*large, path)),
        "random reads": timed(lambda: qemu_img(*small, path)),
        "random writes": timed(lambda: qemu_img(*small, "-w", path)),
    }


def main() -> int:
    """Measure all formats; 1 when allocation costs more than it may."""
    report = Report()
    has_qemu = shutil.which("qemu-img") is not None
    for name, variant, theirs in FORMATS:
        ratios: dict[str, list[float]] = {}
        speeds: dict[str, list[float]] = {}
        with tempfile.TemporaryDirectory(prefix="bench-formats-") as folder:
            for number in range(ROUNDS):
                raw = measure(Path(folder) / f"{number}.img", "RAW", "Standard")
                path = Path(folder) / f"{number}.{name.lower()}"
                found = measure(path, name, variant)
                for work, seconds in found.items():
                    ratios.setdefault(work, []).append(seconds / raw[work])
                    amount = SIZE if "random" not in work else SMALL * SMALL_COUNT
                    speeds.setdefault(work, []).append(amount / seconds / MIB)
                if has_qemu and theirs:
                    for work, seconds in qemu_times(path, theirs).items():
                        ratio = found[work] / seconds
                        ratios.setdefault(f"{work} / QEMU's", []).append(ratio)
                for each in Path(folder).iterdir():
                    each.unlink()
        for work, values in ratios.items():
            target = ALLOCATION_TARGET if work == "allocating writes" else None
            speed = sorted(speeds.get(work, [0.0]))[len(speeds.get(work, [0.0])) // 2]
            detail = f"{speed:.0f} MiB/s" if speed else "start of the process included"
            report.add(
                f"{name} {variant}: {work}", values, "x raw" if speed else "x", target=target,
                detail=detail,
            )  # fmt: skip
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
