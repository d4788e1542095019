"""What the service knows that a person needs at the window of a running machine.

Functions, not methods of the console: they only ask the service and change nothing in the VM. They
block and are called on worker threads.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.api.structs import DeviceType as ApiDeviceType

if TYPE_CHECKING:
    from app.api.structs import HostDrive
    from app.console.console import Console
    from app.settings.enums import DeviceType
    from app.settings.model import MachineSettings


@dataclass(frozen=True)
class DriveOffers:
    """What can go into a removable drive.

    Attributes:
        recent: value of the installation's list of images used last.
        images: paths of the known images that can be read.
        host_drives: drives of the host.
    """

    recent: str = ""
    images: tuple[str, ...] = ()
    host_drives: tuple[HostDrive, ...] = ()


def drive_offers(console: Console, kind: DeviceType, recent_key: str) -> DriveOffers:
    """Ask the service what can go into drives of a kind.

    Args:
        console: the machine's console.
        kind: kind of drive.
        recent_key: key of the recent list in the installation's extra data.

    Raises:
        ApiError: the service cannot be reached.
    """
    virtualbox = console.session.client.virtualbox
    device_type = ApiDeviceType(kind.value)
    media = virtualbox.list_media(device_type)
    return DriveOffers(
        recent=virtualbox.get_extra_data(recent_key),
        images=tuple(medium.path for medium in media if not medium.access_error),
        host_drives=tuple(virtualbox.list_host_drives(device_type)),
    )


def store_for_all(console: Console, key: str, value: str) -> None:
    """Write an entry of the installation's extra data, which all machines share.

    Raises:
        ApiError: the settings could not be written.
    """
    console.session.client.virtualbox.set_extra_data(key, value)


def edit_settings(console: Console, change: Callable[[MachineSettings], None]) -> None:
    """Change the machine's settings; what the running VM can take over it takes over at once.

    Args:
        console: the machine's console.
        change: changes the settings it gets in place.

    Raises:
        ApiError: they cannot be stored, or the host side of a port cannot be opened; nothing has
            changed.
    """
    machine = console.session.client.machine(console.start_info.id)
    base = machine.get_settings()
    wanted = copy.deepcopy(base)
    change(wanted)
    machine.save_settings(wanted, base)
