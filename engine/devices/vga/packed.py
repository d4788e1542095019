"""The modes of the VBE DISPI interface: rows of pixels in video memory, or four planes of bits."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga.graphics import planar_pixels
from engine.devices.vga.palette import attribute_colours, dac_colours
from engine.devices.vga.surface import runs
from engine.devices.vga.vbe import BYTES_PER_PIXEL
from engine.pdm.writelog import LOG_PAGE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.devices.vga.memory import VideoMemory
    from engine.devices.vga.surface import Frame, Pixels, RowMask

# Red, green and blue bits of a 16-bit pixel, from the top.
_COMPONENTS = {15: (5, 5, 5), 16: (5, 6, 5)}


@lru_cache
def direct_colours(bits_per_pixel: int) -> NDArray[np.uint32]:
    """Return 0x00RRGGBB for every pixel of a 15 or 16-bit mode.

    Components are widened by repeating their high bits, so that white is FFFFFFh.
    """
    pixels = np.arange(1 << 16, dtype=np.uint32)
    colours = np.zeros(1 << 16, np.uint32)
    shift = 0
    for place, bits in enumerate(reversed(_COMPONENTS[bits_per_pixel])):
        part = pixels >> shift & ((1 << bits) - 1)
        colours |= (part << (8 - bits) | part >> (2 * bits - 8)) << 8 * place
        shift += bits
    return colours


class PackedPicture:
    """Draws modes of 8 to 32 bits per pixel; see :class:`engine.devices.vga.surface.Picture`."""

    @staticmethod
    def shape(frame: Frame) -> tuple[int, ...]:
        """Width, height, bits per pixel."""
        return frame.vbe[:3] if frame.vbe else ()

    def __init__(self, video: VideoMemory, shape: tuple[int, ...]) -> None:
        self._memory = video.bytes
        self._log = video.log.open()
        self.width, self.height, self._bits = shape
        self.mode = f"VBE {self.width}x{self.height}x{self._bits}"
        self._row_bytes = self.width * BYTES_PER_PIXEL[self._bits]
        # One byte more than the pixels, so that the last 24-bit pixel can be read as 32 bits.
        self._buffer = np.zeros(self.height * self._row_bytes + 1, np.uint8)
        self._drawn = self._buffer[:-1].reshape(self.height, self._row_bytes)
        self._colours: NDArray[np.uint32] | None = None
        self._place: tuple[int, int] | None = None  # offset and pitch of what has been drawn

    def draw(self, frame: Frame, pixels: Pixels) -> RowMask:
        """Draw what has changed since the last call; return which rows."""
        if frame.vbe is None:
            raise ValueError("a DISPI picture needs a DISPI mode")
        written = self._log.take()  # before the memory is looked at
        rows = np.lib.stride_tricks.as_strided(
            self._memory[frame.vbe.offset :],
            (self.height, self._row_bytes),
            (frame.vbe.pitch, 1),
            writeable=False,
        )
        place = frame.vbe.offset, frame.vbe.pitch
        moved, first_time = place != self._place, self._place is None
        self._place = place
        if self._palette_changed(frame) or first_time:
            dirty = np.ones(self.height, np.bool_)
        elif written is None or moved:
            dirty = self._differences(rows, self._drawn)
        else:
            dirty = np.zeros(self.height, np.bool_)
            for first, end in runs(self._rows_in(written, *place)):
                dirty[first:end] = self._differences(rows[first:end], self._drawn[first:end])
        for first, end in runs(dirty):
            # The guest may be writing: what is drawn is what is remembered.
            self._drawn[first:end] = rows[first:end]
            self._convert(first, end, pixels[first:end])
        return dirty

    def _palette_changed(self, frame: Frame) -> bool:
        if self._bits != 8:
            return False
        before, self._colours = self._colours, dac_colours(frame)
        return before is None or not np.array_equal(before, self._colours)

    def _rows_in(self, pages: int, offset: int, pitch: int) -> RowMask:
        """Return which rows lie at least partly in a set of pages of video memory."""
        if not pages:
            return np.zeros(self.height, np.bool_)
        count = len(self._memory) // LOG_PAGE
        octets = np.frombuffer(pages.to_bytes(-(-count // 8), "little"), np.uint8)
        before = np.zeros(count + 1, np.intp)  # written pages below each page
        np.cumsum(np.unpackbits(octets, count=count, bitorder="little"), out=before[1:])
        starts = offset + pitch * np.arange(self.height)
        ends = (starts + self._row_bytes - 1) // LOG_PAGE + 1
        found: RowMask = before[ends] > before[starts // LOG_PAGE]
        return found

    def _differences(self, rows: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> RowMask:
        wide = 8
        if self._row_bytes % wide == 0:
            changed: RowMask = (rows.view(np.uint64) != drawn.view(np.uint64)).any(axis=1)
        else:
            changed = (rows != drawn).any(axis=1)
        return changed

    def _convert(self, first: int, end: int, pixels: Pixels) -> None:
        """Draw remembered rows."""
        rows = self._drawn[first:end]
        if self._bits == 32:
            np.bitwise_and(rows.view("<u4"), np.uint32(0xFFFFFF), out=pixels)
        elif self._bits == 24:
            overlapping = np.ndarray(
                pixels.shape, "<u4", self._buffer.data, first * self._row_bytes,
                (self._row_bytes, 3),
            )  # fmt: skip
            np.bitwise_and(overlapping, np.uint32(0xFFFFFF), out=pixels)
        elif self._bits == 8:
            assert self._colours is not None
            np.take(self._colours, rows, out=pixels, mode="clip")
        else:
            np.take(direct_colours(self._bits), rows.view("<u2"), out=pixels, mode="clip")


class PlanarVbePicture:
    """Draws the planar mode of 4 bits per pixel."""

    @staticmethod
    def shape(frame: Frame) -> tuple[int, ...]:
        """Width and height."""
        return frame.vbe[:2] if frame.vbe else ()

    def __init__(self, video: VideoMemory, shape: tuple[int, ...]) -> None:
        self._quads_of_memory = video.quads
        self.width, self.height = shape
        self.mode = f"VBE {self.width}x{self.height}x4"
        self._drawn: NDArray[np.uint32] = np.zeros((self.height, self.width // 8), np.uint32)
        self._colours: NDArray[np.uint32] | None = None

    def draw(self, frame: Frame, pixels: Pixels) -> RowMask:
        """Draw what has changed since the last call; return which rows."""
        if frame.vbe is None:
            raise ValueError("a DISPI picture needs a DISPI mode")
        quads = np.lib.stride_tricks.as_strided(
            self._quads_of_memory[frame.vbe.offset :], self._drawn.shape, (4 * frame.vbe.pitch, 4)
        ).copy()
        before, self._colours = self._colours, attribute_colours(frame)
        if before is None or not np.array_equal(before, self._colours):
            dirty = np.ones(self.height, np.bool_)
        else:
            dirty = (quads != self._drawn).any(axis=1)
        self._drawn = quads
        pixels[dirty] = self._colours[planar_pixels(quads[dirty])]
        return dirty
