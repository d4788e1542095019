"""MC146818: time in all formats, setting it, the three interrupts, and the CMOS bytes."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigurationError
from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree

SECOND = 10**9
A, B, C, D = 10, 11, 12, 13


class Rig(Bench):
    def __init__(self, ram_size=16 << 20, **config):
        super().__init__(tree(mc146818=config), ram_size=ram_size)

    @property
    def rtc(self):
        return self.device("mc146818")

    def get(self, index):
        self.outb(0x70, index)
        return self.inb(0x71)

    def put(self, index, value):
        self.outb(0x70, index)
        self.outb(0x71, value)

    def clock_reading(self):
        """Clock in BCD and 24 h form, as (year, month, day, hour, minute, second)."""
        digits = [self.get(i) for i in (9, 8, 7, 4, 2, 0)]
        year, *rest = [int(f"{d:02x}") for d in digits]
        return (int(f"{self.get(0x32):02x}") * 100 + year, *rest)


@pytest.fixture
def rig():
    return Rig()


def test_power_on_time_is_utc(rig):
    assert rig.clock_reading() == (2023, 11, 14, 22, 13, 20)
    assert rig.get(6) == 3  # Tuesday
    rig.advance(3600 * SECOND * 2)
    assert rig.clock_reading() == (2023, 11, 15, 0, 13, 20)
    assert rig.get(6) == 4


def test_local_time():
    rig = Rig(rtc_use_utc=False, utc_offset=3600)
    assert rig.clock_reading() == (2023, 11, 14, 23, 13, 20)
    assert Rig(utc_offset=3600).clock_reading() == (2023, 11, 14, 22, 13, 20)


def test_binary_and_12_hour_formats(rig):
    rig.put(B, 0x06)
    assert [rig.get(i) for i in (9, 8, 7, 4, 2, 0)] == [23, 11, 14, 22, 13, 20]
    rig.put(B, 0x04)
    assert rig.get(4) == 0x80 | 10
    rig.put(B, 0x00)
    assert rig.get(4) == 0x80 | 0x10
    rig.advance(2 * 3600 * SECOND)
    assert rig.get(4) == 0x12  # midnight is 12 AM
    rig.advance(12 * 3600 * SECOND)
    assert rig.get(4) == 0x92  # noon is 12 PM


def test_set_holds_the_time_and_keeps_the_phase(rig):
    rig.advance(SECOND // 4)
    rig.put(B, 0x82)
    rig.advance(5 * SECOND)
    assert rig.clock_reading() == (2023, 11, 14, 22, 13, 20)
    assert not rig.get(A) & 0x80
    for index, value in {9: 0x99, 0x32: 0x19, 8: 0x12, 7: 0x31, 4: 0x23, 2: 0x59, 0: 0x59}.items():
        rig.put(index, value)
    rig.put(B, 0x02)
    assert rig.clock_reading() == (1999, 12, 31, 23, 59, 59)
    rig.advance(SECOND * 3 // 4 - 1)
    assert rig.get(0) == 0x59
    rig.advance(1)
    assert rig.clock_reading() == (2000, 1, 1, 0, 0, 0)


def test_write_without_set(rig):
    rig.put(4, 0x05)
    assert rig.clock_reading() == (2023, 11, 14, 5, 13, 20)
    rig.advance(60 * SECOND)
    assert rig.clock_reading() == (2023, 11, 14, 5, 14, 20)


def test_time_set_in_12_hour_format(rig):
    rig.put(B, 0x80)
    rig.put(4, 0x92)
    rig.put(B, 0x00)
    rig.put(B, 0x02)
    assert rig.get(4) == 0x12
    rig.put(B, 0x00)
    rig.put(4, 0x12)
    rig.put(B, 0x02)
    assert rig.get(4) == 0x00


def test_leap_day(rig):
    for index, value in {0x32: 0x20, 9: 0x24, 7: 0x28, 8: 0x02, 4: 0x23, 2: 0x59, 0: 0x59}.items():
        rig.put(index, value)
    rig.advance(SECOND)
    assert rig.clock_reading() == (2024, 2, 29, 0, 0, 0)


def test_day_of_week_counts_on_its_own(rig):
    rig.put(6, 7)
    assert rig.get(6) == 7
    rig.advance(86400 * SECOND)
    assert rig.get(6) == 1


def test_divider_reset_starts_half_a_second_before_the_update(rig):
    rig.put(A, 0x76)
    rig.advance(3 * SECOND + 123)
    assert rig.get(0) == 0x20
    rig.put(A, 0x26)
    rig.advance(SECOND // 2 - 1)
    assert rig.get(0) == 0x20
    rig.advance(1)
    assert rig.get(0) == 0x21


def test_uip_rises_before_the_update(rig):
    rig.advance(SECOND - 2_229_000)
    assert rig.get(A) == 0x26
    rig.advance(2_000)
    assert rig.get(A) == 0xA6
    rig.advance(2_226_999)
    assert rig.get(A) == 0xA6
    assert rig.get(0) == 0x20
    rig.advance(1)
    assert rig.get(A) == 0x26
    assert rig.get(0) == 0x21


def test_periodic_interrupt_at_1024_hz(rig):
    rig.put(B, 0x42)
    rig.advance(976_562)
    assert not rig.pic.levels[8]
    rig.advance(1)
    assert rig.pic.levels[8]
    rig.advance(10 * 976_563)
    assert rig.pic.edges[8] == 1  # held until register C is read
    assert rig.get(C) == 0xC0
    assert not rig.pic.levels[8]
    assert rig.get(C) == 0
    taken = 0
    for _ in range(10_000):
        rig.advance(100_000)
        if rig.pic.levels[8]:
            taken += 1
            rig.get(C)
    assert taken == 1024


@pytest.mark.parametrize(("rate", "frequency"), [(1, 256), (2, 128), (3, 8192), (6, 1024), (15, 2)])
def test_periodic_rates(rig, rate, frequency):
    rig.put(A, 0x20 | rate)
    rig.put(B, 0x42)
    rig.advance(SECOND // frequency - 2)
    assert not rig.pic.levels[8]
    rig.advance(3)
    assert rig.pic.levels[8]


def test_rate_zero_gives_no_interrupt(rig):
    rig.put(A, 0x20)
    rig.put(B, 0x42)
    rig.advance(SECOND)
    assert not rig.pic.levels[8]


def test_flags_are_set_without_enables(rig):
    rig.advance(3 * SECOND)
    assert rig.get(C) == 0x50
    assert not rig.pic.levels[8]
    rig.advance(SECOND // 2)
    assert rig.get(C) == 0x40


def test_enabling_with_a_flag_pending_interrupts_at_once(rig):
    rig.advance(3 * SECOND)
    rig.put(B, 0x12)
    assert rig.pic.levels[8]
    assert rig.get(C) == 0xD0


def test_update_ended_interrupt(rig):
    rig.advance(SECOND // 3)
    rig.put(B, 0x12)
    rig.advance(SECOND * 2 // 3)
    assert not rig.pic.levels[8]
    rig.advance(1)
    assert rig.pic.levels[8]
    assert rig.get(0) == 0x21


def test_set_clears_uie(rig):
    rig.put(B, 0x92)
    assert rig.get(B) == 0x82


@pytest.mark.parametrize(
    ("alarm", "delay"),
    [
        ((0x22, 0x13, 0x25), 5),
        ((0x22, 0x14, 0x00), 40),
        ((0xC0, 0xFF, 0xFF), 1),
        ((0xFF, 0xFF, 0x05), 45),
        ((0xFF, 0x13, 0x20), 3600),
        ((0xFF, 0x00, 0x00), 46 * 60 + 40),
        ((0x22, 0x13, 0x20), 86400),
        ((0x07, 0x00, 0x00), 8 * 3600 + 46 * 60 + 40),
    ],
)
def test_alarm(rig, alarm, delay):
    for index, value in zip((5, 3, 1), alarm, strict=True):
        rig.put(index, value)
    rig.put(B, 0x22)
    rig.advance(delay * SECOND - 1)
    assert not rig.pic.levels[8]
    rig.advance(1)
    assert rig.pic.levels[8]
    assert rig.get(C) & 0xA0 == 0xA0


def test_alarm_that_can_never_match(rig):
    rig.put(5, 0x25)
    rig.put(B, 0x22)
    rig.advance(3 * 86400 * SECOND)
    assert not rig.pic.levels[8]


def test_alarm_follows_a_new_time(rig):
    for index, value in ((5, 0x06), (3, 0x00), (1, 0x00)):
        rig.put(index, value)
    rig.put(B, 0x22)
    for index, value in ((4, 0x05), (2, 0x59), (0, 0x58)):
        rig.put(index, value)
    rig.advance(2 * SECOND)
    assert rig.pic.levels[8]


def test_read_only_registers(rig):
    for index in (C, D):
        rig.put(index, 0x55)
    assert rig.get(C) == 0
    assert rig.get(D) == 0x80


def test_nmi_mask_and_memory_banks(rig):
    rig.outb(0x70, 0x80 | 0x40)
    assert rig.rtc.state.nmi_masked
    rig.outb(0x71, 0x12)
    assert rig.get(0x40) == 0x12
    assert not rig.rtc.state.nmi_masked
    rig.outb(0x72, 0x40)
    rig.outb(0x73, 0x34)
    assert rig.inb(0x73) == 0x34
    assert rig.get(0x40) == 0x12
    assert rig.inb(0x70) == 0xFF


def test_bytes_for_the_firmware():
    rig = Rig(
        ram_size=64 << 20,
        memory_above_4g=3 << 30,
        boot_order="dca",
        floppy0=4,
        floppy1=2,
        cpus=4,
    )
    assert rig.get(0x10) == 0x42
    assert rig.get(0x14) == 0x47
    assert (rig.get(0x15), rig.get(0x16)) == (0x80, 0x02)
    assert rig.get(0x30) | rig.get(0x31) << 8 == 63 * 1024
    assert rig.get(0x34) | rig.get(0x35) << 8 == 48 * 16
    assert rig.get(0x5B) | rig.get(0x5C) << 8 | rig.get(0x5D) << 16 == (3 << 30) >> 16
    assert rig.get(0x3D) == 0x23
    assert rig.get(0x38) == 0x11
    assert rig.get(0x5F) == 3
    assert rig.get(0x2E) << 8 | rig.get(0x2F) == sum(rig.get(i) for i in range(0x10, 0x2E))


def test_large_memory_saturates():
    rig = Rig(memory_below_4g=3 << 30)
    assert rig.get(0x17) | rig.get(0x18) << 8 == 0xFFFF
    assert rig.get(0x34) | rig.get(0x35) << 8 == ((3 << 30) - (16 << 20)) >> 16


def test_bad_boot_order_is_refused():
    with pytest.raises(ConfigurationError, match="boot_order"):
        Rig(boot_order="xyz")


def test_reset_keeps_time_and_memory(rig):
    rig.put(4, 0x05)
    rig.put(0x0F, 0x0A)
    rig.put(B, 0x72)
    rig.advance(SECOND)
    assert rig.pic.levels[8]
    rig.set.reset(ResetKind.SOFT)
    assert rig.get(B) == 0x72
    rig.set.reset(ResetKind.HARD)
    assert rig.get(B) == 0x02
    assert not rig.pic.levels[8]
    assert rig.get(4) == 0x05
    assert rig.get(0x0F) == 0x0A


def test_state_survives_a_round_trip(rig):
    rig.put(4, 0x05)
    rig.put(B, 0x42)
    rig.advance(5 * SECOND)
    saved = msgspec.msgpack.encode(rig.rtc.state)
    other = Rig()
    other.clock = rig.clock
    other.rtc.state = msgspec.msgpack.decode(saved, type=type(other.rtc.state))
    other.rtc.state_loaded(1)
    assert other.pic.levels[8]
    assert other.clock_reading() == rig.clock_reading()
    other.get(C)
    other.advance(976_563)
    assert other.pic.levels[8]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*range(14), 0x32, 0x7F]),
            st.integers(0, 255),
            st.booleans(),
            st.sampled_from([0, 1000, SECOND]),
        ),
        max_size=40,
    )
)
def test_any_sequence_is_taken(steps):
    rig = Rig()
    for index, value, reading, delay in steps:
        if reading:
            assert 0 <= rig.get(index) <= 255
        else:
            rig.put(index, value)
        rig.advance(delay)
    msgspec.msgpack.encode(rig.rtc.state)
    assert rig.rtc.info()
