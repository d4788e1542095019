"""Pixel formats of clients (RFC 6143, 7.4), and pictures converted into them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAYOUT: Final = struct.Struct(">BBBBHHHBBB3x")
FORMAT_BYTES: Final = _LAYOUT.size


class PixelFormatError(ValueError):
    """A pixel format that no picture can be sent in."""


@dataclass(frozen=True)
class PixelFormat:
    """How a client wants its pixels.

    Attributes:
        bits: of a pixel in memory: 8, 16 or 32.
        depth: bits that mean something.
        big_endian: most significant byte first.
        true_colour: without a colour map.
        maxima: largest values of red, green and blue.
        shifts: how far each is from the least significant bit.
    """

    bits: int
    depth: int
    big_endian: bool
    true_colour: bool
    maxima: tuple[int, int, int]
    shifts: tuple[int, int, int]

    @classmethod
    def unpack(cls, data: bytes) -> PixelFormat:
        """Read the 16 bytes of a format; one with a colour map becomes the map's (see below).

        Raises:
            PixelFormatError: it makes no sense.
        """
        bits, depth, big, true, *rest = _LAYOUT.unpack(data)
        maxima, shifts = tuple(rest[:3]), tuple(rest[3:])
        if not true:
            if bits != 8:
                raise PixelFormatError(f"A colour map for {bits} bits per pixel is not supported.")
            return COLOUR_MAP
        if bits not in (8, 16, 32):
            raise PixelFormatError(f"A pixel of {bits} bits is not one of 8, 16 or 32.")
        for maximum, shift in zip(maxima, shifts, strict=True):
            if maximum & (maximum + 1) or shift + int(maximum).bit_length() > bits:
                raise PixelFormatError(
                    f"A colour of maximum {maximum} at bit {shift} is not in {bits} bits."
                )
        return cls(bits, depth, bool(big), True, maxima, shifts)

    def pack(self) -> bytes:
        """The 16 bytes of the format."""
        return _LAYOUT.pack(
            self.bits, self.depth, self.big_endian, self.true_colour, *self.maxima, *self.shifts
        )

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """Type of the array elements that are pixels in memory."""
        return np.dtype(f"{'>' if self.big_endian else '<'}u{self.bits // 8}")

    @cached_property
    def is_native(self) -> bool:
        """Whether pixels are what surfaces hold: 0x00RRGGBB, least significant byte first."""
        colours = (self.maxima, self.shifts) == ((255, 255, 255), (16, 8, 0))
        return colours and self.bits == 32 and not self.big_endian

    @cached_property
    def _tables(self) -> tuple[NDArray[np.uint32], ...]:
        values = np.arange(256, dtype=np.uint32)
        return tuple(
            ((values * maximum + 127) // 255) << np.uint32(shift)
            for maximum, shift in zip(self.maxima, self.shifts, strict=True)
        )

    def convert(self, pixels: NDArray[np.uint32]) -> NDArray[np.unsignedinteger]:
        """Return pixels of a surface in this format, in the byte order of the client."""
        if self.is_native:
            return pixels
        red, green, blue = self._tables
        result = red[pixels >> 16 & 0xFF]
        result |= green[pixels >> 8 & 0xFF]
        result |= blue[pixels & 0xFF]
        converted: NDArray[np.unsignedinteger] = result.astype(self.dtype)
        return converted

    @cached_property
    def compact_bytes(self) -> slice:
        """Bytes of a pixel in memory that a CPIXEL of ZRLE has (RFC 6143, 7.7.5)."""
        used = 0
        for maximum, shift in zip(self.maxima, self.shifts, strict=True):
            used |= maximum << shift
        if self.bits != 32 or self.depth > 24:
            return slice(0, self.bits // 8)
        if used <= 0xFFFFFF:
            return slice(1, 4) if self.big_endian else slice(0, 3)
        if not used & 0xFF:
            return slice(0, 3) if self.big_endian else slice(1, 4)
        return slice(0, 4)

    @property
    def is_tight_compact(self) -> bool:
        """Whether a pixel of Tight is the three bytes red, green, blue."""
        return self.bits == 32 and self.depth == 24 and self.maxima == (255, 255, 255)

    def compact(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return pixels of a surface as CPIXELs, an array with an axis of bytes more."""
        return self._bytes_of(pixels)[..., self.compact_bytes]

    def tight(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """Return pixels of a surface as TPIXELs, an array with an axis of bytes more."""
        if self.is_tight_compact:
            as_bytes = np.ascontiguousarray(pixels, "<u4").view(np.uint8)
            return as_bytes.reshape(*pixels.shape, 4)[..., 2::-1]
        return self._bytes_of(pixels)

    def _bytes_of(self, pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
        converted = np.ascontiguousarray(self.convert(pixels))
        return converted.view(np.uint8).reshape(*pixels.shape, self.bits // 8)


NATIVE: Final = PixelFormat(32, 24, False, True, (255, 255, 255), (16, 8, 0))
COLOUR_MAP: Final = PixelFormat(8, 8, False, True, (7, 7, 3), (0, 3, 6))
"""What a client with a colour map gets; :func:`colour_map` is the map."""


def colour_map() -> bytes:
    """The message SetColourMapEntries for :data:`COLOUR_MAP` (RFC 6143, 7.6.2)."""
    entries = [
        ((value & 7) * 65535 // 7, (value >> 3 & 7) * 65535 // 7, (value >> 6) * 65535 // 3)
        for value in range(256)
    ]
    return struct.pack(">BxHH", 1, 0, 256) + b"".join(struct.pack(">HHH", *e) for e in entries)
