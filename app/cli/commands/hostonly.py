"""``hostonlyif`` and ``hostonlynet``: interfaces and networks between machines and host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import number

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments
    from app.settings.installation import HostOnlyNetwork

_IPCONFIG_OPTIONS: Final = (
    Option(("--dhcp", "-dhcp", "-d"), help="Leave the IPv4 address to the host's DHCP client."),
    Option(("--ip", "-ip", "-a"), "IPv4-address", "IPv4 address of the interface."),
    Option(("--netmask", "-netmask", "-m"), "IPv4-netmask", "Mask of the IPv4 network."),
    Option(("--ipv6", "-ipv6", "-b"), "IPv6-address", "IPv6 address of the interface."),
    Option(
        ("--netmasklengthv6", "--netmasklengthipv6", "-netmasklengthv6", "-l"), "length",
        "Bits of the IPv6 network.",
    ),
)  # fmt: skip

_NETWORK_OPTIONS: Final = (
    Option(("--name", "-n"), "name", "Name of the network."),
    Option(("--id", "-i"), "uuid", "UUID of the network."),
    Option(("--netmask", "-m"), "mask", "Mask of the network."),
    Option(("--lower-ip", "-l"), "address", "First address given."),
    Option(("--upper-ip", "-u"), "address", "Last address given."),
    Option(("--enable", "-e"), help="Machines can use the network."),
    Option(("--disable", "-d"), help="Machines cannot use the network."),
)

_hostonlyif: Final = Subcommands()
_hostonlynet: Final = Subcommands()


@command(
    "hostonlyif",
    "Create, configure and remove host-only interfaces.",
    usage=(
        "hostonlyif create",
        ("hostonlyif ipconfig <ifname> [--dhcp | --ip=<IPv4-address> [--netmask=<IPv4-netmask>] | "
        "--ipv6=<IPv6-address> [--netmasklengthv6=<length>]]"),
        "hostonlyif remove <ifname>",
    ),
    options=_IPCONFIG_OPTIONS,
    raw=True,
)
def hostonlyif(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _hostonlyif.run(context, arguments)


@_hostonlyif.add("create")
def _create(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    created = context.run_long("host.create_host_only_interface")
    print(f"Interface '{created.name}' was successfully created")


@_hostonlyif.add("remove")
def _remove(context: Context, arguments: Arguments) -> None:
    name = arguments.word(0, "interface name")
    arguments.at_most(1)
    context.run_long("host.remove_host_only_interface", name=name)


@_hostonlyif.add("ipconfig", options=_IPCONFIG_OPTIONS)
def _ipconfig(context: Context, arguments: Arguments) -> None:
    name = arguments.word(0, "interface name")
    arguments.at_most(1)
    dhcp, ip, ipv6 = arguments.has("dhcp"), arguments.get("ip"), arguments.get("ipv6")
    if (dhcp and (ip or ipv6)) or (not dhcp and not ip and not ipv6):
        raise UsageError("You have to specify either --dhcp, --ip or --ipv6")
    if arguments.has("netmask") and not ip:
        raise UsageError("--netmask needs --ip")
    if arguments.has("netmasklengthv6") and not ipv6:
        raise UsageError("--netmasklengthv6 needs --ipv6")
    length = number("--netmasklengthv6", arguments.get("netmasklengthv6", "0"), most=128)
    context.client.host.configure_host_only_interface(
        name,
        dhcp=dhcp,
        ip_address=ip or "",
        network_mask=arguments.get("netmask", ""),
        ipv6_address=ipv6 or "",
        ipv6_prefix_length=length,
    )


@command(
    "hostonlynet",
    "Create, change and remove host-only networks.",
    usage=(
        ("hostonlynet add --name=<name> [--id=<uuid>] --netmask=<mask> --lower-ip=<address> "
        "--upper-ip=<address> [--enable | --disable]"),
        ("hostonlynet modify <--name=<name> | --id=<uuid>> [--lower-ip=<address>] "
        "[--upper-ip=<address>] [--netmask=<mask>] [--enable | --disable]"),
        "hostonlynet remove <--name=<name> | --id=<uuid>>",
    ),
    options=_NETWORK_OPTIONS,
    raw=True,
)
def hostonlynet(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _hostonlynet.run(context, arguments)


@_hostonlynet.add("add", options=_NETWORK_OPTIONS)
def _add_network(context: Context, arguments: Arguments) -> None:
    from app.settings.installation import HostOnlyNetwork

    arguments.at_most(0)
    network = HostOnlyNetwork(
        name=arguments.require("name"),
        id=arguments.get("id", ""),
        network_mask=arguments.require("netmask"),
        lower_address=arguments.require("lower-ip"),
        upper_address=arguments.require("upper-ip"),
    )
    _apply_switches(network, arguments)
    context.client.host_only_networks.create(network)


@_hostonlynet.add("modify", options=_NETWORK_OPTIONS)
def _modify_network(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    network = _find_network(context, arguments)
    # With the UUID given the network can be renamed.
    if arguments.has("id"):
        network.name = arguments.get("name", network.name)
    network.network_mask = arguments.get("netmask", network.network_mask)
    network.lower_address = arguments.get("lower-ip", network.lower_address)
    network.upper_address = arguments.get("upper-ip", network.upper_address)
    _apply_switches(network, arguments)
    context.client.host_only_networks.modify(network)


@_hostonlynet.add("remove", options=_NETWORK_OPTIONS)
def _remove_network(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.host_only_networks.remove(_find_network(context, arguments).id)


def _find_network(context: Context, arguments: Arguments) -> HostOnlyNetwork:
    wanted = arguments.get("id") or arguments.get("name")
    if not wanted:
        raise UsageError("You need to specify either --name or --id to identify the network")
    bare = wanted.strip("{}").lower()
    for network in context.client.host_only_networks.list_all():
        if network.id == bare or (network.name == wanted and not arguments.has("id")):
            return network
    raise CommandError(f"Could not find a host-only network '{wanted}'")


def _apply_switches(network: HostOnlyNetwork, arguments: Arguments) -> None:
    if arguments.has("enable") and arguments.has("disable"):
        raise UsageError("You can specify either --enable or --disable once.")
    if arguments.has("enable") or arguments.has("disable"):
        network.enabled = arguments.has("enable")
