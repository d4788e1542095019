"""8254: the six modes, latching, gates and the interrupt of counter 0 in virtual time."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree

CONTROL = 0x43


class Rig(Bench):
    def __init__(self):
        super().__init__(tree(i8254={}))

    @property
    def pit(self):
        return self.device("i8254")

    def to_tick(self, tick):
        """Move to just after a clock edge of the chip."""
        target = -(-tick * 88_000 // 105)
        assert target >= self.clock
        self.advance(target - self.clock)
        assert self.pit.tick == tick

    def run_ticks(self, count):
        self.to_tick(self.pit.tick + count)

    def program(self, counter, mode, count, bcd=0):
        self.outb(CONTROL, counter << 6 | 0x30 | mode << 1 | bcd)
        self.outb(0x40 + counter, count & 0xFF)
        self.outb(0x40 + counter, count >> 8)

    def read(self, counter):
        self.outb(CONTROL, counter << 6)
        return self.inb(0x40 + counter) | self.inb(0x40 + counter) << 8

    def status(self, counter):
        self.outb(CONTROL, 0xE0 | 2 << counter)
        return self.inb(0x40 + counter)

    def out(self, counter):
        return self.status(counter) >> 7

    def gate2(self, level):
        self.outb(0x61, level)

    @property
    def edges(self):
        return self.pic.edges[0]


def test_mode_2_counts_down_and_reloads():
    rig = Rig()
    rig.program(0, 2, 10)
    seen = []
    for _ in range(24):
        rig.run_ticks(1)
        seen.append(rig.read(0))
    assert seen == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] * 2 + [10, 9, 8, 7]


def test_mode_2_output_is_low_for_the_last_clock():
    rig = Rig()
    rig.program(1, 2, 4)
    levels = []
    for _ in range(9):
        rig.run_ticks(1)
        levels.append(rig.out(1))
    assert levels == [1, 1, 1, 0, 1, 1, 1, 0, 1]


@pytest.mark.parametrize(
    ("count", "values", "levels"),
    [
        (4, [4, 2, 4, 2, 4], [1, 1, 0, 0, 1]),
        (5, [4, 2, 0, 4, 2, 4], [1, 1, 1, 0, 0, 1]),
    ],
)
def test_mode_3_square_wave(count, values, levels):
    rig = Rig()
    rig.program(1, 3, count)
    seen = []
    for _ in values:
        rig.run_ticks(1)
        seen.append((rig.read(1), rig.out(1)))
    assert seen == list(zip(values, levels, strict=True))


def test_mode_0_interrupts_once_and_counts_on():
    rig = Rig()
    rig.program(0, 0, 100)
    assert rig.out(0) == 0
    assert not rig.pic.levels[0]
    rig.run_ticks(100)
    assert rig.out(0) == 0
    rig.run_ticks(1)  # N + 1 clocks after the write
    assert rig.out(0) == 1
    assert rig.edges == 1
    assert rig.read(0) == 0
    rig.run_ticks(2)
    assert rig.read(0) == 0xFFFE
    rig.run_ticks(200_000)
    assert rig.edges == 1


def test_mode_0_first_byte_stops_counting():
    rig = Rig()
    rig.program(0, 0, 50)
    rig.run_ticks(60)
    assert rig.edges == 1
    rig.outb(0x40, 20)
    assert rig.out(0) == 0
    rig.run_ticks(500)
    assert rig.edges == 1
    rig.outb(0x40, 0)
    assert not rig.pic.levels[0]
    rig.run_ticks(21)
    assert rig.edges == 2


def test_mode_4_strobes_once():
    rig = Rig()
    rig.program(1, 4, 3)
    levels = []
    for _ in range(7):
        rig.run_ticks(1)
        levels.append(rig.out(1))
    assert levels == [1, 1, 1, 0, 1, 1, 1]


def test_mode_4_interrupt_of_counter_0():
    rig = Rig()
    rig.program(0, 4, 1000)
    before = rig.edges
    rig.run_ticks(1001)
    assert rig.edges == before
    rig.run_ticks(1)
    assert rig.edges == before + 1
    rig.run_ticks(100_000)
    assert rig.edges == before + 1


def test_mode_1_is_triggered_by_the_gate_and_retriggerable():
    rig = Rig()
    rig.program(2, 1, 5)
    rig.run_ticks(20)
    assert rig.out(2) == 1
    assert rig.status(2) & 0x40  # count not loaded
    rig.gate2(1)
    rig.run_ticks(1)
    assert rig.out(2) == 0
    assert not rig.status(2) & 0x40
    rig.gate2(0)
    rig.run_ticks(3)
    rig.gate2(1)  # again: five more clocks
    rig.run_ticks(5)
    assert rig.out(2) == 0
    rig.run_ticks(1)
    assert rig.out(2) == 1


def test_mode_5_strobe_after_trigger():
    rig = Rig()
    rig.program(2, 5, 3)
    rig.run_ticks(10)
    rig.gate2(1)
    levels = []
    for _ in range(6):
        rig.run_ticks(1)
        levels.append(rig.out(2))
    assert levels == [1, 1, 1, 0, 1, 1]


def test_gate_holds_mode_0_and_restarts_mode_3():
    rig = Rig()
    rig.gate2(1)
    rig.program(2, 0, 100)
    rig.run_ticks(41)
    assert rig.read(2) == 60
    rig.gate2(0)
    rig.run_ticks(1000)
    assert rig.read(2) == 60
    rig.gate2(1)
    rig.run_ticks(10)
    assert rig.read(2) == 50
    rig.program(2, 3, 100)
    rig.run_ticks(71)
    assert rig.out(2) == 0
    rig.gate2(0)
    assert rig.out(2) == 1
    rig.run_ticks(7)
    rig.gate2(1)
    rig.run_ticks(1)
    assert rig.read(2) == 100


def test_count_written_with_gate_low_waits():
    rig = Rig()
    rig.gate2(0)
    rig.program(2, 0, 30)
    rig.run_ticks(100)
    assert rig.read(2) == 30
    rig.gate2(1)
    rig.run_ticks(5)
    assert rig.read(2) == 25


def test_new_count_of_mode_2_waits_for_the_period():
    rig = Rig()
    rig.program(0, 2, 10)
    rig.run_ticks(4)
    rig.outb(0x40, 4)
    rig.outb(0x40, 0)
    assert rig.status(0) & 0x40
    seen = []
    for _ in range(10):
        rig.run_ticks(1)
        seen.append(rig.read(0))
    assert seen == [6, 5, 4, 3, 2, 1, 4, 3, 2, 1]
    assert not rig.status(0) & 0x40


def test_new_count_of_mode_3_waits_for_the_half_cycle():
    rig = Rig()
    rig.program(1, 3, 8)
    rig.run_ticks(2)
    rig.outb(0x41, 4)
    rig.outb(0x41, 0)
    levels = []
    for _ in range(8):
        rig.run_ticks(1)
        levels.append(rig.out(1))
    assert levels == [1, 1, 0, 0, 1, 1, 0, 0]


def test_bcd():
    rig = Rig()
    rig.program(0, 2, 0x1000, bcd=1)
    rig.run_ticks(2)
    assert rig.read(0) == 0x0999
    rig.program(0, 0, 0x0000, bcd=1)
    rig.run_ticks(2)
    assert rig.read(0) == 0x9999


def test_count_zero_is_65536():
    rig = Rig()
    rig.program(0, 2, 0)
    rig.run_ticks(1)
    assert rig.read(0) == 0
    rig.run_ticks(1)
    assert rig.read(0) == 0xFFFF


def test_single_byte_access():
    rig = Rig()
    rig.outb(CONTROL, 0x14)
    rig.outb(0x40, 18)
    rig.run_ticks(1)
    assert rig.inb(0x40) == 18
    rig.outb(CONTROL, 0x24)
    rig.outb(0x40, 2)
    rig.run_ticks(1)
    assert rig.inb(0x40) == 2
    rig.run_ticks(1)
    assert rig.inb(0x40) == 1


def test_latch_holds_until_read_and_second_latch_is_ignored():
    rig = Rig()
    rig.program(0, 2, 1000)
    rig.run_ticks(1)
    rig.outb(CONTROL, 0x00)
    rig.run_ticks(100)
    rig.outb(CONTROL, 0x00)
    assert rig.inb(0x40) | rig.inb(0x40) << 8 == 1000
    assert rig.inb(0x40) | rig.inb(0x40) << 8 == 900


def test_read_back_status_then_count_of_several_counters():
    rig = Rig()
    rig.program(0, 2, 1000)
    rig.program(1, 3, 500)
    rig.run_ticks(1)
    rig.outb(CONTROL, 0xC6)
    rig.run_ticks(300)
    assert rig.inb(0x40) == 0x80 | 0x30 | 2 << 1
    assert rig.inb(0x40) | rig.inb(0x40) << 8 == 1000
    assert rig.inb(0x41) == 0x80 | 0x30 | 3 << 1
    assert rig.inb(0x41) | rig.inb(0x41) << 8 == 500


def test_rate_of_18_2_hz_has_no_drift():
    rig = Rig()
    rig.program(0, 3, 0)
    before = rig.edges
    rig.advance(3600 * 10**9)
    assert rig.edges - before == 3600 * 10**9 * 105 // 88_000 // 65536


def test_lag_is_coalesced_and_the_phase_kept():
    rig = Rig()
    rig.program(0, 2, 11932)  # 10 ms
    start = rig.pit.tick + 1
    before = rig.edges
    rig.clock += 95_000_000  # the host was away for nine periods and a half
    rig.time.run_due()
    assert rig.edges == before + 1
    rig.to_tick(start + 10 * 11932 - 1)
    assert rig.edges == before + 1
    rig.run_ticks(1)
    assert rig.edges == before + 2


def test_absurd_rate_is_bounded():
    rig = Rig()
    rig.program(0, 2, 1)
    before = rig.edges
    rig.advance(10_000_000)
    assert 100 < rig.edges - before <= 500


def test_port_61_refresh_toggles_and_out2():
    rig = Rig()
    changes, last = 0, rig.inb(0x61) & 0x10
    for _ in range(1000):
        rig.advance(1000)
        bit = rig.inb(0x61) & 0x10
        changes += bit != last
        last = bit
    assert 64 <= changes <= 68  # 1 ms / 15.085 us
    rig.outb(0x61, 0xFF)
    assert rig.inb(0x61) & 0x0F == 0x0F
    rig.program(2, 0, 20)
    assert not rig.inb(0x61) & 0x20
    rig.run_ticks(21)
    assert rig.inb(0x61) & 0x20


def test_control_register_reads_ones_and_undefined_modes_alias():
    rig = Rig()
    assert rig.inb(CONTROL) == 0xFF
    rig.outb(CONTROL, 0x3C)
    assert rig.status(0) >> 1 & 7 == 2
    rig.outb(CONTROL, 0x3E)
    assert rig.status(0) >> 1 & 7 == 3


def test_reset_stops_the_interrupt_and_init_does_not():
    rig = Rig()
    rig.program(0, 2, 1000)
    rig.set.reset(ResetKind.SOFT)
    before = rig.edges
    rig.run_ticks(5000)
    assert rig.edges > before
    rig.set.reset(ResetKind.HARD)
    before = rig.edges
    rig.run_ticks(5000)
    assert rig.edges == before
    assert not rig.pic.levels[0]


def test_state_survives_a_round_trip():
    rig = Rig()
    rig.program(0, 2, 1000)
    rig.program(2, 0, 5000)
    rig.run_ticks(300)
    saved = msgspec.msgpack.encode(rig.pit.state)
    other = Rig()
    other.clock = rig.clock
    other.pit.state = msgspec.msgpack.decode(saved, type=type(other.pit.state))
    other.pit.state_loaded(1)
    for r in (rig, other):
        r.run_ticks(1)
    assert rig.read(0) == other.read(0)
    first, second = rig.edges, other.edges
    for r in (rig, other):
        r.run_ticks(2500)
    assert rig.edges - first == other.edges - second == 2


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x40, 0x41, 0x42, 0x43, 0x61]),
            st.integers(0, 255),
            st.sampled_from([0, 1, 840, 100_000]),
            st.booleans(),
        ),
        max_size=60,
    )
)
def test_any_sequence_is_taken(steps):
    rig = Rig()
    for port, value, delay, reading in steps:
        if reading:
            assert 0 <= rig.inb(port) <= 255
        else:
            rig.outb(port, value)
        rig.advance(delay)
        for n, counter in enumerate(rig.pit.state.counters):
            assert 0 <= counter.value(rig.pit.tick) <= 0xFFFF, n


@pytest.mark.parametrize("mode", [0, 4])
def test_short_one_shot_is_not_lost_when_the_host_is_slow(mode):
    """Host time goes on while the handler runs; the edge then lies in the past, and must come."""
    rig = Rig()
    rig.outb(CONTROL, 0x30 | mode << 1)
    rig.outb(0x40, 15)
    before = rig.edges

    def hurrying():
        rig.clock += 100_000
        return rig.clock

    rig.time._source = hurrying
    rig.outb(0x40, 0)
    rig.time._source = lambda: rig.clock
    rig.advance(1_000_000)
    assert rig.edges == before + 1
