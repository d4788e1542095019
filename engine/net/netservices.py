"""Services of a network of machines, plugged into its switch: NAT, DHCP, an interface of the host.

What a network has stands in a file beside its socket, which another program writes; the process of
the network reads it when it starts and when it is asked to.
"""

from __future__ import annotations

from collections import deque
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from engine.errors import EngineError
from engine.net import hostinterface
from engine.net.config import Forward, NatConfig, Places
from engine.net.dhcp import CLIENT_PORT, SERVER_PORT, DhcpServer, DhcpSettings
from engine.net.dhcprules import Condition, DhcpRule
from engine.net.guest import ROUTER_MAC
from engine.net.nat import Nat
from engine.net.packets import (
    ARP_REPLY,
    ARP_REQUEST,
    ETHERNET_HEADER,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    UDP,
    build_arp,
    build_frame,
    build_ip,
    build_udp,
    parse_arp,
    parse_ip,
    parse_udp,
)
from engine.net.switch import Port, Switch
from engine.net.tap import Tap, configure

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm.interfaces import NetworkLink

SERVER_MAC: Final = bytes.fromhex("525400123503")

# The router is .1 as in VirtualBox, which names it as the name server too; .2 is left for the
# host's loopback, which it maps there.
_PLACES: Final = Places(gateway=1, name_server=1, tftp_server=1, first_lease=4)


class NatService(msgspec.Struct, frozen=True, kw_only=True):
    """NAT of a network.

    Attributes:
        network: IPv4 network.
        dhcp: it has a DHCP server.
        forwards: rules as `Forward.parse` takes them.
        loopbacks: loopback addresses of the host, by their distance from the network's start.
    """

    network: str
    dhcp: bool = True
    forwards: list[str] = []
    loopbacks: dict[int, str] = {}


class ConditionOfClients(msgspec.Struct, frozen=True, kw_only=True):
    """A property of clients; see `engine.net.dhcprules.Condition`."""

    what: int
    value: str
    pattern: bool = False
    inclusive: bool = True


class DhcpRuleService(msgspec.Struct, frozen=True, kw_only=True):
    """What is different for some clients of a DHCP server.

    Attributes:
        conditions: who they are.
        options: what they are told, in hexadecimal digits, by code.
        suppressed: codes of what they are not told.
        lease_seconds: how long they are given an address; 0: nothing different.
    """

    conditions: list[ConditionOfClients]
    options: dict[int, str] = {}
    suppressed: list[int] = []
    lease_seconds: int = 0


class DhcpService(msgspec.Struct, frozen=True, kw_only=True):
    """DHCP server of a network.

    Attributes:
        address: its own. mask: of the network. lower: first address given. upper: last one.
        lease_seconds: how long an address is given.
        fixed: addresses of certain clients, by MAC address in hexadecimal digits.
        options: what is told, in hexadecimal digits, by code.
        rules: what is different for some clients, the most particular ones first.
    """

    address: str
    mask: str
    lower: str
    upper: str
    lease_seconds: int = 86400
    fixed: dict[str, str] = {}
    options: dict[int, str] = {}
    rules: list[DhcpRuleService] = []


class TapService(msgspec.Struct, frozen=True, kw_only=True):
    """The host in a network, by a TAP interface.

    Attributes:
        name: of the interface. address: IPv4 address of the host; empty: as it is. mask: likewise.
        mac: address of a new interface's adapter, in hexadecimal digits.
        persistent: the interface stays when the network's process has left.
    """

    name: str
    address: str = ""
    mask: str = ""
    mac: str = ""
    persistent: bool = True


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """All services of a network."""

    nat: NatService | None = None
    dhcp: DhcpService | None = None
    tap: TapService | None = None


class DhcpHost:
    """A host of the network that serves DHCP and nothing else; a NetworkLink."""

    def __init__(self, settings: DhcpSettings) -> None:
        self._server = DhcpServer(settings)
        self._address = settings.server.packed
        self._receiver: Callable[[bytes], None] | None = None

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have answers given to ``receiver``, from within `transmit`."""
        self._receiver = receiver

    def transmit(self, frame: bytes) -> None:
        """Answer a frame of the network."""
        kind = int.from_bytes(frame[12:14], "big")
        if kind == ETHERTYPE_ARP:
            arp = parse_arp(frame[ETHERNET_HEADER:])
            if arp and arp.operation == ARP_REQUEST and arp.target_ip == self._address:
                answer = build_arp(
                    ARP_REPLY, (SERVER_MAC, self._address), (arp.sender_mac, arp.sender_ip)
                )
                self._send(arp.sender_mac, ETHERTYPE_ARP, answer)
        elif kind == ETHERTYPE_IP:
            packet = parse_ip(frame[ETHERNET_HEADER:])
            whole = packet is not None and not packet.offset and not packet.more
            datagram = parse_udp(packet) if packet and whole and packet.protocol == UDP else None
            if datagram is not None and datagram.destination_port == SERVER_PORT:
                self._on_dhcp(datagram.payload)

    def _on_dhcp(self, payload: bytes) -> None:
        reply = self._server.answer(payload)
        if reply is None:
            return
        source = (self._address, SERVER_PORT)
        message = build_udp(source, (reply.ip, CLIENT_PORT), reply.payload)
        for packet in build_ip(UDP, source[0], reply.ip, message, 0):
            self._send(reply.mac, ETHERTYPE_IP, packet)

    def _send(self, mac: bytes, ethertype: int, payload: bytes) -> None:
        if self._receiver is not None:
            self._receiver(build_frame(mac, SERVER_MAC, ethertype, payload))


class ServicesOfNetwork:
    """What of the host is plugged into a switch. For the thread of the switch.

    Args:
        switch: of the network.
        path: file with the settings, see `Services`; need not exist.
        wake: has `deliver` called soon on the switch's thread; any thread may call it.
    """

    def __init__(self, switch: Switch, path: Path, wake: Callable[[], None]) -> None:
        self._switch = switch
        self._path = path
        self._wake = wake
        self._now = Services()
        self._nat: tuple[Nat, Port] | None = None
        self._dhcp: Port | None = None
        self._tap: tuple[Tap, Port] | None = None
        self._frames: deque[tuple[Port, bytes]] = deque()

    def reload(self) -> str:
        """Follow the settings; returns a sentence about what is wrong with them, else nothing."""
        try:
            data = self._path.read_bytes() if self._path.exists() else b"{}"
            wanted = msgspec.json.decode(data, type=Services)
            problem = self._follow_nat(wanted.nat)
            self._follow_dhcp(wanted.dhcp)
            problem = f"{problem} {self._follow_tap(wanted.tap)}".strip()
        except (OSError, ValueError, EngineError) as error:
            self.stop()
            return f"The services of the network cannot run: {error}"
        self._now = wanted
        return problem

    def stop(self) -> None:
        """Plug all services out."""
        self._end_nat()
        self._follow_dhcp(None)
        self._end_tap()
        self._now = Services()

    def deliver(self) -> None:
        """Give what the NAT and the host have sent to the network."""
        while self._frames:
            port, frame = self._frames.popleft()
            if port in self._switch.ports:
                self._switch.forward(frame, port)

    def _follow_nat(self, wanted: NatService | None) -> str:
        old = self._now.nat
        if wanted is None:
            self._end_nat()
            return ""
        if self._nat is None or old is None or old != msgspec.structs.replace(
            wanted, forwards=old.forwards
        ):
            self._end_nat()
            nat = Nat(_nat_config(wanted))
            port = Port(nat.transmit, ROUTER_MAC, is_host=True)
            self._plug_in(nat, port)
            self._nat = nat, port
        return _follow_forwards(self._nat[0], wanted.forwards)

    def _plug_in(self, link: NetworkLink, port: Port) -> None:
        """Connect a port with a link that has a thread of its own."""

        def take(frame: bytes) -> None:
            self._frames.append((port, frame))
            self._wake()

        link.set_receiver(take)
        self._switch.add(port)

    def _end_nat(self) -> None:
        if self._nat is not None:
            nat, port = self._nat
            self._nat = None
            self._switch.remove(port)
            nat.close()  # its successor may want the same ports of the host

    def _follow_tap(self, wanted: TapService | None) -> str:
        old = self._now.tap
        if wanted is None:
            self._end_tap()
            return ""
        replaced = old is None or (old.name, old.persistent) != (wanted.name, wanted.persistent)
        if self._tap is None or replaced:
            self._end_tap()
            try:
                tap = Tap(wanted.name, persistent=wanted.persistent, mac=bytes.fromhex(wanted.mac))
            except EngineError as error:
                return str(error)  # the machines reach each other
            port = Port(tap.transmit, hostinterface.mac(tap.name), is_host=True)
            self._plug_in(tap, port)
            self._tap = tap, port
        return configure(self._tap[0], wanted.address, wanted.mask)

    def _end_tap(self) -> None:
        if self._tap is not None:
            tap, port = self._tap
            self._tap = None
            self._switch.remove(port)
            tap.close()

    def _follow_dhcp(self, wanted: DhcpService | None) -> None:
        if wanted == self._now.dhcp:
            return
        if self._dhcp is not None:
            self._switch.remove(self._dhcp)
            self._dhcp = None
        if wanted is None:
            return
        host = DhcpHost(_dhcp_settings(wanted))
        port = Port(host.transmit, SERVER_MAC, is_host=True)
        host.set_receiver(lambda frame: self._switch.forward(frame, port))
        self._switch.add(port)
        self._dhcp = port


def _nat_config(service: NatService) -> NatConfig:
    network = IPv4Network(service.network)
    loopbacks = {
        network.network_address + offset: str(IPv4Address(host))
        for offset, host in service.loopbacks.items()
        if 0 < offset < network.num_addresses - 1
    }
    return NatConfig(network, places=_PLACES, dhcp=service.dhcp, loopbacks=loopbacks)


def _follow_forwards(nat: Nat, wanted: list[str]) -> str:
    """Open and close forwarded ports; returns what could not be opened, as sentences."""
    rules = [Forward.parse(text) for text in wanted]
    present = nat.forwards()
    for rule in present:
        if rule not in rules:
            nat.remove_forward(rule.name)
    problems = []
    for rule in rules:
        if rule not in present:
            try:
                nat.add_forward(rule)
            except EngineError as error:
                problems.append(str(error))
    return " ".join(problems)


def _dhcp_settings(service: DhcpService) -> DhcpSettings:
    return DhcpSettings(
        network=IPv4Network(f"{service.address}/{service.mask}", strict=False),
        server=IPv4Address(service.address),
        first=IPv4Address(service.lower),
        last=IPv4Address(service.upper),
        lease_seconds=service.lease_seconds,
        fixed={
            bytes.fromhex(mac): IPv4Address(address).packed
            for mac, address in service.fixed.items()
        },
        options=_options(service.options),
        rules=[_rule(each) for each in service.rules],
    )


def _rule(service: DhcpRuleService) -> DhcpRule:
    return DhcpRule(
        [Condition(*msgspec.structs.astuple(each)) for each in service.conditions],
        _options(service.options),
        frozenset(service.suppressed),
        service.lease_seconds,
    )


def _options(service: dict[int, str]) -> dict[int, bytes]:
    return {code: bytes.fromhex(value)[:255] for code, value in service.items()}
