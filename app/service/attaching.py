"""Hard disks that a machine must not write get an image of the machine's own when attached.

VirtualBox calls that an indirect attachment: immutable and multi-attach images, and normal ones on
which other images build, are only read; what the guest changes goes into a differencing image.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.service.snapshots import images, tree
from app.settings.enums import DeviceType, MediumType

if TYPE_CHECKING:
    from app.service.library import KnownMedium, MediaLibrary
    from app.service.machine import Machine
    from app.settings.model import MachineSettings
    from app.settings.storage import HardDisk

_OWN_IMAGE_TYPES: Final = (MediumType.IMMUTABLE, MediumType.MULTI_ATTACH)


def give_own_images(
    library: MediaLibrary, machine: Machine, settings: MachineSettings
) -> tuple[MachineSettings, list[Path]]:
    """Make images for the hard disks that are newly attached and must not be written.

    Args:
        library: Knows who builds on an image.
        machine: The machine, with its settings as they are.
        settings: Those that are to be stored.

    Returns:
        The settings to store, and the files that were made.

    Raises:
        ApiError: An image cannot be made.
    """
    attached = _newly_attached(machine.settings, settings)
    if not attached or machine.session is not None:
        return settings, []
    known = library.known()
    new: dict[str, HardDisk] = {}
    for medium in attached:
        if settings.media.find(medium) is not None and _must_not_write(settings, medium, known):
            new[medium] = tree.new_difference(settings, tree.chain_of(settings.media, medium)[-1])
    if not new:
        return settings, []
    changed = tree.with_images(copy.deepcopy(settings), new)
    images.create_differences(machine, changed.media, new.values())
    return changed, [images.path_of(machine, disk) for disk in new.values()]


def require_present_tree(machine: Machine, settings: MachineSettings) -> None:
    """Refuse settings with other hard disks that are older than the last change of the snapshots.

    They would put images back into the drives on which those of a snapshot build by now.

    Raises:
        ApiError: ``VBOX_E_INVALID_OBJECT_STATE``.
    """
    truth = machine.settings
    tree_now = {snapshot.uuid for snapshot in truth.snapshots}
    tree_then = {snapshot.uuid for snapshot in settings.snapshots}
    same = (tree_now, truth.current_snapshot) == (tree_then, settings.current_snapshot)
    if not same and _newly_attached(truth, settings):
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
            f"The snapshots of the machine '{machine.info.name}' have changed since these settings "
            "were fetched, and its hard disks with them. Fetch the settings again.",
            "machine",
        )


def _must_not_write(
    settings: MachineSettings, medium: str, known: dict[str, KnownMedium]
) -> bool:
    chain = tree.chain_of(settings.media, medium)
    if len(chain) == 1 and chain[0].type in _OWN_IMAGE_TYPES:
        return True
    return chain[0].type in tree.INDIRECT and medium in known and bool(known[medium].children)


def _newly_attached(before: MachineSettings, after: MachineSettings) -> list[str]:
    """Images of hard disks in drives that had another one, or none."""
    found = []
    for controller in after.hardware.storage_controllers:
        was = before.hardware.controller(controller.name)
        for drive in controller.attachments:
            if drive.type != DeviceType.HARD_DISK or not drive.medium:
                continue
            old = was.attachment(drive.port, drive.device) if was is not None else None
            if old is None or old.medium != drive.medium:
                found.append(drive.medium)
    return found
