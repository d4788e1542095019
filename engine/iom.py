"""IOM: dispatch of port and memory-mapped I/O to device handlers.

A range belongs to one owner; a second claim is an error that names both. An access that a handler
does not take at its size is split into smaller ones, low address first, as the ISA bus does.
Reads that nobody answers return all-ones, writes that nobody takes are dropped.

Handlers get an offset from the start of their range, never an address.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import ResourceConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    ReadHandler = Callable[[int, int], int]  # (offset, size) -> value
    WriteHandler = Callable[[int, int, int], None]  # (offset, value, size)
    BlockReader = Callable[[int, int, int], bytes | None]  # (offset, size, items) -> data
    BlockWriter = Callable[[int, int, bytes], int]  # (offset, size, data) -> items taken

log = logging.getLogger("engine.iom")

PORT_COUNT = 0x10000


@dataclass(slots=True)
class Range:
    """A claimed range of ports or addresses with its handlers.

    Attributes:
        owner: instance name of the device, e.g. ``serial/0``.
        name: name of the register block within the device.
        sizes: access sizes in bytes that the handlers take; others are split.
        coalesce: stores may come late, but in order and before any other access of the guest.
        block_read: answers a string read (REP INS) of up to ``items`` items with as many bytes as
            are ready, or None when the access must go item by item.
        block_write: takes a string write (REP OUTS) and tells how many items it took.
    """

    owner: str
    name: str
    base: int
    count: int
    sizes: tuple[int, ...] = (1,)
    read: ReadHandler | None = None
    write: WriteHandler | None = None
    block_read: BlockReader | None = None
    block_write: BlockWriter | None = None
    coalesce: bool = False

    @property
    def end(self) -> int:
        """The first address after the range."""
        return self.base + self.count

    def __str__(self) -> str:
        """Name the range for messages."""
        return f"{self.owner} ({self.name}, {self.base:#x}-{self.end - 1:#x})"


def split_size(sizes: Sequence[int], size: int, offset: int) -> int:
    """Return the largest legal access size for ``size`` bytes at ``offset``."""
    return max((s for s in sizes if s <= size and offset % s == 0), default=min(sizes))


def read_range(block: Range, offset: int, size: int) -> int:
    """Read ``size`` bytes (1, 2, 4 or 8) at ``offset`` of a range; bytes past its end read FFh."""
    handler = block.read
    if handler is None:
        return (1 << 8 * size) - 1
    if size in block.sizes and offset + size <= block.count:
        return handler(offset, size) & ((1 << 8 * size) - 1)
    value = done = 0
    while done < size:
        left = min(size - done, block.count - offset - done)
        if left <= 0:
            value |= ((1 << 8 * (size - done)) - 1) << 8 * done
            break
        step = split_size(block.sizes, left, offset + done)
        value |= (handler(offset + done, step) & ((1 << 8 * step) - 1)) << 8 * done
        done += step
    return value & ((1 << 8 * size) - 1)


def write_range(block: Range, offset: int, value: int, size: int) -> None:
    """Write ``size`` bytes at ``offset`` of a range; bytes past its end are dropped."""
    handler = block.write
    if handler is None:
        return
    value &= (1 << 8 * size) - 1
    if size in block.sizes and offset + size <= block.count:
        handler(offset, value, size)
        return
    done = 0
    while done < size and offset + done < block.count:
        left = min(size - done, block.count - offset - done)
        step = split_size(block.sizes, left, offset + done)
        handler(offset + done, (value >> 8 * done) & ((1 << 8 * step) - 1), step)
        done += step


class PortSpace:
    """The 64 Ki I/O ports. EMT only.

    ``readers`` and ``writers`` are flat tables of closures, so that one access costs one list
    index and one call; :class:`Range` objects stay available for string I/O and the debugger.
    """

    def __init__(self) -> None:
        self.ranges: list[Range | None] = [None] * PORT_COUNT
        self.readers: list[Callable[[int], int] | None] = [None] * PORT_COUNT
        self.writers: list[Callable[[int, int], None] | None] = [None] * PORT_COUNT

    def map(self, block: Range) -> None:
        """Claim a range of ports.

        Raises:
            ResourceConflictError: a port is taken, or outside 0..FFFFh; names both owners.
        """
        if block.base < 0 or block.end > PORT_COUNT or block.count < 1:
            raise ResourceConflictError(f"The ports of {block} lie outside 0x0-0xffff.")
        for port in range(block.base, block.end):
            other = self.ranges[port]
            if other is not None:
                raise ResourceConflictError(
                    f"Port {port:#x} is claimed by {block} and already belongs to {other}."
                )
        for port in range(block.base, block.end):
            self.ranges[port] = block
            self.readers[port] = self._reader(block, port - block.base)
            self.writers[port] = self._writer(block, port - block.base)

    def unmap(self, block: Range) -> None:
        """Give the ports of a range back; does nothing for a range that is not mapped."""
        for port in range(block.base, block.end):
            if 0 <= port < PORT_COUNT and self.ranges[port] is block:
                self.ranges[port] = self.readers[port] = self.writers[port] = None

    @staticmethod
    def _reader(block: Range, offset: int) -> Callable[[int], int] | None:
        handler = block.read
        if handler is None:
            return None
        if block.sizes == (1,) and offset + 1 == block.count:
            return lambda _size: handler(offset, 1) & 0xFF  # the last port: asked for one byte
        return lambda size: read_range(block, offset, size)

    @staticmethod
    def _writer(block: Range, offset: int) -> Callable[[int, int], None] | None:
        if block.write is None:
            return None
        return lambda value, size: write_range(block, offset, value, size)

    def read(self, port: int, size: int) -> int:
        """Read ``size`` (1, 2, 4) bytes from a port."""
        reader = self.readers[port]
        if reader is not None and (size == 1 or self._within(port, size)):
            return reader(size)
        if size == 1 or self._unclaimed(port, size):
            return (1 << 8 * size) - 1
        return sum(self.read((port + i) & 0xFFFF, 1) << 8 * i for i in range(size))

    def write(self, port: int, value: int, size: int) -> None:
        """Write ``size`` (1, 2, 4) bytes to a port."""
        writer = self.writers[port]
        if writer is not None and (size == 1 or self._within(port, size)):
            writer(value, size)
        elif size > 1 and not self._unclaimed(port, size):
            for i in range(size):
                self.write((port + i) & 0xFFFF, value >> 8 * i & 0xFF, 1)

    def _within(self, port: int, size: int) -> bool:
        block = self.ranges[port]
        return block is not None and port + size <= block.end

    def _unclaimed(self, port: int, size: int) -> bool:
        return not any(self.ranges[(port + i) & 0xFFFF] for i in range(size))

    def owner(self, port: int) -> str:
        """Return the name of the device behind a port, or an empty text."""
        block = self.ranges[port]
        return str(block) if block else ""
