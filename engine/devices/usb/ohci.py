"""OHCI: the USB 1.1 host controller of machines like ours (Apple KeyLargo's identity).

Reference: OpenHCI, Open Host Controller Interface Specification for USB, 1.0a.

Nothing ticks while nothing happens. The frame number is computed from the time when it is read. The
frame timer runs at 1 ms while transfers go on; when the devices have had nothing to say for
``BUSY``, the lists are looked through every ``HEARTBEAT`` only, and when a device has data again,
the guest writes a register, or wants an interrupt of every frame. Without lists the timer stands
still, a while after the guest has last done something.

Deviations: those of ``ohci_lists``; a port is reset, suspended and resumed at once; power of ports
is always on; there is no SMI, so that legacy support (appendix B), HcControl.IR and the change of
ownership are not there.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from engine.devices.usb import ohci_registers as r
from engine.devices.usb.bus import Bus
from engine.devices.usb.controller import UsbConfig, UsbController, UsbState
from engine.devices.usb.ohci_lists import ListProcessor
from engine.pdm import MemoryBar, register, timer
from engine.pdm.device import Mmio
from engine.pdm.interfaces import ResetKind
from engine.vusb.companion import CompanionController
from engine.vusb.descriptors import Speed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.vusb.device import UsbDevice

FRAME: Final = 1_000_000  # ns
HEARTBEAT: Final = 100
"""Frames between two looks at the lists while all devices are quiet.

Drivers watch the frame number in memory to see that the controller lives: Linux every 275 ms.
"""
REPEATING: Final = 8
"""The same while a device repeats its reports, as firmware wants its keyboard to."""
BUSY: Final = 32 * FRAME
"""ns for which the lists are looked through at full pace after something has gone on.

The longest polling interval: what a guest submits when it has seen a transfer end is found in time.
"""
LINGER: Final = 2000 * FRAME
"""ns for which frames are numbered in memory after the last of all transfers."""

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class OhciState(UsbState, kw_only=True):
    """Registers (OpenHCI 1.0a, 7), and where the frames are.

    Attributes:
        frame_base: frame number at virtual time ``frame_origin`` (ns).
        frame_seen: number of the last frame whose start has been noted.
        frame_served: number of the last frame whose lists have been looked through.
        busy_until: virtual time (ns) until which every frame counts.
        ports: port status, without what follows from the devices.
    """

    control: Word = 0
    command_status: Word = 0
    interrupt_status: Word = 0
    interrupt_enable: Word = 0
    hcca: Word = 0
    control_head: Word = 0
    control_current: Word = 0
    bulk_head: Word = 0
    bulk_current: Word = 0
    done_head: Word = 0
    done_delay: Annotated[int, msgspec.Meta(ge=0, le=7)] = r.NO_DELAY
    fm_interval: Word = r.FM_INTERVAL_DEFAULT
    periodic_start: Word = 0
    ls_threshold: Word = r.LS_THRESHOLD_DEFAULT
    rh_status: Word = 0
    ports: list[Word] = msgspec.field(default_factory=list)
    frame_base: int = 0
    frame_origin: int = 0
    frame_seen: int = 0
    frame_served: int = 0
    busy_until: int = 0


# Registers that hold what is written, with their attribute and the bits that there are.
_PLAIN: Final = {
    r.HC_CONTROL_HEAD_ED: ("control_head", r.ED_MASK),
    r.HC_CONTROL_CURRENT_ED: ("control_current", r.ED_MASK),
    r.HC_BULK_HEAD_ED: ("bulk_head", r.ED_MASK),
    r.HC_BULK_CURRENT_ED: ("bulk_current", r.ED_MASK),
    r.HC_HCCA: ("hcca", r.HCCA_MASK),
    r.HC_PERIODIC_START: ("periodic_start", r.PERIODIC_START_MASK),
    r.HC_FM_INTERVAL: ("fm_interval", r.FM_INTERVAL_MASK),
    r.HC_LS_THRESHOLD: ("ls_threshold", 0xFFF),
}
_READABLE: Final = {offset: name for offset, (name, _) in _PLAIN.items()} | {
    r.HC_CONTROL: "control",
    r.HC_COMMAND_STATUS: "command_status",
    r.HC_INTERRUPT_ENABLE: "interrupt_enable",
    r.HC_INTERRUPT_DISABLE: "interrupt_enable",
    r.HC_DONE_HEAD: "done_head",
    r.HC_RH_STATUS: "rh_status",
}


@register
class Ohci(UsbController[UsbConfig, OhciState]):
    """Open host controller."""

    NAME = "usb-ohci"
    DESCRIPTION = "OHCI USB 1.1 controller"
    VENDOR = 0x106B
    DEVICE = 0x003F
    CLASS = 0x0C0310
    INTERRUPT = 1
    PROVIDES = (CompanionController,)
    registers_block = Mmio(None, 0x1000, sizes=(4,))
    BARS = (MemoryBar(0, "registers_block"),)

    @timer
    def frame(self) -> None:
        """A frame begins at which there may be something to do."""
        self._run_frame()
        self._schedule()

    def setup(self) -> None:
        """Make the list processor, then the devices."""
        self._lists = ListProcessor(Bus(self.dma_read, self.dma_write, self._find_device))
        self.state.ports = [0] * self.PORTS
        self._borrowed: set[int] = set()
        super().setup()

    # ------------------------------------------------------------------ life

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# resets everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        self.frame.cancel()
        self._lists.done_head, self._lists.done_delay = 0, r.NO_DELAY
        self._reset_root_hub()

    def _soft_reset(self) -> None:
        """HcCommandStatus.HCR: all but the root hub (5.1.1.4)."""
        old = self.state
        self.state = OhciState(
            control=old.control & r.CONTROL_RWC | r.USB_SUSPEND,
            rh_status=old.rh_status,
            ports=old.ports,
        )
        self._lists.done_head, self._lists.done_delay = 0, r.NO_DELAY
        self.frame.cancel()
        self._update_interrupt()

    def _reset_root_hub(self) -> None:
        state = self.state
        state.rh_status = 0
        state.ports = [r.PORT_PPS] * self.PORTS
        for port, device in self.hub.ports():
            device.bus_reset()
            state.ports[port] |= self._presence(port) | r.PORT_CSC
        if self.hub.devices():
            self._raise(r.INT_RHSC)

    def state_to_save(self) -> OhciState:
        """Return the registers with what the list processor and the devices hold."""
        state = super().state_to_save()
        state.done_head, state.done_delay = self._lists.done_head, self._lists.done_delay
        return state

    def state_loaded(self, version: int) -> None:
        """Continue on a saved state."""
        super().state_loaded(version)
        state = self.state
        state.ports = (state.ports + [r.PORT_PPS] * self.PORTS)[: self.PORTS]
        self._lists.done_head, self._lists.done_delay = state.done_head, state.done_delay
        self.pull_out_absent()
        self._schedule()

    # ------------------------------------------------------------------ ports of EHCI

    def own_devices(self) -> Iterator[tuple[int, UsbDevice[Any]]]:
        """Yield what is plugged in here, without what is at ports of the EHCI controller."""
        for port, device in self.hub.ports():
            if port not in self._borrowed:
                yield port, device

    def borrow(self, port: int, device: UsbDevice[Any]) -> None:
        """See :class:`CompanionController`."""
        if self.hub.at(port) is None:
            self._borrowed.add(port)
            self.hub.attach(port, device)

    def return_port(self, port: int) -> None:
        """See :class:`CompanionController`."""
        if port in self._borrowed:
            self.hub.detach(port)
            self._borrowed.remove(port)

    def reseat(self, port: int, device: UsbDevice[Any] | None) -> None:
        """See :class:`CompanionController`."""
        if port in self._borrowed or self.hub.at(port) is None:
            self.hub.seat(port, device)
            (self._borrowed.add if device is not None else self._borrowed.discard)(port)

    # ------------------------------------------------------------------ root hub

    def port_plugged(self, port: int) -> None:
        """Something has been plugged in or out."""
        state = self.state
        lost = r.PORT_PESC if state.ports[port] & r.PORT_PES else 0
        kept = state.ports[port] & (r.PORT_CHANGES | r.PORT_PPS)
        state.ports[port] = kept | lost | r.PORT_CSC | self._presence(port)
        self._raise(r.INT_RHSC)
        if state.rh_status & r.RH_DRWE:
            self._detect_resume()

    def _presence(self, port: int) -> int:
        """Return the bits of a port that follow from what is plugged in."""
        device = self.hub.at(port)
        if device is None:
            return 0
        return r.PORT_CCS | (r.PORT_LSDA if device.speed is Speed.LOW else 0)

    def wake_port(self, port: int) -> None:
        """A device signals resume (5.1.2.3): to a port that is suspended, or to the whole bus."""
        state = self.state
        if state.ports[port] & r.PORT_PSS:
            state.ports[port] = state.ports[port] & ~r.PORT_PSS | r.PORT_PSSC
            self._raise(r.INT_RHSC)
        self._detect_resume()

    def _detect_resume(self) -> None:
        """Leave USBSUSPEND; the guest goes on to USBOPERATIONAL."""
        state = self.state
        if state.control & r.CONTROL_HCFS == r.USB_SUSPEND:
            state.control = state.control & ~r.CONTROL_HCFS | r.USB_RESUME
            self._raise(r.INT_RD)

    def device_ready(self) -> None:
        """A device has data: look at the lists from the next frame on."""
        if self._operational:
            self.state.busy_until = self.now + BUSY
            self._schedule()

    def _find_device(self, address: int) -> UsbDevice[Any] | None:
        ports = self.state.ports
        for port, device in self.hub.ports():
            awake = ports[port] & (r.PORT_PES | r.PORT_PSS) == r.PORT_PES
            if awake and device.address == address:
                return device
        return None

    def _write_port(self, port: int, value: int) -> None:
        """Take a write of HcRhPortStatus (7.4.4), whose bits are commands."""
        state = self.state
        status = state.ports[port] & ~(value & r.PORT_CHANGES)
        device = self.hub.at(port)
        commands = value & (r.SET_PORT_ENABLE | r.SET_PORT_SUSPEND | r.SET_PORT_RESET)
        if value & r.CLEAR_PORT_ENABLE:
            status &= ~r.PORT_PES
        if commands and device is None:
            status |= r.PORT_CSC  # tells the driver that it is gone (7.4.4, PES)
        elif device is not None:
            if value & r.SET_PORT_ENABLE:
                status |= r.PORT_PES
            if value & r.SET_PORT_SUSPEND:
                status |= r.PORT_PSS
            if value & r.CLEAR_SUSPEND_STATUS and status & r.PORT_PSS:
                status = status & ~r.PORT_PSS | r.PORT_PSSC
            if value & r.SET_PORT_RESET:
                device.bus_reset()
                status = status & ~r.PORT_PSS | r.PORT_PES | r.PORT_PRSC
        state.ports[port] = status
        if status & r.PORT_CHANGES:
            self._raise(r.INT_RHSC)

    def _write_root_hub_status(self, value: int) -> None:
        state = self.state
        if value & r.RH_DRWE:
            state.rh_status |= r.RH_DRWE
        if value & r.RH_CRWE:
            state.rh_status &= ~r.RH_DRWE

    # ------------------------------------------------------------------ registers

    @registers_block.reader
    def read_register(self, offset: int, size: int) -> int:
        """Answer the operational registers."""
        state = self.state
        name = _READABLE.get(offset)
        if name is not None:
            value: int = self._lists.done_head if name == "done_head" else getattr(state, name)
            return value
        if offset == r.HC_INTERRUPT_STATUS:
            self._note_frames()
            return state.interrupt_status
        if offset == r.HC_FM_NUMBER:
            return self._frame_number()
        if offset == r.HC_FM_REMAINING:
            return self._frame_remaining()
        if offset == r.HC_REVISION:
            return r.REVISION
        if offset == r.HC_RH_DESCRIPTOR_A:
            return r.RH_A_NOCP | r.RH_A_NPS | self.PORTS
        port = (offset - r.HC_RH_PORT_STATUS) // 4
        return state.ports[port] if 0 <= port < self.PORTS else 0

    @registers_block.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take the operational registers."""
        state = self.state
        plain = _PLAIN.get(offset)
        if plain is not None:
            setattr(state, plain[0], value & plain[1])
        elif offset == r.HC_CONTROL:
            self._write_control(value & r.CONTROL_MASK)
        elif offset == r.HC_COMMAND_STATUS:
            self._write_command(value)
        elif offset == r.HC_INTERRUPT_STATUS:
            self._note_frames()
            state.interrupt_status &= ~value
            self._update_interrupt()
            if value & r.INT_WDH:
                self._schedule()  # the next part of the done queue may be told
        elif offset == r.HC_INTERRUPT_ENABLE:
            state.interrupt_enable |= value & (r.INT_SOURCES | r.INT_MIE)
            self._wake()
        elif offset == r.HC_INTERRUPT_DISABLE:
            state.interrupt_enable &= ~value
            self._update_interrupt()
        elif offset == r.HC_RH_STATUS:
            self._write_root_hub_status(value)
        else:
            port = (offset - r.HC_RH_PORT_STATUS) // 4
            if 0 <= port < self.PORTS:
                self._write_port(port, value)

    def _write_control(self, value: int) -> None:
        """Take HcControl; the functional state (5.1.2) decides whether there are frames."""
        state = self.state
        before, after = state.control & r.CONTROL_HCFS, value & r.CONTROL_HCFS
        if before == after:
            state.control = value
            self._wake()
            return
        state.frame_base = self._frame_number()
        state.control = value
        state.frame_origin = self.now
        state.frame_seen = state.frame_served = state.frame_base
        if after == r.USB_RESET:
            self._reset_root_hub()
        self._wake()

    def _write_command(self, value: int) -> None:
        state = self.state
        if value & r.COMMAND_HCR:
            self._soft_reset()
            return
        state.command_status |= value & (r.COMMAND_CLF | r.COMMAND_BLF)
        self._wake()

    def _raise(self, source: int) -> None:
        self.state.interrupt_status |= source
        self._update_interrupt()

    def _update_interrupt(self) -> None:
        state = self.state
        enable = state.interrupt_enable
        pending = state.interrupt_status & enable & r.INT_SOURCES
        self.intx.set(bool(enable & r.INT_MIE and pending))

    # ------------------------------------------------------------------ frames

    @property
    def _operational(self) -> bool:
        return self.state.control & r.CONTROL_HCFS == r.USB_OPERATIONAL

    def _elapsed(self) -> int:
        """Return the frames since the origin."""
        return (self.now - self.state.frame_origin) // FRAME if self._operational else 0

    def _frame_number(self) -> int:
        return self.state.frame_base + self._elapsed() & 0xFFFF

    def _frame_remaining(self) -> int:
        """Return HcFmRemaining: bit times to the end of the frame (7.3.2)."""
        state = self.state
        interval = state.fm_interval & 0x3FFF
        toggle = state.fm_interval & r.FRT
        if not self._operational:
            return toggle
        return toggle | interval - (self.now - state.frame_origin) % FRAME * interval // FRAME

    def _note_frames(self) -> None:
        """Note that frames have begun, if some have: SF and FNO."""
        state = self.state
        number = self._frame_number()
        if number == state.frame_seen:
            return
        state.interrupt_status |= r.INT_SF
        if (number ^ state.frame_seen) & 0x8000:
            state.interrupt_status |= r.INT_FNO
        state.frame_seen = number
        self._update_interrupt()

    def _wake(self) -> None:
        """The guest has changed something: go on at full pace and tell the frame number."""
        if self._operational:
            self.state.busy_until = self.now + BUSY
            self._note_frames()
            self._write_frame_number()
        self._update_interrupt()
        self._schedule()

    def _write_frame_number(self) -> None:
        state = self.state
        if state.hcca and self.bus_master:
            # Frame number and a word of zero (4.4, HccaPad1).
            self.dma_write(
                state.hcca + r.HCCA_FRAME_NUMBER, struct.pack("<I", state.frame_seen)
            )

    def _run_frame(self) -> None:
        """Do what happens in a frame (6.4.1), for all that have begun since the last time."""
        if not self._operational or not self.bus_master:
            return
        state = self.state
        self._note_frames()
        self._write_frame_number()
        lists = self._lists
        frames = state.frame_seen - state.frame_served & 0xFFFF
        state.frame_served = state.frame_seen
        lists.begin_frame(state.frame_seen, frames)
        progress = self._serve_periodic(frames)
        if state.control & r.CONTROL_CLE and state.command_status & r.COMMAND_CLF:
            work, moved = lists.serve_list(state.control_head)
            progress |= moved
            if not work:
                state.command_status &= ~r.COMMAND_CLF
        if state.control & r.CONTROL_BLE and state.command_status & r.COMMAND_BLF:
            work, moved = lists.serve_list(state.bulk_head)
            progress |= moved
            if not work:
                state.command_status &= ~r.COMMAND_BLF
        self._tell_done()
        if progress:
            state.busy_until = self.now + BUSY

    def _serve_periodic(self, frames: int) -> bool:
        state = self.state
        if not state.control & r.CONTROL_PLE or not state.hcca:
            return False
        slots = self._slots()
        if self._busy and frames < r.PERIODIC_SLOTS:
            begun = range(state.frame_seen - frames + 1, state.frame_seen + 1)
            slots = tuple(slots[number % r.PERIODIC_SLOTS] for number in begun)
        return self._lists.serve_periodic(
            dict.fromkeys(slots), isochronous=bool(state.control & r.CONTROL_IE)
        )

    @property
    def _busy(self) -> bool:
        """Whether every frame counts."""
        return self.now < self.state.busy_until

    def _quiet_pace(self) -> int:
        repeating = any(device.needs_polling for device in self.hub.devices())
        return REPEATING if repeating else HEARTBEAT

    def _slots(self) -> tuple[int, ...]:
        """Return the heads of the interrupt lists, one for each of 32 frames (4.4.1.1)."""
        return struct.unpack("<32I", self.dma_read(self.state.hcca, 4 * r.PERIODIC_SLOTS))

    def _tell_done(self) -> None:
        """Write the done queue back when it is time and the guest has taken the last one (6.5)."""
        state, lists = self.state, self._lists
        if lists.done_delay == 0 and not state.interrupt_status & r.INT_WDH:
            others = state.interrupt_status & state.interrupt_enable & r.INT_SOURCES
            self.dma_write(
                state.hcca + r.HCCA_DONE_HEAD, struct.pack("<I", lists.done_head | bool(others))
            )
            lists.done_head, lists.done_delay = 0, r.NO_DELAY
            self._raise(r.INT_WDH)
        elif 0 < lists.done_delay < r.NO_DELAY:
            lists.done_delay -= 1

    def _schedule(self) -> None:
        """Arm the frame timer for the next frame in which there may be something to do."""
        if not self._operational:
            self.frame.cancel()
            return
        frames = self._frames_to_wait()
        if frames is None:
            self.frame.cancel()
            return
        origin = self.state.frame_origin
        self.frame.arm(origin + (self._elapsed() + frames) * FRAME)

    def _frames_to_wait(self) -> int | None:
        state = self.state
        enabled = state.interrupt_enable
        if enabled & r.INT_MIE and enabled & r.INT_SF:
            return 1
        control, command = state.control, state.command_status
        asynchronous = (control & r.CONTROL_CLE and command & r.COMMAND_CLF) or (
            control & r.CONTROL_BLE and command & r.COMMAND_BLF
        )
        told = state.interrupt_status & r.INT_WDH
        if self._lists.done_delay != r.NO_DELAY and not (told and self._lists.done_delay == 0):
            return 1
        pace = 1 if self._busy else self._quiet_pace()
        if asynchronous:
            return pace
        if not (control & r.CONTROL_PLE and state.hcca):
            # A guest that is slow to see the end of a transfer still watches the frame number.
            lingers = told or self.now < state.busy_until + LINGER
            return HEARTBEAT if lingers else None
        slots = self._slots()
        if pace > 1 or not any(slots):
            return pace if pace > 1 else HEARTBEAT
        following = (state.frame_base + self._elapsed() + 1) % r.PERIODIC_SLOTS
        order = slots[following:] + slots[:following]
        return 1 + next(n for n, head in enumerate(order) if head)
