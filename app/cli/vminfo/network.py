"""Network adapters with what they are attached to and their port forwarding rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.cli.output import on_off
from app.cli.vminfo.words import ATTACHMENTS, PROMISCUOUS_MODES
from app.cli.vminfo.writer import quoted
from app.settings.model import NetworkAdapter

if TYPE_CHECKING:
    from app.cli.vminfo import Subject
    from app.cli.vminfo.writer import InfoWriter
    from app.settings.model import NatSettings

_ADAPTERS: Final = {"PIIX3": 8, "ICH9": 36}
"""Network adapters of a chipset."""

_BUFFER_KB: Final = 64
"""Size of a NAT buffer that the settings leave at 0."""


def print_network(out: InfoWriter, subject: Subject) -> None:
    """All adapters that the chipset has room for."""
    hardware = subject.settings.hardware
    adapters = {adapter.slot: adapter for adapter in hardware.network_adapters}
    count = max([_ADAPTERS.get(hardware.chipset, 8), *(slot + 1 for slot in adapters)])
    for slot in range(count):
        adapter = adapters.get(slot)
        if adapter is None or not adapter.enabled:
            out.script(f"nic{slot + 1}", "none")
            out.caption(f"NIC {slot + 1}", "disabled")
        elif out.machine_readable:
            _print_keys(out, slot + 1, adapter)
        else:
            _print_lines(out, slot + 1, adapter)


def _print_keys(out: InfoWriter, number: int, adapter: NetworkAdapter) -> None:
    attachment = _attachment_key(number, adapter)
    if attachment is not None:
        out.script(*attachment)
    if adapter.attachment == "Generic":
        for key, value in sorted(adapter.generic_properties.items()):
            out.script(f"generic{number}_{key}", value)
    out.script(f"macaddress{number}", adapter.mac_address)
    out.script(f"cableconnected{number}", on_off(adapter.cable_connected))
    out.script(f"nic{number}", ATTACHMENTS.get(adapter.attachment, adapter.attachment.lower()))
    out.script(f"nictype{number}", adapter.type)
    out.script(f"nicspeed{number}", str(adapter.speed_kbps))
    if adapter.attachment != "NAT":
        return
    nat = adapter.nat
    out.script("mtu", str(nat.mtu))
    out.script("sockSnd", str(nat.socket_send_kb or _BUFFER_KB))
    out.script("sockRcv", str(nat.socket_receive_kb or _BUFFER_KB))
    out.script("tcpWndSnd", str(nat.tcp_send_kb or _BUFFER_KB))
    out.script("tcpWndRcv", str(nat.tcp_receive_kb or _BUFFER_KB))
    for index, rule in enumerate(nat.forwardings):
        protocol = "tcp" if rule.protocol else "udp"
        words = (
            rule.name, protocol, rule.host_ip, rule.host_port, rule.guest_ip, rule.guest_port
        )  # fmt: skip
        print(f"Forwarding({index})={quoted(','.join(map(str, words)))}")


def _attachment_key(number: int, adapter: NetworkAdapter) -> tuple[str, str] | None:
    """Key and value that name the network; None for an adapter that is not attached."""
    return {
        "NAT": (f"natnet{number}", adapter.nat.network or "nat"),
        "Bridged": (f"bridgeadapter{number}", adapter.bridged_interface),
        "Internal": (f"intnet{number}", adapter.internal_network),
        "HostOnly": (f"hostonlyadapter{number}", adapter.host_only_interface),
        "HostOnlyNetwork": (f"hostonly-network{number}", adapter.host_only_network),
        "Generic": (f"generic{number}", adapter.generic_driver),
        "NATNetwork": (f"nat-network{number}", adapter.nat_network),
        "Cloud": (f"cloud-network{number}", adapter.cloud_network),
    }.get(adapter.attachment)


def _print_lines(out: InfoWriter, number: int, adapter: NetworkAdapter) -> None:
    facts = (
        f"MAC: {adapter.mac_address}",
        f"Attachment: {_attachment_for_people(adapter)}",
        f"Cable connected: {on_off(adapter.cable_connected)}",
        f"Trace: {on_off(adapter.trace)} (file: {adapter.trace_file or 'none'})",
        f"Type: {adapter.type}",
        f"Reported speed: {adapter.speed_kbps // 1000} Mbps",
        f"Boot priority: {adapter.boot_priority}",
        "Promisc Policy: "
        + PROMISCUOUS_MODES.get(adapter.promiscuous_mode, adapter.promiscuous_mode),
        f"Bandwidth group: {adapter.bandwidth_group or 'none'}",
    )
    out.caption(f"NIC {number}", ", ".join(facts))
    if adapter.attachment == "NAT":
        _print_nat_lines(out, number, adapter.nat)


def _print_nat_lines(out: InfoWriter, number: int, nat: NatSettings) -> None:
    out.human(
        f"NIC {number} Settings:  MTU: {nat.mtu}, "
        f"Socket (send: {nat.socket_send_kb or _BUFFER_KB}, "
        f"receive: {nat.socket_receive_kb or _BUFFER_KB}), "
        f"TCP Window (send:{nat.tcp_send_kb or _BUFFER_KB}, "
        f"receive: {nat.tcp_receive_kb or _BUFFER_KB})"
    )
    for index, rule in enumerate(nat.forwardings):
        out.human(
            f"NIC {number} Rule({index}):   name = {rule.name}, "
            f"protocol = {'tcp' if rule.protocol else 'udp'}, host ip = {rule.host_ip}, "
            f"host port = {rule.host_port}, guest ip = {rule.guest_ip}, "
            f"guest port = {rule.guest_port}"
        )


def _attachment_for_people(adapter: NetworkAdapter) -> str:
    match adapter.attachment:
        case "Null":
            return "none"
        case "NAT":
            return f"NAT ({adapter.nat.network})" if adapter.nat.network else "NAT"
        case "Bridged":
            return f"Bridged Interface '{adapter.bridged_interface}'"
        case "Internal":
            return f"Internal Network '{adapter.internal_network}'"
        case "HostOnly":
            return f"Host-only Interface '{adapter.host_only_interface}'"
        case "HostOnlyNetwork":
            return f"Host Only Network '{adapter.host_only_network}'"
        case "NATNetwork":
            return f"NAT Network '{adapter.nat_network}'"
        case "Cloud":
            return f"Cloud Network '{adapter.cloud_network}'"
        case "Generic":
            properties = sorted(adapter.generic_properties.items())
            text = ", ".join(f"{key}='{value}'" for key, value in properties)
            return f"Generic '{adapter.generic_driver}'" + (f" {{ {text} }}" if text else "")
        case other:
            return other
