"""The transmit unit of a PCnet: descriptors become frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from engine.devices.pcnet import registers as r
from engine.devices.pcnet import rings

if TYPE_CHECKING:
    from engine.devices.pcnet.rings import Descriptor
    from engine.devices.pcnet.state import PcnetState

FCS: Final = 4
_SHORTEST_FRAME, _HEADER = 60, 14
_BABBLE: Final = 1518  # bytes with the checksum
LONGEST_FRAME: Final = 16384

BURST_DESCRIPTORS: Final = 256
"""How much one call may do before it lets the processor run on."""


class Wire(rings.Bus, Protocol):
    """What the unit needs of its adapter."""

    @property
    def carrier(self) -> bool:
        """Whether there is a link."""

    def send(self, frame: bytes) -> None:
        """Take a frame."""


class Transmitter:
    """Works on a :class:`PcnetState`, which the adapter sets."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.state: PcnetState

    def run(self) -> tuple[int, int]:
        """Obey the descriptors that are the chip's; return (causes of CSR0, descriptors done).

        A call goes round the ring once at most: what is not given back by then is another demand.
        """
        state, wire = self.state, self._wire
        base = rings.ring_base(state, r.TX_BASE)
        length = rings.ring_length(state, r.TX_LENGTH)
        if not wire.is_memory(base, length * rings.layout(state).size):
            wire.guest_error(f"transmit ring at {base:#x}, where there is no memory")
            state.csr[r.STATUS] &= ~r.TXON
            return r.MERR, 0
        causes = done = 0
        while done < min(length, BURST_DESCRIPTORS) and state.csr[r.STATUS] & r.TXON:
            descriptor = rings.read(wire, state, base, state.transmit % length)
            if not descriptor.status & rings.OWN:
                break
            causes |= self._obey(descriptor)
            state.transmit = (state.transmit + 1) % length
            done += 1
        return causes, done

    def _obey(self, descriptor: Descriptor) -> int:
        state, status = self.state, descriptor.status
        if status & rings.STP:
            state.pending, state.in_frame, state.overlong = bytearray(), True, False
        elif not state.in_frame:
            self._wire.guest_error("transmit descriptor that starts no frame")
            rings.write_back(self._wire, state, descriptor, status & ~rings.OWN, None)
            return 0
        state.overlong |= len(state.pending) + descriptor.length > LONGEST_FRAME
        if not state.overlong:
            state.pending += self._wire.dma_read(descriptor.buffer, descriptor.length)
        if not status & rings.ENP:
            rings.write_back(self._wire, state, descriptor, status & ~rings.OWN, None)
            return 0
        return self._finish(descriptor)

    def _finish(self, descriptor: Descriptor) -> int:
        """Send the frame that a descriptor ends; return causes."""
        state, csr = self.state, self.state.csr
        frame = self._completed(descriptor.status)
        loops = bool(csr[r.MODE] & r.LOOP)
        status, errors = descriptor.status & ~(rings.OWN | rings.ERROR), 0
        causes = r.TINT
        if frame is not None and not loops and not self._wire.carrier:
            status |= rings.ERROR
            errors = rings.TX_LCAR << 16
            frame = None
        elif csr[r.EXTENDED] & r.TOKINTD or (
            csr[r.EXTENDED] & r.LTINTEN and not descriptor.status & rings.TX_LTINT
        ):
            causes = 0
        if frame is not None:
            csr[r.FEATURES] |= r.TXSTRT
            if len(frame) + FCS > _BABBLE:
                causes |= r.BABL
            self._wire.send(frame)
        rings.write_back(self._wire, state, descriptor, status, errors)
        return causes

    def _completed(self, status: int) -> bytes | None:
        """Return what was gathered as it goes on the wire, without the checksum."""
        state, csr = self.state, self.state.csr
        frame, overlong = bytes(state.pending), state.overlong
        state.pending, state.in_frame, state.overlong = bytearray(), False, False
        pads = csr[r.FEATURES] & r.APAD_XMT and len(frame) < _SHORTEST_FRAME
        if csr[r.MODE] & r.DXMTFCS and not status & rings.TX_ADD_FCS and not pads:
            frame = frame[:-FCS]  # software has appended the checksum
        if overlong or len(frame) < _HEADER:
            size = f"more than {LONGEST_FRAME}" if overlong else str(len(frame))
            self._wire.guest_error(f"frame of {size} bytes")
            return None
        return frame.ljust(_SHORTEST_FRAME, b"\0") if pads else frame
