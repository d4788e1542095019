"""The architectural CPU state of :mod:`engine.em.archstate` in libunicorn's registers."""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING, Final

from unicorn.x86_const import (
    UC_X86_REG_CR0,
    UC_X86_REG_CR4,
    UC_X86_REG_DR0,
    UC_X86_REG_DR1,
    UC_X86_REG_DR2,
    UC_X86_REG_DR3,
    UC_X86_REG_DR6,
    UC_X86_REG_DR7,
    UC_X86_REG_FDP,
    UC_X86_REG_FIP,
    UC_X86_REG_FOP,
    UC_X86_REG_FPCW,
    UC_X86_REG_FPSW,
    UC_X86_REG_FPTAG,
    UC_X86_REG_MXCSR,
    UC_X86_REG_ST0,
    UC_X86_REG_XMM0,
)

from engine.em import x86
from engine.em.archstate import MSRS, CpuState, FpuState, SegmentState, TableState
from engine.em.unicorn.layout import HF2_AT_RESET, HF2_NMI_BLOCKED, HF_INHIBIT_IRQ

if TYPE_CHECKING:
    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.cpu import Cpu
    from engine.em.unicorn.layout import Segment
    from engine.em.unicorn.timestamp import TimeStampCounter

_DEBUG_REGISTERS: Final = (
    UC_X86_REG_DR0, UC_X86_REG_DR1, UC_X86_REG_DR2, UC_X86_REG_DR3, UC_X86_REG_DR6, UC_X86_REG_DR7,
)  # fmt: skip
_ST_BYTES, _XMM_BYTES = 10, 16
_TAG_EMPTY: Final = 3


def capture(cpu: Cpu, tsc: TimeStampCounter) -> CpuState:
    """Return the state of a CPU that does not run."""
    state, uc = cpu.state, cpu.uc
    return CpuState(
        gpr=[int(value) for value in state.regs],
        rip=int(state.eip),
        rflags=cpu.eflags(),
        segments=[_segment(segment) for segment in cpu.segs],
        ldt=_segment(state.ldt),
        tr=_segment(state.tr),
        gdt=TableState(base=state.gdt.base, limit=state.gdt.limit),
        idt=TableState(base=state.idt.base, limit=state.idt.limit),
        cr0=state.cr[0],
        cr2=state.cr[2],
        cr3=state.cr[3],
        cr4=state.cr[4],
        cr8=cpu.cr8.value,
        efer=cpu.efer.value,
        dr=[uc.register(number) for number in _DEBUG_REGISTERS],
        tsc=tsc.value(),
        msrs={number: uc.msr(number) for number in MSRS},
        fpu=_capture_fpu(uc),
        interrupt_shadow=bool(state.hflags & HF_INHIBIT_IRQ),
        nmi_blocked=bool(state.hflags2 & HF2_NMI_BLOCKED),
    )


def apply(cpu: Cpu, tsc: TimeStampCounter, saved: CpuState) -> None:
    """Put a state into a CPU that has been reset and does not run."""
    state, uc = cpu.state, cpu.uc
    for i, value in enumerate(saved.gpr):
        state.regs[i] = value
    # CR0 sets LMA when it switches paging on with LME there, so it comes after EFER and CR4.
    cpu.efer.value = saved.efer & ~x86.EFER_LMA
    state.cr[2], state.cr[3], cpu.cr8.value = saved.cr2, saved.cr3, saved.cr8
    uc.set_register(UC_X86_REG_CR4, saved.cr4)
    uc.set_register(UC_X86_REG_CR0, saved.cr0)
    state.gdt.base, state.gdt.limit = saved.gdt.base, saved.gdt.limit
    state.idt.base, state.idt.limit = saved.idt.base, saved.idt.limit
    for register, segment in ((state.ldt, saved.ldt), (state.tr, saved.tr)):
        register.selector, register.base = segment.selector, segment.base
        register.limit, register.flags = segment.limit, segment.flags
    cpu.set_eflags(saved.rflags & 0xFFFFFFFF)
    for i, segment in enumerate(saved.segments):
        cpu.load_segment(i, segment.selector, segment.base, segment.limit, segment.flags)
    state.hflags2 = HF2_AT_RESET | (HF2_NMI_BLOCKED if saved.nmi_blocked else 0)
    if saved.interrupt_shadow:
        state.hflags |= HF_INHIBIT_IRQ
    state.eip = saved.rip
    for number, value in zip(_DEBUG_REGISTERS, saved.dr, strict=True):
        uc.set_register(number, value)
    for number, value in saved.msrs.items():
        if number in MSRS:
            uc.set_msr(number, value)
    _apply_fpu(uc, saved.fpu)
    tsc.set(saved.tsc)


def _segment(segment: Segment) -> SegmentState:
    return SegmentState(
        selector=segment.selector & 0xFFFF,
        base=segment.base,
        limit=segment.limit,
        flags=segment.flags,
    )


def _capture_fpu(uc: Unicorn) -> FpuState:
    tags = uc.register(UC_X86_REG_FPTAG)
    return FpuState(
        fcw=uc.register(UC_X86_REG_FPCW) & 0xFFFF,
        fsw=uc.register(UC_X86_REG_FPSW) & 0xFFFF,
        ftw=sum(1 << n for n in range(8) if tags >> 2 * n & 3 != _TAG_EMPTY),
        fop=uc.register(UC_X86_REG_FOP) & 0xFFFF,
        fip=uc.register(UC_X86_REG_FIP),
        fdp=uc.register(UC_X86_REG_FDP),
        mxcsr=uc.register(UC_X86_REG_MXCSR) & 0xFFFFFFFF,
        st=[_wide(uc, UC_X86_REG_ST0 + n, _ST_BYTES) for n in range(8)],
        xmm=[_wide(uc, UC_X86_REG_XMM0 + n, _XMM_BYTES) for n in range(16)],
    )


def _apply_fpu(uc: Unicorn, fpu: FpuState) -> None:
    # ST(n) counts from the top of the stack, which stands in the status word.
    uc.set_register(UC_X86_REG_FPSW, fpu.fsw)
    for n, value in enumerate(fpu.st):
        _set_wide(uc, UC_X86_REG_ST0 + n, value)
    for n, value in enumerate(fpu.xmm):
        _set_wide(uc, UC_X86_REG_XMM0 + n, value)
    tags = sum(_TAG_EMPTY << 2 * n for n in range(8) if not fpu.ftw >> n & 1)
    uc.set_register(UC_X86_REG_FPTAG, tags)
    uc.set_register(UC_X86_REG_FPCW, fpu.fcw)
    uc.set_register(UC_X86_REG_FOP, fpu.fop)
    uc.set_register(UC_X86_REG_FIP, fpu.fip)
    uc.set_register(UC_X86_REG_FDP, fpu.fdp)
    uc.set_register(UC_X86_REG_MXCSR, fpu.mxcsr)


def _wide(uc: Unicorn, number: int, size: int) -> bytes:
    buffer = (c.c_ubyte * 32)()
    uc.reg_read(uc.handle, number, c.byref(buffer))
    return bytes(buffer[:size])


def _set_wide(uc: Unicorn, number: int, value: bytes) -> None:
    buffer = (c.c_ubyte * 32)(*value)
    uc.reg_write(uc.handle, number, c.byref(buffer))
