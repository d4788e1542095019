"""Deaths of the process and of the host, and full disks, for tests of what images survive."""

from __future__ import annotations

import errno
import os
import random
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.storage import hostfile
from engine.storage.errors import MediumFull
from engine.storage.hostfile import HostFile
from engine.storage.medium import Medium, open_medium

EFFORT = int(os.environ.get("VITRINE_STORAGE_EFFORT", "1"))
"""How many times the usual number of random runs; hundreds of deaths before a release."""
PAGE = 4096
"""Bytes that a host writes at once; its writes are reordered page by page."""

Write = tuple[int, bytes]
NOTHING: Write = (0, b"")


class Killed(BaseException):
    """The process ends here: nothing that follows happens."""


class Fuse:
    """Stops the process before the n-th change of a host file."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = sys.maxsize
        for name in ("write", "truncate"):
            self._guard(monkeypatch, name)

    def _guard(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        original = getattr(HostFile, name)

        def guarded(file: HostFile, *arguments: object) -> None:
            if not self.left:
                raise Killed
            self.left -= 1
            original(file, *arguments)

        monkeypatch.setattr(HostFile, name, guarded)

    def write_until_killed(
        self, disk: Medium, script: list[Write], expected: bytearray, changes: int
    ) -> Write | None:
        """Let the process write ``script`` and die before the n-th change of a file.

        Returns:
            The write in which it died (the last one: while it closed); None: all was written. What
            was written before is in ``expected``.
        """
        self.left = changes
        pending = NOTHING
        try:
            for pending in script:
                offset, data = pending
                disk.write(offset, data)
                expected[offset : offset + len(data)] = data
            disk.close()
        except Killed:
            close_as_the_dead_do(disk)
            return pending
        finally:
            self.left = sys.maxsize
        return None


def close_as_the_dead_do(disk: Medium) -> None:
    """Release the files of an image whose process has 'died', and change nothing."""
    for file in (disk._file, *getattr(disk, "_extents", [])):
        file.close()
    if getattr(disk, "_owns_parent", False) and disk._parent is not None:
        disk._parent.close()


def some_of(was: bytes, written: bytes, now: bytes) -> bool:
    """Tell whether each byte is as it was before a write, or as it was written."""
    return all(n in (w, d) for n, w, d in zip(now, was, written, strict=True))


class FullDisk:
    """A host that takes a number of writes and a half, and then is full.

    Attributes:
        calls_left: writes that succeed. number: the error that the next one gets.
    """

    def __init__(self, number: int = errno.ENOSPC) -> None:
        self.calls_left = 0
        self.number = number
        self._real = hostfile.pwrite

    @contextmanager
    def after(self, calls: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        self.calls_left = calls
        with monkeypatch.context() as patch:
            patch.setattr(hostfile, "pwrite", self._write)
            yield

    def _write(self, fd: int, data: bytes, offset: int) -> int:
        if self.calls_left:
            self.calls_left -= 1
            return self._real(fd, data, offset)
        if len(data) > 16:
            self._real(fd, bytes(data[: len(data) // 2]), offset)
        raise OSError(self.number, os.strerror(self.number))


def refuse_each_write(
    path: Path, script: list[Write], monkeypatch: pytest.MonkeyPatch, number: int = errno.ENOSPC
) -> int:
    """Refuse each write of the guest at its first, second, third... write to the host.

    What is read stays right all the time. Returns how often a write was refused.
    """
    host = FullDisk(number)
    refusals = 0
    with open_medium(path) as disk:
        expected = bytearray(disk.read(0, disk.size))
        for offset, data in script:
            for attempt in range(2000):
                try:
                    with host.after(attempt, monkeypatch):
                        disk.write(offset, data)
                    break
                except MediumFull:
                    refusals += 1
                end = offset + len(data)
                if attempt < 12:
                    assert disk.read(0, offset) == expected[:offset]
                    assert disk.read(end, disk.size - end) == expected[end:]
            else:
                pytest.fail("the write never succeeds")
            expected[offset : offset + len(data)] = data
        assert disk.read(0, disk.size) == expected
    with open_medium(path) as again:
        assert again.read(0, again.size) == expected
    return refusals


# ------------------------------------------------------------------ a guest that is killed

GUEST = """
import os, random, struct, sys
from engine.storage.chain import DiskChain, ImageFile
seed, first, paths = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
choose = random.Random(seed)
disk = DiskChain([ImageFile(path) for path in paths])
sectors = disk.size // 512
for number in range(first, 1 << 30):
    sector = choose.randrange(sectors)
    disk.write(sector * 512, struct.pack("<QQ", sector, number) * 32)
    if number % 7 == 0:
        disk.flush()
    os.write(1, struct.pack("<QQ", sector, number))
"""


class NumberedSectors:
    """What a guest has reported that writes numbered sectors, over several lives.

    Attributes:
        done: number that was written last, by sector.
    """

    def __init__(self) -> None:
        self.done: dict[int, int] = {}
        self._next = 1

    def live_and_die(self, paths: list[Path], life: int, moments: random.Random) -> None:
        """Run the guest on a chain of images, the base first, and kill it at some moment."""
        arguments = [sys.executable, "-c", GUEST, str(life), str(self._next), *map(str, paths)]
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as guest:
            assert guest.stdout is not None
            reports = b""
            for _ in range(moments.randrange(1, 12)):
                ready, _, _ = select.select([guest.stdout], [], [], 60)
                assert ready, "the guest does nothing"
                reports += os.read(guest.stdout.fileno(), moments.choice([16, 160, 1600]))
            guest.send_signal(signal.SIGKILL)
            reports += guest.stdout.read()
        whole = len(reports) // 16 * 16
        for sector, count in struct.iter_unpack("<QQ", reports[:whole]):
            self.done[sector] = count
            self._next = max(self._next, count + 1)

    def check(self, read: Callable[[int, int], bytes]) -> None:
        """Every write that was reported is there."""
        for sector, count in self.done.items():
            found = struct.unpack("<QQ", read(sector * 512, 512)[:16])
            # One more write than was reported may have happened, to any sector.
            assert found in {(sector, count), (sector, self._next)}
        self._next += 1


# ------------------------------------------------------------------ a host that crashes


@dataclass
class Change:
    """A change of a host file that the host may have done, or not, when it crashes.

    Attributes:
        path: of the file. offset: of the data. data: bytes; None: the length becomes ``offset``.
    """

    path: Path
    offset: int
    data: bytes | None

    def apply(self, files: dict[Path, bytearray]) -> None:
        file = files[self.path]
        if self.data is None:
            del file[self.offset :]
            file.extend(bytes(self.offset - len(file)))
            return
        file.extend(bytes(max(0, self.offset + len(self.data) - len(file))))
        file[self.offset : self.offset + len(self.data)] = self.data


@dataclass
class Host:
    """Records what is done to files since ``start``, and makes what crashes may leave of them.

    Attributes:
        durable: the files as they are on the drive for certain.
        pending: changes since the last flush of their file.
    """

    durable: dict[Path, bytearray] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    on_change: Callable[[], None] = lambda: None

    @classmethod
    def watch(cls, monkeypatch: pytest.MonkeyPatch, paths: list[Path]) -> Host:
        host = cls({path: bytearray(path.read_bytes()) for path in paths})
        originals = {
            name: getattr(HostFile, name)
            for name in ("write", "truncate", "reserve", "punch_hole", "sync")
        }

        def write(file: HostFile, offset: int, data: bytes) -> None:
            originals["write"](file, offset, data)
            host._record(file, offset, bytes(data))

        def truncate(file: HostFile, size: int) -> None:
            originals["truncate"](file, size)
            host._record(file, size, None)

        def reserve(file: HostFile, offset: int, length: int) -> None:
            before = file.size
            originals["reserve"](file, offset, length)
            if file.size > before:
                host._record(file, file.size, None)

        def punch_hole(file: HostFile, offset: int, length: int) -> bool:
            done: bool = originals["punch_hole"](file, offset, length)
            if done:
                host._record(file, offset, bytes(min(length, max(0, file.size - offset))))
            return done

        def sync(file: HostFile) -> None:
            originals["sync"](file)
            host._flush(file.path)

        for function in (write, truncate, reserve, punch_hole, sync):
            monkeypatch.setattr(HostFile, function.__name__, function)
        return host

    def _record(self, file: HostFile, offset: int, data: bytes | None) -> None:
        if file.path not in self.durable:
            return
        if data is None:
            self.pending.append(Change(file.path, offset, None))
        at = 0
        while data is not None and at < len(data):
            length = min(PAGE - (offset + at) % PAGE, len(data) - at)
            self.pending.append(Change(file.path, offset + at, data[at : at + length]))
            at += length
        self.on_change()

    def _flush(self, path: Path) -> None:
        if path not in self.durable:
            return
        for change in self.pending:
            if change.path == path:
                change.apply(self.durable)
        self.pending = [change for change in self.pending if change.path != path]

    def crash(self, choose: random.Random) -> dict[Path, bytearray]:
        """Files as they may be after a crash now: any of the pending changes were done.

        Changes of one page stay in their order, since the host keeps one copy of it.
        """
        files = {path: bytearray(content) for path, content in self.durable.items()}
        share = choose.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        kept: dict[tuple[Path, int], int] = {}
        counts: dict[tuple[Path, int], int] = {}
        for change in self.pending:
            counts[self._page(change)] = counts.get(self._page(change), 0) + 1
        for page, count in counts.items():
            kept[page] = count if choose.random() < share else choose.randrange(count + 1)
            if choose.random() > share:
                kept[page] = 0
        for change in self.pending:
            page = self._page(change)
            if kept[page]:
                kept[page] -= 1
                change.apply(files)
        return files

    @staticmethod
    def _page(change: Change) -> tuple[Path, int]:
        return change.path, -1 if change.data is None else change.offset // PAGE
