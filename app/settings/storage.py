"""Typed settings of storage: controllers, attachments and the media registry."""

from typing import Annotated

import msgspec

from app.settings import enums
from app.settings.declare import items, mapping, setting, special

ISCSI = "iSCSI"
"""Format of hard disks that are targets on a network: ``server|target`` or ``server|target|LUN``,
with the rest in properties such as ``TargetAddress``, ``TargetName`` and ``LUN``."""


class ControllerLimits(msgspec.Struct, frozen=True):
    """What a model of storage controller allows.

    Attributes:
        bus: its bus.
        min_ports: smallest number of ports.
        max_ports: largest number of ports.
        devices_per_port: devices on each port.
        default_ports: ports of a new controller.
        device_types: drives that can be attached.
    """

    bus: enums.StorageBus
    min_ports: int
    max_ports: int
    devices_per_port: int
    default_ports: int
    device_types: tuple[enums.DeviceType, ...]


_DISK_AND_DVD = (enums.DeviceType.HARD_DISK, enums.DeviceType.DVD)
_DISK = (enums.DeviceType.HARD_DISK,)

_IDE = ControllerLimits(enums.StorageBus.IDE, 2, 2, 2, 2, _DISK_AND_DVD)
_SCSI = ControllerLimits(enums.StorageBus.SCSI, 16, 16, 1, 16, _DISK_AND_DVD)

CONTROLLER_LIMITS: dict[str, ControllerLimits] = {
    "PIIX3": _IDE,
    "PIIX4": _IDE,
    "ICH6": _IDE,
    "AHCI": ControllerLimits(enums.StorageBus.SATA, 1, 30, 1, 30, _DISK_AND_DVD),
    "LsiLogic": _SCSI,
    "BusLogic": _SCSI,
    "LsiLogicSas": ControllerLimits(enums.StorageBus.SAS, 1, 255, 1, 8, _DISK_AND_DVD),
    "I82078": ControllerLimits(enums.StorageBus.FLOPPY, 1, 1, 2, 1, (enums.DeviceType.FLOPPY,)),
    "USB": ControllerLimits(enums.StorageBus.USB, 8, 8, 1, 8, _DISK_AND_DVD),
    "NVMe": ControllerLimits(enums.StorageBus.PCIE, 1, 255, 1, 1, _DISK),
    "VirtioSCSI": ControllerLimits(enums.StorageBus.VIRTIO, 1, 256, 1, 1, _DISK_AND_DVD),
    "VirtioBlk": ControllerLimits(enums.StorageBus.VIRTIO, 1, 8, 1, 8, _DISK),
}
"""Limits by model; models of newer formats are not in it."""

CONTROLLER_NAMES: dict[enums.StorageBus, str] = {
    enums.StorageBus.IDE: "IDE",
    enums.StorageBus.SATA: "SATA",
    enums.StorageBus.SCSI: "SCSI",
    enums.StorageBus.SAS: "SAS",
    enums.StorageBus.FLOPPY: "Floppy",
    enums.StorageBus.USB: "USB",
    enums.StorageBus.PCIE: "NVMe",
    enums.StorageBus.VIRTIO: "VirtIO",
}
"""Names that VirtualBox gives to new controllers of a bus."""


def is_file_format(name: str) -> bool:
    """Tell whether media of a format are files: the location of an iSCSI disk is its target."""
    return name.lower() != ISCSI.lower()


class MediumAttachment(msgspec.Struct, kw_only=True):
    """A drive at a slot of a controller, with or without a medium.

    Attributes:
        medium: UUID of the medium in the media registry, empty for an empty drive.
        host_drive: drive of the host whose medium is used, for example ``/dev/sr0``.
    """

    non_rotational: Annotated[
        bool,
        setting(
            "@nonrotational", since=11, label="Solid-state Drive",
            help="The guest sees a solid-state drive.",
        ),
    ] = False
    discard: Annotated[
        bool,
        setting("@discard", since=12, label="Discard", help="Give trimmed blocks back."),
    ] = False
    passthrough: Annotated[
        bool,
        setting(
            "@passthrough", label="Passthrough", help="Hand raw commands to the host's drive."
        ),
    ] = False
    temp_eject: Annotated[
        bool,
        setting(
            "@tempeject", since=12, label="Live CD/DVD",
            help="A medium that the guest ejected is back after the next start.",
        ),
    ] = False
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.DeviceType, always=True, label="Type", help="Kind of drive."
        ),
    ] = enums.DeviceType.HARD_DISK.value
    hotpluggable: Annotated[
        bool,
        special(
            "hotpluggable", "@hotpluggable", since=15, label="Hot-pluggable",
            help="The drive can be attached and detached while the machine runs.",
        ),
    ] = False
    port: Annotated[
        int,
        setting(
            "@port", ge=0, le=255, always=True, label="Port", help="Port of the controller."
        ),
    ] = 0
    device: Annotated[
        int,
        setting(
            "@device", ge=0, le=255, always=True, label="Device", help="Device on the port."
        ),
    ] = 0
    bandwidth_group: Annotated[
        str,
        setting(
            "@bandwidthGroup", since=11, label="Bandwidth Group",
            help="Bandwidth group whose limit the drive shares.",
        ),
    ] = ""
    medium: Annotated[
        str,
        special(
            "attached-image", "Image/@uuid", hot=True, label="Medium",
            help="Image in the drive, by its UUID in the media registry.",
        ),
    ] = ""
    host_drive: Annotated[
        str,
        special(
            "attached-host-drive", "HostDrive/@src", hot=True, label="Host Drive",
            help="Drive of the host whose medium is used.",
        ),
    ] = ""


class StorageController(msgspec.Struct, kw_only=True):
    """A storage controller and what is attached to it."""

    name: Annotated[
        str, setting("@name", always=True, label="Name", help="Name of the controller.")
    ]
    type: Annotated[
        str,
        setting(
            "@type", choices=enums.StorageControllerType, always=True, label="Type",
            choices_since={"LsiLogicSas": 11, "USB": 15, "NVMe": 16, "VirtioSCSI": 17},
            absent=enums.StorageControllerType.PIIX3.value,
            help="Model of the controller.",
        ),
    ] = enums.StorageControllerType.PIIX4.value
    port_count: Annotated[
        int,
        setting(
            "@PortCount", ge=0, le=256, always=True, label="Port Count",
            help="Number of ports that the guest sees.",
        ),
    ] = 2
    instance: Annotated[
        int,
        setting(
            "@Instance", ge=0, le=255, label="Instance",
            help="Number among the controllers of the same bus.",
        ),
    ] = 0
    use_host_io_cache: Annotated[
        bool,
        setting(
            "@useHostIOCache", since=10, always=True, label="Use Host I/O Cache",
            help="Let the host's operating system cache the images.",
        ),
    ] = True
    bootable: Annotated[
        bool,
        setting(
            "@Bootable", since=12, always=True, label="Bootable",
            help="The firmware may boot from drives of this controller.",
        ),
    ] = True
    ide_emulation: Annotated[
        list[int],
        special(
            "ide-emulation", label="IDE Emulation Ports",
            help="Ports of a SATA controller that the firmware shows as IDE drives.",
        ),
    ] = msgspec.field(default_factory=lambda: [0, 1, 2, 3])
    attachments: Annotated[
        list[MediumAttachment],
        items(
            "AttachedDevice", key=("port", "device"), label="Attached Devices",
            help="Drives of the controller.",
        ),
    ] = msgspec.field(default_factory=list)

    @property
    def limits(self) -> ControllerLimits | None:
        """Limits of this model, ``None`` for a model of a newer format."""
        return CONTROLLER_LIMITS.get(self.type)

    def attachment(self, port: int, device: int) -> MediumAttachment | None:
        """Return the drive at a slot, ``None`` when there is none."""
        for drive in self.attachments:
            if drive.port == port and drive.device == device:
                return drive
        return None


def misfit(controller: StorageController, model: str) -> MediumAttachment | None:
    """Return a drive that could not stay if the controller were of this model."""
    limits = CONTROLLER_LIMITS[model]
    for drive in controller.attachments:
        if drive.type not in limits.device_types or drive.port >= limits.max_ports:
            return drive
    return None


def set_model(controller: StorageController, model: str) -> None:
    """Make a controller this model, with the number of ports that it can have.

    One that had the usual number of its model gets the usual number of the new one.
    """
    before, limits = controller.limits, CONTROLLER_LIMITS[model]
    if before is not None and controller.port_count == before.default_ports:
        controller.port_count = limits.default_ports
    used = max((drive.port + 1 for drive in controller.attachments), default=0)
    least = max(limits.min_ports, used)
    controller.port_count = max(least, min(controller.port_count, limits.max_ports))
    controller.type = model


def _uuid() -> msgspec.Meta:
    return setting("@uuid", form="uuid", always=True, label="UUID", help="UUID of the image.")


def _location() -> msgspec.Meta:
    return setting("@location", always=True, label="Location", help="File of the image.")


def _description() -> msgspec.Meta:
    return setting("Description", label="Description", help="Free text about the image.")


def _properties() -> msgspec.Meta:
    return mapping("Property", label="Properties", help="Settings of the image's format.")


class HardDisk(msgspec.Struct, kw_only=True):
    """A hard disk image of the media registry.

    Attributes:
        location: path of the image, relative to the machine folder when inside it; what is no
            file (see :func:`is_file_format`) has a location of its own kind.
        parent: UUID of the image this one holds the differences to, empty for a base image.
        type: behaviour with snapshots; meaningful on base images only.
    """

    uuid: Annotated[str, _uuid()]
    location: Annotated[str, _location()]
    format: Annotated[
        str,
        setting(
            "@format", always=True, absent="VDI", label="Format", help="Format of the image."
        ),
    ] = "VDI"
    auto_reset: Annotated[
        bool,
        setting(
            "@autoReset", label="Auto-reset",
            help="A differencing image is emptied at the start of the machine.",
        ),
    ] = False
    type: Annotated[
        str,
        special(
            "medium-type", "@type", choices=enums.MediumType, label="Type",
            help="How the image behaves with snapshots and when machines share it.",
        ),
    ] = enums.MediumType.NORMAL.value
    description: Annotated[str, _description()] = ""
    properties: Annotated[dict[str, str], _properties()] = msgspec.field(default_factory=dict)
    parent: str = ""


class RemovableImage(msgspec.Struct, kw_only=True):
    """An optical or floppy image of the media registry."""

    uuid: Annotated[str, _uuid()]
    location: Annotated[str, _location()]
    type: Annotated[
        str,
        setting(
            "@type", label="Type", help="How machines share the image: Readonly when not empty."
        ),
    ] = ""
    format: Annotated[str, setting("@format", label="Format", help="Format of the image.")] = ""
    description: Annotated[str, _description()] = ""
    properties: Annotated[dict[str, str], _properties()] = msgspec.field(default_factory=dict)


class MediaRegistry(msgspec.Struct, kw_only=True):
    """Media that a machine (or the installation) knows, parents before their children."""

    hard_disks: Annotated[
        list[HardDisk],
        items(
            "MediaRegistry/HardDisks/HardDisk", key=("uuid",), nest="", parent="parent", hot=True,
            label="Hard Disks", help="Hard disk images.",
        ),
    ] = msgspec.field(default_factory=list)
    dvd_images: Annotated[
        list[RemovableImage],
        items(
            "MediaRegistry/DVDImages/Image", key=("uuid",), hot=True, label="Optical Disks",
            help="Optical disk images.",
        ),
    ] = msgspec.field(default_factory=list)
    floppy_images: Annotated[
        list[RemovableImage],
        items(
            "MediaRegistry/FloppyImages/Image", key=("uuid",), hot=True, label="Floppy Disks",
            help="Floppy disk images.",
        ),
    ] = msgspec.field(default_factory=list)

    def find(self, uuid: str) -> HardDisk | RemovableImage | None:
        """Return the medium with a UUID, ``None`` when it is not registered."""
        known: list[HardDisk | RemovableImage] = [
            *self.hard_disks, *self.dvd_images, *self.floppy_images
        ]
        return next((medium for medium in known if medium.uuid == uuid), None)
