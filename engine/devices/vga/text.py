"""Alphanumeric modes: cells, fonts, cursor, blinking; also the text itself for scripts.

Reference: IBM PS/2 Video Subsystem Technical Reference, "Alphanumeric modes". A cell is character
(plane 0) and attribute (plane 1); glyphs are in plane 2, 32 rows each. Cells follow one another
whatever the CRTC's byte and word mode bits say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.devices.vga import registers as r
from engine.devices.vga.crtc import CHARACTER_BLINK, CURSOR_BLINK, ScanPlan, scan, scan_plan
from engine.devices.vga.memory import PLANE_MASK
from engine.devices.vga.palette import attribute_colours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.devices.vga.memory import VideoMemory
    from engine.devices.vga.surface import Frame, Pixels, RowMask

    Cells = NDArray[np.uint16]

GLYPH_ROWS = 32
# Offsets in plane 2 of the maps that the character map select register names.
FONT_OFFSETS = (0x0000, 0x4000, 0x8000, 0xC000, 0x2000, 0x6000, 0xA000, 0xE000)
LINE_GRAPHICS = slice(0xC0, 0xE0)  # characters whose eighth dot repeats in the ninth column
ATTRIBUTE_BLINK = 0x8000  # in a cell
ATTRIBUTE_FONT = 0x0800
ALL_DOTS = 0x1FF
UNDERLINED = 1  # attribute bits 2:0 of an underlined character

_CONTROL_GLYPHS = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
CP437 = _CONTROL_GLYPHS + bytes(range(0x20, 0x100)).decode("cp437").replace("\x7f", "⌂")


class Cursor(NamedTuple):
    """The cursor as it is drawn: address counter, row scans, or nothing while invisible."""

    address: int
    first: int
    last: int
    visible: bool


class Appearance(NamedTuple):
    """What all cells have in common; a change redraws everything."""

    plan: ScanPlan
    colours: bytes
    fonts: bytes
    mode: int
    panning: int
    underline: int


def cell_addresses(frame: Frame, columns: int) -> NDArray[np.intp]:
    """Return the plane address of each cell shown, by row and column."""
    starts = scan_plan(scan(frame.crtc)).starts
    addresses: NDArray[np.intp] = (starts[:, None] + np.arange(columns)) & PLANE_MASK
    return addresses


def columns_shown(frame: Frame) -> int:
    """Return the characters in a row."""
    return frame.crtc[r.CR_HORIZONTAL_DISPLAY_END] + 1


def screen_text(video: VideoMemory, frame: Frame) -> str:
    """Return the characters on the screen (code page 437), blanks at the ends cut."""
    cells = video.fetch(cell_addresses(frame, columns_shown(frame))) & 0xFF
    return "\n".join("".join(CP437[c] for c in row).rstrip() for row in cells.tolist())


def glyph_codes(
    fonts: tuple[NDArray[np.uint8], NDArray[np.uint8]], *, line_graphics: bool
) -> NDArray[np.uint16]:
    """Return the nine dots of each row of 512 glyphs, the leftmost in bit 8.

    Args:
        fonts: the maps for attribute bit 3 clear and set.
        line_graphics: box characters continue in the ninth column.
    """
    rows = np.concatenate(fonts).astype(np.uint16)
    codes = (rows << 1).astype(np.uint16)
    if line_graphics:
        for font in (0, 256):
            box = slice(font + LINE_GRAPHICS.start, font + LINE_GRAPHICS.stop)
            codes[box] |= rows[box] & 1
    return codes


@lru_cache
def dot_table(dots: int, scale: int) -> NDArray[np.bool_]:
    """Return, for each value of nine dots, the first ``dots`` of them, each ``scale`` wide."""
    table = (np.arange(ALL_DOTS + 1)[:, None] >> np.arange(8, 8 - dots, -1) & 1).astype(np.bool_)
    return np.repeat(table, scale, axis=1)


class TextPicture:
    """Draws text; see :class:`engine.devices.vga.surface.Picture`."""

    @staticmethod
    def shape(frame: Frame) -> tuple[int, ...]:
        """Columns, dots per column, repetition of dots, scan lines."""
        clocking = frame.sequencer[r.SR_CLOCKING_MODE]
        dots = 8 if clocking & r.SR1_EIGHT_DOTS else 9
        scale = 2 if clocking & r.SR1_DOT_CLOCK_HALF else 1
        return columns_shown(frame), dots, scale, scan(frame.crtc).lines

    def __init__(self, video: VideoMemory, shape: tuple[int, ...]) -> None:
        self._video = video
        self._columns, self._dots, self._scale, self.height = shape
        self._cell_width = self._dots * self._scale
        self.width = self._columns * self._cell_width
        self.mode = ""
        self._appearance: Appearance | None = None
        self._cells: Cells = np.zeros((0, 0), np.uint16)
        self._cursor = Cursor(0, 0, 0, visible=False)
        self._blinked_out = False

    def draw(self, frame: Frame, pixels: Pixels) -> RowMask:
        """Draw what has changed since the last call; return which rows."""
        plan = scan_plan(scan(frame.crtc))
        panning = self._panning(frame)
        addresses = cell_addresses(frame, self._columns + (panning > 0))
        cells = self._video.fetch(addresses).astype(np.uint16)
        cursor = self._cursor_of(frame)
        blinked_out = bool(
            frame.attribute[r.AR_MODE] & r.AR10_BLINK and frame.frame_number & CHARACTER_BLINK
        )
        if self._appearance_changed(frame, plan, panning) or cells.shape != self._cells.shape:
            dirty = np.ones(len(cells), np.bool_)
        else:
            dirty = (cells != self._cells).any(axis=1)
            if blinked_out != self._blinked_out:
                dirty |= (cells & ATTRIBUTE_BLINK).any(axis=1)
            if cursor != self._cursor:
                for which in (cursor, self._cursor):
                    if which.visible:
                        dirty |= (addresses == which.address).any(axis=1)
        self._cells, self._cursor, self._blinked_out = cells, cursor, blinked_out
        changed = dirty[plan.row_of_line]
        rows = np.flatnonzero(dirty)
        if len(rows):
            bands = self._bands(cells[rows], addresses[rows])
            self._place(plan, rows, bands, pixels)
        return changed

    def _cursor_of(self, frame: Frame) -> Cursor:
        crtc = frame.crtc
        start, end = crtc[r.CR_CURSOR_START], crtc[r.CR_CURSOR_END]
        address = (crtc[r.CR_CURSOR_HIGH] << 8 | crtc[r.CR_CURSOR_LOW]) + (end >> 5 & 3)
        first, last = start & 0x1F, end & 0x1F
        off = start & r.CR0A_CURSOR_OFF or first > last or frame.frame_number & CURSOR_BLINK
        return Cursor(address & PLANE_MASK, first, last, visible=not off)

    def _panning(self, frame: Frame) -> int:
        """Return by how many pixels the picture is shifted to the left."""
        panning = frame.attribute[r.AR_PEL_PANNING]
        if self._dots == 8:
            panning &= 7
        else:
            panning = panning + 1 if panning < 8 else 0
        return panning * self._scale

    def _appearance_changed(self, frame: Frame, plan: ScanPlan, panning: int) -> bool:
        """Take over colours and fonts; tell whether they differ from those drawn with."""
        select = frame.sequencer[r.SR_CHARACTER_MAP]
        map_b = select & 3 | (select >> 4 & 1) << 2
        map_a = select >> 2 & 3 | (select >> 5 & 1) << 2
        fonts = (self._video.font(FONT_OFFSETS[map_b]), self._video.font(FONT_OFFSETS[map_a]))
        colours = attribute_colours(frame)
        mode = frame.attribute[r.AR_MODE]
        appearance = Appearance(
            plan, colours.tobytes(), fonts[0].tobytes() + fonts[1].tobytes(), mode,
            panning, frame.crtc[r.CR_UNDERLINE] & 0x1F,
        )  # fmt: skip
        before, self._appearance = self._appearance, appearance
        if before == appearance:
            return False
        self._colours = colours
        line_graphics = bool(mode & r.AR10_LINE_GRAPHICS)
        if before is None or (before.fonts, before.mode) != (appearance.fonts, mode):
            self._glyphs = glyph_codes(fonts, line_graphics=line_graphics)
        self._scans = int(plan.scan_of_line.max()) + 1
        self.mode = f"text {self._columns}x{len(plan.starts)}"
        return True

    def _bands(self, cells: Cells, addresses: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Return rows of cells as pixels: (row, row scan, column)."""
        appearance = self._appearance
        assert appearance is not None
        font = (cells & ATTRIBUTE_FONT) >> 3  # glyph 256 and up: the other map
        codes = self._glyphs[cells & 0xFF | font, : self._scans]
        attribute = cells >> 8
        if appearance.underline < self._scans:
            codes[(attribute & 7) == UNDERLINED, appearance.underline] = ALL_DOTS
        foreground = self._colours[attribute & 0x0F]
        if appearance.mode & r.AR10_BLINK:
            background = self._colours[attribute >> 4 & 7]
            if self._blinked_out:
                foreground = np.where(attribute & 0x80, background, foreground)
        else:
            background = self._colours[attribute >> 4]
        cursor = self._cursor
        if cursor.visible:
            rows, columns = np.nonzero(addresses == cursor.address)
            codes[rows, columns, cursor.first : cursor.last + 1] = ALL_DOTS
            # The cursor shows in the foreground colour even where its character is blinked out.
            foreground[rows, columns] = self._colours[attribute[rows, columns] & 0x0F]
        # Long inner loops are what numpy is fast at: whole scan lines rather than cells.
        dots = dot_table(self._dots, self._scale)
        mask = np.take(dots, np.ascontiguousarray(codes.transpose(0, 2, 1)), axis=0)
        foreground = np.repeat(foreground, self._cell_width, axis=1)[:, None, :]
        background = np.repeat(background, self._cell_width, axis=1)[:, None, :]
        bands: NDArray[np.uint32] = np.where(
            mask.reshape(len(cells), self._scans, -1), foreground, background
        )
        return bands

    def _place(
        self, plan: ScanPlan, rows: NDArray[np.intp], bands: NDArray[np.uint32], pixels: Pixels
    ) -> None:
        """Copy row scans of bands to their scan lines."""
        appearance = self._appearance
        assert appearance is not None
        fixed_split = appearance.mode & r.AR10_PANNING_COMPATIBLE
        for row, band in zip(rows.tolist(), bands, strict=True):
            first, end = plan.first_lines[row], plan.first_lines[row + 1]
            pan = 0 if fixed_split and row >= plan.split_row else appearance.panning
            pixels[first:end] = band[plan.scan_of_line[first:end], pan : pan + self.width]
