"""The header of a QCOW image, versions 2 and 3: layout and validation.

Reference: QEMU, ``docs/interop/qcow2.txt``. All numbers are big endian. The disk is divided into
clusters; a table of first level (L1) points to tables of second level (L2), each one cluster long,
whose entries point to the clusters. Every cluster of the file has a reference count.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from engine.storage.errors import MediumFormatError, MediumParameterError
from engine.storage.medium import SECTOR_SIZE

MAGIC: Final = b"QFI\xfb"
ENTRY_SIZE: Final = 8
"""Bytes of an entry of the L1, L2 and reference count tables."""
COPIED: Final = 1 << 63
"""Flag of L1 and L2 entries: the reference count is one, so it may be written in place."""
COMPRESSED: Final = 1 << 62
READS_AS_ZERO: Final = 1
"""Flag of L2 entries of version 3."""
OFFSET_MASK: Final = 0x00FF_FFFF_FFFF_FE00

DIRTY: Final = 1 << 0
CORRUPT: Final = 1 << 1
EXTERNAL_DATA: Final = 1 << 2
OTHER_COMPRESSION: Final = 1 << 3
EXTENDED_L2: Final = 1 << 4
"""Incompatible features."""

SMALLEST_CLUSTER_BITS: Final = 9
LARGEST_CLUSTER_BITS: Final = 21
NEW_CLUSTER_BITS: Final = 16
LARGEST_L1_BYTES: Final = 32 << 20
LARGEST_REFCOUNT_TABLE_BYTES: Final = 8 << 20
LARGEST_BACKING_NAME: Final = 1023
REFCOUNT_ORDER: Final = 4
"""Of version 2, and of new images: 16 bits."""

EXTENSION_END: Final = 0
EXTENSION_BACKING_FORMAT: Final = 0xE2792ACA

BACKING_FORMATS: Final = {
    "raw": "RAW", "qcow2": "QCOW", "vmdk": "VMDK", "vpc": "VHD", "vdi": "VDI", "qed": "QED",
    "parallels": "Parallels", "vhdx": "VHDX", "dmg": "DMG",
}  # fmt: skip
"""QEMU's names of the formats that a file below may have."""

_V2: Final = struct.Struct(">4sIQIIQIIQQIIQ")
_V3: Final = struct.Struct(">QQQII")
V3_LENGTH: Final = 112
HEADER_BYTES: Final = 1 << 16
"""How much of the start of a file may belong to its header, extensions and backing file name."""

SIZE_OFFSET: Final = 24
"""Of the fields size, encryption, length and place of the L1 table, which lie in one sector."""
REFCOUNT_TABLE_OFFSET: Final = 48
FEATURES_OFFSET: Final = 72
AUTOCLEAR_OFFSET: Final = 88


@dataclass(frozen=True)
class QcowHeader:
    """The fields that carry meaning.

    Attributes:
        version: 2 or 3.
        cluster_bits: binary logarithm of the bytes of a cluster.
        disk_size: bytes.
        l1_entries: length of the L1 table.
        l1_offset: of the L1 table in the file.
        refcount_offset: of the table of reference count blocks in the file.
        refcount_clusters: its length.
        refcount_order: binary logarithm of the bits of a reference count.
        snapshots: number of internal snapshots.
        features: incompatible ones.
        autoclear: features that a program which does not know them must take away.
        backing_name: of the file below, as stored; empty: none.
        backing_format: its format, as stored; empty: unknown.
    """

    version: int
    cluster_bits: int
    disk_size: int
    l1_entries: int
    l1_offset: int
    refcount_offset: int
    refcount_clusters: int
    refcount_order: int = REFCOUNT_ORDER
    snapshots: int = 0
    features: int = 0
    autoclear: int = 0
    backing_name: str = ""
    backing_format: str = ""

    @property
    def cluster_size(self) -> int:
        """Bytes of a cluster."""
        return 1 << self.cluster_bits

    @property
    def l2_bits(self) -> int:
        """Binary logarithm of the entries of an L2 table."""
        return self.cluster_bits - 3

    @classmethod
    def parse(cls, data: bytes, path: Path) -> Self:
        """Read a header and refuse one that cannot be true or needs what is not supported.

        Args:
            data: the start of the file, ``HEADER_BYTES`` where the file has them.
            path: for the sentences.

        Raises:
            MediumFormatError: with the first fact that makes the image unusable.
        """
        if len(data) < _V2.size:
            raise MediumFormatError(
                f"The QCOW image '{path}' is too short: it has {len(data)} bytes, and the header "
                f"alone has {_V2.size}.",
            )
        fields = _V2.unpack_from(data)
        magic, version = fields[:2]
        if magic != MAGIC:
            raise MediumFormatError(f"'{path}' is not a QCOW image: its signature is {magic!r}.")
        if version not in {2, 3}:
            raise MediumFormatError(
                f"The QCOW image '{path}' has format version {version}; only versions 2 and 3 can "
                f"be opened.",
            )
        features = autoclear = 0
        order, length = REFCOUNT_ORDER, _V2.size
        if version == 3:
            if len(data) < _V2.size + _V3.size:
                raise MediumFormatError(
                    f"The QCOW image '{path}' is too short for a header of version 3.",
                )
            features, _compatible, autoclear, order, length = _V3.unpack_from(data, _V2.size)
        header = cls(
            version=version,
            cluster_bits=fields[4],
            disk_size=fields[5],
            l1_entries=fields[7],
            l1_offset=fields[8],
            refcount_offset=fields[9],
            refcount_clusters=fields[10],
            refcount_order=order,
            snapshots=fields[11],
            features=features,
            autoclear=autoclear,
            backing_name=_backing_name(data, fields[2], fields[3], path),
            backing_format=_extension(data, length, EXTENSION_BACKING_FORMAT).decode("latin-1"),
        )
        problem = header._unsupported(fields[6]) or ""
        if problem:
            raise MediumFormatError(f"The QCOW image '{path}' cannot be used: {problem}.")
        problem = header._damage(length) or ""
        if problem:
            raise MediumFormatError(f"The QCOW image '{path}' is damaged: {problem}.")
        return header

    def _unsupported(self, encryption: int) -> str | None:
        if encryption:
            return "it is encrypted"
        if self.features & EXTERNAL_DATA:
            return "it keeps its data in another file"
        if self.features & OTHER_COMPRESSION:
            return "it is compressed with another method than zlib"
        if self.features & EXTENDED_L2:
            return "it has sub-clusters"
        unknown = self.features & ~(DIRTY | CORRUPT)
        if unknown:
            return f"it needs the unknown features {unknown:#x}"
        return None

    def _damage(self, length: int) -> str | None:
        bits = self.cluster_bits
        if not SMALLEST_CLUSTER_BITS <= bits <= LARGEST_CLUSTER_BITS:
            return (
                f"its clusters have 2^{bits} bytes, and 2^{SMALLEST_CLUSTER_BITS} to "
                f"2^{LARGEST_CLUSTER_BITS} are possible"
            )
        if self.version == 3 and (length < _V2.size + _V3.size or length > self.cluster_size):
            return f"the length of its header is {length} bytes"
        if self.refcount_order > 6:
            return f"its reference counts have 2^{self.refcount_order} bits"
        if not 0 < self.disk_size < 1 << 62:
            return f"the size of its disk is {self.disk_size} bytes"
        needed = l1_entries_for(self.disk_size, bits)
        if not needed <= self.l1_entries <= LARGEST_L1_BYTES // ENTRY_SIZE:
            return (
                f"its first-level table has {self.l1_entries} entries, and the disk of "
                f"{self.disk_size} bytes needs {needed}"
            )
        for name, offset in (
            ("first-level", self.l1_offset),
            ("reference count", self.refcount_offset),
        ):
            if not offset or offset % self.cluster_size or offset >= 1 << 56:
                return f"its {name} table begins at offset {offset}, which is no cluster"
        table = self.refcount_clusters << bits
        if not 0 < table <= max(LARGEST_REFCOUNT_TABLE_BYTES, self.cluster_size):
            return f"its reference count table has {table} bytes"
        return None

    def pack(self) -> bytes:
        """Encode the header, with its extension and the name of the file below, for a new image."""
        name = self.backing_name.encode()
        tail = b""
        if self.backing_format:
            stored = self.backing_format.encode()
            padding = bytes(-len(stored) % 8)
            tail = struct.pack(">II", EXTENSION_BACKING_FORMAT, len(stored)) + stored + padding
        tail += struct.pack(">II", EXTENSION_END, 0)
        length = V3_LENGTH if self.version == 3 else _V2.size
        name_offset = length + len(tail) if name else 0
        head = _V2.pack(
            MAGIC,
            self.version,
            name_offset,
            len(name),
            self.cluster_bits,
            self.disk_size,
            0,
            self.l1_entries,
            self.l1_offset,
            self.refcount_offset,
            self.refcount_clusters,
            self.snapshots,
            0,
        )
        if self.version == 3:
            head += _V3.pack(self.features, 0, self.autoclear, self.refcount_order, V3_LENGTH)
            head = head.ljust(V3_LENGTH, b"\0")
        packed = head + tail + name
        if len(packed) > self.cluster_size or len(name) > LARGEST_BACKING_NAME:
            raise MediumParameterError(
                f"The name '{self.backing_name}' is too long for a QCOW image to build on it.",
            )
        return packed


def l1_entries_for(disk_size: int, cluster_bits: int) -> int:
    """Entries that the L1 table of a disk needs."""
    covered = 1 << (2 * cluster_bits - 3)
    return -(-disk_size // covered)


def check_disk_size(disk_size: int, cluster_bits: int) -> None:
    """Refuse a size that the format cannot hold.

    Raises:
        MediumParameterError: it is no multiple of a sector, or too large.
    """
    most_entries = LARGEST_L1_BYTES // ENTRY_SIZE
    largest = min(most_entries << (2 * cluster_bits - 3), (1 << 62) - SECTOR_SIZE)
    if not 0 < disk_size <= largest or disk_size % SECTOR_SIZE:
        raise MediumParameterError(
            f"A disk cannot have {disk_size} bytes: a multiple of {SECTOR_SIZE} from "
            f"{SECTOR_SIZE} to {largest} is needed.",
        )


def _backing_name(data: bytes, offset: int, length: int, path: Path) -> str:
    if not offset or not length:
        return ""
    if length > LARGEST_BACKING_NAME or offset + length > len(data):
        raise MediumFormatError(
            f"The QCOW image '{path}' is damaged: the name of the file below it has {length} bytes "
            f"at offset {offset}.",
        )
    stored = data[offset : offset + length]
    try:
        name = stored.decode()
    except UnicodeDecodeError as error:
        raise MediumFormatError(
            f"The QCOW image '{path}' builds on {stored!r}, a name that is not valid UTF-8.",
        ) from error
    if "\0" in name:
        raise MediumFormatError(f"The QCOW image '{path}' builds on {name!r}, which is no name.")
    return name


def _extension(data: bytes, start: int, wanted: int) -> bytes:
    """Data of a header extension; empty where there is none."""
    while start + 8 <= len(data):
        kind, length = struct.unpack_from(">II", data, start)
        if kind == EXTENSION_END or start + 8 + length > len(data):
            break
        if kind == wanted:
            return data[start + 8 : start + 8 + length]
        start += 8 + length + -length % 8
    return b""


def is_qcow(head: bytes, tail: bytes) -> bool:
    """Tell whether a file claims to be a QCOW image."""
    del tail
    return head.startswith(MAGIC)
