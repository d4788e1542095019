"""The codec: SigmaTel STAC9700, its mixer registers and rates.

References: Audio Codec '97 Revision 2.3 (5.7 registers); SigmaTel STAC9700 data sheet.

Deviation: the codec has variable rates (VRA, VRM), which the STAC9700 has not; drivers look at
register 28h, and a guest without a resampler sounds right. The analogue inputs are silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import msgspec

if TYPE_CHECKING:
    from engine.pdm.interfaces import StereoGain

RESET, MASTER_VOLUME, MONO_VOLUME, PHONE_VOLUME, MIC_VOLUME = 0x00, 0x02, 0x06, 0x0C, 0x0E
LINE_IN_VOLUME, CD_VOLUME, VIDEO_VOLUME, AUX_VOLUME = 0x10, 0x12, 0x14, 0x16
PCM_OUT_VOLUME, RECORD_SELECT, RECORD_GAIN, GENERAL_PURPOSE = 0x18, 0x1A, 0x1C, 0x20
THREE_D_CONTROL, POWERDOWN, EXTENDED_ID, EXTENDED_STATUS = 0x22, 0x26, 0x28, 0x2A
FRONT_DAC_RATE, ADC_RATE, MIC_ADC_RATE = 0x2C, 0x32, 0x34
VENDOR_ID1, VENDOR_ID2 = 0x7C, 0x7E

MUTE: Final = 0x8000
POWER_READY: Final = 0x000F  # REF, ANL, DAC, ADC
VRA, VRM, REVISION_2_3 = 0x0001, 0x0008, 0x0800
DEFAULT_RATE: Final = 48_000
LOWEST_RATE: Final = 4_000
_STEP: Final = 10 ** (-1.5 / 20)  # 1.5 dB
_PCM_0_DB: Final = 8
_FIVE_BITS: Final = 0x1F
_REGISTERS: Final = 64

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]

DEFAULTS: Final[dict[int, int]] = {
    RESET: 0x6940, MASTER_VOLUME: MUTE, MONO_VOLUME: MUTE, PHONE_VOLUME: MUTE | 8,
    MIC_VOLUME: MUTE | 8, LINE_IN_VOLUME: MUTE | 0x808, CD_VOLUME: MUTE | 0x808,
    VIDEO_VOLUME: MUTE | 0x808, AUX_VOLUME: MUTE | 0x808, PCM_OUT_VOLUME: MUTE | 0x808,
    RECORD_GAIN: MUTE, POWERDOWN: POWER_READY, EXTENDED_ID: REVISION_2_3 | VRM | VRA,
    FRONT_DAC_RATE: DEFAULT_RATE, ADC_RATE: DEFAULT_RATE, MIC_ADC_RATE: DEFAULT_RATE,
    VENDOR_ID1: 0x8384, VENDOR_ID2: 0x7600,
}  # fmt: skip
_WRITABLE: Final[dict[int, int]] = {
    MASTER_VOLUME: 0x9F1F, MONO_VOLUME: 0x801F, PHONE_VOLUME: 0x801F, MIC_VOLUME: 0x805F,
    LINE_IN_VOLUME: 0x9F1F, CD_VOLUME: 0x9F1F, VIDEO_VOLUME: 0x9F1F, AUX_VOLUME: 0x9F1F,
    PCM_OUT_VOLUME: 0x9F1F, RECORD_SELECT: 0x0707, RECORD_GAIN: 0x8F0F, GENERAL_PURPOSE: 0xA380,
    THREE_D_CONTROL: 0x0003, POWERDOWN: 0xFF00, EXTENDED_STATUS: VRA | VRM,
}  # fmt: skip
RATES: Final = {FRONT_DAC_RATE: VRA, ADC_RATE: VRA, MIC_ADC_RATE: VRM}


class CodecState(msgspec.Struct, kw_only=True):
    """Registers 00h to 7Eh."""

    registers: Annotated[
        list[Word], msgspec.Meta(min_length=_REGISTERS, max_length=_REGISTERS)
    ] = msgspec.field(default_factory=lambda: [DEFAULTS.get(2 * n, 0) for n in range(_REGISTERS)])


def write(state: CodecState, offset: int, value: int) -> None:
    """Take a write of the register at ``offset`` (even, 0 to 7Eh)."""
    registers = state.registers
    n = offset >> 1
    if offset == RESET:
        state.registers = CodecState().registers
    elif offset in RATES:
        if registers[EXTENDED_STATUS >> 1] & RATES[offset]:
            # What the codec cannot do becomes the nearest that it can (5.7.9.1).
            registers[n] = max(LOWEST_RATE, min(value, DEFAULT_RATE))
    elif offset in _WRITABLE:
        if offset in (MASTER_VOLUME, MONO_VOLUME):
            # Five bits wide: a sixth means the lowest volume (5.7.2.1), by which drivers measure.
            value |= _FIVE_BITS * ((value >> 5 & 1) | (value >> 13 & 1) << 8)
        mask = _WRITABLE[offset]
        registers[n] = registers[n] & ~mask | value & mask
        if offset == EXTENDED_STATUS:
            for rate, bit in RATES.items():
                if not value & bit:
                    registers[rate >> 1] = DEFAULT_RATE


def output_gain(state: CodecState) -> StereoGain:
    """Return what PCM out and master volume make of the sound that is played."""
    master, pcm = state.registers[MASTER_VOLUME >> 1], state.registers[PCM_OUT_VOLUME >> 1]
    if (master | pcm) & MUTE:
        return (0.0, 0.0)
    left = (master >> 8 & _FIVE_BITS) + (pcm >> 8 & _FIVE_BITS) - _PCM_0_DB
    right = (master & _FIVE_BITS) + (pcm & _FIVE_BITS) - _PCM_0_DB
    return (_STEP**left, _STEP**right)


def input_gain(state: CodecState) -> StereoGain:
    """Return what the record gain makes of the sound that is recorded."""
    gain = state.registers[RECORD_GAIN >> 1]
    if gain & MUTE:
        return (0.0, 0.0)
    return (_STEP ** -(gain >> 8 & 0xF), _STEP ** -(gain & 0xF))
