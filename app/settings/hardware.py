"""Typed settings of a machine's hardware: the board, and what the other modules declare on it.

The XML places are relative to the element that owns the hardware: ``Machine`` or ``Snapshot``.
Ranges are those of VirtualBox 7.1 (``VirtualBox-settings.xsd`` and ``list systemproperties``).
"""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.cpu import CpuSettings
from app.settings.declare import Place, group, items, setting, special
from app.settings.display import DisplaySettings, RemoteDisplaySettings
from app.settings.firmware import FirmwareSettings, TpmSettings
from app.settings.network import NetworkAdapter
from app.settings.peripherals import (
    AudioSettings,
    ParallelPort,
    SerialPort,
    SharedFolder,
    UsbController,
    UsbDeviceFilter,
)
from app.settings.storage import StorageController

__all__ = [
    "BandwidthGroup",
    "CpuSettings",
    "DisplaySettings",
    "FirmwareSettings",
    "GuestProperty",
    "HardwareSettings",
    "HostPciDevice",
    "default_boot_order",
]


def _board(tail: str) -> tuple[Place, ...]:
    """Return the places of a setting that 1.20 moved from the hardware to the platform."""
    return Place(f"Hardware/{tail}"), Place(f"Platform/{tail}", 20)


def default_boot_order() -> list[str]:
    """Return the boot order of a machine whose file names none."""
    return ["Floppy", "DVD", "HardDisk", "None"]


class GuestProperty(msgspec.Struct, kw_only=True):
    """A guest property; the time stamp counts nanoseconds since 1970."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the property, a path.")
    ]
    value: Annotated[
        str, setting("@value", always=True, label="Value", help="Value of the property.")
    ] = ""
    timestamp: Annotated[
        int,
        setting(
            "@timestamp", ge=0, le=2**63 - 1, unit="ns", always=True, label="Time Stamp",
            help="When the property was changed last, since 1970.",
        ),
    ] = 0
    flags: Annotated[
        str,
        setting(
            "@flags", always=True, label="Flags",
            help="TRANSIENT, TRANSRESET, RDONLYGUEST, RDONLYHOST, READONLY, separated by commas.",
        ),
    ] = ""


class BandwidthGroup(msgspec.Struct, kw_only=True):
    """A limit that several drives or adapters share; 0 means no limit."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the group.")
    ]
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.BandwidthGroupType, always=True, label="Type",
            help="What the group limits: disks or network adapters.",
        ),
    ] = enums.BandwidthGroupType.DISK.value
    max_bytes_per_sec: Annotated[
        int,
        special(
            "bandwidth", "@maxBytesPerSec", label="Bytes per Second",
            help="Limit that the members share; 0 means none.", hot=True,
        ),
    ] = 0


class HostPciDevice(msgspec.Struct, kw_only=True):
    """A PCI device of the host handed to the guest; addresses are bus << 8 | device << 3 | fn."""

    host: Annotated[
        int,
        setting(
            "@host", ge=0, le=0xFFFFFFFF, always=True, label="Host Address",
            help="Address of the device on the host.",
        ),
    ]
    guest: Annotated[
        int,
        setting(
            "@guest", ge=0, le=0xFFFFFFFF, always=True, label="Guest Address",
            help="Address at which the guest sees the device.",
        ),
    ]
    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the device.")
    ] = ""


class HardwareSettings(msgspec.Struct, kw_only=True):
    """The hardware of a machine, or of a machine as a snapshot remembers it."""

    hardware_version: Annotated[
        str,
        setting(
            "Hardware/@version", label="Hardware Version",
            help="Generation of the virtual hardware.",
        ),
    ] = "2"
    architecture: Annotated[
        str,
        setting(
            "Platform/@architecture", choices=enums.PlatformArchitecture, since=20,
            label="Platform Architecture", help="Architecture of the processors.", always=True,
        ),
    ] = enums.PlatformArchitecture.X86.value
    hardware_uuid: Annotated[
        str,
        setting(
            "Hardware/@uuid", form="uuid", since=9, cli="hardware-uuid",
            old_cli=("hardwareuuid",), label="Hardware UUID",
            help="UUID that the guest sees; that of the machine when empty.",
        ),
    ] = ""
    cpu: Annotated[CpuSettings, group()] = msgspec.field(default_factory=CpuSettings)
    memory_mb: Annotated[
        int,
        setting(
            "Hardware/Memory/@RAMSize", ge=4, le=2097152, unit="MB", always=True, cli="memory",
            label="Base Memory", help="Memory of the machine.",
        ),
    ] = 128
    page_fusion: Annotated[
        bool,
        setting(
            "Hardware/Memory/@PageFusion", since=9, cli="page-fusion",
            old_cli=("pagefusion",), label="Page Fusion",
            help="Share equal pages between machines.",
        ),
    ] = False
    pointing_device: Annotated[
        str,
        setting(
            "Hardware/HID/@Pointing", choices=enums.PointingDevice, since=10, cli="mouse",
            label="Pointing Device", help="Mouse or tablet that the guest sees.",
        ),
    ] = enums.PointingDevice.PS2_MOUSE.value
    keyboard: Annotated[
        str,
        setting(
            "Hardware/HID/@Keyboard", choices=enums.Keyboard, since=10, cli="keyboard",
            label="Keyboard", help="Keyboard that the guest sees.",
        ),
    ] = enums.Keyboard.PS2_KEYBOARD.value
    hpet: Annotated[
        bool,
        setting(
            (Place("Hardware/HPET/@enabled"), Place("Platform/x86/HPET/@enabled", 20)),
            since=10, cli="x86-hpet", old_cli=("hpet",), label="HPET",
            help="Offer a high precision event timer.",
        ),
    ] = False
    chipset: Annotated[
        str,
        setting(
            _board("Chipset/@type"), choices=enums.Chipset, since=11, cli="chipset",
            label="Chipset", help="Chipset of the board.",
        ),
    ] = enums.Chipset.PIIX3.value
    iommu: Annotated[
        str,
        setting(
            _board("Iommu/@type"), choices=enums.IommuType, since=19, cli="iommu",
            label="IOMMU", help="Offer an I/O memory management unit.",
        ),
    ] = enums.IommuType.NONE.value
    paravirt_provider: Annotated[
        str,
        setting(
            "Hardware/Paravirt/@provider", choices=enums.ParavirtProvider, since=15,
            absent_before={16: "Legacy"}, cli="paravirt-provider", old_cli=("paravirtprovider",),
            label="Paravirtualization Interface",
            help="Interface that tells the guest that it runs in a virtual machine.",
        ),
    ] = enums.ParavirtProvider.DEFAULT.value
    paravirt_debug: Annotated[
        str,
        setting(
            "Hardware/Paravirt/@debug", since=16, cli="paravirt-debug",
            old_cli=("paravirtdebug",), label="Paravirtualization Debugging",
            help="Debugging options of the interface as name=value, separated by commas.",
        ),
    ] = ""
    boot_order: Annotated[
        list[str],
        special(
            "boot-order", "Hardware/Boot/Order", choices=enums.BootDevice, cli="boot",
            label="Boot Order",
            help="Devices from which the firmware tries to start, first to fourth.",
        ),
    ] = msgspec.field(default_factory=default_boot_order)
    display: Annotated[DisplaySettings, group()] = msgspec.field(default_factory=DisplaySettings)
    remote_display: Annotated[RemoteDisplaySettings, group()] = msgspec.field(
        default_factory=RemoteDisplaySettings
    )
    firmware: Annotated[FirmwareSettings, group()] = msgspec.field(
        default_factory=FirmwareSettings
    )
    tpm: Annotated[TpmSettings, group()] = msgspec.field(default_factory=TpmSettings)
    usb_filters: Annotated[
        list[UsbDeviceFilter],
        items(
            (
                Place("Hardware/USBController/DeviceFilter"),
                Place("Hardware/USB/DeviceFilters/DeviceFilter", 14),
            ),
            label="USB Device Filters",
            help="USB devices of the host that the machine gets when they are plugged in.",
        ),
    ] = msgspec.field(default_factory=list)
    usb_controllers: Annotated[
        list[UsbController],
        special(
            "usb-controllers", "Hardware/USB/Controllers/Controller", label="USB Controller",
            help="USB controllers of the machine.",
        ),
    ] = msgspec.field(default_factory=list)
    network_adapters: Annotated[
        list[NetworkAdapter],
        items(
            "Hardware/Network/Adapter", key=("slot",), label="Network",
            help="Network adapters of the machine.",
        ),
    ] = msgspec.field(default_factory=list)
    serial_ports: Annotated[
        list[SerialPort],
        items(
            "Hardware/UART/Port", key=("slot",), label="Serial Ports",
            help="Serial ports of the machine.",
        ),
    ] = msgspec.field(default_factory=list)
    parallel_ports: Annotated[
        list[ParallelPort],
        items(
            "Hardware/LPT/Port", key=("slot",), label="Parallel Ports",
            help="Parallel ports of the machine.",
        ),
    ] = msgspec.field(default_factory=list)
    audio: Annotated[AudioSettings, group()] = msgspec.field(default_factory=AudioSettings)
    rtc_utc: Annotated[
        bool,
        setting(
            _board("RTC/@localOrUTC"), words=("local", "UTC"), since=10, cli="rtc-use-utc",
            old_cli=("rtcuseutc",), label="Hardware Clock in UTC Time",
            help="The clock of the machine runs in UTC instead of the host's local time.",
        ),
    ] = False
    shared_folders: Annotated[
        list[SharedFolder],
        items(
            "Hardware/SharedFolders/SharedFolder", key=("name",), label="Shared Folders",
            help="Folders of the host that the guest can reach.",
        ),
    ] = msgspec.field(default_factory=list)
    clipboard_mode: Annotated[
        str,
        setting(
            "Hardware/Clipboard/@mode", choices=enums.SharingMode, cli="clipboard-mode",
            old_cli=("clipboard",), label="Shared Clipboard",
            help="Direction in which the clipboard is shared.",
            hot=True,
        ),
    ] = enums.SharingMode.DISABLED.value
    clipboard_file_transfers: Annotated[
        bool,
        setting(
            "Hardware/Clipboard/@fileTransfersEnabled", since=18,
            cli="clipboard-file-transfers", label="Clipboard File Transfers",
            help="The clipboard may carry files.", hot=True,
        ),
    ] = False
    drag_and_drop_mode: Annotated[
        str,
        setting(
            "Hardware/DragAndDrop/@mode", choices=enums.SharingMode, since=14,
            cli="drag-and-drop", old_cli=("draganddrop",), label="Drag'n'Drop",
            help="Direction in which things can be dragged.", hot=True,
        ),
    ] = enums.SharingMode.DISABLED.value
    io_cache: Annotated[
        bool,
        setting(
            "Hardware/IO/IoCache/@enabled", since=10, cli="iocache", old_cli=("io-cache",),
            label="I/O Cache", help="The machine caches what it reads from its disks.",
        ),
    ] = True
    io_cache_mb: Annotated[
        int,
        setting(
            "Hardware/IO/IoCache/@size", ge=0, le=65536, unit="MB", since=10,
            cli="iocachesize", old_cli=("iocache-size", "io-cache-size"), label="I/O Cache Size",
            help="Memory of the I/O cache.",
        ),
    ] = 5
    bandwidth_groups: Annotated[
        list[BandwidthGroup],
        items(
            "Hardware/IO/BandwidthGroups/BandwidthGroup", key=("name",), since=11,
            label="Bandwidth Groups", help="Limits that drives or adapters share.",
        ),
    ] = msgspec.field(default_factory=list)
    pci_devices: Annotated[
        list[HostPciDevice],
        items(
            "Hardware/HostPci/Devices/Device", since=12, cli="pci-attach",
            old_cli=("pciattach",), label="Host PCI Devices",
            help="PCI devices of the host that belong to the guest.",
        ),
    ] = msgspec.field(default_factory=list)
    usb_card_reader: Annotated[
        bool,
        setting(
            "Hardware/EmulatedUSB/CardReader/@enabled", since=12, cli="usb-card-reader",
            old_cli=("usbcardreader",), label="Card Reader",
            help="The guest sees a reader for smart cards.",
        ),
    ] = False
    default_frontend: Annotated[
        str,
        setting(
            "Hardware/Frontend/Default/@type", since=14, cli="default-frontend",
            old_cli=("defaultfrontend",), label="Default Frontend",
            help="Kind of window with which the machine starts.",
        ),
    ] = ""
    memory_balloon_mb: Annotated[
        int,
        setting(
            (
                Place("Hardware/Guest/@MemoryBalloonSize"),
                Place("Hardware/Guest/@memoryBalloonSize", 7),
            ),
            ge=0, le=2097152, unit="MB",
            cli="guest-memory-balloon", old_cli=("guestmemoryballoon",), label="Memory Balloon",
            hot=True,
            help="Memory that the guest gives back to the host.",
        ),
    ] = 0
    guest_property_patterns: Annotated[
        str,
        setting(
            "Hardware/GuestProperties/@notificationPatterns", label="Notification Patterns",
            help="Guest properties whose changes are told, as patterns separated by bars.",
        ),
    ] = ""
    guest_properties: Annotated[
        list[GuestProperty],
        items(
            "Hardware/GuestProperties/GuestProperty", key=("name",), hot=True,
            label="Guest Properties", help="Values that host and guest exchange.",
        ),
    ] = msgspec.field(default_factory=list)
    storage_controllers: Annotated[
        list[StorageController],
        items(
            (
                Place("StorageControllers/StorageController"),
                Place("Hardware/StorageControllers/StorageController", 17),
            ),
            key=("name",), label="Storage", older="old-drives",
            help="Storage controllers of the machine with their drives.",
        ),
    ] = msgspec.field(default_factory=list)

    def controller(self, name: str) -> StorageController | None:
        """Return the storage controller with a name, ``None`` when there is none."""
        for controller in self.storage_controllers:
            if controller.name == name:
                return controller
        return None
