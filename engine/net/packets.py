"""Frames and packets: Ethernet II, ARP (RFC 826), IPv4 (RFC 791), UDP, TCP and ICMP headers.

Parsers take anything a guest may send and return None for what is malformed; they never raise.
Addresses are 4 bytes and 6 bytes in network order, as they stand in the packets.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

BROADCAST_MAC: Final = b"\xff" * 6
BROADCAST_IP: Final = b"\xff" * 4
ANY_IP: Final = bytes(4)

ETHERTYPE_IP: Final = 0x0800
ETHERTYPE_ARP: Final = 0x0806
MTU: Final = 1500
IP_HEADER: Final = 20
UDP_HEADER: Final = 8
TCP_HEADER: Final = 20
ETHERNET_HEADER: Final = 14
MIN_FRAME: Final = 60
MAX_DATAGRAM: Final = 65535
MAX_PACKET: Final = 65535

ARP_REQUEST: Final = 1
ARP_REPLY: Final = 2

ICMP: Final = 1
TCP: Final = 6
UDP: Final = 17

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
PSH: Final = 0x08
ACK: Final = 0x10

DONT_FRAGMENT: Final = 0x4000
MORE_FRAGMENTS: Final = 0x2000

_ARP: Final = struct.Struct("!HHBBH6s4s6s4s")
_IP: Final = struct.Struct("!BBHHHBBH4s4s")
_UDP: Final = struct.Struct("!HHHH")
_TCP: Final = struct.Struct("!HHIIBBHHH")
_PSEUDO: Final = struct.Struct("!4s4sBBH")
_OPTION_END: Final = 0
_OPTION_NOP: Final = 1
_OPTION_MSS: Final = 2
_OPTION_SCALE: Final = 3
_LARGEST_SHIFT: Final = 14  # RFC 7323, 2.3


class Arp(NamedTuple):
    """An ARP packet for IPv4 over Ethernet. Operation 1 asks, 2 answers."""

    operation: int
    sender_mac: bytes
    sender_ip: bytes
    target_mac: bytes
    target_ip: bytes


class Ip(NamedTuple):
    """An IPv4 packet. ``offset`` is that of the fragment, in bytes; ``header`` is as received."""

    protocol: int
    source: bytes
    destination: bytes
    ttl: int
    identification: int
    offset: int
    more: bool
    header: bytes
    payload: bytes


class Datagram(NamedTuple):
    """A UDP datagram without addresses."""

    source_port: int
    destination_port: int
    payload: bytes


class SynOptions(NamedTuple):
    """What a SYN says; ``mss`` is 0 and ``shift`` None without that option.

    The shift is that of windows (RFC 7323, 2.2), 0 to 14.
    """

    mss: int = 0
    shift: int | None = None


NO_OPTIONS: Final = SynOptions()


class Segment(NamedTuple):
    """A TCP segment without addresses. ``mss`` and ``shift`` are those of `SynOptions`."""

    source_port: int
    destination_port: int
    seq: int
    ack: int
    flags: int
    window: int
    payload: bytes
    mss: int = 0
    shift: int | None = None


def checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071) of data of any length.

    The sum of 16-bit words in ones' complement is the value of the whole number modulo 65535,
    which the integers of Python compute an order faster than a loop does.
    """
    if len(data) & 1:
        data += b"\0"
    number = int.from_bytes(data, "big")
    if number == 0:
        return 0xFFFF
    return 0xFFFF - (number % 0xFFFF or 0xFFFF)


def transport_checksum(source: bytes, destination: bytes, protocol: int, data: bytes) -> int:
    """Return the checksum over the pseudo header and a TCP or UDP packet; 0: it was correct."""
    return checksum(_PSEUDO.pack(source, destination, 0, protocol, len(data)) + data)


# ------------------------------------------------------------------ from the guest


def parse_arp(data: bytes) -> Arp | None:
    """Return the ARP packet, or None when it is not one for IPv4 over Ethernet."""
    if len(data) < _ARP.size:
        return None
    kind, protocol, hlen, plen, operation, *addresses = _ARP.unpack_from(data)
    if (kind, protocol, hlen, plen) != (1, ETHERTYPE_IP, 6, 4):
        return None
    return Arp(operation, *addresses)


def parse_ip(data: bytes) -> Ip | None:
    """Return the packet without the padding of its frame, or None when it is malformed."""
    if len(data) < IP_HEADER:
        return None
    version, _, total, identification, fragment, ttl, protocol, _, source, destination = (
        _IP.unpack_from(data)
    )
    length = (version & 15) * 4
    if version >> 4 != 4 or length < IP_HEADER or not length <= total <= len(data):
        return None
    header = data[:length]
    if checksum(header) != 0:
        return None
    offset = (fragment & 0x1FFF) * 8
    more = bool(fragment & MORE_FRAGMENTS)
    return Ip(
        protocol, source, destination, ttl, identification, offset, more, header,
        data[length:total],
    )


def parse_udp(packet: Ip) -> Datagram | None:
    """Return the datagram in a packet, or None when it is malformed."""
    data = packet.payload
    if len(data) < UDP_HEADER:
        return None
    source, destination, length, check = _UDP.unpack_from(data)
    if not UDP_HEADER <= length <= len(data):
        return None
    data = data[:length]
    if check and transport_checksum(packet.source, packet.destination, UDP, data) != 0:
        return None
    return Datagram(source, destination, data[UDP_HEADER:])


def parse_tcp(packet: Ip, *, complete: bool = True) -> Segment | None:
    """Return the segment in a packet, or None when it is malformed.

    Args:
        packet: that holds it.
        complete: it has its checksum; else an adapter was to complete it.
    """
    data = packet.payload
    if len(data) < TCP_HEADER:
        return None
    source, destination, seq, ack, length, flags, window, _, _ = _TCP.unpack_from(data)
    start = (length >> 4) * 4
    if not TCP_HEADER <= start <= len(data):
        return None
    if complete and transport_checksum(packet.source, packet.destination, TCP, data) != 0:
        return None
    said = _syn_options(data[TCP_HEADER:start]) if flags & SYN else NO_OPTIONS
    return Segment(source, destination, seq, ack, flags, window, data[start:], *said)


def _syn_options(options: bytes) -> SynOptions:
    """Return what there is among TCP options (RFC 9293, 3.2), up to one that makes no sense."""
    mss, shift = NO_OPTIONS
    at = 0
    while at < len(options) and options[at] != _OPTION_END:
        if options[at] == _OPTION_NOP:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        if size < 2 or at + size > len(options):
            break
        if options[at] == _OPTION_MSS and size == 4:
            mss = int.from_bytes(options[at + 2 : at + 4], "big")
        elif options[at] == _OPTION_SCALE and size == 3:
            shift = min(options[at + 2], _LARGEST_SHIFT)
        at += size
    return SynOptions(mss, shift)


# ------------------------------------------------------------------ to the guest


def build_frame(destination: bytes, source: bytes, ethertype: int, payload: bytes) -> bytes:
    """Return an Ethernet frame, padded to its least length."""
    frame = b"%b%b%b%b" % (destination, source, ethertype.to_bytes(2, "big"), payload)
    return frame.ljust(MIN_FRAME, b"\0")


def build_arp(operation: int, sender: tuple[bytes, bytes], target: tuple[bytes, bytes]) -> bytes:
    """Return an ARP packet; sender and target are (MAC, IP)."""
    return _ARP.pack(1, ETHERTYPE_IP, 6, 4, operation, *sender, *target)


def build_ip(
    protocol: int, source: bytes, destination: bytes, payload: bytes, identification: int = 0
) -> list[bytes]:
    """Return the packet, in as many fragments as the MTU asks for."""
    room = MTU - IP_HEADER
    packets: list[bytes] = []
    for offset in range(0, max(len(payload), 1), room):
        piece = payload[offset : offset + room]
        flags = offset >> 3
        if offset + room < len(payload):
            flags |= MORE_FRAGMENTS
        elif not offset:
            flags |= DONT_FRAGMENT
        fields = [0x45, 0, IP_HEADER + len(piece), identification, flags, 64, protocol, 0]
        fields[-1] = checksum(_IP.pack(*fields, source, destination))
        packets.append(_IP.pack(*fields, source, destination) + piece)
    return packets


def build_udp(
    source: tuple[bytes, int], destination: tuple[bytes, int], payload: bytes
) -> bytes:
    """Return a UDP datagram; a checksum of 0 goes as FFFFh (RFC 768)."""
    length = UDP_HEADER + len(payload)
    header = _UDP.pack(source[1], destination[1], length, 0)
    check = transport_checksum(source[0], destination[0], UDP, header + payload) or 0xFFFF
    return _UDP.pack(source[1], destination[1], length, check) + payload


def build_tcp(source: bytes, destination: bytes, segment: Segment) -> bytes:
    """Return a TCP segment, with the options that it has."""
    options = struct.pack("!BBH", _OPTION_MSS, 4, segment.mss) if segment.mss else b""
    if segment.shift is not None:
        options += bytes((_OPTION_NOP, _OPTION_SCALE, 3, segment.shift))
    fields = [
        segment.source_port, segment.destination_port, segment.seq, segment.ack,
        (TCP_HEADER + len(options)) << 2, segment.flags, segment.window, 0, 0,
    ]
    tail = options + segment.payload
    fields[7] = transport_checksum(source, destination, TCP, _TCP.pack(*fields) + tail)
    return _TCP.pack(*fields) + tail


def build_tcp_packet(source: bytes, destination: bytes, segment: Segment) -> bytes:
    """Return an IPv4 packet of any length with a segment whose checksum is not complete.

    As a driver leaves it to its adapter, it covers the pseudo header alone.
    """
    length = TCP_HEADER + len(segment.payload)
    pseudo = 0xFFFF - checksum(_PSEUDO.pack(source, destination, 0, TCP, length))
    header = _TCP.pack(
        segment.source_port, segment.destination_port, segment.seq, segment.ack,
        TCP_HEADER << 2, segment.flags, segment.window, pseudo, 0,
    )
    fields = [0x45, 0, IP_HEADER + length, 0, DONT_FRAGMENT, 64, TCP, 0]
    fields[-1] = checksum(_IP.pack(*fields, source, destination))
    return b"".join((_IP.pack(*fields, source, destination), header, segment.payload))


def build_icmp(kind: int, code: int, rest: bytes, payload: bytes) -> bytes:
    """Return an ICMP message (RFC 792); ``rest`` are the 4 bytes after the checksum."""
    check = checksum(bytes((kind, code, 0, 0)) + rest + payload)
    return bytes((kind, code)) + check.to_bytes(2, "big") + rest + payload
