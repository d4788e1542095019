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
    "adoptstate": "app.cli.commands.savedstate",
    "bandwidthctl": "app.cli.commands.bandwidthctl",
    "checkmediumpwd": "app.cli.commands.encryption",
    "clonemedium": "app.cli.commands.media",
    "clonevm": "app.cli.commands.clone",
    "closemedium": "app.cli.commands.media",
    "cloud": "app.cli.commands.extras",
    "cloudprofile": "app.cli.commands.extras",
    "controlvm": "app.cli.commands.controlvm",
    "convertfromraw": "app.cli.commands.convertfromraw",
    "createmedium": "app.cli.commands.media",
    "createvm": "app.cli.commands.machines",
    "debugvm": "app.cli.commands.debugvm",
    "dhcpserver": "app.cli.commands.dhcpserver",
    "discardstate": "app.cli.commands.savedstate",
    "encryptmedium": "app.cli.commands.encryption",
    "encryptvm": "app.cli.commands.encryption",
    "extpack": "app.cli.commands.extras",
    "getextradata": "app.cli.commands.extradata",
    "guestproperty": "app.cli.commands.guestproperty",
    "help": "app.cli.help",
    "hostonlyif": "app.cli.commands.hostonly",
    "hostonlynet": "app.cli.commands.hostonly",
    "internalcommands": "app.cli.commands.internalcommands",
    "list": "app.cli.commands.listing",
    "mediumproperty": "app.cli.commands.media",
    "metrics": "app.cli.commands.metrics",
    "modifymedium": "app.cli.commands.media",
    "modifyvm": "app.cli.commands.modifyvm",
    "movevm": "app.cli.commands.machines",
    "natnetwork": "app.cli.commands.natnetwork",
    "registervm": "app.cli.commands.machines",
    "setextradata": "app.cli.commands.extradata",
    "setproperty": "app.cli.commands.properties",
    "sharedfolder": "app.cli.commands.sharedfolder",
    "showmediuminfo": "app.cli.commands.mediuminfo",
    "showvminfo": "app.cli.commands.showvminfo",
    "snapshot": "app.cli.commands.snapshot",
    "startvm": "app.cli.commands.startvm",
    "storageattach": "app.cli.commands.storageattach",
    "storagectl": "app.cli.commands.storagectl",
    "unregistervm": "app.cli.commands.machines",
    "updatecheck": "app.cli.commands.extras",
    "usbfilter": "app.cli.commands.usbfilter",
}
"""Module of each command. A table, because only the module of the command that was called is
imported: scripts call this program hundreds of times."""

ALIASES: Final = {
    "clonehd": "clonemedium",
    "clonevdi": "clonemedium",
    "convertdd": "convertfromraw",
    "createhd": "createmedium",
    "createvdi": "createmedium",
    "modifyhd": "modifymedium",
    "modifyvdi": "modifymedium",
    "showhdinfo": "showmediuminfo",
    "showvdiinfo": "showmediuminfo",
}
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
