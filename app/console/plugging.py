"""Plugging drives in and out of the running machine, in its settings: the service tells the VM.

Functions that block, called on worker threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.api.errors import ApiError, ErrorCode
from app.api.structs import DeviceType as ApiDeviceType
from app.console.surroundings import edit_settings
from app.settings.enums import DeviceType
from app.settings.errors import SettingsError
from app.settings.hotplug import takes_hot_plug
from app.settings.media import attach_medium, detach_drive
from app.settings.paths import relative_location
from app.settings.storage import HardDisk

if TYPE_CHECKING:
    from pathlib import Path

    from app.console.console import Console
    from app.console.media import DriveSlot
    from app.settings.hardware import HardwareSettings
    from app.settings.model import MachineSettings


def free_port(hardware: HardwareSettings) -> tuple[str, int] | None:
    """Return controller and port at which a drive can be plugged in; None: there is none."""
    for controller in hardware.storage_controllers:
        if takes_hot_plug(controller):
            for port in range(controller.port_count):
                if controller.attachment(port, 0) is None:
                    return controller.name, port
    return None


def plug_hard_disk(console: Console, path: Path) -> None:
    """Plug a hard disk image into the first free port.

    Raises:
        ApiError: the image cannot be used, or there is no free port.
    """
    virtualbox = console.session.client.virtualbox
    info = virtualbox.open_medium(str(path), ApiDeviceType.HARD_DISK)

    def change(settings: MachineSettings) -> None:
        place = free_port(settings.hardware)
        if place is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"The machine '{console.machine}' has no SATA, USB or virtio-blk controller with "
                "a free port.",
                "console",
            )
        known = settings.media.find(info.id)
        folder = console.start_info.machine_folder
        disk = known if isinstance(known, HardDisk) else HardDisk(
            uuid=info.id,
            location=relative_location(folder, info.path),
            format=info.format,
            parent=info.parent_id,
            type=info.type,
        )  # fmt: skip
        try:
            drive = attach_medium(settings, *place, 0, DeviceType.HARD_DISK, disk)
        except SettingsError as error:
            sentence = f"The hard disk cannot be plugged in: {error}."
            raise ApiError(ErrorCode.VBOX_E_OBJECT_IN_USE, sentence, "console") from error
        drive.hotpluggable = True

    edit_settings(console, change)


def unplug_drive(console: Console, slot: DriveSlot) -> None:
    """Take a hot-pluggable drive out of the machine.

    Raises:
        ApiError: it is not there, or it may not go.
    """
    edit_settings(console, lambda settings: detach_drive(settings, *slot.place))
