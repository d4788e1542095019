"""The physical region descriptor table of a command: where its data lie in memory.

Reference: AHCI 1.3.1, 4.2.3.3. To a drive it looks like the bus master of an IDE channel.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.devices.ahci import registers as r
from engine.pdm import Buffers

if TYPE_CHECKING:
    from engine.pdm import BusMaster

LENGTH_MASK: Final = 0x3F_FFFF
_ENTRY = struct.Struct("<QII")


class RegionTable:
    """Moves data of one command at a time.

    The table is fetched when the first data move: until then the memory of a saved state need not
    be there.
    """

    def __init__(self, memory: BusMaster) -> None:
        self._memory = memory
        self._address = 0
        self._entries = 0
        self._moved = 0
        self._buffers: Buffers | None = None

    @property
    def active(self) -> bool:
        """There is nothing to start: the table belongs to the command."""
        return True

    @property
    def moved(self) -> int:
        """Bytes moved by the command in progress."""
        return self._moved if self._buffers is None else self._buffers.moved

    def load(self, address: int, entries: int, moved: int = 0) -> None:
        """Take the table of a command; ``moved`` bytes have been moved already."""
        self._address, self._entries, self._moved = address, entries, moved
        self._buffers = None

    def copy(self) -> RegionTable:
        """Return another one at the same place, for a command that others overtake."""
        other = RegionTable(self._memory)
        other.load(self._address, self._entries, self.moved)
        return other

    def _fetch(self) -> Buffers:
        """Return the regions."""
        if self._buffers is not None:
            return self._buffers
        table = self._memory.dma_read(self._address, self._entries * r.PRD_SIZE)
        pieces = [
            (base & ~1, (word & LENGTH_MASK | 1) + 1) for base, _, word in _ENTRY.iter_unpack(table)
        ]
        self._buffers = Buffers(self._memory, pieces)
        self._buffers.moved = self._moved
        return self._buffers

    def scatter(self, data: memoryview) -> int:
        """Store bytes into the regions; return how many found room."""
        return self._fetch().scatter(data)

    def views(self, count: int) -> list[memoryview] | None:
        """See :class:`engine.pdm.block.Landing`."""
        return self._fetch().views(count)

    def filled(self, count: int) -> None:
        """See :class:`engine.pdm.block.Landing`."""
        self._fetch().filled(count)

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes from the regions; fewer at the end of the table."""
        return self._fetch().gather(count)

    def finish(self) -> None:
        """Everything has been moved, or the table has ended."""

    def abort(self) -> None:
        """The drive has ended the command with an error."""
