"""Isochronous endpoints of an xHCI controller: a transfer descriptor in each interval.

Reference: xHCI 1.0, 4.10.3 (underrun, overrun, missed service), 4.11.2.3 (Isoch TRB), 4.14.2
(scheduling).

Deviation: intervals that have passed since the last look are served together, not missed: the
guest runs meanwhile. Only what is to begin in a frame that is over is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.devices.usb import xhci_registers as r
from engine.devices.usb.xhci_transfers import MOST_BYTES, RingWorker, next_block

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.devices.usb.xhci_transfers import Block, EndpointState, RingState
    from engine.vusb.device import UsbDevice

MOST_DESCRIPTORS: Final = 256
MOST_CHAINED: Final = 64
"""Bounds on what is worked through at once: rings are the guest's, and may be loops."""

_FRAME: Final = 8  # microframes
_FRAME_IDS: Final = 0x800


class IsochronousTransfers(RingWorker):
    """Serves isochronous endpoints."""

    def run(
        self, device: UsbDevice[Any] | None, slot: int, number: int, ep: EndpointState, now: int
    ) -> int | None:
        """Serve an endpoint for the intervals that have begun.

        Args:
            device: on the slot; None when it is gone.
            slot: from 1.
            number: of the endpoint, 2..31.
            ep: its state.
            now: microframes since the controller was started.

        Returns:
            The microframe at which there is more to do; None: when the doorbell rings.
        """
        for _ in range(MOST_DESCRIPTORS):
            if ep.state != r.EP_RUNNING or self._events.full:
                return None
            ring = msgspec.structs.replace(ep.ring)
            blocks = self._descriptor(ring)
            if not blocks:
                return self._starve(slot, number, ep, now)
            isochronous = blocks[0].kind == r.TRB_ISOCH
            if isochronous and not self._plan(ep, blocks[0], now):
                self._tell(slot, number, blocks[0], r.MISSED_SERVICE, 0)
            elif ep.due > now:
                return self._visit(ep)
            else:
                self._execute(device, slot, number, blocks)
                ep.due += ep.interval if isochronous else 0
            ep.ring = ring
        return max(ep.due, now + 1)

    @staticmethod
    def _visit(ep: EndpointState) -> int:
        """Return when to look again: short intervals are served a frame at a time."""
        return -(-ep.due // _FRAME) * _FRAME if ep.interval < _FRAME else ep.due

    def _descriptor(self, ring: RingState) -> list[Block]:
        """Take the blocks of the next descriptor off; none when it is not there or not whole."""
        blocks: list[Block] = []
        while len(blocks) < MOST_CHAINED:
            block = next_block(self._read, ring)
            if block is None:
                return []
            blocks.append(block)
            ring.dequeue = block.address + r.TRB_SIZE & r.ADDRESS_MASK
            if not block.control & r.CHAIN:
                break
        return blocks

    def _starve(self, slot: int, number: int, ep: EndpointState, now: int) -> int | None:
        """The ring is empty: the guest has until the next interval to append (4.10.3.1)."""
        if ep.due > now:
            return self._visit(ep)
        if ep.due >= 0:
            ep.due = -1
            code = r.RING_OVERRUN if number & 1 else r.RING_UNDERRUN
            self._events.put(r.EVENT_TRANSFER, 0, code << 24, slot << 24 | number << 16)
        return None

    @staticmethod
    def _plan(ep: EndpointState, block: Block, now: int) -> bool:
        """Decide at which interval a descriptor is due; False: its frame is over."""
        asap = block.control & r.START_ASAP
        if ep.due < 0 and asap:
            ep.due = (now // ep.interval + 1) * ep.interval
        elif not asap:
            base = max(ep.due, now if ep.due < 0 else 0) // _FRAME
            ahead = ((block.control >> 20) - base) % _FRAME_IDS
            if ahead < _FRAME_IDS // 2:
                ep.due = max(ep.due, (base + ahead) * _FRAME)
            elif ep.due < 0:
                return False
        return True

    # ------------------------------------------------------------------ data

    def _execute(
        self, device: UsbDevice[Any] | None, slot: int, number: int, blocks: Sequence[Block]
    ) -> None:
        """Move the packets of an interval, and tell."""
        sizes = [
            each.status & r.LENGTH_MASK if each.kind in (r.TRB_ISOCH, r.TRB_NORMAL) else 0
            for each in blocks
        ]
        code, moved = r.SUCCESS, 0
        if blocks[0].kind not in (r.TRB_ISOCH, r.TRB_NO_OP) or sum(sizes) > MOST_BYTES:
            code = r.TRB_ERROR
        elif blocks[0].kind == r.TRB_ISOCH:
            move = self._move_in if number & 1 else self._move_out
            code, moved = move(device, number // 2, blocks, sizes)
        left, told = moved, False
        for block, size in zip(blocks, sizes, strict=True):
            here = min(size, left)
            left -= here
            if block.kind == r.TRB_EVENT_DATA:
                if block.control & r.IOC:
                    self._tell(slot, number, block, code, moved & 0xFF_FFFF, data=True)
                continue
            ended = here < size or block is blocks[-1]
            failed = code not in (r.SUCCESS, r.SHORT_PACKET) and ended
            wanted = block.control & r.IOC or (here < size and block.control & r.ISP)
            if (wanted or failed) and not told:
                told = here < size or failed
                self._tell(slot, number, block, code if ended else r.SUCCESS, size - here)

    def _move_out(
        self, device: UsbDevice[Any] | None, endpoint: int, blocks: Sequence[Block],
        sizes: Sequence[int],
    ) -> tuple[int, int]:  # fmt: skip
        data = b"".join(
            block.parameter.to_bytes(8, "little")[:size]
            if block.control & r.IDT
            else self._read(block.parameter, size)
            for block, size in zip(blocks, sizes, strict=True)
            if size
        )
        if device is None:
            return r.TRANSACTION_ERROR, 0
        device.data_out(endpoint, data)
        return r.SUCCESS, sum(sizes)

    def _move_in(
        self, device: UsbDevice[Any] | None, endpoint: int, blocks: Sequence[Block],
        sizes: Sequence[int],
    ) -> tuple[int, int]:  # fmt: skip
        room = sum(sizes)
        data = device.data_in(endpoint, room) if device is not None else None
        if not isinstance(data, bytes):
            return r.TRANSACTION_ERROR, 0
        moved = 0
        for block, size in zip(blocks, sizes, strict=True):
            self._write(block.parameter, data[moved : min(moved + size, room)])
            moved += size
        if len(data) > room:
            return r.BABBLE, room
        return (r.SUCCESS if len(data) == room else r.SHORT_PACKET), len(data)

    def _tell(
        self, slot: int, number: int, block: Block, code: int, left: int, *, data: bool = False
    ) -> None:
        self._events.put(
            r.EVENT_TRANSFER,
            block.parameter if data else block.address,
            code << 24 | left,
            slot << 24 | number << 16 | (r.EVENT_IS_DATA if data else 0),
            quiet=bool(block.control & r.BLOCK_INTERRUPT),
        )
