"""The configuration tree of a machine's board, made from its settings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from app.console.audio import sound_cards
from app.console.networks import nics
from app.console.serialports import driver_of
from app.console.usb import USB_PORTS, usb_buses
from app.settings.enums import (
    BootDevice,
    BootMenuMode,
    DeviceType,
    ExecutionEngine,
    ParavirtProvider,
)
from app.settings.paravirt import effective_provider
from app.settings.virtiodevices import has_balloon, has_entropy_device
from engine.cpum.models import HOST, MODELS
from engine.em.backend import MOST_CPUS
from engine.pcboard import (
    DriveKind,
    IdeUnit,
    ParallelPort,
    PcOptions,
    SerialPort,
    UsbBus,
    pc_tree,
)

if TYPE_CHECKING:
    from app.api.structs import VmStartInfo
    from app.console.configuration import DrivePlan, Plan
    from app.settings.cpu import CpuSettings
    from app.settings.model import HardwareSettings, MachineSettings
    from engine.cfgm import Node

_BOOT_LETTERS: Final = {
    BootDevice.FLOPPY: "a",
    BootDevice.HARD_DISK: "c",
    BootDevice.DVD: "d",
    BootDevice.NETWORK: "n",
}
_MIN_VRAM_MB: Final = 1
MAX_CLOCK_OFFSET: Final = 86_400
"""Seconds that the engine's clock may differ from UTC."""

_ENGINES: Final[dict[str, str]] = {
    ExecutionEngine.HW_VIRT: "KVM",
    ExecutionEngine.NATIVE_API: "KVM",
    ExecutionEngine.INTERPRETER: "Unicorn",
    ExecutionEngine.RECOMPILER: "Unicorn",
}
"""VirtualBox tells engines apart by how they work; ours work like these."""


def board_tree(settings: MachineSettings, info: VmStartInfo, plan: Plan) -> Node:
    """Return the configuration tree.

    It names the images of the drives, for the log; the console opens and attaches them itself.

    Args:
        settings: of the machine.
        info: names the firmware files that replace the host's.
        plan: drives of the machine.

    Raises:
        engine.errors.ConfigurationError: the board cannot be built like this.
    """
    hardware = settings.hardware
    offset_s = clock_offset(hardware)
    options = PcOptions(
        name=settings.name,
        uuid=hardware.hardware_uuid or settings.uuid,
        memory_mb=hardware.memory_mb,
        vram_mb=_power_of_two(max(hardware.display.vram_mb, _MIN_VRAM_MB)),
        boot_order=boot_letters(hardware.boot_order),
        boot_menu=hardware.firmware.boot_menu != BootMenuMode.DISABLED,
        ide_model=plan.ide_model,
        ide=_units(plan, f"{plan.ide_model}ide/0", 4),
        sata=_units(plan, "ahci/0", plan.sata_ports),
        hosts={name: _units(plan, f"{name}/0", ports) for name, ports in plan.hosts.items()},
        disks=_disks(plan),
        floppies=_floppies(plan),
        serial=_serial_ports(hardware),
        parallel=_parallel_ports(hardware),
        nics=nics(hardware, settings.uuid),
        usb=_usb_buses(hardware, plan),
        sound=sound_cards(settings, info),
        rtc_use_utc=offset_s == 0,
        utc_offset=offset_s,
        pae=hardware.cpu.pae,
        long_mode=hardware.cpu.long_mode,
        apic=hardware.cpu.apic,
        ioapic=hardware.firmware.ioapic,
        hpet=hardware.hpet,
        cpus=min(hardware.cpu.count, MOST_CPUS),
        x2apic=hardware.cpu.x2apic,
        hm=_hardware_virtualization(hardware.cpu),
        cpu_profile=hardware.cpu.profile if hardware.cpu.profile in MODELS else HOST,
        portability=hardware.cpu.portability_level,
        cpuid={
            (each.id, each.subleaf): (each.eax, each.ebx, each.ecx, each.edx)
            for each in hardware.cpu.cpuid_leaves
        },
        entropy=has_entropy_device(settings),
        balloon_mb=hardware.memory_balloon_mb if has_balloon(settings) else None,
        execution_cap=hardware.cpu.execution_cap,
        paravirt=paravirt_provider(settings),
        engine=execution_engine(settings.execution_engine),
        bios=info.properties.firmware_bios_path,
        vga_bios=info.properties.firmware_vga_bios_path,
    )
    return pc_tree(options)


def _hardware_virtualization(cpu: CpuSettings) -> dict[str, bool]:
    return {
        "EnableNestedPaging": cpu.nested_paging,
        "EnableVPID": cpu.vpid,
        "EnableUX": cpu.unrestricted_guest,
        "EnableLargePages": cpu.large_pages,
    }


def execution_engine(wanted: str) -> str:
    """Return the engine's name for a setting of ``Machine/@executionEngine``.

    Words that a newer version of the file may have leave the choice to the engine.
    """
    return _ENGINES.get(wanted, "Default")


def paravirt_provider(settings: MachineSettings) -> str:
    """Return the paravirtualization interface that the guest gets.

    Words that a newer version of the file may have mean none.
    """
    found = effective_provider(settings.hardware.paravirt_provider, settings.os_type_id)
    return found if found in list(ParavirtProvider) else ParavirtProvider.NONE.value


def clock_offset(hardware: HardwareSettings) -> int:
    """Return by how many seconds the guest's clock is ahead of UTC; a day at most."""
    zone = 0 if hardware.rtc_utc else time.localtime().tm_gmtoff
    offset = hardware.firmware.time_offset_ms // 1000 + zone
    return max(-MAX_CLOCK_OFFSET, min(offset, MAX_CLOCK_OFFSET))


def boot_letters(order: list[str]) -> str:
    """Return a boot order as letters of the engine; unknown and repeated devices are left out."""
    letters = [_BOOT_LETTERS[BootDevice(d)] for d in order if d in _BOOT_LETTERS]
    return "".join(dict.fromkeys(letters))


def _power_of_two(number: int) -> int:
    return 1 << (number - 1).bit_length()


def _units(plan: Plan, controller: str, places: int) -> list[IdeUnit]:
    """Return what is at each place of a controller of the engine."""
    units = [IdeUnit() for _ in range(places)]
    for drive in plan.drives:
        if drive.slot.instance == controller:
            kind: DriveKind = "disk" if drive.slot.type is DeviceType.HARD_DISK else "cdrom"
            units[drive.slot.lun] = IdeUnit(kind, _path(drive), fixed=not drive.hot_pluggable)
    return units


def _disks(plan: Plan) -> list[IdeUnit]:
    """Return what is at each port of the virtio-blk controller, whose disks are devices."""
    units = [_units(plan, f"virtio-blk/{port}", 1) for port in range(plan.disk_ports)]
    return [unit for (unit,) in units]


def _usb_buses(hardware: HardwareSettings, plan: Plan) -> list[UsbBus]:
    buses = usb_buses(hardware)
    for bus in buses:
        units = _units(plan, f"usb-{bus.controller}/0", USB_PORTS)
        bus.drives = {port: unit for port, unit in enumerate(units) if unit.kind}
    return buses


def _floppies(plan: Plan) -> list[str]:
    """Return an entry for each drive; the board builds drive A: when there is a drive B:."""
    drives = {d.slot.lun: _path(d) for d in plan.drives if d.slot.type is DeviceType.FLOPPY}
    return [drives.get(lun, "") for lun in range(max(drives) + 1)] if drives else []


def _path(drive: DrivePlan) -> str:
    return str(drive.image) if drive.image is not None else ""


def _serial_ports(hardware: HardwareSettings) -> list[SerialPort]:
    ports = []
    for port in hardware.serial_ports:
        if not port.enabled:
            continue
        serial = SerialPort(io_base=port.io_base, irq=port.irq)
        serial.driver, serial.settings = driver_of(port)
        ports.append(serial)
    return ports


def _parallel_ports(hardware: HardwareSettings) -> list[ParallelPort]:
    """Return the ports; what the guest prints is added to the file, as to a printer's paper."""
    ports = []
    for port in hardware.parallel_ports:
        if not port.enabled:
            continue
        parallel = ParallelPort(io_base=port.io_base, irq=port.irq)
        if port.path:
            parallel.driver, parallel.settings = "File", {"Path": port.path, "Append": True}
        ports.append(parallel)
    return ports
