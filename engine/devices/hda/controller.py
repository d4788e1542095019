"""Intel High Definition Audio controller of the ICH6: four playing and four recording streams.

References: High Definition Audio Specification 1.0a, chapters 3 and 4; Intel 82801FB (ICH6) data
sheet, chapter 18.

Where a stream is follows from virtual time alone, as does the wall clock. Commands to the codec are
carried out when they are written.

Deviations: one codec, which sends no unsolicited responses; stream synchronisation (SSYNC) keeps
its bits and holds nothing; the position buffer in memory is brought up to date every 4 ms.
"""

from __future__ import annotations

import struct
from typing import Annotated, Final

import msgspec

from engine.devices.hda import codec
from engine.devices.hda import registers as r
from engine.devices.hda.streams import Stream, StreamState
from engine.pdm import EmptyConfig, MemoryBar, Mmio, register
from engine.pdm.sound import LONGEST_LOOK, from_stereo, stereo
from engine.pdm.soundcard import StreamingCard, StreamsState

_STREAMS: Final = r.INPUTS + r.OUTPUTS
_POSITION_NS: Final = 4_000_000
_CODEC: Final = 0
_WALL_CLOCK_MHZ: Final = 24
_SECTIONS: Final = struct.Struct("<II")
Byte = Annotated[int, msgspec.Meta(ge=0, lt=1 << 8)]
Register = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class HdaState(StreamsState, kw_only=True):
    """Registers by their names in the specification.

    Attributes:
        wall_origin: virtual time (ns) at which WALCLK was 0.
    """

    gctl: Register = 0
    wakeen: Register = 0
    statests: Register = 0
    intctl: Register = 0
    ssync: Register = 0
    wall_origin: int = 0
    corblbase: Register = 0
    corbubase: Register = 0
    corbwp: Byte = 0
    corbrp: Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)] = 0
    corbctl: Register = 0
    rirblbase: Register = 0
    rirbubase: Register = 0
    rirbwp: Byte = 0
    rintcnt: Register = 0
    rirbctl: Register = 0
    rirbsts: Register = 0
    icoi: Register = 0
    icii: Register = 0
    icis: Register = 0
    dplbase: Register = 0
    dpubase: Register = 0
    codec: codec.CodecState = msgspec.field(default_factory=codec.CodecState)
    streams: Annotated[
        list[StreamState], msgspec.Meta(min_length=_STREAMS, max_length=_STREAMS)
    ] = msgspec.field(default_factory=lambda: [StreamState() for _ in range(_STREAMS)])


@register
class Hda(StreamingCard[EmptyConfig, HdaState]):
    """The audio function; streams 0 to 3 record, 4 to 7 play."""

    NAME = "hda"
    DESCRIPTION = "Intel High Definition Audio"
    VENDOR = 0x8086
    DEVICE = 0x2668
    CLASS = 0x040300
    REVISION = 1
    SUBSYSTEM = (0x8086, 0x2668)
    INTERRUPT = 1
    streams: list[Stream]
    mmio = Mmio(None, r.SIZE, sizes=(1, 2, 4))
    BARS = (MemoryBar(0, "mmio"),)

    def setup(self) -> None:
        """Make the streams."""
        self.streams = [Stream(self._read_descriptor) for _ in range(_STREAMS)]
        self.bind_streams()

    # ------------------------------------------------------------------ sound

    def _read_descriptor(self, address: int, size: int) -> bytes:
        return self.dma_read(address, size) if self.bus_master else bytes(size)

    def settle(self) -> None:
        """Move what is due, tell the guest, and see to it that the next look is in time."""
        now = self.now
        longest = _POSITION_NS if self.state.dplbase & r.DPLBASE_ENABLE else LONGEST_LOOK
        due: int | None = None
        for number, stream in enumerate(self.streams):
            runs = stream.advance(now)
            if runs and self.bus_master:
                (self._record if number < r.INPUTS else self._play)(stream, runs)
            look = stream.next_look(now, longest)
            if look is not None:
                due = look if due is None else min(due, look)
                self._store_position(number, stream)
        if due is None:
            self.look.cancel()
        else:
            self.look.arm(due)
        self._update_interrupt()

    def _play(self, stream: Stream, runs: list[tuple[int, int]]) -> None:
        gain = codec.output_gain(self.state.codec, stream.tag)
        if self.host is None or gain is None:
            return
        data = b"".join(self.dma_read(address, count) for address, count in runs)
        form = stream.format
        self.host.play(stereo(data, form.sample_bytes, form.channels), form.rate, gain)

    def _record(self, stream: Stream, runs: list[tuple[int, int]]) -> None:
        form = stream.format
        frames = sum(count for _, count in runs) // form.frame_bytes
        gain = codec.input_gain(self.state.codec, stream.tag)
        if self.host is None or gain is None:
            data = bytes(4 * frames)
        else:
            data = self.host.record(frames, form.rate, gain)
        recorded = memoryview(from_stereo(data, form.sample_bytes, form.channels))
        for address, count in runs:
            self.dma_write(address, bytes(recorded[:count]))
            recorded = recorded[count:]

    def _store_position(self, number: int, stream: Stream) -> None:
        state = self.state
        if state.dplbase & r.DPLBASE_ENABLE and self.bus_master:
            base = state.dpubase << 32 | state.dplbase & ~r.DPLBASE_ENABLE
            self.dma_write(base + 8 * number, _SECTIONS.pack(stream.state.lpib, 0))

    # ------------------------------------------------------------------ interrupts

    def _status(self) -> int:
        """Return INTSTS."""
        state = self.state
        status = sum(stream.interrupts << n for n, stream in enumerate(self.streams))
        responds = state.rirbsts & r.RINTFL and state.rirbctl & r.RINTCTL
        overrun = state.rirbsts & r.RIRBOIS and state.rirbctl & r.RIRBOIC
        if responds or overrun or state.statests & state.wakeen:
            status |= r.CIE
        if status & state.intctl:
            status |= r.GIE
        return status

    def _update_interrupt(self) -> None:
        status = self._status()
        self.intx.set(bool(status & r.GIE and self.state.intctl & r.GIE))

    # ------------------------------------------------------------------ commands

    def _run_commands(self) -> None:
        """Carry out what is in the CORB."""
        state = self.state
        if not (state.corbctl & r.CORBRUN and self.bus_master):
            return
        base = state.corbubase << 32 | state.corblbase
        answered = False
        while state.corbrp & 0xFF != state.corbwp:
            state.corbrp = (state.corbrp & 0xFF) + 1 & 0xFF
            command = int.from_bytes(self.dma_read(base + 4 * state.corbrp, 4), "little")
            if command >> 28 == _CODEC:  # nobody answers for the others
                self._respond(codec.execute(state.codec, command))
                answered = True
        if answered:
            state.rirbsts |= r.RINTFL
        self._update_interrupt()

    def _respond(self, response: int) -> None:
        state = self.state
        if not state.rirbctl & r.RIRBDMAEN:
            state.rirbsts |= r.RIRBOIS
            return
        state.rirbwp = state.rirbwp + 1 & 0xFF
        base = state.rirbubase << 32 | state.rirblbase
        self.dma_write(base + 8 * state.rirbwp, _SECTIONS.pack(response, _CODEC))

    def _immediate(self, value: int) -> None:
        """ICIS: a command without rings."""
        state = self.state
        state.icis &= ~(value & r.IRV)
        if value & r.ICB:
            there = state.icoi >> 28 == _CODEC
            state.icii = codec.execute(state.codec, state.icoi) if there else 0
            state.icis |= r.IRV

    # ------------------------------------------------------------------ registers

    @mmio.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the registers; an access may cover several."""
        if r.STREAMS <= offset < r.STREAMS + _STREAMS * r.STREAM_SIZE:
            self.settle()
            number, place = divmod(offset - r.STREAMS, r.STREAM_SIZE)
            return self.streams[number].read(place, size)
        if offset & ~3 == r.INTSTS:
            self.settle()
        value = 0
        for first in range(offset & ~3, offset + size):
            value |= self._value_at(first, offset, size)
        return value & (1 << 8 * size) - 1

    def _value_at(self, first: int, offset: int, size: int) -> int:
        """Return what the register that begins at ``first`` contributes to an access."""
        found = self._register(first)
        if found is None or first + found[1] <= offset:
            return 0
        value, shift = found[0], 8 * (first - offset)
        return value << shift if shift >= 0 else value >> -shift

    def _register(self, offset: int) -> tuple[int, int] | None:
        """Return value and bytes of the register that begins here."""
        state = self.state
        if offset in r.READ_ONLY:
            return r.READ_ONLY[offset]
        if offset in r.PLAIN:
            name, size, _ = r.PLAIN[offset]
            value: int = getattr(state, name)
            return value, size
        match offset:
            case r.GCTL:
                return state.gctl, 4
            case r.STATESTS:
                return state.statests, 2
            case r.INTSTS:
                return self._status(), 4
            case r.WALCLK:
                ticks = (self.now - state.wall_origin) * _WALL_CLOCK_MHZ // 1000
                return ticks & 0xFFFF_FFFF, 4
            case r.CORBRP:
                return state.corbrp, 2
            case r.RIRBWP:
                return state.rirbwp, 2
            case r.RIRBSTS:
                return state.rirbsts, 1
            case r.ICIS:
                return state.icis, 2
        return None

    @mmio.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the registers; in reset all but GCTL are held."""
        if offset == r.GCTL:
            self._write_global_control(value)
        elif not self.state.gctl & r.CRST:
            return
        elif r.STREAMS <= offset < r.STREAMS + _STREAMS * r.STREAM_SIZE:
            self.settle()
            number, place = divmod(offset - r.STREAMS, r.STREAM_SIZE)
            self.streams[number].write(place, value, size, self.now)
            self.settle()
        else:
            for first in range(offset & ~3, offset + size):
                self._write_part(first, offset, value, size)
            self._update_interrupt()

    def _write_part(self, first: int, offset: int, value: int, size: int) -> None:
        """Write that part of the register beginning at ``first`` which an access covers."""
        found = self._register(first)
        if found is None or first + found[1] <= offset:
            return
        shift = 8 * (first - offset)
        covered = (1 << 8 * size) - 1
        part, mask = (
            (value >> shift, covered >> shift)
            if shift >= 0
            else (value << -shift, covered << -shift)
        )
        if first in r.PLAIN:
            name, _, writable = r.PLAIN[first]
            mask &= writable
            setattr(self.state, name, getattr(self.state, name) & ~mask | part & mask)
            if first in (r.CORBWP, r.CORBCTL):
                self._run_commands()
        else:
            self._write_special(first, part & mask, mask)

    def _write_special(self, offset: int, value: int, mask: int) -> None:
        state = self.state
        match offset:
            case r.STATESTS:
                state.statests &= ~value
            case r.CORBRP if mask & r.POINTER_RESET:
                # The bit stays until it is cleared, by which drivers see that the reset is done.
                state.corbrp = r.POINTER_RESET if value & r.POINTER_RESET else state.corbrp & 0xFF
            case r.RIRBWP if value & r.POINTER_RESET:
                state.rirbwp = 0
            case r.RIRBSTS:
                state.rirbsts &= ~(value & (r.RINTFL | r.RIRBOIS))
            case r.ICIS:
                self._immediate(value)

    def _write_global_control(self, value: int) -> None:
        state = self.state
        if value & r.CRST and not state.gctl & r.CRST:
            state.statests = 1 << _CODEC
            state.wall_origin = self.now
        elif not value & r.CRST and state.gctl & r.CRST:
            # The link's reset reaches the codec, whose configuration defaults survive it.
            defaults = [node.default for node in state.codec.nodes]
            self.state = state = HdaState(wakeen=state.wakeen)
            for node, default in zip(state.codec.nodes, defaults, strict=True):
                node.default = default
            self.look.cancel()
            self.bind_streams()
        state.gctl = value & (r.CRST | 0x100)
        self._update_interrupt()
