"""PCI: the bus, configuration space, base address registers and INTx routing.

Reference: PCI Local Bus Specification 2.1, chapter 6 (configuration space). A device declares its
identity and its BARs; mapping follows what the guest writes into BARs and the command register.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from engine.errors import ConfigurationError, ResourceConflictError
from engine.pdm.device import BoundBlock, Device, DeviceConfig, DeviceState, Memory
from engine.pdm.interfaces import ResetKind
from engine.pdm.irq import IrqLine
from engine.pdm.memory import PAGE_SIZE

if TYPE_CHECKING:
    from engine.pdm.device import DeviceContext
    from engine.pdm.interfaces import PciInterruptRouter
    from engine.pdm.memory import DeviceMemory

# Configuration space offsets (PCI 2.1, figure 6-1).
VENDOR_ID, DEVICE_ID, COMMAND, STATUS = 0x00, 0x02, 0x04, 0x06
REVISION_ID, CLASS_CODE, HEADER_TYPE = 0x08, 0x09, 0x0E
BAR0, SUBSYSTEM_VENDOR_ID, SUBSYSTEM_ID, ROM_BAR = 0x10, 0x2C, 0x2E, 0x30
INTERRUPT_LINE, INTERRUPT_PIN = 0x3C, 0x3D

COMMAND_IO, COMMAND_MEMORY, COMMAND_MASTER = 1, 2, 4
STATUS_INTERRUPT = 0x08

CONFIG_SIZE = 256
ConfigT = TypeVar("ConfigT", bound=DeviceConfig)
StateT = TypeVar("StateT", bound=DeviceState)


class _Bar:
    """A base address register and what it maps.

    Args:
        index: 0..5.
        target: attribute name of the :class:`Ports`, :class:`Mmio` or :class:`Memory` declaration.
    """

    FLAGS = 0
    ENABLE = COMMAND_MEMORY

    def __init__(self, index: int, target: str, *, prefetchable: bool = False) -> None:
        self.index = index
        self.target = target
        self.flags = self.FLAGS | (8 if prefetchable else 0)
        self.offset = BAR0 + 4 * index
        self.enable_bits = 0

    def size(self, device: Device[Any, Any]) -> int:
        """Return the size of the range: a power of two."""
        declaration = device.declarations()[self.target]
        extent = declaration.size if isinstance(declaration, Memory) else declaration.count
        size = device.resolve(extent)
        # Memory is mapped in pages; a device may decode more than it has (PCI 2.1, 6.2.5.1).
        size = max(size, 4 if self.ENABLE == COMMAND_IO else PAGE_SIZE)
        return 1 << (size - 1).bit_length()

    def base(self, device: Device[Any, Any]) -> int | None:
        """Return where the target is mapped, or None."""
        bound: BoundBlock | DeviceMemory = device.bound[self.target]
        return bound.base

    def move(self, device: Device[Any, Any], base: int | None) -> None:
        """Map the target at ``base``, or unmap it."""
        bound: BoundBlock | DeviceMemory = device.bound[self.target]
        if base is None:
            bound.unmap()
        else:
            bound.map(base)


class PortBar(_Bar):
    """A BAR in I/O space."""

    FLAGS = 1
    ENABLE = COMMAND_IO


class MemoryBar(_Bar):
    """A 32-bit BAR in memory space: registers (Mmio) or memory of the device (Memory)."""


class RomBar(_Bar):
    """The expansion ROM base address register, for a read-only :class:`Memory`."""

    def __init__(self, target: str) -> None:
        super().__init__(0, target)
        self.offset = ROM_BAR
        self.enable_bits = 1


class PciState(DeviceState):
    """Saved part of every PCI device: its configuration space, and whether it is in its slot."""

    registers: bytes = b""
    present: bool = True


class PciDevice(Device[ConfigT, StateT]):
    """Base of PCI devices.

    Attributes:
        CLASS: 24-bit class code, e.g. 0x030000 for VGA.
        INTERRUPT: 0 for none, 1..4 for INTA#..INTD#.
        BARS: the base address registers.
        WRITABLE: extra writable bytes of configuration space: {offset: mask}.
        DEFAULTS: extra reset values of configuration space: {offset: byte}.
        slot, function: where the device sits on bus 0.
        present: whether it is in its slot; one that is not answers nothing.
        intx: its interrupt line.
    """

    VENDOR: ClassVar[int] = 0xFFFF
    DEVICE: ClassVar[int] = 0xFFFF
    CLASS: ClassVar[int] = 0
    REVISION: ClassVar[int] = 0
    MULTIFUNCTION: ClassVar[bool] = False
    SUBSYSTEM: ClassVar[tuple[int, int]] = (0, 0)
    INTERRUPT: ClassVar[int] = 0
    COMMAND_WRITABLE: ClassVar[int] = 0x0547
    STATUS_DEFAULT: ClassVar[int] = 0x0280
    BARS: ClassVar[tuple[_Bar, ...]] = ()
    WRITABLE: ClassVar[dict[int, int]] = {}
    DEFAULTS: ClassVar[dict[int, int]] = {}

    def __init__(self, context: DeviceContext) -> None:
        self.registers = bytearray(CONFIG_SIZE)
        self._writable = bytearray(CONFIG_SIZE)
        self.slot: int
        self.function: int
        self.slot, self.function = context.pci_address
        self.present = True
        self.intx = IrqLine(f"{context.instance_name}/INT{'?ABCD'[self.INTERRUPT]}")
        super().__init__(context)
        self._reset_registers()
        self.context.require(PciBus).attach(self)

    def _reset_registers(self) -> None:
        registers, writable = self.registers, self._writable
        registers[:] = bytes(CONFIG_SIZE)
        writable[:] = bytes(CONFIG_SIZE)
        struct.pack_into("<HHHH", registers, 0, self.VENDOR, self.DEVICE, 0, self.STATUS_DEFAULT)
        registers[REVISION_ID] = self.REVISION
        registers[CLASS_CODE : CLASS_CODE + 3] = self.CLASS.to_bytes(3, "little")
        registers[HEADER_TYPE] = 0x80 if self.MULTIFUNCTION else 0
        struct.pack_into("<HH", registers, SUBSYSTEM_VENDOR_ID, *self.SUBSYSTEM)
        registers[INTERRUPT_PIN] = self.INTERRUPT
        struct.pack_into("<H", writable, COMMAND, self.COMMAND_WRITABLE)
        writable[0x0C] = writable[0x0D] = 0xFF  # cache line size, latency timer
        writable[INTERRUPT_LINE] = 0xFF
        for bar in self.BARS:
            mask = (0x100000000 - bar.size(self)) | bar.enable_bits
            struct.pack_into("<I", writable, bar.offset, mask)
            struct.pack_into("<I", registers, bar.offset, bar.flags)
        for offset, value in self.DEFAULTS.items():
            registers[offset] = value
        for offset, mask in self.WRITABLE.items():
            writable[offset] = mask

    # -- what a device may override

    def config_written(self, offset: int, size: int) -> None:
        """Registers from ``offset`` have been written; react to device-specific ones."""

    def config_read(self, offset: int, size: int) -> int:
        """Answer a configuration read of 1, 2 or 4 bytes."""
        return int.from_bytes(self.registers[offset : offset + size], "little")

    def reset(self, kind: ResetKind) -> None:
        """Reset state and configuration space; BARs go out of the address space."""
        super().reset(kind)
        if kind is not ResetKind.SOFT:
            self.intx.set(False)
            self._reset_registers()
            self.remap()

    # -- used by the bus

    def config_write(self, offset: int, value: int, size: int) -> None:
        """Take a configuration write of 1, 2 or 4 bytes."""
        registers, writable = self.registers, self._writable
        for i in range(size):
            mask = writable[offset + i]
            registers[offset + i] = registers[offset + i] & ~mask | (value >> 8 * i) & mask
        if offset < 0x40:
            self.remap()
        self.config_written(offset, size)

    def remap(self) -> None:
        """Bring the address space in line with BARs and command register."""
        wanted = [(bar, self._decoded(bar)) for bar in self.BARS]
        for bar, base in wanted:
            if bar.base(self) != base:
                bar.move(self, None)  # first, so that two BARs can change places
        for bar, base in wanted:
            try:
                bar.move(self, base)
            except ResourceConflictError as error:
                self.guest_error(f"BAR at {bar.offset:#x} decodes nothing: {error}")

    def _decoded(self, bar: _Bar) -> int | None:
        """Return the address at which a BAR decodes, or None."""
        (value,) = struct.unpack_from("<I", self.registers, bar.offset)
        size = bar.size(self)
        base = value & ~(size - 1) & 0xFFFFFFFF
        limit = 0x10000 if bar.ENABLE == COMMAND_IO else 0x100000000
        enabled = self.registers[COMMAND] & bar.ENABLE
        enabled = enabled and value & bar.enable_bits == bar.enable_bits
        # A BAR that holds the sizing pattern or 0 decodes nothing on the boards we follow.
        return base if enabled and base and base + size < limit else None

    @property
    def bus_master(self) -> bool:
        """Whether the guest has allowed the device to move data by itself."""
        return bool(self.registers[COMMAND] & COMMAND_MASTER)

    def pci_state(self) -> PciState:
        """Return configuration space for a saved state."""
        return PciState(registers=bytes(self.registers), present=self.present)

    def load_pci_state(self, state: PciState) -> None:
        """Take configuration space from a saved state and map accordingly."""
        if len(state.registers) != CONFIG_SIZE:
            raise ConfigurationError(
                f"{self.instance_name}: saved configuration space has {len(state.registers)} bytes."
            )
        self.registers[:] = state.registers
        self.present = state.present
        self.remap()


class PciBus:
    """Bus 0: finds devices by slot and function; connects INTx lines to the router."""

    def __init__(self) -> None:
        self.devices: dict[tuple[int, int], PciDevice[Any, Any]] = {}
        self._router: PciInterruptRouter | None = None

    def attach(self, device: PciDevice[Any, Any]) -> None:
        """Plug a device in.

        Raises:
            ConfigurationError: its place is taken; names both devices.
        """
        place = (device.slot, device.function)
        other = self.devices.get(place)
        if other is not None:
            raise ConfigurationError(
                f"PCI 00:{place[0]:02x}.{place[1]} is claimed by {device.instance_name} and "
                f"already belongs to {other.instance_name}."
            )
        self.devices[place] = device
        self._connect(device)

    def set_router(self, router: PciInterruptRouter) -> None:
        """Tell who routes INTA#..INTD#."""
        self._router = router
        for device in self.devices.values():
            self._connect(device)

    def _connect(self, device: PciDevice[Any, Any]) -> None:
        if self._router and device.INTERRUPT:
            device.intx.connect(self._router.pirq_input(device.slot, device.INTERRUPT - 1))

    def config_read(self, bus: int, slot: int, function: int, offset: int, size: int) -> int:
        """Read configuration space; all-ones where there is no device."""
        device = self.devices.get((slot, function)) if bus == 0 else None
        if device is None or not device.present:
            return (1 << 8 * size) - 1
        return device.config_read(offset, size)

    def config_write(
        self, bus: int, slot: int, function: int, offset: int, value: int, size: int
    ) -> None:
        """Write configuration space; dropped where there is no device."""
        device = self.devices.get((slot, function)) if bus == 0 else None
        if device is not None and device.present:
            device.config_write(offset, value, size)
