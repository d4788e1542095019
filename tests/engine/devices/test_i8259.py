"""8259A pair: data sheet behaviour through the ports and the INTA cycle."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pdm import ResetKind
from engine.pdm.irq import IrqLine
from tests.engine.bench import Bench, tree

PRIMARY, SECONDARY, ELCR = 0x20, 0xA0, 0x4D0


class Rig:
    def __init__(self, *, icw4=0x01, mask=0x00, mask2=0x00):
        self.bench = Bench(tree(i8259={}), real_pic=True)
        self.pic = self.bench.device("i8259")
        self.lines = [IrqLine(f"test{n}", self.pic.isa_input(n)) for n in range(16)]
        self.initialize(icw4)
        self.out(PRIMARY + 1, mask)
        self.out(SECONDARY + 1, mask2)

    def initialize(self, icw4=0x01):
        for base, vector, cascade in ((PRIMARY, 0x08, 0x04), (SECONDARY, 0x70, 0x02)):
            self.out(base, 0x11)
            self.out(base + 1, vector)
            self.out(base + 1, cascade)
            self.out(base + 1, icw4)

    def out(self, port, value):
        self.bench.outb(port, value)

    def read(self, port):
        return self.bench.inb(port)

    def isr(self, base=PRIMARY):
        self.out(base, 0x0B)
        return self.read(base)

    def irr(self, base=PRIMARY):
        self.out(base, 0x0A)
        return self.read(base)

    def raise_(self, *irqs):
        for irq in irqs:
            self.lines[irq].set(True)

    @property
    def intr(self):
        assert self.bench.machine.intr == self.pic.has_interrupt()
        return self.pic.has_interrupt()


def test_edge_request_is_acknowledged_once():
    rig = Rig()
    rig.raise_(1)
    assert rig.intr
    assert rig.irr() == 0x02
    assert rig.pic.acknowledge() == 0x09
    assert not rig.intr
    assert rig.irr() == 0
    assert rig.isr() == 0x02
    rig.out(PRIMARY, 0x20)
    assert rig.isr() == 0
    assert not rig.intr  # the line is still high: no new edge
    rig.lines[1].pulse()
    assert rig.intr


def test_priorities_nest():
    rig = Rig()
    rig.raise_(4, 6)
    assert rig.pic.acknowledge() == 0x0C
    assert not rig.intr  # 6 is lower than the one in service
    rig.raise_(0)
    assert rig.intr
    assert rig.pic.acknowledge() == 0x08
    rig.out(PRIMARY, 0x20)  # ends 0, the highest in service
    assert rig.isr() == 0x10
    assert not rig.intr
    rig.out(PRIMARY, 0x64)  # specific EOI of 4
    assert rig.intr
    assert rig.pic.acknowledge() == 0x0E


def test_mask_holds_back_and_releases():
    rig = Rig(mask=0x08)
    rig.raise_(3)
    assert not rig.intr
    assert rig.irr() == 0x08
    rig.out(PRIMARY + 1, 0)
    assert rig.intr
    assert rig.read(PRIMARY + 1) == 0


def test_withdrawn_edge_gives_spurious_irq7_without_isr():
    rig = Rig()
    rig.raise_(5)
    rig.lines[5].set(False)
    assert not rig.intr
    assert rig.pic.acknowledge() == 0x0F
    assert rig.isr() == 0


def test_withdrawn_request_of_the_second_chip_gives_spurious_irq15():
    rig = Rig()
    rig.raise_(12)
    chip = rig.pic.state.secondary
    chip.irr = 0  # the request goes away between the two INTA pulses
    assert rig.pic.acknowledge() == 0x77
    assert rig.isr(SECONDARY) == 0
    assert rig.isr() == 0x04  # the first chip has the cascade in service


def test_cascade_and_its_nesting():
    rig = Rig()
    rig.raise_(14, 8)
    assert rig.pic.acknowledge() == 0x70
    assert rig.isr() == 0x04
    assert rig.isr(SECONDARY) == 0x01
    assert not rig.intr
    rig.out(SECONDARY, 0x20)
    rig.out(PRIMARY, 0x20)
    assert rig.intr
    assert rig.pic.acknowledge() == 0x76


def test_second_chip_has_priority_of_input_2():
    rig = Rig()
    rig.raise_(3, 15)
    assert rig.pic.acknowledge() == 0x77
    rig.out(SECONDARY, 0x20)
    rig.out(PRIMARY, 0x20)
    assert rig.pic.acknowledge() == 0x0B


def test_normal_nesting_blocks_the_second_chip_and_special_fully_nested_does_not():
    for icw4, passes in ((0x01, False), (0x11, True)):
        rig = Rig(icw4=icw4)
        rig.raise_(12)
        assert rig.pic.acknowledge() == 0x74
        rig.raise_(8)
        assert rig.intr is passes


def test_irq2_of_the_bus_is_irq9():
    rig = Rig()
    rig.raise_(2)
    assert rig.pic.acknowledge() == 0x71


def test_automatic_eoi():
    rig = Rig(icw4=0x03)
    rig.raise_(4)
    assert rig.pic.acknowledge() == 0x0C
    assert rig.isr() == 0
    rig.lines[4].pulse()
    assert rig.intr


def test_rotation_on_automatic_eoi():
    rig = Rig(icw4=0x03)
    rig.out(PRIMARY, 0x80)
    rig.raise_(0, 1)
    assert rig.pic.acknowledge() == 0x08
    rig.lines[0].pulse()
    assert rig.pic.acknowledge() == 0x09  # 0 has become the lowest
    assert rig.pic.acknowledge() == 0x08
    rig.out(PRIMARY, 0x00)
    rig.raise_(3)
    rig.lines[1].pulse()
    assert rig.pic.acknowledge() == 0x09  # order of the last rotation stays: 1..7, 0
    assert rig.pic.state.primary.lowest == 0


def test_rotation_on_nonspecific_and_specific_eoi_and_set_priority():
    rig = Rig()
    rig.raise_(0, 1)
    assert rig.pic.acknowledge() == 0x08
    rig.out(PRIMARY, 0xA0)  # rotate on non-specific EOI
    rig.lines[0].pulse()
    assert rig.pic.acknowledge() == 0x09
    rig.out(PRIMARY, 0xE1)  # rotate on specific EOI of 1
    assert rig.isr() == 0
    assert rig.pic.state.primary.lowest == 1
    rig.out(PRIMARY, 0xC4)  # 4 lowest, so 5 highest
    rig.raise_(5)
    assert rig.pic.acknowledge() == 0x0D


def test_nonspecific_eoi_with_nothing_in_service_changes_nothing():
    rig = Rig()
    rig.out(PRIMARY, 0xA0)
    assert rig.pic.state.primary.lowest == 7


def test_special_mask_mode_lets_lower_levels_through():
    rig = Rig()
    rig.raise_(2 + 1)
    assert rig.pic.acknowledge() == 0x0B
    rig.raise_(6)
    assert not rig.intr
    rig.out(PRIMARY + 1, 0x08)  # mask the level in service
    rig.out(PRIMARY, 0x68)  # set special mask mode
    assert rig.intr
    assert rig.pic.acknowledge() == 0x0E
    rig.out(PRIMARY, 0x20)
    assert rig.isr() == 0x08  # the masked level is passed over
    rig.out(PRIMARY, 0x48)
    assert not rig.intr


def test_level_triggered_input_asks_again_until_the_line_falls():
    rig = Rig()
    rig.out(ELCR + 1, 0x08)
    rig.raise_(11)
    assert rig.pic.acknowledge() == 0x73
    rig.out(SECONDARY, 0x20)
    rig.out(PRIMARY, 0x20)
    assert rig.intr
    rig.lines[11].set(False)
    assert not rig.intr


def test_elcr_keeps_the_fixed_inputs_edge_triggered():
    rig = Rig()
    rig.out(ELCR, 0xFF)
    rig.out(ELCR + 1, 0xFF)
    assert rig.read(ELCR) == 0xF8
    assert rig.read(ELCR + 1) == 0xDE


def test_poll_acknowledges():
    rig = Rig()
    rig.raise_(4, 7)
    rig.out(PRIMARY, 0x0C)
    assert rig.read(PRIMARY) == 0x84
    assert rig.isr() == 0x10
    assert not rig.intr
    rig.out(PRIMARY, 0x0C)
    assert rig.read(PRIMARY + 1) == 0  # at either address
    assert rig.read(PRIMARY + 1) == 0x00


def test_icw1_clears_and_needs_new_edges():
    rig = Rig()
    rig.raise_(4)
    rig.out(PRIMARY + 1, 0xFF)
    rig.initialize()
    assert rig.read(PRIMARY + 1) == 0
    assert not rig.intr
    rig.lines[4].pulse()
    assert rig.intr


def test_initialization_without_icw4_and_single():
    rig = Rig(icw4=0x03)
    rig.out(PRIMARY, 0x12)  # SNGL, no ICW4
    rig.out(PRIMARY + 1, 0x40)
    rig.out(PRIMARY + 1, 0xEF)  # already OCW1
    assert rig.read(PRIMARY + 1) == 0xEF
    rig.raise_(4)
    assert rig.pic.acknowledge() == 0x44
    assert rig.isr() == 0x10  # AEOI is off


@pytest.mark.parametrize("kind", [ResetKind.HARD, ResetKind.POWER_ON])
def test_reset_keeps_pin_levels(kind):
    rig = Rig()
    rig.raise_(3, 9)
    rig.bench.set.reset(kind)
    assert not rig.intr
    assert rig.irr() == 0
    rig.initialize()
    rig.lines[9].set(False)
    rig.raise_(9)
    assert rig.pic.acknowledge() == 0x71


def test_init_does_not_reach_the_chips():
    rig = Rig(mask=0x5A)
    rig.bench.set.reset(ResetKind.SOFT)
    assert rig.read(PRIMARY + 1) == 0x5A


def test_state_survives_a_round_trip():
    rig = Rig()
    rig.raise_(4, 12)
    assert rig.pic.acknowledge() == 0x74
    saved = msgspec.msgpack.encode(rig.pic.state)
    other = Rig()
    other.pic.state = msgspec.msgpack.decode(saved, type=type(other.pic.state))
    other.pic.state_loaded(1)
    other.raise_(4, 12)  # devices drive their lines again: no new edges
    assert not other.intr
    other.out(SECONDARY, 0x20)
    other.out(PRIMARY, 0x20)
    assert other.pic.acknowledge() == 0x0C


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("out"), st.sampled_from([0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1]), st.integers(0, 255)),
            st.tuples(st.just("in"), st.sampled_from([0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1]), st.just(0)),
            st.tuples(st.just("line"), st.integers(0, 15), st.integers(0, 1)),
            st.tuples(st.just("ack"), st.just(0), st.just(0)),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_any_sequence_keeps_registers_in_range(steps):
    rig = Rig()
    for what, where, value in steps:
        if what == "out":
            rig.out(where, value)
        elif what == "in":
            assert 0 <= rig.read(where) <= 255
        elif what == "line":
            rig.lines[where].set(bool(value))
        else:
            assert 0 <= rig.pic.acknowledge() <= 255
        assert rig.intr in {True, False}
        for chip in (rig.pic.state.primary, rig.pic.state.secondary):
            assert all(0 <= r <= 255 for r in (chip.irr, chip.imr, chip.isr, chip.pins))
