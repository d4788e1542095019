"""What makes the settings of a network valid: sentences for people, empty when nothing is wrong.

The service checks all of it once more; here it is said beside the field while somebody types.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from app.common.translation import tr
from app.settings.network import PortForwarding

_LONGEST_NAT_PREFIX = 28
_SHORTEST_NAT_PREFIX = 8
_IPV6_PREFIX = 64
_SMALLEST_SERVED = 8


def is_ipv4(text: str) -> bool:
    """Whether TEXT is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def is_ipv6(text: str) -> bool:
    """Whether TEXT is an IPv6 address."""
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def is_mask(text: str) -> bool:
    """Whether TEXT is an IPv4 network mask: ones, then zeros."""
    if not is_ipv4(text):
        return False
    inverse = ~int(ipaddress.IPv4Address(text)) & 0xFFFFFFFF
    return inverse & (inverse + 1) == 0


def prefix_length(mask: str) -> int:
    """Return the bits of the network in MASK, which is one."""
    return int(ipaddress.IPv4Address(mask)).bit_count()


def adapter_problem(
    address: str, mask: str, ipv6_address: str, ipv6_prefix_length: int
) -> str:
    """Return what is wrong with the addresses of a host-only interface."""
    if not is_ipv4(address):
        return tr("“{text}” is not an IPv4 address.").format(text=address)
    if not is_mask(mask):
        return tr("“{text}” is not a network mask such as 255.255.255.0.").format(text=mask)
    if ipv6_address and not is_ipv6(ipv6_address):
        return tr("“{text}” is not an IPv6 address.").format(text=ipv6_address)
    if ipv6_address and not 1 <= ipv6_prefix_length <= 128:
        return tr("The length of the IPv6 prefix must be 1 to 128.")
    return ""


def dhcp_problem(address: str, mask: str, lower: str, upper: str) -> str:
    """Return what is wrong with the addresses of a DHCP server."""
    if not is_ipv4(address):
        return tr("The server address “{text}” is not an IPv4 address.").format(text=address)
    if not is_mask(mask):
        return tr("The server mask “{text}” is not a network mask.").format(text=mask)
    network = ipaddress.IPv4Network(f"{address}/{mask}", strict=False)
    for bound in (lower, upper):
        if not is_ipv4(bound):
            text = tr("The address bound “{text}” is not an IPv4 address.")
            return text.format(text=bound)
        if ipaddress.IPv4Address(bound) not in network:
            text = tr("The address bound {bound} is not in the network {network}.")
            return text.format(bound=bound, network=network)
    if ipaddress.IPv4Address(lower) > ipaddress.IPv4Address(upper):
        return tr("The lower address bound is above the upper one.")
    if lower == upper == address:
        return tr("The server has no address to give away.")
    return ""


def suggested_dhcp(address: str, mask: str) -> tuple[str, str, str, str]:
    """Return server address, mask and bounds for the network of an interface.

    In a network of 256 addresses or more the server is .100 and serves .101 to .254, as VirtualBox
    has it; in a smaller one it takes the middle. What is no address, or a network that has no room
    for adapter, server and clients, gives empty texts.
    """
    if not is_ipv4(address) or not is_mask(mask):
        return "", "", "", ""
    network = ipaddress.IPv4Network(f"{address}/{mask}", strict=False)
    if network.num_addresses < _SMALLEST_SERVED:
        return "", "", "", ""
    first, last = int(network[0]), int(network[-1])
    if network.num_addresses >= 256:
        server, upper = first + 100, first + 254
    else:
        server, upper = first + network.num_addresses // 2, last - 1
    lower = min(server + 1, upper)
    words = (str(ipaddress.IPv4Address(number)) for number in (server, lower, upper))
    server_text, lower_text, upper_text = words
    return server_text, mask, lower_text, upper_text


def nat_problem(name: str, prefix: str, ipv6_prefix: str, taken: Sequence[str]) -> str:
    """Return what is wrong with a NAT network.

    Args:
        name: its name.
        prefix: its IPv4 network.
        ipv6_prefix: its IPv6 network; empty: one is made from the IPv4 one.
        taken: names of other NAT networks.
    """
    if not name.strip():
        return tr("The network needs a name.")
    if name in taken:
        return tr("There is a NAT network named “{name}” already.").format(name=name)
    try:
        network = ipaddress.IPv4Network(prefix, strict=False)
    except ValueError:
        return tr("“{text}” is not an IPv4 network such as 10.0.2.0/24.").format(text=prefix)
    if not _SHORTEST_NAT_PREFIX <= network.prefixlen <= _LONGEST_NAT_PREFIX:
        return tr("The IPv4 prefix must be /8 to /28.")
    if ipv6_prefix:
        try:
            ipv6 = ipaddress.IPv6Network(ipv6_prefix, strict=False)
        except ValueError:
            text = tr("“{text}” is not an IPv6 network such as fd17:625c:f037:2::/64.")
            return text.format(text=ipv6_prefix)
        if ipv6.prefixlen != _IPV6_PREFIX:
            return tr("The IPv6 prefix must be a /64.")
    return ""


def forwarding_problem(
    rules: Sequence[PortForwarding], *, ipv6: bool = False, guest_needed: bool = False
) -> str:
    """Return what is wrong with port-forwarding rules.

    Args:
        rules: all rules of a network or an adapter.
        ipv6: addresses are IPv6 ones.
        guest_needed: the address of the guest may not be empty, as there are several guests.
    """
    names: set[str] = set()
    for rule in rules:
        problem = _rule_problem(rule, ipv6=ipv6, guest_needed=guest_needed)
        if problem:
            return problem
        if rule.name in names:
            return tr("Two rules are named “{name}”.").format(name=rule.name)
        names.add(rule.name)
    return _overlap_problem(rules)


def _rule_problem(rule: PortForwarding, *, ipv6: bool, guest_needed: bool) -> str:
    valid = is_ipv6 if ipv6 else is_ipv4
    if not rule.name.strip():
        return tr("Every rule needs a name.")
    if not rule.host_port or not rule.guest_port:
        return tr("The rule “{name}” needs a host port and a guest port, 1 to 65535.").format(
            name=rule.name
        )
    for address in (rule.host_ip, rule.guest_ip):
        if address and not valid(address):
            text = tr("“{text}” in the rule “{name}” is not an IPv4 address.")
            if ipv6:
                text = tr("“{text}” in the rule “{name}” is not an IPv6 address.")
            return text.format(text=address, name=rule.name)
    if guest_needed and not rule.guest_ip:
        return tr("The rule “{name}” needs the address of the guest.").format(name=rule.name)
    return ""


def _overlap_problem(rules: Sequence[PortForwarding]) -> str:
    # A rule without an address takes the port at all addresses of the host.
    for place, rule in enumerate(rules):
        for other in rules[:place]:
            if (rule.protocol, rule.host_port) != (other.protocol, other.host_port):
                continue
            if not rule.host_ip or not other.host_ip or rule.host_ip == other.host_ip:
                text = tr("The rules “{one}” and “{other}” take the same port of the host.")
                return text.format(one=other.name, other=rule.name)
    return ""
