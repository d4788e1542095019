"""A sparse extent of a VMDK image: a file with grains, found through two levels of tables.

Reference: VMware, "Virtual Disk Format 5.0". Little endian; places are in sectors. There are two
copies of the tables; the first one in use is changed last. Stream-optimized extents, whose grains
are compressed, are only read.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from engine.storage.blockstore import (
    PACKED,
    READS_BELOW,
    READS_ZERO,
    BlockStore,
    FileTail,
    Source,
    WritableBlockStore,
)
from engine.storage.errors import MediumFormatError, MediumFull, MediumParameterError
from engine.storage.medium import SECTOR_SIZE
from engine.storage.tables import TableCache, unpack_table

if TYPE_CHECKING:
    from engine.storage.hostfile import HostFile

MAGIC: Final = b"KDMV"
NEWLINE_TEST: Final = 1 << 0
REDUNDANT_TABLE: Final = 1 << 1
ZERO_GRAINS: Final = 1 << 2
COMPRESSED: Final = 1 << 16
MARKERS: Final = 1 << 17
"""Flags."""
AT_END: Final = 0xFFFF_FFFF_FFFF_FFFF
"""Place of the directory of an extent that was written from start to end: see its footer."""
FOOTER_FROM_END: Final = 2 * SECTOR_SIZE
ZERO_ENTRY: Final = 1

NEW_GRAIN_SECTORS: Final = 128
NEW_TABLE_ENTRIES: Final = 512
DESCRIPTOR_SECTORS: Final = 20
ENTRY_SIZE: Final = 4
LARGEST_GRAIN: Final = 4 << 20
LARGEST_DIRECTORY: Final = 4 << 20
"""Bytes."""
MOST_GRAINS: Final = 1 << 25
"""Grains of an extent that is written: bound of what their places take in memory (128 MiB)."""
MOST_SECTORS: Final = 1 << 32

_HEADER: Final = struct.Struct("<4sIIQQQQIQQQB4sH")
_NEWLINES: Final = b"\n \r\n"
GRAIN_HEADER: Final = struct.Struct("<QI")


@dataclass(frozen=True)
class SparseHeader:
    """The header of an extent; places and sizes in sectors.

    Attributes:
        capacity: of the part of the disk.
        directory: place of the grain directory.
        redundant: place of its copy; 0: none.
        overhead: of everything in front of the grains.
        descriptor: place of an embedded descriptor; 0: none.
        descriptor_size: of it.
        grain: size of a grain.
        table_entries: grains that a table has.
        flags: see above.
        version: 1 to 3.
    """

    capacity: int
    directory: int
    redundant: int
    overhead: int
    descriptor: int = 0
    descriptor_size: int = 0
    grain: int = NEW_GRAIN_SECTORS
    table_entries: int = NEW_TABLE_ENTRIES
    flags: int = NEWLINE_TEST | REDUNDANT_TABLE
    version: int = 1

    @property
    def directory_entries(self) -> int:
        """Number of tables."""
        return -(-self.capacity // (self.grain * self.table_entries))

    @classmethod
    def parse(cls, file: HostFile) -> Self:
        """Read the header of an extent, or the footer that replaces it.

        Raises:
            MediumFormatError: with the fact that makes it unusable.
        """
        header = cls._unpack(file.read(0, SECTOR_SIZE), file.path)
        if header.directory == AT_END:
            at = max(0, file.size - FOOTER_FROM_END)
            footer = cls._unpack(file.read(at, SECTOR_SIZE), file.path)
            if footer.directory == AT_END or footer.capacity != header.capacity:
                raise MediumFormatError(
                    f"The VMDK image '{file.path}' is incomplete: its footer does not say where "
                    f"its directory is.",
                )
            header = footer
        problem = header._problem(file.size)
        if problem:
            raise MediumFormatError(f"The VMDK image '{file.path}' is damaged: {problem}.")
        return header

    @classmethod
    def _unpack(cls, data: bytes, path: Path) -> Self:
        if len(data) < SECTOR_SIZE:
            raise MediumFormatError(
                f"The VMDK image '{path}' is too short: it has {len(data)} bytes, and the header "
                f"alone has {SECTOR_SIZE}.",
            )
        fields = _HEADER.unpack_from(data)
        magic, version, flags, capacity, grain, descriptor, descriptor_size = fields[:7]
        entries, redundant, directory, overhead, _unclean, newlines, compression = fields[7:]
        if magic != MAGIC:
            raise MediumFormatError(
                f"'{path}' is not a sparse VMDK extent: its signature is {magic!r}.",
            )
        if not 1 <= version <= 3:
            raise MediumFormatError(
                f"The VMDK image '{path}' has format version {version}; only versions 1 to 3 can "
                f"be opened.",
            )
        if flags & NEWLINE_TEST and newlines != _NEWLINES:
            raise MediumFormatError(
                f"The VMDK image '{path}' was damaged by a transfer as text: its line ends are "
                f"{newlines!r}.",
            )
        if flags & COMPRESSED and compression != 1:
            raise MediumFormatError(
                f"The VMDK image '{path}' is compressed with the unknown method {compression}.",
            )
        return cls(
            capacity=capacity,
            directory=directory,
            redundant=redundant if flags & REDUNDANT_TABLE and redundant != AT_END else 0,
            overhead=overhead,
            descriptor=descriptor,
            descriptor_size=descriptor_size,
            grain=grain,
            table_entries=entries,
            flags=flags,
            version=version,
        )

    def _problem(self, file_size: int) -> str | None:
        grain = self.grain * SECTOR_SIZE
        if not SECTOR_SIZE <= grain <= LARGEST_GRAIN or grain & (grain - 1):
            return f"its grains have {self.grain} sectors"
        if not 0 < self.table_entries <= 1 << 16:
            return f"its tables have {self.table_entries} entries"
        if not 0 < self.capacity < 1 << 50:
            return f"its disk has {self.capacity} sectors"
        if self.directory_entries * ENTRY_SIZE > LARGEST_DIRECTORY:
            return f"its directory has {self.directory_entries} entries"
        for place in (self.directory, self.redundant):
            end = place * SECTOR_SIZE + self.directory_entries * ENTRY_SIZE
            if end > file_size:
                return (
                    f"its directory ends at offset {end}, past the end of the file at {file_size}"
                )
        if not self.directory:
            return "it has no directory"
        return None

    def pack(self) -> bytes:
        """Encode, as the first sector of an extent."""
        return _HEADER.pack(
            MAGIC,
            self.version,
            self.flags,
            self.capacity,
            self.grain,
            self.descriptor,
            self.descriptor_size,
            self.table_entries,
            self.redundant,
            self.directory,
            self.overhead,
            0,
            _NEWLINES,
            1 if self.flags & COMPRESSED else 0,
        ).ljust(SECTOR_SIZE, b"\0")


def lay_out_sparse(file: HostFile, size: int, descriptor: bytes = b"") -> None:
    """Write an empty extent into an empty file.

    Args:
        file: empty.
        size: bytes of its part of the disk.
        descriptor: to embed; empty: none.

    Raises:
        MediumParameterError: the size does not fit the format.
    """
    sectors = size // SECTOR_SIZE
    tables = -(-sectors // (NEW_GRAIN_SECTORS * NEW_TABLE_ENTRIES))
    table_sectors = NEW_TABLE_ENTRIES * ENTRY_SIZE // SECTOR_SIZE
    directory_sectors = -(-tables * ENTRY_SIZE // SECTOR_SIZE)
    copy = directory_sectors + tables * table_sectors
    redundant = 1 + (DESCRIPTOR_SECTORS if descriptor else 0)
    overhead = -(-(redundant + 2 * copy) // NEW_GRAIN_SECTORS) * NEW_GRAIN_SECTORS
    if overhead + sectors + NEW_GRAIN_SECTORS > MOST_SECTORS:
        raise MediumParameterError(
            f"A disk in one sparse VMDK file cannot have {size} bytes: less than "
            f"{MOST_SECTORS * SECTOR_SIZE} are possible.",
        )
    header = SparseHeader(
        capacity=sectors,
        directory=redundant + copy,
        redundant=redundant,
        overhead=overhead,
        descriptor=1 if descriptor else 0,
        descriptor_size=DESCRIPTOR_SECTORS if descriptor else 0,
    )
    file.truncate(overhead * SECTOR_SIZE)
    for place in (redundant, redundant + copy):
        first = place + directory_sectors
        places = np.arange(first, first + tables * table_sectors, table_sectors, dtype="<u4")
        file.write(place * SECTOR_SIZE, places.tobytes())
    if descriptor:
        file.write(SECTOR_SIZE, descriptor)
    file.write(0, header.pack())


class SparseExtent(BlockStore):
    """A sparse extent for reading, compressed or not."""

    def __init__(self, file: HostFile, header: SparseHeader, below: Source | None) -> None:
        super().__init__(file, header.capacity * SECTOR_SIZE, header.grain * SECTOR_SIZE, below)
        self._header = header
        self._compressed = bool(header.flags & COMPRESSED)
        self._directory = self._read_directory(header.directory)
        self._tables = TableCache(file, header.table_entries, ENTRY_SIZE, "little")
        self._unpacked: tuple[int, bytes] = (-1, b"")

    def _read_directory(self, place: int) -> array[int]:
        length = self._header.directory_entries * ENTRY_SIZE
        return unpack_table(self.file.read(place * SECTOR_SIZE, length), ENTRY_SIZE, "little")

    def _damaged(self, what: str, place: int) -> None:
        raise MediumFormatError(
            f"The VMDK image '{self.file.path}' is damaged: a {what} should be at sector {place}, "
            f"past the end of the file at offset {self.file.size}.",
        )

    def _in_file(self, place: int) -> bool:
        end = place * SECTOR_SIZE
        # A writer in another process may have made the file longer.
        return end < self.file.size or end < self.file.refresh_size()

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        grain, within = divmod(offset, self.block_size)
        index, at = divmod(grain, self._header.table_entries)
        place = self._directory[index]
        if not place:
            covered = (index + 1) * self._header.table_entries * self.block_size - offset
            return READS_BELOW, min(length, covered)
        if not self._in_file(place):
            self._damaged("grain table", place)
        table = self._tables.get(place * SECTOR_SIZE)
        start = self._position(table[at])
        count = self.block_size - within
        if start == PACKED:
            return PACKED, min(length, count)
        while count < length:
            at += 1
            if at == len(table):
                break
            expected = start + within + count if start >= 0 else start
            if self._position(table[at]) != expected:
                break
            count += self.block_size
        return (start + within if start >= 0 else start), min(length, count)

    def _position(self, entry: int) -> int:
        if not entry:
            return READS_BELOW
        if entry == ZERO_ENTRY and self._header.flags & ZERO_GRAINS:
            return READS_ZERO
        if not self._in_file(entry):
            self._damaged("grain", entry)
        return PACKED if self._compressed else entry * SECTOR_SIZE

    def read_packed(self, offset: int, length: int) -> bytes:
        """Return bytes of a compressed grain."""
        grain, within = divmod(offset, self.block_size)
        index, at = divmod(grain, self._header.table_entries)
        place = self._tables.get(self._directory[index] * SECTOR_SIZE)[at]
        if self._unpacked[0] != grain:
            self._unpacked = grain, self._unpack(grain, place * SECTOR_SIZE)
        return self._unpacked[1][within : within + length]

    def _unpack(self, grain: int, position: int) -> bytes:
        head = GRAIN_HEADER.size if self._header.flags & MARKERS else ENTRY_SIZE
        stored = self.file.read(position, head + 2 * self.block_size + SECTOR_SIZE)
        size = int.from_bytes(stored[head - ENTRY_SIZE : head], "little")
        wanted = min(self.block_size, self.size - grain * self.block_size)
        try:
            data = zlib.decompressobj().decompress(stored[head : head + size], self.block_size)
        except zlib.error as error:
            raise MediumFormatError(
                f"The VMDK image '{self.file.path}' is damaged: the grain at offset {position} "
                f"cannot be unpacked ({error}).",
            ) from error
        if len(data) < wanted:
            raise MediumFormatError(
                f"The VMDK image '{self.file.path}' is damaged: the grain at offset {position} "
                f"holds {len(data)} bytes instead of {wanted}.",
            )
        return data


class WritableSparseExtent(SparseExtent, WritableBlockStore):
    """A sparse extent, not compressed, that is open for writing."""

    def __init__(self, file: HostFile, header: SparseHeader, below: Source | None) -> None:
        super().__init__(file, header, below)
        grains = header.directory_entries * header.table_entries
        if grains > MOST_GRAINS:
            raise MediumFormatError(
                f"The VMDK image '{file.path}' has {grains} grains; at most {MOST_GRAINS} can be "
                f"written.",
            )
        self._copy = self._read_directory(header.redundant) if header.redundant else None
        self.tail = FileTail(file, self._find_end())

    def _find_end(self) -> int:
        """Offset behind all tables and grains, which are checked not to overlap."""
        header = self._header
        table_sectors = -(-header.table_entries * ENTRY_SIZE // SECTOR_SIZE)
        last = max(header.overhead, 1)
        for directory in filter(None, (self._directory, self._copy)):
            for place in directory:
                if place and not self._in_file(place + table_sectors - 1):
                    self._damaged("grain table", place)
                last = max(last, place + table_sectors if place else 0)
            tables = np.sort(np.array([place for place in directory if place], dtype=np.int64))
            if tables.size and (np.diff(tables) < table_sectors).any():
                raise MediumFormatError(
                    f"The VMDK image '{self.file.path}' is damaged: two of its grain tables "
                    f"overlap.",
                )
        parts = []
        for place in filter(None, self._directory):
            stored = self.file.read(place * SECTOR_SIZE, header.table_entries * ENTRY_SIZE)
            entries = np.frombuffer(stored, dtype="<u4")
            least = ZERO_ENTRY if header.flags & ZERO_GRAINS else 0
            parts.append(entries[entries > least])
        if parts:
            places = np.sort(np.concatenate(parts))
            if places.size:
                self._check_places(places)
                last = max(last, int(places[-1]) + header.grain)
        end = last * SECTOR_SIZE
        return -(-end // self.block_size) * self.block_size

    def _check_places(self, places: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> None:
        highest = int(places[-1])
        if not self._in_file(highest):
            self._damaged("grain", highest)
        close = np.flatnonzero(np.diff(places) < self._header.grain)
        if close.size:
            raise MediumFormatError(
                f"The VMDK image '{self.file.path}' is damaged: two of its grains overlap at "
                f"sector {int(places[close[0]])}.",
            )

    def place(self, block: int, count: int) -> tuple[int, int, bool]:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.place`."""
        index, at = divmod(block, self._header.table_entries)
        if not self._directory[index]:
            self._add_table(index)
        count = min(count, self._header.table_entries - at)
        if self.tail.end + count * self.block_size > MOST_SECTORS * SECTOR_SIZE:
            raise MediumFull(
                f"The image '{self.file.path}' cannot grow: a sparse VMDK file has at most "
                f"{MOST_SECTORS * SECTOR_SIZE} bytes.",
            )
        return self.tail.make_room(count * self.block_size), count, True

    def _add_table(self, index: int) -> None:
        """Make the grain tables for a part of the disk that has none yet."""
        length = self._header.table_entries * ENTRY_SIZE
        room = -(-length // self.block_size) * self.block_size
        directories = [(self._header.directory, self._directory)]
        if self._copy is not None:
            directories.insert(0, (self._header.redundant, self._copy))
        for where, directory in directories:
            if directory[index]:
                continue
            position = self.tail.make_room(room)
            self.tail.take(room)
            entry = position // SECTOR_SIZE
            self.file.write(
                where * SECTOR_SIZE + index * ENTRY_SIZE, entry.to_bytes(ENTRY_SIZE, "little")
            )
            directory[index] = entry

    def enter(self, block: int, count: int, position: int) -> None:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.enter`."""
        first = position // SECTOR_SIZE
        grain = self._header.grain
        self._store(block, array("I", range(first, first + count * grain, grain)))

    def _store(self, block: int, values: array[int]) -> None:
        index, at = divmod(block, self._header.table_entries)
        for directory in (self._copy, self._directory):
            if directory is not None and directory[index]:
                self._tables.store(directory[index] * SECTOR_SIZE, at, values)

    def hide(self, block: int) -> bool:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.hide`."""
        if not self._header.flags & ZERO_GRAINS:
            return False
        index = block // self._header.table_entries
        if not self._directory[index]:
            self._add_table(index)
        self._store(block, array("I", [ZERO_ENTRY]))
        return True

    def finish(self) -> None:
        """Cut off the room that was made in advance, and flush."""
        self.tail.cut()
        super().finish()
