"""Images of every format, made by us, by QEMU or by hand, and QEMU's tools."""

from __future__ import annotations

import bz2
import json
import lzma
import plistlib
import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.storage.create import create_medium
from engine.storage.medium import find_format

from .images import MIB

SIZE = 3 * MIB + 512
QEMU_NAMES = {"VMDK": "vmdk", "VHD": "vpc", "QCOW": "qcow2", "VDI": "vdi", "RAW": "raw"}

needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-img") is None, reason="qemu-img (Debian: qemu-utils) is not installed"
)


def qemu_img(*arguments: object, status: set[int] | None = None) -> str:
    """Run qemu-img; what it prints."""
    done = subprocess.run(
        ["qemu-img", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (status or {0}), done.stdout + done.stderr
    return done.stdout


def qemu_check(path: Path, name: str) -> dict[str, Any]:
    """QEMU's opinion of an image; fails when it finds something."""
    answer = json.loads(qemu_img("check", "--output=json", "-f", QEMU_NAMES[name], path))
    assert not answer.get("corruptions"), answer
    assert not answer.get("leaks"), answer
    return answer


def same_for_qemu(path: Path, name: str, content: bytes | bytearray) -> None:
    """Have QEMU compare an image with bytes."""
    flat = path.with_name("flat-to-compare.img")
    flat.write_bytes(content)
    qemu_img("compare", "-f", QEMU_NAMES[name], "-F", "raw", path, flat)
    flat.unlink()


def new_image(name: str, variant: str, size: int = SIZE) -> Callable[[Path], Path]:
    """A maker of our own images."""

    def make(folder: Path) -> Path:
        extension = min(find_format(name, "hdd").extensions)  # type: ignore[arg-type]
        path = folder / f"ours-{variant}{extension}"
        create_medium(path, format_name=name, variant=variant, size=size)
        return path

    make.__name__ = variant
    return make


def made_by_qemu(name: str, options: str = "", size: int = 4 * MIB) -> Callable[[Path], Path]:
    """A maker of QEMU's images; skips the test where there is no QEMU."""

    def make(folder: Path) -> Path:
        if shutil.which("qemu-img") is None:
            pytest.skip("qemu-img (Debian: qemu-utils) is not installed")
        path = folder / f"theirs.{name}"
        source = folder / "source.img"
        content = bytes(MIB) + bytes(range(256)) * (MIB // 256)
        source.write_bytes(content.ljust(size, b"\0"))
        qemu_img("convert", "-f", "raw", "-O", name, *(["-o", options] if options else []), source, path)
        source.unlink()
        return path

    make.__name__ = f"qemu-{options or name}"
    return make


def dmg_chunk(kind: int, sector: int, count: int, offset: int, length: int) -> bytes:
    """An entry of a block table."""
    return struct.pack(">IIQQQQ", kind, 0, sector, count, offset, length)


def dmg_bytes(content: bytes, kinds: tuple[int, ...] = (0x80000005, 0x80000006, 0x80000008, 1, 0)) -> bytes:
    """A DMG image with a chunk of 64 KiB for each kind in turn."""
    pack = {0x80000005: zlib.compress, 0x80000006: bz2.compress, 0x80000008: lzma.compress, 1: bytes, 0: lambda _: b""}
    data = b""
    chunks = b""
    number = 0
    for start in range(0, len(content), 65536):
        piece = content[start : start + 65536]
        kind = kinds[number % len(kinds)]
        stored = pack[kind](piece)
        chunks += dmg_chunk(kind, start // 512, len(piece) // 512, len(data), len(stored))
        data += stored
        number += 1
    chunks += dmg_chunk(0xFFFFFFFF, len(content) // 512, 0, len(data), 0)
    table = b"mish" + struct.pack(">IQQQII", 1, 0, len(content) // 512, 0, 2048, 0)
    table = table.ljust(200, b"\0") + struct.pack(">I", number + 1) + chunks
    plist = plistlib.dumps({"resource-fork": {"blkx": [{"Data": table, "ID": "0"}]}})
    trailer = bytearray(512)
    trailer[:12] = b"koly" + struct.pack(">II", 4, 512)
    struct.pack_into(">QQQ", trailer, 16, 0, 0, len(data))
    struct.pack_into(">QQ", trailer, 216, len(data), len(plist))
    struct.pack_into(">Q", trailer, 492, len(content) // 512)
    return data + plist + bytes(trailer)


def dmg_content() -> bytes:
    """Of the image that ``new_dmg`` makes; every fifth piece is zeros."""
    pieces = [bytes([number + 1]) * 65536 if number % 5 != 4 else bytes(65536) for number in range(11)]
    return b"".join(pieces)


def new_dmg(folder: Path) -> Path:
    """A DMG image with all kinds of chunks."""
    path = folder / "disk.dmg"
    path.write_bytes(dmg_bytes(dmg_content()))
    return path
