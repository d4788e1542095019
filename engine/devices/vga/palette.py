"""From pixel values to colours: attribute controller and DAC.

References: IBM PS/2 Video Subsystem Technical Reference, "Attribute controller registers" and
"Video digital-to-analog converter". The DAC is 6 bits wide, or 8 where DISPI says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga import registers as r

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.devices.vga.surface import Frame

    Colours = NDArray[np.uint32]

_PLACES = np.array((1 << 16, 1 << 8, 1), np.uint32)

def dac_colours(frame: Frame) -> Colours:
    """Return 0x00RRGGBB for the 256 values that may reach the DAC, through the PEL mask."""
    parts = np.frombuffer(frame.dac, np.uint8).reshape(256, 3)
    if not frame.dac_8bit:
        parts = (parts << 2 | parts >> 4).astype(np.uint8)
    colours: Colours = parts.astype(np.uint32) @ _PLACES
    if frame.pel_mask != 0xFF:
        colours = colours[np.arange(256) & frame.pel_mask]
    return colours


def _dac_index(attribute: bytes, pixel: int) -> int:
    """Return the DAC value of a four-bit pixel: palette register and colour select."""
    colour = attribute[pixel & attribute[r.AR_PLANE_ENABLE] & 0xF]
    select = attribute[r.AR_COLOUR_SELECT]
    if attribute[r.AR_MODE] & r.AR10_P54_SELECT:
        return colour & 0x0F | (select & 0x0F) << 4
    return colour & 0x3F | (select & 0x0C) << 4


def attribute_colours(frame: Frame) -> Colours:
    """Return the colours of the 16 pixel values of text and planar modes."""
    attribute = frame.attribute
    return dac_colours(frame)[[_dac_index(attribute, pixel) for pixel in range(16)]]


def blinking_colours(frame: Frame, *, phase: bool) -> Colours:
    """Return the colours of the 16 pixel values in a graphics mode with blinking enabled.

    Pixels without bit 3 show as if it were set, those with it alternate.
    """
    attribute = frame.attribute
    flip = 0 if phase else 8
    pixels = [(pixel | 8) if not pixel & 8 else pixel ^ flip for pixel in range(16)]
    return dac_colours(frame)[[_dac_index(attribute, pixel) for pixel in pixels]]


def wide_colours(frame: Frame) -> Colours:
    """Return the colours of the 256 pixel values of the VGA's 256-colour modes.

    Each nibble of a pixel goes through the palette registers, which programs leave at 0..15.
    """
    low = np.frombuffer(frame.attribute, np.uint8)[:16] & 0x0F
    pixels = np.arange(256)
    colours: Colours = dac_colours(frame)[low[pixels >> 4] << 4 | low[pixels & 0xF]]
    return colours
