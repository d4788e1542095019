"""Finding a machine among thousands: by UUID, by name, by settings file."""

from __future__ import annotations

import os
import threading
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from app.service.machine import Machine


def normal_id(text: str) -> str:
    """``text`` as a UUID in lower case without braces; anything else as it is."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return text


class MachineIndex:
    """The registered machines. May be used from any thread and with any lock held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, Machine] = {}
        # Names and files are unique as a rule, but not when people copy folders by hand.
        self._by_name: dict[str, list[Machine]] = {}
        self._by_path: dict[str, list[Machine]] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, machine: Machine) -> None:
        """List a machine after all others."""
        with self._lock:
            self._by_id[machine.id] = machine
            self._by_name.setdefault(machine.info.name, []).append(machine)
            self._by_path.setdefault(str(machine.path), []).append(machine)

    def remove(self, machine: Machine) -> None:
        """List a machine no longer."""
        with self._lock:
            del self._by_id[machine.id]
            _drop(self._by_name, machine.info.name, machine)
            _drop(self._by_path, str(machine.path), machine)

    def renamed(self, machine: Machine, old: str, new: str) -> None:
        """The name of a machine changed; nothing happens to one that is not listed."""
        with self._lock:
            if self._by_id.get(machine.id) is machine:
                _drop(self._by_name, old, machine)
                self._by_name.setdefault(new, []).append(machine)

    def moved(self, machine: Machine, old: Path, new: Path) -> None:
        """The settings file of a machine is elsewhere now."""
        with self._lock:
            if self._by_id.get(machine.id) is machine:
                _drop(self._by_path, str(old), machine)
                self._by_path.setdefault(str(new), []).append(machine)

    def all(self) -> list[Machine]:
        """Every machine in the order of registration."""
        with self._lock:
            return list(self._by_id.values())

    def get(self, machine_id: str) -> Machine | None:
        """Machine with this UUID in any spelling."""
        found = self._by_id.get(machine_id)
        return found if found is not None else self._by_id.get(normal_id(machine_id))

    def named(self, name: str) -> Machine | None:
        """The first machine with this name."""
        with self._lock:
            found = self._by_name.get(name)
            return found[0] if found else None

    def at(self, path: str) -> Machine | None:
        """The first machine with this absolute path of its settings file."""
        with self._lock:
            found = self._by_path.get(os.path.normpath(path))
            return found[0] if found else None


def _drop(index: dict[str, list[Machine]], key: str, machine: Machine) -> None:
    """Take a machine out of a list without comparing machines by value."""
    rest = [other for other in index.get(key, ()) if other is not machine]
    if rest:
        index[key] = rest
    else:
        index.pop(key, None)
