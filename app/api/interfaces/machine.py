"""``IMachine``: settings and life of one registered machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.api.basics import LockType, MachineInfo
from app.api.copying import CloneMode, CloneOption
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

    def save_settings(
        self,
        settings: MachineSettings,
        base: MachineSettings | None = None,
        force_unplug: bool = False,
    ) -> None:
        """Replace the settings and write the file.

        While the machine runs only what its declaration says may change then; removable media
        are changed with ``mount_medium``.

        Args:
            settings: What is wanted.
            base: The settings as ``get_settings`` gave them, of which these are a changed copy.
                With them only what differs is changed, and what other clients have changed
                meanwhile stays; without them all of it is replaced.
            force_unplug: Drives leave a running machine even when the guest does not give them up.

        Raises:
            ApiError: ``E_INVALIDARG`` (names what is wrong), ``VBOX_E_INVALID_VM_STATE`` (names
                the settings that need a stopped machine), ``VBOX_E_INVALID_OBJECT_STATE`` (another
                client edits it, or another program changed the same settings in the file),
                ``VBOX_E_FILE_ERROR``.
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

    def clone(
        self,
        name: str,
        mode: CloneMode = CloneMode.MACHINE_STATE,
        options: list[CloneOption] = [],  # noqa: B006 - a default on the wire, never changed
        groups: list[str] = [],  # noqa: B006 - the same
        base_folder: str | None = None,
        uuid: str | None = None,
        snapshot: str | None = None,
        register: bool = True,
    ) -> MachineInfo:
        """Make a machine like this one, with copies of its hard disks; reports progress.

        Optical and floppy images, and hard disks of the types Shareable and Readonly, are used by
        both. A linked clone (``CloneOption.LINK``) builds on the images of a snapshot, which its
        source then cannot delete. May be cancelled; then, as after an error, nothing is left of
        the clone.

        Args:
            name: Name of the clone.
            mode: Which states it gets.
            options: What it keeps of the source's identity.
            groups: Its groups; none: the root group.
            base_folder: Folder that gets the clone's folder; default: system properties.
            uuid: UUID of the clone; default: a new one.
            snapshot: UUID or name of the snapshot to clone; default: the current state.
            register: False: only write the settings file.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE`` (it runs or somebody holds it),
                ``VBOX_E_OBJECT_IN_USE`` (name or UUID are taken), ``VBOX_E_OBJECT_NOT_FOUND`` (no
                such snapshot), ``E_INVALIDARG`` (a linked clone without a snapshot or with several
                states), ``VBOX_E_FILE_ERROR``, ``E_ABORT``.
        """

    def move(self, folder: str | None = None) -> MachineInfo:
        """Move the machine's folder with all files in it; reports progress and may be cancelled.

        Args:
            folder: Folder that gets the machine's folder; default: it stays where it is.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE`` (it runs or somebody holds it),
                ``VBOX_E_OBJECT_IN_USE`` (another machine uses files in the folder),
                ``VBOX_E_FILE_ERROR`` (the target exists, disk full...), ``E_ABORT``. The machine
                is where it was then, with all its files.
        """

    def query_log_filename(self, index: int) -> str:
        """Path of the log of the latest start (0) or of an earlier one; empty: there is none."""

    def read_log(self, index: int, offset: int = 0, size: int = 65536) -> bytes:
        """A piece of a log, at most 1 MiB; empty at its end.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is no such log.
        """

    def launch(
        self, frontend: str = "", environment: list[str] = []  # noqa: B006 - copied when used
    ) -> None:
        """Start the machine: returns when it runs. A long operation, which may be cancelled.

        Args:
            frontend: ``gui``, ``headless`` or ``separate``; empty or ``default``: what the
                settings of the machine say, else those of the installation, else ``gui``.
            environment: Changes of the environment of the VM process: ``NAME=VALUE``, or ``NAME``
                to remove a variable.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE`` (in use), ``VBOX_E_VM_ERROR`` (tells why it
                failed, with the last lines that the process printed), ``VBOX_E_TIMEOUT``,
                ``VBOX_E_NOT_SUPPORTED`` (no such front end here), ``E_ABORT`` (cancelled; the
                machine is as it was before).
        """

    def save_state(self) -> None:
        """Save the execution state of the running machine, which then ends.

        Reports progress and may be cancelled; the machine goes on then.

        Raises:
            ApiError: ``VBOX_E_INVALID_VM_STATE``: it neither runs nor is paused;
                ``VBOX_E_FILE_ERROR`` and others: why the state could not be saved; ``E_ABORT``.
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
