"""A DHCP server (RFC 2131, 2132) for one network, which serves BOOTP clients too."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.net.dhcprules import combined
from engine.net.packets import ANY_IP, BROADCAST_IP, BROADCAST_MAC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from ipaddress import IPv4Address, IPv4Network

    from engine.net.config import NatConfig
    from engine.net.dhcprules import DhcpRule

SERVER_PORT: Final = 67
CLIENT_PORT: Final = 68
_HEADER: Final = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s")
_COOKIE: Final = bytes((99, 130, 83, 99))
_LEASE_SECONDS: Final = 86400
_LEAST: Final = 300  # bytes of a BOOTP message (RFC 951); some clients want them
_POOL: Final = 200
_BROADCAST_FLAG: Final = 0x8000

_DISCOVER, _OFFER, _REQUEST, _DECLINE, _ACK, _NAK, _RELEASE, _INFORM = range(1, 9)
(
    _OPT_MASK, _OPT_ROUTER, _OPT_DNS, _OPT_DOMAIN, _OPT_BROADCAST, _OPT_ADDRESS, _OPT_LEASE,
    _OPT_TYPE, _OPT_SERVER, _OPT_RENEW, _OPT_REBIND, _OPT_TFTP_NAME, _OPT_BOOT_FILE,
) = (1, 3, 6, 15, 28, 50, 51, 53, 54, 58, 59, 66, 67)
_PAD: Final = 0
_END: Final = 255


class Request(NamedTuple):
    """What a client sends."""

    header: tuple[int | bytes, ...]
    mac: bytes
    client_ip: bytes
    broadcast: bool
    options: dict[int, bytes]


class Reply(NamedTuple):
    """An answer and where it goes."""

    mac: bytes
    ip: bytes
    payload: bytes


@dataclass(frozen=True)
class DhcpSettings:
    """What a server hands out.

    Attributes:
        network: its network.
        server: its own address.
        first: first address of the pool. last: last one.
        router: the way out; None: there is none.
        name_server: likewise.
        next_server: where clients boot from.
        boot_file: what they boot; empty: nothing.
        lease_seconds: how long an address is given.
        fixed: addresses of certain clients, by MAC address.
        reserved: addresses that nobody gets.
        options: more that is told, by code (RFC 2132); replaces what would be told of that code.
        rules: what is different for some clients, the most particular ones first.
    """

    network: IPv4Network
    server: IPv4Address
    first: IPv4Address
    last: IPv4Address
    router: IPv4Address | None = None
    name_server: IPv4Address | None = None
    next_server: bytes = ANY_IP
    boot_file: str = ""
    lease_seconds: int = _LEASE_SECONDS
    fixed: Mapping[bytes, bytes] = field(default_factory=dict)
    reserved: frozenset[bytes] = frozenset()
    options: Mapping[int, bytes] = field(default_factory=dict)
    rules: Sequence[DhcpRule] = ()

    @classmethod
    def of_nat(cls, config: NatConfig) -> DhcpSettings:
        """Return what the server in a NAT hands out."""
        own = {config.gateway, config.name_server, config.tftp_server, *config.loopbacks}
        first = config.first_lease
        text = config.next_server
        return cls(
            network=config.network,
            server=config.gateway,
            first=first,
            last=min(config.network.broadcast_address - 1, first + _POOL - 1),
            router=config.gateway,
            name_server=config.name_server,
            next_server=(
                bytes(int(part) for part in text.split("."))
                if text
                else config.tftp_server.packed
            ),
            boot_file=config.boot_file,
            reserved=frozenset(each.packed for each in own),
        )


def _no_domain() -> str:
    return ""


class DhcpServer:
    """Hands out addresses of a pool, to each MAC address always the same.

    Args:
        settings: what it hands out.
        domain: returns the domain to tell, empty for none.
    """

    def __init__(
        self, settings: DhcpSettings, domain: Callable[[], str] = _no_domain
    ) -> None:
        self._settings = settings
        self._domain = domain
        self._server = settings.server.packed
        self._leases: dict[bytes, bytes] = {}
        self._declined: set[bytes] = set()
        self._granted: bytes | None = None

    @property
    def first_guest(self) -> bytes:
        """Return the address of the first client that got one; before that, what it would get."""
        return self._granted or self._settings.first.packed

    def answer(self, payload: bytes) -> Reply | None:
        """Return the answer to a message, or None when it deserves none."""
        request = _parse(payload)
        if request is None:
            return None
        kind = request.options.get(_OPT_TYPE, b"")
        if len(kind) != 1:
            return self._bootp(request)
        wanted = request.options.get(_OPT_SERVER, self._server)
        if kind[0] == _DISCOVER:
            address = self._lease(request)
            return self._reply(request, _OFFER, address) if address else None
        if wanted != self._server:
            return None  # it has chosen another server
        if kind[0] == _REQUEST:
            return self._on_request(request)
        if kind[0] == _INFORM:
            return self._reply(request, _ACK, ANY_IP)
        if kind[0] == _DECLINE:
            self._declined.add(self._leases.pop(request.mac, ANY_IP))
        elif kind[0] == _RELEASE and self._leases.get(request.mac) == request.client_ip:
            del self._leases[request.mac]
        return None

    def _on_request(self, request: Request) -> Reply | None:
        address = self._lease(request)
        asked = request.options.get(_OPT_ADDRESS, request.client_ip)
        if address is None or asked != address:
            return self._reply(request, _NAK, ANY_IP)
        self._granted = self._granted or address
        return self._reply(request, _ACK, address)

    def _bootp(self, request: Request) -> Reply | None:
        address = self._lease(request)
        if address is None:
            return None
        self._granted = self._granted or address
        return self._reply(request, None, address)

    def _lease(self, request: Request) -> bytes | None:
        """Return the client's address; the one it asks for when that is free."""
        known = self._leases.get(request.mac)
        if known:
            return known
        settings = self._settings
        fixed = settings.fixed.get(request.mac)
        if fixed:
            return fixed
        taken = self._declined.union(
            self._leases.values(), settings.reserved, settings.fixed.values(), (self._server,)
        )
        # A guest that was restored, or changed its card, goes on with the address it has.
        asked = request.options.get(_OPT_ADDRESS, request.client_ip)
        first, last = int(settings.first), int(settings.last)
        address: bytes | None = asked
        if asked in taken or not first <= int.from_bytes(asked, "big") <= last:
            pool = (each.to_bytes(4, "big") for each in range(first, last + 1))
            address = next((each for each in pool if each not in taken), None)
        if address is not None:
            self._leases[request.mac] = address
        return address

    def _reply(self, request: Request, kind: int | None, address: bytes) -> Reply:
        settings = self._settings
        _op, htype, hlen, _hops, xid, _secs, flags, ciaddr, _y, _s, giaddr, chaddr, *_ = (
            request.header
        )
        boot_file = settings.boot_file.encode()[:127]
        message = _HEADER.pack(
            2, htype, hlen, 0, xid, 0, flags, ANY_IP if kind == _NAK else ciaddr, address,
            settings.next_server, giaddr, chaddr, b"", b"" if kind == _NAK else boot_file,
        )
        message = (message + _COOKIE + self._options(request, kind, address)).ljust(_LEAST, b"\0")
        if kind == _INFORM or (request.client_ip != ANY_IP and kind != _NAK):
            return Reply(request.mac, request.client_ip, message)
        if request.broadcast or kind == _NAK:
            return Reply(BROADCAST_MAC, BROADCAST_IP, message)
        return Reply(request.mac, address, message)

    def _options(self, request: Request, kind: int | None, address: bytes) -> bytes:
        settings = self._settings
        rules = [each for each in settings.rules if each.applies(request.mac, request.options)]
        options = {} if kind == _NAK else combined(rules, self._usual_options())
        if kind is not None:
            options |= {_OPT_TYPE: bytes((kind,)), _OPT_SERVER: self._server}
        if kind in {_OFFER, _ACK} and address != ANY_IP:
            lengths = (each.lease_seconds for each in rules if each.lease_seconds)
            seconds = next(lengths, settings.lease_seconds)
            options[_OPT_LEASE] = seconds.to_bytes(4, "big")
            options[_OPT_RENEW] = (seconds // 2).to_bytes(4, "big")
            options[_OPT_REBIND] = (seconds * 7 // 8).to_bytes(4, "big")
        # The type goes first, as some clients want it.
        packed = b"".join(
            bytes((code, len(options[code]))) + options[code]
            for code in sorted(options, key=lambda code: code != _OPT_TYPE)
        )
        return packed + bytes((_END,))

    def _usual_options(self) -> dict[int, bytes]:
        """Return what clients are told if nothing is different for them."""
        settings = self._settings
        options = {_OPT_MASK: settings.network.netmask.packed}
        if settings.router is not None:
            options[_OPT_ROUTER] = settings.router.packed
        if settings.name_server is not None:
            options[_OPT_DNS] = settings.name_server.packed
        options[_OPT_BROADCAST] = settings.network.broadcast_address.packed
        domain = self._domain().encode("ascii", "ignore")[:255]
        if domain:
            options[_OPT_DOMAIN] = domain
        if settings.boot_file:
            server = ".".join(str(byte) for byte in settings.next_server)
            options[_OPT_TFTP_NAME] = server.encode()
            options[_OPT_BOOT_FILE] = settings.boot_file.encode()[:255]
        return options | dict(settings.options)


def _parse(payload: bytes) -> Request | None:
    start = _HEADER.size + len(_COOKIE)
    if len(payload) < start or payload[_HEADER.size : start] != _COOKIE:
        return None
    header = _HEADER.unpack_from(payload)
    operation, htype, hlen = header[:3]
    if (operation, htype, hlen) != (1, 1, 6):
        return None
    return Request(
        header, header[11][:6], header[7], bool(header[6] & _BROADCAST_FLAG),
        _parse_options(payload[start:]),
    )


def _parse_options(data: bytes) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 2 > len(data):
            break
        length = data[at + 1]
        options[data[at]] = data[at + 2 : at + 2 + length]
        at += 2 + length
    return options
