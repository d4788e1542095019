from __future__ import annotations

import os
import struct
import time
import uuid
from pathlib import Path

import pytest

from engine.storage.create import create_medium
from engine.storage.errors import (
    MediumError,
    MediumExists,
    MediumFormatError,
    MediumIOError,
    MediumParameterError,
)
from engine.storage.formats.vdi import GROWTH_STEP
from engine.storage.hostfile import HostFile
from engine.storage.medium import Medium, open_medium

from .images import (
    FREE,
    MIB,
    ZERO,
    VdiBytes,
    allocated_count,
    map_entries,
    modification_uuid,
    new_vdi,
)

BLOCK = 4096


def test_new_dynamic_image_follows_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    with new_vdi(path, 5 * MIB + 512) as disk:
        assert (disk.variant, disk.size, disk.format_name) == ("Standard", 5 * MIB + 512, "VDI")
        identity = disk.uuid
    image = path.read_bytes()
    assert image.startswith(b"<<< Oracle VirtualBox Disk Image >>>\n\0")
    assert struct.unpack_from("<IIIII", image, 64) == (0xBEDA107F, 0x10001, 400, 1, 0)
    assert struct.unpack_from("<II", image, 340) == (MIB, 2 * MIB)
    assert struct.unpack_from("<QIIII", image, 368) == (5 * MIB + 512, MIB, 0, 6, 0)
    assert uuid.UUID(bytes_le=image[392:408]) == identity
    assert uuid.UUID(bytes_le=image[408:424]).version == 4
    assert image[424:456] == bytes(32)
    assert map_entries(path) == [FREE] * 6
    assert len(image) == 2 * MIB
    assert path.stat().st_mode & 0o777 == 0o600


def test_new_fixed_image_has_all_its_room(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    seen: list[int] = []
    info = create_medium(
        path, format_name="vdi", variant="Fixed", size=40 * MIB, progress=seen.append
    )
    assert info.variant == "Fixed"
    assert map_entries(path) == list(range(40))
    assert allocated_count(path) == 40
    assert path.stat().st_size == 42 * MIB
    assert path.stat().st_blocks * 512 >= 40 * MIB
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert len(seen) > 3


def test_map_of_a_large_disk_moves_the_data(tmp_path: Path) -> None:
    size = 2 << 40
    with new_vdi(tmp_path / "a.vdi", size) as disk:
        disk.write(size - 512, b"\x42" * 512)
        assert disk.read(size - 1024, 1024) == bytes(512) + b"\x42" * 512
    image = (tmp_path / "a.vdi").open("rb").read(512)
    assert struct.unpack_from("<II", image, 340) == (MIB, 9 * MIB)


@pytest.mark.parametrize("size", [0, -512, 511, 513, 1 << 62])
def test_sizes_that_no_disk_has(tmp_path: Path, size: int) -> None:
    with pytest.raises(MediumParameterError, match=f"cannot have {size} bytes"):
        create_medium(tmp_path / "a.vdi", format_name="VDI", variant="Standard", size=size)
    assert os.listdir(tmp_path) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    path.write_bytes(b"precious")
    with pytest.raises(MediumExists, match=r"a\.vdi' exists already"):
        create_medium(path, format_name="VDI", variant="Standard", size=MIB)
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["a.vdi"]


def test_a_name_taken_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"

    def interfere(_percent: int) -> None:
        path.write_bytes(b"precious")

    with pytest.raises(MediumExists):
        create_medium(
            path, format_name="VDI", variant="Standard", size=MIB, progress=interfere
        )
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["a.vdi"]


def test_without_hard_links_the_file_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    new_vdi(tmp_path / "a.vdi", MIB).close()
    assert os.listdir(tmp_path) == ["a.vdi"]


def test_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(MediumIOError, match="the folder does not exist"):
        create_medium(
            tmp_path / "no" / "a.vdi", format_name="VDI", variant="Standard", size=MIB
        )


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(percent: int) -> None:
        if percent >= 50:
            raise StopError

    with pytest.raises(StopError):
        create_medium(
            tmp_path / "a.vdi", format_name="VDI", variant="Fixed", size=64 * MIB, progress=stop
        )
    assert os.listdir(tmp_path) == []


def test_blocks_are_allocated_in_the_order_of_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    with new_vdi(path, 8 * MIB) as disk:
        disk.write(6 * MIB + 512, b"six")
        disk.write(MIB - 2, b"over the edge")
        assert disk.read(6 * MIB, 1024) == bytes(512) + b"six" + bytes(509)
        assert disk.read(MIB - 4, 17) == b"\0\0over the edge\0\0"
        assert disk.read(5 * MIB, 16) == bytes(16)
    assert map_entries(path) == [1, 2, FREE, FREE, FREE, FREE, 0, FREE]
    assert allocated_count(path) == 3
    assert path.stat().st_size == 2 * MIB + 3 * MIB


def test_small_writes_into_new_blocks_write_only_what_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = HostFile.write

    def count(self: HostFile, offset: int, data: bytes) -> None:
        written.append(len(data))
        write(self, offset, data)

    with new_vdi(tmp_path / "a.vdi", 64 * MIB) as disk:
        monkeypatch.setattr(HostFile, "write", count)
        for block in range(64):
            disk.write(block * MIB + 4096, b"\x01" * 512)
        assert sum(written) < 64 * 1024
        assert disk.info().actual_size < 2 * MIB


def test_file_grows_in_steps_and_is_cut_when_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    disk = new_vdi(path, 256 * MIB)
    disk.write(0, b"x")
    assert path.stat().st_size == 2 * MIB + GROWTH_STEP
    disk.write(200 * MIB, b"x")
    assert path.stat().st_size == 2 * MIB + GROWTH_STEP
    disk.close()
    assert path.stat().st_size == 4 * MIB


def test_zeros_take_no_room(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    with new_vdi(path, 8 * MIB) as disk:
        disk.write(0, bytes(3 * MIB))
        assert map_entries(path) == [FREE] * 8
        disk.write(0, b"x")
        disk.write(0, bytes(MIB))
        assert disk.read(0, 4) == bytes(4)
    assert allocated_count(path) == 1


def test_modification_uuid_changes_once_with_the_first_write(tmp_path: Path) -> None:
    path = VdiBytes([FREE] * 4).save(tmp_path / "a.vdi")
    original = modification_uuid(path)
    with open_medium(path) as disk:
        disk.read(0, 512)
        disk.flush()
    assert modification_uuid(path) == original
    with open_medium(path) as disk:
        disk.write(0, b"x")
        second = modification_uuid(path)
        disk.write(BLOCK, b"x")
        assert disk.modification_uuid == modification_uuid(path) == second != original
    with open_medium(path) as disk:
        disk.write(0, b"x")
    assert modification_uuid(path) not in {original, second}
    assert path.read_bytes()[392:408] == VdiBytes([]).image_uuid.bytes_le


def test_old_header_with_gaps_and_extra_bytes(tmp_path: Path) -> None:
    image = VdiBytes(
        [2, ZERO, FREE, 0],
        [b"zero", b"one", b"two"],
        header_size=0x180,
        text=b"<<< innotek VirtualBox Disk Image >>>\n",
        extra=512,
        disk_size=4 * BLOCK - 100,
    )
    path = image.save(tmp_path / "a.vdi")
    with open_medium(path) as disk:
        assert disk.size == 4 * BLOCK
        assert disk.read(0, 4) == b"two\0"
        assert disk.read(3 * BLOCK, 4) == b"zero"
        assert disk.read(BLOCK, 2 * BLOCK) == bytes(2 * BLOCK)
        assert "1 places between the blocks are not used." in disk.check()
        disk.write(BLOCK + 10, b"in the gap")
        disk.write(2 * BLOCK, b"at the end")
        assert disk.read(BLOCK, BLOCK) == (bytes(10) + b"in the gap").ljust(BLOCK, b"\0")
        assert disk.read(2 * BLOCK, BLOCK) == b"at the end".ljust(BLOCK, b"\0")
    assert map_entries(path) == [2, 1, 3, 0]
    assert allocated_count(path) == 4
    with open_medium(path) as disk:
        assert disk.check() == []


@pytest.mark.parametrize("stored", [0, 1, 3, 0xFFFFFFFF])
def test_wrong_count_of_blocks_is_put_right(tmp_path: Path, stored: int) -> None:
    image = VdiBytes([1, FREE, 0], [b"a", b"b"], allocated=stored)
    path = image.save(tmp_path / "a.vdi")
    with open_medium(path, read_only=True) as disk:
        assert disk.check() == [
            f"The header counts {stored} stored blocks, and the block map holds 2."
        ]
    assert allocated_count(path) == stored
    open_medium(path).close()
    assert allocated_count(path) == 2


def test_leftovers_behind_the_last_block_do_not_show(tmp_path: Path) -> None:
    path = VdiBytes([0, FREE, FREE], [b"a", b"\xdd" * BLOCK, b"\xdd" * BLOCK]).save(tmp_path / "a.vdi")
    with open_medium(path) as disk:
        assert disk.check() == ["8192 bytes behind the last block are not used."]
        disk.write(BLOCK + 100, b"new")
        disk.write(2 * BLOCK + 100, b"new")
        expected = (bytes(100) + b"new").ljust(BLOCK, b"\0")
        assert disk.read(BLOCK, 2 * BLOCK) == expected * 2


def test_image_cut_where_its_disk_ends(tmp_path: Path) -> None:
    image = VdiBytes([0, 1], [b"a" * BLOCK, b"b" * BLOCK], disk_size=BLOCK + 1024)
    path = tmp_path / "a.vdi"
    path.write_bytes(image.pack()[: 1024 + BLOCK + 1024])
    with open_medium(path) as disk:
        disk.write(BLOCK + 512, b"c" * 512)
        assert disk.read(BLOCK, 1024) == b"b" * 512 + b"c" * 512


def test_discard_gives_room_back_and_keeps_the_map(tmp_path: Path) -> None:
    path = tmp_path / "a.vdi"
    with new_vdi(path, 8 * MIB) as disk:
        disk.write(0, b"\x5a" * (4 * MIB))
        full = disk.info().actual_size
        disk.discard(512, 3 * MIB)
        disk.discard(6 * MIB, MIB)
        assert disk.read(0, 512) == b"\x5a" * 512
        assert disk.read(3 * MIB + 512, 512) == b"\x5a" * 512
        if disk.info().actual_size == full:
            pytest.skip("this file system cannot punch holes")
        assert disk.read(512, 3 * MIB) == bytes(3 * MIB)
        assert full - disk.info().actual_size >= 2 * MIB
    assert map_entries(path)[:5] == [0, 1, 2, 3, FREE]


def test_discard_keeps_the_room_of_a_fixed_image(tmp_path: Path) -> None:
    with new_vdi(tmp_path / "a.vdi", 4 * MIB, "Fixed") as disk:
        disk.write(0, b"\x5a" * (4 * MIB))
        disk.discard(0, 4 * MIB)
        assert disk.info().actual_size >= 4 * MIB


def test_renamed_image_is_still_found(tmp_path: Path) -> None:
    path = VdiBytes([FREE], text=b"anything").save(tmp_path / "disk.bin")
    with open_medium(path) as disk:
        assert disk.format_name == "VDI"


@pytest.mark.parametrize(("kind", "name"), [("dvd", "an optical disc"), ("floppy", "a floppy")])
def test_a_hard_disk_fits_no_other_drive(tmp_path: Path, kind: str, name: str) -> None:
    path = VdiBytes([FREE]).save(tmp_path / "a.vdi")
    with pytest.raises(MediumFormatError, match=f"is a hard disk and not {name}"):
        open_medium(path, device_type=kind)


def test_failed_opening_frees_the_lock(tmp_path: Path) -> None:
    path = VdiBytes([FREE], signature=1).save(tmp_path / "a.vdi")
    with pytest.raises(MediumError):
        open_medium(path)
    HostFile.open(path, writable=True).close()


def test_reading_past_a_cut_is_an_error_and_no_zeros(tmp_path: Path) -> None:
    path = VdiBytes([0], [b"a" * BLOCK]).save(tmp_path / "a.vdi")
    with open_medium(path) as disk:
        os.truncate(path, 2048)
        with pytest.raises(MediumIOError, match="has become shorter"):
            disk.read(0, BLOCK)


class TestDifferencing:
    """On a parent that the caller has opened."""

    def parent(self, folder: Path) -> Medium:
        image = VdiBytes([0, 1, FREE], [b"p" * BLOCK, b"q" * BLOCK])
        return open_medium(image.save(folder / "base.vdi"), read_only=True)

    def child(self, folder: Path, **changes: object) -> Path:
        values: dict[str, object] = {
            "entries": [FREE, FREE, FREE, FREE],
            "image_type": 4,
            "image_uuid": uuid.uuid4(),
            "parent_uuid": VdiBytes([]).image_uuid,
            "parent_modification_uuid": VdiBytes([]).modification_uuid,
        }
        return VdiBytes(**(values | changes)).save(folder / "child.vdi")  # type: ignore[arg-type]

    def test_needs_its_parent(self, tmp_path: Path) -> None:
        path = self.child(tmp_path)
        with pytest.raises(MediumFormatError, match="only the differences .* 12345678-9abc"):
            open_medium(path)

    def test_reads_the_parent_and_keeps_changes(self, tmp_path: Path) -> None:
        path = self.child(tmp_path)
        with self.parent(tmp_path) as parent:
            with open_medium(path, parent=parent) as disk:
                assert disk.variant == "Diff"
                assert disk.read(BLOCK - 1, 2) == b"pq"
                assert disk.read(3 * BLOCK, 10) == bytes(10)
                disk.write(10, b"mine")
                disk.write(3 * BLOCK, b"behind the parent")
            with open_medium(path, parent=parent) as disk:
                assert disk.read(0, BLOCK) == b"p" * 10 + b"mine" + b"p" * (BLOCK - 14)
                assert disk.read(3 * BLOCK, 17) == b"behind the parent"
            assert parent.read(0, BLOCK) == b"p" * BLOCK

    def test_zeros_hide_the_parent(self, tmp_path: Path) -> None:
        path = self.child(tmp_path)
        with self.parent(tmp_path) as parent:
            with open_medium(path, parent=parent) as disk:
                disk.write(100, bytes(10))
                disk.write(BLOCK, bytes(BLOCK))
            with open_medium(path, parent=parent) as disk:
                assert disk.read(99, 12) == b"p" + bytes(10) + b"p"
                assert disk.read(BLOCK, BLOCK) == bytes(BLOCK)
                disk.write(BLOCK + 5, b"x")
                assert disk.read(BLOCK, 8) == b"\0\0\0\0\0x\0\0"
        assert map_entries(path) == [0, 1, FREE, FREE]

    def test_discard_of_a_block_hides_the_parent(self, tmp_path: Path) -> None:
        path = self.child(tmp_path)
        with self.parent(tmp_path) as parent, open_medium(path, parent=parent) as disk:
            disk.discard(10, BLOCK * 2 - 10)
            assert disk.read(0, BLOCK) == b"p" * BLOCK
            assert disk.read(BLOCK, BLOCK) == bytes(BLOCK)
        assert map_entries(path) == [FREE, ZERO, FREE, FREE]

    @pytest.mark.parametrize(
        ("field", "sentence"),
        [
            ("parent_uuid", "UUID .* of the parent .* does not match"),
            ("parent_modification_uuid", "was changed after the differencing image"),
        ],
    )
    def test_refuses_another_parent(self, tmp_path: Path, field: str, sentence: str) -> None:
        path = self.child(tmp_path, **{field: uuid.uuid4()})
        with self.parent(tmp_path) as parent, pytest.raises(MediumFormatError, match=sentence):
            open_medium(path, parent=parent)

    def test_a_complete_image_takes_no_parent(self, tmp_path: Path) -> None:
        path = self.child(tmp_path, image_type=1)
        with (
            self.parent(tmp_path) as parent,
            pytest.raises(MediumFormatError, match="complete and not a difference"),
        ):
            open_medium(path, parent=parent)


def test_writing_is_not_slow(tmp_path: Path) -> None:
    with new_vdi(tmp_path / "a.vdi", 512 * MIB) as disk:
        start = time.process_time()
        for block in range(512):
            disk.write(block * MIB, b"\x01" * 4096)
        assert time.process_time() - start < 1
