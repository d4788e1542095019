"""Data of the Main API that every client needs: the machines, and defaults of parameters.

It is apart from :mod:`app.api.structs` because a command-line call that only asks for the list of
machines must not wait for the import of all the others.
"""

from __future__ import annotations

import enum

import msgspec


class MachineState(enum.StrEnum):
    """Execution state of a machine, in the numeric order of VirtualBox (``Null`` is 0)."""

    NULL = "Null"
    POWERED_OFF = "PoweredOff"
    SAVED = "Saved"
    TELEPORTED = "Teleported"
    ABORTED = "Aborted"
    ABORTED_SAVED = "AbortedSaved"
    RUNNING = "Running"
    PAUSED = "Paused"
    STUCK = "Stuck"
    TELEPORTING = "Teleporting"
    LIVE_SNAPSHOTTING = "LiveSnapshotting"
    STARTING = "Starting"
    STOPPING = "Stopping"
    SAVING = "Saving"
    RESTORING = "Restoring"
    TELEPORTING_PAUSED_VM = "TeleportingPausedVM"
    TELEPORTING_IN = "TeleportingIn"
    DELETING_SNAPSHOT_ONLINE = "DeletingSnapshotOnline"
    DELETING_SNAPSHOT_PAUSED = "DeletingSnapshotPaused"
    ONLINE_SNAPSHOTTING = "OnlineSnapshotting"
    RESTORING_SNAPSHOT = "RestoringSnapshot"
    DELETING_SNAPSHOT = "DeletingSnapshot"
    SETTING_UP = "SettingUp"
    SNAPSHOTTING = "Snapshotting"

    @property
    def number(self) -> int:
        """VirtualBox's number of the state (0 to 23)."""
        return _STATE_NUMBERS[self]

    @property
    def is_online(self) -> bool:
        """A VM process holds the machine (``FirstOnline`` to ``LastOnline``)."""
        return 6 <= self.number <= 19

    @property
    def is_transient(self) -> bool:
        """The state ends by itself (``FirstTransient`` to ``LastTransient``)."""
        return 9 <= self.number <= 23


_STATE_NUMBERS = {state: number for number, state in enumerate(MachineState)}


class SessionState(enum.StrEnum):
    """Who holds the machine: nobody, a client or VM process, or one that is coming or going."""

    NULL = "Null"
    UNLOCKED = "Unlocked"
    LOCKED = "Locked"
    SPAWNING = "Spawning"
    UNLOCKING = "Unlocking"


class LockType(enum.StrEnum):
    """Kind of lock on a machine: several ``Shared``, one ``Write``, or the VM process's ``VM``."""

    SHARED = "Shared"
    WRITE = "Write"
    VM = "VM"


class MediumVariant(enum.StrEnum):
    """Allocation of an image: on demand, all of it at creation, or differences to a parent.

    VMDK images may also be split into files of 2 GB, or compressed for transport (``Stream``).
    """

    STANDARD = "Standard"
    FIXED = "Fixed"
    DIFF = "Diff"
    SPLIT_2G = "Split2G"
    FIXED_SPLIT_2G = "FixedSplit2G"
    STREAM = "Stream"


class VersionInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What answers: versions, process and places of the service.

    Attributes:
        version: Version of the product.
        api_version: Version of the schema; see :mod:`app.api.messages`.
        pid: Process of the service.
        home_folder: Configuration directory.
        settings_file: The global settings file.
    """

    version: str
    api_version: int
    pid: int
    home_folder: str
    settings_file: str


class MachineInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One registered machine.

    Attributes:
        id: UUID in lower case without braces.
        name: Unique name; for an inaccessible machine the stem of its settings file.
        os_type_id: Guest OS type such as ``Debian_64`` (empty when inaccessible).
        state: Execution state.
        session_state: Whether somebody holds the machine.
        accessible: False when the settings file cannot be read; see ``access_error``.
        access_error: Why it cannot be read, in a sentence; empty when accessible.
        settings_path: Absolute path of the ``.vbox`` file.
        last_state_change: UTC, ISO 8601 with ``Z``.
        memory_mb: Guest RAM in MiB (0 when inaccessible).
        session_pid: Process that holds the machine, 0 when none.
        session_name: What holds it: ``GUI/Qt``, ``headless``, or a client's name; may be empty.
        last_error: Why the machine last ended by itself or could not start; empty when it did not.
        groups: Paths of the groups it belongs to (``/Servers/Web``); ``/`` is the root group.
        snapshot_name: Name of the current snapshot; empty when there is none.
        modified: The machine differs from its current snapshot.
    """

    id: str
    name: str
    os_type_id: str = ""
    state: MachineState = MachineState.POWERED_OFF
    session_state: SessionState = SessionState.UNLOCKED
    accessible: bool = True
    access_error: str = ""
    settings_path: str = ""
    last_state_change: str = ""
    memory_mb: int = 0
    session_pid: int = 0
    session_name: str = ""
    last_error: str = ""
    groups: list[str] = msgspec.field(default_factory=list)
    snapshot_name: str = ""
    modified: bool = False
