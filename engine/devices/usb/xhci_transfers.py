"""Transfer rings of an xHCI controller: from the guest's blocks to transactions and events.

Reference: xHCI 1.0, 4.9.2 (rings), 4.10 (transfer events), 4.11 (blocks).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec

from engine.devices.usb import xhci_registers as r
from engine.devices.usb.xhci_events import Address
from engine.vusb.device import Handshake

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.devices.usb.xhci_events import EventRing
    from engine.vusb.device import UsbDevice

MOST_BLOCKS: Final = 256
MOST_BYTES: Final = 1 << 20
"""Bounds on what is worked through at once: rings are the guest's, and may be loops."""

MOST_LINKS: Final = 16
Small = Annotated[int, msgspec.Meta(ge=0, le=7)]


class Block(NamedTuple):
    """A transfer request block."""

    address: int
    parameter: int
    status: int
    control: int

    @property
    def kind(self) -> int:
        """Its type."""
        return self.control >> 10 & 0x3F


class RingState(msgspec.Struct, kw_only=True):
    """Where the consumer of a ring is."""

    dequeue: Address = 0
    cycle: bool = True


class EndpointState(msgspec.Struct, kw_only=True):
    """An endpoint of a slot.

    Attributes:
        state: as in the endpoint context. kind: type of the endpoint, 0 when there is none.
        max_packet: bytes.
        interval: microframes between two transfers of an isochronous endpoint.
        due: microframe of the next of them since the controller was started; -1: it has not begun.
        moved: bytes of the block in progress that have been moved.
        total: bytes of the transfer descriptor in progress.
        short: the device has ended that descriptor early; its rest is skipped.
        told: an event has been sent for it.
    """

    state: Small = r.EP_DISABLED
    kind: Small = 0
    max_packet: Address = 8
    interval: Annotated[int, msgspec.Meta(ge=1, le=1 << 15)] = 1
    due: Annotated[int, msgspec.Meta(ge=-1)] = -1
    ring: RingState = msgspec.field(default_factory=RingState)
    moved: Address = 0
    total: Address = 0
    short: bool = False
    told: bool = False


def next_block(read: Callable[[int, int], bytes], ring: RingState) -> Block | None:
    """Return the block at the ring's dequeue pointer, past links; None when there is none.

    A ring of nothing but links has none.
    """
    for _ in range(MOST_LINKS):
        address = ring.dequeue
        block = Block(address, *struct.unpack("<QII", read(address, r.TRB_SIZE)))
        if bool(block.control & r.CYCLE) is not ring.cycle:
            return None
        if block.kind != r.TRB_LINK:
            return block
        ring.dequeue = block.parameter & ~0xF
        ring.cycle ^= bool(block.control & r.TOGGLE_CYCLE)
    return None


class RingWorker:
    """Base of those who work through the transfer rings of endpoints.

    Args:
        dma_read, dma_write: access to guest memory.
        events: takes the transfer events.
    """

    def __init__(
        self,
        dma_read: Callable[[int, int], bytes],
        dma_write: Callable[[int, bytes], None],
        events: EventRing,
    ) -> None:
        self._read = dma_read
        self._write = dma_write
        self._events = events


class Transfers(RingWorker):
    """Serves endpoints whose transfers run when the device goes along."""

    def run(self, device: UsbDevice[Any] | None, slot: int, number: int, ep: EndpointState) -> bool:
        """Serve an endpoint as far as its device goes along.

        Args:
            device: on the slot; None when it is gone.
            slot: from 1.
            number: of the endpoint, 1..31.
            ep: its state.

        Returns:
            Whether there is more to do at once: the bound on the work was met.
        """
        budget = MOST_BYTES
        for _ in range(MOST_BLOCKS):
            if budget <= 0:
                break
            if ep.state != r.EP_RUNNING or self._events.full:
                return False
            block = next_block(self._read, ep.ring)
            if block is None or not self._serve(device, slot, number, ep, block):
                return False
            budget -= block.status & r.LENGTH_MASK
        return True

    def stopped(self, slot: int, number: int, ep: EndpointState) -> None:
        """Tell where an endpoint stands that the guest has stopped (4.6.9)."""
        block = next_block(self._read, ep.ring)
        if block is not None:
            left = (block.status & r.LENGTH_MASK) - ep.moved
            told = ep.told
            self._tell(slot, number, ep, block, r.STOPPED, max(0, left))
            ep.told = told

    def _serve(
        self, device: UsbDevice[Any] | None, slot: int, number: int, ep: EndpointState, block: Block
    ) -> bool:
        """Serve a block; False when the device is not ready for it, or the endpoint has halted."""
        if block.kind == r.TRB_EVENT_DATA:
            code = r.SHORT_PACKET if ep.short else r.SUCCESS
            if block.control & r.IOC:
                self._tell(slot, number, ep, block, code, ep.total & 0xFF_FFFF, data=True)
            self._advance(ep, block)
            return True
        length = block.status & r.LENGTH_MASK
        if ep.short or block.kind == r.TRB_NO_OP:
            if block.control & r.IOC and not ep.told:
                code = r.SHORT_PACKET if ep.short else r.SUCCESS
                self._tell(slot, number, ep, block, code, length if ep.short else 0)
            self._advance(ep, block)
            return True
        code = r.TRANSACTION_ERROR if device is None else self._move(device, number, ep, block)
        if code == 0:
            return False
        left = length - ep.moved if block.kind != r.TRB_SETUP else 0
        if code not in (r.SUCCESS, r.SHORT_PACKET):
            ep.state = r.EP_HALTED
            self._tell(slot, number, ep, block, code, left)
            return False
        wanted = block.control & r.IOC or (code == r.SHORT_PACKET and block.control & r.ISP)
        if wanted and not ep.told:
            ep.told = True
            self._tell(slot, number, ep, block, code, left)
        ep.short = code == r.SHORT_PACKET
        self._advance(ep, block)
        return True

    def _advance(self, ep: EndpointState, block: Block) -> None:
        """Go on to the next block; the one without the chain bit ends the descriptor."""
        ep.ring.dequeue = block.address + r.TRB_SIZE & r.ADDRESS_MASK
        ep.moved = 0
        if not block.control & r.CHAIN:
            ep.total, ep.short, ep.told = 0, False, False

    def _tell(
        self, slot: int, number: int, ep: EndpointState, block: Block, code: int, left: int,
        *, data: bool = False,
    ) -> None:  # fmt: skip
        ep.told = True
        self._events.put(
            r.EVENT_TRANSFER,
            block.parameter if data else block.address,
            code << 24 | left,
            slot << 24 | number << 16 | (r.EVENT_IS_DATA if data else 0),
        )

    # ------------------------------------------------------------------ data

    def _move(self, device: UsbDevice[Any], number: int, ep: EndpointState, block: Block) -> int:
        """Do what a block asks for; return the completion code, 0 for not yet."""
        kind = block.kind
        if kind == r.TRB_SETUP and number == r.CONTROL_ENDPOINT:
            packet = block.parameter.to_bytes(8, "little")
            return r.SUCCESS if device.setup(packet) is Handshake.ACK else r.STALL
        if kind == r.TRB_STATUS:
            incoming = bool(block.control & r.DIRECTION_IN)
            answer = device.data_in(0, 0) if incoming else device.data_out(0, b"")
            if answer is Handshake.NAK:
                return 0
            return r.STALL if answer is Handshake.STALL else r.SUCCESS
        if kind not in (r.TRB_NORMAL, r.TRB_DATA):
            return r.TRB_ERROR
        if number == r.CONTROL_ENDPOINT:
            incoming = bool(block.control & r.DIRECTION_IN)
        else:
            incoming = bool(number & 1)
        move = self._move_in if incoming else self._move_out
        return move(device, number // 2, ep, block)

    def _move_in(
        self, device: UsbDevice[Any], endpoint: int, ep: EndpointState, block: Block
    ) -> int:
        length = block.status & r.LENGTH_MASK
        while True:
            data = device.data_in(endpoint, length - ep.moved)
            if data is Handshake.NAK:
                return 0
            if not isinstance(data, bytes):
                return r.STALL
            if len(data) > length - ep.moved:
                return r.BABBLE
            self._write(block.parameter + ep.moved, data)
            ep.moved += len(data)
            ep.total += len(data)
            if ep.moved == length:
                return r.SUCCESS
            if not data or len(data) % max(1, ep.max_packet):
                return r.SHORT_PACKET

    def _move_out(
        self, device: UsbDevice[Any], endpoint: int, ep: EndpointState, block: Block
    ) -> int:
        length = block.status & r.LENGTH_MASK
        if block.control & r.IDT:  # up to 8 bytes in the block itself (4.11.7)
            data = block.parameter.to_bytes(8, "little")[: min(length, 8)]
        else:
            data = self._read(block.parameter, length)
        answer = device.data_out(endpoint, data)
        if answer is Handshake.ACK:
            ep.moved = length
            ep.total += length
            return r.SUCCESS
        return 0 if answer is Handshake.NAK else r.STALL
