"""Hyper-V's virtual hard disks, second edition (VHDX), for reading: fixed and dynamic.

Reference: Microsoft, [MS-VHDX]. Little endian. Changes of the tables go through a log; an image
that was left behind with something in it is refused, because replaying would have to write.
"""

from __future__ import annotations

import functools
import struct
import uuid
from array import array
from typing import Final

from engine.storage.blockstore import READS_BELOW, READS_ZERO, BlockStore
from engine.storage.errors import MediumFormatError
from engine.storage.hostfile import HostFile
from engine.storage.mapped import ReadOnlyMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format
from engine.storage.tables import unpack_table

SIGNATURE: Final = b"vhdxfile"
HEADER_OFFSETS: Final = (64 << 10, 128 << 10)
HEADER_SIZE: Final = 4096
REGION_OFFSETS: Final = (192 << 10, 256 << 10)
REGION_TABLE_SIZE: Final = 64 << 10
METADATA_TABLE_SIZE: Final = 64 << 10
MOST_TABLE_ENTRIES: Final = 2047
ENTRY_SIZE: Final = 8
MOST_BLOCKS: Final = 1 << 23
LARGEST_DISK: Final = 64 << 40

BLOCK_TABLE: Final = uuid.UUID("2dc27766-f623-4200-9d64-115e9bfd4a08")
METADATA: Final = uuid.UUID("8b7ca206-4790-4b9a-b8fe-575f050f886e")
FILE_PARAMETERS: Final = uuid.UUID("caa16737-fa36-4d43-b3b6-33f0aa44e76b")
DISK_SIZE: Final = uuid.UUID("2fa54224-cd1b-4876-b211-5dbed83bf4b8")
DISK_ID: Final = uuid.UUID("beca12ab-b2e6-4523-93ef-c309e000c746")
LOGICAL_SECTOR: Final = uuid.UUID("8141bf1d-a96f-4709-ba47-f233a8faab5f")
KNOWN_ITEMS: Final = {
    FILE_PARAMETERS, DISK_SIZE, DISK_ID, LOGICAL_SECTOR,
    uuid.UUID("cda348c7-445d-4471-9cc9-e9885251c556"),  # physical sector size
    uuid.UUID("a8d35f2d-b30b-454d-abf7-d3d84834ab0c"),  # parent locator
}  # fmt: skip
IS_REQUIRED: Final = 4
HAS_PARENT: Final = 2
LEAVE_ALLOCATED: Final = 1

NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED, FULLY_PRESENT = 0, 1, 2, 3, 6
"""States of a block."""
_STATE_MASK: Final = 7
_OFFSET_MASK: Final = ~((1 << 20) - 1) & ((1 << 64) - 1)

_HEADER: Final = struct.Struct("<4sIQ16s16s16sHHIQ")
_ENTRY: Final = struct.Struct("<16sQII")
_ITEM: Final = struct.Struct("<16sIII4x")


@functools.cache
def _crc_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return tuple(table)


def crc32c(data: bytes) -> int:
    """Castagnoli's CRC, with the four bytes at offset 4 taken as zeros."""
    table = _crc_table()
    value = 0xFFFFFFFF
    for byte in data[:4] + bytes(4) + data[8:]:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


class VhdxStore(BlockStore):
    """The blocks of a VHDX image."""

    def __init__(self, file: HostFile, size: int, block_size: int, table: array[int]) -> None:
        super().__init__(file, size, block_size)
        self._table = table
        # After each chunk of blocks there is an entry for a bitmap, which only differences use.
        self._chunk = (SECTOR_SIZE << 23) // block_size

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        block, within = divmod(offset, self.block_size)
        count = min(length, self.block_size - within)
        entry = self._table[block + block // self._chunk]
        state, position = entry & _STATE_MASK, entry & _OFFSET_MASK
        if state == NOT_PRESENT:
            return READS_BELOW, count
        if state in {UNDEFINED, ZERO, UNMAPPED}:
            return READS_ZERO, count
        if state != FULLY_PRESENT or not position or position >= self.file.size:
            raise MediumFormatError(
                f"The VHDX image '{self.file.path}' is damaged: block {block} has the state "
                f"{state} and the offset {position} in a file of {self.file.size} bytes.",
            )
        return position + within, count


def is_vhdx(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a VHDX image."""
    del tail
    return head.startswith(SIGNATURE)


@medium_format(
    "VHDX",
    extensions=(".vhdx",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_vhdx,
)
class VhdxMedium(ReadOnlyMedium):
    """An open VHDX image."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self._refuse_parent()
        if not file.read(0, len(SIGNATURE)) == SIGNATURE:
            raise MediumFormatError(f"'{file.path}' is not a VHDX image: it has no signature.")
        self._check_log()
        regions = self._regions()
        items = self._items(*self._region(regions, METADATA, "metadata"))
        block_size, flags = struct.unpack("<II", self._item(items, FILE_PARAMETERS, 8))
        (self.size,) = struct.unpack("<Q", self._item(items, DISK_SIZE, 8))
        (sector,) = struct.unpack("<I", self._item(items, LOGICAL_SECTOR, 4))
        if flags & HAS_PARENT:
            self._refuse("it is a differencing image, and only complete ones can be opened")
        if sector != SECTOR_SIZE:
            self._refuse(f"its sectors have {sector} bytes, and only {SECTOR_SIZE} are possible")
        if not 1 << 20 <= block_size <= 256 << 20 or block_size & (block_size - 1):
            self._refuse(f"its blocks have {block_size} bytes")
        if not 0 < self.size <= LARGEST_DISK or self.size % SECTOR_SIZE:
            self._refuse(f"its disk has {self.size} bytes")
        if flags & LEAVE_ALLOCATED:
            self.variant = "Fixed"
        identity = uuid.UUID(bytes_le=self._item(items, DISK_ID, 16))
        if identity.int:
            self.uuid = identity
            self.stores_uuid = True
        self._store = VhdxStore(file, self.size, block_size, self._table(regions, block_size))

    def _refuse(self, fact: str) -> None:
        raise MediumFormatError(f"The VHDX image '{self.path}' cannot be used: {fact}.")

    def _table(self, regions: dict[uuid.UUID, tuple[int, int]], block_size: int) -> array[int]:
        offset, length = self._region(regions, BLOCK_TABLE, "block table")
        blocks = -(-self.size // block_size)
        entries = blocks + (blocks - 1) // ((SECTOR_SIZE << 23) // block_size)
        if entries > MOST_BLOCKS or entries * ENTRY_SIZE > length:
            self._refuse(f"its block table of {length} bytes cannot have {entries} entries")
        stored = self._file.read(offset, entries * ENTRY_SIZE)
        if len(stored) < entries * ENTRY_SIZE:
            self._refuse("its block table reaches past the end of the file")
        return unpack_table(stored, ENTRY_SIZE, "little")

    def _check_log(self) -> None:
        """Find the newest valid header, and refuse a log that would have to be replayed."""
        newest = None
        for offset in HEADER_OFFSETS:
            data = self._file.read(offset, HEADER_SIZE)
            if len(data) < HEADER_SIZE or not data.startswith(b"head"):
                continue
            fields = _HEADER.unpack_from(data)
            if fields[1] == crc32c(data) and (newest is None or fields[2] > newest[2]):
                newest = fields
        if newest is None:
            self._refuse("none of its two headers is valid")
            return
        if newest[7] != 1:
            self._refuse(f"it has format version {newest[7]}; only version 1 can be opened")
        if any(newest[5]):
            self._refuse(
                "it was not closed properly and its log has to be replayed; opening it once with "
                "Hyper-V or 'qemu-img check -r all' does that",
            )

    def _regions(self) -> dict[uuid.UUID, tuple[int, int]]:
        for table in REGION_OFFSETS:
            data = self._file.read(table, REGION_TABLE_SIZE)
            if len(data) < REGION_TABLE_SIZE or not data.startswith(b"regi"):
                continue
            stored, count = struct.unpack_from("<II", data, 4)
            if stored != crc32c(data) or count > MOST_TABLE_ENTRIES:
                continue
            regions = {}
            for number in range(count):
                kind, offset, length, required = _ENTRY.unpack_from(data, 16 + 32 * number)
                identity = uuid.UUID(bytes_le=kind)
                regions[identity] = (offset, length)
                if required & 1 and identity not in {BLOCK_TABLE, METADATA}:
                    self._refuse(f"it needs the unknown region {identity}")
            return regions
        self._refuse("none of its two region tables is valid")
        return {}

    def _region(
        self, regions: dict[uuid.UUID, tuple[int, int]], kind: uuid.UUID, name: str
    ) -> tuple[int, int]:
        offset, length = regions.get(kind, (0, 0))
        if not offset or offset + length > self._file.size:
            self._refuse(f"its {name} region lies at offset {offset} and has {length} bytes")
        return offset, length

    def _items(self, offset: int, length: int) -> dict[uuid.UUID, tuple[int, int]]:
        data = self._file.read(offset, METADATA_TABLE_SIZE)
        count = int.from_bytes(data[10:12], "little")
        if not data.startswith(b"metadata") or len(data) < 32 + 32 * count:
            self._refuse("its metadata table is damaged")
        items = {}
        for number in range(count):
            kind, start, size, flags = _ITEM.unpack_from(data, 32 + 32 * number)
            identity = uuid.UUID(bytes_le=kind)
            if start + size > length:
                self._refuse(f"its metadata item {identity} lies outside of its region")
            if flags & IS_REQUIRED and identity not in KNOWN_ITEMS:
                self._refuse(f"it needs the unknown metadata item {identity}")
            items[identity] = (offset + start, size)
        return items

    def _item(
        self, items: dict[uuid.UUID, tuple[int, int]], kind: uuid.UUID, length: int
    ) -> bytes:
        offset, size = items.get(kind, (0, 0))
        data = self._file.read(offset, length) if size >= length else b""
        if len(data) < length:
            self._refuse(f"its metadata item {kind} is missing")
        return data
