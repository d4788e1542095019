"""TRPM: delivery of exceptions and interrupts, by the book.

Execution engines without hardware virtualization bring traps here; TRPM walks IVT, IDT and TSS
and leaves the CPU at the first instruction of the handler. Reference: SDM 3, chapter 6 (6.12
protected mode, 6.14 64-bit mode, 6.15 double fault), 7.3 (task switching), 20 (real and VM86).

Deviation: limits of stack segments are not checked when frames are pushed (the translator that
runs the guest does not check limits either).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.em import x86
from engine.em.taskswitch import switch_task
from engine.em.x86 import CpuFault, TripleFault

if TYPE_CHECKING:
    from engine.em.unicorn.cpu import Cpu
    from engine.em.unicorn.layout import Segment

# EFLAGS that delivery clears in the handler; IF too for interrupt gates.
_CLEARED = x86.EFLAGS_TF | x86.EFLAGS_VM | x86.EFLAGS_RF | x86.EFLAGS_NT
_FRAME64 = struct.Struct("<5Q")  # from the top of the stack: RIP, CS, RFLAGS, RSP, SS
EXT = 1  # error code bit: the event came from outside the program
IDT_BIT = 2  # error code bit: the index refers to the IDT
# Traps and interrupts push EFLAGS as they are; everything else is a fault and sets RF. #DB can be
# both, and never sets it (SDM 3, 17.3.1.1).
_NOT_FAULTS = frozenset({x86.DB, x86.NMI, x86.BP, x86.OF, x86.MC})


@dataclass(slots=True)
class Trap:
    """What is to be delivered.

    Attributes:
        vector: 0..255.
        error_code: pushed when not None.
        software: INT n, INT3, INTO: gate privilege is checked.
        external: an interrupt from a device or NMI.
    """

    vector: int
    error_code: int | None = None
    software: bool = False
    external: bool = False

    @property
    def ext(self) -> int:
        """The EXT bit for error codes of faults during this delivery."""
        return 0 if self.software else EXT

    @property
    def sets_rf(self) -> bool:
        """Whether the pushed EFLAGS has RF set, so that the instruction can be restarted."""
        return not (self.software or self.external or self.vector in _NOT_FAULTS)


class TrapManager:
    """Delivers traps on one virtual CPU.

    Attributes:
        counts: deliveries by (vector, software).
    """

    def __init__(self, cpu: Cpu) -> None:
        self._cpu = cpu
        self.counts: dict[tuple[int, bool], int] = {}

    def raise_trap(self, trap: Trap) -> None:
        """Deliver a trap, and what its delivery raises in turn.

        Raises:
            TripleFault: even the double fault could not be delivered.
        """
        counts = self.counts
        key = (trap.vector, trap.software)
        counts[key] = counts.get(key, 0) + 1
        while True:
            try:
                self._deliver(trap)
                return
            except CpuFault as fault:
                if fault.cr2 is not None:
                    self._cpu.state.cr[2] = fault.cr2
                if trap.software and not fault.in_new_task:
                    self._back_to_instruction(trap.vector)
                trap = self._escalate(trap, fault)

    def _back_to_instruction(self, vector: int) -> None:
        """Point EIP at the INT n, INT3 or INTO whose delivery has failed: it is what faults."""
        cpu = self._cpu
        before = cpu.linear_ip() - 1
        one_byte = {x86.BP: 0xCC, x86.OF: 0xCE}.get(vector)
        length = 1 if one_byte is not None and cpu.mmu.read(before, 1) == one_byte else 2
        cpu.state.eip = cpu.state.eip - length & 0xFFFF_FFFF_FFFF_FFFF

    @staticmethod
    def _escalate(first: Trap, second: CpuFault) -> Trap:
        """Combine two exceptions (SDM 3, table 6-5)."""
        if first.software or first.external:
            return Trap(second.vector, second.error_code)
        if first.vector == x86.DF:
            raise TripleFault
        contributory = second.vector in x86.CONTRIBUTORY
        if (first.vector in x86.CONTRIBUTORY and contributory) or (
            first.vector == x86.PF and (contributory or second.vector == x86.PF)
        ):
            return Trap(x86.DF, 0)
        return Trap(second.vector, second.error_code)

    def _deliver(self, trap: Trap) -> None:
        cpu = self._cpu
        if not cpu.state.cr[0] & x86.CR0_PE:
            self._deliver_real(trap)
        elif cpu.long_mode:
            self._deliver_long(trap)
        else:
            self._deliver_protected(trap)
        cpu.old_exception.value = -1  # W3: otherwise the next fault becomes #DF

    def _pushed_flags(self, trap: Trap) -> int:
        flags = self._cpu.eflags()
        return flags | x86.EFLAGS_RF if trap.sets_rf else flags

    # ------------------------------------------------------------------ real mode

    def _deliver_real(self, trap: Trap) -> None:
        cpu = self._cpu
        state, mmu = cpu.state, cpu.mmu
        if trap.vector * 4 + 3 > state.idt.limit:
            raise CpuFault(x86.GP)
        entry = mmu.read(state.idt.base + trap.vector * 4, 4)
        stack = cpu.segs[x86.SS]
        mask = 0xFFFFFFFF if stack.flags & x86.DESC_B else 0xFFFF
        sp = int(state.regs[x86.RSP])
        for value in (self._pushed_flags(trap), cpu.segs[x86.CS].selector, int(state.eip)):
            sp = sp & ~mask | (sp - 2) & mask
            mmu.write(stack.base + (sp & mask), 2, value)
        state.regs[x86.RSP] = sp
        selector = entry >> 16
        code = cpu.segs[x86.CS]
        code.selector, code.base = selector, selector << 4
        state.eip = entry & 0xFFFF
        state.eflags &= ~(x86.EFLAGS_IF | x86.EFLAGS_TF | x86.EFLAGS_AC | x86.EFLAGS_RF)

    # ------------------------------------------------------------------ protected mode

    def _gate(self, trap: Trap, size: int) -> tuple[int, int, int, int]:
        """Read a gate and check what does not depend on its target.

        Returns:
            Its first two doublewords, what is behind them (64-bit mode) and its type.
        """
        cpu = self._cpu
        idt = cpu.state.idt
        index = trap.vector * 8 + IDT_BIT
        if trap.vector * size + size - 1 > idt.limit:
            raise CpuFault(x86.GP, index + trap.ext)
        raw = cpu.mmu.read(idt.base + trap.vector * size, size)
        low, high = raw & 0xFFFFFFFF, raw >> 32 & 0xFFFFFFFF
        kind = high >> x86.DESC_TYPE_SHIFT & 0x1F
        legal = (
            (x86.TYPE_INT32, x86.TYPE_TRAP32)
            if size == 16
            else (x86.TYPE_TASK_GATE, x86.TYPE_INT16, x86.TYPE_TRAP16, x86.TYPE_INT32,
                  x86.TYPE_TRAP32)
        )  # fmt: skip
        if kind not in legal:
            raise CpuFault(x86.GP, index + trap.ext)
        if trap.software and (high >> x86.DESC_DPL_SHIFT & 3) < cpu.cpl:
            raise CpuFault(x86.GP, index)
        if not high & x86.DESC_P:
            raise CpuFault(x86.NP, index + trap.ext)
        return low, high, raw >> 64, kind

    def _handler_code(self, selector: int, trap: Trap) -> tuple[int, int]:
        """Read and check the descriptor of the handler's code segment."""
        if not selector & 0xFFFC:
            raise CpuFault(x86.GP, trap.ext)
        low, high, _ = self._cpu.descriptor(selector)
        error = (selector & 0xFFFC) + trap.ext
        code = high & x86.DESC_S and high & x86.DESC_CODE
        if not code or (high >> x86.DESC_DPL_SHIFT & 3) > self._cpu.cpl:
            raise CpuFault(x86.GP, error)
        if not high & x86.DESC_P:
            raise CpuFault(x86.NP, error)
        return low, high

    def _deliver_protected(self, trap: Trap) -> None:
        cpu = self._cpu
        state = cpu.state
        low, high, _, kind = self._gate(trap, 8)
        if kind == x86.TYPE_TASK_GATE:
            switch_task(cpu, low >> 16, trap.error_code, resume_flag=trap.sets_rf)
            return
        selector = low >> 16
        code_low, code_high = self._handler_code(selector, trap)
        size = 4 if kind & 8 else 2
        flags = self._pushed_flags(trap)
        virtual = flags & x86.EFLAGS_VM
        cpl = cpu.cpl
        dpl = code_high >> x86.DESC_DPL_SHIFT & 3
        inner = not code_high & x86.DESC_C and dpl < cpl
        if virtual and (not inner or dpl != 0):
            raise CpuFault(x86.GP, (selector & 0xFFFC) + trap.ext)
        frame = [flags, int(cpu.segs[x86.CS].selector), int(state.eip)]
        if trap.error_code is not None:
            frame.append(trap.error_code)
        if inner:
            outer = [int(cpu.segs[x86.SS].selector), int(state.regs[x86.RSP]) & 0xFFFFFFFF]
            if virtual:
                outer = [int(cpu.segs[i].selector) for i in (x86.GS, x86.FS, x86.DS, x86.ES)] + (
                    outer
                )
            stack = self._inner_stack(dpl, trap)
            sp = self._push(stack, stack.pointer, size, outer + frame)
            state.eflags &= ~x86.EFLAGS_VM
            if virtual:
                for i in (x86.ES, x86.DS, x86.FS, x86.GS):
                    cpu.load_segment(i, 0, 0, 0, 0)
            cpu.load_segment(
                x86.SS, stack.selector & ~3 | dpl, stack.base, stack.limit, stack.flags
            )
            state.regs[x86.RSP] = sp
            new_cpl = dpl
        else:
            segment = cpu.segs[x86.SS]
            before = int(state.regs[x86.RSP])
            sp = self._push(segment, before & 0xFFFFFFFF, size, frame, user=cpl == 3)
            mask = 0xFFFFFFFF if segment.flags & x86.DESC_B else 0xFFFF
            state.regs[x86.RSP] = before & 0xFFFFFFFF & ~mask | sp & mask
            new_cpl = cpl
        base, limit = cpu.base_and_limit(code_low, code_high)
        cpu.load_segment(x86.CS, selector & ~3 | new_cpl, base, limit, code_high)
        offset = high & 0xFFFF0000 | low & 0xFFFF
        state.eip = offset if size == 4 else offset & 0xFFFF
        self._enter_handler(kind)

    def _enter_handler(self, kind: int) -> None:
        """Clear the flags that a handler starts without; an even type is an interrupt gate."""
        cleared = _CLEARED if kind & 1 else _CLEARED | x86.EFLAGS_IF
        self._cpu.state.eflags &= ~cleared

    def _push(
        self, stack: Segment | _Stack, sp: int, size: int, values: list[int], *, user: bool = False
    ) -> int:
        """Push values of ``size`` bytes with the handler's rights; return the stack pointer."""
        mmu, base = self._cpu.mmu, stack.base
        mask = 0xFFFFFFFF if stack.flags & x86.DESC_B else 0xFFFF
        total = size * len(values)
        if sp & mask >= total:  # the stack does not wrap: one write
            limit = (1 << 8 * size) - 1
            frame = b"".join((v & limit).to_bytes(size, "little") for v in reversed(values))
            try:
                mmu.write_bytes((base + (sp - total & mask)) & 0xFFFFFFFF, frame, user=user)
            except CpuFault:
                pass  # the first push that fails below tells the right address
            else:
                return sp - total
        for value in values:
            sp = sp & ~mask | (sp - size) & mask
            mmu.write((base + (sp & mask)) & 0xFFFFFFFF, size, value, user=user)
        return sp

    def _inner_stack(self, dpl: int, trap: Trap) -> _Stack:
        """Find and check the stack for a more privileged level in the TSS (SDM 3, 6.12.1)."""
        cpu = self._cpu
        tr = cpu.state.tr
        wide = tr.flags >> x86.DESC_TYPE_SHIFT & 8
        size, offset = (4, 4 + 8 * dpl) if wide else (2, 2 + 4 * dpl)
        if offset + 2 * size - 1 > tr.limit:
            raise CpuFault(x86.TS, (tr.selector & 0xFFFC) + trap.ext)
        pointer = cpu.mmu.read(tr.base + offset, size)
        selector = cpu.mmu.read(tr.base + offset + size, 2)
        error = (selector & 0xFFFC) + trap.ext
        if not selector & 0xFFFC:
            raise CpuFault(x86.TS, error)
        low, high, _ = cpu.descriptor(selector, x86.TS)
        writable_data = high & x86.DESC_S and not high & x86.DESC_CODE and high & x86.DESC_W
        if selector & 3 != dpl or high >> x86.DESC_DPL_SHIFT & 3 != dpl or not writable_data:
            raise CpuFault(x86.TS, error)
        if not high & x86.DESC_P:
            raise CpuFault(x86.SS_FAULT, error)
        base, limit = cpu.base_and_limit(low, high)
        return _Stack(selector, pointer, base, limit, high)

    # ------------------------------------------------------------------ 64-bit mode

    def _deliver_long(self, trap: Trap) -> None:
        cpu = self._cpu
        state, mmu = cpu.state, cpu.mmu
        low, high, behind, kind = self._gate(trap, 16)
        selector = low >> 16
        code_low, code_high = self._handler_code(selector, trap)
        if not code_high & x86.DESC_L or code_high & x86.DESC_B:
            raise CpuFault(x86.GP, (selector & 0xFFFC) + trap.ext)
        cpl = cpu.cpl
        dpl = code_high >> x86.DESC_DPL_SHIFT & 3
        inner = not code_high & x86.DESC_C and dpl < cpl
        new_cpl = dpl if inner else cpl
        ist = high & 7
        old_sp = int(state.regs[x86.RSP])
        if ist or inner:
            offset = 0x24 + 8 * (ist - 1) if ist else 4 + 8 * dpl
            if offset + 7 > state.tr.limit:
                raise CpuFault(x86.TS, (state.tr.selector & 0xFFFC) + trap.ext)
            sp = mmu.read(state.tr.base + offset, 8)
        else:
            sp = old_sp
        sp &= ~15
        frame = _FRAME64.pack(
            state.eip, cpu.segs[x86.CS].selector, self._pushed_flags(trap), old_sp,
            cpu.segs[x86.SS].selector,
        )  # fmt: skip
        if trap.error_code is not None:
            frame = trap.error_code.to_bytes(8, "little") + frame
        self._push64(sp, frame, trap, user=new_cpl == 3)
        if ist or inner:
            # SS becomes a null selector with the new privilege (SDM 3, 6.14.4 and 6.14.5).
            cpu.load_segment(x86.SS, new_cpl, 0, 0, new_cpl << x86.DESC_DPL_SHIFT)
        state.regs[x86.RSP] = sp - len(frame) & 0xFFFF_FFFF_FFFF_FFFF
        base, limit = cpu.base_and_limit(code_low, code_high)
        cpu.load_segment(x86.CS, selector & ~3 | new_cpl, base, limit, code_high)
        state.eip = (behind & 0xFFFFFFFF) << 32 | high & 0xFFFF0000 | low & 0xFFFF
        self._enter_handler(kind)

    def _push64(self, sp: int, frame: bytes, trap: Trap, *, user: bool) -> None:
        """Write a frame below ``sp`` with the handler's rights."""
        mmu = self._cpu.mmu
        bottom = sp - len(frame) & 0xFFFF_FFFF_FFFF_FFFF
        if bottom >> 47 not in (0, 0x1FFFF):
            raise CpuFault(x86.SS_FAULT, trap.ext)
        try:
            mmu.write_bytes(bottom, frame, user=user)
        except CpuFault:
            # The first push that fails tells the right address.
            for end in range(len(frame), 0, -8):
                mmu.write_bytes(bottom + end - 8, frame[end - 8 : end], user=user)
            raise


@dataclass(slots=True)
class _Stack:
    """A stack taken from a TSS."""

    selector: int
    pointer: int
    base: int
    limit: int
    flags: int
