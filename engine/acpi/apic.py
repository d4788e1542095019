"""The tables about interrupt controllers and the HPET: MADT and HPET.

Reference: ACPI Specification 2.0, 5.2.10.4 (MADT); IA-PC HPET Specification 1.0a, 3.2.4 (HPET).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.devices import apic, hpet, ioapic

if TYPE_CHECKING:
    from engine.acpi.dsdt import BoardConfig

PCAT_COMPATIBLE: Final = 1  # there is a pair of 8259A too
ENABLED: Final = 1
LOCAL_APIC, IO_APIC, SOURCE_OVERRIDE, LOCAL_NMI = 0, 1, 2, 4
ISA_BUS: Final = 0
# Flags of an override (table 5-21): polarity and trigger mode.
BUS_DEFAULT, ACTIVE_HIGH, LEVEL = 0, 1, 3 << 2
ALL_PROCESSORS: Final = 0xFF
LINT1: Final = 1
PCI_IRQS: Final = (5, 10, 11)
SYSTEM_MEMORY: Final = 0
SMALLEST_PERIOD: Final = 128  # ticks, in periodic mode


def build_madt(board: BoardConfig) -> bytes:
    """Return the body of the multiple APIC description table."""
    body = struct.pack("<II", apic.BASE, PCAT_COMPATIBLE)
    for number in range(board.cpu_count):
        body += struct.pack("<BBBBI", LOCAL_APIC, 8, number, number, ENABLED)
    if board.ioapic:
        body += struct.pack("<BBBBII", IO_APIC, 12, board.cpu_count, 0, ioapic.BASE, 0)
        body += _override(0, ioapic.TIMER_INPUT, BUS_DEFAULT)
        for irq in sorted({board.sci_irq, *PCI_IRQS}):
            body += _override(irq, irq, ACTIVE_HIGH | LEVEL)
    return body + struct.pack("<BBBHB", LOCAL_NMI, 6, ALL_PROCESSORS, BUS_DEFAULT, LINT1)


def _override(irq: int, pin: int, flags: int) -> bytes:
    return struct.pack("<BBBBIH", SOURCE_OVERRIDE, 10, ISA_BUS, irq, pin, flags)


def build_hpet() -> bytes:
    """Return the body of the HPET description table."""
    block_id = hpet.CAPABILITIES & 0xFFFFFFFF
    address = struct.pack("<BBBBQ", SYSTEM_MEMORY, 64, 0, 0, hpet.BASE)
    return struct.pack("<I", block_id) + address + struct.pack("<BHB", 0, SMALLEST_PERIOD, 0)
