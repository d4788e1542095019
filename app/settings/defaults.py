"""Settings of a new machine that suit its guest operating system."""

from __future__ import annotations

import datetime as dt
import uuid

from app.settings.addresses import new_mac_address
from app.settings.enums import Attachment
from app.settings.guestos import os_type
from app.settings.model import (
    DisplaySettings,
    FirmwareSettings,
    HardwareSettings,
    MachineSettings,
    MediumAttachment,
    NetworkAdapter,
    PointingDevice,
    StorageController,
)


def default_settings(name: str, os_type_id: str = "Other") -> MachineSettings:
    """Return sensible settings of a new machine.

    It has an IDE controller whose primary channel waits for a hard disk and whose secondary one
    has an empty optical drive, and an empty floppy drive.

    Args:
        name: name of the machine.
        os_type_id: id of the guest operating system; unknown ids are kept.
    """
    guest = os_type(os_type_id)
    ide = StorageController(
        name="IDE",
        type="PIIX4",
        port_count=2,
        attachments=[MediumAttachment(type="DVD", port=1, device=0)],
    )
    floppy = StorageController(
        name="Floppy",
        type="I82078",
        port_count=1,
        attachments=[MediumAttachment(type="Floppy", port=0, device=0)],
    )
    hardware = HardwareSettings(
        memory_mb=guest.recommended_memory_mb,
        display=DisplaySettings(vram_mb=guest.recommended_vram_mb, controller="VBoxVGA"),
        firmware=FirmwareSettings(ioapic=guest.ioapic),
        pointing_device=PointingDevice.PS2_MOUSE.value,
        rtc_utc=guest.rtc_utc,
        storage_controllers=[ide, floppy],
    )
    return MachineSettings(
        uuid=str(uuid.uuid4()),
        name=name,
        os_type_id=guest.id,
        last_state_change=dt.datetime.now(dt.UTC).replace(microsecond=0),
        hardware=hardware,
    )


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
        type=os_type(os_type_id).recommended_network,
        attachment=Attachment.NAT.value,
    )
