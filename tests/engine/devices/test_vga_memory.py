"""VGA: what the CPU sees at A0000h-BFFFFh, against a bit-by-bit model of the data sheet."""

import functools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.iom import read_range, write_range
from engine.pdm import ResetKind
from tests.engine.devices.vga_modes import (
    CGA_320x200x4,
    CGA_640x200x2,
    Guest,
    MODE_X_320x240,
    TEXT_80x25,
    VGA_320x200x256,
    VGA_640x480x16,
    vga_bench,
)


class Model:
    """Four planes and the data paths of the VGA, one bit at a time.

    CPU addresses are halved in odd/even and quartered in chain-4 addressing.
    """

    def __init__(self):
        self.planes = [bytearray(0x10000) for _ in range(4)]
        self.latches = [0, 0, 0, 0]
        self.sequencer = [3, 0, 0, 0, 0]
        self.graphics = [0] * 9

    def window(self):
        return ((0xA0000, 0x20000), (0xA0000, 0x10000), (0xB0000, 0x8000), (0xB8000, 0x8000))[
            self.graphics[6] >> 2 & 3
        ]

    def locate(self, address):
        base, size = self.window()
        if not base <= address < base + size:
            return None
        offset = address - base
        if self.sequencer[4] & 8:
            return offset >> 2, offset
        return (offset >> 1 if self.graphics[6] & 2 else offset) & 0xFFFF, offset

    def read(self, address):
        place = self.locate(address)
        if place is None:
            return 0xFF
        where, offset = place
        self.latches = [plane[where] for plane in self.planes]
        if self.sequencer[4] & 8:
            selected = offset & 3
        elif self.graphics[5] & 0x10:
            selected = self.graphics[4] & 2 | offset & 1
        else:
            selected = self.graphics[4]
        if not self.graphics[5] & 8:
            return self.latches[selected]
        value = 0
        for bit in range(8):
            if all(
                (self.latches[p] >> bit & 1) == (self.graphics[2] >> p & 1)
                for p in range(4)
                if self.graphics[7] >> p & 1
            ):
                value |= 1 << bit
        return value

    def write(self, address, value):
        place = self.locate(address)
        if place is None:
            return
        where, offset = place
        for p in range(4):
            enabled = self.sequencer[2] >> p & 1
            if self.sequencer[4] & 8:
                enabled &= offset & 3 == p
            elif not self.sequencer[4] & 4:
                enabled &= offset & 1 == p & 1
            if enabled:
                self.planes[p][where] = self.byte(p, value)

    def byte(self, p, value):
        graphics, latch = self.graphics, self.latches[p]
        mode = graphics[5] & 3
        if mode == 1:
            return latch
        rotation = graphics[3] & 7
        rotated = (value >> rotation | value << (8 - rotation)) & 0xFF
        mask = graphics[8]
        if mode == 0:
            data = rotated
            if graphics[1] >> p & 1:
                data = 0xFF if graphics[0] >> p & 1 else 0
        elif mode == 2:
            data = 0xFF if value >> p & 1 else 0
        else:
            data = 0xFF if graphics[0] >> p & 1 else 0
            mask &= rotated
        result = 0
        for bit in range(8):
            new, old = data >> bit & 1, latch >> bit & 1
            new = (new, new & old, new | old, new ^ old)[graphics[3] >> 3 & 3]
            result |= (new if mask >> bit & 1 else old) << bit
        return result


def access(guest, address, size, value=None):
    """Access memory with one CPU access, whatever is mapped there."""
    region = guest.bench.memory.section_at(address).region
    if region.memory is not None:
        at = address - region.base + region.offset
        if value is None:
            return int.from_bytes(region.memory.view[at : at + size], "little")
        region.memory.view[at : at + size] = value.to_bytes(size, "little")
        return None
    if value is None:
        return read_range(region.block, address - region.block.base, size)
    write_range(region.block, address - region.block.base, value, size)
    return None


SEQUENCER_MASKS = (0x03, 0x3D, 0x0F, 0x3F, 0x0E)
GRAPHICS_MASKS = (0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF)

CONTENTS = [random.Random(seed).randbytes(0x10000) for seed in range(4)]
addresses = st.sampled_from(
    [0xA0000, 0xA0001, 0xA0010, 0xA0013, 0xA7FF0, 0xAFF00, 0xB0004, 0xB8000, 0xB8002, 0xB8005]
)
# Values that programs use, and others.
graphics_writes = st.one_of(
    st.tuples(st.just("graphics"), st.integers(0, 8), st.integers(0, 0xFF)),
    st.tuples(st.just("graphics"), st.just(4), st.integers(0, 3)),
    st.tuples(st.just("graphics"), st.just(5), st.sampled_from([0, 1, 2, 3, 8, 0x10, 0x40])),
    st.tuples(st.just("graphics"), st.just(8), st.sampled_from([0xFF, 0x0F, 0x80])),
)
steps = st.one_of(
    st.tuples(st.just("sequencer"), st.sampled_from([2, 4]), st.integers(0, 0xF)),
    graphics_writes,
    st.tuples(st.just("read"), addresses, st.sampled_from([1, 2, 4])),
    st.tuples(
        st.just("write"), addresses, st.sampled_from([1, 2, 4]), st.integers(0, 0xFFFFFFFF)
    ),
    st.tuples(st.just("settle")),
    st.tuples(st.just("mode"), st.sampled_from(
        [TEXT_80x25, CGA_320x200x4, CGA_640x200x2, VGA_640x480x16, VGA_320x200x256, MODE_X_320x240]
    )),
)  # fmt: skip


@pytest.fixture(scope="module")
def bench():
    return vga_bench()


@settings(max_examples=250, deadline=None)
@given(st.lists(steps, min_size=15, max_size=60))
def test_every_data_path_against_the_model(bench, sequence):
    guest, model = Guest(bench), Model()
    guest.vga.reset(ResetKind.POWER_ON)
    guest.bench.outb(0x3C2, 0x63)
    for plane in range(4):  # different everywhere, so that every wrong address shows
        model.planes[plane][:] = CONTENTS[plane]
        guest.vga.video.bytes[plane : 4 * 0x10000 : 4] = bytearray(CONTENTS[plane])
    for kind, *arguments in sequence:
        if kind == "sequencer":
            index, value = arguments
            guest.sequencer(index, value)
            model.sequencer[index] = value & SEQUENCER_MASKS[index]
        elif kind == "graphics":
            index, value = arguments
            guest.graphics(index, value)
            model.graphics[index] = value & GRAPHICS_MASKS[index]
        elif kind == "mode":
            (mode,) = arguments
            guest.set_mode(mode)
            model.sequencer = [3, *mode.sequencer]
            model.graphics = list(mode.graphics)
        elif kind == "settle":
            guest.settle()
        elif kind == "read":
            address, size = arguments
            if guest.vga.video.view is not None:
                # Mapped memory does not load the latches; guests that need them have left it.
                latches = list(model.latches)
                expected = [model.read(address + i) for i in range(size)]
                model.latches = latches
            else:
                expected = [model.read(address + i) for i in range(size)]
            value = access(guest, address, size)
            assert value == int.from_bytes(bytes(expected), "little")
        else:
            address, size, value = arguments
            value &= (1 << 8 * size) - 1
            access(guest, address, size, value)
            for i in range(size):
                model.write(address + i, value >> 8 * i & 0xFF)
    for plane in range(4):
        assert guest.plane(plane, 0, 0x10000) == model.planes[plane]


# ------------------------------------------------------------------ views


def test_text_memory_is_mapped_into_the_guest_and_reaches_the_planes():
    guest = Guest()
    guest.set_mode(TEXT_80x25)
    guest.write(0xB8000, b"A\x07")
    guest.settle()
    assert guest.bench.memory.section_at(0xB8000).region.memory is guest.vga.cells
    assert guest.read(0xB8000, 2) == b"A\x07"
    guest.write(0xB8002, b"B\x1f")
    guest.load_font({0: bytes(16)})
    assert guest.bench.memory.section_at(0xB8000).region.block is not None
    assert guest.plane(0, 0, 2) + guest.plane(1, 0, 2) == b"AB\x07\x1f"
    guest.write(0xB8004, b"C\x70")
    guest.settle()
    assert guest.read(0xB8000, 6) == b"A\x07B\x1fC\x70"


def test_chain_4_is_video_memory_itself():
    guest = Guest()
    guest.set_mode(VGA_320x200x256)
    guest.settle()
    guest.write(0xA0000, range(16))
    assert bytes(guest.vga.video.bytes[:16]) == bytes(range(16))
    guest.set_mode(MODE_X_320x240)
    guest.sequencer(2, 0x4)
    guest.write(0xA0001, b"\xaa")
    guest.set_mode(VGA_320x200x256)
    guest.settle()
    assert guest.read(0xA0000, 8) == bytes((0, 1, 2, 3, 4, 5, 0xAA, 7))


def test_cga_modes_are_mapped():
    guest = Guest()
    for mode in (CGA_320x200x4, CGA_640x200x2):
        guest.set_mode(mode)
        guest.settle()
        assert guest.bench.memory.section_at(0xB8000).region.memory is guest.vga.cells
        guest.write(0xB8000, b"\x12\x34")
        guest.write(0xBA000, b"\x56")
        assert guest.read(0xB8000, 2) == b"\x12\x34"
    assert guest.plane(0, 0, 2) == b"\x12\x34"
    assert guest.plane(0, 0x2000, 1) == b"\x56"


def test_addresses_outside_the_window_read_all_ones():
    guest = Guest()
    guest.set_mode(TEXT_80x25)
    for settled in (False, True):
        guest.write(0xA0000, b"\x00")
        guest.write(0xB0000, b"\x00")
        assert guest.read(0xA0000, 1) == guest.read(0xB0000, 1) == b"\xff", settled
        guest.settle()


def test_memory_disabled_by_the_miscellaneous_register():
    guest = Guest()
    guest.set_mode(TEXT_80x25)
    guest.settle()
    guest.write(0xB8000, b"A")
    guest.bench.outb(0x3C2, 0x65)
    assert guest.read(0xB8000, 1) == b"\xff"
    guest.write(0xB8000, b"B")
    guest.bench.outb(0x3C2, 0x67)
    assert guest.read(0xB8000, 1) == b"A"


def test_a_view_is_not_mapped_while_registers_keep_changing():
    guest = Guest()
    guest.set_mode(VGA_320x200x256)
    mapped = 0
    for _ in range(200):
        guest.sequencer(2, 1)
        guest.sequencer(2, 0xF)
        guest.bench.advance(400_000)
        mapped += guest.vga.video.view is not None
    assert mapped < 20
    guest.bench.advance(60_000_000)
    assert guest.vga.video.view is not None


def test_latched_copy_moves_four_planes():
    guest = Guest()
    guest.set_mode(VGA_640x480x16)
    for plane in range(4):
        guest.sequencer(2, 1 << plane)
        guest.write(0xA0000, [0x11 << plane])
    guest.sequencer(2, 0xF)
    guest.graphics(5, 1)
    guest.read(0xA0000, 1)
    access(guest, 0xA0100, 4, 0)
    for plane in range(4):
        assert guest.plane(plane, 0x100, 5) == bytes([0x11 << plane] * 4 + [0])


@pytest.mark.parametrize("size", [1, 2, 4])
def test_planar_access_of_every_size_wraps_at_64k(size):
    guest = Guest()
    guest.set_mode(VGA_640x480x16)
    access(guest, 0xAFFFF, size, 0x04030201)
    access(guest, 0xAFFFE, size, 0x14131211)
    assert guest.plane(0, 0xFFFE, 2) == (b"\x11\x01" if size == 1 else b"\x11\x12")


@pytest.mark.parametrize(
    "mode", [TEXT_80x25, CGA_320x200x4, CGA_640x200x2, VGA_320x200x256], ids=range(4)
)
@pytest.mark.parametrize(
    ("index", "value"), [(1, 1), (3, 3), (3, 0x10), (5, 1), (5, 2), (5, 3), (5, 8), (8, 0x7F)]
)
def test_whatever_makes_memory_behave_differently_ends_the_mapping(mode, index, value):
    guest = Guest(_bench_for_views())
    guest.set_mode(mode)
    guest.settle()
    assert guest.vga.video.view is not None
    guest.graphics(index, value | (mode.graphics[5] & 0x70 if index == 5 else 0))
    assert guest.vga.video.view is None
    guest.settle()
    assert guest.vga.video.view is None
    guest.graphics(index, mode.graphics[index])
    guest.sequencer(2, 0x4)
    guest.settle()
    assert guest.vga.video.view is None


@pytest.mark.parametrize(("mode", "plane"), [(TEXT_80x25, 2), (CGA_640x200x2, 1)])
def test_reading_another_plane_ends_the_mapping(mode, plane):
    guest = Guest(_bench_for_views())
    guest.set_mode(mode)
    guest.settle()
    guest.graphics(4, plane)
    guest.settle()
    assert guest.vga.video.view is None


@functools.cache
def _bench_for_views():
    return vga_bench()
