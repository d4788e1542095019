"""Settings of a machine for tests that are not about the recommendations for guest systems."""

from __future__ import annotations

from app.settings.defaults import bare_settings
from app.settings.guestos import os_type
from app.settings.model import MachineSettings, MediumAttachment, StorageController


def plain_settings(name: str, os_type_id: str = "Other") -> MachineSettings:
    """Return settings of a machine with an empty optical drive and an empty floppy drive.

    It has neither network nor sound nor USB.
    """
    guest = os_type(os_type_id)
    settings = bare_settings(name, os_type_id)
    hardware = settings.hardware
    hardware.memory_mb = guest.recommended_memory_mb
    hardware.display.vram_mb = guest.recommended_vram_mb
    hardware.display.controller = "VBoxVGA"
    hardware.rtc_utc = guest.rtc_utc
    hardware.network_adapters = []
    hardware.storage_controllers = [
        StorageController(
            name="IDE",
            type="PIIX4",
            port_count=2,
            attachments=[MediumAttachment(type="DVD", port=1, device=0)],
        ),
        StorageController(
            name="Floppy",
            type="I82078",
            port_count=1,
            attachments=[MediumAttachment(type="Floppy", port=0, device=0)],
        ),
    ]
    return settings
