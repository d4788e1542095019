"""AML encodings against the examples and limits of the specification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.acpi import aml


def decode_package_length(data):
    extra = data[0] >> 6
    if extra == 0:
        return data[0], 1
    value = data[0] & 0x0F
    for n in range(extra):
        value |= data[1 + n] << (4 + 8 * n)
    return value, 1 + extra


@given(st.integers(0, 1 << 20))
def test_package_length_counts_itself(content):
    encoded = aml.package_length(content)
    total, used = decode_package_length(encoded)
    assert used == len(encoded)
    assert total == content + used


@pytest.mark.parametrize(("content", "size"), [(62, 1), (63, 2), (4093, 2), (4094, 3)])
def test_package_length_borders(content, size):
    assert len(aml.package_length(content)) == size


def test_package_length_limit():
    with pytest.raises(ValueError, match="does not fit"):
        aml.package_length(1 << 28)


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        ("_HID", b"_HID"),
        ("ISA", b"ISA_"),
        ("\\_SB", b"\\_SB_"),
        ("^PRQA", b"^PRQA"),
        ("\\_SB.PCI0", b"\\\x2e_SB_PCI0"),
        ("\\_SB.PCI0.ISA", b"\\\x2f\x03_SB_PCI0ISA_"),
        ("\\", b"\\\x00"),
    ],
)
def test_names(path, encoded):
    assert aml.name_string(path) == encoded


@pytest.mark.parametrize("path", ["TOOLONG", "A..B", "1ABC", "A-B"])
def test_bad_names(path):
    with pytest.raises(ValueError, match="not a name"):
        aml.name_string(path)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, b"\x00"),
        (1, b"\x01"),
        (2, b"\x0a\x02"),
        (0xFF, b"\x0a\xff"),
        (0x100, b"\x0b\x00\x01"),
        (0x12345678, b"\x0c\x78\x56\x34\x12"),
        (1 << 32, b"\x0e\x00\x00\x00\x00\x01\x00\x00\x00"),
    ],
)
def test_integers(value, encoded):
    assert aml.integer(value) == encoded


def test_eisa_id_is_the_well_known_one():
    assert aml.eisa_id("PNP0A03") == b"\x0c\x41\xd0\x0a\x03"
    assert aml.eisa_id("PNP0303") == b"\x0c\x41\xd0\x03\x03"


def test_field_skips_unnamed_bits():
    encoded = aml.field("REGS", aml.BYTE_ACCESS, ("", 4), ("FLAG", 100))
    assert encoded.endswith(b"REGS\x01\x00\x04FLAG\x44\x06")
