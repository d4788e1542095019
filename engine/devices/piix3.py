"""Intel PIIX3 (82371SB) PCI to ISA bridge: interrupt routing, reset control, APM ports.

Reference: Intel 82371FB/82371SB data sheet (290550), section 2.2 (function 0) and 2.5.

The interrupt controllers, timer, DMA and ELCR that the chip contains are devices of their own.
Deviations: no SMI#; a write to APMC reaches the power management function directly.
"""

from __future__ import annotations

from typing import ClassVar

from engine.pdm import (
    AcpiHardware,
    DeviceState,
    EmptyConfig,
    InterruptController,
    IrqInput,
    IrqLine,
    MachineControl,
    PciBus,
    PciDevice,
    PciInterruptRouter,
    Ports,
    ResetControl,
    ResetKind,
    info_item,
    register,
)
from engine.pdm.pci import PciState

# Configuration space of function 0.
IORT, XBCS = 0x4C, 0x4E
PIRQRC = 0x60  # four registers, PIRQA# to PIRQD#
TOM, MSTAT, MBIRQ0, MBDMA = 0x69, 0x6A, 0x70, 0x76
APICBASE, DLC = 0x80, 0x82
SMICNTL = 0xA0

PIRQ_COUNT = 4
PIRQ_DISABLE = 0x80
PIRQ_IRQ = 0x0F
ROUTABLE_IRQS = frozenset({3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15})

# RC, port CF9h.
RC_RESET_CPU, RC_HARD_RESET = 0x04, 0x02

APMC, APMS = 0, 1  # offsets from port B2h


class Piix3State(DeviceState):
    """Registers outside configuration space.

    Attributes:
        reset_control: RC, port CF9h.
        apmc, apms: Advanced Power Management control and status, ports B2h and B3h.
    """

    reset_control: int = 0
    apmc: int = 0
    apms: int = 0


@register
class Piix3(PciDevice[EmptyConfig, Piix3State]):
    """ISA bridge, function 0; routes PCI interrupts."""

    NAME = "piix3"
    DESCRIPTION = "Intel PIIX3 ISA bridge"
    REQUIRES = (InterruptController,)
    PROVIDES = (PciInterruptRouter, ResetControl)
    VENDOR = 0x8086
    DEVICE = 0x7000
    CLASS = 0x060100
    MULTIFUNCTION = True
    STATUS_DEFAULT = 0x0200
    COMMAND_WRITABLE = 0x0008  # special cycles; I/O, memory and master are hardwired on
    WRITABLE: ClassVar[dict[int, int]] = {
        0x0C: 0x00,
        0x0D: 0x00,
        0x3C: 0x00,
        IORT: 0x7F,
        XBCS: 0xFF,
        XBCS + 1: 0x01,
        **{PIRQRC + n: 0x8F for n in range(PIRQ_COUNT)},
        TOM: 0xFE,
        MSTAT: 0x80,
        MBIRQ0: 0xCF,
        MBDMA: 0x8F,
        MBDMA + 1: 0x8F,
        APICBASE: 0x7F,
        DLC: 0x0F,
        **{SMICNTL + n: 0xFF for n in (0, 2, 3, 4, 5, 6, 7, 8, 0xA, 0xC, 0xE)},
    }
    DEFAULTS: ClassVar[dict[int, int]] = {
        0x04: 0x07,
        IORT: 0x4D,
        XBCS: 0x03,
        **{PIRQRC + n: PIRQ_DISABLE for n in range(PIRQ_COUNT)},
        TOM: 0x02,
        MBIRQ0: 0x80,
        MBDMA: 0x0C,
        MBDMA + 1: 0x0C,
        0x78: 0x02,
        SMICNTL: 0x08,
        SMICNTL + 8: 0x0F,
    }

    apm_ports = Ports(0xB2, 2)

    def setup(self) -> None:
        """Make the four PIRQ# inputs and offer them to the bus."""
        self._controller = self.require(InterruptController)
        self._outputs = [
            IrqLine(f"{self.instance_name}/PIRQ{'ABCD'[n]}") for n in range(PIRQ_COUNT)
        ]
        self._inputs = [IrqInput(line.name, line.set) for line in self._outputs]
        self.require(PciBus).set_router(self)

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# clears everything; INIT goes to the processor alone."""
        if kind is not ResetKind.SOFT:
            super().reset(kind)
            self._route()

    # -- interrupt routing

    def pirq_input(self, slot: int, pin: int) -> IrqInput:
        """Return the PIRQ# input for INTA#..INTD# (0..3) of a slot, as the board is wired.

        The firmware that runs here expects slot 1, INTA# at PIRQA# and one further for each slot.
        """
        return self._inputs[(slot + pin - 1) & 3]

    def config_written(self, offset: int, size: int) -> None:
        """Follow PIRQRC."""
        if offset < PIRQRC + PIRQ_COUNT and offset + size > PIRQRC:
            self._route()

    def load_pci_state(self, state: PciState) -> None:
        """Take a saved configuration space and route accordingly."""
        super().load_pci_state(state)
        self._route()

    def _route(self) -> None:
        for n, line in enumerate(self._outputs):
            route = self.registers[PIRQRC + n]
            irq = route & PIRQ_IRQ
            if route & PIRQ_DISABLE or irq not in ROUTABLE_IRQS:
                line.connect(None)
            else:
                line.connect(self._controller.isa_input(irq))

    # -- reset control, port CF9h (decoded by the host bridge, which passes it on)

    def read_reset_control(self) -> int:
        """Return RC."""
        return self.state.reset_control

    def write_reset_control(self, value: int) -> None:
        """Write RC: a rising RCPU bit resets, hard or soft as SRST says."""
        # RCPU does not survive the reset that it starts, so that each 1 is a rising edge.
        self.state.reset_control = value & RC_HARD_RESET
        if value & RC_RESET_CPU:
            kind = ResetKind.HARD if value & RC_HARD_RESET else ResetKind.SOFT
            self.require(MachineControl).request_reset(kind, "port CF9h")

    # -- APM

    @apm_ports.reader
    def read_apm(self, offset: int, size: int) -> int:
        """Answer ports B2h and B3h."""
        return self.state.apms if offset == APMS else self.state.apmc

    @apm_ports.writer
    def write_apm(self, offset: int, value: int, size: int) -> None:
        """Take ports B2h and B3h."""
        if offset == APMS:
            self.state.apms = value
            return
        self.state.apmc = value
        power_management = self.context.find(AcpiHardware)
        if power_management:
            power_management.apm_command(value)

    @info_item("pirq", "Routing of the PCI interrupts.")
    def info(self) -> str:
        """Return where PIRQA# to PIRQD# end."""
        routes = self.registers[PIRQRC : PIRQRC + PIRQ_COUNT]
        return "\n".join(
            f"PIRQ{'ABCD'[n]}#: {'disabled' if route & PIRQ_DISABLE else f'IRQ {route & 0xF}'}"
            for n, route in enumerate(routes)
        )
