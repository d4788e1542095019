"""Creative Sound Blaster 16 (CT1740): DSP, CT1745 mixer and OPL3 at 220h, AdLib, MPU-401 at 330h.

Reference: Sound Blaster Series Hardware Programming Guide (Creative, 1996).

Where a transfer is follows from virtual time alone; the DMA controller asks for it before the guest
sees its counters.

Deviations: no MIDI input; ADPCM takes its time and is not heard; the DSP is never busy; those of
``mixer``, ``mpu401``, ``opl`` and ``oplsynth``.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.devices.sb16 import dsp, mixer, mpu401, opl
from engine.devices.sb16.oplsynth import Renderer
from engine.devices.sb16.transfer import Transfer
from engine.pdm import (
    CharacterSink,
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    IsaDma,
    IsaIrq,
    Ports,
    ResetKind,
    register,
    timer,
)
from engine.pdm.interfaces import AudioHost
from engine.pdm.sound import LONGEST_LOOK, SECOND, clipped, from_stereo, stereo

FM_ADDRESS, FM_DATA, FM_ADDRESS_2, FM_DATA_2, FM_MONO_ADDRESS, FM_MONO_DATA = 0, 1, 2, 3, 8, 9
MIXER_INDEX, MIXER_DATA, RESET, READ_DATA, WRITE = 0x4, 0x5, 0x6, 0xA, 0xC
READ_STATUS, ACKNOWLEDGE_16 = 0xE, 0xF
_NOT_BUSY: Final = 0x7F
_DATA_THERE: Final = 0x80
STATUS_8, STATUS_16 = 0x01, 0x02

_IRQS: Final = {0x01: 9, 0x02: 5, 0x04: 7, 0x08: 10}
"""Interrupts by bit of the setup register; 2 is 9 on an AT."""
_CHANNELS_8: Final = (0, 1, 3)
_CHANNELS_16: Final = (5, 6, 7)
_SLOWEST, _FASTEST = 4_000, 48_000
_DIRECT_RATE: Final = 44_100
_DIRECT_HOLD: Final = SECOND // 50
"""ns for which a sample of the direct mode is held at most."""
_UNITY: Final = (1.0, 1.0)
ADLIB_BASE: Final = 0x388
Byte = Annotated[int, msgspec.Meta(ge=0, lt=256)]


class Sb16Config(DeviceConfig, frozen=True):
    """Where the card is set to."""

    io_base: int = 0x220
    mpu_base: int = 0x330
    irq: int = 5
    dma8: int = 1
    dma16: int = 5


class Sb16State(DeviceState, kw_only=True):
    """DSP, mixer, synthesizer and transfers.

    Attributes:
        command: whose arguments are awaited, with those that have come.
        answers: bytes that the guest has not read yet. last: the one that it read last.
        narrow, wide: transfers of samples of 8 and of 16 bits.
        time_constant: whether the rate was set by one, which counts both sides of stereo.
        irq_select, dma_select: setup registers 80h and 81h; 0: as the card is set.
        irq_status: what has raised the interrupt.
        direct_level, direct_since: sample of the direct mode, and the virtual time (ns) from which
            it is heard.
    """

    command: list[Byte] = msgspec.field(default_factory=list)
    answers: bytes = b""
    last: Byte = dsp.READY
    resetting: bool = False
    speaker: bool = False
    test: Byte = 0
    block: Annotated[int, msgspec.Meta(ge=1)] = 1
    rate: Annotated[int, msgspec.Meta(ge=1)] = 22_050
    time_constant: bool = False
    irq_select: Byte = 0
    dma_select: Byte = 0
    irq_status: Byte = 0
    direct_level: Byte = 0x80
    direct_since: int = 0
    mixer: mixer.MixerState = msgspec.field(default_factory=mixer.MixerState)
    opl: opl.OplState = msgspec.field(default_factory=opl.OplState)
    mpu: mpu401.Mpu401State = msgspec.field(default_factory=mpu401.Mpu401State)
    narrow: Transfer = msgspec.field(default_factory=Transfer)
    wide: Transfer = msgspec.field(default_factory=lambda: Transfer(sample_bytes=2))


@register
class Sb16(Device[Sb16Config, Sb16State]):
    """The card."""

    NAME = "sb16"
    DESCRIPTION = "Creative Sound Blaster 16"
    REQUIRES = (IsaDma,)
    ports = Ports("io_base", 16)
    adlib = Ports(ADLIB_BASE, 4)
    mpu_ports = Ports("mpu_base", 2)
    irq5 = IsaIrq(5)
    irq7 = IsaIrq(7)
    irq9 = IsaIrq(9)
    irq10 = IsaIrq(10)
    host = Connector(0, AudioHost)
    instrument = Connector(1, CharacterSink)

    @timer
    def look(self) -> None:
        """A transfer may have ended a block."""
        self._settle()

    def setup(self) -> None:
        """Connect the DMA channels that the card can be set to."""
        self._dma = self.require(IsaDma)
        for channel in (*_CHANNELS_8, *_CHANNELS_16):
            self._dma.attach_client(channel, self)
        self._lines = {5: self.irq5, 7: self.irq7, 9: self.irq9, 10: self.irq10}

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """RESET DRV resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        self._end_synthesizer()
        super().reset(kind)
        self.look.cancel()
        self._update_interrupt()

    def state_loaded(self, version: int) -> None:
        """Go on playing."""
        del version
        if self.state.opl.active and self.host is not None:
            self.host.accompany(b"", opl.RATE, _UNITY)
        self._settle()

    def _reset_dsp(self) -> None:
        old = self.state
        self.state = Sb16State(
            mixer=old.mixer, opl=old.opl, mpu=old.mpu, irq_select=old.irq_select,
            dma_select=old.dma_select, answers=bytes([dsp.READY]),
        )  # fmt: skip
        self._settle()

    # ------------------------------------------------------------------ sound

    def dma_transfer(self, channel: int) -> None:
        """A channel has been unmasked: what waited for it goes on."""
        for transfer in (self.state.narrow, self.state.wide):
            if transfer.stalled and self._channel(transfer) == channel:
                transfer.go_on(self.now)
        self._settle()

    def settle_dma(self, channel: int) -> None:
        """The guest looks at the counters of a channel."""
        del channel
        self._settle()

    def _channel(self, transfer: Transfer) -> int:
        selected = self._selected_channels()
        wide = [channel for channel in _CHANNELS_16 if selected >> channel & 1]
        narrow = [channel for channel in _CHANNELS_8 if selected >> channel & 1]
        # Without a channel of its own the wide transfer goes over the narrow one's.
        found = (wide or narrow) if transfer.sample_bytes > 1 else narrow
        return found[0] if found else self.config.dma8

    def _selected_channels(self) -> int:
        return self.state.dma_select or 1 << self.config.dma8 | 1 << self.config.dma16

    def _settle(self) -> None:
        """Move what is due, tell the guest, and see to it that the next look is in time."""
        now, state = self.now, self.state
        looks = []
        for transfer, bit in ((state.narrow, STATUS_8), (state.wide, STATUS_16)):
            due = transfer.due(now)
            if due and self._move(transfer, due):
                state.irq_status |= bit
            look = transfer.next_look(now)
            if look is not None:
                looks.append(look)
        # After the samples of the DSP, which it is mixed with.
        self._sound_synthesizer()
        if state.opl.active:
            looks.append(now + LONGEST_LOOK)
        if looks:
            self.look.arm(min(looks))
        else:
            self.look.cancel()
        self._update_interrupt()

    def _move(self, transfer: Transfer, due: int) -> bool:
        """Move bytes that are due; tell whether a block has ended."""
        ended = False
        played = bytearray()
        while due and transfer.running:
            wanted = min(due, transfer.left * transfer.sample_bytes)
            if transfer.without_dma:
                count = wanted
            elif transfer.input:
                count = self._record(transfer, wanted)
            else:
                data, _ = self._dma.read_memory(self._channel(transfer), wanted)
                played += data
                count = len(data)
            if not count:
                transfer.stalled = True
                break
            due -= count
            ended |= transfer.moved(count)
        self._play(transfer, bytes(played))
        return ended

    def _play(self, transfer: Transfer, data: bytes) -> None:
        data = data[: len(data) // transfer.frame_bytes * transfer.frame_bytes]
        if self.host is None or transfer.silent or not data:
            return
        frames = stereo(data, transfer.sample_bytes, transfer.channels, signed=transfer.signed)
        self.host.play(frames, transfer.rate, mixer.output_gain(self.state.mixer))

    def _record(self, transfer: Transfer, wanted: int) -> int:
        count = -(-wanted // transfer.frame_bytes)
        gain = mixer.input_gain(self.state.mixer)
        host = self.host
        frames = host.record(count, transfer.rate, gain) if host is not None else bytes(4 * count)
        data = from_stereo(
            frames, transfer.sample_bytes, transfer.channels, signed=transfer.signed
        )
        moved, _ = self._dma.write_memory(self._channel(transfer), data[:wanted])
        return moved

    def _direct(self, level: int) -> None:
        """Command 10h: the sample before has been heard until now."""
        state, now = self.state, self.now
        held = min(now - state.direct_since, _DIRECT_HOLD)
        if self.host is not None and held > 0:
            data = bytes([state.direct_level]) * (held * _DIRECT_RATE // SECOND)
            frames = stereo(data, 1, 1, signed=False)
            self.host.play(frames, _DIRECT_RATE, mixer.output_gain(state.mixer))
        state.direct_level, state.direct_since = level, now

    def _sound_synthesizer(self) -> None:
        """Hand over what the synthesizer has sounded."""
        synthesizer, host = self.state.opl, self.host
        count = synthesizer.due_frames(self.now)
        if not count:
            return
        # Of a host that was away the last second is heard.
        synthesizer.position += max(0, count - opl.RATE)
        frames = clipped(Renderer(synthesizer, min(count, opl.RATE)).render())
        if host is not None:
            gain = mixer.synthesizer_gain(self.state.mixer)
            host.accompany(frames, opl.RATE, gain, last=not synthesizer.active)

    def _end_synthesizer(self) -> None:
        if self.state.opl.active and self.host is not None:
            self.host.accompany(b"", opl.RATE, _UNITY, last=True)

    def _write_synthesizer(self, value: int) -> None:
        synthesizer, host = self.state.opl, self.host
        if synthesizer.due_frames(self.now):
            self._settle()
        was_active = synthesizer.active
        synthesizer.write(value, self.now)
        if synthesizer.active and not was_active:
            self._settle()
            if host is not None:
                host.accompany(b"", opl.RATE, _UNITY)

    # ------------------------------------------------------------------ interrupts

    def _update_interrupt(self) -> None:
        irq = _IRQS.get(self.state.irq_select, self.config.irq)
        for number, line in self._lines.items():
            line.set(bool(self.state.irq_status) and number == irq)

    def _acknowledge(self, bit: int) -> None:
        self._settle()
        self.state.irq_status &= ~bit
        self._update_interrupt()

    # ------------------------------------------------------------------ ports

    @ports.reader
    def read_port(self, offset: int, size: int) -> int:
        """Answer the ports; those of the synthesizer but its status are empty."""
        state = self.state
        if offset == READ_STATUS:
            self._acknowledge(STATUS_8)
            return _NOT_BUSY | (_DATA_THERE if state.answers else 0)
        if offset == ACKNOWLEDGE_16:
            self._acknowledge(STATUS_16)
            return 0xFF
        if offset == READ_DATA:
            if state.answers:
                state.last, state.answers = state.answers[0], state.answers[1:]
            return state.last
        if offset == WRITE:
            return _NOT_BUSY
        if offset == MIXER_INDEX:
            return state.mixer.index
        if offset in (FM_ADDRESS, FM_MONO_ADDRESS):
            return state.opl.status(self.now)
        return self._read_mixer() if offset == MIXER_DATA else 0xFF

    @ports.writer
    def write_port(self, offset: int, value: int, size: int) -> None:
        """Take the ports."""
        state = self.state
        if offset == WRITE:
            self._take(value)
        elif offset == RESET:
            if state.resetting and not value & 1:
                self._reset_dsp()
            self.state.resetting = bool(value & 1)
        elif offset == MIXER_INDEX:
            state.mixer.index = value
        elif offset == MIXER_DATA:
            self._settle()
            self._write_mixer(value)
        elif offset in (FM_DATA, FM_DATA_2, FM_MONO_DATA):
            self._write_synthesizer(value)
        elif offset in (FM_ADDRESS, FM_ADDRESS_2, FM_MONO_ADDRESS):
            state.opl.select(int(offset == FM_ADDRESS_2), value)

    @adlib.reader
    def read_adlib(self, offset: int, size: int) -> int:
        """Answer the ports of an AdLib card: as the first of this one."""
        return self.read_port(offset, size)

    @adlib.writer
    def write_adlib(self, offset: int, value: int, size: int) -> None:
        """Take the ports of an AdLib card."""
        self.write_port(offset, value, size)

    @mpu_ports.reader
    def read_mpu(self, offset: int, size: int) -> int:
        """Answer the ports of the MPU-401."""
        return self.state.mpu.read() if offset == mpu401.DATA else self.state.mpu.status()

    @mpu_ports.writer
    def write_mpu(self, offset: int, value: int, size: int) -> None:
        """Take the ports of the MPU-401."""
        if offset == mpu401.DATA:
            if self.state.mpu.uart:
                self._send_midi(value)
        elif not self.state.mpu.command(value):
            self.guest_error(f"MPU-401 command {value:02X}h, of a mode that the card does not have")

    def _send_midi(self, value: int) -> None:
        if self.instrument is not None:
            self.instrument.write(bytes([value]))

    def _read_mixer(self) -> int:
        state = self.state
        match state.mixer.index:
            case mixer.INTERRUPT_SETUP:
                bits = {irq: bit for bit, irq in _IRQS.items()}
                return 0xF0 | (state.irq_select or bits.get(self.config.irq, 0))
            case mixer.DMA_SETUP:
                return self._selected_channels()
            case mixer.INTERRUPT_STATUS:
                self._settle()
                return mixer.DSP_VERSION_4_05 | state.irq_status
        return mixer.read(state.mixer)

    def _write_mixer(self, value: int) -> None:
        state = self.state
        match state.mixer.index:
            case mixer.INTERRUPT_SETUP:
                state.irq_select = value & 0x0F
                self._update_interrupt()
            case mixer.DMA_SETUP:
                state.dma_select = value & 0xEB
            case _:
                mixer.write(state.mixer, value)

    # ------------------------------------------------------------------ commands

    def _take(self, value: int) -> None:
        """Take a byte of a command; carry it out when it is the last."""
        command = self.state.command
        command.append(value)
        if len(command) > dsp.ARGUMENTS.get(command[0], 0):
            self.state.command = []
            self._settle()
            self._execute(command[0], command[1:])
            self._settle()

    def _execute(self, command: int, arguments: list[int]) -> None:
        state = self.state
        if dsp.GENERIC_16 <= command < dsp.GENERIC_8 + 0x10:
            self._start_generic(command, arguments)
        elif command in dsp.BLOCK_8:
            records, follows, auto = dsp.BLOCK_8[command]
            block = _word(arguments) + 1 if follows else state.block
            self._start_8(block, records=records, auto=auto)
        elif command in dsp.ADPCM:
            self._start_8(_word(arguments) + 1, silent=True, divide=dsp.ADPCM[command])
        elif command == dsp.SILENCE:
            self._start_8(_word(arguments) + 1, silent=True, without_dma=True)
        elif command == dsp.TIME_CONSTANT:
            # A time constant counts both sides of stereo.
            state.rate = 1_000_000 // (256 - arguments[0])
            state.time_constant = True
        elif command in (dsp.OUTPUT_RATE, dsp.INPUT_RATE):
            rate = arguments[0] << 8 | arguments[1]
            state.rate = max(_SLOWEST, min(rate, _FASTEST))
            state.time_constant = False
        elif command == dsp.BLOCK_SIZE:
            state.block = _word(arguments) + 1
        elif command == dsp.DIRECT_OUT:
            self._direct(arguments[0])
        elif command == dsp.MIDI_OUT:
            self._send_midi(arguments[0])
        elif not self._control(command):
            self._answer(command, arguments)

    def _control(self, command: int) -> bool:
        """Pause, go on, speaker and interrupts; tell whether it was one of these."""
        state, now = self.state, self.now
        match command:
            case dsp.PAUSE_8:
                state.narrow.paused = True
            case dsp.PAUSE_16:
                state.wide.paused = True
            case dsp.CONTINUE_8:
                state.narrow.go_on(now)
            case dsp.CONTINUE_16:
                state.wide.go_on(now)
            case dsp.EXIT_AUTO_8:
                state.narrow.auto = False
            case dsp.EXIT_AUTO_16:
                state.wide.auto = False
            case dsp.CONTINUE_AUTO_8:
                state.narrow.auto = True
            case dsp.CONTINUE_AUTO_16:
                state.wide.auto = True
            case dsp.SPEAKER_ON | dsp.SPEAKER_OFF:
                state.speaker = command == dsp.SPEAKER_ON
            case dsp.RAISE_8:
                state.irq_status |= STATUS_8
            case dsp.RAISE_16:
                state.irq_status |= STATUS_16
            case _:
                return False
        return True

    def _answer(self, command: int, arguments: list[int]) -> None:
        state = self.state
        match command:
            case dsp.SPEAKER_STATUS:
                state.answers = b"\xff" if state.speaker else b"\0"
            case dsp.IDENTIFY:
                state.answers = bytes([~arguments[0] & 0xFF])
            case dsp.GET_VERSION:
                state.answers = dsp.VERSION
            case dsp.GET_COPYRIGHT:
                state.answers = dsp.COPYRIGHT
            case dsp.WRITE_TEST:
                state.test = arguments[0]
            case dsp.READ_TEST:
                state.answers = bytes([state.test])
            case dsp.UNDOCUMENTED_F8:
                state.answers = b"\0"
            case dsp.DIRECT_IN:
                left = self.host.record(1, _DIRECT_RATE, _UNITY) if self.host else bytes(4)
                state.answers = from_stereo(left, 1, 1, signed=False)
            case _:
                self.guest_error(f"DSP command {command:02X}h is not known")

    def _start_8(
        self, block: int, *, records: bool = False, auto: bool = False, silent: bool = False,
        without_dma: bool = False, divide: int = 1,
    ) -> None:  # fmt: skip
        """Start a transfer by a command of the earlier cards: 8 bits, without sign."""
        state = self.state
        both = bool(state.mixer.registers[mixer.OUTPUT_CONTROL] & mixer.STEREO) and not silent
        rate = state.rate // 2 if both and state.time_constant else state.rate
        state.narrow = Transfer(
            input=records, auto=auto, stereo=both, silent=silent, without_dma=without_dma,
            rate=max(1, rate // divide), block=block,
        )  # fmt: skip
        state.narrow.start(self.now)

    def _start_generic(self, command: int, arguments: list[int]) -> None:
        """Commands B0h to CFh: any form of samples."""
        state = self.state
        mode = arguments[0]
        wide = command < dsp.GENERIC_8
        transfer = Transfer(
            input=bool(command & dsp.GENERIC_INPUT), auto=bool(command & dsp.GENERIC_AUTO),
            signed=bool(mode & dsp.MODE_SIGNED), stereo=bool(mode & dsp.MODE_STEREO),
            sample_bytes=2 if wide else 1, rate=state.rate, block=_word(arguments[1:]) + 1,
        )  # fmt: skip
        transfer.start(self.now)
        if wide:
            state.wide = transfer
        else:
            state.narrow = transfer


def _word(arguments: list[int]) -> int:
    return arguments[0] | arguments[1] << 8
