"""A slot of a storage controller, and putting things into it as ``storageattach`` does."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.cli.errors import CommandError, UsageError
from app.cli.iscsi import target_disk
from app.cli.media import find_known, find_or_open, is_uuid
from app.settings.devicetype import DeviceType
from app.settings.enums import MediumType
from app.settings.errors import SettingsError
from app.settings.media import attach_medium, detach_drive
from app.settings.paths import relative_location
from app.settings.storage import (
    HardDisk,
    MediumAttachment,
    RemovableImage,
    is_file_format,
)

if TYPE_CHECKING:
    from app.api.structs import MediumInfo
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.model import MachineSettings
    from app.settings.storage import StorageController

_KINDS: Final = {
    "hdd": DeviceType.HARD_DISK,
    "dvddrive": DeviceType.DVD,
    "dvd": DeviceType.DVD,
    "fdd": DeviceType.FLOPPY,
    "floppy": DeviceType.FLOPPY,
}


@dataclasses.dataclass(slots=True)
class Slot:
    """Where a drive is or will be.

    Attributes:
        context: The connection to the service.
        settings: Settings of the machine; they are changed.
        folder: Its folder.
        controller: The controller.
        port: Port on it.
        device: Device on the port.
    """

    context: Context
    settings: MachineSettings
    folder: str
    controller: StorageController
    port: int
    device: int

    @property
    def drive(self) -> MediumAttachment | None:
        """What is attached there."""
        return self.controller.attachment(self.port, self.device)

    def kind(self, arguments: Arguments) -> DeviceType:
        """Kind of drive that is meant: by ``--type``, by what is there, or by what is put in.

        Raises:
            UsageError: Nothing tells it.
        """
        text = arguments.get("type")
        if text is not None:
            if text.lower() not in _KINDS:
                raise UsageError(f"Invalid --type argument '{text}'")
            return _KINDS[text.lower()]
        if self.drive is not None:
            return DeviceType(self.drive.type)
        if self.controller.type == "I82078":
            return DeviceType.FLOPPY
        if arguments.get("medium") in ("emptydrive", "additions"):
            return DeviceType.DVD
        raise UsageError("Missing --type argument")

    def holds_removable(self, arguments: Arguments) -> bool:
        """Whether a removable drive is there, and is to stay."""
        drive = self.drive
        return (
            drive is not None
            and drive.type != DeviceType.HARD_DISK
            and self.kind(arguments) == drive.type
        )

    def image(self, medium: str, arguments: Arguments) -> MediumInfo:
        """The image that ``--medium`` names.

        Raises:
            ApiError: There is none, or its UUID is that of another.
            CommandError: There are no Guest Additions.
        """
        kind = self.kind(arguments)
        virtualbox = self.context.client.virtualbox
        if medium == "additions":
            path = virtualbox.get_system_properties().default_additions_iso
            if not path:
                raise CommandError(
                    "Cannot find the Guest Additions: no image is configured as "
                    "defaultAdditionsISO in the system properties"
                )
            return find_or_open(self.context, path, DeviceType.DVD)
        info = find_or_open(self.context, medium, kind)
        if not info.registered:
            holder = find_known(self.context, info.id, None)
            if holder is not None:
                raise ApiError(
                    ErrorCode.VBOX_E_OBJECT_IN_USE,
                    f"Cannot register the medium '{info.path}' {{{info.id}}} because a medium "
                    f"'{holder.path}' with UUID {{{holder.id}}} already exists",
                    "virtualbox",
                )
        return info


def find_slot(
    context: Context, settings: MachineSettings, folder: str, arguments: Arguments
) -> Slot:
    """The slot that ``--storagectl``, ``--port`` and ``--device`` name.

    Raises:
        CommandError: There is no such controller, or the number must be given.
        UsageError: It is no number.
    """
    name = arguments.require("storagectl")
    controller = settings.hardware.controller(name)
    if controller is None:
        raise CommandError(f"Could not find a controller named '{name}'")
    limits = controller.limits
    port = _number(arguments, "port", controller.port_count)
    device = _number(arguments, "device", limits.devices_per_port if limits else 1)
    return Slot(context, settings, folder, controller, port, device)


def _number(arguments: Arguments, key: str, count: int) -> int:
    text = arguments.get(key)
    if text is None:
        if count > 1:
            raise CommandError(f"{key.capitalize()} not specified")
        return 0
    if not text.isdigit():
        raise UsageError(f"Invalid --{key} argument '{text}'")
    return int(text)


def detach(slot: Slot) -> None:
    """Take the drive out of the slot.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is none.
    """
    if slot.drive is None:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"No storage device attached to device slot {slot.device} on port {slot.port} of "
            f"controller '{slot.controller.name}'",
            "machine",
        )
    detach_drive(slot.settings, slot.controller.name, slot.port, slot.device)


def attach(slot: Slot, medium: str, arguments: Arguments) -> None:
    """Put a drive with a medium, or without one, into the slot.

    Args:
        slot: The slot; its settings are changed.
        medium: Value of ``--medium``.
        arguments: All options.

    Raises:
        ApiError: The medium cannot be used, or the drive does not fit.
        CommandError: This version cannot attach such a thing.
    """
    kind = slot.kind(arguments)
    if medium.startswith("host:"):
        _attach_host_drive(slot, kind, medium.removeprefix("host:"))
        return
    record: HardDisk | RemovableImage | None = None
    if medium == "iscsi":
        record = _target(slot, kind, arguments)
    elif medium != "emptydrive":
        info = _with_new_ids(slot, slot.image(medium, arguments), arguments)
        record = _record(slot, info, arguments)
    _attach(slot, kind, record)


def _target(slot: Slot, kind: DeviceType, arguments: Arguments) -> HardDisk:
    """A new hard disk on an iSCSI target."""
    if kind is not DeviceType.HARD_DISK:
        raise CommandError("An iSCSI target can only be a hard disk")
    disk = target_disk(slot.context, arguments)
    disk.type = _medium_type(arguments) or MediumType.NORMAL
    disk.description = arguments.get("comment", "")
    return disk


def _attach(slot: Slot, kind: DeviceType, record: HardDisk | RemovableImage | None) -> None:
    try:
        attach_medium(
            slot.settings, slot.controller.name, slot.port, slot.device, kind, record
        )
    except SettingsError as error:
        code = ErrorCode.__members__.get(str(error.code), ErrorCode.E_INVALIDARG)
        sentence = str(error)
        raise ApiError(code, sentence[:1].upper() + sentence[1:], "machine") from error


def _attach_host_drive(slot: Slot, kind: DeviceType, path: str) -> None:
    if kind is DeviceType.HARD_DISK:
        raise CommandError("A drive of the host can only be an optical or a floppy drive")
    drives = slot.context.client.virtualbox.list_host_drives(kind)
    if path not in {drive.path for drive in drives} and not os.path.exists(path):
        what = "DVD" if kind is DeviceType.DVD else "floppy"
        raise CommandError(f'Invalid host {what} drive name "{path}"')
    _attach(slot, kind, None)
    drive = slot.drive
    if drive is not None:
        drive.host_drive = path


def _with_new_ids(slot: Slot, info: MediumInfo, arguments: Arguments) -> MediumInfo:
    """The image, after ``--setuuid`` and ``--setparentuuid``."""
    image_id, parent_id = arguments.get("setuuid"), arguments.get("setparentuuid", "")
    if image_id is None and not parent_id:
        return info
    for text in (image_id, parent_id):
        if text and not is_uuid(text):
            raise UsageError(f"Invalid UUID '{text}'")
    virtualbox = slot.context.client.virtualbox
    if parent_id:
        raise CommandError("The parent of an image cannot be changed by this version")
    if info.registered:
        slot.context.client.medium(info.id).close()
    virtualbox.set_image_uuid(info.path, image_id or "")
    return virtualbox.open_medium(info.path, info.device_type)


def _record(
    slot: Slot, info: MediumInfo, arguments: Arguments
) -> HardDisk | RemovableImage:
    """What the machine's settings shall say of the medium, its parents included."""
    comment, wanted = arguments.get("comment"), _medium_type(arguments)
    known = slot.settings.media.find(info.id)
    if info.device_type is not DeviceType.HARD_DISK:
        image = known if isinstance(known, RemovableImage) else RemovableImage(
            uuid=info.id, location=relative_location(slot.folder, info.path)
        )  # fmt: skip
        image.description = info.description if comment is None else comment
        return image
    medium_type = wanted or MediumType(info.type)
    if wanted is not None and wanted != info.type and info.registered:
        slot.context.client.medium(info.id).set_type(wanted)
    if info.parent_id:
        _register_parents(slot, info)
    disk = known if isinstance(known, HardDisk) else HardDisk(
        uuid=info.id,
        location=_location(slot, info),
        format=info.format,
        parent=info.parent_id,
        auto_reset=info.auto_reset,
        properties=dict(info.properties),
    )  # fmt: skip
    disk.type = medium_type
    disk.description = info.description if comment is None else comment
    return disk


def _register_parents(slot: Slot, info: MediumInfo) -> None:
    """See to it that the images which this one builds on are in the settings, the base first."""
    missing = []
    parent_id = info.parent_id
    while parent_id and slot.settings.media.find(parent_id) is None:
        parent = slot.context.client.virtualbox.find_medium(parent_id, DeviceType.HARD_DISK)
        missing.append(
            HardDisk(
                uuid=parent.id,
                location=_location(slot, parent),
                format=parent.format,
                type=parent.type,
                parent=parent.parent_id,
                properties=dict(parent.properties),
            )
        )
        parent_id = parent.parent_id
    slot.settings.media.hard_disks.extend(reversed(missing))


def _location(slot: Slot, info: MediumInfo) -> str:
    if not is_file_format(info.format):
        return info.path
    return relative_location(slot.folder, info.path)


def _medium_type(arguments: Arguments) -> MediumType | None:
    text = arguments.get("mtype")
    if text is None:
        return None
    found = next((each for each in MediumType if each.lower() == text.lower()), None)
    if found is None:
        raise UsageError(f"Invalid --mtype argument '{text}'")
    return found


def set_flags(slot: Slot, flags: dict[str, bool], bandwidth_group: str | None) -> None:
    """Set properties of the drive, and the group that limits it.

    Raises:
        ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is no such group.
        CommandError: A property needs another kind of drive.
    """
    drive = slot.drive
    if drive is None:
        return
    fields = {
        "passthrough": ("passthrough", DeviceType.DVD),
        "tempeject": ("temp_eject", DeviceType.DVD),
        "nonrotational": ("non_rotational", DeviceType.HARD_DISK),
        "discard": ("discard", DeviceType.HARD_DISK),
        "hotpluggable": ("hotpluggable", None),
    }
    for key, value in flags.items():
        field, kind = fields[key]
        if kind is not None and drive.type != kind:
            what = "an optical drive" if kind is DeviceType.DVD else "a hard disk"
            raise CommandError(f"--{key} is for {what}, not for a drive of type {drive.type}")
        setattr(drive, field, value)
    if bandwidth_group is None:
        return
    groups = {group.name for group in slot.settings.hardware.bandwidth_groups}
    if bandwidth_group != "none" and bandwidth_group not in groups:
        raise ApiError(
            ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
            f"Could not find a bandwidth group named '{bandwidth_group}'",
            "machine",
        )
    drive.bandwidth_group = "" if bandwidth_group == "none" else bandwidth_group
