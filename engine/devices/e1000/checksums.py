"""The Internet checksum (RFC 1071), and its verification in received frames."""

from __future__ import annotations

from typing import Final

_IPV4: Final = b"\x08\x00"
_ETHERNET: Final = 14  # bytes of the Ethernet header
_TCP, _UDP = 6, 17
_MORE_OR_OFFSET: Final = 0x3FFF  # of the fragment field: not the only fragment


def total(data: bytes | bytearray) -> int:
    """Return the one's complement sum of big-endian words, 0..FFFEh; an odd end is padded.

    2**16 is 1 modulo FFFFh: the remainder of the whole number is the sum of its words.
    """
    if len(data) & 1:
        return (int.from_bytes(data) << 8) % 0xFFFF
    return int.from_bytes(data) % 0xFFFF


def checksum(data: bytes | bytearray) -> int:
    """Return the checksum, 1..FFFFh: never the 0 that means "none" in UDP (RFC 768)."""
    return 0xFFFF - total(data)


def verify_ipv4(frame: bytes) -> tuple[bool | None, bool | None]:
    """Tell whether the checksums of an IPv4 frame are right: (header, TCP or UDP).

    None: the frame has no such checksum, or lies about its lengths.
    """
    if frame[12:14] != _IPV4 or len(frame) < _ETHERNET + 20:
        return None, None
    header = (frame[_ETHERNET] & 15) * 4
    length = int.from_bytes(frame[16:18])
    if frame[_ETHERNET] >> 4 != 4 or header < 20 or not header <= length <= len(frame) - _ETHERNET:
        return None, None
    right = total(frame[_ETHERNET : _ETHERNET + header]) == 0
    if int.from_bytes(frame[20:22]) & _MORE_OR_OFFSET:
        return right, None
    return right, _verify_transport(frame, _ETHERNET + header, _ETHERNET + length)


def _verify_transport(frame: bytes, start: int, end: int) -> bool | None:
    protocol = frame[23]
    if protocol == _UDP and end - start >= 8:
        if frame[start + 6 : start + 8] == b"\0\0":
            return None
    elif protocol != _TCP or end - start < 20:
        return None
    pseudo = total(frame[26:34]) + protocol + end - start
    return (pseudo + total(frame[start:end])) % 0xFFFF == 0
