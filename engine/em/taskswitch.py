"""Task switches through task gates (SDM 3, 7.3).

The translator performs far jumps and calls to tasks itself; this is for interrupts and exceptions
whose IDT entry is a task gate (the classic double-fault task).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.em import x86
from engine.em.unicorn.layout import HF_TS
from engine.em.x86 import CpuFault

if TYPE_CHECKING:
    from engine.em.unicorn.cpu import Cpu

# Offsets in a 32-bit TSS (SDM 3, figure 7-2) and a 16-bit TSS (figure 7-10).
_CR3_32, _EIP_32, _EFLAGS_32, _REGS_32, _SEGS_32, _LDT_32 = 28, 32, 36, 40, 72, 96
_IP_16, _FLAGS_16, _REGS_16, _SEGS_16, _LDT_16 = 14, 16, 18, 34, 42
_LIMIT_32, _LIMIT_16 = 103, 43
_SEGMENT_ORDER = (x86.ES, x86.CS, x86.SS, x86.DS, x86.FS, x86.GS)


def switch_task(cpu: Cpu, selector: int, error_code: int | None, *, resume_flag: bool) -> None:
    """Enter the task of a TSS selector with nesting, as an interrupt through a task gate does.

    Raises:
        CpuFault: the TSS or one of its segments is not fit for it.
    """
    state, mmu = cpu.state, cpu.mmu
    if selector & 4 or not selector & 0xFFFC:
        raise CpuFault(x86.GP, selector & 0xFFFC)
    low, high, address = cpu.descriptor(selector)
    kind = high >> x86.DESC_TYPE_SHIFT & 0x1F
    if kind not in (x86.TYPE_TSS16_FREE, x86.TYPE_TSS32_FREE):
        raise CpuFault(x86.GP, selector & 0xFFFC)
    if not high & x86.DESC_P:
        raise CpuFault(x86.NP, selector & 0xFFFC)
    base, limit = cpu.base_and_limit(low, high)
    wide = kind == x86.TYPE_TSS32_FREE
    if limit < (_LIMIT_32 if wide else _LIMIT_16):
        raise CpuFault(x86.TS, selector & 0xFFFC)
    _save_task(cpu, resume_flag)
    mmu.write(base, 2, int(state.tr.selector))  # back link
    mmu.write(address + 4, 4, high | x86.TSS_BUSY)
    state.tr.selector, state.tr.base, state.tr.limit = selector, base, limit
    state.tr.flags = high | x86.TSS_BUSY
    state.cr[0] |= x86.CR0_TS
    state.hflags |= HF_TS
    try:
        _load_task(cpu, base, wide)
        if error_code is not None:
            _push_error_code(cpu, error_code, 4 if wide else 2)
    except CpuFault as fault:
        fault.in_new_task = True
        raise


def _save_task(cpu: Cpu, resume_flag: bool) -> None:
    """Store the registers of the running task in its TSS."""
    state, mmu = cpu.state, cpu.mmu
    base = int(state.tr.base)
    flags = cpu.eflags() | (x86.EFLAGS_RF if resume_flag else 0)
    if state.tr.flags >> x86.DESC_TYPE_SHIFT & 8:
        mmu.write(base + _EIP_32, 4, int(state.eip))
        mmu.write(base + _EFLAGS_32, 4, flags)
        for i in range(8):
            mmu.write(base + _REGS_32 + 4 * i, 4, int(state.regs[i]))
        for i, segment in enumerate(_SEGMENT_ORDER):
            mmu.write(base + _SEGS_32 + 4 * i, 2, int(state.segs[segment].selector))
    else:
        mmu.write(base + _IP_16, 2, int(state.eip))
        mmu.write(base + _FLAGS_16, 2, flags)
        for i in range(8):
            mmu.write(base + _REGS_16 + 2 * i, 2, int(state.regs[i]))
        for i, segment in enumerate(_SEGMENT_ORDER[:4]):
            mmu.write(base + _SEGS_16 + 2 * i, 2, int(state.segs[segment].selector))


def _load_task(cpu: Cpu, base: int, wide: bool) -> None:
    """Load the registers of the new task from its TSS."""
    state, mmu = cpu.state, cpu.mmu
    if wide:
        if state.cr[0] & x86.CR0_PG:
            cr3 = mmu.read(base + _CR3_32, 4)
            if cr3 != state.cr[3]:
                state.cr[3] = cr3
                cpu.uc.flush_tlb()
        eip = mmu.read(base + _EIP_32, 4)
        flags = mmu.read(base + _EFLAGS_32, 4)
        regs = [mmu.read(base + _REGS_32 + 4 * i, 4) for i in range(8)]
        selectors = [mmu.read(base + _SEGS_32 + 4 * i, 2) for i in range(6)]
        ldt = mmu.read(base + _LDT_32, 2)
    else:
        eip = mmu.read(base + _IP_16, 2)
        flags = mmu.read(base + _FLAGS_16, 2)
        regs = [mmu.read(base + _REGS_16 + 2 * i, 2) | 0xFFFF0000 for i in range(8)]
        selectors = [mmu.read(base + _SEGS_16 + 2 * i, 2) for i in range(4)] + [0, 0]
        ldt = mmu.read(base + _LDT_16, 2)
    for i, value in enumerate(regs):
        state.regs[i] = value
    state.eip = eip
    cpu.set_eflags(flags | x86.EFLAGS_NT)
    _load_ldt(cpu, ldt)
    if flags & x86.EFLAGS_VM:
        for segment, selector in zip(_SEGMENT_ORDER, selectors, strict=True):
            cpu.load_real_segment(segment, selector)
        return
    code_rpl = selectors[x86.CS] & 3
    for segment, selector in zip(_SEGMENT_ORDER, selectors, strict=True):
        _load_task_segment(cpu, segment, selector, code_rpl)


def _load_ldt(cpu: Cpu, selector: int) -> None:
    ldt = cpu.state.ldt
    ldt.selector = selector
    if not selector & 0xFFFC:
        ldt.base = ldt.limit = ldt.flags = 0
        return
    if selector & 4:
        raise CpuFault(x86.TS, selector & 0xFFFC)
    low, high, _ = cpu.descriptor(selector, x86.TS)
    if high >> x86.DESC_TYPE_SHIFT & 0x1F != x86.TYPE_LDT or not high & x86.DESC_P:
        raise CpuFault(x86.TS, selector & 0xFFFC)
    ldt.base, ldt.limit = cpu.base_and_limit(low, high)
    ldt.flags = high


def _load_task_segment(cpu: Cpu, segment: int, selector: int, cpl: int) -> None:
    """Load one segment register of the new task with the checks of SDM 3, table 7-1."""
    if not selector & 0xFFFC:
        if segment in (x86.CS, x86.SS):
            raise CpuFault(x86.TS, selector & 0xFFFC)
        cpu.load_segment(segment, selector, 0, 0, 0)
        return
    low, high, _ = cpu.descriptor(selector, x86.TS)
    dpl = high >> x86.DESC_DPL_SHIFT & 3
    is_code = bool(high & x86.DESC_CODE)
    fits = bool(high & x86.DESC_S)
    if segment == x86.CS:
        fits = fits and is_code and (dpl <= cpl if high & x86.DESC_C else dpl == cpl)
    elif segment == x86.SS:
        fits = fits and not is_code and bool(high & x86.DESC_W) and dpl == cpl == selector & 3
    else:
        fits = fits and (not is_code or bool(high & x86.DESC_R))
    if not fits:
        raise CpuFault(x86.TS, selector & 0xFFFC)
    if not high & x86.DESC_P:
        raise CpuFault(x86.SS_FAULT if segment == x86.SS else x86.NP, selector & 0xFFFC)
    base, limit = cpu.base_and_limit(low, high)
    cpu.load_segment(segment, selector, base, limit, high)


def _push_error_code(cpu: Cpu, error_code: int, size: int) -> None:
    state = cpu.state
    stack = state.segs[x86.SS]
    mask = 0xFFFFFFFF if stack.flags & x86.DESC_B else 0xFFFF
    before = int(state.regs[x86.RSP])
    sp = (before - size) & mask
    cpu.mmu.write((stack.base + sp) & 0xFFFFFFFF, size, error_code)
    state.regs[x86.RSP] = before & ~mask & 0xFFFFFFFF | sp
