"""A DHCP server (RFC 2131, 2132) for one network, which serves BOOTP clients too."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.net.packets import ANY_IP, BROADCAST_IP, BROADCAST_MAC

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.net.config import NatConfig

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


class DhcpServer:
    """Hands out addresses from .15 on, to each MAC address always the same.

    Args:
        config: of the network.
        domain: returns the domain to tell, empty for none.
    """

    def __init__(self, config: NatConfig, domain: Callable[[], str]) -> None:
        self._config = config
        self._domain = domain
        self._server = config.gateway.packed
        self._leases: dict[bytes, bytes] = {}
        self._declined: set[bytes] = set()
        self._granted: bytes | None = None

    @property
    def first_guest(self) -> bytes:
        """Return the address of the first client that got one; before that, what it would get."""
        return self._granted or self._config.first_lease.packed

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
        first = int(self._config.first_lease)
        last = min(int(self._config.network.broadcast_address), first + _POOL)
        pool = [address.to_bytes(4, "big") for address in range(first, last)]
        taken = self._declined.union(self._leases.values())
        # A guest that was restored, or changed its card, goes on with the address it has.
        asked = request.options.get(_OPT_ADDRESS, request.client_ip)
        free = [address for address in pool if address not in taken]
        if not free:
            return None
        address = asked if asked in free else free[0]
        self._leases[request.mac] = address
        return address

    def _reply(self, request: Request, kind: int | None, address: bytes) -> Reply:
        config = self._config
        next_server = self._next_server()
        _op, htype, hlen, _hops, xid, _secs, flags, ciaddr, _y, _s, giaddr, chaddr, *_ = (
            request.header
        )
        boot_file = config.boot_file.encode()[:127]
        message = _HEADER.pack(
            2, htype, hlen, 0, xid, 0, flags, ANY_IP if kind == _NAK else ciaddr, address,
            next_server, giaddr, chaddr, b"", b"" if kind == _NAK else boot_file,
        )
        message = (message + _COOKIE + self._options(kind, address)).ljust(_LEAST, b"\0")
        if kind == _INFORM or (request.client_ip != ANY_IP and kind != _NAK):
            return Reply(request.mac, request.client_ip, message)
        if request.broadcast or kind == _NAK:
            return Reply(BROADCAST_MAC, BROADCAST_IP, message)
        return Reply(request.mac, address, message)

    def _next_server(self) -> bytes:
        text = self._config.next_server
        if not text:
            return self._config.tftp_server.packed
        return bytes(int(part) for part in text.split("."))

    def _options(self, kind: int | None, address: bytes) -> bytes:
        config = self._config
        options: list[tuple[int, bytes]] = []
        if kind is not None:
            options += [(_OPT_TYPE, bytes((kind,))), (_OPT_SERVER, self._server)]
        if kind != _NAK:
            options += [
                (_OPT_MASK, config.network.netmask.packed),
                (_OPT_ROUTER, self._server),
                (_OPT_DNS, config.name_server.packed),
                (_OPT_BROADCAST, config.network.broadcast_address.packed),
            ]
            domain = self._domain().encode("ascii", "ignore")[:255] if config.pass_domain else b""
            if domain:
                options.append((_OPT_DOMAIN, domain))
            if config.boot_file:
                server = ".".join(str(byte) for byte in self._next_server())
                options.append((_OPT_TFTP_NAME, server.encode()))
                options.append((_OPT_BOOT_FILE, config.boot_file.encode()[:255]))
        if kind in {_OFFER, _ACK} and address != ANY_IP:
            options += [
                (_OPT_LEASE, _LEASE_SECONDS.to_bytes(4, "big")),
                (_OPT_RENEW, (_LEASE_SECONDS // 2).to_bytes(4, "big")),
                (_OPT_REBIND, (_LEASE_SECONDS * 7 // 8).to_bytes(4, "big")),
            ]
        packed = b"".join(bytes((code, len(value))) + value for code, value in options)
        return packed + bytes((_END,))


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
