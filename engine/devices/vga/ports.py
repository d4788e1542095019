"""The registers behind ports 3B0h-3DFh: indices, masks, write protection, DAC, retrace status.

Reference: IBM PS/2 Video Subsystem Technical Reference, "VGA registers". Undefined registers read
as 0; the vertical retrace interrupt is not wired, as on most boards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.devices.vga import registers as r
from engine.devices.vga import vbe
from engine.devices.vga.crtc import Timing, timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.devices.vga.registers import VgaState


class VgaPorts:
    """The register file of the VGA.

    Args:
        now: virtual time in ns.
        memory_changed: called when a register that decides on the CPU's view has been written.

    Attributes:
        writers, readers: handlers of one byte for ports 3C0h-3CFh.
    """

    def __init__(
        self, state: VgaState, now: Callable[[], int], memory_changed: Callable[[], None]
    ) -> None:
        self._now = now
        self._memory_changed = memory_changed
        self.bind(state)
        self.writers = self._make_writers()
        self.readers = self._make_readers()

    def bind(self, state: VgaState) -> None:
        """Work from another State struct."""
        self.state = state
        self._timing: Timing | None = None

    def _make_writers(self) -> list[Callable[[int], None]]:
        writers: list[Callable[[int], None]] = [self._ignore] * 16
        writers[r.ATTRIBUTE] = self._write_attribute
        writers[r.MISC_WRITE] = self._write_misc
        writers[r.VIDEO_ENABLE] = self._write_video_enable
        writers[r.SEQUENCER_INDEX] = self._write_sequencer_index
        writers[r.SEQUENCER_DATA] = self._write_sequencer
        writers[r.PEL_MASK] = self._write_pel_mask
        writers[r.PEL_READ_INDEX] = self._write_pel_read_index
        writers[r.PEL_WRITE_INDEX] = self._write_pel_write_index
        writers[r.PEL_DATA] = self._write_pel_data
        writers[r.GRAPHICS_INDEX] = self._write_graphics_index
        writers[r.GRAPHICS_DATA] = self._write_graphics
        return writers

    def _make_readers(self) -> list[Callable[[], int]]:
        readers: list[Callable[[], int]] = [lambda: 0xFF] * 16
        readers[r.ATTRIBUTE] = lambda: self.state.attribute_index
        readers[r.ATTRIBUTE_READ] = self._read_attribute
        readers[r.MISC_WRITE] = lambda: r.STATUS_0_SWITCH_SENSE
        readers[r.VIDEO_ENABLE] = lambda: self.state.video_enable
        readers[r.SEQUENCER_INDEX] = lambda: self.state.sequencer_index
        readers[r.SEQUENCER_DATA] = self._read_sequencer
        readers[r.PEL_MASK] = lambda: self.state.pel_mask
        readers[r.PEL_READ_INDEX] = lambda: self.state.dac_state
        readers[r.PEL_WRITE_INDEX] = lambda: self.state.dac_write_index
        readers[r.PEL_DATA] = self._read_pel_data
        readers[r.FEATURE_READ] = lambda: self.state.feature
        readers[r.MISC_READ] = lambda: self.state.misc
        readers[r.GRAPHICS_INDEX] = lambda: self.state.graphics_index
        readers[r.GRAPHICS_DATA] = self._read_graphics
        return readers

    def _ignore(self, value: int) -> None:
        """Take a write to a port that has no register."""

    def _write_misc(self, value: int) -> None:
        self.state.misc = value
        self._timing = None
        self._memory_changed()

    def _write_video_enable(self, value: int) -> None:
        self.state.video_enable = value & 1

    def _write_sequencer_index(self, value: int) -> None:
        self.state.sequencer_index = value & 7

    def _write_sequencer(self, value: int) -> None:
        state = self.state
        index = state.sequencer_index
        if index < len(state.sequencer):
            state.sequencer[index] = value & r.SEQUENCER_MASKS[index]
            if index == r.SR_CLOCKING_MODE:
                self._timing = None
            else:
                self._memory_changed()

    def _read_sequencer(self) -> int:
        state = self.state
        index = state.sequencer_index
        return state.sequencer[index] if index < len(state.sequencer) else 0

    def _write_graphics_index(self, value: int) -> None:
        self.state.graphics_index = value & 0xF

    def _write_graphics(self, value: int) -> None:
        state = self.state
        index = state.graphics_index
        if index < len(state.graphics):
            state.graphics[index] = value & r.GRAPHICS_MASKS[index]
            self._memory_changed()

    def _read_graphics(self) -> int:
        state = self.state
        index = state.graphics_index
        return state.graphics[index] if index < len(state.graphics) else 0

    def _write_attribute(self, value: int) -> None:
        state = self.state
        data = state.attribute_data_next
        state.attribute_data_next = not data
        if not data:
            state.attribute_index = value & 0x3F
            return
        index = state.attribute_index & 0x1F
        if index < len(state.attribute):
            state.attribute[index] = value & r.ATTRIBUTE_MASKS[index]

    def _read_attribute(self) -> int:
        state = self.state
        index = state.attribute_index & 0x1F
        return state.attribute[index] if index < len(state.attribute) else 0

    # ------------------------------------------------------------------ DAC

    def _write_pel_mask(self, value: int) -> None:
        self.state.pel_mask = value

    def _write_pel_read_index(self, value: int) -> None:
        state = self.state
        state.dac_read_index = value
        # The data sheet's quirk that programs see: the write index reads one ahead.
        state.dac_write_index = (value + 1) & 0xFF
        state.dac_state = r.DAC_READING
        state.dac_component = 0

    def _write_pel_write_index(self, value: int) -> None:
        state = self.state
        state.dac_write_index = value
        state.dac_state = r.DAC_WRITING
        state.dac_component = 0

    def _write_pel_data(self, value: int) -> None:
        state = self.state
        if not state.dispi.enable & vbe.DAC_8BIT:
            value &= 0x3F
        component = state.dac_component
        if component < 2:
            state.dac_pending[component] = value
            state.dac_component = component + 1
            return
        at = 3 * state.dac_write_index
        state.dac[at : at + 3] = bytes((*state.dac_pending, value))
        state.dac_component = 0
        state.dac_write_index = (state.dac_write_index + 1) & 0xFF

    def _read_pel_data(self) -> int:
        state = self.state
        component = state.dac_component
        value = state.dac[3 * state.dac_read_index + component]
        if component < 2:
            state.dac_component = component + 1
        else:
            state.dac_component = 0
            state.dac_read_index = (state.dac_read_index + 1) & 0xFF
        return value

    # ------------------------------------------------------------------ CRTC ports

    def write_crtc_port(self, offset: int, value: int) -> None:
        """Take a byte at an offset from 3B0h or 3D0h, whichever the VGA answers."""
        state = self.state
        if offset == r.CRTC_INDEX:
            state.crtc_index = value & 0x1F
        elif offset == r.CRTC_DATA:
            self._write_crtc(state.crtc_index, value)
        elif offset == r.STATUS_1:
            state.feature = value & 0x0B

    def _write_crtc(self, index: int, value: int) -> None:
        crtc = self.state.crtc
        if index >= len(crtc):
            return
        if index <= r.CR_OVERFLOW and crtc[r.CR_VERTICAL_RETRACE_END] & r.CR11_PROTECT:
            if index != r.CR_OVERFLOW:
                return
            value = crtc[index] & ~r.CR7_LINE_COMPARE_8 | value & r.CR7_LINE_COMPARE_8
        crtc[index] = value
        if index <= r.CR_OVERFLOW or index >= r.CR_VERTICAL_RETRACE_START:
            self._timing = None

    def read_crtc_port(self, offset: int) -> int:
        """Answer a byte read at an offset from 3B0h or 3D0h, whichever the VGA answers."""
        state = self.state
        if offset == r.CRTC_INDEX:
            return state.crtc_index
        if offset == r.CRTC_DATA:
            index = state.crtc_index
            return state.crtc[index] if index < len(state.crtc) else 0
        if offset == r.STATUS_1:
            state.attribute_data_next = False
            return self.timing().status(self._now())
        return 0xFF

    def timing(self) -> Timing:
        """Return the timing that the registers make. Any thread."""
        known = self._timing
        if known is None:
            state = self.state
            known = timing(state.misc, state.sequencer[r.SR_CLOCKING_MODE], state.crtc)
            self._timing = known
        return known
