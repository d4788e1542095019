"""SYSCALL and SYSENTER, which libunicorn leaves to its host (U10).

Reference: SDM 2, SYSCALL and SYSENTER; AMD64 APM 2, 6.1. The library's helper adds the length of
the instruction (2) to RIP after the hook, so targets are set 2 bytes short.
"""

from __future__ import annotations

import ctypes as c
from typing import TYPE_CHECKING

from unicorn.unicorn_const import UC_HOOK_INSN
from unicorn.x86_const import UC_X86_INS_SYSCALL, UC_X86_INS_SYSENTER

from engine.em import x86
from engine.em.unicorn.binding import SYSCALL_CB
from engine.em.unicorn.layout import HF_CS64
from engine.trpm import Trap

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.em.unicorn.binding import Unicorn
    from engine.em.unicorn.cpu import Cpu
    from engine.stam import Statistics

LENGTH = 2  # bytes of both instructions
MASK64 = 0xFFFF_FFFF_FFFF_FFFF
FLAT = 0xFFFF_FFFF
_CODE = x86.DESC_G | x86.DESC_P | x86.DESC_S | x86.DESC_CODE | x86.DESC_R | x86.DESC_A
_CODE64, _CODE32 = _CODE | x86.DESC_L, _CODE | x86.DESC_B
_DATA32 = x86.DESC_G | x86.DESC_B | x86.DESC_P | x86.DESC_S | x86.DESC_W | x86.DESC_A
_CC_AND_DF = 0xCD5  # CF PF AF ZF SF DF OF


class SystemCalls:
    """Performs the transitions.

    Args:
        raise_trap: delivers an exception (TRPM); used for #UD and #GP.
        failed: called inside an exception handler.
    """

    def __init__(
        self,
        uc: Unicorn,
        cpu: Cpu,
        statistics: Statistics,
        raise_trap: Callable[[Trap], None],
        failed: Callable[[], None],
    ) -> None:
        layout = cpu.layout
        self._cpu = cpu
        self._raise_trap = raise_trap
        self._failed = failed
        self._star = c.c_uint64.from_address(layout.star)
        self._lstar = c.c_uint64.from_address(layout.lstar)
        self._cstar = c.c_uint64.from_address(layout.cstar)
        self._fmask = c.c_uint64.from_address(layout.fmask)
        self._sysenter_cs = c.c_uint32.from_address(layout.sysenter_cs)
        self._sysenter_esp = c.c_uint64.from_address(layout.sysenter_esp)
        self._sysenter_eip = c.c_uint64.from_address(layout.sysenter_eip)
        self._count = statistics.counter("/TRPM/SystemCalls")
        uc.add_hook(UC_HOOK_INSN, SYSCALL_CB(self._on_syscall), UC_X86_INS_SYSCALL)
        uc.add_hook(UC_HOOK_INSN, SYSCALL_CB(self._on_sysenter), UC_X86_INS_SYSENTER)

    def _on_syscall(self, _uc: int, _data: int) -> None:
        try:
            self._count.value += 1
            self._syscall()
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()

    def _on_sysenter(self, _uc: int, _data: int) -> None:
        try:
            self._count.value += 1
            self._sysenter()
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()

    def _fault(self, trap: Trap) -> None:
        """Raise an exception at this instruction instead of executing it."""
        self._raise_trap(trap)
        self._cpu.state.eip = (self._cpu.state.eip - LENGTH) & MASK64

    def _syscall(self) -> None:
        cpu = self._cpu
        state = cpu.state
        if not cpu.efer.value & x86.EFER_SCE:
            self._fault(Trap(x86.UD))
            return
        flags = cpu.eflags()
        star = self._star.value
        selector = star >> 32 & 0xFFFF
        if not cpu.long_mode:
            # Legacy mode: EIP from STAR, IF and VM cleared (APM 2, 6.1.1).
            state.regs[x86.RCX] = state.eip + LENGTH & FLAT
            state.eflags &= ~(x86.EFLAGS_IF | x86.EFLAGS_VM | x86.EFLAGS_RF)
            self._enter_kernel(selector & 0xFFFC, _CODE32)
            state.eip = (star & FLAT) - LENGTH & MASK64
            return
        state.regs[x86.RCX] = state.eip + LENGTH & MASK64
        state.regs[x86.R11] = flags & ~x86.EFLAGS_RF
        is_64bit = state.hflags & HF_CS64
        cleared = self._fmask.value
        if cleared & _CC_AND_DF & flags:
            cpu.set_eflags(flags & ~cleared & ~x86.EFLAGS_RF)
        else:
            state.eflags &= ~(cleared | x86.EFLAGS_RF)
        self._enter_kernel(selector & 0xFFFC, _CODE64)
        target = self._lstar.value if is_64bit else self._cstar.value
        state.eip = target - LENGTH & MASK64

    def _enter_kernel(self, selector: int, code_flags: int) -> None:
        """Load flat CS and SS of privilege 0 from a pair of selectors."""
        cpu = self._cpu
        cpu.load_segment(x86.CS, selector, 0, FLAT, code_flags)
        cpu.load_segment(x86.SS, selector + 8, 0, FLAT, _DATA32)

    def _sysenter(self) -> None:
        cpu = self._cpu
        state = cpu.state
        selector = self._sysenter_cs.value
        if not selector & 0xFFFC or not state.cr[0] & x86.CR0_PE:
            self._fault(Trap(x86.GP, 0))
            return
        state.eflags &= ~(x86.EFLAGS_VM | x86.EFLAGS_IF | x86.EFLAGS_RF)
        long_mode = cpu.long_mode
        self._enter_kernel(selector & 0xFFFC, _CODE64 if long_mode else _CODE32)
        mask = MASK64 if long_mode else FLAT
        state.regs[x86.RSP] = self._sysenter_esp.value & mask
        state.eip = (self._sysenter_eip.value & mask) - LENGTH & MASK64
