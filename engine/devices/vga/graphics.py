"""The VGA's graphics modes: planar 16 colours, CGA shift modes, 256 colours; and DISPI's planar.

Reference: IBM PS/2 Video Subsystem Technical Reference, "Graphics modes", graphics controller
mode register (shift register modes), CRTC mode control (byte, word and doubleword addressing,
row scan substitution).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga import registers as r
from engine.devices.vga.crtc import CHARACTER_BLINK, ScanPlan, scan, scan_plan
from engine.devices.vga.memory import PLANE_MASK
from engine.devices.vga.palette import attribute_colours, blinking_colours, wide_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.devices.vga.memory import VideoMemory
    from engine.devices.vga.surface import Frame, Pixels, RowMask

    Quads = NDArray[np.uint32]
    Indices = NDArray[np.uint8]

# For a byte of a plane: its 8 bits, leftmost pixel first, one per byte of a 64-bit word.
_SPREAD_1 = (
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).copy().view("<u8").reshape(256)
)
_SPREAD = [_SPREAD_1 << plane for plane in range(4)]
# For a byte of a plane: its 4 pairs of bits, leftmost first, one per byte of a 32-bit word.
_PAIRS = (
    (np.arange(256)[:, None] >> np.array((6, 4, 2, 0)) & 3)
    .astype(np.uint8).copy().view("<u4").reshape(256)
)  # fmt: skip

SHIFT_PLANAR, SHIFT_INTERLEAVE, SHIFT_256 = range(3)


def planar_pixels(quads: Quads) -> Indices:
    """Return 8 four-bit pixels for each address: bit p of a pixel comes from plane p."""
    planes = quads.view(np.uint8).reshape(*quads.shape, 4)
    spread = _SPREAD[0][planes[..., 0]]
    for plane in (1, 2, 3):
        spread |= _SPREAD[plane][planes[..., plane]]
    return spread.view(np.uint8)


def interleaved_pixels(quads: Quads) -> Indices:
    """Return 8 pixels for each address: pairs of bits of planes 0 and 2, then of 1 and 3."""
    planes = quads.view(np.uint8).reshape(*quads.shape, 4)
    pairs = np.empty((*quads.shape, 2), "<u4")
    pairs[..., 0] = _PAIRS[planes[..., 0]] | _PAIRS[planes[..., 2]] << 2
    pairs[..., 1] = _PAIRS[planes[..., 1]] | _PAIRS[planes[..., 3]] << 2
    return pairs.reshape(quads.shape[0], -1).view(np.uint8)


def wide_pixels(quads: Quads) -> Indices:
    """Return 4 eight-bit pixels for each address: one byte of each plane."""
    return quads.view(np.uint8)


_CONVERT = {
    SHIFT_PLANAR: planar_pixels,
    SHIFT_INTERLEAVE: interleaved_pixels,
    SHIFT_256: wide_pixels,
}
_BITS_PER_PIXEL = {SHIFT_PLANAR: 4, SHIFT_INTERLEAVE: 2, SHIFT_256: 8}


def shift_mode(frame: Frame) -> int:
    """Return how the graphics controller makes pixels of the planes."""
    mode = frame.graphics[r.GR_MODE]
    if mode & r.GR5_SHIFT_256:
        return SHIFT_256
    return SHIFT_INTERLEAVE if mode & r.GR5_SHIFT_INTERLEAVE else SHIFT_PLANAR


def row_addresses(frame: Frame, plan: ScanPlan) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return (address bits that the row scan substitutes, row of the plan) for each fetched row.

    Row scans of a row that fetch the same memory count once.
    """
    control = frame.crtc[r.CR_MODE_CONTROL]
    bits = 0
    if not control & r.CR17_ROW_SCAN_0:
        bits |= 1
    if not control & r.CR17_ROW_SCAN_1:
        bits |= 2
    fetched, of_line = np.unique(
        plan.row_of_line << 2 | plan.scan_of_line & bits, return_inverse=True
    )
    return fetched, of_line.astype(np.intp)


class GraphicsPicture:
    """Draws the VGA's graphics modes; see :class:`engine.devices.vga.surface.Picture`."""

    @staticmethod
    def shape(frame: Frame) -> tuple[int, ...]:
        """Addresses per row, shift mode, repetition of dots, scan lines."""
        scale = 2 if frame.sequencer[r.SR_CLOCKING_MODE] & r.SR1_DOT_CLOCK_HALF else 1
        shift = shift_mode(frame)
        if shift == SHIFT_256:
            scale *= 2  # a pixel takes two dots
        columns = frame.crtc[r.CR_HORIZONTAL_DISPLAY_END] + 1
        return columns, shift, scale, scan(frame.crtc).lines

    def __init__(self, video: VideoMemory, shape: tuple[int, ...]) -> None:
        self._video = video
        self._columns, self._shift, self._scale, self.height = shape
        self._pixels_per_address = 4 if self._shift == SHIFT_256 else 8
        self._row_pixels = self._columns * self._pixels_per_address
        self.width = self._row_pixels * self._scale
        self.mode = ""
        self._quads: Quads = np.zeros((0, 0), np.uint32)
        self._look: tuple[object, ...] | None = None

    def draw(self, frame: Frame, pixels: Pixels) -> RowMask:
        """Draw what has changed since the last call; return which rows."""
        plan = scan_plan(scan(frame.crtc))
        fetched, of_line = row_addresses(frame, plan)
        panning = frame.attribute[r.AR_PEL_PANNING] & 7
        if self._shift == SHIFT_256:
            panning >>= 1
        quads = self._fetch(frame, plan, fetched, self._columns + (panning > 0))
        colours = self._colours(frame)
        fixed_split = bool(frame.attribute[r.AR_MODE] & r.AR10_PANNING_COMPATIBLE)
        look = (of_line.tobytes(), colours.tobytes(), panning, fixed_split and plan.split_row)
        if look != self._look or quads.shape != self._quads.shape:
            dirty = np.ones(len(quads), np.bool_)
            bits = _BITS_PER_PIXEL[self._shift]
            self.mode = f"VGA {self._row_pixels}x{len(quads)}x{bits}"
        else:
            dirty = (quads != self._quads).any(axis=1)
        self._look, self._quads = look, quads
        changed = dirty[of_line]
        if dirty.any():
            indices = _CONVERT[self._shift](quads[dirty])
            shown = indices[:, panning : panning + self._row_pixels]
            if fixed_split and panning:
                below = (fetched >> 2)[dirty] >= plan.split_row
                shown = np.where(below[:, None], indices[:, : self._row_pixels], shown)
            band = colours[shown]
            if self._scale > 1:
                band = np.repeat(band, self._scale, axis=1)
            place = np.cumsum(dirty) - 1  # position in the band of each fetched row
            pixels[changed] = band[place[of_line[changed]]]
        return changed

    def _fetch(
        self, frame: Frame, plan: ScanPlan, fetched: NDArray[np.intp], columns: int
    ) -> Quads:
        """Return the words that the rows show."""
        crtc, sequencer = frame.crtc, frame.sequencer
        if crtc[r.CR_UNDERLINE] & r.CR14_DOUBLEWORD:
            multiply = 2
        else:
            multiply = 0 if crtc[r.CR_MODE_CONTROL] & r.CR17_BYTE_MODE else 1
        if sequencer[r.SR_MEMORY_MODE] & r.SR4_CHAIN_4:
            divide = 2
        else:
            divide = 1 if frame.graphics[r.GR_MISC] & r.GR6_CHAIN_ODD_EVEN else 0
        counters = plan.starts[fetched >> 2][:, None] + np.arange(columns)
        addresses = (counters & 0xFFFF) << multiply
        control = crtc[r.CR_MODE_CONTROL]
        if not control & r.CR17_ROW_SCAN_0:
            addresses = addresses & ~0x2000 | (fetched & 1)[:, None] << 13
        if not control & r.CR17_ROW_SCAN_1:
            addresses = addresses & ~0x4000 | (fetched >> 1 & 1)[:, None] << 14
        return self._video.fetch(addresses >> divide & PLANE_MASK)

    def _colours(self, frame: Frame) -> NDArray[np.uint32]:
        if self._shift == SHIFT_256:
            return wide_colours(frame)
        if frame.attribute[r.AR_MODE] & r.AR10_BLINK:
            return blinking_colours(frame, phase=not frame.frame_number & CHARACTER_BLINK)
        return attribute_colours(frame)
