"""``IMachine``: settings and life of one registered machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.basics import LockType, MachineInfo
from app.api.schema import interface

if TYPE_CHECKING:
    from app.settings.model import MachineSettings


@interface("machine", bound="id")
class Machine(Protocol):
    """Methods of a machine; ``id`` is its UUID (the service also takes its name)."""

    def get_settings(self) -> MachineSettings:
        """Current settings.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``, or the machine is inaccessible.
        """

    def save_settings(self, settings: MachineSettings) -> None:
        """Replace the settings and write the file.

        While the machine runs only what its declaration says may change then; removable media
        are changed with ``mount_medium``.

        Raises:
            ApiError: ``E_INVALIDARG`` (names what is wrong), ``VBOX_E_INVALID_VM_STATE`` (names
                the settings that need a stopped machine), ``VBOX_E_INVALID_OBJECT_STATE`` (another
                client edits it), ``VBOX_E_FILE_ERROR``.
        """

    def refresh(self) -> MachineInfo:
        """Read the settings file anew: it was repaired or changed by another program.

        A machine that somebody holds stays as it is.
        """

    def lock(self, lock_type: LockType = LockType.WRITE) -> None:
        """Hold the machine until ``unlock`` or until this client goes.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: somebody else holds it; tells who.
        """

    def unlock(self) -> None:
        """Give up this client's lock.

        Raises:
            ApiError: ``VBOX_E_INVALID_SESSION_STATE``: this client holds none.
        """

    def get_extra_data(self, key: str) -> str:
        """Extra data of the machine (``GUI/...``); empty when there is none."""

    def list_extra_data(self) -> dict[str, str]:
        """All extra data of the machine."""

    def set_extra_data(self, key: str, value: str) -> None:
        """Store extra data of the machine, running or not; an empty value removes the key.

        Unlike a ``save_settings`` of changed settings this cannot undo what others changed.
        """

    def set_groups(self, groups: list[str]) -> None:
        """Put the machine into these groups, running or not.

        Args:
            groups: Paths such as ``/Servers/Web``; an empty list means the root group ``/``.

        Raises:
            ApiError: ``E_INVALIDARG`` (a path does not begin with a slash, or has an empty part),
                ``VBOX_E_INVALID_OBJECT_STATE`` (another client edits the machine).
        """

    def launch(self, frontend: str = "gui") -> None:
        """Start the machine: returns when it runs.

        Args:
            frontend: ``gui``.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE`` (in use), ``VBOX_E_VM_ERROR`` (tells why it
                failed, with the last lines that the process printed), ``VBOX_E_TIMEOUT``.
        """

    def show_window(self) -> None:
        """Bring the window of the running machine to the front.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it does not run.
        """

    def mount_medium(
        self, controller: str, port: int, device: int, path: str | None, force: bool = False
    ) -> None:
        """Put an image into a removable drive, or eject with ``path`` None; running or not.

        The service asks the VM process first; a VM process that calls this itself must not do so
        on the thread that serves its console.

        Args:
            controller: Name of the storage controller.
            port: Port on it.
            device: Device on the port.
            path: Image file, or None.
            force: Also when the guest has locked the drive.
        """
