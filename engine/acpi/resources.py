"""Resource descriptors for ``_CRS`` and ``_PRS``.

Reference: ACPI Specification 2.0, section 6.4 (resource data types).
"""

from __future__ import annotations

import struct

from engine.acpi.aml import buffer

MEMORY_RANGE, IO_RANGE, BUS_RANGE = 0, 1, 2
# General flags of address space descriptors: both ends are fixed, positive decode, producer.
FIXED_RANGE = 0x0C
ENTIRE_IO_RANGE = 0x03
MEMORY_WRITABLE, MEMORY_CACHEABLE = 0x01, 0x02

LEVEL_LOW_SHARED = 0x18


def resource_template(*descriptors: bytes) -> bytes:
    """Return a buffer of descriptors with the end tag (its checksum of 0 means: not checked)."""
    return buffer(b"".join(descriptors) + b"\x79\x00")


def io(base: int, length: int) -> bytes:
    """Return an I/O port descriptor: fixed base, 16-bit decode (6.4.2.5)."""
    return struct.pack("<BBHHBB", 0x47, 1, base, base, 1, length)


def irq(*numbers: int) -> bytes:
    """Return an edge-triggered, active-high, exclusive interrupt (6.4.2.1, without flags)."""
    return struct.pack("<BH", 0x22, sum(1 << n for n in numbers))


def irq_level_low_shared(*numbers: int) -> bytes:
    """Return a PCI style interrupt (6.4.2.1, with flags); no number gives an empty mask."""
    return struct.pack("<BHB", 0x23, sum(1 << n for n in numbers), LEVEL_LOW_SHARED)


def dma(channel: int) -> bytes:
    """Return an 8-bit ISA DMA channel in compatibility mode (6.4.2.2)."""
    return bytes([0x2A, 1 << channel, 0x00])


def word_bus_number(first: int, last: int) -> bytes:
    """Return the range of bus numbers below a host bridge (6.4.3.5.3)."""
    return _word(BUS_RANGE, 0, first, last)


def word_io(first: int, last: int) -> bytes:
    """Return a window of I/O ports that a host bridge passes on."""
    return _word(IO_RANGE, ENTIRE_IO_RANGE, first, last)


def _word(kind: int, flags: int, first: int, last: int) -> bytes:
    return struct.pack(
        "<BHBBBHHHHH", 0x88, 13, kind, FIXED_RANGE, flags, 0, first, last, 0, last - first + 1
    )


def dword_memory(first: int, last: int, *, cacheable: bool = False) -> bytes:
    """Return a window of memory that a host bridge passes on (6.4.3.5.2)."""
    flags = MEMORY_WRITABLE | (MEMORY_CACHEABLE if cacheable else 0)
    return struct.pack(
        "<BHBBBIIIII",
        0x87, 23, MEMORY_RANGE, FIXED_RANGE, flags, 0, first, last, 0, last - first + 1,
    )  # fmt: skip
