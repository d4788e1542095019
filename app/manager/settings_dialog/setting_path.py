"""Paths that name single settings, as :class:`app.settings.changes.Change` spells them.

``hardware.display.vram_mb`` is a field of a field; ``hardware.network_adapters[0].type`` goes
through the item of a list with that key, ``extra_data[GUI/ScaleFactor]`` is the value of a key of a
mapping.
"""

import copy
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from app.manager.words import COM_PORTS
from app.settings.declare import Field, Items, fields_of
from app.settings.model import (
    MachineSettings,
    NetworkAdapter,
    ParallelPort,
    RecordingScreen,
    SerialPort,
)

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>[^\]]*)\])?\.?")
_PARALLEL_PORTS: Final = ((0x378, 7), (0x278, 5))


def usual_serial_port(slot: int) -> SerialPort:
    """Return the port of a machine that says nothing about the port in this slot."""
    io_base, irq = list(COM_PORTS.values())[slot]
    return SerialPort(slot=slot, io_base=io_base, irq=irq)


def usual_parallel_port(slot: int) -> ParallelPort:
    """Return the port of a machine that says nothing about the port in this slot."""
    io_base, irq = _PARALLEL_PORTS[slot]
    return ParallelPort(slot=slot, io_base=io_base, irq=irq)


# Items that a machine has without naming them, by the name of their list.
_USUAL_ITEMS: Final[Mapping[str, Callable[[int], Any]]] = {
    "network_adapters": lambda slot: NetworkAdapter(slot=slot),
    "serial_ports": usual_serial_port,
    "parallel_ports": usual_parallel_port,
    "screens": lambda number: RecordingScreen(id=number),
}


@cache
def _steps(path: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((match["name"], match["key"]) for match in _STEP.finditer(path))


@cache
def declared(path: str) -> Field:
    """Return the declaration of the setting PATH; of a value in a mapping, that of the mapping.

    Raises:
        LookupError: there is no such declared setting.
    """
    structure: Any = MachineSettings
    *owners, (last, _key) = _steps(path)
    for name, _item_key in owners:
        structure = _field(structure, name).item
    return _field(structure, last)


def _field(structure: Any, name: str) -> Field:
    for field in fields_of(structure):
        if field.name == name:
            return field
    raise LookupError(f"{structure.__name__} declares no setting {name!r}.")


def read(settings: MachineSettings, path: str) -> Any:
    """Return the value of the setting PATH; of an item that is missing, the usual one."""
    *owners, (last, key) = _steps(path)
    owner: Any = settings
    for name, item_key in owners:
        owner = getattr(owner, name)
        if item_key is not None:
            owner = _item(owner, name, item_key) or _USUAL_ITEMS[name](int(item_key))
    value = getattr(owner, last)
    return value if key is None else value.get(key, "")


def write(settings: MachineSettings, path: str, value: Any) -> None:
    """Give the setting PATH a value; an item that is missing is added when it becomes unusual.

    An empty text removes the key of a mapping.
    """
    *owners, (last, key) = _steps(path)
    owner: Any = settings
    missing: tuple[list[Any], Any, Any] | None = None
    for name, item_key in owners:
        value_of_owner = getattr(owner, name)
        if item_key is None:
            owner = value_of_owner
            continue
        owner = _item(value_of_owner, name, item_key)
        if owner is None:
            owner = _USUAL_ITEMS[name](int(item_key))
            missing = (value_of_owner, owner, copy.deepcopy(owner))
    if key is None:
        setattr(owner, last, value)
    elif value:
        getattr(owner, last)[key] = value
    else:
        getattr(owner, last).pop(key, None)
    if missing is not None:
        items, item, usual = missing
        if item != usual:
            items.append(item)


def forget_usual_items(settings: MachineSettings, base: MachineSettings, path: str) -> None:
    """Take the item on the way to PATH out again when it is the usual one and BASE has none.

    So that a change that was taken back leaves nothing behind.
    """
    owner: Any = settings
    before: Any = base
    for name, item_key in _steps(path)[:-1]:
        owner, before = getattr(owner, name), getattr(before, name)
        if item_key is not None:
            item = _item(owner, name, item_key)
            had = _item(before, name, item_key)
            if item is not None and had is None and item == _USUAL_ITEMS[name](int(item_key)):
                owner.remove(item)
            return


def _item(items: list[Any], name: str, key: str) -> Any:
    fields = _key_fields(name)
    for item in items:
        if ",".join(str(getattr(item, field)) for field in fields) == key:
            return item
    return None


@cache
def _key_fields(name: str) -> tuple[str, ...]:
    """Return the fields that identify an item of the list called NAME."""
    for owner in _owners(MachineSettings):
        for field in fields_of(owner):
            if field.name == name and isinstance(field.declaration, Items):
                return field.declaration.key
    raise LookupError(f"There is no list of settings called {name!r}.")


def _owners(structure: Any) -> list[Any]:
    found = [structure]
    for field in fields_of(structure):
        if field.item is not None and field.item is not structure:
            found += _owners(field.item)
    return found
