"""Optical images: label, files, and the guest system on them."""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api import ApiError, Client, ErrorCode
from app.service.isoimage import SECTOR, IsoImage, NotAnIsoImageError

INFO = 'Ubuntu 22.04.3 LTS "Jammy Jellyfish" - Release amd64 (20230810)\n'


def record(name: bytes, sector: int, size: int, *, folder: bool, area: bytes = b"") -> bytes:
    padding = b"\0" * (1 - len(name) % 2)
    body = name + padding + area
    body += b"\0" * (len(body) % 2)
    head = struct.pack(
        "<BBI4xI4x7sBBBHH", 33 + len(body), 0, sector, size, bytes(7), 2 * folder, 0, 0, 0, 0
    )
    return head + bytes([len(name)]) + body


def image(label: str = "TEST", *, rock_ridge: bool = True, text: str = INFO) -> bytes:
    """An image with the file /.disk/info."""
    def alternate(name: bytes) -> bytes:
        return b"NM" + bytes([5 + len(name), 1, 0]) + name if rock_ridge else b""

    content = text.encode()
    root = record(b"_DISK" if rock_ridge else b".disk", 19, SECTOR, folder=True,
                  area=alternate(b".disk"))  # fmt: skip
    folder = record(b"INFO.;1", 20, len(content), folder=False, area=alternate(b"info"))
    primary = bytearray(SECTOR)
    primary[:7] = b"\x01CD001\x01"
    primary[40:72] = label.encode().ljust(32)
    primary[156:190] = record(b"\0", 18, SECTOR, folder=True)[:34]
    end = b"\xffCD001\x01".ljust(SECTOR, b"\0")
    sectors = [bytes(primary), end, root, folder, content]
    return bytes(16 * SECTOR) + b"".join(each.ljust(SECTOR, b"\0") for each in sectors)


@pytest.mark.parametrize("rock_ridge", [True, False])
def test_label_and_files_are_read(rock_ridge: bool) -> None:
    iso = IsoImage(io.BytesIO(image("Ubuntu 22", rock_ridge=rock_ridge)))
    assert iso.label == "Ubuntu 22"
    assert iso.read_text("/.disk/info") == INFO
    assert iso.read_text("/.DISK/INFO") == INFO
    assert iso.read_text("/.disk") is None
    assert iso.read_text("/.disk/none") is None
    assert iso.read_text("/.disk/info/more") is None


def test_other_files_are_refused() -> None:
    for content in (b"", b"x" * 100_000, bytes(17 * SECTOR)):
        with pytest.raises(NotAnIsoImageError):
            IsoImage(io.BytesIO(content))


def test_a_folder_without_end_is_given_up() -> None:
    broken = bytearray(image())
    struct.pack_into("<I", broken, 16 * SECTOR + 156 + 10, 0xFFFFFFFF)
    assert IsoImage(io.BytesIO(bytes(broken))).read_text("/absent") is None


@given(st.binary(min_size=1, max_size=64), st.integers(0, 5 * SECTOR - 64))
def test_hostile_images_do_no_harm(damage: bytes, place: int) -> None:
    broken = bytearray(image())
    start = 16 * SECTOR + place
    broken[start : start + len(damage)] = damage
    try:
        iso = IsoImage(io.BytesIO(bytes(broken)))
    except NotAnIsoImageError:
        return
    text = iso.read_text("/.disk/info")
    assert text is None or len(text) <= 64 << 10


@pytest.mark.skipif(shutil.which("xorriso") is None, reason="xorriso is not installed")
@pytest.mark.parametrize("options", [["-r"], ["-J"], ["-r", "-J"]])
def test_an_image_of_another_program(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "tree" / ".disk").mkdir(parents=True)
    (tmp_path / "tree" / ".disk" / "info").write_text(INFO)
    file = tmp_path / "made.iso"
    command = ["xorriso", "-as", "mkisofs", "-quiet", *options, "-V", "MADE", "-o", file]
    subprocess.run([*command, tmp_path / "tree"], check=True, capture_output=True)
    with file.open("rb") as opened:
        iso = IsoImage(opened)
        assert (iso.label, iso.read_text("/.disk/info")) == ("MADE", INFO)


def test_the_service_tells_the_system(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "download.iso"
    file.write_bytes(image("Ubuntu-Server 22.04.3 LTS amd64"))
    detected = client.virtualbox.detect_os(str(file))
    assert detected.os_type_id == "Ubuntu22_LTS_64"
    assert detected.label == "Ubuntu-Server 22.04.3 LTS amd64"
    assert detected.product == INFO.strip()


def test_what_is_no_iso_is_known_by_its_name(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "debian-12.img"
    file.write_bytes(b"no file system")
    detected = client.virtualbox.detect_os(str(file))
    assert (detected.os_type_id, detected.label) == ("Debian12_64", "")


def test_what_cannot_be_read_is_told(client: Client, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, word in (("absent.iso", "absent.iso"), ("pipe", "pipe"), ("", str(tmp_path))):
        with pytest.raises(ApiError, match=word) as caught:
            client.virtualbox.detect_os(str(tmp_path / name))
        assert caught.value.code is ErrorCode.VBOX_E_FILE_ERROR
    with pytest.raises(ApiError, match="not an absolute path"):
        client.virtualbox.detect_os("a.iso")
