"""What the debugger sees and changes, on a whole board with a BIOS of a few instructions."""

import struct
import xml.etree.ElementTree as ET

import pytest

from engine.dbgf.core import write_core
from engine.dbgf.errors import DebuggerError
from engine.dbgf.info import info_items, show_info
from engine.dbgf.registers import read_register, read_registers, write_registers
from engine.dbgf.statistics import matches, to_xml
from engine.errors import InvalidStateError
from tests.engine.tinypc import TinyPc

# Waits at 0:508h until the host side lets it go, then shows the registers it finds.
WAIT = """
  mov word [0x508], 0
again:
  mov eax, 0x12345678
  cmp word [0x508], 0
  jne done
  jmp again
done:
  mov [0x50c], ebx
rest:
  hlt
  jmp rest
"""


@pytest.fixture
def pc(tmp_path):
    machine = TinyPc(tmp_path, WAIT)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.starts == 1)
    yield machine
    machine.vm.power_off()


def test_registers_have_names_widths_and_parts(pc):
    pc.vm.pause()
    registers = read_registers(pc.vm)
    assert registers["cs"] == "0xf000"
    assert registers["cs_base"] == "0x00000000000f0000"
    assert registers["cs_lim"] == "0x0000ffff"
    assert {"dr7", "gdtr_lim", "tr_attr", "efer", "pat", "cr8"} <= registers.keys()
    assert read_register(pc.vm, "EAX") == "0x12345678"
    assert read_register(pc.vm, "cpu.ax") == "0x5678"


def test_registers_change_and_the_guest_sees_it(pc):
    pc.vm.pause()
    write_registers(pc.vm, {"rbx": "0xffffffff", "bx": "0x1234"})
    assert read_register(pc.vm, "rbx") == "0x00000000ffff1234"
    write_registers(pc.vm, {"ebx": "77"})
    pc.vm.memory.write(0x508, b"\1\0")
    pc.vm.resume()
    pc.wait_for(lambda: pc.dword(0x50C) == 77)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rax": "1", "rzx": "1"}, "no register 'rzx'"),
        ({"rax": "1", "rcx": "many"}, "'many' is not a number"),
        ({"rax": "1", "cx": "0x10000"}, "does not fit into the 16 bits"),
        ({"rax": "1", "rcx": "-1"}, "does not fit"),
        ({"rax": "1", "cr3": "0"}, "'cr3' cannot be changed"),
    ],
)
def test_nothing_changes_when_one_assignment_is_wrong(pc, values, sentence):
    pc.vm.pause()
    with pytest.raises(DebuggerError, match=sentence):
        write_registers(pc.vm, values)
    assert read_register(pc.vm, "eax") == "0x12345678"


def test_there_is_one_processor(pc):
    with pytest.raises(DebuggerError, match="one processor"):
        read_registers(pc.vm, 1)


def test_every_item_has_a_text_and_help_lists_it(pc):
    listed = show_info(pc.vm, "help")
    for name, item in info_items(pc.vm).items():
        assert show_info(pc.vm, name) or name == "vgatext", name
        assert name in listed
        assert item.description in listed
    assert show_info(pc.vm, "mode") == "Real mode"
    assert "0070-0073  mc146818/0" in show_info(pc.vm, "ioport")
    assert "piix3/0: 8086-7000 class 060100" in show_info(pc.vm, "pci")
    assert "cs={f000 base=00000000000f0000" in show_info(pc.vm, "cpum")
    assert "channel 7:" in show_info(pc.vm, "dmac")
    assert "i8254" in show_info(pc.vm, "timers") or "mc146818" in show_info(pc.vm, "timers")


def test_statistics_are_selected_reset_and_xml(pc):
    pc.vm.pause()
    rows = pc.vm.select_statistics("/EM/*|/Devices/pckbd*")
    assert "/EM/Runs" in rows
    assert all(path.startswith(("/EM/", "/Devices/pckbd")) for path in rows)
    root = ET.fromstring(to_xml({'/a"<b': (7, "times")}).encode())
    assert root[0].attrib == {"c": "7", "unit": "times", "name": '/a"<b'}
    assert pc.vm.reset_statistics("/EM/*") > 0
    assert pc.vm.statistics()["/EM/Halts"] == (0, "times")
    assert matches("/EM/Runs", "")
    assert not matches("/EM/Runs", "/PGM/*")


def test_core_file_holds_memory_and_registers(pc, tmp_path):
    pc.vm.memory.write(0x100000, b"here I am")
    path = tmp_path / "guest.core"
    write_core(pc.vm, str(path))
    data = path.read_bytes()
    assert data[:4] == b"\x7fELF"
    kind, machine = struct.unpack_from("<HH", data, 16)
    assert (kind, machine) == (4, 62)
    load = struct.unpack_from("<IIQQQQQQ", data, 64 + 56)
    assert (load[0], load[4], load[5]) == (1, 0, 8 << 20)
    assert data[load[2] + 0x100000 :].startswith(b"here I am")
    assert struct.unpack_from("<Q", data, 64 + 2 * 56 + 20 + 112 + 10 * 8)[0] == 0x12345678
    with pytest.raises(FileExistsError):
        write_core(pc.vm, str(path))
    assert path.read_bytes() == data


def test_a_machine_that_is_off_has_nothing_to_show(tmp_path):
    machine = TinyPc(tmp_path, WAIT)
    assert "piix3" in machine.vm.info("pci")
    machine.vm.power_on()
    machine.vm.power_off()
    with pytest.raises(InvalidStateError, match="is powered off"):
        machine.vm.info("pci")


def test_typing_takes_what_there_is_room_for(pc):
    codes = b"\x1e\x9e\xe0\x48\xe0\xc8" * 40
    taken = pc.vm.type_scancodes(codes)
    assert 0 < taken < len(codes)
    assert pc.vm.type_scancodes(codes[taken:]) == 0
    assert "set 2" in show_info(pc.vm, "ps2k")
