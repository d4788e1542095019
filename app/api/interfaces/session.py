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

    def detach_vm(self) -> None:
        """The VM ended in order: release the lock. The machine is now powered off."""
