"""Discarding and adopting the saved state of a machine that does not run."""

from __future__ import annotations

import datetime as dt
import logging
import os
from typing import TYPE_CHECKING, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.settings.model import MachineSettings

if TYPE_CHECKING:
    from app.service.machine import Machine

_logger = logging.getLogger(__name__)

SAVED: Final = {
    MachineState.SAVED: MachineState.POWERED_OFF,
    MachineState.ABORTED_SAVED: MachineState.ABORTED,
}
"""States with a saved state, and the state without it."""

OFF: Final = {MachineState.POWERED_OFF, MachineState.TELEPORTED, MachineState.ABORTED}
"""States in which a machine has no execution state."""


def discard(machine: Machine, *, remove_file: bool) -> None:
    """Forget the saved state; see ``saved_state.discard``."""
    with machine.lock:
        machine.require_unlocked()
        settings = machine.settings
        state = SAVED.get(machine.state)
        if state is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_VM_STATE,
                "Cannot delete the machine state as the machine is not in the saved state "
                f"(machine state: {machine.state})",
                "machine",
            )
        shared = any(snapshot.state_file == settings.state_file for snapshot in settings.snapshots)
        _store(machine, state, state_file="")
        if remove_file and not shared:
            delete_own(machine, settings.state_file)


def adopt(machine: Machine, path: str) -> None:
    """Make a file the saved state; see ``saved_state.adopt``."""
    with machine.lock:
        machine.require_unlocked()
        if machine.state not in OFF:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_VM_STATE,
                "Cannot adopt the saved state as the machine is not in Powered Off, Teleported "
                f"or Aborted state (machine state: {machine.state})",
                "machine",
            )
        file = machine.resolve(path)
        if not path or not file.is_file():
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR,
                f"Invalid saved state file path '{path}': there is no such file.",
                "machine",
            )
        inside = file.is_relative_to(machine.folder)
        location = os.path.relpath(file, machine.folder) if inside else str(file)
        _store(machine, MachineState.SAVED, state_file=location)


def note(machine: Machine, path: str) -> None:
    """The VM process has written its state to a file; see ``session.report_saved_state``."""
    with machine.lock:
        if machine.state is not MachineState.SAVING:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_VM_STATE,
                f"The state of the machine '{machine.info.name}' is not being saved: it is "
                f"{machine.state}.",
                "session",
            )
        file = machine.resolve(path)
        if not file.is_file():
            raise ApiError(
                ErrorCode.VBOX_E_FILE_ERROR, f"There is no saved state '{path}'.", "session"
            )
        inside = file.is_relative_to(machine.folder)
        location = os.path.relpath(file, machine.folder) if inside else str(file)
        machine.write_settings(msgspec.structs.replace(machine.settings, state_file=location))


def file_to_restore(machine: Machine) -> str:
    """Absolute path of the saved state that a VM process is to go on from, or an empty text."""
    with machine.lock:
        session, location = machine.session, machine.settings.state_file
        starting = session is not None and session.state_before in SAVED
        return str(machine.resolve(location)) if starting and location else ""


def resumed(machine: Machine) -> None:
    """The machine goes on from its saved state, which is used up. Needs the machine's lock."""
    settings = machine.settings
    if not settings.state_file:
        return
    shared = any(snapshot.state_file == settings.state_file for snapshot in settings.snapshots)
    machine.write_settings(msgspec.structs.replace(settings, state_file=""))
    if not shared:
        delete_own(machine, settings.state_file)


def delete_own(machine: Machine, location: str) -> None:
    """Delete a saved state that nothing needs any more, unless it was adopted from elsewhere."""
    file = machine.resolve(location)
    if not file.is_relative_to(machine.folder):
        return
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        _logger.error("The saved state '%s' stays: %s", file, error)


def _store(machine: Machine, state: MachineState, *, state_file: str) -> None:
    settings: MachineSettings = msgspec.structs.replace(
        machine.settings,
        state_file=state_file,
        aborted=state is MachineState.ABORTED,
        last_state_change=dt.datetime.now(dt.UTC).replace(microsecond=0),
    )
    machine.write_settings(settings)
    machine.set_state(state, machine.session_state)
