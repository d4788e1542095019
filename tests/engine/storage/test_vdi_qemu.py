"""QEMU's opinion of our images, and ours of QEMU's."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.storage.medium import open_medium

from .images import MIB, new_vdi

pytestmark = pytest.mark.skipif(
    shutil.which("qemu-img") is None, reason="qemu-img (Debian: qemu-utils) is not installed"
)


def qemu_img(*arguments: object) -> str:
    done = subprocess.run(
        ["qemu-img", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def check(path: Path) -> None:
    report = json.loads(qemu_img("check", "--output=json", "-f", "vdi", path))
    assert report.get("corruptions", 0) == 0
    assert report["check-errors"] == 0


def scribble(path: Path, size: int, seed: int) -> bytearray:
    """Write at random through several openings; returns what the image must hold."""
    choose = random.Random(seed)
    expected = bytearray(size)
    for _opening in range(3):
        with open_medium(path) as disk:
            assert disk.read(0, size) == expected
            for _ in range(12):
                offset = choose.randrange(size // 512) * 512
                length = min(size - offset, choose.choice([512, 4096, 70_000, MIB + 512]))
                data = choose.randbytes(length)
                disk.write(offset, data)
                expected[offset : offset + length] = data
            disk.flush()
    return expected


@pytest.mark.parametrize("variant", ["Standard", "Fixed"])
@pytest.mark.parametrize("size", [512, 7 * MIB + 512, 32 * MIB])
def test_qemu_reads_what_we_write(tmp_path: Path, variant: str, size: int) -> None:
    path = tmp_path / "ours.vdi"
    new_vdi(path, size, variant).close()
    check(path)
    expected = scribble(path, size, seed=size)
    info = json.loads(qemu_img("info", "--output=json", path))
    assert (info["format"], info["virtual-size"]) == ("vdi", size)
    check(path)
    flat = tmp_path / "flat.img"
    flat.write_bytes(expected)
    qemu_img("compare", "-f", "vdi", "-F", "raw", path, flat)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize("size", [512, 7 * MIB + 512, 32 * MIB])
def test_we_read_and_write_what_qemu_made(tmp_path: Path, fixed: bool, size: int) -> None:
    flat = tmp_path / "flat.img"
    choose = random.Random(3)
    pieces = [choose.randbytes(MIB) if piece % 3 else bytes(MIB) for piece in range(size // MIB)]
    content = b"".join(pieces) + choose.randbytes(size % MIB)
    flat.write_bytes(content)
    path = tmp_path / "theirs.vdi"
    option = f"static={'on' if fixed else 'off'}"
    qemu_img("convert", "-f", "raw", "-O", "vdi", "-o", option, flat, path)
    with open_medium(path) as disk:
        assert disk.variant == ("Fixed" if fixed else "Standard")
        assert disk.size == size
        assert disk.read(0, size) == content
        assert disk.check() == []
        disk.write(size - 512, b"\x77" * 512)
        disk.write(0, b"\x88" * 512)
    check(path)
    flat.write_bytes((b"\x88" * 512 + content[512:])[: size - 512] + b"\x77" * 512)
    with open_medium(path) as disk:
        disk.write(0, flat.read_bytes()[:512])
    qemu_img("compare", "-f", "vdi", "-F", "raw", path, flat)


def test_qemu_writes_on_into_our_image(tmp_path: Path) -> None:
    if shutil.which("qemu-io") is None:
        pytest.skip("qemu-io (Debian: qemu-utils) is not installed")
    path = tmp_path / "ours.vdi"
    with new_vdi(path, 16 * MIB) as disk:
        disk.write(3 * MIB, b"\x33" * 512)
    subprocess.run(
        ["qemu-io", "-f", "vdi", "-c", "write -P 0x44 9M 1M", "-c", "write -P 0x55 3M 64k", path],
        check=True, capture_output=True,
    )
    check(path)
    with open_medium(path) as disk:
        assert disk.read(9 * MIB, MIB) == b"\x44" * MIB
        assert disk.read(3 * MIB, 64 * 1024 + 512) == b"\x55" * (64 * 1024) + bytes(512)
        disk.write(12 * MIB, b"\x66" * 512)
    check(path)
    with open_medium(path) as disk:
        assert disk.check() == []


def test_an_image_left_by_a_killed_process_is_sound_for_qemu(tmp_path: Path) -> None:
    path = tmp_path / "ours.vdi"
    disk = new_vdi(path, 64 * MIB)
    for block in (9, 2, 40):
        disk.write(block * MIB + 5120, bytes([block]) * 512)
    disk._file.close()
    check(path)
    flat = tmp_path / "flat.img"
    qemu_img("convert", "-f", "vdi", "-O", "raw", path, flat)
    with flat.open("rb") as converted:
        for block in (9, 2, 40):
            converted.seek(block * MIB + 5120)
            assert converted.read(513) == bytes([block]) * 512 + b"\0"
