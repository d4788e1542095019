"""AC'97 audio of the Intel 82801AA (ICH): PCM out, PCM in and microphone, with a STAC9700.

References: Intel 82801AA/82801AB data sheet, chapter 13; Audio Codec '97 Revision 2.3.

Where a stream is follows from virtual time alone; a timer runs only while there is a stream that
does.

Deviations: those of ``codec``; the modem function and a second codec are not there; samples are
read when they are due, so that the FIFO never runs empty.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.devices.ac97 import codec
from engine.devices.ac97.streams import SIZE, Double, Stream, StreamState
from engine.pdm import EmptyConfig, PortBar, Ports, register
from engine.pdm.soundcard import StreamingCard, StreamsState

if TYPE_CHECKING:
    from engine.pdm.interfaces import StereoGain

# Native audio bus master registers (13.2).
PI, PO, MC = 0x00, 0x10, 0x20
GLOB_CNT, GLOB_STA, CAS = 0x2C, 0x30, 0x34
GLOB_CNT_COLD: Final = 0x02
GLOB_CNT_WARM: Final = 0x04
GLOB_CNT_MASK: Final = 0x3F
GLOB_STA_PCR: Final = 0x100
GLOB_STA_INTERRUPTS: Final = (0x20, 0x40, 0x80)  # PIINT, POINT, MINT
_STREAMS: Final = 3


class Ac97State(StreamsState, kw_only=True):
    """Codec, streams (PCM in, PCM out, microphone), and what they share.

    Attributes:
        semaphore: codec access semaphore (CAS).
    """

    codec: codec.CodecState = msgspec.field(default_factory=codec.CodecState)
    streams: Annotated[
        list[StreamState], msgspec.Meta(min_length=_STREAMS, max_length=_STREAMS)
    ] = msgspec.field(default_factory=lambda: [StreamState() for _ in range(_STREAMS)])
    global_control: Double = 0
    semaphore: bool = False


@register
class Ac97(StreamingCard[EmptyConfig, Ac97State]):
    """The audio function."""

    NAME = "ac97"
    DESCRIPTION = "AC'97 sound card of the ICH"
    VENDOR = 0x8086
    DEVICE = 0x2415
    CLASS = 0x040100
    REVISION = 1
    SUBSYSTEM = (0x8086, 0x0000)
    INTERRUPT = 1
    streams: list[Stream]
    mixer = Ports(None, 0x100, sizes=(2,))
    bus_master_registers = Ports(None, 0x40, sizes=(1, 2, 4))
    BARS = (PortBar(0, "mixer"), PortBar(1, "bus_master_registers"))

    def setup(self) -> None:
        """Make the streams."""
        self.streams = [
            Stream(2, self._descriptor, self._record, partial(self._rate, codec.ADC_RATE)),
            Stream(2, self._descriptor, self._play, partial(self._rate, codec.FRONT_DAC_RATE)),
            Stream(1, self._descriptor, self._record_mic,
                   partial(self._rate, codec.MIC_ADC_RATE)),
        ]  # fmt: skip
        self.bind_streams()

    # ------------------------------------------------------------------ sound

    def _rate(self, rate_register: int) -> int:
        return self.state.codec.registers[rate_register >> 1]

    def _descriptor(self, address: int, size: int) -> bytes:
        return self.dma_read(address & 0xFFFF_FFFF, size) if self.bus_master else bytes(size)

    def _play(self, address: int, samples: int) -> None:
        host = self.host
        if host is not None and self.bus_master:
            gain = codec.output_gain(self.state.codec)
            host.play(self.dma_read(address, 2 * samples), self._rate(codec.FRONT_DAC_RATE), gain)

    def _recorded(self, frames: int, rate: int) -> bytes:
        host = self.host
        gain: StereoGain = codec.input_gain(self.state.codec)
        return host.record(frames, rate, gain) if host is not None else bytes(4 * frames)

    def _record(self, address: int, samples: int) -> None:
        data = self._recorded(samples // 2, self._rate(codec.ADC_RATE))
        if self.bus_master:
            self.dma_write(address, data)

    def _record_mic(self, address: int, samples: int) -> None:
        data = self._recorded(samples, self._rate(codec.MIC_ADC_RATE))
        left = struct.unpack(f"<{2 * samples}h", data)[::2]
        if self.bus_master:
            self.dma_write(address, struct.pack(f"<{samples}h", *left))

    def settle(self) -> None:
        """Move what is due, tell the guest, and see to it that the next look is in time."""
        now = self.now
        for stream in self.streams:
            stream.advance(now)
        looks = [stream.next_look(now) for stream in self.streams]
        due = min((look for look in looks if look is not None), default=None)
        if due is None:
            self.look.cancel()
        else:
            self.look.arm(max(now + 1, due))
        self.intx.set(any(stream.interrupts for stream in self.streams))

    # ------------------------------------------------------------------ registers

    @mixer.reader
    def read_mixer(self, offset: int, size: int) -> int:
        """Answer the codec's registers."""
        self.state.semaphore = False
        return self.state.codec.registers[offset >> 1] if offset < SIZE * 8 else 0xFFFF

    @mixer.writer
    def write_mixer(self, offset: int, value: int, size: int) -> None:
        """Take the codec's registers; what is played until now is played as it was."""
        self.state.semaphore = False
        if offset >= SIZE * 8:
            return
        self.settle()
        before = [self._rate(rate) for rate in codec.RATES]
        codec.write(self.state.codec, offset & ~1, value)
        after = [self._rate(rate) for rate in codec.RATES]
        if before != after:
            for stream in self.streams:
                stream.rate_changed(self.now)
            self.settle()

    @bus_master_registers.reader
    def read_bus_master(self, offset: int, size: int) -> int:
        """Answer the bus master registers."""
        self.settle()
        if offset < GLOB_CNT:
            place = offset % SIZE
            return self.streams[offset // SIZE].read(place, size)
        shift = 8 * (offset & 3)
        if offset & ~3 == GLOB_CNT:
            return self.state.global_control >> shift
        if offset & ~3 == GLOB_STA:
            return self._global_status() >> shift
        if offset == CAS:
            taken, self.state.semaphore = self.state.semaphore, True
            return int(taken)
        return 0

    def _global_status(self) -> int:
        status = GLOB_STA_PCR
        for stream, bit in zip(self.streams, GLOB_STA_INTERRUPTS, strict=True):
            if stream.interrupts:
                status |= bit
        return status

    @bus_master_registers.writer
    def write_bus_master(self, offset: int, value: int, size: int) -> None:
        """Take the bus master registers."""
        now = self.now
        if offset < GLOB_CNT:
            stream = self.streams[offset // SIZE]
            stream.advance(now)
            stream.write(offset % SIZE, value, size, now)
            self.settle()
        elif offset == GLOB_CNT:
            self._write_global_control(value)

    def _write_global_control(self, value: int) -> None:
        state = self.state
        self.settle()
        if not value & GLOB_CNT_COLD and state.global_control & GLOB_CNT_COLD:
            state.codec = codec.CodecState()
        # A warm reset wakes the link, which never sleeps, and is over at once.
        state.global_control = value & GLOB_CNT_MASK & ~GLOB_CNT_WARM
