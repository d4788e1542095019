"""The parts of the guest's memory that one request names, as a bus master moves data there."""

from __future__ import annotations

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
        self._viewed: Sequence[Piece] = ()

    def _next(self, count: int) -> Sequence[Piece]:
        """Return where the next bytes are, as far as the buffers go; they count as moved."""
        if not self.moved and count >= self.size:
            self.moved = self.size
            return self._pieces
        found: list[Piece] = []
        skip = self.moved
        for address, length in self._pieces:
            if not count:
                break
            if skip >= length:
                skip -= length
                continue
            part = min(length - skip, count)
            found.append((address + skip, part))
            count -= part
            self.moved += part
            skip = 0
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
