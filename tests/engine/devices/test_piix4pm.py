"""PIIX4 power management: PM timer, SCI, power button, soft off, ACPI mode."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.devices.piix4pm import Piix4PmState
from engine.pdm import AcpiHardware, Buttons, ResetKind
from tests.engine.bench import Bench, tree
from tests.engine.devices.pciports import ConfigSpace

BASE = 0x600
PMSTS, PMEN, PMCNTRL, PMTMR, GPSTS, GPEN = (BASE + n for n in (0, 2, 4, 8, 12, 14))
SECOND = 10**9
HALF = 0x800000 * SECOND // 3_579_545 + 1  # from one change of bit 23 to the next, in ns


def make(base=BASE):
    bench = Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}, piix4pm={"pci": (1, 3)}))
    config = ConfigSpace(bench, 1, 3)
    config.write(0x40, base | 1)
    config.write(0x80, 1, 1)
    return bench


@pytest.fixture
def bench():
    return make()


@pytest.fixture
def config(bench):
    return ConfigSpace(bench, 1, 3)


def test_identity_as_the_firmware_looks_for_it(config):
    assert config.read(0) == 0x7113_8086
    assert config.read(0x3D, 1) == 1
    assert config.read(0x40) == BASE | 1


def test_firmware_finds_system_management_mode_already_done(config):
    assert config.read(0x58) & 1 << 25


def test_smbus_is_absent(bench, config):
    config.write(0x90, 0x701)
    config.write(0xD2, 0x09, 1)
    assert config.read(0x90) == 0
    assert config.read(0xD2, 1) == 0
    assert bench.inb(0x700) == 0xFF


def test_block_follows_base_and_enable(bench, config):
    config.write(0x80, 0, 1)
    assert bench.inw(PMCNTRL) == 0xFFFF
    config.write(0x80, 1, 1)
    config.write(0x40, 0xB001)
    assert bench.inw(0xB004) == 0
    assert bench.inw(PMCNTRL) == 0xFFFF


def test_timer_runs_at_its_frequency_in_24_bits(bench):
    start = bench.inl(PMTMR)
    bench.advance(SECOND)
    assert bench.inl(PMTMR) - start == 3_579_545
    bench.advance(10 * SECOND)
    assert bench.inl(PMTMR) == 11 * 3_579_545 & 0xFFFFFF
    assert bench.inb(PMTMR + 3) == 0


def test_timer_overflow_is_seen_by_polling(bench):
    assert bench.inw(PMSTS) & 1 == 0
    bench.advance(HALF)
    assert bench.inw(PMSTS) & 1 == 1
    bench.outw(PMSTS, 1)
    assert bench.inw(PMSTS) & 1 == 0
    bench.advance(HALF)
    assert bench.inw(PMSTS) & 1 == 1


def test_timer_overflow_interrupts_in_acpi_mode(bench):
    bench.outb(0xB2, 0xF1)
    bench.outw(PMEN, 1)
    bench.advance(HALF - 1000)
    assert not bench.pic.levels[9]
    bench.advance(2000)
    assert bench.pic.levels[9]
    bench.outw(PMSTS, 1)
    assert not bench.pic.levels[9]
    bench.advance(HALF)
    assert bench.pic.levels[9]


def test_no_interrupt_outside_acpi_mode(bench):
    bench.outw(PMEN, 1)
    bench.advance(HALF)
    assert not bench.pic.levels[9]
    bench.outb(0xB2, 0xF1)
    assert bench.pic.levels[9]
    bench.outb(0xB2, 0xF0)
    assert not bench.pic.levels[9]


def test_acpi_mode_bit(bench):
    assert bench.inw(PMCNTRL) & 1 == 0
    bench.outb(0xB2, 0xF1)
    assert bench.inw(PMCNTRL) & 1 == 1
    bench.outb(0xB2, 0xF0)
    assert bench.inw(PMCNTRL) & 1 == 0


def test_power_button(bench):
    button = bench.set.find(Buttons)
    assert button.press_power_button() is False
    assert bench.inw(PMSTS) & 0x100 == 0
    bench.outb(0xB2, 0xF1)
    bench.outw(PMEN, 0x100)
    assert button.press_power_button() is True
    assert bench.pic.levels[9]
    assert bench.inw(PMSTS) & 0x100
    bench.outb(PMSTS + 1, 0x01)
    assert not bench.pic.levels[9]


def test_sleep_button(bench):
    buttons = bench.set.find(Buttons)
    assert buttons.press_sleep_button() is False
    bench.outb(0xB2, 0xF1)
    bench.outw(PMEN, 0x200)
    assert buttons.press_sleep_button() is True
    assert bench.pic.levels[9]
    bench.outb(PMSTS + 1, 0x02)
    assert not bench.pic.levels[9]


def test_general_purpose_events(bench):
    chip = bench.device("piix4pm")
    assert not chip.raise_event(1)
    assert bench.inw(GPSTS) == 2
    bench.outb(0xB2, 0xF1)
    bench.outw(GPEN, 2)
    assert bench.pic.levels[9]
    assert chip.raise_event(1)
    assert not chip.raise_event(4)
    bench.outw(GPSTS, 2)
    assert (bench.pic.levels[9], bench.inw(GPSTS)) == (False, 0x10)


def test_soft_off(bench):
    bench.outw(PMCNTRL, 0x2001)
    assert len(bench.machine.power_offs) == 1
    assert bench.inw(PMCNTRL) == 0x0001


@pytest.mark.parametrize("kind", [1, 2, 5])
def test_other_sleep_types_wake_at_once(bench, kind):
    bench.outw(PMCNTRL, 0x2000 | kind << 10)
    assert bench.machine.power_offs == []
    assert bench.inw(PMSTS) & 0x8000
    bench.outw(PMSTS, 0x8000)
    assert bench.inw(PMSTS) & 0x8000 == 0


def test_byte_writes_touch_their_byte_only(bench):
    bench.outw(PMEN, 0x0521)
    bench.outb(PMEN, 0x01)
    assert bench.inw(PMEN) == 0x0501
    bench.outb(GPEN + 1, 0x80)
    bench.outb(GPEN, 0x01)
    assert bench.inw(GPEN) == 0x8001
    assert bench.inl(GPSTS) == 0x8001_0000


def test_tables_learn_base_and_interrupt(bench):
    assert bench.set.find(AcpiHardware).fixed_hardware() == (BASE, 9)


def test_resets(bench, config):
    bench.outb(0xB2, 0xF1)
    bench.outw(PMEN, 0x101)
    bench.advance(3 * HALF)
    bench.set.reset(ResetKind.SOFT)
    assert bench.inw(PMCNTRL) & 1
    bench.set.reset(ResetKind.HARD)
    assert not bench.pic.levels[9]
    assert bench.inw(PMCNTRL) == 0xFFFF
    config.write(0x40, BASE | 1)
    config.write(0x80, 1, 1)
    assert bench.inl(PMSTS) == 0
    assert bench.inl(PMTMR) == bench.clock * 3_579_545 // SECOND & 0xFFFFFF


def test_default_registers_are_not_shared_between_machines():
    first, second = make(), make()
    first.outl(BASE + 0x28, 0x12345678)
    assert first.inl(BASE + 0x28) == 0x12345678
    assert second.inl(BASE + 0x28) == 0


def test_saved_state(bench):
    bench.outb(0xB2, 0xF1)
    bench.outw(PMEN, 0x101)
    bench.set.find(Buttons).press_power_button()
    saved = bench.device("piix4pm")
    other = Bench(tree(i440fx={"pci": (0, 0)}, piix3={"pci": (1, 0)}, piix4pm={"pci": (1, 3)}))
    other.clock = bench.clock
    device = other.device("piix4pm")
    device.state = msgspec.msgpack.decode(msgspec.msgpack.encode(saved.state), type=Piix4PmState)
    device.load_pci_state(saved.pci_state())
    device.state_loaded(1)
    assert other.pic.levels[9]
    assert other.inl(PMSTS) == bench.inl(PMSTS)
    other.outw(PMSTS, 0x100)
    other.advance(HALF)
    assert other.pic.levels[9]


@given(
    st.lists(
        st.tuples(
            st.integers(BASE - 4, BASE + 0x43),
            st.sampled_from((1, 2, 4)),
            st.integers(0, 0xFFFFFFFF),
        ),
        max_size=40,
    )
)
def test_hostile_port_writes(accesses):
    bench = make()
    for port, size, value in accesses:
        bench.ports.write(port, value & ((1 << 8 * size) - 1), size)
        assert 0 <= bench.ports.read(port, size) < 1 << 8 * size
        bench.advance(value)
