"""Tables of the YMF262: waveforms, powers of two, attack, key scale level, noise.

Levels are attenuations. The chip adds logarithms: those of the sine, whose unit is 1/256 of a
power of two, and the attenuation of the envelope, whose unit is 8 of these: 0.1875 dB.

Reference: YMF262 Application Manual (Yamaha, 1994); the rounding of the two tables in ROM is that
of decapped chips (Gambrell and Niemitalo, "OPLx decapsulated", 2008).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Samples = NDArray[np.int64]

PERIOD: Final = 1024
"""Places of a waveform."""
SILENT: Final = 511
"""The largest attenuation of an envelope."""
_QUARTER: Final = PERIOD // 4
_ROM: Final = 256
_NOTHING: Final = 0x2000
_NEGATIVE: Final = 0x4000
"""Distance in ``OUTPUT`` from a level to the same below zero."""
_NOISE: Final = 1 << 16


def _waves() -> Samples:
    """Return the eight waveforms as indices of ``OUTPUT`` at an attenuation of 0."""
    quarter = (np.arange(_QUARTER) + 0.5) * np.pi / (2 * _QUARTER)
    rising = np.rint(-np.log2(np.sin(quarter)) * _ROM).astype(np.int64)
    half = np.concatenate((rising, rising[::-1]))
    none = np.full(PERIOD // 2, _NOTHING)
    sine = np.concatenate((half, half + _NEGATIVE))
    saw = np.arange(PERIOD // 2) * 8
    return np.stack([
        sine,
        np.concatenate((half, none)),
        np.concatenate((half, half)),
        np.concatenate((rising, none[:_QUARTER]) * 2),
        np.concatenate((sine[::2], none)),
        np.concatenate((half[::2], half[::2], none)),
        np.concatenate((none * 0, none * 0 + _NEGATIVE)),
        np.concatenate((saw, saw[::-1] + _NEGATIVE)),
    ])  # fmt: skip


def _output() -> Samples:
    """Return the sample (13 bits) of each level; those below zero follow."""
    level = np.arange(_NEGATIVE)
    fraction = np.rint(2 ** ((_ROM - 1 - level % _ROM) / _ROM) * PERIOD).astype(np.int64)
    loud = (fraction << 1) >> np.minimum(level // _ROM, 62)
    return np.concatenate((loud, -loud))


def _attack() -> Samples:
    """Return the attenuations that an attack goes through: an eighth of the rest at a time."""
    levels = [SILENT]
    while levels[-1]:
        levels.append(levels[-1] + (~levels[-1] >> 3))
    return np.array(levels)


WAVES: Final = _waves()
OUTPUT: Final = _output()
ATTACK: Final = _attack()
WAVE_LISTS: Final[list[list[int]]] = WAVES.tolist()
OUTPUT_LIST: Final[list[int]] = OUTPUT.tolist()

MULTIPLES: Final = (1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 20, 24, 24, 30, 30)
"""Twice the multiple of the frequency, by MULT."""
_KEY_SCALE: Final = (0, *(int(np.ceil(56 + 8 * np.log2(n / 8))) for n in range(1, 16)))
_KEY_SCALE_SHIFT: Final = (9, 1, 2, 0)  # KSL: none, 3, 1.5 and 6 dB in an octave


def key_scale_level(ksl: int, f_number: int, block: int) -> int:
    """Return by how much a note is softer the higher it is, in units of 0.1875 dB."""
    level = 4 * _KEY_SCALE[f_number >> 6] - 32 * (8 - block)
    return max(0, level) >> _KEY_SCALE_SHIFT[ksl]


@cache
def noise() -> Samples:
    """Return the bits of the noise generator, a shift register of 23 bits, for over a second."""
    register, bits = 1, []
    for _ in range(_NOISE):
        bits.append(register & 1)
        register = register >> 1 | ((register ^ register >> 14) & 1) << 22
    return np.array(bits)
