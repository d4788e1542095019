"""The architectural CPU state of :mod:`engine.em.archstate` in the kernel's structures."""

from __future__ import annotations

import ctypes as c
from typing import Any, Final

from engine.em import x86
from engine.em.archstate import MSRS, PARAVIRT_MSRS, CpuState, FpuState, SegmentState, TableState
from engine.em.kvm import api

MSR_TSC: Final = 0x10
TSC_TOLERANCE: Final = 250  # parts in a million, as the kernel's own
CRASH_MSRS: Final = range(0x4000_0100, 0x4000_0105)
# Encoding order ES, CS, SS, DS, FS, GS.
_SEGMENTS: Final = ("es", "cs", "ss", "ds", "fs", "gs")
_BYTES10, _BYTES16 = 10, 16
_XCR0: Final = 0
XCR0_AT_RESET: Final = 1


def get(file: int, kind: type[Any], request: int) -> Any:
    """Return a structure that the kernel fills in."""
    record = kind()
    api.ioctl(file, request, c.byref(record))
    return record


def get_msr(file: int, number: int) -> int | None:
    """Return a model-specific register, or None when the CPU has none of this number."""
    record = api.Msrs(nmsrs=1)
    record.entry.index = number
    if api.ioctl(file, api.GET_MSRS, c.byref(record)) != 1:
        return None
    return int(record.entry.data)


def set_msr(file: int, number: int, value: int) -> bool:
    """Set a model-specific register; tell whether the CPU took it."""
    record = api.Msrs(nmsrs=1)
    record.entry.index = number
    record.entry.data = value
    try:
        return api.ioctl(file, api.SET_MSRS, c.byref(record)) == 1
    except OSError:
        return False


def tsc_khz(file: int) -> int:
    """Return the rate of a CPU's time-stamp counter; 0 where the host's is not constant."""
    try:
        return api.ioctl(file, api.GET_TSC_KHZ)
    except OSError:
        return 0


def match_tsc_rate(file: int, wanted: int) -> bool:
    """Have the time-stamp counter go at the rate in kHz that a guest has measured; 0: not known.

    Rates that differ as little as guests measure them are the same. Returns whether it does: not
    every processor can scale it.
    """
    now = tsc_khz(file)
    if not wanted or not now or abs(wanted - now) * 1_000_000 <= TSC_TOLERANCE * now:
        return True
    try:
        api.ioctl(file, api.SET_TSC_KHZ, wanted)
    except OSError:
        return False
    return True


def get_xcr0(file: int) -> int:
    """Return the register that enables extended states; 0 on a host without XSAVE."""
    try:
        return int(get(file, api.Xcrs, api.GET_XCRS).xcrs[_XCR0].value)
    except OSError:
        return 0


def _set_xcr0(file: int, value: int) -> None:
    if get_xcr0(file) not in (0, value):
        record = api.Xcrs(nr_xcrs=1)
        record.xcrs[_XCR0].value = value
        api.ioctl(file, api.SET_XCRS, c.byref(record))


def capture(file: int) -> CpuState:
    """Return the state of a virtual CPU that does not run."""
    regs = get(file, api.Regs, api.GET_REGS)
    sregs = get(file, api.Sregs, api.GET_SREGS)
    debug = get(file, api.DebugRegs, api.GET_DEBUGREGS)
    events = get(file, api.VcpuEvents, api.GET_VCPU_EVENTS)
    gpr = [0] * 16
    for place, number in enumerate(api.GPR_ORDER):
        gpr[number] = regs.gpr[place]
    msrs = {number: get_msr(file, number) for number in MSRS}
    # Those that are 0 are not in use.
    msrs |= {number: get_msr(file, number) or None for number in PARAVIRT_MSRS}
    return CpuState(
        gpr=gpr,
        rip=regs.rip,
        rflags=regs.rflags,
        segments=[segment_from(getattr(sregs, name)) for name in _SEGMENTS],
        ldt=segment_from(sregs.ldt),
        tr=segment_from(sregs.tr),
        gdt=TableState(base=sregs.gdt.base, limit=sregs.gdt.limit),
        idt=TableState(base=sregs.idt.base, limit=sregs.idt.limit),
        cr0=sregs.cr0,
        cr2=sregs.cr2,
        cr3=sregs.cr3,
        cr4=sregs.cr4,
        cr8=sregs.cr8,
        efer=sregs.efer,
        xcr0=get_xcr0(file) or XCR0_AT_RESET,
        dr=[*debug.db, debug.dr6, debug.dr7],
        tsc=get_msr(file, MSR_TSC) or 0,
        tsc_khz=tsc_khz(file),
        msrs={number: value for number, value in msrs.items() if value is not None},
        fpu=_capture_fpu(get(file, api.Xsave, api.GET_XSAVE)),
        interrupt_shadow=bool(events.interrupt_shadow),
        nmi_blocked=bool(events.nmi_masked),
        nmi_pending=bool(events.nmi_pending),
        accepted=events.interrupt_nr if _is_external(events) else -1,
    )


def apply(file: int, saved: CpuState) -> None:
    """Put a state into a virtual CPU that does not run."""
    sregs = get(file, api.Sregs, api.GET_SREGS)
    for name, segment in zip(_SEGMENTS, saved.segments, strict=True):
        setattr(sregs, name, segment_to(segment))
    sregs.ldt, sregs.tr = segment_to(saved.ldt), segment_to(saved.tr)
    sregs.gdt.base, sregs.gdt.limit = saved.gdt.base, saved.gdt.limit
    sregs.idt.base, sregs.idt.limit = saved.idt.base, saved.idt.limit
    for name in ("cr0", "cr2", "cr3", "cr4", "cr8", "efer"):
        setattr(sregs, name, getattr(saved, name))
    sregs.interrupt_bitmap[:] = [0, 0, 0, 0]
    api.ioctl(file, api.SET_SREGS, c.byref(sregs))
    regs = api.Regs(rip=saved.rip, rflags=saved.rflags | 2)
    for place, number in enumerate(api.GPR_ORDER):
        regs.gpr[place] = saved.gpr[number]
    api.ioctl(file, api.SET_REGS, c.byref(regs))
    debug = api.DebugRegs(dr6=saved.dr[4], dr7=saved.dr[5])
    debug.db[:] = saved.dr[:4]
    api.ioctl(file, api.SET_DEBUGREGS, c.byref(debug))
    for number, value in saved.msrs.items():
        # An engine without a local APIC reads 0 (U14); here that would switch it off.
        if number in MSRS and (value or number != x86.MSR_APIC_BASE):
            set_msr(file, number, value)
    for number in PARAVIRT_MSRS:
        set_msr(file, number, saved.msrs.get(number, 0))
    _set_xcr0(file, saved.xcr0)
    _apply_fpu(file, saved.fpu)
    events = get(file, api.VcpuEvents, api.GET_VCPU_EVENTS)
    clean = api.VcpuEvents(
        flags=events.flags & ~0xF,
        interrupt_shadow=int(saved.interrupt_shadow),
        nmi_masked=int(saved.nmi_blocked),
        interrupt_injected=int(saved.accepted >= 0),
        interrupt_nr=max(0, saved.accepted),
    )
    clean.flags |= 0x4  # KVM_VCPUEVENT_VALID_SHADOW
    api.ioctl(file, api.SET_VCPU_EVENTS, c.byref(clean))
    set_msr(file, MSR_TSC, saved.tsc)


def _is_external(events: api.VcpuEvents) -> bool:
    """Tell whether an interrupt that did not come from an instruction is being delivered."""
    return bool(events.interrupt_injected and not events.interrupt_soft)


def segment_from(segment: api.Segment) -> SegmentState:
    """Return a segment with its attributes as a descriptor has them (SDM 3, figure 3-8)."""
    flags = 0
    if not segment.unusable:
        flags = (
            segment.type << x86.DESC_TYPE_SHIFT
            | (x86.DESC_S if segment.s else 0)
            | segment.dpl << x86.DESC_DPL_SHIFT
            | (x86.DESC_P if segment.present else 0)
            | segment.avl << 20
            | (x86.DESC_L if segment.l else 0)
            | (x86.DESC_B if segment.db else 0)
            | (x86.DESC_G if segment.g else 0)
        )
    return SegmentState(
        selector=segment.selector, base=segment.base, limit=segment.limit, flags=flags
    )


def segment_to(segment: SegmentState) -> api.Segment:
    """Return a segment as the kernel wants it."""
    flags = segment.flags
    return api.Segment(
        base=segment.base,
        limit=segment.limit,
        selector=segment.selector,
        type=flags >> x86.DESC_TYPE_SHIFT & 0xF,
        present=int(bool(flags & x86.DESC_P)),
        dpl=flags >> x86.DESC_DPL_SHIFT & 3,
        db=int(bool(flags & x86.DESC_B)),
        s=int(bool(flags & x86.DESC_S)),
        l=int(bool(flags & x86.DESC_L)),
        g=int(bool(flags & x86.DESC_G)),
        avl=flags >> 20 & 1,
        unusable=int(not flags & x86.DESC_P),
    )


def _capture_fpu(area: api.Xsave) -> FpuState:
    # The abridged tags stand for physical registers, the contents are in the order of the stack.
    return FpuState(
        fcw=area.fcw,
        fsw=area.fsw,
        ftw=area.ftw,
        fop=area.fop,
        fip=area.fip,
        fdp=area.fdp,
        mxcsr=area.mxcsr,
        st=[bytes(area.st[n])[:_BYTES10] for n in range(8)],
        xmm=[bytes(area.xmm[n]) for n in range(16)],
        ymm_high=[bytes(value) for value in area.ymm_high]
        if area.xstate_bv & api.XSTATE_AVX
        else [],
    )


def _apply_fpu(file: int, saved: FpuState) -> None:
    area = get(file, api.Xsave, api.GET_XSAVE)
    for name in ("fcw", "fsw", "ftw", "fop", "fip", "fdp", "mxcsr"):
        setattr(area, name, getattr(saved, name))
    for n, value in enumerate(saved.st):
        c.memmove(area.st[n], value, _BYTES10)
    for n, value in enumerate(saved.xmm):
        c.memmove(area.xmm[n], value, _BYTES16)
    for n, value in enumerate(saved.ymm_high):
        c.memmove(area.ymm_high[n], value, _BYTES16)
    area.xstate_bv |= api.XSTATE_X87_SSE
    # Without its bit a part gets its initial contents, which are zeros.
    area.xstate_bv &= ~api.XSTATE_AVX
    area.xstate_bv |= api.XSTATE_AVX if saved.ymm_high else 0
    api.ioctl(file, api.SET_XSAVE, c.byref(area))
