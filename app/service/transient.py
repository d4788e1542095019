"""What a machine has only until it stops: transient guest properties and shared folders."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from app.service.machine import Machine, Session

_T = TypeVar("_T")


class Transient(Generic[_T]):
    """Named values of machines that end with the session in which they live.

    All methods need the lock of the machine. What is put while the machine does not run lives in
    its next session.
    """

    def __init__(self) -> None:
        self._values: weakref.WeakKeyDictionary[Machine, _Values[_T]] = (
            weakref.WeakKeyDictionary()
        )

    def of(self, machine: Machine) -> dict[str, _T]:
        """Values of the machine by name; changes of the map count."""
        values = self._values.get(machine)
        if values is None or values.over(machine.session):
            values = self._values[machine] = _Values()
        values.session = machine.session
        return values.items


class _Values(Generic[_T]):
    def __init__(self) -> None:
        self.session: Session | None = None
        self.items: dict[str, _T] = {}

    def over(self, now: Session | None) -> bool:
        """Whether the session in which the values live has ended."""
        return self.session is not None and self.session is not now
