"""``natnetwork``: networks behind one address translation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from app.cli.commands import command
from app.cli.errors import CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import choice, number, print_block, switch, yes_no

if TYPE_CHECKING:
    from app.cli.context import Context
    from app.cli.options import Arguments, Given
    from app.settings.installation import NatNetwork
    from app.settings.network import PortForwarding

_WIDTH: Final = 14
_PROTOCOLS: Final = {"udp": 0, "tcp": 1}
_PROTOCOL_NAMES: Final = ("udp", "tcp")

_RULE: Final = re.compile(
    r"(?P<name>[^:]+):(?P<protocol>[^:]+):\[(?P<host_ip>[^\]]*)\]:(?P<host_port>\d+)"
    r":\[(?P<guest_ip>[^\]]*)\]:(?P<guest_port>\d+)"
)

_NAME: Final = Option(("--netname", "-t"), "name", "Name of the network.")
_OPTIONS: Final = (
    _NAME,
    Option(
        ("--network", "--ipv4-prefix", "-n"), "network", "IPv4 network, such as 10.0.2.0/24."
    ),
    Option(("--enable", "-e"), help="Machines can use the network."),
    Option(("--disable", "-d"), help="Machines cannot use the network."),
    Option(("--dhcp", "-h"), "on|off", "Whether the network has a DHCP server."),
    Option(("--ipv6", "--ipv6-enable", "-6"), "on|off", "Whether the network has IPv6."),
    Option(("--ipv6-prefix",), "prefix", "IPv6 network, a /64."),
    Option(("--ipv6-default",), "on|off", "Whether guests get a default route for IPv6."),
    Option(
        ("--port-forward-4", "-p"), "rule",
        "Port of the host that leads into the network: "
        "'name:tcp:[host address]:host port:[guest address]:guest port'; 'delete' and a name "
        "remove one.",
    ),
    Option(("--port-forward-6", "-P"), "rule", "The same with IPv6 addresses."),
    Option(
        ("--loopback-4", "-l"), "rule",
        "Loopback address of the host that guests reach: '127.0.0.1=2'; 'delete' and an address "
        "remove one.",
    ),
    Option(("--loopback-6", "-L"), "offset", "Where guests reach the host's IPv6 loopback."),
    Option(("--delete-port-forward-4",), "name", hidden=True),
    Option(("--delete-port-forward-6",), "name", hidden=True),
    Option(("--delete-loopback-4",), "address", hidden=True),
)  # fmt: skip

_DELETING: Final = {
    "--port-forward-4": "--delete-port-forward-4",
    "-p": "--delete-port-forward-4",
    "--port-forward-6": "--delete-port-forward-6",
    "-P": "--delete-port-forward-6",
    "--loopback-4": "--delete-loopback-4",
    "-l": "--delete-loopback-4",
}
"""Options after which ``delete`` takes another word."""

_natnetwork: Final = Subcommands()


@command(
    "natnetwork",
    "Create, change, list and remove NAT networks.",
    usage=(
        ("natnetwork add --netname=<name> --network=<network> [--enable | --disable] "
        "[--dhcp=<on | off>] [--port-forward-4=<rule>] [--loopback-4=<rule>] [--ipv6=<on | off>] "
        "[--port-forward-6=<rule>] [--loopback-6=<offset>]"),
        "natnetwork list [<pattern>]",
        ("natnetwork modify --netname=<name> [<the options of add>] "
        "[--port-forward-4 delete <name>] [--loopback-4 delete <address>]"),
        "natnetwork remove --netname=<name>",
        "natnetwork start --netname=<name>",
        "natnetwork stop --netname=<name>",
    ),
    options=_OPTIONS,
    raw=True,
)
def natnetwork(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    return _natnetwork.run(context, arguments)


def print_nat_network(network: NatNetwork, *, long: bool) -> None:
    """Print a block about a network; ``long``: with its rules."""
    lines: list[tuple[str, object]] = [("Name", network.name)]
    if long:
        lines.append(("Enabled", yes_no(network.enabled)))
    lines += [
        ("Network", network.network),
        ("Gateway", _gateway(network.network)),
        ("DHCP Server", yes_no(network.need_dhcp)),
        ("IPv6", yes_no(network.ipv6)),
        ("IPv6 Prefix", network.ipv6_prefix),
        ("IPv6 Default", yes_no(network.advertise_ipv6_route)),
    ]
    print_block(lines, _WIDTH)
    if long:
        _print_list("Port-forwarding (ipv4)", map(_rule_text, network.forwardings))
        _print_list("Port-forwarding (ipv6)", map(_rule_text, network.forwardings6))
        _print_list(
            "loopback mappings (ipv4)",
            (f"{mapping.address}={mapping.offset}" for mapping in network.loopbacks),
        )
    print()


def _gateway(prefix: str) -> str:
    """The address that the network's own service has: the first one."""
    import ipaddress

    return str(ipaddress.IPv4Network(prefix, strict=False).network_address + 1) if prefix else ""


def _print_list(caption: str, lines: Iterable[str]) -> None:
    for position, line in enumerate(lines):
        if not position:
            print(caption)
        print(f"        {line}")


def _rule_text(rule: PortForwarding) -> str:
    return (
        f"{rule.name}:{_PROTOCOL_NAMES[rule.protocol]}:[{rule.host_ip}]:{rule.host_port}"
        f":[{rule.guest_ip}]:{rule.guest_port}"
    )


def _with_deleting(words: list[str]) -> Iterable[str]:
    """The words with an option of its own for each ``--port-forward-4 delete NAME``."""
    position = 0
    while position < len(words):
        word = words[position]
        if word in _DELETING and words[position + 1 : position + 2] == ["delete"]:
            yield _DELETING[word]
            position += 2
        else:
            yield word
            position += 1


@_natnetwork.add("add", options=_OPTIONS, prepare=_with_deleting)
def _add(context: Context, arguments: Arguments) -> None:
    from app.settings.installation import NatNetwork

    arguments.at_most(0)
    name = _name(arguments)
    prefix = arguments.get("network")
    if prefix is None:
        raise UsageError("You need to specify the --network option")
    network = NatNetwork(name=name, network=prefix)
    _apply(network, arguments)
    if any(each.name == name for each in context.client.nat_networks.list_all()):
        raise CommandError("NATNetwork server already exists")
    context.client.nat_networks.create(network)


@_natnetwork.add("modify", options=_OPTIONS, prepare=_with_deleting)
def _modify(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    network = _find(context, _name(arguments))
    _apply(network, arguments)
    context.client.nat_networks.modify(network)


@_natnetwork.add("remove", options=[_NAME])
def _remove(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.nat_networks.remove(_find(context, _name(arguments)).name)


@_natnetwork.add("start", options=[_NAME])
def _start(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.nat_networks.start(_find(context, _name(arguments)).name)


@_natnetwork.add("stop", options=[_NAME])
def _stop(context: Context, arguments: Arguments) -> None:
    arguments.at_most(0)
    context.client.nat_networks.stop(_find(context, _name(arguments)).name)


@_natnetwork.add("list")
def _list(context: Context, arguments: Arguments) -> None:
    import fnmatch

    arguments.at_most(1)
    pattern = arguments.words[0] if arguments.words else "*"
    print("NAT Networks:\n")
    found = [
        network
        for network in context.client.nat_networks.list_all()
        if fnmatch.fnmatchcase(network.name, pattern)
    ]
    for network in found:
        print_nat_network(network, long=True)
    print(f"{len(found)} {'network' if len(found) == 1 else 'networks'} found")


def _name(arguments: Arguments) -> str:
    name = arguments.get("netname")
    if name is None:
        raise UsageError("You need to specify the --netname option")
    return name


def _find(context: Context, name: str) -> NatNetwork:
    for network in context.client.nat_networks.list_all():
        if network.name == name:
            return network
    raise CommandError("NATNetwork server does not exist")


def _apply(network: NatNetwork, arguments: Arguments) -> None:
    if arguments.has("enable") and arguments.has("disable"):
        raise UsageError("You can specify either --enable or --disable once.")
    for given in arguments.given:
        _apply_option(network, given)


def _apply_option(network: NatNetwork, given: Given) -> None:
    key, value = given.key, given.value
    if key == "network":
        network.network = value
    elif key in ("enable", "disable"):
        network.enabled = key == "enable"
    elif key == "dhcp":
        network.need_dhcp = switch(key, value)
    elif key == "ipv6":
        network.ipv6 = switch(key, value)
    elif key == "ipv6-prefix":
        network.ipv6_prefix = value
    elif key == "ipv6-default":
        network.advertise_ipv6_route = switch(key, value)
    elif key == "loopback-6":
        network.loopback6 = number(key, value)
    elif key in ("port-forward-4", "delete-port-forward-4"):
        network.forwardings = _with_rule(network.forwardings, given)
    elif key in ("port-forward-6", "delete-port-forward-6"):
        network.forwardings6 = _with_rule(network.forwardings6, given)
    elif key == "loopback-4":
        _add_loopback(network, value)
    elif key == "delete-loopback-4":
        network.loopbacks = [each for each in network.loopbacks if each.address != value]


def _with_rule(rules: list[PortForwarding], given: Given) -> list[PortForwarding]:
    """The rules with another one, or without one."""
    from app.settings.network import PortForwarding

    if given.key.startswith("delete"):
        rest = [rule for rule in rules if rule.name != given.value]
        if len(rest) == len(rules):
            raise CommandError(f"There is no port-forward rule '{given.value}'")
        return rest
    match = _RULE.fullmatch(given.value)
    if match is None:
        raise UsageError(f"Invalid port-forward rule {given.value}")
    if any(rule.name == match["name"] for rule in rules):
        raise CommandError(f"A port-forward rule '{match['name']}' exists already")
    rule = PortForwarding(
        name=match["name"],
        protocol=choice("protocol", match["protocol"], _PROTOCOLS),
        host_ip=match["host_ip"],
        host_port=number("host port", match["host_port"], least=1, most=65535),
        guest_ip=match["guest_ip"],
        guest_port=number("guest port", match["guest_port"], least=1, most=65535),
    )
    return [*rules, rule]


def _add_loopback(network: NatNetwork, text: str) -> None:
    from app.settings.netservices import LoopbackMapping

    address, equals, offset = text.partition("=")
    if not equals:
        raise UsageError(f"Invalid loopback mapping '{text}'")
    rest = [each for each in network.loopbacks if each.address != address]
    mapping = LoopbackMapping(address=address, offset=number("loopback-4", offset))
    network.loopbacks = [*rest, mapping]
