"""``getextradata`` and ``setextradata``: free texts of machines and of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands import command

if TYPE_CHECKING:
    from app.api.interfaces import Machine, VirtualBox
    from app.cli.context import Context
    from app.cli.options import Arguments

GLOBAL: Final = "global"


@command(
    "getextradata",
    "Show extra data of a machine or of the installation.",
    usage=("getextradata <global | uuid | vmname> <keyword | enumerate>",),
)
def getextradata(context: Context, arguments: Arguments) -> None:
    """Print one value or all of them."""
    target = arguments.word(0, "virtual machine name or 'global'")
    key = arguments.word(1, "keyword")
    arguments.at_most(2)
    owner = _owner(context, target)
    if key == "enumerate":
        for name, value in sorted(owner.list_extra_data().items()):
            print(f"Key: {name}, Value: {value}")
        return
    value = owner.get_extra_data(key)
    print(f"Value: {value}" if value else "No value set!")


@command(
    "setextradata",
    "Store or remove extra data of a machine or of the installation.",
    usage=("setextradata <global | uuid | vmname> <keyword> [<value>]",),
)
def setextradata(context: Context, arguments: Arguments) -> None:
    """Store a value; without one, or with an empty one, the key is removed."""
    target = arguments.word(0, "virtual machine name or 'global'")
    key = arguments.word(1, "keyword")
    arguments.at_most(3)
    value = arguments.words[2] if len(arguments.words) > 2 else ""
    _owner(context, target).set_extra_data(key, value)


def _owner(context: Context, target: str) -> VirtualBox | Machine:
    if target == GLOBAL:
        return context.client.virtualbox
    return context.client.machine(context.machine(target).id)
