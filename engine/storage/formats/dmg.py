"""Apple's disk images (UDIF, ``.dmg``), for reading: stored, zlib, bzip2 and LZMA chunks.

A trailer in the last sector tells where a property list is, whose block tables describe the chunks.
Big endian. There is no official specification; reference: QEMU, ``block/dmg.c``.
"""

from __future__ import annotations

import bisect
import bz2
import itertools
import lzma
import plistlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from xml.parsers.expat import ExpatError

from engine.storage.blockstore import PACKED, READS_ZERO, BlockStore
from engine.storage.errors import MediumFormatError
from engine.storage.hostfile import HostFile
from engine.storage.mapped import ReadOnlyMedium
from engine.storage.medium import SECTOR_SIZE, DeviceType, Medium, medium_format

TRAILER_MAGIC: Final = b"koly"
TABLE_MAGIC: Final = b"mish"
LARGEST_LIST: Final = 16 << 20
LARGEST_CHUNK: Final = 32 << 20
MOST_CHUNKS: Final = 1 << 20
OPTICAL_SECTOR_SIZE: Final = 2048

ZEROS, STORED, IGNORED = 0, 1, 2
ZLIB, BZIP2, LZMA = 0x80000005, 0x80000006, 0x80000008
COMMENT, END = 0x7FFFFFFE, 0xFFFFFFFF
"""Kinds of chunks."""
OTHER_KINDS: Final = {0x80000004: "ADC", 0x80000007: "LZFSE"}

_CHUNK: Final = struct.Struct(">IIQQQQ")
_TABLE_HEADER: Final = 204


def _bunzip2(data: bytes, most: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, most)


def _unlzma(data: bytes, most: int) -> bytes:
    return lzma.LZMADecompressor(memlimit=256 << 20).decompress(data, most)


def _inflate(data: bytes, most: int) -> bytes:
    return zlib.decompressobj().decompress(data, most)


UNPACK: Final[dict[int, Callable[[bytes, int], bytes]]] = {
    ZLIB: _inflate,
    BZIP2: _bunzip2,
    LZMA: _unlzma,
}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the disk; everything in bytes."""

    kind: int
    start: int
    size: int
    offset: int
    length: int


class DmgStore(BlockStore):
    """The chunks of an image; what none of them describes reads as zeros."""

    def __init__(self, file: HostFile, size: int, chunks: list[Chunk]) -> None:
        super().__init__(file, size, SECTOR_SIZE)
        self._chunks = chunks
        self._starts = [chunk.start for chunk in chunks]
        self._unpacked: tuple[int, bytes] = (-1, b"")

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        index = bisect.bisect_right(self._starts, offset) - 1
        chunk = self._chunks[index] if index >= 0 else None
        if chunk is None or offset >= chunk.start + chunk.size:
            following = self._starts[index + 1] if index + 1 < len(self._starts) else self.size
            return READS_ZERO, min(length, max(1, following - offset))
        within = offset - chunk.start
        count = min(length, chunk.size - within)
        if chunk.kind == STORED:
            return chunk.offset + within, count
        return (PACKED if chunk.kind in UNPACK else READS_ZERO), count

    def read_packed(self, offset: int, length: int) -> bytes:
        """Return bytes of a compressed chunk."""
        index = bisect.bisect_right(self._starts, offset) - 1
        chunk = self._chunks[index]
        if self._unpacked[0] != index:
            self._unpacked = index, self._unpack(chunk)
        within = offset - chunk.start
        return self._unpacked[1][within : within + length]

    def _unpack(self, chunk: Chunk) -> bytes:
        stored = self.file.read(chunk.offset, chunk.length)
        try:
            data = UNPACK[chunk.kind](stored, chunk.size)
        except (zlib.error, OSError, EOFError, lzma.LZMAError, MemoryError) as error:
            raise MediumFormatError(
                f"The DMG image '{self.file.path}' is damaged: the chunk at offset {chunk.offset} "
                f"cannot be unpacked ({error}).",
            ) from error
        if len(data) != chunk.size:
            raise MediumFormatError(
                f"The DMG image '{self.file.path}' is damaged: the chunk at offset {chunk.offset} "
                f"holds {len(data)} bytes instead of {chunk.size}.",
            )
        return data


def _chunks_of(table: bytes, file: HostFile, data_offset: int) -> list[Chunk]:
    """Return the chunks of a block table."""
    if len(table) < _TABLE_HEADER or not table.startswith(TABLE_MAGIC):
        _refuse(file, "a block table is damaged")
    first_sector, _count, base = struct.unpack_from(">QQQ", table, 8)
    (number,) = struct.unpack_from(">I", table, _TABLE_HEADER - 4)
    if number > (len(table) - _TABLE_HEADER) // _CHUNK.size or number > MOST_CHUNKS:
        _refuse(file, f"a block table claims {number} chunks")
    found = []
    for index in range(number):
        kind, _comment, sector, count, offset, length = _CHUNK.unpack_from(
            table, _TABLE_HEADER + index * _CHUNK.size
        )
        if kind in {COMMENT, END} or not count:
            continue
        if kind in OTHER_KINDS:
            _refuse(file, f"it is compressed with {OTHER_KINDS[kind]}")
        if kind not in {ZEROS, STORED, IGNORED, *UNPACK}:
            _refuse(file, f"it has chunks of the unknown kind {kind:#x}")
        chunk = Chunk(
            kind,
            (first_sector + sector) * SECTOR_SIZE,
            count * SECTOR_SIZE,
            data_offset + base + offset,
            length,
        )
        if chunk.kind in UNPACK and max(chunk.size, chunk.length) > LARGEST_CHUNK:
            _refuse(file, f"a compressed chunk has {chunk.size} bytes")
        if chunk.kind not in {ZEROS, IGNORED} and chunk.offset + chunk.length > file.size:
            _refuse(file, f"a chunk ends at offset {chunk.offset + chunk.length}, past the end")
        if chunk.kind == STORED and chunk.length < chunk.size:
            _refuse(file, f"a chunk of {chunk.size} bytes has only {chunk.length} stored")
        found.append(chunk)
    return found


def _refuse(file: HostFile, fact: str) -> None:
    raise MediumFormatError(f"The DMG image '{file.path}' cannot be used: {fact}.")


def _tables(file: HostFile, trailer: bytes) -> list[bytes]:
    """Return the block tables that the property list holds."""
    offset, length = struct.unpack_from(">QQ", trailer, 216)
    if not 0 < length <= LARGEST_LIST or offset + length > file.size:
        _refuse(file, f"its property list of {length} bytes lies at offset {offset}")
    try:
        parsed = plistlib.loads(file.read(offset, length), fmt=plistlib.FMT_XML)
        entries = [entry["Data"] for entry in parsed["resource-fork"]["blkx"]]
    except (
        plistlib.InvalidFileException, ExpatError, KeyError, TypeError, ValueError, RecursionError,
        AttributeError, IndexError,
    ) as error:  # fmt: skip
        raise MediumFormatError(
            f"The DMG image '{file.path}' cannot be used: its property list is damaged ({error}).",
        ) from error
    if not all(isinstance(entry, bytes) for entry in entries):
        _refuse(file, "its property list holds no block tables")
    return entries


def is_dmg(head: bytes, tail: bytes) -> bool:
    """Tell whether a file has the trailer of a DMG image."""
    del head
    return tail.startswith(TRAILER_MAGIC)


@medium_format(
    "DMG",
    extensions=(".dmg",),
    device_types=(DeviceType.HARD_DISK, DeviceType.DVD),
    recognise=is_dmg,
)
class DmgMedium(ReadOnlyMedium):
    """An open DMG image."""

    def __init__(self, file: HostFile, device_type: DeviceType, parent: Medium | None) -> None:
        super().__init__(file, device_type, parent)
        self._refuse_parent()
        trailer = file.read(max(0, file.size - SECTOR_SIZE), SECTOR_SIZE)
        if len(trailer) < SECTOR_SIZE or not trailer.startswith(TRAILER_MAGIC):
            _refuse(file, "it has no trailer")
        (data_offset,) = struct.unpack_from(">Q", trailer, 24)
        (sectors,) = struct.unpack_from(">Q", trailer, 492)
        chunks: list[Chunk] = []
        for table in _tables(file, trailer):
            chunks += _chunks_of(table, file, data_offset)
        chunks.sort(key=lambda chunk: chunk.start)
        for one, other in itertools.pairwise(chunks):
            if one.start + one.size > other.start:
                _refuse(file, f"two of its chunks describe the disk at offset {other.start}")
        last = chunks[-1].start + chunks[-1].size if chunks else 0
        size = max(sectors * SECTOR_SIZE, last)
        if device_type is DeviceType.DVD:
            self.sector_size = OPTICAL_SECTOR_SIZE
        self.size = -(-size // self.sector_size) * self.sector_size
        if not 0 < self.size < 1 << 50:
            _refuse(file, f"its disk has {size} bytes")
        self._store = DmgStore(file, self.size, chunks)
