"""Snapshots of running machines: what the VM process is asked to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.messages import pack
from app.api.structs import DiskWork, MachineState, SnapshotDisk

if TYPE_CHECKING:
    from pathlib import Path

    from app.service.machine import Machine
    from app.service.sessions import Sessions

_POLL_SECONDS: Final = 0.1

_decode_work = msgspec.msgpack.Decoder(DiskWork).decode


class VmDisks:
    """The disks of a running machine, in its VM process. On worker threads, with no lock held.

    Each method raises an ``ApiError`` when the VM process refuses or is not there any more.
    """

    def __init__(self, sessions: Sessions, machine: Machine) -> None:
        self._sessions = sessions
        self._machine = machine

    def begin_snapshot(self, state_file: Path, disks: list[SnapshotDisk]) -> None:
        """Have the machine captured and its disks write into new images."""
        self._call("begin_snapshot", state_file=str(state_file), disks=disks)

    def merge(
        self,
        lower: Path,
        *,
        forward: bool,
        progress: Callable[[int], None],
        cancelled: Callable[[], bool],
    ) -> None:
        """Have an image merged with the one above it; to be followed by ``commit`` or ``abandon``.

        Raises:
            ApiError: ``E_ABORT`` (cancelled), or why it failed; nothing is left to abandon.
        """
        self._call("begin_merge", path=str(lower), forward=forward)
        try:
            self.wait(progress, cancelled)
        except ApiError:
            if self.connected:
                self.abandon()
            raise

    def commit(self) -> None:
        """Have the merged image left out."""
        self._call("commit_merge")

    def abandon(self) -> None:
        """Have a merge given up."""
        self._call("abandon_merge")

    def wait(self, progress: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        """Wait for what was begun.

        Raises:
            ApiError: ``E_ABORT`` (cancelled), ``VBOX_E_FILE_ERROR`` (it failed).
        """
        told = False
        while True:
            work: DiskWork = _decode_work(self._call("disk_work"))
            if work.finished:
                break
            progress(work.percent)
            if cancelled() and not told:
                told = True
                self._call("cancel_disk_work")
            time.sleep(_POLL_SECONDS)
        if work.error:
            code = ErrorCode.E_ABORT if told else ErrorCode.VBOX_E_FILE_ERROR
            raise ApiError(code, work.error, "snapshot")

    @property
    def connected(self) -> bool:
        """Whether the VM process is there."""
        with self._machine.lock:
            session = self._machine.session
            return session is not None and session.peer is not None

    def _call(self, method: str, **params: Any) -> msgspec.Raw:
        packed = pack({"id": self._machine.id, **params})
        return self._sessions.call_console(self._machine, f"console.{method}", packed)


def enter_state(
    machine: Machine, states: dict[MachineState, MachineState], action: str
) -> MachineState:
    """Put a machine that is on into the state of something that is done to it.

    Args:
        machine: The machine.
        states: The state for each one in which it may be done.
        action: For the sentence: "take a snapshot of".

    Returns:
        Its state before.

    Raises:
        ApiError: ``VBOX_E_INVALID_VM_STATE``: it is in another state.
    """
    with machine.lock:
        before = machine.state
        if before not in states or machine.session is None:
            raise refuse_state(machine, action)
        machine.set_state(states[before], machine.session_state)
        return before


def leave_state(machine: Machine, entered: MachineState, before: MachineState) -> None:
    """Undo :func:`enter_state`, unless the machine has changed its state meanwhile."""
    with machine.lock:
        if machine.state is entered:
            machine.set_state(before, machine.session_state)


def refuse_state(machine: Machine, action: str) -> ApiError:
    """The error for a machine in whose state something cannot be done."""
    return ApiError(
        ErrorCode.VBOX_E_INVALID_VM_STATE,
        f"Cannot {action} the machine '{machine.info.name}' (machine state: {machine.state})",
        "snapshot",
    )
