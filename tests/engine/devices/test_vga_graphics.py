"""VGA graphics modes, pixel by pixel."""

import random

import numpy as np
import pytest

from tests.engine.devices.vga_modes import (
    CGA_320x200x4,
    CGA_640x200x2,
    EGA_320x200x16,
    Guest,
    MODE_X_320x240,
    VGA_320x200x256,
    VGA_640x480x16,
    rgb,
)

COLOURS = [(n & 63, (n * 7) & 63, 63 - (n >> 2)) for n in range(256)]


def start(mode, palette=None):
    guest = Guest()
    guest.set_mode(mode)
    guest.dac(0, *COLOURS)
    for index, value in enumerate(palette or range(16)):
        guest.attribute(index, value)
    return guest


def shown(guest):
    surface = guest.vga.open_surface()
    surface.update()
    return surface


def colours(values):
    return [rgb(*COLOURS[value]) for value in values]


def doubled(values):
    return [value for value in values for _ in range(2)]


def write_plane(guest, plane, offset, data):
    guest.sequencer(2, 1 << plane)
    guest.write(0xA0000 + offset, data)


def random_bytes(count, seed=1):
    return random.Random(seed).randbytes(count)


def planar_row(planes, count):
    """Return pixels of four rows of plane bytes, bit by bit."""
    return [
        sum((planes[p][n // 8] >> (7 - n % 8) & 1) << p for p in range(4)) for n in range(count)
    ]


def test_planar_16_colours():
    guest = start(VGA_640x480x16, palette=[(n * 3) & 63 for n in range(16)])
    rows = {line: [random_bytes(80, 4 * line + p) for p in range(4)] for line in (0, 1, 479)}
    for line, planes in rows.items():
        for p, data in enumerate(planes):
            write_plane(guest, p, 80 * line, data)
    surface = shown(guest)
    assert (surface.width, surface.height, surface.mode) == (640, 480, "VGA 640x480x4")
    for line, planes in rows.items():
        expected = colours((pixel * 3) & 63 for pixel in planar_row(planes, 640))
        assert surface.pixels[line].tolist() == expected
    assert surface.pixels[2].tolist() == colours([0] * 640)


def test_colour_plane_enable_hides_planes():
    guest = start(VGA_640x480x16)
    planes = [random_bytes(80, p) for p in range(4)]
    for p, data in enumerate(planes):
        write_plane(guest, p, 0, data)
    guest.attribute(0x12, 0b0101)
    expected = colours(pixel & 0b0101 for pixel in planar_row(planes, 640))
    assert shown(guest).pixels[0].tolist() == expected


def test_double_scanned_modes_show_doubled_pixels():
    guest = start(EGA_320x200x16)
    planes = [random_bytes(40, p) for p in range(4)]
    for p, data in enumerate(planes):
        write_plane(guest, p, 40, data)
    surface = shown(guest)
    assert (surface.width, surface.height, surface.mode) == (640, 400, "VGA 320x200x4")
    expected = doubled(colours(planar_row(planes, 320)))
    assert surface.pixels[2].tolist() == surface.pixels[3].tolist() == expected


def test_chain_4_256_colours():
    guest = start(VGA_320x200x256)
    data = random_bytes(320)
    for settled in (False, True):
        guest.write(0xA0000 + 320 * 7, data)
        surface = shown(guest)
        assert (surface.width, surface.height, surface.mode) == (640, 400, "VGA 320x200x8")
        expected = doubled(colours(data))
        assert surface.pixels[14].tolist() == surface.pixels[15].tolist() == expected
        data = random_bytes(320, 2 + settled)
        guest.settle()


def test_unchained_256_colours():
    guest = start(MODE_X_320x240)
    planes = [random_bytes(80, p) for p in range(4)]
    for p, data in enumerate(planes):
        write_plane(guest, p, 80 * 239, data)
    surface = shown(guest)
    assert (surface.width, surface.height, surface.mode) == (640, 480, "VGA 320x240x8")
    expected = doubled(colours(planes[n % 4][n // 4] for n in range(320)))
    assert surface.pixels[478].tolist() == surface.pixels[479].tolist() == expected


def test_cga_four_colours_with_interleaved_lines():
    guest = start(CGA_320x200x4)
    even, odd = random_bytes(80, 1), random_bytes(80, 2)
    for settled in (False, True):
        guest.write(0xB8000 + 80 * 3, even)  # line 6
        guest.write(0xBA000 + 80 * 3, odd)  # line 7
        surface = shown(guest)
        assert (surface.width, surface.height, surface.mode) == (640, 400, "VGA 320x200x2")
        for line, data in ((6, even), (7, odd)):
            pixels = [data[n // 4] >> (6 - 2 * (n % 4)) & 3 for n in range(320)]
            expected = doubled(colours(pixels))
            assert surface.pixels[2 * line].tolist() == expected, settled
            assert surface.pixels[2 * line + 1].tolist() == expected, settled
        even, odd = odd, even
        guest.settle()


def test_cga_two_colours_with_interleaved_lines():
    guest = start(CGA_640x200x2)
    even, odd = random_bytes(80, 1), random_bytes(80, 2)
    for settled in (False, True):
        guest.write(0xB8000 + 80 * 99, even)  # line 198
        guest.write(0xBA000 + 80 * 99, odd)  # line 199
        surface = shown(guest)
        assert (surface.width, surface.height, surface.mode) == (640, 400, "VGA 640x200x4")
        for line, data in ((198, even), (199, odd)):
            expected = colours(data[n // 8] >> (7 - n % 8) & 1 for n in range(640))
            assert surface.pixels[2 * line].tolist() == expected, settled
        even, odd = odd, even
        guest.settle()


def test_start_address_and_panning_in_planar_modes():
    guest = start(VGA_640x480x16)
    planes = [random_bytes(200, p) for p in range(4)]
    for p, data in enumerate(planes):
        write_plane(guest, p, 0, data)
    pixels = planar_row(planes, 1600)
    guest.crtc(0x0D, 3)
    guest.attribute(0x13, 5)
    assert shown(guest).pixels[0].tolist() == colours(pixels[24 + 5 : 24 + 5 + 640])
    guest.crtc(0x08, 0x40)  # byte panning: two addresses more
    assert shown(guest).pixels[0].tolist() == colours(pixels[40 + 5 : 40 + 5 + 640])


def test_panning_in_256_colour_modes_counts_half_dots():
    guest = start(MODE_X_320x240)
    planes = [random_bytes(100, p) for p in range(4)]
    for p, data in enumerate(planes):
        write_plane(guest, p, 0, data)
    guest.attribute(0x13, 6)
    expected = doubled(colours(planes[n % 4][n // 4] for n in range(3, 323)))
    assert shown(guest).pixels[0].tolist() == expected


def test_pitch_and_split_screen():
    guest = start(MODE_X_320x240)
    guest.crtc(0x13, 50)  # rows are 100 addresses apart
    guest.crtc(0x0D, 20)
    rows = {0: 0x11, 20: 0x22, 120: 0x33}
    for offset, value in rows.items():
        guest.sequencer(2, 0xF)
        guest.write(0xA0000 + offset, [value] * 4)
    guest.crtc(0x18, 300 & 0xFF)
    guest.crtc(0x11, 0)
    guest.crtc(0x07, 0x3E)  # line compare bit 8
    guest.crtc(0x09, 0x01)
    surface = shown(guest)
    assert surface.pixels[0, 0] == rgb(*COLOURS[0x22])
    assert surface.pixels[2, 0] == rgb(*COLOURS[0x33])
    assert surface.pixels[300, 0] == rgb(*COLOURS[0])
    assert surface.pixels[301, 0] == surface.pixels[302, 0] == rgb(*COLOURS[0x11])
    assert surface.pixels[303, 0] == rgb(*COLOURS[0])


def test_word_mode_without_odd_even_addressing_skips_addresses():
    guest = start(VGA_640x480x16)
    guest.crtc(0x17, 0xA3)
    guest.sequencer(2, 1)
    guest.write(0xA0000, b"\xff\x00\x0f\x00\xf0\x00")
    expected = [1] * 8 + [0] * 4 + [1] * 8 + [0] * 4
    assert shown(guest).pixels[0, :24].tolist() == colours(expected)


def test_256_colours_pass_the_palette_registers_by_nibbles():
    guest = start(VGA_320x200x256, palette=[n ^ 1 for n in range(16)])
    guest.write(0xA0000, b"\x23")
    assert shown(guest).pixels[0, 0] == rgb(*COLOURS[0x32])


def test_blinking_in_graphics_modes():
    guest = start(VGA_640x480x16)
    guest.attribute(0x10, 0x09)
    guest.sequencer(2, 0xF)
    guest.write(0xA0000, b"\xf0")  # colour 15, then colour 0, which shows as 8
    frame = 100 * 8 * 525 * 10**9 // 25_175_000
    guest.bench.clock = 32 * 20 * frame
    surface = shown(guest)
    assert surface.pixels[0, [0, 4]].tolist() == colours([15, 8])
    guest.bench.clock += 16 * frame
    surface.update()
    assert surface.pixels[0, [0, 4]].tolist() == colours([7, 8])


@pytest.mark.parametrize(
    ("mode", "address", "rows"),
    [
        (VGA_640x480x16, 0xA0000 + 80 * 100 + 79, [(100, 101)]),
        (VGA_320x200x256, 0xA0000 + 320 * 100 + 319, [(200, 202)]),
        (MODE_X_320x240, 0xA0000 + 80 * 50, [(100, 102)]),
        (CGA_320x200x4, 0xBA000 + 80 * 10, [(42, 44)]),
        (CGA_640x200x2, 0xB8000 + 80 * 10, [(40, 42)]),
    ],
)
def test_only_changed_rows_are_dirty(mode, address, rows):
    guest = start(mode)
    surface = shown(guest)
    assert surface.update().dirty == []
    guest.write(address, b"\xff")
    pixels = surface.pixels.copy()
    assert surface.update().dirty == rows
    assert surface.update().dirty == []
    assert np.flatnonzero((pixels != surface.pixels).any(axis=1)).tolist() == list(range(*rows[0]))
    guest.dac(0, (9, 9, 9))
    assert surface.update().dirty == [(0, surface.height)]


def test_mode_changes_resize():
    guest = start(VGA_640x480x16)
    surface = guest.vga.open_surface()
    first = surface.update()
    assert first.resized
    assert first.dirty == [(0, 480)]
    guest.set_mode(VGA_320x200x256)
    guest.write(0xA0000, bytes(range(256)))
    update = surface.update()
    assert update.resized
    assert (surface.width, surface.height) == (640, 400)
    assert surface.pixels.shape == (400, 640)
    assert surface.pixels[0, ::2][:256].tolist() == colours(range(256))
    pixels = surface.pixels
    guest.set_mode(CGA_640x200x2)
    update = surface.update()
    assert not update.resized
    assert update.dirty == [(0, 400)]
    assert surface.pixels is pixels
