from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.iom import Range
from engine.pdm.memory import DeviceMemory, HostMemory
from engine.pgm import (
    ADDRESS_SPACE_END,
    FOUR_GIB,
    LOW_RAM_LIMIT,
    PRIORITY_DEVICE,
    PRIORITY_SHADOW,
    PhysicalMemory,
    Region,
    RegionKind,
)

PAGE = 4096
MB = 1 << 20
VIDEO = 0xA0000


class Recorder:
    """An engine that keeps what it has been told as a map of pages."""

    def __init__(self):
        self.pages = {}
        self.invalidated = []

    def map_section(self, section):
        assert section.base < section.end
        if section.base >= 2 * MB:
            return  # the holes and windows above are not looked at page by page
        for page in range(section.base, section.end, PAGE):
            assert page not in self.pages, "mapped twice"
            self.pages[page] = section

    def unmap_section(self, section):
        if section.base >= 2 * MB:
            return
        for page in range(section.base, section.end, PAGE):
            assert self.pages.pop(page) == section

    def invalidate_code(self, base, size):
        self.invalidated.append((base, size))


def rom(base, size, data=b"\xab"):
    memory = HostMemory(size)
    memory.view[:] = data * (size // len(data))
    return Region("rom", RegionKind.ROM, base, size, PRIORITY_SHADOW, memory=memory)


# ------------------------------------------------------------------ layout of RAM


@pytest.mark.parametrize("size", [0, 1, MB - 1, MB + 1, -MB])
def test_ram_is_whole_megabytes(size):
    with pytest.raises(ConfigurationError, match="whole number of megabytes"):
        PhysicalMemory(size)


@pytest.mark.parametrize(
    ("size", "low"), [(MB, MB), (128 * MB, 128 * MB), (3584 * MB, 3584 * MB),
                      (4096 * MB, LOW_RAM_LIMIT)],
)  # fmt: skip
def test_ram_below_and_above_4_gib(size, low):
    memory = PhysicalMemory(size)
    assert memory.low_ram == low
    assert memory.section_at(low - 1).region.kind is RegionKind.RAM
    assert memory.section_at(low).region.kind is RegionKind.HOLE
    above = memory.section_at(FOUR_GIB)
    if size > low:
        assert above.host_address == memory.ram.address + low
        assert above.end == FOUR_GIB + size - low
        memory.write(FOUR_GIB, b"high")
        assert bytes(memory.ram.view[low : low + 4]) == b"high"
    else:
        assert above.region.kind is RegionKind.HOLE


def test_the_flat_map_covers_everything_once():
    sections = list(PhysicalMemory(16 * MB).sections())
    assert sections[0].base == 0
    assert sections[-1].end == ADDRESS_SPACE_END
    assert all(a.end == b.base for a, b in zip(sections, sections[1:], strict=False))


# ------------------------------------------------------------------ regions


@pytest.mark.parametrize(
    ("base", "size", "words"),
    [(1, PAGE, "whole 4 KiB"), (0, 100, "whole 4 KiB"), (0, 0, "whole 4 KiB"),
     (-PAGE, PAGE, "out of range"), (ADDRESS_SPACE_END, PAGE, "out of range")],
)  # fmt: skip
def test_regions_that_cannot_be(base, size, words):
    memory = PhysicalMemory(MB)
    with pytest.raises(ConfigurationError, match=words):
        memory.add(Region("bad", RegionKind.HOLE, base, size))
    assert memory.read(0, 4) == bytes(4)


def test_devices_hide_the_adapter_window_but_no_other_ram():
    memory = PhysicalMemory(16 * MB)
    for base in (0xA0000, 2 * MB, 15 * MB + 0xFF000):
        block = Range("vga/0", "regs", base, 2 * PAGE, (1,), lambda offset, size: 0x55, None)
        memory.map_mmio(block)
    assert memory.read(0xA0000, 2) == b"\x55\x55"
    assert memory.read(2 * MB, 2) == bytes(2)
    assert memory.read(16 * MB - PAGE, 2) == bytes(2)
    assert memory.read(16 * MB, 2) == b"\x55\x55"  # behind the end of RAM


def test_a_later_region_of_the_same_priority_wins():
    memory = PhysicalMemory(MB)
    first, second = rom(8 * MB, PAGE, b"1"), rom(8 * MB, 2 * PAGE, b"2")
    memory.add(first)
    memory.add(second)
    assert memory.read(8 * MB, 1) == b"2"
    memory.remove(second)
    assert memory.read(8 * MB, 1) == b"1"
    memory.remove(second)
    memory.remove(first)
    assert memory.read(8 * MB, 1) == b"\xff"


def test_replace_leaves_the_rest_of_the_map_alone():
    memory = PhysicalMemory(16 * MB)
    engine = Recorder()
    memory.attach_engine(engine)
    shadow = rom(0xC0000, 0x4000)
    before = dict(engine.pages)
    memory.replace([], [shadow])
    changed = {page for page in engine.pages if engine.pages[page] is not before[page]}
    assert changed == set(range(0xC0000, 0xC4000, PAGE))
    memory.replace([shadow], [])
    assert memory.read(0xC0000, 1) == b"\x00"


# ------------------------------------------------------------------ bus masters


def test_a_write_across_ram_rom_and_a_hole():
    memory = PhysicalMemory(MB)
    memory.add(rom(0xC4000, 0x4000))
    memory.write(0xC3FF0, b"x" * 0x20)
    assert memory.read(0xC3FF0, 0x20) == b"x" * 0x10 + b"\xab" * 0x10
    memory.write(0xC7FFE, b"yyyy")
    assert memory.read(0xC7FFE, 4) == b"\xab\xab" + b"yy"
    memory.write(MB - 2, b"zzzz")
    assert memory.read(MB - 2, 4) == b"zz\xff\xff"
    assert memory.read(ADDRESS_SPACE_END - 2, 4) == b"\xff" * 4
    memory.write(ADDRESS_SPACE_END, b"dropped")


def test_bus_masters_reach_registers_byte_by_byte():
    memory, seen = PhysicalMemory(MB), []
    block = Range("dev/0", "regs", 0xFE000000, 16, (1,), lambda offset, size: offset,
                  lambda *what: seen.append(what))  # fmt: skip
    undo = memory.map_mmio(block)
    assert memory.read(0xFE00000C, 6) == bytes([12, 13, 14, 15]) + b"\xff\xff"
    memory.write(0xFE00000E, b"abc")
    assert seen == [(14, ord("a"), 1), (15, ord("b"), 1)]
    undo()
    assert memory.read(0xFE000000, 1) == b"\xff"


def test_writes_to_ram_drop_translated_code():
    memory, engine = PhysicalMemory(2 * MB), Recorder()
    memory.attach_engine(engine)
    memory.write(0x9FFF0, b"q" * 0x20)
    memory.write(MB, b"abc")
    memory.changed_by_host(0x5000, 3)
    assert sum(size for _, size in engine.invalidated) == 0x20 + 3 + 3
    engine.invalidated.clear()
    memory.add(rom(0xC0000, PAGE))
    memory.write(0xC0000, b"dropped")
    assert engine.invalidated == []


def test_parts_of_ram_are_filled_in_place():
    memory, engine = PhysicalMemory(2 * MB), Recorder()
    memory.attach_engine(engine)
    pieces = [(MB + 5, 3), (0x1000, 2)]
    first, second = memory.views(pieces)
    first[:], second[:] = b"abc", b"de"
    memory.filled(pieces)
    assert memory.gather(pieces) == b"abcde"
    assert engine.invalidated == pieces
    for elsewhere in (VIDEO, 2 * MB - 1):
        assert memory.views([(0x1000, 2), (elsewhere, 2)]) is None


# ------------------------------------------------------------------ device memory


def window(memory, size=4 * PAGE, *, writable=True):
    return DeviceMemory(
        "vga/0/vram", size, writable=writable, map_window=memory.map_memory,
        drop_code=memory.changed_by_host,
    )  # fmt: skip


def test_device_memory_moves_and_goes():
    memory = PhysicalMemory(MB)
    vram = window(memory)
    assert vram.base is None
    vram.map(0xE0000000)
    vram.load(b"hello", PAGE)
    assert memory.read(0xE0001000, 5) == b"hello"
    vram.map(0xFD000000, offset=PAGE, size=PAGE)
    assert memory.read(0xFD000000, 5) == b"hello"
    assert memory.read(0xE0001000, 1) == b"\xff"
    memory.write(0xFD000000, b"j")
    assert bytes(vram.view[PAGE : PAGE + 1]) == b"j"
    vram.unmap()
    vram.unmap()
    assert (vram.base, memory.read(0xFD000000, 1)) == (None, b"\xff")


def test_read_only_device_memory_ignores_the_guest():
    memory = PhysicalMemory(MB)
    option_rom = window(memory, writable=False)
    option_rom.load(b"\x55\xaa")
    option_rom.map(0xFEB00000)
    memory.write(0xFEB00000, b"??")
    assert memory.read(0xFEB00000, 2) == b"\x55\xaa"


def test_changes_by_the_device_drop_code_inside_the_window_only():
    memory, engine = PhysicalMemory(MB), Recorder()
    memory.attach_engine(engine)
    vram = window(memory)
    vram.map(0xE0000000, offset=PAGE, size=2 * PAGE)
    for offset, size in ((0, PAGE), (PAGE - 2, 4), (3 * PAGE - 1, 9), (3 * PAGE, 1)):
        vram.changed_by_host(offset, size)
    assert engine.invalidated == [(0xE0000000, 2), (0xE0001FFF, 1)]


def test_an_alias_shares_the_bytes_and_has_its_own_window():
    memory = PhysicalMemory(MB)
    vram = window(memory)
    banked = vram.alias("vga/0/bank")
    vram.map(0xE0000000)
    banked.map(0xA0000, size=2 * PAGE)
    memory.write(0xA0001, b"z")
    assert memory.read(0xE0000001, 1) == b"z"
    banked.unmap()
    assert memory.read(0xE0000001, 1) == b"z"


def test_host_memory_is_page_aligned_and_shared():
    memory = HostMemory(5000)
    assert (memory.size, memory.address % PAGE) == (2 * PAGE, 0)
    memory.array[3] = 7
    assert (memory.view[3], memory.buffer[3]) == (7, 7)


# ------------------------------------------------------------------ a naive model

PAGES = 40  # from 640 KiB - 8 pages on: RAM, the adapter window, fixed edges
FIRST = 0xA0000 - 8 * PAGE


def _model_owner(regions, page):
    """Return the name of what answers: highest priority, then youngest; DRAM outside the window."""
    inside = 0xA0000 <= page < 0x100000
    best = (0 if inside else 15, 0, "ram")
    for order, (name, base, pages, priority) in enumerate(regions, 1):
        if base <= page < base + pages * PAGE and (priority, order) > best[:2]:
            best = (priority, order, name)
    return best[2]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.integers(0, PAGES - 1), st.integers(1, 12),
                      st.sampled_from([PRIORITY_DEVICE, PRIORITY_SHADOW])),
            st.tuples(st.just("remove"), st.integers(0, 10)),
            st.tuples(st.just("replace"), st.integers(0, 10), st.integers(0, PAGES - 1)),
        ),
        max_size=14,
    )
)  # fmt: skip
def test_the_flat_map_against_a_model_of_pages(actions):
    memory, engine = PhysicalMemory(2 * MB), Recorder()
    memory.attach_engine(engine)
    live = []  # (region, what the model knows)
    for number, (what, *arguments) in enumerate(actions):
        name = f"r{number}"
        if what == "add":
            page, pages, priority = arguments
            region = Region(name, RegionKind.HOLE, FIRST + page * PAGE, pages * PAGE, priority)
            memory.add(region)
            live.append((region, (name, region.base, pages, priority)))
        elif live:
            region, _ = live.pop(arguments[0] % len(live))
            if what == "remove":
                memory.remove(region)
            else:
                new = Region(name, RegionKind.HOLE, FIRST + arguments[1] * PAGE, PAGE,
                             PRIORITY_SHADOW)  # fmt: skip
                memory.replace([region], [new])
                live.append((new, (name, new.base, 1, PRIORITY_SHADOW)))
        known = [model for _, model in live]
        for page in range(FIRST, FIRST + (PAGES + 12) * PAGE, PAGE):
            owner = memory.section_at(page).region.name
            told = engine.pages[page].region.name
            assert owner == told
            assert (owner if owner[0] == "r" and owner[1].isdigit() else "ram") == _model_owner(
                known, page
            )
