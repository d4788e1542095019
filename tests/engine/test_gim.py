"""Paravirtualization interfaces: leaves, what stands behind them, and saved registers."""

import pytest

from engine import gim
from engine.cpum import CpuProfile
from engine.em.kvm import state as kvm_state
from engine.em.unicorn import UnicornEngine
from engine.errors import ConfigurationError
from engine.gim.providers import (
    HyperVFeature,
    HyperVMisc,
    KvmFeature,
    describe,
    provider_named,
)
from engine.iom import PortSpace
from engine.pgm import PhysicalMemory
from engine.stam import Statistics
from tests.engine.kvm import needs_kvm
from tests.engine.tinypc import LOOP, TinyPc

WALL_CLOCK, SYSTEM_TIME = 0x4B564D00, 0x4B564D01
GUEST_STOPPED = 1 << 1  # PVCLOCK_GUEST_STOPPED in the flags of the record


def text(leaf):
    return b"".join(word.to_bytes(4, "little") for word in leaf[1:]).rstrip(b"\0")


def test_none_has_no_leaves_and_an_unknown_one_is_refused():
    assert gim.leaves(gim.Provider.NONE, gim.Abilities(tsc_khz=1)) == {}
    with pytest.raises(ConfigurationError, match="'Xen'; there are None, Minimal, KVM, HyperV"):
        provider_named("Xen")


def test_minimal_tells_two_frequencies():
    found = gim.leaves(gim.Provider.MINIMAL, gim.Abilities(tsc_khz=2_400_000))
    assert found == {
        0x4000_0000: (0x4000_0010, 0, 0, 0),
        0x4000_0010: (2_400_000, 1_000_000, 0, 0),
    }


def test_kvm_has_its_signature_and_what_the_engine_has():
    clock = KvmFeature.CLOCKSOURCE | KvmFeature.CLOCKSOURCE2
    found = gim.leaves(gim.Provider.KVM, gim.Abilities(kvm=clock))
    assert text(found[0x4000_0000]) == b"KVMKVMKVM"
    assert found[0x4000_0000][0] == 0x4000_0001
    assert found[0x4000_0001] == (0b1001, 0, 0, 0)


def test_hyper_v_announces_registers_and_hints_that_go_with_them():
    features = (
        HyperVFeature.HYPERCALL | HyperVFeature.TIME_REFERENCE_COUNT | HyperVFeature.APIC
    )
    abilities = gim.Abilities(hyper_v=features, hyper_v_misc=HyperVMisc.CRASH)
    found = gim.leaves(gim.Provider.HYPER_V, abilities)
    assert found[0x4000_0001][0].to_bytes(4, "little") == b"Hv#1"
    assert found[0x4000_0003] == (1 << 1 | 1 << 4 | 1 << 5, 0, 0, 1 << 10)
    assert found[0x4000_0004][0] == 1 << 3 | 1 << 5  # APIC registers, relaxed timing
    without_apic = gim.Abilities(hyper_v=HyperVFeature.HYPERCALL)
    assert gim.leaves(gim.Provider.HYPER_V, without_apic)[0x4000_0004][0] == 1 << 5


def test_hyper_v_without_registers_is_minimal_and_says_so():
    abilities = gim.Abilities(tsc_khz=7)
    minimal = gim.leaves(gim.Provider.MINIMAL, abilities)
    assert gim.leaves(gim.Provider.HYPER_V, abilities) == minimal
    assert "the guest sees 'Minimal'" in describe(gim.Provider.HYPER_V, abilities)
    assert "no clock registers" in describe(gim.Provider.KVM, abilities)
    line = "GIM: Using provider 'Minimal' (Implementation version: 0)"
    assert describe(gim.Provider.MINIMAL, abilities) == line


def test_unicorn_answers_with_the_leaves_and_the_rate_of_its_counter():
    engine = UnicornEngine(CpuProfile(), gim.Provider.MINIMAL)
    try:
        engine.attach(PortSpace(), PhysicalMemory(1 << 20), Statistics())
        assert 100_000 < engine.cpuid.leaf(0x4000_0010)[0] < 10_000_000
        assert engine.cpuid.leaf(0x4000_0001) == (0, 0, 0, 0)
    finally:
        engine.close()


def test_unicorn_passes_registers_on_that_it_does_not_have():
    engine = UnicornEngine(CpuProfile())
    try:
        engine.attach(PortSpace(), PhysicalMemory(1 << 20), Statistics())
        state = engine.cpu_state()
        state.msrs[SYSTEM_TIME] = 0x7001
        engine.load_cpu_state(state)
        assert engine.cpu_state().msrs[SYSTEM_TIME] == 0x7001
    finally:
        engine.close()


# wrmsr 4b564d01h: the clock's record at 6000h, switched on; 4b564d00h: the wall clock at 6040h.
CLOCK = """
  mov ecx, 0x4b564d01
  mov eax, 0x6001
  xor edx, edx
  wrmsr
  mov ecx, 0x4b564d00
  mov eax, 0x6040
  wrmsr
"""


@needs_kvm
def test_the_clock_of_kvm_runs_and_survives_a_saved_state(tmp_path):
    machine = TinyPc(tmp_path, CLOCK + LOOP, engine="KVM", paravirt="KVM")
    vm = machine.vm
    try:
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0 or machine.errors())
        vm.pause()
        saved = vm.emt.call(vm.emt.cpu_state)
        assert saved.msrs[SYSTEM_TIME] == 0x6001
        record = bytes(vm.memory.ram.view[0x6000:0x6020])
        assert int.from_bytes(record[0:4], "little") % 2 == 0  # the version of a complete record
        assert int.from_bytes(record[24:28], "little") != 0  # the factor from TSC to ns
        wall = int.from_bytes(vm.memory.ram.view[0x6044:0x6048], "little")
        assert wall > 1_500_000_000  # seconds since 1970 at power-on
        assert 0 < saved.paravirt_clock < 60_000_000_000

        saved.paravirt_clock += 1_000_000_000_000
        vm.emt.call(lambda: vm.emt.load_cpu_state(saved))
        count = machine.count
        vm.resume()
        machine.wait_for(lambda: machine.count > count)
        vm.pause()
        assert vm.memory.ram.view[0x601D] & GUEST_STOPPED  # what its watchdogs look at
        later = vm.emt.call(vm.emt.cpu_state).paravirt_clock
        assert saved.paravirt_clock <= later < saved.paravirt_clock + 60_000_000_000
    finally:
        vm.power_off()


@needs_kvm
def test_a_reset_switches_the_clock_of_kvm_off(tmp_path):
    machine = TinyPc(
        tmp_path, "cmp dword [0x500], 1\nja done\n" + CLOCK + "done:\n" + LOOP,
        engine="KVM", paravirt="KVM",
    )  # fmt: skip
    vm = machine.vm
    try:
        vm.power_on()
        machine.wait_for(lambda: machine.count > 0)
        vm.reset()
        machine.wait_for(lambda: machine.starts == 2)
        vm.pause()
        vcpu = vm.engine._vcpu
        assert vm.emt.call(lambda: kvm_state.get_msr(vcpu, SYSTEM_TIME)) == 0
    finally:
        vm.power_off()
