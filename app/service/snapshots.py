"""Snapshots of machines, as far as settings hold them: machines without hard disks.

A hard disk needs a differencing image for each snapshot; where there is one, taking, restoring and
deleting are refused.
"""

from __future__ import annotations

import copy
import datetime as dt
import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.service.savedstate import OFF, delete_own
from app.settings.enums import DeviceType, MediumType
from app.settings.model import HardwareSettings, MachineSettings, Snapshot

if TYPE_CHECKING:
    from app.service.machine import Machine
    from app.service.peer import Peer

MAX_DEPTH: Final = 250
"""VirtualBox's limit of nesting."""

REMEMBERED: Final = ("hardware", "debugging", "autostart", "recording")
"""What a snapshot holds of the settings."""

_UNTOUCHED: Final = {MediumType.WRITETHROUGH, MediumType.SHAREABLE, MediumType.READONLY}
"""Types of disks that snapshots leave alone."""


def find(settings: MachineSettings, snapshot: str) -> Snapshot:
    """The snapshot with this UUID or name; see ``snapshot.find``."""
    try:
        wanted = str(uuid.UUID(snapshot))
    except ValueError:
        wanted = ""
    for found in settings.snapshots:
        if found.uuid == wanted:
            return found
    for found in settings.snapshots:
        if found.name == snapshot:
            return found
    raise ApiError(
        ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
        f"Could not find a snapshot named '{snapshot}'"
        if settings.snapshots
        else "This machine does not have any snapshots",
        "snapshot",
    )


def edit(
    machine: Machine, peer: Peer, snapshot: str, name: str | None, description: str | None
) -> Snapshot:
    """Change name and description; see ``snapshot.edit``."""
    if name is not None:
        _require_name(name)
    with machine.lock:
        machine.require_editable_by(peer)
        settings = machine.settings
        found = find(settings, snapshot)
        changed = msgspec.structs.replace(
            found,
            name=found.name if name is None else name,
            description=found.description if description is None else description,
        )
        snapshots = [changed if other is found else other for other in settings.snapshots]
        machine.write_settings(msgspec.structs.replace(settings, snapshots=snapshots))
        return changed


def take(machine: Machine, name: str, description: str) -> Snapshot:
    """Remember the settings of a machine; see ``snapshot.take``."""
    _require_name(name)
    with machine.lock:
        settings = _require_idle(machine, "take a snapshot of")
        _require_no_disks(settings, settings.hardware, "take a snapshot of")
        if _depth(settings, settings.current_snapshot) >= MAX_DEPTH:
            raise ApiError(
                ErrorCode.VBOX_E_MAXIMUM_REACHED,
                f"Cannot take another snapshot for machine '{settings.name}', because it exceeds "
                f"the maximum snapshot depth limit of {MAX_DEPTH}.",
                "snapshot",
            )
        snapshot = Snapshot(
            uuid=str(uuid.uuid4()),
            name=name,
            time_stamp=dt.datetime.now(dt.UTC).replace(microsecond=0),
            description=description,
            parent=settings.current_snapshot,
            **{field: copy.deepcopy(getattr(settings, field)) for field in REMEMBERED},
        )
        machine.write_settings(
            msgspec.structs.replace(
                settings,
                snapshots=[*settings.snapshots, snapshot],
                current_snapshot=snapshot.uuid,
                current_state_modified=False,
            )
        )
        return snapshot


def restore(machine: Machine, snapshot: str) -> Snapshot:
    """Give a machine the settings of a snapshot; see ``snapshot.restore``."""
    with machine.lock:
        settings = _require_idle(machine, "restore a snapshot of")
        found = find(settings, snapshot)
        for hardware in (settings.hardware, found.hardware):
            _require_no_disks(settings, hardware, "restore a snapshot of")
        if found.state_file:
            raise _not_supported(
                f"Cannot restore the snapshot '{found.name}' of the machine '{settings.name}': it "
                "was taken while the machine ran, and this version cannot read its saved state yet."
            )
        kept = {field: copy.deepcopy(getattr(found, field)) for field in REMEMBERED}
        machine.write_settings(
            msgspec.structs.replace(
                settings, current_snapshot=found.uuid, current_state_modified=False, **kept
            )
        )
        return found


def delete(machine: Machine, snapshot: str) -> Snapshot:
    """Forget a snapshot; see ``snapshot.delete``."""
    with machine.lock:
        settings = _require_idle(machine, "delete a snapshot of")
        found = find(settings, snapshot)
        _require_no_disks(settings, found.hardware, "delete a snapshot of")
        children = [other for other in settings.snapshots if other.parent == found.uuid]
        if not found.parent and len(children) > 1:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"Snapshot '{found.name}' of the machine '{settings.name}' cannot be deleted, "
                f"because it is the first snapshot and has {len(children)} child snapshots",
                "snapshot",
            )
        rest = [
            msgspec.structs.replace(
                other, parent=found.parent if other.parent == found.uuid else other.parent
            )
            for other in settings.snapshots
            if other is not found
        ]
        current = settings.current_snapshot
        is_current = current == found.uuid
        machine.write_settings(
            msgspec.structs.replace(
                settings,
                snapshots=rest,
                current_snapshot=found.parent if is_current else current,
                current_state_modified=is_current or settings.current_state_modified,
            )
        )
        if found.state_file:
            delete_own(machine, found.state_file)
        return found


def _require_idle(machine: Machine, action: str) -> MachineSettings:
    settings = machine.settings
    if machine.session is not None or machine.state not in OFF:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_VM_STATE,
            f"Cannot {action} the machine '{settings.name}' unless it is powered off "
            f"(machine state: {machine.state})",
            "snapshot",
        )
    machine.require_unlocked()
    return settings


def _require_no_disks(settings: MachineSettings, hardware: HardwareSettings, action: str) -> None:
    for controller in hardware.storage_controllers:
        for drive in controller.attachments:
            if drive.type != DeviceType.HARD_DISK or not drive.medium:
                continue
            medium = settings.media.find(drive.medium)
            if getattr(medium, "type", MediumType.NORMAL) not in _UNTOUCHED:
                raise _not_supported(
                    f"Cannot {action} the machine '{settings.name}': its hard disk at port "
                    f"{drive.port} of the controller '{controller.name}' needs a differencing "
                    "image, which this version of Vitrine cannot create yet."
                )


def _depth(settings: MachineSettings, snapshot: str) -> int:
    parents = {other.uuid: other.parent for other in settings.snapshots}
    depth = 0
    while snapshot in parents and depth <= len(parents):
        snapshot = parents[snapshot]
        depth += 1
    return depth


def _require_name(name: str) -> None:
    if not name:
        raise ApiError(ErrorCode.E_INVALIDARG, "A snapshot needs a name.", "snapshot")


def _not_supported(sentence: str) -> ApiError:
    return ApiError(ErrorCode.VBOX_E_NOT_SUPPORTED, sentence, "snapshot")
