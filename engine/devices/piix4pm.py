"""Intel PIIX4 (82371AB) power management function: ACPI fixed hardware.

References: Intel 82371AB (PIIX4) data sheet (290562), chapter 7; ACPI Specification 2.0, 4.7
(ACPI hardware). The 24-bit timer and its overflow follow from virtual time when they are read.

Deviations: no system management mode (what SMI# would do at the APM control port happens here), no
device monitors, no suspend but soft off, and no SMBus host: its base register is hardwired to 0.
Bit 9 of the PM1 registers, which the chip reserves, is the sleep button of the ACPI Specification.
All 16 general purpose events can be raised; the chip has inputs for some of them only.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from engine.pdm import (
    AcpiHardware,
    Buttons,
    DeviceConfig,
    DeviceState,
    GeneralPurposeEvents,
    IsaIrq,
    MachineControl,
    PciDevice,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)
from engine.pdm.pci import INTERRUPT_LINE, PciState

# Configuration space (7.1).
PMBA, DEVACTB, PMREGMISC = 0x40, 0x58, 0x80
PMBA_MASK = 0xFFC0
PMREGMISC_PMIOSE = 0x01
DEVACTB_APMC_EN = 0x02  # in the top byte of the register

# I/O registers (7.2), by offset from PMBA.
PMSTS, PMEN, PMCNTRL, PMTMR = 0x00, 0x02, 0x04, 0x08
GPSTS, GPEN = 0x0C, 0x0E
BLOCK_SIZE = 0x40
DWORDS = BLOCK_SIZE // 4
Others = Annotated[list[int], msgspec.Meta(min_length=DWORDS, max_length=DWORDS)]

# PMSTS and PMEN.
TMROF, GBL, PWRBTN, SLPBTN, RTC, RSM = 0x0001, 0x0020, 0x0100, 0x0200, 0x0400, 0x8000
PMSTS_BITS = TMROF | GBL | PWRBTN | SLPBTN | RTC | RSM
PMEN_BITS = TMROF | GBL | PWRBTN | SLPBTN | RTC

# PMCNTRL.
SCI_EN, BRLD_EN_BM, GBL_RLS, SUS_EN = 0x0001, 0x0002, 0x0004, 0x2000
SUS_TYP_SHIFT, SUS_TYP_MASK = 10, 7
SUS_TYP_SOFT_OFF = 0
PMCNTRL_BITS = SCI_EN | BRLD_EN_BM | SUS_TYP_MASK << SUS_TYP_SHIFT

PM_TIMER_HZ = 3_579_545
PM_TIMER_MASK = 0xFF_FFFF
# The status bit is set whenever bit 23 changes.
PM_TIMER_HALF = 0x80_0000
NANOSECONDS = 1_000_000_000

APM_ACPI_ENABLE, APM_ACPI_DISABLE = 0xF1, 0xF0


class Piix4PmConfig(DeviceConfig, frozen=True):
    """Wiring.

    Attributes:
        sci_irq: ISA interrupt of the system control interrupt.
    """

    sci_irq: int = 9


class Piix4PmState(DeviceState):
    """Registers of the I/O block.

    Attributes:
        pmsts, pmen, pmcntrl: PM1 status (without the computed overflow), enable, control.
        gpsts, gpen: general purpose event status and enable.
        overflow_ticks: timer ticks since power-on at which TMROF_STS is set the next time.
        others: the rest of the block, by double word, which is plain memory.
    """

    pmsts: int = 0
    pmen: int = 0
    pmcntrl: int = 0
    gpsts: int = 0
    gpen: int = 0
    overflow_ticks: int = PM_TIMER_HALF
    others: Others = msgspec.field(default_factory=lambda: [0] * DWORDS)


@register
class Piix4Pm(PciDevice[Piix4PmConfig, Piix4PmState]):
    """Power management function with PM timer, power button and soft off."""

    NAME = "piix4pm"
    DESCRIPTION = "Intel PIIX4 power management"
    PROVIDES = (AcpiHardware, Buttons, GeneralPurposeEvents)
    VENDOR = 0x8086
    DEVICE = 0x7113
    CLASS = 0x068000
    REVISION = 0x03
    STATUS_DEFAULT = 0x0280
    COMMAND_WRITABLE = 0x0001
    INTERRUPT = 1
    WRITABLE: ClassVar[dict[int, int]] = {
        PMBA: 0xC0,
        PMBA + 1: 0xFF,
        **dict.fromkeys(range(0x44, PMREGMISC), 0xFF),
        PMREGMISC: PMREGMISC_PMIOSE,
        INTERRUPT_LINE: 0xFF,
    }
    DEFAULTS: ClassVar[dict[int, int]] = {
        PMBA: 0x01,
        # Says that APM SMIs are set up: the firmware then leaves system management mode alone.
        DEVACTB + 3: DEVACTB_APMC_EN,
    }

    registers_block = Ports(None, BLOCK_SIZE, sizes=(1, 2, 4))
    sci = IsaIrq("sci_irq")

    @timer
    def overflow(self) -> None:
        """The PM timer's bit 23 has changed."""
        self._update()

    # -- configuration

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# clears everything; INIT goes to the processor alone."""
        if kind is ResetKind.SOFT:
            return
        super().reset(kind)
        # The timer itself runs on.
        self._acknowledge_overflow()
        self._map_block()
        self._update()

    def config_written(self, offset: int, size: int) -> None:
        """Follow the base register and its enable bit."""
        self._map_block()

    def load_pci_state(self, state: PciState) -> None:
        """Take a saved configuration space and map the block accordingly."""
        super().load_pci_state(state)
        self._map_block()

    def state_loaded(self, version: int) -> None:
        """Drive the interrupt line as the loaded registers say."""
        self._update()

    def _map_block(self) -> None:
        base = self._base()
        enabled = self.registers[PMREGMISC] & PMREGMISC_PMIOSE
        if enabled and base:
            self.registers_block.map(base)
        else:
            self.registers_block.unmap()

    def _base(self) -> int:
        return int.from_bytes(self.registers[PMBA : PMBA + 2], "little") & PMBA_MASK

    # -- for other devices and the host side

    def fixed_hardware(self) -> tuple[int, int]:
        """Return (first port of the block, interrupt), for the ACPI tables."""
        return self._base(), self.config.sci_irq

    def apm_command(self, value: int) -> None:
        """Enter or leave ACPI mode, which is what the firmware's SMI handler would do."""
        if value == APM_ACPI_ENABLE:
            self.state.pmcntrl |= SCI_EN
        elif value == APM_ACPI_DISABLE:
            self.state.pmcntrl &= ~SCI_EN
        self._update()

    def press_power_button(self) -> bool:
        """Press the power button; return whether the guest has enabled ACPI and will see it."""
        return self._press(PWRBTN)

    def press_sleep_button(self) -> bool:
        """Press the sleep button; return whether the guest has enabled ACPI and will see it."""
        return self._press(SLPBTN)

    def _press(self, button: int) -> bool:
        if not self.state.pmcntrl & SCI_EN:
            return False
        self.state.pmsts |= button
        self._update()
        return True

    def raise_event(self, number: int) -> bool:
        """Set the status of a general purpose event; return whether the guest listens to it."""
        state = self.state
        state.gpsts |= 1 << number
        self._update()
        return bool(state.pmcntrl & SCI_EN and state.gpen >> number & 1)

    # -- PM timer

    def _ticks(self) -> int:
        return self.now * PM_TIMER_HZ // NANOSECONDS

    def _latch_overflow(self) -> None:
        if self._ticks() >= self.state.overflow_ticks:
            self.state.pmsts |= TMROF

    def _acknowledge_overflow(self) -> None:
        self.state.overflow_ticks = (self._ticks() // PM_TIMER_HALF + 1) * PM_TIMER_HALF

    # -- interrupt

    def _update(self) -> None:
        """Drive SCI, and wake up at the next overflow if the guest wants to know."""
        self._latch_overflow()
        state = self.state
        active = state.pmsts & state.pmen & PMEN_BITS or state.gpsts & state.gpen
        self.sci.set(bool(active and state.pmcntrl & SCI_EN))
        if state.pmen & TMROF and not state.pmsts & TMROF:
            # Rounded up, so that the tick has been reached when the timer fires.
            self.overflow.arm(-(-state.overflow_ticks * NANOSECONDS // PM_TIMER_HZ))
        else:
            self.overflow.cancel()

    # -- I/O block

    @registers_block.reader
    def read_block(self, offset: int, size: int) -> int:
        """Answer a read of 1, 2 or 4 bytes."""
        if offset == PMTMR and size == 4:
            return self._ticks() & PM_TIMER_MASK
        value = self._read_dword(offset & ~3)
        return value >> 8 * (offset & 3)

    def _read_dword(self, offset: int) -> int:
        state = self.state
        if offset == PMSTS:
            self._latch_overflow()
            return state.pmsts | state.pmen << 16
        if offset == PMCNTRL:
            return state.pmcntrl
        if offset == PMTMR:
            return self._ticks() & PM_TIMER_MASK
        if offset == GPSTS:
            return state.gpsts | state.gpen << 16
        return state.others[offset >> 2]

    @registers_block.writer
    def write_block(self, offset: int, value: int, size: int) -> None:
        """Take a write of 1, 2 or 4 bytes: each half of a double word by itself."""
        shift = 8 * (offset & 3)
        mask = ((1 << 8 * size) - 1) << shift
        value = value << shift & mask
        base = offset & ~3
        if mask & 0xFFFF:
            self._write_word(base, value & 0xFFFF, mask & 0xFFFF)
        if mask >> 16 & 0xFFFF:
            self._write_word(base + 2, value >> 16 & 0xFFFF, mask >> 16 & 0xFFFF)

    def _write_word(self, offset: int, value: int, mask: int) -> None:
        state = self.state
        match offset:
            case 0x00:  # PMSTS: write 1 to clear
                self._latch_overflow()
                state.pmsts &= ~(value & PMSTS_BITS)
                if value & TMROF:
                    self._acknowledge_overflow()
                self._update()
            case 0x02:  # PMEN
                state.pmen = (state.pmen & ~mask | value) & PMEN_BITS
                self._update()
            case 0x04:
                self._write_control(value, mask)
            case 0x08 | 0x0A:
                self.guest_error("write to the PM timer")
            case 0x0C:  # GPSTS: write 1 to clear
                state.gpsts &= ~value
                self._update()
            case 0x0E:  # GPEN
                state.gpen = state.gpen & ~mask | value
                self._update()
            case _:
                shift = 8 * (offset & 2)
                others = state.others
                keep = others[offset >> 2] & ~(mask << shift)
                others[offset >> 2] = keep | value << shift

    def _write_control(self, value: int, mask: int) -> None:
        state = self.state
        # SUS_EN and GBL_RLS read as 0; GBL_RLS would call the firmware.
        state.pmcntrl = (state.pmcntrl & ~mask | value) & PMCNTRL_BITS
        if value & SUS_EN:
            kind = state.pmcntrl >> SUS_TYP_SHIFT & SUS_TYP_MASK
            if kind == SUS_TYP_SOFT_OFF:
                self.require(MachineControl).request_power_off("ACPI soft off (S5)")
            else:
                # No other sleeping state is announced. A guest that tries one is woken at once
                # and goes on, instead of waiting for RSM_STS for ever.
                self.guest_error(f"sleep type {kind} is not available")
                state.pmsts |= RSM
        self._update()

    @info_item("acpi", "Registers of the power management block.")
    def info(self) -> str:
        """Return place and registers of the block."""
        state = self.state
        base = self.registers_block.base
        return (
            f"PM block: {'not mapped' if base is None else f'port {base:#x}'}, SCI on IRQ "
            f"{self.config.sci_irq}\nPMSTS={state.pmsts:04x} PMEN={state.pmen:04x} "
            f"PMCNTRL={state.pmcntrl:04x} GPSTS={state.gpsts:04x} GPEN={state.gpen:04x}"
        )
