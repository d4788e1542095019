"""Death of the process, and a full disk, at every moment of writing, in every format."""

from __future__ import annotations

import errno
import os
import random
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.storage import blockstore, hostfile
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumFull
from engine.storage.formats import qcow_refcounts
from engine.storage.medium import Medium, open_medium

from .images import MIB
from .samples import needs_qemu, qemu_check, qemu_img
from .test_vdi_crash import Fuse, Killed

SIZE = 5 * MIB + 512
KINDS = [
    ("VMDK", "Standard"), ("VMDK", "Split2G"), ("VMDK", "Diff"), ("VHD", "Standard"),
    ("VHD", "Diff"), ("QCOW", "Standard"), ("QCOW", "Diff"), ("QCOW", "512"),
]  # fmt: skip

Write = tuple[int, bytes]
SCRIPT: list[Write] = [
    (3 * MIB + 100, b"first"),
    (0, b"\xaa" * 70_000),
    (2 * MIB - 300, b"\xbb" * 700),
    (3 * MIB + 90, b"0123456789again"),
    (4 * MIB, bytes(65536)),
    (1 * MIB + 512, b"\xcc" * 200_000),
    (SIZE - 512, b"\xdd" * 512),
]


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let images grow more than once."""
    monkeypatch.setattr(blockstore, "GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(blockstore, "LARGEST_GROWTH_STEP", 1 << 18)
    monkeypatch.setattr(qcow_refcounts, "LARGEST_STEP", 1 << 18)


class Sample:
    """An image of a kind, and its parent where it has one."""

    def __init__(self, folder: Path, name: str, variant: str) -> None:
        self.folder = folder
        self.name = name
        self.variant = variant
        self.path = folder / f"disk.{name.lower()}"

    def make(self) -> bytearray:
        """Make it anew; what it holds."""
        for path in self.folder.iterdir():
            path.unlink()
        content = bytearray(SIZE)
        if self.variant == "Diff":
            base = self.folder / f"base.{self.name.lower()}"
            create_medium(base, format_name=self.name, variant="Standard", size=SIZE)
            with open_medium(base) as parent:
                parent.write(MIB, b"p" * (2 * MIB))
            content[MIB : 3 * MIB] = b"p" * (2 * MIB)
            with open_medium(base, read_only=True) as parent:
                create_difference_on(parent, self.path, format_name=self.name)
        elif self.variant == "512":
            if not qemu_img("--version"):
                pytest.skip("qemu-img is not installed")
            qemu_img("create", "-f", "qcow2", "-o", "cluster_size=512", self.path, SIZE)
        else:
            create_medium(self.path, format_name=self.name, variant=self.variant, size=SIZE)
        return content


@pytest.fixture(params=KINDS, ids="-".join)
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Sample:
    folder = tmp_path / "images"
    folder.mkdir()
    return Sample(folder, *request.param)


def _close_as_the_dead_do(disk: Medium) -> None:
    for file in (disk._file, *getattr(disk, "_extents", [])):
        file.close()
    parent = disk._parent
    if parent is not None:
        parent.close()


def test_killed_before_any_change_of_the_file(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse = Fuse(monkeypatch)
    moment = 0
    finished = False
    while not finished:
        expected = sample.make()
        disk = open_medium(sample.path)
        fuse.left = moment
        pending: Write = (0, b"")
        try:
            for pending in SCRIPT:
                offset, data = pending
                disk.write(offset, data)
                expected[offset : offset + len(data)] = data
            disk.close()
            finished = True
        except Killed:
            _close_as_the_dead_do(disk)
        fuse.left = sys.maxsize
        _check_after_death(sample, expected, (0, b"") if finished else pending)
        moment += 1 if moment < 24 else 7
    assert moment > 14


def _check_after_death(sample: Sample, expected: bytearray, pending: Write) -> None:
    with open_medium(sample.path) as disk:
        after = bytearray(disk.read(0, disk.size))
        # The write that was going on may have happened, in parts, or not.
        offset, data = pending
        was, now = (content[offset : offset + len(data)] for content in (expected, after))
        assert all(n in (w, d) for n, w, d in zip(now, was, data, strict=True))
        expected[offset : offset + len(data)] = now
        assert after == expected
        for place in range(0, SIZE - 512, 300_000):
            disk.write(place + 7, b"after")
            expected[place + 7 : place + 12] = b"after"
        assert disk.read(0, disk.size) == expected
    with open_medium(sample.path, read_only=True) as disk:
        assert disk.read(0, disk.size) == expected
        assert disk.check() == []


@needs_qemu
def test_a_repaired_qcow_image_is_sound_for_qemu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fuse = Fuse(monkeypatch)
    sample = Sample(tmp_path, "QCOW", "Standard")
    for moment in range(0, 30, 2):
        sample.make()
        disk = open_medium(sample.path)
        fuse.left = moment
        try:
            for offset, data in SCRIPT:
                disk.write(offset, data)
            disk.close()
        except Killed:
            _close_as_the_dead_do(disk)
        fuse.left = sys.maxsize
        # Clusters that nothing refers to (status 3) are all that may be wrong.
        qemu_img("check", "-f", "qcow2", sample.path, status={0, 3})
        open_medium(sample.path).close()
        qemu_check(sample.path, "QCOW")


def test_any_write_may_find_the_disk_full(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write of the guest is refused at its first, second, third... write to the host."""
    real = hostfile.pwrite
    expected = sample.make()
    disk = open_medium(sample.path)
    calls_left = 0

    def full_at_last(fd: int, data: bytes, offset: int) -> int:
        nonlocal calls_left
        if calls_left:
            calls_left -= 1
            return real(fd, data, offset)
        if len(data) > 16:
            real(fd, bytes(data[: len(data) // 2]), offset)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    refusals = 0
    for offset, data in SCRIPT:
        for attempt in range(2000):
            calls_left = attempt
            with monkeypatch.context() as patch:
                patch.setattr(hostfile, "pwrite", full_at_last)
                try:
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
    assert refusals > len(SCRIPT)
    assert disk.read(0, disk.size) == expected
    disk.close()
    with open_medium(sample.path) as again:
        assert again.read(0, again.size) == expected


GUEST = """
import os, random, struct, sys
from engine.storage.medium import open_medium
path, seed, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
choose = random.Random(seed)
disk = open_medium(path)
sectors = disk.size // 512
for number in range(first, 1 << 30):
    sector = choose.randrange(sectors)
    disk.write(sector * 512, struct.pack("<QQ", sector, number) * 32)
    if number % 7 == 0:
        disk.flush()
    os.write(1, struct.pack("<QQ", sector, number))
"""


@pytest.mark.parametrize(
    "make",
    [
        lambda path: create_medium(path, format_name="QCOW", variant="Standard", size=64 * MIB),
        lambda path: create_medium(path, format_name="VMDK", variant="Standard", size=64 * MIB),
        lambda path: create_medium(path, format_name="VHD", variant="Standard", size=64 * MIB),
    ],
    ids=["QCOW", "VMDK", "VHD"],
)
def test_kill_9_loses_nothing(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A guest that writes numbered sectors; each that it reports done must be there afterwards."""
    path = tmp_path / "disk.image"
    make(path)
    done: dict[int, int] = {}
    number = 1
    moments = random.Random(5)
    for life in range(4):
        guest = subprocess.Popen(
            [sys.executable, "-c", GUEST, path, str(life), str(number)], stdout=subprocess.PIPE
        )
        reports = b""
        assert guest.stdout is not None
        for _ in range(moments.randrange(1, 12)):
            ready, _, _ = select.select([guest.stdout], [], [], 60)
            assert ready, "the guest does nothing"
            reports += os.read(guest.stdout.fileno(), moments.choice([16, 160, 1600]))
        guest.send_signal(signal.SIGKILL)
        reports += guest.stdout.read()
        guest.wait()
        guest.stdout.close()
        whole = len(reports) // 16 * 16
        for sector, count in struct.iter_unpack("<QQ", reports[:whole]):
            done[sector] = count
            number = max(number, count + 1)
        with open_medium(path, read_only=True) as disk:
            for sector, count in done.items():
                found = struct.unpack("<QQ", disk.read(sector * 512, 512)[:16])
                # One more write than was reported may have happened, to any sector.
                assert found in {(sector, count), (sector, number)}
        number += 1
    assert len(done) > 8
