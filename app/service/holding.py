"""Holding a machine while a long operation works on its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from app.api.structs import LockType

if TYPE_CHECKING:
    from app.service.machine import Machine


class Holder(Protocol):
    """Who can hold a machine: a client, or the service itself. ``str`` names it for people.

    Attributes:
        machines: Machines that it holds or once held.
    """

    machines: set[Machine]


class Caretaker:
    """The service, when it works on a machine without being asked by a client.

    Attributes:
        machines: Machines that it holds or once held.
    """

    def __init__(self, doing: str) -> None:
        self.machines: set[Machine] = set()
        self._doing = doing

    def __str__(self) -> str:
        return f"the service, {self._doing}"


@contextmanager
def held(machine: Machine, holder: Holder) -> Iterator[None]:
    """Keep everybody else from starting or changing a machine.

    Raises:
        ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: somebody else holds it; tells who.
    """
    with machine.lock:
        already = machine.lock_type_of(holder) is LockType.WRITE
        if not already:
            machine.lock_for(holder, LockType.WRITE)
    try:
        yield
    finally:
        if not already:
            machine.release_lock_of(holder)
