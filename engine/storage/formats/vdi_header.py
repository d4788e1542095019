"""The header of a VirtualBox Disk Image, version 1.1: layout and validation.

All numbers are little endian, UUIDs in the mixed-endian order of Microsoft's GUIDs. Behind the
header come the block map, one 32-bit entry for each block of the disk, and the data area.
"""

from __future__ import annotations

import enum
import struct
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.medium import SECTOR_SIZE

INFO_TEXT: Final = b"<<< Oracle VirtualBox Disk Image >>>\n"
INFO_TEXT_MARK: Final = b"Disk Image >>>"
"""Common to the texts of all makers of the format (innotek, Sun, Oracle, QEMU)."""

SIGNATURE: Final = 0xBEDA107F
VERSION_1_1: Final = 0x0001_0001
HEADER_SIZE: Final = 0x190
SMALLEST_HEADER_SIZE: Final = 0x180
"""Early 1.1 headers end before the logical geometry."""

BLOCK_FREE: Final = 0xFFFF_FFFF
"""Map entry: nothing stored, read the parent, or zeros where there is none."""
BLOCK_ZERO: Final = 0xFFFF_FFFE
"""Map entry: nothing stored, reads as zeros whatever the parent holds."""
MAP_ENTRY_SIZE: Final = 4

DEFAULT_BLOCK_SIZE: Final = 0x10_0000
LARGEST_BLOCK_SIZE: Final = 64 * 0x10_0000
LARGEST_BLOCK_COUNT: Final = 1 << 24
"""Bound of what the block map may take in memory: 64 MiB, for a disk of 16 TiB."""
LARGEST_EXTRA_SIZE: Final = 0x10_0000

NEW_MAP_OFFSET: Final = 0x10_0000
"""Where new images have their block map."""

NULL_UUID: Final = uuid.UUID(int=0)

_PREFIX: Final = struct.Struct("<64sIII")
_BODY: Final = struct.Struct("<II256sII4IIQIIII16s16s16s16s")
_LCHS: Final = struct.Struct("<4I")
_HEADER_START: Final = 72
"""``header size`` counts from here, where its own field is."""
_SIZES: Final = struct.Struct("<QIIII")
_TYPE_OFFSET: Final = 76
_DISK_SIZE_OFFSET: Final = 368
_COUNT_OFFSET: Final = 388
_IMAGE_UUID_OFFSET: Final = 392
_MODIFICATION_UUID_OFFSET: Final = 408
_PARENT_UUID_OFFSET: Final = 424
_END: Final = _HEADER_START + HEADER_SIZE
_SMALLEST_END: Final = _HEADER_START + SMALLEST_HEADER_SIZE


class ImageType(enum.IntEnum):
    """How the blocks of an image come to be."""

    DYNAMIC = 1
    FIXED = 2
    UNDO = 3
    DIFFERENCING = 4


@dataclass(frozen=True)
class VdiHeader:
    """The fields of the header that carry meaning; sizes and offsets in bytes.

    Attributes:
        image_type: dynamic, fixed or differencing.
        map_offset: of the block map in the file.
        data_offset: of the first block in the file.
        disk_size: what the guest sees.
        block_size: a power of two.
        block_extra: bytes in front of the data of each block.
        block_count: entries of the block map.
        allocated_count: blocks that are stored, as far as the header knows.
        image_uuid: identity of the image.
        modification_uuid: changes with the first write after each opening.
        parent_uuid: identity of the parent of a differencing image, else null.
        parent_modification_uuid: state of the parent when this image was made.
        header_size: as stored; older images lack the logical geometry.
    """

    image_type: ImageType
    map_offset: int
    data_offset: int
    disk_size: int
    block_size: int
    block_extra: int
    block_count: int
    allocated_count: int
    image_uuid: uuid.UUID
    modification_uuid: uuid.UUID
    parent_uuid: uuid.UUID = NULL_UUID
    parent_modification_uuid: uuid.UUID = NULL_UUID
    header_size: int = HEADER_SIZE

    @property
    def block_stride(self) -> int:
        """Distance of two neighbouring blocks in the file."""
        return self.block_extra + self.block_size

    @property
    def map_end(self) -> int:
        """Offset behind the block map in the file."""
        return self.map_offset + MAP_ENTRY_SIZE * self.block_count

    @classmethod
    def for_new_image(cls, disk_size: int, image_type: ImageType) -> Self:
        """Lay out a new image: block map at 1 MiB, data at the next MiB behind it.

        Args:
            disk_size: bytes, a multiple of 512 from 512 on.
            image_type: dynamic or fixed.

        Raises:
            MediumParameterError: the size does not fit the format.
        """
        _check_disk_size(disk_size, DEFAULT_BLOCK_SIZE)
        blocks = -(-disk_size // DEFAULT_BLOCK_SIZE)
        return cls(
            image_type=image_type,
            map_offset=NEW_MAP_OFFSET,
            data_offset=_new_data_offset(blocks),
            disk_size=disk_size,
            block_size=DEFAULT_BLOCK_SIZE,
            block_extra=0,
            block_count=blocks,
            allocated_count=blocks if image_type is ImageType.FIXED else 0,
            image_uuid=uuid.uuid4(),
            modification_uuid=uuid.uuid4(),
        )

    @classmethod
    def for_difference(
        cls,
        disk_size: int,
        parent_uuid: uuid.UUID,
        parent_modification_uuid: uuid.UUID,
        image_uuid: uuid.UUID | None,
    ) -> Self:
        """Lay out a new differencing image.

        Raises:
            MediumParameterError: the size does not fit the format.
        """
        header = cls.for_new_image(disk_size, ImageType.DIFFERENCING)
        return replace(
            header,
            image_uuid=image_uuid or header.image_uuid,
            parent_uuid=parent_uuid,
            parent_modification_uuid=parent_modification_uuid,
        )

    def laid_out_anew(self, disk_size: int) -> Self:
        """Return the header of the same image in a file of its own, with no block stored.

        Raises:
            MediumParameterError: the size does not fit the format.
        """
        _check_disk_size(disk_size, self.block_size)
        blocks = -(-disk_size // self.block_size)
        return replace(
            self,
            map_offset=NEW_MAP_OFFSET,
            data_offset=_new_data_offset(blocks),
            disk_size=disk_size,
            block_extra=0,
            block_count=blocks,
            allocated_count=blocks if self.image_type is ImageType.FIXED else 0,
            header_size=HEADER_SIZE,
        )

    @classmethod
    def parse(cls, data: bytes, file_size: int, path: Path) -> Self:
        """Read a header and refuse one that cannot be true.

        Args:
            data: the start of the file, at least ``HEADER_BYTES`` where the file has them.
            file_size: length of the whole file.
            path: for the sentences.

        Raises:
            MediumFormatError: with the first fact that makes the image unusable.
        """
        if len(data) < _SMALLEST_END:
            raise MediumFormatError(
                f"The VDI image '{path}' is too short: it has {len(data)} bytes, and the header "
                f"alone has {_SMALLEST_END}.",
            )
        _text, signature, version, header_size = _PREFIX.unpack_from(data)
        if signature != SIGNATURE:
            raise MediumFormatError(
                f"'{path}' is not a VDI image: its signature is {signature:#010x} and not "
                f"{SIGNATURE:#010x}.",
            )
        if version != VERSION_1_1:
            raise MediumFormatError(
                f"The VDI image '{path}' has format version {version >> 16}.{version & 0xFFFF}; "
                f"only version 1.1 can be opened.",
            )
        body = _BODY.unpack_from(data, _PREFIX.size)
        if body[0] not in ImageType.__members__.values():
            raise MediumFormatError(
                f"The VDI image '{path}' is of type {body[0]}, which does not exist.",
            )
        header = cls(
            image_type=ImageType(body[0]),
            map_offset=body[3],
            data_offset=body[4],
            disk_size=body[10],
            block_size=body[11],
            block_extra=body[12],
            block_count=body[13],
            allocated_count=body[14],
            image_uuid=uuid.UUID(bytes_le=body[15]),
            modification_uuid=uuid.UUID(bytes_le=body[16]),
            parent_uuid=uuid.UUID(bytes_le=body[17]),
            parent_modification_uuid=uuid.UUID(bytes_le=body[18]),
            header_size=header_size,
        )
        problem = header._problem(file_size)
        if problem:
            raise MediumFormatError(f"The VDI image '{path}' is damaged: {problem}.")
        return header

    def _problem(self, file_size: int) -> str | None:
        return self._size_problem() or self._layout_problem(file_size) or self._identity_problem()

    def _size_problem(self) -> str | None:
        if self.header_size < SMALLEST_HEADER_SIZE:
            return (
                f"the size of its header is {self.header_size} bytes, less than the "
                f"{SMALLEST_HEADER_SIZE} of the smallest"
            )
        size = self.block_size
        if not SECTOR_SIZE <= size <= LARGEST_BLOCK_SIZE or size & (size - 1):
            return (
                f"its block size is {size} bytes, which is not a power of two from {SECTOR_SIZE} "
                f"to {LARGEST_BLOCK_SIZE}"
            )
        if self.block_extra > LARGEST_EXTRA_SIZE or self.block_extra % SECTOR_SIZE:
            return f"it claims {self.block_extra} extra bytes in front of each block"
        if not 0 < self.block_count <= LARGEST_BLOCK_COUNT:
            return (
                f"it claims {self.block_count} blocks, and 1 to {LARGEST_BLOCK_COUNT} are possible"
            )
        if not 0 < self.disk_size <= self.block_count * size:
            return (
                f"the size of its disk is {self.disk_size} bytes, which {self.block_count} blocks "
                f"of {size} bytes cannot hold"
            )
        return None

    def _layout_problem(self, file_size: int) -> str | None:
        if self.map_offset % SECTOR_SIZE or self.map_offset < _HEADER_START + self.header_size:
            return (
                f"its block map begins at offset {self.map_offset}, inside the header or not at "
                f"a sector"
            )
        if self.map_end > file_size:
            return (
                f"its block map ends at offset {self.map_end}, past the end of the file at "
                f"{file_size}"
            )
        if self.data_offset % SECTOR_SIZE or self.data_offset < self.map_end:
            return (
                f"its data begin at offset {self.data_offset}, inside the block map or not at a "
                f"sector"
            )
        return None

    def _identity_problem(self) -> str | None:
        if not self.image_uuid.int:
            return "its image UUID is null"
        if not self.modification_uuid.int:
            return "its modification UUID is null"
        return None

    def pack(self) -> bytes:
        """Encode a header for a new image, to stand at the start of the file."""
        return (
            _PREFIX.pack(INFO_TEXT, SIGNATURE, VERSION_1_1, self.header_size)
            + _BODY.pack(
                self.image_type,
                0,
                b"",
                self.map_offset,
                self.data_offset,
                *(0, 0, 0, SECTOR_SIZE),
                0,
                self.disk_size,
                self.block_size,
                self.block_extra,
                self.block_count,
                self.allocated_count,
                self.image_uuid.bytes_le,
                self.modification_uuid.bytes_le,
                self.parent_uuid.bytes_le,
                self.parent_modification_uuid.bytes_le,
            )
            + _LCHS.pack(0, 0, 0, SECTOR_SIZE)
        )[: _HEADER_START + self.header_size]

    def with_modification(self, modification_uuid: uuid.UUID) -> tuple[Self, int, bytes]:
        """Return the changed header, and the bytes to store at an offset in the file."""
        changed = replace(self, modification_uuid=modification_uuid)
        return changed, _MODIFICATION_UUID_OFFSET, modification_uuid.bytes_le

    def with_allocated_count(self, count: int) -> tuple[Self, int, bytes]:
        """Return the changed header, and the bytes to store at an offset in the file."""
        changed = replace(self, allocated_count=count)
        return changed, _COUNT_OFFSET, count.to_bytes(MAP_ENTRY_SIZE, "little")

    def with_size(self, disk_size: int, allocated_count: int) -> tuple[Self, int, bytes]:
        """Return the changed header, and the bytes to store at an offset in the file.

        They lie in one sector, so that a crash of the host cannot store a part of them.

        Raises:
            MediumParameterError: the size does not fit the format.
        """
        _check_disk_size(disk_size, self.block_size)
        blocks = -(-disk_size // self.block_size)
        changed = replace(
            self, disk_size=disk_size, block_count=blocks, allocated_count=allocated_count
        )
        stored = _SIZES.pack(
            disk_size, self.block_size, self.block_extra, blocks, allocated_count
        )
        return changed, _DISK_SIZE_OFFSET, stored

    def with_ids(self, image_uuid: uuid.UUID, parent_uuid: uuid.UUID) -> tuple[Self, int, bytes]:
        """Return the changed header, and the bytes to store at an offset in the file."""
        changed = replace(self, image_uuid=image_uuid, parent_uuid=parent_uuid)
        stored = (image_uuid, self.modification_uuid, parent_uuid)
        return changed, _IMAGE_UUID_OFFSET, b"".join(each.bytes_le for each in stored)

    def with_parent(
        self, parent_uuid: uuid.UUID, parent_modification_uuid: uuid.UUID
    ) -> tuple[Self, list[tuple[int, bytes]]]:
        """Return the changed header, and what to store at which offsets of its first sector."""
        image_type = ImageType.DIFFERENCING if parent_uuid.int else ImageType.DYNAMIC
        changed = replace(
            self,
            image_type=image_type,
            parent_uuid=parent_uuid,
            parent_modification_uuid=parent_modification_uuid,
        )
        return changed, [
            (_TYPE_OFFSET, image_type.to_bytes(MAP_ENTRY_SIZE, "little")),
            (_PARENT_UUID_OFFSET, parent_uuid.bytes_le + parent_modification_uuid.bytes_le),
        ]


def _check_disk_size(disk_size: int, block_size: int) -> None:
    largest = LARGEST_BLOCK_COUNT * block_size
    if not 0 < disk_size <= largest or disk_size % SECTOR_SIZE:
        raise MediumParameterError(
            f"A disk cannot have {disk_size} bytes: a multiple of {SECTOR_SIZE} from "
            f"{SECTOR_SIZE} to {largest} is needed.",
        )


def _new_data_offset(block_count: int) -> int:
    map_size = MAP_ENTRY_SIZE * block_count
    return NEW_MAP_OFFSET + -(-map_size // DEFAULT_BLOCK_SIZE) * DEFAULT_BLOCK_SIZE


HEADER_BYTES: Final = _END
"""Bytes from the start of a file in which its whole header lies."""


def is_vdi(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a VDI image, by its signature or else by its text."""
    del tail
    signature = head[64:68] == SIGNATURE.to_bytes(4, "little")
    return signature or (head.startswith(b"<<<") and INFO_TEXT_MARK in head[:64])
