"""The clusters of a QCOW image: finding, reading and writing them."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING

from engine.storage.blockstore import (
    PACKED,
    READS_BELOW,
    READS_ZERO,
    FileTail,
    Source,
    WritableBlockStore,
)
from engine.storage.errors import MediumFormatError
from engine.storage.formats.qcow_header import (
    COMPRESSED,
    COPIED,
    ENTRY_SIZE,
    OFFSET_MASK,
    READS_AS_ZERO,
    QcowHeader,
)
from engine.storage.formats.qcow_refcounts import Refcounts, compressed_range
from engine.storage.tables import TableCache, pack_table, unpack_table

if TYPE_CHECKING:
    from engine.storage.hostfile import HostFile


class QcowStore(WritableBlockStore):
    """The disk of a QCOW image.

    Attributes:
        refcounts: of the clusters; only while the image is open for writing.
    """

    def __init__(self, file: HostFile, header: QcowHeader, size: int, below: Source | None) -> None:
        super().__init__(file, size, header.cluster_size, below)
        self._header = header
        self._bits = header.cluster_bits
        self._l2_bits = header.l2_bits
        self._zero_flag = READS_AS_ZERO if header.version >= 3 else 0
        stored = file.read(header.l1_offset, header.l1_entries * ENTRY_SIZE)
        if len(stored) < header.l1_entries * ENTRY_SIZE:
            raise MediumFormatError(
                f"The QCOW image '{file.path}' is damaged: its first-level table ends at offset "
                f"{header.l1_offset + header.l1_entries * ENTRY_SIZE}, past the end of the file at "
                f"{file.size}.",
            )
        self._l1 = unpack_table(stored, ENTRY_SIZE, "big")
        self._tables = TableCache(file, 1 << header.l2_bits, ENTRY_SIZE, "big")
        self._packed: tuple[int, bytes] = (-1, b"")
        self._dropped: list[range] = []
        """Clusters whose tables do not refer to them any more, but may after a crash of the host;
        they stay counted as used until the next flush."""
        self.refcounts: Refcounts | None = None

    def begin_writing(self) -> Refcounts:
        """Count the references, and put right what is stored of them.

        Raises:
            MediumFormatError: the tables contradict each other.
        """
        counts = Refcounts(self.file, self._header, self._l1)
        self.refcounts = counts
        self.tail = FileTail(self.file, counts.end, step=0)
        counts.repair(self.tail)
        return counts

    def _table(self, index: int) -> array[int] | None:
        """The L2 table that an L1 entry points to."""
        offset = self._l1[index] & OFFSET_MASK
        if not offset:
            return None
        if offset & (self.block_size - 1) or offset >= self._file_size(offset):
            self._damaged("second-level table", offset)
        return self._tables.get(offset)

    def _file_size(self, offset: int) -> int:
        # A writer in another process may have made the file longer.
        return self.file.size if offset < self.file.size else self.file.refresh_size()

    def _damaged(self, what: str, offset: int) -> None:
        raise MediumFormatError(
            f"The QCOW image '{self.file.path}' is damaged: a {what} should be at offset {offset}, "
            f"which is no cluster or past the end of the file at {self.file.size}.",
        )

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        cluster = offset >> self._bits
        within = offset & (self.block_size - 1)
        index = cluster >> self._l2_bits
        table = self._table(index)
        if table is None:
            covered = ((index + 1) << (self._l2_bits + self._bits)) - offset
            return READS_BELOW, min(length, covered)
        at = cluster & ((1 << self._l2_bits) - 1)
        start = self._position(table[at])
        count = self.block_size - within
        if start == PACKED:
            return PACKED, min(length, count)
        while count < length:
            at += 1
            if at == len(table):
                break
            position = self._position(table[at])
            if position != (start + within + count if start >= 0 else start):
                break
            count += self.block_size
        return (start + within if start >= 0 else start), min(length, count)

    def _position(self, entry: int) -> int:
        if entry & COMPRESSED:
            return PACKED
        if entry & self._zero_flag:
            return READS_ZERO
        offset = entry & OFFSET_MASK
        if not offset:
            return READS_BELOW
        if offset & (self.block_size - 1) or offset >= self._file_size(offset):
            self._damaged("cluster", offset)
        return offset

    def read_packed(self, offset: int, length: int) -> bytes:
        """Return bytes of a compressed cluster."""
        cluster, within = offset >> self._bits, offset & (self.block_size - 1)
        table = self._table(cluster >> self._l2_bits)
        assert table is not None
        entry = table[cluster & ((1 << self._l2_bits) - 1)]
        if self._packed[0] != entry:
            where, most = compressed_range(entry, self._bits)
            try:
                data = zlib.decompressobj(-15).decompress(
                    self.file.read(where, most), self.block_size
                )
            except zlib.error as error:
                raise MediumFormatError(
                    f"The QCOW image '{self.file.path}' is damaged: the compressed cluster at "
                    f"offset {where} cannot be unpacked ({error}).",
                ) from error
            if len(data) < self.block_size:
                raise MediumFormatError(
                    f"The QCOW image '{self.file.path}' is damaged: the compressed cluster at "
                    f"offset {where} holds {len(data)} bytes instead of {self.block_size}.",
                )
            self._packed = entry, data
        return self._packed[1][within : within + length]

    def _need_counts(self) -> Refcounts:
        assert self.refcounts is not None, "opened for reading"
        return self.refcounts

    def _at_end(self, clusters: int) -> int:
        """Make the next clusters at the end of the file usable: zeros, counted as used."""
        counts = self._need_counts()
        while self.tail.end + clusters * self.block_size > counts.covered_end:
            counts.cover(self.tail, self.tail.end + clusters * self.block_size)
        return self.tail.make_room(clusters * self.block_size)

    def _writable_table(self, index: int) -> int:
        """Offset of the L2 table for an L1 entry, which is made when there is none."""
        offset = self._l1[index] & OFFSET_MASK
        if offset:
            return offset
        offset = self._at_end(1)
        entry = offset | COPIED
        where = self._header.l1_offset + index * ENTRY_SIZE
        self.tail.take(self.block_size)
        self.file.write(where, entry.to_bytes(ENTRY_SIZE, "big"))
        self._l1[index] = entry
        self._tables.put(offset, array("Q", bytes(self.block_size)))
        return offset

    def place(self, block: int, count: int) -> tuple[int, int, bool]:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.place`."""
        self._writable_table(block >> self._l2_bits)
        counts = self._need_counts()
        if not counts.holes:
            return self._at_end(count), count, True
        holes = counts.holes
        first, found = holes[-1], 1
        while found < min(count, len(holes)) and holes[-1 - found] == first + found:
            found += 1
        for cluster in range(first, first + found):
            counts.use(cluster)
        return first << self._bits, found, False

    def taken(self, position: int, count: int) -> None:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.taken`."""
        if position == self.tail.end:
            self.tail.take(count * self.block_size)
        else:
            del self._need_counts().holes[-count:]

    def enter(self, block: int, count: int, position: int) -> None:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.enter`."""
        values = array(
            "Q",
            (
                (position + number * self.block_size) | COPIED
                for number in range(count)
            ),
        )  # fmt: skip
        self._store_entries(block, values)

    def _store_entries(self, block: int, values: array[int]) -> None:
        offset = self._writable_table(block >> self._l2_bits)
        index = block & ((1 << self._l2_bits) - 1)
        before = self._tables.get(offset)[index : index + len(values)]
        self._tables.store(offset, index, values)
        for entry in before:
            if entry & (OFFSET_MASK | COMPRESSED):
                self._free(entry)

    def _free(self, entry: int) -> None:
        offset, length = entry & OFFSET_MASK, self.block_size
        if entry & COMPRESSED:
            offset, length = compressed_range(entry, self._bits)
            length = min(length, self.file.size - offset)
        clusters = range(offset >> self._bits, ((offset + length - 1) >> self._bits) + 1)
        self._dropped.append(clusters)

    def hide(self, block: int) -> bool:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.hide`."""
        if not self._zero_flag:
            return False
        self._store_entries(block, array("Q", [self._zero_flag]))
        return True

    def release(self, block: int) -> bool:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.release`."""
        if self.below is not None and not self._zero_flag:
            return False
        position, _ = self.run_at(block << self._bits, 1)
        self._store_entries(block, array("Q", [self._zero_flag if self.below else 0]))
        if position >= 0:
            self.file.punch_hole(position, self.block_size)
        return True

    def flush(self) -> None:
        """Make what was written survive a crash of the host; what was freed can be used again."""
        self.file.sync()
        counts = self.refcounts
        if self._dropped and counts is not None:
            holes = set(counts.holes)
            while self._dropped:
                holes.update(counts.release(self._dropped.pop()))
            counts.holes = array("Q", sorted(holes, reverse=True))

    def finish(self) -> None:
        """Give back the room that was made in advance, and flush."""
        self.flush()
        counts = self.refcounts
        if counts is not None and counts.covered_end > self.tail.end:
            counts.uncover(self.tail.end)
            self.tail.cut()
        super().finish()

    def grow_l1(self, entries: int) -> int:
        """Make the L1 table longer, in another place; the header still refers to the old one.

        Returns:
            The offset of the new table.
        """
        clusters = -(-entries * ENTRY_SIZE // self.block_size)
        offset = self._at_end(clusters)
        longer = array("Q", self._l1)
        longer.extend([0] * (entries - len(longer)))
        self.file.write(offset, pack_table(longer, "big"))
        self.tail.take(clusters * self.block_size)
        return offset
