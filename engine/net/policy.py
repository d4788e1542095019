"""What the guest may reach, and what an address of its network means on the host."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from engine.net.config import NatConfig
    from engine.net.resolver import Resolver

LOOPBACK: Final = "127.0.0.1"
_DNS_PORT: Final = 53
# The host's loopback under its own addresses, "this network", link-local addresses (which no router
# passes on, RFC 3927; clouds keep secrets there), multicast, reserved and broadcast.
_FORBIDDEN: Final = tuple(
    IPv4Network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
)


class Policy:
    """Translates between addresses that the guest sees and those of the host."""

    def __init__(self, config: NatConfig, resolver: Resolver) -> None:
        self._config = config
        self._resolver = resolver
        self.gateway = config.gateway.packed
        self.name_server = config.name_server.packed
        self.tftp_server = config.tftp_server.packed
        self.broadcast = config.network.broadcast_address.packed
        self._loopbacks = {inside.packed: host for inside, host in config.loopbacks.items()}
        self._mapped = {host: inside for inside, host in self._loopbacks.items()}
        self.own = frozenset(
            {self.gateway, self.name_server, self.tftp_server, *self._loopbacks}
        )
        self._network = int(config.network.network_address)
        self._mask = int(config.network.netmask)

    def is_inside(self, address: bytes) -> bool:
        """Tell whether an address belongs to the guest's network."""
        return int.from_bytes(address, "big") & self._mask == self._network

    def is_guest(self, address: bytes) -> bool:
        """Tell whether an address may be that of a guest."""
        inside = self.is_inside(address) and address not in self.own
        return inside and address not in {
            self.broadcast, self._config.network.network_address.packed,
        }

    def host_address(self, address: bytes, port: int) -> tuple[str, int] | None:
        """Return where packets for an address go, or None when the guest may not reach it."""
        if port == 0:
            return None
        if self.is_inside(address):
            return self._own_service(address, port)
        return None if self.is_forbidden(address) else (str(IPv4Address(address)), port)

    @staticmethod
    def is_forbidden(address: bytes) -> bool:
        """Tell whether no router would pass packets for this address on."""
        target = IPv4Address(address)
        return any(target in network for network in _FORBIDDEN)

    def _own_service(self, address: bytes, port: int) -> tuple[str, int] | None:
        if address in self._loopbacks:
            return self._loopbacks[address], port
        if address == self.gateway and self._config.localhost_reachable:
            return LOOPBACK, port
        if address == self.name_server and port == _DNS_PORT:
            server = self._resolver.server()
            return (server, port) if server else None
        return None

    def visible(self, address: str) -> bytes:
        """Return the address under which the guest sees one of the host's network."""
        if address in self._mapped:
            return self._mapped[address]
        packed = IPv4Address(address).packed
        return self.gateway if self.is_inside(packed) or self.is_forbidden(packed) else packed
