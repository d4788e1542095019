"""PIIX3 ISA bridge: interrupt routing, reset control, APM."""

from __future__ import annotations

import msgspec
import pytest

from engine.devices.piix3 import Piix3State
from engine.pdm import AcpiHardware, IrqLine, PciInterruptRouter, ResetKind
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace


@pytest.fixture
def bench():
    return Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}))


@pytest.fixture
def bridge(bench):
    return ConfigSpace(bench, 1)


def interrupt(bench, slot, pin):
    line = IrqLine("test")
    line.connect(bench.set.find(PciInterruptRouter).pirq_input(slot, pin))
    return line


def test_identity(bridge):
    assert bridge.read(0x00) == 0x7000_8086
    assert bridge.read(0x08) >> 8 == 0x060100
    assert bridge.read(0x0E, 1) == 0x80
    assert bridge.read(0x60) == 0x80808080


@pytest.mark.parametrize(
    ("slot", "pin", "pirq"), [(1, 0, 0), (2, 0, 1), (3, 0, 2), (4, 0, 3), (5, 0, 0), (1, 3, 3)]
)
def test_swizzle(bench, bridge, slot, pin, pirq):
    bridge.write(0x60 + pirq, 11, 1)
    line = interrupt(bench, slot, pin)
    line.set(True)
    assert bench.pic.levels[11]
    line.set(False)
    assert not bench.pic.levels[11]


def test_reroute_moves_a_level_that_is_high(bench, bridge):
    line = interrupt(bench, 1, 0)
    line.set(True)
    assert not any(bench.pic.levels)
    bridge.write(0x60, 10, 1)
    assert bench.pic.levels[10]
    bridge.write(0x60, 5, 1)
    assert bench.pic.levels[5]
    assert not bench.pic.levels[10]
    bridge.write(0x60, 0x85, 1)
    assert not any(bench.pic.levels)


@pytest.mark.parametrize("irq", [0, 1, 2, 8, 13])
def test_interrupts_of_the_board_cannot_be_chosen(bench, bridge, irq):
    bridge.write(0x60, irq, 1)
    interrupt(bench, 1, 0).set(True)
    assert not any(bench.pic.levels)


def test_shared_interrupt_stays_high_until_the_last_source(bench, bridge):
    bridge.write(0x60, 0x0A0A0A0A)
    first, second = interrupt(bench, 1, 0), interrupt(bench, 2, 0)
    first.set(True)
    second.set(True)
    first.set(False)
    assert bench.pic.levels[10]
    second.set(False)
    assert not bench.pic.levels[10]


def test_reset_control(bench):
    bench.outb(0xCF9, 0x02)
    assert bench.machine.resets == []
    bench.outb(0xCF9, 0x06)
    bench.outb(0xCF9, 0x04)
    assert [kind for kind, _ in bench.machine.resets] == [ResetKind.HARD, ResetKind.SOFT]


def test_apm_ports_keep_their_bytes_and_reach_power_management(bench):
    seen = []

    class Listener:
        def apm_command(self, value):
            seen.append(value)

    bench.set.interfaces[AcpiHardware] = Listener()
    bench.outw(0xB2, 0x55F1)
    assert seen == [0xF1]
    assert bench.inb(0xB2) == 0xF1
    assert bench.inb(0xB3) == 0x55


def test_resets(bench, bridge):
    bridge.write(0x60, 11, 1)
    bench.outb(0xB3, 7)
    bench.set.reset(ResetKind.SOFT)
    assert bridge.read(0x60, 1) == 11
    assert bench.inb(0xB3) == 7
    bench.set.reset(ResetKind.HARD)
    assert bridge.read(0x60, 1) == 0x80
    assert bench.inb(0xB3) == 0


def test_saved_state_restores_routing(bench, bridge):
    bridge.write(0x61, 9, 1)
    bench.outb(0xB3, 0x42)
    saved = bench.device("piix3")
    other = Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}))
    device = other.device("piix3")
    device.state = msgspec.msgpack.decode(msgspec.msgpack.encode(saved.state), type=Piix3State)
    device.load_pci_state(saved.pci_state())
    interrupt(other, 2, 0).set(True)
    assert other.pic.levels[9]
    assert other.inb(0xB3) == 0x42
