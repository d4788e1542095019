"""Formatted floppy images: the parameters add up, and other programs read them."""

import shutil
import struct
import subprocess

import pytest

from engine.storage import tool
from engine.storage.errors import MediumExists, MediumParameterError
from engine.storage.fat12 import FLOPPY_FORMATS, create_formatted_floppy, fat12_system_area
from engine.storage.medium import DeviceType


@pytest.mark.parametrize("size", FLOPPY_FORMATS)
def test_every_cluster_has_an_entry_in_the_fat(size):
    area = fat12_system_area(size)
    (per_cluster,) = struct.unpack_from("<B", area, 13)
    (sectors,) = struct.unpack_from("<H", area, 19)
    (per_fat,) = struct.unpack_from("<H", area, 22)
    assert sectors * 512 == size
    assert area[510:512] == b"\x55\xaa"
    assert len(area) % 512 == 0
    clusters = (sectors - len(area) // 512) // per_cluster
    assert clusters < 4085, "more would make it FAT16"
    assert per_fat * 512 * 2 // 3 >= clusters + 2
    first, second = 512, 512 + per_fat * 512
    assert area[first : first + 3] == area[second : second + 3] == area[21:22] + b"\xff\xff"


def test_the_image_is_a_floppy_of_the_size(tmp_path):
    path = tmp_path / "a.img"
    made = create_formatted_floppy(path, 1474560, "Fixed")
    assert made.device_type == DeviceType.FLOPPY.settings_name
    assert path.stat().st_size == 1474560
    assert path.read_bytes()[:512] != bytes(512)
    with pytest.raises(MediumExists):
        create_formatted_floppy(path, 1474560, "Fixed")


def test_a_size_that_no_drive_has_is_refused(tmp_path):
    with pytest.raises(MediumParameterError, match="1440 KB"):
        create_formatted_floppy(tmp_path / "a.img", 1000000, "Standard")
    assert not list(tmp_path.iterdir())


def test_only_raw_floppy_images_are_formatted(tmp_path, capsys):
    path = tmp_path / "a"
    arguments = [f"--filename={path}", "--size-bytes=1474560", "--formatted"]
    assert tool.main(["create", *arguments, "--type=hdd", "--format=RAW"]) == 1
    assert tool.main(["create", *arguments, "--type=floppy", "--format=VDI"]) == 1
    assert capsys.readouterr().out.count("Only raw images of floppy disks") == 2
    assert not path.exists()
    assert tool.main(["create", *arguments, "--type=floppy", "--format=RAW"]) == 0
    assert path.read_bytes()[54:59] == b"FAT12"


@pytest.mark.skipif(shutil.which("fsck.fat") is None, reason="fsck.fat is not installed")
@pytest.mark.parametrize("size", FLOPPY_FORMATS)
def test_fsck_finds_nothing(tmp_path, size):
    path = tmp_path / "a.img"
    create_formatted_floppy(path, size, "Standard")
    checked = subprocess.run(
        ["fsck.fat", "-n", "-v", str(path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
