"""Floppy disk images with an empty FAT12 file system.

Reference: Microsoft, *FAT: General Overview of On-Disk Format*, version 1.03, "Boot Sector and BPB"
and the table of parameters of DOS 3.3 and later for each size of disk.
"""

from __future__ import annotations

import os
import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.storage.create import creator_of, new_file
from engine.storage.errors import MediumParameterError
from engine.storage.medium import SECTOR_SIZE, DeviceType, MediumInfo, examine_medium

_BOOT_CODE_OFFSET: Final = 0x3E
_LOAD_ADDRESS: Final = 0x7C00
_MESSAGE: Final = b"This disk cannot be booted. Remove it and press a key.\r\n\0"
_EXTENDED_SIGNATURE: Final = 0x29
_ENTRY_SIZE: Final = 32
_HEADS: Final = 2


@dataclass(frozen=True)
class FloppyFormat:
    """Parameters of a size of disk.

    Attributes:
        tracks: on each of the two sides.
        sectors_per_track: of 512 bytes.
        media: media descriptor, also the first byte of the FAT.
        sectors_per_cluster: sectors that are allocated together.
        sectors_per_fat: length of each of the two FATs.
        root_entries: entries of the root directory.
    """

    tracks: int
    sectors_per_track: int
    media: int
    sectors_per_cluster: int
    sectors_per_fat: int
    root_entries: int

    @property
    def sectors(self) -> int:
        """Sectors of the whole disk."""
        return self.tracks * _HEADS * self.sectors_per_track


FLOPPY_FORMATS: Final = {
    described.sectors * SECTOR_SIZE: described
    for described in (
        FloppyFormat(40, 9, 0xFD, 2, 2, 112),
        FloppyFormat(80, 9, 0xF9, 2, 3, 112),
        FloppyFormat(80, 15, 0xF9, 1, 7, 224),
        FloppyFormat(80, 18, 0xF0, 1, 9, 224),
        FloppyFormat(80, 36, 0xF0, 2, 9, 240),
    )
}
"""By size of the image in bytes."""


def create_formatted_floppy(
    path: str | os.PathLike[str],
    size: int,
    variant: str,
    progress: Callable[[int], None] = lambda _percent: None,
) -> MediumInfo:
    """Create a raw floppy image with an empty FAT12 volume; see :func:`create.create_medium`.

    Raises:
        MediumParameterError: no drive has disks of this size.
    """
    system_area = fat12_system_area(size)
    where = Path(os.path.abspath(path))
    create = creator_of("RAW", variant, DeviceType.FLOPPY)
    with new_file(where) as file:
        create(file, size, variant, progress)
        file.write(0, system_area)
    return examine_medium(where, DeviceType.FLOPPY)


def fat12_system_area(size: int) -> bytes:
    """Return boot sector, both FATs and the empty root directory of a disk of SIZE bytes.

    Raises:
        MediumParameterError: no drive has disks of this size.
    """
    described = FLOPPY_FORMATS.get(size)
    if described is None:
        sizes = ", ".join(f"{each >> 10} KB" for each in sorted(FLOPPY_FORMATS))
        raise MediumParameterError(
            f"A floppy disk of {size} bytes cannot be formatted, only one of {sizes}."
        )
    fat = bytes((described.media, 0xFF, 0xFF)).ljust(
        described.sectors_per_fat * SECTOR_SIZE, b"\0"
    )
    return _boot_sector(described) + 2 * fat + bytes(described.root_entries * _ENTRY_SIZE)


def _boot_sector(described: FloppyFormat) -> bytes:
    parameters = struct.pack(
        "<3s8sHBHBHHBHHHII BBBI 11s 8s",
        b"\xeb" + bytes((_BOOT_CODE_OFFSET - 2,)) + b"\x90",  # jmp to the boot code; nop
        b"VITRINE ",
        SECTOR_SIZE,
        described.sectors_per_cluster,
        1,  # reserved sectors: this one
        2,  # FATs
        described.root_entries,
        described.sectors,
        described.media,
        described.sectors_per_fat,
        described.sectors_per_track,
        _HEADS,
        0,  # hidden sectors
        0,  # sectors when they do not fit above
        0,  # BIOS drive
        0,
        _EXTENDED_SIGNATURE,
        secrets.randbits(32),  # volume serial number
        b"NO NAME    ",
        b"FAT12   ",
    )
    sector = parameters + _boot_code()
    return sector.ljust(SECTOR_SIZE - 2, b"\0") + b"\x55\xaa"


def _boot_code() -> bytes:
    """Tell that there is nothing to boot, wait for a key, and let the BIOS try the next drive."""
    head = bytes.fromhex(
        "31c0"  # xor ax, ax
        "8ed8"  # mov ds, ax
        "fc"  # cld
    )
    loop = bytes.fromhex(
        "ac"  # next: lodsb
        "84c0"  # test al, al
        "7409"  # jz key
        "b40e"  # mov ah, 0eh
        "bb0700"  # mov bx, 7
        "cd10"  # int 10h, write character
        "ebf2"  # jmp next
        "31c0"  # key: xor ax, ax
        "cd16"  # int 16h, wait for a key
        "cd19"  # int 19h, boot
    )
    load_message = 3
    message = _LOAD_ADDRESS + _BOOT_CODE_OFFSET + len(head) + load_message + len(loop)
    return head + b"\xbe" + struct.pack("<H", message) + loop + _MESSAGE
