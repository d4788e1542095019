"""Several CPUs on KVM: started by the guest, held, saved and reset together."""

from __future__ import annotations

import time

import pytest

from engine.cpum import CpuProfile
from engine.em.kvm.engine import KvmEngine
from engine.errors import ConfigurationError, SavedStateError
from engine.iom import Range
from engine.ssm import StateReader
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import LOOP, TinyPc

# Every CPU that starts counts itself at 50ch, has its own counter at 520h + 4 * number, and tells
# a port about itself; the number is that of its local APIC.
START_OTHERS = """
  mov ecx, 0x1b
  rdmsr
  or eax, 0x400
  wrmsr
  xor ax, ax
  mov es, ax
  mov di, 0x8000
  mov si, others
  mov cx, others_end - others
  cld
  cs rep movsb
  mov ecx, 0x830
  mov edx, 0
  mov eax, 0xc4500
  wrmsr
  mov eax, 0xc4608
  wrmsr
  jmp started
others:
  xor ax, ax
  mov ds, ax
  mov ecx, 0x1b
  rdmsr
  or eax, 0x400
  wrmsr
  mov ecx, 0x802
  rdmsr
  mov ebx, eax
  shl ebx, 2
  lock inc dword [0x50c]
  mov dx, 0x700
  out dx, al
  in al, dx
  mov [0x540 + bx], al
here:
  inc dword [0x520 + bx]
  jmp here
others_end:
started:
""" + LOOP


class SmpPc(TinyPc):
    def __init__(self, folder, cpus=3, source=START_OTHERS, **options):
        super().__init__(folder, source, engine="KVM", cpus=cpus, x2apic=True, **options)
        self.told = []
        self.vm.ports.map(Range(
            "test", "p", 0x700, 1, (1,),
            lambda _offset, _size: 0x5A, lambda _offset, value, _size: self.told.append(value),
        ))  # fmt: skip
        self.cpus = cpus

    def counters(self):
        return [self.dword(0x520 + 4 * n) for n in range(1, self.cpus)]

    def wait_for_others(self):
        self.wait_for(lambda: all(self.counters()) or self.errors())
        assert not self.errors(), self.errors()[0].message


@pytest.fixture
def pc(tmp_path):
    made = []

    def make(**options):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(SmpPc(folder, **options))
        return made[-1]

    yield make
    for machine in made:
        machine.vm.power_off()


@needs_kvm
def test_the_others_start_when_the_guest_asks_and_their_devices_are_served_on_the_emt(pc):
    machine = pc()
    assert machine.vm.shortage == ""
    machine.vm.power_on()
    machine.wait_for_others()
    assert machine.dword(0x50C) == 2
    assert sorted(machine.told) == [1, 2]
    assert bytes(machine.vm.memory.ram.view[0x544:0x54C:4]) == b"\x5a\x5a"


@needs_kvm
def test_a_pause_holds_all_of_them(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for_others()
    vm.pause()
    before = machine.counters()
    time.sleep(0.05)
    assert machine.counters() == before
    vm.resume()
    machine.wait_for(lambda: all(a > b for a, b in zip(machine.counters(), before, strict=True)))


@needs_kvm
def test_a_reset_lets_them_wait_to_be_started_again(pc):
    machine = pc()
    vm = machine.vm
    vm.power_on()
    machine.wait_for_others()
    vm.pause()
    vm.reset()
    waiting = vm.emt.call(vm.engine.other_cpu_states)
    assert [state.waits_for_sipi for state in waiting] == [True, True]
    vm.resume()
    machine.wait_for(lambda: machine.dword(0x50C) == 4 or machine.errors())
    assert not machine.errors()


@needs_kvm
def test_a_saved_state_holds_all_of_them(pc, tmp_path):
    first = pc()
    first.vm.power_on()
    first.wait_for_others()
    first.vm.pause()
    counters = first.counters()
    states = first.vm.emt.call(first.vm.engine.other_cpu_states)
    path = str(tmp_path / "state")
    first.vm.capture(product="test").write(path)
    first.vm.power_off()

    second = pc()
    with StateReader(path) as reader:
        second.vm.power_on(paused=True, saved=reader)
    assert second.counters() == counters
    loaded = second.vm.emt.call(second.vm.engine.other_cpu_states)
    assert [state.gpr for state in loaded] == [state.gpr for state in states]
    assert [state.apic[0xF0:0x100] for state in loaded] == [
        state.apic[0xF0:0x100] for state in states
    ]
    second.vm.resume()
    second.wait_for(lambda: all(a > b for a, b in zip(second.counters(), counters, strict=True)))


@needs_kvm
def test_a_state_between_init_and_the_start_up_message(pc, tmp_path):
    start = "  mov eax, 0xc4608\n"
    source = START_OTHERS.replace(
        start, "  inc dword [0x518]\nsoon:\n  cmp byte [0x51c], 0\n  je soon\n" + start
    )
    first = pc(source=source)
    first.vm.power_on()
    first.wait_for(lambda: first.dword(0x518))
    first.vm.pause()
    path = str(tmp_path / "state")
    first.vm.capture(product="test").write(path)
    first.vm.power_off()

    second = pc(source=source)
    with StateReader(path) as reader:
        second.vm.power_on(paused=True, saved=reader)
    second.vm.memory.ram.view[0x51C] = 1
    second.vm.resume()
    second.wait_for_others()


@needs_kvm
def test_a_state_of_another_number_of_cpus_is_refused(pc):
    machine = pc(cpus=2)
    with pytest.raises(SavedStateError, match="saved with 3 processors; it has 2"):
        machine.vm.engine.load_other_cpu_states([machine.vm.engine.cpu_state()] * 2)


@needs_kvm
def test_the_cap_holds_the_others_too(pc):
    machine = pc(cpus=2, execution_cap=10)
    vm = machine.vm
    vm.power_on()
    machine.wait_for_others()
    runner = vm.engine._others._runners[0]
    begun, used = time.perf_counter(), time.process_time()
    time.sleep(0.5)
    # Two CPUs that never halt, at a tenth of a processor each; the rest is this test's.
    assert time.process_time() - used <= 0.45 * (time.perf_counter() - begun)
    assert runner.cap.percent == 10


@needs_kvm
def test_as_many_as_there_may_be(pc):
    machine = pc(cpus=32)
    machine.vm.power_on()
    machine.wait_for(lambda: machine.dword(0x50C) == 31 or machine.errors(), timeout=60)
    assert not machine.errors()


def test_too_many_and_those_without_the_kernels_chips_are_refused():
    with pytest.raises(ConfigurationError, match="1 to 32 CPUs, not 33"):
        KvmEngine(CpuProfile(), cpus=33, kernel_chips=True)
    with pytest.raises(ConfigurationError, match="need the kernel's interrupt controllers"):
        KvmEngine(CpuProfile(), cpus=2)


def test_unicorn_starts_with_one_cpu_and_says_so(tmp_path):
    machine = TinyPc(tmp_path, LOOP, cpus=4)
    vm = machine.vm
    try:
        assert vm.shortage.startswith("The guest gets 1 processor instead of 4")
        assert vm.devices.devices["fwcfg/0"].config.cpu_count == 1
        assert vm.devices.devices["mc146818/0"].config.cpus == 1
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0)
    finally:
        vm.power_off()
