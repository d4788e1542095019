"""PDM: the device model.

A device is a class that declares what it needs (ports, MMIO, memory, interrupt lines, timers,
connectors) and how it answers; everything else (address maps, routing, saved state, statistics,
the debugger's ``info``) follows from the declaration. Devices import from this package only.
"""

from engine.pdm.device import (
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    EmptyConfig,
    EmptyState,
    IsaIrq,
    Memory,
    Mmio,
    Ports,
    ResetKind,
    register,
    timer,
)
from engine.pdm.display import DisplayAdapter, Surface, Update
from engine.pdm.interfaces import (
    A20Gate,
    BlockMedium,
    CharacterSink,
    CharacterSource,
    CpuInterrupt,
    InterruptController,
    IsaDma,
    IsaDmaClient,
    KeyboardPort,
    MachineControl,
    MousePort,
    PciInterruptRouter,
    PostCodeDisplay,
)
from engine.pdm.irq import IrqLine
from engine.pdm.pci import MemoryBar, PciBus, PciDevice, PortBar, RomBar

__all__ = [
    "A20Gate",
    "BlockMedium",
    "CharacterSink",
    "CharacterSource",
    "Connector",
    "CpuInterrupt",
    "Device",
    "DeviceConfig",
    "DeviceState",
    "DisplayAdapter",
    "EmptyConfig",
    "EmptyState",
    "InterruptController",
    "IrqLine",
    "IsaDma",
    "IsaDmaClient",
    "IsaIrq",
    "KeyboardPort",
    "MachineControl",
    "Memory",
    "MemoryBar",
    "Mmio",
    "MousePort",
    "PciBus",
    "PciDevice",
    "PciInterruptRouter",
    "PortBar",
    "Ports",
    "PostCodeDisplay",
    "ResetKind",
    "RomBar",
    "Surface",
    "Update",
    "register",
    "timer",
]
