"""The receive unit of an 8254x: frames go into the guest's buffers (SDM 3.2)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final, Protocol

from engine.devices.e1000 import filters, statistics
from engine.devices.e1000 import registers as r
from engine.devices.e1000.checksums import total, verify_ipv4

if TYPE_CHECKING:
    from engine.devices.e1000.state import ReceiveState

# Status and errors of a receive descriptor.
_DD, _EOP, _IXSM, _VP, _TCPCS, _IPCS = 0x01, 0x02, 0x04, 0x08, 0x20, 0x40
_TCPE, _IPE = 0x20, 0x40

FIFO_BYTES: Final = 48 << 10
_SHORTEST_FRAME: Final = 60
_LONGEST_FRAME, _TAG = 1518 - statistics.FCS, 4
LONGEST_JUMBO: Final = 16384 - statistics.FCS


class Memory(Protocol):
    """What the unit needs of its adapter."""

    def dma_read(self, address: int, size: int) -> bytes:
        """Read the guest's memory."""

    def dma_write(self, address: int, data: bytes) -> None:
        """Write the guest's memory."""


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
        statistics.count_received(self.counters, frame)
        if sum(map(len, state.fifo)) + len(frame) > FIFO_BYTES:
            statistics.add(self.counters, statistics.MPC)
            return r.INT_RXO
        state.fifo.append(frame)
        return self.run()

    def run(self) -> int:
        """Put what is in the packet buffer into the ring; return interrupt causes."""
        state = self.state
        causes = 0
        while state.fifo and state.control & r.RCTL_EN:
            if not self._store(state.fifo[0]):
                statistics.add(self.counters, statistics.RNBC)
                break
            del state.fifo[0]
            causes |= r.INT_RXT0
        if causes and state.ring.owned <= state.ring.count >> 1 + (state.control >> 8 & 3):
            causes |= r.INT_RXDMT0
        return causes

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
