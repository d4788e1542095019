"""The event ring of an xHCI controller (xHCI 1.0, 4.9.4): one interrupter, one segment."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.devices.usb import xhci_registers as r

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WAITING: Final = 1024
"""Events that may wait for room in the guest's ring."""

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Event = Annotated[bytes, msgspec.Meta(min_length=r.TRB_SIZE, max_length=r.TRB_SIZE)]
Address = Annotated[int, msgspec.Meta(ge=0)]


class EventRingState(msgspec.Struct, kw_only=True):
    """Registers of the interrupter, and where the producer is.

    Attributes:
        base, size: the segment, blocks.
        index, cycle: of the next event.
        full: the guest has been told that the ring is full.
        waiting: events that found it so.
    """

    iman: Word = 0
    imod: Word = r.IMOD_DEFAULT
    erstsz: Word = 0
    erstba: Address = 0
    erdp: Address = 0
    base: Address = 0
    size: Annotated[int, msgspec.Meta(ge=0, le=r.LARGEST_SEGMENT)] = 0
    index: Annotated[int, msgspec.Meta(ge=0, le=r.LARGEST_SEGMENT)] = 0
    cycle: bool = True
    full: bool = False
    waiting: list[Event] = msgspec.field(default_factory=list)


class EventRing:
    """Writes events into the guest's memory.

    Args:
        dma_read, dma_write: access to guest memory.
        interrupt: called when an interrupt has become pending or is not any more.
        overflow: called when events are lost.
    """

    def __init__(
        self,
        dma_read: Callable[[int, int], bytes],
        dma_write: Callable[[int, bytes], None],
        interrupt: Callable[[], None],
        overflow: Callable[[], None],
    ) -> None:
        self.state = EventRingState()
        self._read = dma_read
        self._write = dma_write
        self._interrupt = interrupt
        self._overflow = overflow

    @property
    def full(self) -> bool:
        """Whether events wait for room: nothing is to be done that makes more of them."""
        return bool(self.state.waiting)

    def put(
        self, kind: int, parameter: int, status: int, control: int, *, quiet: bool = False
    ) -> None:
        """Tell the guest an event.

        Args:
            kind: its type.
            parameter: first part of the block.
            status: second part.
            control: third part, without type and cycle bit.
            quiet: without an interrupt of its own (4.17.5).
        """
        state = self.state
        if len(state.waiting) >= MOST_WAITING:
            self._overflow()
            return
        state.waiting.append(struct.pack("<QII", parameter, status, control | kind << 10))
        self._flush(quiet=quiet)

    def _flush(self, *, quiet: bool = False) -> None:
        """Write as many events as there is room for (4.9.4).

        One block stays free, and the one before it is kept to tell that the ring is full.
        """
        state = self.state
        wrote = False
        while state.waiting and state.size and self._room() > 1:
            self._store(state.waiting.pop(0))
            wrote, state.full = True, False
        if state.waiting and state.size and not state.full and self._room() == 1:
            state.full, quiet = True, False
            control = r.EVENT_CONTROLLER << 10
            self._store(struct.pack("<QII", 0, r.EVENT_RING_FULL << 24, control))
            wrote = True
        if wrote and not quiet:
            self._pend()

    def _room(self) -> int:
        """Return how many blocks are free for events, 2 for more than one."""
        state = self.state
        for room in range(2):
            place = (state.index + 1 + room) % state.size
            if state.base + place * r.TRB_SIZE == state.erdp & r.ERDP_POINTER:
                return room
        return 2

    def _store(self, event: bytes) -> None:
        state = self.state
        block = bytearray(event)
        block[12] = block[12] & ~r.CYCLE | state.cycle
        self._write(state.base + state.index * r.TRB_SIZE, bytes(block))
        state.index = (state.index + 1) % state.size
        state.cycle ^= state.index == 0

    def _pend(self) -> None:
        """Make an interrupt pending, unless the guest is at work on the ring (4.17.2)."""
        state = self.state
        if not state.erdp & r.ERDP_EHB:
            state.erdp |= r.ERDP_EHB
            state.iman |= r.IMAN_IP
            self._interrupt()

    # ------------------------------------------------------------------ registers

    def read(self, offset: int) -> int:
        """Answer a register of the interrupter."""
        state = self.state
        return {
            r.IMAN: state.iman,
            r.IMOD: state.imod,
            r.ERSTSZ: state.erstsz,
            r.ERSTBA: state.erstba & 0xFFFF_FFFF,
            r.ERSTBA_HIGH: state.erstba >> 32,
            r.ERDP: state.erdp & 0xFFFF_FFFF,
            r.ERDP_HIGH: state.erdp >> 32,
        }.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Take a register of the interrupter."""
        state = self.state
        if offset == r.IMAN:
            pending = state.iman & r.IMAN_IP & ~value
            state.iman = pending | value & r.IMAN_IE
            self._interrupt()
        elif offset == r.IMOD:
            state.imod = value
        elif offset == r.ERSTSZ:
            state.erstsz = value & 0xFFFF
        elif offset == r.ERSTBA:
            state.erstba = state.erstba & ~0xFFFF_FFFF | value & ~0x3F
        elif offset == r.ERSTBA_HIGH:
            state.erstba = state.erstba & 0xFFFF_FFFF | value << 32
            self._begin()
        elif offset == r.ERDP:
            self._write_dequeue(value)
        elif offset == r.ERDP_HIGH:
            state.erdp = state.erdp & 0xFFFF_FFFF | value << 32
            self._flush()

    def _write_dequeue(self, value: int) -> None:
        state = self.state
        busy = state.erdp & r.ERDP_EHB & ~value
        state.erdp = state.erdp & ~0xFFFF_FFFF | value & ~0xF | busy
        self._flush()
        behind = state.base + state.index * r.TRB_SIZE != state.erdp & r.ERDP_POINTER
        if value & r.ERDP_EHB and state.size and behind:
            self._pend()

    def _begin(self) -> None:
        """Read the segment table; the ring begins anew (4.9.4)."""
        state = self.state
        state.size, state.index, state.cycle, state.full = 0, 0, True, False
        if state.erstsz:
            base, size = struct.unpack("<QI", self._read(state.erstba, 12))
            if r.SMALLEST_SEGMENT <= size <= r.LARGEST_SEGMENT:
                state.base, state.size = base & ~0x3F, size
        self._flush()
