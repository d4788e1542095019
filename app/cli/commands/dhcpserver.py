"""``dhcpserver``: who gives addresses in host-only and internal networks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import number

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments, Given
    from app.settings.installation import DhcpServer
    from app.settings.netservices import DhcpConfig, DhcpGroup, DhcpIndividual

_NETWORK: Final = (
    Option(("--network", "--netname", "-netname", "-t"), "name", "Network that is served."),
    Option(("--interface", "--ifname", "-ifname", "-f"), "name", "Host-only interface instead."),
)
_CONDITION_TYPES: Final = {
    "mac": 0, "mac-wild": 1, "vendor": 2, "vendor-wild": 3, "user": 4, "user-wild": 5,
}  # fmt: skip
_ADDRESSES: Final = {
    "server-ip": "address",
    "netmask": "network_mask",
    "lower-ip": "lower_address",
    "upper-ip": "upper_address",
}
_LEASE_TIMES: Final = {
    "min-lease-time": "min_lease_time_s",
    "default-lease-time": "default_lease_time_s",
    "max-lease-time": "max_lease_time_s",
}
_CODE_LISTS: Final = {
    "force-opt": ("forced_options", True),
    "unforce-opt": ("forced_options", False),
    "suppress-opt": ("suppressed_options", True),
    "unsuppress-opt": ("suppressed_options", False),
}

_OPTIONS: Final = (
    *_NETWORK,
    Option(("--server-ip", "--ip", "-ip", "-a"), "address", "Address of the server itself."),
    Option(("--netmask", "-netmask", "-m"), "mask", "Mask of the network."),
    Option(("--lower-ip", "--lowerip", "-lowerip", "-l"), "address", "First address given."),
    Option(("--upper-ip", "--upperip", "-upperip", "-u"), "address", "Last address given."),
    Option(("--enable", "-enable", "-e"), help="The network has this server."),
    Option(("--disable", "-disable", "-d"), help="The server is not started."),
    Option(("--global", "-g"), help="What follows is for all clients."),
    Option(("--group", "-G"), "name", "What follows is for a group of clients."),
    Option(("--mac-address", "-E"), "address", "What follows is for the client with this MAC."),
    Option(("--vm", "-M"), "name|uuid", "What follows is for a machine."),
    Option(("--nic", "-n"), "number", "Adapter of that machine, from 1."),
    Option(("--set-opt", "-s"), "code", "Value of a DHCP option.", extra_values=("value",)),
    Option(("--set-opt-hex", "-x"), "code", "The same in hex.", extra_values=("bytes",)),
    Option(("--del-opt", "-D"), "code", "Set a DHCP option no more."),
    Option(("--force-opt",), "code", "Send a DHCP option unasked."),
    Option(("--unforce-opt",), "code", "Send a DHCP option only when asked."),
    Option(("--suppress-opt",), "code", "Never send a DHCP option."),
    Option(("--unsuppress-opt",), "code", "Send a DHCP option again."),
    Option(("--zap-options",), help="Remove all DHCP options."),
    Option(("--min-lease-time", "-q"), "seconds", "Shortest lease."),
    Option(("--default-lease-time", "-L"), "seconds", "Usual lease."),
    Option(("--max-lease-time", "-Q"), "seconds", "Longest lease."),
    Option(("--remove-config", "-R"), help="Remove the group's or client's configuration."),
    Option(("--fixed-address",), "address", "Address that the client always gets."),
    *(
        Option((f"--{how}-{kind}",), "value", "Condition of the group.", hidden=True)
        for how in ("incl", "excl", "del")
        for kind in _CONDITION_TYPES
    ),
    Option(("--zap-conditions",), help="Remove all conditions of the group."),
    Option(("--options", "-o"), hidden=True),
)

_dhcpserver: Final = Subcommands()


@command(
    "dhcpserver",
    "Create, change and remove DHCP servers.",
    usage=(
        ("dhcpserver add <--network=<netname> | --interface=<ifname>> --server-ip=<address> "
        "--netmask=<mask> --lower-ip=<address> --upper-ip=<address> [--enable | --disable] "
        "[[--global | --group=<name> | --mac-address=<address> | --vm=<name | uuid> "
        "[--nic=<number>]] [--set-opt=<code> <value>...] [--set-opt-hex=<code> <bytes>...] "
        "[--force-opt=<code>...] [--suppress-opt=<code>...] [--min-lease-time=<seconds>] "
        "[--default-lease-time=<seconds>] [--max-lease-time=<seconds>] "
        "[--fixed-address=<address>] [--incl-mac=<address>...]...]"),
        ("dhcpserver modify <--network=<netname> | --interface=<ifname>> [<the options of add>] "
        "[--del-opt=<code>...] [--unforce-opt=<code>...] [--unsuppress-opt=<code>...] "
        "[--zap-options] [--remove-config]"),
        "dhcpserver remove <--network=<netname> | --interface=<ifname>>",
        "dhcpserver start <--network=<netname> | --interface=<ifname>>",
        "dhcpserver restart <--network=<netname> | --interface=<ifname>>",
        "dhcpserver stop <--network=<netname> | --interface=<ifname>>",
        ("dhcpserver findlease <--network=<netname> | --interface=<ifname>> "
        "--mac-address=<address>"),
    ),
    options=_OPTIONS,
    raw=True,
)
def dhcpserver(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _dhcpserver.run(context, arguments)


@_dhcpserver.add("add", options=_OPTIONS)
def _add(context: Context, arguments: Arguments) -> None:
    from app.settings.installation import DhcpServer

    arguments.at_most(0)
    name = _network(context, arguments)
    for option in _ADDRESSES:
        arguments.require(option)
    server = DhcpServer(network_name=name)
    _apply(context, server, arguments)
    if any(each.network_name == name for each in context.client.dhcp_servers.list_all()):
        raise CommandError("DHCP server already exists")
    context.client.dhcp_servers.create(server)


@_dhcpserver.add("modify", options=_OPTIONS)
def _modify(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    server = _find(context, arguments)
    _apply(context, server, arguments)
    context.client.dhcp_servers.modify(server)


@_dhcpserver.add("remove", options=_NETWORK)
def _remove(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.dhcp_servers.remove(_find(context, arguments).network_name)


@_dhcpserver.add("start", "restart", options=_NETWORK)
def _start(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.dhcp_servers.start(_find(context, arguments).network_name)


@_dhcpserver.add("stop", options=_NETWORK)
def _stop(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.dhcp_servers.stop(_find(context, arguments).network_name)


@_dhcpserver.add(
    "findlease", options=(*_NETWORK, Option(("--mac-address", "-m"), "address", "Whose lease."))
)
def _findlease(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    mac = _mac(arguments.require("mac-address"))
    server = _find(context, arguments)
    # The process of a network keeps its leases to itself.
    raise CommandError(
        f"There is no lease for the MAC address {mac} in the network '{server.network_name}'"
    )


def _network(context: Context, arguments: Arguments) -> str:
    """The network that the options name, itself or by its interface."""
    network, interface = arguments.get("network"), arguments.get("interface")
    if network and interface:
        raise UsageError("Either --network or --interface, not both")
    if network:
        return network
    if not interface:
        raise UsageError(
            "You need to specify either --network or --interface to identify the DHCP server"
        )
    from app.api.hoststructs import HostInterfaceType

    for each in context.client.host.list_network_interfaces(HostInterfaceType.HOST_ONLY):
        if each.name == interface:
            return each.network_name
    raise CommandError(f"Failed to locate host-only interface '{interface}'")


def _find(context: Context, arguments: Arguments) -> DhcpServer:
    name = _network(context, arguments)
    for server in context.client.dhcp_servers.list_all():
        if server.network_name == name:
            return server
    interface = arguments.get("interface")
    if interface:
        raise CommandError(
            f"Failed to find DHCP server for host-only interface '{interface}' "
            f"(network '{name}')"
        )
    raise CommandError(f"Failed to find DHCP server for network '{name}'")


def _apply(context: Context, server: DhcpServer, arguments: Arguments) -> None:
    """Apply the options in their order: some say whom those that follow are for."""
    if arguments.has("enable") and arguments.has("disable"):
        raise UsageError("Either --enable or --disable, not both")
    scope: DhcpConfig = server.global_config
    for given in arguments.given:
        key = given.key
        if key in _ADDRESSES:
            setattr(server, _ADDRESSES[key], given.value)
        elif key in ("enable", "disable"):
            server.enabled = key == "enable"
        elif key == "global":
            scope = server.global_config
        elif key == "group":
            scope = _group(server, given.value)
        elif key == "mac-address":
            scope = _individual(server, mac_address=_mac(given.value))
        elif key == "vm":
            scope = _individual(server, machine=context.machine(given.value).id)
        elif key == "nic":
            scope = _individual_adapter(server, scope, given.value)
        elif key == "remove-config":
            scope = _remove_scope(server, scope)
        elif key not in ("network", "interface", "options"):
            _apply_to_scope(scope, given)


def _apply_to_scope(scope: DhcpConfig, given: Given) -> None:
    from app.settings.netservices import DhcpGroup, DhcpIndividual

    key, value = given.key, given.value
    if key in _LEASE_TIMES:
        setattr(scope, _LEASE_TIMES[key], number(given.spelling, value))
    elif key in ("set-opt", "set-opt-hex", "del-opt", "zap-options"):
        _apply_option(scope, given)
    elif key in _CODE_LISTS:
        field, add = _CODE_LISTS[key]
        code = str(number(given.spelling, value, most=255))
        codes = [each for each in getattr(scope, field).split() if each != code]
        setattr(scope, field, " ".join([*codes, code] if add else codes))
    elif key == "fixed-address":
        if not isinstance(scope, DhcpIndividual):
            raise UsageError("--fixed-address needs --mac-address or --vm before it")
        scope.fixed_address = value
    elif isinstance(scope, DhcpGroup):
        _apply_condition(scope, given)
    else:
        raise UsageError(f"{given.spelling} needs --group before it")


def _apply_option(scope: DhcpConfig, given: Given) -> None:
    from app.settings.netservices import DhcpOption

    if given.key == "zap-options":
        scope.options = []
        return
    code = number(given.spelling, given.value, most=255)
    scope.options = [option for option in scope.options if option.code != code]
    if given.key == "del-opt":
        return
    text = given.extra[0]
    is_hex = given.key == "set-opt-hex"
    if is_hex and not re.fullmatch(r"[0-9a-fA-F]{1,2}([: ]?[0-9a-fA-F]{2})*", text):
        raise UsageError(f"Invalid value for '{given.spelling}': '{text}' is not hexadecimal")
    scope.options.append(DhcpOption(code=code, value=text, encoding=int(is_hex)))


def _apply_condition(group: DhcpGroup, given: Given) -> None:
    from app.settings.netservices import DhcpCondition

    if given.key == "zap-conditions":
        group.conditions = []
        return
    how, _dash, kind = given.key.partition("-")
    type_ = _CONDITION_TYPES[kind]
    rest = [each for each in group.conditions if (each.type, each.value) != (type_, given.value)]
    if how != "del":
        rest.append(DhcpCondition(inclusive=how == "incl", type=type_, value=given.value))
    group.conditions = rest


def _group(server: DhcpServer, name: str) -> DhcpGroup:
    from app.settings.netservices import DhcpGroup

    for group in server.groups:
        if group.name == name:
            return group
    if not name:
        raise UsageError("A group needs a name")
    server.groups.append(DhcpGroup(name=name))
    return server.groups[-1]


def _individual(
    server: DhcpServer, *, mac_address: str = "", machine: str = "", slot: int = 0
) -> DhcpIndividual:
    from app.settings.netservices import DhcpIndividual

    wanted = (mac_address, machine, slot)
    for each in server.individuals:
        if (each.mac_address, each.machine, each.slot) == wanted:
            return each
    server.individuals.append(
        DhcpIndividual(mac_address=mac_address, machine=machine, slot=slot)
    )
    return server.individuals[-1]


def _individual_adapter(server: DhcpServer, scope: DhcpConfig, text: str) -> DhcpIndividual:
    """The scope of an adapter of the machine that the scope is about."""
    from app.settings.netservices import DhcpIndividual

    if not isinstance(scope, DhcpIndividual) or not scope.machine:
        raise UsageError("--nic needs --vm before it")
    slot = number("--nic", text, least=1, most=36) - 1
    if slot and scope == DhcpIndividual(machine=scope.machine, slot=scope.slot):
        # It was made for the first adapter, which was only meant until the number came.
        server.individuals.remove(scope)
    return _individual(server, machine=scope.machine, slot=slot)


def _remove_scope(server: DhcpServer, scope: DhcpConfig) -> DhcpConfig:
    if scope is server.global_config:
        raise UsageError("--remove-config cannot be applied to the global configuration")
    server.groups = [group for group in server.groups if group is not scope]
    server.individuals = [each for each in server.individuals if each is not scope]
    return server.global_config


def _mac(text: str) -> str:
    """A MAC address with colons, in lower case."""
    digits = re.sub(r"[:-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise UsageError(f"Invalid MAC address '{text}'")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))
