"""A stream descriptor of the controller: its registers, and the walk through its buffers.

Reference: High Definition Audio Specification 1.0a, 3.3.35 to 3.3.43 (registers), 3.6.3 (buffer
descriptor list), 3.7.1 (stream format).

The walk is cyclic. :meth:`Stream.advance` moves what is due at a moment; a guest that has not been
looked at for longer than ``MOST`` finds its stream where it belongs, without the sound before.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.pdm.sound import LONGEST_LOOK, SECOND, SampleClock

if TYPE_CHECKING:
    from collections.abc import Callable

CTL, STS, LPIB, CBL, LVI, FIFOS, FMT, BDPL, BDPU = 0, 3, 4, 8, 0x0C, 0x10, 0x12, 0x18, 0x1C
SRST, RUN, IOCE, FEIE, DEIE = 0x01, 0x02, 0x04, 0x08, 0x10
BCIS, FIFOE, DESE, FIFORDY = 0x04, 0x08, 0x10, 0x20
_CLEARABLE: Final = BCIS | FIFOE | DESE
_CTL_WRITABLE: Final = 0xF7_001F
_FIFO_BYTES: Final = 0xC0
_ENTRY: Final = struct.Struct("<QII")
_IOC: Final = 1
MOST: Final = SECOND
"""ns that are moved at once."""
SHORTEST_LOOK: Final = 500_000
"""ns between two looks, however short the buffers are."""
_BITS: Final = (8, 16, 20, 24, 32)
_REGISTERS: Final = struct.Struct("<IIIHHHHIII")

Double = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]
Byte = Annotated[int, msgspec.Meta(ge=0, lt=1 << 8)]


class Format(msgspec.Struct, frozen=True):
    """What SDnFMT and the converter format say.

    Attributes:
        rate: frames per second. sample_bytes: 1, 2 or 4. channels: 1 to 16.
    """

    rate: int
    sample_bytes: int
    channels: int

    @classmethod
    def parse(cls, word: int) -> Format:
        """Read a format; reserved values mean the nearest that is known."""
        base = 44_100 if word & 0x4000 else 48_000
        multiple = min((word >> 11 & 7) + 1, 4)
        rate = base * multiple // ((word >> 8 & 7) + 1)
        bits = _BITS[min(word >> 4 & 7, len(_BITS) - 1)]
        return cls(rate, {8: 1, 16: 2}.get(bits, 4), (word & 0xF) + 1)

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.sample_bytes * self.channels


class StreamState(msgspec.Struct, kw_only=True):
    """Registers, and where the stream is.

    Attributes:
        entry: number of the descriptor that is being worked on; its length is 0 before it is read.
        address, length, interrupt: of that descriptor. offset: bytes of it that are done.
        clock: when frames are due.
    """

    ctl: Double = 0
    sts: Byte = 0
    lpib: Double = 0
    cbl: Double = 0
    lvi: Byte = 0
    fmt: Word = 0
    bdpl: Double = 0
    bdpu: Double = 0
    entry: Byte = 0
    address: int = 0
    length: int = 0
    interrupt: bool = False
    offset: int = 0
    clock: SampleClock = msgspec.field(default_factory=SampleClock)


class Stream:
    """One stream.

    Args:
        read: guest memory.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self.state = StreamState()

    @property
    def running(self) -> bool:
        """Whether frames are due as time goes by."""
        return bool(self.state.ctl & RUN) and not self.state.sts & DESE

    @property
    def interrupts(self) -> bool:
        """Whether the stream wants an interrupt."""
        ctl, sts = self.state.ctl, self.state.sts
        return bool((ctl & IOCE and sts & BCIS) or (ctl & DEIE and sts & DESE))

    @property
    def tag(self) -> int:
        """Number of the stream on the link; 0: none."""
        return self.state.ctl >> 20 & 0xF

    @property
    def format(self) -> Format:
        """Form of the samples."""
        return Format.parse(self.state.fmt)

    def read(self, offset: int, size: int) -> int:
        """Answer a read of up to 4 bytes within the block."""
        s = self.state
        sts = s.sts | (FIFORDY if s.ctl & RUN else 0)
        block = _REGISTERS.pack(
            s.ctl | sts << 24, s.lpib, s.cbl, s.lvi, 0, _FIFO_BYTES, s.fmt, 0, s.bdpl, s.bdpu
        )
        return int.from_bytes(block[offset : offset + size], "little")

    def write(self, offset: int, value: int, size: int, now: int) -> None:
        """Take a write of up to 4 bytes within the block."""
        control: int | None = None
        for n in range(size):
            place, byte = offset + n, value >> 8 * n & 0xFF
            if place < STS:
                before = self.state.ctl if control is None else control
                control = before & ~(0xFF << 8 * place) | byte << 8 * place
            else:
                self._write_byte(place, byte)
        if control is not None:
            self._write_control(control & _CTL_WRITABLE, now)

    def _write_byte(self, place: int, byte: int) -> None:
        s = self.state
        if place == STS:
            s.sts &= ~(byte & _CLEARABLE)
        elif CBL <= place < CBL + 4:
            s.cbl = _with_byte(s.cbl, place - CBL, byte)
        elif place == LVI:
            s.lvi = byte
        elif FMT <= place < FMT + 2:
            s.fmt = _with_byte(s.fmt, place - FMT, byte) & 0x7F7F
        elif BDPL <= place < BDPL + 4:
            s.bdpl = _with_byte(s.bdpl, place - BDPL, byte) & ~0x7F
        elif BDPU <= place < BDPU + 4:
            s.bdpu = _with_byte(s.bdpu, place - BDPU, byte)

    def _write_control(self, value: int, now: int) -> None:
        if value & SRST:
            self.state = StreamState(ctl=SRST)
            return
        s = self.state
        starts = value & RUN and not s.ctl & RUN
        s.ctl = value
        if starts:
            s.sts &= ~DESE
            s.clock.start(now)
            if not s.length:
                self._next_entry(0)

    def _next_entry(self, number: int) -> None:
        s = self.state
        s.entry, s.offset = number, 0
        entry = self._read((s.bdpu << 32 | s.bdpl) + _ENTRY.size * number, _ENTRY.size)
        s.address, s.length, flags = _ENTRY.unpack(entry)
        s.interrupt = bool(flags & _IOC)

    def advance(self, now: int) -> list[tuple[int, int]]:
        """Go to where the stream is at virtual time ``now`` (ns).

        Returns:
            The (address, bytes) runs that have become due, whole frames altogether; none after
            more than ``MOST``.
        """
        if not self.running:
            return []
        s, form = self.state, self.format
        due = s.clock.take(now, form.rate) * form.frame_bytes
        most = form.rate * form.frame_bytes * MOST // SECOND
        late = due > most
        if late:
            due %= s.cbl or most
        runs: list[tuple[int, int]] = []
        empty = 0
        while due:
            count = min(due, s.length - s.offset)
            if count:
                runs.append((s.address + s.offset, count))
            s.offset += count
            due -= count
            s.lpib = (s.lpib + count) % (s.cbl or 1 << 32)
            empty = 0 if count else empty + 1
            if empty > s.lvi:  # a list of nothing would be walked for ever
                s.sts |= DESE
                return []
            self._end_entry()
        return [] if late else runs

    def _end_entry(self) -> None:
        s = self.state
        if s.offset >= s.length:
            if s.interrupt:
                s.sts |= BCIS
            self._next_entry(0 if s.entry >= s.lvi else s.entry + 1)

    def next_look(self, now: int, longest: int = LONGEST_LOOK) -> int | None:
        """Return the virtual time (ns) at which the stream needs a look; None while it stands."""
        if not self.running:
            return None
        s, form = self.state, self.format
        frames = -(-(s.length - s.offset) // form.frame_bytes)
        look = min(s.clock.when(frames, form.rate), now + longest)
        return max(look, now + SHORTEST_LOOK)


def _with_byte(word: int, place: int, byte: int) -> int:
    return word & ~(0xFF << 8 * place) | byte << 8 * place
