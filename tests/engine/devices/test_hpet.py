"""HPET: the counter, one-shot and periodic comparators, legacy replacement."""

import msgspec
import pytest

from engine.devices import hpet
from engine.iom import read_range, write_range
from engine.pdm import ResetKind
from tests.engine.bench import Bench, tree

T0, T2 = hpet.FIRST_TIMER, hpet.FIRST_TIMER + 2 * hpet.TIMER_STRIDE


class Rig(Bench):
    def __init__(self):
        super().__init__(tree(hpet={}, i8254={}))
        self.block = self.memory.section_at(hpet.BASE).region.block

    def read(self, offset, size=8):
        return read_range(self.block, offset, size)

    def write(self, offset, value, size=8):
        write_range(self.block, offset, value, size)

    def start(self, *, legacy=False):
        self.write(hpet.CONFIGURATION, hpet.ENABLE | (hpet.LEGACY_REPLACEMENT if legacy else 0))


@pytest.fixture
def rig():
    return Rig()


def test_identity(rig):
    assert rig.read(0) == 10_000_000 << 32 | 0x8086A201
    assert rig.read(4, 4) == 10_000_000
    assert rig.read(0, 4) == 0x8086A201


def test_the_counter_runs_while_it_is_enabled(rig):
    rig.advance(1000)
    assert rig.read(hpet.COUNTER) == 0
    rig.write(hpet.COUNTER, 500)
    rig.start()
    rig.advance(1000)
    assert rig.read(hpet.COUNTER) == 600
    rig.write(hpet.CONFIGURATION, 0)
    rig.advance(1000)
    assert rig.read(hpet.COUNTER) == 600
    assert rig.read(hpet.COUNTER + 4, 4) == 0


def test_one_shot(rig):
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 100)
    rig.advance(999)
    assert rig.pic.edges[11] == 0
    rig.advance(1)
    assert rig.pic.edges[11] == 1
    rig.advance(100_000)
    assert rig.pic.edges[11] == 1


def test_periodic_in_legacy_replacement_takes_interrupt_0_over(rig):
    rig.outb(0x43, 0x34)
    rig.outb(0x40, 0)
    rig.outb(0x40, 1)  # the 8254 ticks every 215 us
    rig.start(legacy=True)
    rig.write(T0, hpet.INTERRUPT_ENABLE | hpet.PERIODIC | hpet.SET_VALUE)
    rig.write(T0 + 8, 1000)
    rig.write(T0 + 8, 1000)
    before = rig.pic.edges[0]
    for beats in range(1, 6):
        rig.advance(10_000)
        assert rig.pic.edges[0] == before + beats
    rig.write(hpet.CONFIGURATION, hpet.ENABLE)
    edges = rig.pic.edges[0]
    rig.advance(500_000)
    assert rig.pic.edges[0] > edges  # the 8254 again


def test_level_triggered_until_it_is_acknowledged(rig):
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | hpet.LEVEL | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 10)
    rig.advance(100)
    assert rig.pic.levels[11]
    assert rig.read(hpet.STATUS) == 4
    rig.write(hpet.STATUS, 4)
    assert not rig.pic.levels[11]
    assert rig.read(hpet.STATUS) == 0


def test_the_status_of_a_level_is_there_before_its_interrupt_is_enabled(rig):
    rig.start()
    rig.write(T2, hpet.LEVEL | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 10)
    rig.advance(100)
    assert rig.read(hpet.STATUS) == 4
    assert not rig.pic.levels[11]
    rig.write(T2, hpet.INTERRUPT_ENABLE | hpet.LEVEL | 11 << hpet.ROUTE_SHIFT)
    assert rig.pic.levels[11]
    rig.write(hpet.CONFIGURATION, 0)
    assert not rig.pic.levels[11]
    assert rig.read(hpet.STATUS) == 4
    rig.start()
    assert rig.pic.levels[11]


def test_a_route_that_leads_nowhere_interrupts_nobody(rig):
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | 5 << hpet.ROUTE_SHIFT)
    rig.write(T0, hpet.INTERRUPT_ENABLE)  # input 0, without legacy replacement
    before = list(rig.pic.edges)
    for timer in (T0, T2):
        rig.write(timer + 8, 10)
    rig.advance(100)
    assert list(rig.pic.edges) == before


@pytest.mark.parametrize("value", [1 << 33, 1 << 33 | 500])
def test_halves_of_a_period_do_not_mix_with_the_comparator(rig, value):
    """After 43 s the comparator is beyond 32 bits; the period that is written then is not."""
    rig.write(hpet.COUNTER, value)
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | hpet.PERIODIC | hpet.SET_VALUE | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, value + 1000)
    rig.write(T2 + 12, 0, 4)
    rig.write(T2 + 8, 1000, 4)
    for beats in range(1, 4):
        rig.advance(10_000)
        assert rig.pic.edges[11] == beats


def test_one_write_with_set_value_is_the_period_too(rig):
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | hpet.PERIODIC | hpet.SET_VALUE | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 1000)
    assert not rig.read(T2) & hpet.SET_VALUE
    for beats in range(1, 4):
        rig.advance(10_000)
        assert rig.pic.edges[11] == beats


def test_32_bit_comparators_come_round(rig):
    rig.start()
    rig.write(T2, hpet.INTERRUPT_ENABLE | hpet.MODE_32 | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 5, 4)
    rig.advance(50)
    assert rig.pic.edges[11] == 1
    rig.advance((1 << 32) * hpet.TICK_NS)
    assert rig.pic.edges[11] == 2


def test_a_value_that_has_passed_does_not_fire(rig):
    rig.start()
    rig.advance(1000)
    rig.write(T2, hpet.INTERRUPT_ENABLE | 11 << hpet.ROUTE_SHIFT)
    rig.write(T2 + 8, 50)
    rig.advance(1_000_000)
    assert rig.pic.edges[11] == 0


def test_saved_state_goes_on(rig):
    rig.start()
    rig.advance(770)
    state = msgspec.msgpack.encode(rig.device("hpet").state_to_save())
    rig.device("hpet").reset(ResetKind.HARD)
    assert rig.read(hpet.COUNTER) == 0
    rig.device("hpet").state = msgspec.msgpack.decode(state, type=hpet.HpetState)
    rig.device("hpet").state_loaded(1)
    assert rig.read(hpet.COUNTER) == 77
