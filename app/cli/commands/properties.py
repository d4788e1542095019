"""``setproperty``: properties of the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.commands import command
from app.cli.errors import UsageError

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments


@command(
    "setproperty",
    "Change a property of the installation.",
    usage=(
        "setproperty <autostartdbpath> <null | folder>",
        "setproperty <defaultfrontend> <default | name>",
        "setproperty <hwvirtexclusive> <on | off>",
        "setproperty <language> <language-code>",
        "setproperty <logginglevel> <rule>",
        "setproperty <loghistorycount> <number>",
        "setproperty <machinefolder> <default | folder>",
        "setproperty <proxymode> <noproxy | manual | system>",
        "setproperty <proxyurl> <URL>",
        "setproperty <vrdeauthlibrary> <default | name>",
        "setproperty <vrdeextpack> <null | name>",
        "setproperty <websrvauthlibrary> <default | null | name>",
    ),
)
def setproperty(context: Context, arguments: Arguments) -> None:
    """Store a property; the service knows their names and checks their values."""
    name = arguments.word(0, "property name")
    value = arguments.word(1, "property value")
    arguments.at_most(2)
    properties = context.client.system_properties
    if name not in properties.list_names():
        raise UsageError(f"Invalid parameter '{name}'")
    properties.set_property(name, value)
