"""VGA: rows are looked for where an engine's log of written pages says; nothing stays stale."""

import random

import numpy as np
import pytest

from tests.engine.devices.vga_modes import Guest, vga_bench

LFB = 0xE0000000
PAGE = 4096
WIDTH, HEIGHT = 800, 600


class LoggingEngine:
    """The log of one window as an engine has it."""

    def __init__(self, memory):
        self.memory = memory
        self.pages = 0
        self.pulls = 0
        self.error = None
        memory.log.follow(LFB, 0, self.pull)

    def pull(self):
        self.pulls += 1
        if self.error:
            raise self.error
        pages, self.pages = self.pages, 0
        return pages

    def store(self, offset, data):
        """A store of the guest's, of which the device hears nothing."""
        self.memory.view[offset : offset + len(data)] = data
        for page in range(offset // PAGE, (offset + len(data) - 1) // PAGE + 1):
            self.pages |= 1 << page

    def store_unseen(self, offset, data):
        self.memory.view[offset : offset + len(data)] = data


@pytest.fixture
def guest():
    guest = Guest(vga_bench(vram_mib=16))
    guest.map_bars(LFB)
    guest.bench.outb(0x3C2, 0x67)
    guest.dac(0, *[(n & 63, n >> 2, 63 - (n >> 3)) for n in range(256)])
    guest.bench.inb(0x3DA)
    guest.bench.outb(0x3C0, 0x20)
    guest.set_vbe(WIDTH, HEIGHT, 32)
    return guest


def whole(guest):
    """What a surface that has seen nothing shows."""
    surface = guest.vga.open_surface()
    surface.update()
    return surface.pixels


def test_only_rows_in_written_pages_are_compared(guest):
    engine = LoggingEngine(guest.vga.vram)
    surface = guest.vga.open_surface()
    surface.update()
    engine.store_unseen(10 * WIDTH * 4, b"\xff" * 4)  # shows that nobody looked
    engine.store(300 * WIDTH * 4, b"\x11\x22\x33\x00")
    assert surface.update().dirty == [(300, 301)]
    assert surface.pixels[300, 0] == 0x332211
    assert surface.pixels[10, 0] == 0
    assert surface.update().dirty == []


def test_every_surface_has_a_view_of_its_own(guest):
    engine = LoggingEngine(guest.vga.vram)
    first, second = guest.vga.open_surface(), guest.vga.open_surface()
    first.update()
    second.update()
    engine.store(0, b"\x01")
    assert first.update().dirty == [(0, 1)]
    assert first.update().dirty == []
    assert second.update().dirty == [(0, 1)]


def test_a_log_that_fails_makes_everything_be_compared(guest):
    engine = LoggingEngine(guest.vga.vram)
    surface = guest.vga.open_surface()
    surface.update()
    engine.store_unseen(20 * WIDTH * 4, b"\xff" * 4)
    engine.error = OSError("no log")
    assert surface.update().dirty == [(20, 21)]
    assert not guest.vga.vram.log.complete


def test_a_moved_start_compares_everything(guest):
    LoggingEngine(guest.vga.vram)
    guest.dispi(6, WIDTH)
    surface = guest.vga.open_surface()
    surface.update()
    guest.vga.vram.view[0:4] = b"\xff\xff\xff\x00"
    guest.dispi(9, 1)
    surface.update()
    guest.dispi(9, 0)
    surface.update()
    assert np.array_equal(surface.pixels, whole(guest))


def test_other_modes_in_between_leave_nothing_stale(guest):
    LoggingEngine(guest.vga.vram)
    surface = guest.vga.open_surface()
    surface.update()
    guest.dispi(4, 0)
    guest.vga.vram.view[0:4] = b"\xff\xff\xff\x00"  # through the planes, which nobody notes
    guest.dispi(4, 0xC1)
    surface.update()
    assert surface.pixels[0, 0] == 0xFFFFFF


def test_what_the_host_side_writes_is_seen(guest):
    engine = LoggingEngine(guest.vga.vram)
    surface = guest.vga.open_surface()
    surface.update()
    guest.bench.memory.write(LFB + 5 * WIDTH * 4, b"\x10\x20\x30\x00")  # a bus master
    guest.vga.cpu.write(0, 0x77, 1)  # the banked window while handlers serve it
    assert surface.update().dirty == [(0, 1), (5, 6)]
    engine.memory.log.leave(LFB)
    engine.memory.log.mark(7 * WIDTH * 4, 1)
    engine.store_unseen(7 * WIDTH * 4, b"\x01")
    assert surface.update().dirty == [(7, 8)]


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_random_stores_end_in_the_same_picture(guest, bits):
    engine = LoggingEngine(guest.vga.vram)
    guest.set_vbe(801, 33, bits)
    chance = random.Random(bits)
    surface = guest.vga.open_surface()
    for _ in range(30):
        for _ in range(chance.randrange(4)):
            engine.store(chance.randrange(130_000), chance.randbytes(chance.randrange(1, 6000)))
        surface.update()
        assert np.array_equal(surface.pixels, whole(guest))
    assert engine.pulls >= 60
