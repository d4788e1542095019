"""VGA: what its ports answer."""

import pytest

from tests.engine.devices.vga_modes import Guest, MONO_80x25, TEXT_80x25, VGA_640x480x16


@pytest.fixture
def guest():
    guest = Guest()
    guest.set_mode(TEXT_80x25)
    return guest


def test_indexed_registers_keep_only_bits_that_exist(guest):
    b = guest.bench
    for port, masks in (
        (0x3C4, [0x03, 0x3D, 0x0F, 0x3F, 0x0E]),
        (0x3CE, [0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF]),
    ):
        for index, mask in enumerate(masks):
            b.outb(port, index)
            b.outb(port + 1, 0xFF)
            assert b.inb(port + 1) == mask
            assert b.inw(port) == index | mask << 8


def test_crtc_registers_read_back_and_word_writes_take_index_and_data(guest):
    b = guest.bench
    for index in range(0x0A, 0x10):
        b.outw(0x3D4, index | (0x40 + index) << 8)
    for index in range(0x0A, 0x10):
        b.outb(0x3D4, index)
        assert b.inb(0x3D5) == 0x40 + index
    assert b.inb(0x3D4) == 0x0F


def test_undefined_indices_are_harmless(guest):
    b = guest.bench
    for port in (0x3C4, 0x3CE, 0x3D4):
        b.outb(port, 0xFF)
        b.outb(port + 1, 0x55)
        assert b.inb(port + 1) == 0


def test_crtc_write_protection_leaves_line_compare_bit_writable(guest):
    b = guest.bench
    guest.crtc(0x07, 0x0F)
    guest.crtc(0x11, 0x8E)
    guest.crtc(0x00, 0x12)
    guest.crtc(0x07, 0xF0)
    b.outb(0x3D4, 0)
    assert b.inb(0x3D5) == 0x5F
    b.outb(0x3D4, 7)
    assert b.inb(0x3D5) == 0x1F
    guest.crtc(0x08, 0x05)
    assert b.inb(0x3D5) == 0x05
    guest.crtc(0x11, 0x0E)
    guest.crtc(0x00, 0x12)
    assert b.inb(0x3D5) == 0x12


def test_colour_and_monochrome_addresses_exclude_each_other():
    guest = Guest()
    b = guest.bench
    guest.set_mode(TEXT_80x25)
    b.outb(0x3D4, 0x0E)
    b.outb(0x3D5, 0x12)
    b.outb(0x3B4, 0x0E)
    b.outb(0x3B5, 0x34)
    assert (b.inb(0x3D5), b.inb(0x3B5), b.inb(0x3BA)) == (0x12, 0xFF, 0xFF)
    guest.set_mode(MONO_80x25)
    b.outb(0x3B4, 0x0E)
    b.outb(0x3B5, 0x34)
    assert (b.inb(0x3B5), b.inb(0x3D5), b.inb(0x3DA)) == (0x34, 0xFF, 0xFF)
    assert b.inb(0x3CC) == 0x66


def test_attribute_flip_flop(guest):
    b = guest.bench
    b.inb(0x3DA)
    b.outb(0x3C0, 0x01)  # index
    b.outb(0x3C0, 0x2A)  # data
    b.outb(0x3C0, 0x02)  # index again
    assert b.inb(0x3C0) == 0x02
    b.inb(0x3DA)  # the next write is an index, whatever was before
    b.outb(0x3C0, 0x01)
    assert b.inb(0x3C1) == 0x2A
    b.outb(0x3C0, 0xFF)  # data: palette registers have six bits
    assert b.inb(0x3C1) == 0x3F


def test_dac_reads_and_writes_by_three(guest):
    b = guest.bench
    b.outb(0x3C8, 0x10)
    for value in (1, 2, 0xFF, 4, 5):
        b.outb(0x3C9, value)
    assert b.inb(0x3C8) == 0x11  # the second colour is not complete
    assert b.inb(0x3C7) & 3 == 0
    b.outb(0x3C7, 0x10)
    assert b.inb(0x3C7) & 3 == 3
    assert [b.inb(0x3C9) for _ in range(6)] == [1, 2, 0x3F, 0, 0, 0]
    b.outb(0x3C6, 0x0F)
    assert b.inb(0x3C6) == 0x0F


def test_dac_index_wraps(guest):
    b = guest.bench
    guest.dac(255, (1, 2, 3), (4, 5, 6))
    b.outb(0x3C7, 255)
    assert [b.inb(0x3C9) for _ in range(6)] == [1, 2, 3, 4, 5, 6]


def test_feature_control_and_video_enable(guest):
    b = guest.bench
    b.outb(0x3DA, 0x03)
    assert b.inb(0x3CA) == 0x03
    b.outb(0x3C3, 0x01)
    assert b.inb(0x3C3) == 1


@pytest.mark.parametrize(
    ("mode", "frame", "lines", "shown", "retrace"),
    # Total of 100 characters of 9 dots at 28.322 MHz, of 8 dots at 25.175 MHz.
    [
        (TEXT_80x25, 100 * 9 * 449 / 28.322e-3, 449, 400, (412, 414)),
        (VGA_640x480x16, 100 * 8 * 525 / 25.175e-3, 525, 480, (490, 492)),
    ],
)
def test_status_follows_the_beam(mode, frame, lines, shown, retrace):
    guest = Guest()
    guest.set_mode(mode)
    b = guest.bench
    start = b.clock

    def status_at(line, part):
        position = (line + part) * frame / lines
        periods = int(start / frame) + 1
        b.clock = int(periods * frame + position)
        return b.inb(0x3DA) & 0x09

    assert status_at(10, 0.3) == 0  # picture
    assert status_at(10, 0.9) == 1  # horizontal blanking
    assert status_at(shown - 1, 0.3) == 0
    assert status_at(shown + 1, 0.3) == 1
    assert status_at(retrace[0] + 0.2, 0.3) == 9
    assert status_at(retrace[1] + 0.2, 0.3) == 1


def test_a_half_programmed_crtc_still_has_retraces():
    guest = Guest()
    b = guest.bench
    b.outb(0x3C2, 1)
    seen = set()
    for _ in range(20_000):
        b.clock += 10_000
        seen.add(b.inb(0x3DA))
    assert any(value & 8 for value in seen)
    assert any(not value & 8 for value in seen)


def test_string_output_to_word_port_pairs(guest):
    b = guest.bench
    b.outw(0x3C4, 0x0502)
    assert b.inb(0x3C5) == 5
    b.outl(0x3CE, 0x00000F01)  # four bytes: index, data, and two ports that follow
    b.outb(0x3CE, 1)
    assert b.inb(0x3CF) == 0x0F
