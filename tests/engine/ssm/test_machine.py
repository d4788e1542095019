"""Whole machines are saved, restored and compared; nothing of them is lost."""

from __future__ import annotations

import msgspec
import pytest

from engine.errors import InvalidStateError, SavedStateError
from engine.ssm import StateReader, StateWriter
from engine.ssm.machine import _check_features
from engine.vmevents import VmState
from tests.engine.kvm import ENGINES
from tests.engine.tinypc import LOOP, TICKING, TinyPc

# x87 and SSE registers, a descriptor table, a page table, debug registers; then it counts.
RICH = """
  lgdt [cs:gdt_pointer]
  fninit
  fldpi
  fld1
  fldl2e
  mov eax, cr4
  or eax, 0x600
  mov cr4, eax
  mov eax, 0x12345678
  movd xmm7, eax
  mov eax, 0x5000
  mov dr0, eax
  mov ecx, 0x174
  mov eax, 0x1230
  xor edx, edx
  wrmsr
  mov ebp, 0x600DCAFE
  std
""" + LOOP + """
gdt_pointer:
  dw 0x17
  dd 0x1000
"""
COMMON_MSRS = (0x174, 0x175, 0x176, 0x277, 0x2FF, 0xC0000081, 0xC0000082, 0xC0000084, 0xC0000102)


@pytest.fixture
def pc(tmp_path):
    made = []

    def make(source=LOOP, **options):
        made.append(TinyPc(tmp_path, source, **options))
        return made[-1]

    yield make
    for machine in made:
        machine.vm.power_off()


def save(machine, path):
    machine.vm.capture(product="test 1", details={"why": "a test"}).write(str(path))


def load(machine, path, **options):
    with StateReader(str(path)) as reader:
        machine.vm.power_on(saved=reader, **options)


def comparable(state):
    """Leave out what one engine has and another has not, and what nobody can observe."""
    common = {number: value for number, value in state.msrs.items() if number in COMMON_MSRS}
    return msgspec.structs.replace(state, msrs=common, fpu=msgspec.structs.replace(
        state.fpu, fop=0, fip=0, fdp=0))


def state_of(machine):
    cpu = machine.vm.emt.call(machine.vm.emt.cpu_state)
    return msgspec.structs.replace(cpu, tsc=0, tsc_khz=0, paravirt_clock=0, features=[])


@pytest.mark.parametrize("after_load", ENGINES)
@pytest.mark.parametrize("before_save", ENGINES)
def test_the_cpu_goes_on_where_it_was(pc, tmp_path, before_save, after_load):
    first = pc(RICH, engine=before_save)
    first.vm.power_on()
    first.wait_for(lambda: first.count > 0 or first.errors())
    if first.errors() and "could not emulate" in first.errors()[0].message:
        pytest.skip(first.errors()[0].message)
    first.vm.pause()
    before, count = state_of(first), first.count
    save(first, tmp_path / "state")
    second = pc(RICH, engine=after_load)
    load(second, tmp_path / "state", paused=True)
    after = state_of(second)
    assert comparable(after) == comparable(before)
    assert after.gpr[5] == 0x600DCAFE
    assert after.fpu.xmm[7][:4] == (0x12345678).to_bytes(4, "little")
    assert after.fpu.st[2][:8] == bytes.fromhex("35c26821a2da0fc9")  # pi
    assert after.fpu.ftw == 0b11100000
    assert after.rflags & 0x400
    assert after.msrs[0x174] == 0x1230
    assert after.dr[0] == 0x5000
    assert (after.gdt.base, after.gdt.limit) == (0x1000, 0x17)
    assert second.count == count
    assert second.vm.time.now() == first.vm.time.now()
    second.vm.resume()
    second.wait_for(lambda: second.count > count)
    assert second.starts == 1


@pytest.mark.parametrize("other", ENGINES)
def test_timers_and_interrupts_go_on(pc, tmp_path, other):
    machine = pc(TICKING)
    machine.vm.power_on()
    for turn in range(12):
        seen = machine.dword(0x508)
        machine.wait_for(lambda machine=machine, seen=seen: machine.dword(0x508) > seen + 3)
        save(machine, tmp_path / "state")
        machine.vm.power_off()
        machine = pc(TICKING, engine=("Unicorn", other)[turn % 2])
        load(machine, tmp_path / "state")
    seen = machine.dword(0x508)
    machine.wait_for(lambda: machine.dword(0x508) > seen + 3)


def test_a_deadline_that_has_come_but_not_fired_is_not_lost(pc, tmp_path):
    once = TICKING.replace("mov al, 0x34", "mov al, 0x30").replace("mov ax, 2000", "mov ax, 65535")
    first = pc(once)
    first.vm.power_on()
    first.wait_for(lambda: first.count > 0)
    first.vm.pause()
    assert first.dword(0x508) == 0
    deadline = first.vm.devices.devices["i8254/0"].out0.deadline
    first.vm.emt.call(lambda: first.vm.time.set(deadline + 1))
    save(first, tmp_path / "state")
    second = pc(once)
    load(second, tmp_path / "state")
    second.wait_for(lambda: second.dword(0x508) == 1)


def test_a_running_machine_goes_on_after_the_capture(pc, tmp_path):
    machine = pc(TICKING)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.dword(0x508) > 0)
    save(machine, tmp_path / "state")
    assert machine.vm.state is VmState.RUNNING
    assert "SUSPENDED" not in machine.states()
    seen = machine.dword(0x508)
    machine.wait_for(lambda: machine.dword(0x508) > seen)


def test_the_time_stamp_counter_does_not_jump(pc, tmp_path):
    machine = pc()
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    machine.vm.pause()
    before = machine.vm.emt.call(machine.vm.emt.cpu_state).tsc
    save(machine, tmp_path / "state")
    other = pc()
    load(other, tmp_path / "state", paused=True)
    after = other.vm.emt.call(other.vm.emt.cpu_state).tsc
    assert before > 0
    assert before <= after < before + 10_000_000_000


def test_pictures_and_details_are_inside(pc, tmp_path):
    machine = pc()
    machine.vm.power_on()
    save(machine, tmp_path / "state")
    with StateReader(str(tmp_path / "state")) as reader:
        units = {unit.name: unit.data for unit in reader.units()}
        header = reader.header
    assert units["screenshot"].startswith(b"\x89PNG")
    assert units["thumbnail"].startswith(b"\x89PNG")
    assert (header.product, header.engine, header.details) == (
        "test 1", "Unicorn", {"why": "a test"}
    )  # fmt: skip


def test_a_changed_machine_is_told_what_differs(pc, tmp_path):
    machine = pc()
    machine.vm.power_on()
    save(machine, tmp_path / "state")
    other = pc(ide_model="piix3", vram_mb=32)
    with pytest.raises(SavedStateError) as caught:
        load(other, tmp_path / "state")
    text = str(caught.value)
    assert "vga/0: vram_mib is 32, it was 16." in text
    assert "The saved machine had no piix3ide/0." in text
    assert "The machine has no piix4ide/0 any more." in text


def test_the_boot_order_may_change(pc, tmp_path):
    machine = pc()
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    save(machine, tmp_path / "state")
    load(pc(boot_order="c"), tmp_path / "state")


def test_missing_units_and_newer_ones(pc, tmp_path):
    machine = pc()
    machine.vm.power_on()
    save(machine, tmp_path / "state")
    with StateReader(str(tmp_path / "state")) as reader:
        header = reader.header
        units = [(unit.name, unit.version, unit.data) for unit in reader.units()]

    def rewritten(change):
        with StateWriter(str(tmp_path / "other"), header) as writer:
            for unit in units:
                changed = change(*unit)
                if changed:
                    writer.add(*changed)
            writer.commit()
        return tmp_path / "other"

    for change, words in (
        (lambda n, v, d: None if n == "cpu/0" else (n, v, d), "no unit 'cpu/0'"),
        (lambda n, v, d: (n, v + 9, d) if n == "device/i8254/0" else (n, v, d), "newer version"),
        (lambda n, v, d: (n, v, d[:-3]) if n == "machine" else (n, v, d), "'machine' .* damaged"),
        (lambda n, v, d: (n, v, b"\x80") if n == "cpu/0" else (n, v, d), "'cpu/0' .* damaged"),
    ):
        path = rewritten(change)
        with pytest.raises(SavedStateError, match=words):
            load(pc(), path)


def test_only_a_machine_that_is_on_can_be_captured(pc, tmp_path):
    machine = pc()
    with pytest.raises(InvalidStateError):
        save(machine, tmp_path / "state")


def test_a_guest_that_may_use_what_is_not_there_is_refused(pc, tmp_path):
    first = pc(LOOP)
    first.vm.power_on(paused=True)
    cpu = first.vm.emt.call(first.vm.emt.cpu_state)
    assert len(cpu.features) == 7
    cpu.features[0] |= 1 << 20 | 1 << 25
    with pytest.raises(SavedStateError, match=r"with SSE4\.2, AES, which Unicorn does not have"):
        _check_features(first.vm, cpu)
    cpu.features = []
    _check_features(first.vm, cpu)
