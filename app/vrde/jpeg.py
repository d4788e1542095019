"""JPEG pictures by PyAV, which the extra ``recording`` installs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

JpegEncoder = Callable[["NDArray[np.uint32]", int], bytes]

_QUANTISERS: Final = (31, 24, 18, 14, 11, 8, 6, 4, 3, 2)
"""Of FFmpeg's encoder, 2 (best) to 31, by the quality that a client wants (0 to 9)."""


@functools.cache
def jpeg_encoder() -> JpegEncoder | None:
    """Return what makes a JPEG file of pixels 0x00RRGGBB and a quality; None without PyAV."""
    try:
        import av
    except ImportError:
        return None

    def encode(pixels: NDArray[np.uint32], quality: int) -> bytes:
        height, width = pixels.shape
        as_bytes = np.ascontiguousarray(pixels, "<u4").view(np.uint8).reshape(height, width, 4)
        frame = av.VideoFrame.from_ndarray(as_bytes, format="bgra")
        context = av.CodecContext.create("mjpeg", "w")
        context.width, context.height = width, height
        context.pix_fmt = "yuvj420p"
        context.time_base = Fraction(1, 25)
        context.thread_count = 1
        quantiser = str(_QUANTISERS[quality])
        context.options = {"qmin": quantiser, "qmax": quantiser}
        packets = [*context.encode(frame), *context.encode(None)]
        return b"".join(bytes(packet) for packet in packets)

    return encode
