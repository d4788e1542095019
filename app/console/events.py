"""What the console of a VM tells its window (or the headless process)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.api.structs import MachineState


@dataclass(frozen=True)
class StateChanged:
    """The machine is in another state now."""

    state: MachineState


@dataclass(frozen=True)
class RuntimeErrorRaised:
    """The host or the engine is in trouble.

    Attributes:
        error_id: stable identifier, such as ``DiskFull``.
        message: sentences for people.
        fatal: the VM cannot go on; otherwise it is paused and may be resumed.
    """

    error_id: str
    message: str
    fatal: bool


@dataclass(frozen=True)
class MediumChanged:
    """Another medium, or none, is in a removable drive."""

    controller: str
    port: int
    device: int


@dataclass(frozen=True)
class ShowWindowRequested:
    """Somebody wants to see the window."""


@dataclass(frozen=True)
class RecordingChanged:
    """A recording of the screen has begun or ended, or could not begin.

    Attributes:
        file: what is written; empty when none could be.
        active: it has begun.
        reason: why it ended by itself, a sentence; empty when it was asked to.
    """

    file: str
    active: bool
    reason: str = ""


@dataclass(frozen=True)
class RemoteDisplayChanged:
    """The remote display server listens, has ceased to, or could not begin.

    Attributes:
        port: TCP port; -1: there is no server.
        reason: why it could not begin, a sentence; empty when it was asked to.
    """

    port: int
    reason: str = ""


@dataclass(frozen=True)
class Progressed:
    """Saving or restoring the execution state has come further.

    Attributes:
        percent: 0 to 100.
    """

    percent: int


@dataclass(frozen=True)
class PointingChanged:
    """The guest has begun or ceased to take absolute positions of the pointer.

    Attributes:
        absolute: it takes them: ``Console.put_mouse_absolute`` reaches it.
    """

    absolute: bool


@dataclass(frozen=True)
class Ended:
    """The VM is gone and everything is closed; the process has nothing left to do."""


ConsoleEvent = (
    StateChanged
    | RuntimeErrorRaised
    | MediumChanged
    | ShowWindowRequested
    | RecordingChanged
    | RemoteDisplayChanged
    | Progressed
    | PointingChanged
    | Ended
)

Listener = Callable[[ConsoleEvent], None]
"""Called on the emulation thread or a thread of the console: it must return at once."""
