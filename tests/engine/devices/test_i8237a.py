"""8237A pair: programming as the PC BIOS does it, transfers, wrap, auto-initialization."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pdm import IsaDma, ResetKind
from tests.engine.bench import Bench, tree

WRITE, READ, VERIFY = 0x44, 0x48, 0x40
PAGES = {0: 0x87, 1: 0x83, 2: 0x81, 3: 0x82, 5: 0x8B, 6: 0x89, 7: 0x8A}


class Rig(Bench):
    def __init__(self):
        super().__init__(tree(i8237a={}))
        self.dma = self.set.find(IsaDma)

    def program(self, channel, address, units, mode, *, page=None):
        base, step = (0, 1) if channel < 4 else (0xC0, 2)

        def reg(n):
            return base + n * step

        index = channel & 3
        self.outb(reg(10), 4 | index)
        self.outb(reg(12), 0)
        self.outb(reg(11), mode | index)
        low = address if channel < 4 else address >> 1
        for value in (low & 0xFF, low >> 8 & 0xFF):
            self.outb(reg(index * 2), value)
        for value in ((units - 1) & 0xFF, (units - 1) >> 8):
            self.outb(reg(index * 2 + 1), value)
        self.outb(PAGES[channel], address >> 16 if page is None else page)
        self.outb(reg(10), index)

    def current(self, channel):
        base, step = (0, 1) if channel < 4 else (0xC0, 2)
        self.outb(base + 12 * step, 0)

        def pair(n):
            port = base + n * step
            return self.inb(port) | self.inb(port) << 8

        index = channel & 3
        return pair(index * 2), pair(index * 2 + 1)


@pytest.fixture
def rig():
    return Rig()


def test_device_to_memory_in_pieces(rig):
    rig.program(2, 0x12345, 1024, WRITE)
    assert rig.dma.remaining(2) == 1024
    data = bytes(range(256)) * 4
    assert rig.dma.write_memory(2, data[:512]) == (512, False)
    assert rig.current(2) == (0x2345 + 512, 511)
    assert rig.dma.write_memory(2, data[512:] + b"more") == (512, True)
    assert rig.memory.read(0x12345, 1024) == data
    assert rig.inb(0x08) == 0x04
    assert rig.inb(0x08) == 0x00
    assert rig.dma.remaining(2) == 0
    assert rig.dma.write_memory(2, b"x") == (0, False)


def test_memory_to_device(rig):
    rig.memory.write(0x8000, b"hello world")
    rig.program(1, 0x8000, 11, READ)
    assert rig.dma.read_memory(1, 5) == (b"hello", False)
    assert rig.dma.read_memory(1, 100) == (b" world", True)


def test_verify_counts_and_leaves_memory_alone(rig):
    rig.program(2, 0x8000, 512, VERIFY)
    assert rig.dma.write_memory(2, b"x" * 512) == (512, True)
    assert rig.memory.read(0x8000, 512) == bytes(512)


def test_wrong_direction_moves_the_count_only(rig):
    rig.program(2, 0x8000, 4, READ)
    assert rig.dma.write_memory(2, b"abcd") == (4, True)
    assert rig.memory.read(0x8000, 4) == bytes(4)
    rig.program(2, 0x8000, 4, WRITE)
    assert rig.dma.read_memory(2, 4) == (b"\xff" * 4, True)


def test_wrap_within_64k(rig):
    rig.program(2, 0x2FFFE, 4, WRITE)
    assert rig.dma.write_memory(2, b"abcd") == (4, True)
    assert rig.memory.read(0x2FFFE, 2) == b"ab"
    assert rig.memory.read(0x20000, 2) == b"cd"
    assert rig.memory.read(0x30000, 2) == b"\0\0"


def test_words_and_wrap_within_128k(rig):
    rig.program(5, 0x3FFFC, 4, WRITE)
    assert rig.dma.remaining(5) == 8
    assert rig.dma.write_memory(5, b"abcdefgh") == (8, True)
    assert rig.memory.read(0x3FFFC, 4) == b"abcd"
    assert rig.memory.read(0x20000, 4) == b"efgh"
    rig.program(6, 0x20000, 4, WRITE, page=0x03)  # page bit 0 is not used
    assert rig.dma.write_memory(6, b"ABCDEFG") == (6, False)
    assert rig.memory.read(0x20000, 6) == b"ABCDEF"


def test_decrement(rig):
    rig.program(2, 0x10001, 4, WRITE | 0x20)
    assert rig.dma.write_memory(2, b"abcd") == (4, True)
    assert rig.memory.read(0x10000, 2) == b"ba"
    assert rig.memory.read(0x1FFFE, 2) == b"dc"
    rig.program(5, 0x10006, 2, READ | 0x20)
    rig.memory.write(0x10004, b"WXyz")
    assert rig.dma.read_memory(5, 4) == (b"yzWX", True)


def test_autoinit_starts_again(rig):
    rig.program(1, 0x9000, 4, WRITE | 0x10)
    assert rig.dma.write_memory(1, b"abcdefgh") == (4, True)
    assert rig.dma.write_memory(1, b"EF") == (2, False)
    assert rig.memory.read(0x9000, 4) == b"EFcd"
    assert rig.current(1) == (0x9002, 1)


def test_masks_disable_and_cascade_stop_the_channel(rig):
    rig.program(2, 0x9000, 4, WRITE)
    rig.outb(0x0F, 0x04)
    assert rig.dma.remaining(2) == 0
    assert rig.inb(0x0F) == 0xF4
    rig.outb(0x0E, 0)
    assert rig.dma.remaining(2) == 4
    rig.outb(0x08, 0x04)
    assert rig.dma.remaining(2) == 0
    rig.outb(0x08, 0x00)
    rig.outb(0x0B, 0xC2)
    assert rig.dma.remaining(2) == 0


def test_full_64k(rig):
    rig.program(2, 0x10000, 0x10000, WRITE)
    assert rig.dma.write_memory(2, b"z" * 0x10000) == (0x10000, True)
    assert rig.memory.read(0x10000, 0x10000) == b"z" * 0x10000
    assert rig.current(2) == (0, 0xFFFF)


def test_high_page_reaches_above_16_mb():
    rig = Bench(tree(i8237a={}), ram_size=32 << 20)
    dma = rig.set.find(IsaDma)
    Rig.program(rig, 2, 0x34, 4, WRITE, page=0x80)
    rig.outb(0x481, 0x01)
    assert dma.write_memory(2, b"high") == (4, True)
    assert rig.memory.read(0x1800034, 4) == b"high"


def test_client_is_told_when_its_channel_opens(rig):
    calls = []

    class Client:
        def dma_transfer(self, channel):
            calls.append((channel, rig.dma.remaining(channel)))

    rig.dma.attach_client(2, Client())
    rig.program(2, 0x9000, 4, WRITE)
    assert calls == [(2, 4)]
    rig.outb(0x0A, 0x06)
    assert len(calls) == 1


def test_software_request_shows_and_ends_with_terminal_count(rig):
    rig.program(1, 0x9000, 2, WRITE)
    rig.outb(0x09, 0x05)
    assert rig.inb(0x08) == 0x20
    rig.dma.write_memory(1, b"ab")
    assert rig.inb(0x08) == 0x02


def test_master_clear_and_reset(rig):
    rig.program(2, 0x9000, 4, WRITE)
    rig.outb(0x0D, 0)
    assert rig.dma.remaining(2) == 0
    assert rig.inb(0x0D) == 0
    assert rig.inb(0x0F) == 0xFF
    rig.outb(0x84, 0x55)
    rig.set.reset(ResetKind.SOFT)
    assert rig.inb(0x84) == 0x55
    rig.set.reset(ResetKind.HARD)
    assert rig.inb(0x84) == 0


def test_state_survives_a_round_trip(rig):
    rig.program(5, 0x9000, 4, WRITE)
    rig.dma.write_memory(5, b"ab")
    other = Rig()
    device = other.device("i8237a")
    device.state = msgspec.msgpack.decode(
        msgspec.msgpack.encode(rig.device("i8237a").state), type=type(device.state)
    )
    device.state_loaded(1)
    assert other.dma.write_memory(5, b"cdefgh") == (6, True)
    assert other.memory.read(0x9002, 6) == b"cdefgh"


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*range(16), *range(0xC0, 0xE0), *range(0x80, 0x90), 0x481]),
            st.integers(0, 255),
        ),
        max_size=60,
    ),
    st.integers(0, 7),
    st.integers(0, 1 << 17),
)
def test_any_programming_is_taken(steps, channel, length):
    rig = Rig()
    for port, value in steps:
        rig.outb(port, value)
        assert 0 <= rig.inb(port) <= 255
    moved, _ = rig.dma.write_memory(channel, bytes(length))
    assert moved <= length
    data, _ = rig.dma.read_memory(channel, length)
    assert len(data) <= length
