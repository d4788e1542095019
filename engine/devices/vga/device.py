"""The VGA as a PCI device: ports, windows, reset, saved state, display.

IBM VGA with the Bochs VBE DISPI extension, as PCI device 1234:1111: what SeaBIOS's "stdvga" VGA
BIOS and the drivers of current operating systems know. BAR0 is video memory, BAR2 holds the
registers in memory space (VGA ports 3C0h-3DFh at 400h, DISPI registers at 500h), the expansion
ROM holds the VGA BIOS. Legacy ports and windows answer whatever the PCI command register says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from engine.devices.vga import registers as r
from engine.devices.vga import vbe
from engine.devices.vga.crtc import Timing, timing
from engine.devices.vga.graphics import GraphicsPicture
from engine.devices.vga.memory import APERTURE, APERTURE_SIZE, CpuPort, VideoMemory, flat_view
from engine.devices.vga.packed import PackedPicture, PlanarVbePicture
from engine.devices.vga.registers import VgaConfig, VgaState, VramBlock
from engine.devices.vga.rom import rom_image
from engine.devices.vga.surface import Frame, VgaSurface
from engine.devices.vga.text import TextPicture, screen_text
from engine.errors import SavedStateError
from engine.pdm import (
    DisplayAdapter,
    Memory,
    MemoryBar,
    Mmio,
    PciDevice,
    Ports,
    ResetKind,
    RomBar,
    register,
    timer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.devices.vga.surface import PictureClass
    from engine.pdm import Surface

# A flat view is mapped this long (ns) after the registers allow it; the delay doubles up to the
# limit when the guest takes it away again soon.
SETTLE_DELAY, SETTLE_LIMIT, SETTLED = 100_000, 50_000_000, 5_000_000

# DISPI ports from 1CEh; five of them, so that a doubleword at the data port is one access.
DISPI_INDEX, DISPI_DATA, DISPI_DATA_HIGH = 0, 1, 2
# Register block of BAR2.
MMIO_VGA, MMIO_VGA_END = 0x400, 0x420
MMIO_DISPI, MMIO_DISPI_END = 0x500, 0x516

SAVED_BLOCK = 0x10000


@register
class Vga(PciDevice[VgaConfig, VgaState]):
    """The graphics adapter; offers :class:`~engine.pdm.display.DisplayAdapter`.

    Attributes:
        video: the planes. cpu: the CPU's accesses through handlers.
    """

    NAME = "vga"
    DESCRIPTION = "VGA with Bochs VBE extension"
    PROVIDES = (DisplayAdapter,)
    VENDOR, DEVICE, CLASS = 0x1234, 0x1111, 0x030000
    SUBSYSTEM = (0x1AF4, 0x1100)
    BARS = (MemoryBar(0, "vram", prefetchable=True), MemoryBar(2, "mmio"), RomBar("rom"))

    vram = Memory("vram_size")
    cells = Memory(APERTURE_SIZE)
    rom = Memory("rom_size", writable=False)
    aperture = Mmio(APERTURE, APERTURE_SIZE, sizes=(1, 2, 4))
    mmio = Mmio(None, 0x1000, sizes=(1, 2))
    mono = Ports(0x3B0, 12)
    core = Ports(0x3C0, 16, sizes=(1, 2))
    colour = Ports(0x3D0, 16, sizes=(1, 2))
    dispi = Ports(0x1CE, 5, sizes=(1, 2, 4))

    def setup(self) -> None:
        """Build the planes on video memory; put the VGA BIOS into its ROM."""
        window = self.vram.alias(f"{self.instance_name}/bank")
        self.video = VideoMemory(self.vram, window, self.cells)
        self.cpu = CpuPort(self.video, self.state)
        self.rom.load(rom_image(self.config.bios_rom))
        self._timing: Timing | None = None
        self._settle_delay = SETTLE_DELAY
        self._settled_at = 0
        self._core_writers = self._make_core_writers()
        self._core_readers = self._make_core_readers()

    def reset(self, kind: ResetKind) -> None:
        """Reset; INIT of the CPU does not reach the adapter, PCI reset leaves video memory."""
        if kind is ResetKind.SOFT:
            return
        self.settle.cancel()
        self.video.map(None)
        super().reset(kind)
        if kind is ResetKind.POWER_ON:
            self.video.bytes.fill(0)
        self._state_replaced()

    def _state_replaced(self) -> None:
        self._timing = None
        self.cpu.bind(self.state)
        self._memory_registers_changed()

    # ------------------------------------------------------------------ the CPU's view

    @aperture.reader
    def _aperture_read(self, offset: int, size: int) -> int:
        return self.cpu.read(offset, size)

    @aperture.writer
    def _aperture_write(self, offset: int, value: int, size: int) -> None:
        self.cpu.write(offset, value, size)

    def _memory_registers_changed(self) -> None:
        """Follow a change of sequencer, graphics controller, miscellaneous output or DISPI."""
        self.cpu.registers_changed()
        wanted, mapped = flat_view(self.state), self.video.view
        if wanted == mapped:
            self.settle.cancel()
            return
        if mapped is not None:
            self.video.map(None)
            soon = self.now - self._settled_at < SETTLED
            self._settle_delay = min(2 * self._settle_delay, SETTLE_LIMIT) if soon else SETTLE_DELAY
        if wanted is not None and self.settle.deadline is None:
            self.settle.arm(self.now + self._settle_delay)

    @timer
    def settle(self) -> None:
        """Map the flat view that the registers allow."""
        self._settled_at = self.now
        self.video.map(flat_view(self.state))

    # ------------------------------------------------------------------ VGA ports

    @core.writer
    def _core_write(self, offset: int, value: int, size: int) -> None:
        self._core_writers[offset](value & 0xFF)
        if size == 2:
            self._core_writers[offset + 1](value >> 8)

    @core.reader
    def _core_read(self, offset: int, size: int) -> int:
        value = self._core_readers[offset]()
        return value if size == 1 else value | self._core_readers[offset + 1]() << 8

    def _make_core_writers(self) -> list[Callable[[int], None]]:
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

    def _make_core_readers(self) -> list[Callable[[], int]]:
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
        self._memory_registers_changed()

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
                self._memory_registers_changed()

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
            self._memory_registers_changed()

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

    @mono.writer
    def _mono_write(self, offset: int, value: int, size: int) -> None:
        if not self.state.misc & r.MISC_COLOUR:
            self._write_crtc_port(offset, value)

    @mono.reader
    def _mono_read(self, offset: int, size: int) -> int:
        return 0xFF if self.state.misc & r.MISC_COLOUR else self._read_crtc_port(offset)

    @colour.writer
    def _colour_write(self, offset: int, value: int, size: int) -> None:
        if self.state.misc & r.MISC_COLOUR:
            self._write_crtc_port(offset, value & 0xFF)
            if size == 2:
                self._write_crtc_port(offset + 1, value >> 8)

    @colour.reader
    def _colour_read(self, offset: int, size: int) -> int:
        if not self.state.misc & r.MISC_COLOUR:
            return 0xFFFF
        value = self._read_crtc_port(offset)
        return value if size == 1 else value | self._read_crtc_port(offset + 1) << 8

    def _write_crtc_port(self, offset: int, value: int) -> None:
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

    def _read_crtc_port(self, offset: int) -> int:
        state = self.state
        if offset == r.CRTC_INDEX:
            return state.crtc_index
        if offset == r.CRTC_DATA:
            index = state.crtc_index
            return state.crtc[index] if index < len(state.crtc) else 0
        if offset == r.STATUS_1:
            state.attribute_data_next = False
            return self._current_timing().status(self.now)
        return 0xFF

    def _current_timing(self) -> Timing:
        known = self._timing
        if known is None:
            state = self.state
            known = timing(state.misc, state.sequencer[r.SR_CLOCKING_MODE], state.crtc)
            self._timing = known
        return known

    # ------------------------------------------------------------------ DISPI

    @dispi.writer
    def _dispi_write(self, offset: int, value: int, size: int) -> None:
        dispi = self.state.dispi
        if offset == DISPI_INDEX:
            dispi.index = value & 0xFFFF
        elif offset == DISPI_DATA and size > 1:
            self._write_dispi_register(value & 0xFFFF)
        elif offset in (DISPI_DATA, DISPI_DATA_HIGH):
            before = vbe.read_register(dispi, self.config.vram_size)
            if offset == DISPI_DATA:
                self._write_dispi_register(before & 0xFF00 | value & 0xFF)
            elif size == 1:
                self._write_dispi_register(before & 0xFF | value << 8)

    @dispi.reader
    def _dispi_read(self, offset: int, size: int) -> int:
        dispi = self.state.dispi
        if offset == DISPI_INDEX:
            return dispi.index
        if offset == DISPI_DATA and size == 4:
            return self.config.vram_size
        value = vbe.read_register(dispi, self.config.vram_size)
        if offset == DISPI_DATA:
            return value
        return value >> 8 if offset == DISPI_DATA_HIGH else 0xFFFF

    def _write_dispi_register(self, value: int) -> None:
        dispi, size = self.state.dispi, self.config.vram_size
        before = dispi.enable
        complaint = vbe.write_register(dispi, value, size)
        if complaint:
            self.guest_error(complaint)
            return
        if (before ^ dispi.enable) & vbe.DAC_8BIT:
            self._change_dac_width()
        if dispi.enable & ~before & vbe.ENABLED and not dispi.enable & vbe.NO_CLEAR:
            self._clear_screen()
        self._memory_registers_changed()

    def _change_dac_width(self) -> None:
        """Keep colours when the DAC changes between 6 and 8 bits."""
        wide = bool(self.state.dispi.enable & vbe.DAC_8BIT)
        self.state.dac[:] = bytes(
            (value << 2 | value >> 4) & 0xFF if wide else value >> 2 for value in self.state.dac
        )

    def _clear_screen(self) -> None:
        mode = vbe.current_mode(self.state.dispi)
        assert mode is not None
        planes = 4 if mode.bits_per_pixel == 4 else 1
        self.video.settle()
        self.video.bytes[: planes * mode.pitch * mode.height] = 0

    # ------------------------------------------------------------------ registers in BAR2

    @mmio.writer
    def _mmio_write(self, offset: int, value: int, size: int) -> None:
        if MMIO_VGA <= offset < MMIO_VGA_END:
            for at in range(offset - MMIO_VGA, offset - MMIO_VGA + size):
                if at < 0x10:
                    self._core_write(at, value & 0xFF, 1)
                else:
                    self._colour_write(at - 0x10, value & 0xFF, 1)
                value >>= 8
        elif MMIO_DISPI <= offset < MMIO_DISPI_END and size == 2:
            dispi = self.state.dispi
            index, dispi.index = dispi.index, (offset - MMIO_DISPI) // 2
            self._write_dispi_register(value)
            dispi.index = index

    @mmio.reader
    def _mmio_read(self, offset: int, size: int) -> int:
        if MMIO_VGA <= offset < MMIO_VGA_END:
            value = 0
            for i in range(size):
                at = offset - MMIO_VGA + i
                part = self._core_read(at, 1) if at < 0x10 else self._colour_read(at - 0x10, 1)
                value |= (part & 0xFF) << 8 * i
            return value
        if MMIO_DISPI <= offset < MMIO_DISPI_END and size == 2:
            selected = msgspec.structs.replace(
                self.state.dispi, index=(offset - MMIO_DISPI) // 2
            )
            return vbe.read_register(selected, self.config.vram_size)
        return 0

    # ------------------------------------------------------------------ display

    def open_surface(self) -> Surface:
        """Return a new surface, blank until its first update. Any thread."""
        return VgaSurface(self.video, self.frame, picture_class)

    def screen_text(self) -> str | None:
        """Return the rows of a text mode joined by newlines; None in graphics. Any thread."""
        frame = self.frame()
        return screen_text(self.video, frame) if frame.is_text else None

    def frame(self) -> Frame:
        """Return a snapshot of the registers that decide on the picture. Any thread."""
        state = self.state
        sequencer, crtc = bytes(state.sequencer), bytes(state.crtc)
        mode = vbe.current_mode(state.dispi)
        visible = bool(
            state.attribute_index & r.AR_INDEX_PAS
            and not sequencer[r.SR_CLOCKING_MODE] & r.SR1_SCREEN_OFF
            and (mode is not None or (crtc[r.CR_MODE_CONTROL] & r.CR17_RUN
                                      and sequencer[r.SR_RESET] == 3))
        )  # fmt: skip
        return Frame(
            visible=visible,
            frame_number=self.now // self._current_timing().frame,
            sequencer=sequencer,
            graphics=bytes(state.graphics),
            crtc=crtc,
            attribute=bytes(state.attribute),
            pel_mask=state.pel_mask,
            dac=bytes(state.dac),
            dac_8bit=bool(state.dispi.enable & vbe.DAC_8BIT),
            vbe=mode,
        )

    # ------------------------------------------------------------------ saved state

    def state_to_save(self) -> VgaState:
        """Return the registers together with the parts of video memory that are not zero."""
        self.video.settle()
        blocks = [
            VramBlock(offset=offset, data=self.video.bytes[offset : offset + SAVED_BLOCK].tobytes())
            for offset in range(0, self.config.vram_size, SAVED_BLOCK)
            if np.any(self.video.bytes[offset : offset + SAVED_BLOCK])
        ]
        return msgspec.structs.replace(self.state, latch=self.cpu.latch, vram=blocks)

    def state_loaded(self, version: int) -> None:
        """Take registers and video memory from a saved state.

        Raises:
            SavedStateError: the state does not fit the adapter.
        """
        state = self.state
        check_state(state, self.config.vram_size)
        self.video.map(None)
        self.video.bytes.fill(0)
        for block in state.vram:
            self.video.bytes[block.offset : block.offset + len(block.data)] = np.frombuffer(
                block.data, np.uint8
            )
        state.vram = []
        self._state_replaced()


def picture_class(frame: Frame) -> PictureClass:
    """Return what draws the mode of a frame."""
    if frame.vbe is not None:
        return PlanarVbePicture if frame.vbe.bits_per_pixel == 4 else PackedPicture
    return TextPicture if frame.is_text else GraphicsPicture


def check_state(state: VgaState, vram_size: int) -> None:
    """Refuse a saved state that an adapter with ``vram_size`` bytes could not have written.

    Raises:
        SavedStateError: says what is wrong.
    """
    fresh = VgaState()
    for name in ("sequencer", "graphics", "crtc", "attribute", "dac_pending", "dac"):
        length, expected = len(getattr(state, name)), len(getattr(fresh, name))
        if length != expected:
            raise SavedStateError(f"vga: the saved {name} has {length} bytes, not {expected}.")
    for name, limit in (
        ("sequencer_index", 8), ("graphics_index", 16), ("crtc_index", 32),
        ("attribute_index", 64), ("dac_read_index", 256), ("dac_write_index", 256),
        ("dac_component", 3), ("pel_mask", 256), ("misc", 256), ("latch", 1 << 32),
    ):  # fmt: skip
        value = getattr(state, name)
        if not 0 <= value < limit:
            raise SavedStateError(f"vga: {name} is {value} in the saved state.")
    for block in state.vram:
        if not 0 <= block.offset <= vram_size - len(block.data):
            raise SavedStateError(
                f"vga: the saved state has video memory at {block.offset:#x}, "
                f"the adapter has {vram_size // r.MIB} MiB."
            )
    vbe.check(state.dispi, vram_size)
