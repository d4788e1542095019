"""Copies between formats and variants, and images that are grown, compacted, moved, renamed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from engine.storage.copying import clone_medium, convert_from_raw
from engine.storage.create import create_medium
from engine.storage.errors import (
    MediumCancelled,
    MediumExists,
    MediumLocked,
    MediumParameterError,
)
from engine.storage.hostfile import HostFile
from engine.storage.maintain import compact_medium, move_medium, resize_medium, set_medium_ids
from engine.storage.medium import examine_medium, open_medium

from .images import FREE, MIB, ZERO, VdiBytes, allocated_count, map_entries, new_vdi

KINDS = [("VDI", "Standard"), ("VDI", "Fixed"), ("RAW", "Standard"), ("RAW", "Fixed")]
SIZE = 5 * MIB + 512


def pattern(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def contents(path: Path, format_name: str | None = None) -> bytes:
    with open_medium(path, read_only=True, format_name=format_name) as medium:
        return medium.read(0, medium.size)


def filled(path: Path, format_name: str = "VDI", variant: str = "Standard") -> bytes:
    """An image with data at its start, across a block boundary, and in its last sector."""
    create_medium(path, format_name=format_name, variant=variant, size=SIZE)
    with open_medium(path, format_name=format_name) as medium:
        medium.write(0, pattern(1, 700))
        medium.write(3 * MIB - 100, pattern(2, 200))
        medium.write(SIZE - 512, pattern(3, 512))
    return contents(path, format_name)


def cancel_at(percent: int):  # type: ignore[no-untyped-def]
    def progress(done: int) -> None:
        if done >= percent:
            raise MediumCancelled("enough")

    return progress


@pytest.mark.parametrize(("from_format", "from_variant"), KINDS)
@pytest.mark.parametrize(("to_format", "to_variant"), KINDS)
def test_clone_between_all(
    tmp_path: Path, from_format: str, from_variant: str, to_format: str, to_variant: str
) -> None:
    source, target = tmp_path / "source.img", tmp_path / "target.img"
    expected = filled(source, from_format, from_variant)
    before = source.read_bytes()
    seen: list[int] = []
    made = clone_medium(
        [source], target, format_name=to_format, variant=to_variant, progress=seen.append
    )
    assert contents(target, to_format) == expected
    assert source.read_bytes() == before
    assert (made.format, made.logical_size) == (to_format, SIZE)
    assert made.id != examine_medium(source).id
    assert seen == sorted(seen)
    assert seen[-1] == 100


def test_clone_leaves_out_zeros(tmp_path: Path) -> None:
    source, target = tmp_path / "a.img", tmp_path / "b.vdi"
    filled(source, "RAW", "Fixed")
    clone_medium([source], target, format_name="VDI", variant="Standard")
    assert map_entries(target) == [0, FREE, 1, 2, FREE, 3]


def test_clone_of_a_difference_is_complete(tmp_path: Path) -> None:
    base = VdiBytes([0, 1, FREE], [b"base0", b"base1"]).save(tmp_path / "base.vdi")
    child = VdiBytes(
        [FREE, ZERO, 0],
        [b"child2"],
        image_type=4,
        image_uuid=uuid.uuid4(),
        parent_uuid=VdiBytes([]).image_uuid,
        parent_modification_uuid=VdiBytes([]).modification_uuid,
    ).save(tmp_path / "child.vdi")
    clone_medium([base, child], tmp_path / "whole.vdi", format_name="VDI", variant="Standard")
    expected = b"base0".ljust(4096, b"\0") + bytes(4096) + b"child2".ljust(4096, b"\0")
    assert contents(tmp_path / "whole.vdi") == expected


def test_clone_with_a_size_and_an_identity(tmp_path: Path) -> None:
    source, target = tmp_path / "a.vdi", tmp_path / "b.vdi"
    expected = filled(source)
    wanted = uuid.uuid4()
    made = clone_medium(
        [source], target, format_name="VDI", variant="Standard", size=9 * MIB, image_id=wanted
    )
    assert (made.logical_size, made.id) == (9 * MIB, str(wanted))
    assert contents(target) == expected.ljust(9 * MIB, b"\0")


@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
def test_a_cancelled_clone_leaves_nothing(tmp_path: Path, variant: str) -> None:
    source = tmp_path / "a.vdi"
    filled(source)
    before = source.read_bytes()
    with pytest.raises(MediumCancelled):
        clone_medium(
            [source], tmp_path / "b.vdi", format_name="VDI", variant=variant, progress=cancel_at(60)
        )
    assert os.listdir(tmp_path) == ["a.vdi"]
    assert source.read_bytes() == before


def test_clone_refuses(tmp_path: Path) -> None:
    source = tmp_path / "a.vdi"
    filled(source)
    (tmp_path / "there.vdi").write_bytes(b"precious")
    with pytest.raises(MediumExists, match=r"there\.vdi"):
        clone_medium([source], tmp_path / "there.vdi", format_name="VDI", variant="Standard")
    with pytest.raises(MediumParameterError, match="VHDX cannot be created"):
        clone_medium([source], tmp_path / "b", format_name="VHDX", variant="Standard")
    with pytest.raises(MediumParameterError, match="no variant 'Split2G'"):
        clone_medium([source], tmp_path / "b", format_name="VDI", variant="Split2G")
    with pytest.raises(MediumParameterError, match="no UUID"):
        clone_medium(
            [source], tmp_path / "b", format_name="RAW", variant="Fixed", image_id=uuid.uuid4()
        )
    with open_medium(source), pytest.raises(MediumLocked):
        clone_medium([source], tmp_path / "b", format_name="VDI", variant="Standard")
    assert sorted(os.listdir(tmp_path)) == ["a.vdi", "there.vdi"]


def test_convert_takes_bytes_as_they_are(tmp_path: Path) -> None:
    """A raw disk may begin with the mark of another format."""
    raw = tmp_path / "disk"
    raw.write_bytes(VdiBytes([FREE]).pack() + b"end")
    convert_from_raw(raw, tmp_path / "b.vdi", format_name="VDI", variant="Fixed")
    stored = contents(tmp_path / "b.vdi")
    assert stored.rstrip(b"\0") == raw.read_bytes()
    assert len(stored) % 512 == 0


@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
@pytest.mark.parametrize("larger", [6 * MIB, 40 * MIB])
def test_resize_keeps_the_data(tmp_path: Path, variant: str, larger: int) -> None:
    path = tmp_path / "a.vdi"
    expected = filled(path, variant=variant)
    identity = examine_medium(path).id
    resize_medium(path, larger)
    assert contents(path) == expected.ljust(larger, b"\0")
    assert examine_medium(path).id == identity
    with open_medium(path) as medium:
        assert medium.check() == []
        medium.write(larger - 512, pattern(9, 512))
    assert contents(path) == expected.ljust(larger - 512, b"\0") + pattern(9, 512)


@pytest.mark.parametrize("image_type", [1, 2, 4])
def test_resize_where_the_map_does_not_fit(tmp_path: Path, image_type: int) -> None:
    """The data begin right behind the map, as in older images: the image is written anew."""
    parent = VdiBytes([FREE] * 3).save(tmp_path / "parent.vdi") if image_type == 4 else None
    image = VdiBytes(
        [1, FREE, 0] if image_type != 2 else [1, 0, 2],
        [b"one", b"zero", b"two"][: 2 if image_type != 2 else 3],
        image_type=image_type,
        image_uuid=uuid.uuid4(),
        parent_uuid=VdiBytes([]).image_uuid if parent else uuid.UUID(int=0),
        parent_modification_uuid=VdiBytes([]).modification_uuid,
    )
    path = image.save(tmp_path / "a.vdi")
    os.chmod(path, 0o640)

    def read() -> bytes:
        if parent is None:
            return contents(path)
        with (
            open_medium(parent, read_only=True) as below,
            open_medium(path, read_only=True, parent=below) as medium,
        ):
            return medium.read(0, medium.size)

    expected = read()
    resize_medium(path, 4096 * 1000)
    assert read() == expected.ljust(4096 * 1000, b"\0")
    assert examine_medium(path).id == str(image.image_uuid) if parent is None else True
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == sorted(["a.vdi", *(["parent.vdi"] if parent else [])])


def test_resize_clears_what_was_behind_the_disk(tmp_path: Path) -> None:
    path = VdiBytes([0], [b"\xff" * 4096], disk_size=512).save(tmp_path / "a.vdi")
    resize_medium(path, 4096)
    assert contents(path) == b"\xff" * 512 + bytes(3584)


def test_resize_refuses(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    filled(path)
    before = path.read_bytes()
    with pytest.raises(MediumParameterError, match="cannot be made smaller"):
        resize_medium(path, MIB)
    with pytest.raises(MediumParameterError, match="multiple of 512"):
        resize_medium(path, 8 * MIB + 1)
    raw = tmp_path / "a.img"
    filled(raw, "RAW")
    with pytest.raises(MediumParameterError, match="format RAW"):
        resize_medium(raw, 8 * MIB)
    with open_medium(path, read_only=True), pytest.raises(MediumLocked):
        resize_medium(path, 8 * MIB)
    assert path.read_bytes() == before


@pytest.mark.parametrize("larger", [300 * MIB, 20 * MIB])
def test_a_cancelled_resize_changes_nothing(tmp_path: Path, larger: int) -> None:
    path = tmp_path / "a.vdi"
    filled(path, variant="Fixed")
    before = path.read_bytes()
    with pytest.raises(MediumCancelled):
        resize_medium(path, larger, progress=cancel_at(0))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.vdi"]


@pytest.mark.parametrize(
    ("variant", "larger"),
    [("Standard", 6 * MIB), ("Fixed", 6 * MIB), ("Standard", 300 * 1024 * MIB)],
)
def test_a_resize_may_die_at_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str, larger: int
) -> None:
    """300 GiB need a block map of more than 1 MiB: that image is written anew."""
    path = tmp_path / "a.vdi"
    original = filled(path, variant=variant)
    image = path.read_bytes()
    real_write = HostFile.write
    for survived in range(100):
        path.write_bytes(image)
        left = [survived]

        def write(
            file: HostFile, offset: int, data: bytes, left: list[int] = left
        ) -> None:
            if not left[0]:
                raise KeyboardInterrupt  # The process dies here.
            left[0] -= 1
            real_write(file, offset, data)

        monkeypatch.setattr(HostFile, "write", write)
        try:
            resize_medium(path, larger)
            finished = True
        except KeyboardInterrupt:
            finished = False
        monkeypatch.setattr(HostFile, "write", real_write)
        with open_medium(path) as medium:
            assert medium.size in (SIZE, larger)
            assert medium.read(0, SIZE) == original
            assert not finished or medium.size == larger
        if finished:
            assert survived > 1
            return
    pytest.fail("it never ends")


@pytest.mark.skipif(shutil.which("qemu-img") is None, reason="qemu-img is not installed")
@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
def test_qemu_reads_what_was_cloned_grown_and_compacted(tmp_path: Path, variant: str) -> None:
    source, path, raw = tmp_path / "a.img", tmp_path / "a.vdi", tmp_path / "b.img"
    expected = filled(source, "RAW")
    clone_medium([source], path, format_name="VDI", variant=variant)
    resize_medium(path, 40 * MIB)
    if variant == "Standard":
        compact_medium(path)
    for words in (["check", path], ["convert", "-f", "vdi", "-O", "raw", path, raw]):
        subprocess.run(["qemu-img", *map(str, words)], check=True, capture_output=True)
    assert raw.read_bytes() == expected.ljust(40 * MIB, b"\0")


def test_compact_drops_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    with new_vdi(path, 6 * MIB) as medium:
        for block in range(6):
            medium.write(block * MIB, pattern(block, MIB))
        medium.write(MIB, bytes(3 * MIB))
    expected, info = contents(path), examine_medium(path)
    compact_medium(path)
    assert contents(path) == expected
    assert map_entries(path) == [0, FREE, FREE, FREE, 1, 2]
    assert allocated_count(path) == 3
    after = examine_medium(path)
    assert (after.id, after.logical_size) == (info.id, info.logical_size)
    assert after.actual_size < info.actual_size


def test_compact_keeps_what_hides_the_parent_and_the_comment(tmp_path: Path) -> None:
    path = VdiBytes([1, ZERO, 0, FREE], [bytes(4096), b"data"], image_type=4).save(tmp_path / "a")
    with path.open("r+b") as file:
        file.seek(84)
        file.write(b"a comment")
    compact_medium(path)
    assert map_entries(path) == [0, ZERO, ZERO, FREE]
    assert path.read_bytes()[84:].startswith(b"a comment\0")


def test_compact_refuses_and_can_be_cancelled(tmp_path: Path) -> None:
    fixed, dynamic = tmp_path / "fixed.vdi", tmp_path / "a.vdi"
    filled(fixed, variant="Fixed")
    filled(dynamic)
    before = dynamic.read_bytes()
    with pytest.raises(MediumParameterError, match="fixed size"):
        compact_medium(fixed)
    with pytest.raises(MediumCancelled):
        compact_medium(dynamic, progress=cancel_at(50))
    assert dynamic.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["a.vdi", "fixed.vdi"]


def test_who_waits_for_a_compacted_image_gets_the_new_one(tmp_path: Path) -> None:
    """The lock belongs to the old file, which has no name any more."""
    path = tmp_path / "a.vdi"
    filled(path)
    with open_medium(path, read_only=True) as old:
        replacement = tmp_path / "b.vdi"
        filled(replacement)
        os.replace(replacement, path)
        with open_medium(path) as medium:
            assert medium.uuid != old.uuid


def test_set_ids(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    expected = filled(path)
    wanted = uuid.uuid4()
    set_medium_ids(path, image_id=wanted)
    assert examine_medium(path).id == str(wanted)
    assert contents(path) == expected
    with pytest.raises(MediumParameterError, match="no parent"):
        set_medium_ids(path, parent_id=wanted)
    with pytest.raises(MediumParameterError, match="null UUID"):
        set_medium_ids(path, image_id=uuid.UUID(int=0))
    child = VdiBytes([FREE], image_type=4).save(tmp_path / "b.vdi")
    set_medium_ids(child, parent_id=wanted)
    with pytest.raises(Exception, match=str(wanted)):
        examine_medium(child)


def test_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, target = tmp_path / "a.vdi", tmp_path / "b.vdi"
    expected = filled(path)
    (tmp_path / "c.vdi").write_bytes(b"precious")
    with pytest.raises(MediumExists):
        move_medium(path, tmp_path / "c.vdi")
    move_medium(path, target)
    assert (path.exists(), contents(target)) == (False, expected)

    def across(_from: object, _to: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    real_link, real_rename = os.link, os.rename
    calls: list[int] = []

    def link(source: object, to: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            across(source, to)
        real_link(source, to)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", link)
    monkeypatch.setattr(os, "rename", across)
    move_medium(target, path)
    monkeypatch.setattr(os, "rename", real_rename)
    assert (target.exists(), contents(path)) == (False, expected)
