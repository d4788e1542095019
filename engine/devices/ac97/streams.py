"""A bus master stream of the controller: its registers, and the walk through its buffers.

Reference: Intel 82801AA (ICH) data sheet, 13.2 (native audio bus master registers).

A stream moves nothing by itself. :meth:`Stream.advance` moves what is due at a moment: when a
buffer has ended, when the guest looks at a register, and now and then in a long buffer. Samples
move in bursts, as those of the chip do: drivers read the position until it stands still between two
reads (Linux's snd_intel8x0 does while it measures the clock).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.pdm.sound import LONGEST_LOOK, SampleClock

if TYPE_CHECKING:
    from collections.abc import Callable

BDBAR, CIV, LVI, SR, PICB, PIV, CR = 0x00, 0x04, 0x05, 0x06, 0x08, 0x0A, 0x0B
SIZE: Final = 0x10
SR_DCH, SR_CELV, SR_LVBCI, SR_BCIS, SR_FIFOE = 0x01, 0x02, 0x04, 0x08, 0x10
CR_RPBM, CR_RR, CR_LVBIE, CR_FEIE, CR_IOCE = 0x01, 0x02, 0x04, 0x08, 0x10
BUFFERS: Final = 32
IOC: Final = 1 << 31
BURST: Final = 16
"""Frames that move at once."""

_REGISTERS: Final = struct.Struct("<IBBHHBBI")
Byte = Annotated[int, msgspec.Meta(ge=0, lt=256)]
Index = Annotated[int, msgspec.Meta(ge=0, lt=BUFFERS)]
Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]
Double = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class StreamState(msgspec.Struct, kw_only=True):
    """Registers, and where the stream is.

    Attributes:
        address: of the next sample in memory.
        interrupt_on_completion: of the current buffer.
        clock: when samples are due.
    """

    bdbar: Double = 0
    civ: Index = 0
    lvi: Index = 0
    sr: Word = SR_DCH
    picb: Word = 0
    piv: Index = 0
    cr: Byte = 0
    address: int = 0
    interrupt_on_completion: bool = False
    clock: SampleClock = msgspec.field(default_factory=SampleClock)


class Stream:
    """One of PCM in, PCM out and microphone.

    Args:
        channels: samples in a frame.
        read: guest memory.
        move: ``(address, samples)``: carries samples from or to memory.
        rate: frames per second at the moment.
    """

    def __init__(
        self,
        channels: int,
        read: Callable[[int, int], bytes],
        move: Callable[[int, int], None],
        rate: Callable[[], int],
    ) -> None:
        self._channels = channels
        self._read = read
        self._move = move
        self._rate = rate
        self.state = StreamState()

    @property
    def running(self) -> bool:
        """Whether samples are due as time goes by."""
        return bool(self.state.cr & CR_RPBM) and not self.state.sr & SR_DCH

    @property
    def interrupts(self) -> bool:
        """Whether the stream wants an interrupt."""
        sr, cr = self.state.sr, self.state.cr
        return bool(
            (sr & SR_LVBCI and cr & CR_LVBIE)
            or (sr & SR_BCIS and cr & CR_IOCE)
            or (sr & SR_FIFOE and cr & CR_FEIE)
        )

    def read(self, offset: int, size: int) -> int:
        """Answer a read of up to 4 bytes within the block."""
        s = self.state
        block = _REGISTERS.pack(s.bdbar, s.civ, s.lvi, s.sr, s.picb, s.piv, s.cr, 0)
        return int.from_bytes(block[offset : offset + size], "little")

    def write(self, offset: int, value: int, size: int, now: int) -> None:
        """Take a write of up to 4 bytes within the block."""
        s = self.state
        for n in range(size):
            byte, place = value >> 8 * n & 0xFF, offset + n
            if place < CIV:
                shift = 8 * place
                s.bdbar = (s.bdbar & ~(0xFF << shift) | byte << shift) & ~7
            elif place == LVI:
                s.lvi = byte % BUFFERS
                if s.cr & CR_RPBM and s.sr & SR_DCH:
                    self._start(now)
            elif place == SR:
                s.sr &= ~(byte & (SR_LVBCI | SR_BCIS | SR_FIFOE))
            elif place == CR:
                self._write_control(byte, now)

    def _write_control(self, value: int, now: int) -> None:
        s = self.state
        enables = value & (CR_LVBIE | CR_FEIE | CR_IOCE)
        if value & CR_RR:
            if not s.cr & CR_RPBM:
                self.state = StreamState(cr=s.cr & ~CR_RR)
            return
        before, s.cr = s.cr & CR_RPBM, enables | value & CR_RPBM
        if not value & CR_RPBM:
            s.sr |= SR_DCH
        elif not before:
            self._start(now)

    def _start(self, now: int) -> None:
        """Go on in the buffer that was paused, or with the one after the last."""
        s = self.state
        s.sr &= ~(SR_DCH | SR_CELV)
        s.clock.start(now)
        if not s.picb:
            self._next_buffer()

    def _next_buffer(self) -> None:
        s = self.state
        s.civ = s.piv
        s.piv = (s.piv + 1) % BUFFERS
        address, control = struct.unpack("<II", self._read(s.bdbar + 8 * s.civ, 8))
        s.address = address & ~1
        # A frame lies in one buffer.
        s.picb = (control & 0xFFFF) // self._channels * self._channels
        s.interrupt_on_completion = bool(control & IOC)

    def advance(self, now: int) -> None:
        """Move the samples that are due at virtual time ``now`` (ns)."""
        s = self.state
        if not self.running:
            return
        due = s.clock.take(now, self._rate(), BURST) * self._channels
        while True:
            count = min(due, s.picb)
            if count:
                self._move(s.address, count)
                s.address += 2 * count
                s.picb -= count
                due -= count
            if s.picb:
                return
            if s.interrupt_on_completion:
                s.sr |= SR_BCIS
            if s.civ == s.lvi:
                s.sr |= SR_LVBCI | SR_DCH | SR_CELV
                return
            self._next_buffer()

    def rate_changed(self, now: int) -> None:
        """Count from ``now`` on."""
        self.state.clock.start(now)

    def next_look(self, now: int) -> int | None:
        """Return the virtual time (ns) at which the stream needs a look; None while it stands."""
        if not self.running:
            return None
        frames = self.state.picb // self._channels
        return min(self.state.clock.when(frames, self._rate(), BURST), now + LONGEST_LOOK)
