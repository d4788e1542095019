"""Registers that kernels probe: what CPUID announces is there, keeps what it is given, and resets."""

from __future__ import annotations

import pytest

from engine.cpum import CpuProfile, Features1Edx
from engine.em import x86
from engine.em.archstate import ALL_ONES, MSRS, MSRS_AT_RESET, reset_state
from engine.iom import PortSpace
from engine.pdm.interfaces import ResetKind
from engine.pgm import PhysicalMemory
from engine.stam import Statistics
from tests.engine.em.cpubench import CpuBench
from tests.engine.kvm import ENGINES, needs_kvm

MTRR_CAP, PAT = 0xFE, 0x277
WRITE_BACK = 6


def engine_of(name):
    if name == "KVM":
        from engine.em.kvm import KvmEngine

        engine = KvmEngine()
    else:
        from engine.em.unicorn import UnicornEngine

        engine = UnicornEngine()
    engine.attach(PortSpace(), PhysicalMemory(1 << 20), Statistics())
    engine.reset(ResetKind.POWER_ON)
    return engine


@pytest.fixture(params=ENGINES)
def engine(request):
    made = engine_of(request.param)
    yield made
    made.close()


def test_both_engines_announce_mtrrs_and_machine_checks(engine):
    edx = engine.cpuid.leaf(1)[3]
    for feature in (Features1Edx.MTRR, Features1Edx.MCE, Features1Edx.MCA, Features1Edx.PAT):
        assert edx & feature
    assert engine.cpuid.leaf(0x8000_0001)[3] & Features1Edx.MTRR


def test_they_are_what_a_reset_leaves_and_travel_with_the_state(engine):
    state = engine.cpu_state()
    assert set(x86.MSRS_MCA_BANKS) <= set(state.msrs)
    assert (state.msrs[x86.MSR_MTRR_DEF_TYPE], state.msrs[PAT]) == (0, 0x0007_0406_0007_0406)
    changed = {
        0x200: WRITE_BACK, 0x201: 0xFF_C000_0800, 0x20E: 0xC000_0000, 0x250: 0x0606060606060606,
        x86.MSR_MTRR_DEF_TYPE: 0xC06, PAT: 0x0007_0106_0007_0406,
        x86.MSR_MC0_CTL: 0, x86.MSR_MC0_CTL + 1: 0x9C00_0000_0000_0001,
        x86.MSR_MC0_CTL + 4 * 9 + 2: 0x1234_5000, x86.MSR_MCG_STATUS: 5,
    }  # fmt: skip
    state.msrs |= changed
    engine.load_cpu_state(state)
    found = engine.cpu_state().msrs
    assert {number: found[number] for number in changed} == changed
    engine.reset(ResetKind.POWER_ON)
    after = engine.cpu_state().msrs
    assert {number: after[number] for number in changed} == {
        number: MSRS_AT_RESET[number] for number in changed
    }
    assert (after[x86.MSR_MCG_CTL], after[x86.MSR_MC0_CTL]) == (ALL_ONES, ALL_ONES)


def rdmsr(number):
    bench = CpuBench()
    try:
        bench.protected_mode(0x1000)
        bench.load(0x1000, f"mov ecx, {number}\nrdmsr\nmov [0x5000], eax\nmov [0x5004], edx\nhlt")
        bench.run_until_halt()
        return int.from_bytes(bench.ram[0x5000:0x5008], "little")
    finally:
        bench.close()


def test_capabilities_are_the_same_on_both_engines():
    """Eight variable ranges, the fixed ones, write combining; ten banks."""
    assert (rdmsr(MTRR_CAP), rdmsr(x86.MSR_MCG_CAP)) == (0x508, x86.MCG_CAP)


@needs_kvm
def test_capabilities_on_kvm():
    from engine.em.kvm import state

    engine = engine_of("KVM")
    try:
        found = [state.get_msr(engine._vcpu, number) for number in (MTRR_CAP, x86.MSR_MCG_CAP)]
        assert found == [0x508, x86.MCG_CAP]
    finally:
        engine.close()


def test_what_a_guest_writes_it_reads_again():
    bench = CpuBench()
    try:
        bench.protected_mode(0x1000)
        bench.load(0x1000, """
            mov ecx, 0x201
            mov eax, 0xFFF00800
            mov edx, 0xFF
            wrmsr
            mov ecx, 0x2FF
            mov eax, 0xC06
            xor edx, edx
            wrmsr
            xor eax, eax
            mov ecx, 0x201
            rdmsr
            hlt""")
        bench.run_until_halt()
        assert (bench.reg(0), bench.reg(2)) == (0xFFF00800, 0xFF)
        assert bench.engine.cpu_state().msrs[0x2FF] == 0xC06
    finally:
        bench.close()


def test_the_registers_of_a_state_are_those_of_the_manual():
    assert len(MSRS) == len(set(MSRS))
    assert set(reset_state().msrs) <= set(MSRS)
    assert CpuProfile(portability=1).leaf(1)[3] & Features1Edx.MCA
