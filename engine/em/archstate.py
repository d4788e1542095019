"""The architectural state of a virtual CPU: one record for every execution engine.

Saved states hold it, so that a machine saved under one engine resumes under another; its fields are
therefore what the processor manuals define, and nothing of an engine's own. Reference: SDM 3,
chapters 2 and 9; FXSAVE image: SDM 1, 10.5.1.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from engine.em import x86

VERSION: Final = 1
APIC_SIZE: Final = 0x400
FEATURE_WORDS: Final = 7

U8 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 8)]
U16 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 16)]
U32 = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
U64 = Annotated[int, msgspec.Meta(ge=0)]  # MessagePack holds no larger ones

MSRS: Final = (
    x86.MSR_SYSENTER_CS, x86.MSR_SYSENTER_ESP, x86.MSR_SYSENTER_EIP,
    x86.MSR_STAR, x86.MSR_LSTAR, x86.MSR_CSTAR, x86.MSR_FMASK,
    x86.MSR_KERNEL_GS_BASE, x86.MSR_TSC_AUX, x86.MSR_PAT,
    x86.MSR_MTRR_DEF_TYPE, *x86.MSRS_MTRR_FIXED, *x86.MSRS_MTRR_VARIABLE,
    x86.MSR_APIC_BASE, x86.MSR_MISC_ENABLE, x86.MSR_MCG_STATUS, x86.MSR_MCG_CTL,
    *x86.MSRS_MCA_BANKS,
)  # fmt: skip
"""Model-specific registers that are saved; EFER and the time-stamp counter have fields."""

ALL_ONES: Final = (1 << 64) - 1
MSRS_AT_RESET: Final[dict[int, int]] = {
    **{number: 0 for number in MSRS if number != x86.MSR_APIC_BASE},
    x86.MSR_PAT: 0x0007_0406_0007_0406,
    x86.MSR_MISC_ENABLE: 1,  # fast string operations
    x86.MSR_MCG_CTL: ALL_ONES,
    **dict.fromkeys(x86.MSRS_MCA_BANKS[::4], ALL_ONES),
}
"""What RESET leaves in them (SDM 3, table 9-1 and 15.3). The base of the local APIC is not among
them: the APIC has it."""

PARAVIRT_MSRS: Final = (
    # KVM: clock and wall clock (old, new), end of interrupt. Hyper-V: guest OS, hypercall page,
    # reference TSC page, virtual APIC assist, crash registers.
    0x11, 0x12, 0x4B564D00, 0x4B564D01, 0x4B564D04,
    0x4000_0000, 0x4000_0001, 0x4000_0021, 0x4000_0073, *range(0x4000_0100, 0x4000_0106),
)  # fmt: skip
"""Registers of paravirtualization interfaces; an engine without them passes them on as they are."""


class SegmentState(msgspec.Struct, kw_only=True):
    """A segment register with its hidden part.

    Attributes:
        flags: as in the second doubleword of a descriptor (SDM 3, figure 3-8).
    """

    selector: U16 = 0
    base: U64 = 0
    limit: U32 = 0
    flags: U32 = 0


class TableState(msgspec.Struct, kw_only=True):
    """GDTR or IDTR."""

    base: U64 = 0
    limit: U32 = 0


class FpuState(msgspec.Struct, kw_only=True):
    """x87, SSE and AVX registers.

    Attributes:
        fcw, fsw: control and status word.
        ftw: abridged tag word, bit n set when *physical* register n is in use.
        fop, fip, fdp: last instruction.
        st: ST(0) to ST(7), 10 bytes each.
        xmm: XMM0 to XMM15, 16 bytes each.
        ymm_high: upper halves of YMM0 to YMM15, 16 bytes each; empty: zeros.
    """

    fcw: U16 = 0x37F
    fsw: U16 = 0
    ftw: U8 = 0
    fop: U16 = 0
    fip: U64 = 0
    fdp: U64 = 0
    mxcsr: U32 = 0x1F80
    st: list[bytes] = []
    xmm: list[bytes] = []
    ymm_high: list[bytes] = []


class CpuState(msgspec.Struct, kw_only=True):
    """One CPU.

    Attributes:
        gpr: in encoding order, RAX to R15.
        segments: in encoding order, ES to GS.
        cr0, cr2, cr3, cr4, cr8, efer, xcr0: control registers.
        dr: DR0 to DR3, DR6, DR7.
        tsc: the time-stamp counter. tsc_khz: its rate; 0: the engine does not know.
        msrs: value by number, of those in :data:`MSRS` and :data:`PARAVIRT_MSRS` that the CPU has,
            and the TSC deadline while the local APIC's timer waits for one.
        paravirt_clock: what the clock of KVM's interface shows, in ns; 0 when there is none.
        halted: HLT waits for an interrupt.
        waits_for_sipi: a CPU besides the first that has not been started.
        apic: registers of the local APIC as they lie in memory (SDM 3, table 11-1), of CPUs
            besides the first, whose APIC is a device.
        interrupt_shadow: interrupts are held off for one instruction by STI or MOV SS.
        nmi_blocked: an NMI handler runs. nmi_pending: an NMI waits.
        accepted: vector of an external interrupt that its controller has handed out and that is
            about to be delivered; -1: none.
        features: what CPUID has told the guest, in the order of
            :class:`engine.cpum.features.FeatureWords`; empty in older states.
    """

    gpr: list[U64]
    rip: U64
    rflags: U64
    segments: list[SegmentState]
    ldt: SegmentState
    tr: SegmentState
    gdt: TableState
    idt: TableState
    cr0: U64
    cr2: U64
    cr3: U64
    cr4: U64
    cr8: U64 = 0
    efer: U64 = 0
    xcr0: U64 = 1
    dr: list[U64] = msgspec.field(default_factory=lambda: [0, 0, 0, 0, 0xFFFF0FF0, 0x400])
    tsc: U64 = 0
    tsc_khz: U32 = 0
    msrs: dict[int, U64] = {}
    paravirt_clock: U64 = 0
    fpu: FpuState = msgspec.field(default_factory=FpuState)
    halted: bool = False
    waits_for_sipi: bool = False
    apic: bytes = b""
    interrupt_shadow: bool = False
    nmi_blocked: bool = False
    nmi_pending: bool = False
    accepted: Annotated[int, msgspec.Meta(ge=-1, lt=256)] = -1
    features: list[U32] = []

    def check(self) -> None:
        """Check what the types do not say.

        Raises:
            ValueError: tells which field is wrong.
        """
        if len(self.features) not in (0, FEATURE_WORDS):
            raise ValueError(f"{len(self.features)} of features, not {FEATURE_WORDS}")
        for name, wanted in (("gpr", 16), ("segments", 6), ("dr", 6)):
            found = len(getattr(self, name))
            if found != wanted:
                raise ValueError(f"{found} of {name}, not {wanted}")
        for name, count, size in (("st", 8, 10), ("xmm", 16, 16), ("ymm_high", 16, 16)):
            registers = getattr(self.fpu, name)
            if registers and [len(value) for value in registers] != [size] * count:
                raise ValueError(f"{name} is not {count} registers of {size} bytes")
        if len(self.apic) not in (0, APIC_SIZE):
            raise ValueError(f"the local APIC has {len(self.apic)} bytes, not {APIC_SIZE}")


GPR_NAMES: Final = (
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", *(f"r{n}" for n in range(8, 16)),
)  # fmt: skip
SEGMENT_NAMES: Final = ("es", "cs", "ss", "ds", "fs", "gs")
_DATA = x86.DESC_P | x86.DESC_S | x86.DESC_W | x86.DESC_A
_CODE = x86.DESC_P | x86.DESC_S | x86.DESC_CODE | x86.DESC_R | x86.DESC_A
SIGNATURE: Final = 0x663  # in EDX after reset (SDM 3, 9.1.1): family 6, model 6, stepping 3


def reset_state() -> CpuState:
    """Return the state after RESET (SDM 3, table 9-1)."""
    gpr = [0] * 16
    gpr[x86.RDX] = SIGNATURE
    segments = [SegmentState(limit=0xFFFF, flags=_DATA) for _ in SEGMENT_NAMES]
    segments[x86.CS] = SegmentState(selector=0xF000, base=0xFFFF0000, limit=0xFFFF, flags=_CODE)
    return CpuState(
        gpr=gpr,
        rip=0xFFF0,
        rflags=2,
        segments=segments,
        ldt=SegmentState(limit=0xFFFF, flags=x86.DESC_P | x86.TYPE_LDT << x86.DESC_TYPE_SHIFT),
        tr=SegmentState(
            limit=0xFFFF, flags=x86.DESC_P | x86.TYPE_TSS32_BUSY << x86.DESC_TYPE_SHIFT
        ),
        gdt=TableState(limit=0xFFFF),
        idt=TableState(limit=0xFFFF),
        cr0=x86.CR0_ET | x86.CR0_NW | x86.CR0_CD,
        cr2=0,
        cr3=0,
        cr4=0,
        msrs=dict(MSRS_AT_RESET),
    )


def visible_registers(state: CpuState) -> dict[str, int]:
    """Return the registers by their usual names, for the debugger and dumps."""
    values = dict(zip(GPR_NAMES, state.gpr, strict=True))
    values |= {"rip": state.rip, "rflags": state.rflags}
    for name, segment in zip(SEGMENT_NAMES, state.segments, strict=True):
        values[name] = segment.selector
        values[f"{name}_base"] = segment.base
    return values | {
        "cr0": state.cr0,
        "cr2": state.cr2,
        "cr3": state.cr3,
        "cr4": state.cr4,
        "efer": state.efer,
        "gdtr_base": state.gdt.base,
        "gdtr_limit": state.gdt.limit,
        "idtr_base": state.idt.base,
        "idtr_limit": state.idt.limit,
        "tr": state.tr.selector,
        "ldtr": state.ldt.selector,
    }


def set_register(state: CpuState, name: str, value: int) -> None:
    """Change a general register, RIP or RFLAGS by its name.

    Raises:
        KeyError: there is no such register here.
    """
    if name in GPR_NAMES:
        state.gpr[GPR_NAMES.index(name)] = value
    elif name in ("rip", "rflags"):
        setattr(state, name, value)
    else:
        raise KeyError(name)
