"""The engine on KVM: exits, interrupts, memory, stops; what is refused, and why."""

from __future__ import annotations

import errno
import os
import re
import threading
import time

import pytest

from engine.cpum import CpuProfile
from engine.em import choice
from engine.em.choice import choose_engine
from engine.em.kvm import KvmEngine, api, probe, refusals, state
from engine.errors import ConfigurationError, ExecutionEngineError, SavedStateError
from engine.iom import Range
from engine.pdm.irq import IrqLine
from engine.vmevents import VmState
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import BOTH_8259, IDLE, LOOP, TinyPc


@pytest.fixture
def pc(tmp_path):
    made = []

    def make(source=LOOP, **options):
        made.append(TinyPc(tmp_path, source, engine="KVM", **options))
        return made[-1]

    threads = set(threading.enumerate())
    files = len(os.listdir("/proc/self/fd"))
    yield make
    for machine in made:
        machine.vm.power_off()
    assert set(threading.enumerate()) <= threads
    assert len(os.listdir("/proc/self/fd")) <= files


def skip_without_instruction(machine):
    """A kernel that interprets guests does not know every instruction."""
    for error in machine.errors():
        if "could not emulate" in error.message:
            pytest.skip(error.message)


@needs_kvm
def test_ports_of_all_sizes_and_strings(pc):
    seen = []
    machine = pc("""
      mov dx, 0x700
      in al, dx
      mov [0x600], al
      in ax, dx
      mov [0x602], ax
      in eax, dx
      mov [0x604], eax
      out dx, eax
      cld
      mov si, 0x604
      mov cx, 4
      rep outsb
      mov ax, 0
      mov es, ax
      mov di, 0x610
      mov cx, 3
      rep insw
    """ + LOOP)
    machine.vm.ports.map(Range(
        "test", "p", 0x700, 4, (1, 2, 4),
        lambda offset, size: 0x44332211 & (1 << 8 * size) - 1,
        lambda offset, value, size: seen.append((value, size)),
    ))  # fmt: skip
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    ram = machine.vm.memory.ram.view
    assert bytes(ram[0x600:0x608]) == bytes.fromhex("1100112211223344")
    assert seen == [(0x44332211, 4), (0x11, 1), (0x22, 1), (0x33, 1), (0x44, 1)]
    assert bytes(ram[0x610:0x616]) == bytes.fromhex("112211221122")


@needs_kvm
def test_devices_in_memory_and_rom(pc):
    machine = pc("""
      mov ax, 0xd000
      mov es, ax
      mov al, [es:0x10]
      mov [0x600], al
      mov ax, 0xf000
      mov es, ax
      mov byte [es:0x8000], 0x55
      mov al, [es:0x8000]
      mov [0x601], al
    """ + LOOP)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    assert bytes(machine.vm.memory.ram.view[0x600:0x602]) == b"\xff\xf4"  # a hole; ROM stays


@needs_kvm
def test_pause_holds_the_guest_and_its_counter(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    vm.pause()
    count, tsc = machine.count, vm.emt.call(vm.emt.cpu_state).tsc
    time.sleep(0.05)
    assert machine.count == count
    vm.resume()
    machine.wait_for(lambda: machine.count > count)
    vm.pause()
    assert tsc < vm.emt.call(vm.emt.cpu_state).tsc < tsc + 10_000_000_000


@needs_kvm
def test_a_halted_guest_wakes_and_costs_nothing(pc):
    machine = pc("cli\n" + IDLE)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.2
    assert machine.count == 1
    machine.vm.reset()
    machine.wait_for(lambda: machine.starts == 2)


@needs_kvm
def test_a_triple_fault_resets(pc):
    machine = pc("""
      cmp dword [0x500], 2
      ja done
      mov word [0x700], 0
      mov dword [0x702], 0
      lidt [0x700]
      lgdt [cs:pointer]
      mov eax, cr0
      or al, 1
      mov cr0, eax
      int3
      pointer: dw 7
      dd 0x800
    done:
    """ + LOOP)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.count > 0 or machine.errors())
    skip_without_instruction(machine)
    assert machine.starts == 3
    assert machine.resets() == ["triple fault"] * 2


@needs_kvm
def test_an_instruction_that_the_kernel_does_not_know_is_named(pc, monkeypatch):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    vm.pause()
    engine = vm.engine

    def describe():
        engine._run[api.RUN_UNION : api.RUN_UNION + 4] = (1).to_bytes(4, "little")
        return str(engine._failure(engine._first, api.EXIT_INTERNAL_ERROR))

    text = vm.emt.call(describe)
    assert "could not emulate the instruction" in text
    assert "choose the execution engine Unicorn" in text
    assert vm.state is VmState.SUSPENDED


@needs_kvm
def test_a_window_for_an_interrupt_that_is_gone_does_not_hold_the_guest(pc):
    machine = pc("  cli\n" + BOTH_8259 + """
closed:
  inc dword [0x504]
  cmp byte [0x518], 0
  je closed
  sti
""" + LOOP, kernel_chips=False)  # fmt: skip
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    line = IrqLine("test", vm.devices.devices["i8259/0"].isa_input(4))
    vm.emt.call(lambda: line.set(True))
    machine.wait_for(lambda: vm.engine._run[api.RUN_REQUEST_WINDOW])
    vm.emt.call(lambda: vm.ports.write(0x21, 0xFF, 1))
    machine.vm.memory.ram.view[0x518] = 1
    machine.wait_for(lambda: not vm.engine._run[api.RUN_REQUEST_WINDOW])
    count = machine.count
    machine.wait_for(lambda: machine.count > count)


@needs_kvm
def test_registers_can_be_read_and_set(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for(lambda: machine.count > 0)
    vm.pause()
    engine = vm.engine
    vm.emt.call(lambda: engine.set_register("r9", 0x1234_5678_9ABC))
    registers = vm.emt.call(engine.registers)
    assert registers["r9"] == 0x1234_5678_9ABC
    assert registers["cs"] == 0xF000
    code = vm.emt.call(lambda: engine.read_linear(registers["cs_base"] + 0xFFF0, 5))
    assert code == b"\xea\x00\x00\x00\xf0"


@pytest.mark.parametrize(("number", "words"), [
    (errno.ENOENT, "This host has no /dev/kvm. .*kernel module"),
    (errno.EACCES, "You may not use /dev/kvm. .*(usermod|setfacl)"),
    (errno.EINVAL, "cannot be opened: Invalid argument. Choose the execution engine Unicorn"),
])  # fmt: skip
def test_a_host_without_kvm_is_told_what_to_do(monkeypatch, number, words):
    def refuse(path, flags):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(api.os, "open", refuse)
    assert re.search(words, api.availability())
    with pytest.raises(ExecutionEngineError, match=words):
        choose_engine("KVM", CpuProfile())


@pytest.mark.parametrize(("flags", "words"), [
    ("fpu vmx", "sudo modprobe kvm_intel; .* switch VT-x on in the firmware"),
    ("fpu svm hypervisor", "sudo modprobe kvm_amd; .* switch AMD-V"),
    ("fpu hypervisor", "the outer one allow nested virtualization"),
    ("fpu", "shows no virtualization: switch VT-x or AMD-V on in the firmware"),
])  # fmt: skip
@pytest.mark.parametrize("number", [errno.ENOENT, errno.ENODEV])
def test_what_is_missing_is_found_by_the_processors_flags(tmp_path, number, flags, words):
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert re.search(words, refusals.cannot_open("/dev/kvm", OSError(number, ""), file))


def test_a_device_that_is_closed_to_its_group_is_opened_otherwise(tmp_path):
    node = tmp_path / "kvm"
    node.touch()
    denied = OSError(errno.EACCES, "")
    node.chmod(0o660)
    assert "sudo usermod -aG" in refusals.cannot_open(str(node), denied)
    node.chmod(0o600)
    assert f"setfacl -m u:$USER:rw {node}" in refusals.cannot_open(str(node), denied)


@pytest.mark.parametrize(("number", "words"), [
    (errno.EBUSY, "Another hypervisor"),
    (errno.EOPNOTSUPP, "firmware setup; inside a virtual machine"),
    (errno.ENOMEM, "End other programs"),
    (errno.EMFILE, "ulimit -n"),
    (errno.EINVAL, "Invalid argument. Choose the execution engine Unicorn"),
])  # fmt: skip
def test_a_machine_that_the_kernel_refuses(monkeypatch, number, words):
    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(api, "ioctl", refuse)
    with pytest.raises(ExecutionEngineError, match=words):
        api.create_vm(3)


def test_the_choice_falls_on_unicorn_with_the_reason(monkeypatch):
    monkeypatch.setattr(probe, "unsuitable", lambda: "There is no KVM.")
    found = choose_engine("Default", CpuProfile())
    found.engine.close()
    assert (found.engine.name, found.reason) == ("Unicorn", "There is no KVM.")


def test_other_hosts_have_no_kvm(monkeypatch):
    monkeypatch.setattr(choice, "_on_linux", lambda: False)
    with pytest.raises(ExecutionEngineError, match="part of Linux"):
        choose_engine("KVM", CpuProfile())
    found = choose_engine("Default", CpuProfile())
    found.engine.close()
    assert found.engine.name == "Unicorn"


def test_an_unknown_engine_is_refused():
    with pytest.raises(ConfigurationError, match="'Bochs'; there are Default, Unicorn, KVM"):
        choose_engine("Bochs", CpuProfile())


@needs_kvm
def test_a_slow_or_broken_kvm_is_not_chosen(monkeypatch):
    def broken():
        raise ExecutionEngineError("It broke.")

    for run, words in ((lambda: 0.0001, ""), (lambda: 1.0, "interprets guest code"),
                       (broken, "cannot run a simple guest: It broke.")):
        probe.unsuitable.cache_clear()
        monkeypatch.setattr(probe, "_run_probe", run)
        assert words in probe.unsuitable()
        assert bool(words) == bool(probe.unsuitable())
    probe.unsuitable.cache_clear()


@needs_kvm
@pytest.mark.parametrize("after", ["Unicorn", "KVM"])
def test_an_interrupt_that_was_handed_out_is_not_lost_in_a_saved_state(pc, tmp_path, after):
    """Its controller has it in service: the guest must get it, or no other comes ever again."""
    source = "mov word [0x80], handler\nmov [0x82], cs\nsti\n" + LOOP + (
        "handler:\ninc dword [0x510]\niret\n"
    )
    first = pc(source)
    vm = first.vm
    vm.power_on()
    first.wait_for(lambda: first.count > 0)
    vm.pause()
    vm.emt.call(lambda: vm.engine.interrupt(0x20))
    state = vm.emt.call(vm.engine.cpu_state)
    assert state.accepted == 0x20
    assert first.dword(0x510) == 0

    folder = tmp_path / "other"
    folder.mkdir()
    second = TinyPc(folder, source, engine=after)
    try:
        second.vm.power_on(paused=True)
        second.vm.memory.ram.view[:0x8000] = vm.memory.ram.view[:0x8000]
        second.vm.emt.call(lambda: second.vm.emt.load_cpu_state(state))
        second.vm.resume()
        second.wait_for(lambda: second.dword(0x510) == 1)
    finally:
        second.vm.power_off()


@pytest.mark.parametrize(("wanted", "asked"), [
    (0, None), (2_400_000, None), (2_400_500, None), (2_100_000, 2_100_000),
])  # fmt: skip
@pytest.mark.parametrize("scales", [True, False])
def test_the_counter_goes_at_the_rate_of_a_saved_state_where_it_can(
    monkeypatch, wanted, asked, scales
):
    calls = []

    def ioctl(_file, request, argument=None):
        if request == api.GET_TSC_KHZ:
            return 2_400_000
        assert request == api.SET_TSC_KHZ
        calls.append(argument)
        if not scales:
            raise OSError(errno.EINVAL, "")
        return 0

    monkeypatch.setattr(api, "ioctl", ioctl)
    assert state.match_tsc_rate(3, wanted) is (scales or asked is None)
    assert calls == [asked] * (asked is not None)


def test_a_host_whose_counter_is_not_constant_has_no_rate(monkeypatch):
    def ioctl(*_arguments):
        raise OSError(errno.EIO, "")

    monkeypatch.setattr(api, "ioctl", ioctl)
    assert state.tsc_khz(3) == 0
    assert state.match_tsc_rate(3, 2_000_000)


@needs_kvm
def test_a_state_that_the_kernel_refuses_is_told_in_a_sentence(monkeypatch):
    def refuse(*_arguments):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    engine = KvmEngine()
    try:
        saved = engine.cpu_state()
        monkeypatch.setattr(state, "apply", refuse)
        with pytest.raises(SavedStateError, match=r"processor 0 \(Invalid argument\). Resume it"):
            engine.load_cpu_state(saved)
    finally:
        engine.close()
