"""Drives of the host that a machine may use in place of images; so far those of Linux hosts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.api.structs import DeviceType, HostDrive

BLOCK_DEVICES: Final = Path("/sys/block")
"""Where the kernel tells about them; there is no such folder on other systems."""

_SECTOR: Final = 512
"""Unit of ``/sys/block/*/size``."""

_NAMES: Final = {
    DeviceType.DVD: re.compile(r"sr\d+"),
    DeviceType.FLOPPY: re.compile(r"fd\d+"),
    DeviceType.HARD_DISK: re.compile(r"(?:sd|hd|vd|xvd)[a-z]+|nvme\d+n\d+|mmcblk\d+"),
}


def host_drives(device_type: DeviceType, folder: Path = BLOCK_DEVICES) -> list[HostDrive]:
    """Drives of a kind, in the order of their names."""
    return list(_drives(_NAMES[device_type], folder))


def _drives(name: re.Pattern[str], folder: Path) -> Iterator[HostDrive]:
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if name.fullmatch(entry.name):
            path = f"/dev/{entry.name}"
            yield HostDrive(
                # The host gives them no UUID; this one is the same at each start.
                id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"file://{path}")),
                path=path,
                model=_text(entry / "device" / "model"),
                size=_number(entry / "size") * _SECTOR,
                sector_size=_number(entry / "queue" / "logical_block_size") or _SECTOR,
            )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int:
    text = _text(file)
    return int(text) if text.isdigit() else 0
