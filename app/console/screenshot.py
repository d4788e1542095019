"""Pictures of the guest's screen as PNG files, without a GUI toolkit.

Reference: Portable Network Graphics (PNG) Specification, third edition, W3C 2025.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.pdm.display import DisplayAdapter

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUECOLOUR_8_BIT = struct.pack(">5B", 8, 2, 0, 0, 0)
_FILTER_NONE = 0


def encode_png(pixels: NDArray[np.uint32]) -> bytes:
    """Return a (height, width) array of 0x00RRGGBB as a PNG file."""
    height, width = pixels.shape
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = _FILTER_NONE
    for index, shift in enumerate((16, 8, 0)):
        rows[:, 1 + index :: 3] = (pixels >> np.uint32(shift)) & np.uint32(0xFF)
    header = struct.pack(">2I", width, height) + _TRUECOLOUR_8_BIT
    return (
        _SIGNATURE
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
        + _chunk(b"IEND", b"")
    )


def take_screenshot(display: DisplayAdapter) -> bytes:
    """Return what the guest shows now as a PNG file; not on the emulation thread."""
    surface = display.open_surface()
    surface.update()
    return encode_png(surface.pixels)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
