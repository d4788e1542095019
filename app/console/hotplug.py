"""Drives that are plugged into a running machine, and out of it."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

from app.console.configuration import DrivePlan, plan_drive
from app.console.disks import open_drive
from app.console.errors import invalid_state
from app.console.media import EMT_SECONDS
from app.settings.enums import DeviceType
from app.settings.hotplug import GUEST_SECONDS, plug_changes
from engine.errors import ConfigurationError
from engine.vmevents import VmState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.console.media import Drives, DriveSlot, MeteredMedium
    from app.settings.model import MachineSettings
    from engine.vm import VM

_logger = logging.getLogger(__name__)

_POLL: Final = 0.1  # seconds between two looks at whether the machine still runs
_KINDS: Final = {DeviceType.HARD_DISK: "disk", DeviceType.DVD: "cdrom"}


@runtime_checkable
class HotPlugPorts(Protocol):
    """A controller whose drives come and go while the machine runs."""

    def plug_drive(self, lun: int, kind: str) -> None:
        """Plug a drive (``disk`` or ``cdrom``) into an empty port. EMT."""

    def unplug_drive(self, lun: int) -> None:
        """Take the drive of a port away. EMT."""


@runtime_checkable
class AskingPorts(HotPlugPorts, Protocol):
    """A controller whose drives go when the guest has given them up. EMT."""

    def ask_for_drive(self, lun: int, released: Callable[[], None]) -> bool:
        """Ask for a drive; ``released`` is called when it is free. False: nobody listens."""

    def leave_drive(self, lun: int) -> None:
        """Let the guest keep the drive."""


class _Arrival(NamedTuple):
    plan: DrivePlan
    medium: MeteredMedium | None


def change_drives(
    vm: VM,
    drives: Drives,
    before: MachineSettings,
    after: MachineSettings,
    folder: Path,
    *,
    force: bool = False,
) -> list[DriveSlot]:
    """Plug in and out what has come and gone in the settings.

    Args:
        vm: the running machine.
        drives: its drives, which note the change.
        before: settings as they are.
        after: settings as they shall be.
        folder: the machine's folder.
        force: drives go even when the guest does not give them up.

    Returns:
        The slots that have changed.

    Raises:
        ApiError: an image cannot be used, or the guest keeps a drive; nothing has changed.
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
    # What comes to a slot waits for what goes, in any case.
    refilled = {plan.slot.place for plan in plans}
    try:
        _ask_guest(vm, [slot for slot in gone if not force or slot.place in refilled])
    except Exception:
        _close_all(arrivals)
        raise
    for slot in gone:
        unplug(vm, drives, slot)
    arrivals += _open_all([plan for plan in plans if plan.image in moved])
    for number, arrival in enumerate(arrivals):
        try:
            _plug(vm, drives, arrival)
        except Exception:
            _close_all(arrivals[number:])
            raise
    return [*gone, *(arrival.plan.slot for arrival in arrivals)]


def _open_all(plans: Sequence[DrivePlan]) -> list[_Arrival]:
    opened: list[_Arrival] = []
    try:
        for plan in plans:
            full = plan.image is not None
            opened.append(_Arrival(plan, open_drive(plan, starts_anew=True) if full else None))
    except Exception:
        _close_all(opened)
        raise
    return opened


def _close_all(arrivals: Sequence[_Arrival]) -> None:
    for _, medium in arrivals:
        if medium is not None:
            medium.close()


def _ask_guest(vm: VM, slots: Sequence[DriveSlot]) -> None:
    """Have the guest give up drives, where it has a say in that.

    Raises:
        ApiError: it does not give up all of them, and keeps them.
    """
    asked: list[tuple[AskingPorts, int]] = []
    try:
        for slot in slots:
            ports = _ports(vm, slot)
            if isinstance(ports, AskingPorts):
                asked.append((ports, slot.lun))
                _ask_for(vm, ports, slot)
    except Exception:
        for ports, lun in asked:
            vm.post(partial(ports.leave_drive, lun)).result(EMT_SECONDS)
        raise


def _ask_for(vm: VM, ports: AskingPorts, slot: DriveSlot) -> None:
    released = threading.Event()
    if not _runs(vm):
        raise invalid_state(f"The guest must run in order to give up the drive at {slot.label}.")
    ask = partial(ports.ask_for_drive, slot.lun, released.set)
    if not vm.post(ask).result(EMT_SECONDS):
        raise invalid_state(
            f"The drive at {slot.label} stays: no operating system with ACPI hot plug runs that "
            "could give it up. Detach it when the machine is off, or with storageattach "
            "--forceunplug."
        )
    end = time.monotonic() + GUEST_SECONDS
    while not released.wait(_POLL):
        if not _runs(vm) or time.monotonic() >= end:
            raise invalid_state(
                f"The drive at {slot.label} stays: the guest has not given it up within "
                f"{GUEST_SECONDS:.0f} s. Detach it when the machine is off, or with storageattach "
                "--forceunplug."
            )


def _runs(vm: VM) -> bool:
    return vm.state is VmState.RUNNING


def _plug(vm: VM, drives: Drives, arrival: _Arrival) -> None:
    slot, medium = arrival.plan.slot, arrival.medium
    ports = _ports(vm, slot)

    def plug() -> None:
        vm.devices.attach(slot.instance, slot.lun, medium)
        try:
            ports.plug_drive(slot.lun, _KINDS[slot.type])
        except ConfigurationError:
            vm.devices.attach(slot.instance, slot.lun, None)
            raise

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
