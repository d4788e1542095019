"""What a driver leaves to a virtio network adapter: checksums, and cutting packets into segments.

Reference: virtio 1.2, 5.1.6 (virtio_net_hdr).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = struct.Struct("<BBHHHH")
"""flags, gso_type, hdr_len, gso_size, csum_start, csum_offset; num_buffers may follow."""
NEEDS_CHECKSUM: Final = 1
NO_SEGMENTS, TCP_IPV4, TCP_IPV6, CONGESTION = 0, 1, 4, 0x80
_SHORTEST_SEGMENT: Final = 64  # bytes of payload; smaller ones would be headers only
_TCP_HEADER: Final = 20
_TCP_CHECKSUM, _FIN_PSH, _CWR = 16, 0x09, 0x80
_ETHERNET, _TAG, _PROTOCOL = 14, 4, 23


_LONGEST_FRAME, _MTU, _TCP = 1514, 1500, 6
NO_OFFLOADS: Final = bytes(HEADER.size)


class OffloadError(Exception):
    """The header asks for something senseless."""


def frames(header: bytes, packet: bytearray) -> Iterator[bytes]:
    """Yield the frames of a packet.

    Args:
        header: virtio_net_hdr, at least 10 bytes.
        packet: an Ethernet frame, perhaps longer than one can be.

    Raises:
        OffloadError: the header does not fit the packet.
    """
    flags, kind, _, size, start, offset = HEADER.unpack_from(header)
    if kind == NO_SEGMENTS:
        if flags & NEEDS_CHECKSUM:
            _insert(packet, start, offset)
        yield bytes(packet)
        return
    kind &= ~CONGESTION
    if kind not in (TCP_IPV4, TCP_IPV6) or not flags & NEEDS_CHECKSUM:
        raise OffloadError(f"segmentation of the kind {kind}")
    yield from _segments(packet, kind == TCP_IPV4, size, start)


def is_packet(header: bytes, packet: bytes | bytearray) -> bool:
    """Tell whether the cable can take this whole, as a packet of ``PacketLink``."""
    flags, kind, _, _, start, offset = HEADER.unpack_from(header)
    ours = kind == TCP_IPV4 and bool(flags & NEEDS_CHECKSUM) and offset == _TCP_CHECKSUM
    return ours and _is_tcp(packet) and start == _ETHERNET + (packet[_ETHERNET] & 15) * 4


def _is_tcp(packet: bytes | bytearray) -> bool:
    return len(packet) > _PROTOCOL and packet[12:14] == b"\x08\0" and packet[_PROTOCOL] == _TCP


def packet_header(frame: bytes) -> bytes:
    """Return the header for the driver of what comes from a ``PacketLink``."""
    if len(frame) <= _LONGEST_FRAME or not _is_tcp(frame):
        return NO_OFFLOADS
    start = _ETHERNET + (frame[_ETHERNET] & 15) * 4
    end = start + (frame[start + 12] >> 4) * 4
    size = _MTU + _ETHERNET - end
    return HEADER.pack(NEEDS_CHECKSUM, TCP_IPV4, end, size, start, _TCP_CHECKSUM)


def _sum(data: bytes | bytearray) -> int:
    """Return the one's complement sum of words (RFC 1071); an odd end is padded."""
    # 2**16 is 1 modulo FFFFh: the remainder of the whole number is the sum of its words.
    return (int.from_bytes(data) << 8 * (len(data) & 1)) % 0xFFFF


def _insert(frame: bytearray, start: int, offset: int) -> None:
    place = start + offset
    if place + 2 > len(frame):
        raise OffloadError(f"a checksum at {place} in {len(frame)} bytes")
    # Never the 0 that means "none" in UDP (RFC 768).
    struct.pack_into(">H", frame, place, 0xFFFF - _sum(frame[start:]))


def _segments(packet: bytearray, ipv4: bool, size: int, start: int) -> Iterator[bytes]:
    network = _ETHERNET + _TAG * (packet[12:14] == b"\x81\x00")
    if start < network + (20 if ipv4 else 40) or start + _TCP_HEADER > len(packet):
        raise OffloadError(f"a TCP header at {start} in {len(packet)} bytes")
    end = start + (packet[start + 12] >> 4) * 4
    if end < start + _TCP_HEADER or end > len(packet) or size < _SHORTEST_SEGMENT:
        raise OffloadError(f"segments of {size} bytes behind a header of {end}")
    header, payload = packet[:end], packet[end:]
    # The driver has summed up the pseudo header with the length of the whole.
    (pseudo,) = struct.unpack_from(">H", header, start + _TCP_CHECKSUM)
    pseudo += 0xFFFF - (len(packet) - start) % 0xFFFF
    (sequence,) = struct.unpack_from(">I", header, start + 4)
    (identification,) = struct.unpack_from(">H", header, network + 4)
    for number, at in enumerate(range(0, max(1, len(payload)), size)):
        part = payload[at : at + size]
        frame = header + part
        if ipv4:
            fields = (len(frame) - network, (identification + number) & 0xFFFF)
            struct.pack_into(">HH", frame, network + 2, *fields)
            struct.pack_into(">H", frame, network + 10, 0)
            struct.pack_into(">H", frame, network + 10, 0xFFFF - _sum(frame[network:start]))
        else:
            struct.pack_into(">H", frame, network + 4, len(frame) - network - 40)
        struct.pack_into(">I", frame, start + 4, (sequence + at) & 0xFFFFFFFF)
        if at + size < len(payload):
            frame[start + 13] &= ~_FIN_PSH & 0xFF
        if number:
            frame[start + 13] &= ~_CWR & 0xFF
        seed = (pseudo + len(frame) - start) % 0xFFFF
        struct.pack_into(">H", frame, start + _TCP_CHECKSUM, seed)
        _insert(frame, start, _TCP_CHECKSUM)
        yield bytes(frame)
