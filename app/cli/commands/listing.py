"""``list``: what there is. Each keyword is a function of a module that is imported when needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

import msgspec

from app.cli.commands import command
from app.cli.errors import UsageError
from app.cli.options import Option
from app.cli.values import ARCHITECTURES

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments

MODULES: Final = {
    "bridgedifs": "app.cli.commands.list_host",
    "cloudnets": "app.cli.commands.list_networks",
    "cloudprofiles": "app.cli.commands.list_networks",
    "cloudproviders": "app.cli.commands.list_networks",
    "cpu-profiles": "app.cli.commands.list_host",
    "dhcpservers": "app.cli.commands.list_networks",
    "dvds": "app.cli.commands.mediuminfo",
    "extpacks": "app.cli.commands.list_host",
    "floppies": "app.cli.commands.mediuminfo",
    "groups": "app.cli.commands.list_types",
    "hddbackends": "app.cli.commands.mediuminfo",
    "hdds": "app.cli.commands.mediuminfo",
    "hostcpuids": "app.cli.commands.list_host",
    "hostdrives": "app.cli.commands.mediuminfo",
    "hostdvds": "app.cli.commands.mediuminfo",
    "hostfloppies": "app.cli.commands.mediuminfo",
    "hostifs": "app.cli.commands.list_host",
    "hostinfo": "app.cli.commands.list_host",
    "hostonlyifs": "app.cli.commands.list_host",
    "hostonlynets": "app.cli.commands.list_networks",
    "intnets": "app.cli.commands.list_networks",
    "natnets": "app.cli.commands.list_networks",
    "natnetworks": "app.cli.commands.list_networks",
    "ossubtypes": "app.cli.commands.list_types",
    "ostypes": "app.cli.commands.list_types",
    "runningvms": "app.cli.commands.list_machines",
    "screenshotformats": "app.cli.commands.mediuminfo",
    "systemproperties": "app.cli.commands.list_properties",
    "usbfilters": "app.cli.commands.list_host",
    "usbhost": "app.cli.commands.list_host",
    "vms": "app.cli.commands.list_machines",
    "webcams": "app.cli.commands.list_host",
}
"""Module of each keyword."""


class ListOptions(msgspec.Struct, frozen=True):
    """Flags of ``list``.

    Attributes:
        long: More about each item.
        sort: By name instead of in the order of registration.
        architecture: Only what is for machines of this architecture, in lower case; empty: all.
    """

    long: bool
    sort: bool
    architecture: str = ""


_listings: dict[str, Callable[[Context, ListOptions], None]] = {}


def listing(keyword: str) -> Callable[[Lister], Lister]:
    """Declare the function that prints what ``list KEYWORD`` asks for."""

    def declare(function: Lister) -> Lister:
        _listings[keyword] = function
        return function

    return declare


Lister = Callable[["Context", ListOptions], None]


@command(
    "list",
    "List machines, media, operating system types, properties and other things.",
    usage=(
        f"list [--long] [--platform-arch=<x86 | arm>] [--sorted] <{' | '.join(sorted(MODULES))}>",
    ),
    options=(
        Option(("--long", "-l"), help="Show details of each item."),
        Option(("--sorted", "-s"), help="Sort by name."),
        Option(
            ("--platform-arch", "-p"), "x86 | arm",
            "Only operating system types for this architecture.",
        ),
    ),
)  # fmt: skip
def list_things(context: Context, arguments: Arguments) -> None:
    """Print the lists that were asked for."""
    architecture = arguments.get("platform-arch", "").lower()
    if architecture and architecture not in ARCHITECTURES:
        raise UsageError(f"Invalid platform architecture: '{architecture}'")
    flags = ListOptions(arguments.has("long"), arguments.has("sorted"), architecture)
    arguments.word(0, "keyword of what to list")
    for keyword in arguments.words:
        if keyword not in MODULES:
            raise UsageError(f"Unknown list keyword: '{keyword}'")
    for keyword in arguments.words:
        import_module(MODULES[keyword])
        _listings[keyword](context, flags)
