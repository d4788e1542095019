"""Serial port: 8250 family UART (16450, 16550A, 16750).

References: National Semiconductor PC16550D data sheet (1995), section 8; Texas Instruments TL16C750
data sheet for the 64-byte FIFO.

The line has no errors. Transmission takes no time: a byte is with the host side when it has been
written, so THRE and TEMT are always set. Received bytes come at the programmed rate, because a
guest's handler must be able to keep up.

A line that is a real one gets the guest's settings, modem lines and breaks, and tells its modem's
lines; at any other somebody is always ready. Deviation: what arrives with an error or as a break at
a real line is not told as such.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

import msgspec

from engine.pdm import (
    CharacterSink,
    CharacterSource,
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    IsaIrq,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)
from engine.pdm.serialline import CONNECTED, LineSettings, ModemInput, Parity, SerialLine

RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR = range(8)

IER_RDI, IER_THRI, IER_RLSI, IER_MSI = 0x01, 0x02, 0x04, 0x08
IER_16750 = 0x30  # sleep and low-power mode: kept, without effect

IIR_NONE = 0x01
IIR_MSI, IIR_THRI, IIR_RDI, IIR_RLSI, IIR_TIMEOUT = 0x00, 0x02, 0x04, 0x06, 0x0C
IIR_FIFO64 = 0x20
IIR_FIFO_ENABLED = 0xC0

FCR_ENABLE, FCR_CLEAR_RX, FCR_CLEAR_TX, FCR_FIFO64 = 0x01, 0x02, 0x04, 0x20
TRIGGER_16 = (1, 4, 8, 14)
TRIGGER_64 = (1, 16, 32, 56)

LCR_STOP, LCR_PARITY, LCR_BREAK, LCR_DLAB = 0x04, 0x08, 0x40, 0x80
LCR_FORMAT = 0x3F
PARITIES: Final[dict[int, Parity]] = {1: "odd", 3: "even", 5: "mark", 7: "space"}
"""Parity by the bits 3 to 5 of LCR, of which the first enables it."""
MCR_DTR, MCR_RTS, MCR_OUT1, MCR_OUT2, MCR_LOOP = 0x01, 0x02, 0x04, 0x08, 0x10
MCR_AUTOFLOW = 0x20  # 16750: kept, without effect, because nothing is ever lost
LSR_DR, LSR_OE, LSR_BI, LSR_THRE, LSR_TEMT = 0x01, 0x02, 0x10, 0x20, 0x40
LSR_ERRORS = 0x1E
LSR_FIFO_ERROR = 0x80  # an error other than an overrun is in the FIFO
MSR_DCTS, MSR_DDSR, MSR_TERI, MSR_DDCD = 0x01, 0x02, 0x04, 0x08
MSR_CTS, MSR_DSR, MSR_RI, MSR_DCD = 0x10, 0x20, 0x40, 0x80

CLOCK = 115_200  # baud at divisor 1
SECOND = 1_000_000_000
TIMEOUT_CHARACTERS = 4
# Bytes from the host side that may wait for the guest; more are lost with an overrun.
BACKLOG_LIMIT = 1 << 20


class SerialState(DeviceState):
    """The registers.

    Attributes:
        fifo: received bytes; one at most without FIFO mode.
        backlog: bytes from the host side for which their time has not come.
        thr_empty: the interrupt "transmitter holding register empty" is pending.
        timed_out: the character time-out interrupt is pending.
        next_byte: virtual time (ns) before which the line brings no byte.
    """

    ier: int = 0
    fcr: int = 0
    lcr: int = 0
    mcr: int = 0
    lsr: int = LSR_THRE | LSR_TEMT
    msr: int = 0
    scr: int = 0
    divisor: int = 12
    fifo: bytearray = msgspec.field(default_factory=bytearray)
    backlog: bytearray = msgspec.field(default_factory=bytearray)
    thr_empty: bool = False
    timed_out: bool = False
    next_byte: int = 0


class SerialConfig(DeviceConfig, frozen=True):
    """COM1 by default."""

    io_base: int = 0x3F8
    irq: int = 4
    uart_type: Literal["16450", "16550A", "16750"] = "16550A"


@register
class Serial(Device[SerialConfig, SerialState]):
    """A serial port; LUN 0 is a CharacterSink and may be a CharacterSource."""

    NAME = "serial"
    DESCRIPTION = "Serial port"
    MAX_INSTANCES = 4

    registers = Ports("io_base", 8)
    irq = IsaIrq("irq")
    line = Connector(0, CharacterSink)

    def setup(self) -> None:
        """Listen to the line."""
        self._has_fifo = self.config.uart_type != "16450"
        self._is_750 = self.config.uart_type == "16750"
        self._source: CharacterSource | None = None
        self._real: SerialLine | None = None
        self._inputs = ModemInput(0)
        self._told: tuple[object, ...] = ()  # what the real line was told last
        self._listen()

    def on_attach(self, lun: int) -> None:
        """The cable has been plugged or pulled."""
        self._listen()
        self._drive_line()
        self._update_modem_status()
        self._update_irq()

    def _listen(self) -> None:
        if self._source is not None:
            self._source.set_receiver(None)
        if self._real is not None:
            self._real.set_modem_receiver(None)
        attached = self.connected(0)
        self._inputs = CONNECTED if attached is not None else ModemInput(0)
        self._told = ()
        self._real = attached if isinstance(attached, SerialLine) else None
        if self._real is not None:
            self._real.set_modem_receiver(partial(self._modem_changed, attached))
        self._source = attached if isinstance(attached, CharacterSource) else None
        if self._source is not None:
            self._source.set_receiver(self._received)

    def _received(self, data: bytes) -> None:
        """Bytes have come in, on a thread of the driver's."""
        self.post(lambda: self.receive(data))

    def _modem_changed(self, line: object, inputs: ModemInput) -> None:
        """The modem's lines have changed, on a thread of the driver's."""

        def take() -> None:
            if self.connected(0) is line:
                self._inputs = inputs
                self._update_modem_status()
                self._update_irq()

        self.post(take)

    def reset(self, kind: ResetKind) -> None:
        """Master reset (data sheet, table I); what the line has brought waits on."""
        if kind is ResetKind.SOFT:
            return
        backlog = self.state.backlog
        super().reset(kind)
        self.state.backlog = backlog
        self.state.msr = int(self._inputs)
        self._drive_line()
        self.timeout.cancel()
        self._schedule_reception()
        self._update_irq()

    def state_loaded(self, version: int) -> None:
        """Drive the line and arm the timers."""
        self._schedule_reception()
        self._schedule_timeout()
        self._drive_line()
        self._update_modem_status()
        self._update_irq()

    # ------------------------------------------------------------------ timing

    def _character_time(self) -> int:
        """Return the ns of one character with start, stop and parity bits."""
        state = self.state
        bits = 7 + (state.lcr & 3) + bool(state.lcr & LCR_STOP) + bool(state.lcr & LCR_PARITY)
        return bits * (state.divisor or 0x10000) * SECOND // CLOCK

    def _fifo_size(self) -> int:
        if not self.state.fcr & FCR_ENABLE:
            return 1
        return 64 if self._is_750 and self.state.fcr & FCR_FIFO64 else 16

    def _trigger(self) -> int:
        state = self.state
        if not state.fcr & FCR_ENABLE:
            return 1
        return (TRIGGER_64 if self._fifo_size() == 64 else TRIGGER_16)[state.fcr >> 6]

    # ------------------------------------------------------------------ reception

    def receive(self, data: bytes) -> None:
        """Take bytes from the host side."""
        backlog = self.state.backlog
        room = BACKLOG_LIMIT - len(backlog)
        backlog += data[:room]
        if len(data) > room:
            self.state.lsr |= LSR_OE
        self._accept()

    def _accept(self) -> None:
        """Move from the line to the FIFO what its speed allows now, then wait for the next."""
        state = self.state
        now = self.now
        if state.backlog and not state.mcr & MCR_LOOP and now >= state.next_byte:
            count = min(self._fifo_size() - len(state.fifo), len(state.backlog))
            if count > 0:
                state.fifo += state.backlog[:count]
                del state.backlog[:count]
                state.lsr |= LSR_DR
                state.next_byte = now + count * self._character_time()
                self._schedule_timeout()
        self._schedule_reception()
        self._update_irq()

    def _schedule_reception(self) -> None:
        state = self.state
        full = len(state.fifo) >= self._fifo_size()
        if state.backlog and not state.mcr & MCR_LOOP and not full:
            self.reception.arm(max(state.next_byte, self.now))
        else:
            self.reception.cancel()

    @timer
    def reception(self) -> None:
        """The line has had the time for more bytes."""
        self._accept()

    def _schedule_timeout(self) -> None:
        """Arm the time-out: bytes below the trigger level, and four characters of silence."""
        state = self.state
        if state.fcr & FCR_ENABLE and 0 < len(state.fifo) < self._trigger():
            self.timeout.arm(self.now + TIMEOUT_CHARACTERS * self._character_time())
        else:
            self.timeout.cancel()

    @timer
    def timeout(self) -> None:
        """Nothing has come or been read for four character times."""
        self.state.timed_out = bool(self.state.fifo)
        self._update_irq()

    # ------------------------------------------------------------------ interrupts

    def _pending(self) -> int:
        """Return the IIR identification of the highest pending interrupt (data sheet, table IV)."""
        state = self.state
        ier = state.ier
        if ier & IER_RLSI and state.lsr & LSR_ERRORS:
            return IIR_RLSI
        if ier & IER_RDI:
            if len(state.fifo) >= self._trigger():
                return IIR_RDI
            if state.timed_out:
                return IIR_TIMEOUT
        if ier & IER_THRI and state.thr_empty:
            return IIR_THRI
        if ier & IER_MSI and state.msr & 0x0F:
            return IIR_MSI
        return IIR_NONE

    def _update_irq(self) -> None:
        """OUT2 is the gate between the chip and the bus on a PC; the loop-back opens it."""
        state = self.state
        gate = state.mcr & (MCR_OUT2 | MCR_LOOP) == MCR_OUT2
        self.irq.set(gate and self._pending() != IIR_NONE)

    # ------------------------------------------------------------------ modem lines

    def _update_modem_status(self) -> None:
        state = self.state
        mcr = state.mcr
        if mcr & MCR_LOOP:
            lines = (
                (MSR_CTS if mcr & MCR_RTS else 0)
                | (MSR_DSR if mcr & MCR_DTR else 0)
                | (MSR_RI if mcr & MCR_OUT1 else 0)
                | (MSR_DCD if mcr & MCR_OUT2 else 0)
            )
        else:
            lines = int(self._inputs)
        before = state.msr
        changes = (before ^ lines) >> 4 & (MSR_DCTS | MSR_DDSR | MSR_DDCD)
        if before & MSR_RI and not lines & MSR_RI:
            changes |= MSR_TERI
        state.msr = lines | before & 0x0F | changes

    def _drive_line(self) -> None:
        """Tell a real line what the guest has programmed; in the loop-back its outputs are off."""
        line, state = self._real, self.state
        if line is None:
            return
        looped = state.mcr & MCR_LOOP
        settings = LineSettings(
            baud=CLOCK // (state.divisor or 0x10000),
            data_bits=5 + (state.lcr & 3),
            parity=PARITIES.get(state.lcr >> 3 & 7, "none"),
            stop_bits=2 if state.lcr & LCR_STOP else 1,
        )
        dtr, rts, sending_break = (
            not looped and bool(bits)
            for bits in (state.mcr & MCR_DTR, state.mcr & MCR_RTS, state.lcr & LCR_BREAK)
        )
        told = (settings, dtr, rts, sending_break)
        if told == self._told:
            return
        # Before the guest has programmed the port there is nothing that the line should be.
        if state.lcr & LCR_FORMAT and self._told[:1] != told[:1]:
            line.set_settings(settings)
        line.set_outputs(dtr=dtr, rts=rts, sending_break=sending_break)
        self._told = told

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Read a register."""
        state = self.state
        if offset == LSR:
            value = state.lsr
            if value & LSR_ERRORS:
                if state.fcr & FCR_ENABLE and value & LSR_BI:
                    value |= LSR_FIFO_ERROR
                state.lsr &= ~LSR_ERRORS
                self._update_irq()
            return value
        if offset <= IER and state.lcr & LCR_DLAB:
            return state.divisor >> 8 if offset else state.divisor & 0xFF
        if offset == RBR_THR:
            return self._read_data()
        if offset == IER:
            return state.ier
        if offset == IIR_FCR:
            return self._read_iir()
        if offset == LCR:
            return state.lcr
        if offset == MCR:
            return state.mcr
        if offset == MSR:
            value = state.msr
            if value & 0x0F:
                state.msr &= 0xF0
                self._update_irq()
            return value
        return state.scr

    def _read_data(self) -> int:
        state = self.state
        fifo = state.fifo
        if not fifo:
            return 0
        value = fifo.pop(0)
        if not fifo:
            state.lsr &= ~LSR_DR
        state.timed_out = False
        self._schedule_timeout()
        if state.backlog:
            self._schedule_reception()
        self._update_irq()
        return value

    def _read_iir(self) -> int:
        state = self.state
        value = self._pending()
        if value == IIR_THRI:
            state.thr_empty = False
            self._update_irq()
        if state.fcr & FCR_ENABLE:
            value |= IIR_FIFO_ENABLED
            if self._fifo_size() == 64:
                value |= IIR_FIFO64
        return value

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Write a register; LSR and MSR cannot be written."""
        state = self.state
        if offset <= IER and state.lcr & LCR_DLAB:
            if offset:
                state.divisor = state.divisor & 0x00FF | value << 8
            else:
                state.divisor = state.divisor & 0xFF00 | value
        elif offset == RBR_THR:
            self._transmit(value)
        elif offset == IER:
            if value & ~state.ier & IER_THRI:
                state.thr_empty = True  # enabling with an empty THR interrupts at once
            state.ier = value & (0x0F | (IER_16750 if self._is_750 else 0))
        elif offset == IIR_FCR:
            self._write_fcr(value)
        elif offset == LCR:
            self._write_lcr(value)
        elif offset == MCR:
            state.mcr = value & (0x1F | (MCR_AUTOFLOW if self._is_750 else 0))
            self._update_modem_status()
            self._schedule_reception()
            self._drive_line()
        elif offset == SCR:
            state.scr = value
        self._update_irq()

    def _transmit(self, value: int) -> None:
        state = self.state
        if state.thr_empty:
            # The write answers the interrupt (data sheet, table IV), and the empty transmitter asks
            # anew: without that edge a driver that does not read IIR would wait for ever.
            state.thr_empty = False
            self._update_irq()
        if state.mcr & MCR_LOOP:
            if len(state.fifo) >= self._fifo_size():
                state.lsr |= LSR_OE
                if not state.fcr & FCR_ENABLE:
                    state.fifo[:] = bytes((value,))
            else:
                state.fifo.append(value)
            state.lsr |= LSR_DR
            self._schedule_timeout()
        else:
            sink = self.line
            if sink is not None:
                sink.write(bytes((value,)))
        state.thr_empty = True

    def _write_fcr(self, value: int) -> None:
        state = self.state
        if not self._has_fifo:
            return
        if (value ^ state.fcr) & FCR_ENABLE:
            value |= FCR_CLEAR_RX | FCR_CLEAR_TX  # a change of mode clears both
        if not value & FCR_ENABLE:
            state.fcr = 0
        else:
            fifo64 = FCR_FIFO64 if self._is_750 else 0
            if fifo64 and not state.lcr & LCR_DLAB:  # bit 5 is locked while DLAB is clear
                value = value & ~FCR_FIFO64 | state.fcr & FCR_FIFO64
            state.fcr = value & (0xC0 | FCR_ENABLE | fifo64)
        if value & FCR_CLEAR_RX:
            state.fifo.clear()
            state.lsr &= ~LSR_DR
            state.timed_out = False
        if value & FCR_CLEAR_TX:
            state.thr_empty = True
        self._schedule_timeout()
        self._schedule_reception()

    def _write_lcr(self, value: int) -> None:
        state = self.state
        started = value & ~state.lcr & LCR_BREAK
        state.lcr = value
        if not value & LCR_DLAB:  # the divisor is whole now
            self._drive_line()
        if started and state.mcr & MCR_LOOP:  # the break comes back as a zero with BI
            state.lsr |= LSR_BI
            if len(state.fifo) < self._fifo_size():
                state.fifo.append(0)
                state.lsr |= LSR_DR

    @info_item("serial", "Registers of the serial ports.")
    def info(self) -> str:
        """Return registers and speed."""
        state = self.state
        baud = CLOCK // (state.divisor or 0x10000)
        return (
            f"{self.config.uart_type} at {self.config.io_base:#x}, IRQ {self.config.irq}, {baud} "
            f"baud\nIER={state.ier:02x} FCR={state.fcr:02x} LCR={state.lcr:02x} "
            f"MCR={state.mcr:02x} LSR={state.lsr:02x} MSR={state.msr:02x} "
            f"received={len(state.fifo)} waiting={len(state.backlog)}"
        )
