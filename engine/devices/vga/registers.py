"""Registers of the VGA: indices, bits, configuration and state.

References: IBM PS/2 Video Subsystem Technical Reference (VGA), "VGA registers"; Bochs VBE DISPI
interface for the registers behind ports 1CEh/1CFh. Names are those of the references.
"""

from __future__ import annotations

import msgspec

from engine.errors import ConfigurationError
from engine.pdm import DeviceConfig, DeviceState
from engine.pdm.optionrom import rom_image

# Port offsets from 3C0h.
ATTRIBUTE, ATTRIBUTE_READ, MISC_WRITE, VIDEO_ENABLE = 0x0, 0x1, 0x2, 0x3
SEQUENCER_INDEX, SEQUENCER_DATA = 0x4, 0x5
PEL_MASK, PEL_READ_INDEX, PEL_WRITE_INDEX, PEL_DATA = 0x6, 0x7, 0x8, 0x9
FEATURE_READ, MISC_READ = 0xA, 0xC
GRAPHICS_INDEX, GRAPHICS_DATA = 0xE, 0xF
# Port offsets from 3B0h (monochrome) or 3D0h (colour).
CRTC_INDEX, CRTC_DATA, STATUS_1 = 0x4, 0x5, 0xA

# Miscellaneous output register.
MISC_COLOUR = 0x01  # CRTC and status at 3Dxh instead of 3Bxh
MISC_ENABLE_RAM = 0x02
MISC_CLOCK_SHIFT = 2

# Input status.
STATUS_0_SWITCH_SENSE = 0x10
STATUS_1_DISPLAY_DISABLED = 0x01
STATUS_1_VERTICAL_RETRACE = 0x08

# Sequencer.
SR_RESET, SR_CLOCKING_MODE, SR_MAP_MASK, SR_CHARACTER_MAP, SR_MEMORY_MODE = range(5)
SR1_EIGHT_DOTS, SR1_DOT_CLOCK_HALF, SR1_SCREEN_OFF = 0x01, 0x08, 0x20
SR4_SEQUENTIAL, SR4_CHAIN_4 = 0x04, 0x08
SEQUENCER_MASKS = bytes((0x03, 0x3D, 0x0F, 0x3F, 0x0E))

# Graphics controller.
(GR_SET_RESET, GR_ENABLE_SET_RESET, GR_COLOUR_COMPARE, GR_DATA_ROTATE, GR_READ_MAP_SELECT,
 GR_MODE, GR_MISC, GR_COLOUR_DONT_CARE, GR_BIT_MASK) = range(9)  # fmt: skip
GR5_WRITE_MODE, GR5_READ_MODE, GR5_ODD_EVEN = 0x03, 0x08, 0x10
GR5_SHIFT_INTERLEAVE, GR5_SHIFT_256 = 0x20, 0x40
GR6_GRAPHICS, GR6_CHAIN_ODD_EVEN = 0x01, 0x02
GRAPHICS_MASKS = bytes((0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF))
# Memory map select (GR6 bits 3:2): guest-physical base and size of the window.
WINDOWS = ((0xA0000, 0x20000), (0xA0000, 0x10000), (0xB0000, 0x8000), (0xB8000, 0x8000))

# CRT controller.
CR_HORIZONTAL_TOTAL, CR_HORIZONTAL_DISPLAY_END = 0x00, 0x01
CR_VERTICAL_TOTAL, CR_OVERFLOW, CR_PRESET_ROW_SCAN, CR_MAXIMUM_SCAN_LINE = 0x06, 0x07, 0x08, 0x09
CR_CURSOR_START, CR_CURSOR_END = 0x0A, 0x0B
CR_START_ADDRESS_HIGH, CR_START_ADDRESS_LOW = 0x0C, 0x0D
CR_CURSOR_HIGH, CR_CURSOR_LOW = 0x0E, 0x0F
CR_VERTICAL_RETRACE_START, CR_VERTICAL_RETRACE_END, CR_VERTICAL_DISPLAY_END = 0x10, 0x11, 0x12
CR_OFFSET, CR_UNDERLINE, CR_VERTICAL_BLANK_START = 0x13, 0x14, 0x15
CR_MODE_CONTROL, CR_LINE_COMPARE = 0x17, 0x18
CRTC_COUNT = 0x19
CR7_LINE_COMPARE_8 = 0x10
CR9_DOUBLE_SCAN = 0x80
CR0A_CURSOR_OFF = 0x20
CR11_PROTECT = 0x80
CR14_DOUBLEWORD = 0x40
CR17_ROW_SCAN_0, CR17_ROW_SCAN_1 = 0x01, 0x02  # clear: row scan replaces address bit 13, 14
CR17_BYTE_MODE, CR17_RUN = 0x40, 0x80

# Attribute controller.
AR_MODE, AR_OVERSCAN, AR_PLANE_ENABLE, AR_PEL_PANNING, AR_COLOUR_SELECT = range(0x10, 0x15)
AR_INDEX_PAS = 0x20  # palette address source: the picture is on
AR10_GRAPHICS, AR10_LINE_GRAPHICS, AR10_BLINK = 0x01, 0x04, 0x08
AR10_PANNING_COMPATIBLE, AR10_PIXEL_WIDTH, AR10_P54_SELECT = 0x20, 0x40, 0x80
ATTRIBUTE_MASKS = bytes((0x3F,) * 16 + (0xEF, 0xFF, 0x3F, 0x0F, 0x0F))

# DAC state register.
DAC_WRITING, DAC_READING = 0x00, 0x03

MIB = 1 << 20
MAX_VRAM_MIB = 256


class VgaConfig(DeviceConfig, frozen=True):
    """Settings of the adapter.

    Attributes:
        vram_mib: video memory in MiB: a power of two from 1 to 256.
        bios_rom: file with the VGA BIOS for the expansion ROM; empty for an empty socket.
    """

    vram_mib: int = 16
    bios_rom: str = ""

    @property
    def vram_size(self) -> int:
        """Video memory in bytes.

        Raises:
            ConfigurationError: it is not a size that the adapter can have.
        """
        size = self.vram_mib
        if not 1 <= size <= MAX_VRAM_MIB or size & (size - 1):
            raise ConfigurationError(
                f"{size} MiB of video memory is not a power of two from 1 to {MAX_VRAM_MIB}."
            )
        return size * MIB

    @property
    def rom_size(self) -> int:
        """Bytes of the expansion ROM."""
        return len(rom_image("VGA BIOS", self.bios_rom))


class DispiState(msgspec.Struct, kw_only=True):
    """Registers of the VBE DISPI interface, in the order of their indices, and the index."""

    id: int = 0xB0C5
    x_resolution: int = 0
    y_resolution: int = 0
    bits_per_pixel: int = 8
    enable: int = 0
    bank: int = 0
    virtual_width: int = 0
    virtual_height: int = 0
    x_offset: int = 0
    y_offset: int = 0
    index: int = 0


class VramBlock(msgspec.Struct, kw_only=True):
    """A run of video memory in a saved state; what no block covers is zero."""

    offset: int
    data: bytes


def _zeros(count: int) -> bytearray:
    return msgspec.field(default_factory=lambda: bytearray(count))


class VgaState(DeviceState):
    """Registers of the adapter; video memory only in a saved state.

    Attributes:
        attribute_data_next: the flip-flop of port 3C0h: the next write is data.
        dac: 256 times red, green, blue, in the width that the DAC is set to.
        dac_component: 0..2, the part of the colour that the next access of 3C9h means.
        dac_pending: red and green of a colour that is being written.
        latch: the four read latches, plane 0 in the low byte.
    """

    misc: int = 0
    feature: int = 0
    video_enable: int = 1
    sequencer_index: int = 0
    sequencer: bytearray = _zeros(len(SEQUENCER_MASKS))
    graphics_index: int = 0
    graphics: bytearray = _zeros(len(GRAPHICS_MASKS))
    crtc_index: int = 0
    crtc: bytearray = _zeros(CRTC_COUNT)
    attribute_index: int = 0
    attribute_data_next: bool = False
    attribute: bytearray = _zeros(len(ATTRIBUTE_MASKS))
    pel_mask: int = 0xFF
    dac_state: int = DAC_WRITING
    dac_read_index: int = 0
    dac_write_index: int = 0
    dac_component: int = 0
    dac_pending: bytearray = _zeros(2)
    dac: bytearray = _zeros(768)
    latch: int = 0
    dispi: DispiState = msgspec.field(default_factory=DispiState)
    vram: list[VramBlock] = msgspec.field(default_factory=list)
