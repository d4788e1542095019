"""Slots of an xHCI controller and the commands that deal with them (xHCI 1.0, 4.5 and 4.6)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.devices.usb import xhci_registers as r
from engine.devices.usb.xhci_events import Address
from engine.devices.usb.xhci_transfers import Block, EndpointState, RingState, Small
from engine.vusb.device import SET_ADDRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.vusb.device import UsbDevice


class SlotState(msgspec.Struct, kw_only=True):
    """A slot.

    Attributes:
        enabled: the guest has it. state: as in the slot context.
        port: of the root hub, from 0; -1 before Address Device.
        context: address of the device context.
        endpoints: by number, 1..31.
    """

    enabled: bool = False
    state: Small = r.SLOT_ENABLED
    port: int = -1
    context: Address = 0
    endpoints: dict[int, EndpointState] = msgspec.field(default_factory=dict)


class Slots:
    """Carries out commands.

    Args:
        dma_read, dma_write: access to guest memory.
        device_at: returns the device at a port of the root hub, if the port is enabled.
        context_array: returns the base of the device context array.
        stopped: called with slot, endpoint and its state when the guest stops it.
    """

    def __init__(
        self,
        dma_read: Callable[[int, int], bytes],
        dma_write: Callable[[int, bytes], None],
        device_at: Callable[[int], UsbDevice[Any] | None],
        context_array: Callable[[], int],
        stopped: Callable[[int, int, EndpointState], None],
    ) -> None:
        self._read = dma_read
        self._write = dma_write
        self._device_at = device_at
        self._context_array = context_array
        self._stopped = stopped
        self.state = [SlotState() for _ in range(r.MOST_SLOTS)]

    def device(self, slot: int) -> UsbDevice[Any] | None:
        """Return the device on a slot."""
        return self._device_at(self.state[slot - 1].port)

    def find(self, number: int) -> SlotState | None:
        """Return an enabled slot."""
        if 1 <= number <= len(self.state) and self.state[number - 1].enabled:
            return self.state[number - 1]
        return None

    def execute(self, block: Block) -> tuple[int, int]:
        """Carry out a command; return its completion code and the slot."""
        if block.kind == r.TRB_NO_OP_COMMAND:
            return r.SUCCESS, 0
        if block.kind == r.TRB_ENABLE_SLOT:
            return self._enable()
        handler = _COMMANDS.get(block.kind)
        if handler is None:
            return r.TRB_ERROR, 0
        number = block.control >> 24
        slot = self.find(number)
        if slot is None:
            return r.SLOT_NOT_ENABLED, number
        return handler(self, number, slot, block), number

    # ------------------------------------------------------------------ slots

    def _enable(self) -> tuple[int, int]:
        for number, slot in enumerate(self.state, 1):
            if not slot.enabled:
                self.state[number - 1] = SlotState(enabled=True)
                return r.SUCCESS, number
        return r.NO_SLOTS, 0

    def _disable(self, number: int, slot: SlotState, _block: Block) -> int:
        if slot.context:
            self._write_slot(slot, state=r.SLOT_ENABLED, address=0)
        self.state[number - 1] = SlotState()
        return r.SUCCESS

    def _address(self, number: int, slot: SlotState, block: Block) -> int:
        """Address Device (4.6.5)."""
        only_default = block.control & r.BLOCK_ADDRESS
        if slot.state > (r.SLOT_ENABLED if only_default else r.SLOT_DEFAULT):
            return r.CONTEXT_STATE_ERROR
        source = block.parameter & ~0xF
        first, second = struct.unpack("<II", self._read(source + r.CONTEXT_SIZE, 8))
        port = (second >> 16 & 0xFF) - 1
        device = self._device_at(port)
        if first & 0xF_FFFF:  # a route: there are no hubs but the root hub
            return r.PARAMETER_ERROR
        if device is None:
            return r.TRANSACTION_ERROR
        (slot.context,) = struct.unpack("<Q", self._read(self._context_array() + 8 * number, 8))
        slot.context &= ~0x3F
        slot.port = port
        self._write(slot.context, self._read(source + r.CONTEXT_SIZE, r.CONTEXT_SIZE))
        self._set_up(slot, r.CONTROL_ENDPOINT, source)
        if only_default:
            self._write_slot(slot, state=r.SLOT_DEFAULT, address=0)
            return r.SUCCESS
        device.setup(struct.pack("<BBHHH", 0, SET_ADDRESS, number, 0, 0))
        device.data_in(0, 0)
        self._write_slot(slot, state=r.SLOT_ADDRESSED, address=number)
        return r.SUCCESS

    def _configure(self, _number: int, slot: SlotState, block: Block) -> int:
        """Configure Endpoint (4.6.6): drop endpoints, then add some."""
        if slot.state < r.SLOT_ADDRESSED:
            return r.CONTEXT_STATE_ERROR
        source = block.parameter & ~0xF
        drop, add = struct.unpack("<II", self._read(source, 8))
        if block.control & r.DECONFIGURE:
            drop, add = 0xFFFF_FFFC, 0
        if not all(self._has_type(source, n) for n in range(2, r.ENDPOINTS + 1) if add >> n & 1):
            return r.PARAMETER_ERROR
        for number in range(2, r.ENDPOINTS + 1):
            if drop >> number & 1:
                self._take_down(slot, number)
            if add >> number & 1:
                self._set_up(slot, number, source)
        if add & 1:
            entries = self._read(source + r.CONTEXT_SIZE, 4)
            self._write(slot.context, entries)
        configured = len(slot.endpoints) > 1
        self._write_slot(slot, state=r.SLOT_CONFIGURED if configured else r.SLOT_ADDRESSED)
        return r.SUCCESS

    def _evaluate(self, _number: int, slot: SlotState, block: Block) -> int:
        """Evaluate Context (4.6.7): the packet size of the control endpoint may become known."""
        control = slot.endpoints.get(r.CONTROL_ENDPOINT)
        if control is None:
            return r.CONTEXT_STATE_ERROR
        source = block.parameter & ~0xF
        (add,) = struct.unpack("<I", self._read(source + 4, 4))
        if add >> r.CONTROL_ENDPOINT & 1:
            word = self._read(source + 2 * r.CONTEXT_SIZE + 4, 4)
            self._write(slot.context + r.CONTEXT_SIZE + 4, word)
            control.max_packet = struct.unpack("<I", word)[0] >> 16
        return r.SUCCESS

    def _reset_device(self, _number: int, slot: SlotState, _block: Block) -> int:
        """Reset Device (4.6.11): as after a port reset."""
        if slot.state < r.SLOT_ADDRESSED:
            return r.CONTEXT_STATE_ERROR
        for number in list(slot.endpoints):
            if number != r.CONTROL_ENDPOINT:
                self._take_down(slot, number)
        self._write_slot(slot, state=r.SLOT_DEFAULT, address=0)
        return r.SUCCESS

    def _write_slot(self, slot: SlotState, *, state: int, address: int | None = None) -> None:
        slot.state = state
        place = slot.context + 12
        if address is None:
            address = self._read(place, 1)[0]
        self._write(place, struct.pack("<I", state << 27 | address))

    # ------------------------------------------------------------------ endpoints

    def _has_type(self, source: int, number: int) -> bool:
        """Tell whether the input context of an endpoint says what kind it is (6.2.3)."""
        return bool(self._read(source + (1 + number) * r.CONTEXT_SIZE + 4, 1)[0] >> 3 & 7)

    def _set_up(self, slot: SlotState, number: int, source: int) -> None:
        """Take an endpoint from the input context."""
        context = bytearray(self._read(source + (1 + number) * r.CONTEXT_SIZE, r.CONTEXT_SIZE))
        first, second, pointer = struct.unpack_from("<IIQ", context)
        slot.endpoints[number] = EndpointState(
            state=r.EP_RUNNING,
            kind=second >> 3 & 7,
            max_packet=second >> 16,
            interval=1 << min(first >> 16 & 0xFF, r.LONGEST_INTERVAL),
            ring=RingState(dequeue=pointer & ~0xF, cycle=bool(pointer & 1)),
        )
        context[0] = context[0] & ~7 | r.EP_RUNNING
        self._write(slot.context + number * r.CONTEXT_SIZE, bytes(context))

    def _take_down(self, slot: SlotState, number: int) -> None:
        if slot.endpoints.pop(number, None) is not None:
            self._write(slot.context + number * r.CONTEXT_SIZE, bytes(r.CONTEXT_SIZE))

    def write_back(self, slot: SlotState, number: int) -> None:
        """Tell state and dequeue pointer of an endpoint in its context (4.8.3)."""
        ep = slot.endpoints[number]
        place = slot.context + number * r.CONTEXT_SIZE
        first = self._read(place, 1)[0] & ~7 | ep.state
        self._write(place, bytes([first]))
        self._write(place + 8, struct.pack("<Q", ep.ring.dequeue | ep.ring.cycle))

    def _with_endpoint(
        self, slot: SlotState, block: Block, *states: int
    ) -> tuple[int, EndpointState | None]:
        ep = slot.endpoints.get(block.control >> 16 & 0x1F)
        if ep is None:
            return r.ENDPOINT_NOT_ENABLED, None
        return (r.SUCCESS, ep) if ep.state in states else (r.CONTEXT_STATE_ERROR, None)

    def _reset_endpoint(self, _number: int, slot: SlotState, block: Block) -> int:
        code, ep = self._with_endpoint(slot, block, r.EP_HALTED)
        if ep is not None:
            ep.state = r.EP_STOPPED
            ep.moved, ep.total, ep.short, ep.told = 0, 0, False, False
            self.write_back(slot, block.control >> 16 & 0x1F)
        return code

    def _stop_endpoint(self, number: int, slot: SlotState, block: Block) -> int:
        code, ep = self._with_endpoint(slot, block, r.EP_RUNNING)
        if ep is not None:
            ep.state = r.EP_STOPPED
            self._stopped(number, block.control >> 16 & 0x1F, ep)
            self.write_back(slot, block.control >> 16 & 0x1F)
        return code

    def _set_dequeue(self, _number: int, slot: SlotState, block: Block) -> int:
        code, ep = self._with_endpoint(slot, block, r.EP_STOPPED)
        if ep is not None:
            ep.ring = RingState(dequeue=block.parameter & ~0xF, cycle=bool(block.parameter & 1))
            ep.moved, ep.total, ep.short, ep.told = 0, 0, False, False
            self.write_back(slot, block.control >> 16 & 0x1F)
        return code


_COMMANDS: Final = {
    r.TRB_DISABLE_SLOT: Slots._disable,
    r.TRB_ADDRESS_DEVICE: Slots._address,
    r.TRB_CONFIGURE_ENDPOINT: Slots._configure,
    r.TRB_EVALUATE_CONTEXT: Slots._evaluate,
    r.TRB_RESET_ENDPOINT: Slots._reset_endpoint,
    r.TRB_STOP_ENDPOINT: Slots._stop_endpoint,
    r.TRB_SET_DEQUEUE: Slots._set_dequeue,
    r.TRB_RESET_DEVICE: Slots._reset_device,
}
