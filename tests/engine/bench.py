"""A machine without a CPU: the devices under test on real ports, memory map and timers.

``Bench(tree)`` builds devices from a CFGM tree exactly as a VM does, with a clock that the test
moves and interrupt inputs that the test reads.
"""

from __future__ import annotations

from engine.cfgm import Node
from engine.iom import PortSpace
from engine.pdm.block import ImmediateQueue
from engine.pdm.builder import DeviceSet
from engine.pdm.interfaces import (
    A20Gate,
    CpuInterrupt,
    InterruptController,
    MachineControl,
    ResetKind,
    ShadowControl,
)
from engine.pdm.irq import IrqInput
from engine.pgm import PhysicalMemory
from engine.tm import TimeManager


class FakeInterruptController:
    """Records levels and rising edges of the 16 ISA inputs."""

    def __init__(self):
        self.levels = [False] * 16
        self.edges = [0] * 16
        self.inputs = [IrqInput(f"isa{n}", self._sink(n)) for n in range(16)]

    def _sink(self, n):
        def sink(level):
            self.levels[n] = level
            self.edges[n] += level

        return sink

    def isa_input(self, irq):
        return self.inputs[irq]

    def has_interrupt(self):
        return any(self.levels)

    def acknowledge(self):
        return 8 + self.levels.index(True)


class FakeMachine:
    """Records what devices ask of the machine; also the A20 gate and the CPU's INTR pin."""

    def __init__(self, ram_size):
        self.ram_size = ram_size
        self.resets = []
        self.power_offs = []
        self.errors = []
        self.a20_sources = {}
        self.pam = {}
        self.smram = False
        self.intr = False
        self.intr_changes = 0
        self.nmis = 0

    def request_nmi(self):
        self.nmis += 1

    def intr_changed(self, asserted):
        assert asserted != self.intr
        self.intr = asserted
        self.intr_changes += 1

    def request_reset(self, kind, reason):
        self.resets.append((kind, reason))

    def request_power_off(self, reason):
        self.power_offs.append(reason)

    def suspend_on_error(self, error_id, message, retry):
        self.errors.append((error_id, message, retry))

    def set_pam(self, segment_base, size, read, write):
        self.pam[segment_base, size] = (read, write)

    def set_smram(self, visible):
        self.smram = visible

    def set_a20(self, source, enabled):
        self.a20_sources[source] = enabled

    def a20_enabled(self):
        return any(self.a20_sources.values())


class Bench:
    """Devices from a tree; ``advance`` moves virtual time and fires timers in order."""

    def __init__(
        self,
        tree=None,
        *,
        ram_size=16 << 20,
        attachments=None,
        real_pic=False,
        make_queue=ImmediateQueue,
    ):
        self.clock = 0
        self.utc = 1_700_000_000 * 10**9
        self.time = TimeManager(lambda: self.clock, lambda: self.utc + self.clock)
        self.time.resume()
        self.ports = PortSpace()
        self.memory = PhysicalMemory(ram_size)
        self.machine = FakeMachine(ram_size)
        self.pic = None if real_pic else FakeInterruptController()
        interfaces = {
            MachineControl: self.machine,
            A20Gate: self.machine,
            CpuInterrupt: self.machine,
            ShadowControl: self.machine,
        }
        if not real_pic:
            interfaces[InterruptController] = self.pic
        self.set = DeviceSet(
            (tree or Node()).child("Devices"),
            ports=self.ports,
            memory=self.memory,
            time=self.time,
            interfaces=interfaces,
            attachments=attachments,
            make_queue=make_queue,
        )
        self.set.reset(ResetKind.POWER_ON)

    def device(self, name):
        return self.set.devices[name if "/" in name else f"{name}/0"]

    def advance(self, nanoseconds):
        end = self.clock + nanoseconds
        while (deadline := self.time.next_deadline()) is not None and deadline <= end:
            self.clock = max(self.clock, deadline)
            self.time.run_due()
        self.clock = end

    def inb(self, port):
        return self.ports.read(port, 1)

    def inw(self, port):
        return self.ports.read(port, 2)

    def inl(self, port):
        return self.ports.read(port, 4)

    def outb(self, port, value):
        self.ports.write(port, value, 1)

    def outw(self, port, value):
        self.ports.write(port, value, 2)

    def outl(self, port, value):
        self.ports.write(port, value, 4)


def tree(**devices):
    """Return a CFGM tree: ``tree(serial={"io_base": 0x3f8})`` or ``tree(serial=[{...}, {...}])``.

    ``pci`` in a configuration, e.g. ``{"pci": (2, 0), ...}``, gives slot and function.
    """
    root = Node()
    for name, configs in devices.items():
        for n, config in enumerate(configs if isinstance(configs, list) else [configs]):
            config = dict(config)
            place = config.pop("pci", None)
            node = root.child(f"Devices/{name}/{n}")
            if place:
                node.set({"PCIDeviceNo": place[0], "PCIFunctionNo": place[1]})
            node.child("Config").set(config)
    return root
