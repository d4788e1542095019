"""The parts of the guest's memory that one request names, as a bus master moves data there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Piece = tuple[int, int]
"""Address and length of a part of the guest's memory."""


class BusMaster(Protocol):
    """A device that moves data by itself."""

    def dma_read(self, address: int, size: int) -> bytes:
        """Read the guest's memory."""

    def dma_write(self, address: int, data: bytes) -> None:
        """Write the guest's memory."""

    def dma_gather(self, pieces: Iterable[Piece]) -> bytes:
        """Read consecutive parts of the guest's memory."""

    def dma_scatter(self, pieces: Iterable[Piece], data: bytes | memoryview) -> None:
        """Write consecutive parts of the guest's memory."""

    def dma_views(self, pieces: Sequence[Piece]) -> list[memoryview] | None:
        """Return parts of the guest's memory to be filled; None: not all is plain memory."""

    def dma_filled(self, pieces: Sequence[Piece]) -> None:
        """Take note that parts of the guest's memory have been filled."""


class Buffers:
    """Consecutive parts of the guest's memory, read or filled in order.

    Attributes:
        size: bytes in all. moved: how many of them have been read or filled.
    """

    def __init__(self, memory: BusMaster, pieces: Sequence[Piece]) -> None:
        self._memory = memory
        self._pieces = pieces
        self.size = sum([length for _, length in pieces])
        self.moved = 0
        self._ends: list[int] | None = None  # of each piece, counted in bytes of all
        self._viewed: Sequence[Piece] = ()

    def _next(self, count: int) -> Sequence[Piece]:
        """Return where the next bytes are, as far as the buffers go; they count as moved."""
        if not self.moved and count >= self.size:
            self.moved = self.size
            return self._pieces
        start, end = self.moved, min(self.moved + count, self.size)
        if start >= end:
            return ()
        if self._ends is None:
            self._ends = list(accumulate([length for _, length in self._pieces]))
        ends = self._ends
        first, last = bisect_right(ends, start), bisect_left(ends, end)
        found = list(self._pieces[first : last + 1])
        address, length = found[-1]
        found[-1] = (address, length - (ends[last] - end))
        address, length = found[0]
        skip = start - (ends[first - 1] if first else 0)
        found[0] = (address + skip, length - skip)
        self.moved = end
        return found

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes; fewer at the end."""
        return self._memory.dma_gather(self._next(count))

    def scatter(self, data: bytes | memoryview) -> int:
        """Store bytes; return how many found room."""
        before = self.moved
        self._memory.dma_scatter(self._next(len(data)), data)
        return self.moved - before

    def views(self, count: int) -> list[memoryview] | None:
        """See :class:`engine.pdm.block.Landing`."""
        before = self.moved
        if count > self.size - before:
            return None
        self._viewed = self._next(count)
        self.moved = before
        return self._memory.dma_views(self._viewed)

    def filled(self, count: int) -> None:
        """See :class:`engine.pdm.block.Landing`."""
        self._memory.dma_filled(self._viewed)
        self.moved += count
