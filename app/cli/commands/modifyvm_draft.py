"""Settings of a machine while the options of ``modifyvm`` are applied to them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.cli.errors import UsageError
from app.cli.options import Option
from app.settings.declare import Field, Group, Items, fields_of
from app.settings.model import (
    MachineSettings,
    NetworkAdapter,
    ParallelPort,
    RecordingScreen,
    RecordingSettings,
    SerialPort,
)

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Given
    from app.settings.hardware import HardwareSettings

_NIC_SLOTS: Final = {"PIIX3": 8}
"""Network adapters by chipset; others have 36."""

MAX_NICS: Final = 36
SERIAL_PORTS: Final = ((0x3F8, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3))
"""I/O port and interrupt of COM1 to COM4."""

PARALLEL_PORTS: Final = ((0x378, 7), (0x278, 5))


Slotted = TypeVar("Slotted", NetworkAdapter, SerialPort, ParallelPort)


class Declared(NamedTuple):
    """Where a setting with an option is.

    Attributes:
        path: Names of the groups from the settings to the owner, or to the list that holds it.
        inner: Names of the groups from an item of the list to the owner.
        slots: Items that the list can have; 0: there is no list.
        field: The setting.
    """

    path: tuple[str, ...]
    inner: tuple[str, ...]
    slots: int
    field: Field


class Draft:
    """The settings that the options change; nothing of it is stored before all are applied.

    Attributes:
        settings: The settings.
        folder: The machine's folder.
        context: The connection to the service, for options that name media.
    """

    def __init__(
        self, settings: MachineSettings, folder: str, context: Context | None = None
    ) -> None:
        self.settings = settings
        self.folder = folder
        self.context = context

    @property
    def hardware(self) -> HardwareSettings:
        """The hardware of the machine."""
        return self.settings.hardware

    def adapter(self, number: int) -> NetworkAdapter:
        """Network adapter ``number``, counted from 1.

        Raises:
            UsageError: The chipset has no such adapter.
        """
        if number > _NIC_SLOTS.get(self.hardware.chipset, MAX_NICS):
            raise UsageError(f"Invalid NIC slot number: '{number}'")
        return _slot(self.hardware.network_adapters, number, NetworkAdapter)

    def serial_port(self, number: int) -> SerialPort:
        """Serial port ``number``, counted from 1; a new one has the usual resources."""
        port = _slot(self.hardware.serial_ports, number, SerialPort)
        if not port.enabled and (port.io_base, port.irq) == SERIAL_PORTS[0]:
            port.io_base, port.irq = SERIAL_PORTS[number - 1]
        return port

    def parallel_port(self, number: int) -> ParallelPort:
        """Parallel port ``number``, counted from 1; a new one has the usual resources."""
        port = _slot(self.hardware.parallel_ports, number, ParallelPort)
        if not port.enabled and (port.io_base, port.irq) == PARALLEL_PORTS[0]:
            port.io_base, port.irq = PARALLEL_PORTS[number - 1]
        return port

    def recording_screens(self) -> list[RecordingScreen]:
        """Recording of every screen that the machine has; at first only the first is recorded."""
        screens = self.settings.recording.screens
        known = {screen.id for screen in screens}
        screens.extend(
            RecordingScreen(id=number, enabled=number == 0)
            for number in range(self.hardware.display.monitor_count)
            if number not in known
        )
        screens.sort(key=lambda screen: screen.id)
        return screens

    def owners(self, declared: Declared, number: int) -> Iterator[Any]:
        """The structures in which an option with ``number`` sets a field.

        The recording of all screens has the same options, so these are several.
        """
        if declared.path[-1:] == ("network_adapters",):
            yield _down(self.adapter(number), declared.inner)
        elif declared.path[-1:] == ("serial_ports",):
            yield _down(self.serial_port(number), declared.inner)
        elif declared.path[-1:] == ("parallel_ports",):
            yield _down(self.parallel_port(number), declared.inner)
        elif declared.path[-1:] == ("screens",):
            yield from self.recording_screens()
        else:
            yield _down(self.settings, declared.path)


def invalid(sentence: str) -> ApiError:
    """The error that VirtualBox's machine object has for a value that it refuses."""
    return ApiError(ErrorCode.E_INVALIDARG, sentence, "session")


@functools.cache
def declared_fields() -> dict[str, Declared]:
    """All settings of a machine that have an option, by the name of the option."""
    found: dict[str, Declared] = {}
    _walk(MachineSettings, (), found)
    return found


def _walk(
    cls: type[msgspec.Struct],
    path: tuple[str, ...],
    found: dict[str, Declared],
    list_path: tuple[str, ...] = (),
    slots: int = 0,
) -> None:
    for field in fields_of(cls):
        record = field.declaration
        if record.cli:
            place = (list_path, path) if slots else (path, ())
            found[record.cli] = Declared(*place, slots, field)
        below = (*path, field.name)
        if isinstance(record, Group) or field.type is RecordingSettings:
            _walk(field.item, below, found, list_path, slots)
        elif isinstance(record, Items) and record.key in (("slot",), ("id",)):
            key = next(each for each in fields_of(field.item) if each.name == record.key[0])
            _walk(field.item, (), found, below, getattr(key.declaration, "le", 0) + 1)


Handler = Callable[[Draft, "Given"], None]


class Modification(NamedTuple):
    """An option of ``modifyvm`` and what it does."""

    option: Option
    handler: Handler


modifications: dict[str, Modification] = {}
"""All options, by their names without dashes."""


def modifies(
    key: str,
    *,
    value: str = "",
    help: str = "",  # noqa: A002 - name of the attribute of Option
    old: tuple[str, ...] = (),
    indexed: int = 0,
    extra: tuple[str, ...] = (),
    ends_extra: frozenset[str] = frozenset(),
    begins_extra: frozenset[str] = frozenset(),
) -> Callable[[Handler], Handler]:
    """Declare the function that applies an option.

    Of a setting's option the other spellings and the help come from its declaration.
    """
    declared = declared_fields().get(key)
    if declared is not None:
        old = old or declared.field.declaration.old_cli
        help = help or declared.field.declaration.help  # noqa: A001

    def declare(handler: Handler) -> Handler:
        option = Option(
            names=tuple(f"--{name}" for name in (key, *old)),
            value=value,
            help=help,
            indexed=indexed,
            extra_values=extra,
            ends_extra=ends_extra,
            begins_extra=begins_extra,
        )
        modifications[key] = Modification(option, handler)
        return handler

    return declare


def switch(given: Given) -> bool:
    """The value of an option that is ``on`` or ``off``.

    Raises:
        UsageError: It is neither.
    """
    from app.settings.values import BadValueError, parse_switch

    try:
        return parse_switch(given.value, absent=False)
    except BadValueError as error:
        raise bad_format(given) from error


def number(given: Given, text: str | None = None, *, base: int = 0) -> int:
    """The value of an option, or another text of it, as a number.

    Args:
        given: The option.
        text: The text, when it is not the value.
        base: 16 for hexadecimal numbers without ``0x``.

    Raises:
        UsageError: It is no number.
    """
    try:
        return int(given.value if text is None else text, base)
    except ValueError as error:
        raise bad_format(given, text) from error


def bad_format(given: Given, text: str | None = None) -> UsageError:
    """The error for a value that cannot be understood."""
    shown = given.value if text is None else text
    return UsageError(f"Invalid argument format: '{given.spelling}{_index(given)} {shown}'")


def bad_argument(given: Given, reason: str = "") -> UsageError:
    """The error for a value that is none of those which there are."""
    tail = f" ({reason})" if reason else ""
    return UsageError(f"Invalid {given.spelling} argument '{given.value}'{tail}")


def _index(given: Given) -> str:
    text = str(given.index)
    return "" if not given.index or given.spelling.endswith(text) else text


def _slot(items: list[Slotted], number: int, cls: type[Slotted]) -> Slotted:
    """The item of a slot list with ``number`` counted from 1, made when it is missing."""
    for item in items:
        if item.slot == number - 1:
            return item
    item = cls(slot=number - 1)
    items.append(item)
    items.sort(key=lambda each: each.slot)
    return item


def _down(owner: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        owner = getattr(owner, name)
    return owner
