"""PCI interrupt routing table, for operating systems that do not use ACPI.

Reference: Microsoft, PCI IRQ Routing Table Specification 1.0.
"""

from __future__ import annotations

import struct

from engine.acpi.dsdt import ISA_BRIDGE, LINK_IRQS, PCI_SLOTS, PIRQRC

PIIX_COMPATIBLE = 0x122E_8086  # the router that drivers know


def build_pir_table() -> bytes:
    """Return ``$PIR`` with its checksum, to be placed on a 16-byte boundary below 1 MiB."""
    irqs = sum(1 << irq for irq in LINK_IRQS)
    entries = b""
    for slot in PCI_SLOTS:
        pins = b"".join(
            struct.pack("<BH", PIRQRC + ((slot + pin - 1) & 3), irqs) for pin in range(4)
        )
        # The slot number is 0 for what is soldered to the board.
        entries += struct.pack("<BB12sBB", 0, slot << 3, pins, 0 if slot == ISA_BRIDGE else slot, 0)
    size = 32 + len(entries)
    header = struct.pack(
        "<4sHHBBHII11sB", b"$PIR", 0x0100, size, 0, ISA_BRIDGE << 3, 0, PIIX_COMPATIBLE, 0, b"", 0
    )
    checksum = -sum(header + entries) & 0xFF
    return header[:31] + bytes([checksum]) + entries
