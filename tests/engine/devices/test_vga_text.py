"""VGA text modes, dot by dot."""

import numpy as np
import pytest

from tests.engine.devices.vga_modes import Guest, MONO_80x25, TEXT_40x25, TEXT_80x25, rgb

# A tiny font: every row of a glyph is different, so that shifted rows show.
FONT = {
    0x20: bytes(16),
    0x41: bytes(range(0x10, 0x20)),
    0x42: bytes(0xF0 - 3 * n for n in range(16)),
    0xC4: b"\x00" * 7 + b"\xff" + b"\x81" * 8,
    0xE0: b"\xff" * 16,
}
COLOURS = [(n, 63 - n, (n * 5) & 63) for n in range(64)]
FRAME = 14_268_061  # ns, from the timing of 720x400 at 70 Hz
PALETTE = [*range(6), 0x14, 7, *range(0x38, 0x40)]  # of the colour text modes


def colour(attribute, palette=PALETTE):
    return rgb(*COLOURS[palette[attribute]])


@pytest.fixture
def guest():
    guest = Guest()
    start(guest, TEXT_80x25)
    return guest


def start(guest, mode):
    guest.set_mode(mode)
    guest.dac(0, *COLOURS)
    if mode is not MONO_80x25:
        guest.load_font(FONT)
    guest.crtc(0x0A, 0x20)  # no cursor
    base = 0xB0000 if mode is MONO_80x25 else 0xB8000
    guest.write(base, b"\x20\x07" * 0x4000)


def cell(surface, column, row, width=9, height=16):
    return surface.pixels[
        row * height : (row + 1) * height, column * width : (column + 1) * width
    ].tolist()


def glyph(rows, foreground, background, ninth=False):
    """Return the dots of a glyph, worked out bit by bit."""
    return [
        [foreground if row >> bit & 1 else background for bit in range(7, -1, -1)]
        + [foreground if ninth and row & 1 else background]
        for row in rows
    ]


def test_characters_in_nine_dot_cells(guest):
    guest.write(0xB8000, b"A\x1e")
    guest.write(0xB8000 + 2 * (80 * 24 + 79), b"B\x70")
    surface = guest.vga.open_surface()
    update = surface.update()
    assert (surface.width, surface.height, surface.mode) == (720, 400, "text 80x25")
    assert update.dirty == [(0, 400)]
    assert cell(surface, 0, 0) == glyph(FONT[0x41], colour(14), colour(1))
    assert cell(surface, 79, 24) == glyph(FONT[0x42], colour(0), colour(7))
    assert cell(surface, 1, 0) == glyph(FONT[0x20], colour(7), colour(0))


def test_the_whole_screen_follows_characters_and_attributes(guest):
    random = np.random.default_rng(1)
    characters = random.choice(list(FONT), 2000)
    attributes = random.integers(0, 0x80, 2000)
    guest.write(0xB8000, np.stack((characters, attributes), 1).astype(np.uint8).tobytes())
    surface = guest.vga.open_surface()
    surface.update()
    for n, (character, attribute) in enumerate(zip(characters, attributes, strict=True)):
        expected = glyph(
            FONT[int(character)], colour(attribute & 15), colour(attribute >> 4),
            ninth=0xC0 <= character <= 0xDF,
        )  # fmt: skip
        assert cell(surface, n % 80, n // 80) == expected


def test_line_graphics_reach_the_ninth_column_only_where_enabled(guest):
    guest.write(0xB8000, b"\xc4\x07\xe0\x07")
    surface = guest.vga.open_surface()
    surface.update()
    assert cell(surface, 0, 0)[7] == [colour(7)] * 9
    assert cell(surface, 1, 0)[7] == [colour(7)] * 8 + [colour(0)]
    guest.attribute(0x10, 0x08)
    surface.update()
    assert cell(surface, 0, 0)[7] == [colour(7)] * 8 + [colour(0)]


def test_only_changed_rows_are_dirty(guest):
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.update().dirty == []
    for settled in (False, True):
        guest.write(0xB8000 + 160 * 3 + 158, b"A")
        guest.write(0xB8000 + 160 * 4, b"B")
        guest.write(0xB8000 + 160 * 20, b"B")
        assert surface.update().dirty == [(48, 80), (320, 336)], settled
        guest.write(0xB8000, b"\x20\x07" * 2000)
        surface.update()
        guest.settle()


def test_two_surfaces_do_not_disturb_each_other(guest):
    first, second = guest.vga.open_surface(), guest.vga.open_surface()
    first.update()
    guest.write(0xB8000, b"A")
    assert first.update().dirty == [(0, 16)]
    assert second.update().dirty == [(0, 400)]
    assert np.array_equal(first.pixels, second.pixels)


def test_palette_and_dac_changes_redraw(guest):
    surface = guest.vga.open_surface()
    surface.update()
    pixels = surface.pixels
    guest.dac(0, (63, 0, 0))
    assert surface.update().dirty == [(0, 400)]
    assert surface.pixels is pixels
    assert cell(surface, 0, 0)[0][0] == 0xFF0000
    guest.attribute(0, 1)
    surface.update()
    assert cell(surface, 0, 0)[0][0] == colour(1)


def test_colour_select_and_pel_mask(guest):
    guest.dac(0x40, (10, 20, 30))
    guest.dac(0xC0, (30, 20, 10))
    surface = guest.vga.open_surface()
    guest.attribute(0x14, 0x04)  # colour bits 7:6 = 01
    surface.update()
    assert cell(surface, 0, 0)[0][0] == rgb(10, 20, 30)
    guest.attribute(0x10, 0x8C)  # colour bits 5:4 from colour select as well
    guest.attribute(0x14, 0x0C)
    surface.update()
    assert cell(surface, 0, 0)[0][0] == rgb(30, 20, 10)
    guest.bench.outb(0x3C6, 0x3F)
    surface.update()
    assert cell(surface, 0, 0)[0][0] == colour(0)


def test_cursor_shape_position_and_blinking(guest):
    guest.crtc(0x0A, 13)
    guest.crtc(0x0B, 14)
    guest.crtc(0x0E, 0)
    guest.crtc(0x0F, 81)
    guest.bench.clock = 20 * 32 * FRAME
    surface = guest.vga.open_surface()
    surface.update()
    shown = cell(surface, 1, 1)
    assert [row == [colour(7)] * 9 for row in shown] == [False] * 13 + [True] * 2 + [False]
    guest.bench.clock += 8 * FRAME
    assert surface.update().dirty == [(16, 32)]
    assert cell(surface, 1, 1) == glyph(FONT[0x20], colour(7), colour(0))
    guest.bench.clock += 8 * FRAME
    assert surface.update().dirty == [(16, 32)]
    guest.crtc(0x0F, 160)
    assert surface.update().dirty == [(16, 48)]
    guest.crtc(0x0B, 0x34)  # skew by one character, last row 20
    surface.update()
    assert cell(surface, 1, 2)[13] == cell(surface, 1, 2)[15] == [colour(7)] * 9
    guest.crtc(0x0A, 15)
    guest.crtc(0x0B, 2)  # ends before it starts
    surface.update()
    assert cell(surface, 1, 2) == cell(surface, 0, 2) == glyph(FONT[0x20], 0, colour(0))


def test_blinking_attribute_or_bright_background(guest):
    guest.write(0xB8000, b"A\x9e")
    guest.bench.clock = 20 * 32 * FRAME
    surface = guest.vga.open_surface()
    surface.update()
    assert cell(surface, 0, 0) == glyph(FONT[0x41], colour(14), colour(1))
    guest.bench.clock += 16 * FRAME
    assert surface.update().dirty == [(0, 16)]
    assert cell(surface, 0, 0) == glyph(FONT[0x20], 0, colour(1))
    guest.attribute(0x10, 0x04)
    surface.update()
    assert cell(surface, 0, 0) == glyph(FONT[0x41], colour(14), colour(9))


def test_512_characters_by_attribute_bit_3(guest):
    guest.load_font({0x41: bytes(range(0x80, 0x90))}, offset=0x4000)
    guest.write(0xB8000, b"A\x07A\x0f")
    guest.sequencer(3, 0x04)  # map A (bit 3 set) is the second font, map B the first
    surface = guest.vga.open_surface()
    surface.update()
    assert cell(surface, 0, 0) == glyph(FONT[0x41], colour(7), colour(0))
    assert cell(surface, 1, 0) == glyph(range(0x80, 0x90), colour(15), colour(0))


def test_font_change_redraws(guest):
    surface = guest.vga.open_surface()
    guest.write(0xB8000, b"A\x07")
    surface.update()
    guest.load_font({0x41: b"\xff" * 16})
    assert surface.update().dirty == [(0, 400)]
    assert cell(surface, 0, 0)[3] == [colour(7)] * 8 + [colour(0)]


def test_start_address_scrolls_by_rows_and_columns(guest):
    guest.write(0xB8000 + 2 * 81, b"A\x07")
    guest.crtc(0x0D, 80)
    surface = guest.vga.open_surface()
    surface.update()
    assert cell(surface, 1, 0) == glyph(FONT[0x41], colour(7), colour(0))
    guest.crtc(0x0D, 81)
    surface.update()
    assert cell(surface, 0, 0) == glyph(FONT[0x41], colour(7), colour(0))


def test_offset_register_sets_the_distance_of_rows(guest):
    guest.write(0xB8000 + 2 * 128, b"A\x07")
    guest.crtc(0x13, 64)
    surface = guest.vga.open_surface()
    surface.update()
    assert cell(surface, 0, 1) == glyph(FONT[0x41], colour(7), colour(0))


def test_smooth_scrolling(guest):
    guest.write(0xB8000, b"A\x07B\x07")
    guest.crtc(0x08, 5)
    guest.attribute(0x13, 2)  # three dots: 8 means none
    surface = guest.vga.open_surface()
    surface.update()
    expected = [
        a[3:] + b[:3]
        for a, b in zip(
            glyph(FONT[0x41], colour(7), colour(0)), glyph(FONT[0x42], colour(7), colour(0)),
            strict=True,
        )
    ][5:]  # fmt: skip
    assert surface.pixels[:11, :9].tolist() == expected


def test_split_screen_starts_at_address_0_without_panning(guest):
    guest.write(0xB8000, b"A\x07")
    guest.write(0xB8000 + 2 * 800, b"B\x07")
    guest.crtc(0x0C, 800 >> 8)
    guest.crtc(0x0D, 800 & 0xFF)
    guest.crtc(0x18, 99)
    guest.crtc(0x07, 0x0F)
    guest.crtc(0x09, 0x0F)
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.pixels[:16, :9].tolist() == glyph(FONT[0x42], colour(7), colour(0))
    assert surface.pixels[100:116, :9].tolist() == glyph(FONT[0x41], colour(7), colour(0))
    guest.attribute(0x13, 0)
    guest.attribute(0x10, 0x2C)
    surface.update()
    shifted = [row[1:] for row in glyph(FONT[0x42], colour(7), colour(0))]
    assert surface.pixels[:16, :8].tolist() == shifted
    assert surface.pixels[100:116, :9].tolist() == glyph(FONT[0x41], colour(7), colour(0))


def test_forty_columns_have_double_dots():
    guest = Guest()
    start(guest, TEXT_40x25)
    guest.write(0xB8000 + 2, b"A\x07")
    surface = guest.vga.open_surface()
    surface.update()
    assert (surface.width, surface.height, surface.mode) == (720, 400, "text 40x25")
    shown = cell(surface, 1, 0, width=18)
    expected = glyph(FONT[0x41], colour(7), colour(0))
    assert [row[0::2] for row in shown] == [row[1::2] for row in shown] == expected


def test_eight_dot_cells_and_double_scan(guest):
    guest.write(0xB8000, b"A\x07")
    guest.sequencer(1, 1)
    guest.crtc(0x09, 0xC7)  # eight rows, each on two lines
    surface = guest.vga.open_surface()
    surface.update()
    assert (surface.width, surface.height, surface.mode) == (640, 400, "text 80x25")
    shown = cell(surface, 0, 0, width=8)
    expected = [row[:8] for row in glyph(FONT[0x41], colour(7), colour(0))][:8]
    assert shown[0::2] == shown[1::2] == expected


def test_monochrome_text_underlines():
    guest = Guest()
    start(guest, MONO_80x25)
    guest.write(0xB0000, b"\x20\x01\x20\x07\x20\x70")
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.mode == "text 80x25"
    assert cell(surface, 0, 0)[13] == [rgb(*COLOURS[8])] * 9
    assert cell(surface, 0, 0)[12] == cell(surface, 1, 0)[13] == [rgb(*COLOURS[0])] * 9
    assert cell(surface, 2, 0)[5] == [rgb(*COLOURS[8])] * 9
    assert guest.vga.screen_text().strip() == ""


def test_screen_text(guest):
    guest.write(0xB8000 + 160, b"C\x07:\x07\x81\x07\x03\x07\x00\x07")
    assert guest.vga.screen_text() == "\nC:ü♥" + "\n" * 23
    guest.settle()
    guest.write(0xB8000, b"X\x07")
    assert guest.vga.screen_text().startswith("X\nC:ü♥\n")
    guest.graphics(6, 0x05)
    assert guest.vga.screen_text() is None


@pytest.mark.parametrize(
    "turn_off",
    [
        lambda guest: (guest.bench.inb(0x3DA), guest.bench.outb(0x3C0, 0)),
        lambda guest: guest.sequencer(1, 0x20),
        lambda guest: guest.sequencer(0, 1),
        lambda guest: guest.crtc(0x17, 0x23),
    ],
)
def test_blank_screen(guest, turn_off):
    guest.dac(0, (63, 63, 63))
    surface = guest.vga.open_surface()
    surface.update()
    assert surface.pixels[0, 0] == 0xFFFFFF
    turn_off(guest)
    assert surface.update().dirty == [(0, 400)]
    assert surface.mode == "blank"
    assert not surface.pixels.any()
    assert surface.update().dirty == []
    guest.set_mode(TEXT_80x25)
    assert surface.update().dirty == [(0, 400)]
    assert surface.pixels[0, 0] == 0xFFFFFF


def test_a_new_surface_is_blank():
    surface = Guest().vga.open_surface()
    assert surface.mode == "blank"
    assert surface.pixels.shape == (surface.height, surface.width)
    assert not surface.pixels.any()
    assert surface.update().dirty == []
