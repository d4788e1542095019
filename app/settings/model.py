"""The settings of a machine as one typed tree.

Everything that a machine file (``NAME.vbox``) holds and that this program understands; what it
does not understand stays in the file untouched (see :mod:`app.settings.machine_file`).
The structures can be sent as they are (msgpack, JSON), compared and copied.
"""

import datetime as dt
from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import Place, group, items, mapping, setting, special
from app.settings.enums import (
    AdapterType,
    Attachment,
    AudioController,
    AudioDriver,
    BootDevice,
    BootMenuMode,
    Chipset,
    DeviceType,
    FirmwareType,
    GraphicsController,
    MediumType,
    ParavirtProvider,
    PointingDevice,
    PortMode,
    SharingMode,
    StorageBus,
    StorageControllerType,
    UartType,
    UsbControllerType,
)
from app.settings.hardware import (
    AudioSettings,
    CpuIdLeaf,
    CpuSettings,
    DisplaySettings,
    FirmwareSettings,
    HotPluggedCpu,
    ParallelPort,
    RemoteDisplaySettings,
    SerialPort,
    SharedFolder,
    TpmSettings,
    UsbController,
    UsbDeviceFilter,
)
from app.settings.network import NatSettings, NetworkAdapter, PortForwarding
from app.settings.storage import (
    CONTROLLER_LIMITS,
    ControllerLimits,
    HardDisk,
    MediaRegistry,
    MediumAttachment,
    RemovableImage,
    StorageController,
)

__all__ = [
    "CONTROLLER_LIMITS",
    "AdapterType",
    "Attachment",
    "AudioController",
    "AudioDriver",
    "AudioSettings",
    "BandwidthGroup",
    "BootDevice",
    "BootMenuMode",
    "Chipset",
    "ControllerLimits",
    "CpuIdLeaf",
    "CpuSettings",
    "DeviceType",
    "DisplaySettings",
    "FirmwareSettings",
    "FirmwareType",
    "GraphicsController",
    "GuestProperty",
    "HardDisk",
    "HardwareSettings",
    "HostPciDevice",
    "HotPluggedCpu",
    "MachineSettings",
    "MediaRegistry",
    "MediumAttachment",
    "MediumType",
    "NatSettings",
    "NetworkAdapter",
    "ParallelPort",
    "ParavirtProvider",
    "PointingDevice",
    "PortForwarding",
    "PortMode",
    "RecordingScreen",
    "RecordingSettings",
    "RemoteDisplaySettings",
    "RemovableImage",
    "SerialPort",
    "SharedFolder",
    "SharingMode",
    "Snapshot",
    "StorageBus",
    "StorageController",
    "StorageControllerType",
    "Teleporter",
    "TpmSettings",
    "UartType",
    "UsbController",
    "UsbControllerType",
    "UsbDeviceFilter",
]


def _board(tail: str) -> tuple[Place, ...]:
    """Return the places of a setting that 1.20 moved from the hardware to the platform."""
    return Place(f"Hardware/{tail}"), Place(f"Platform/{tail}", 20)


def default_boot_order() -> list[str]:
    """Return the boot order of a machine whose file names none."""
    return ["Floppy", "DVD", "HardDisk", "None"]


class GuestProperty(msgspec.Struct, kw_only=True):
    """A guest property; the time stamp counts nanoseconds since 1970."""

    name: Annotated[str, setting("@name", always=True)]
    value: Annotated[str, setting("@value", always=True)] = ""
    timestamp: Annotated[int, setting("@timestamp", ge=0, le=2**63 - 1, always=True)] = 0
    flags: Annotated[str, setting("@flags", always=True)] = ""


class BandwidthGroup(msgspec.Struct, kw_only=True):
    """A limit that several drives or adapters share; 0 means no limit."""

    name: Annotated[str, setting("@name", always=True)]
    type: Annotated[str, setting("@type", choices=enums.BandwidthGroupType, always=True)] = "Disk"
    max_bytes_per_sec: Annotated[
        int, special("bandwidth", "@maxBytesPerSec", label="Bytes per Second")
    ] = 0


class HostPciDevice(msgspec.Struct, kw_only=True):
    """A PCI device of the host handed to the guest; addresses are bus << 8 | device << 3 | fn."""

    host: Annotated[int, setting("@host", ge=0, le=0xFFFFFFFF, always=True)]
    guest: Annotated[int, setting("@guest", ge=0, le=0xFFFFFFFF, always=True)]
    name: Annotated[str, setting("@name", always=True)] = ""


class HardwareSettings(msgspec.Struct, kw_only=True):
    """The hardware of a machine, or of a machine as a snapshot remembers it."""

    hardware_version: Annotated[str, setting("Hardware/@version")] = "2"
    hardware_uuid: Annotated[
        str,
        setting(
            "Hardware/@uuid", form="uuid", since=9, cli="hardware-uuid", label="Hardware UUID",
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
            "Hardware/Memory/@PageFusion", since=9, cli="page-fusion", label="Page Fusion",
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
            since=10, cli="x86-hpet", label="HPET", help="Offer a high precision event timer.",
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
            absent_before={16: "Legacy"}, cli="paravirt-provider",
            label="Paravirtualization Interface",
            help="Interface that tells the guest that it runs in a virtual machine.",
        ),
    ] = enums.ParavirtProvider.DEFAULT.value
    paravirt_debug: Annotated[
        str, setting("Hardware/Paravirt/@debug", since=16, cli="paravirt-debug")
    ] = ""
    boot_order: Annotated[
        list[str],
        special(
            "boot-order", "Hardware/Boot/Order", cli="boot", label="Boot Order",
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
        ),
    ] = msgspec.field(default_factory=list)
    usb_controllers: Annotated[
        list[UsbController],
        special("usb-controllers", "Hardware/USB/Controllers/Controller", label="USB Controller"),
    ] = msgspec.field(default_factory=list)
    network_adapters: Annotated[
        list[NetworkAdapter], items("Hardware/Network/Adapter", key=("slot",), label="Network")
    ] = msgspec.field(default_factory=list)
    serial_ports: Annotated[
        list[SerialPort], items("Hardware/UART/Port", key=("slot",), label="Serial Ports")
    ] = msgspec.field(default_factory=list)
    parallel_ports: Annotated[
        list[ParallelPort], items("Hardware/LPT/Port", key=("slot",), label="Parallel Ports")
    ] = msgspec.field(default_factory=list)
    audio: Annotated[AudioSettings, group()] = msgspec.field(default_factory=AudioSettings)
    rtc_utc: Annotated[
        bool,
        setting(
            _board("RTC/@localOrUTC"), words=("local", "UTC"), since=10, cli="rtc-use-utc",
            label="Hardware Clock in UTC Time",
            help="The clock of the machine runs in UTC instead of the host's local time.",
        ),
    ] = False
    shared_folders: Annotated[
        list[SharedFolder],
        items("Hardware/SharedFolders/SharedFolder", key=("name",), label="Shared Folders"),
    ] = msgspec.field(default_factory=list)
    clipboard_mode: Annotated[
        str,
        setting(
            "Hardware/Clipboard/@mode", choices=enums.SharingMode, cli="clipboard-mode",
            label="Shared Clipboard", help="Direction in which the clipboard is shared.",
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
            cli="drag-and-drop", label="Drag'n'Drop",
            help="Direction in which things can be dragged.", hot=True,
        ),
    ] = enums.SharingMode.DISABLED.value
    io_cache: Annotated[bool, setting("Hardware/IO/IoCache/@enabled", since=10)] = True
    io_cache_mb: Annotated[
        int, setting("Hardware/IO/IoCache/@size", ge=0, le=65536, unit="MB", since=10)
    ] = 5
    bandwidth_groups: Annotated[
        list[BandwidthGroup],
        items("Hardware/IO/BandwidthGroups/BandwidthGroup", key=("name",), since=11),
    ] = msgspec.field(default_factory=list)
    pci_devices: Annotated[
        list[HostPciDevice], items("Hardware/HostPci/Devices/Device", since=12)
    ] = msgspec.field(default_factory=list)
    usb_card_reader: Annotated[
        bool,
        setting("Hardware/EmulatedUSB/CardReader/@enabled", since=12, cli="usb-card-reader"),
    ] = False
    default_frontend: Annotated[
        str,
        setting(
            "Hardware/Frontend/Default/@type", since=14, cli="default-frontend",
            label="Default Frontend", help="Kind of window with which the machine starts.",
        ),
    ] = ""
    memory_balloon_mb: Annotated[
        int,
        setting(
            "Hardware/Guest/@memoryBalloonSize", ge=0, le=2097152, unit="MB",
            cli="guest-memory-balloon", label="Memory Balloon", hot=True,
            help="Memory that the guest gives back to the host.",
        ),
    ] = 0
    guest_property_patterns: Annotated[
        str, setting("Hardware/GuestProperties/@notificationPatterns")
    ] = ""
    guest_properties: Annotated[
        list[GuestProperty],
        items("Hardware/GuestProperties/GuestProperty", key=("name",), hot=True),
    ] = msgspec.field(default_factory=list)
    storage_controllers: Annotated[
        list[StorageController],
        items(
            (
                Place("StorageControllers/StorageController"),
                Place("Hardware/StorageControllers/StorageController", 17),
            ),
            key=("name",), label="Storage",
        ),
    ] = msgspec.field(default_factory=list)

    def controller(self, name: str) -> StorageController | None:
        """Return the storage controller with a name, ``None`` when there is none."""
        for controller in self.storage_controllers:
            if controller.name == name:
                return controller
        return None


class RecordingScreen(msgspec.Struct, kw_only=True):
    """Recording of one screen."""

    id: Annotated[int, setting("@id", ge=0, le=63, always=True)]
    enabled: Annotated[bool, setting("@enabled", always=True)] = True
    features: Annotated[str, setting("@featuresEnabled")] = "video"
    max_time_s: Annotated[int, setting("@maxTimeS", ge=0, le=0xFFFFFFFF)] = 0
    options: Annotated[str, setting("@options")] = ""
    destination: Annotated[str, setting("@dest")] = "File"
    file: Annotated[str, setting("@file")] = ""
    max_size_mb: Annotated[int, setting("@maxSizeMB", ge=0, le=0xFFFFFFFF)] = 0
    width: Annotated[int, setting("@horzRes", ge=0, le=65535)] = 1024
    height: Annotated[int, setting("@vertRes", ge=0, le=65535)] = 768
    rate_kbps: Annotated[int, setting("@rateKbps", ge=0, le=0xFFFFFFFF)] = 512
    fps: Annotated[int, setting("@fps", ge=0, le=1000)] = 25


class RecordingSettings(msgspec.Struct, kw_only=True):
    """Recording of the screens to files; older files hold it as ``VideoCapture``."""

    enabled: Annotated[
        bool,
        setting(
            "@enabled", cli="recording", label="Enable Recording",
            help="Record the screens to a file.", hot=True,
        ),
    ] = False
    screens: Annotated[
        list[RecordingScreen], items("Screens/Screen", key=("id",))
    ] = msgspec.field(default_factory=list)


class Debugging(msgspec.Struct, kw_only=True):
    """Tracing and the guest debugger."""

    tracing_enabled: Annotated[
        bool, setting("Debugging/Tracing/@enabled", since=13, cli="tracing-enabled")
    ] = False
    tracing_vm_access: Annotated[
        bool,
        setting(
            "Debugging/Tracing/@allowTracingToAccessVM", since=13, cli="tracing-allow-vm-access"
        ),
    ] = False
    tracing_config: Annotated[
        str, setting("Debugging/Tracing/@config", since=13, cli="tracing-config")
    ] = ""
    guest_debug_provider: Annotated[
        str, setting("Debugging/GuestDebug/@provider", since=19, cli="guest-debug-provider")
    ] = "None"
    guest_debug_io: Annotated[
        str, setting("Debugging/GuestDebug/@io", since=19, cli="guest-debug-io-provider")
    ] = "None"
    guest_debug_address: Annotated[
        str, setting("Debugging/GuestDebug/@address", since=19, cli="guest-debug-address")
    ] = ""
    guest_debug_port: Annotated[
        int,
        setting(
            "Debugging/GuestDebug/@port", ge=0, le=65535, since=19, cli="guest-debug-port"
        ),
    ] = 0


class Autostart(msgspec.Struct, kw_only=True):
    """Start and stop with the host."""

    enabled: Annotated[
        bool,
        setting(
            "Autostart/@enabled", since=13, cli="autostart-enabled", label="Autostart",
            help="Start the machine with the host.",
        ),
    ] = False
    delay_s: Annotated[
        int,
        setting(
            "Autostart/@delay", ge=0, le=0xFFFFFFFF, unit="s", since=13, cli="autostart-delay",
            label="Autostart Delay", help="Time between the start of the host and that.",
        ),
    ] = 0
    autostop: Annotated[
        str, setting("Autostart/@autostop", choices=enums.AutostopType, since=13)
    ] = enums.AutostopType.DISABLED.value


class Teleporter(msgspec.Struct, kw_only=True):
    """Readiness to take over a running machine from another host."""

    enabled: Annotated[
        bool, setting("Teleporter/@enabled", since=9, cli="teleporter")
    ] = False
    port: Annotated[
        int, setting("Teleporter/@port", ge=0, le=65535, since=9, cli="teleporter-port")
    ] = 0
    address: Annotated[
        str, setting("Teleporter/@address", since=9, cli="teleporter-address")
    ] = ""
    password: Annotated[
        str, setting("Teleporter/@password", since=9, cli="teleporter-password")
    ] = ""


class Snapshot(msgspec.Struct, kw_only=True):
    """A snapshot: the machine as it was.

    Attributes:
        parent: UUID of the snapshot it was taken after, empty for the first one.
    """

    uuid: Annotated[str, setting("@uuid", form="uuid", always=True)]
    name: Annotated[str, setting("@name", always=True, label="Name")]
    time_stamp: Annotated[dt.datetime, setting("@timeStamp", always=True)]
    state_file: Annotated[str, setting("@stateFile")] = ""
    description: Annotated[str, setting("Description", label="Description")] = ""
    hardware: Annotated[HardwareSettings, group()] = msgspec.field(
        default_factory=HardwareSettings
    )
    debugging: Annotated[Debugging, group()] = msgspec.field(default_factory=Debugging)
    autostart: Annotated[Autostart, group()] = msgspec.field(default_factory=Autostart)
    recording: Annotated[RecordingSettings, special("recording", "Recording", since=19)] = (
        msgspec.field(default_factory=RecordingSettings)
    )
    parent: str = ""


class MachineSettings(msgspec.Struct, kw_only=True):
    """Everything that a machine file holds.

    Attributes:
        snapshots: all snapshots, parents before their children.
        state_file: saved state, relative to the machine folder; empty unless saved.
        snapshot_folder: folder of saved states and differencing images, relative to the machine
            folder when inside it.
    """

    uuid: Annotated[str, setting("@uuid", form="uuid", always=True)]
    name: Annotated[
        str,
        setting(
            "@name", always=True, max_length=255, cli="name", label="Name",
            help="Name of the machine, its folder and its files.",
        ),
    ]
    name_sync: Annotated[bool, setting("@nameSync")] = True
    directory_includes_uuid: Annotated[bool, setting("@directoryIncludesUUID", since=11)] = False
    os_type_id: Annotated[
        str,
        setting(
            "@OSType", always=True, cli="os-type", label="Version",
            help="Operating system of the guest.",
        ),
    ] = "Other"
    state_file: Annotated[str, setting("@stateFile")] = ""
    current_snapshot: Annotated[str, setting("@currentSnapshot", form="uuid")] = ""
    snapshot_folder: Annotated[
        str,
        setting(
            "@snapshotFolder", always=True, cli="snapshot-folder", label="Snapshot Folder",
            help="Folder of saved states and differencing images.",
        ),
    ] = "Snapshots"
    current_state_modified: Annotated[bool, setting("@currentStateModified")] = True
    last_state_change: Annotated[
        dt.datetime | None, setting("@lastStateChange", always=True)
    ] = None
    aborted: Annotated[bool, setting("@aborted")] = False
    process_priority: Annotated[
        str,
        setting(
            (Place("@VMProcessPriority"), Place("@processPriority")), since=17,
            choices=enums.ProcessPriority, cli="vm-process-priority",
            label="Process Priority", help="Priority of the machine's process.", hot=True,
        ),
    ] = enums.ProcessPriority.DEFAULT.value
    execution_engine: Annotated[
        str, setting("@executionEngine", since=20, cli="vm-execution-engine")
    ] = "Default"
    icon: Annotated[
        str,
        setting("@icon", since=14, label="Icon", help="PNG picture in base64.", hot=True),
    ] = ""
    description: Annotated[
        str,
        setting(
            "Description", cli="description", label="Description",
            help="Free text about the machine.", hot=True,
        ),
    ] = ""
    teleporter: Annotated[Teleporter, group()] = msgspec.field(default_factory=Teleporter)
    media: Annotated[MediaRegistry, group(since=11)] = msgspec.field(
        default_factory=MediaRegistry
    )
    extra_data: Annotated[
        dict[str, str], mapping("ExtraData/ExtraDataItem", label="Extra Data", hot=True)
    ] = msgspec.field(default_factory=dict)
    snapshots: Annotated[
        list[Snapshot], items("Snapshot", key=("uuid",), nest="Snapshots", parent="parent")
    ] = msgspec.field(default_factory=list)
    hardware: Annotated[HardwareSettings, group()] = msgspec.field(
        default_factory=HardwareSettings
    )
    debugging: Annotated[Debugging, group()] = msgspec.field(default_factory=Debugging)
    autostart: Annotated[Autostart, group()] = msgspec.field(default_factory=Autostart)
    recording: Annotated[RecordingSettings, special("recording", "Recording", since=19)] = (
        msgspec.field(default_factory=RecordingSettings)
    )
    groups: Annotated[
        list[str],
        special(
            "groups", "Groups/Group", since=13, cli="groups", label="Groups",
            help="Groups of the machine, each as a path that starts with a slash.", hot=True,
        ),
    ] = msgspec.field(default_factory=lambda: ["/"])
