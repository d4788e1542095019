"""CR8 where the local APIC is ours: the kernel shares it, and leaves when the guest lowers it."""

from __future__ import annotations

import pytest

from engine.devices import apic
from engine.em.backend import ExitReason
from engine.em.kvm import api
from engine.iom import write_range
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import LOOP, TinyPc

pytestmark = needs_kvm
SVR_UP = 0x1FF


@pytest.fixture
def machine(tmp_path):
    made = TinyPc(tmp_path, LOOP, engine="KVM", kernel_chips=False, apic=True)
    made.vm.power_on(paused=True)
    yield made
    made.vm.power_off()


def local_apic(machine):
    return machine.vm.devices.devices["apic/0"]


def write(machine, offset, value):
    block = machine.vm.memory.section_at(apic.BASE).region.block
    machine.vm.emt.call(lambda: write_range(block, offset, value, 4))


def run_with(machine, exits):
    """Run with made-up exits; each is the reason and CR8 as the guest has left it."""
    engine = machine.vm.engine
    entered = []

    def enter():
        entered.append(engine._run[api.RUN_CR8])
        reason, cr8 = exits[len(entered) - 1]
        if cr8 is not None:
            engine._run[api.RUN_CR8] = cr8
        return reason

    original, engine._first.enter = engine._first.enter, enter
    try:
        assert machine.vm.emt.call(engine.run) is ExitReason.HALTED
    finally:
        engine._first.enter = original
    return entered


def test_the_guest_gets_the_task_priority_as_cr8(machine):
    write(machine, apic.TPR, 0x5C)
    vm, engine = machine.vm, machine.vm.engine
    vm.resume()
    machine.wait_for(lambda: machine.count > 0)
    vm.pause()
    assert vm.emt.call(engine.cpu_state).cr8 == 5
    assert local_apic(machine).task_priority() == 0x5C  # nobody has written CR8


def test_a_lower_cr8_lets_a_waiting_interrupt_through(machine):
    device = local_apic(machine)
    write(machine, apic.SVR, SVR_UP)
    write(machine, apic.TPR, 0x50)
    write(machine, apic.ICR_LOW, 0x35 | 1 << 14 | apic.TO_SELF << apic.SHORTHAND_SHIFT)
    assert not machine.vm.emt._intr
    entered = run_with(machine, [(api.EXIT_SET_TPR, 2), (api.EXIT_HLT, None)])
    assert entered == [5, 2]
    assert device.task_priority() == 0x20
    assert machine.vm.emt._intr
    assert machine.vm.emt.call(device.acknowledge) == 0x35


def test_a_higher_cr8_holds_interrupts_off(machine):
    device = local_apic(machine)
    write(machine, apic.SVR, SVR_UP)
    run_with(machine, [(api.EXIT_HLT, 8)])
    assert device.task_priority() == 0x80
    write(machine, apic.ICR_LOW, 0x45 | 1 << 14 | apic.TO_SELF << apic.SHORTHAND_SHIFT)
    assert not machine.vm.emt._intr


def test_a_state_brings_its_cr8(tmp_path):
    machine = TinyPc(tmp_path, LOOP, engine="KVM", kernel_chips=False)
    vm = machine.vm
    try:
        vm.power_on(paused=True)
        state = vm.emt.call(vm.engine.cpu_state)
        state.cr8 = 7
        vm.emt.call(lambda: vm.engine.load_cpu_state(state))
        vm.resume()
        machine.wait_for(lambda: machine.count > 0)
        vm.pause()
        assert vm.emt.call(vm.engine.cpu_state).cr8 == 7
        vm.reset()
        assert vm.emt.call(vm.engine.cpu_state).cr8 == 0
    finally:
        vm.power_off()
