"""Disks that are stored block by block in a host file, wherever each block was put.

What the sparse formats have in common: a map tells for each block of the disk whether it is stored
and where. A block that is not reads as the image below has it, or as zeros. A new block is written
first and entered into the map afterwards, so that the death of this process at any moment leaves
at worst room that nothing refers to.

A crash of the host may leave any part of what was not flushed. The file is made longer in steps,
each flushed before the map refers to anything in it, so that no entry points past its end and an
entry without its data reads as zeros, as the block did before. Where a block did read as something
else, or its room may hold something, it is flushed before it is entered into the map.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, Protocol

from engine.storage.errors import MediumError, MediumFull
from engine.storage.vectors import fill, split, total

if TYPE_CHECKING:
    from engine.storage.hostfile import HostFile
    from engine.storage.medium import Medium

READS_ZERO: Final = -1
"""Position of a run that is not stored and reads as zeros, whatever the image below holds."""
READS_BELOW: Final = -2
"""Position of a run that is not stored and reads as the image below, or as zeros without one."""
PACKED: Final = -3
"""Position of a run inside one compressed block."""

GROWTH_STEP: Final = 32 << 20
"""How much longer a file becomes at least, in bytes; the rest is cut off when it is closed."""
LARGEST_GROWTH_STEP: Final = 1 << 30
"""Files double until they grow by this: each step waits for the drive, and takes no room."""


def is_zero(data: bytes | memoryview) -> bool:
    """Tell whether there is nothing but zeros in ``data``."""
    return not len(data) or (not data[0] and not data[-1] and bytes(data).count(0) == len(data))


class Source(Protocol):
    """What a store reads where it holds nothing itself."""

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes."""

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell whether the range may read as anything but zeros."""


class Below:
    """The image below a differencing one, followed by zeros where it is the shorter of the two.

    Args:
        medium: the image; None: zeros from now on.
        start: where on its disk the store begins that builds on it, in bytes.
    """

    def __init__(self, medium: Medium | None, start: int = 0) -> None:
        self.medium = medium
        self._start = start

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes."""
        offset += self._start
        medium = self.medium
        if medium is None or offset >= medium.size:
            return bytes(length)
        held = min(length, medium.size - offset)
        return medium.read(offset, held).ljust(length, b"\0")

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell whether the range may read as anything but zeros."""
        offset += self._start
        medium = self.medium
        if medium is None or offset >= medium.size:
            return False
        return medium.may_hold_data(offset, min(length, medium.size - offset))


class FileTail:
    """The end of an image file, where new blocks come to lie.

    Attributes:
        end: offset behind everything that is in use; the next block begins here.
    """

    def __init__(
        self, file: HostFile, end: int, footer: bytes = b"", step: int | None = None
    ) -> None:
        """Take over a file; what lies behind ``end`` may be left over from a write that failed.

        Args:
            file: open for writing.
            end: offset behind everything in use.
            footer: bytes that the format wants at the end of the file at all times.
            step: how much longer than needed the file is made; None: GROWTH_STEP.
        """
        self._file = file
        self._step = GROWTH_STEP if step is None else step
        self.end = end
        self._footer = footer
        self._stale_end = file.size
        self._durable_end = 0

    def make_room(self, length: int) -> int:
        """Make the file reach ``length`` bytes behind ``end``, with zeros in them.

        Returns:
            The offset of the room, which is ``end``; it is in use only after ``take``.

        Raises:
            MediumFull: there is no room.
        """
        start, end = self.end, self.end + length
        if self._stale_end > start:
            self._file.truncate(start)
            self._stale_end = start
            self._durable_end = min(self._durable_end, start)
        if end > self._durable_end:
            self._grow(end)
        return start

    def _grow(self, end: int) -> None:
        footer_at = self._durable_end if self._footer else 0
        wanted = end + (min(max(self._step, end), LARGEST_GROWTH_STEP) if self._step else 0)
        try:
            self._lengthen(wanted)
        except MediumFull:
            wanted = end
            self._lengthen(wanted)
        if footer_at:
            self._file.write(footer_at, bytes(len(self._footer)))
        self._file.sync()
        self._durable_end = wanted

    def _lengthen(self, size: int) -> None:
        if self._footer:
            self._file.write(size, self._footer)
        else:
            self._file.truncate(max(size, self._file.size))

    def take(self, length: int) -> None:
        """Count the next ``length`` bytes among those in use."""
        self.end += length
        self._file.hasten(self.end)

    def spoil(self, length: int) -> None:
        """Note that a write which failed may have left something in the next ``length`` bytes."""
        self._stale_end = max(self._stale_end, self.end + length)

    def cut(self) -> None:
        """Give back the room that was made in advance."""
        size = self.end + len(self._footer)
        if self._file.size > size:
            if self._footer:
                self._file.write(self.end, self._footer)
            self._file.truncate(size)
        self._stale_end = self._file.size
        self._durable_end = 0


class BlockStore(ABC):
    """A disk in blocks, for reading.

    Attributes:
        file: where the blocks are stored.
        size: bytes of the disk.
        block_size: bytes of a block; the last one may be cut by the end of the disk.
        below: what unstored blocks read as; None: zeros.
    """

    def __init__(
        self, file: HostFile, size: int, block_size: int, below: Source | None = None
    ) -> None:
        self.file = file
        self.size = size
        self.block_size = block_size
        self.below = below

    @abstractmethod
    def run_at(self, offset: int, length: int) -> tuple[int, int]:
        """Find out how a range begins.

        Returns:
            Where in the file its first bytes are (or READS_ZERO, READS_BELOW, PACKED), and how
            many of them, from 1 to ``length``.

        Raises:
            MediumFormatError: the map is damaged there.
        """

    def read_packed(self, offset: int, length: int) -> bytes:
        """Return bytes of one compressed block; only called where ``run_at`` says PACKED."""
        raise AssertionError(f"no compressed block at {offset}, {length}")

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly ``length`` bytes of the disk."""
        parts = []
        while length:
            position, count = self.run_at(offset, length)
            if position >= 0:
                data = self.file.read(position, count)
                parts.append(data if len(data) == count else data.ljust(count, b"\0"))
            elif position == PACKED:
                parts.append(self.read_packed(offset, count))
            elif position == READS_BELOW and self.below is not None:
                parts.append(self.below.read(offset, count))
            else:
                parts.append(bytes(count))
            offset += count
            length -= count
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, offset: int, views: list[memoryview]) -> None:
        """Fill parts of memory, in order."""
        length = total(views)
        while length:
            position, count = self.run_at(offset, length)
            part, views = split(views, count)
            if position >= 0:
                self.file.read_into(position, part)
            elif position == PACKED:
                fill(part, self.read_packed(offset, count))
            elif position == READS_BELOW and self.below is not None:
                fill(part, self.below.read(offset, count))
            else:
                fill(part, bytes(count))
            offset += count
            length -= count

    def may_hold_data(self, offset: int, length: int) -> bool:
        """Tell whether a range may read as anything but zeros, as the map knows."""
        while length:
            position, count = self.run_at(offset, length)
            if position >= 0 or position == PACKED:
                return True
            if (
                position == READS_BELOW
                and self.below is not None
                and self.below.may_hold_data(offset, count)
            ):
                return True
            offset += count
            length -= count
        return False

    def flush(self) -> None:
        """Make what was written survive a crash of the host."""
        self.file.sync()

    def finish(self) -> None:
        """Bring the file into its final shape and flush it."""
        self.file.sync()

    def check(self) -> list[str]:
        """Return a sentence for each irregularity that does not keep the store from being used."""
        return []


class WritableBlockStore(BlockStore):
    """A disk in blocks that can be written; new blocks are appended to the file."""

    tail: FileTail

    @abstractmethod
    def place(self, block: int, count: int) -> tuple[int, int, bool]:
        """Find room for new blocks, without entering them into the map.

        Args:
            block: number of the first of them on the disk.
            count: how many are wanted.

        Returns:
            The offset of the room, for how many blocks it is (1 to ``count``), and whether it
            is known to hold zeros.
        """

    @abstractmethod
    def enter(self, block: int, count: int, position: int) -> None:
        """Enter blocks that have been written at ``position``, in a row, into the map."""

    def taken(self, position: int, count: int) -> None:
        """Count room that ``place`` has found as used up."""
        if position == self.tail.end:
            self.tail.take(count * self.block_stride())

    def hide(self, block: int) -> bool:
        """Make an unstored block read as zeros whatever is below; False: it has to be stored."""
        del block
        return False

    def release(self, block: int) -> bool:
        """Make a stored block unstored, reading as zeros; False: the map cannot tell that."""
        del block
        return False

    def block_position(self, position: int) -> int:
        """Offset of a block's data, when the block was placed at ``position``."""
        return position

    def block_stride(self) -> int:
        """Bytes that a block takes in the file."""
        return self.block_size

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write bytes of the disk, storing blocks that were not stored yet."""
        view = memoryview(data).cast("B")
        while view:
            position, count = self.run_at(offset, len(view))
            if position >= 0:
                self.file.write(position, view[:count])
            else:
                count = self._write_unstored(offset, view[:count], position)
            view = view[count:]
            offset += count

    def _write_unstored(self, offset: int, view: memoryview, position: int) -> int:
        block, within = divmod(offset, self.block_size)
        from_below = position == READS_BELOW and self.below is not None
        whole = not within and len(view) >= min(self.block_size, self.size - offset)
        first = view[: self.block_size - within]
        if position != PACKED and is_zero(first):
            if not from_below:
                return len(first)
            if whole and self.hide(block):
                return len(first)
        keeps_old = position == PACKED or from_below
        if self.block_stride() != self.block_size or (keeps_old and not whole):
            view = first
        blocks = -(-(within + len(view)) // self.block_size)
        position, placed, fresh = self.place(block, blocks)
        view = view[: placed * self.block_size - within]
        length = len(view)
        if keeps_old or not fresh:
            view, within = self._completed(block, placed, within, view)
        ordered = not fresh or (keeps_old and self._reads_data(block, placed))
        self._store_new(block, placed, position, within, view, ordered=ordered)
        return length

    def _reads_data(self, block: int, count: int) -> bool:
        """Tell whether unstored or compressed blocks may read as anything but zeros."""
        start = block * self.block_size
        return self.may_hold_data(start, min(count * self.block_size, self.size - start))

    def _completed(
        self, block: int, count: int, within: int, view: memoryview
    ) -> tuple[memoryview, int]:
        """Put what the blocks read as until now around the data."""
        start = block * self.block_size
        end = min(self.size, start + count * self.block_size)
        behind = start + within + len(view)
        if within or behind < end:
            before = self.read(start, within)
            after = self.read(behind, end - behind)
            view = memoryview(b"".join((before, view, after)))
        missing = count * self.block_size - len(view)
        return memoryview(bytes(view).ljust(len(view) + missing, b"\0")) if missing else view, 0

    def _store_new(
        self,
        block: int,
        count: int,
        position: int,
        within: int,
        view: memoryview,
        *,
        ordered: bool,
    ) -> None:
        try:
            self.file.write(self.block_position(position) + within, view)
            if ordered:
                self.file.sync()
            self.enter(block, count, position)
        except MediumError:
            if position == self.tail.end:
                self.tail.spoil(count * self.block_stride())
            raise
        self.taken(position, count)

    def discard(self, offset: int, length: int) -> None:
        """Give the room back to the host where that is possible; whole blocks read as zeros."""
        while length:
            position, count = self.run_at(offset, length)
            block, within = divmod(offset, self.block_size)
            count = min(count, self.block_size - within)
            whole = not within and count >= min(self.block_size, self.size - offset)
            if position >= 0:
                if not (whole and self.release(block)):
                    self.file.punch_hole(position, count)
            elif whole and position == READS_BELOW and self.below is not None:
                self.hide(block)
            elif whole and position == PACKED:
                self.release(block)
            offset += count
            length -= count
