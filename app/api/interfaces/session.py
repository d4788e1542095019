"""``IInternalMachineControl``: what a VM process tells the service about itself.

Clients use :class:`app.api.vmsession.VmSession` instead of calling these methods.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.basics import MachineState
from app.api.schema import interface

if TYPE_CHECKING:
    from app.api.structs import VmStartInfo


@interface("session", bound="id")
class Session(Protocol):
    """Methods that only the VM process of the machine may call."""

    def attach_vm(self, pid: int, state: MachineState = MachineState.STARTING) -> VmStartInfo:
        """Take the VM lock: this connection is now the machine's console.

        Args:
            pid: The calling process.
            state: State of the VM; other than ``Starting`` when it attaches again after the
                service was started anew.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: another process holds the machine.
        """

    def report_state(self, state: MachineState, error: str | None = None) -> None:
        """Tell the new state; ``error``: why the VM could not start or had to stop."""

    def report_runtime_error(self, fatal: bool, error_id: str, message: str) -> None:
        """Have the event ``RuntimeError`` sent to every client."""

    def report_progress(self, percent: int, description: str) -> None:
        """Tell how far saving or restoring the execution state is (0 to 100)."""

    def report_remote_display(self, server: bool) -> None:
        """Have ``VrdeServerChanged`` sent to every client; not ``server``: the other event."""

    def report_saved_state(self, path: str) -> None:
        """The execution state is complete in this file; it goes into the settings.

        Raises:
            ApiError: ``VBOX_E_FILE_ERROR``: there is no such file, or the settings cannot be
                written; ``VBOX_E_INVALID_VM_STATE``: the state is not being saved.
        """

    def detach_vm(self) -> None:
        """The VM ended in order: release the lock.

        The machine is powered off, or saved when that was reported.
        """
