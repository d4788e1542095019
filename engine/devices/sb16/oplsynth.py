"""How the YMF262 sounds: frames from its registers and the state of its operators.

A block is made at once: phases and envelopes are functions of the number of the frame, so that
numpy computes them for all frames together. An operator that modulates itself needs the sample
before each sample and has a loop.

Deviations: steps of an envelope come evenly, not in the chip's patterns of eight; the samples are
added and clipped, without the rounding of the chip's converter.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from engine.devices.sb16.opl import (
    ATTACK_DECAY,
    BANK,
    BANK_CHANNELS,
    BASS_DRUM,
    CHANNELS,
    FEEDBACK,
    FREQUENCY_LOW,
    KEY_ON_BLOCK,
    MULTIPLE,
    NOTE_SELECT,
    RHYTHM,
    SNARE_TOP_HAT,
    SUSTAIN_RELEASE,
    TOM_CYMBAL,
    TOTAL_LEVEL,
    WAVEFORM,
    Operator,
    OplState,
    Stage,
    channel_operators,
)
from engine.devices.sb16.opltables import (
    ATTACK,
    MULTIPLES,
    OUTPUT,
    OUTPUT_LIST,
    PERIOD,
    SILENT,
    WAVE_LISTS,
    WAVES,
    key_scale_level,
    noise,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.devices.sb16.opltables import Samples

_PHASE_BITS: Final = 9
"""Bits of a phase below those that choose a place of the waveform."""
_PHASE_MASK: Final = (PERIOD << _PHASE_BITS) - 1
_FASTEST: Final = 60
"""Rates from here on are the same; an attack takes no time."""
_SLOWEST: Final = 4
"""Rates below stand still."""
_RATE_BITS: Final = 15
_TREMOLO_STEPS, _TREMOLO_FRAMES = 210, 64
_VIBRATO_STEPS, _VIBRATO_FRAMES = 8, 1024
_DEEP_TREMOLO, _DEEP_VIBRATO = 0x80, 0x40  # of RHYTHM
_TREMOLO, _VIBRATO, _HOLDS, _KEY_SCALE_RATE = 0x80, 0x40, 0x20, 0x10  # of MULTIPLE
_LEFT, _RIGHT = 0x10, 0x20  # of FEEDBACK
_DRUM_GAIN: Final = 2


_OPERATOR_OFFSETS: Final = tuple(
    bank + group + slot for bank in (0, BANK) for group in (0, 8, 16) for slot in range(6)
)
_CHANNEL_OFFSETS: Final = tuple(bank + n for bank in (0, BANK) for n in range(BANK_CHANNELS))


class Algorithm(NamedTuple):
    """How the operators of a channel are connected.

    Attributes:
        sources: for each operator the one that modulates it. heard: those that are heard.
    """

    sources: tuple[int | None, ...]
    heard: tuple[int, ...]


_TWO: Final = (Algorithm((None, 0), (1,)), Algorithm((None, None), (0, 1)))
"""By CNT."""
_BASS: Final = (_TWO[0], Algorithm((None, None), (1,)))
_FOUR: Final = (
    Algorithm((None, 0, 1, 2), (3,)),
    Algorithm((None, 0, None, 2), (1, 3)),
    Algorithm((None, None, 1, 2), (0, 3)),
    Algorithm((None, None, 1, None), (0, 2, 3)),
)
"""By CNT of the first (weight 2) and of the second channel."""


class Voice(NamedTuple):
    """A channel that is no drum but the bass drum."""

    channel: int
    operators: tuple[int, ...]
    algorithm: Algorithm
    gain: int


class Pitch(NamedTuple):
    """Frequency registers of a channel."""

    f_number: int
    block: int


def operator_register(state: OplState, number: int, base: int) -> int:
    """Return a register of an operator."""
    return state.registers[base + _OPERATOR_OFFSETS[number]]


def channel_register(state: OplState, channel: int, base: int) -> int:
    """Return a register of a channel."""
    return state.registers[base + _CHANNEL_OFFSETS[channel]]


def voices(state: OplState) -> Iterable[Voice]:
    """Yield the channels that are no drums, and the bass drum."""
    for channel in range(CHANNELS):
        if state.is_taken(channel) or (state.rhythm and channel in (SNARE_TOP_HAT, TOM_CYMBAL)):
            continue
        additive = channel_register(state, channel, FEEDBACK) & 1
        algorithm, gain = _TWO[additive], 1
        operators: tuple[int, ...] = channel_operators(channel)
        if state.takes_four(channel):
            second = channel_register(state, channel + 3, FEEDBACK) & 1
            algorithm = _FOUR[2 * additive + second]
            operators += channel_operators(channel + 3)
        elif state.rhythm and channel == BASS_DRUM:
            algorithm, gain = _BASS[additive], _DRUM_GAIN
        yield Voice(channel, operators, algorithm, gain)


def _pitch(state: OplState, channel: int) -> Pitch:
    high = channel_register(state, channel, KEY_ON_BLOCK)
    low = channel_register(state, channel, FREQUENCY_LOW)
    return Pitch((high & 3) << 8 | low, high >> 2 & 7)


def _audible(state: OplState, number: int) -> bool:
    """Tell whether an operator sounds, or will without another write."""
    operator = state.operators[number]
    if operator.stage is Stage.OFF:
        return False
    # An attack of rate 0 from silence never begins.
    starts = operator_register(state, number, ATTACK_DECAY) >> 4
    return operator.stage is not Stage.ATTACK or operator.level < SILENT or bool(starts)


def _sounds(state: OplState, voice: Voice) -> bool:
    # A frequency of 0 is a constant, which nobody hears.
    return bool(_pitch(state, voice.channel).f_number) and any(
        _audible(state, voice.operators[place]) for place in voice.algorithm.heard
    )


class Renderer:
    """Makes the frames that follow the state's position.

    Args:
        state: the chip; :meth:`render` moves it on.
        count: frames.
    """

    def __init__(self, state: OplState, count: int) -> None:
        self._state = state
        self._count = count
        self._first = state.position
        self._frames = np.arange(count)
        depth = state.registers[RHYTHM]
        step = (self._first + self._frames) // _TREMOLO_FRAMES % _TREMOLO_STEPS
        up_and_down = np.minimum(step, _TREMOLO_STEPS - 1 - step)
        self._tremolo = up_and_down >> (2 if depth & _DEEP_TREMOLO else 4)

    def render(self) -> Samples:
        """Return the frames (count, 2); ``active`` tells then whether more will follow."""
        state = self._state
        sides = np.zeros((2, self._count), np.int64)
        sounding = False
        for voice in voices(state):
            if _sounds(state, voice):
                self._pan(sides, voice.channel, voice.gain * self._voice(voice))
                sounding |= _sounds(state, voice)
        drums = (*channel_operators(SNARE_TOP_HAT), *channel_operators(TOM_CYMBAL))
        if state.rhythm and any(_audible(state, number) for number in drums):
            self._drums(sides)
            sounding |= any(_audible(state, number) for number in drums)
        state.position += self._count
        state.active = sounding
        return sides.T

    def _pan(self, sides: Samples, channel: int, samples: Samples) -> None:
        chosen = channel_register(self._state, channel, FEEDBACK) if self._state.new else 0xFF
        for side, bit in enumerate((_LEFT, _RIGHT)):
            if chosen & bit:
                sides[side] += samples

    # ------------------------------------------------------------------ operators

    def _voice(self, voice: Voice) -> Samples:
        outputs: list[Samples] = []
        feedback = channel_register(self._state, voice.channel, FEEDBACK) >> 1 & 7
        pitch = _pitch(self._state, voice.channel)
        for number, source in zip(voice.operators, voice.algorithm.sources, strict=True):
            levels = self._levels(number, pitch)
            phases = self._phases(number, pitch)
            if not outputs and feedback:
                outputs.append(self._fed_back(number, phases, levels, 9 - feedback))
                continue
            if source is not None:
                phases = phases + outputs[source]
            outputs.append(self._samples(number, phases, levels))
        heard: Samples = np.sum([outputs[place] for place in voice.algorithm.heard], axis=0)
        return heard

    def _wave(self, number: int) -> int:
        return operator_register(self._state, number, WAVEFORM) & (7 if self._state.new else 3)

    def _samples(self, number: int, phases: Samples, levels: int | Samples) -> Samples:
        places: Samples = WAVES[self._wave(number)][phases & PERIOD - 1] + levels
        return OUTPUT.take(places)

    def _fed_back(self, number: int, phases: Samples, levels: int | Samples, shift: int) -> Samples:
        """Return the samples of an operator that modulates itself by its last two."""
        operator = self._state.operators[number]
        if operator.stage is Stage.OFF:
            operator.last = operator.before = 0
            return np.zeros(self._count, np.int64)
        wave, output, mask = WAVE_LISTS[self._wave(number)], OUTPUT_LIST, PERIOD - 1
        last, before = operator.last, operator.before
        each = repeat(levels) if isinstance(levels, int) else levels.tolist()
        samples: list[int] = []
        add = samples.append
        for phase, level in zip(phases.tolist(), each, strict=False):
            sample = output[wave[phase + (last + before >> shift) & mask] + level]
            before, last = last, sample
            add(sample)
        operator.last, operator.before = last, before
        return np.array(samples)

    def _phases(self, number: int, pitch: Pitch) -> Samples:
        """Return the places in the waveform, and move the oscillator on."""
        flags = operator_register(self._state, number, MULTIPLE)
        operator = self._state.operators[number]
        multiple = MULTIPLES[flags & 0x0F]
        if flags & _VIBRATO:
            steps = [
                _increment(pitch.f_number + offset, pitch.block, multiple)
                for offset in self._vibrato(pitch.f_number)
            ]
            each = (self._first + self._frames) // _VIBRATO_FRAMES % _VIBRATO_STEPS
            moved = np.cumsum(np.array(steps)[each])
            phases = operator.phase + np.concatenate(([0], moved))
        else:
            step = _increment(pitch.f_number, pitch.block, multiple)
            phases = operator.phase + step * np.arange(self._count + 1)
        operator.phase = int(phases[-1]) & _PHASE_MASK
        return phases[:-1] >> _PHASE_BITS

    def _vibrato(self, f_number: int) -> list[int]:
        """Return what each eighth of a vibrato adds to a frequency number."""
        most = f_number >> 7
        shift = 0 if self._state.registers[RHYTHM] & _DEEP_VIBRATO else 1
        rising = [0, most >> 1 + shift, most >> shift, most >> 1 + shift]
        return rising + [-offset for offset in rising]

    # ------------------------------------------------------------------ envelopes

    def _levels(self, number: int, pitch: Pitch) -> int | Samples:
        """Return what the envelope adds to the index of ``OUTPUT``, and move it on."""
        state = self._state
        scaling = operator_register(state, number, TOTAL_LEVEL)
        flags = operator_register(state, number, MULTIPLE)
        fixed = 4 * (scaling & 0x3F)
        fixed += key_scale_level(scaling >> 6, pitch.f_number, pitch.block)
        level = self._envelope(number, pitch) + fixed
        if flags & _TREMOLO:
            level = level + self._tremolo
        if isinstance(level, int):
            return min(level, SILENT) << 3
        return np.minimum(level, SILENT) << 3

    def _rate(self, number: int, pitch: Pitch) -> int:
        """Return the rate (0 to 60) of an envelope's stage."""
        state = self._state
        stage = state.operators[number].stage
        flags = operator_register(state, number, MULTIPLE)
        if stage is Stage.OFF or (stage is Stage.SUSTAIN and flags & _HOLDS):
            return 0
        if stage is Stage.ATTACK:
            rate = operator_register(state, number, ATTACK_DECAY) >> 4
        elif stage is Stage.DECAY:
            rate = operator_register(state, number, ATTACK_DECAY) & 0x0F
        else:
            rate = operator_register(state, number, SUSTAIN_RELEASE) & 0x0F
        if not rate:
            return 0
        split = 8 if state.registers[NOTE_SELECT] & 0x40 else 9
        key = pitch.block << 1 | pitch.f_number >> split & 1
        return min(4 * rate + (key if flags & _KEY_SCALE_RATE else key >> 2), _FASTEST)

    def _envelope(self, number: int, pitch: Pitch) -> int | Samples:
        """Return the attenuation of each frame, or the one of all."""
        operator = self._state.operators[number]
        sustain = operator_register(self._state, number, SUSTAIN_RELEASE) >> 4
        sustain_level = 16 * (31 if sustain == 15 else sustain)
        levels = np.empty(self._count, np.int64)
        place = 0
        while place < self._count:
            rate = self._rate(number, pitch)
            if operator.stage is Stage.ATTACK and rate == _FASTEST:
                operator.level, operator.stage = 0, Stage.DECAY
                continue
            if rate < _SLOWEST:
                if not place:
                    return operator.level
                levels[place:] = operator.level
                break
            steps = _steps(rate, self._first + place, self._count - place)
            place += _go(operator, steps, sustain_level, levels[place:])
        return levels

    # ------------------------------------------------------------------ drums

    def _drums(self, sides: Samples) -> None:
        """Add hi-hat, snare drum, tom-tom and cymbal."""
        hat, snare = channel_operators(SNARE_TOP_HAT)
        tom, cymbal = channel_operators(TOM_CYMBAL)
        places: dict[int, Samples] = {}
        levels: dict[int, int | Samples] = {}
        for channel, numbers in ((SNARE_TOP_HAT, (hat, snare)), (TOM_CYMBAL, (tom, cymbal))):
            pitch = _pitch(self._state, channel)
            for number in numbers:
                levels[number] = self._levels(number, pitch)
                places[number] = self._phases(number, pitch)
        first, second = places[hat], places[cymbal]
        random = noise()[(self._first + self._frames) % len(noise())]
        metal = (_bit(first, 2) ^ _bit(first, 7)) | (_bit(first, 3) ^ _bit(second, 5))
        metal |= _bit(second, 3) ^ _bit(second, 5)
        high = _bit(first, 8)
        phases = {
            hat: metal << 9 | np.where(metal ^ random, 0xD0, 0x34),
            snare: high << 9 | (high ^ random) << 8,
            tom: places[tom],
            cymbal: metal << 9 | 0x80,
        }
        for number, channel in (
            (hat, SNARE_TOP_HAT), (snare, SNARE_TOP_HAT), (tom, TOM_CYMBAL), (cymbal, TOM_CYMBAL),
        ):  # fmt: skip
            samples = self._samples(number, phases[number], levels[number])
            self._pan(sides, channel, _DRUM_GAIN * samples)


def _bit(values: Samples, number: int) -> Samples:
    return values >> number & 1


def _increment(f_number: int, block: int, multiple: int) -> int:
    """Return by how much a phase moves in a frame; ``multiple`` is twice the one that is meant."""
    return (f_number << block >> 1) * multiple >> 1


def _steps(rate: int, first: int, count: int) -> Samples:
    """Return how many steps an envelope has made after each of the frames from ``first`` on.

    At rate 4 a step takes 4096 frames; four rates more double the speed.
    """
    factor = (4 + (rate & 3)) << (rate >> 2)
    frames = np.arange(first + 1, first + count + 1)
    return (frames * factor >> _RATE_BITS) - (first * factor >> _RATE_BITS)


def _go(operator: Operator, steps: Samples, sustain_level: int, levels: Samples) -> int:
    """Go through one stage of an envelope.

    Args:
        operator: goes on to the next stage when this one ends.
        steps: made after each frame.
        sustain_level: where the decay ends.
        levels: gets the attenuations.

    Returns:
        How many frames of the stage there were.
    """
    limit = SILENT
    if operator.stage is Stage.ATTACK:
        # The place in the table where the attack is: it may begin while the last note fades.
        start = int(np.searchsorted(-ATTACK, -operator.level))
        curve = ATTACK[np.minimum(start + steps, len(ATTACK) - 1)]
        limit, following, ended = 0, Stage.DECAY, curve == 0
    else:
        curve = operator.level + steps
        if operator.stage is Stage.DECAY:
            limit, following = max(sustain_level, operator.level), Stage.SUSTAIN
        else:
            following = Stage.OFF
        ended = curve >= limit
    if not ended[-1]:
        levels[:] = curve
        operator.level = int(curve[-1])
        return len(levels)
    count = int(ended.argmax())
    levels[:count] = curve[:count]
    operator.level, operator.stage = limit, following
    return count
