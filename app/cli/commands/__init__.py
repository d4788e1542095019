"""The commands: which module defines each, and how a module declares them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final

import msgspec

from app.cli.options import Arguments, Option

if TYPE_CHECKING:
    from app.cli.context import Context

MODULES: Final = {
    "clonevm": "app.cli.commands.clone",
    "createvm": "app.cli.commands.machines",
    "getextradata": "app.cli.commands.extradata",
    "help": "app.cli.help",
    "list": "app.cli.commands.listing",
    "modifyvm": "app.cli.commands.modifyvm",
    "movevm": "app.cli.commands.machines",
    "registervm": "app.cli.commands.machines",
    "setextradata": "app.cli.commands.extradata",
    "showvminfo": "app.cli.commands.showvminfo",
    "unregistervm": "app.cli.commands.machines",
}
"""Module of each command. A table, because only the module of the command that was called is
imported: scripts call this program hundreds of times."""

ALIASES: Final[dict[str, str]] = {}
"""Old names of commands."""

Function = Callable[["Context", Arguments], int | None]


class Command(msgspec.Struct, frozen=True):
    """A command.

    Attributes:
        name: Its name.
        summary: What it does, one sentence.
        usage: Usage lines without the name of the program, such as ``createvm --name=<name>``;
            empty: derived from the options.
        options: What it takes.
        function: Carries it out; returns the exit code, None for 0.
        raw: The words are not parsed: all of them are in :attr:`Arguments.words`.
    """

    name: str
    summary: str
    usage: tuple[str, ...]
    options: tuple[Option, ...]
    function: Function
    raw: bool = False


_declared: dict[str, Command] = {}


def command(
    name: str,
    summary: str,
    *,
    usage: Sequence[str] = (),
    options: Sequence[Option] = (),
    raw: bool = False,
) -> Callable[[Function], Function]:
    """Declare the function that carries out a command; see :class:`Command`."""

    def declare(function: Function) -> Function:
        _declared[name] = Command(name, summary, tuple(usage), tuple(options), function, raw)
        return function

    return declare


def find_command(name: str) -> Command | None:
    """The command with this name or old name, or None."""
    name = ALIASES.get(name, name)
    module = MODULES.get(name)
    if module is None:
        return None
    import_module(module)
    return _declared[name]
