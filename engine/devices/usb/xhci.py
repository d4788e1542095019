"""xHCI: the USB 3 host controller of machines like ours (Intel Panther Point's identity).

Reference: Intel, eXtensible Host Controller Interface for Universal Serial Bus, 1.0.

Nothing ticks: transfers run when the guest rings a doorbell and when a device has data for an
endpoint that waits. A timer runs only while a device repeats its reports, isochronous transfers are
due, or the guest counts the frames by the wraps of MFINDEX.

Deviations: one interrupter without MSI; no streams, no bandwidth negotiation, no hubs behind the
root hub; ports of USB 3 are there and stay empty, because no device here is faster than high speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from engine.devices.usb import xhci_registers as r
from engine.devices.usb.controller import UsbConfig, UsbController, UsbState
from engine.devices.usb.xhci_commands import Slots, SlotState
from engine.devices.usb.xhci_events import Address, EventRing, EventRingState, Word
from engine.devices.usb.xhci_isochronous import IsochronousTransfers
from engine.devices.usb.xhci_transfers import RingState, Transfers, next_block
from engine.pdm import MemoryBar, register, timer
from engine.pdm.device import Mmio
from engine.pdm.interfaces import ResetKind
from engine.vusb.descriptors import Speed

if TYPE_CHECKING:
    from engine.vusb.device import UsbDevice

USB2_PORTS, USB3_PORTS = 8, 6
MOST_COMMANDS: Final = 256
MICROFRAME: Final = 125_000  # ns
_SUSPENDED: Final = (r.PLS_U3, r.PLS_RESUME)
REPEAT: Final = 8_000_000
"""ns between two looks at a device that repeats its reports."""


def _protocol(following: int, major: int, first: int, count: int) -> tuple[int, ...]:
    """Return a supported protocol capability (7.2); ports are counted from 1."""
    return (major << 24 | following << 8 | 2, 0x2042_5355, count << 8 | first, 0)


_EXTENDED: Final = (
    *(2 << 8 | 1, 0),  # legacy support (7.1): the BIOS never owns the controller
    *_protocol(4, 2, 1, USB2_PORTS),
    *_protocol(0, 3, 1 + USB2_PORTS, USB3_PORTS),
)


class XhciState(UsbState, kw_only=True):
    """Registers (xHCI 1.0, 5.4 and 5.5), slots and rings.

    Attributes:
        started: virtual time (ns) at which the controller was last started.
        legacy: the semaphores of USBLEGSUP.
        commands: where the command ring is; ``commands_running`` until it is stopped.
        ports: PORTSC.
    """

    command: Word = 0
    status: Word = r.STS_HALTED
    notifications: Word = 0
    commands: RingState = msgspec.field(default_factory=RingState)
    commands_running: bool = False
    context_array: Address = 0
    legacy: Word = 0
    config: Word = 0
    started: int = 0
    ports: list[Word] = msgspec.field(default_factory=list)
    slots: list[SlotState] = msgspec.field(default_factory=list)
    events: EventRingState = msgspec.field(default_factory=EventRingState)


@register
class Xhci(UsbController[UsbConfig, XhciState]):
    """Extensible host controller."""

    NAME = "usb-xhci"
    DESCRIPTION = "xHCI USB 3.0 controller"
    VENDOR = 0x8086
    DEVICE = 0x1E31
    CLASS = 0x0C0330
    REVISION = 0x04
    INTERRUPT = 1
    PORTS = USB2_PORTS
    SPEEDS = frozenset(Speed)
    STORAGE_SPEED = Speed.HIGH
    WRITABLE = {0x61: 0x3F}
    DEFAULTS = {0x60: 0x30, 0x61: 0x20}
    registers_block = Mmio(None, r.REGISTERS_SIZE, sizes=(4,))
    BARS = (MemoryBar(0, "registers_block"),)

    @timer
    def repeat(self) -> None:
        """A device may repeat its report, an interval has begun, or a long list goes on."""
        self._serve_all()

    @timer
    def wrap(self) -> None:
        """MFINDEX begins anew (4.14.2)."""
        self._events.put(r.EVENT_WRAP, 0, r.SUCCESS << 24, 0)
        self._count_wraps()

    def setup(self) -> None:
        """Make the rings, then the devices."""
        self._events = EventRing(
            self.dma_read, self.dma_write, self._update_interrupt, self._event_lost
        )
        self._transfers = Transfers(self.dma_read, self.dma_write, self._events)
        self._isochronous = IsochronousTransfers(self.dma_read, self.dma_write, self._events)
        self._slots = Slots(
            self.dma_read,
            self.dma_write,
            self._enabled_device,
            lambda: self.state.context_array,
            self._transfers.stopped,
        )
        self.state.ports = [0] * (USB2_PORTS + USB3_PORTS)
        self._bind()
        super().setup()

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self._host_reset()

    def _host_reset(self) -> None:
        """USBCMD.HCRST: as after power-on, the ports too (5.4.1)."""
        self.state = XhciState(legacy=self.state.legacy)
        self.state.slots = [SlotState() for _ in range(r.MOST_SLOTS)]
        self.state.ports = [self._idle_port(port) for port in range(USB2_PORTS + USB3_PORTS)]
        self._bind()
        self.repeat.cancel()
        self.wrap.cancel()
        for port, device in self.hub.ports():
            device.bus_reset()
            self.state.ports[port] |= r.PORT_CSC
        self._update_interrupt()

    def _bind(self) -> None:
        self._events.state = self.state.events
        self._slots.state = self.state.slots

    def state_loaded(self, version: int) -> None:
        """Continue on a saved state."""
        super().state_loaded(version)
        state = self.state
        missing = r.MOST_SLOTS - len(state.slots)
        state.slots = (state.slots + [SlotState() for _ in range(missing)])[: r.MOST_SLOTS]
        ports = USB2_PORTS + USB3_PORTS
        state.ports = (state.ports + [r.PORT_PP] * ports)[:ports]
        self._bind()
        self.pull_out_absent()
        self.repeat.arm(self.now)  # drives go on with what they were doing
        self._count_wraps()

    # ------------------------------------------------------------------ root hub

    def _idle_port(self, port: int) -> int:
        """Return PORTSC of a port that has not been reset."""
        device = self.hub.at(port) if port < USB2_PORTS else None
        if device is None:
            return r.PORT_PP | r.PLS_RX_DETECT << 5
        return r.PORT_PP | r.PORT_CCS | r.PLS_POLLING << 5 | device.speed << 10

    def port_plugged(self, port: int) -> None:
        """Something has been plugged in or out."""
        before = self.state.ports[port]
        kept = before & (r.PORT_CHANGES | r.PORT_WAKES)
        self.state.ports[port] = kept & ~r.PORT_CSC | self._idle_port(port)
        self._port_changed(port, r.PORT_CSC)

    def _port_changed(self, port: int, change: int) -> None:
        """Set a change bit, and tell it when it was not set (4.15.2)."""
        state = self.state
        before = state.ports[port]
        state.ports[port] |= change
        state.status |= r.STS_PCD
        if not before & change and state.command & r.CMD_RUN:
            self._events.put(r.EVENT_PORT, port + 1 << 24, r.SUCCESS << 24, 0)

    def _write_port(self, port: int, value: int) -> None:
        state = self.state
        status = state.ports[port] & ~(value & r.PORT_CHANGES) & ~r.PORT_WAKES
        status |= value & r.PORT_WAKES
        if value & r.PORT_PED:
            status &= ~r.PORT_PED  # disables the port
        if value & r.PORT_LWS:
            status = self._write_link(port, status, value >> 5 & 0xF)
        state.ports[port] = status
        device = self.hub.at(port) if port < USB2_PORTS else None
        if value & r.PORT_PR and device is not None:
            device.bus_reset()
            state.ports[port] = status & ~r.PORT_PLS | r.PORT_PED
            self._port_changed(port, r.PORT_PRC)

    def _write_link(self, port: int, status: int, link: int) -> int:
        """Suspend or resume (4.15); return PORTSC then."""
        before = self._link(status)
        if not status & r.PORT_PED:
            return status
        if (link, before) in ((r.PLS_U3, r.PLS_U0), (r.PLS_RESUME, r.PLS_U3)):
            return status & ~r.PORT_PLS | link << 5
        if link == r.PLS_U0 and before in _SUSPENDED:
            self.state.ports[port] = status & ~r.PORT_PLS
            self._port_changed(port, r.PORT_PLC)
            self._look_at(self.now)
            return self.state.ports[port]
        return status

    def wake_port(self, port: int) -> None:
        """A device signals resume; the guest ends that by writing U0 (4.15.2.1)."""
        status = self.state.ports[port]
        if self._link(status) == r.PLS_U3:
            self.state.ports[port] = status & ~r.PORT_PLS | r.PLS_RESUME << 5
            self._port_changed(port, r.PORT_PLC)

    @staticmethod
    def _link(status: int) -> int:
        return (status & r.PORT_PLS) >> 5

    def _enabled_device(self, port: int) -> UsbDevice[Any] | None:
        if not 0 <= port < USB2_PORTS or not self.state.ports[port] & r.PORT_PED:
            return None
        return self.hub.at(port)

    # ------------------------------------------------------------------ registers

    @registers_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer all registers."""
        if offset < r.OPERATIONAL:
            return self._read_capability(offset)
        if offset < r.EXTENDED:
            return self._read_operational(offset - r.OPERATIONAL)
        if offset < r.RUNTIME:
            place = (offset - r.EXTENDED) // 4
            if place == 0:
                return _EXTENDED[0] | self.state.legacy
            return _EXTENDED[place] if place < len(_EXTENDED) else 0
        if offset == r.RUNTIME + r.MFINDEX:
            return self._microframe()
        return self._events.read(offset - r.RUNTIME) if offset < r.DOORBELLS else 0

    @staticmethod
    def _read_capability(offset: int) -> int:
        ports = USB2_PORTS + USB3_PORTS
        return {
            r.CAPLENGTH: r.VERSION << 16 | r.OPERATIONAL,
            r.HCSPARAMS1: ports << 24 | 1 << 8 | r.MOST_SLOTS,
            r.HCSPARAMS2: 0x0F,  # scheduling threshold; one event ring segment, no scratchpads
            r.HCCPARAMS: r.EXTENDED // 4 << 16 | r.AC64,
            r.DBOFF: r.DOORBELLS,
            r.RTSOFF: r.RUNTIME,
        }.get(offset, 0)

    def _read_operational(self, offset: int) -> int:
        state = self.state
        if offset >= r.PORTS:
            port, place = divmod(offset - r.PORTS, 16)
            return state.ports[port] if place == 0 and port < len(state.ports) else 0
        return {
            r.USBCMD: state.command,
            r.USBSTS: state.status,
            r.PAGESIZE: 1,
            r.DNCTRL: state.notifications,
            r.CRCR: r.CRCR_RUNNING if state.commands_running else 0,
            r.DCBAAP: state.context_array & 0xFFFF_FFFF,
            r.DCBAAP_HIGH: state.context_array >> 32,
            r.CONFIG: state.config,
        }.get(offset, 0)

    @registers_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take all registers."""
        if offset >= r.DOORBELLS:
            self._doorbell((offset - r.DOORBELLS) // 4, value & 0xFF)
        elif offset >= r.RUNTIME:
            full = self._events.full
            self._events.write(offset - r.RUNTIME, value)
            if full and not self._events.full:
                self._go_on()
        elif offset == r.EXTENDED:
            self.state.legacy = value & r.LEGACY_SEMAPHORES
        elif r.OPERATIONAL <= offset < r.EXTENDED:
            self._write_operational(offset - r.OPERATIONAL, value)

    def _write_operational(self, offset: int, value: int) -> None:
        state = self.state
        if offset >= r.PORTS:
            port, place = divmod(offset - r.PORTS, 16)
            if place == 0 and port < len(state.ports):
                self._write_port(port, value)
        elif offset == r.USBCMD:
            self._write_command(value)
        elif offset == r.USBSTS:
            state.status &= ~(value & r.STS_CLEARED_BY_ONE)
            self._update_interrupt()
        elif offset == r.DNCTRL:
            state.notifications = value & 0xFFFF
        elif offset == r.CRCR:
            self._write_command_ring(value)
        elif offset == r.CRCR_HIGH and not state.commands_running:
            state.commands.dequeue = state.commands.dequeue & 0xFFFF_FFFF | value << 32
        elif offset == r.DCBAAP:
            state.context_array = state.context_array & ~0xFFFF_FFFF | value & ~0x3F
        elif offset == r.DCBAAP_HIGH:
            state.context_array = state.context_array & 0xFFFF_FFFF | value << 32
        elif offset == r.CONFIG:
            state.config = value & 0xFF

    def _write_command(self, value: int) -> None:
        state = self.state
        if value & r.CMD_RESET:
            self._host_reset()
            return
        started = value & ~state.command & r.CMD_RUN
        state.command = value & r.CMD_KEPT
        if value & r.CMD_RESTORE:
            state.status |= r.STS_SRE  # nothing was saved: the driver begins anew (4.23.2)
        if started:
            state.started = self.now
            state.status &= ~r.STS_HALTED
            for port, status in enumerate(state.ports):
                if status & r.PORT_CHANGES:
                    self._events.put(r.EVENT_PORT, port + 1 << 24, r.SUCCESS << 24, 0)
            self._serve_all()
        elif not value & r.CMD_RUN:
            state.status |= r.STS_HALTED
            state.commands_running = False
        self._count_wraps()
        self._update_interrupt()

    def _count_wraps(self) -> None:
        """Have the guest told when MFINDEX begins anew, if it wants that."""
        state = self.state
        if state.command & (r.CMD_RUN | r.CMD_EWE) == r.CMD_RUN | r.CMD_EWE:
            wraps = self._elapsed() // (r.MFINDEX_MASK + 1) + 1
            self.wrap.arm(state.started + wraps * (r.MFINDEX_MASK + 1) * MICROFRAME)
        else:
            self.wrap.cancel()

    def _write_command_ring(self, value: int) -> None:
        state = self.state
        if not state.commands_running:
            high = state.commands.dequeue & ~0xFFFF_FFFF
            state.commands.dequeue = high | value & r.CRCR_POINTER & 0xFFFF_FFFF
            state.commands.cycle = bool(value & r.CRCR_CYCLE)
        elif value & (r.CRCR_STOP | r.CRCR_ABORT):
            state.commands_running = False
            self._events.put(
                r.EVENT_COMMAND, state.commands.dequeue, r.COMMAND_RING_STOPPED << 24, 0
            )

    def _microframe(self) -> int:
        state = self.state
        if not state.command & r.CMD_RUN:
            return 0
        return self._elapsed() & r.MFINDEX_MASK

    def _elapsed(self) -> int:
        """Return the microframes since the controller was started."""
        return (self.now - self.state.started) // MICROFRAME

    def _event_lost(self) -> None:
        self.guest_error("the event ring is full and stays full; an event is lost")

    def _update_interrupt(self) -> None:
        state = self.state
        pending = state.events.iman & r.IMAN_IP
        if pending:
            state.status |= r.STS_EINT
        enabled = state.command & r.CMD_INTE and state.events.iman & r.IMAN_IE
        self.intx.set(bool(pending and enabled))

    # ------------------------------------------------------------------ doorbells

    def _doorbell(self, slot: int, target: int) -> None:
        if not self.state.command & r.CMD_RUN:
            return
        if slot == 0:
            if target == 0:
                self._run_commands()
        elif 1 <= target <= r.ENDPOINTS:
            self._ring(slot, target)

    def _run_commands(self) -> None:
        state = self.state
        state.commands_running = True
        for _ in range(MOST_COMMANDS):
            if self._events.full:
                break
            block = next_block(self.dma_read, state.commands)
            if block is None:
                break
            state.commands.dequeue = block.address + r.TRB_SIZE & r.ADDRESS_MASK
            code, slot = self._slots.execute(block)
            self._events.put(r.EVENT_COMMAND, block.address, code << 24, slot << 24)
        self._watch()

    def _go_on(self) -> None:
        """There is room for events again."""
        if self.state.commands_running:
            self._run_commands()
        self._serve_all()

    def _ring(self, number: int, target: int) -> None:
        """Serve an endpoint; a stopped one runs again (4.8.3)."""
        slot = self._slots.find(number)
        ep = slot.endpoints.get(target) if slot is not None else None
        if slot is None or ep is None:
            return
        if ep.state == r.EP_STOPPED:
            ep.state, ep.due = r.EP_RUNNING, -1
            self._slots.write_back(slot, target)
        self._serve(number, slot, target)
        self._watch()

    def _serve(self, number: int, slot: SlotState, target: int) -> None:
        if 0 <= slot.port < USB2_PORTS and self._link(self.state.ports[slot.port]) in _SUSPENDED:
            return
        ep = slot.endpoints[target]
        before = ep.state
        device = self._slots.device(number)
        if ep.kind in r.EP_TYPE_ISOCHRONOUS:
            due = self._isochronous.run(device, number, target, ep, self._elapsed())
            if due is not None:
                self._look_at(self.state.started + due * MICROFRAME)
        elif self._transfers.run(device, number, target, ep):
            self._look_at(self.now + MICROFRAME)  # a long list: the guest runs meanwhile
        if ep.state != before:
            self._slots.write_back(slot, target)

    def _serve_all(self) -> None:
        """Serve whatever waits for a device."""
        if not self.state.command & r.CMD_RUN:
            return
        for number, slot in enumerate(self.state.slots, 1):
            for target in list(slot.endpoints) if slot.enabled else ():
                self._serve(number, slot, target)
        self._watch()

    def device_ready(self) -> None:
        """A device has data for an endpoint that waits."""
        self._serve_all()

    def _watch(self) -> None:
        """Look at devices that repeat their reports."""
        if any(device.needs_polling for device in self.hub.devices()):
            self._look_at(self.now + REPEAT)

    def _look_at(self, time: int) -> None:
        """Have all endpoints served at a time (ns), or before."""
        if self.repeat.deadline is None or time < self.repeat.deadline:
            self.repeat.arm(time)
