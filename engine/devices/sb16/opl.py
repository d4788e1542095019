"""FM synthesizer of the Sound Blaster 16: registers and timers of Yamaha's YMF262 (OPL3).

It takes the programs of its predecessor YM3812 (OPL2, AdLib) as long as NEW is 0. How it sounds is
in ``oplsynth``.

Reference: YMF262 Application Manual (Yamaha, 1994).

Deviations: the chip is never busy; the interrupt of the timers is wired to nothing, as on the card.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final

import msgspec

from engine.devices.sb16.opltables import SILENT
from engine.pdm.sound import SECOND

RATE: Final = 49_716
"""Frames per second: 14.31818 MHz / 288."""
BLOCK: Final = 160
"""Frames that are made at once, at least: what is written meanwhile is heard from the first on."""
MICROSECOND: Final = 1_000

TIMER_1, TIMER_2, TIMER_CONTROL, FOUR_OPERATORS, NEW = 0x02, 0x03, 0x04, 0x104, 0x105
NOTE_SELECT, FREQUENCY_LOW, KEY_ON_BLOCK, RHYTHM, FEEDBACK = 0x08, 0xA0, 0xB0, 0xBD, 0xC0
MULTIPLE, TOTAL_LEVEL, ATTACK_DECAY, SUSTAIN_RELEASE, WAVEFORM = 0x20, 0x40, 0x60, 0x80, 0xE0
RESET_FLAGS: Final = 0x80  # of TIMER_CONTROL
KEY_ON: Final = 0x20  # of KEY_ON_BLOCK
RHYTHM_ON: Final = 0x20  # of RHYTHM
STATUS_INTERRUPT: Final = 0x80
_TIMERS: Final = ((TIMER_1, 80 * MICROSECOND, 0x01, 0x40), (TIMER_2, 320 * MICROSECOND, 0x02, 0x20))
"""Register, ns of a count, start bit, and the bit that is mask and flag."""

BANK: Final = 0x100
BANK_CHANNELS: Final = 9
CHANNELS: Final = 2 * BANK_CHANNELS
OPERATORS: Final = 2 * CHANNELS
FOUR_OPERATOR_CHANNELS: Final = (0, 1, 2, 9, 10, 11)
"""By bit of FOUR_OPERATORS: channels that take the operators of the third after them as well."""
BASS_DRUM, SNARE_TOP_HAT, TOM_CYMBAL = 6, 7, 8
KEY_NOTE, KEY_DRUM = 1, 2
Byte = Annotated[int, msgspec.Meta(ge=0, lt=256)]
Sample = Annotated[int, msgspec.Meta(ge=-4096, le=4096)]


class Stage(IntEnum):
    """Where an envelope is."""

    OFF = 0
    ATTACK = 1
    DECAY = 2
    SUSTAIN = 3
    RELEASE = 4


class Operator(msgspec.Struct, kw_only=True):
    """An oscillator with its envelope.

    Attributes:
        keys: what holds its key: the note of the channel, the rhythm register.
        level: attenuation by the envelope, in units of 0.1875 dB.
        phase: 19 bits of the oscillator. last, before: samples that feedback takes.
    """

    keys: Annotated[int, msgspec.Meta(ge=0, lt=4)] = 0
    stage: Stage = Stage.OFF
    level: Annotated[int, msgspec.Meta(ge=0, le=SILENT)] = SILENT
    phase: Annotated[int, msgspec.Meta(ge=0, lt=1 << 19)] = 0
    last: Sample = 0
    before: Sample = 0

    def key(self, source: int, *, on: bool) -> None:
        """Press or release the key for one of ``KEY_NOTE`` and ``KEY_DRUM``."""
        keys = self.keys | source if on else self.keys & ~source
        if keys and not self.keys:
            self.stage, self.phase = Stage.ATTACK, 0
        elif self.keys and not keys and self.stage is not Stage.OFF:
            self.stage = Stage.RELEASE
        self.keys = keys


class OplState(msgspec.Struct, kw_only=True):
    """The chip; part of the card's state.

    Attributes:
        address: register that is written next; bit 8: in the second bank.
        flags: of the timers, as in the status register.
        due: virtual time (ns) at which each timer overflows next; None: it stands.
        active: something sounds. position: frame (of virtual time) that is made next.
    """

    address: Annotated[int, msgspec.Meta(ge=0, lt=2 * BANK)] = 0
    registers: Annotated[
        bytearray, msgspec.Meta(min_length=2 * BANK, max_length=2 * BANK)
    ] = msgspec.field(default_factory=lambda: bytearray(2 * BANK))  # fmt: skip
    flags: Byte = 0
    due: Annotated[list[int | None], msgspec.Meta(min_length=2, max_length=2)] = msgspec.field(
        default_factory=lambda: [None, None]
    )
    active: bool = False
    position: Annotated[int, msgspec.Meta(ge=0, lt=1 << 44)] = 0
    operators: Annotated[
        list[Operator], msgspec.Meta(min_length=OPERATORS, max_length=OPERATORS)
    ] = msgspec.field(default_factory=lambda: [Operator() for _ in range(OPERATORS)])  # fmt: skip

    # ------------------------------------------------------------------ ports

    def status(self, now: int) -> int:
        """Return the status register at a virtual time (ns)."""
        self._settle_timers(now)
        return self.flags | (STATUS_INTERRUPT if self.flags else 0)

    def select(self, bank: int, value: int) -> None:
        """Choose a register; the second bank has only NEW for programs of the OPL2."""
        second = bank and (self.new or value == NEW - BANK)
        self.address = value + BANK if second else value

    def write(self, value: int, now: int) -> None:
        """Write the chosen register at a virtual time (ns)."""
        register = self.address
        self._settle_timers(now)
        if register == TIMER_CONTROL:
            self._control_timers(value, now)
            return
        self.registers[register] = value
        low = register % BANK
        if register == RHYTHM:
            self._key_drums(value)
        elif KEY_ON_BLOCK <= low < KEY_ON_BLOCK + BANK_CHANNELS:
            channel = register // BANK * BANK_CHANNELS + low - KEY_ON_BLOCK
            for number in self.key_operators(channel):
                self.operators[number].key(KEY_NOTE, on=bool(value & KEY_ON))
        if not self.active and any(operator.stage for operator in self.operators):
            self.active, self.position = True, now * RATE // SECOND

    # ------------------------------------------------------------------ timers

    def _settle_timers(self, now: int) -> None:
        """Note the overflows of the past."""
        for number, (register, unit, _, bit) in enumerate(_TIMERS):
            due = self.due[number]
            if due is None or now < due:
                continue
            period = (256 - self.registers[register]) * unit
            self.due[number] = due + ((now - due) // period + 1) * period
            if not self.registers[TIMER_CONTROL] & bit:
                self.flags |= bit

    def _control_timers(self, value: int, now: int) -> None:
        if value & RESET_FLAGS:
            self.flags = 0
            return
        self.registers[TIMER_CONTROL] = value
        for number, (register, unit, start, bit) in enumerate(_TIMERS):
            if value & bit:
                self.flags &= ~bit
            if not value & start:
                self.due[number] = None
            elif self.due[number] is None:
                self.due[number] = now + (256 - self.registers[register]) * unit

    # ------------------------------------------------------------------ channels

    @property
    def new(self) -> bool:
        """Whether the program knows the OPL3."""
        return bool(self.registers[NEW] & 1)

    @property
    def rhythm(self) -> bool:
        """Whether the channels 6 to 8 are five drums."""
        return bool(self.registers[RHYTHM] & RHYTHM_ON)

    def takes_four(self, channel: int) -> bool:
        """Tell whether a channel has four operators."""
        if not self.new or channel not in FOUR_OPERATOR_CHANNELS:
            return False
        return bool(self.registers[FOUR_OPERATORS] >> FOUR_OPERATOR_CHANNELS.index(channel) & 1)

    def is_taken(self, channel: int) -> bool:
        """Tell whether the operators of a channel belong to another one's four."""
        return self.takes_four(channel - 3)

    def key_operators(self, channel: int) -> tuple[int, ...]:
        """Return the operators that a channel's key starts."""
        if self.is_taken(channel):
            return ()
        if self.takes_four(channel):
            return channel_operators(channel) + channel_operators(channel + 3)
        return channel_operators(channel)

    def _key_drums(self, value: int) -> None:
        on = value if value & RHYTHM_ON else 0
        hat, snare = channel_operators(SNARE_TOP_HAT)
        tom, cymbal = channel_operators(TOM_CYMBAL)
        drums = {0x01: (hat,), 0x02: (cymbal,), 0x04: (tom,), 0x08: (snare,),
                 0x10: channel_operators(BASS_DRUM)}  # fmt: skip
        for bit, numbers in drums.items():
            for number in numbers:
                self.operators[number].key(KEY_DRUM, on=bool(on & bit))

    def due_frames(self, now: int) -> int:
        """Return the frames to be made now: none while silent, else ``BLOCK`` or more."""
        count = now * RATE // SECOND - self.position if self.active else 0
        return count if count >= BLOCK else 0


def channel_operators(channel: int) -> tuple[int, int]:
    """Return the numbers of the two operators of a channel."""
    first = channel // 3 * 6 + channel % 3
    return first, first + 3
