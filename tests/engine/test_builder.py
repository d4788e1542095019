"""Device declarations and the builder that wires devices from a tree."""

from __future__ import annotations

import logging
from typing import Protocol, runtime_checkable

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError, ResourceConflictError
from engine.pdm import device as devices
from engine.pdm.device import (
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    IsaIrq,
    Memory,
    Mmio,
    Ports,
    register,
    timer,
)
from engine.pdm.driver import _factories, driver, make_driver
from engine.pdm.interfaces import ResetKind
from engine.pdm.irq import IrqInput, IrqLine
from tests.engine.bench import Bench, tree


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(devices, "_registry", dict(devices.registry()))


class GadgetConfig(DeviceConfig, frozen=True):
    io_base: int = 0x300
    irq: int = 5
    size: int = 3
    memory: int = 5000


class GadgetState(DeviceState):
    value: int = 0x42


def gadget(**extra):
    """Register a device with one of everything and return its class."""

    class Gadget(Device[GadgetConfig, GadgetState]):
        NAME = "gadget"
        DESCRIPTION = "test device"
        MAX_INSTANCES = 2

        regs = Ports("io_base", "size", sizes=(1, 2))
        window = Mmio(0xFE000000, 16, sizes=(1, 4))
        later = Ports(None, 4)
        ram = Memory("memory")
        rom = Memory(4096, writable=False)
        line = IsaIrq("irq")
        plug = Connector(0, object)

        def setup(self):
            self.attached, self.ticks, self.writes = [], [], []

        @regs.reader
        def read_regs(self, offset, size):
            return self.state.value + offset

        @regs.writer
        def write_regs(self, offset, value, size):
            self.writes.append((offset, value, size))

        @window.reader
        def read_window(self, offset, size):
            return 0xA0 + offset

        @later.reader
        def read_later(self, offset, size):
            return 0x77

        @timer
        def tick(self):
            self.ticks.append(self.now)

        def on_attach(self, lun):
            self.attached.append((lun, self.plug))

    for name, value in extra.items():
        setattr(Gadget, name, value)
    return register(Gadget)


def test_declarations_are_bound_to_addresses_from_the_configuration():
    gadget()
    bench = Bench(tree(gadget={"io_base": 0x320, "irq": 7}))
    device = bench.device("gadget")
    assert (bench.inb(0x320), bench.inb(0x322), bench.inb(0x323)) == (0x42, 0x44, 0xFF)
    bench.outw(0x320, 0x1234)
    assert device.writes == [(0, 0x1234, 2)]
    assert bench.memory.read(0xFE000003, 1) == b"\xa3"
    device.line.set(True)
    assert bench.pic.levels[7]
    assert (device.ram.size, device.ram.name) == (8192, "gadget/0/ram")
    assert not device.rom.writable
    assert "gadget/0 (regs, 0x320-0x322)" in bench.ports.owner(0x320)


def test_a_block_without_base_is_mapped_and_moved_later():
    gadget()
    bench = Bench(tree(gadget={}))
    device = bench.device("gadget")
    assert device.later.base is None
    device.later.map(0x500)
    device.later.map(0x600)
    assert (bench.inb(0x500), bench.inb(0x600), device.later.base) == (0xFF, 0x77, 0x600)
    mapped = device.later.range
    device.later.unmap()
    device.later.map(0x600)
    assert device.later.range is mapped, "engines keep callbacks for each range"
    device.later.unmap()
    assert (bench.inb(0x600), device.later.base) == (0xFF, None)


def test_a_timer_declaration_is_one_timer_for_each_instance():
    gadget()
    bench = Bench(tree(gadget=[{}, {"io_base": 0x310, "irq": 3}]) )
    first, second = bench.device("gadget/0"), bench.device("gadget/1")
    first.tick.arm_in(10)
    bench.advance(20)
    assert (first.ticks, second.ticks) == ([10], [])
    assert second.tick.name == "gadget/1/tick"


def test_reset_gives_the_power_on_state():
    gadget()
    bench = Bench(tree(gadget={}))
    device = bench.device("gadget")
    device.state.value = 9
    bench.set.reset(ResetKind.HARD)
    assert device.state.value == 0x42
    assert '"value": 66' in device.info()


# ------------------------------------------------------------------ configuration errors


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"io_base": "high"}, r"/Devices/gadget/0/Config: .*`int`, got `str`.*io_base"),
        ({"speed": 3}, r"/Devices/gadget/0/Config: .*`speed`"),
        ({"irq": 16}, r"gadget/0/line: interrupt 16 is not an ISA interrupt"),
    ],
)
def test_a_bad_setting_names_node_and_field(config, words):
    gadget()
    with pytest.raises(ConfigurationError, match=words):
        Bench(tree(gadget=config))


def test_an_unknown_device_is_named():
    with pytest.raises(ConfigurationError, match=r"/Devices/gizmo: there is no device named 'gizmo'"):
        Bench(tree(gizmo={}))


def test_too_many_instances():
    gadget()
    with pytest.raises(ConfigurationError, match="3 instances are configured; test device allows 2"):
        Bench(tree(gadget=[{}, {}, {}]))


def test_two_devices_at_the_same_ports_are_both_named():
    gadget()
    with pytest.raises(ResourceConflictError, match=r"gadget/1 .*gadget/0"):
        Bench(tree(gadget=[{}, {"io_base": 0x302}]))


def test_a_name_belongs_to_one_class():
    gadget()

    class Other(Device):
        NAME = "gadget"

    with pytest.raises(ConfigurationError, match="'gadget' is not free"):
        register(Other)
    with pytest.raises(ConfigurationError, match="'' is not free"):
        register(type("Nameless", (Device,), {}))


def test_a_setting_that_is_no_number_cannot_be_an_address():
    class TextConfig(DeviceConfig, frozen=True):
        base: str = "com1"

    class Text(Device[TextConfig, DeviceState]):
        NAME = "text"
        regs = Ports("base", 1)

    register(Text)
    with pytest.raises(ConfigurationError, match="text/0: base is not a number"):
        Bench(tree(text={}))


# ------------------------------------------------------------------ wiring


@runtime_checkable
class Alpha(Protocol):
    def alpha(self): ...


@runtime_checkable
class Beta(Protocol):
    def beta(self): ...


def _device(name, requires=(), provides=(), built=None):
    class Wired(Device):
        NAME, REQUIRES, PROVIDES = name, requires, provides

        def setup(self):
            for need in requires:
                self.require(need)
            if built is not None:
                built.append(name)

    Wired.__qualname__ = name
    return register(Wired)


def test_devices_are_built_after_what_they_require():
    built = []
    _device("user", (Beta,), (), built)
    _device("middle", (Alpha,), (Beta,), built)
    _device("base", (), (Alpha,), built)
    bench = Bench(tree(user={}, middle={}, base={}))
    assert built == ["base", "middle", "user"]
    assert bench.set.find(Beta) is bench.device("middle")


def test_devices_that_require_one_another_are_named():
    _device("chicken", (Alpha,), (Beta,))
    _device("egg", (Beta,), (Alpha,))
    with pytest.raises(ConfigurationError, match="chicken, egg require one another"):
        Bench(tree(chicken={}, egg={}))


def test_a_requirement_that_nobody_offers_is_named():
    _device("user", (Beta,))
    with pytest.raises(ConfigurationError, match="user/0 needs a device that offers Beta"):
        Bench(tree(user={}))


# ------------------------------------------------------------------ drivers


class File:
    """A driver that notes whether it is open."""

    opened: list = []

    def __init__(self, name, *, fail=False):
        self.name, self.fail, self.is_open = name, fail, True
        File.opened.append(self)

    def close(self):
        self.is_open = False
        if self.fail:
            raise OSError(f"{self.name} is full")


@pytest.fixture
def _files():
    File.opened = []
    driver("TestFile")(lambda node: File(node.child("Config").string("Path"),
                                         fail=node.child("Config").boolean("Fail", default=False)))
    yield
    del _factories["TestFile"]


def with_driver(root, place, **config):
    node = root.child(f"Devices/{place}").set({"Driver": "TestFile"})
    node.child("Config").set(config)
    return root


@pytest.mark.usefixtures("_files")
def test_drivers_are_made_from_the_tree_and_closed_with_the_machine():
    gadget()
    root = with_driver(tree(gadget={}), "gadget/0/LUN#0", Path="disk")
    bench = Bench(root)
    assert bench.device("gadget").plug is File.opened[0]
    bench.set.close()
    assert not File.opened[0].is_open
    assert bench.device("gadget").plug is None


@pytest.mark.usefixtures("_files")
def test_what_the_host_side_attaches_takes_the_place_of_the_driver():
    gadget()
    root = with_driver(tree(gadget={}), "gadget/0/LUN#0", Path="disk")
    mine = File("mine")
    bench = Bench(root, attachments={("gadget/0", 0): mine})
    assert bench.device("gadget").plug is mine
    assert File.opened == [mine], "the driver in the tree has been opened all the same"


@pytest.mark.usefixtures("_files")
def test_a_construction_that_fails_closes_what_it_has_opened():
    gadget()
    root = tree(gadget=[{}, {"io_base": 0x310, "irq": 99}])
    with_driver(root, "gadget/0/LUN#0", Path="disk", Fail=True)
    mine = File("mine")
    with pytest.raises(ConfigurationError, match="interrupt 99"):
        Bench(root, attachments={("gadget/1", 0): mine})
    assert [(file.name, file.is_open) for file in File.opened] == [("mine", True), ("disk", False)]


@pytest.mark.usefixtures("_files")
def test_closing_goes_on_after_a_failure_and_tells_the_first():
    gadget()
    root = tree(gadget=[{}, {"io_base": 0x310}])
    with_driver(root, "gadget/0/LUN#0", Path="a", Fail=True)
    with_driver(root, "gadget/1/LUN#0", Path="b", Fail=True)
    bench = Bench(root)
    with pytest.raises(OSError, match="a is full"):
        bench.set.close()
    assert not any(file.is_open for file in File.opened)
    bench.set.close()


def test_unknown_drivers_and_connectors_are_named():
    gadget()
    root = tree(gadget={})
    root.child("Devices/gadget/0/LUN#0").set({"Driver": "Teleport"})
    with pytest.raises(ConfigurationError, match=r"gadget/0/LUN#0: there is no driver named 'Tele"):
        Bench(root)
    root = tree(gadget={})
    root.child("Devices/gadget/0/LUN#x").set({"Driver": "File"})
    with pytest.raises(ConfigurationError, match=r"LUN#x: 'x' is not the number"):
        Bench(root)
    with pytest.raises(ConfigurationError, match="must be a text"):
        make_driver(Node("/x"))


def test_attach_and_detach_while_running():
    gadget()
    bench = Bench(tree(gadget={}))
    device = bench.device("gadget")
    first = object()
    assert bench.set.attach("gadget/0", 0, first) is None
    assert bench.set.attach("gadget/0", 0, None) is first
    assert device.attached == [(0, first), (0, None)]
    with pytest.raises(ConfigurationError, match="no device gadget/7"):
        bench.set.attach("gadget/7", 0, None)


# ------------------------------------------------------------------ interrupt lines


def test_an_input_sees_the_or_of_its_lines():
    levels = []
    pin = IrqInput("pin", levels.append)
    first, second = IrqLine("a", pin), IrqLine("b", pin)
    first.set(True)
    second.set(True)
    first.set(False)
    assert (levels, pin.level) == ([True], True)
    second.set(False)
    second.set(False)
    assert (levels, pin.level) == ([True, False], False)


def test_a_line_takes_its_level_along_when_it_moves():
    old, new = [], []
    line = IrqLine("a", IrqInput("old", old.append))
    other = IrqInput("new", new.append)
    line.set(True)
    line.connect(other)
    line.connect(other)
    assert (old, new) == ([True, False], [True])
    line.connect(None)
    line.set(False)
    assert new == [True, False]


def test_a_pulse_is_an_edge():
    seen = []
    line = IrqLine("a", IrqInput("pin", seen.append))
    line.pulse()
    line.pulse()
    assert seen == [True, False, True]


def test_the_first_mistakes_of_a_guest_are_told_and_all_are_counted(caplog):
    gadget()
    bench = Bench(tree(gadget=[{}, {"io_base": 0x310, "irq": 7}]))
    device = bench.device("gadget/1")
    with caplog.at_level(logging.INFO, logger="guest.gadget/1"):
        for n in range(100):
            device.guest_error(f"mistake {n}")
    told = [record.message for record in caplog.records if record.name == "guest.gadget/1"]
    assert told[:-1] == [f"mistake {n}" for n in range(devices.GUEST_ERRORS_TOLD)]
    assert "only counted" in told[-1]
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger="guest.gadget/1"):
        device.guest_error("for a developer")
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    rows = {path: value for path, value, _ in bench.set.statistics()}
    assert rows["/Devices/gadget/1/GuestErrors"] == 101
    assert rows["/Devices/gadget/0/GuestErrors"] == 0
