"""Two cascaded 8259A programmable interrupt controllers with the ELCR of the PIIX3.

References: Intel 8259A data sheet (order 231468); 82371SB (PIIX3) data sheet, section 2.4.3
(interrupt controller) and 2.4.3.9 (edge/level control registers).

Deviations: the MCS-80/85 call sequence and buffered mode exist only as mode bits. ICW1.LTIM is
ignored, as in the PIIX3, where ELCR decides per input.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from engine.pdm import (
    CpuInterrupt,
    Device,
    DeviceConfig,
    DeviceState,
    EngineChips,
    ExtInt,
    InterruptController,
    Ports,
    ResetKind,
    info_item,
    register,
)
from engine.pdm.irq import IrqInput

if TYPE_CHECKING:
    from collections.abc import Callable

# Address bit 0 clear: ICW1, OCW2 and OCW3 are told apart by these bits.
ICW1 = 0x10
ICW1_IC4 = 0x01
ICW1_SNGL = 0x02
OCW3 = 0x08
OCW3_READ_REGISTER = 0x02
OCW3_READ_ISR = 0x01
OCW3_POLL = 0x04
OCW3_SET_SPECIAL_MASK = 0x40
OCW3_SPECIAL_MASK = 0x20
ICW4_AEOI = 0x02
ICW4_SFNM = 0x10

# OCW2 commands (bits R, SL, EOI).
ROTATE_AEOI_CLEAR = 0
EOI = 1
SPECIFIC_EOI = 3
ROTATE_AEOI_SET = 4
ROTATE_EOI = 5
SET_PRIORITY = 6
ROTATE_SPECIFIC_EOI = 7

CASCADE_INPUT = 2
CASCADE_BIT = 1 << CASCADE_INPUT
SPURIOUS = 7
# Inputs 0, 1, 2, 8 and 13 are always edge-triggered (PIIX3 2.4.3.9).
ELCR_WRITABLE = (0xF8, 0xDE)

NOTHING = -1


class Chip(msgspec.Struct, kw_only=True):
    """One 8259A.

    Attributes:
        pins: levels of the inputs IR0..IR7.
        irr, imr, isr: the registers of these names.
        elcr: bit set for level-triggered inputs.
        lowest: input of lowest priority (7 after ICW1; moved by rotation).
        init_step: the ICW expected next at A0 = 1, or 0 for normal operation.
    """

    pins: int = 0
    irr: int = 0
    imr: int = 0
    isr: int = 0
    elcr: int = 0
    vector_base: int = 0
    lowest: int = 7
    icw1: int = 0
    icw3: int = 0
    icw4: int = 0
    init_step: int = 0
    read_isr: bool = False
    poll: bool = False
    special_mask: bool = False
    rotate_aeoi: bool = False


class I8259State(DeviceState):
    """Both chips."""

    primary: Chip = msgspec.field(default_factory=Chip)
    secondary: Chip = msgspec.field(default_factory=Chip)


class I8259Config(DeviceConfig, frozen=True):
    """Port addresses."""

    primary_base: int = 0x20
    secondary_base: int = 0xA0
    elcr_base: int = 0x4D0


def _highest(chip: Chip, bits: int) -> int:
    """Return the distance 0..7 of the set bit of highest priority from the top; bits != 0."""
    shift = chip.lowest + 1
    rotated = (bits >> shift | bits << 8 - shift) & 0xFF
    return (rotated & -rotated).bit_length() - 1


def _pending(chip: Chip, cascade: int) -> int:
    """Return the input that the chip requests service for, or NOTHING.

    Args:
        chip: the chip.
        cascade: bits of inputs with a cascaded chip; in special fully nested mode their own
            in-service bit does not hold back further requests of that chip.
    """
    requests = chip.irr & ~chip.imr
    if not requests:
        return NOTHING
    blocking = chip.isr
    if blocking:
        if chip.special_mask:
            blocking &= ~chip.imr
        if chip.icw4 & ICW4_SFNM:
            blocking &= ~cascade
    priority = _highest(chip, requests)
    if blocking and _highest(chip, blocking) <= priority:
        return NOTHING
    return (priority + chip.lowest + 1) & 7


def _set_pin(chip: Chip, pin: int, level: bool) -> None:
    """Take a new level of an input.

    An edge-triggered request must stay high until it is acknowledged; when it goes away earlier
    the IRR bit goes with it and INTA finds a spurious interrupt (data sheet, "Interrupt sequence").
    """
    bit = 1 << pin
    if not level:
        chip.pins &= ~bit
        chip.irr &= ~bit
    elif not chip.pins & bit:
        chip.pins |= bit
        chip.irr |= bit


def _acknowledge(chip: Chip, pin: int) -> None:
    """Move a request into service."""
    bit = 1 << pin
    if not chip.elcr & bit:
        chip.irr &= ~bit
    if not chip.icw4 & ICW4_AEOI:
        chip.isr |= bit
    elif chip.rotate_aeoi:
        chip.lowest = pin


@register
class I8259(Device[I8259Config, I8259State]):
    """The pair of interrupt controllers; the second hangs on input 2 of the first."""

    NAME = "i8259"
    DESCRIPTION = "8259A interrupt controllers"
    REQUIRES = (ExtInt,)  # if there is a local APIC, it must be there first
    PROVIDES = (InterruptController,)

    primary = Ports("primary_base", 2)
    secondary = Ports("secondary_base", 2)
    elcr = Ports("elcr_base", 2)

    def setup(self) -> None:
        """Make the sixteen inputs."""
        self._intr = False
        self._chips = self.context.find(EngineChips)
        apic = self.context.find(ExtInt)
        self._intr_changed = (
            self.require(CpuInterrupt).intr_changed if apic is None else apic.extint_changed
        )
        self._inputs = [IrqInput(f"isa{irq}", self._sink(irq)) for irq in range(16)]
        # IRQ2 of the bus is wired to input 9: input 2 is the cascade.
        self._inputs[CASCADE_INPUT] = self._inputs[9]

    def _sink(self, irq: int) -> Callable[[bool], None]:
        pin = irq & 7

        def sink(level: bool) -> None:
            state = self.state  # replaced by a reset
            _set_pin(state.primary if irq < 8 else state.secondary, pin, level)
            self._update()

        chips = self._chips
        return sink if chips is None else lambda level: chips.set_input(irq, level)

    def reset(self, kind: ResetKind) -> None:
        """Forget all programming; the inputs keep their levels. INIT does not reach the chips."""
        if kind is ResetKind.SOFT:
            return
        self.state_to_save()
        pins = self.state.primary.pins & ~CASCADE_BIT, self.state.secondary.pins
        super().reset(kind)
        self.state.primary.pins, self.state.secondary.pins = pins
        self.state_loaded(self.STATE_VERSION)

    def state_to_save(self) -> I8259State:
        """Fetch the state, if the engine has the chips."""
        if self._chips is not None:
            self._chips.save(self.NAME, self.state, self.now)
        return self.state

    def state_loaded(self, version: int) -> None:
        """Derive INTR anew, or hand the state over to the engine's chips."""
        if self._chips is not None:
            self._chips.load(self.NAME, self.state, self.now)
        else:
            self._update()

    # ------------------------------------------------------------------ InterruptController

    def isa_input(self, irq: int) -> IrqInput:
        """Return the input pin of ISA interrupt 0..15."""
        return self._inputs[irq]

    def has_interrupt(self) -> bool:
        """Tell whether INTR is asserted."""
        return self._intr

    def acknowledge(self) -> int:
        """Perform the INTA cycle and return the vector."""
        primary = self.state.primary
        pin = _pending(primary, CASCADE_BIT)
        if pin == NOTHING:
            return primary.vector_base | SPURIOUS
        _acknowledge(primary, pin)
        if pin != CASCADE_INPUT:
            vector = primary.vector_base | pin
        else:
            secondary = self.state.secondary
            pin = _pending(secondary, 0)
            if pin == NOTHING:
                pin = SPURIOUS
            else:
                _acknowledge(secondary, pin)
            # INT of the second chip falls with INTA, so that its next request makes an edge.
            _set_pin(primary, CASCADE_INPUT, False)
            vector = secondary.vector_base | pin
        self._update()
        return vector

    def _update(self) -> None:
        """Pass INT of the second chip on to the first, and INTR to the CPU."""
        state = self.state
        primary = state.primary
        cascade = _pending(state.secondary, 0) != NOTHING
        if cascade != bool(primary.pins & CASCADE_BIT):
            _set_pin(primary, CASCADE_INPUT, cascade)
        intr = _pending(primary, CASCADE_BIT) != NOTHING
        if intr != self._intr:
            self._intr = intr
            self._intr_changed(intr)

    # ------------------------------------------------------------------ registers

    @primary.reader
    def read_primary(self, offset: int, size: int) -> int:
        """Read IRR, ISR, IMR or the poll byte of the first chip."""
        return self._read(self.state.primary, offset, CASCADE_BIT)

    @primary.writer
    def write_primary(self, offset: int, value: int, size: int) -> None:
        """Write a command word of the first chip."""
        self._write(self.state.primary, offset, value)

    @secondary.reader
    def read_secondary(self, offset: int, size: int) -> int:
        """Read IRR, ISR, IMR or the poll byte of the second chip."""
        return self._read(self.state.secondary, offset, 0)

    @secondary.writer
    def write_secondary(self, offset: int, value: int, size: int) -> None:
        """Write a command word of the second chip."""
        self._write(self.state.secondary, offset, value)

    @elcr.reader
    def read_elcr(self, offset: int, size: int) -> int:
        """Read which inputs are level-triggered."""
        return (self.state.secondary if offset else self.state.primary).elcr

    @elcr.writer
    def write_elcr(self, offset: int, value: int, size: int) -> None:
        """Choose edge (0) or level (1) per input."""
        chip = self.state.secondary if offset else self.state.primary
        chip.elcr = value & ELCR_WRITABLE[offset]
        # A level-triggered request is its pin; what the edge detector kept is lost.
        chip.irr = chip.irr & ~chip.elcr | chip.pins & chip.elcr
        self._update()

    def _read(self, chip: Chip, a0: int, cascade: int) -> int:
        if chip.poll:
            chip.poll = False
            pin = _pending(chip, cascade)
            if pin == NOTHING:
                return 0
            _acknowledge(chip, pin)
            self._update()
            return 0x80 | pin
        if a0:
            return chip.imr
        return chip.isr if chip.read_isr else chip.irr

    def _write(self, chip: Chip, a0: int, value: int) -> None:
        if a0:
            self._write_a0_high(chip, value)
        elif value & ICW1:
            self._begin_initialization(chip, value)
        elif value & OCW3:
            self._operation_word_3(chip, value)
        else:
            self._operation_word_2(chip, value >> 5, value & 7)
        self._update()

    def _write_a0_high(self, chip: Chip, value: int) -> None:
        step = chip.init_step
        if step == 0:
            chip.imr = value
        elif step == 2:
            chip.vector_base = value & 0xF8
            if not chip.icw1 & ICW1_SNGL:
                chip.init_step = 3
            else:
                chip.init_step = 4 if chip.icw1 & ICW1_IC4 else 0
        elif step == 3:
            chip.icw3 = value
            chip.init_step = 4 if chip.icw1 & ICW1_IC4 else 0
        else:
            chip.icw4 = value
            chip.init_step = 0

    @staticmethod
    def _begin_initialization(chip: Chip, value: int) -> None:
        """ICW1 (data sheet, "Initialization command words", a to f)."""
        chip.icw1 = value
        chip.init_step = 2
        chip.imr = chip.isr = 0
        chip.irr = chip.pins & chip.elcr  # an edge must be seen anew
        chip.lowest = 7
        chip.special_mask = chip.read_isr = chip.poll = chip.rotate_aeoi = False
        chip.icw4 = 0

    @staticmethod
    def _operation_word_3(chip: Chip, value: int) -> None:
        if value & OCW3_SET_SPECIAL_MASK:
            chip.special_mask = bool(value & OCW3_SPECIAL_MASK)
        if value & OCW3_POLL:
            chip.poll = True
        elif value & OCW3_READ_REGISTER:
            chip.read_isr = bool(value & OCW3_READ_ISR)

    @staticmethod
    def _operation_word_2(chip: Chip, command: int, level: int) -> None:
        if command in {EOI, ROTATE_EOI}:
            # In special mask mode a non-specific EOI passes over masked levels.
            bits = chip.isr & ~chip.imr if chip.special_mask else chip.isr
            if not bits:
                return
            level = (_highest(chip, bits) + chip.lowest + 1) & 7
        if command in {EOI, ROTATE_EOI, SPECIFIC_EOI, ROTATE_SPECIFIC_EOI}:
            chip.isr &= ~(1 << level)
        if command in {ROTATE_EOI, SET_PRIORITY, ROTATE_SPECIFIC_EOI}:
            chip.lowest = level
        elif command in {ROTATE_AEOI_SET, ROTATE_AEOI_CLEAR}:
            chip.rotate_aeoi = command == ROTATE_AEOI_SET

    @info_item("pic", "Registers of both interrupt controllers.")
    def info(self) -> str:
        """Return the registers of both chips, as the debugger's ``info pic`` shows them."""
        self.state_to_save()
        rows = [
            f"{name}: irr={c.irr:02x} imr={c.imr:02x} isr={c.isr:02x} elcr={c.elcr:02x} "
            f"base={c.vector_base:02x} lowest={c.lowest} pins={c.pins:02x}"
            for name, c in (("primary", self.state.primary), ("secondary", self.state.secondary))
        ]
        return "\n".join([*rows, f"INTR={self._intr:d}"])
