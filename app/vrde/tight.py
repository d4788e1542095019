"""The encoding Tight: one colour, palettes, zlib, and JPEG for clients that accept losses.

Reference: rfbproto.rst, "Tight Encoding". There is no gradient filter: it helps pictures that JPEG
is better for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from app.vrde.damage import Rectangle, rectangles, tile_grid
from app.vrde.encodings import LEVEL, cut, few_colours, pack_indices, split
from app.vrde.jpeg import jpeg_encoder
from app.vrde.protocol import RECTANGLE, Encoding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.vrde.pixels import PixelFormat

BLOCK: Final = 128
"""Width and height of the squares that are looked at one by one."""
MAX_WIDTH: Final = 2048
_UNCOMPRESSED: Final = 12  # shorter data is sent as it is
_FILL: Final = 0x80
_JPEG: Final = 0x90
_EXPLICIT_FILTER: Final = 0x40
_PALETTE_FILTER: Final = 1
_MAX_PALETTE: Final = 256
_FULL, _MONO, _INDEXED = 0, 1, 2  # zlib streams
_JPEG_PIXELS: Final = 1024
"""Smaller areas are sent without loss: they are text or parts of controls."""


def compact_length(length: int) -> bytes:
    """A length in one to three bytes, seven bits each, the lowest first."""
    if length < 1 << 7:
        return bytes((length,))
    if length < 1 << 14:
        return bytes((length & 0x7F | 0x80, length >> 7))
    return bytes((length & 0x7F | 0x80, length >> 7 & 0x7F | 0x80, length >> 14))


class Tight:
    """See :class:`app.vrde.encodings.Encoder`.

    Attributes:
        quality: of JPEG, 0 to 9 as the client wants; None: it wants no losses.
    """

    def __init__(self) -> None:
        self.quality: int | None = None
        self._streams = [zlib.compressobj(LEVEL) for _ in range(3)]

    def encode(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """See :class:`app.vrde.encodings.Encoder`."""
        for part in split(area, MAX_WIDTH, MAX_WIDTH):
            yield from self._part(cut(pixels, part), part, form)

    def _part(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """Send blocks with few colours one by one, and all others together."""
        colourful = np.zeros(tile_grid(area.width, area.height, (BLOCK, BLOCK)), np.bool_)
        for block in split(Rectangle(0, 0, area.width, area.height), BLOCK, BLOCK):
            body = self._few_colours(cut(pixels, block), form)
            if body is None:
                colourful[block.y // BLOCK, block.x // BLOCK] = True
            else:
                yield _rectangle(area, block) + body
        if colourful.any():
            for block in rectangles(colourful, (BLOCK, BLOCK), area.width, area.height):
                yield from self._colourful(cut(pixels, block), area, block, form)

    def _few_colours(self, block: NDArray[np.uint32], form: PixelFormat) -> bytes | None:
        found = few_colours(block, min(_MAX_PALETTE, max(2, block.size // 8)))
        if found is None:
            return None
        colours, indices = found
        palette = form.tight(colours).tobytes()
        if len(colours) == 1:
            return bytes((_FILL,)) + palette
        head = bytes((_PALETTE_FILTER, len(colours) - 1)) + palette
        if len(colours) == 2:
            stream, data = _MONO, pack_indices(indices, 1)
        else:
            stream, data = _INDEXED, indices.astype(np.uint8).tobytes()
        control = bytes((_EXPLICIT_FILTER | stream << 4,))
        return control + head + self._deflated(stream, data)

    def _colourful(
        self, pixels: NDArray[np.uint32], area: Rectangle, block: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        jpeg = jpeg_encoder() if self.quality is not None and form.bits > 8 else None
        if jpeg is not None and self.quality is not None and pixels.size >= _JPEG_PIXELS:
            data = jpeg(pixels, self.quality)
            yield _rectangle(area, block) + bytes((_JPEG,)) + compact_length(len(data)) + data
            return
        # The length that a rectangle can tell is 22 bits.
        for strip in split(block, MAX_WIDTH, 256):
            part = Rectangle(strip.x - block.x, strip.y - block.y, strip.width, strip.height)
            data = self._deflated(_FULL, form.tight(cut(pixels, part)).tobytes())
            yield _rectangle(area, strip) + bytes((_FULL << 4,)) + data

    def _deflated(self, stream: int, data: bytes) -> bytes:
        if len(data) < _UNCOMPRESSED:
            return data
        packed = self._streams[stream].compress(data)
        packed += self._streams[stream].flush(zlib.Z_SYNC_FLUSH)
        return compact_length(len(packed)) + packed


def _rectangle(area: Rectangle, block: Rectangle) -> bytes:
    return RECTANGLE.pack(
        area.x + block.x, area.y + block.y, block.width, block.height, Encoding.TIGHT
    )
