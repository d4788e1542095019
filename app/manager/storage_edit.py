"""Edits of a machine's storage that the wizard and the settings dialog share."""

from pathlib import Path

from app.api.structs import MediumInfo
from app.settings.enums import Chipset, DeviceType, StorageBus, StorageControllerType
from app.settings.model import (
    CONTROLLER_LIMITS,
    HardDisk,
    MachineSettings,
    MediumAttachment,
    RemovableImage,
    StorageController,
)
from app.settings.paths import resolve_location
from app.settings.storage import CONTROLLER_NAMES, is_file_format

# Buses of which a board with the chipset ICH9 can have several controllers.
_SEVERAL = frozenset(
    {StorageBus.SATA, StorageBus.SCSI, StorageBus.SAS, StorageBus.PCIE, StorageBus.VIRTIO}
)
_MOST_ON_ICH9 = 8


def most_controllers(bus: StorageBus, chipset: str) -> int:
    """Return how many controllers of BUS a board with CHIPSET can have, as VirtualBox limits it."""
    return _MOST_ON_ICH9 if chipset == Chipset.ICH9 and bus in _SEVERAL else 1


def free_slots(controller: StorageController) -> list[tuple[int, int]]:
    """Return the unused (port, device) slots of CONTROLLER in order."""
    limits = controller.limits
    if limits is None:
        return []
    ports = max(limits.min_ports, min(controller.port_count, limits.max_ports))
    return [
        (port, device)
        for port in range(ports)
        for device in range(limits.devices_per_port)
        if controller.attachment(port, device) is None
    ]


def takes(controller: StorageController, device_type: DeviceType) -> bool:
    """Tell whether drives of DEVICE_TYPE fit into CONTROLLER."""
    limits = controller.limits
    return limits is not None and device_type in limits.device_types


def add_controller(settings: MachineSettings, kind: StorageControllerType) -> StorageController:
    """Add a controller of KIND with an unused name and its usual number of ports."""
    limits = CONTROLLER_LIMITS[kind]
    base = CONTROLLER_NAMES[limits.bus]
    name, number = base, 1
    while settings.hardware.controller(name) is not None:
        number += 1
        name = f"{base} {number}"
    same_bus = [
        existing
        for existing in settings.hardware.storage_controllers
        if existing.limits is not None and existing.limits.bus is limits.bus
    ]
    controller = StorageController(
        name=name,
        type=kind.value,
        port_count=limits.default_ports,
        instance=len(same_bus),
        bootable=not same_bus,
    )
    settings.hardware.storage_controllers.append(controller)
    return controller


def add_drive(
    controller: StorageController, device_type: DeviceType, medium: str = ""
) -> MediumAttachment | None:
    """Add a drive at the first free slot of CONTROLLER; None when there is no such slot."""
    slots = free_slots(controller) if takes(controller, device_type) else []
    if not slots:
        return None
    port, device = slots[0]
    drive = MediumAttachment(type=device_type.value, port=port, device=device, medium=medium)
    controller.attachments.append(drive)
    return drive


def insert_medium(
    settings: MachineSettings, machine_folder: str, device_type: DeviceType, medium: MediumInfo
) -> None:
    """Put MEDIUM into an empty drive of its kind, or into a new drive at the best slot.

    Hard disks go to a SATA controller when there is one: guests that get one want them there.

    A machine without a fitting controller gets an IDE (or floppy) controller first.
    """
    uuid = register_medium(settings, machine_folder, medium)
    controllers = [
        controller
        for controller in settings.hardware.storage_controllers
        if takes(controller, device_type)
    ]
    if device_type is DeviceType.HARD_DISK:
        # The sort is stable: the others keep their order.
        controllers.sort(
            key=lambda each: each.limits is None or each.limits.bus is not StorageBus.SATA
        )
    else:
        for controller in controllers:
            for drive in controller.attachments:
                if drive.type == device_type and not drive.medium and not drive.host_drive:
                    drive.medium = uuid
                    return
    for controller in controllers:
        if add_drive(controller, device_type, uuid) is not None:
            return
    kind = (
        StorageControllerType.I82078
        if device_type is DeviceType.FLOPPY
        else StorageControllerType.PIIX4
    )
    add_drive(add_controller(settings, kind), device_type, uuid)


def register_medium(settings: MachineSettings, machine_folder: str, medium: MediumInfo) -> str:
    """Make sure that the machine's media registry knows MEDIUM; return its UUID there.

    An image that is registered under the same path keeps the UUID it has there: raw images carry
    none of their own. Paths inside the machine's folder are stored relative to it, so that the
    folder can be moved.
    """
    media = settings.media
    if media.find(medium.id) is not None:
        return medium.id
    folder, path = Path(machine_folder), Path(medium.path)
    images = {
        DeviceType.DVD.value: media.dvd_images,
        DeviceType.FLOPPY.value: media.floppy_images,
    }.get(medium.device_type.value)
    for known in media.hard_disks if images is None else images:
        if folder / known.location == path:
            return known.uuid
    inside = path.is_relative_to(folder)
    location = path.relative_to(folder).as_posix() if inside else str(path)
    if images is None:
        media.hard_disks.append(
            HardDisk(uuid=medium.id, location=location, format=medium.format)
        )
    else:
        images.append(RemovableImage(uuid=medium.id, location=location))
    return medium.id


def medium_path(settings: MachineSettings, machine_folder: str, uuid: str) -> str:
    """Return where the medium UUID is, or an empty string when it is not known."""
    medium = settings.media.find(uuid) if uuid else None
    if medium is None:
        return ""
    if not is_file_format(medium.format):
        return medium.location
    return resolve_location(machine_folder, medium.location)
