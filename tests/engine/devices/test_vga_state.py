"""VGA: saved states, and guests that write anything anywhere."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SavedStateError
from engine.pdm import ResetKind
from tests.engine.devices.vga_modes import (
    CGA_320x200x4,
    Guest,
    MODE_X_320x240,
    TEXT_80x25,
    VGA_320x200x256,
    VGA_640x480x16,
    vga_bench,
)


def picture(guest):
    surface = guest.vga.open_surface()
    surface.update()
    return surface.mode, surface.pixels.tolist()


def saved(vga):
    return msgspec.msgpack.encode(vga.state_to_save())


def restored(data, **config):
    """Return a guest on a new machine that goes on from a saved state."""
    guest = Guest(vga_bench(**config))
    load(guest.vga, data)
    return guest


def load(vga, data):
    vga.state = msgspec.msgpack.decode(data, type=type(vga).STATE)
    vga.state_loaded(type(vga).STATE_VERSION)


@pytest.mark.parametrize(
    "mode", [TEXT_80x25, CGA_320x200x4, VGA_640x480x16, VGA_320x200x256, MODE_X_320x240],
    ids=range(5),
)  # fmt: skip
@pytest.mark.parametrize("settled", [False, True])
def test_a_saved_state_shows_the_same_picture_and_goes_on(mode, settled):
    guest = Guest()
    guest.set_mode(mode)
    guest.dac(0, *[(n & 63, 63 - (n & 63), n >> 2) for n in range(256)])
    base = 0xB8000 if mode in (TEXT_80x25, CGA_320x200x4) else 0xA0000
    if settled:
        guest.settle()
    guest.write(base, bytes(range(1, 251)))
    guest.bench.outb(0x3C8, 7)
    guest.bench.outb(0x3C9, 1)  # in the middle of a colour
    other = restored(saved(guest.vga))
    other.bench.clock = guest.bench.clock
    other.crtc_port = guest.crtc_port
    assert picture(other) == picture(guest)
    for machine in (guest, other):
        machine.bench.outb(0x3C9, 2)
        machine.bench.outb(0x3C9, 3)
        machine.write(base + 100, b"\x5a" * 10)
        machine.settle()
        machine.write(base + 200, b"\xa5" * 10)
        machine.bench.clock = 10**9
    assert picture(other) == picture(guest)
    assert saved(other.vga) == saved(guest.vga)


def test_latches_and_flip_flop_are_saved():
    guest = Guest()
    guest.set_mode(VGA_640x480x16)
    guest.sequencer(2, 0xF)
    guest.write(0xA0000, b"\x5a")
    guest.read(0xA0000, 1)
    guest.bench.inb(0x3DA)
    guest.bench.outb(0x3C0, 0x31)
    other = restored(saved(guest.vga))
    other.graphics(5, 1)
    other.write(0xA0001, b"\x00")
    assert [other.plane(p, 1, 1) for p in range(4)] == [b"\x5a"] * 4
    other.bench.outb(0x3C0, 0x2A)
    assert other.bench.inb(0x3C1) == 0x2A


def test_a_dispi_mode_is_saved():
    guest = Guest(vga_bench(vram_mib=4))
    guest.set_vbe(800, 600, 16)
    guest.map_bars()
    guest.dispi(9, 10)
    guest.write(0xE0000000 + 1600 * 10, b"\xff\xff")
    other = restored(saved(guest.vga), vram_mib=4)
    assert picture(other) == picture(guest)


def test_only_memory_that_is_not_zero_is_saved():
    guest = Guest(vga_bench(vram_mib=16))
    guest.map_bars()
    guest.write(0xE0800000, b"\x01")
    state = guest.vga.state_to_save()
    assert [(block.offset, len(block.data)) for block in state.vram] == [(0x800000, 0x10000)]
    assert guest.vga.state.vram == []


def test_info_names_mode_view_and_registers():
    guest = Guest()
    guest.set_mode(TEXT_80x25)
    guest.settle()
    lines = guest.vga.info().splitlines()
    assert lines[:3] == ["mode: text 80x25", "view: cells", "misc: 67"]
    assert "graphics: 00 00 00 00 00 10 0e 0f ff" in lines


def test_loading_replaces_what_was_there():
    guest = Guest()
    blank = saved(guest.vga)
    guest.set_mode(TEXT_80x25)
    guest.settle()
    guest.write(0xB8000, b"A")
    load(guest.vga, blank)
    assert guest.vga.video.view is None
    assert not guest.vga.video.bytes.any()
    assert guest.read(0xB8000, 1) == b"\xff"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dac": bytes(10)}, "the saved dac has 10 bytes, not 768"),
        ({"crtc": bytes(99)}, "the saved crtc has 99 bytes"),
        ({"dac_component": 3}, "dac_component is 3"),
        ({"dac_read_index": 256}, "dac_read_index is 256"),
        ({"sequencer_index": -1}, "sequencer_index is -1"),
        ({"latch": 1 << 40}, "latch is"),
        ({"vram": [{"offset": 0xFFFFF, "data": bytes(2)}]}, "video memory at 0xfffff"),
        ({"vram": [{"offset": -1, "data": bytes(2)}]}, "video memory at -0x1"),
    ],
)
def test_damaged_states_are_refused(change, message):
    fields = msgspec.msgpack.decode(saved(Guest().vga)) | change
    with pytest.raises(SavedStateError, match=message):
        restored(msgspec.msgpack.encode(fields))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(
    st.sampled_from(["x_resolution", "y_resolution", "bits_per_pixel", "enable", "bank",
                     "virtual_width", "virtual_height", "x_offset", "y_offset", "index"]),
    st.integers(-5, 0x20000),
))  # fmt: skip
def test_dispi_registers_of_a_hostile_state_are_brought_into_range(registers):
    fields = msgspec.msgpack.decode(_power_on_state())
    fields["dispi"] |= registers
    fields["attribute_index"] = 0x20
    guest = _shared_guest()
    load(guest.vga, msgspec.msgpack.encode(fields))
    guest.vga.open_surface().update()
    guest.settle()
    guest.write(0xA0000, bytes(16))
    guest.read(0xAFFF0, 16)


ports = st.one_of(
    st.integers(0x3B0, 0x3BB), st.integers(0x3C0, 0x3DF), st.integers(0x1CE, 0x1D2),
    st.sampled_from([0x3C0, 0x3C5, 0x3CF, 0x3D5, 0x3C9, 0x1CF, 0x1CE]),
)  # fmt: skip
accesses = st.one_of(
    st.tuples(st.just("out"), ports, st.integers(0, 0xFFFFFFFF), st.sampled_from([1, 2, 4])),
    st.tuples(st.just("index"), st.sampled_from([0x3C4, 0x3CE, 0x3D4]),
              st.integers(0, 0x1F), st.integers(0, 0xFF)),
    st.tuples(st.just("dispi"), st.integers(0, 11), st.integers(0, 0xFFFF)),
    st.tuples(st.just("dispi"), st.just(4), st.sampled_from([0, 1, 0x41, 0x61, 0xC1])),
    st.tuples(st.just("dispi"), st.just(3), st.sampled_from([4, 8, 15, 16, 24, 32])),
    st.tuples(st.just("in"), ports, st.sampled_from([1, 2, 4])),
    st.tuples(st.just("memory"), st.integers(0xA0000, 0xBFFFF), st.binary(max_size=8)),
    st.tuples(st.just("update")),
    st.tuples(st.just("time"), st.integers(0, 10**8)),
    st.tuples(st.just("mode"), st.sampled_from([TEXT_80x25, VGA_640x480x16, VGA_320x200x256])),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(accesses, min_size=20, max_size=120))
def test_no_guest_can_raise_an_exception(sequence):
    guest = _shared_guest()
    guest.vga.reset(ResetKind.POWER_ON)
    bench, surface = guest.bench, guest.vga.open_surface()
    guest.bench.outb(0x3C2, 0x63)
    for kind, *arguments in sequence:
        if kind == "out":
            bench.ports.write(*arguments)
        elif kind == "index":
            port, index, value = arguments
            bench.outw(port, index | value << 8)
        elif kind == "dispi":
            guest.dispi(*arguments)
        elif kind == "in":
            port, size = arguments
            assert 0 <= bench.ports.read(port, size) < 1 << 8 * size
        elif kind == "memory":
            address, data = arguments
            guest.write(address, data)
            assert len(guest.read(address, len(data))) == len(data)
        elif kind == "mode":
            guest.set_mode(*arguments)
        elif kind == "time":
            bench.advance(*arguments)
        else:
            update = surface.update()
            assert surface.pixels.shape == (surface.height, surface.width)
            assert all(0 <= a < b <= surface.height for a, b in update.dirty)
            guest.vga.screen_text()
    bench.inb(0x3DA)
    bench.inb(0x3BA)
    bench.outb(0x3C0, 0x20)
    surface.update()
    assert restored_equals(guest)


def restored_equals(guest):
    """Whether a state that the guest has reached survives saving."""
    data = saved(guest.vga)
    load(guest.vga, data)
    return saved(guest.vga) == data


_cache = {}


def _shared_guest():
    if "guest" not in _cache:
        _cache["guest"] = Guest()
    return _cache["guest"]


def _power_on_state():
    if "state" not in _cache:
        _cache["state"] = saved(Guest().vga)
    return _cache["state"]
