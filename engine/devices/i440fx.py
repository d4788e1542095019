"""Intel 440FX host bridge (82441FX PMC): PCI configuration access, shadow RAM, SMRAM.

References: Intel 440FX PCIset data sheet (290549), section 3.2; PCI Local Bus Specification 2.1,
section 3.7.4.1 (configuration mechanism #1).

Deviations: DRAM timing, row boundaries and error reporting are plain memory. The processor has no
system management mode, so that SMRAM is only what the ``D_OPEN`` bit makes of it.
"""

from __future__ import annotations

from typing import ClassVar

from engine.pdm import (
    DeviceState,
    EmptyConfig,
    PciBus,
    PciDevice,
    Ports,
    ResetControl,
    ResetKind,
    ShadowControl,
    register,
)
from engine.pdm.pci import PciState

# Configuration space (data sheet, table 3-2).
PMCCFG = 0x50
PAM0, PAM6 = 0x59, 0x5F
DRB0 = 0x60
SMRAM = 0x72

PAM_READ, PAM_WRITE = 1, 2

SMRAM_OPEN, SMRAM_CLOSED, SMRAM_LOCK, SMRAM_ENABLE = 0x40, 0x20, 0x10, 0x08
SMRAM_WRITABLE = SMRAM_OPEN | SMRAM_CLOSED | SMRAM_LOCK | SMRAM_ENABLE
SMRAM_DEFAULT = 0x02  # C_BASE_SEG is hardwired to A0000h

CONFADD_ENABLE = 0x8000_0000
CONFADD_MASK = 0x80FF_FFFC
CONFDATA = 4  # offset of port CFCh from CF8h
RESET_CONTROL = 1  # offset of port CF9h

# What each nibble of PAM0..PAM6 decides: (register, shift, first address, bytes).
PAM_SEGMENTS = (
    (PAM0, 4, 0xF0000, 0x10000),
    *(
        (PAM0 + 1 + n // 2, 4 * (n % 2), 0xC0000 + 0x4000 * n, 0x4000)
        for n in range(12)
    ),
)  # fmt: skip


class I440fxState(DeviceState):
    """Registers outside configuration space.

    Attributes:
        confadd: the configuration address register, port CF8h.
    """

    confadd: int = 0


@register
class I440fx(PciDevice[EmptyConfig, I440fxState]):
    """Host bridge at 00.0: configuration mechanism #1 and the memory map below 1 MiB."""

    NAME = "i440fx"
    DESCRIPTION = "Intel 440FX host bridge"
    VENDOR = 0x8086
    DEVICE = 0x1237
    CLASS = 0x060000
    REVISION = 0x02
    COMMAND_WRITABLE = 0x0140  # PERRE, SERRE; bus master and memory are hardwired on
    WRITABLE: ClassVar[dict[int, int]] = {
        0x0C: 0x00,
        0x3C: 0x00,
        PMCCFG: 0x70,
        PMCCFG + 1: 0x8C,
        **dict.fromkeys(range(0x52, PAM0), 0xFF),
        PAM0: 0x30,
        **dict.fromkeys(range(PAM0 + 1, PAM6 + 1), 0x33),
        **dict.fromkeys(range(DRB0, DRB0 + 8), 0xFF),
        0x68: 0xC0,
        SMRAM: SMRAM_WRITABLE,
        0x90: 0x1B,
    }
    DEFAULTS: ClassVar[dict[int, int]] = {0x04: 0x06, PMCCFG + 1: 0x01, SMRAM: SMRAM_DEFAULT}

    config_ports = Ports(0xCF8, 8, sizes=(1, 2, 4))

    def setup(self) -> None:
        """Find the bus and the machine's memory map."""
        self._bus = self.require(PciBus)
        self._shadow = self.require(ShadowControl)
        self._applied: dict[int, int] = {}

    def reset(self, kind: ResetKind) -> None:
        """PCIRST# clears everything; INIT goes to the processor alone."""
        if kind is not ResetKind.SOFT:
            super().reset(kind)
            self._applied.clear()
            self._apply_pam()
            self._apply_smram()

    # -- configuration mechanism #1

    @config_ports.reader
    def read_config(self, offset: int, size: int) -> int:
        """Answer ports CF8h-CFFh."""
        confadd = self.state.confadd
        if offset >= CONFDATA:
            if not confadd & CONFADD_ENABLE:
                return 0xFFFFFFFF
            return self._bus.config_read(
                confadd >> 16 & 0xFF,
                confadd >> 11 & 0x1F,
                confadd >> 8 & 7,
                confadd & 0xFC | offset - CONFDATA,
                size,
            )
        if offset == 0 and size == 4:
            return confadd
        # Only a whole double word is CONFADD; anything smaller passes to the PCI bus (3.1.1).
        value = (1 << 8 * size) - 1
        if offset <= RESET_CONTROL < offset + size:
            south_bridge = self.context.find(ResetControl)
            if south_bridge:
                shift = 8 * (RESET_CONTROL - offset)
                value ^= (0xFF ^ south_bridge.read_reset_control()) << shift
        return value

    @config_ports.writer
    def write_config(self, offset: int, value: int, size: int) -> None:
        """Take ports CF8h-CFFh."""
        confadd = self.state.confadd
        if offset >= CONFDATA:
            if confadd & CONFADD_ENABLE:
                self._bus.config_write(
                    confadd >> 16 & 0xFF,
                    confadd >> 11 & 0x1F,
                    confadd >> 8 & 7,
                    confadd & 0xFC | offset - CONFDATA,
                    value,
                    size,
                )
        elif offset == 0 and size == 4:
            self.state.confadd = value & CONFADD_MASK
        elif offset <= RESET_CONTROL < offset + size:
            south_bridge = self.context.find(ResetControl)
            if south_bridge:
                south_bridge.write_reset_control(value >> 8 * (RESET_CONTROL - offset) & 0xFF)

    # -- own configuration space

    def config_write(self, offset: int, value: int, size: int) -> None:
        """Take a write; SMRAM refuses what its lock forbids."""
        smram = self.registers[SMRAM]
        super().config_write(offset, value, size)
        if offset <= SMRAM < offset + size:
            if smram & SMRAM_LOCK:
                self.registers[SMRAM] = smram
            elif self.registers[SMRAM] & SMRAM_LOCK:
                # Setting the lock closes the window and makes the register read-only.
                self.registers[SMRAM] &= ~SMRAM_OPEN
            self._apply_smram()

    def config_written(self, offset: int, size: int) -> None:
        """Follow the PAM registers."""
        if offset <= PAM6 and offset + size > PAM0:
            self._apply_pam()

    def load_pci_state(self, state: PciState) -> None:
        """Take a saved configuration space and restore the memory map."""
        super().load_pci_state(state)
        self._applied.clear()
        self._apply_pam()
        self._apply_smram()

    def _apply_pam(self) -> None:
        for offset, shift, base, size in PAM_SEGMENTS:
            attributes = self.registers[offset] >> shift & (PAM_READ | PAM_WRITE)
            if self._applied.get(base) != attributes:
                self._applied[base] = attributes
                self._shadow.set_pam(
                    base, size, bool(attributes & PAM_READ), bool(attributes & PAM_WRITE)
                )

    def _apply_smram(self) -> None:
        value = self.registers[SMRAM]
        self._shadow.set_smram(
            value & (SMRAM_OPEN | SMRAM_CLOSED | SMRAM_ENABLE) == SMRAM_OPEN | SMRAM_ENABLE
        )
