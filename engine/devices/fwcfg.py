"""Firmware configuration device: what the board tells its firmware.

Reference: the QEMU firmware configuration (fw_cfg) specification, docs/specs/fw_cfg.rst: a 16-bit
selector, a byte-wide data port and a DMA interface whose registers and control block are
big-endian. Items without a file name have the numbers of the same specification; multi-byte items
are little-endian, the file directory is big-endian.

Deviations: no item can be written.
"""

from __future__ import annotations

import struct
import uuid
from functools import partial
from typing import TYPE_CHECKING

from engine.acpi.dsdt import BoardConfig
from engine.acpi.tables import build_acpi, build_without_acpi
from engine.errors import ConfigurationError
from engine.pdm import (
    AcpiHardware,
    BootDevice,
    BootSource,
    Device,
    DeviceConfig,
    DeviceState,
    HotPlugSlots,
    MachineControl,
    PciBus,
    Ports,
    ResetKind,
    register,
)
from engine.smbios import SmbiosInfo, build_smbios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Items with fixed numbers.
SIGNATURE, ID, UUID, RAM_SIZE, NOGRAPHIC, NB_CPUS = 0x00, 0x01, 0x02, 0x03, 0x04, 0x05
NUMA, BOOT_MENU, MAX_CPUS, FILE_DIR, FILE_FIRST = 0x0D, 0x0E, 0x0F, 0x19, 0x20
ID_TRADITIONAL, ID_DMA = 1, 2
FILE_NAME_SIZE = 56

# DMA control block: control (selector in the upper half), length, address; all big-endian.
DMA_SIGNATURE = b"QEMU CFG"
DMA_BLOCK = struct.Struct(">IIQ")
DMA_ERROR, DMA_READ, DMA_SKIP, DMA_SELECT, DMA_WRITE = 1, 2, 4, 8, 16

SELECTOR, DATA = 0, 1
E820_RAM = 1
FOUR_GIB = 1 << 32

# The firmware writes an MP table, which announces an I/O APIC, whenever there can be at most 255
# processors, and has no other switch for it.
MAX_CPUS_WITHOUT_APIC = 256
IRQ0_OVERRIDE = 0x8002  # 1: interrupt 0 ends in input 2 of the I/O APIC

FLOPPY_PATH = "/pci@i0cf8/isa@1/fdc@03f0/floppy@0"


class FwCfgConfig(DeviceConfig, frozen=True, kw_only=True):
    """What the machine knows of itself.

    Attributes:
        io_base, dma_base: first ports of selector and DMA address register.
        ram_below_4g, ram_above_4g: bytes of RAM.
        boot_order: letters of the kinds of devices to boot from, in order: a floppy, c hard disk,
            d optical disc, n network.
        boot_strict: stop when none of those boots, instead of trying the others.
        boot_menu: show the firmware's prompt for its boot menu.
        boot_menu_wait: how long, in ms (0 to 65535).
        uuid: of the machine, in the usual notation.
        apic, ioapic, hpet: these are there and stand in the ACPI tables.
        floppy: a floppy disk controller is there.
        com_ports, parallel_ports: as ``3f8/4 2f8/3``, port in hexadecimal and interrupt.
        dmi_...: what the SMBIOS tables say, see :class:`engine.smbios.SmbiosInfo`.
    """

    io_base: int = 0x510
    dma_base: int = 0x514
    ram_below_4g: int
    ram_above_4g: int = 0
    cpu_count: int = 1
    boot_order: str = "adc"
    boot_strict: bool = False
    boot_menu: bool = False
    boot_menu_wait: int = 2000
    uuid: str = ""
    apic: bool = False
    ioapic: bool = False
    hpet: bool = False
    floppy: bool = False
    com_ports: str = ""
    parallel_ports: str = ""
    cpu_signature: int = 0
    cpu_features: int = 0
    cpu_vendor: str = ""
    cpu_brand: str = ""
    dmi_bios_vendor: str = "Vitrine"
    dmi_bios_version: str = "Vitrine PC BIOS"
    dmi_bios_date: str = "01/01/2026"
    dmi_system_vendor: str = "Vitrine"
    dmi_system_product: str = "Vitrine PC"
    dmi_system_version: str = "1.0"
    dmi_system_serial: str = "0"
    dmi_system_sku: str = ""
    dmi_system_family: str = "Virtual Machine"
    dmi_chassis_vendor: str = "Vitrine"


class FwCfgState(DeviceState):
    """Registers.

    Attributes:
        selector: number of the selected item.
        offset: next byte of the item.
        dma_address: DMA address register.
    """

    selector: int = 0
    offset: int = 0
    dma_address: int = 0


def parse_ports(name: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return (port, interrupt) pairs from ``3f8/4 2f8/3``.

    Raises:
        ConfigurationError: with the text.
    """
    ports = []
    for word in text.split():
        port, separator, irq = word.partition("/")
        try:
            pair = (int(port, 16), int(irq))
        except ValueError:
            pair = (-1, -1)
        if not separator or not (0 < pair[0] <= 0xFFF8 and 0 < pair[1] <= 15):
            raise ConfigurationError(f"{name}: {word!r} is not a port and an interrupt (3f8/4).")
        ports.append(pair)
    return tuple(ports)


@register
class FwCfg(Device[FwCfgConfig, FwCfgState]):
    """Firmware configuration device."""

    NAME = "fwcfg"
    DESCRIPTION = "Firmware configuration device"
    UNSAVED_CONFIG = frozenset({"boot_order", "boot_strict", "boot_menu", "boot_menu_wait"})

    registers = Ports("io_base", 2, sizes=(1, 2))
    dma_registers = Ports("dma_base", 8, sizes=(1, 2, 4))

    def setup(self) -> None:
        """Collect the items; contents are computed when they are selected."""
        config = self.config
        try:
            identity = uuid.UUID(config.uuid) if config.uuid else None
        except ValueError as error:
            raise ConfigurationError(
                f"{self.instance_name}: {config.uuid!r} is not a UUID."
            ) from error
        if not set(config.boot_order) <= set("acdn"):
            raise ConfigurationError(
                f"{self.instance_name}: the boot order {config.boot_order!r} may hold a, c, d, n."
            )
        self._com_ports = parse_ports(f"{self.instance_name}/com_ports", config.com_ports)
        self._parallel_ports = parse_ports(
            f"{self.instance_name}/parallel_ports", config.parallel_ports
        )
        ram_size = config.ram_below_4g + config.ram_above_4g
        self._items: dict[int, Callable[[], bytes]] = {
            SIGNATURE: lambda: b"QEMU",
            ID: lambda: struct.pack("<I", ID_TRADITIONAL | ID_DMA),
            UUID: lambda: identity.bytes if identity else bytes(16),
            RAM_SIZE: lambda: struct.pack("<Q", ram_size),
            NOGRAPHIC: lambda: bytes(2),
            NB_CPUS: lambda: struct.pack("<H", config.cpu_count),
            NUMA: lambda: bytes(8),
            BOOT_MENU: lambda: struct.pack("<H", config.boot_menu),
            MAX_CPUS: lambda: struct.pack(
                "<H", config.cpu_count if config.ioapic else MAX_CPUS_WITHOUT_APIC
            ),
            IRQ0_OVERRIDE: lambda: bytes([config.ioapic]),
            FILE_DIR: self._directory,
        }
        self._smbios = build_smbios(self._smbios_info())
        self._files: dict[str, Callable[[], bytes]] = {}
        self._content = b""

    def reset(self, kind: ResetKind) -> None:
        """Select the signature; only PCIRST# reaches the device."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        # Not before now: what there is to describe may have been built after this device.
        self._files = dict(sorted(self._make_files().items()))
        for selector, content in enumerate(self._files.values(), FILE_FIRST):
            self._items[selector] = content
        self._select(SIGNATURE)

    def state_loaded(self, version: int) -> None:
        """Fetch the selected item again."""
        content = self._items.get(self.state.selector)
        self._content = content() if content else b""

    # -- selector and data port

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Return the next byte of the item at the data port."""
        if offset != DATA:
            return 0
        state = self.state
        position = state.offset
        content = self._content
        if position >= len(content):
            return 0
        state.offset = position + 1
        return content[position]

    @registers.block_reader
    def read_string(self, offset: int, size: int, items: int) -> bytes | None:
        """Answer REP INSB at the data port."""
        if offset != DATA or size != 1:
            return None
        return self._take(items).ljust(items, b"\0")

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Select an item; data cannot be written."""
        if offset == SELECTOR and size == 2:
            self._select(value)
        else:
            self.guest_error(f"write of {value:#x} to the data port of fw_cfg")

    def _select(self, selector: int) -> None:
        self.state.selector = selector
        self.state.offset = 0
        content = self._items.get(selector)
        self._content = content() if content else b""

    def _take(self, length: int) -> bytes:
        start = self.state.offset
        data = self._content[start : start + length]
        self.state.offset = start + len(data)
        return data

    # -- DMA

    @dma_registers.reader
    def read_dma(self, offset: int, size: int) -> int:
        """Answer with the signature that tells the DMA interface."""
        return int.from_bytes(DMA_SIGNATURE[offset : offset + size], "little")

    @dma_registers.writer
    def write_dma(self, offset: int, value: int, size: int) -> None:
        """Take a part of the address; the last byte of its lower half starts the transfer."""
        address = bytearray(self.state.dma_address.to_bytes(8, "big"))
        address[offset : offset + size] = value.to_bytes(size, "little")
        self.state.dma_address = int.from_bytes(address, "big")
        if offset + size == 8:
            block = self.state.dma_address
            self.state.dma_address = 0
            self._transfer(block)

    def _transfer(self, block: int) -> None:
        control, length, address = DMA_BLOCK.unpack(self.dma_read(block, DMA_BLOCK.size))
        if control & DMA_SELECT:
            self._select(control >> 16)
        result = 0
        if control & DMA_READ:
            # Past the end of the item there are zeros; more than all RAM is never asked for.
            length = min(length, self.require(MachineControl).ram_size)
            self.dma_write(address, self._take(length).ljust(length, b"\0"))
        elif control & DMA_WRITE:
            self.guest_error(f"write of {length} bytes to fw_cfg item {self.state.selector:#x}")
            result = DMA_ERROR
        elif control & DMA_SKIP:
            self._take(length)
        self.dma_write(block, result.to_bytes(4, "big"))

    # -- items

    def _directory(self) -> bytes:
        entries = [
            struct.pack(f">IHH{FILE_NAME_SIZE}s", len(content()), selector, 0, name.encode())
            for selector, (name, content) in enumerate(self._files.items(), FILE_FIRST)
        ]
        return struct.pack(">I", len(entries)) + b"".join(entries)

    def _make_files(self) -> dict[str, Callable[[], bytes]]:
        files: dict[str, Callable[[], bytes]] = {
            "bootorder": self._boot_order,
            "etc/boot-menu-wait": lambda: struct.pack("<H", self.config.boot_menu_wait),
            "etc/e820": self._e820,
            "etc/smbios/smbios-anchor": lambda: self._smbios.anchor,
            "etc/smbios/smbios-tables": lambda: self._smbios.tables,
        }
        for name in self._platform_tables():
            files[name] = partial(self._platform_table, name)
        return files

    def _platform_table(self, name: str) -> bytes:
        return self._platform_tables()[name]

    def _platform_tables(self) -> dict[str, bytes]:
        hardware = self.context.find(AcpiHardware)
        if hardware is None:
            return build_without_acpi()
        pm_base, sci_irq = hardware.fixed_hardware()
        hot_plug = self.context.find(HotPlugSlots)
        return build_acpi(
            BoardConfig(
                low_ram_end=self.config.ram_below_4g,
                pm_base=pm_base,
                sci_irq=sci_irq,
                cpu_count=self.config.cpu_count,
                apic=self.config.apic,
                ioapic=self.config.ioapic,
                hpet=self.config.hpet,
                floppy=self.config.floppy,
                com_ports=self._com_ports,
                parallel_ports=self._parallel_ports,
                hot_plug_slots=tuple(hot_plug.slots()) if hot_plug is not None else (),
            )
        )

    def _smbios_info(self) -> SmbiosInfo:
        config = self.config
        return SmbiosInfo(
            uuid=config.uuid,
            ram_below_4g=config.ram_below_4g,
            ram_above_4g=config.ram_above_4g,
            cpu_count=config.cpu_count,
            cpu_signature=config.cpu_signature,
            cpu_features=config.cpu_features,
            cpu_vendor=config.cpu_vendor,
            cpu_brand=config.cpu_brand,
            bios_vendor=config.dmi_bios_vendor,
            bios_version=config.dmi_bios_version,
            bios_date=config.dmi_bios_date,
            system_vendor=config.dmi_system_vendor,
            system_product=config.dmi_system_product,
            system_version=config.dmi_system_version,
            system_serial=config.dmi_system_serial,
            system_sku=config.dmi_system_sku,
            system_family=config.dmi_system_family,
            chassis_vendor=config.dmi_chassis_vendor,
        )

    def _e820(self) -> bytes:
        ranges = [(0, self.config.ram_below_4g), (FOUR_GIB, self.config.ram_above_4g)]
        return b"".join(
            struct.pack("<QQI", base, size, E820_RAM) for base, size in ranges if size
        )

    def _boot_order(self) -> bytes:
        devices = sorted(self._boot_devices(), key=lambda device: device.rank)
        paths = [d.path for letter in self.config.boot_order for d in devices if d.kind == letter]
        if self.config.boot_strict:
            paths.append("HALT")
        return "\n".join(paths).encode() + b"\0"

    def _boot_devices(self) -> Iterator[BootDevice]:
        if self.config.floppy:
            yield BootDevice("a", FLOPPY_PATH)
        bus = self.require(PciBus)
        for place in sorted(bus.devices):
            device = bus.devices[place]
            if isinstance(device, BootSource):
                yield from device.boot_devices()
