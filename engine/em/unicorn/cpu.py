"""The virtual CPU's registers on the live state of libunicorn (U1 to U3)."""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING

from unicorn.x86_const import (
    UC_X86_REG_DR0,
    UC_X86_REG_DR1,
    UC_X86_REG_DR2,
    UC_X86_REG_DR3,
    UC_X86_REG_DR6,
    UC_X86_REG_DR7,
    UC_X86_REG_EFLAGS,
    UC_X86_REG_FPCW,
    UC_X86_REG_FPSW,
    UC_X86_REG_FPTAG,
    UC_X86_REG_MXCSR,
)

from engine.em import x86
from engine.em.archstate import MSRS_AT_RESET, SIGNATURE
from engine.em.unicorn.layout import (
    HF2_AT_RESET,
    HF_ADDSEG,
    HF_CPL_MASK,
    HF_CS32,
    HF_CS64,
    HF_LMA,
    HF_SS32,
    CpuState,
)
from engine.em.unicorn.mmu import Mmu
from engine.em.unicorn.taskpriority import Cr8

if TYPE_CHECKING:
    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.layout import Layout, Segment
    from engine.pgm import PhysicalMemory

CC_FLAGS = 0x8D5  # CF, PF, AF, ZF, SF, OF: kept lazily
LONGEST_INSTRUCTION = 15
_PREFIXES = frozenset(b"\xf0\xf2\xf3\x66\x67\x2e\x36\x3e\x26\x64\x65")
CC_OP_EFLAGS = 1  # the condition codes stand in cc_src as they are
DATA_RW = x86.DESC_P | x86.DESC_S | x86.DESC_W | x86.DESC_A
CODE_RX = x86.DESC_P | x86.DESC_S | x86.DESC_CODE | x86.DESC_R | x86.DESC_A
DPL3 = 3 << x86.DESC_DPL_SHIFT
_REGISTERS_AT_RESET = (
    (UC_X86_REG_FPCW, 0x37F),
    (UC_X86_REG_FPSW, 0),
    (UC_X86_REG_FPTAG, 0xFFFF),
    (UC_X86_REG_MXCSR, 0x1F80),
    (UC_X86_REG_DR0, 0),
    (UC_X86_REG_DR1, 0),
    (UC_X86_REG_DR2, 0),
    (UC_X86_REG_DR3, 0),
    (UC_X86_REG_DR6, 0xFFFF0FF0),
    (UC_X86_REG_DR7, 0x400),
)
_DEBUG_REGISTERS = {
    "dr0": UC_X86_REG_DR0,
    "dr1": UC_X86_REG_DR1,
    "dr2": UC_X86_REG_DR2,
    "dr3": UC_X86_REG_DR3,
    "dr6": UC_X86_REG_DR6,
    "dr7": UC_X86_REG_DR7,
}
SETTABLE_REGISTERS = frozenset(
    (*x86.GENERAL_REGISTERS, "rip", "rflags", "cr2", *_DEBUG_REGISTERS)
)
"""Registers that may change alone; translated code and hidden parts depend on the others."""
_MSR_NAMES = {
    "sysenter_cs": x86.MSR_SYSENTER_CS,
    "sysenter_esp": x86.MSR_SYSENTER_ESP,
    "sysenter_eip": x86.MSR_SYSENTER_EIP,
    "star": x86.MSR_STAR,
    "lstar": x86.MSR_LSTAR,
    "cstar": x86.MSR_CSTAR,
    "sf_mask": x86.MSR_FMASK,
    "kernel_gs_base": x86.MSR_KERNEL_GS_BASE,
    "pat": x86.MSR_PAT,
}


class Cpu:
    """Registers, hidden descriptor parts and flags of the virtual CPU.

    Attributes:
        state: the live register state. layout: where everything else is. cr8: the task priority.
        mmu: page walks.
    """

    def __init__(self, uc: Unicorn, layout: Layout, memory: PhysicalMemory) -> None:
        self.uc = uc
        self.layout = layout
        self.state = CpuState.from_address(self.layout.state)
        # One object a segment register: indexing the C array makes a new one each time.
        self.segs = [self.state.segs[i] for i in range(6)]
        self.cr8 = Cr8(layout)
        self.mmu = Mmu(self.state, self.layout, memory)
        self.efer = c.c_uint64.from_address(self.layout.efer)
        self.error_code = c.c_int32.from_address(self.layout.error_code)
        self.exception_is_int = c.c_int32.from_address(self.layout.exception_is_int)
        self.old_exception = c.c_int32.from_address(self.layout.old_exception)
        self.halted = c.c_uint32.from_address(self.layout.halted)
        self._flags = c.c_uint64()
        self._flags_pointer = c.byref(self._flags)

    # ------------------------------------------------------------------ flags and modes

    def eflags(self) -> int:
        """Return EFLAGS with the condition codes (U3)."""
        self.uc.reg_read(self.uc.handle, UC_X86_REG_EFLAGS, self._flags_pointer)
        return self._flags.value & 0xFFFFFFFF

    def set_eflags(self, value: int) -> None:
        """Set EFLAGS as a task switch does, condition codes included."""
        state = self.state
        state.cc_op = CC_OP_EFLAGS
        state.cc_src = value & CC_FLAGS
        state.df = -1 if value & 0x400 else 1
        state.eflags = value & ~(CC_FLAGS | 0x400) & 0xFFFFFFFF | 2
        self._update_derived()

    def opcode(self) -> int:
        """Return the opcode byte of the current instruction behind its prefixes, 1xxh for 0Fh xx.

        Raises:
            CpuFault: the instruction is not in memory (any more).
        """
        rex = range(0x40, 0x50) if self.state.hflags & HF_CS64 else ()
        address = self.linear_ip()
        end = address + LONGEST_INSTRUCTION - 2
        while (byte := self.mmu.read(address, 1)) in _PREFIXES or byte in rex:
            address += 1
            if address == end:
                break
        return 0x100 | self.mmu.read(address + 1, 1) if byte == 0x0F else byte

    @property
    def cpl(self) -> int:
        """Current privilege level."""
        return int(self.state.hflags & HF_CPL_MASK)

    @property
    def long_mode(self) -> bool:
        """Whether IA-32e mode is active (64-bit or compatibility)."""
        return bool(self.state.hflags & HF_LMA)

    def linear_ip(self) -> int:
        """Return the linear address of the next instruction."""
        state = self.state
        if state.hflags & HF_CS64:
            return int(state.eip)
        return int(self.segs[x86.CS].base + state.eip) & 0xFFFFFFFF

    # ------------------------------------------------------------------ segments

    def load_segment(self, index: int, selector: int, base: int, limit: int, flags: int) -> None:
        """Load a segment register with its hidden part and derive what follows from it."""
        state = self.state
        segment = self.segs[index]
        segment.selector, segment.base, segment.limit, segment.flags = selector, base, limit, flags
        if index == x86.CS:
            hflags = state.hflags & ~(HF_CS32 | HF_CS64)
            if hflags & HF_LMA and flags & x86.DESC_L:
                hflags |= HF_CS32 | HF_CS64
            elif flags & x86.DESC_B:
                hflags |= HF_CS32
            state.hflags = hflags
        elif index == x86.SS:
            cpl = flags >> x86.DESC_DPL_SHIFT & 3
            state.hflags = state.hflags & ~HF_CPL_MASK | cpl
        self._update_derived()

    def _update_derived(self) -> None:
        """Recompute SS32 and ADDSEG from the segments, CR0.PE and EFLAGS.VM (U3)."""
        state = self.state
        hflags = state.hflags & ~(HF_SS32 | HF_ADDSEG)
        segs = self.segs
        if hflags & HF_CS64:
            hflags |= HF_SS32
        else:
            if segs[x86.SS].flags & x86.DESC_B:
                hflags |= HF_SS32
            virtual = state.eflags & x86.EFLAGS_VM
            flat = hflags & HF_CS32 and state.cr[0] & x86.CR0_PE and not virtual
            if not flat or segs[x86.DS].base | segs[x86.ES].base | segs[x86.SS].base:
                hflags |= HF_ADDSEG
        state.hflags = hflags

    def load_real_segment(self, index: int, selector: int) -> None:
        """Load a segment register in VM86 mode: base 16 times the selector, 64 KiB, DPL 3."""
        flags = (CODE_RX if index == x86.CS else DATA_RW) | DPL3
        self.load_segment(index, selector, selector << 4, 0xFFFF, flags)

    def descriptor(self, selector: int, vector: int = x86.GP) -> tuple[int, int, int]:
        """Read a descriptor.

        Returns:
            Its two doublewords and its linear address.

        Raises:
            CpuFault: the selector is outside its table (``vector`` with the selector).
        """
        state = self.state
        table = state.ldt if selector & 4 else state.gdt
        offset = selector & ~7
        if offset + 7 > table.limit or (selector & 4 and not state.ldt.selector & 0xFFFC):
            raise CpuFaultSelector(vector, selector)
        address = table.base + offset
        raw = self.mmu.read(address, 8)
        return raw & 0xFFFFFFFF, raw >> 32, address

    @staticmethod
    def base_and_limit(low: int, high: int) -> tuple[int, int]:
        """Return base and byte limit that a descriptor holds (SDM 3, figure 3-8)."""
        limit = low & 0xFFFF | high & 0xF0000
        if high & x86.DESC_G:
            limit = limit << 12 | 0xFFF
        return low >> 16 | (high & 0xFF) << 16 | high & 0xFF000000, limit

    # ------------------------------------------------------------------ reset and dumps

    def reset(self) -> None:
        """Go to the state after RESET (SDM 3, table 9-1)."""
        state, uc = self.state, self.uc
        for i in range(16):
            state.regs[i] = 0
        state.regs[x86.RDX] = SIGNATURE
        for i in range(9):
            state.cr[i] = 0
        state.cr[0] = x86.CR0_ET | x86.CR0_NW | x86.CR0_CD
        self.efer.value = self.cr8.value = 0
        state.hflags = 0
        state.hflags2 = HF2_AT_RESET
        for i in range(6):
            self.load_segment(i, 0, 0, 0xFFFF, DATA_RW)
        self.load_segment(x86.CS, 0xF000, 0xFFFF0000, 0xFFFF, CODE_RX)
        state.gdt.base = state.idt.base = state.ldt.base = state.tr.base = 0
        state.gdt.limit = state.idt.limit = state.ldt.limit = state.tr.limit = 0xFFFF
        state.ldt.selector = state.tr.selector = 0
        state.ldt.flags = x86.DESC_P | x86.TYPE_LDT << x86.DESC_TYPE_SHIFT
        state.tr.flags = x86.DESC_P | x86.TYPE_TSS32_BUSY << x86.DESC_TYPE_SHIFT
        self.set_eflags(2)
        state.eip = 0xFFF0
        for register, value in _REGISTERS_AT_RESET:
            uc.set_register(register, value)
        for number, value in MSRS_AT_RESET.items():
            uc.set_msr(number, value)
        self.old_exception.value = -1

    def registers(self) -> dict[str, int]:
        """Return the registers by their usual names; see :mod:`engine.dbgf.registers`."""
        state, uc = self.state, self.uc
        values = {name: int(state.regs[i]) for i, name in enumerate(x86.GENERAL_REGISTERS)}
        values |= {"rip": int(state.eip), "rflags": self.eflags()}
        for i, name in enumerate(("es", "cs", "ss", "ds", "fs", "gs")):
            values |= self._segment_registers(name, self.segs[i])
        for i in (0, 2, 3, 4):
            values[f"cr{i}"] = int(state.cr[i])
        values["cr8"] = self.cr8.value
        values |= {name: uc.register(number) for name, number in _DEBUG_REGISTERS.items()}
        values |= {
            "gdtr_base": int(state.gdt.base),
            "gdtr_lim": int(state.gdt.limit),
            "idtr_base": int(state.idt.base),
            "idtr_lim": int(state.idt.limit),
            **self._segment_registers("ldtr", state.ldt),
            **self._segment_registers("tr", state.tr),
            "efer": int(self.efer.value),
        }
        values |= {name: uc.msr(number) for name, number in _MSR_NAMES.items()}
        return values

    @staticmethod
    def _segment_registers(name: str, segment: Segment) -> dict[str, int]:
        """Return a segment register with its hidden part."""
        return {
            name: int(segment.selector),
            f"{name}_attr": int(segment.flags) >> 8 & 0xF0FF,
            f"{name}_base": int(segment.base),
            f"{name}_lim": int(segment.limit),
        }

    def set_register(self, name: str, value: int) -> None:
        """Change one of :data:`SETTABLE_REGISTERS`."""
        state = self.state
        if name in x86.GENERAL_REGISTERS:
            state.regs[x86.GENERAL_REGISTERS.index(name)] = value
        elif name == "rip":
            state.eip = value
        elif name == "rflags":
            self.set_eflags(value)
        elif name == "cr2":
            state.cr[2] = value
        else:
            self.uc.set_register(_DEBUG_REGISTERS[name], value)


class CpuFaultSelector(x86.CpuFault):
    """A fault whose error code is a selector."""

    def __init__(self, vector: int, selector: int) -> None:
        super().__init__(vector, selector & 0xFFFC)
