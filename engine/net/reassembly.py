"""Reassembly of IPv4 fragments (RFC 791, 3.2), with bounds on everything.

Fragments that overlap are no accident in our network of one link; the whole packet is dropped, as
RFC 5722 asks for IPv6.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.net.packets import MAX_DATAGRAM, Ip

_SECONDS: Final = 15.0
_PACKETS: Final = 16  # at a time, of 64 KiB at most
_PIECES: Final = 128  # of a packet; the guest's MTU makes 45 of the largest

_Key = tuple[bytes, bytes, int, int]


@dataclass
class _Partial:
    deadline: float
    total: int | None = None
    size: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)


class Reassembler:
    """Puts packets together.

    Attributes:
        dropped: packets given up: overlapping, too large, incomplete for too long, too many.
    """

    def __init__(self) -> None:
        self._partials: dict[_Key, _Partial] = {}
        self.dropped = 0

    def add(self, packet: Ip, now: float) -> Ip | None:
        """Take a fragment; return the whole packet when this was its last missing one."""
        self.expire(now)
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        partial = self._partials.get(key)
        if partial is None:
            if len(self._partials) >= _PACKETS:
                self._drop(next(iter(self._partials)))
            partial = self._partials[key] = _Partial(now + _SECONDS)
        if not self._put(partial, packet):
            self._drop(key)
            return None
        if partial.total is None or partial.size < partial.total:
            return None
        del self._partials[key]
        payload = b"".join(partial.pieces[offset] for offset in sorted(partial.pieces))
        return packet._replace(offset=0, more=False, payload=payload)

    @staticmethod
    def _put(partial: _Partial, packet: Ip) -> bool:
        """Keep a piece; False: the packet cannot come to a good end."""
        end = packet.offset + len(packet.payload)
        if end > MAX_DATAGRAM or not packet.payload or (packet.more and len(packet.payload) % 8):
            return False
        if len(partial.pieces) >= _PIECES:
            return False
        if partial.pieces.get(packet.offset) == packet.payload:
            return True  # sent twice
        for offset, piece in partial.pieces.items():
            if packet.offset < offset + len(piece) and offset < end:
                return False
        if not packet.more:
            if partial.total is not None:
                return False
            partial.total = end
        partial.pieces[packet.offset] = packet.payload
        partial.size += len(packet.payload)
        last = max(offset + len(piece) for offset, piece in partial.pieces.items())
        return partial.total is None or last <= partial.total

    def expire(self, now: float) -> None:
        """Give up what has waited too long."""
        late = [key for key, partial in self._partials.items() if partial.deadline <= now]
        for key in late:
            self._drop(key)

    def _drop(self, key: _Key) -> None:
        del self._partials[key]
        self.dropped += 1
