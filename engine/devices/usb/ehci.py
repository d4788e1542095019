"""EHCI: the USB 2.0 host controller of machines like ours (Intel ICH6's identity).

Reference: Intel, Enhanced Host Controller Interface Specification for Universal Serial Bus, 1.0.

Each port has two controllers behind it. After power-on, and whenever the guest wants it so, the
port is the companion's (OHCI), where a device signals at full speed; CONFIGFLAG and PORT_OWNER
route it here (4.2). A machine without OHCI has ports for high speed only.

Nothing tells a controller that work has been appended: it looks through its schedules again and
again (4.8). A timer does so, slower the longer nothing has gone on, and a device that has data
hastens it; without schedules it stands still. FRINDEX is computed from the time when it is read.

Deviations: those of ``ehci_schedules`` and ``ehci_isochronous``; power of ports is always on; one
size of the frame list; interrupts are not held back by the threshold. The BIOS never claims the
controller by its semaphore (5.1), and there is no SMI.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from engine.devices.usb import ehci_registers as r
from engine.devices.usb.bus import Bus
from engine.devices.usb.controller import UsbConfig, UsbController, UsbState
from engine.devices.usb.ehci_schedules import Schedules
from engine.pdm import MemoryBar, register, timer
from engine.pdm.device import Mmio
from engine.pdm.interfaces import ResetKind
from engine.vusb.companion import CompanionController
from engine.vusb.descriptors import Speed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.vusb.device import UsbDevice

MICROFRAME: Final = 125_000  # ns
FRAME: Final = 8 * MICROFRAME
_PACES: Final = ((2 * FRAME, 2 * MICROFRAME), (32 * FRAME, FRAME))
"""How long (ns) after something has gone on the schedules are looked through how often (ns)."""
IDLE_ASYNCHRONOUS: Final = 8 * FRAME
"""ns between two looks at a circle of queues on which nothing goes on."""
IDLE_PERIODIC: Final = 100 * FRAME
"""The same for periodic lists: devices hasten it."""

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class EhciState(UsbState, kw_only=True):
    """Registers (EHCI 1.0, 2.3), and where the frames are.

    Attributes:
        index_base: FRINDEX at virtual time ``index_origin`` (ns).
        microframes_seen: those since the origin whose turn in the lists has been.
        rolled_over: how often FRINDEX has been seen to wrap since the origin.
        moved_at: virtual time (ns) at which a transfer has last gone on.
        ports: PORTSC.
    """

    command: Word = r.CMD_DEFAULT
    status: Word = 0
    interrupts: Word = 0
    index_base: Annotated[int, msgspec.Meta(ge=0, le=r.FRINDEX_MASK)] = 0
    index_origin: int = 0
    microframes_seen: int = 0
    rolled_over: int = 0
    moved_at: int = 0
    periodic_list: Word = 0
    asynchronous_list: Word = 0
    configured: bool = False
    ports: list[Word] = msgspec.field(default_factory=list)


@register
class Ehci(UsbController[UsbConfig, EhciState]):
    """Enhanced host controller."""

    NAME = "usb-ehci"
    DESCRIPTION = "EHCI USB 2.0 controller"
    VENDOR = 0x8086
    DEVICE = 0x265C
    CLASS = 0x0C0320
    INTERRUPT = 1
    SPEEDS = frozenset({Speed.HIGH})
    STORAGE_SPEED = Speed.HIGH
    WRITABLE = {
        0x61: 0x3F, r.LEGACY_SUPPORT + 2: 0x01, r.LEGACY_SUPPORT + 3: 0x01,
        r.LEGACY_SUPPORT + 4: 0x3F, r.LEGACY_SUPPORT + 5: 0xE0,
    }  # fmt: skip
    DEFAULTS = {0x60: 0x20, 0x61: 0x20, r.LEGACY_SUPPORT: 0x01}
    registers_block = Mmio(None, r.REGISTERS_SIZE, sizes=(1, 2, 4))
    BARS = (MemoryBar(0, "registers_block"),)

    @timer
    def visit(self) -> None:
        """Time to look through the schedules."""
        self._run()
        self._schedule()

    def setup(self) -> None:
        """Make the schedules, then the devices."""
        self._schedules = Schedules(Bus(self.dma_read, self.dma_write, self._find_device))
        self._wired: dict[int, UsbDevice[Any]] = {}
        self.state.ports = [r.PORT_PP | r.PORT_OWNER] * self.PORTS
        self._ready = False  # the companion may not have been built
        super().setup()
        self._ready = True

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        ports = self.state.ports
        super().reset(kind)
        self._host_reset(ports)

    def _host_reset(self, ports: list[int]) -> None:
        """USBCMD.HCRESET: as after power-on (2.3.1); all ports go to the companion."""
        self.state = EhciState(ports=ports)
        self.visit.cancel()
        self._schedules.take_events()
        for port in range(self.PORTS):
            self._set_owner(port, companion=True)
            self.state.ports[port] = self._idle_port(port)
        self.state.status = 0
        self._update_interrupt()

    def state_loaded(self, version: int) -> None:
        """Continue on a saved state."""
        super().state_loaded(version)
        state = self.state
        state.ports = (state.ports + [self._idle_port(0)] * self.PORTS)[: self.PORTS]
        companion = self._companion()
        for port, device in self._wired.items():
            ours = not state.ports[port] & r.PORT_OWNER
            fits = device.signal_at(Speed.HIGH if ours else Speed.FULL)
            self.hub.seat(port, device if ours else None)
            if companion is not None:
                companion.reseat(port, None if ours or not fits else device)
        self.pull_out_absent()
        self._schedule()

    # ------------------------------------------------------------------ ports

    def _companion(self) -> CompanionController | None:
        return self.context.find(CompanionController)

    def own_devices(self) -> Iterator[tuple[int, UsbDevice[Any]]]:
        """Yield what is plugged in, whoever the port belongs to."""
        yield from sorted(self._wired.items())

    def plug(self, port: int, device: UsbDevice[Any]) -> None:
        """Plug a device in; the owner of the port sees it."""
        self._wired[port] = device
        if self._ready:
            self._route(port)

    def unplug(self, port: int) -> UsbDevice[Any] | None:
        """Pull a device out; its port becomes ours again if we are configured (4.2.2)."""
        device = self._wired.get(port)
        if device is None:
            return None
        self._leave(port)
        del self._wired[port]
        if self.state.configured:
            self.state.ports[port] &= ~r.PORT_OWNER
        return device

    def _set_owner(self, port: int, *, companion: bool) -> None:
        state = self.state
        if bool(state.ports[port] & r.PORT_OWNER) is not companion:
            self._leave(port)
            state.ports[port] ^= r.PORT_OWNER
        self._route(port)

    def _route(self, port: int) -> None:
        """Have the owner of a port see its device, unless it does already."""
        device = self._wired.get(port)
        if device is None:
            return
        companion = self._companion()
        if not self.state.ports[port] & r.PORT_OWNER:
            device.signal_at(Speed.HIGH)
            if self.hub.at(port) is not device:
                self.hub.attach(port, device)
        elif companion is not None and device.signal_at(Speed.FULL):
            companion.borrow(port, device)

    def _leave(self, port: int) -> None:
        """Have the owner of a port see its device go."""
        if self.hub.at(port) is not None:
            self.hub.detach(port)
        companion = self._companion()
        if companion is not None:
            companion.return_port(port)

    def _idle_port(self, port: int) -> int:
        """Return PORTSC of a port after a reset of the controller."""
        owner = 0 if self.state.configured else r.PORT_OWNER
        present = self.hub.at(port) is not None
        return r.PORT_PP | owner | (r.PORT_CCS | r.PORT_CSC if present else 0)

    def port_plugged(self, port: int) -> None:
        """Something has been plugged in or out at a port of ours."""
        state = self.state
        status = state.ports[port]
        kept = status & (r.PORT_OWNER | r.PORT_PP | r.PORT_PLAIN)
        present = r.PORT_CCS if self.hub.at(port) is not None else 0
        state.ports[port] = kept | present | r.PORT_CSC
        self._raise(r.STS_PCD)

    def wake_port(self, port: int) -> None:
        """A device signals resume; the guest ends that after 20 ms (4.3.2)."""
        status = self.state.ports[port]
        if status & r.PORT_SUSPEND and not status & r.PORT_FPR:
            self.state.ports[port] = status | r.PORT_FPR
            self._raise(r.STS_PCD)

    def port_lost(self, port: int) -> None:
        """What was at a port is not there any more; a device of the host never was borrowed."""
        if not self.state.ports[port] & r.PORT_OWNER:
            self.port_plugged(port)

    def _read_port(self, port: int) -> int:
        status = self.state.ports[port]
        device = self.hub.at(port)
        if device is not None and not status & (r.PORT_PED | r.PORT_RESET):
            # The lines of a device that has not been found to be fast (2.3.9, line status).
            status |= r.PORT_K_STATE if device.speed is Speed.LOW else r.PORT_J_STATE
        return status

    def _write_port(self, port: int, value: int) -> None:
        state = self.state
        if self._companion() is not None and state.configured:
            self._set_owner(port, companion=bool(value & r.PORT_OWNER))
        status = state.ports[port] & ~(value & r.PORT_CHANGES | r.PORT_PLAIN)
        status |= value & r.PORT_PLAIN
        if not value & r.PORT_PED:
            status &= ~(r.PORT_PED | r.PORT_SUSPEND | r.PORT_FPR)
        if status & r.PORT_PED and value & r.PORT_SUSPEND:
            status |= r.PORT_SUSPEND
        if status & r.PORT_SUSPEND and value & r.PORT_FPR:
            status |= r.PORT_FPR
        elif status & r.PORT_FPR:
            status &= ~(r.PORT_FPR | r.PORT_SUSPEND)
        device = self.hub.at(port)
        if value & r.PORT_RESET:
            status = status & ~(r.PORT_PED | r.PORT_SUSPEND | r.PORT_FPR) | r.PORT_RESET
            if device is not None:
                device.bus_reset()
        elif status & r.PORT_RESET:
            fast = device is not None and device.speed is Speed.HIGH
            status = status & ~r.PORT_RESET | (r.PORT_PED if fast else 0)
        state.ports[port] = status

    def _find_device(self, address: int) -> UsbDevice[Any] | None:
        ports = self.state.ports
        for port, device in self.hub.ports():
            awake = ports[port] & (r.PORT_PED | r.PORT_SUSPEND) == r.PORT_PED
            if awake and device.address == address:
                return device
        return None

    # ------------------------------------------------------------------ registers

    @registers_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer all registers; parts of them, too (2.2)."""
        whole = self._read_word(offset & ~3) >> 8 * (offset & 3)
        return whole & (1 << 8 * size) - 1

    def _read_word(self, offset: int) -> int:
        state = self.state
        if offset < r.OPERATIONAL:
            return self._read_capability(offset)
        offset -= r.OPERATIONAL
        port, rest = divmod(offset - r.PORTSC, 4)
        if rest == 0 and 0 <= port < self.PORTS:
            return self._read_port(port)
        if offset == r.USBSTS:
            return self._status()
        if offset == r.FRINDEX:
            return self._index()
        return {
            r.USBCMD: state.command,
            r.USBINTR: state.interrupts,
            r.PERIODICLISTBASE: state.periodic_list,
            r.ASYNCLISTADDR: state.asynchronous_list,
            r.CONFIGFLAG: int(state.configured),
        }.get(offset, 0)

    def _read_capability(self, offset: int) -> int:
        companions = 0 if self._companion() is None else 1 << 12 | self.PORTS << 8
        return {
            r.CAPLENGTH: r.VERSION << 16 | r.OPERATIONAL,
            r.HCSPARAMS: companions | self.PORTS,
            r.HCCPARAMS: r.LEGACY_SUPPORT << 8 | r.ISOCHRONOUS_THRESHOLD,
        }.get(offset, 0)

    @registers_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the operational registers."""
        if size != 4 or offset & 3:
            self.guest_error(f"a write of {size} bytes at {offset:#x} of the registers is lost")
            return
        state = self.state
        offset -= r.OPERATIONAL
        port = (offset - r.PORTSC) // 4
        if 0 <= port < self.PORTS:
            self._write_port(port, value)
        elif offset == r.USBCMD:
            self._write_command(value)
        elif offset == r.USBSTS:
            self._status()
            state.status &= ~(value & r.STS_CLEARED_BY_ONE)
            self._update_interrupt()
        elif offset == r.USBINTR:
            state.interrupts = value & r.STS_CLEARED_BY_ONE
            self._update_interrupt()
            self._schedule()
        elif offset == r.FRINDEX and not state.command & r.CMD_RUN:
            state.index_base = value & r.FRINDEX_MASK
        elif offset == r.PERIODICLISTBASE:
            state.periodic_list = value & r.LIST_BASE_MASK
        elif offset == r.ASYNCLISTADDR:
            state.asynchronous_list = value & r.LINK_MASK
            self._hasten()
        elif offset == r.CONFIGFLAG:
            self._write_configured(configured=bool(value & 1))

    def _write_command(self, value: int) -> None:
        state = self.state
        if value & r.CMD_RESET:
            self._host_reset(state.ports)
            return
        running = value & r.CMD_RUN
        if running != state.command & r.CMD_RUN:
            state.index_base = self._index()
            state.index_origin = self.now
            state.microframes_seen = state.rolled_over = 0
        # The doorbell is cleared when it has been answered, not by the guest (2.3.1, IAAD).
        state.command = value & r.CMD_KEPT | state.command & r.CMD_IAAD
        if not running:
            state.command &= ~r.CMD_IAAD
        self._hasten()

    def _write_configured(self, *, configured: bool) -> None:
        """Route all ports (4.2.1): to us, or to the companion."""
        state = self.state
        if state.configured is not configured:
            state.configured = configured
            for port in range(self.PORTS):
                self._set_owner(port, companion=not configured)

    # ------------------------------------------------------------------ status and time

    def _elapsed(self) -> int:
        """Return the microframes since the controller was started."""
        running = self.state.command & r.CMD_RUN
        return (self.now - self.state.index_origin) // MICROFRAME if running else 0

    def _index(self) -> int:
        return self.state.index_base + self._elapsed() & r.FRINDEX_MASK

    def _status(self) -> int:
        """Return USBSTS, with what follows from time and from USBCMD."""
        state = self.state
        rolled = (state.index_base % (8 * r.FRAMES) + self._elapsed()) // (8 * r.FRAMES)
        if rolled != state.rolled_over:
            state.rolled_over = rolled
            state.status |= r.STS_FLR
        command = state.command
        if not command & r.CMD_RUN:
            return state.status | r.STS_HALTED
        return (
            state.status
            | (r.STS_PSS if command & r.CMD_PSE else 0)
            | (r.STS_ASS if command & r.CMD_ASE else 0)
        )

    def _raise(self, events: int) -> None:
        self.state.status |= events
        self._update_interrupt()

    def _update_interrupt(self) -> None:
        state = self.state
        self.intx.set(bool(state.status & state.interrupts))

    # ------------------------------------------------------------------ schedules

    def device_ready(self) -> None:
        """A device has data: look at the schedules at once."""
        self._hasten()

    def _hasten(self) -> None:
        self.state.moved_at = self.now
        soon = self.visit.deadline
        self._schedule()
        if soon is not None and self.visit.deadline is not None and soon < self.visit.deadline:
            self.visit.arm(soon)  # a guest that keeps writing must not put it off for ever

    def _run(self) -> None:
        """Look through both schedules, and answer the doorbell (4.8.2)."""
        state = self.state
        if not state.command & r.CMD_RUN or not self.bus_master:
            return
        self._status()
        progress = False
        if state.command & r.CMD_PSE:
            progress |= self._schedules.serve_periodic(self._frames())
        if state.command & r.CMD_ASE:
            progress |= self._schedules.serve_asynchronous(state.asynchronous_list)
        if progress:
            state.moved_at = self.now
        events = self._schedules.take_events()
        if state.command & r.CMD_IAAD:
            state.command &= ~r.CMD_IAAD
            events |= r.STS_IAA
        self._raise(events)

    def _frames(self) -> Iterator[tuple[int, range]]:
        """Yield the lists of all frames in which microframes have begun since the last time.

        Within a frame it is looked at again: what was submitted meanwhile belongs to it.
        """
        state = self.state
        offset = state.index_base % 8
        stop = offset + self._elapsed() + 1
        start = min(max(offset + state.microframes_seen, stop - 8 * r.FRAMES), stop - 1)
        state.microframes_seen = stop - offset
        table = struct.unpack(
            f"<{r.FRAMES}I", self.dma_read(state.periodic_list, 4 * r.FRAMES)
        )
        base = state.index_base // 8
        for frame in range(start // 8, (stop - 1) // 8 + 1):
            due = range(max(start - 8 * frame, 0), min(stop - 8 * frame, 8))
            yield table[(base + frame) % r.FRAMES], due

    def _schedule(self) -> None:
        """Arm the timer for when there may be something to do."""
        delays = list(self._delays()) if self.state.command & r.CMD_RUN else []
        if delays:
            self.visit.arm(self.now + min(delays))
        else:
            self.visit.cancel()

    def _delays(self) -> Iterator[int]:
        state = self.state
        command = state.command
        quiet = self.now - state.moved_at
        pace = next((pace for limit, pace in _PACES if quiet < limit), None)
        if command & r.CMD_IAAD:
            yield MICROFRAME
        if command & r.CMD_ASE:
            yield pace or IDLE_ASYNCHRONOUS
        if command & r.CMD_PSE:
            yield max(pace, FRAME) if pace else IDLE_PERIODIC
        if state.interrupts & r.STS_FLR:
            position = state.index_base + self._elapsed()
            yield (8 * r.FRAMES - position % (8 * r.FRAMES)) * MICROFRAME
