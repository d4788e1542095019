"""Video memory as the four planes, and the view of it that the CPU has at A0000h-BFFFFh.

A byte of plane p at plane address a is byte ``4 * a + p`` of video memory, so that one 32-bit
word holds what the four planes have at an address. The CPU sees the planes in one of these views:

- *latched*: through handlers, with latches, write modes, set/reset and so on. Always correct.
- *linear*: chain-4 and VBE banks are plain video memory, mapped straight into the guest.
- *cells*: odd/even addressing of planes 0 and 1 (text, CGA graphics). A flat buffer is mapped
  into the guest and is, while mapped, where the contents of those plane addresses live.
- *plane 0*: the 640x200 CGA mode; a flat buffer in the same way.

Reads through a flat view do not load the latches, which programs that use them do after leaving
it. The three flat views hold only while the registers make accesses behave as memory. A register
write that ends this takes the flat view away at once; one that begins it maps the view a little
later, so that guests which reprogram the registers all the time stay with the handlers.

Plane addresses are normalized: odd/even addressing halves and chain-4 quarters the CPU's address,
where the IBM chip leaves address bits unused and its CRTC multiplies instead (word and doubleword
mode). The picture is the same as long as CPU and CRTC addressing agree, which ``graphics.py``
accounts for. The odd/even page select bit of the miscellaneous output register is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from engine.devices.vga.registers import (
    GR5_ODD_EVEN,
    GR5_READ_MODE,
    GR5_WRITE_MODE,
    GR6_CHAIN_ODD_EVEN,
    GR_BIT_MASK,
    GR_COLOUR_COMPARE,
    GR_COLOUR_DONT_CARE,
    GR_DATA_ROTATE,
    GR_ENABLE_SET_RESET,
    GR_MISC,
    GR_MODE,
    GR_READ_MAP_SELECT,
    GR_SET_RESET,
    MISC_ENABLE_RAM,
    SR4_CHAIN_4,
    SR4_SEQUENTIAL,
    SR_MAP_MASK,
    SR_MEMORY_MODE,
    WINDOWS,
)
from engine.devices.vga.vbe import BANK_SIZE, ENABLED
from engine.pdm.writelog import WriteLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.devices.vga.registers import VgaState
    from engine.pdm.memory import DeviceMemory

APERTURE = 0xA0000
APERTURE_SIZE = 0x20000
PLANE_MASK = 0xFFFF  # legacy modes see 64 KiB of each plane

# The low four bits of the index, each widened to a byte of the word.
EXPAND = tuple(
    sum(0xFF << 8 * plane for plane in range(4) if bits >> plane & 1) for bits in range(16)
)
ALL_PLANES = 0xFFFFFFFF
EVEN_PLANES, ODD_PLANES = EXPAND[0b0101], EXPAND[0b1010]


class ViewKind(Enum):
    """How a flat view shows the planes."""

    LINEAR = "linear"
    CELLS = "cells"
    PLANE_0 = "plane 0"


@dataclass(frozen=True, slots=True)
class FlatView:
    """A view without latches.

    Attributes:
        base, size: guest-physical window.
        offset: byte of video memory behind its start (linear).
    """

    kind: ViewKind
    base: int
    size: int
    offset: int = 0


class Addressing(Enum):
    """How the CPU's address selects plane and plane address."""

    SEQUENTIAL = "sequential"
    ODD_EVEN = "odd/even"
    CHAIN_4 = "chain-4"
    LINEAR = "linear"


def flat_view(state: VgaState) -> FlatView | None:
    """Return the flat view that the registers allow, or None when latches are needed."""
    dispi = state.dispi
    if dispi.enable & ENABLED:
        if dispi.bits_per_pixel == 4:
            return None
        return FlatView(ViewKind.LINEAR, APERTURE, BANK_SIZE, dispi.bank * BANK_SIZE)
    graphics, sequencer = state.graphics, state.sequencer
    mode = graphics[GR_MODE]
    if (
        mode & (GR5_WRITE_MODE | GR5_READ_MODE)
        or graphics[GR_BIT_MASK] != 0xFF
        or graphics[GR_DATA_ROTATE]
        or graphics[GR_ENABLE_SET_RESET]
        or not state.misc & MISC_ENABLE_RAM
    ):
        return None
    memory_mode, map_mask = sequencer[SR_MEMORY_MODE], sequencer[SR_MAP_MASK]
    base, size = WINDOWS[graphics[GR_MISC] >> 2 & 3]
    if memory_mode & SR4_CHAIN_4:
        return FlatView(ViewKind.LINEAR, base, size) if map_mask == 0xF else None
    odd_even = bool(graphics[GR_MISC] & GR6_CHAIN_ODD_EVEN)
    if bool(mode & GR5_ODD_EVEN) != odd_even or bool(memory_mode & SR4_SEQUENTIAL) == odd_even:
        return None
    if odd_even:
        readable = not graphics[GR_READ_MAP_SELECT] & 2
        return FlatView(ViewKind.CELLS, base, size) if map_mask == 3 and readable else None
    # At A0000h programs switch maps too often for a copy each time to pay.
    single = map_mask == 1 and graphics[GR_READ_MAP_SELECT] == 0 and base != APERTURE
    return FlatView(ViewKind.PLANE_0, base, size) if single else None


class VideoMemory:
    """The planes, and the flat buffer that stands in for some of them.

    Attributes:
        memory: all of video memory.
        flat: the buffer of the cells and plane 0 views.
        quads: video memory as words of four plane bytes, for the display.
        log: of written pages, for modes whose rows lie in video memory as they are.
        words: the same for single accesses.
        view: the flat view that is mapped now. Read by display threads.
    """

    def __init__(self, memory: DeviceMemory, window: DeviceMemory, flat: DeviceMemory) -> None:
        self.memory = memory
        self.flat = flat
        self.bytes: NDArray[np.uint8] = memory.array
        self.quads: NDArray[np.uint32] = self.bytes.view(np.uint32)
        self.words = memory.view.cast("I")
        self.log = memory.log or WriteLog(memory.size)
        self.view: FlatView | None = None
        self._window = window
        self._low_halves: NDArray[np.uint16] = self.bytes.view(np.uint16)[0::2]
        self._flat_bytes: NDArray[np.uint8] = flat.array
        self._flat_cells: NDArray[np.uint16] = self._flat_bytes.view(np.uint16)

    def map(self, view: FlatView | None) -> None:
        """Change to another flat view, or to none; contents stay."""
        self.unmap()
        if view is None:
            return
        if view.kind is ViewKind.LINEAR:
            self._window.map(view.base, view.offset, view.size)
        else:
            self._gather(view)
            self.flat.map(view.base, 0, view.size)
        self.view = view

    def unmap(self) -> None:
        """Leave all accesses to the handlers."""
        self._window.unmap()
        self.flat.unmap()
        self.settle()
        self.view = None

    def _gather(self, view: FlatView) -> None:
        if view.kind is ViewKind.CELLS:
            count = view.size // 2
            self._flat_cells[:count] = self._low_halves[:count]
        else:
            self._flat_bytes[: view.size] = self.bytes[0 : 4 * view.size : 4]

    def settle(self) -> None:
        """Bring the planes up to date with what the guest has written to the flat buffer."""
        view = self.view
        if view is None:
            return
        if view.kind is ViewKind.CELLS:
            count = view.size // 2
            self._low_halves[:count] = self._flat_cells[:count]
        elif view.kind is ViewKind.PLANE_0:
            self.bytes[0 : 4 * view.size : 4] = self._flat_bytes[: view.size]

    def replaced(self) -> None:
        """Say that anything in video memory may have changed."""
        self.log.mark_all()

    def fetch(self, addresses: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Return what the four planes hold at plane addresses (a copy). Any thread."""
        view = self.view
        quads = self.quads[addresses]
        if view is None or view.kind is ViewKind.LINEAR:
            return quads
        cells = view.kind is ViewKind.CELLS
        count, keep = (view.size // 2, 0xFFFF0000) if cells else (view.size, 0xFFFFFF00)
        inside = addresses < count
        wrapped = np.where(inside, addresses, 0)
        low = self._flat_cells[wrapped] if cells else self._flat_bytes[wrapped]
        merged: NDArray[np.uint32] = np.where(inside, quads & np.uint32(keep) | low, quads)
        return merged

    def font(self, offset: int) -> NDArray[np.uint8]:
        """Return the 256 glyphs of 32 rows at an offset of plane 2 (a copy). Any thread."""
        start = 4 * offset + 2
        return self.bytes[start : start + 4 * 256 * 32 : 4].reshape(256, 32).copy()


class CpuPort:
    """Handlers of the CPU's accesses to the planes: latches, write modes, read modes.

    Attributes:
        state: registers; :meth:`registers_changed` must follow each change.
        latch: the read latches as one word, plane 0 in the low byte.
    """

    def __init__(self, video: VideoMemory, state: VgaState) -> None:
        self.latch = 0
        self._words = video.words
        self._count = len(video.words)
        self._size = 4 * self._count
        self._bytes = video.memory.view
        self._log = video.log
        self.bind(state)

    def bind(self, state: VgaState) -> None:
        """Work from another State struct."""
        self.state = state
        self.latch = state.latch
        self.registers_changed()

    def registers_changed(self) -> None:
        """Forget what was derived from the registers."""
        self._stale = True

    def _derive(self) -> None:
        state = self.state
        graphics, sequencer, dispi = state.graphics, state.sequencer, state.dispi
        mode = graphics[GR_MODE]
        self._write_mode = mode & GR5_WRITE_MODE
        self._compare = bool(mode & GR5_READ_MODE)
        self._rotate = graphics[GR_DATA_ROTATE] & 7
        self._function = graphics[GR_DATA_ROTATE] >> 3 & 3
        self._bit_mask = graphics[GR_BIT_MASK] * 0x01010101
        self._map_mask = EXPAND[sequencer[SR_MAP_MASK]]
        self._set_reset = EXPAND[graphics[GR_SET_RESET]]
        enable = EXPAND[graphics[GR_ENABLE_SET_RESET]]
        self._from_cpu = enable ^ ALL_PLANES
        self._forced = self._set_reset & enable
        # Most writes are bytes that set/reset and bit mask select from.
        self._plain = not self._write_mode and not graphics[GR_DATA_ROTATE]
        self._plain_cpu = self._from_cpu & self._bit_mask
        self._plain_forced = self._forced & self._bit_mask
        self._plain_latch = self._bit_mask ^ ALL_PLANES
        self._read_plane = graphics[GR_READ_MAP_SELECT]
        self._compare_with = EXPAND[graphics[GR_COLOUR_COMPARE]]
        self._care = EXPAND[graphics[GR_COLOUR_DONT_CARE]]
        self._chain_address = bool(graphics[GR_MISC] & GR6_CHAIN_ODD_EVEN)
        self._read_odd_even = bool(mode & GR5_ODD_EVEN)
        self._write_odd_even = not sequencer[SR_MEMORY_MODE] & SR4_SEQUENTIAL
        self._bank, self._wrap = 0, PLANE_MASK
        base, self._length = WINDOWS[graphics[GR_MISC] >> 2 & 3]
        if not state.misc & MISC_ENABLE_RAM:
            self._length = 0
        if dispi.enable & ENABLED:
            base, self._length = APERTURE, BANK_SIZE
            planar = dispi.bits_per_pixel == 4
            self._addressing = Addressing.SEQUENTIAL if planar else Addressing.LINEAR
            self._bank, self._wrap = dispi.bank * BANK_SIZE, self._count - 1
        elif sequencer[SR_MEMORY_MODE] & SR4_CHAIN_4:
            self._addressing = Addressing.CHAIN_4
        elif self._chain_address or self._read_odd_even or self._write_odd_even:
            self._addressing = Addressing.ODD_EVEN
        else:
            self._addressing = Addressing.SEQUENTIAL
        self._start = base - APERTURE
        self._stale = False

    # ------------------------------------------------------------------ reading

    def read(self, offset: int, size: int) -> int:
        """Answer a CPU read of 1, 2 or 4 bytes at an offset from A0000h."""
        if self._stale:
            self._derive()
        address = offset - self._start
        if not 0 <= address < self._length:
            return ALL_PLANES
        addressing = self._addressing
        if addressing is Addressing.LINEAR:
            start = self._bank + address
            return int.from_bytes(self._bytes[start : start + size], "little")
        value = shift = 0
        sequential = addressing is Addressing.SEQUENTIAL
        for at in range(address, address + size):
            if sequential:
                where, plane = self._bank + at & self._wrap, self._read_plane
            elif addressing is Addressing.CHAIN_4:
                where, plane = at >> 2, at & 3
            else:
                where = (at >> 1 if self._chain_address else at) & PLANE_MASK
                plane = self._read_plane
                if self._read_odd_even:
                    plane = plane & 2 | at & 1
            latch = self._words[where]
            value |= (self._matches(latch) if self._compare else latch >> 8 * plane & 0xFF) << shift
            shift += 8
        self.latch = latch
        return value

    def _matches(self, latch: int) -> int:
        different = (latch ^ self._compare_with) & self._care
        different |= different >> 16
        return ~(different | different >> 8) & 0xFF

    # ------------------------------------------------------------------ writing

    def write(self, offset: int, value: int, size: int) -> None:
        """Take a CPU write of 1, 2 or 4 bytes at an offset from A0000h."""
        if self._stale:
            self._derive()
        address = offset - self._start
        if not 0 <= address < self._length:
            return
        addressing = self._addressing
        if addressing is Addressing.SEQUENTIAL:
            self._write_sequential(self._bank + address, value, size)
        elif addressing is Addressing.LINEAR:
            start = self._bank + address
            end = min(start + size, self._size)
            self._bytes[start:end] = value.to_bytes(size, "little")[: end - start]
            self._log.mark(start, size)
        else:
            self._write_chained(address, value, size)

    def _write_sequential(self, address: int, value: int, size: int) -> None:
        words, planes, wrap = self._words, self._map_mask, self._wrap
        others = planes ^ ALL_PLANES
        plain, copy = self._plain, self._write_mode == 1
        cpu, rest = self._plain_cpu, self._plain_forced | self.latch & self._plain_latch
        for where in range(address, address + size):
            if plain:
                data = (value & 0xFF) * 0x01010101 & cpu | rest
            else:
                data = self.latch if copy else self._shape(value & 0xFF)
            at = where & wrap
            words[at] = words[at] & others | data & planes if others else data
            value >>= 8

    def _write_chained(self, address: int, value: int, size: int) -> None:
        words = self._words
        latched = self._write_mode == 1
        chain_4 = self._addressing is Addressing.CHAIN_4
        for at in range(address, address + size):
            planes = self._map_mask
            if chain_4:
                where = at >> 2
                planes &= 0xFF << 8 * (at & 3)
            else:
                where = (at >> 1 if self._chain_address else at) & PLANE_MASK
                if self._write_odd_even:
                    planes &= ODD_PLANES if at & 1 else EVEN_PLANES
            data = self.latch if latched else self._shape(value & 0xFF)
            words[where] = words[where] & (planes ^ ALL_PLANES) | data & planes
            value >>= 8

    def _shape(self, value: int) -> int:
        """Return what write modes 0, 2 and 3 make of a byte, for the four planes."""
        mask = self._bit_mask
        if self._write_mode == 2:
            data = EXPAND[value & 0xF]
        else:
            if self._rotate:
                value = (value | value << 8) >> self._rotate & 0xFF
            if self._write_mode == 0:
                data = value * 0x01010101 & self._from_cpu | self._forced
            else:
                mask &= value * 0x01010101
                data = self._set_reset
        function = self._function
        if function == 1:
            data &= self.latch
        elif function == 2:
            data |= self.latch
        elif function == 3:
            data ^= self.latch
        return data & mask | self.latch & (mask ^ ALL_PLANES)
