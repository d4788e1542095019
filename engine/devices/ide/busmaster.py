"""Bus master of one IDE channel: moves data by a list of physical regions.

References: Programming Interface for Bus Master IDE Controller, revision 1.0 (SFF-8038i); Intel
82371AB data sheet (290562), 5.2.

The drive decides how much is moved; the list decides where. A list that is too short stops the
bus master and leaves the drive waiting, as on hardware, until the guest resets it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.devices.ide.state import BusMasterState

if TYPE_CHECKING:
    from collections.abc import Callable

# Register offsets within a half.
BMIC, BMIS, BMIDTP = 0, 2, 4

# BMIC.
SSBM, RWCON = 0x01, 0x08
# BMIS. The drive capability bits are for software to use.
BMIDEA, BM_ERROR, IDEINTS, DRIVES_CAPABLE = 0x01, 0x02, 0x04, 0x60

ENTRY_SIZE: Final = 8
END_OF_TABLE: Final = 0x8000_0000
FULL_REGION: Final = 0x10000
# A list does not cross a 64 KiB boundary.
MAX_ENTRIES: Final = 0x10000 // ENTRY_SIZE


class BusMaster:
    """Registers of one half and the walk through its list.

    Args:
        dma_read: ``(address, size) -> bytes``.
        dma_write: ``(address, data)``.
    """

    def __init__(
        self, dma_read: Callable[[int, int], bytes], dma_write: Callable[[int, bytes], None]
    ) -> None:
        self._dma_read = dma_read
        self._dma_write = dma_write
        self.state = BusMasterState()
        self.on_start: Callable[[], None] | None = None

    @property
    def active(self) -> bool:
        """Whether the guest has started the transfer and the list has not ended."""
        return bool(self.state.status & BMIDEA)

    # -- registers

    def read_register(self, offset: int) -> int:
        """Return one byte."""
        state = self.state
        if offset == BMIC:
            return state.command
        if offset == BMIS:
            return state.status
        if offset >= BMIDTP:
            return state.table >> 8 * (offset - BMIDTP) & 0xFF
        return 0

    def write_register(self, offset: int, value: int) -> None:
        """Take one byte."""
        state = self.state
        if offset == BMIC:
            self._write_command(value)
        elif offset == BMIS:
            cleared = value & (IDEINTS | BM_ERROR)
            state.status = state.status & ~cleared & ~DRIVES_CAPABLE | value & DRIVES_CAPABLE
        elif offset >= BMIDTP:
            shift = 8 * (offset - BMIDTP)
            state.table = (state.table & ~(0xFF << shift) | value << shift) & 0xFFFF_FFFC

    def _write_command(self, value: int) -> None:
        state = self.state
        started = value & ~state.command & SSBM
        # The direction does not change under way.
        state.command = value & (SSBM | RWCON)
        if started:
            state.status |= BMIDEA
            state.next_entry = state.table
            state.entries = state.left = 0
            state.last = False
            if self.on_start:
                self.on_start()
        elif not value & SSBM:
            state.status &= ~BMIDEA

    def note_interrupt(self) -> None:
        """The drive has asserted INTRQ."""
        self.state.status |= IDEINTS

    # -- the list

    def _next_region(self) -> bool:
        """Make sure that there is room in the current region; False at the end of the list."""
        state = self.state
        while not state.left:
            if state.last or state.entries >= MAX_ENTRIES:
                return False
            entry = self._dma_read(state.next_entry, ENTRY_SIZE)
            flags = int.from_bytes(entry[4:], "little")
            state.address = int.from_bytes(entry[:4], "little") & ~1
            state.left = flags & 0xFFFE or FULL_REGION
            state.last = bool(flags & END_OF_TABLE)
            state.entries += 1
            # The entry pointer wraps within its 64 KiB.
            state.next_entry = state.next_entry & ~0xFFFF | state.next_entry + ENTRY_SIZE & 0xFFFF
        return True

    def scatter(self, data: memoryview) -> int:
        """Store bytes into the regions; return how many found room."""
        state = self.state
        done = 0
        while done < len(data) and self._next_region():
            count = min(state.left, len(data) - done)
            self._dma_write(state.address, bytes(data[done : done + count]))
            done += count
            state.address += count
            state.left -= count
        return done

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes from the regions; fewer at the end of the list."""
        state = self.state
        parts: list[bytes] = []
        while count and self._next_region():
            size = min(state.left, count)
            parts.append(self._dma_read(state.address, size))
            count -= size
            state.address += size
            state.left -= size
        return b"".join(parts)

    def finish(self) -> None:
        """The drive has moved everything, or the list has ended: settle the active bit.

        It stays set while the list has room left, which tells the guest that the transfer was
        shorter than its list.
        """
        state = self.state
        if not state.left and (state.last or state.entries >= MAX_ENTRIES):
            state.status &= ~BMIDEA

    def abort(self) -> None:
        """The drive has ended the command with an error."""
        self.state.status &= ~BMIDEA
