"""The I/O APIC: 24 inputs, each with a vector, a destination and a mask.

Reference: Intel 82093AA data sheet. ISA interrupts reach the input of their number, but for IRQ0,
which is wired to input 2; the inputs of PCI interrupts are those of the ISA interrupts to which the
PIIX3 routes them. The firmware's tables say the same (MADT).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.pdm.device import Device, DeviceState, EmptyConfig, Mmio, register
from engine.pdm.interfaces import (
    ApicBus,
    EngineChips,
    InterruptController,
    IoApicEoi,
    ResetKind,
)

BASE: Final = 0xFEC00000
SIZE: Final = 0x1000
INPUTS: Final = 24
VERSION: Final = INPUTS - 1 << 16 | 0x11
TIMER_INPUT: Final = 2

# Offsets in memory and numbers of the registers behind them (data sheet, table 1).
IOREGSEL, IOWIN, EOI = 0x00, 0x10, 0x40
ID, VERSION_REGISTER, ARBITRATION, REDIRECTION = 0x00, 0x01, 0x02, 0x10

LOGICAL, STATUS, ACTIVE_LOW, REMOTE_IRR = 1 << 11, 1 << 12, 1 << 13, 1 << 14
LEVEL, MASKED = 1 << 15, 1 << 16
WRITABLE_LOW: Final = 0x0001_AFFF
DESTINATION_SHIFT: Final = 56

Entry = Annotated[int, msgspec.Meta(ge=0)]


class IoApicState(DeviceState):
    """All registers.

    Attributes:
        select: IOREGSEL. apic_id: the ID register.
        entries: redirection table.
        pins: levels of the inputs.
    """

    select: int = 0
    apic_id: int = 0
    entries: list[Entry] = msgspec.field(default_factory=lambda: [MASKED] * INPUTS)
    pins: int = 0


@register
class IoApic(Device[EmptyConfig, IoApicState]):
    """The I/O APIC of the board."""

    NAME = "ioapic"
    DESCRIPTION = "I/O APIC"
    REQUIRES = (InterruptController, ApicBus)
    PROVIDES = (IoApicEoi,)

    registers = Mmio(BASE, SIZE, sizes=(1, 4))

    def setup(self) -> None:
        """Listen to the interrupt lines of the board."""
        self._bus = self.require(ApicBus)
        self._chips = self.context.find(EngineChips)
        if self._chips is not None:
            return  # the engine's input is the same line as that of the 8259A
        controller = self.require(InterruptController)
        for irq in range(16):
            if irq == 2:
                continue  # the cascade of the 8259A; its line is that of IRQ9
            pin = TIMER_INPUT if irq == 0 else irq
            controller.isa_input(irq).listen(
                lambda level, pin=pin: self._input(pin, level)  # type: ignore[misc]
            )

    def reset(self, kind: ResetKind) -> None:
        """Mask everything; the inputs keep their levels. INIT does not reach the chip."""
        if kind is ResetKind.SOFT:
            return
        pins = self.state_to_save().pins
        super().reset(kind)
        self.state.pins = pins
        self.state_loaded(self.STATE_VERSION)

    def state_to_save(self) -> IoApicState:
        """Fetch the state, if the engine has the chip."""
        if self._chips is not None:
            self._chips.save(self.NAME, self.state, self.now)
        return self.state

    def state_loaded(self, version: int) -> None:
        """Hand the state over to the engine's chip, if there is one."""
        if self._chips is not None:
            self._chips.load(self.NAME, self.state, self.now)

    # ------------------------------------------------------------------ inputs

    def _input(self, pin: int, level: bool) -> None:
        state = self.state
        bit = 1 << pin
        before = state.pins & bit
        state.pins = state.pins | bit if level else state.pins & ~bit
        if level and (not before or state.entries[pin] & LEVEL):
            self._send(pin)

    def _send(self, pin: int) -> None:
        """Send the message of an input that is high or has risen, if it may.

        An edge at a masked input is lost (3.2.4, interrupt mask); a level is still there when the
        mask goes.
        """
        state = self.state
        entry = state.entries[pin]
        if entry & MASKED or (entry & LEVEL and entry & REMOTE_IRR):
            return
        delivered = self._bus.deliver(
            entry >> 8 & 7,
            entry & 0xFF,
            entry >> DESTINATION_SHIFT,
            logical=bool(entry & LOGICAL),
            level=bool(entry & LEVEL),
        )
        if delivered and entry & LEVEL:
            state.entries[pin] |= REMOTE_IRR

    def _look_at_level(self, pin: int) -> None:
        if self.state.entries[pin] & LEVEL and self.state.pins >> pin & 1:
            self._send(pin)

    def end_of_interrupt(self, vector: int) -> None:
        """A local APIC has ended a level-triggered interrupt: look at its inputs again."""
        entries = self.state.entries
        for pin, entry in enumerate(entries):
            if entry & 0xFF == vector and entry & (LEVEL | REMOTE_IRR) == LEVEL | REMOTE_IRR:
                entries[pin] &= ~REMOTE_IRR
                self._look_at_level(pin)

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Return IOREGSEL or the register that it selects."""
        if offset == IOREGSEL:
            return self.state.select
        return self._read_selected() if offset == IOWIN else 0

    def _read_selected(self) -> int:
        state = self.state
        number = state.select
        if number in (ID, ARBITRATION):
            return state.apic_id
        if number == VERSION_REGISTER:
            return VERSION
        pin, high = divmod(number - REDIRECTION, 2)
        if 0 <= pin < INPUTS:
            return state.entries[pin] >> 32 * high & 0xFFFFFFFF
        return 0

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Take IOREGSEL or the register that it selects."""
        if offset == IOREGSEL:
            self.state.select = value & 0xFF
        elif offset == IOWIN:
            self._write_selected(value)
        elif offset != EOI:  # which this version of the chip does not have
            self.guest_error(f"write at {offset:#x}")

    def _write_selected(self, value: int) -> None:
        state = self.state
        number = state.select
        if number == ID:
            state.apic_id = value & 0x0F00_0000
            return
        pin, high = divmod(number - REDIRECTION, 2)
        if not 0 <= pin < INPUTS:
            return
        entry = state.entries[pin]
        if high:
            entry = entry & 0xFFFFFFFF | value << 32
        else:
            kept = entry & (STATUS | REMOTE_IRR) if value & LEVEL else 0
            entry = entry & ~0xFFFFFFFF | value & WRITABLE_LOW | kept
        state.entries[pin] = entry
        self._look_at_level(pin)
