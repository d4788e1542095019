"""Saving changed settings of a machine, running or not, renaming included."""

from __future__ import annotations

import logging
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.events import ExtraDataChanged
from app.api.messages import pack
from app.service.attaching import give_own_images, require_present_tree
from app.service.hotchanges import cold_changes, medium_changes
from app.service.merging import merge
from app.service.mounting import call_mount
from app.service.relocation import (
    move_files,
    move_files_back,
    owns_folder,
    require_nobody_uses,
    tell_others,
    with_relative_places,
)
from app.service.savedstate import SAVED
from app.service.snapshots import REMEMBERED
from app.service.snapshots.images import delete_files
from app.settings.hotplug import guest_seconds
from app.settings.model import MachineSettings
from app.settings.paths import file_stem

if TYPE_CHECKING:
    from app.service.dispatch import CallContext
    from app.service.hub import EventHub
    from app.service.machine import Machine
    from app.service.peer import Peer
    from app.service.registry import Registry

_logger = logging.getLogger(__name__)

ROOT_GROUP: Final = "/"

_KEPT = ("aborted", "last_state_change", "state_file", "current_snapshot", "snapshots")
"""What only the service changes; a client's copy of it may be older than the truth."""


def save_settings(
    context: CallContext,
    machine: Machine,
    wanted: MachineSettings,
    base: MachineSettings | None = None,
    *,
    force_unplug: bool = False,
) -> None:
    """Replace the settings of a machine; see ``machine.save_settings``."""
    settings = _rebased(machine, wanted, base)
    if settings.uuid != machine.id:
        raise ApiError(
            ErrorCode.E_INVALIDARG,
            f"These are settings of the machine {settings.uuid}, not of {machine.id}.",
            "machine",
        )
    if base is None:
        require_present_tree(machine, wanted)
    _mount_in_running_vm(context, machine, settings)
    _apply_in_running_vm(context, machine, settings, force_unplug=force_unplug)
    truth = machine.settings
    with_own, made = give_own_images(context.service.library, machine, settings)
    if made:
        wanted, base = with_own, truth
    try:
        before, after = _store(context, machine, wanted, base)
    except ApiError:
        delete_files(made)
        raise
    context.service.media_changes.settle(before, after)


def _store(
    context: CallContext,
    machine: Machine,
    wanted: MachineSettings,
    base: MachineSettings | None,
) -> tuple[MachineSettings, MachineSettings]:
    """Write the settings; returns those before and those that were written."""
    registry = context.service.registry
    settings = _rebased(machine, wanted, base)
    with ExitStack() as locks:
        if settings.name != machine.info.name:
            locks.enter_context(registry.lock)
            registry.require_name_free(settings.name, machine)
        locks.enter_context(machine.lock)
        machine.require_editable_by(context.peer)
        before = machine.settings
        settings = _with_state_of(before, _rebased(machine, wanted, base))
        if machine.session is not None:
            _require_hot(machine, before, settings)
        elif machine.state in SAVED:
            _require_fitting(machine, before, settings)
        if settings.name != before.name:
            _rename(registry, machine, before, settings)
        else:
            machine.write_settings(settings)
    return before, settings


def _rebased(
    machine: Machine, wanted: MachineSettings, base: MachineSettings | None
) -> MachineSettings:
    """What is wanted, with what others have changed since ``base`` was fetched."""
    if base is None:
        return wanted
    merged, _both_changed = merge(base, machine.settings, wanted)
    return merged


def set_extra_data(
    machine: Machine, peer: Peer, key: str, value: str, hub: EventHub
) -> None:
    """Store or remove one piece of extra data; see ``machine.set_extra_data``."""
    if not key:
        raise ApiError(ErrorCode.E_INVALIDARG, "Extra data need a key.", "machine")
    with machine.lock:
        machine.require_editable_by(peer)
        extra_data = dict(machine.settings.extra_data)
        if extra_data.get(key, "") == value:
            return
        if value:
            extra_data[key] = value
        else:
            del extra_data[key]
        machine.write_settings(msgspec.structs.replace(machine.settings, extra_data=extra_data))
    hub.fire(ExtraDataChanged(id=machine.id, key=key, value=value))


def set_groups(machine: Machine, peer: Peer, groups: list[str]) -> None:
    """Put a machine into groups; see ``machine.set_groups``."""
    wanted = list(dict.fromkeys(groups)) or [ROOT_GROUP]
    for path in wanted:
        if path != ROOT_GROUP and ("" in path.split("/")[1:] or not path.startswith("/")):
            raise ApiError(
                ErrorCode.E_INVALIDARG,
                f"'{path}' is not the path of a group: it must look like '/Group/Subgroup'.",
                "machine",
            )
    with machine.lock:
        machine.require_editable_by(peer)
        if machine.settings.groups != wanted:
            machine.write_settings(msgspec.structs.replace(machine.settings, groups=wanted))


def _with_state_of(truth: MachineSettings, settings: MachineSettings) -> MachineSettings:
    kept = {name: getattr(truth, name) for name in _KEPT}
    modified = truth.current_state_modified or any(
        getattr(truth, name) != getattr(settings, name) for name in REMEMBERED
    )
    return msgspec.structs.replace(settings, current_state_modified=modified, **kept)


def _require_hot(machine: Machine, before: MachineSettings, settings: MachineSettings) -> None:
    cold = cold_changes(before, settings)
    if cold:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_VM_STATE,
            f"The machine '{machine.info.name}' must be powered off to change: {', '.join(cold)}.",
            "machine",
        )


def _require_fitting(
    machine: Machine, before: MachineSettings, settings: MachineSettings
) -> None:
    """Refuse what a saved execution state would not fit any more; the name is no part of it."""
    before = msgspec.structs.replace(before, name=settings.name)
    cold = cold_changes(before, settings, hot_plug=False)
    if cold:
        raise ApiError(
            ErrorCode.VBOX_E_INVALID_VM_STATE,
            f"The state of the machine '{machine.info.name}' is saved. Discard the saved state or "
            f"end the machine in order to change: {', '.join(cold)}.",
            "machine",
        )


def _mount_in_running_vm(
    context: CallContext, machine: Machine, settings: MachineSettings
) -> None:
    """Put changed removable media into the drives of the VM, if it runs."""
    with machine.lock:
        if machine.session is None:
            return
        before = machine.settings
        machine.require_editable_by(context.peer)
        _require_hot(machine, before, _with_state_of(before, settings))
        changes = list(medium_changes(before, settings))
    for slot, drive in changes:
        medium = settings.media.find(drive.medium) if drive.medium else None
        path = str(machine.resolve(medium.location)) if medium is not None else None
        path = drive.host_drive or path
        call_mount(context.service.sessions, machine, *slot, path, force=False)


def _apply_in_running_vm(
    context: CallContext, machine: Machine, settings: MachineSettings, *, force_unplug: bool
) -> None:
    """Have the VM, if it runs, take changed settings over before they are stored."""
    with machine.lock:
        session = machine.session
        if session is None or not session.attached:
            return
        known = machine.settings
        if (known.hardware, known.recording) == (settings.hardware, settings.recording):
            return
    params = pack({"id": machine.id, "settings": settings, "force_unplug": force_unplug})
    patience = guest_seconds(known.hardware, settings.hardware)
    context.service.sessions.call_console(
        machine, "console.apply_settings", params, patience=patience
    )


def _rename(
    registry: Registry, machine: Machine, before: MachineSettings, settings: MachineSettings
) -> None:
    """Rename machine, folder and settings file, as far as they have the machine's name.

    Needs both locks. When a step fails, those before it are undone.
    """
    old_path = machine.path
    alone = owns_folder(machine, registry)
    new_path = _renamed_path(old_path, before, settings, owns_folder=alone)
    if new_path == old_path:
        machine.write_settings(settings)
        return
    old_folder = old_path.parent
    if os.path.lexists(new_path if new_path.parent == old_path.parent else new_path.parent):
        raise ApiError(
            ErrorCode.VBOX_E_FILE_ERROR,
            f"The machine cannot be renamed: '{new_path.parent}' exists already.",
            "machine",
        )
    if new_path.parent != old_folder:
        require_nobody_uses(registry, machine)
    with registry.relocations.remembered(machine, new_path, settings.name):
        try:
            move_files(old_path, new_path)
        except OSError as error:
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"The machine's folder '{old_folder}' cannot be renamed: {error.strerror}.",
                "machine",
            ) from error
        try:
            machine.moved(new_path)
            machine.write_settings(with_relative_places(settings, old_folder))
            registry.renamed(machine, new_path, old_folder)
        except ApiError:
            move_files_back(machine, new_path, old_path, before)
            raise
        tell_others(registry, machine, old_folder)
    _logger.info("'%s' was renamed: '%s' is now '%s'", before.name, old_path, new_path)


def _renamed_path(
    path: Path, before: MachineSettings, settings: MachineSettings, *, owns_folder: bool
) -> Path:
    old_stem, new_stem = file_stem(before.name), file_stem(settings.name)
    if not settings.name_sync or path.stem != old_stem:
        return path
    folder = path.parent
    if owns_folder:
        folder = folder.with_name(new_stem)
    return folder / f"{new_stem}{path.suffix}"
