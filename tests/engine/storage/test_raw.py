from __future__ import annotations

from pathlib import Path

import pytest

from engine.storage.errors import (
    MediumFormatError,
    MediumIOError,
    MediumParameterError,
    MediumReadOnly,
)
from engine.storage.formats.raw import LARGEST_FLOPPY_SIZE
from engine.storage.medium import open_medium


def image(path: Path, size: int, start: bytes = b"") -> Path:
    path.write_bytes(start.ljust(size, b"\xa5"))
    return path


def test_hard_disk_reads_and_writes_sectors(tmp_path: Path) -> None:
    path = image(tmp_path / "disk.img", 4096)
    with open_medium(path) as disk:
        assert (disk.format_name, disk.variant, disk.size) == ("RAW", "Fixed", 4096)
        disk.write(1024, memoryview(b"0123" * 128))
        disk.flush()
        assert disk.read(1020, 8) == b"\xa5" * 4 + b"0123"
    assert path.read_bytes()[1024:1536] == b"0123" * 128


def test_identity_follows_the_path(tmp_path: Path) -> None:
    ids = set()
    for name in ("a.img", "b.img", "a.img"):
        with open_medium(image(tmp_path / name, 512)) as disk:
            ids.add(disk.info().id)
    assert len(ids) == 2


def test_incomplete_last_sector_reads_zeros_and_refuses_writes(tmp_path: Path) -> None:
    path = image(tmp_path / "disk.img", 1000)
    with open_medium(path) as disk:
        assert disk.size == 1024
        assert disk.read(512, 512) == b"\xa5" * 488 + bytes(24)
        with pytest.raises(MediumIOError, match="past the end of the image .* 1000 bytes"):
            disk.write(512, bytes(512))
        disk.discard(512, 512)
    assert path.stat().st_size == 1000


@pytest.mark.parametrize(("offset", "length"), [(4096, 1), (-1, 1), (0, 4097), (1 << 70, 512)])
def test_ranges_outside_the_disk_are_refused(tmp_path: Path, offset: int, length: int) -> None:
    with open_medium(image(tmp_path / "disk.img", 4096)) as disk:
        with pytest.raises(MediumIOError, match="outside the image"):
            disk.read(offset, length)
        with pytest.raises(MediumIOError, match="outside the image"):
            disk.write(offset, bytes(length))
        with pytest.raises(MediumIOError, match="outside the image"):
            disk.discard(offset, length)


@pytest.mark.parametrize("kind", ["hdd", "dvd", "floppy"])
def test_empty_files_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(MediumFormatError, match=r"is empty \(0 bytes\)"):
        open_medium(image(tmp_path / "x.img", 0), device_type=kind)


# A boot sector alone, a disk of 8 sectors a track, GRUB's rescue disk, 1.44M, the largest.
@pytest.mark.parametrize("size", [512, 160 * 1024, 1_296_384, 1440 * 1024, LARGEST_FLOPPY_SIZE])
def test_floppy_sizes(tmp_path: Path, size: int) -> None:
    with open_medium(image(tmp_path / "a.img", size), device_type="floppy") as floppy:
        assert floppy.size == size
        floppy.write(size - 512, b"end" + bytes(509))
        assert floppy.read(size - 512, 3) == b"end"
        assert floppy.info().device_type == "Floppy"


@pytest.mark.parametrize("size", [LARGEST_FLOPPY_SIZE + 512, 4 << 20])
def test_files_longer_than_any_floppy_are_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(MediumFormatError, match=rf"{size} bytes.*the largest has 2949120 bytes"):
        open_medium(image(tmp_path / "a.img", size), device_type="floppy")


@pytest.mark.parametrize("size", [1, 511, 1474559, 1474561])
def test_floppies_end_with_a_whole_sector(tmp_path: Path, size: int) -> None:
    with pytest.raises(MediumFormatError, match=rf"{size} bytes.*no whole number of sectors"):
        open_medium(image(tmp_path / "a.img", size), device_type="floppy")


def test_optical_disc_is_read_only_and_shared(tmp_path: Path) -> None:
    path = image(tmp_path / "a.iso", 40 * 2048 + 512)
    with open_medium(path, device_type="dvd") as disc, open_medium(path, device_type="dvd"):
        assert disc.sector_size == 2048
        assert disc.size == 41 * 2048
        assert disc.read(40 * 2048, 2048) == b"\xa5" * 512 + bytes(1536)
        assert disc.read_only
        with pytest.raises(MediumReadOnly, match=r"a\.iso"):
            disc.write(0, bytes(2048))
        with pytest.raises(MediumReadOnly, match=r"a\.iso"):
            disc.discard(0, 2048)


def test_short_optical_disc_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediumFormatError, match="too short for an optical disc: it has 34815"):
        open_medium(image(tmp_path / "a.iso", 34815), device_type="dvd")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"KDMV", "VMDK"),
        (b"# Disk DescriptorFile\n", "VMDK"),
        (b"conectix", "VHD"),
        (b"vhdxfile", "VHDX"),
        (b"QFI\xfb", "QCOW"),
        (b"QED\0", "QED"),
        (b"WithoutFreeSpace", "Parallels"),
    ],
)
def test_other_formats_do_not_pass_for_raw(tmp_path: Path, start: bytes, name: str) -> None:
    path = image(tmp_path / "disk.img", 1 << 16, start)
    before = path.read_bytes()
    with pytest.raises(MediumFormatError, match=f"{name}|VHD"):
        open_medium(path)
    with pytest.raises(MediumFormatError, match=f"is a {name} image"):
        open_medium(path, device_type="dvd")
    assert path.read_bytes() == before


def test_mark_at_the_end_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "disk.img"
    path.write_bytes(bytes(8192) + b"conectix".ljust(512, b"\0"))
    with pytest.raises(MediumFormatError, match="The VHD image.*is damaged"):
        open_medium(path)


def test_raw_by_name_whatever_the_guest_has_written(tmp_path: Path) -> None:
    path = image(tmp_path / "disk.img", 1 << 16, b"QFI\xfb")
    with open_medium(path, format_name="raw") as disk:
        assert disk.read(0, 4) == b"QFI\xfb"
    with pytest.raises(MediumParameterError, match="no image format 'ZIP' for a hard disk"):
        open_medium(path, format_name="ZIP")


def test_write_protected_file_is_refused_for_writing(tmp_path: Path) -> None:
    path = image(tmp_path / "disk.img", 4096)
    with open_medium(path, read_only=True) as disk:
        with pytest.raises(MediumReadOnly, match="open for reading only"):
            disk.write(0, b"x")
        assert disk.read(0, 1) == b"\xa5"


def test_raw_image_has_no_parent(tmp_path: Path) -> None:
    with (
        open_medium(image(tmp_path / "a.img", 512), read_only=True) as parent,
        pytest.raises(MediumFormatError, match="cannot be a difference"),
    ):
        open_medium(image(tmp_path / "b.img", 512), parent=parent)
