"""The tables as an operating system finds them after the firmware has linked them."""

from __future__ import annotations

import shutil
import struct
import subprocess

import msgspec
import pytest

from engine.acpi.dsdt import BoardConfig
from engine.acpi.tables import build_acpi, build_without_acpi
from tests.engine.acpi.firmware_loader import Linked

BOARD = BoardConfig(
    low_ram_end=0x0800_0000,
    pm_base=0x600,
    floppy=True,
    com_ports=((0x3F8, 4), (0x2F8, 3)),
    parallel_ports=((0x378, 7),),
)


HOT_PLUG = msgspec.structs.replace(BOARD, hot_plug_slots=(24, 31))


def word(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


@pytest.fixture
def linked(request):
    return Linked(build_acpi(getattr(request, "param", BOARD)))


@pytest.fixture
def tables(linked):
    rsdp = linked.read(linked.where["etc/acpi/rsdp"], 36)
    rsdt = linked.table(word(rsdp, 16))
    found = {"RSDT": rsdt, "XSDT": linked.table(word(rsdp, 24))}
    for offset in range(36, len(rsdt), 4):
        table = linked.table(word(rsdt, offset))
        found[table[:4].decode()] = table
    found["DSDT"] = linked.table(word(found["FACP"], 40))
    found["FACS"] = linked.read(word(found["FACP"], 36), 64)
    return found


def test_rsdp(linked):
    rsdp = linked.read(linked.where["etc/acpi/rsdp"], 36)
    assert rsdp[:8] == b"RSD PTR "
    assert rsdp[9:15] == b"VITRIN"
    assert sum(rsdp[:20]) & 0xFF == 0
    assert sum(rsdp) & 0xFF == 0
    assert linked.where["etc/acpi/rsdp"] % 16 == 0
    assert 0xF0000 <= linked.where["etc/acpi/rsdp"] < 0x100000


def test_checksums_and_signatures(tables):
    for signature, table in tables.items():
        assert table[:4].decode() == signature
        if signature != "FACS":
            assert sum(table) & 0xFF == 0, signature
            assert table[10:16] == b"VITRIN"


def test_both_root_tables_name_the_same_and_there_is_no_madt(tables):
    rsdt, xsdt = tables["RSDT"], tables["XSDT"]
    pointers = [word(rsdt, n) for n in range(36, len(rsdt), 4)]
    wide = [struct.unpack_from("<Q", xsdt, n)[0] for n in range(36, len(xsdt), 8)]
    assert pointers == wide
    assert set(tables) == {"RSDT", "XSDT", "FACP", "DSDT", "FACS"}


def test_facs_is_aligned(linked, tables):
    assert word(tables["FACP"], 36) % 64 == 0


def test_fadt_describes_the_power_management_block(tables):
    fadt = tables["FACP"]
    assert len(fadt) == 244
    assert struct.unpack_from("<H", fadt, 46)[0] == 9
    assert word(fadt, 48) == 0xB2
    assert fadt[52:54] == b"\xf1\xf0"
    assert [word(fadt, n) for n in (56, 64, 76, 80)] == [0x600, 0x604, 0x608, 0x60C]
    assert fadt[108] == 0x32
    assert struct.unpack_from("<BBBBQ", fadt, 116) == (1, 8, 0, 0, 0xCF9)
    assert fadt[128] == 6
    assert struct.unpack_from("<Q", fadt, 140)[0] == word(fadt, 40)
    assert struct.unpack_from("<Q", fadt, 152)[0] == 0x600
    assert not word(fadt, 112) & 1 << 4, "a fixed power button"


def test_sizes_do_not_depend_on_the_power_management_base():
    before = build_acpi(BoardConfig(low_ram_end=0x0800_0000, pm_base=0))
    after = build_acpi(BoardConfig(low_ram_end=0x0800_0000, pm_base=0xB000))
    assert {n: len(d) for n, d in before.items()} == {n: len(d) for n, d in after.items()}
    assert before != after


@pytest.mark.parametrize("identifier", [b"\x41\xd0\x03\x03", b"\x41\xd0\x07\x00", b"\x41\xd0\x05\x01"])
def test_dsdt_has_what_the_firmware_looks_for(tables, identifier):
    assert b"_HID\x0c" + identifier in tables["DSDT"]


def test_devices_that_are_not_there_are_not_described():
    bare = build_acpi(BoardConfig(low_ram_end=0x0800_0000, pm_base=0))["etc/acpi/tables"]
    assert b"FDC0" not in bare
    assert b"COM1" not in bare


def test_slots_are_announced_only_where_devices_come_and_go():
    without, with_slots = (build_acpi(board)["etc/acpi/tables"] for board in (BOARD, HOT_PLUG))
    for name in (b"_E01", b"S18_", b"S1F_", b"_EJ0"):
        assert name not in without
        assert name in with_slots
    assert with_slots.count(b"_EJ0") == 2


@pytest.mark.parametrize("files", [build_acpi(BOARD), build_without_acpi()])
def test_routing_table(files):
    linked = Linked(files)
    table = bytes(linked.memory["etc/pir-table"])
    assert table[:4] == b"$PIR"
    assert linked.where["etc/pir-table"] % 16 == 0
    assert struct.unpack_from("<H", table, 6)[0] == len(table)
    assert sum(table) & 0xFF == 0
    bus, slot, link, irqs = struct.unpack_from("<BBBH", table, 32 + 16)
    assert (bus, slot >> 3, link, irqs) == (0, 2, 0x61, 0x0E20)


@pytest.mark.skipif(not shutil.which("iasl"), reason="iasl (package acpica-tools) is not installed")
@pytest.mark.parametrize(
    ("linked", "signature"), [(BOARD, "DSDT"), (BOARD, "FACP"), (HOT_PLUG, "DSDT")], indirect=["linked"]
)
def test_iasl_accepts(tables, signature, tmp_path):
    binary = tmp_path / f"{signature.lower()}.aml"
    binary.write_bytes(tables[signature])
    subprocess.run(["iasl", "-d", binary.name], cwd=tmp_path, check=True, capture_output=True)
    source = binary.with_suffix(".dsl")
    assert "Illegal" not in source.read_text()
    result = subprocess.run(
        ["iasl", "-p", "again", source.name], cwd=tmp_path, capture_output=True, text=True
    )
    output = result.stdout + result.stderr
    assert result.returncode == 0, output
    # The Processor keyword is right for this revision and deprecated in later ones.
    warnings = [w for w in output.splitlines() if "Warning" in w and "3168" not in w]
    assert not [w for w in warnings if "Warnings" not in w], output
