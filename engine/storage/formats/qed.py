"""QEMU's enhanced disks (QED), for reading: with and without a file below.

Reference: QEMU, ``docs/interop/qed_spec.txt``. Little endian; two levels of tables of offsets.
"""

from __future__ import annotations

import struct
from typing import Final

from engine.storage.blockstore import READS_BELOW, READS_ZERO, BlockStore, Source
from engine.storage.errors import MediumFormatError
from engine.storage.hostfile import HostFile
from engine.storage.mapped import ReadOnlyMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format
from engine.storage.tables import TableCache

MAGIC: Final = b"QED\0"
ENTRY_SIZE: Final = 8
ZERO_ENTRY: Final = 1
HAS_BACKING, NEEDS_CHECK, BACKING_IS_RAW = 1, 2, 4
"""Features."""
LARGEST_TABLE: Final = 4 << 20
"""Bytes; QEMU makes tables of 256 KiB."""
LARGEST_BACKING_NAME: Final = 1023

_HEADER: Final = struct.Struct("<4sIIIQQQQQII")


class QedStore(BlockStore):
    """The clusters of a QED image."""

    def __init__(
        self, file: HostFile, size: int, cluster: int, table_clusters: int, l1_offset: int,
        below: Source | None,
    ) -> None:  # fmt: skip
        super().__init__(file, size, cluster, below)
        self._entries = table_clusters * cluster // ENTRY_SIZE
        self._tables = TableCache(file, self._entries, ENTRY_SIZE, "little")
        self._l1_offset = l1_offset

    def _checked(self, offset: int, what: str) -> int:
        if offset % self.block_size or offset >= self.file.size:
            raise MediumFormatError(
                f"The QED image '{self.file.path}' is damaged: a {what} should be at offset "
                f"{offset}, which is no cluster or past the end of the file at {self.file.size}.",
            )
        return offset

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        cluster, within = divmod(offset, self.block_size)
        index, at = divmod(cluster, self._entries)
        count = min(length, self.block_size - within)
        l2_offset = self._tables.get(self._l1_offset)[index]
        if not l2_offset:
            return READS_BELOW, count
        entry = self._tables.get(self._checked(l2_offset, "second-level table"))[at]
        if not entry:
            return READS_BELOW, count
        if entry == ZERO_ENTRY:
            return READS_ZERO, count
        return self._checked(entry, "cluster") + within, count


def is_qed(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a QED image."""
    del tail
    return head.startswith(MAGIC)


@medium_format(
    "QED",
    extensions=(".qed",),
    device_types=(DeviceType.HARD_DISK,),
    recognise=is_qed,
)
class QedMedium(ReadOnlyMedium):
    """An open QED image."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        data = file.read(0, _HEADER.size)
        if len(data) < _HEADER.size or not data.startswith(MAGIC):
            raise MediumFormatError(f"'{file.path}' is not a QED image: it has no header.")
        (_, cluster, table, header_clusters, features, _compatible, _autoclear, l1_offset, size,
         name_offset, name_length) = _HEADER.unpack(data)  # fmt: skip
        problem = _problem(cluster, table, header_clusters, features, l1_offset, size, file.size)
        if problem is not None:
            raise MediumFormatError(f"The QED image '{file.path}' cannot be used: {problem}.")
        self.size = -(-size // SECTOR_SIZE) * SECTOR_SIZE
        if features & HAS_BACKING:
            if not 0 < name_length <= LARGEST_BACKING_NAME or name_offset > cluster:
                raise MediumFormatError(
                    f"The QED image '{file.path}' is damaged: the name of the file below it has "
                    f"{name_length} bytes.",
                )
            name = file.read(name_offset, name_length).decode("utf-8", "surrogateescape")
            self.variant = "Diff"
            kind = "RAW" if features & BACKING_IS_RAW else None
            self.parent_uuid = self._use_parent([name.split("\0", 1)[0]], kind).uuid
        else:
            self._refuse_parent()
        self._store = QedStore(file, self.size, cluster, table, l1_offset, self._below())


def _problem(
    cluster: int, table: int, header_clusters: int, features: int, l1_offset: int, size: int,
    file_size: int,
) -> str | None:  # fmt: skip
    """Return the first fact that makes a header unusable."""
    if features & ~(HAS_BACKING | NEEDS_CHECK | BACKING_IS_RAW):
        return f"it needs the unknown features {features:#x}"
    if not 4096 <= cluster <= 64 << 20 or cluster & (cluster - 1):
        return f"its clusters have {cluster} bytes"
    if not 1 <= table <= 16 or table & (table - 1) or table * cluster > LARGEST_TABLE:
        return f"its tables have {table} clusters of {cluster} bytes"
    if not header_clusters or header_clusters * cluster > file_size:
        return f"its header has {header_clusters} clusters"
    if l1_offset % cluster or not 0 < l1_offset < file_size:
        return f"its first-level table begins at offset {l1_offset}"
    entries = table * cluster // ENTRY_SIZE
    if not 0 < size <= min(entries * entries * cluster, 1 << 62):
        return f"its disk has {size} bytes"
    return None
