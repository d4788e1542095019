"""VGA: the VBE DISPI interface, the linear frame buffer, PCI."""

import random

import numpy as np
import pytest

from engine.errors import ConfigurationError, FirmwareMissingError
from engine.pdm import DisplayAdapter, ResetKind
from tests.engine.devices.vga_modes import Guest, TEXT_80x25, rgb, vga_bench

LFB = 0xE0000000
MIB = 1 << 20
BYTES = {8: 1, 15: 2, 16: 2, 24: 3, 32: 4}


@pytest.fixture
def guest():
    guest = Guest(vga_bench(vram_mib=16))
    guest.map_bars(LFB)
    guest.bench.outb(0x3C2, 0x67)
    return guest


def widened(value, bits):
    """Repeat the high bits of a component to make it 8 bits wide."""
    text = f"{value:0{bits}b}"
    return int((text * 8)[:8], 2)


def direct(pixel, bits):
    if bits >= 24:
        return pixel & 0xFFFFFF
    green = 6 if bits == 16 else 5
    return (
        widened(pixel >> (5 + green) & 31, 5) << 16
        | widened(pixel >> 5 & ((1 << green) - 1), green) << 8
        | widened(pixel & 31, 5)
    )


def test_ids(guest):
    assert guest.read_dispi(0) == 0xB0C5
    for value in range(0xB0C0, 0xB0C6):
        guest.dispi(0, value)
        assert guest.read_dispi(0) == value
    guest.dispi(0, 0x1234)
    assert guest.read_dispi(0) == 0xB0C5


def test_memory_size_and_capabilities(guest):
    assert guest.read_dispi(10) == 16 * MIB // 0x10000
    assert guest.bench.inl(0x1CF) == 16 * MIB
    guest.dispi(4, 2)
    x, y, bits = (guest.read_dispi(index) for index in (1, 2, 3))
    assert (x >= 1920, y >= 1200, bits) == (True, True, 32)
    guest.dispi(4, 0)
    assert guest.read_dispi(1) == 0
    assert guest.read_dispi(99) == 0


@pytest.mark.parametrize("bits", [8, 15, 16, 24, 32])
@pytest.mark.parametrize("size", [(640, 480), (1366, 768), (1920, 1200), (801, 3)])
def test_pixels_of_the_linear_frame_buffer(guest, bits, size):
    width, height = size
    guest.dac(0, *[(n & 63, n >> 2, 63 - (n >> 3)) for n in range(256)])
    guest.set_vbe(width, height, bits)
    data = random.Random(bits).randbytes(width * BYTES[bits])
    row = height - 1
    guest.write(LFB + row * width * BYTES[bits], data)
    surface = guest.vga.open_surface()
    surface.update()
    assert (surface.width, surface.height) == size
    assert surface.mode == f"VBE {width}x{height}x{bits}"
    values = [
        int.from_bytes(data[n : n + BYTES[bits]], "little")
        for n in range(0, len(data), BYTES[bits])
    ]
    if bits == 8:
        expected = [rgb(n & 63, n >> 2, 63 - (n >> 3)) for n in values]
    else:
        expected = [direct(value, bits) for value in values]
    assert surface.pixels[row].tolist() == expected
    assert surface.update().dirty == []
    guest.write(LFB, b"\xff")
    guest.write(LFB + row * width * BYTES[bits] + 2, b"\x55" if data[2] != 0x55 else b"\xaa")
    assert surface.update().dirty == [(0, 1), (row, row + 1)]


def test_four_bits_are_planar():
    guest = Guest()
    guest.bench.outb(0x3C2, 0x63)
    guest.set_vbe(800, 600, 4)
    guest.sequencer(4, 6)
    guest.graphics(8, 0xFF)
    for index in range(16):
        guest.attribute(index, index)
    guest.attribute(0x12, 0xF)
    guest.dac(0, *[(n, n, n) for n in range(16)])
    for plane in range(4):
        guest.sequencer(2, 1 << plane)
        guest.write(0xA0000 + 100 * 599, [0x80 >> plane])
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == "VBE 800x600x4"
    assert surface.pixels[599, :5].tolist() == [rgb(n, n, n) for n in (1, 2, 4, 8, 0)]
    guest.write(0xA0000, b"\x80")
    assert surface.update().dirty == [(0, 1)]


def test_four_bits_use_banks_beyond_64k():
    guest = Guest()
    guest.bench.outb(0x3C2, 0x63)
    guest.set_vbe(1024, 768, 4)
    guest.sequencer(4, 6)
    guest.graphics(8, 0xFF)
    guest.sequencer(2, 1)
    guest.dispi(5, 1)
    guest.write(0xA0000 + 5, b"\xff")
    assert guest.plane(0, 0x10005, 1) == b"\xff"


def test_enabling_clears_unless_told_not_to(guest):
    guest.write(LFB, b"\x11" * 64)
    guest.set_vbe(640, 480, 32)
    assert guest.read(LFB, 64) == bytes(64)
    guest.write(LFB, b"\x11" * 64)
    guest.set_vbe(640, 480, 32, flags=0xC1)
    assert guest.read(LFB, 64) == b"\x11" * 64


def test_enabling_clears_what_a_text_mode_left(guest):
    guest.set_mode(TEXT_80x25)
    guest.settle()
    guest.write(0xB8000, b"text" * 1000)
    guest.set_vbe(640, 480, 32)
    assert guest.read(LFB, 0x10000) == bytes(0x10000)


def test_banked_window(guest):
    guest.set_vbe(640, 480, 8)
    for settled in (False, True):
        for bank in (0, 3, 255):
            guest.dispi(5, bank)
            assert guest.read_dispi(5) == bank
            guest.write(0xA0010, [bank, settled])
            assert guest.read(LFB + bank * 0x10000 + 0x10, 2) == bytes((bank, settled))
            if settled:
                guest.settle()
                assert guest.vga.video.view.offset == bank * 0x10000
                assert guest.read(0xA0010, 2) == bytes((bank, 1))
    guest.dispi(5, 256)  # beyond video memory
    assert guest.read_dispi(5) == 255
    assert guest.read(0xB0000, 1) == b"\xff"


def test_virtual_screen_and_panning(guest):
    guest.set_vbe(640, 480, 16)
    assert guest.read_dispi(6) == 640
    guest.dispi(6, 1000)
    assert guest.read_dispi(7) == 16 * MIB // 2000
    guest.dispi(8, 360)
    guest.dispi(9, 520)
    guest.write(LFB + 2000 * 520 + 2 * 360, b"\xff\xff")
    guest.write(LFB + 2000 * 999 + 2 * 999, b"\x1f\x00")
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.pixels[0, 0] == 0xFFFFFF
    assert surface.pixels[479, 639] == 0x0000FF
    guest.dispi(8, 361)  # outside
    assert guest.read_dispi(8) == 360
    guest.dispi(6, 100)  # narrower than the picture
    assert guest.read_dispi(6) == 640


def test_geometry_is_limited_by_memory():
    guest = Guest()
    guest.set_vbe(1024, 768, 32)
    assert guest.read_dispi(2) == MIB // 4096
    guest.set_vbe(60000, 60000, 99)
    width, height, bits = (guest.read_dispi(index) for index in (1, 2, 3))
    assert width * height * bits // 8 <= MIB
    surface = guest.vga.open_surface()
    surface.update()
    assert (surface.width, surface.height) == (width, height)
    guest.set_vbe(0, 0, 32)
    surface.update()
    assert (surface.width, surface.height) == (1, 1)


def test_eight_bit_dac_keeps_colours(guest):
    guest.set_vbe(640, 480, 8)
    guest.dac(1, (63, 32, 1))
    guest.dispi(4, 0x61)
    guest.write(LFB, b"\x01\x02")
    guest.dac(2, (200, 100, 3))
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.pixels[0, :2].tolist() == [rgb(63, 32, 1), 0xC86403]
    guest.dispi(4, 0x41)
    surface.update()
    assert surface.pixels[0, :2].tolist() == [rgb(63, 32, 1), rgb(50, 25, 0)]


def test_palette_change_redraws_indexed_modes_only(guest):
    surface = guest.vga.open_surface()
    for bits, dirty in ((8, [(0, 480)]), (32, [])):
        guest.set_vbe(640, 480, bits)
        surface.update()
        guest.dac(0, (bits, 0, 0))
        assert surface.update().dirty == dirty


def test_disabling_returns_to_the_vga_mode(guest):
    guest.set_mode(TEXT_80x25)
    guest.set_vbe(640, 480, 8)
    assert guest.vga.screen_text() is None
    guest.dispi(4, 0)
    assert guest.vga.screen_text() is not None
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == "text 80x25"


def test_changing_resolution_while_enabled(guest):
    guest.set_vbe(640, 480, 32)
    surface = guest.vga.open_surface()
    surface.update()
    guest.dispi(1, 800)
    assert surface.update().resized
    assert (surface.width, surface.height) == (800, 480)


def test_byte_access_to_dispi_registers(guest):
    b = guest.bench
    b.outb(0x1CE, 1)
    b.outb(0x1CF, 0x80)
    b.outb(0x1D0, 0x02)
    assert (b.inw(0x1CF), b.inb(0x1CF), b.inb(0x1D0)) == (0x280, 0x80, 0x02)


def test_registers_in_memory_space(guest):
    base = 0xFEB00000
    guest.set_mode(TEXT_80x25)
    b = guest.bench
    region = b.memory.section_at(base).region.block

    def write16(offset, value):
        region.write(offset, value, 2)

    assert region.read(0x500, 2) == 0xB0C5
    for offset, value in ((0x508, 0), (0x502, 800), (0x504, 600), (0x506, 32), (0x508, 0x41)):
        write16(offset, value)
    guest.read(base + 0x41A, 1)
    guest.write(base + 0x400, b"\x20")
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == "VBE 800x600x32"
    assert guest.read(base + 0x40C, 1) == b"\x67"
    write16(0x404, 0x0702)
    assert region.read(0x404, 2) == 0x0702
    assert guest.read(base + 0xF00, 4) == bytes(4)


# ------------------------------------------------------------------ PCI


def test_pci_identity_and_bars():
    guest = Guest(vga_bench(vram_mib=8))
    vga = guest.vga
    assert isinstance(vga, DisplayAdapter)
    assert vga.config_read(0, 4) == 0x11111234
    assert vga.config_read(8, 4) >> 8 == 0x030000
    vga.config_write(0x10, 0xFFFFFFFF, 4)
    assert vga.config_read(0x10, 4) == (0x100000000 - 8 * MIB) | 8
    guest.map_bars(0xFD000000)
    guest.write(0xFD000000, b"here")
    guest.map_bars(0xE8000000)
    assert guest.read(0xE8000000, 4) == b"here"
    assert guest.read(0xFD000000, 4) != b"here"


def test_expansion_rom(tmp_path):
    image = b"\x55\xaa\x50" + random.Random(1).randbytes(40_000)
    path = tmp_path / "vga.bin"
    path.write_bytes(image)
    guest = Guest(vga_bench(bios_rom=str(path)))
    guest.vga.config_write(0x30, 0xFFFFFFFF, 4)
    assert guest.vga.config_read(0x30, 4) == 0xFFFF0001
    guest.map_bars(rom=0xFEB80001)
    assert guest.read(0xFEB80000, len(image)) == image
    guest.write(0xFEB80000, b"xx")
    assert guest.read(0xFEB80000, 2) == b"\x55\xaa"


def test_bad_configurations_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match="3 MiB of video memory"):
        vga_bench(vram_mib=3)
    with pytest.raises(FirmwareMissingError, match="missing.bin cannot be read"):
        vga_bench(bios_rom=str(tmp_path / "missing.bin"))
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"MZ" * 1000)
    with pytest.raises(ConfigurationError, match="55 AA"):
        vga_bench(bios_rom=str(bad))
    bad.write_bytes(b"\x55\xaa" * 200_000)
    with pytest.raises(ConfigurationError, match="256 KiB"):
        vga_bench(bios_rom=str(bad))


def test_resets(guest):
    guest.set_vbe(640, 480, 32)
    guest.write(LFB, b"\x01\x02")
    guest.vga.reset(ResetKind.SOFT)
    assert guest.read(LFB, 2) == b"\x01\x02"
    assert guest.read_dispi(4) == 0x41
    guest.vga.reset(ResetKind.HARD)
    assert guest.read_dispi(4) == 0
    assert guest.read(LFB, 2) == b"\xff\xff"
    guest.map_bars(LFB)
    assert guest.read(LFB, 2) == b"\x01\x02"
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == "blank"
    guest.vga.reset(ResetKind.POWER_ON)
    guest.map_bars(LFB)
    assert not np.any(guest.vga.video.bytes)
