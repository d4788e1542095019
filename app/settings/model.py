"""The settings of a machine as one typed tree.

Everything that a machine file (``NAME.vbox``) holds and that this program understands; what it
does not understand stays in the file untouched (see :mod:`app.settings.machine_file`).
The structures can be sent as they are (msgpack, JSON), compared and copied.
"""

import datetime as dt
from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.cpu import CpuIdLeaf, CpuSettings, HotPluggedCpu
from app.settings.declare import Place, group, items, mapping, setting, special
from app.settings.display import (
    DisplaySettings,
    RecordingScreen,
    RecordingSettings,
    RemoteDisplaySettings,
)
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
from app.settings.firmware import FirmwareSettings, TpmSettings
from app.settings.hardware import BandwidthGroup, GuestProperty, HardwareSettings, HostPciDevice
from app.settings.network import NatSettings, NetworkAdapter, PortForwarding
from app.settings.peripherals import (
    AudioSettings,
    ParallelPort,
    SerialPort,
    SharedFolder,
    UsbController,
    UsbDeviceFilter,
)
from app.settings.runtime import Autostart, Debugging, Teleporter
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
    "Autostart",
    "BandwidthGroup",
    "BootDevice",
    "BootMenuMode",
    "Chipset",
    "ControllerLimits",
    "CpuIdLeaf",
    "CpuSettings",
    "Debugging",
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


class Snapshot(msgspec.Struct, kw_only=True):
    """A snapshot: the machine as it was.

    Attributes:
        parent: UUID of the snapshot it was taken after, empty for the first one.
    """

    uuid: Annotated[
        str,
        setting("@uuid", form="uuid", always=True, label="UUID", help="UUID of the snapshot."),
    ]
    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the snapshot.")
    ]
    time_stamp: Annotated[
        dt.datetime,
        setting("@timeStamp", always=True, label="Taken", help="When it was taken."),
    ]
    state_file: Annotated[
        str,
        setting(
            "@stateFile", label="Saved State",
            help="File of the saved state; empty for a machine that was powered off.",
        ),
    ] = ""
    description: Annotated[
        str,
        setting("Description", label="Description", help="Free text about the snapshot."),
    ] = ""
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

    uuid: Annotated[
        str,
        setting("@uuid", form="uuid", always=True, label="UUID", help="UUID of the machine."),
    ]
    name: Annotated[
        str,
        setting(
            "@name", always=True, max_length=255, cli="name", label="Name",
            help="Name of the machine, its folder and its files.",
        ),
    ]
    name_sync: Annotated[
        bool,
        setting(
            "@nameSync", label="Rename Files",
            help="Folder and settings file are renamed together with the machine.",
        ),
    ] = True
    directory_includes_uuid: Annotated[
        bool,
        setting(
            "@directoryIncludesUUID", since=11, label="Folder Named by UUID",
            help="The machine folder has the UUID of the machine in its name.",
        ),
    ] = False
    state_key_id: Annotated[
        str,
        setting(
            "@stateKeyId", since=19, label="State Key",
            help="Id of the password that encrypts saved states.",
        ),
    ] = ""
    state_key_store: Annotated[
        str,
        setting(
            "@stateKeyStore", since=19, label="State Key Store",
            help="Encrypted key of the saved states.",
        ),
    ] = ""
    log_key_id: Annotated[
        str,
        setting(
            "@logKeyId", since=19, label="Log Key",
            help="Id of the password that encrypts log files.",
        ),
    ] = ""
    log_key_store: Annotated[
        str,
        setting(
            "@logKeyStore", since=19, label="Log Key Store",
            help="Encrypted key of the log files.",
        ),
    ] = ""
    os_type_id: Annotated[
        str,
        setting(
            "@OSType", always=True, cli="os-type", old_cli=("ostype",), label="Version",
            help="Operating system of the guest.",
        ),
    ] = "Other"
    state_file: Annotated[
        str,
        setting(
            "@stateFile", label="Saved State",
            help="File of the saved state; empty unless the machine is saved.",
        ),
    ] = ""
    current_snapshot: Annotated[
        str,
        setting(
            "@currentSnapshot", form="uuid", label="Current Snapshot",
            help="Snapshot on which the present state of the machine is based.",
        ),
    ] = ""
    snapshot_folder: Annotated[
        str,
        setting(
            "@snapshotFolder", always=True, cli="snapshot-folder",
            old_cli=("snapshotfolder",), label="Snapshot Folder",
            help="Folder of saved states and differencing images.",
        ),
    ] = "Snapshots"
    current_state_modified: Annotated[
        bool,
        setting(
            "@currentStateModified", label="Changed Since Snapshot",
            help="The machine differs from its current snapshot.",
        ),
    ] = True
    last_state_change: Annotated[
        dt.datetime | None,
        setting(
            "@lastStateChange", always=True, label="Last State Change",
            help="When the machine was started or stopped last.",
        ),
    ] = None
    aborted: Annotated[
        bool,
        setting("@aborted", label="Aborted", help="The machine ended without being stopped."),
    ] = False
    process_priority: Annotated[
        str,
        setting(
            (Place("@VMProcessPriority"), Place("@processPriority")), since=17,
            choices=enums.ProcessPriority, cli="vm-process-priority",
            old_cli=("vmprocpriority",), label="Process Priority",
            help="Priority of the machine's process.", hot=True,
        ),
    ] = enums.ProcessPriority.DEFAULT.value
    execution_engine: Annotated[
        str,
        setting(
            "@executionEngine", choices=enums.ExecutionEngine, since=20,
            cli="vm-execution-engine", label="Execution Engine",
            help="What runs the guest; the best that the host has when default.",
        ),
    ] = enums.ExecutionEngine.DEFAULT.value
    icon: Annotated[
        str,
        setting(
            "@icon", since=14, cli="icon-file", old_cli=("iconfile",), label="Icon",
            help="Picture of the machine: a PNG file, kept in base64.", hot=True,
        ),
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
        dict[str, str],
        mapping(
            "ExtraData/ExtraDataItem", label="Extra Data", hot=True,
            help="Texts that programs keep with the machine.",
        ),
    ] = msgspec.field(default_factory=dict)
    snapshots: Annotated[
        list[Snapshot],
        items(
            "Snapshot", key=("uuid",), nest="Snapshots", parent="parent", label="Snapshots",
            help="Remembered stages of the machine.",
        ),
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
