"""Writes the guest's screen as a PNG file (ISO/IEC 15948), without an image library."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.unfinished import written_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB_8 = (8, 2, 0, 0, 0)  # bit depth, colour type, compression, filter, interlace


def png_bytes(pixels: NDArray[np.uint32]) -> bytes:
    """Return a PNG of a (height, width) array of 0x00RRGGBB."""
    height, width = pixels.shape
    rows = np.empty((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 0] = 0  # filter: none
    colours = np.ascontiguousarray(pixels).view(np.uint8).reshape(height, width, 4)
    rows[:, 1:] = colours[:, :, 2::-1].reshape(height, 3 * width)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    return b"".join(
        (
            _SIGNATURE,
            chunk(b"IHDR", struct.pack(">II5B", width, height, *_RGB_8)),
            chunk(b"IDAT", zlib.compress(rows.tobytes(), 6)),
            chunk(b"IEND", b""),
        )
    )


def write_png(path: str, pixels: NDArray[np.uint32]) -> None:
    """Write a PNG file; an existing file is replaced only when the new one is complete.

    Raises:
        OSError: the file cannot be written.
    """
    with written_whole(Path(path)) as file:
        file.write(png_bytes(pixels))
