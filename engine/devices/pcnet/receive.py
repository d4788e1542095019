"""The receive unit of a PCnet: frames go into the guest's buffers."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from engine.devices.pcnet import registers as r
from engine.devices.pcnet import rings

if TYPE_CHECKING:
    from engine.devices.pcnet.rings import Bus
    from engine.devices.pcnet.state import PcnetState

_HEADER, _SMALLEST_PAYLOAD, _FCS = 14, 46, 4
_SHORTEST_FRAME: Final = _HEADER + _SMALLEST_PAYLOAD
LONGEST_FRAME: Final = 0xFFF - _FCS  # what a message count can tell
_BROADCAST: Final = b"\xff" * 6


class Receiver:
    """Works on a :class:`PcnetState`, which the adapter sets."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.state: PcnetState

    def take(self, frame: bytes, *, looped: bool = False) -> int:
        """Take a frame of 14 bytes at least; return causes of CSR0."""
        state = self.state
        if len(frame) > LONGEST_FRAME:
            return 0
        match = _match(state, frame[:6])
        if match is None:
            return 0
        if not looped:
            frame = frame.ljust(_SHORTEST_FRAME, b"\0")
        base = rings.ring_base(state, r.RX_BASE)
        length = rings.ring_length(state, r.RX_LENGTH)
        if not self._bus.is_memory(base, length * rings.layout(state).size):
            self._bus.guest_error(f"receive ring at {base:#x}, where there is no memory")
            state.csr[r.STATUS] &= ~r.RXON
            return r.MERR
        return self._store(self._as_stored(frame), match, base, length)

    def _as_stored(self, frame: bytes) -> bytes:
        """Return a frame with its checksum, or without it and its padding (ASTRP_RCV)."""
        payload = int.from_bytes(frame[12:14])
        if self.state.csr[r.FEATURES] & r.ASTRP_RCV and payload < _SMALLEST_PAYLOAD:
            return frame[: _HEADER + payload]
        return frame + zlib.crc32(frame).to_bytes(_FCS, "little")

    def _store(self, frame: bytes, match: int, base: int, length: int) -> int:
        state, bus = self.state, self._bus
        descriptor = rings.read(bus, state, base, state.receive % length)
        if not descriptor.status & rings.OWN:
            return self._missed()
        start, place = rings.STP, 0
        for _ in range(length):
            state.receive = (state.receive + 1) % length
            piece = frame[place : place + descriptor.length]
            bus.dma_write(descriptor.buffer, piece)
            place += len(piece)
            if place == len(frame):
                rings.write_back(bus, state, descriptor, start | rings.ENP | match, len(frame))
                return r.RINT
            following = rings.read(bus, state, base, state.receive % length)
            if not following.status & rings.OWN:
                break
            rings.write_back(bus, state, descriptor, start, None)
            descriptor, start = following, 0
        lost = rings.ERROR | rings.RX_BUFF | rings.RX_OFLO
        rings.write_back(bus, state, descriptor, start | lost, 0)
        return r.RINT

    def _missed(self) -> int:
        """Count a frame for which there is no buffer."""
        csr = self.state.csr
        csr[r.MISSED] = (csr[r.MISSED] + 1) & 0xFFFF
        if not csr[r.MISSED]:
            csr[r.FEATURES] |= r.MFCO
        return r.MISS


def _match(state: PcnetState, address: bytes) -> int | None:
    """Return how an address is one of the adapter's (PAM, LAFM, BAM or 0), or None."""
    csr = state.csr
    mode = csr[r.MODE]
    if address == _BROADCAST:
        if not mode & r.DRCVBC:
            return rings.RX_BAM
    elif address[0] & 1:
        # The upper six bits of the checksum's register, which is not inverted here.
        bit = (zlib.crc32(address) ^ 0xFFFFFFFF) >> 26
        if csr[r.LADRF + (bit >> 4)] >> (bit & 0xF) & 1:
            return rings.RX_LAFM
    elif not mode & r.DRCVPA:
        own = b"".join(word.to_bytes(2, "little") for word in csr[r.PADR : r.PADR + 3])
        if address == own:
            return rings.RX_PAM
    return 0 if mode & r.PROM else None
