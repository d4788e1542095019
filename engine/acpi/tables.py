"""ACPI tables of the board and the script by which the firmware links them.

Reference: ACPI Specification 2.0, section 5.2. The tables about interrupt controllers are in
``apic``, and are there only when the board has them.
"""

from __future__ import annotations

import struct
from typing import Final

from engine.acpi.apic import build_hpet, build_madt
from engine.acpi.dsdt import BoardConfig, build_dsdt_body
from engine.acpi.loader import LinkerScript, Zone
from engine.acpi.pir import build_pir_table

RSDP_FILE: Final = "etc/acpi/rsdp"
TABLES_FILE: Final = "etc/acpi/tables"
PIR_FILE: Final = "etc/pir-table"
LOADER_FILE: Final = "etc/table-loader"

OEM_ID: Final = b"VITRIN"
OEM_TABLE_ID: Final = b"VITRINPC"
OEM_REVISION: Final = 1
CREATOR_ID: Final = b"VTRN"
CREATOR_REVISION: Final = 1

HEADER_SIZE: Final = 36
CHECKSUM_OFFSET: Final = 9

# Ports of the PIIX4 power management block (82371AB data sheet, 7.2), from its base.
PM1A_EVENT, PM1A_CONTROL, PM_TIMER, GPE0 = 0x00, 0x04, 0x08, 0x0C
SMI_COMMAND: Final = 0xB2
ACPI_ENABLE, ACPI_DISABLE = 0xF1, 0xF0
RESET_PORT, RESET_VALUE = 0xCF9, 0x06
CMOS_CENTURY: Final = 0x32
NO_C_STATE: Final = 0x0FFF

# FADT flags: WBINVD works, C1 on all processors, RTC wake not in fixed registers, reset register
# there. Clear PWR_BUTTON and SLP_BUTTON bits mean that both buttons are in fixed registers.
FADT_FLAGS: Final = 1 << 0 | 1 << 2 | 1 << 6 | 1 << 10
# IA-PC boot architecture: legacy devices, 8042, and no message signalled interrupts.
BOOT_ARCHITECTURE: Final = 1 << 0 | 1 << 1 | 1 << 3
IO_SPACE: Final = 1

# Offsets of pointers in the FADT (5.2.8) and the RSDP (5.2.4).
FADT_FACS, FADT_DSDT, FADT_X_DSDT = 36, 40, 140
RSDP_CHECKSUM, RSDP_RSDT, RSDP_XSDT, RSDP_EXTENDED_CHECKSUM = 8, 16, 24, 32
RSDP_V1_SIZE, RSDP_SIZE = 20, 36


def _table(signature: bytes, revision: int, body: bytes) -> bytes:
    """Return a table with its header; the checksum is the firmware's work."""
    return (
        struct.pack(
            "<4sIBB6s8sI4sI",
            signature,
            HEADER_SIZE + len(body),
            revision,
            0,
            OEM_ID,
            OEM_TABLE_ID,
            OEM_REVISION,
            CREATOR_ID,
            CREATOR_REVISION,
        )
        + body
    )


def build_dsdt(board: BoardConfig) -> bytes:
    """Return the DSDT without checksum. Revision 1: integers have 32 bits."""
    return _table(b"DSDT", 1, build_dsdt_body(board))


def build_facs() -> bytes:
    """Return the firmware ACPI control structure."""
    return struct.pack("<4sIIIIIQB31s", b"FACS", 64, 0, 0, 0, 0, 0, 1, b"")


def build_fadt(board: BoardConfig) -> bytes:
    """Return the FADT, revision 3, with its pointers still offsets."""
    base = board.pm_base
    event, control, timer, gpe = (base + n for n in (PM1A_EVENT, PM1A_CONTROL, PM_TIMER, GPE0))
    body = struct.pack(
        "<IIBBHIBBBB8I8BHHHHBBBBBHBI",
        0, 0,  # FACS and DSDT
        0, 1,  # desktop
        board.sci_irq,
        SMI_COMMAND, ACPI_ENABLE, ACPI_DISABLE, 0, 0,
        event, 0, control, 0, 0, timer, gpe, 0,
        4, 2, 0, 4, 4, 0, 0, 0,  # lengths of these blocks
        NO_C_STATE, NO_C_STATE,
        0, 0, 0, 0,
        0, 0, CMOS_CENTURY,
        BOOT_ARCHITECTURE, 0,
        FADT_FLAGS,
    )  # fmt: skip
    body += _io_address(RESET_PORT, 8) + bytes([RESET_VALUE, 0, 0, 0]) + bytes(16)
    for port, bits in (
        (event, 32), (0, 0), (control, 16), (0, 0), (0, 0), (timer, 32), (gpe, 32), (0, 0),
    ):  # fmt: skip
        body += _io_address(port, bits) if bits else bytes(12)
    return _table(b"FACP", 3, body)


def _io_address(port: int, bits: int) -> bytes:
    """Return a generic address structure in I/O space (5.2.3.1)."""
    return struct.pack("<BBBBQ", IO_SPACE, bits, 0, 0, port)


def build_acpi(board: BoardConfig) -> dict[str, bytes]:
    """Return the files for the firmware: RSDP, all other tables in one file, linker script.

    The sizes of the files do not depend on ``pm_base``, which the firmware chooses after it has
    read the directory.
    """
    tables = bytearray(build_facs())  # first, because it wants 64-byte alignment
    offsets: dict[str, int] = {}

    def place(label: str, table: bytes) -> int:
        tables.extend(bytes(-len(tables) % 16))
        offsets[label] = len(tables)
        tables.extend(table)
        return offsets[label]

    script = LinkerScript()
    script.allocate(PIR_FILE, 16, Zone.FSEG)
    script.allocate(RSDP_FILE, 16, Zone.FSEG)
    script.allocate(TABLES_FILE, 64, Zone.HIGH)

    def point(offset: int, size: int, target: int) -> None:
        tables[offset : offset + size] = target.to_bytes(size, "little")
        script.add_pointer(TABLES_FILE, offset, size, TABLES_FILE)

    def seal(label: str) -> None:
        start = offsets[label]
        length = int.from_bytes(tables[start + 4 : start + 8], "little")
        script.add_checksum(TABLES_FILE, start + CHECKSUM_OFFSET, start, length)

    dsdt = place("DSDT", build_dsdt(board))
    fadt = place("FACP", build_fadt(board))
    point(fadt + FADT_FACS, 4, 0)
    point(fadt + FADT_DSDT, 4, dsdt)
    point(fadt + FADT_X_DSDT, 8, dsdt)
    listed = [fadt]
    if board.apic:
        listed.append(place("APIC", _table(b"APIC", 1, build_madt(board))))
    if board.hpet:
        listed.append(place("HPET", _table(b"HPET", 1, build_hpet())))
    rsdt = place("RSDT", _table(b"RSDT", 1, bytes(4 * len(listed))))
    xsdt = place("XSDT", _table(b"XSDT", 1, bytes(8 * len(listed))))
    for number, table in enumerate(listed):
        point(rsdt + HEADER_SIZE + 4 * number, 4, table)
        point(xsdt + HEADER_SIZE + 8 * number, 8, table)
    for label in offsets:
        seal(label)

    rsdp = struct.pack("<8sB6sBIIQB3s", b"RSD PTR ", 0, OEM_ID, 2, rsdt, RSDP_SIZE, xsdt, 0, b"")
    script.add_pointer(RSDP_FILE, RSDP_RSDT, 4, TABLES_FILE)
    script.add_pointer(RSDP_FILE, RSDP_XSDT, 8, TABLES_FILE)
    script.add_checksum(RSDP_FILE, RSDP_CHECKSUM, 0, RSDP_V1_SIZE)
    script.add_checksum(RSDP_FILE, RSDP_EXTENDED_CHECKSUM, 0, RSDP_SIZE)
    return {
        RSDP_FILE: rsdp,
        TABLES_FILE: bytes(tables),
        PIR_FILE: build_pir_table(),
        LOADER_FILE: script.encode(),
    }


def build_without_acpi() -> dict[str, bytes]:
    """Return the files for a machine without power management: the PCI routing table alone."""
    script = LinkerScript()
    script.allocate(PIR_FILE, 16, Zone.FSEG)
    return {PIR_FILE: build_pir_table(), LOADER_FILE: script.encode()}
