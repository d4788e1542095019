"""PCI configuration space, base address registers and INTx wiring."""

from __future__ import annotations

import logging

import pytest

from engine.errors import ConfigurationError
from engine.pdm import device as devices
from engine.pdm.device import DeviceConfig, DeviceState, EmptyState, Memory, Mmio, Ports, register
from engine.pdm.interfaces import ResetKind
from engine.pdm.irq import IrqInput
from engine.pdm.pci import MemoryBar, PciBus, PciDevice, PciState, PortBar, RomBar
from tests.engine.bench import Bench, tree

IO, MEMORY, MASTER = 1, 2, 4
BAR0, BAR1, BAR2, ROM = 0x10, 0x14, 0x18, 0x30


class CardConfig(DeviceConfig, frozen=True):
    ports: int = 24


class Card(PciDevice[CardConfig, EmptyState]):
    NAME = "card"
    DESCRIPTION = "test card"
    MAX_INSTANCES = 3
    VENDOR, DEVICE, CLASS, REVISION = 0x1234, 0x5678, 0x020000, 3
    SUBSYSTEM, INTERRUPT = (0xABCD, 0xEF01), 1
    WRITABLE, DEFAULTS = {0x50: 0x0F}, {0x50: 0x30, 0x51: 0x77}

    regs = Ports(None, "ports", sizes=(1, 2, 4))
    mmio = Mmio(None, 32, sizes=(1, 2, 4))
    frame = Memory(0x3000)
    rom = Memory(4096, writable=False)
    BARS = (PortBar(0, "regs"), MemoryBar(1, "mmio"),
            MemoryBar(2, "frame", prefetchable=True), RomBar("rom"))

    def setup(self):
        self.written = []
        self.rom.load(b"\x55\xaa")

    @regs.reader
    def read_regs(self, offset, size):
        return 0x80 + offset

    @mmio.reader
    def read_mmio(self, offset, size):
        return 0x40 + offset

    def config_written(self, offset, size):
        self.written.append((offset, size))


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(devices, "_registry", dict(devices.registry()))
    register(Card)


class Slot:
    """Configuration accesses to one card."""

    def __init__(self, **config):
        self.bench = Bench(tree(card={"pci": (3, 0), **config}))
        self.bus = self.bench.set.find(PciBus)
        self.card = self.bench.device("card")

    def read(self, offset, size=4):
        return self.bus.config_read(0, 3, 0, offset, size)

    def write(self, offset, value, size=4):
        self.bus.config_write(0, 3, 0, offset, value, size)


@pytest.fixture
def slot():
    return Slot()


def test_identity_is_read_only(slot):
    for offset in (0x00, 0x08, 0x2C):
        before = slot.read(offset)
        slot.write(offset, 0xFFFFFFFF)
        assert slot.read(offset) == before
    assert slot.read(0x00) == 0x56781234
    assert slot.read(0x08) == 0x02000003
    assert slot.read(0x2C) == 0xEF01ABCD
    assert slot.read(0x3D, 1) == 1
    assert (slot.read(0x02, 2), slot.read(0x03, 1)) == (0x5678, 0x56)


def test_writable_bits_and_defaults(slot):
    slot.write(0x50, 0xFF, 1)
    assert (slot.read(0x50, 1), slot.read(0x51, 1)) == (0x3F, 0x77)
    slot.write(0x3C, 11, 1)
    assert slot.read(0x3C, 1) == 11
    slot.write(0x04, 0xFFFF, 2)
    assert slot.read(0x04, 2) == 0x0547
    assert slot.read(0x06, 2) == 0x0280
    assert (0x50, 1) in slot.card.written
    slot.bench.set.reset(ResetKind.HARD)
    assert (slot.read(0x50, 1), slot.read(0x3C, 1), slot.read(0x04, 2)) == (0x30, 0, 0)


@pytest.mark.parametrize(
    ("bar", "mask"),
    [(BAR0, 0xFFFFFFE1), (BAR1, 0xFFFFF000), (BAR2, 0xFFFFC008), (ROM, 0xFFFFF001),
     (0x1C, 0)],
)  # fmt: skip
def test_sizing(slot, bar, mask):
    slot.write(0x04, IO | MEMORY, 2)
    slot.write(bar, 0xFFFFFFFF)
    assert slot.read(bar) == mask
    assert slot.bench.inb(0xFFE0) == 0xFF
    slot.write(bar, 0)
    assert slot.read(bar) == mask & (9 if bar != ROM else 0)


def test_ports_follow_bar_and_command(slot):
    bench = slot.bench
    slot.write(BAR0, 0xC000)
    assert bench.inb(0xC000) == 0xFF
    slot.write(0x04, IO, 2)
    assert [bench.inb(0xC000 + i) for i in (0, 23, 24)] == [0x80, 0x97, 0xFF]
    slot.write(BAR0, 0xC123)
    assert slot.read(BAR0) == 0xC121
    assert (bench.inb(0xC000), bench.inb(0xC120)) == (0xFF, 0x80)
    slot.write(0x04, MEMORY, 2)
    assert bench.inb(0xC120) == 0xFF


def test_memory_follows_bar_and_command(slot):
    memory = slot.bench.memory
    slot.write(BAR1, 0xFEB00000)
    slot.write(BAR2, 0xE0000000)
    slot.write(0x04, MEMORY, 2)
    assert memory.read(0xFEB00004, 1) == b"\x44"
    memory.write(0xE0000010, b"pixel")
    assert bytes(slot.card.frame.view[16:21]) == b"pixel"
    slot.write(BAR2, 0xFD000000)
    assert memory.read(0xFD000010, 5) == b"pixel"
    assert memory.read(0xE0000010, 1) == b"\xff"
    slot.write(0x04, 0, 2)
    assert memory.read(0xFD000010, 1) == b"\xff"


def test_a_small_register_block_takes_a_page_wherever_the_guest_puts_it(slot):
    slot.write(0x04, MEMORY, 2)
    slot.write(BAR1, 0xFEB00010)
    assert slot.read(BAR1) == 0xFEB00000
    assert slot.bench.memory.read(0xFEB00000, 1) == b"\x40"


def test_the_rom_has_an_enable_bit_of_its_own(slot):
    memory = slot.bench.memory
    slot.write(0x04, MEMORY, 2)
    slot.write(ROM, 0xFEA00000)
    assert memory.read(0xFEA00000, 2) == b"\xff\xff"
    slot.write(ROM, 0xFEA00001)
    assert memory.read(0xFEA00000, 2) == b"\x55\xaa"


def test_a_bar_does_not_hide_ram(slot):
    slot.bench.memory.write(0x200000, b"program")
    slot.write(0x04, MEMORY, 2)
    slot.write(BAR2, 0x200000)
    assert slot.bench.memory.read(0x200000, 7) == b"program"


def test_bars_over_ports_of_others_decode_nothing_and_the_guest_goes_on(slot, caplog):
    card = Bench(tree(card=[{"pci": (3, 0)}, {"pci": (4, 0)}]))
    bus = card.set.find(PciBus)
    with caplog.at_level(logging.DEBUG, "guest"):
        for number in (3, 4):
            bus.config_write(0, number, 0, BAR0, 0xC000, 4)
            bus.config_write(0, number, 0, 0x04, IO, 2)
    assert "BAR at 0x10 decodes nothing" in caplog.text
    assert "card/1" in caplog.text
    assert card.inb(0xC000) == 0x80
    assert card.device("card/1").regs.base is None
    bus.config_write(0, 3, 0, BAR0, 0xD000, 4)
    bus.config_write(0, 4, 0, 0x04, IO, 2)  # looked at anew at the next write
    assert card.device("card/1").regs.base == 0xC000


def test_two_bars_of_a_device_change_places():
    class Twin(PciDevice[DeviceConfig, DeviceState]):
        NAME, VENDOR, DEVICE = "twin", 1, 2
        low = Ports(None, 16)
        high = Ports(None, 16)
        BARS = (PortBar(0, "low"), PortBar(1, "high"))

        @low.reader
        def read_low(self, offset, size):
            return 1

        @high.reader
        def read_high(self, offset, size):
            return 2

    register(Twin)
    bench = Bench(tree(twin={"pci": (3, 0)}))
    bus = bench.set.find(PciBus)
    bus.config_write(0, 3, 0, BAR0, 0xC000, 4)
    bus.config_write(0, 3, 0, BAR1, 0xC010, 4)
    bus.config_write(0, 3, 0, 0x04, IO, 2)
    bus.config_write(0, 3, 0, BAR1, 0xC000, 4)  # for a moment both claim C000h
    assert bench.inb(0xC000) in (1, 2)
    bus.config_write(0, 3, 0, BAR0, 0xC010, 4)
    assert (bench.inb(0xC000), bench.inb(0xC010)) == (2, 1)


def test_a_reset_takes_bars_out_and_lowers_the_interrupt(slot):
    slot.write(BAR0, 0xC000)
    slot.write(0x04, IO | MASTER, 2)
    slot.card.intx.set(True)
    assert slot.card.bus_master
    slot.bench.set.reset(ResetKind.HARD)
    assert slot.bench.inb(0xC000) == 0xFF
    assert not slot.card.intx.level
    assert not slot.card.bus_master


def test_a_soft_reset_keeps_configuration(slot):
    slot.write(BAR0, 0xC000)
    slot.write(0x04, IO, 2)
    slot.bench.set.reset(ResetKind.SOFT)
    assert slot.bench.inb(0xC000) == 0x80


def test_empty_places_answer_all_ones(slot):
    assert slot.bus.config_read(0, 5, 0, 0, 4) == 0xFFFFFFFF
    assert slot.bus.config_read(0, 3, 1, 0, 2) == 0xFFFF
    assert slot.bus.config_read(1, 3, 0, 0, 1) == 0xFF
    slot.bus.config_write(1, 3, 0, 0x3C, 9, 1)
    assert slot.read(0x3C, 1) == 0


def test_a_place_belongs_to_one_device():
    with pytest.raises(ConfigurationError, match=r"PCI 00:03\.0 .*card/1 .*card/0"):
        Bench(tree(card=[{"pci": (3, 0)}, {"pci": (3, 0)}]))


def test_interrupt_pins_go_where_the_router_says(slot):
    pins = {}

    class Router:
        def pirq_input(self, number, pin):
            return pins.setdefault((number, pin), IrqInput(f"{number}/{pin}", lambda level: None))

    slot.card.intx.set(True)
    slot.bus.set_router(Router())
    assert list(pins) == [(3, 0)]
    assert pins[3, 0].level


def test_configuration_space_is_saved_and_put_back(slot):
    slot.write(BAR0, 0xC000)
    slot.write(0x04, IO, 2)
    saved = slot.card.pci_state()
    slot.bench.set.reset(ResetKind.HARD)
    slot.card.load_pci_state(saved)
    assert slot.bench.inb(0xC000) == 0x80
    with pytest.raises(ConfigurationError, match="card/0: saved configuration space has 3 bytes"):
        slot.card.load_pci_state(PciState(registers=b"abc"))
