"""The transmit unit of an 8254x: descriptors become frames (SDM 3.3 and 3.4)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, Protocol

from engine.devices.e1000 import registers as r
from engine.devices.e1000 import segmentation, statistics
from engine.devices.e1000.state import TransmitContext

if TYPE_CHECKING:
    from engine.devices.e1000.state import Ring, TransmitState

# Third word of a descriptor.
_DEXT, _EOP, _RS, _RPS = 1 << 29, 1 << 24, 1 << 27, 1 << 28
_TSE, _VLE, _INSERT_CHECKSUM = 1 << 26, 1 << 30, 1 << 26  # TSE; IC of a legacy descriptor
_TYPE_CONTEXT, _TYPE_DATA = 0, 1
_TUCMD_TCP, _TUCMD_IP = 1 << 24, 1 << 25
_DONE: Final = 1  # status DD

LONGEST_FRAME: Final = 16288  # bytes (SDM 13.4.33)
LONGEST_PACKET: Final = 0x40000  # bytes that can be segmented: 256 KiB
_SHORTEST_FRAME, _ETHERNET_HEADER = 60, 14

# How much one call may do before it lets the processor run on.
BURST_DESCRIPTORS: Final = 256
BURST_BYTES: Final = 1 << 20


class Wire(Protocol):
    """What the unit needs of its adapter."""

    def dma_read(self, address: int, size: int) -> bytes:
        """Read the guest's memory."""

    def dma_write(self, address: int, data: bytes) -> None:
        """Write the guest's memory."""

    def send(self, frame: bytes) -> None:
        """Take a frame."""

    def send_packet(self, packet: bytes) -> bool:
        """Take a packet of TCP whole (``PacketLink``); tell whether it was."""

    def guest_error(self, message: str) -> None:
        """Note a mistake of the guest's."""


class Transmitter:
    """Works on a :class:`TransmitState`; ``state`` and ``counters`` are set by the adapter."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.state: TransmitState
        self.counters: dict[int, int]
        self.vlan_type = 0

    def run(self) -> tuple[int, bool]:
        """Fetch and obey descriptors; return (interrupt causes, there are more to do)."""
        state, ring = self.state, self.state.ring
        causes = moved = done = 0
        while state.control & r.TCTL_EN and (owned := ring.owned):
            if done >= BURST_DESCRIPTORS or moved >= BURST_BYTES:
                return causes, True
            batch = min(owned, ring.count - ring.head, BURST_DESCRIPTORS - done)
            address = ring.base + ring.head * r.DESCRIPTOR_SIZE
            descriptors = self._wire.dma_read(address, batch * r.DESCRIPTOR_SIZE)
            for buffer, command, extra in struct.iter_unpack("<QII", descriptors):
                moved += self._obey(buffer, command, extra)
                causes |= self._write_back(ring, command, extra)
                ring.head = (ring.head + 1) % ring.count
                done += 1
                if moved >= BURST_BYTES:
                    break
        if done:
            causes |= r.INT_TXQE
        return causes, False

    def _write_back(self, ring: Ring, command: int, extra: int) -> int:
        """Report a descriptor as done if it asks for that (SDM 3.3.3.1)."""
        if not command & (_RS | _RPS):
            return 0
        address = ring.base + ring.head * r.DESCRIPTOR_SIZE
        self._wire.dma_write(address + 12, struct.pack("<I", extra & ~0xF | _DONE))
        return r.INT_TXDW

    def _obey(self, buffer: int, command: int, extra: int) -> int:
        """Take a descriptor; return the bytes that it has moved."""
        if not command & _DEXT:
            length = command & 0xFFFF
            self._gather(buffer, length, LONGEST_FRAME)
            if command & _EOP:
                self._finish_legacy(command, extra)
            return length
        kind = command >> 20 & 0xF
        if kind == _TYPE_CONTEXT:
            self._set_context(buffer, command, extra)
        elif kind == _TYPE_DATA:
            length = command & 0xFFFFF
            if not self.state.pending:
                self.state.options = extra >> 8 & 0xFF
            self._gather(buffer, length, LONGEST_PACKET if command & _TSE else LONGEST_FRAME)
            if command & _EOP:
                self._finish_extended(command, extra)
            return length
        else:
            self._wire.guest_error(f"transmit descriptor of the unknown type {kind}")
        return 0

    def _gather(self, buffer: int, length: int, most: int) -> None:
        state = self.state
        if len(state.pending) + length > most:
            state.overlong = True
        if length and not state.overlong:
            state.pending += self._wire.dma_read(buffer, length)

    def _set_context(self, buffer: int, command: int, extra: int) -> None:
        self.state.context = TransmitContext(
            ip_start=buffer & 0xFF,
            ip_offset=buffer >> 8 & 0xFF,
            ip_end=buffer >> 16 & 0xFFFF,
            transport_start=buffer >> 32 & 0xFF,
            transport_offset=buffer >> 40 & 0xFF,
            transport_end=buffer >> 48 & 0xFFFF,
            tcp=bool(command & _TUCMD_TCP),
            ipv4=bool(command & _TUCMD_IP),
            payload_length=command & 0xFFFFF,
            header_length=extra >> 8 & 0xFF,
            mss=extra >> 16 & 0xFFFF,
        )

    # -- at the end of a packet

    def _take_pending(self) -> bytearray | None:
        """Return the packet, or None when it is not one."""
        state = self.state
        packet, overlong = state.pending, state.overlong
        state.pending, state.overlong = bytearray(), False
        if overlong:
            self._wire.guest_error("packet too long to be sent")
            return None
        if len(packet) < _ETHERNET_HEADER:
            self._wire.guest_error(f"packet of {len(packet)} bytes, shorter than its header")
            return None
        return packet

    def _finish_legacy(self, command: int, extra: int) -> None:
        packet = self._take_pending()
        if packet is None:
            return
        if command & _INSERT_CHECKSUM:
            segmentation.insert(packet, extra >> 8 & 0xFF, command >> 16 & 0xFF, 0)
        self._emit(bytes(packet), command, extra)

    def _finish_extended(self, command: int, extra: int) -> None:
        packet = self._take_pending()
        if packet is None:
            return
        state, context = self.state, self.state.context
        if not command & _TSE:
            self._emit(
                segmentation.with_checksums(packet, context, state.options), command, extra
            )
            return
        problem = segmentation.problem(context)
        if not problem and len(packet) < context.header_length:
            problem = f"a packet of {len(packet)} bytes, shorter than its header"
        if problem:
            self._wire.guest_error(f"TCP segmentation of {problem}")
            return
        statistics.add(self.counters, statistics.TSCTC)
        if not command & _VLE:
            made = segmentation.whole(packet, context, state.options)
            if made is not None and self._wire.send_packet(made):
                sizes = context.header_length, context.mss
                statistics.count_segments(self.counters, statistics.TRANSMITTED, made, *sizes)
                return
        for frame in segmentation.segments(bytes(packet), context, state.options):
            self._emit(frame, command, extra)

    def _emit(self, frame: bytes, command: int, extra: int) -> None:
        if command & _VLE:
            tag = struct.pack(">HH", self.vlan_type, extra >> 16)
            frame = frame[:12] + tag + frame[12:]
        if len(frame) < _SHORTEST_FRAME and self.state.control & r.TCTL_PSP:
            frame = frame.ljust(_SHORTEST_FRAME, b"\0")
        statistics.count(self.counters, statistics.TRANSMITTED, frame)
        self._wire.send(frame)
