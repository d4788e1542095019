"""Drives that come and go while the machine runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.settings.enums import DeviceType, StorageBus, StorageControllerType

if TYPE_CHECKING:
    from app.settings.hardware import HardwareSettings
    from app.settings.storage import MediumAttachment, StorageController

GUEST_SECONDS: Final = 15.0
"""How long a guest may take to give up a drive that it must agree to lose."""

HOT_PLUG_BUSES: Final = frozenset({StorageBus.SATA, StorageBus.USB})
"""Buses whose controllers tell the guest about drives that come and go."""


class PlugChange(NamedTuple):
    """A slot at which a drive is plugged in, unplugged, or (both) replaced by another one.

    Attributes:
        controller: the controller, as it is before.
        gone: the drive that is unplugged.
        come: the drive that is plugged in.
    """

    controller: StorageController
    gone: MediumAttachment | None
    come: MediumAttachment | None

    @property
    def is_hot(self) -> bool:
        """Whether the machine may run meanwhile."""
        drives = (self.gone, self.come)
        return all(drive is None or is_hot_pluggable(self.controller, drive) for drive in drives)


def takes_hot_plug(controller: StorageController) -> bool:
    """Tell whether drives can be plugged into a controller of this model while it works."""
    limits = controller.limits
    if limits is None:
        return False
    return limits.bus in HOT_PLUG_BUSES or controller.type == StorageControllerType.VIRTIO_BLK


def is_hot_pluggable(controller: StorageController, drive: MediumAttachment) -> bool:
    """Tell whether a drive may come and go while the machine runs."""
    return takes_hot_plug(controller) and drive.hotpluggable


def plug_changes(before: HardwareSettings, after: HardwareSettings) -> list[PlugChange]:
    """Return the slots of controllers that stay whose drives come, go, or are replaced.

    Another image in a hard disk is another disk: disks have no tray.
    """
    found = []
    for new in after.storage_controllers:
        old = before.controller(new.name)
        if old is None:
            continue
        slots = {(each.port, each.device) for each in (*old.attachments, *new.attachments)}
        for slot in sorted(slots):
            gone, come = old.attachment(*slot), new.attachment(*slot)
            if gone is None or come is None or is_other_disk(gone, come):
                found.append(PlugChange(old, gone, come))
    return found


def guest_seconds(before: HardwareSettings, after: HardwareSettings) -> float:
    """Return how long the guest may take to agree to a change: 0 where nobody asks it."""
    asks = any(
        change.gone is not None and change.controller.type == StorageControllerType.VIRTIO_BLK
        for change in plug_changes(before, after)
    )
    return GUEST_SECONDS if asks else 0.0


def is_other_disk(gone: MediumAttachment, come: MediumAttachment) -> bool:
    """Tell whether a hard disk is replaced by another one."""
    both_disks = gone.type == come.type == DeviceType.HARD_DISK
    return both_disks and gone.medium != come.medium
