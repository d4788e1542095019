"""Parallels disks (``.hdd`` files), version 2, for reading.

Reference: QEMU, ``docs/interop/parallels.txt``. Little endian; one table of clusters.
"""

from __future__ import annotations

import struct
from array import array
from typing import Final

from engine.storage.blockstore import READS_BELOW, BlockStore
from engine.storage.errors import MediumFormatError
from engine.storage.hostfile import HostFile
from engine.storage.mapped import ReadOnlyMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format
from engine.storage.tables import unpack_table

MAGIC: Final = b"WithoutFreeSpace"
MAGIC_EXTENDED: Final = b"WithouFreSpacExt"
"""Entries of the table count clusters instead of sectors."""
ENTRY_SIZE: Final = 4
MOST_ENTRIES: Final = 1 << 24

_HEADER: Final = struct.Struct("<16sIIIIIQ")
_TABLE_OFFSET: Final = 64


class ParallelsStore(BlockStore):
    """The clusters of a Parallels image."""

    def __init__(
        self, file: HostFile, size: int, cluster: int, table: array[int], unit: int
    ) -> None:
        super().__init__(file, size, cluster)
        self._table = table
        self._unit = unit

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        block, within = divmod(offset, self.block_size)
        count = min(length, self.block_size - within)
        entry = self._table[block]
        if not entry:
            return READS_BELOW, count
        position = entry * self._unit
        if position >= self.file.size:
            raise MediumFormatError(
                f"The Parallels image '{self.file.path}' is damaged: a cluster should be at offset "
                f"{position}, past the end of the file at {self.file.size}.",
            )
        return position + within, count


def is_parallels(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a Parallels image."""
    del tail
    return head.startswith((MAGIC, MAGIC_EXTENDED))


@medium_format(
    "Parallels",
    extensions=(".hdd",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_parallels,
)
class ParallelsMedium(ReadOnlyMedium):
    """An open Parallels image."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self._refuse_parent()
        data = file.read(0, _TABLE_OFFSET)
        if len(data) < _TABLE_OFFSET or not is_parallels(data, b""):
            raise MediumFormatError(f"'{file.path}' is not a Parallels image: it has no header.")
        magic, version, _heads, _cylinders, tracks, entries, sectors = _HEADER.unpack_from(data)
        extended = magic == MAGIC_EXTENDED
        if not extended:
            sectors &= 0xFFFFFFFF
        problem = None
        if version != 2:
            problem = f"it has format version {version}; only version 2 can be opened"
        elif not 0 < tracks <= 1 << 17:
            problem = f"its clusters have {tracks} sectors"
        elif not 0 < sectors < 1 << 50 or not -(-sectors // tracks) <= entries <= MOST_ENTRIES:
            problem = f"its table has {entries} entries for a disk of {sectors} sectors"
        elif _TABLE_OFFSET + entries * ENTRY_SIZE > file.size:
            problem = f"its table of {entries} entries reaches past the end of the file"
        if problem is not None:
            raise MediumFormatError(f"The Parallels image '{file.path}' cannot be used: {problem}.")
        table = unpack_table(file.read(_TABLE_OFFSET, entries * ENTRY_SIZE), ENTRY_SIZE, "little")
        cluster = tracks * SECTOR_SIZE
        self.size = sectors * SECTOR_SIZE
        unit = cluster if extended else SECTOR_SIZE
        self._store = ParallelsStore(file, self.size, cluster, table, unit)
