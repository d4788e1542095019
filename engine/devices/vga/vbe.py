"""The VBE DISPI interface: modes beyond VGA, set by a handful of 16-bit registers.

Reference: Bochs VBE DISPI interface, ids B0C0h-B0C5h, as SeaBIOS's VGA BIOS and the display
drivers of Linux, Windows and others use it. Values out of range are brought into it when the
mode is (or gets) enabled, and read back so; panning beyond video memory is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.devices.vga.registers import DispiState

(INDEX_ID, INDEX_XRES, INDEX_YRES, INDEX_BPP, INDEX_ENABLE, INDEX_BANK, INDEX_VIRT_WIDTH,
 INDEX_VIRT_HEIGHT, INDEX_X_OFFSET, INDEX_Y_OFFSET, INDEX_VIDEO_MEMORY_64K) = range(11)  # fmt: skip

FIRST_ID, LAST_ID = 0xB0C0, 0xB0C5
ENABLED, GETCAPS, DAC_8BIT, LFB, NO_CLEAR = 0x01, 0x02, 0x20, 0x40, 0x80
ENABLE_WRITABLE = ENABLED | GETCAPS | DAC_8BIT | LFB | NO_CLEAR

MAX_XRES, MAX_YRES, MAX_BPP = 2560, 1600, 32
MAX_VIRTUAL_WIDTH = 0x2000
BANK_SIZE = 0x10000

# Bits per pixel as the guest names them: bytes per pixel; 4 is planar and counts bits.
BYTES_PER_PIXEL = {8: 1, 15: 2, 16: 2, 24: 3, 32: 4}

_FIELDS = (
    "id", "x_resolution", "y_resolution", "bits_per_pixel", "enable", "bank",
    "virtual_width", "virtual_height", "x_offset", "y_offset",
)  # fmt: skip


class VbeMode(NamedTuple):
    """The picture that an enabled DISPI shows.

    Attributes:
        width, height: pixels.
        bits_per_pixel: 4, 8, 15, 16, 24 or 32.
        pitch: bytes from row to row; for 4 bits per pixel bytes of one plane.
        offset: byte of video memory (of a plane) where the first row starts.
    """

    width: int
    height: int
    bits_per_pixel: int
    pitch: int
    offset: int


def plane_bytes(vram_size: int, bits_per_pixel: int) -> int:
    """Return the bytes that rows may occupy: all of memory, or one plane of it."""
    return vram_size // 4 if bits_per_pixel == 4 else vram_size


def row_bytes(pixels: int, bits_per_pixel: int) -> int:
    """Return the bytes (of a plane, for 4 bits per pixel) that ``pixels`` occupy."""
    if bits_per_pixel == 4:
        return pixels // 8
    return pixels * BYTES_PER_PIXEL[bits_per_pixel]


def read_register(dispi: DispiState, vram_size: int) -> int:
    """Return the register that the index selects; 0 for one that does not exist."""
    index = dispi.index
    if dispi.enable & GETCAPS and INDEX_XRES <= index <= INDEX_BPP:
        return (MAX_XRES, MAX_YRES, MAX_BPP)[index - INDEX_XRES]
    if index == INDEX_VIDEO_MEMORY_64K:
        return vram_size // BANK_SIZE
    if index < len(_FIELDS):
        value: int = getattr(dispi, _FIELDS[index])
        return value
    return 0


def write_register(dispi: DispiState, value: int, vram_size: int) -> str | None:
    """Take a write to the register that the index selects.

    Returns:
        What the guest did wrong, for its log; None when nothing was.
    """
    index = dispi.index
    if index == INDEX_ID:
        if not FIRST_ID <= value <= LAST_ID:
            return f"DISPI id {value:#x} is unknown"
        dispi.id = value
    elif index == INDEX_ENABLE:
        _write_enable(dispi, value, vram_size)
    elif index == INDEX_BANK:
        limit = plane_bytes(vram_size, dispi.bits_per_pixel) // BANK_SIZE
        if value >= limit:
            return f"bank {value} is beyond the {limit} banks of video memory"
        dispi.bank = value
    elif index == INDEX_VIRT_HEIGHT or index >= len(_FIELDS):
        return None if index == INDEX_VIRT_HEIGHT else f"DISPI register {index} is not writable"
    else:
        return _write_geometry(dispi, index, value, vram_size)
    return None


def _write_geometry(dispi: DispiState, index: int, value: int, vram_size: int) -> str | None:
    field = _FIELDS[index]
    before = getattr(dispi, field)
    setattr(dispi, field, value)
    if not dispi.enable & ENABLED:
        return None
    if index in (INDEX_X_OFFSET, INDEX_Y_OFFSET):
        if not _panning_fits(dispi):
            setattr(dispi, field, before)
            return f"{field} {value} is outside the virtual screen"
        return None
    fit(dispi, vram_size)
    return None


def _write_enable(dispi: DispiState, value: int, vram_size: int) -> None:
    before = dispi.enable
    dispi.enable = value & ENABLE_WRITABLE
    if value & ENABLED and not before & ENABLED:
        dispi.bank = dispi.virtual_width = dispi.x_offset = dispi.y_offset = 0
        fit(dispi, vram_size)
    elif not value & ENABLED:
        dispi.bank = 0


def _panning_fits(dispi: DispiState) -> bool:
    return (
        dispi.x_offset + dispi.x_resolution <= dispi.virtual_width
        and dispi.y_offset + dispi.y_resolution <= dispi.virtual_height
    )


def fit(dispi: DispiState, vram_size: int) -> None:
    """Bring the geometry into what the adapter and its memory can show."""
    if dispi.bits_per_pixel not in BYTES_PER_PIXEL and dispi.bits_per_pixel != 4:
        dispi.bits_per_pixel = 8
    bits = dispi.bits_per_pixel
    step = 8 if bits == 4 else 1  # a byte of a plane holds 8 pixels
    dispi.x_resolution = min(max(dispi.x_resolution, step), MAX_XRES) // step * step
    width = min(max(dispi.virtual_width, dispi.x_resolution), MAX_VIRTUAL_WIDTH)
    dispi.virtual_width = width // step * step
    rows = plane_bytes(vram_size, bits) // row_bytes(dispi.virtual_width, bits)
    dispi.virtual_height = min(rows, 0xFFFF)
    dispi.y_resolution = min(max(dispi.y_resolution, 1), MAX_YRES, rows)
    if not _panning_fits(dispi):
        dispi.x_offset = dispi.y_offset = 0


def current_mode(dispi: DispiState) -> VbeMode | None:
    """Return the mode that is shown, or None while the VGA registers rule."""
    if not dispi.enable & ENABLED:
        return None
    bits = dispi.bits_per_pixel
    pitch = row_bytes(dispi.virtual_width, bits)
    offset = dispi.y_offset * pitch + row_bytes(dispi.x_offset, bits)
    return VbeMode(dispi.x_resolution, dispi.y_resolution, bits, pitch, offset)


def check(dispi: DispiState, vram_size: int) -> None:
    """Bring registers from a saved state into their ranges."""
    for name in (*_FIELDS, "index"):
        setattr(dispi, name, getattr(dispi, name) & 0xFFFF)
    dispi.enable &= ENABLE_WRITABLE
    if dispi.enable & ENABLED:
        fit(dispi, vram_size)
        dispi.bank %= plane_bytes(vram_size, dispi.bits_per_pixel) // BANK_SIZE
