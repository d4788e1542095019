from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ResourceConflictError
from engine.iom import PortSpace, Range, read_range, write_range


class Registers:
    """A block of bytes that records the accesses made to it."""

    def __init__(self, base, count, sizes=(1,), owner="test/0"):
        self.bytes = bytearray(range(1, count + 1))
        self.seen = []
        self.range = Range(owner, "regs", base, count, sizes, self.read, self.write)

    def read(self, offset, size):
        self.seen.append((offset, size))
        return int.from_bytes(self.bytes[offset : offset + size], "little")

    def write(self, offset, value, size):
        self.seen.append((offset, size))
        self.bytes[offset : offset + size] = value.to_bytes(size, "little")


def space(*blocks):
    ports = PortSpace()
    for block in blocks:
        ports.map(block.range)
    return ports


def test_nobody_answers_all_ones_and_takes_nothing():
    ports = PortSpace()
    assert [ports.read(0x80, size) for size in (1, 2, 4)] == [0xFF, 0xFFFF, 0xFFFFFFFF]
    ports.write(0x80, 5, 4)
    assert ports.owner(0x80) == ""


def test_an_access_is_split_into_what_the_handler_takes():
    block = Registers(0x100, 8, (1, 2))
    ports = space(block)
    assert ports.read(0x100, 4) == 0x04030201
    assert ports.read(0x101, 4) == 0x05040302
    assert block.seen == [(0, 2), (2, 2), (1, 1), (2, 2), (4, 1)]
    block.seen.clear()
    ports.write(0x103, 0xAABB, 2)
    assert block.seen == [(3, 2)], "a legal size is never split, aligned or not"
    assert block.bytes[3:5] == b"\xbb\xaa"


def test_an_access_across_two_owners_and_a_hole():
    low, high = Registers(0x100, 2), Registers(0x103, 1)
    ports = space(low, high)
    assert ports.read(0x100, 4) == 0x01FF0201
    ports.write(0x100, 0x44332211, 4)
    assert (bytes(low.bytes), bytes(high.bytes)) == (b"\x11\x22", b"\x44")


def test_an_access_that_starts_in_a_hole_reaches_the_neighbour():
    block = Registers(0x101, 1)
    assert space(block).read(0x100, 2) == 0x01FF


def test_values_are_cut_to_the_size():
    ports = PortSpace()
    ports.map(Range("a/0", "r", 0x10, 1, (1,), lambda offset, size: 0x1234, None))
    ports.map(Range("a/0", "s", 0x20, 4, (1, 2), lambda offset, size: 0x123456, None))
    assert ports.read(0x10, 1) == 0x34
    assert (ports.read(0x20, 1), ports.read(0x20, 2)) == (0x56, 0x3456)
    assert ports.readers[0x10](1) == 0x34


def test_read_only_and_write_only_blocks():
    seen = []
    ports = PortSpace()
    ports.map(Range("a/0", "r", 0x10, 2, (1,), lambda offset, size: 7, None))
    ports.map(Range("a/0", "w", 0x12, 2, (1,), None, lambda *what: seen.append(what)))
    ports.write(0x10, 0x55, 2)
    assert ports.read(0x12, 1) == 0xFF
    assert ports.read(0x11, 2) == 0xFF07
    ports.write(0x11, 0x55AA, 2)
    assert seen == [(0, 0x55, 1)]


def test_a_second_claim_names_both_and_changes_nothing():
    first, second = Registers(0x3F8, 8, owner="serial/0"), Registers(0x3F0, 9, owner="floppy/0")
    ports = space(first)
    with pytest.raises(ResourceConflictError, match=r"0x3f8.*floppy/0.*serial/0") as caught:
        ports.map(second.range)
    assert caught.value.code == "VERR_IOM_RANGE_CONFLICT"
    assert ports.ranges[0x3F0] is None
    assert "serial/0" in ports.owner(0x3F8)


@pytest.mark.parametrize(("base", "count"), [(0xFFFF, 2), (-1, 2), (0x100, 0)])
def test_ranges_outside_the_port_space(base, count):
    with pytest.raises(ResourceConflictError, match="outside"):
        PortSpace().map(Range("a/0", "r", base, count))


def test_unmapping_gives_ports_back_to_others_only_when_they_were_its_own():
    first, second = Registers(0x100, 4), Registers(0x100, 4)
    ports = space(first)
    ports.unmap(second.range)
    assert ports.read(0x100, 1) == 1
    ports.unmap(first.range)
    assert ports.read(0x100, 1) == 0xFF
    ports.map(second.range)


def test_the_last_ports():
    block = Registers(0xFFFE, 2, (1, 2))
    ports = space(block)
    assert ports.read(0xFFFE, 2) == 0x0201
    assert ports.read(0xFFFF, 1) == 2


SIZES = st.sampled_from([(1,), (1, 2), (1, 4), (1, 2, 4)])


@settings(max_examples=200, deadline=None)
@given(
    SIZES, st.integers(1, 12), st.integers(0, 14), st.sampled_from([1, 2, 4, 8]),
    st.integers(0, (1 << 64) - 1),
)  # fmt: skip
def test_memory_mapped_accesses_against_bytes(sizes, count, offset, size, value):
    block = Registers(0, count, sizes)
    expected = bytearray(block.bytes)
    read = bytes(expected[offset : offset + size]).ljust(size, b"\xff")
    assert read_range(block.range, offset, size).to_bytes(size, "little") == read
    write_range(block.range, offset, value, size)
    for i, byte in enumerate((value & (1 << 8 * size) - 1).to_bytes(size, "little")):
        if offset + i < count:
            expected[offset + i] = byte
    assert block.bytes == expected
    whole = size in sizes and offset + size <= count
    assert all(length in sizes for _, length in block.seen)
    assert whole or all(place % length == 0 for place, length in block.seen)
    assert all(place + length <= count for place, length in block.seen)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(1, 6), SIZES), max_size=5),
    st.lists(
        st.tuples(st.integers(0, 19), st.sampled_from([1, 2, 4]), st.integers(0, (1 << 32) - 1)),
        max_size=12,
    ),
)
def test_ports_against_bytes(layout, accesses):
    ports, owners, memory = PortSpace(), {}, {}
    for base, count, sizes in layout:
        block = Registers(base, count, sizes)
        claimed = range(base, base + count)
        if any(port in owners for port in claimed):
            with pytest.raises(ResourceConflictError):
                ports.map(block.range)
            continue
        ports.map(block.range)
        for port in claimed:
            owners[port] = block
            memory[port] = block.bytes[port - base]
    for port, size, value in accesses:
        ports.write(port, value, size)
        for i in range(size):
            if port + i in memory:
                memory[port + i] = value >> 8 * i & 0xFF
        expected = bytes(memory.get(port + i, 0xFF) for i in range(size))
        assert ports.read(port, size).to_bytes(size, "little") == expected
