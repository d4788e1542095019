"""Opening what is in the drives of a machine that starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.console.media import MeteredMedium, open_image
from app.settings.enums import DeviceType
from engine.storage.chain import DiskChain
from engine.storage.hostlock import LockMode
from engine.storage.maintain import reset_difference

if TYPE_CHECKING:
    from app.console.configuration import DrivePlan


def open_drive(drive: DrivePlan, *, starts_anew: bool) -> MeteredMedium:
    """Open the medium of a drive that is not empty.

    Args:
        drive: what is in it.
        starts_anew: the machine does not go on from a saved state, so that images that are
            emptied at each start are.

    Raises:
        engine.storage.errors.MediumError: an image cannot be used; the sentence tells why.
    """
    *parents, top = drive.images
    if drive.slot.type is not DeviceType.HARD_DISK:
        return open_image(
            str(top.path), drive.slot.type, top.format_name, host_cache=drive.slot.host_cache
        )
    if drive.auto_reset and starts_anew:
        reset_difference(top.path, parents)
    lock = LockMode.SHARED if drive.shared else None
    chain = DiskChain(
        drive.images, read_only=drive.read_only, lock=lock, host_cache=drive.slot.host_cache
    )
    return MeteredMedium(chain)
