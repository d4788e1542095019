"""Data that the Main API hands around: machines, media, guest OS types, properties.

All are frozen :class:`msgspec.Struct` values: snapshots of what the service knew when it answered.
New fields are added at the end with a default, so that an older peer goes on to understand us.
"""

from __future__ import annotations

import enum

import msgspec

from app.settings.enums import DeviceType

__all__ = [
    "DeviceType",
    "LockType",
    "MachineInfo",
    "MachineState",
    "MediumInfo",
    "MediumState",
    "MediumVariant",
    "OsType",
    "ProgressInfo",
    "SessionState",
    "SystemProperties",
    "VersionInfo",
    "VmStartInfo",
]


class MachineState(enum.StrEnum):
    """Execution state of a machine, in the numeric order of VirtualBox (``Null`` is 0)."""

    NULL = "Null"
    POWERED_OFF = "PoweredOff"
    SAVED = "Saved"
    TELEPORTED = "Teleported"
    ABORTED = "Aborted"
    ABORTED_SAVED = "AbortedSaved"
    RUNNING = "Running"
    PAUSED = "Paused"
    STUCK = "Stuck"
    TELEPORTING = "Teleporting"
    LIVE_SNAPSHOTTING = "LiveSnapshotting"
    STARTING = "Starting"
    STOPPING = "Stopping"
    SAVING = "Saving"
    RESTORING = "Restoring"
    TELEPORTING_PAUSED_VM = "TeleportingPausedVM"
    TELEPORTING_IN = "TeleportingIn"
    DELETING_SNAPSHOT_ONLINE = "DeletingSnapshotOnline"
    DELETING_SNAPSHOT_PAUSED = "DeletingSnapshotPaused"
    ONLINE_SNAPSHOTTING = "OnlineSnapshotting"
    RESTORING_SNAPSHOT = "RestoringSnapshot"
    DELETING_SNAPSHOT = "DeletingSnapshot"
    SETTING_UP = "SettingUp"
    SNAPSHOTTING = "Snapshotting"

    @property
    def number(self) -> int:
        """VirtualBox's number of the state (0 to 23)."""
        return _STATE_NUMBERS[self]

    @property
    def is_online(self) -> bool:
        """A VM process holds the machine (``FirstOnline`` to ``LastOnline``)."""
        return 6 <= self.number <= 19

    @property
    def is_transient(self) -> bool:
        """The state ends by itself (``FirstTransient`` to ``LastTransient``)."""
        return 9 <= self.number <= 23


_STATE_NUMBERS = {state: number for number, state in enumerate(MachineState)}


class SessionState(enum.StrEnum):
    """Who holds the machine: nobody, a client or VM process, or one that is coming or going."""

    NULL = "Null"
    UNLOCKED = "Unlocked"
    LOCKED = "Locked"
    SPAWNING = "Spawning"
    UNLOCKING = "Unlocking"


class LockType(enum.StrEnum):
    """Kind of lock on a machine: several ``Shared``, one ``Write``, or the VM process's ``VM``."""

    SHARED = "Shared"
    WRITE = "Write"
    VM = "VM"


class MediumVariant(enum.StrEnum):
    """Allocation of an image: on demand, all of it at creation, or differences to a parent."""

    STANDARD = "Standard"
    FIXED = "Fixed"
    DIFF = "Diff"


class MediumState(enum.StrEnum):
    """Whether a medium can be used right now."""

    NOT_CREATED = "NotCreated"
    CREATED = "Created"
    LOCKED_READ = "LockedRead"
    LOCKED_WRITE = "LockedWrite"
    INACCESSIBLE = "Inaccessible"
    CREATING = "Creating"
    DELETING = "Deleting"


class VersionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What answers: versions, process and places of the service.

    Attributes:
        version: Version of the product.
        api_version: Version of the schema; see :mod:`app.api.messages`.
        pid: Process of the service.
        home_folder: Configuration directory.
        settings_file: The global settings file.
    """

    version: str
    api_version: int
    pid: int
    home_folder: str
    settings_file: str


class MachineInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One registered machine.

    Attributes:
        id: UUID in lower case without braces.
        name: Unique name; for an inaccessible machine the stem of its settings file.
        os_type_id: Guest OS type such as ``Debian_64`` (empty when inaccessible).
        state: Execution state.
        session_state: Whether somebody holds the machine.
        accessible: False when the settings file cannot be read; see ``access_error``.
        access_error: Why it cannot be read, in a sentence; empty when accessible.
        settings_path: Absolute path of the ``.vbox`` file.
        last_state_change: UTC, ISO 8601 with ``Z``.
        memory_mb: Guest RAM in MiB (0 when inaccessible).
        session_pid: Process that holds the machine, 0 when none.
        session_name: What holds it: ``GUI/Qt``, ``headless``, or a client's name; may be empty.
        last_error: Why the machine last ended by itself or could not start; empty when it did not.
    """

    id: str
    name: str
    os_type_id: str = ""
    state: MachineState = MachineState.POWERED_OFF
    session_state: SessionState = SessionState.UNLOCKED
    accessible: bool = True
    access_error: str = ""
    settings_path: str = ""
    last_state_change: str = ""
    memory_mb: int = 0
    session_pid: int = 0
    session_name: str = ""
    last_error: str = ""


class MediumInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One disk, DVD or floppy image.

    Attributes:
        id: UUID in lower case without braces.
        path: Absolute path of the image file.
        format: Name of the format (``VDI``, ``RAW``...).
        variant: Allocation of a hard disk image.
        device_type: Kind of device it belongs into.
        logical_size: Bytes that the guest sees.
        actual_size: Bytes the file occupies on the host.
        state: Whether it can be used; when ``Inaccessible``, ``access_error`` says why.
        access_error: A sentence, or empty.
    """

    id: str
    path: str
    format: str
    variant: MediumVariant = MediumVariant.STANDARD
    device_type: DeviceType = DeviceType.HARD_DISK
    logical_size: int = 0
    actual_size: int = 0
    state: MediumState = MediumState.CREATED
    access_error: str = ""


class OsType(msgspec.Struct, frozen=True, kw_only=True):
    """A guest operating system type and what VirtualBox recommends for it.

    Attributes:
        id: As stored in settings files (``Debian_64``).
        description: For people (``Debian (64-bit)``).
        family_id: ``Linux``, ``Windows``...
        family_description: Family for people.
        is_64bit: Needs long mode.
        recommended_memory_mb: Guest RAM in MiB.
        recommended_disk_bytes: Size of the first hard disk.
        recommended_vram_mb: Video memory in MiB.
        subtype: Distribution or line within the family, may be empty.
    """

    id: str
    description: str
    family_id: str
    family_description: str
    is_64bit: bool = False
    recommended_memory_mb: int = 64
    recommended_disk_bytes: int = 2 << 30
    recommended_vram_mb: int = 16
    subtype: str = ""


class SystemProperties(msgspec.Struct, frozen=True, kw_only=True):
    """Properties of the installation that people may change, and limits that they may not.

    Attributes:
        default_machine_folder: Where new machines go (absolute path).
        default_hard_disk_format: Format of new hard disks.
        log_history_count: Old ``VBox.log`` files that are kept, 0 to 10.
        firmware_bios_path: System BIOS image instead of the host's SeaBIOS; empty: search.
        firmware_vga_bios_path: VGA BIOS image instead of the host's; empty: search.
        min_guest_ram_mb: Smallest guest RAM in MiB.
        max_guest_ram_mb: Largest guest RAM in MiB.
        min_guest_vram_mb: Smallest video memory in MiB.
        max_guest_vram_mb: Largest video memory in MiB.
        info_vd_size: Largest hard disk in bytes.
    """

    default_machine_folder: str
    default_hard_disk_format: str = "VDI"
    log_history_count: int = 3
    firmware_bios_path: str = ""
    firmware_vga_bios_path: str = ""
    min_guest_ram_mb: int = 4
    max_guest_ram_mb: int = 2097152
    min_guest_vram_mb: int = 0
    max_guest_vram_mb: int = 256
    info_vd_size: int = 2 << 40


class VmStartInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a VM process learns when it attaches: which machine it is and where its files go.

    Attributes:
        id: UUID of the machine.
        name: Name of the machine.
        settings_path: Its ``.vbox`` file; read the settings with ``machine.get_settings``.
        machine_folder: Folder of the machine.
        log_folder: Folder of ``VBox.log``; exists.
        snapshot_folder: Folder of saved states and differencing images; need not exist.
        properties: Properties of the installation, with the firmware overrides.
        frontend: ``gui`` or ``headless``, as the launch asked for.
    """

    id: str
    name: str
    settings_path: str
    machine_folder: str
    log_folder: str
    snapshot_folder: str
    properties: SystemProperties
    frontend: str = "gui"


class ProgressInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How far a long operation is, or how it ended (``IProgress``).

    Attributes:
        id: Names the operation in calls and events.
        description: What it does, for people.
        initiator: Who began it, for people.
        operation_description: What it is doing right now.
        percent: 0 to 100.
        time_remaining: Seconds that it will probably take; -1 when nobody can tell yet.
        cancelable: It can be cancelled.
        completed: It is over, well or not.
        canceled: It is over because it was cancelled.
        result_code: 0, or the number of an :class:`app.api.errors.ErrorCode` when it failed.
        error_text: Why it failed; empty otherwise.
    """

    id: str
    description: str
    initiator: str = ""
    operation_description: str = ""
    percent: int = 0
    time_remaining: int = -1
    cancelable: bool = False
    completed: bool = False
    canceled: bool = False
    result_code: int = 0
    error_text: str = ""
