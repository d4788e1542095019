"""Settings of the NAT driver, from its CFGM node; see ``engine.net`` for the keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.cfgm import Node

_PREFIXES: Final = range(8, 28)  # all of .2 to .15 and some leases must fit
_ADAPTERS: Final = range(32)
_CONNECTIONS: Final = range(1, 65537)


@dataclass(frozen=True)
class Forward:
    """A port of the host that leads into the guest.

    Attributes:
        name: unique among the rules of an adapter.
        protocol: ``tcp`` or ``udp``.
        host_ip: where the host listens; empty: everywhere.
        host_port: 1..65535.
        guest_ip: empty: the guest that got the first lease.
        guest_port: 1..65535.
    """

    name: str
    protocol: str
    host_ip: str
    host_port: int
    guest_ip: str
    guest_port: int

    @classmethod
    def parse(cls, text: str) -> Forward:
        """Make a rule from ``name,tcp|udp,hostip,hostport,guestip,guestport``.

        Raises:
            ConfigurationError: it is not of that form.
        """
        parts = [part.strip() for part in text.split(",")]
        if len(parts) != 6:
            raise ConfigurationError(
                f"The forwarding rule '{text}' is not of the form "
                "name,tcp|udp,hostip,hostport,guestip,guestport."
            )
        name, protocol, host_ip, host_port, guest_ip, guest_port = parts
        if not name:
            raise ConfigurationError(f"The forwarding rule '{text}' has no name.")
        if protocol.lower() not in {"tcp", "udp"}:
            raise ConfigurationError(
                f"The protocol of the forwarding rule '{name}' is '{protocol}', not tcp or udp."
            )
        for address in (host_ip, guest_ip):
            if address:
                _address(address, f"forwarding rule '{name}'")
        return cls(
            name, protocol.lower(), host_ip, _port(host_port, name), guest_ip,
            _port(guest_port, name),
        )


class Places(NamedTuple):
    """Where in a NAT's network its own addresses are, counted from the start of the network."""

    gateway: int = 2
    name_server: int = 3
    tftp_server: int = 4
    first_lease: int = 15


MACHINE_PLACES: Final = Places()
"""The places in the network of a single machine, VirtualBox's."""


@dataclass(frozen=True)
class NatConfig:
    """The settings of one NAT.

    Attributes:
        network: the guest's.
        bind_ip: address of the host for what goes out; empty: the host chooses.
        receive_buffer: bytes for sockets of the host; 0: the host's usual.
        send_buffer: likewise.
        max_connections: TCP connections at a time.
        places: of the router, the name server, the TFTP server and the first lease, counted from
            the start of the network.
        dhcp: the network has a DHCP server.
        loopbacks: addresses of the network that stand for the host's loopback addresses.
    """

    network: IPv4Network
    bind_ip: str = ""
    localhost_reachable: bool = False
    forwards: tuple[Forward, ...] = ()
    pass_domain: bool = True
    next_server: str = ""
    boot_file: str = ""
    tftp_prefix: str = ""
    receive_buffer: int = 0
    send_buffer: int = 0
    max_connections: int = 1024
    places: Places = MACHINE_PLACES
    dhcp: bool = True
    loopbacks: Mapping[IPv4Address, str] = field(default_factory=dict)

    @property
    def gateway(self) -> IPv4Address:
        """The router, which also stands for the host's loopback."""
        return self.network[self.places.gateway]

    @property
    def name_server(self) -> IPv4Address:
        """The name server."""
        return self.network[self.places.name_server]

    @property
    def tftp_server(self) -> IPv4Address:
        """The TFTP server."""
        return self.network[self.places.tftp_server]

    @property
    def first_lease(self) -> IPv4Address:
        """What the first guest gets by DHCP."""
        return self.network[self.places.first_lease]

    @classmethod
    def from_node(cls, node: Node) -> NatConfig:
        """Read the settings below a ``LUN#n`` node.

        Raises:
            ConfigurationError: one is of the wrong type or out of range; names it.
        """
        config = node.child("Config")
        adapter = _number(config, "Adapter", 0, _ADAPTERS)
        text = config.string("Network", "") or f"10.0.{adapter + 2}.0/24"
        try:
            network = IPv4Network(text, strict=False)
        except ValueError as error:
            raise ConfigurationError(
                f"{config.path}/Network: '{text}' is no IPv4 network such as 10.0.2.0/24."
            ) from error
        if network.prefixlen not in _PREFIXES:
            raise ConfigurationError(
                f"{config.path}/Network: '{text}' must have a prefix of "
                f"{_PREFIXES[0]} to {_PREFIXES[-1]} bits."
            )
        bind_ip, next_server = config.string("BindIP", ""), config.string("NextServer", "")
        for name, address in (("BindIP", bind_ip), ("NextServer", next_server)):
            if address:
                _address(address, f"setting {config.path}/{name}")
        buffers = range(1 << 20)
        return cls(
            network,
            bind_ip,
            config.boolean("LocalhostReachable", default=False),
            _forwards(config.string("Forwards", "")),
            config.boolean("PassDomain", default=True),
            next_server,
            config.string("BootFile", ""),
            config.string("TFTPPrefix", ""),
            _number(config, "SocketReceiveBuffer", 0, buffers) * 1024,
            _number(config, "SocketSendBuffer", 0, buffers) * 1024,
            _number(config, "MaxConnections", 1024, _CONNECTIONS),
        )


def _forwards(text: str) -> tuple[Forward, ...]:
    forwards = tuple(Forward.parse(line) for line in text.splitlines() if line.strip())
    names = [forward.name for forward in forwards]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"There are two forwarding rules named '{name}'.")
    return forwards


def _address(text: str, where: str) -> None:
    try:
        IPv4Address(text)
    except AddressValueError as error:
        raise ConfigurationError(f"'{text}' in the {where} is no IPv4 address.") from error


def _port(text: str, rule: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 1 << 16:
        raise ConfigurationError(
            f"'{text}' in the forwarding rule '{rule}' is no port; that is 1 to 65535."
        )
    return int(text)


def _number(config: Node, name: str, default: int, allowed: range) -> int:
    value = config.integer(name, default)
    if value not in allowed:
        raise ConfigurationError(
            f"{config.path}/{name} must be {allowed[0]} to {allowed[-1]}, not {value}."
        )
    return value
