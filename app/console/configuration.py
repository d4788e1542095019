"""From the settings of a machine to the board that the engine builds (VirtualBox's ConsoleImpl).

What the settings ask for and this version cannot give falls into two classes: without a drive's
controller the guest would miss its disks, so that the machine does not start; other hardware is
left out, and the log says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.console.audio import audio_omissions
from app.console.media import DriveSlot
from app.console.networks import boot_omissions, network_omissions
from app.console.usb import usb_drive_place, usb_omissions
from app.settings.enums import (
    Chipset,
    DeviceType,
    FirmwareType,
    MediumType,
    StorageBus,
    StorageControllerType,
)
from app.settings.errors import SettingsError
from app.settings.hotplug import is_hot_pluggable, takes_hot_plug
from app.settings.media import disk_chain
from app.settings.storage import HardDisk, is_file_format
from engine.cpum.models import HOST, MODELS
from engine.em.backend import MOST_CPUS
from engine.storage.chain import ImageFile

if TYPE_CHECKING:
    from app.settings.model import MachineSettings
    from app.settings.storage import (
        MediumAttachment,
        RemovableImage,
        StorageController,
    )

_IDE_CHANNELS = ("Primary", "Secondary")
_IDE_MODELS = {"PIIX3": "piix3", "PIIX4": "piix4", "ICH6": "piix4"}
"""Engine's controller by type in the settings; guests tell ICH6 and PIIX4 apart by name only."""

_FLOPPY_DEVICE = "i82078/0"
_SATA_DEVICE = "ahci/0"
_DISK_DEVICE = "virtio-blk"  # and the port
MOST_SATA_PORTS = 30
_HOSTS = {
    StorageControllerType.VIRTIO_SCSI: ("virtio-scsi", 256),
    StorageControllerType.NVME: ("nvme", 255),
    StorageControllerType.LSI_LOGIC: ("lsilogicscsi", 16),
}
"""Engine's device and its ports by type in the settings, where they differ in nothing else."""

_NEVER_WRITTEN = (MediumType.IMMUTABLE, MediumType.MULTI_ATTACH)


@dataclass
class DrivePlan:
    """A drive and the image that is in it when the machine starts.

    Attributes:
        slot: the drive.
        images: the image files that the medium is made of, a differencing image last and the
            complete one first; none: the drive is empty.
        auto_reset: the last one is emptied when the machine starts anew.
        shared: other machines may write the image at the same time.
        read_only: nobody writes it.
        hot_pluggable: it may come and go while the machine runs.
    """

    slot: DriveSlot
    images: list[ImageFile] = field(default_factory=list)
    auto_reset: bool = False
    shared: bool = False
    read_only: bool = False
    hot_pluggable: bool = False

    @property
    def image(self) -> Path | None:
        """The image that takes what the guest writes; None: the drive is empty."""
        return Path(self.images[-1].path) if self.images else None


@dataclass
class Plan:
    """What is to be built.

    Attributes:
        drives: drives in the order of the settings.
        ide_model: the engine's name of the IDE controller's model.
        sata_ports: ports of the SATA controller; 0: there is none.
        hosts: ports in use of other controllers, by the engine's name of the device.
        disk_ports: ports of the virtio-blk controller; 0: there is none.
        omissions: sentences about hardware that this version leaves out.
    """

    drives: list[DrivePlan] = field(default_factory=list)
    ide_model: str = "piix4"
    sata_ports: int = 0
    hosts: dict[str, int] = field(default_factory=dict)
    disk_ports: int = 0
    omissions: list[str] = field(default_factory=list)


def plan_machine(settings: MachineSettings, machine_folder: Path) -> Plan:
    """Find the drives and media of a machine, and what has to be left out.

    Raises:
        ApiError: the machine cannot start with these settings; the sentence tells why.
    """
    _check_platform(settings)
    plan = Plan(omissions=list(_omissions(settings)))
    used_buses: set[StorageBus] = set()
    for controller in settings.hardware.storage_controllers:
        limits = controller.limits
        # One that takes hot plug is built when it is empty, too.
        if limits is not None and (controller.attachments or takes_hot_plug(controller)):
            if limits.bus in used_buses:
                raise _refuse(
                    f"The storage controller '{controller.name}' is the second one of its kind; "
                    "the machine can have one controller of each kind."
                )
            used_buses.add(limits.bus)
            plan.ide_model = _IDE_MODELS.get(controller.type, plan.ide_model)
            if limits.bus is StorageBus.SATA:
                used = max((each.port for each in controller.attachments), default=0) + 1
                plan.sata_ports = max(used, min(controller.port_count, MOST_SATA_PORTS))
            elif _is_virtio_blk(controller):
                plan.disk_ports = min(controller.port_count, limits.max_ports)
            elif controller.type in _HOSTS:
                name, _ = _HOSTS[StorageControllerType(controller.type)]
                ports = (each.port for each in controller.attachments)
                plan.hosts[name] = 1 + max(ports, default=-1)
        plan.drives += [
            plan_drive(settings, controller, attachment, machine_folder)
            for attachment in controller.attachments
        ]
    return plan


def plan_drive(
    settings: MachineSettings,
    controller: StorageController,
    attachment: MediumAttachment,
    machine_folder: Path,
) -> DrivePlan:
    """Find the place and the medium of a drive.

    Raises:
        ApiError: the drive or its medium cannot be used; the sentence tells why.
    """
    slot = _slot(settings, controller, attachment)
    drive = DrivePlan(slot, hot_pluggable=is_hot_pluggable(controller, attachment))
    medium = _medium(settings, slot, attachment)
    if isinstance(medium, HardDisk):
        _plan_disk(drive, settings, medium, machine_folder)
    elif medium is not None:
        drive.images = [_image_file(medium, machine_folder)]
    return drive


def _plan_disk(
    drive: DrivePlan, settings: MachineSettings, disk: HardDisk, machine_folder: Path
) -> None:
    try:
        chain = disk_chain(settings.media, disk.uuid)
    except SettingsError as error:
        raise _refuse(f"The hard disk at {drive.slot.label} cannot be used: {error}.") from error
    base_type = chain[0].type
    for each in chain:
        if not is_file_format(each.format):
            raise _refuse(
                f"The hard disk at {drive.slot.label} is the {each.format} target "
                f"'{each.location}'; this version of Vitrine cannot attach such targets. Detach it "
                "in the settings under Storage."
            )
    if len(chain) == 1 and base_type in _NEVER_WRITTEN:
        raise _refuse(
            f"The image '{disk.location}' at {drive.slot.label} is of the type {base_type} and "
            "cannot be written. Attach it anew: then the machine gets an image of its own for "
            "what the guest changes."
        )
    drive.images = [_image_file(each, machine_folder) for each in chain]
    drive.auto_reset = len(chain) > 1 and disk.auto_reset
    drive.shared = base_type == MediumType.SHAREABLE
    drive.read_only = base_type == MediumType.READONLY


def _image_file(medium: HardDisk | RemovableImage, machine_folder: Path) -> ImageFile:
    return ImageFile(machine_folder / medium.location, medium.format or None)


def _refuse(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_PDM_ERROR, sentence, "console")


def _check_platform(settings: MachineSettings) -> None:
    hardware = settings.hardware
    if hardware.firmware.type != FirmwareType.BIOS:
        raise _refuse(
            f"The machine wants the firmware {hardware.firmware.type}; this version of Vitrine "
            "has BIOS only. Switch EFI off in the settings under System."
        )
    if hardware.chipset != Chipset.PIIX3:
        raise _refuse(
            f"The machine wants the chipset {hardware.chipset}; this version of Vitrine has "
            "PIIX3 only. Choose it in the settings under System."
        )


def _slot(
    settings: MachineSettings, controller: StorageController, attachment: MediumAttachment
) -> DriveSlot:
    limits = controller.limits
    port, device = attachment.port, attachment.device
    where = f"{controller.name} port {port}, device {device}"
    bus = limits.bus if limits is not None else None
    host = _HOSTS.get(StorageControllerType(controller.type)) if limits is not None else None
    if bus is StorageBus.IDE and port < 2 and device < 2:
        instance, lun = f"{_IDE_MODELS[controller.type]}ide/0", 2 * port + device
        label = f"{controller.name} {_IDE_CHANNELS[port]} Device {device}"
    elif bus is StorageBus.FLOPPY and port == 0 and device < 2:
        instance, lun = _FLOPPY_DEVICE, device
        label = f"{controller.name} Device {device}"
    elif bus is StorageBus.SATA and port < MOST_SATA_PORTS and device == 0:
        instance, lun = _SATA_DEVICE, port
        label = f"{controller.name} Port {port}"
    elif _is_virtio_blk(controller) and port < controller.port_count and device == 0:
        if attachment.type != DeviceType.HARD_DISK:
            raise _refuse(
                f"The drive at {where} is no hard disk, and the controller of type virtio-blk has "
                "nothing else. Attach it to another controller in the settings under Storage."
            )
        instance, lun = f"{_DISK_DEVICE}/{port}", 0
        label = f"{controller.name} Port {port}"
    elif host is not None and port < host[1] and device == 0:
        instance, lun = f"{host[0]}/0", port
        label = f"{controller.name} Port {port}"
    elif bus is StorageBus.USB and device == 0:
        place = usb_drive_place(settings.hardware, port)
        if place is None:
            raise _refuse(
                f"The drive at {where} finds no USB controller: switch on OHCI, or xHCI for up to "
                "six drives, in the settings under USB."
            )
        instance, lun = place
        label = f"{controller.name} Port {port}"
    else:
        raise _refuse(
            f"The drive at {where} hangs on a controller of type {controller.type}, which this "
            "version of Vitrine does not have. Attach it to an IDE, SATA, LsiLogic, NVMe, "
            "virtio-scsi, virtio-blk, USB or floppy controller in the settings under Storage."
        )
    return DriveSlot(
        controller.name, port, device, DeviceType(attachment.type), instance, lun, label,
        controller.use_host_io_cache,
    )  # fmt: skip


def _is_virtio_blk(controller: StorageController) -> bool:
    return controller.type == StorageControllerType.VIRTIO_BLK


def _medium(
    settings: MachineSettings, slot: DriveSlot, attachment: MediumAttachment
) -> HardDisk | RemovableImage | None:
    if attachment.host_drive:
        raise _refuse(
            f"The drive at {slot.label} shall use the host's drive '{attachment.host_drive}', "
            "which this version of Vitrine cannot do. Choose an image file instead."
        )
    if not attachment.medium:
        if slot.type is DeviceType.HARD_DISK:
            raise _refuse(f"The hard disk at {slot.label} has no image.")
        return None
    medium = settings.media.find(attachment.medium)
    if medium is None:
        raise _refuse(
            f"The image with the UUID {attachment.medium} at {slot.label} is not in the machine's "
            "media registry."
        )
    return medium


def _omissions(settings: MachineSettings) -> list[str]:
    """Return a sentence for each part that the guest will not find."""
    hardware = settings.hardware
    sentences = list(network_omissions(hardware.network_adapters))
    sentences += boot_omissions(hardware)
    sentences += audio_omissions(hardware.audio)
    sentences += usb_omissions(hardware)
    if hardware.cpu.profile not in (HOST, *MODELS):
        sentences.append(
            f"There is no CPU profile '{hardware.cpu.profile}'; the guest sees the host's "
            f"processor. There are {', '.join((HOST, *MODELS))}."
        )
    if hardware.cpu.count > MOST_CPUS:
        sentences.append(
            f"The guest gets {MOST_CPUS} processors at most instead of {hardware.cpu.count}."
        )
    if hardware.display.monitor_count > 1:
        sentences.append(f"The guest gets one screen instead of {hardware.display.monitor_count}.")
    return sentences
