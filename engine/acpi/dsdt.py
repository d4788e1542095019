r"""The DSDT of the 440FX board: PCI root, interrupt links, ISA devices, soft off.

Written so that the small parser of the PC firmware, which looks here for ISA devices, reads it:
on the outer levels only scopes, devices, names, regions, fields and methods, and in each device
its names before its children.
"""

from __future__ import annotations

from typing import Final

import msgspec

from engine.acpi import aml, hotplug
from engine.acpi import resources as res
from engine.devices import pcihotplug

# What the link devices may be routed to.
LINK_IRQS: Final = (5, 9, 10, 11)
LINKS: Final = "ABCD"
PIRQ_DISABLED: Final = 0x80
PIRQRC: Final = 0x60  # configuration offset in the ISA bridge

PCI_HOLE_END: Final = 0xFEBF_FFFF  # below the addresses of I/O and local APICs
ISA_BRIDGE: Final = 1  # PCI slot
PCI_SLOTS: Final = range(1, 32)
PM_PORTS: Final = 0x40

STA_PRESENT, STA_ENABLED, STA_FUNCTIONING = 0x01, 0x02, 0x08

_ISA_PATH: Final = r"\_SB.PCI0.ISA"


class BoardConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables describe.

    Attributes:
        low_ram_end: first address after RAM below 4 GiB, where the PCI memory window begins.
        pm_base: first port of the power management block.
        sci_irq: the system control interrupt.
        cpu_count: processors.
        apic, ioapic, hpet: which of them the board has.
        floppy: a floppy disk controller is there.
        com_ports, parallel_ports: (first port, interrupt) of each.
        hot_plug_slots: PCI slots whose devices come and go.
    """

    low_ram_end: int
    pm_base: int
    sci_irq: int = 9
    cpu_count: int = 1
    apic: bool = False
    ioapic: bool = False
    hpet: bool = False
    floppy: bool = False
    com_ports: tuple[tuple[int, int], ...] = ()
    parallel_ports: tuple[tuple[int, int], ...] = ()
    hot_plug_slots: tuple[int, ...] = ()


def build_dsdt_body(board: BoardConfig) -> bytes:
    """Return the definition block without its header."""
    names = (f"CPU{n:X}" if n < 16 else f"CP{n:X}" for n in range(board.cpu_count))
    processors = b"".join(aml.processor(name, n) for n, name in enumerate(names))
    return b"".join(
        (
            aml.scope(r"\_PR", processors),
            aml.scope(
                r"\_SB",
                _pci_root(board),
                *(_link(n) for n in range(len(LINKS))),
            ),
            # SLP_TYP for soft off, as PM1a control and PM1b control want it.
            aml.name(r"\_S5", aml.package(aml.ZERO, aml.ZERO, aml.ZERO, aml.ZERO)),
            hotplug.event_handler(r"\_SB.PCI0") if board.hot_plug_slots else b"",
        )
    )


# ------------------------------------------------------------------ PCI


def _pci_root(board: BoardConfig) -> bytes:
    windows = res.resource_template(
        res.word_bus_number(0, 0xFF),
        res.word_io(0x0000, 0x0CF7),
        res.io(0x0CF8, 8),
        res.word_io(0x0D00, 0xFFFF),
        res.dword_memory(0x000A_0000, 0x000B_FFFF, cacheable=True),
        res.dword_memory(board.low_ram_end, PCI_HOLE_END),
    )
    return aml.device(
        "PCI0",
        aml.name("_HID", aml.eisa_id("PNP0A03")),
        aml.name("_UID", aml.ZERO),
        aml.name("_BBN", aml.ZERO),
        aml.name("_CRS", windows),
        aml.name("_PRT", _routing()),
        _isa_bridge(board),
        *(hotplug.slot_devices(board.hot_plug_slots) if board.hot_plug_slots else ()),
    )


def _routing() -> bytes:
    # The board's wiring: slot 1 INTA# is PIRQA#, one further for each slot and pin.
    entries = [
        aml.package(
            aml.dword(slot << 16 | 0xFFFF),
            aml.integer(pin),
            aml.name_string(rf"\_SB.LNK{LINKS[(slot + pin - 1) & 3]}"),
            aml.ZERO,
        )
        for slot in PCI_SLOTS
        for pin in range(4)
    ]
    return aml.package(*entries)


def _link(n: int) -> bytes:
    register = aml.name_string(f"{_ISA_PATH}.PRQ{LINKS[n]}")
    present, working = STA_PRESENT | STA_FUNCTIONING, STA_PRESENT | STA_FUNCTIONING | STA_ENABLED
    disabled = aml.and_(register, aml.integer(PIRQ_DISABLED))
    return aml.device(
        f"LNK{LINKS[n]}",
        aml.name("_HID", aml.eisa_id("PNP0C0F")),
        aml.name("_UID", aml.integer(n + 1)),
        aml.name("_PRS", res.resource_template(res.irq_level_low_shared(*LINK_IRQS))),
        aml.name("BUF0", res.resource_template(res.irq_level_low_shared())),
        aml.method(
            "_STA",
            0,
            aml.if_(disabled, aml.return_(aml.integer(present))),
            aml.return_(aml.integer(working)),
        ),
        aml.method("_DIS", 0, aml.or_(register, aml.integer(PIRQ_DISABLED), register)),
        aml.method(
            "_CRS",
            0,
            # The mask stands behind the tag byte of the only descriptor.
            aml.create_word_field(aml.name_string("BUF0"), 1, "IRQM"),
            aml.store(aml.ZERO, aml.name_string("IRQM")),
            aml.if_(disabled, aml.return_(aml.name_string("BUF0"))),
            aml.shift_left(
                aml.ONE, aml.and_(register, aml.integer(0x0F)), aml.name_string("IRQM")
            ),
            aml.return_(aml.name_string("BUF0")),
            serialized=True,
        ),
        aml.method(
            "_SRS",
            1,
            aml.create_word_field(aml.arg(0), 1, "IRQM"),
            aml.find_set_right_bit(aml.name_string("IRQM"), aml.local(0)),
            aml.if_(
                aml.local(0), aml.decrement(aml.local(0)), aml.store(aml.local(0), register)
            ),
            serialized=True,
        ),
    )


# ------------------------------------------------------------------ ISA


def _isa_bridge(board: BoardConfig) -> bytes:
    hot_plug = (res.io(pcihotplug.BASE, pcihotplug.COUNT),) if board.hot_plug_slots else ()
    devices = [
        _isa("PIC", "PNP0000", res.io(0x20, 2), res.io(0xA0, 2), res.irq(2)),
        _isa("TIMR", "PNP0100", res.io(0x40, 4), res.irq(0)),
        _isa(
            "DMAC", "PNP0200",
            res.io(0x00, 16), res.io(0x81, 15), res.io(0xC0, 32), res.dma(4),
        ),
        _isa("RTC", "PNP0B00", res.io(0x70, 2), res.irq(8)),
        _isa("FPU", "PNP0C04", res.io(0xF0, 1), res.irq(13)),
        _isa("SPKR", "PNP0800", res.io(0x61, 1)),
        _isa("KBD", "PNP0303", res.io(0x60, 1), res.io(0x64, 1), res.irq(1)),
        _isa("MOU", "PNP0F13", res.irq(12)),
        _isa(
            "SYSR", "PNP0C02",
            res.io(0x80, 1), res.io(0x92, 1), res.io(0xB2, 2), res.io(0x4D0, 2),
            res.io(0x510, 12), res.io(board.pm_base, PM_PORTS), *hot_plug,
        ),
    ]  # fmt: skip
    if board.floppy:
        ports = (res.io(0x3F2, 4), res.io(0x3F7, 1))
        devices.append(_isa("FDC0", "PNP0700", *ports, res.irq(6), res.dma(2)))
    for n, (port, number) in enumerate(board.com_ports, 1):
        devices.append(_isa(f"COM{n}", "PNP0501", res.io(port, 8), res.irq(number), unit=n))
    for n, (port, number) in enumerate(board.parallel_ports, 1):
        devices.append(_isa(f"LPT{n}", "PNP0400", res.io(port, 8), res.irq(number), unit=n))
    return aml.device(
        "ISA",
        aml.name("_ADR", aml.integer(ISA_BRIDGE << 16)),
        aml.operation_region("PIRQ", aml.PCI_CONFIG, PIRQRC, len(LINKS)),
        aml.field("PIRQ", aml.BYTE_ACCESS, *((f"PRQ{letter}", 8) for letter in LINKS)),
        *devices,
    )


def _isa(path: str, identifier: str, *descriptors: bytes, unit: int = 0) -> bytes:
    terms = [aml.name("_HID", aml.eisa_id(identifier))]
    if unit:
        terms.append(aml.name("_UID", aml.integer(unit)))
    return aml.device(path, *terms, aml.name("_CRS", res.resource_template(*descriptors)))
