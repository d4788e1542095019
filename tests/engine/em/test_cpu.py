"""The state of the CPU after RESET, and the registers that the debugger shows."""

from __future__ import annotations

import pytest
from unicorn.x86_const import UC_X86_REG_DR0, UC_X86_REG_DR6, UC_X86_REG_DR7

from engine.em import x86
from engine.pdm.interfaces import ResetKind

RAX, RCX, RDX, RBX = range(4)


def test_reset_goes_to_the_reset_vector_in_real_mode(bench):
    bench.long_mode(0x1000)
    bench.load(0x1000, "mov rbx, 5\nhlt", bits=64)
    bench.run_until_halt()
    bench.engine.reset(ResetKind.HARD)
    registers = bench.engine.registers()
    assert (registers["cs"], registers["cs_base"], registers["rip"]) == (0xF000, 0xFFFF0000, 0xFFF0)
    assert (registers["cr0"], registers["cr3"], registers["cr4"]) == (0x60000010, 0, 0)
    assert (registers["rflags"], registers["efer"], registers["rbx"]) == (2, 0, 0)
    bench.load(0x1000, "mov bx, 7\nhlt", bits=16)
    bench.real_mode(0x1000)
    bench.run_until_halt()
    assert bench.reg(RBX) == 7


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (x86.MSR_SYSENTER_CS, 0), (x86.MSR_SYSENTER_ESP, 0), (x86.MSR_SYSENTER_EIP, 0),
        (x86.MSR_STAR, 0), (x86.MSR_LSTAR, 0), (x86.MSR_CSTAR, 0), (x86.MSR_FMASK, 0),
        (x86.MSR_KERNEL_GS_BASE, 0), (x86.MSR_PAT, 0x0007040600070406),
        (x86.MSR_MTRR_DEF_TYPE, 0),
    ],
)  # fmt: skip
def test_reset_forgets_model_specific_registers(bench, number, value):
    uc = bench.engine._uc
    uc.set_msr(number, 0xC08)
    assert uc.msr(number) == 0xC08
    bench.engine.reset(ResetKind.HARD)
    assert uc.msr(number) == value


def test_reset_forgets_breakpoints(bench):
    uc = bench.engine._uc
    for register in (UC_X86_REG_DR0, UC_X86_REG_DR6, UC_X86_REG_DR7):
        uc.set_register(register, 0x1401)
    bench.engine.reset(ResetKind.HARD)
    values = [uc.register(r) for r in (UC_X86_REG_DR0, UC_X86_REG_DR6, UC_X86_REG_DR7)]
    assert values == [0, 0xFFFF0FF0, 0x400]


def test_reset_opens_nmis(bench):
    assert bench.engine.can_take_nmi()
    bench.state.hflags2 |= 4
    assert not bench.engine.can_take_nmi()
    bench.engine.reset(ResetKind.HARD)
    assert bench.engine.can_take_nmi()


def test_read_linear_sees_what_the_guest_maps(bench):
    bench.paging32(0x1000)
    bench.memory.write(0x5FFE, b"abcd")
    assert bench.engine.read_linear(0x5FFE, 4) == b"abcd"
    assert bench.engine.read_linear(0x3FFFFE, 4) is None  # goes on into what is not mapped
    assert bench.engine.read_linear(0x7FFFF000, 1) is None
    assert bench.engine.read_linear(0x5FFE, 0) == b""


def test_opcode_is_found_behind_prefixes(bench):
    bench.protected_mode(0x1000)
    for source, opcode in (("nop", 0x90), ("rep movsd", 0xA5), ("mov es, ax", 0x8E),
                           ("lsl eax, ecx", 0x103), ("db 0x2E, 0x66, 0x67, 0xF0, 0xF1", 0xF1)):
        bench.load(0x1000, source)
        bench.state.eip = 0x1000
        assert bench.cpu.opcode() == opcode, source
    bench.ram[0x1000:0x1020] = b"\x66" * 32
    assert bench.cpu.opcode() == 0x66
