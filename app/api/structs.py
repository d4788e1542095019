"""Data that the Main API hands around: machines, media, guest OS types, properties.

All are frozen :class:`msgspec.Struct` values: snapshots of what the service knew when it answered.
New fields are added at the end with a default, so that an older peer goes on to understand us.
What every command-line call needs is in :mod:`app.api.basics`, which is imported faster.
"""

from __future__ import annotations

import enum

import msgspec

from app.api.basics import (
    LockType,
    MachineInfo,
    MachineState,
    MediumVariant,
    SessionState,
    VersionInfo,
)
from app.settings.enums import DeviceType

__all__ = [
    "DetectedOs",
    "DeviceType",
    "HostDrive",
    "LockType",
    "MachineInfo",
    "MachineState",
    "MediumFormatInfo",
    "MediumInfo",
    "MediumState",
    "MediumUse",
    "MediumVariant",
    "OsType",
    "ProgressInfo",
    "ScreenInfo",
    "SessionState",
    "SystemProperties",
    "VersionInfo",
    "VmStartInfo",
]


class MediumState(enum.StrEnum):
    """Whether a medium can be used right now."""

    NOT_CREATED = "NotCreated"
    CREATED = "Created"
    LOCKED_READ = "LockedRead"
    LOCKED_WRITE = "LockedWrite"
    INACCESSIBLE = "Inaccessible"
    CREATING = "Creating"
    DELETING = "Deleting"


class MediumUse(msgspec.Struct, frozen=True, kw_only=True):
    """A machine that uses a medium.

    Attributes:
        machine_id: The machine.
        machine_name: Its name.
        attached: The medium is in a drive of the machine as it is now.
        snapshots: UUID and name of each snapshot in which it is in a drive.
    """

    machine_id: str
    machine_name: str
    attached: bool = True
    snapshots: tuple[tuple[str, str], ...] = ()


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
        parent_id: UUID of the image that this one holds the differences to; empty for a base.
        stores_id: The image file holds its UUID itself.
        type: Behaviour with snapshots and sharing: ``Normal``, ``Immutable``...
        children: UUIDs of the known images that build on this one.
        description: What people noted.
        auto_reset: A differencing image that is emptied when its machine starts.
        properties: Properties of the format that were set.
        uses: Machines that have it in a drive, now or in a snapshot.
        registered: The service knows it; otherwise it was only looked at.
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
    parent_id: str = ""
    stores_id: bool = False
    type: str = "Normal"
    children: tuple[str, ...] = ()
    description: str = ""
    auto_reset: bool = False
    properties: dict[str, str] = {}
    uses: tuple[MediumUse, ...] = ()
    registered: bool = False


class HostDrive(msgspec.Struct, frozen=True, kw_only=True):
    """A drive of the host.

    Attributes:
        id: UUID that follows from its path.
        path: Device file.
        model: What it calls itself; may be empty.
        size: Bytes of the medium in it, 0 when there is none.
        sector_size: Bytes.
    """

    id: str
    path: str
    model: str = ""
    size: int = 0
    sector_size: int = 512


class MediumFormatInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A format of images.

    Attributes:
        name: As in settings files (``VDI``).
        extensions: Of its files, with the dot.
        device_types: Kinds of drive that it is for.
        variants: That can be created; empty for formats that are only read.
        maintained: Images can be resized and compacted.
        differences: Images can build on others.
        stores_id: Images hold their UUID.
    """

    name: str
    extensions: tuple[str, ...]
    device_types: tuple[DeviceType, ...]
    variants: tuple[str, ...] = ()
    maintained: bool = False
    differences: bool = False
    stores_id: bool = False


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
        architecture: ``x86`` or ``ARM``.
        recommended_cpus: Number of processors.
        recommended_firmware: ``BIOS`` or ``EFI``.
        recommended_chipset: Chipset of the board.
        recommended_graphics: Model of the graphics adapter.
        recommended_storage: Model of the controller for the hard disk.
        recommended_dvd_storage: Model of the controller for the optical drive.
        recommended_network: Model of the network adapter.
        recommended_audio: Model of the audio adapter.
        recommended_usb: USB controller, empty for none.
        tpm: It wants a TPM 2.0.
        secure_boot: It wants secure boot.
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
    architecture: str = "x86"
    recommended_cpus: int = 1
    recommended_firmware: str = "BIOS"
    recommended_chipset: str = "PIIX3"
    recommended_graphics: str = "VBoxVGA"
    recommended_storage: str = "PIIX4"
    recommended_dvd_storage: str = "PIIX4"
    recommended_network: str = "Am79C973"
    recommended_audio: str = "AC97"
    recommended_usb: str = "OHCI"
    tpm: bool = False
    secure_boot: bool = False


class DetectedOs(msgspec.Struct, frozen=True, kw_only=True):
    """What an optical image tells about the system on it.

    Attributes:
        os_type_id: Guest OS type that suits it; empty: nothing is known.
        label: Its volume identifier, may be empty.
        product: Name and version in the words of the image; empty when it has none.
    """

    os_type_id: str = ""
    label: str = ""
    product: str = ""


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
        logging_level: What is logged of machines, as groups and levels; empty: all.
        vrde_auth_library: Checks users of the remote display.
        web_service_auth_library: Checks users of the web service; ``null`` checks nobody.
        default_vrde_extpack: Extension pack that serves remote displays; may be empty.
        default_crypto_extpack: Extension pack that encrypts machines; may be empty.
        default_frontend: What ``startvm`` starts without ``--type``; empty: ``gui``.
        default_audio_driver: Sound system of the host.
        autostart_database_path: Where it is told which machines start with the host.
        default_additions_iso: Image of the Guest Additions; may be empty.
        proxy_mode: 0 that of the system, 1 none, 2 ``proxy_url``.
        proxy_url: Proxy for the installation's own traffic.
        exclusive_hw_virt: Nobody else may use the virtualization extensions meanwhile.
        language_id: Language of messages such as ``de``; empty: that of the session.
        max_guest_monitors: Most screens of a machine.
        min_guest_cpu_count: Fewest processors of a machine.
        max_guest_cpu_count: Most processors of a machine.
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
    logging_level: str = ""
    vrde_auth_library: str = "VBoxAuth"
    web_service_auth_library: str = "VBoxAuth"
    default_vrde_extpack: str = ""
    default_crypto_extpack: str = ""
    default_frontend: str = ""
    default_audio_driver: str = "Null"
    autostart_database_path: str = ""
    default_additions_iso: str = ""
    proxy_mode: int = 0
    proxy_url: str = ""
    exclusive_hw_virt: bool = True
    language_id: str = ""
    max_guest_monitors: int = 64
    min_guest_cpu_count: int = 1
    max_guest_cpu_count: int = 64


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
        state_file: Saved state to go on from; empty to start anew.
    """

    id: str
    name: str
    settings_path: str
    machine_folder: str
    log_folder: str
    snapshot_folder: str
    properties: SystemProperties
    frontend: str = "gui"
    state_file: str = ""


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


class SnapshotDisk(msgspec.Struct, frozen=True, kw_only=True):
    """A differencing image that a hard disk of a running machine gets.

    Attributes:
        controller: Name of the storage controller.
        port: Port on it.
        device: Device on the port.
        path: The new image.
        format: Name of its format.
        id: Its UUID.
    """

    controller: str
    port: int
    device: int
    path: str
    format: str
    id: str


class DiskWork(msgspec.Struct, frozen=True, kw_only=True):
    """How far a VM process is with what it does beside running the guest.

    Attributes:
        percent: 0 to 100.
        finished: It is over, well or not.
        error: Why it failed; empty otherwise.
    """

    percent: int = 0
    finished: bool = False
    error: str = ""


class VrdeServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The remote display server of a running machine (``IVRDEServerInfo``).

    Attributes:
        active: Clients are connected.
        port: TCP port that it listens on; -1: there is no server.
        address: Address that it listens on.
        number_of_clients: Clients that have been connected since the server was started.
        begin_time: When the last client came, seconds since 1970; 0: never.
        end_time: When the last client left, likewise.
        bytes_sent: Bytes to all clients.
        bytes_received: Bytes from all clients.
        user: Who is connected, where the authentication knows names.
        clients: Addresses and ports of those who are connected.
        encryption: Of the last client, in words; empty for none.
    """

    active: bool = False
    port: int = -1
    address: str = ""
    number_of_clients: int = 0
    begin_time: float = 0.0
    end_time: float = 0.0
    bytes_sent: int = 0
    bytes_received: int = 0
    user: str = ""
    clients: list[str] = []
    encryption: str = ""


class ScreenInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Resolution of a guest screen (``IDisplay::getScreenResolution``).

    Attributes:
        width: Pixels from left to right.
        height: Pixels from top to bottom.
        bits_per_pixel: Depth; 0 in text modes.
        x_origin: Place of the left edge among the screens.
        y_origin: Place of the upper edge among the screens.
        enabled: The guest uses the screen.
    """

    width: int
    height: int
    bits_per_pixel: int
    x_origin: int = 0
    y_origin: int = 0
    enabled: bool = True


class ForeignMachineInfo(msgspec.Struct, frozen=True):
    """A machine in the registry of an installed VirtualBox.

    Attributes:
        id: UUID.
        name: Name of the machine, that of its file when the file cannot be read.
        settings_path: Its settings file, which ``open_machine`` takes.
        os_type_id: Guest OS type, empty when the file cannot be read.
        registered: The machine is registered here already.
        problem: Why it cannot be taken over, empty when it can.
    """

    id: str
    name: str
    settings_path: str
    os_type_id: str = ""
    registered: bool = False
    problem: str = ""
