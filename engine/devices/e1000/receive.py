"""The receive unit of an 8254x: frames go into the guest's buffers (SDM 3.2)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from engine.devices.e1000 import filters, packets, statistics
from engine.devices.e1000 import registers as r
from engine.devices.e1000.checksums import total, verify_ipv4

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.devices.e1000.state import ReceiveState
    from engine.pdm import Piece

# Status and errors of a receive descriptor.
_DD, _EOP, _IXSM, _VP, _TCPCS, _IPCS = 0x01, 0x02, 0x04, 0x08, 0x20, 0x40
_TCPE, _IPE = 0x20, 0x40

FIFO_BYTES: Final = 48 << 10
HELD_BYTES: Final = 4 << 20
"""What a partner holds for the adapter; several connections with all that they may send."""
_SHORTEST_FRAME: Final = 60
_LONGEST_FRAME, _TAG = 1518 - statistics.FCS, 4
LONGEST_JUMBO: Final = 16384 - statistics.FCS


class Memory(Protocol):
    """What the unit needs of its adapter."""

    def dma_read(self, address: int, size: int) -> bytes:
        """Read the guest's memory."""

    def dma_write(self, address: int, data: bytes) -> None:
        """Write the guest's memory."""

    def dma_scatter(self, pieces: Iterable[Piece], data: bytes | memoryview) -> None:
        """Write consecutive parts of the guest's memory."""


class Receiver:
    """Works on a :class:`ReceiveState`; ``state`` and ``counters`` are set by the adapter.

    Attributes:
        vlan_type: the type of VLAN tags (VET). strip_vlan: CTRL.VME.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.state: ReceiveState
        self.counters: dict[int, int]
        self.vlan_type = 0
        self.strip_vlan = False

    def take(self, frame: bytes) -> int:
        """Take a frame from the wire; return interrupt causes."""
        return self._admit(frame) | self.run()

    def hold(self, frames: Iterable[bytes]) -> int:
        """Take frames and packets (``PacketLink``) as the ring has room; return interrupt causes.

        A partner that sends whole packets does not lose what comes too fast: it holds that, as if
        the adapter had asked it to pause (IEEE 802.3, annex 31B).
        """
        state = self.state
        if not state.control & r.RCTL_EN:
            return 0
        causes, held = 0, sum(map(len, state.held))
        for frame in frames:
            held += len(frame)
            if held > HELD_BYTES:
                statistics.add(self.counters, statistics.MPC)
                causes = r.INT_RXO
                break
            state.held.append(frame)
        return causes | self.run()

    def _admit(self, frame: bytes) -> int:
        """Put a frame into the packet buffer if it is wanted; return interrupt causes."""
        state = self.state
        if not state.control & r.RCTL_EN or len(frame) < 14:
            return 0
        frame = frame.ljust(_SHORTEST_FRAME, b"\0")
        tagged = int.from_bytes(frame[12:14]) == self.vlan_type
        longest = _LONGEST_FRAME + _TAG * tagged
        if state.control & r.RCTL_LPE:
            longest = LONGEST_JUMBO
        if len(frame) > longest:
            statistics.add(self.counters, statistics.ROC)
            return 0
        if not filters.accepts(state, frame, self.vlan_type):
            return 0
        statistics.count(self.counters, statistics.RECEIVED, frame)
        if sum(map(len, state.fifo)) + len(frame) > FIFO_BYTES:
            statistics.add(self.counters, statistics.MPC)
            return r.INT_RXO
        state.fifo.append(frame)
        return 0

    def run(self) -> int:
        """Put what is in the packet buffer, and then what is held, into the ring.

        Returns:
            Interrupt causes.
        """
        state = self.state
        causes = self._empty_fifo()
        while state.held and not state.fifo and state.ring.owned:
            frame = state.held[0]
            if packets.is_packet(frame):
                if not self._fits_at_once(frame):
                    state.held[:1] = packets.Frames(frame, checked=False)
                    continue
                if state.ring.owned < packets.frame_count(frame):
                    break
                causes |= self._store_packet(frame)
            else:
                causes |= self._admit(frame) | self._empty_fifo()
            del state.held[0]
        threshold = state.ring.count >> 1 + (state.control >> 8 & 3)
        if causes & r.INT_RXT0 and state.ring.owned <= threshold:
            causes |= r.INT_RXDMT0
        return causes

    def _empty_fifo(self) -> int:
        state = self.state
        causes = 0
        while state.fifo and state.control & r.RCTL_EN:
            if not self._store(state.fifo[0]):
                statistics.add(self.counters, statistics.RNBC)
                break
            del state.fifo[0]
            causes |= r.INT_RXT0
        return causes

    def _fits_at_once(self, packet: bytes) -> bool:
        """Tell whether each frame of a packet goes into one descriptor of the ring as it is.

        A driver may always keep some descriptors; nobody keeps half of the ring.
        """
        start = self.state.checksum_control & 0xFF
        return (
            self._buffer_size() >= _LONGEST_FRAME + statistics.FCS
            and packets.frame_count(packet) <= self.state.ring.count // 2
            and start % 2 == 0
            and start <= packets.header_size(packet)
            and int.from_bytes(packet[12:14]) != self.vlan_type
        )

    def _store_packet(self, packet: bytes) -> int:
        """Put the frames of a packet into as many descriptors; return interrupt causes."""
        state, ring, memory = self.state, self.state.ring, self._memory
        if not filters.accepts(state, packet, self.vlan_type):
            return 0
        frames = packets.Frames(packet, checked=not state.control & r.RCTL_SECRC)
        sizes = frames.header, frames.mss
        statistics.count_segments(self.counters, statistics.RECEIVED, packet, *sizes)
        count = len(frames.lengths)
        before = min(count, ring.count - ring.head)  # the end of the ring
        places = (ring.base + ring.head * r.DESCRIPTOR_SIZE, before), (ring.base, count - before)
        found = b"".join(memory.dma_read(at, n * r.DESCRIPTOR_SIZE) for at, n in places if n)
        table = np.frombuffer(found, "<u8").reshape(count, 2).copy()
        self._scatter(table[:, 0].tolist(), frames)
        fields = table.view("<u2")
        fields[:, 4] = frames.lengths
        fields[:, 5] = frames.sums(state.checksum_control & 0xFF)
        fields[:, 6] = _DD | _EOP | self._right()
        fields[:, 7] = 0
        made = table.tobytes()
        border = before * r.DESCRIPTOR_SIZE
        for (at, n), part in zip(places, (made[:border], made[border:]), strict=True):
            if n:
                memory.dma_write(at, part)
        ring.head = (ring.head + count) % ring.count
        return r.INT_RXT0

    def _scatter(self, buffers: list[int], frames: packets.Frames) -> None:
        if all(buffers):
            self._memory.dma_scatter(zip(buffers, frames.lengths, strict=True), frames.data)
            return
        for buffer, frame in zip(buffers, frames, strict=True):
            if buffer:  # a null pointer takes nothing (SDM 3.2.5)
                self._memory.dma_write(buffer, frame)

    def _right(self) -> int:
        """Return what the checksum unit says of a frame of TCP without a fault."""
        wanted = self.state.checksum_control
        status = _IPCS if wanted & r.RXCSUM_IPOFL else 0
        status |= _TCPCS if wanted & r.RXCSUM_TUOFL else 0
        return status or _IXSM

    def _buffer_size(self) -> int:
        size = 2048 >> (self.state.control >> 16 & 3)
        # 16 times 2048 is reserved (SDM 13.4.22).
        return size * 16 if self.state.control & r.RCTL_BSEX and size < 2048 else size

    def _store(self, frame: bytes) -> bool:
        """Fill descriptors with a frame; tell whether there were enough of them."""
        state, ring = self.state, self.state.ring
        status, errors, special = self._checked(frame), 0, 0
        status, errors = status & 0xFF, status >> 8
        if self.strip_vlan and int.from_bytes(frame[12:14]) == self.vlan_type:
            status |= _VP
            special = int.from_bytes(frame[14:16])
            frame = frame[:12] + frame[16:]
        packet_sum = total(frame[state.checksum_control & 0xFF :])
        if not state.control & r.RCTL_SECRC:
            frame += zlib.crc32(frame).to_bytes(statistics.FCS, "little")
        size = self._buffer_size()
        pieces = [frame[start : start + size] for start in range(0, len(frame), size)]
        if ring.owned < len(pieces):
            return False
        for n, piece in enumerate(pieces):
            last = n == len(pieces) - 1
            address = ring.base + ring.head * r.DESCRIPTOR_SIZE
            (buffer,) = struct.unpack("<Q", self._memory.dma_read(address, 8))
            if buffer:  # a null pointer takes nothing (SDM 3.2.5)
                self._memory.dma_write(buffer, piece)
            flags = _DD | (_EOP | status if last else 0)
            self._memory.dma_write(
                address + 8,
                struct.pack(
                    "<HHBBH", len(piece), packet_sum, flags, errors if last else 0, special
                ),
            )
            ring.head = (ring.head + 1) % ring.count
        return True

    def _checked(self, frame: bytes) -> int:
        """Return what the checksum unit says: status bits, and errors above them (SDM 3.2.9)."""
        wanted = self.state.checksum_control
        if not wanted & (r.RXCSUM_IPOFL | r.RXCSUM_TUOFL):
            return _IXSM
        header, transport = verify_ipv4(frame)
        result = 0
        if wanted & r.RXCSUM_IPOFL and header is not None:
            result |= _IPCS | (0 if header else _IPE << 8)
        if wanted & r.RXCSUM_TUOFL and transport is not None:
            result |= _TCPCS | (0 if transport else _TCPE << 8)
        return result or _IXSM
