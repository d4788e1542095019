"""Local APIC and I/O APIC: priorities, virtual wire, timer, messages, level-triggered lines."""

import msgspec
import pytest

from engine.devices import apic as lapic
from engine.devices import ioapic
from engine.iom import read_range, write_range
from tests.engine.bench import Bench, tree

UP = 0x100  # SVR: software enable


class Rig(Bench):
    def __init__(self):
        super().__init__(tree(apic={}, i8259={}, ioapic={}, i8254={}), real_pic=True)

    def _block(self, base):
        return self.memory.section_at(base).region.block

    def read(self, offset, base=lapic.BASE):
        return read_range(self._block(base), offset, 4)

    def write(self, offset, value, base=lapic.BASE):
        write_range(self._block(base), offset, value, 4)

    def select(self, number):
        self.write(ioapic.IOREGSEL, number, ioapic.BASE)

    def io_read(self, number):
        self.select(number)
        return self.read(ioapic.IOWIN, ioapic.BASE)

    def io_write(self, number, value):
        self.select(number)
        self.write(ioapic.IOWIN, value, ioapic.BASE)

    def route(self, pin, low, destination=0):
        self.io_write(ioapic.REDIRECTION + 2 * pin + 1, destination << 24)
        self.io_write(ioapic.REDIRECTION + 2 * pin, low)

    def line(self, irq, level):
        """Drive an ISA line as a device does."""
        source = self.sources.setdefault(irq, self._source(irq))
        source.set(level)

    sources: dict

    def _source(self, irq):
        from engine.pdm.irq import IrqLine

        return IrqLine(f"test{irq}", self.device("i8259").isa_input(irq))

    def take(self):
        """The processor takes an interrupt."""
        assert self.machine.intr
        return self.device("apic").acknowledge()

    def program_8259(self):
        for port, value in ((0x20, 0x11), (0x21, 0x08), (0x21, 4), (0x21, 1), (0x21, 0),
                            (0xA0, 0x11), (0xA1, 0x70), (0xA1, 2), (0xA1, 1), (0xA1, 0)):
            self.outb(port, value)  # fmt: skip


@pytest.fixture
def rig():
    machine = Rig()
    machine.sources = {}
    return machine


def test_identity(rig):
    assert rig.read(lapic.VERSION_REGISTER) == 0x50014
    assert rig.read(lapic.ID) == 0
    assert rig.read(lapic.SVR) == 0xFF
    assert rig.read(lapic.DFR) == 0xFFFFFFFF
    assert rig.io_read(ioapic.VERSION_REGISTER) == 23 << 16 | 0x11


def test_the_8259_passes_through_after_reset(rig):
    rig.program_8259()
    rig.line(5, True)
    assert rig.take() == 0x0D


def test_a_masked_wire_stops_the_8259(rig):
    rig.program_8259()
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED | 0x700)
    rig.line(5, True)
    assert not rig.machine.intr
    rig.write(lapic.LVT_LINT0, 0x700)
    assert rig.take() == 0x0D


def test_priorities_and_ends_of_interrupts(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    for vector in (0x41, 0x52, 0x48):
        rig.write(lapic.ICR_LOW, 0x40000 | vector)  # to self
    assert rig.take() == 0x52
    assert rig.read(lapic.PPR) == 0x50
    assert not rig.machine.intr  # 48h and 41h have a lower class
    assert rig.read(lapic.ISR + 0x20) == 1 << 0x12
    assert rig.read(lapic.IRR + 0x20) == 1 << 8 | 1 << 1
    rig.write(lapic.EOI, 0)
    assert rig.take() == 0x48
    rig.write(lapic.EOI, 0)
    assert rig.take() == 0x41
    rig.write(lapic.EOI, 0)
    assert not rig.machine.intr
    assert rig.read(lapic.PPR) == 0


def test_task_priority_holds_lower_classes(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.TPR, 0x50)
    rig.write(lapic.ICR_LOW, 0x40052)
    assert not rig.machine.intr
    rig.write(lapic.TPR, 0x4F)
    assert rig.take() == 0x52


def test_a_disabled_apic_takes_no_messages(rig):
    rig.write(lapic.ICR_LOW, 0x40041)
    assert not rig.machine.intr
    rig.write(lapic.LVT_TIMER, 0x30)
    assert rig.read(lapic.LVT_TIMER) == lapic.LVT_MASKED | 0x30


def test_illegal_vectors_are_errors(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_ERROR, 0xFE)
    rig.write(lapic.ICR_LOW, 0x40005)
    rig.write(lapic.ESR, 0)
    assert rig.read(lapic.ESR) == lapic.ESR_SEND_ILLEGAL
    assert rig.take() == 0xFE


def test_nmi_message(rig):
    rig.write(lapic.ICR_LOW, 0x40400)
    assert rig.machine.nmis == 1


@pytest.mark.parametrize(("divide", "factor"), [(0b1011, 1), (0, 2), (3, 16), (0b1010, 128)])
def test_one_shot_timer(rig, divide, factor):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_TIMER, 0x30)
    rig.write(lapic.DIVIDE, divide)
    rig.write(lapic.INITIAL_COUNT, 1000)
    rig.advance(400 * factor)
    assert rig.read(lapic.CURRENT_COUNT) == 600
    rig.advance(599 * factor)
    assert not rig.machine.intr
    rig.advance(factor)
    assert rig.take() == 0x30
    assert rig.read(lapic.CURRENT_COUNT) == 0
    rig.write(lapic.EOI, 0)
    rig.advance(5000 * factor)
    assert not rig.machine.intr


def test_a_timer_that_runs_goes_on_at_another_rate(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_TIMER, 0x30)
    rig.write(lapic.DIVIDE, 0b1011)
    rig.write(lapic.INITIAL_COUNT, 1000)
    rig.advance(400)
    rig.write(lapic.DIVIDE, 0)  # by 2
    assert rig.read(lapic.CURRENT_COUNT) == 600
    rig.advance(1199)
    assert not rig.machine.intr
    rig.advance(1)
    assert rig.take() == 0x30


def test_periodic_timer_keeps_its_beat(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_TIMER, lapic.LVT_PERIODIC | 0x30)
    rig.write(lapic.DIVIDE, 0b1011)
    rig.write(lapic.INITIAL_COUNT, 1000)
    for _ in range(3):
        rig.advance(1000)
        assert rig.take() == 0x30
        rig.write(lapic.EOI, 0)
    rig.advance(250)
    assert rig.read(lapic.CURRENT_COUNT) == 750
    rig.write(lapic.INITIAL_COUNT, 0)
    rig.advance(5000)
    assert not rig.machine.intr


def test_edges_through_the_io_apic(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.route(4, 0x44)
    rig.line(4, True)
    assert rig.take() == 0x44
    rig.write(lapic.EOI, 0)
    assert not rig.machine.intr  # still high: no new edge
    rig.line(4, False)
    rig.line(4, True)
    assert rig.take() == 0x44


def test_a_masked_edge_is_lost_and_a_masked_level_waits(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.line(4, True)
    rig.route(4, 0x44)
    assert not rig.machine.intr
    rig.route(11, ioapic.MASKED | ioapic.LEVEL | 0x5B)
    rig.line(11, True)
    assert not rig.machine.intr
    rig.route(11, ioapic.LEVEL | 0x5B)
    assert rig.take() == 0x5B


def test_levels_come_again_until_the_line_falls(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.route(11, ioapic.LEVEL | 0x5B)
    rig.line(11, True)
    assert rig.take() == 0x5B
    assert rig.io_read(ioapic.REDIRECTION + 22) & ioapic.REMOTE_IRR
    assert not rig.machine.intr
    rig.write(lapic.EOI, 0)
    assert rig.take() == 0x5B
    rig.line(11, False)
    rig.write(lapic.EOI, 0)
    assert not rig.machine.intr
    assert not rig.io_read(ioapic.REDIRECTION + 22) & ioapic.REMOTE_IRR


def test_a_level_that_nobody_accepts_does_not_count_as_served(rig):
    rig.route(11, ioapic.LEVEL | 0x5B)
    rig.line(11, True)  # the local APIC is off
    assert not rig.io_read(ioapic.REDIRECTION + 22) & ioapic.REMOTE_IRR
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.route(11, ioapic.LEVEL | 0x5B)
    assert rig.take() == 0x5B


def test_isa_interrupt_0_is_at_input_2(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.route(2, 0x42)
    rig.line(0, True)
    assert rig.take() == 0x42


@pytest.mark.parametrize(("low", "destination", "arrives"), [
    (0x44, 0, True), (0x44, 1, False), (0x44, 0xFF, True),
    (0x844, 1, True), (0x844, 2, False), (0x944, 3, True), (0x844, 0xFF, True),
])  # fmt: skip
@pytest.mark.parametrize("model", [0xFFFFFFFF, 0x0FFFFFFF])
def test_destinations(rig, model, low, destination, arrives):
    rig.write(lapic.DFR, model)
    rig.write(lapic.SVR, UP | 0xFF)
    rig.write(lapic.LVT_LINT0, lapic.LVT_MASKED)
    rig.write(lapic.LDR, 1 << 24)
    rig.route(4, low, destination)
    rig.line(4, True)
    assert rig.machine.intr is arrives


def test_saved_states_hold_everything(rig):
    rig.write(lapic.SVR, UP | 0xFF)
    rig.route(11, ioapic.LEVEL | 0x5B)
    rig.line(11, True)
    rig.take()
    rig.write(lapic.ICR_LOW, 0x40041)
    other = Rig()
    other.sources = {}
    for name in ("apic", "ioapic"):
        source, target = rig.device(name), other.device(name)
        packed = msgspec.msgpack.encode(source.state_to_save())
        target.state = msgspec.msgpack.decode(packed, type=type(source.state))
        target.state_loaded(1)
    assert other.read(lapic.ISR + 0x20) == rig.read(lapic.ISR + 0x20)
    other.write(lapic.EOI, 0)
    assert other.take() == 0x5B  # the line was high
    other.write(lapic.EOI, 0)


def test_reserved_registers_are_told(rig):
    assert rig.read(0x50) == 0
    rig.write(0x50, 1)
    assert rig.device("apic").guest_errors == 2
