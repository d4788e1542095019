"""The controller: registers, queues of messages, and SCSI requests under way.

References: LSI Fusion-MPT MPI specification 1.2; identity of the LSI53C1030 with VirtualBox's
subsystem. Each SCSI request is under way by itself; what orders those that overlap is the medium's
queue. A saved state has the frames of those that have not ended, and they are begun anew.
Deviations: the initiator's own identifier is 16, so that all sixteen targets are free for units;
there are no events, no firmware to download, and no RAID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.devices.lsilogic import doorbell, messages, pages
from engine.devices.lsilogic import registers as r
from engine.devices.lsilogic.gather import GatherError, pieces
from engine.devices.lsilogic.messages import ConfigRequest, ScsiRequest
from engine.devices.lsilogic.state import LsiState
from engine.pdm import (
    Buffers,
    MemoryBar,
    PciDevice,
    PortBar,
    register,
)
from engine.pdm.device import DeviceConfig, Mmio, Ports
from engine.pdm.interfaces import ResetKind
from engine.scsi import ScsiHostDevice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.pdm import Steps
    from engine.pdm.interfaces import BootDevice
    from engine.scsi import ScsiUnit

MOST_TARGETS: Final = 16
INITIATOR: Final = 16
_LUN: Final = 0x3FFF
# Task management: which requests a function ends.
_ABORT_TASK, _TASK_FUNCTIONS, _ALL_TARGETS = 1, frozenset({1, 2, 3, 4, 5, 6}), 4
_TASK_FUNCTION_AT, _TASK_CONTEXT_AT, _TASK_SIZE = 5, 0x30, 0x34


class LsiConfig(DeviceConfig, frozen=True):
    """Targets.

    Attributes:
        units: what each has: ``disk``, ``cdrom`` or nothing, separated by commas.
    """

    units: str = ""


class _Data:
    """The data of a request, in the one direction that it has."""

    def __init__(self, request: ScsiRequest, buffers: Buffers) -> None:
        self._reads = request.direction == r.FROM_DEVICE
        self._writes = request.direction == r.TO_DEVICE
        self._length = request.length
        self._buffers = buffers

    @property
    def landing(self) -> Buffers | None:
        """See :class:`engine.scsi.DataPhase`."""
        buffers = self._buffers
        return buffers if self._reads and buffers.size <= self._length else None

    def scatter(self, data: memoryview) -> int:
        """See :class:`engine.scsi.DataPhase`."""
        room = self._length - self._buffers.moved if self._reads else 0
        return self._buffers.scatter(data[:room])

    def gather(self, count: int) -> bytes:
        """See :class:`engine.scsi.DataPhase`."""
        left = self._length - self._buffers.moved if self._writes else 0
        return self._buffers.gather(min(count, left))


@register
class LsiLogicScsi(ScsiHostDevice[LsiConfig, LsiState], PciDevice[LsiConfig, LsiState]):
    """LSI53C1030."""

    NAME = "lsilogicscsi"
    DESCRIPTION = "LSI Logic Fusion-MPT SCSI host"
    VENDOR = 0x1000
    DEVICE = 0x0030
    SUBSYSTEM = (0x1000, 0x8000)
    CLASS = 0x010000
    INTERRUPT = 1
    port_block = Ports(None, r.PORTS, sizes=(4,))
    memory_block = Mmio(None, r.MEMORY_SIZE, sizes=(4,))
    BARS = (PortBar(0, "port_block"), MemoryBar(1, "memory_block"))

    def setup(self) -> None:
        """Make the units that the configuration names."""
        super().setup()
        self.make_units(self.config.units, MOST_TARGETS)
        self._requests: dict[int, ScsiRequest] = {}

    # -- life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets the units, too; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        self._forget()
        super().reset(kind)
        self.bind_units(self.state.units)

    def _forget(self) -> None:
        """Give up what is under way; it ends without a reply."""
        self.forget_tasks()
        self._requests.clear()

    def _restart(self, *, diagnostic: int = 0) -> None:
        """Reset by the driver: what it has set up is gone, the units are as they were."""
        self._forget()
        self.state = LsiState(units=self.state.units, diagnostic=diagnostic)
        self._update_interrupt()

    def state_loaded(self, version: int) -> None:
        """Go on where the saved controller was; what was under way is begun anew."""
        self.bind_units(self.state.units)
        if self.state.in_flight:
            self.resumption.arm(self.now)

    def begin_anew(self) -> None:
        """See :class:`~engine.pdm.CommandHost`."""
        for number, address in sorted(self.state.in_flight.items()):
            if number not in self.tasks:
                self._start(number, self.dma_read(address, r.FRAME_SIZE))

    # -- registers

    @port_block.reader
    @memory_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the system interface registers."""
        state = self.state
        if offset == r.INTERRUPT_STATUS:
            return state.interrupt_status
        if offset == r.REPLY_QUEUE:
            return self._fetch_reply()
        if offset == r.DOORBELL:
            return doorbell.read(state)
        return {r.INTERRUPT_MASK: state.interrupt_mask, r.DIAGNOSTIC: state.diagnostic}.get(
            offset, 0
        )

    @port_block.writer
    @memory_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the system interface registers."""
        state = self.state
        if offset in (r.REQUEST_QUEUE, r.PRIORITY_QUEUE):
            self._take_request(value)
        elif offset == r.REPLY_QUEUE:
            if len(state.free) < r.DEPTH:
                state.free.append(value)
            else:
                self._fault(r.INSUFFICIENT_RESOURCES, "more reply frames than there is room for")
        elif offset == r.INTERRUPT_STATUS:
            doorbell.acknowledge(state)
        elif offset == r.INTERRUPT_MASK:
            state.interrupt_mask = value & r.INTERRUPTS
        elif offset == r.DOORBELL:
            self._ring(value)
        elif offset == r.WRITE_SEQUENCE:
            self._unlock(value & 0xF)
        elif offset == r.DIAGNOSTIC and state.diagnostic & r.DIAGNOSTIC_OPEN:
            self._diagnose(value)
        self._update_interrupt()

    def _ring(self, value: int) -> None:
        """The doorbell has been written."""
        state, function = self.state, value >> 24
        if state.handshake.phase == "request":
            doorbell.take(state, value, self._shake)
        elif function == r.UNIT_RESET:
            self._restart(diagnostic=state.diagnostic)
        elif function == r.HANDSHAKE and value >> 16 & 0xFF:
            doorbell.begin(state, value)
        elif function != r.IO_UNIT_RESET:
            self.guest_error(f"doorbell function {function:#04x} is not known")

    def _unlock(self, key: int) -> None:
        """A key has been written; the whole sequence opens DIAGNOSTIC, any other closes it."""
        state = self.state
        state.keys = state.keys + 1 if key == r.KEYS[state.keys] else int(key == r.KEYS[0])
        if state.keys == len(r.KEYS):
            state.keys = 0
            state.diagnostic |= r.DIAGNOSTIC_OPEN
        else:
            state.diagnostic &= ~r.DIAGNOSTIC_OPEN

    def _diagnose(self, value: int) -> None:
        if value & r.RESET_ADAPTER:
            self._restart(diagnostic=r.RESET_HISTORY)
        else:
            kept = self.state.diagnostic & value & r.RESET_HISTORY
            self.state.diagnostic = r.DIAGNOSTIC_OPEN | kept

    def _update_interrupt(self) -> None:
        state = self.state
        if state.posted:
            state.interrupt_status |= r.REPLY_INTERRUPT
        else:
            state.interrupt_status &= ~r.REPLY_INTERRUPT
        self.intx.set(bool(state.interrupt_status & ~state.interrupt_mask & r.INTERRUPTS))

    def _fault(self, code: int, why: str) -> None:
        """Stop: only a reset leads out of this state."""
        self.guest_error(why)
        self.state.ioc_state = r.STATE_FAULT | code

    # -- queues

    def _fetch_reply(self) -> int:
        posted = self.state.posted
        if not posted:
            return r.NO_REPLY
        found = posted.pop(0)
        self._update_interrupt()
        return found

    def _post(self, value: int) -> None:
        if len(self.state.posted) >= 2 * r.DEPTH:
            self._fault(r.INSUFFICIENT_RESOURCES, "nobody fetches the replies")
            return
        self.state.posted.append(value)
        self._update_interrupt()

    def _reply(self, message: bytes) -> None:
        """Put a reply into an empty frame of the driver, and post its address."""
        state = self.state
        if not state.free:
            self._fault(r.INSUFFICIENT_RESOURCES, "there is no frame for a reply")
            return
        frame = state.free.pop(0)
        self.dma_write(state.frames_high << 32 | frame, message[: state.reply_size])
        self._post(r.ADDRESS_REPLY | frame >> 1)

    def _take_request(self, value: int) -> None:
        state = self.state
        if state.ioc_state != r.STATE_OPERATIONAL:
            self.guest_error("a request for a controller that is not operational")
            return
        address = state.frames_high << 32 | value & -r.FRAME_ALIGNMENT
        message = self.dma_read(address, r.FRAME_SIZE)
        if message[3] != r.SCSI_IO:
            self._reply(self._execute(message))
        elif len(state.in_flight) >= r.DEPTH:
            self._fault(r.INSUFFICIENT_RESOURCES, "more requests than the controller can take")
        else:
            number, state.next_number = state.next_number, state.next_number + 1
            state.in_flight[number] = address
            self._start(number, message)

    # -- messages that end at once

    def _shake(self, message: bytes) -> bytes:
        """Answer a message that has come through the doorbell."""
        if len(message) < 12:
            return messages.reply(message.ljust(12, b"\0"), r.INVALID_FIELD)
        if message[3] in (r.SCSI_IO, r.EVENT_NOTIFICATION):  # their replies come in frames
            return messages.reply(message, r.INVALID_FUNCTION)
        return self._execute(message)

    def _execute(self, message: bytes) -> bytes:
        """Carry out a message other than SCSI_IO and return its reply."""
        handler = _MESSAGES.get(message[3])
        if handler is None:
            self.guest_error(f"message {message[3]:#04x} is not known")
            return messages.reply(message, r.INVALID_FUNCTION)
        return handler(self, message)

    def _initialize(self, message: bytes) -> bytes:
        state = self.state
        if len(message) < 24 or state.ioc_state not in (r.STATE_READY, r.STATE_OPERATIONAL):
            return messages.reply(message, r.INVALID_FIELD)
        state.who_init = message[0] & 7
        state.most_devices, state.most_buses = message[5], message[6]
        state.reply_size = int.from_bytes(message[12:14], "little")
        state.frames_high = int.from_bytes(message[16:20], "little")
        state.sense_high = int.from_bytes(message[20:24], "little")
        state.ioc_state = r.STATE_OPERATIONAL
        return messages.reply(message)

    def _port_facts(self, message: bytes) -> bytes:
        if message[6]:
            return messages.reply(message, r.INVALID_FIELD, words=10)
        return messages.port_facts(message, MOST_TARGETS, INITIATOR)

    def _events(self, message: bytes) -> bytes:
        self.state.events = bool(message[0] & 1)
        return messages.event_notification(message)

    def _configure(self, message: bytes) -> bytes:
        if len(message) < messages.CONFIG_SIZE:
            return messages.reply(message, r.INVALID_FIELD, words=6)
        request = ConfigRequest.parse(message)
        page = pages.page(request.kind, request.number, self.VENDOR, self.DEVICE)
        if page is None:
            return request.reply(r.CONFIG_INVALID_PAGE)
        if request.action in (r.WRITE_CURRENT, r.WRITE_NVRAM):
            allowed = pages.changeable(page)
            return request.reply(r.SUCCESS if allowed else r.CONFIG_CANNOT_COMMIT, page[:4])
        if request.action in (r.READ_CURRENT, r.READ_DEFAULT, r.READ_NVRAM):
            try:
                where = pieces(message, messages.CONFIG_SIZE, request.chain, self.dma_read)
            except GatherError as error:
                self.guest_error(f"configuration page: {error}")
                return request.reply(r.INVALID_SGL, page[:4])
            Buffers(self, where).scatter(page)
        elif request.action not in (r.PAGE_HEADER, r.PAGE_DEFAULT):
            return request.reply(r.CONFIG_INVALID_ACTION, page[:4])
        return request.reply(r.SUCCESS, page[:4])

    def _manage(self, message: bytes) -> bytes:
        """End requests (task management)."""
        if len(message) < _TASK_SIZE:
            return messages.reply(message, r.INVALID_FIELD, words=6)
        target, function = message[0], message[_TASK_FUNCTION_AT]
        if function not in _TASK_FUNCTIONS:
            return messages.reply(message, r.TASK_MANAGEMENT_FAILED, words=6)
        if function != _ALL_TARGETS and target not in self.units:
            return messages.reply(message, r.INVALID_TARGET, words=6)
        (named,) = messages.CONTEXT.unpack_from(message, _TASK_CONTEXT_AT)
        ended = 0
        for number, request in list(self._requests.items()):
            if function != _ALL_TARGETS and request.target != target:
                continue
            if function != _ABORT_TASK or messages.context(request.message) == named:
                self._ended(number)
                self._reply(request.reply(r.TASK_TERMINATED, state=r.TERMINATED))
                ended += 1
        return messages.reply(message, body=ended.to_bytes(4, "little"), words=6)

    # -- SCSI requests

    def _start(self, number: int, message: bytes) -> None:
        """Begin a request, or refuse it."""
        request = ScsiRequest.parse(message)
        unit = self.units.get(request.target)
        buffers = Buffers(self, ())
        refusal = r.INVALID_BUS if request.bus else r.SUCCESS
        if unit is None or request.lun & _LUN:
            refusal = refusal or r.NOT_THERE
        elif request.length and request.direction:
            try:
                where = pieces(message, messages.SCSI_IO_SIZE, request.chain, self.dma_read)
                buffers = Buffers(self, where)
            except GatherError as error:
                self.guest_error(f"SCSI request: {error}")
                refusal = r.INVALID_SGL
        if refusal or unit is None:
            self._ended(number)
            self._reply(request.reply(refusal))
            return
        lun = unit.lun
        self._requests[number] = request
        self.start_task(number, lambda: lun, self._run(number, unit, request, buffers))

    def _run(self, number: int, unit: ScsiUnit, request: ScsiRequest, buffers: Buffers) -> Steps:
        outcome = yield from unit.execute(request.cdb, _Data(request, buffers))
        self._ended(number)
        moved = buffers.moved
        if not outcome.status and moved == (request.length if request.direction else 0):
            self._post(messages.context(request.message) & ~r.ADDRESS_REPLY)
            return
        low, room = request.sense
        sense = outcome.sense[:room]
        if sense:
            self.dma_write(self.state.sense_high << 32 | low, sense)
        short = moved < request.length
        self._reply(
            request.reply(
                r.DATA_UNDERRUN if short else r.SUCCESS,
                status=outcome.status,
                state=r.SENSE_VALID if sense else 0,
                moved=moved,
                sense=len(sense),
            )
        )

    def _ended(self, number: int) -> None:
        self._requests.pop(number, None)
        self.end_task(number)
        del self.state.in_flight[number]

    # -- for the firmware

    def boot_devices(self) -> Sequence[BootDevice]:
        """Return the units in the firmware's naming."""
        return self.bootable_units(self.slot)


_MESSAGES: Final[dict[int, Callable[[LsiLogicScsi, bytes], bytes]]] = {
    r.TASK_MANAGEMENT: LsiLogicScsi._manage,
    r.IOC_INIT: LsiLogicScsi._initialize,
    r.IOC_FACTS: lambda self, message: messages.ioc_facts(message, self.state),
    r.CONFIG: LsiLogicScsi._configure,
    r.PORT_FACTS: LsiLogicScsi._port_facts,
    r.PORT_ENABLE: lambda _self, message: messages.reply(message),
    r.EVENT_NOTIFICATION: LsiLogicScsi._events,
    r.EVENT_ACK: lambda _self, message: messages.reply(message),
}
