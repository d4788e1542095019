"""``IVirtualBox``: the registry of machines, media and properties of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.basics import MediumVariant
from app.api.copying import CleanupMode
from app.api.schema import interface
from app.settings.devicetype import DeviceType

if TYPE_CHECKING:
    from app.api.basics import MachineInfo, VersionInfo
    from app.api.structs import (
        DetectedOs,
        ForeignMachineInfo,
        HostDrive,
        MediumFormatInfo,
        MediumInfo,
        OsType,
        ProgressInfo,
        SystemProperties,
    )
    from app.settings.model import MachineSettings


@interface("virtualbox")
class VirtualBox(Protocol):
    """Methods of the installation. All paths are absolute; the service has no working folder."""

    def get_version(self) -> VersionInfo:
        """Versions, process and places of the service."""

    def list_machines(self) -> list[MachineInfo]:
        """Registered machines in the order of registration, inaccessible ones included."""

    def find_machine(self, name_or_id: str) -> MachineInfo:
        """Machine with this UUID, name or settings file.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """

    def compose_machine_filename(
        self, name: str, base_folder: str | None = None, group: str = "/"
    ) -> str:
        """Settings file that ``create_machine`` would write; ``base_folder`` default: properties.

        The folder of a machine in a group such as ``/Servers/Web`` is below folders of its names.

        Raises:
            ApiError: ``E_INVALIDARG``: the name cannot be the name of a folder.
        """

    def create_machine(
        self,
        name: str,
        os_type_id: str,
        base_folder: str | None = None,
        settings: MachineSettings | None = None,
        register: bool = True,
    ) -> MachineInfo:
        """Create folder and settings file of a machine and register it.

        Args:
            name: Name of machine, folder and settings file.
            os_type_id: Guest OS type; its recommendations apply when ``settings`` is None.
            base_folder: Folder that gets the machine's folder; default: system properties.
            settings: All other settings. The machine gets a UUID of its own when this holds none.
                Its first group decides on the folder.
            register: False: only write the settings file; ``open_machine`` registers it later.

        Raises:
            ApiError: ``E_INVALIDARG`` (name), ``VBOX_E_OBJECT_IN_USE`` (a machine of this name is
                registered), ``VBOX_E_FILE_ERROR`` (the settings file exists or cannot be written).
        """

    def open_machine(self, path: str) -> MachineInfo:
        """Register the machine of an existing settings file, or of the folder that holds it.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``, ``VBOX_E_XML_ERROR``, or ``VBOX_E_OBJECT_IN_USE``: a
                machine of this UUID or name is registered.
        """

    def list_foreign_machines(self) -> list[ForeignMachineInfo]:
        """Machines of an installed VirtualBox, whose registry is only read.

        ``open_machine`` takes one over with its ``settings_path``; VirtualBox keeps it too.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``, ``VBOX_E_XML_ERROR``: the registry of VirtualBox
                cannot be read.
        """

    def unregister_machine(
        self,
        id: str,  # noqa: A002 - name on the wire
        delete_files: bool = False,
        cleanup: CleanupMode = CleanupMode.UNREGISTER_ONLY,
    ) -> list[str]:
        """Forget a machine; with ``delete_files`` also delete what is its own.

        Args:
            id: UUID or name of the machine.
            delete_files: Delete what ``list_machine_files`` tells.
            cleanup: Which images are among that.

        Returns:
            Paths that were deleted: see ``list_machine_files``.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: the machine is in use.
        """

    def list_machine_files(
        self,
        id: str,  # noqa: A002 - name on the wire
        cleanup: CleanupMode = CleanupMode.UNREGISTER_ONLY,
    ) -> list[str]:
        """What ``unregister_machine(delete_files=True)`` deletes.

        Settings file and its backups, logs, and those media that ``cleanup`` names and no other
        machine knows; folders only when nothing else is in them.
        """

    def list_os_types(self) -> list[OsType]:
        """Guest operating system types, families together."""

    def detect_os(self, path: str) -> DetectedOs:
        """Guest operating system on an optical image, from its files, its label and its name.

        Args:
            path: The image; one without an ISO 9660 file system is known by its name only.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: it cannot be read.
        """

    def get_system_properties(self) -> SystemProperties:
        """Properties and limits of the installation."""

    def set_system_properties(
        self,
        default_machine_folder: str | None = None,
        default_hard_disk_format: str | None = None,
        log_history_count: int | None = None,
        firmware_bios_path: str | None = None,
        firmware_vga_bios_path: str | None = None,
    ) -> SystemProperties:
        """Change those properties that are not None; an empty string restores the default.

        Raises:
            ApiError: ``E_INVALIDARG``: a path is not absolute or a value is out of range.
        """

    def get_extra_data(self, key: str) -> str:
        """Extra data of the installation (``GUI/...``); empty when there is none."""

    def list_extra_data(self) -> dict[str, str]:
        """All extra data of the installation."""

    def set_extra_data(self, key: str, value: str) -> None:
        """Store extra data of the installation; an empty value removes the key."""

    def list_progress_operations(self) -> list[ProgressInfo]:
        """Long operations that are not over, the oldest first; see the interface ``progress``."""

    def create_medium(
        self,
        path: str,
        size_bytes: int,
        format: str = "VDI",  # noqa: A002 - name on the wire
        variant: MediumVariant = MediumVariant.STANDARD,
        device_type: DeviceType | None = None,
        register: bool = False,
        formatted: bool = False,
        parent: str = "",
    ) -> MediumInfo:
        """Create an image; reports progress and may be cancelled.

        Args:
            path: New image file; its folder is made when missing.
            size_bytes: What the guest sees, in bytes.
            format: Name of the format.
            variant: Allocation.
            device_type: Kind of drive that it is for; None: a hard disk.
            register: The installation knows it from now on, until a machine takes it.
            formatted: Write an empty FAT12 file system; raw images of floppy disks only.
            parent: UUID or absolute path of a known hard disk: the new image holds differences to
                it and has its size; ``size_bytes`` and ``variant`` do not count then.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR`` (exists, disk full...), ``E_INVALIDARG`` (format, size),
                ``E_ABORT`` (cancelled).
        """

    def open_medium(
        self, path: str, device_type: DeviceType, register: bool = False
    ) -> MediumInfo:
        """Look at an existing image; with ``register`` the installation knows it from now on.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: no such file, or not an image of this kind.
        """

    def list_media(self, device_type: DeviceType) -> list[MediumInfo]:
        """Known media of a kind, each followed by those that build on it."""

    def find_medium(self, location: str, device_type: DeviceType | None = None) -> MediumInfo:
        """Known medium with this UUID or absolute path.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """

    def list_medium_formats(self) -> list[MediumFormatInfo]:
        """Formats of images, one entry for each kind of drive that a format is for."""

    def list_host_drives(self, device_type: DeviceType) -> list[HostDrive]:
        """Drives of the host of a kind."""

    def convert_from_raw(
        self,
        source: str,
        path: str,
        format: str = "VDI",  # noqa: A002 - name on the wire
        variant: MediumVariant = MediumVariant.STANDARD,
        image_id: str = "",
    ) -> MediumInfo:
        """Make an image of the bytes of a file, whatever format they look like.

        Args:
            source: File with the bytes.
            path: New image file.
            format: Name of its format.
            variant: Allocation.
            image_id: Its UUID; empty: a new one.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR`` (exists, disk full...), ``E_ABORT`` (cancelled).
        """

    def set_image_uuid(self, path: str, image_id: str = "") -> str:
        """Store another UUID in an image that no machine uses, and return it.

        Args:
            path: The image.
            image_id: The UUID; empty: a new one.

        Raises:
            ApiError: ``VBOX_E_OBJECT_IN_USE``, or ``E_INVALIDARG``: the format holds no UUID.
        """
