"""Attaching and detaching media, with the media registry kept in step."""

from __future__ import annotations

from app.settings.enums import DeviceType
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.model import MachineSettings
from app.settings.storage import (
    HardDisk,
    MediaRegistry,
    MediumAttachment,
    RemovableImage,
    StorageController,
)

Medium = HardDisk | RemovableImage


def attach_medium(
    settings: MachineSettings,
    controller_name: str,
    port: int,
    device: int,
    device_type: str,
    medium: Medium | None = None,
) -> MediumAttachment:
    """Attach a drive to a slot, or change what is in the drive that is there.

    Args:
        settings: settings of the machine; they are changed.
        controller_name: name of the storage controller.
        port: port of the controller.
        device: device on the port.
        device_type: kind of drive.
        medium: the medium, which is registered if it is not; ``None`` for an empty drive.

    Returns:
        The attachment.

    Raises:
        SettingsError: there is no such controller or slot, the drive does not fit it, or the
            medium is in another drive of this machine.
    """
    controller = _controller(settings, controller_name)
    _check_slot(controller, port, device, device_type)
    if medium is None and device_type == DeviceType.HARD_DISK:
        raise _invalid(f"the hard disk at {controller_name} {port}:{device} needs an image")
    if medium is not None:
        _check_not_attached(settings, controller, port, device, medium)
        _register(settings.media, device_type, medium)
    drive = controller.attachment(port, device)
    if drive is not None and drive.type != device_type:
        detach_drive(settings, controller_name, port, device)
        drive = None
    if drive is None:
        drive = MediumAttachment(type=device_type, port=port, device=device)
        controller.attachments.append(drive)
    old = drive.medium
    drive.medium = medium.uuid if medium is not None else ""
    drive.host_drive = ""
    if old != drive.medium:
        unregister_unused(settings, old)
    return drive


def detach_drive(settings: MachineSettings, controller_name: str, port: int, device: int) -> None:
    """Remove a drive from its slot and unregister its medium when nothing else uses it.

    Raises:
        SettingsError: there is no such drive.
    """
    controller = _controller(settings, controller_name)
    drive = controller.attachment(port, device)
    if drive is None:
        raise SettingsError(
            SettingsErrorCode.OBJECT_NOT_FOUND,
            f"nothing is attached to {controller_name} {port}:{device}",
        )
    controller.attachments.remove(drive)
    unregister_unused(settings, drive.medium)


def remove_controller(settings: MachineSettings, controller_name: str) -> None:
    """Remove a storage controller with its drives.

    Raises:
        SettingsError: there is no such controller.
    """
    controller = _controller(settings, controller_name)
    settings.hardware.storage_controllers.remove(controller)
    for drive in controller.attachments:
        unregister_unused(settings, drive.medium)


def used_media(settings: MachineSettings) -> set[str]:
    """Return the UUIDs of the media that the machine or one of its snapshots has in a drive."""
    stages = [settings.hardware, *(snapshot.hardware for snapshot in settings.snapshots)]
    return {
        drive.medium
        for hardware in stages
        for controller in hardware.storage_controllers
        for drive in controller.attachments
        if drive.medium
    }


def disk_chain(media: MediaRegistry, uuid: str) -> list[HardDisk]:
    """Return a hard disk image with those that it builds on, the complete one first.

    Raises:
        SettingsError: one of them is not registered, or they build on each other in a circle.
    """
    disks = {disk.uuid: disk for disk in media.hard_disks}
    chain: list[HardDisk] = []
    while uuid:
        disk = disks.get(uuid)
        if disk is None:
            above = f", on which {chain[0].location} builds," if chain else ""
            raise SettingsError(
                SettingsErrorCode.OBJECT_NOT_FOUND,
                f"the hard disk image with the UUID {uuid}{above} is not in the media registry",
            )
        if disk in chain:
            raise _invalid(f"the hard disk image {disk.location} builds on itself")
        chain.insert(0, disk)
        uuid = disk.parent
    return chain


def unregister_unused(settings: MachineSettings, uuid: str) -> None:
    """Take a medium out of the registry unless a drive uses it or another image builds on it.

    With a differencing image go the images below it that nothing else needs.
    """
    media = settings.media
    used = used_media(settings)
    while uuid and uuid not in used and not any(disk.parent == uuid for disk in media.hard_disks):
        disk = next((disk for disk in media.hard_disks if disk.uuid == uuid), None)
        media.hard_disks = [each for each in media.hard_disks if each.uuid != uuid]
        media.dvd_images = [each for each in media.dvd_images if each.uuid != uuid]
        media.floppy_images = [each for each in media.floppy_images if each.uuid != uuid]
        uuid = disk.parent if disk is not None else ""


def _controller(settings: MachineSettings, name: str) -> StorageController:
    controller = settings.hardware.controller(name)
    if controller is None:
        known = ", ".join(each.name for each in settings.hardware.storage_controllers) or "none"
        raise SettingsError(
            SettingsErrorCode.OBJECT_NOT_FOUND,
            f'machine "{settings.name}" has no storage controller "{name}", it has: {known}',
        )
    return controller


def _check_slot(controller: StorageController, port: int, device: int, device_type: str) -> None:
    limits = controller.limits
    if limits is None:
        return
    ports = min(max(controller.port_count, limits.min_ports), limits.max_ports)
    if not 0 <= port < ports or not 0 <= device < limits.devices_per_port:
        raise _invalid(
            f"{controller.name} ({controller.type}) has no slot {port}:{device}, its ports are "
            f"0 to {ports - 1} with {limits.devices_per_port} device(s) each"
        )
    if device_type not in limits.device_types:
        raise _invalid(f"a drive of type {device_type} does not fit {controller.type}")


def _check_not_attached(
    settings: MachineSettings,
    target: StorageController,
    port: int,
    device: int,
    medium: Medium,
) -> None:
    if not isinstance(medium, HardDisk):
        return
    for controller in settings.hardware.storage_controllers:
        for drive in controller.attachments:
            same_slot = controller is target and (drive.port, drive.device) == (port, device)
            if drive.medium == medium.uuid and not same_slot:
                raise SettingsError(
                    SettingsErrorCode.OBJECT_IN_USE,
                    f"{medium.location} is attached already, to {controller.name} "
                    f"{drive.port}:{drive.device}",
                )


def _register(media: MediaRegistry, device_type: str, medium: Medium) -> None:
    known = media.find(medium.uuid)
    if known is not None:
        if known.location != medium.location:
            raise SettingsError(
                SettingsErrorCode.OBJECT_IN_USE,
                f"the UUID {medium.uuid} of {medium.location} is registered already for "
                f"{known.location}",
            )
        return
    if isinstance(medium, HardDisk):
        if device_type != DeviceType.HARD_DISK:
            raise _invalid(f"{medium.location} is a hard disk image, a {device_type} is expected")
        if medium.parent and media.find(medium.parent) is None:
            raise SettingsError(
                SettingsErrorCode.OBJECT_NOT_FOUND,
                f"{medium.location} holds the differences to {medium.parent}, which is not in "
                f"the media registry",
            )
        media.hard_disks.append(medium)
    elif device_type == DeviceType.FLOPPY:
        media.floppy_images.append(medium)
    elif device_type == DeviceType.DVD:
        media.dvd_images.append(medium)
    else:
        raise _invalid(f"{medium.location} is not a hard disk image")


def _invalid(sentence: str) -> SettingsError:
    return SettingsError(SettingsErrorCode.INVALID_ARGUMENT, sentence)
