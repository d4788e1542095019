"""The mixer of the Sound Blaster 16: Creative's CT1745.

Reference: Sound Blaster Series Hardware Programming Guide (Creative, 1996), chapter 4.

Deviation: volumes are at 0 dB after a reset instead of -14 dB each, as guests without a driver for
the mixer would hardly be heard.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

if TYPE_CHECKING:
    from engine.pdm.interfaces import StereoGain

RESET, VOICE_VOLUME, MIC_VOLUME, MASTER_VOLUME = 0x00, 0x04, 0x0A, 0x22
OUTPUT_CONTROL: Final = 0x0E
MASTER_LEFT, MASTER_RIGHT, VOICE_LEFT, VOICE_RIGHT = 0x30, 0x31, 0x32, 0x33
SYNTHESIZER_LEFT, SYNTHESIZER_RIGHT = 0x34, 0x35
MIC: Final = 0x3A
INTERRUPT_SETUP, DMA_SETUP, INTERRUPT_STATUS = 0x80, 0x81, 0x82
STEREO: Final = 0x02  # of OUTPUT_CONTROL, for commands of the Sound Blaster Pro
DSP_VERSION_4_05: Final = 0x20  # upper bits of INTERRUPT_STATUS

_PRO_VOLUMES: Final = {
    VOICE_VOLUME: VOICE_LEFT, MASTER_VOLUME: MASTER_LEFT, 0x26: SYNTHESIZER_LEFT, 0x28: 0x36,
    0x2E: 0x38,
}  # fmt: skip
"""Registers of the Sound Blaster Pro, a nibble for each side, and the left one they stand for."""
_LOUDEST: Final = 0xF8
_DEFAULTS: Final = {
    **dict.fromkeys(range(0x30, 0x36), _LOUDEST), 0x3C: 0x1F, 0x3D: 0x15, 0x3E: 0x0B,
    **dict.fromkeys(range(0x44, 0x48), 0x80),
}  # fmt: skip
_WRITABLE: Final = {
    OUTPUT_CONTROL: 0x22, **dict.fromkeys(range(0x30, 0x3B), 0xF8), 0x3B: 0xC0, 0x3C: 0x1F,
    0x3D: 0x7F, 0x3E: 0x7F, **dict.fromkeys(range(0x3F, 0x43), 0xC0), 0x43: 0x01,
    **dict.fromkeys(range(0x44, 0x48), 0xF0),
}  # fmt: skip
_STEP_DB: Final = 2
_STEPS: Final = 31
_GAIN_DB: Final = 6.02
_OUTPUT_GAIN: Final = 0x41
_INPUT_GAIN: Final = 0x3F

SIZE: Final = 0x48
Byte = Annotated[int, msgspec.Meta(ge=0, lt=256)]


class MixerState(msgspec.Struct, kw_only=True):
    """Registers 00h to 47h, and the one that is addressed."""

    index: Byte = 0
    registers: Annotated[list[Byte], msgspec.Meta(min_length=SIZE, max_length=SIZE)] = (
        msgspec.field(default_factory=lambda: [_DEFAULTS.get(n, 0) for n in range(SIZE)])
    )


def read(state: MixerState) -> int:
    """Return the addressed register of those below 48h."""
    registers, index = state.registers, state.index
    if index in _PRO_VOLUMES:
        left = _PRO_VOLUMES[index]
        return registers[left] & 0xF0 | registers[left + 1] >> 4
    if index == MIC_VOLUME:
        return registers[MIC] >> 5
    return registers[index] if index < SIZE else 0xFF


def write(state: MixerState, value: int) -> None:
    """Write the addressed register of those below 48h."""
    registers, index = state.registers, state.index
    if index == RESET:
        state.registers = MixerState().registers
    elif index in _PRO_VOLUMES:
        left = _PRO_VOLUMES[index]
        registers[left] = value & 0xF0 | 0x08
        registers[left + 1] = value << 4 & 0xF0 | 0x08
    elif index == MIC_VOLUME:
        registers[MIC] = value << 5 & 0xE0 | 0x18
    elif index in _WRITABLE:
        registers[index] = value & _WRITABLE[index]


def output_gain(state: MixerState) -> StereoGain:
    """Return what voice volume, master volume and output gain make of what is played."""
    return _gains(state.registers, VOICE_LEFT)


def synthesizer_gain(state: MixerState) -> StereoGain:
    """Return what its volume, master volume and output gain make of the FM synthesizer."""
    return _gains(state.registers, SYNTHESIZER_LEFT)


def input_gain(state: MixerState) -> StereoGain:
    """Return what the input gain makes of what is recorded."""
    left, right = (state.registers[_INPUT_GAIN + side] >> 6 for side in (0, 1))
    return (float(1 << left), float(1 << right))


def _gains(registers: list[int], source: int) -> StereoGain:
    return (_gain(registers, source, 0), _gain(registers, source, 1))


def _gain(registers: list[int], source: int, side: int) -> float:
    volumes = (registers[MASTER_LEFT + side] >> 3, registers[source + side] >> 3)
    if not all(volumes):
        return 0.0
    decibels = float(sum(_STEP_DB * (volume - _STEPS) for volume in volumes))
    decibels += _GAIN_DB * (registers[_OUTPUT_GAIN + side] >> 6)
    return float(10 ** (decibels / 20))
