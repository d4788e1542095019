"""The footer and the header of Virtual Hard Disks: layout and validation.

Reference: Microsoft, "Virtual Hard Disk Image Format Specification" 1.0. All numbers are big
endian. The footer is the last sector of the file; sparse images have a copy of it at the start.
"""

from __future__ import annotations

import struct
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.medium import SECTOR_SIZE

FOOTER_COOKIE: Final = b"conectix"
HEADER_COOKIE: Final = b"cxsparse"
FOOTER_SIZE: Final = 512
HEADER_SIZE: Final = 1024
ENTRY_SIZE: Final = 4
UNUSED: Final = 0xFFFFFFFF
"""Entry of the block table: the block is not stored."""
NEW_BLOCK_SIZE: Final = 2 << 20
LARGEST_DISK: Final = 2040 << 30
MOST_BLOCKS: Final = 1 << 22

NULL_UUID: Final = uuid.UUID(int=0)
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4
"""Types of disks."""

CREATOR: Final = b"win "
"""QEMU takes the size from the geometry, which rounds it, unless it knows the creator."""

_FOOTER: Final = struct.Struct(">8sIIQI4sI4sQQHBBII16sB427x")
_HEADER: Final = struct.Struct(">8sQQIIII16sI4x512s")
_LOCATOR: Final = struct.Struct(">4sIIIQ")
_FOOTER_CHECKSUM: Final = 64
_HEADER_CHECKSUM: Final = 36
_LOCATOR_COUNT: Final = 8
_EPOCH: Final = 946684800
"""2000-01-01, in seconds since 1970."""
LARGEST_LOCATOR: Final = 1 << 16


def checksum(data: bytes | bytearray, at: int) -> int:
    """Ones' complement of the sum of all bytes but the four at ``at``."""
    return ~(sum(data) - sum(data[at : at + 4])) & 0xFFFFFFFF


def geometry(size: int) -> tuple[int, int, int]:
    """Cylinders, heads and sectors of a disk, by the rules of the specification's appendix."""
    total = min(size // SECTOR_SIZE, 65535 * 16 * 255)
    if total >= 65535 * 16 * 63:
        return total // 255 // 16, 16, 255
    sectors = 17
    heads = max(4, -(-(total // sectors) // 1024))
    if total // sectors >= heads * 1024 or heads > 16:
        sectors, heads = 31, 16
    if total // sectors >= heads * 1024:
        sectors, heads = 63, 16
    return total // sectors // heads, heads, sectors


@dataclass(frozen=True)
class VhdFooter:
    """What the footer says.

    Attributes:
        disk_size: bytes.
        disk_type: FIXED, DYNAMIC or DIFFERENCING.
        image_uuid: identity of the image.
        header_offset: of the header of a sparse image.
        timestamp: seconds since 2000 when the image was made.
    """

    disk_size: int
    disk_type: int
    image_uuid: uuid.UUID
    header_offset: int
    timestamp: int

    @classmethod
    def new(cls, disk_size: int, disk_type: int, image_uuid: uuid.UUID | None) -> Self:
        """Describe a new image.

        Raises:
            MediumParameterError: the size does not fit the format.
        """
        if not 0 < disk_size <= LARGEST_DISK or disk_size % SECTOR_SIZE:
            raise MediumParameterError(
                f"A disk in a VHD image cannot have {disk_size} bytes: a multiple of {SECTOR_SIZE} "
                f"from {SECTOR_SIZE} to {LARGEST_DISK} is needed.",
            )
        offset = UNUSED << 32 | UNUSED if disk_type == FIXED else FOOTER_SIZE
        stamp = max(0, int(time.time()) - _EPOCH)
        return cls(disk_size, disk_type, image_uuid or uuid.uuid4(), offset, stamp)

    @classmethod
    def parse(cls, data: bytes, path: Path) -> Self:
        """Read a footer.

        Raises:
            MediumFormatError: with the first fact that makes the image unusable.
        """
        if len(data) < FOOTER_SIZE or not data.startswith(FOOTER_COOKIE):
            raise MediumFormatError(f"'{path}' is not a VHD image: it has no footer.")
        fields = _FOOTER.unpack_from(data)
        if fields[14] != checksum(data[:FOOTER_SIZE], _FOOTER_CHECKSUM):
            raise MediumFormatError(
                f"The VHD image '{path}' is damaged: the checksum of its footer is "
                f"{fields[14]:#010x}, and {checksum(data[:FOOTER_SIZE], _FOOTER_CHECKSUM):#010x} "
                f"would be right.",
            )
        if fields[2] >> 16 != 1:
            raise MediumFormatError(
                f"The VHD image '{path}' has format version {fields[2] >> 16}; only version 1 can "
                f"be opened.",
            )
        footer = cls(
            disk_size=fields[9],
            disk_type=fields[13],
            image_uuid=uuid.UUID(bytes_le=fields[15]),
            header_offset=fields[3],
            timestamp=fields[4],
        )
        if footer.disk_type not in {FIXED, DYNAMIC, DIFFERENCING}:
            raise MediumFormatError(
                f"The VHD image '{path}' is of type {footer.disk_type}, which does not exist.",
            )
        if not 0 < footer.disk_size < 1 << 50:
            raise MediumFormatError(
                f"The VHD image '{path}' is damaged: its disk has {footer.disk_size} bytes.",
            )
        return footer

    def pack(self) -> bytes:
        """Encode."""
        packed = bytearray(
            _FOOTER.pack(
                FOOTER_COOKIE,
                2,
                0x10000,
                self.header_offset,
                self.timestamp,
                CREATOR,
                0x00060001,
                b"Wi2k",
                self.disk_size,
                self.disk_size,
                *geometry(self.disk_size),
                self.disk_type,
                0,
                self.image_uuid.bytes_le,
                0,
            )
        )
        value = checksum(packed, _FOOTER_CHECKSUM)
        packed[_FOOTER_CHECKSUM : _FOOTER_CHECKSUM + 4] = value.to_bytes(4, "big")
        return bytes(packed)

    def change(
        self,
        *,
        disk_size: int | None = None,
        disk_type: int | None = None,
        image_uuid: uuid.UUID | None = None,
    ) -> Self:
        """Return a footer with other values."""
        return replace(
            self,
            disk_size=self.disk_size if disk_size is None else disk_size,
            disk_type=self.disk_type if disk_type is None else disk_type,
            image_uuid=self.image_uuid if image_uuid is None else image_uuid,
        )


@dataclass(frozen=True)
class Locator:
    """Where a name of the parent is stored.

    Attributes:
        platform: W2ku, W2ru, MacX...
        offset: of the name in the file.
        length: of the name in bytes.
    """

    platform: bytes
    offset: int
    length: int


@dataclass(frozen=True)
class VhdHeader:
    """What the header of a sparse image says.

    Attributes:
        table_offset: of the block table.
        blocks: entries of the block table.
        block_size: bytes of a block's data.
        parent_uuid: identity of the parent.
        parent_timestamp: of the parent.
        parent_name: name of the parent's file.
        locators: of further names.
    """

    table_offset: int
    blocks: int
    block_size: int = NEW_BLOCK_SIZE
    parent_uuid: uuid.UUID = NULL_UUID
    parent_timestamp: int = 0
    parent_name: str = ""
    locators: tuple[Locator, ...] = ()

    @property
    def bitmap_size(self) -> int:
        """Bytes of the bitmap in front of the data of each block: one bit for each sector."""
        return -(-(self.block_size // SECTOR_SIZE // 8) // SECTOR_SIZE) * SECTOR_SIZE

    @property
    def block_stride(self) -> int:
        """Bytes of a block with its bitmap."""
        return self.bitmap_size + self.block_size

    @property
    def table_end(self) -> int:
        """Offset behind the block table."""
        return self.table_offset + self.blocks * ENTRY_SIZE

    @classmethod
    def parse(cls, data: bytes, disk_size: int, path: Path) -> Self:
        """Read a header.

        Raises:
            MediumFormatError: with the first fact that makes the image unusable.
        """
        problem = None
        if len(data) < HEADER_SIZE or not data.startswith(HEADER_COOKIE):
            problem = "it has no header"
        elif int.from_bytes(data[_HEADER_CHECKSUM : _HEADER_CHECKSUM + 4], "big") != checksum(
            data[:HEADER_SIZE], _HEADER_CHECKSUM
        ):
            problem = "the checksum of its header is wrong"
        if problem is not None:
            raise MediumFormatError(f"The VHD image '{path}' is damaged: {problem}.")
        fields = _HEADER.unpack_from(data)
        locators = []
        for number in range(_LOCATOR_COUNT):
            platform, _space, length, _, offset = _LOCATOR.unpack_from(
                data, _HEADER.size + number * _LOCATOR.size
            )
            if platform.strip(b"\0") and 0 < length <= LARGEST_LOCATOR:
                locators.append(Locator(platform, offset, length))
        header = cls(
            table_offset=fields[2],
            blocks=fields[4],
            block_size=fields[5],
            parent_uuid=uuid.UUID(bytes_le=fields[7]),
            parent_timestamp=fields[8],
            parent_name=fields[9].decode("utf-16-be", "replace").split("\0", 1)[0],
            locators=tuple(locators),
        )
        problem = header._problem(disk_size)
        if problem is not None:
            raise MediumFormatError(f"The VHD image '{path}' is damaged: {problem}.")
        return header

    def _problem(self, disk_size: int) -> str | None:
        size = self.block_size
        if not 4096 <= size <= 256 << 20 or size & (size - 1):
            return f"its blocks have {size} bytes"
        if not -(-disk_size // size) <= self.blocks <= MOST_BLOCKS:
            return f"its table has {self.blocks} blocks for a disk of {disk_size} bytes"
        if self.table_offset % SECTOR_SIZE or self.table_offset < FOOTER_SIZE + HEADER_SIZE:
            return f"its block table begins at offset {self.table_offset}"
        return None

    def pack(self) -> bytes:
        """Encode."""
        name = self.parent_name.encode("utf-16-be")[:510]
        packed = bytearray(
            _HEADER.pack(
                HEADER_COOKIE,
                UNUSED << 32 | UNUSED,
                self.table_offset,
                0x10000,
                self.blocks,
                self.block_size,
                0,
                self.parent_uuid.bytes_le,
                self.parent_timestamp,
                name,
            )
        )
        for locator in self.locators:
            space = -(-locator.length // SECTOR_SIZE) * SECTOR_SIZE
            packed += _LOCATOR.pack(locator.platform, space, locator.length, 0, locator.offset)
        packed = packed.ljust(HEADER_SIZE, b"\0")
        value = checksum(packed, _HEADER_CHECKSUM)
        packed[_HEADER_CHECKSUM : _HEADER_CHECKSUM + 4] = value.to_bytes(4, "big")
        return bytes(packed)


def is_vhd(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a VHD image, at its start or at its end."""
    return head.startswith(FOOTER_COOKIE) or tail.startswith(FOOTER_COOKIE)
