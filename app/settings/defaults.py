"""Settings of a new machine that suit its guest operating system."""

from __future__ import annotations

import datetime as dt
import uuid

from app.settings import available
from app.settings.addresses import new_mac_address
from app.settings.enums import Attachment, AudioDriver, DeviceType, StorageControllerType, TpmType
from app.settings.guestos import OsType, os_type
from app.settings.model import (
    CONTROLLER_LIMITS,
    AudioSettings,
    CpuSettings,
    DisplaySettings,
    FirmwareSettings,
    HardwareSettings,
    MachineSettings,
    MediumAttachment,
    NetworkAdapter,
    PointingDevice,
    StorageController,
    TpmSettings,
    UsbController,
)
from app.settings.storage import CONTROLLER_NAMES


def default_settings(name: str, os_type_id: str = "Other") -> MachineSettings:
    """Return settings of a new machine as they suit its guest operating system.

    It has what the table of guest systems recommends, as far as this version has it
    (:mod:`app.settings.available`): a controller for hard disks, an empty optical drive, an empty
    floppy drive where people install the system from floppy disks, and an adapter behind NAT.

    Args:
        name: name of the machine.
        os_type_id: id of the guest operating system; unknown ids are kept.
    """
    guest = os_type(os_type_id)
    hardware = HardwareSettings(
        cpu=CpuSettings(count=available.processors(guest.recommended_cpus)),
        memory_mb=guest.recommended_memory_mb,
        chipset=available.chipset(guest.recommended_chipset),
        display=DisplaySettings(
            vram_mb=guest.recommended_vram_mb,
            controller=available.graphics(guest.recommended_graphics),
        ),
        firmware=FirmwareSettings(
            type=available.firmware(guest.recommended_firmware), ioapic=guest.ioapic
        ),
        tpm=TpmSettings(type=available.tpm(TpmType.V2_0 if guest.tpm else TpmType.NONE)),
        pointing_device=available.pointing_device(
            PointingDevice.USB_TABLET if guest.usb_tablet else PointingDevice.PS2_MOUSE
        ),
        rtc_utc=guest.rtc_utc,
        storage_controllers=_storage_controllers(guest),
        network_adapters=[first_adapter(os_type_id)],
        audio=AudioSettings(
            controller=guest.recommended_audio,
            use_default_driver=True,
            driver=AudioDriver.DEFAULT.value,
            enabled=True,
            enabled_out=True,
        ),
        usb_controllers=_usb_controllers(guest),
    )
    return MachineSettings(
        uuid=str(uuid.uuid4()),
        name=name,
        os_type_id=guest.id,
        last_state_change=dt.datetime.now(dt.UTC).replace(microsecond=0),
        hardware=hardware,
    )


def _storage_controllers(guest: OsType) -> list[StorageController]:
    disks = _controller(available.storage_controller(guest.recommended_storage))
    discs = _controller(available.storage_controller(guest.recommended_dvd_storage))
    if discs.type == disks.type:
        discs = disks
    # An optical drive on IDE is the master of the secondary channel, beside that of the disk.
    port = 1 if discs.name == "IDE" or discs is disks else 0
    discs.attachments.append(MediumAttachment(type=DeviceType.DVD.value, port=port, device=0))
    controllers = [disks] if discs is disks else [discs, disks]
    if guest.floppy:
        floppy = _controller(StorageControllerType.I82078.value)
        floppy.attachments.append(MediumAttachment(type=DeviceType.FLOPPY.value))
        controllers.append(floppy)
    return controllers


def _controller(model: str) -> StorageController:
    limits = CONTROLLER_LIMITS[model]
    # Two ports are what the first disk and the optical drive need; people add more.
    ports = max(limits.min_ports, min(2, limits.default_ports))
    return StorageController(name=CONTROLLER_NAMES[limits.bus], type=model, port_count=ports)


def _usb_controllers(guest: OsType) -> list[UsbController]:
    if not guest.recommended_usb:
        return []
    kind = available.usb_controller(guest.recommended_usb)
    return [UsbController(name=kind, type=kind)]


def bare_settings(name: str, os_type_id: str = "Other") -> MachineSettings:
    """Return settings of a new machine that a script is going to furnish.

    It has no storage controllers, little memory, and a network adapter that suits its guest.

    Args:
        name: name of the machine.
        os_type_id: id of the guest operating system; unknown ids are kept.
    """
    guest = os_type(os_type_id)
    return MachineSettings(
        uuid=str(uuid.uuid4()),
        name=name,
        os_type_id=guest.id,
        last_state_change=dt.datetime.now(dt.UTC).replace(microsecond=0),
        hardware=HardwareSettings(
            firmware=FirmwareSettings(ioapic=guest.ioapic),
            network_adapters=[first_adapter(os_type_id)],
        ),
    )


def first_adapter(os_type_id: str) -> NetworkAdapter:
    """Return a network adapter that suits a guest operating system, attached to NAT."""
    return NetworkAdapter(
        slot=0,
        enabled=True,
        mac_address=new_mac_address(),
        type=available.network_adapter(os_type(os_type_id).recommended_network),
        attachment=Attachment.NAT.value,
    )
