"""The blocks of a sparse VHD image, each with a bitmap of its sectors in front of it."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from engine.storage.blockstore import READS_BELOW, FileTail, Source, WritableBlockStore
from engine.storage.errors import MediumError, MediumFormatError
from engine.storage.formats.vhd_header import ENTRY_SIZE, FOOTER_SIZE, UNUSED, VhdHeader
from engine.storage.medium import SECTOR_SIZE
from engine.storage.tables import pack_table, unpack_table

if TYPE_CHECKING:
    from engine.storage.hostfile import HostFile

BITMAPS_BYTES: Final = 16 << 20
"""How much memory the bitmaps that are remembered may take."""


def block_table(file: HostFile, header: VhdHeader) -> array[int]:
    """Read the block table and refuse one that would mix up data.

    Raises:
        MediumFormatError: a block lies outside of the file or over another one.
    """
    stored = file.read(header.table_offset, header.blocks * ENTRY_SIZE)
    file.refresh_size()
    if len(stored) < header.blocks * ENTRY_SIZE:
        raise MediumFormatError(
            f"The VHD image '{file.path}' is damaged: its block table ends at offset "
            f"{header.table_end}, past the end of the file at {file.size}.",
        )
    entries = np.frombuffer(stored, dtype=">u4").astype(np.int64)
    used = np.sort(entries[entries != UNUSED])
    if used.size:
        stride = header.block_stride // SECTOR_SIZE
        close = np.flatnonzero(np.diff(used) < stride)
        end = int(used[-1]) * SECTOR_SIZE + header.bitmap_size
        if close.size:
            raise MediumFormatError(
                f"The VHD image '{file.path}' is damaged: two of its blocks overlap at sector "
                f"{int(used[close[0]])}.",
            )
        if int(used[0]) * SECTOR_SIZE < FOOTER_SIZE or end > file.size:
            raise MediumFormatError(
                f"The VHD image '{file.path}' is damaged: its table refers to the sectors "
                f"{int(used[0])} and {int(used[-1])} of a file of {file.size} bytes.",
            )
    return unpack_table(stored, ENTRY_SIZE, "big")


class VhdStore(WritableBlockStore):
    """The disk of a dynamic image: a stored block is stored as a whole."""

    def __init__(
        self, file: HostFile, header: VhdHeader, size: int, below: Source | None
    ) -> None:
        super().__init__(file, size, header.block_size, below)
        self._header = header
        self._bitmap_size = header.bitmap_size
        self._entries = block_table(file, header)

    def begin_writing(self, footer: bytes) -> None:
        """Find the end of the data, and put the footer there if it is missing."""
        end = max([self._header.table_end, *(each.offset + each.length for each in
                                             self._header.locators)])  # fmt: skip
        used = np.array(self._entries, dtype=np.int64)
        used = used[used != UNUSED]
        if used.size:
            end = max(end, int(used.max()) * SECTOR_SIZE + self._header.block_stride)
            if int(used.min()) * SECTOR_SIZE < self._header.table_end:
                raise MediumFormatError(
                    f"The VHD image '{self.file.path}' is damaged: a block lies over its table.",
                )
        end = -(-end // SECTOR_SIZE) * SECTOR_SIZE
        if self.file.read(max(0, self.file.size - FOOTER_SIZE), FOOTER_SIZE) != footer:
            self.file.truncate(end)
            self.file.write(end, footer)
        self.tail = FileTail(self.file, end, footer)

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        block, within = divmod(offset, self.block_size)
        entry = self._entries[block]
        count = min(length, self.block_size - within)
        if entry == UNUSED:
            return READS_BELOW, count
        return entry * SECTOR_SIZE + self._bitmap_size + within, count

    def block_position(self, position: int) -> int:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.block_position`."""
        return position + self._bitmap_size

    def block_stride(self) -> int:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.block_stride`."""
        return self._header.block_stride

    def place(self, block: int, count: int) -> tuple[int, int, bool]:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.place`."""
        del block, count
        return self.tail.make_room(self._header.block_stride), 1, True

    def enter(self, block: int, count: int, position: int) -> None:
        """See :meth:`engine.storage.blockstore.WritableBlockStore.enter`."""
        del count
        self.file.write(position, b"\xff" * (self.block_size // SECTOR_SIZE // 8))
        self._store_entry(block, position)

    def _store_entry(self, block: int, position: int) -> None:
        entry = array("I", [position // SECTOR_SIZE])
        self.file.write(self._header.table_offset + block * ENTRY_SIZE, pack_table(entry, "big"))
        self._entries[block] = entry[0]

    def finish(self) -> None:
        """Put the footer behind the last block, and flush."""
        if hasattr(self, "tail"):
            self.tail.cut()
        super().finish()


class VhdDifference(VhdStore):
    """The disk of a differencing image: of a stored block, some sectors are those of the parent."""

    def __init__(
        self, file: HostFile, header: VhdHeader, size: int, below: Source | None
    ) -> None:
        super().__init__(file, header, size, below)
        self._bitmaps: OrderedDict[int, bytearray] = OrderedDict()
        self._most_bitmaps = max(4, BITMAPS_BYTES // header.bitmap_size)

    def _bitmap(self, block: int) -> bytearray:
        """The bits of a stored block's sectors, the highest of each byte first."""
        bits = self._bitmaps.get(block)
        if bits is None:
            length = self.block_size // SECTOR_SIZE // 8
            stored = self.file.read(self._entries[block] * SECTOR_SIZE, length)
            bits = bytearray(stored.ljust(length, b"\0"))
            self._bitmaps[block] = bits
            if len(self._bitmaps) > self._most_bitmaps:
                self._bitmaps.popitem(last=False)
        else:
            self._bitmaps.move_to_end(block)
        return bits

    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """See :meth:`engine.storage.blockstore.BlockStore.run_at`."""
        position, length = super().run_at(offset, length)
        if position < 0:
            return position, length
        block, within = divmod(offset, self.block_size)
        bits = self._bitmap(block)
        sector = within // SECTOR_SIZE
        last = (within + length - 1) // SECTOR_SIZE
        stored = _bit(bits, sector)
        whole = 0xFF if stored else 0
        end = sector + 1
        while end <= last:
            if not end % 8 and bits[end // 8] == whole:
                end += 8
            elif _bit(bits, end) == stored:
                end += 1
            else:
                break
        count = min(length, end * SECTOR_SIZE - within)
        return (position if stored else READS_BELOW), count

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk: whole sectors, and then their bits."""
        view = memoryview(data).cast("B")
        while view:
            block, within = divmod(offset, self.block_size)
            part = view[: self.block_size - within]
            if self._entries[block] == UNUSED:
                self._store_empty(block)
            self._write_sectors(block, within, part)
            view = view[len(part) :]
            offset += len(part)

    def _store_empty(self, block: int) -> None:
        stride = self._header.block_stride
        position = self.tail.make_room(stride)
        try:
            self._store_entry(block, position)
        except MediumError:
            self.tail.spoil(stride)
            raise
        self.tail.take(stride)

    def _write_sectors(self, block: int, within: int, part: memoryview) -> None:
        start = block * self.block_size
        first = within // SECTOR_SIZE
        end = -(-(within + len(part)) // SECTOR_SIZE)
        before = within - first * SECTOR_SIZE
        after = end * SECTOR_SIZE - within - len(part)
        if before or after:
            head = self.read(start + first * SECTOR_SIZE, before)
            tail = self.read(start + within + len(part), after)
            part = memoryview(b"".join((head, part, tail)))
        position = self._entries[block] * SECTOR_SIZE
        self.file.write(position + self._bitmap_size + first * SECTOR_SIZE, part)
        bits = self._bitmap(block)
        changed = bytearray(bits)
        _set_bits(changed, first, end)
        if changed != bits:
            begin, length = start + first * SECTOR_SIZE, (end - first) * SECTOR_SIZE
            if self.below is not None and self.below.may_hold_data(begin, length):
                # The sectors did read as something: the bits must not be there without the data.
                self.file.sync()
            low, high = first // 8, -(-end // 8)
            self.file.write(position + low, changed[low:high])
            bits[low:high] = changed[low:high]


def _bit(bits: bytearray, sector: int) -> bool:
    return bool(bits[sector >> 3] & (0x80 >> (sector & 7)))


def _set_bits(bits: bytearray, first: int, end: int) -> None:
    while first < end:
        if not first % 8 and end - first >= 8:
            whole = (end - first) // 8
            bits[first // 8 : first // 8 + whole] = b"\xff" * whole
            first += whole * 8
        else:
            bits[first >> 3] |= 0x80 >> (first & 7)
            first += 1
