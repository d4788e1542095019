"""What is wrong with rules of port forwarding."""

from collections import Counter
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv4Address

from app.common.translation import tr
from app.settings.model import PortForwarding


def rule_problems(rules: Sequence[PortForwarding]) -> list[str]:
    """Return a sentence for everything that is wrong with RULES."""
    found = []
    for name, count in Counter(rule.name for rule in rules).items():
        if not name:
            found.append(tr("A port forwarding rule has no name."))
        elif count > 1:
            found.append(
                tr("{count} port forwarding rules are called “{name}”.").format(
                    count=count, name=name
                )
            )
    for rule in rules:
        found += _rule_problems(rule)
    return found + _overlaps(rules)


def _rule_problems(rule: PortForwarding) -> list[str]:
    found = []
    if not rule.host_port or not rule.guest_port:
        found.append(
            tr("The port forwarding rule “{name}” has the port 0.").format(name=rule.name)
        )
    for address in (rule.host_ip, rule.guest_ip):
        if address and not _is_address(address):
            text = tr("“{address}” in the port forwarding rule “{name}” is not an IPv4 address.")
            found.append(text.format(address=address, name=rule.name))
    return found


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _overlaps(rules: Sequence[PortForwarding]) -> list[str]:
    """Return which rules want the same port of the same address; none means all addresses."""
    found = []
    for number, rule in enumerate(rules):
        for other in rules[:number]:
            same = (rule.protocol, rule.host_port) == (other.protocol, other.host_port)
            meet = not rule.host_ip or not other.host_ip or rule.host_ip == other.host_ip
            if same and meet and rule.host_port:
                text = tr("The rules “{one}” and “{other}” forward the same port {port}.")
                found.append(text.format(one=other.name, other=rule.name, port=rule.host_port))
    return found
