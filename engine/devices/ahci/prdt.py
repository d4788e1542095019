"""The physical region descriptor table of a command: where its data lie in memory.

Reference: AHCI 1.3.1, 4.2.3.3. To a drive it looks like the bus master of an IDE channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.devices.ahci import registers as r

if TYPE_CHECKING:
    from collections.abc import Callable

LENGTH_MASK: Final = 0x3F_FFFF


class RegionTable:
    """Moves data of one command at a time.

    Args:
        dma_read: ``(address, size) -> bytes``.
        dma_write: ``(address, data)``.

    Attributes:
        moved: bytes moved by the command in progress.
    """

    def __init__(
        self, dma_read: Callable[[int, int], bytes], dma_write: Callable[[int, bytes], None]
    ) -> None:
        self._dma_read = dma_read
        self._dma_write = dma_write
        self._address = 0
        self._entries = 0
        self.moved = 0

    @property
    def active(self) -> bool:
        """There is nothing to start: the table belongs to the command."""
        return True

    def load(self, address: int, entries: int, moved: int = 0) -> None:
        """Take the table of a command; ``moved`` bytes have been moved already."""
        self._address, self._entries, self.moved = address, entries, moved

    def copy(self) -> RegionTable:
        """Return another one at the same place, for a command that others overtake."""
        other = RegionTable(self._dma_read, self._dma_write)
        other.load(self._address, self._entries, self.moved)
        return other

    def _pieces(self, size: int) -> list[tuple[int, int]]:
        """Return (address, length) of the next ``size`` bytes, as far as the table goes."""
        pieces: list[tuple[int, int]] = []
        skip = self.moved
        for number in range(self._entries):
            if not size:
                break
            entry = self._dma_read(self._address + number * r.PRD_SIZE, r.PRD_SIZE)
            base = int.from_bytes(entry[:8], "little") & ~1
            length = (int.from_bytes(entry[12:], "little") & LENGTH_MASK | 1) + 1
            if skip >= length:
                skip -= length
                continue
            part = min(length - skip, size)
            pieces.append((base + skip, part))
            size -= part
            skip = 0
        return pieces

    def scatter(self, data: memoryview) -> int:
        """Store bytes into the regions; return how many found room."""
        done = 0
        for address, length in self._pieces(len(data)):
            self._dma_write(address, bytes(data[done : done + length]))
            done += length
        self.moved += done
        return done

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes from the regions; fewer at the end of the table."""
        data = b"".join(self._dma_read(*piece) for piece in self._pieces(count))
        self.moved += len(data)
        return data

    def finish(self) -> None:
        """Everything has been moved, or the table has ended."""

    def abort(self) -> None:
        """The drive has ended the command with an error."""
