"""Death of the process and a full disk, at every moment."""

from __future__ import annotations

import errno
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.storage.errors import MediumFull
from engine.storage.medium import Medium, open_medium

from .crash import NOTHING, FullDisk, Fuse, Write, refuse_each_write, some_of
from .images import FREE, MIB, ZERO, VdiBytes, allocated_count, map_entries, new_vdi

BLOCK = 4096
BLOCKS = 12

SCRIPT: list[Write] = [
    (5 * BLOCK + 100, b"first"),
    (0, b"\xaa" * BLOCK),
    (2 * BLOCK - 300, b"\xbb" * 700),
    (5 * BLOCK + 90, b"0123456789again"),
    (7 * BLOCK, bytes(BLOCK)),
    (8 * BLOCK, b"\xcc" * (3 * BLOCK)),
    (3 * BLOCK + 512, b"\xdd" * 512),
]


def _images() -> Iterator[tuple[str, VdiBytes]]:
    yield "dynamic", VdiBytes([FREE] * BLOCKS)
    yield "leftovers", VdiBytes([FREE] * BLOCKS, [b"\xee" * BLOCK] * 3)
    gaps = [FREE] * BLOCKS
    gaps[1] = 3
    yield "gaps", VdiBytes(gaps, [b"\xee" * BLOCK] * 4)
    yield "differencing", VdiBytes(
        [FREE] * BLOCKS,
        image_type=4,
        image_uuid=uuid.UUID(int=7),
        parent_uuid=VdiBytes([]).image_uuid,
        parent_modification_uuid=VdiBytes([]).modification_uuid,
    )


@pytest.mark.parametrize(("kind", "image"), list(_images()), ids=lambda value: str(value)[:12])
def test_killed_before_any_change_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, image: VdiBytes
) -> None:
    fuse = Fuse(monkeypatch)
    path = tmp_path / "disk.vdi"
    parent = open_medium(
        VdiBytes([0, 1, 2], [b"p" * BLOCK] * 3).save(tmp_path / "base.vdi"), read_only=True
    )
    below = parent if kind == "differencing" else None
    moment = 0
    pending: Write | None = NOTHING
    while pending is not None:
        image.save(path)
        with open_medium(path, read_only=True, parent=below) as disk:
            expected = bytearray(disk.read(0, disk.size))
        disk = open_medium(path, parent=below)
        pending = fuse.write_until_killed(disk, SCRIPT, expected, moment)
        _check_after_death(path, below, expected, pending or NOTHING)
        moment += 1
    assert moment > 20
    parent.close()


def _check_after_death(
    path: Path, parent: Medium | None, expected: bytearray, pending: Write
) -> None:
    stored = [entry for entry in map_entries(path) if entry < ZERO]
    assert allocated_count(path) >= max(stored, default=-1) + 1, "the next block would overwrite one"
    with open_medium(path, parent=parent) as disk:
        after = bytearray(disk.read(0, disk.size))
        # The write that was going on may have happened, in parts, or not.
        offset, data = pending
        was, now = (content[offset : offset + len(data)] for content in (expected, after))
        assert some_of(was, data, now)
        expected[offset : offset + len(data)] = now
        assert after == expected
        for block in range(BLOCKS):
            disk.write(block * BLOCK + 7, b"after")
            expected[block * BLOCK + 7 : block * BLOCK + 12] = b"after"
        assert disk.read(0, disk.size) == expected


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", mount], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"mounting is not permitted here: {made.stderr.decode()}")
    yield mount
    subprocess.run(["umount", mount], check=True)


def test_full_disk(small_disk: Path) -> None:
    path = small_disk / "disk.vdi"
    disk = new_vdi(path, 32 * MIB)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(5 * MIB))
    expected = bytearray(32 * MIB)
    refused: list[Write] = []
    sentences = []
    for block in (4, 1, 20, 3, 9):
        data = bytes([block]) * MIB
        try:
            disk.write(block * MIB, data)
        except MediumFull as error:
            sentences.append(str(error))
            refused.append((block * MIB, data))
        else:
            expected[block * MIB : (block + 1) * MIB] = data
    assert refused
    assert all(str(path) in sentence and "is full" in sentence for sentence in sentences)
    ballast.unlink()
    for offset, data in refused:
        disk.write(offset, data)
        expected[offset : offset + len(data)] = data
    assert disk.read(0, disk.size) == expected
    disk.flush()
    disk.close()
    with open_medium(path) as again:
        assert again.check() == []
        assert again.read(0, again.size) == expected


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_any_write_may_find_the_disk_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = VdiBytes([FREE] * BLOCKS, [b"\xee" * BLOCK]).save(tmp_path / "disk.vdi")
    assert refuse_each_write(path, SCRIPT, monkeypatch, number) > 2 * len(SCRIPT)


@pytest.mark.parametrize("failing_call", [0, 1, 2])
def test_what_a_refused_write_left_behind_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_call: int
) -> None:
    disk = open_medium(VdiBytes([FREE] * BLOCKS).save(tmp_path / "disk.vdi"))
    disk.write(0, b"x")
    with FullDisk().after(failing_call, monkeypatch), pytest.raises(MediumFull):
        disk.write(3 * BLOCK, b"\xee" * BLOCK)
    disk.write(5 * BLOCK + 100, b"y")
    assert disk.read(3 * BLOCK, BLOCK) == bytes(BLOCK)
    assert disk.read(5 * BLOCK, BLOCK) == (bytes(100) + b"y").ljust(BLOCK, b"\0")
    disk.close()


def test_growing_in_small_steps_where_large_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = new_vdi(tmp_path / "disk.vdi", 64 * MIB)
    real = os.ftruncate

    def limited(fd: int, size: int) -> None:
        if size > 5 * MIB:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        real(fd, size)

    monkeypatch.setattr(os, "ftruncate", limited)
    for block in range(3):
        disk.write(block * MIB, b"x")
    with pytest.raises(MediumFull, match="the largest file size"):
        disk.write(3 * MIB, b"x")
    assert disk.read(0, 4 * MIB) == (b"x" + bytes(MIB - 1)) * 3 + bytes(MIB)
    disk.close()
