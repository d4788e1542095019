"""What the CRT controller makes of its registers: timing, geometry and the order of scan-out.

Reference: IBM PS/2 Video Subsystem Technical Reference, "CRT controller registers". Not modelled:
the dividers of the vertical and of the memory clock (mode control bits 2 and 3, underline location
bit 5) and address wrap at MA13.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga import registers as r

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NANOSECONDS = 1_000_000_000
CLOCKS = (25_175_000, 28_322_000, 25_175_000, 25_175_000)  # Hz, by miscellaneous bits 3:2
# Beyond these (ns) a CRTC is half programmed or off; programs still wait for retraces.
SHORTEST_FRAME, LONGEST_FRAME = 5_000_000, 50_000_000
CURSOR_BLINK, CHARACTER_BLINK = 8, 16  # frames on, frames off


def vertical(crtc: Sequence[int], low: int, bit_8: int, bit_9: int) -> int:
    """Return a ten-bit vertical value: its register, and its bits in the overflow register."""
    overflow = crtc[r.CR_OVERFLOW]
    return crtc[low] | (overflow >> bit_8 & 1) << 8 | (overflow >> bit_9 & 1) << 9


@dataclass(frozen=True, slots=True)
class Timing:
    """When the beam is where.

    Attributes:
        frame: ns from one vertical retrace to the next.
        lines: scan lines of a frame; ``shown`` of them carry picture.
        retrace_start, retrace_end: lines of the vertical retrace.
        active: part of a line that carries picture, in 1/1024.
    """

    frame: int
    lines: int
    shown: int
    retrace_start: int
    retrace_end: int
    active: int

    def status(self, now: int) -> int:
        """Return the beam's bits of input status register 1 at a virtual time in ns."""
        position = now % self.frame * self.lines * 1024 // self.frame
        line, column = position >> 10, position & 1023
        status = 0
        if line >= self.shown or column >= self.active:
            status = r.STATUS_1_DISPLAY_DISABLED
        if self.retrace_start <= line < self.retrace_end:
            status |= r.STATUS_1_VERTICAL_RETRACE
        return status


TEXT_TIMING = Timing(
    frame=14_268_000, lines=449, shown=400, retrace_start=412, retrace_end=414, active=820
)


def timing(misc: int, clocking_mode: int, crtc: Sequence[int]) -> Timing:
    """Return the timing of the registers; that of text where they make none."""
    dots = 8 if clocking_mode & r.SR1_EIGHT_DOTS else 9
    clock = CLOCKS[misc >> r.MISC_CLOCK_SHIFT & 3]
    if clocking_mode & r.SR1_DOT_CLOCK_HALF:
        clock //= 2
    characters = crtc[r.CR_HORIZONTAL_TOTAL] + 5
    lines = vertical(crtc, r.CR_VERTICAL_TOTAL, 0, 5) + 2
    shown = min(vertical(crtc, r.CR_VERTICAL_DISPLAY_END, 1, 6) + 1, lines)
    start = min(vertical(crtc, r.CR_VERTICAL_RETRACE_START, 2, 7), lines - 1)
    width = (crtc[r.CR_VERTICAL_RETRACE_END] - start) & 0xF or 16
    frame = characters * dots * lines * NANOSECONDS // clock
    if not SHORTEST_FRAME <= frame <= LONGEST_FRAME or start + width > lines:
        return TEXT_TIMING
    active = min((crtc[r.CR_HORIZONTAL_DISPLAY_END] + 1) * 1024 // characters, 1000)
    return Timing(frame, lines, shown, start, start + width, active)


@dataclass(frozen=True, slots=True)
class Scan:
    """Settings from which the order of scan-out follows.

    Attributes:
        start: address counter of the first row. pitch: what is added from row to row.
        lines: scan lines shown.
        last_scan: last row scan count of a row (maximum scan line register).
        double: each row scan is shown on two lines.
        preset: row scan count at which the first row starts.
        compare: scan line after which address counter and row scan restart from 0.
    """

    start: int
    pitch: int
    lines: int
    last_scan: int
    double: bool
    preset: int
    compare: int


def scan(crtc: Sequence[int]) -> Scan:
    """Return the scan-out settings of the registers, byte panning included in ``start``."""
    maximum, preset = crtc[r.CR_MAXIMUM_SCAN_LINE], crtc[r.CR_PRESET_ROW_SCAN]
    start = crtc[r.CR_START_ADDRESS_HIGH] << 8 | crtc[r.CR_START_ADDRESS_LOW]
    overflow = crtc[r.CR_OVERFLOW]
    return Scan(
        start=start + (preset >> 5 & 3),
        pitch=2 * crtc[r.CR_OFFSET],
        lines=vertical(crtc, r.CR_VERTICAL_DISPLAY_END, 1, 6) + 1,
        last_scan=maximum & 0x1F,
        double=bool(maximum & r.CR9_DOUBLE_SCAN),
        preset=preset & 0x1F,
        compare=crtc[r.CR_LINE_COMPARE] | (overflow >> 4 & 1) << 8 | (maximum >> 6 & 1) << 9,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ScanPlan:
    """The order of scan-out, worked out.

    Attributes:
        starts: address counter of each row.
        first_lines: scan line at which each row starts, and the number of lines at the end.
        row_of_line, scan_of_line: row and row scan count of each scan line.
        split_row: first row after the line compare; the number of rows when there is none.
    """

    starts: NDArray[np.intp]
    first_lines: list[int]
    row_of_line: NDArray[np.intp]
    scan_of_line: NDArray[np.intp]
    split_row: int


@lru_cache(maxsize=16)
def scan_plan(settings: Scan) -> ScanPlan:
    """Work out the order of scan-out; the same object for the same settings."""
    starts, first_lines = [settings.start], [0]
    row_of_line, scan_of_line = [], []
    counter, count, repeated = settings.start, settings.preset, False
    split_row: int | None = None
    for line in range(settings.lines):
        row_of_line.append(len(starts) - 1)
        scan_of_line.append(count)
        last_line = line + 1 == settings.lines
        if line == settings.compare:
            counter, count, repeated, new_row = 0, 0, False, True
            split_row = None if last_line else len(starts)
        elif settings.double and not repeated:
            repeated, new_row = True, False
        else:
            repeated, new_row = False, count == settings.last_scan
            count = 0 if new_row else (count + 1) & 0x1F
            if new_row:
                counter += settings.pitch
        if new_row and not last_line:
            starts.append(counter)
            first_lines.append(line + 1)
    return ScanPlan(
        starts=np.array(starts, np.intp),
        first_lines=[*first_lines, settings.lines],
        row_of_line=np.array(row_of_line, np.intp),
        scan_of_line=np.array(scan_of_line, np.intp),
        split_row=len(starts) if split_row is None else split_row,
    )
