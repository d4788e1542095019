"""What the transmit unit of an 8254x does to a packet: checksums, and cutting it into segments.

Reference: SDM 3.5 (TCP segmentation) and 3.3.6 (context descriptor).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.devices.e1000.checksums import checksum, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.devices.e1000.state import TransmitContext

INSERT_IP_CHECKSUM, INSERT_TRANSPORT_CHECKSUM = 1, 2  # POPTS: IXSM, TXSM

_IPV4_LENGTH, _IPV4_ID, _IPV6_LENGTH, _IPV6_HEADER = 2, 4, 4, 40
_TCP_SEQUENCE, _TCP_FLAGS, _UDP_LENGTH = 4, 13, 4
_ETHERNET, _TYPE_IPV4, _LONGEST_IPV4 = 14, b"\x08\0", 0xFFFF
_TCP_FIN_PSH: Final = 0x09
_MIN_MSS: Final = 64
"""Smaller segments would be headers only; no protocol asks for them."""


def problem(context: TransmitContext) -> str:
    """Return why a packet cannot be segmented like this, or an empty text."""
    transport = 20 if context.tcp else 8
    network = 20 if context.ipv4 else _IPV6_HEADER
    if context.mss < _MIN_MSS:
        return f"segments of {context.mss} bytes"
    if context.header_length < context.transport_start + transport:
        return f"a header of {context.header_length} bytes, which ends in the transport header"
    if context.transport_start < context.ip_start + network:
        return f"a transport header at {context.transport_start}, within the network header"
    return ""


def segments(packet: bytes, context: TransmitContext, options: int) -> Iterator[bytes]:
    """Yield the frames of a packet whose context :func:`problem` has nothing against."""
    header, payload = packet[: context.header_length], packet[context.header_length :]
    last = max(0, len(payload) - 1) // context.mss
    for n in range(last + 1):
        start = n * context.mss
        frame = bytearray(header)
        frame += payload[start : start + context.mss]
        _update_headers(frame, context, n, last=n == last)
        if options & INSERT_TRANSPORT_CHECKSUM:
            _add_length(frame, context)
        yield with_checksums(frame, context, options)


def whole(packet: bytearray, context: TransmitContext, options: int) -> bytes | None:
    """Return what the cable takes as a packet (``PacketLink``); None when it is none."""
    both = INSERT_IP_CHECKSUM | INSERT_TRANSPORT_CHECKSUM
    ip, transport = context.ip_start, context.transport_start
    if not context.tcp or not context.ipv4 or options & both != both or ip != _ETHERNET:
        return None
    if packet[ip - 2 : ip] != _TYPE_IPV4 or transport != ip + (packet[ip] & 15) * 4:
        return None
    if len(packet) - ip > _LONGEST_IPV4:
        return None
    made = bytearray(packet)
    _put(made, ip + _IPV4_LENGTH, len(made) - ip)
    return with_checksums(made, context, INSERT_IP_CHECKSUM)


def _update_headers(frame: bytearray, context: TransmitContext, n: int, *, last: bool) -> None:
    ip, transport = context.ip_start, context.transport_start
    if context.ipv4:
        _put(frame, ip + _IPV4_LENGTH, len(frame) - ip)
        _put(frame, ip + _IPV4_ID, _get(frame, ip + _IPV4_ID) + n)
    else:
        _put(frame, ip + _IPV6_LENGTH, len(frame) - ip - _IPV6_HEADER)
    if not context.tcp:
        _put(frame, transport + _UDP_LENGTH, len(frame) - transport)
        return
    sequence = slice(transport + _TCP_SEQUENCE, transport + _TCP_SEQUENCE + 4)
    moved = int.from_bytes(frame[sequence]) + n * context.mss & 0xFFFFFFFF
    frame[sequence] = moved.to_bytes(4)
    if not last:
        frame[transport + _TCP_FLAGS] &= ~_TCP_FIN_PSH & 0xFF


def _add_length(frame: bytearray, context: TransmitContext) -> None:
    """Complete the pseudo header's sum, which the driver makes without the length (SDM 3.5.6)."""
    offset = context.transport_offset
    if offset + 2 <= len(frame):
        length = (len(frame) - context.transport_start).to_bytes(2)
        _put(frame, offset, total(bytes(frame[offset : offset + 2]) + length))


def with_checksums(frame: bytearray, context: TransmitContext, options: int) -> bytes:
    """Insert the checksums that POPTS asks for; return the frame."""
    if options & INSERT_IP_CHECKSUM:
        # The field counts as 0, whatever the driver has left there (SDM 3.5.5).
        if context.ip_offset + 2 <= len(frame):
            _put(frame, context.ip_offset, 0)
        insert(frame, context.ip_start, context.ip_offset, context.ip_end)
    if options & INSERT_TRANSPORT_CHECKSUM:
        insert(
            frame, context.transport_start, context.transport_offset, context.transport_end
        )
    return bytes(frame)


def insert(frame: bytearray, start: int, offset: int, end: int) -> None:
    """Sum up from ``start`` to ``end`` (the last byte; 0: the frame's) and put the checksum."""
    stop = min(end + 1, len(frame)) if end else len(frame)
    if start < stop and offset + 2 <= len(frame):
        _put(frame, offset, checksum(frame[start:stop]))


def _get(frame: bytearray, offset: int) -> int:
    return frame[offset] << 8 | frame[offset + 1]


def _put(frame: bytearray, offset: int, value: int) -> None:
    frame[offset : offset + 2] = (value & 0xFFFF).to_bytes(2)
