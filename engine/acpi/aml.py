r"""Assembler for ACPI Machine Language: each function returns the encoding of one term.

Reference: ACPI Specification 2.0, chapter 17 (AML grammar). Terms are plain ``bytes``, so that
they nest as in ASL: ``scope("\_SB", device("PCI0", name("_HID", eisa_id("PNP0A03"))))``.
"""

from __future__ import annotations

import struct
from typing import Final

ZERO, ONE, ONES = b"\x00", b"\x01", b"\xff"
LOCAL0: Final = 0x60
ARG0: Final = 0x68

# Operation region spaces (17.2.5.2) and access types of fields.
SYSTEM_MEMORY, SYSTEM_IO, PCI_CONFIG = 0, 1, 2
ANY_ACCESS, BYTE_ACCESS, WORD_ACCESS, DWORD_ACCESS = 0, 1, 2, 3

MAX_PACKAGE = 1 << 28


def package_length(content: int) -> bytes:
    """Return PkgLength for ``content`` bytes that follow it; it counts itself (17.2.4).

    Raises:
        ValueError: the content does not fit into 28 bits.
    """
    if content + 1 < 0x40:
        return bytes([content + 1])
    for extra in (1, 2, 3):
        total = content + 1 + extra
        if total < 1 << (4 + 8 * extra):
            return bytes([extra << 6 | total & 0x0F]) + (total >> 4).to_bytes(extra, "little")
    raise ValueError(f"A package of {content} bytes does not fit into AML ({MAX_PACKAGE}).")


def name_string(path: str) -> bytes:
    r"""Return a name such as ``_HID``, ``\_SB.PCI0`` or ``^ISA.PRQA`` (17.2.2).

    Raises:
        ValueError: a part is longer than four characters or empty.
    """
    prefix = path[: len(path) - len(path.lstrip("\\^"))]
    parts = path[len(prefix) :].split(".") if len(path) > len(prefix) else []
    segments = []
    for part in parts:
        if not 1 <= len(part) <= 4 or part[0].isdigit() or not part.replace("_", "A").isalnum():
            raise ValueError(f"{path!r} is not a name in AML: {part!r}.")
        segments.append(part.upper().ljust(4, "_").encode("ascii"))
    lead = {0: b"\0", 1: b"", 2: b"\x2e"}.get(len(segments), bytes([0x2F, len(segments)]))
    return prefix.encode("ascii") + lead + b"".join(segments)


# ------------------------------------------------------------------ data


def integer(value: int) -> bytes:
    """Return the shortest constant for 0 to 2**64-1 (17.2.3)."""
    if value in (0, 1):
        return bytes([value])
    for prefix, size in ((0x0A, 1), (0x0B, 2), (0x0C, 4), (0x0E, 8)):
        if value < 1 << 8 * size:
            return bytes([prefix]) + value.to_bytes(size, "little")
    raise ValueError(f"{value:#x} does not fit into 64 bits.")


def dword(value: int) -> bytes:
    """Return a constant that takes five bytes whatever its value."""
    return b"\x0c" + value.to_bytes(4, "little")


def string(text: str) -> bytes:
    """Return an ASCII string."""
    return b"\x0d" + text.encode("ascii") + b"\0"


def eisa_id(text: str) -> bytes:
    """Return the compressed identifier of ``PNP0A03`` (ASL EISAID)."""
    letters = [ord(c) - 0x40 for c in text[:3]]
    packed = letters[0] << 26 | letters[1] << 21 | letters[2] << 16 | int(text[3:], 16)
    return b"\x0c" + packed.to_bytes(4, "big")


def buffer(data: bytes) -> bytes:
    """Return a buffer."""
    body = integer(len(data)) + data
    return b"\x11" + package_length(len(body)) + body


def package(*elements: bytes) -> bytes:
    """Return a package of up to 255 elements."""
    body = bytes([len(elements)]) + b"".join(elements)
    return b"\x12" + package_length(len(body)) + body


# ------------------------------------------------------------------ named objects


def name(path: str, value: bytes) -> bytes:
    """Return ``Name (path, value)``."""
    return b"\x08" + name_string(path) + value


def scope(path: str, *terms: bytes) -> bytes:
    """Return ``Scope (path) {terms}``."""
    body = name_string(path) + b"".join(terms)
    return b"\x10" + package_length(len(body)) + body


def device(path: str, *terms: bytes) -> bytes:
    """Return ``Device (path) {terms}``."""
    body = name_string(path) + b"".join(terms)
    return b"\x5b\x82" + package_length(len(body)) + body


def method(path: str, arguments: int, *terms: bytes, serialized: bool = False) -> bytes:
    """Return ``Method (path, arguments, Serialized|NotSerialized) {terms}``."""
    body = name_string(path) + bytes([arguments | serialized << 3]) + b"".join(terms)
    return b"\x14" + package_length(len(body)) + body


def processor(path: str, number: int) -> bytes:
    """Return ``Processor (path, number, 0, 0) {}``: no throttling and no C states."""
    body = name_string(path) + struct.pack("<BIB", number, 0, 0)
    return b"\x5b\x83" + package_length(len(body)) + body


def operation_region(path: str, space: int, offset: int, length: int) -> bytes:
    """Return ``OperationRegion (path, space, offset, length)``."""
    return b"\x5b\x80" + name_string(path) + bytes([space]) + integer(offset) + integer(length)


def field(region: str, access: int, *units: tuple[str, int]) -> bytes:
    """Return ``Field (region, access, NoLock, Preserve) {name, bits...}``.

    A unit without a name skips bits.
    """
    body = name_string(region) + bytes([access])
    for unit, bits in units:
        body += (name_string(unit) if unit else b"\0") + package_length_of_field(bits)
    return b"\x5b\x81" + package_length(len(body)) + body


def package_length_of_field(bits: int) -> bytes:
    """Return the bit count of a field unit: coded like PkgLength, but not counting itself."""
    if bits < 0x40:
        return bytes([bits])
    return bytes([0x40 | bits & 0x0F, bits >> 4])


# ------------------------------------------------------------------ code


def local(n: int) -> bytes:
    """Return ``Local0`` to ``Local7``."""
    return bytes([LOCAL0 + n])


def arg(n: int) -> bytes:
    """Return ``Arg0`` to ``Arg6``."""
    return bytes([ARG0 + n])


def store(value: bytes, target: bytes) -> bytes:
    """Return ``Store (value, target)``."""
    return b"\x70" + value + target


def and_(left: bytes, right: bytes, target: bytes = ZERO) -> bytes:
    """Return ``And (left, right, target)``."""
    return b"\x7b" + left + right + target


def or_(left: bytes, right: bytes, target: bytes = ZERO) -> bytes:
    """Return ``Or (left, right, target)``."""
    return b"\x7d" + left + right + target


def shift_left(value: bytes, count: bytes, target: bytes = ZERO) -> bytes:
    """Return ``ShiftLeft (value, count, target)``."""
    return b"\x79" + value + count + target


def find_set_right_bit(value: bytes, target: bytes) -> bytes:
    """Return ``FindSetRightBit (value, target)``: 1 for bit 0, 0 for none."""
    return b"\x82" + value + target


def decrement(target: bytes) -> bytes:
    """Return ``Decrement (target)``."""
    return b"\x76" + target


def create_word_field(source: bytes, offset: int, path: str) -> bytes:
    """Return ``CreateWordField (source, offset, path)``."""
    return b"\x8b" + source + integer(offset) + name_string(path)


def if_(condition: bytes, *terms: bytes) -> bytes:
    """Return ``If (condition) {terms}``."""
    body = condition + b"".join(terms)
    return b"\xa0" + package_length(len(body)) + body


def else_(*terms: bytes) -> bytes:
    """Return ``Else {terms}``, to follow an ``if_``."""
    body = b"".join(terms)
    return b"\xa1" + package_length(len(body)) + body


def notify(path: str, value: int) -> bytes:
    """Return ``Notify (path, value)``."""
    return b"\x86" + name_string(path) + integer(value)


def return_(value: bytes) -> bytes:
    """Return ``Return (value)``."""
    return b"\xa4" + value
