"""CR8 on Unicorn: it keeps what it is given, and is the local APIC's task priority."""

from __future__ import annotations

import pytest

from engine.pdm.interfaces import ResetKind
from tests.engine.em.cpubench import CpuBench
from tests.engine.em.test_msrs import engine_of
from tests.engine.tinypc import TinyPc

RBX, RCX = 3, 1


class Apic:
    """The task priority of a local APIC."""

    def __init__(self, priority=0):
        self.priority = priority
        self.held = False
        self.written: list[int] = []

    def task_priority(self):
        return self.priority

    def holds_interrupt(self):
        return self.held

    def set_task_priority(self, priority):
        self.priority = priority
        self.written.append(priority)


@pytest.fixture
def bench():
    made = CpuBench()
    made.long_mode(0x1000)
    yield made
    made.close()


def test_it_keeps_four_bits(bench):
    bench.load(0x1000, "mov eax, 0xB\nmov cr8, rax\nmov rbx, cr8\nhlt", bits=64)
    bench.run_until_halt()
    assert bench.reg(RBX) == 0xB
    assert bench.engine.registers()["cr8"] == 0xB
    bench.engine.reset(ResetKind.POWER_ON)
    assert bench.engine.registers()["cr8"] == 0


def test_the_guest_sees_the_apics_priority_and_changes_it(bench):
    apic = bench.engine.task_priority = Apic(0x5C)
    bench.load(0x1000, "mov rbx, cr8\nhlt\nmov eax, 2\nmov cr8, rax\nhlt", bits=64)
    bench.run_until_halt()
    assert (bench.reg(RBX), apic.written) == (5, [])
    bench.run_until_halt()
    assert (apic.priority, apic.written) == (0x20, [0x20])


def test_runs_are_short_while_an_interrupt_waits_for_a_lower_priority(bench):
    assert bench.engine.longest_run is None
    apic = bench.engine.task_priority = Apic()
    assert bench.engine.longest_run is None
    apic.held = True
    assert bench.engine.longest_run == 300_000


def test_it_travels_with_the_state():
    engine = engine_of("Unicorn")
    try:
        state = engine.cpu_state()
        state.cr8 = 9
        engine.load_cpu_state(state)
        assert engine.cpu_state().cr8 == 9
    finally:
        engine.close()


# An interrupt of class 3 waits for TPR, which is CR8 in 64-bit mode; here it is set from outside.
HELD = """
forever:
  inc dword [0x504]
  jmp forever
"""


def test_a_guest_that_lowers_it_gets_the_interrupt_that_has_waited(tmp_path):
    machine = TinyPc(tmp_path, HELD, apic=True)
    vm = machine.vm
    try:
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0)
        vm.pause()
        apic = vm.devices.devices["apic/0"]
        vm.emt.call(lambda: apic.write_register(0xF0, 0x1FF, 4))
        vm.emt.call(lambda: apic.write_register(0x80, 0x50, 4))
        vm.emt.call(lambda: apic.write_register(0x300, 0x44000 | 0x35, 4))
        assert vm.engine.task_priority is apic
        assert vm.engine.longest_run == 300_000
        assert not vm.emt._intr
        cr8 = vm.engine._cpu.cr8

        def lowered():
            cr8.show(apic)
            cr8.value = 2  # as a MOV to CR8 of the guest
            cr8.carry(apic)

        vm.emt.call(lowered)
        assert vm.emt._intr
        assert vm.engine.longest_run is None
    finally:
        vm.power_off()
