"""The reference counts of a QCOW image: which clusters of the file are in use.

On opening for writing they are counted anew from the tables, because a program that died may have
left clusters behind that nothing refers to, and one that keeps its counts lazily (the dirty bit)
may have stored none at all. While the image grows, clusters are counted as used in large steps
before anything refers to them, and those that are not used any more are counted as free only after
the next flush: a crash, of the host too, leaves counts that are too high, never too low.
"""

from __future__ import annotations

import dataclasses
from array import array
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from engine.storage.errors import MediumError, MediumFormatError, MediumFull
from engine.storage.formats.qcow_header import (
    COMPRESSED,
    ENTRY_SIZE,
    LARGEST_REFCOUNT_TABLE_BYTES,
    OFFSET_MASK,
    REFCOUNT_TABLE_OFFSET,
    QcowHeader,
)
from engine.storage.tables import pack_table, unpack_table

if TYPE_CHECKING:
    from engine.storage.blockstore import FileTail
    from engine.storage.hostfile import HostFile

MOST_CLUSTERS: Final = 1 << 26
"""Bound of what the counts may take in memory: 128 MiB, for a file of 4 TiB in 64 KiB clusters."""
SMALLEST_STEP: Final = 32 << 20
LARGEST_STEP: Final = 512 << 20
CLUSTERS_PER_STEP: Final = 8192
"""Bounds of how much is counted as used in advance: as much as there is, between the first two."""

Counts = NDArray[np.uint16]
Numbers = NDArray[np.uint64]


MOST_HOLES: Final = 1 << 20
"""Unused clusters that are remembered, so that a sparse file takes no memory for its holes."""
_STRETCH: Final = 1 << 20
"""Clusters that are looked at at a time."""


def compressed_range(entry: int, cluster_bits: int) -> tuple[int, int]:
    """Offset and greatest length of a compressed cluster in the file."""
    shift = 62 - (cluster_bits - 8)
    offset = entry & ((1 << shift) - 1)
    sectors = (entry >> shift) & ((1 << (cluster_bits - 8)) - 1)
    return offset, (sectors + 1) * 512 - offset % 512


class UsedClusters:
    """Counts references to the clusters of a file by following its tables."""

    def __init__(self, file: HostFile, header: QcowHeader) -> None:
        self._file = file
        self._header = header
        self._bits = header.cluster_bits
        clusters = -(-file.size // header.cluster_size)
        if clusters > MOST_CLUSTERS:
            raise MediumFormatError(
                f"The QCOW image '{file.path}' is a file of {clusters} clusters; at most "
                f"{MOST_CLUSTERS} can be written.",
            )
        self.counts: Counts = np.zeros(clusters, dtype=np.uint16)

    def count(self, l1: array[int], refcount_table: array[int]) -> Counts:
        """Return the number of references to each cluster.

        Raises:
            MediumFormatError: a table points outside of the file, or two things share a cluster.
        """
        header = self._header
        self._range(0, 1)
        self._range(header.l1_offset, header.l1_entries * ENTRY_SIZE)
        self._range(header.refcount_offset, header.refcount_clusters << self._bits)
        self._clusters(np.array(refcount_table, dtype=np.uint64) & np.uint64(OFFSET_MASK))
        tables = np.array(l1, dtype=np.uint64) & np.uint64(OFFSET_MASK)
        self._clusters(tables)
        self._refuse_shared()
        packed: list[Numbers] = []
        for offset in tables[tables != 0].tolist():
            stored = self._file.read(offset, header.cluster_size)
            entries = np.frombuffer(stored[: len(stored) // 8 * 8], dtype=">u8").astype(np.uint64)
            is_packed = (entries & np.uint64(COMPRESSED)) != 0
            if is_packed.any():
                packed.append(entries[is_packed])
            self._clusters(entries[~is_packed] & np.uint64(OFFSET_MASK))
        self._refuse_shared()
        plain = self.counts != 0
        for entries in packed:
            self._packed(entries, plain)
        return self.counts

    def _range(self, offset: int, length: int) -> None:
        first, last = offset >> self._bits, (offset + max(length, 1) - 1) >> self._bits
        if last >= len(self.counts):
            self._outside(offset + length)
        self.counts[first : last + 1] += 1

    def _clusters(self, offsets: Numbers) -> None:
        used = offsets[offsets != 0]
        if not used.size:
            return
        unaligned = used[(used & np.uint64(self._header.cluster_size - 1)) != 0]
        if unaligned.size:
            raise MediumFormatError(
                f"The QCOW image '{self._file.path}' is damaged: its tables refer to offset "
                f"{int(unaligned[0])}, which is no cluster.",
            )
        numbers = used >> np.uint64(self._bits)
        if int(numbers.max()) >= len(self.counts):
            self._outside(int(used.max()))
        np.add.at(self.counts, numbers.astype(np.int64), np.uint16(1))

    def _packed(self, entries: Numbers, plain: NDArray[np.bool_]) -> None:
        for entry in entries.tolist():
            offset, length = compressed_range(entry, self._bits)
            if offset >= self._file.size:
                self._outside(offset)
            last = min(offset + length, self._file.size) - 1
            where = slice(offset >> self._bits, (last >> self._bits) + 1)
            if plain[where].any():
                self._shared(where.start)
            self.counts[where] += 1

    def _outside(self, offset: int) -> None:
        raise MediumFormatError(
            f"The QCOW image '{self._file.path}' is damaged: its tables refer to offset {offset}, "
            f"past the end of the file at {self._file.size}.",
        )

    def _refuse_shared(self) -> None:
        if self.counts.size and int(self.counts.max()) > 1:
            self._shared(int(np.flatnonzero(self.counts > 1)[0]))

    def _shared(self, cluster: int) -> None:
        raise MediumFormatError(
            f"The QCOW image '{self._file.path}' is damaged: two of its tables refer to the same "
            f"cluster at offset {cluster << self._bits}.",
        )


def _end_of_used(counts: Counts) -> int:
    """Return the number behind the last cluster that is in use."""
    end = len(counts)
    while end > 0:
        used = np.flatnonzero(counts[max(0, end - _STRETCH) : end])
        if used.size:
            return max(0, end - _STRETCH) + int(used[-1]) + 1
        end -= _STRETCH
    return 0


def _unused(counts: Counts) -> Numbers:
    """Return the first clusters that are not in use."""
    found: list[Numbers] = [np.zeros(0, dtype=np.uint64)]
    total = 0
    for start in range(0, len(counts), _STRETCH):
        here = np.flatnonzero(counts[start : start + _STRETCH] == 0)
        found.append(here.astype(np.uint64) + np.uint64(start))
        total += here.size
        if total >= MOST_HOLES:
            break
    return np.concatenate(found)[:MOST_HOLES]


class Refcounts:
    """The counts of an image that is open for writing, in memory as in the file.

    Attributes:
        holes: unused clusters in front of the end of the file, the first one last; of very many
            only the first ones.
        covered_end: offset up to which clusters behind the end are counted as used already.
        repaired: opening has found counts that were wrong.
    """

    def __init__(self, file: HostFile, header: QcowHeader, l1: array[int]) -> None:
        """Count the references anew and store where they differ.

        Raises:
            MediumFormatError: the tables contradict each other.
        """
        self._file = file
        self._header = header
        self._bits = header.cluster_bits
        self._table = unpack_table(
            file.read(header.refcount_offset, header.refcount_clusters << self._bits), 8, "big"
        )
        self._counts = UsedClusters(file, header).count(l1, self._table)
        self._width = 1 << header.refcount_order
        self._per_block = (header.cluster_size * 8) >> header.refcount_order
        if self._width < 16 and int(self._counts.max()) >> self._width:
            raise MediumFormatError(
                f"The QCOW image '{file.path}' is damaged: a cluster has {int(self._counts.max())} "
                f"references, more than {self._width} bits can count.",
            )
        clusters = _end_of_used(self._counts)
        self.end = clusters << self._bits
        self._counts = self._counts[:clusters].copy()
        self.holes = array("Q", _unused(self._counts)[::-1].tobytes())
        self.covered_end = self.end
        self.repaired = False

    def repair(self, tail: FileTail) -> None:
        """Store the counts where the file has others; called once, before anything is written."""
        missing = len(self._counts) > len(self._table) * self._per_block
        for index, entry in enumerate(self._table):
            offset = entry & OFFSET_MASK
            first, last = index * self._per_block, (index + 1) * self._per_block
            if not offset:
                missing = missing or bool(self._counts[first:last].any())
                continue
            wanted = self._encode(first, last)
            if self._file.read(offset, len(wanted)) != wanted:
                self._file.write(offset, wanted)
                self.repaired = True
        if missing:
            self.repaired = True
            self.cover(tail, self.end)

    def _encode(self, first: int, last: int) -> bytes:
        """Counts of a range of clusters as they are stored; zeros behind those that are known."""
        known = self._counts[first : min(last, len(self._counts))]
        counts = np.zeros(last - first, dtype=np.uint64)
        counts[: len(known)] = known
        if self._width >= 8:
            return counts.astype(f">u{self._width // 8}").tobytes()
        bits = (counts[:, None] >> np.arange(self._width, dtype=np.uint64)) & np.uint64(1)
        return np.packbits(bits.astype(np.uint8).reshape(-1), bitorder="little").tobytes()

    def _store(self, first: int, last: int) -> None:
        """Store the counts of a range of clusters all of which have a block."""
        first -= first % 8
        last += -last % 8
        while first < last:
            index, within = divmod(first, self._per_block)
            until = min(last, (index + 1) * self._per_block)
            offset = self._table[index] & OFFSET_MASK
            self._file.write(offset + within * self._width // 8, self._encode(first, until))
            first = until

    def cover(self, tail: FileTail, end: int) -> None:
        """Count clusters behind the end of the file as used, at least up to an offset.

        New blocks of counts are placed at the end of the file, so that it moves.

        Raises:
            MediumFull: there is no room.
        """
        step = min(max(SMALLEST_STEP, end), LARGEST_STEP, CLUSTERS_PER_STEP << self._bits)
        try:
            self._cover(tail, end + step)
        except MediumFull:
            self._cover(tail, end)

    def _cover(self, tail: FileTail, end: int) -> None:
        known = len(self._counts)
        missing, table_clusters, end = self._plan(end)
        tail.make_room(end - tail.end)
        added = np.ones((end >> self._bits) - known, dtype=np.uint16)
        self._counts = np.concatenate((self._counts, added))
        try:
            for index, offset in enumerate(self._table):
                if offset and (index + 1) * self._per_block > known:
                    self._store(max(known, index * self._per_block), self._end_of(index))
            self._add_blocks(tail, missing, table_clusters)
            self._file.sync()
        except MediumError:
            self._counts = self._counts[:known]
            raise
        self.covered_end = end

    def _end_of(self, index: int) -> int:
        return min(len(self._counts), (index + 1) * self._per_block)

    def _plan(self, end: int) -> tuple[list[int], int, int]:
        """Find the blocks that are missing, the clusters of a longer table, and where both end."""
        size = self._header.cluster_size
        extra = 0
        while True:
            blocks = -(-((end + extra) >> self._bits) // self._per_block)
            missing = [i for i in range(blocks) if i >= len(self._table) or not self._table[i]]
            table_clusters = 0
            if blocks > len(self._table):
                table_clusters = -(-(blocks + blocks // 2 + 1) * ENTRY_SIZE // size)
            needed = (len(missing) + table_clusters) * size
            if needed <= extra:
                break
            extra = needed
        if table_clusters * size > LARGEST_REFCOUNT_TABLE_BYTES:
            raise MediumFull(
                f"The image '{self._file.path}' cannot grow: its table of reference counts would "
                f"have {table_clusters * size} bytes.",
            )
        return missing, table_clusters, end + extra

    def _add_blocks(self, tail: FileTail, missing: list[int], table_clusters: int) -> None:
        table = array("Q", self._table)
        table.extend([0] * (max(missing, default=-1) + 1 - len(table)))
        size = self._header.cluster_size
        for index in missing:
            table[index] = tail.end
            first = index * self._per_block
            self._file.write(tail.end, self._encode(first, first + self._per_block))
            tail.take(size)
        if table_clusters:
            table.extend([0] * (table_clusters * size // ENTRY_SIZE - len(table)))
            self._file.write(tail.end, pack_table(table, "big"))
            self._file.sync()
            where = tail.end.to_bytes(8, "big") + table_clusters.to_bytes(4, "big")
            self._file.write(REFCOUNT_TABLE_OFFSET, where)
            self._file.sync()
            tail.take(table_clusters * size)
            old = self._header
            self._header = dataclasses.replace(
                old, refcount_offset=tail.end - table_clusters * size,
                refcount_clusters=table_clusters,
            )  # fmt: skip
            self._table = table
            first = old.refcount_offset >> self._bits
            self.release(range(first, first + old.refcount_clusters))
        elif missing:
            first, last = missing[0], missing[-1] + 1
            self._file.sync()
            self._file.write(
                self._header.refcount_offset + first * ENTRY_SIZE,
                pack_table(table[first:last], "big"),
            )
            self._table = table

    def uncover(self, end: int) -> None:
        """Count the clusters from an offset on as unused again; nothing may refer to them."""
        first, known = end >> self._bits, len(self._counts)
        self._counts[first:] = 0
        self._store(first, known)
        self._counts = self._counts[:first]
        self.covered_end = end

    def use(self, cluster: int) -> None:
        """Count a hole as used."""
        self._counts[cluster] = 1
        self._store(cluster, cluster + 1)

    def release(self, clusters: range) -> list[int]:
        """Count one reference less to each of some clusters; returns those that have none left."""
        self._counts[clusters.start : clusters.stop] -= np.uint16(1)
        self._store(clusters.start, clusters.stop)
        return [cluster for cluster in clusters if not self._counts[cluster]]
