"""virtio-balloon: memory for the host, statistics, saved states, drivers that lie."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices.virtio import registers as r
from engine.devices.virtio.balloon import (
    BURST_REQUESTS,
    DEFLATE,
    F_DEFLATE_ON_OOM,
    F_STATS_VQ,
    FRESH,
    INFLATE,
    MOST_NUMBERS,
    PAGE,
    STATISTICS,
)
from engine.pdm import MemoryBalloon
from engine.pgm import FOUR_GIB, LOW_RAM_LIMIT
from tests.engine.devices.virtio.rig import BUFFERS, Rig

MIB = 1 << 20
GUEST_PAGE = 0x900000
TOTAL, FREE, AVAILABLE, CACHE = 200 * MIB, 50 * MIB, 120 * MIB, 70 * MIB
TOLD = ((0, 1), (4, FREE), (5, TOTAL), (6, AVAILABLE), (7, CACHE))


@pytest.fixture
def rig():
    return Rig("virtio-balloon", ram_size=256 * MIB, config={"size_mib": 8}).start(
        F_STATS_VQ | F_DEFLATE_ON_OOM
    )


def numbers(*pages):
    return struct.pack(f"<{len(pages)}I", *pages)


def inflate(rig, *pages, queue=INFLATE):
    rig.add(queue, (BUFFERS, numbers(*pages)))
    assert len(rig.used(queue)) == 1


def config(rig):
    return rig.read(r.DEVICE), rig.read(r.DEVICE + 4)


class Translations:
    """An execution engine that hears of changed memory."""

    def __init__(self, memory):
        self.dropped = []
        memory._engine = self

    def invalidate_code(self, base, size):
        self.dropped.append((base, size))


def test_it_is_found_by_old_and_new_drivers(rig):
    assert rig.config.read(0, 4) == 0x10021AF4
    assert rig.config.read(0x2C, 4) == 0x00051AF4
    assert rig.device.FEATURES == 6
    assert isinstance(rig.device, MemoryBalloon)


def test_the_size_of_the_settings_is_asked_for_from_the_beginning(rig):
    assert config(rig) == (8 * MIB // PAGE, 0)


def test_a_new_size_is_told_to_the_driver(rig):
    rig.device.set_size(16)
    assert rig.irq
    assert rig.read(r.ISR, 1) == r.ISR_CONFIG
    assert config(rig) == (16 * MIB // PAGE, 0)
    rig.device.set_size(16)
    assert not rig.irq
    rig.device.set_size(1 << 21)
    assert config(rig) == (9 * (256 * MIB // PAGE) // 10, 0)


def test_inflated_pages_read_as_zeros_and_others_stay(rig):
    memory = rig.bench.memory
    memory.write(GUEST_PAGE, b"\xab" * 6 * PAGE)
    engine = Translations(memory)
    first = GUEST_PAGE // PAGE
    inflate(rig, first + 4, first + 1, first + 2, first + 2)
    for n, kept in enumerate((True, False, False, True, False, True)):
        expected = b"\xab" if kept else b"\0"
        assert memory.read(GUEST_PAGE + n * PAGE, PAGE) == expected * PAGE
    for run in ((GUEST_PAGE + PAGE, 2 * PAGE), (GUEST_PAGE + 4 * PAGE, PAGE)):
        assert run in engine.dropped
    assert rig.device.guest_errors == 0


def test_the_guest_may_use_inflated_pages_again(rig):
    inflate(rig, GUEST_PAGE // PAGE)
    inflate(rig, GUEST_PAGE // PAGE, queue=DEFLATE)
    rig.bench.memory.write(GUEST_PAGE, b"again")
    assert rig.bench.memory.read(GUEST_PAGE, 5) == b"again"


def test_what_deflates_is_not_touched(rig):
    rig.bench.memory.write(GUEST_PAGE, b"mine")
    inflate(rig, GUEST_PAGE // PAGE, queue=DEFLATE)
    assert rig.bench.memory.read(GUEST_PAGE, 4) == b"mine"


@pytest.mark.parametrize(
    "page",
    [0xA0, 0xC0, 0xFF, 256 * MIB // PAGE, 0xE0000, FOUR_GIB // PAGE, 0xFFFFFFFF],
    ids=["video", "rom", "bios", "end", "bar", "above-4g", "nowhere"],
)
def test_pages_that_are_no_ram_are_refused(rig, page):
    rig.bench.memory.write(GUEST_PAGE, b"kept")
    inflate(rig, page)
    assert rig.device.guest_errors == 1
    inflate(rig, GUEST_PAGE // PAGE)
    assert not any(rig.bench.memory.read(GUEST_PAGE, 4))


def test_memory_above_4_gib_is_given_back():
    memory = Rig("virtio-balloon", ram_size=LOW_RAM_LIMIT + 1024 * MIB).bench.memory
    place = FOUR_GIB + 4 * MIB
    memory.write(place, b"\xcd" * 2 * PAGE)
    assert memory.give_back(place, PAGE)
    assert memory.read(place, 2 * PAGE) == bytes(PAGE) + b"\xcd" * PAGE
    assert not memory.give_back(FOUR_GIB + 1024 * MIB, PAGE)
    assert not memory.give_back(FOUR_GIB + 1024 * MIB - PAGE, 2 * PAGE)
    assert not memory.give_back(LOW_RAM_LIMIT - PAGE, 2 * PAGE)
    assert not memory.give_back(place + 1, PAGE)
    assert not memory.give_back(place, 0)


def test_a_request_that_is_too_long_or_cut_off_is_noted(rig):
    rig.add(INFLATE, (BUFFERS, numbers(GUEST_PAGE // PAGE) + b"\0"))
    assert rig.device.guest_errors == 1
    rig.add(INFLATE, (BUFFERS, bytes(4 * MOST_NUMBERS + 4)))
    assert rig.device.guest_errors == 2
    rig.add(INFLATE, (BUFFERS, b""))
    assert len(rig.used(INFLATE)) == 3


def test_a_long_queue_goes_on_by_a_timer(rig):
    rig.start(size=64)
    for _ in range(BURST_REQUESTS + 1):
        rig.add(INFLATE, (BUFFERS, numbers(GUEST_PAGE // PAGE)), notify=False)
    rig.notify(INFLATE)
    assert len(rig.used(INFLATE)) == BURST_REQUESTS
    rig.bench.advance(1)
    assert len(rig.used(INFLATE)) == 1


def test_the_driver_tells_what_is_in_the_balloon(rig):
    rig.write(r.DEVICE + 4, 0x12345)
    assert config(rig) == (8 * MIB // PAGE, 0x12345)
    rig.write(r.DEVICE, 0)  # which is the host's to say
    assert config(rig) == (8 * MIB // PAGE, 0x12345)
    rig.write(r.DEVICE + 4, 512)
    assert rig.device.memory_statistics() == {"Balloon": 2 * MIB}
    rig.write(r.DEVICE + 4, 0xFFFFFFFF)
    assert rig.device.memory_statistics() == {"Balloon": 256 * MIB}


def tell(rig, *rows):
    rig.add(STATISTICS, (BUFFERS, b"".join(struct.pack("<HQ", *row) for row in rows)))


def test_statistics_are_asked_for_when_somebody_looks(rig):
    tell(rig, *TOLD)
    assert rig.used(STATISTICS) == []  # the device keeps the buffer
    rig.bench.advance(FRESH)
    expected = {
        "Total": TOTAL, "Free": FREE, "Available": AVAILABLE, "Cache": CACHE, "Balloon": 0
    }  # fmt: skip
    assert rig.device.memory_statistics() == expected
    assert len(rig.used(STATISTICS)) == 1
    tell(rig, (4, 2 * FREE))
    rig.device.memory_statistics()
    assert rig.used(STATISTICS) == []  # too soon
    rig.bench.advance(FRESH)
    assert rig.device.memory_statistics() == {"Free": 2 * FREE, "Balloon": 0}
    assert len(rig.used(STATISTICS)) == 1


def test_statistics_that_cannot_be_are_bounded(rig):
    tell(rig, (4, 2**64 - 1), (5, 2**63), (0xFFFF, 1), (6, 0))
    everything = 256 * MIB
    assert rig.device.memory_statistics() == {
        "Free": everything, "Total": everything, "Available": 0, "Balloon": 0
    }  # fmt: skip
    rig.add(STATISTICS, (BUFFERS, b"\4\0\1"))
    assert rig.device.memory_statistics() == {"Balloon": 0}


def test_counters_have_what_the_guest_tells(rig):
    tell(rig, *TOLD)
    rows = {path: value for path, value, _ in rig.bench.set.statistics()}
    assert rows["/Public/Guest/RAM/Free"] == FREE
    assert rows["/Public/Guest/RAM/Balloon"] == 0


def test_a_saved_state_goes_on(rig):
    inflate(rig, GUEST_PAGE // PAGE)
    rig.write(r.DEVICE + 4, 1)
    tell(rig, *TOLD)
    rig.bench.advance(2 * FRESH)
    other = rig.restored()
    assert config(other) == (8 * MIB // PAGE, 1)
    assert other.device.memory_statistics()["Free"] == FREE
    assert len(other.used(STATISTICS)) == 1
    tell(other, (4, 1))
    assert other.device.memory_statistics()["Free"] == 1


def test_a_driver_hears_of_a_size_that_changed_while_the_machine_was_saved(rig):
    other = rig.restored(config={"size_mib": 3})
    assert other.irq
    assert config(other) == (3 * MIB // PAGE, 0)


def test_a_reset_empties_the_balloon_and_forgets_the_buffer(rig):
    tell(rig, *TOLD)
    rig.write(r.DEVICE + 4, 7)
    rig.start()
    assert config(rig) == (8 * MIB // PAGE, 0)
    rig.bench.advance(2 * FRESH)
    assert rig.device.memory_statistics() == {"Balloon": 0}
    assert rig.used(STATISTICS) == []


def test_a_statistics_buffer_that_has_become_senseless_stops_the_device(rig):
    tell(rig, *TOLD)
    rig.descriptor(STATISTICS, 0, 0xFFFFF000, 64)
    rig.bench.advance(2 * FRESH)
    rig.device.memory_statistics()
    assert rig.status & r.NEEDS_RESET


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 2**32 - 1), st.integers(0, 0x30000),
            st.sampled_from([0, 2, 4]),
        ),
        max_size=20,
    )
)  # fmt: skip
def test_random_requests_never_raise(requests):
    rig = Rig("virtio-balloon").start(F_STATS_VQ)
    for queue, address, length, flags in requests:
        rig.descriptor(queue, 0, address, length, flags)
        rig.make_available(queue, 0)
        rig.device.memory_statistics()
        rig.bench.advance(FRESH)
        if rig.status & r.NEEDS_RESET:
            rig.start(F_STATS_VQ)
