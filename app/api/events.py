"""Events of the Main API: what changed, told to every client.

An event says *that* something changed; clients fetch what they show. Subclassing :class:`Event`
declares an event: there is no list to edit. A client that is older than the service skips events
whose name it does not know.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from app.api.structs import MachineState, SessionState


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events; ``name`` on the wire is the name of the class."""

    registry: ClassVar[dict[str, type[Event]]] = {}

    def __init_subclass__(cls) -> None:
        Event.registry[cls.__name__] = cls


class MachineRegistered(Event, frozen=True, kw_only=True):
    """A machine was added to (``registered``) or removed from the registry."""

    id: str
    registered: bool


class MachineStateChanged(Event, frozen=True, kw_only=True):
    """The execution state of a machine changed."""

    id: str
    state: MachineState


class MachineDataChanged(Event, frozen=True, kw_only=True):
    """Settings of a machine changed (or its file became readable or unreadable)."""

    id: str


class SessionStateChanged(Event, frozen=True, kw_only=True):
    """A machine was locked or unlocked, or a VM process is coming or going."""

    id: str
    state: SessionState


class RuntimeError(Event, frozen=True, kw_only=True):  # noqa: A001 - the API's name for it
    """A running VM has trouble (disk full, guru meditation...); ``fatal``: it cannot go on.

    Attributes:
        id: Machine.
        fatal: The VM stopped for good.
        error_id: Stable identifier such as ``DiskFull``.
        message: Sentences for people.
    """

    id: str
    fatal: bool
    error_id: str
    message: str


class SystemPropertiesChanged(Event, frozen=True, kw_only=True):
    """Properties of the installation changed."""


class MediumChanged(Event, frozen=True, kw_only=True):
    """A medium was inserted into or ejected from a removable drive.

    Attributes:
        id: Machine.
        controller: Name of the storage controller.
        port: Port on the controller.
        device: Device on the port.
    """

    id: str
    controller: str = ""
    port: int
    device: int


class MediumRegistered(Event, frozen=True, kw_only=True):
    """A medium became known to the installation (``registered``) or was forgotten."""

    id: str
    registered: bool


class MediumConfigChanged(Event, frozen=True, kw_only=True):
    """Something about a known medium changed: its type, size, place, description..."""

    id: str


class ExtraDataChanged(Event, frozen=True, kw_only=True):
    """A piece of extra data was stored or removed.

    Attributes:
        id: Machine, or empty for the installation.
        key: Which one.
        value: What it is now; empty when it was removed.
    """

    id: str = ""
    key: str
    value: str = ""


class ProgressCreated(Event, frozen=True, kw_only=True):
    """A long operation began; ``progress.get`` tells more about it."""

    progress_id: str
    description: str = ""


class ProgressPercentageChanged(Event, frozen=True, kw_only=True):
    """A long operation went on: ``percent`` is 0 to 100. Some steps may be left out."""

    progress_id: str
    percent: int


class ProgressTaskCompleted(Event, frozen=True, kw_only=True):
    """A long operation is over, well or not; ``progress.get`` tells which for a minute."""

    progress_id: str


class GuestPropertyChanged(Event, frozen=True, kw_only=True):
    """A guest property was stored or removed.

    Attributes:
        id: Machine.
        name: Name of the property.
        value: What it is now; empty when it was removed.
        flags: Its flags, separated by commas.
        was_deleted: It was removed.
    """

    id: str
    name: str
    value: str = ""
    flags: str = ""
    was_deleted: bool = False


class VrdeServerChanged(Event, frozen=True, kw_only=True):
    """The remote display server of a running machine was started, stopped or changed."""

    id: str


class VrdeServerInfoChanged(Event, frozen=True, kw_only=True):
    """A client of a remote display has come or gone; ``console.get_vrde_server_info`` tells."""

    id: str


class SharedFolderChanged(Event, frozen=True, kw_only=True):
    """The transient shared folders of a running machine changed."""

    id: str


class SnapshotTaken(Event, frozen=True, kw_only=True):
    """A snapshot of a machine was taken.

    Attributes:
        id: Machine.
        snapshot_id: UUID of the snapshot.
    """

    id: str
    snapshot_id: str


class SnapshotDeleted(Event, frozen=True, kw_only=True):
    """A snapshot of a machine was deleted.

    Attributes:
        id: Machine.
        snapshot_id: UUID of the snapshot.
    """

    id: str
    snapshot_id: str


class SnapshotRestored(Event, frozen=True, kw_only=True):
    """A machine is now as a snapshot had it.

    Attributes:
        id: Machine.
        snapshot_id: UUID of the snapshot.
    """

    id: str
    snapshot_id: str


class SnapshotChanged(Event, frozen=True, kw_only=True):
    """A snapshot of a machine was renamed or described.

    Attributes:
        id: Machine.
        snapshot_id: UUID of the snapshot.
    """

    id: str
    snapshot_id: str


class NetworkConfigurationChanged(Event, frozen=True, kw_only=True):
    """A NAT network, DHCP server, host-only network or interface was added, changed or removed.

    Attributes:
        name: Name of the network.
    """

    name: str
