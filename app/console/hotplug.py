"""Drives that are plugged into a running machine, and out of it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

from app.console.configuration import DrivePlan, plan_drive
from app.console.disks import open_drive
from app.console.errors import invalid_state
from app.console.media import EMT_SECONDS
from app.settings.enums import DeviceType
from app.settings.hotplug import plug_changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.console.media import Drives, DriveSlot, MeteredMedium
    from app.settings.model import MachineSettings
    from engine.vm import VM

_logger = logging.getLogger(__name__)

_KINDS: Final = {DeviceType.HARD_DISK: "disk", DeviceType.DVD: "cdrom"}


@runtime_checkable
class HotPlugPorts(Protocol):
    """A controller whose drives come and go while the machine runs."""

    def plug_drive(self, lun: int, kind: str) -> None:
        """Plug a drive (``disk`` or ``cdrom``) into an empty port. EMT."""

    def unplug_drive(self, lun: int) -> None:
        """Take the drive of a port away. EMT."""


class _Arrival(NamedTuple):
    plan: DrivePlan
    medium: MeteredMedium | None


def change_drives(
    vm: VM, drives: Drives, before: MachineSettings, after: MachineSettings, folder: Path
) -> list[DriveSlot]:
    """Plug in and out what has come and gone in the settings.

    Args:
        vm: the running machine.
        drives: its drives, which note the change.
        before: settings as they are.
        after: settings as they shall be.
        folder: the machine's folder.

    Returns:
        The slots that have changed.

    Raises:
        ApiError: an image cannot be used; nothing has changed.
        engine.errors.EngineError: the same.
    """
    changes = plug_changes(before.hardware, after.hardware)
    gone = [
        drives.find(change.controller.name, change.gone.port, change.gone.device)
        for change in changes
        if change.gone is not None
    ]
    plans = [
        plan_drive(after, change.controller, change.come, folder)
        for change in changes
        if change.come is not None
    ]
    for slot in (*gone, *(plan.slot for plan in plans)):
        _ports(vm, slot)
    moved = {medium.path for slot in gone if (medium := drives.medium(slot)) is not None}
    # An image that only moves is free when it has been unplugged; all others are opened before
    # anything changes.
    arrivals = _open_all([plan for plan in plans if plan.image not in moved])
    for slot in gone:
        unplug(vm, drives, slot)
    arrivals += _open_all([plan for plan in plans if plan.image in moved])
    for arrival in arrivals:
        _plug(vm, drives, arrival)
    return [*gone, *(arrival.plan.slot for arrival in arrivals)]


def _open_all(plans: Sequence[DrivePlan]) -> list[_Arrival]:
    opened: list[_Arrival] = []
    try:
        for plan in plans:
            full = plan.image is not None
            opened.append(_Arrival(plan, open_drive(plan, starts_anew=True) if full else None))
    except Exception:
        for _, medium in opened:
            if medium is not None:
                medium.close()
        raise
    return opened


def _plug(vm: VM, drives: Drives, arrival: _Arrival) -> None:
    slot, medium = arrival.plan.slot, arrival.medium
    ports = _ports(vm, slot)

    def plug() -> None:
        vm.devices.attach(slot.instance, slot.lun, medium)
        ports.plug_drive(slot.lun, _KINDS[slot.type])

    vm.post(plug).result(EMT_SECONDS)
    drives.add(slot)
    drives.replace(slot, medium)
    _logger.info("Console: %s: plugged in, %s", slot.label, arrival.plan.image or "empty")


def unplug(vm: VM, drives: Drives, slot: DriveSlot) -> None:
    """Take a drive out of a running machine and close what is in it.

    Raises:
        ApiError: ``VBOX_E_INVALID_VM_STATE``: the drive is not on a controller that allows it.
    """
    ports = _ports(vm, slot)

    def take_away() -> None:
        ports.unplug_drive(slot.lun)
        vm.devices.attach(slot.instance, slot.lun, None)

    vm.post(take_away).result(EMT_SECONDS)
    medium = drives.remove(slot)
    _logger.info("Console: %s: unplugged", slot.label)
    if medium is not None:
        medium.close()


def _ports(vm: VM, slot: DriveSlot) -> HotPlugPorts:
    controller: object = vm.devices.devices.get(slot.instance)
    if not isinstance(controller, HotPlugPorts):
        raise invalid_state(f"Drives like {slot.label} cannot change while the machine runs.")
    return controller
