"""What a request of a drive costs the emulation thread, beside a direct call of the image.

Each pair is the same request on the same VDI image: submitted to the medium's queue until its
answer is there, and called directly. Then the time for which a submission holds the emulation
thread while the host's disk needs 50 ms for each write: what a guest feels of a slow disk.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, cast

from bench.report import Report
from engine.pdm.block import BlockRequest
from engine.storage.aio import MediumQueue
from engine.storage.chain import DiskChain, ImageFile
from engine.storage.create import create_medium

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm import BlockMedium

MIB = 1 << 20
SIZE = 64 * MIB
SMALL, LARGE = 4096, MIB
COUNT = 2000
ROUNDS = 3
SLOW_WRITE = 0.05  # seconds
CACHED_READ_TARGET = 40.0
"""Microseconds for a read of 4 KiB that the host has in memory; without a thread, so steadily."""
HOLD_TARGET = 5.0
"""Milliseconds for which a slow disk may hold the emulation thread at a time."""


class SlowDisk:
    """A disk whose writes take long."""

    size = SIZE
    read_only = False

    def read(self, offset: int, length: int) -> bytes:
        """Return zeros."""
        del offset
        return bytes(length)

    def write(self, offset: int, data: bytes) -> None:
        """Take long."""
        del offset, data
        time.sleep(SLOW_WRITE)

    def flush(self) -> None:
        """Take long."""
        time.sleep(SLOW_WRITE)


def per_call(work: Callable[[int], None], count: int) -> float:
    """Microseconds for one of ``count`` calls."""
    start = time.perf_counter()
    for number in range(count):
        work(number)
    return (time.perf_counter() - start) / count * 1e6


class Caller:
    """Submits requests and waits for the answers as an emulation thread does."""

    def __init__(self, queue: MediumQueue, posted: SimpleQueue[Callable[[], object]]) -> None:
        self._queue = queue
        self._posted = posted

    def ask(self, request: BlockRequest) -> None:
        """Return when the request has ended."""
        ended: list[BlockRequest] = []
        if not self._queue.submit(request, ended.append):
            while not ended:
                self._posted.get()()
        if request.error is not None:
            raise request.error


def compare(report: Report, disk: DiskChain) -> None:
    """Measure the pairs."""
    posted: SimpleQueue[Callable[[], object]] = SimpleQueue()
    queue = MediumQueue(cast("BlockMedium", disk), posted.put)
    caller = Caller(queue, posted)
    for name, length, count, write in (
        ("read 4 KiB", SMALL, COUNT, False),
        ("write 4 KiB", SMALL, COUNT, True),
        ("read 1 MiB", LARGE, SIZE // LARGE, False),
        ("write 1 MiB", LARGE, SIZE // LARGE, True),
    ):
        data = bytes(range(256)) * (length // 256)

        def queued(number: int, length: int = length, data: bytes = data, w: bool = write) -> None:
            offset = number * length % SIZE
            caller.ask(BlockRequest.write(offset, data) if w else BlockRequest.read(offset, length))

        def direct(number: int, length: int = length, data: bytes = data, w: bool = write) -> None:
            offset = number * length % SIZE
            if w:
                disk.write(offset, data)
            else:
                disk.read(offset, length)

        pairs = [(per_call(queued, count), per_call(direct, count)) for _ in range(ROUNDS)]
        target = CACHED_READ_TARGET if name == "read 4 KiB" else None
        report.add(
            name, [a for a, _ in pairs], "us", target=target,
            detail=f"direct {min(b for _, b in pairs):.1f} us",
        )  # fmt: skip
    queue.close()


def hold(report: Report) -> None:
    """Measure how long submissions to a slow disk take."""
    queue = MediumQueue(SlowDisk(), lambda _: None)
    times = []
    for _ in range(20):
        start = time.perf_counter()
        queue.submit(BlockRequest.write(0, bytes(SMALL)), lambda _: None)
        times.append((time.perf_counter() - start) * 1e3)
        time.sleep(0.01)
    queue.drain()
    queue.close()
    report.add(
        "emulation thread held by a slow disk", times, "ms", target=HOLD_TARGET,
        detail=f"at most {max(times):.1f} ms; each write takes {SLOW_WRITE * 1e3:.0f} ms",
    )  # fmt: skip


def main() -> int:
    """Measure; 1 when a budget is exceeded."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="bench-requests-") as folder:
        path = Path(folder) / "disk.vdi"
        create_medium(path, format_name="VDI", variant="Standard", size=SIZE)
        with DiskChain([ImageFile(path)]) as disk:
            for offset in range(0, SIZE, MIB):
                disk.write(offset, bytes(range(256)) * (MIB // 256))
            compare(report, disk)
    hold(report)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
