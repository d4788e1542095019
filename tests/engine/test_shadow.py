"""System ROM, shadow RAM (PAM) and SMRAM on the memory map."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import FirmwareMissingError
from engine.iom import Range
from engine.pgm import FOUR_GIB, PhysicalMemory
from engine.shadow import ShadowRam

KB = 1024
SEGMENTS = [*range(0xC0000, 0xF0000, 0x4000), 0xF0000]


def size_of(segment):
    return 0x10000 if segment == 0xF0000 else 0x4000


def machine(size=256 * KB):
    image = bytes((i >> 12 ^ i) & 0xFF for i in range(size))
    memory = PhysicalMemory(2 << 20)
    memory.ram.view[0xA0000:0x100000] = b"R" * 0x60000
    return memory, ShadowRam(memory, image), image


def test_the_rom_ends_at_4_gib_and_shows_its_last_128_kib_below_1_mib():
    memory, _, image = machine()
    assert memory.read(FOUR_GIB - len(image), len(image)) == image
    assert memory.read(0xE0000, 0x20000) == image[-0x20000:]
    assert memory.read(0xC0000, 16) == b"\xff" * 16
    memory.write(0xFFFF0, b"??")
    memory.write(FOUR_GIB - 16, b"??")
    assert memory.read(0xFFFF0, 16) == image[-16:]


def test_a_small_rom_leaves_the_rest_open():
    memory, _, image = machine(64 * KB)
    assert memory.read(0xF0000, 0x10000) == image
    assert memory.read(0xE0000, 4) == b"\xff" * 4


@pytest.mark.parametrize("size", [0, 1000, 64 * KB + 1, (16 << 20) + 64 * KB])
def test_images_that_are_no_bios(size):
    with pytest.raises(FirmwareMissingError, match=str(size)):
        ShadowRam(PhysicalMemory(1 << 20), bytes(size))


def test_firmware_copies_itself_into_shadow_ram():
    """Reads from ROM, writes to DRAM; then read-only DRAM; then plain DRAM."""
    memory, shadow, image = machine()
    shadow.set_pam(0xF0000, 0x10000, read=False, write=True)
    memory.write(0xF0000, memory.read(0xF0000, 0x10000))
    memory.write(0xF0010, b"patched")
    assert memory.read(0xF0010, 7) == image[-0x10000 + 0x10 :][:7]
    shadow.set_pam(0xF0000, 0x10000, read=True, write=False)
    assert memory.read(0xF0010, 7) == b"patched"
    assert memory.read(0xF0100, 0xF00) == image[-0x10000 + 0x100 :][:0xF00]
    memory.write(0xF0010, b"refused")
    assert memory.read(0xF0010, 7) == b"patched"
    shadow.set_pam(0xF0000, 0x10000, read=True, write=True)
    memory.write(0xF0010, b"written")
    assert memory.read(0xF0010, 7) == b"written"
    shadow.reset()
    assert memory.read(0xF0010, 7) == image[-0x10000 + 0x10 :][:7]
    assert bytes(memory.ram.view[0xF0010:0xF0017]) == b"written"


def test_smram_shows_the_dram_behind_the_adapter():
    memory, shadow, _ = machine()
    assert memory.read(0xA0000, 2) == b"\xff\xff"
    undo = memory.map_mmio(
        Range("vga/0", "aperture", 0xA0000, 0x20000, (1,), lambda offset, size: 0x11, None)
    )
    assert memory.read(0xA0000, 2) == b"\x11\x11"
    shadow.set_smram(visible=True)
    assert memory.read(0xA0000, 2) == b"RR"
    shadow.set_smram(visible=False)
    assert memory.read(0xBFFFF, 1) == b"\x11"
    undo()
    assert memory.read(0xA0000, 1) == b"\xff"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(SEGMENTS), st.booleans(), st.booleans(), st.integers(0, 255)),
        max_size=12,
    )
)
def test_against_a_model(steps):
    memory, shadow, image = machine()
    low = bytearray(memory.ram.view[0xC0000:0x100000])
    modes = dict.fromkeys(SEGMENTS, (False, False))
    for segment, read, write, value in steps:
        shadow.set_pam(segment, size_of(segment), read=read, write=write)
        modes[segment] = read, write
        for base in SEGMENTS:
            memory.write(base + 2, bytes([value]))
            if modes[base][1]:
                low[base + 2 - 0xC0000] = value
            place = base + 2
            if modes[base][0]:
                expected = low[place - 0xC0000]
            else:
                expected = image[len(image) - 0x100000 + place] if place >= 0xE0000 else 0xFF
            assert memory.read(place, 1) == bytes([expected])
