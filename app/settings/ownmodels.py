"""Controllers for which VirtualBox has no word, in a file that VirtualBox reads.

A controller of type ``VirtioBlk`` is a ``VirtioSCSI`` in the file: there VirtualBox shows the same
disks. What it is here stands in the machine's extra data, which VirtualBox keeps; snapshots have
entries of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from app.settings.enums import StorageControllerType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings.hardware import HardwareSettings
    from app.settings.model import MachineSettings
    from app.settings.storage import StorageController

_OWN: Final[str] = StorageControllerType.VIRTIO_BLK.value
_THEIRS: Final[str] = StorageControllerType.VIRTIO_SCSI.value
_KEY: Final = re.compile(r"Vitrine/(Snapshots/[^/]+/)?StorageControllers/.+/Type")


def as_we_know_it(settings: MachineSettings) -> MachineSettings:
    """Return settings that have been read from a file, with the models of this program."""
    words = {key: value for key, value in settings.extra_data.items() if _KEY.fullmatch(key)}
    if not words:
        return settings
    for key, controller in _controllers(settings):
        if controller.type == _THEIRS and words.get(key) == _OWN:
            controller.type = _OWN
    for key in words:
        del settings.extra_data[key]
    return settings


def as_files_have_it(settings: MachineSettings) -> MachineSettings:
    """Return settings as they stand in a file; those that are given stay as they are."""
    found = [key for key, controller in _controllers(settings) if controller.type == _OWN]
    if not found:
        return settings
    return msgspec.structs.replace(
        settings,
        hardware=_hardware(settings.hardware),
        snapshots=[
            msgspec.structs.replace(snapshot, hardware=_hardware(snapshot.hardware))
            for snapshot in settings.snapshots
        ],
        extra_data={**settings.extra_data, **dict.fromkeys(found, _OWN)},
    )


def _hardware(hardware: HardwareSettings) -> HardwareSettings:
    controllers = [
        msgspec.structs.replace(controller, type=_THEIRS) if controller.type == _OWN else controller
        for controller in hardware.storage_controllers
    ]
    return msgspec.structs.replace(hardware, storage_controllers=controllers)


def _controllers(settings: MachineSettings) -> Iterator[tuple[str, StorageController]]:
    """Yield the controllers of the machine and its snapshots, each with its key."""
    for controller in settings.hardware.storage_controllers:
        yield f"Vitrine/StorageControllers/{controller.name}/Type", controller
    for snapshot in settings.snapshots:
        for controller in snapshot.hardware.storage_controllers:
            key = f"Vitrine/Snapshots/{snapshot.uuid}/StorageControllers/{controller.name}/Type"
            yield key, controller
