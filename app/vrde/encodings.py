"""Encodings of pictures: Raw, Zlib and ZRLE (RFC 6143, 7.7; rfbproto.rst).

An encoder belongs to one client: its zlib streams go on from update to update. zlib and numpy work
without Python's global lock, so that big updates do not hold the guest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from app.vrde.damage import Rectangle
from app.vrde.protocol import RECTANGLE, Encoding

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.vrde.pixels import PixelFormat

LEVEL: Final = 1
"""Of zlib: higher ones cost several times the time for a tenth of the bytes."""
ZRLE_TILE: Final = 64
_SAMPLES: Final = 128
_PACKED_BITS: Final = {2: 1, 3: 2, 4: 2}


class Encoder(Protocol):
    """Makes rectangles of one encoding."""

    def encode(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """Yield complete rectangles that show an area.

        Args:
            pixels: the whole screen.
            area: what to show.
            form: of the client.
        """


def cut(pixels: NDArray[np.uint32], area: Rectangle) -> NDArray[np.uint32]:
    """Return the pixels of an area."""
    return pixels[area.y : area.y + area.height, area.x : area.x + area.width]


def split(area: Rectangle, width: int, height: int) -> Iterator[Rectangle]:
    """Yield the parts of an area, row by row, of a size at most."""
    for y in range(area.y, area.y + area.height, height):
        for x in range(area.x, area.x + area.width, width):
            yield Rectangle(
                x, y, min(width, area.x + area.width - x), min(height, area.y + area.height - y)
            )


def few_colours(
    pixels: NDArray[np.uint32], limit: int
) -> tuple[NDArray[np.uint32], NDArray[np.intp]] | None:
    """Return the colours of a picture and the picture as indices into them.

    Args:
        pixels: two-dimensional.
        limit: more colours than that, and it is None; also when half of some samples differ.
    """
    step = max(1, pixels.size // _SAMPLES)
    flat = pixels.ravel()
    if len(_distinct(flat[::step])) > min(limit, _SAMPLES // 2):
        return None
    colours = _distinct(flat)
    if len(colours) > limit:
        return None
    return colours, np.searchsorted(colours, pixels)


def _distinct(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return values in order, each once; several times as fast as ``np.unique`` of NumPy 2.4."""
    ordered = np.sort(values)
    first = np.empty(len(ordered), np.bool_)
    first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


class Raw:
    """Pixels as they are."""

    def encode(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """See :class:`Encoder`."""
        yield RECTANGLE.pack(*area, Encoding.RAW) + form.convert(cut(pixels, area)).tobytes()


class Zlib:
    """Raw pixels in one zlib stream."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(LEVEL)

    def encode(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """See :class:`Encoder`."""
        data = self._stream.compress(form.convert(cut(pixels, area)).tobytes())
        data += self._stream.flush(zlib.Z_SYNC_FLUSH)
        yield RECTANGLE.pack(*area, Encoding.ZLIB) + struct.pack(">I", len(data)) + data


class Zrle:
    """Tiles of 64 by 64 pixels in one zlib stream: of one colour, with a palette, or raw."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(LEVEL)

    def encode(
        self, pixels: NDArray[np.uint32], area: Rectangle, form: PixelFormat
    ) -> Iterator[bytes]:
        """See :class:`Encoder`."""
        parts = [
            self._stream.compress(_zrle_tile(cut(pixels, tile), form))
            for tile in split(area, ZRLE_TILE, ZRLE_TILE)
        ]
        data = b"".join(parts) + self._stream.flush(zlib.Z_SYNC_FLUSH)
        yield RECTANGLE.pack(*area, Encoding.ZRLE) + struct.pack(">I", len(data)) + data


def _zrle_tile(tile: NDArray[np.uint32], form: PixelFormat) -> bytes:
    found = few_colours(tile, 16)
    if found is None:
        return b"\0" + form.compact(tile).tobytes()
    colours, indices = found
    palette = form.compact(colours).tobytes()
    if len(colours) == 1:
        return b"\1" + palette
    packed = pack_indices(indices, _PACKED_BITS.get(len(colours), 4))
    return bytes((len(colours),)) + palette + packed


def pack_indices(indices: NDArray[np.intp], bits: int) -> bytes:
    """Pack indices of 1, 2 or 4 bits, the leftmost in the highest bits, rows in whole bytes."""
    values = indices.astype(np.uint8)
    planes = [values >> bit & 1 for bit in reversed(range(bits))]
    each_bit = np.stack(planes, axis=-1).reshape(len(values), -1)
    return np.packbits(each_bit, axis=1).tobytes()
