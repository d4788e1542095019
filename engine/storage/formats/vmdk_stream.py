"""Stream-optimized VMDK images: compressed grains, written from the start to the end.

The form of disks in appliances (OVF). The directory stands behind the grains, and a footer tells
where; everything but the grains has a marker sector in front of it.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from array import array
from collections.abc import Callable
from typing import Final

from engine.storage.blockstore import is_zero
from engine.storage.formats.vmdk_create import CREATE_TYPES, check_size, embedded
from engine.storage.formats.vmdk_descriptor import ExtentLine, new_descriptor
from engine.storage.formats.vmdk_sparse import (
    AT_END,
    COMPRESSED,
    DESCRIPTOR_SECTORS,
    ENTRY_SIZE,
    GRAIN_HEADER,
    MARKERS,
    NEW_GRAIN_SECTORS,
    NEW_TABLE_ENTRIES,
    NEWLINE_TEST,
    SparseHeader,
)
from engine.storage.hostfile import HostFile
from engine.storage.medium import SECTOR_SIZE, Medium
from engine.storage.tables import pack_table

GRAIN: Final = NEW_GRAIN_SECTORS * SECTOR_SIZE
_MARKER: Final = struct.Struct("<QII")
_END, _TABLE, _DIRECTORY, _FOOTER = range(4)
"""Types of markers."""


class _StreamWriter:
    """Appends grains, tables and markers to a file."""

    def __init__(self, file: HostFile, size: int) -> None:
        self._file = file
        extent = ExtentLine(writable=True, size=size, kind="SPARSE", name=file.final_path.name)
        descriptor = new_descriptor(CREATE_TYPES["Stream"], [extent], uuid.uuid4())
        self._header = SparseHeader(
            capacity=size // SECTOR_SIZE,
            directory=AT_END,
            redundant=0,
            overhead=NEW_GRAIN_SECTORS,
            descriptor=1,
            descriptor_size=DESCRIPTOR_SECTORS,
            flags=NEWLINE_TEST | COMPRESSED | MARKERS,
            version=3,
        )
        head = self._header.pack() + embedded(descriptor, DESCRIPTOR_SECTORS)
        file.write(0, head.ljust(NEW_GRAIN_SECTORS * SECTOR_SIZE, b"\0"))
        self._at = NEW_GRAIN_SECTORS
        self._directory = array("I")
        self._table = array("I")

    def _append(self, data: bytes) -> int:
        padded = data + bytes(-len(data) % SECTOR_SIZE)
        place = self._at
        self._file.write(place * SECTOR_SIZE, padded)
        self._at += len(padded) // SECTOR_SIZE
        return place

    def _mark(self, kind: int, data: bytes) -> int:
        sectors = -(-len(data) // SECTOR_SIZE)
        self._append(_MARKER.pack(sectors, 0, kind))
        return self._append(data)

    def add(self, number: int, grain: bytes) -> None:
        """Append the next grain of the disk."""
        place = 0
        if not is_zero(grain):
            packed = zlib.compress(grain.ljust(GRAIN, b"\0"))
            place = self._append(
                GRAIN_HEADER.pack(number * NEW_GRAIN_SECTORS, len(packed)) + packed
            )
        self._table.append(place)
        if len(self._table) == NEW_TABLE_ENTRIES:
            self._end_table()

    def _end_table(self) -> None:
        place = 0
        if any(self._table):
            self._table.extend([0] * (NEW_TABLE_ENTRIES - len(self._table)))
            place = self._mark(_TABLE, pack_table(self._table, "little"))
        self._directory.append(place)
        self._table = array("I")

    def end(self) -> None:
        """Append the directory, the footer and the end mark."""
        if self._table:
            self._end_table()
        stored = pack_table(self._directory, "little")
        assert len(stored) == self._header.directory_entries * ENTRY_SIZE
        place = self._mark(_DIRECTORY, stored)
        footer = SparseHeader(
            capacity=self._header.capacity,
            directory=place,
            redundant=0,
            overhead=self._header.overhead,
            descriptor=1,
            descriptor_size=DESCRIPTOR_SECTORS,
            flags=self._header.flags,
            version=3,
        )
        self._mark(_FOOTER, footer.pack())
        self._append(_MARKER.pack(0, 0, _END))


def export_stream(
    source: Medium, file: HostFile, size: int, progress: Callable[[int], None]
) -> None:
    """Write an image with the contents of another; see ``engine.storage.medium.MediumExporter``."""
    check_size(size)
    writer = _StreamWriter(file, size)
    for number in range(-(-size // GRAIN)):
        offset = number * GRAIN
        length = min(GRAIN, max(0, source.size - offset))
        held = length and source.may_hold_data(offset, length)
        writer.add(number, source.read(offset, length) if held else b"")
        progress(100 * offset // size)
    writer.end()
    progress(100)


def create_stream(file: HostFile, size: int) -> None:
    """Write an image full of zeros."""
    check_size(size)
    writer = _StreamWriter(file, size)
    for number in range(-(-size // GRAIN)):
        writer.add(number, b"")
    writer.end()
