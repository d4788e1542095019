"""Options of ``modifyvm`` for network adapters."""

from __future__ import annotations

import ipaddress
import re
import secrets
from typing import TYPE_CHECKING, Final

from app.cli.commands.modifyvm_draft import MAX_NICS, Draft, bad_format, invalid, modifies, number
from app.cli.errors import UsageError
from app.settings import cliwords
from app.settings.enums import Attachment
from app.settings.network import PortForwarding
from app.settings.values import BadValueError

if TYPE_CHECKING:
    from app.cli.options import Given

MAC_PREFIX: Final = "080027"
"""Vendor part of the addresses that VirtualBox gives its adapters."""

_MAC: Final = re.compile(r"[0-9A-F][02468ACE][0-9A-F]{10}")
_PROTOCOLS: Final = {"udp": 0, "tcp": 1}


def new_mac_address() -> str:
    """A random address of twelve hexadecimal digits."""
    return f"{MAC_PREFIX}{secrets.randbelow(1 << 24):06X}"


@modifies(
    "nic", indexed=MAX_NICS,
    value="none | " + " | ".join(cliwords.words(Attachment)),
)  # fmt: skip
def _nic(draft: Draft, given: Given) -> None:
    adapter = draft.adapter(given.index)
    if given.value.lower() == "none":
        adapter.enabled = False
        return
    try:
        adapter.attachment = cliwords.from_word(Attachment, given.value)
    except BadValueError as error:
        raise UsageError(
            f"Invalid type '{given.value}' specified for NIC {given.index}"
        ) from error
    adapter.enabled = True
    if not adapter.mac_address:
        adapter.mac_address = new_mac_address()


@modifies("mac-address", indexed=MAX_NICS, value="auto | MAC")
def _mac_address(draft: Draft, given: Given) -> None:
    adapter = draft.adapter(given.index)
    if given.value.lower() == "auto":
        adapter.mac_address = new_mac_address()
        return
    address = re.sub("[:-]", "", given.value).upper()
    if len(address) != 12:
        raise invalid("Invalid MAC address format")
    if _MAC.fullmatch(address) is None:
        raise invalid(
            f"The MAC address '{given.value}' is not one of twelve hexadecimal digits whose "
            "second one is even"
        )
    adapter.mac_address = address


@modifies("nic-bandwidth-group", indexed=MAX_NICS, value="none | name")
def _bandwidth_group(draft: Draft, given: Given) -> None:
    name = "" if given.value.lower() == "none" else given.value
    groups = {group.name: group for group in draft.hardware.bandwidth_groups}
    if name and name not in groups:
        raise invalid(f"Could not find a bandwidth group named '{name}'")
    if name and groups[name].type != "Network":
        raise invalid(f"Bandwidth group '{name}' is not intended for network adapters")
    draft.adapter(given.index).bandwidth_group = name


@modifies("nic-property", indexed=MAX_NICS, value="name=[value]")
def _property(draft: Draft, given: Given) -> None:
    name, separator, text = given.value.partition("=")
    if not separator or not name:
        raise UsageError(f"Invalid --nic-property{given.index} argument '{given.value}'")
    properties = draft.adapter(given.index).generic_properties
    if text:
        properties[name] = text
    else:
        properties.pop(name, None)


@modifies("nat-settings", indexed=MAX_NICS, value="mtu,socksnd,sockrcv,tcpsnd,tcprcv")
def _nat_settings(draft: Draft, given: Given) -> None:
    texts = given.value.split(",")
    if len(texts) != 5:
        raise UsageError(f"Invalid --nat-settings{given.index} argument '{given.value}'")
    sizes = [number(given, text.strip() or "0") for text in texts]
    if not 0 <= sizes[0] <= 65535 or any(not 0 <= size <= 1 << 20 for size in sizes):
        raise invalid(f"Invalid NAT settings '{given.value}': a size is out of range")
    nat = draft.adapter(given.index).nat
    nat.mtu, nat.socket_send_kb, nat.socket_receive_kb, nat.tcp_send_kb, nat.tcp_receive_kb = sizes


@modifies("nat-alias-mode", indexed=MAX_NICS, value="default | [log],[proxyonly],[sameports]")
def _alias_mode(draft: Draft, given: Given) -> None:
    wanted = {word.strip().lower() for word in given.value.split(",")} - {"default", ""}
    unknown = wanted - {"log", "proxyonly", "sameports"}
    if unknown:
        raise UsageError(f"Invalid --nat-alias-mode{given.index} argument '{given.value}'")
    nat = draft.adapter(given.index).nat
    nat.alias_logging = "log" in wanted
    nat.alias_proxy_only = "proxyonly" in wanted
    nat.alias_use_same_ports = "sameports" in wanted


@modifies(
    "nat-pf", indexed=MAX_NICS, begins_extra=frozenset({"delete"}), extra=("rule name",),
    value="[name],tcp | udp,[hostip],hostport,[guestip],guestport | delete",
)  # fmt: skip
def _port_forwarding(draft: Draft, given: Given) -> None:
    rules = draft.adapter(given.index).nat.forwardings
    if given.extra:
        name = given.extra[0]
        kept = [rule for rule in rules if rule.name != name]
        if len(kept) == len(rules):
            raise invalid(f"NIC {given.index} has no NAT rule named '{name}'")
        rules[:] = kept
        return
    rule = parse_rule(given)
    if any(each.name == rule.name for each in rules):
        raise invalid("A NAT rule of this name already exists")
    endpoint = (rule.protocol, rule.host_ip, rule.host_port)
    if any((each.protocol, each.host_ip, each.host_port) == endpoint for each in rules):
        raise invalid("A NAT rule for this host port and this host IP already exists")
    rules.append(rule)


def parse_rule(given: Given) -> PortForwarding:
    """The rule ``[name],tcp|udp,[hostip],hostport,[guestip],guestport``.

    Raises:
        UsageError: It is not of this form.
        ApiError: A port or an address is not one.
    """
    parts = [part.strip() for part in given.value.split(",")]
    if len(parts) != 6:
        raise UsageError(
            f"Invalid port forwarding rule '{given.value}': six parts separated by commas are "
            "expected (name,protocol,hostip,hostport,guestip,guestport)"
        )
    name, protocol, host_ip, host_port, guest_ip, guest_port = parts
    if protocol.lower() not in _PROTOCOLS:
        raise UsageError(f"Invalid proto '{protocol}' specified for NIC {given.index}")
    ports = [_port(given, text) for text in (host_port, guest_port)]
    for address in (host_ip, guest_ip):
        _check_address(address)
    return PortForwarding(
        name=name or f"{protocol.lower()}_{ports[0]}_{ports[1]}",
        protocol=_PROTOCOLS[protocol.lower()],
        host_ip=host_ip,
        host_port=ports[0],
        guest_ip=guest_ip,
        guest_port=ports[1],
    )


def _port(given: Given, text: str) -> int:
    if not text.isdecimal():
        raise bad_format(given, text)
    port = int(text)
    if not 0 < port <= 65535:
        raise invalid(f"Invalid port number '{text}' (must be in range [1, 65535])")
    return port


def _check_address(text: str) -> None:
    try:
        ipaddress.ip_address(text or "0.0.0.0")
    except ValueError as error:
        raise invalid(f"'{text}' is not an IP address") from error
