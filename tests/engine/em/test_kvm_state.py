"""The processor's record in the kernel's structures and back, without a guest."""

import ctypes
import os

import pytest

from engine.em.archstate import CpuState, reset_state
from engine.em.kvm import api, hostcpu, state
from tests.engine.kvm import needs_kvm

pytestmark = needs_kvm
AVX_STATE = (0xD, 2)
UPPER = [bytes([n]) * 16 for n in range(16)]


@pytest.fixture
def host():
    file = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    yield file
    os.close(file)


@pytest.fixture
def offered(host):
    return hostcpu.supported(host)


@pytest.fixture
def vcpu(host, offered):
    """A virtual CPU with all that the kernel offers."""
    vm = api.ioctl(host, api.CREATE_VM, 0)
    file = api.ioctl(vm, api.CREATE_VCPU, 0)
    table = api.Cpuid(nent=len(offered))
    for entry, (place, leaf) in zip(table.entries, offered.items(), strict=False):
        entry.function, entry.index = place
        entry.flags = api.CPUID_SIGNIFICANT_INDEX if place[0] in (4, 7, 0xD) else 0
        entry.eax, entry.ebx, entry.ecx, entry.edx = leaf
    api.ioctl(file, api.SET_CPUID2, ctypes.byref(table))
    yield file
    os.close(file)
    os.close(vm)


def with_avx():
    saved = reset_state()
    saved.xcr0 = 7
    saved.fpu.st = [bytes(10)] * 8
    saved.fpu.xmm = UPPER[::-1]
    saved.fpu.ymm_high = UPPER
    return saved


def test_reset_is_what_the_kernel_has_then(vcpu):
    state.apply(vcpu, reset_state())
    now = state.capture(vcpu)
    assert (now.rip, now.xcr0, now.fpu.ymm_high) == (0xFFF0, 1, [])


def test_avx_registers_come_back_and_go_with_a_reset(vcpu, offered):
    if AVX_STATE not in offered:
        pytest.skip("the host's processor has no AVX, or its kernel does not offer it")
    state.apply(vcpu, with_avx())
    now = state.capture(vcpu)
    assert (now.xcr0, now.fpu.ymm_high, now.fpu.xmm) == (7, UPPER, UPPER[::-1])
    state.apply(vcpu, reset_state())
    now = state.capture(vcpu)
    assert (now.xcr0, now.fpu.ymm_high) == (1, [])


def test_a_record_with_registers_of_a_wrong_size_is_refused():
    saved: CpuState = with_avx()
    saved.fpu.ymm_high = UPPER[:3]
    with pytest.raises(ValueError, match="ymm_high is not 16 registers of 16 bytes"):
        saved.check()
