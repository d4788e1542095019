"""Parallel port: what is printed, the interrupt, an empty connector, saved states."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.devices import parallel as p
from engine.devices.parallel import ParallelState
from engine.hostio.characters import CharacterBuffer
from engine.pdm.interfaces import ResetKind
from tests.engine.bench import Bench, tree

BASE, IRQ = 0x378, 7
IDLE = p.NOT_INITIALIZE | p.SELECT_IN


class Rig(Bench):
    def __init__(self, printer=True, **config):
        self.printer = CharacterBuffer()
        super().__init__(
            tree(parallel=config), attachments={("parallel/0", 0): self.printer} if printer else {}
        )
        self.outb(BASE + p.CONTROL, IDLE)

    def print(self, text, idle=IDLE):
        """Print as the BIOS does."""
        for byte in text:
            self.outb(BASE, byte)
            assert self.inb(BASE + p.STATUS) & p.NOT_BUSY
            self.outb(BASE + p.CONTROL, idle | p.STROBE)
            assert not self.inb(BASE + p.STATUS) & p.NOT_BUSY
            self.outb(BASE + p.CONTROL, idle)


def test_bytes_reach_the_printer():
    rig = Rig()
    rig.print(b"Hello\x0c")
    assert rig.printer.data == b"Hello\x0c"


def test_registers_read_back():
    rig = Rig()
    rig.outb(BASE, 0xA5)
    assert rig.inb(BASE) == 0xA5
    assert rig.inb(BASE + p.CONTROL) == 0xC0 | IDLE
    assert rig.inb(BASE + p.STATUS) == 0xDF
    rig.outb(BASE + p.CONTROL, IDLE | p.INPUT)
    assert rig.inb(BASE) == 0xFF


def test_strobes_of_other_modes_print_nothing():
    rig = Rig()
    for idle in (p.NOT_INITIALIZE, p.SELECT_IN, IDLE | p.INPUT):
        rig.outb(BASE + p.CONTROL, idle | p.STROBE)
        rig.outb(BASE + p.CONTROL, idle)
    assert rig.printer.data == b""


def test_without_a_device_the_lines_are_high():
    rig = Rig(printer=False)
    assert rig.inb(BASE + p.STATUS) == 0x7F
    rig.outb(BASE + p.CONTROL, IDLE | p.STROBE)
    rig.outb(BASE + p.CONTROL, IDLE)
    assert rig.inb(BASE + p.STATUS) == 0x7F


def test_the_interrupt_stays_until_the_status_is_read():
    rig = Rig()
    rig.outb(BASE + p.CONTROL, IDLE | p.INTERRUPT_ENABLE)
    assert not rig.pic.levels[IRQ]
    rig.outb(BASE + p.CONTROL, IDLE | p.INTERRUPT_ENABLE | p.STROBE)
    rig.outb(BASE + p.CONTROL, IDLE | p.INTERRUPT_ENABLE)
    assert rig.pic.levels[IRQ]
    assert not rig.inb(BASE + p.STATUS) & p.NO_INTERRUPT
    assert not rig.pic.levels[IRQ]
    assert rig.inb(BASE + p.STATUS) & p.NO_INTERRUPT


def test_a_saved_state_goes_on():
    rig = Rig(io_base=BASE, irq=5)
    rig.outb(BASE, 0x42)
    rig.outb(BASE + p.CONTROL, IDLE | p.STROBE | p.INTERRUPT_ENABLE)
    saved = msgspec.msgpack.encode(rig.device("parallel").state_to_save())
    other = Rig(io_base=BASE, irq=5)
    device = other.device("parallel")
    device.state = msgspec.msgpack.decode(saved, type=ParallelState)
    device.state_loaded(1)
    other.outb(BASE + p.CONTROL, IDLE | p.INTERRUPT_ENABLE)
    assert other.printer.data == b"\x42"
    assert other.pic.levels[5]
    device.reset(ResetKind.HARD)
    assert not other.pic.levels[5]
    assert other.inb(BASE + p.CONTROL) == 0xC0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 255)), max_size=40))
def test_random_writes(writes):
    rig = Rig()
    for offset, value in writes:
        rig.outb(BASE + offset, value)
        assert rig.inb(BASE + offset) <= 0xFF
