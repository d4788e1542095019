"""The VGA as a PCI device: ports, windows, reset, saved state, display.

IBM VGA with the Bochs VBE DISPI extension, as PCI device 1234:1111: what SeaBIOS's "stdvga" VGA
BIOS and the drivers of current operating systems know. BAR0 is video memory, BAR2 holds the
registers in memory space (VGA ports 3C0h-3DFh at 400h, DISPI registers at 500h), the expansion
ROM holds the VGA BIOS. Legacy ports and windows answer whatever the PCI command register says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.devices.vga import registers as r
from engine.devices.vga import saved, vbe
from engine.devices.vga.graphics import GraphicsPicture
from engine.devices.vga.memory import APERTURE, APERTURE_SIZE, CpuPort, VideoMemory, flat_view
from engine.devices.vga.packed import PackedPicture, PlanarVbePicture
from engine.devices.vga.ports import VgaPorts
from engine.devices.vga.registers import VgaConfig, VgaState
from engine.devices.vga.surface import Frame, VgaSurface
from engine.devices.vga.text import TextPicture, screen_text
from engine.pdm import (
    DisplayAdapter,
    Memory,
    MemoryBar,
    Mmio,
    PciDevice,
    Ports,
    ResetKind,
    RomBar,
    info_item,
    register,
    timer,
)
from engine.pdm.optionrom import rom_image

if TYPE_CHECKING:
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


@register
class Vga(PciDevice[VgaConfig, VgaState]):
    """The graphics adapter; offers :class:`~engine.pdm.display.DisplayAdapter`.

    Attributes:
        video: the planes.
        cpu: the CPU's accesses through handlers.
        ports: the registers behind the VGA's ports.
    """

    NAME = "vga"
    DESCRIPTION = "VGA with Bochs VBE extension"
    UNSAVED_CONFIG = frozenset({"bios_rom"})
    PROVIDES = (DisplayAdapter,)
    VENDOR, DEVICE, CLASS = 0x1234, 0x1111, 0x030000
    SUBSYSTEM = (0x1AF4, 0x1100)  # what the drivers for this device ID look for
    BARS = (MemoryBar(0, "vram", prefetchable=True), MemoryBar(2, "mmio"), RomBar("rom"))

    vram = Memory("vram_size", logged=True)
    cells = Memory(APERTURE_SIZE)
    rom = Memory("rom_size", writable=False)
    aperture = Mmio(APERTURE, APERTURE_SIZE, sizes=(1, 2, 4), coalesce=True)
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
        self.rom.load(rom_image("VGA BIOS", self.config.bios_rom))
        self.ports = VgaPorts(self.state, self.context.now, self._memory_registers_changed)
        self._settle_delay = SETTLE_DELAY
        self._settled_at = 0

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
        self.video.replaced()
        self.ports.bind(self.state)
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
        writers = self.ports.writers
        writers[offset](value & 0xFF)
        if size == 2:
            writers[offset + 1](value >> 8)

    @core.reader
    def _core_read(self, offset: int, size: int) -> int:
        readers = self.ports.readers
        value = readers[offset]()
        return value if size == 1 else value | readers[offset + 1]() << 8

    @mono.writer
    def _mono_write(self, offset: int, value: int, size: int) -> None:
        if not self.state.misc & r.MISC_COLOUR:
            self.ports.write_crtc_port(offset, value)

    @mono.reader
    def _mono_read(self, offset: int, size: int) -> int:
        return 0xFF if self.state.misc & r.MISC_COLOUR else self.ports.read_crtc_port(offset)

    @colour.writer
    def _colour_write(self, offset: int, value: int, size: int) -> None:
        if self.state.misc & r.MISC_COLOUR:
            self.ports.write_crtc_port(offset, value & 0xFF)
            if size == 2:
                self.ports.write_crtc_port(offset + 1, value >> 8)

    @colour.reader
    def _colour_read(self, offset: int, size: int) -> int:
        if not self.state.misc & r.MISC_COLOUR:
            return 0xFFFF
        value = self.ports.read_crtc_port(offset)
        return value if size == 1 else value | self.ports.read_crtc_port(offset + 1) << 8

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
        # First: a flat view that ends puts its contents back into video memory.
        self._memory_registers_changed()
        if dispi.enable & ~before & vbe.ENABLED and not dispi.enable & vbe.NO_CLEAR:
            self._clear_screen()
        if dispi.index in (vbe.INDEX_ENABLE, vbe.INDEX_BPP):
            self.video.replaced()  # modes with planes do not note what they write

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
            frame_number=self.now // self.ports.timing().frame,
            sequencer=sequencer,
            graphics=bytes(state.graphics),
            crtc=crtc,
            attribute=bytes(state.attribute),
            pel_mask=state.pel_mask,
            dac=bytes(state.dac),
            dac_8bit=bool(state.dispi.enable & vbe.DAC_8BIT),
            vbe=mode,
        )

    @info_item("vga", "Mode, windows and registers of the graphics adapter.")
    def info(self) -> str:
        """Return the mode, the CPU's view and the registers in hexadecimal."""
        state, mapped = self.state, self.video.view
        surface = self.open_surface()
        surface.update()
        lines = [f"mode: {surface.mode}", f"view: {mapped.kind.value if mapped else 'latched'}"]
        lines += [f"misc: {state.misc:02x}", f"latches: {self.cpu.latch:08x}"]
        for name in ("sequencer", "graphics", "crtc", "attribute"):
            lines.append(f"{name}: {getattr(state, name).hex(' ')}")
        lines += [f"{name}: {value}" for name, value in msgspec.structs.asdict(state.dispi).items()]
        return "\n".join(lines)

    @info_item("vgatext", "What the screen shows in text mode.")
    def info_text(self) -> str:
        """Return the rows of a text mode."""
        text = self.screen_text()
        return "The adapter is in a graphics mode." if text is None else text

    @info_item("vgacr", "CRT controller registers.")
    def info_crtc(self) -> str:
        """Return the registers 3D4h/3D5h."""
        return _register_rows("CR", self.state.crtc)

    @info_item("vgasr", "Sequencer registers.")
    def info_sequencer(self) -> str:
        """Return the registers 3C4h/3C5h."""
        return _register_rows("SR", self.state.sequencer)

    @info_item("vgagr", "Graphics controller registers.")
    def info_graphics(self) -> str:
        """Return the registers 3CEh/3CFh."""
        return _register_rows("GR", self.state.graphics)

    @info_item("vgaar", "Attribute controller registers.")
    def info_attribute(self) -> str:
        """Return the registers 3C0h/3C1h."""
        return _register_rows("AR", self.state.attribute)

    @info_item("vgadac", "Palette of the DAC.")
    def info_dac(self) -> str:
        """Return red, green and blue of the 256 entries, four a row."""
        dac = bytes(self.state.dac)
        entries = [f"{n:02x}: {dac[3 * n : 3 * n + 3].hex(' ')}" for n in range(len(dac) // 3)]
        return "\n".join("   ".join(entries[n : n + 4]) for n in range(0, len(entries), 4))

    @info_item("vbe", "Registers of the VBE DISPI interface.")
    def info_vbe(self) -> str:
        """Return the DISPI registers by name."""
        registers = msgspec.structs.asdict(self.state.dispi)
        return "\n".join(f"{name}: {value} ({value:#x})" for name, value in registers.items())

    # ------------------------------------------------------------------ saved state

    def state_to_save(self) -> VgaState:
        """Return the registers together with the parts of video memory that are not zero."""
        self.video.settle()
        blocks = saved.blocks(self.video.bytes)
        return msgspec.structs.replace(self.state, latch=self.cpu.latch, vram=blocks)

    def state_loaded(self, version: int) -> None:
        """Take registers and video memory from a saved state.

        Raises:
            SavedStateError: the state does not fit the adapter.
        """
        state = self.state
        saved.check(state, self.config.vram_size)
        self.video.map(None)
        saved.restore(state.vram, self.video.bytes)
        state.vram = []
        self._state_replaced()


def _register_rows(prefix: str, values: bytes | bytearray) -> str:
    """Return indexed registers, eight a row."""
    cells = [f"{prefix}{n:02X}={value:02x}" for n, value in enumerate(values)]
    return "\n".join(" ".join(cells[n : n + 8]) for n in range(0, len(cells), 8))


def picture_class(frame: Frame) -> PictureClass:
    """Return what draws the mode of a frame."""
    if frame.vbe is not None:
        return PlanarVbePicture if frame.vbe.bits_per_pixel == 4 else PackedPicture
    return TextPicture if frame.is_text else GraphicsPicture
