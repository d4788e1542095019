"""The execution engine on libunicorn 2.1.4.

The numbers U1 to U22 in this package are the measured facts of docs/unicorn.md; each has a
regression test in tests/engine/em/test_unicorn_facts.py.
"""

from __future__ import annotations

import ctypes as c
import functools
import logging
import mmap
import sys
from typing import TYPE_CHECKING, Any

from unicorn.unicorn_const import (
    UC_ERR_EXCEPTION,
    UC_ERR_FETCH_PROT,
    UC_ERR_FETCH_UNMAPPED,
    UC_ERR_OK,
    UC_ERR_WRITE_PROT,
    UC_HOOK_INSN,
    UC_HOOK_INSN_INVALID,
    UC_HOOK_INTR,
    UC_PROT_ALL,
    UC_PROT_EXEC,
    UC_PROT_READ,
)
from unicorn.x86_const import UC_CPU_X86_QEMU64, UC_X86_INS_CPUID, UC_X86_INS_OUT

from engine import gim
from engine.cpum import CpuProfile
from engine.em import x86
from engine.em.archstate import PARAVIRT_MSRS
from engine.em.backend import ExitReason
from engine.em.unicorn import arch
from engine.em.unicorn.binding import (
    CPUID_CB,
    INTR_CB,
    INVALID_CB,
    MMIO_READ_CB,
    MMIO_WRITE_CB,
    OUT_CB,
    Unicorn,
)
from engine.em.unicorn.code import CodeMap, PhysicalInvalidator
from engine.em.unicorn.cpu import SETTABLE_REGISTERS, Cpu
from engine.em.unicorn.layout import (
    HF2_NMI_BLOCKED,
    HF_INHIBIT_IRQ,
    HF_LMA,
    READ_ONLY,
    REFUSED,
    Layout,
    StatePlace,
    find_layout,
    find_place,
)
from engine.em.unicorn.portio import PortHooks
from engine.em.unicorn.stop import (
    STOPPED_BY_US,
    BlockStopper,
    ExitFlagStopper,
    Stopper,
    choose_stopper,
)
from engine.em.unicorn.syscalls import SystemCalls
from engine.em.unicorn.taskpriority import MOV_CR8, MOV_CR8_AT, POLL
from engine.em.unicorn.timestamp import RDTSC_AT, TimeStampCounter
from engine.em.unicorn.tlb import VirtualTlb
from engine.em.unicorn.windows import InterruptWindows
from engine.em.x86 import TripleFault
from engine.errors import ExecutionEngineError, SavedStateError
from engine.iom import read_range, write_range
from engine.pdm.interfaces import ResetKind
from engine.pgm import RegionKind
from engine.trpm import Trap, TrapManager

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from engine.em.archstate import CpuState
    from engine.iom import PortSpace
    from engine.pdm.interfaces import TaskPriority
    from engine.pgm import PhysicalMemory, Section
    from engine.stam import Statistics

log = logging.getLogger("engine.em")
guest_log = logging.getLogger("guest.cpu")

A20_BIT = 1 << 20
ICEBP = 0xF1  # INT1: #DB as a trap
SCRATCH = 64 * 1024
ENGINES_COMPARED = 3  # in the search for the state
# The library's own choice of 32 MiB is full 40 times while Linux boots. Pages are used as needed.
TRANSLATION_BUFFER = 256 << 20


def _open_cpu() -> Unicorn:
    uc = Unicorn()
    uc.set_cpu_model(UC_CPU_X86_QEMU64)
    uc.set_translation_buffer(TRANSLATION_BUFFER)
    uc.enable_exits()
    return uc


def _place_of_state() -> StatePlace:
    engines = [_open_cpu() for _ in range(ENGINES_COMPARED)]
    try:
        return find_place(engines)
    finally:
        for each in engines:
            each.close()


def calibrate() -> tuple[Layout, type]:
    """Find the CPU state and prove that the CPU can be stopped, on an engine of its own.

    Returns:
        The layout (of the engine used here) and the class of the stopper that works.

    Raises:
        ExecutionEngineError: this build of the library is not the one the engine knows.
    """
    uc = _open_cpu()
    scratch = mmap.mmap(-1, SCRATCH)
    address = c.addressof(c.c_char.from_buffer(scratch))
    for start, end, rights in (
        (0, READ_ONLY, UC_PROT_ALL),
        (READ_ONLY, SCRATCH, UC_PROT_READ | UC_PROT_EXEC),
    ):
        code = uc.mem_map_ptr(uc.handle, start, end - start, rights, address + start)
        uc.check(code, "map memory")
    scratch[0x1000] = 0xF4  # hlt
    # mov [READ_ONLY], al; cpuid; out 1, al; jmp $
    store = b"\x88\x04\x25" + READ_ONLY.to_bytes(4, "little")
    scratch[0x1040:0x104D] = store + b"\x0f\xa2\xe6\x01\xeb\xfe"
    for start, refused in zip((0x1020, 0x1030), REFUSED, strict=True):
        scratch[start : start + 9] = b"\xa0" + refused.to_bytes(8, "little")  # mov al, [refused]
    scratch[MOV_CR8_AT : MOV_CR8_AT + len(MOV_CR8)] = MOV_CR8
    scratch[RDTSC_AT : RDTSC_AT + 3] = b"\x0f\x31\xf4"  # rdtsc; hlt
    scratch[0x1010:0x1014] = b"\xe6\x01\xeb\xfe"  # out 1, al; jmp $

    def stop(_uc: int, _port: int, _size: int, _value: int, _data: int) -> None:
        uc.emu_stop(uc.handle)

    uc.add_hook(UC_HOOK_INSN, OUT_CB(stop), UC_X86_INS_OUT)
    try:
        layout = find_layout(uc, _place_of_state())
        return layout, type(choose_stopper(uc, layout, scratch))
    finally:
        uc.close()


@functools.cache
def _calibrated() -> tuple[Layout, type]:
    """Calibrate once: the library stays the same as long as the process lives."""
    return calibrate()


class UnicornEngine:
    """One virtual CPU on libunicorn.

    Args:
        profile: what CPUID answers.
        provider: the paravirtualization interface; what registers would be behind it is missing
            here (U14).

    Raises:
        ExecutionEngineError: this build of the library is not the one the engine knows.
    """

    name = "Unicorn"
    settable_registers = SETTABLE_REGISTERS
    cpu_count = 1
    halts_inside = False
    chips = None
    task_priority: TaskPriority | None = None

    def __init__(
        self, profile: CpuProfile | None = None, provider: gim.Provider = gim.Provider.NONE
    ) -> None:
        self._profile = profile or CpuProfile()
        self._provider = provider
        self.cpuid = self._profile.table()
        self.abilities = gim.Abilities()
        self._paravirtual: dict[int, int] = {}
        layout, stopper_kind = _calibrated()
        self._uc = uc = _open_cpu()
        self._layout = layout.for_engine(uc)
        self._stopper: Stopper
        if stopper_kind is ExitFlagStopper:
            self._stopper = ExitFlagStopper(uc, self._layout)
        else:
            self._stopper = BlockStopper(uc)
        self._failure: BaseException | None = None
        self._triple_fault = False
        self._kicked = False
        self._mmio_callbacks: dict[int, tuple[Any, Any, Any]] = {}
        self._runs = 0

    def attach(
        self,
        ports: PortSpace,
        memory: PhysicalMemory,
        statistics: Statistics,
        post: Callable[[Callable[[], object]], object] | None = None,
    ) -> None:
        """Connect to the machine; there is one CPU, which runs on the EMT."""
        del post
        uc = self._uc
        self._memory = memory
        self._cpu = cpu = Cpu(uc, self._layout, memory)
        self._tsc = TimeStampCounter(uc, self._layout)
        if self._provider is not gim.Provider.NONE:
            self.abilities = gim.Abilities(tsc_khz=self._tsc.rate_khz())
            leaves = gim.leaves(self._provider, self.abilities)
            self.cpuid = self._profile.table(paravirtual=leaves)
        self.traps = TrapManager(cpu)
        self._invalidator = PhysicalInvalidator(uc)
        self._tlb = VirtualTlb(uc, cpu, self._stopper.stop, self._failed)
        self._code = CodeMap(uc, cpu.mmu, lambda: self._tlb.active)
        self._tlb.code = self._code
        self._windows = InterruptWindows(
            self._code,
            drop=self._drop_code_at,
            drop_all=uc.flush_translations,
            is_open=self.can_take_interrupt,
            stop=self._stopper.stop,
        )
        self._ports = PortHooks(uc, cpu, ports, memory, statistics, self._failed)
        self._calls = SystemCalls(uc, cpu, statistics, self._raise_in_hook, self._failed)
        uc.add_hook(UC_HOOK_INTR, INTR_CB(self._on_trap))
        uc.add_hook(UC_HOOK_INSN_INVALID, INVALID_CB(self._on_invalid))
        uc.add_hook(UC_HOOK_INSN, CPUID_CB(self._on_cpuid), UC_X86_INS_CPUID)
        memory.attach_engine(self)
        statistics.add_source(self._statistics)

    def _statistics(self) -> Iterator[tuple[str, int, str]]:
        yield "/EM/Runs", self._runs, "times"
        yield "/PGM/TlbFills", self._tlb.fills, "times"
        yield "/PGM/CodePages", len(self._code), "pages"
        for (vector, software), count in sorted(self.traps.counts.items()):
            yield f"/TRPM/{'Int' if software else 'Trap'}/{vector:#04x}", count, "times"

    # ------------------------------------------------------------------ running

    @property
    def longest_run(self) -> int | None:
        """How long a run may last at most, in ns: CR8 may let an interrupt through."""
        apic = self.task_priority
        return POLL if apic is not None and apic.holds_interrupt() else None

    def run(self) -> ExitReason:
        """Execute until kicked, halted or shut down."""
        apic, cr8 = self.task_priority, self._cpu.cr8
        if apic is None:
            return self._execute()
        cr8.show(apic)
        try:
            return self._execute()
        finally:
            cr8.carry(apic)

    def _execute(self) -> ExitReason:
        uc, cpu = self._uc, self._cpu
        self._runs += 1
        while True:
            if self._invalidator.flush_pending:
                self._invalidator.flush_pending = False
                uc.flush_translations()
                self._code.clear()
            self._tlb.before_run()
            self._code.entering(cpu.linear_ip())
            self._stopper.rearm()
            if self._take_kick():
                return ExitReason.STOPPED
            error = uc.emu_start(uc.handle, int(cpu.state.eip), 0, 0, 0)
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise ExecutionEngineError(
                    f"A device failed while the guest ran at {self._location()}: {failure}"
                ) from failure
            if self._triple_fault:
                self._triple_fault = False
                return ExitReason.TRIPLE_FAULT
            if error == UC_ERR_EXCEPTION and self._tlb.fault is not None:
                fault, self._tlb.fault = self._tlb.fault, None
                trap = Trap(fault.vector, fault.error_code)
                if fault.cr2 is not None:
                    cpu.state.cr[2] = self._refused_address()
                if not self._try_trap(trap):
                    return ExitReason.TRIPLE_FAULT
                if self._take_kick():
                    return ExitReason.STOPPED
                continue
            if error in (UC_ERR_FETCH_PROT, UC_ERR_FETCH_UNMAPPED):
                if not self._executed_nothing():
                    return ExitReason.TRIPLE_FAULT
                continue
            # A store to ROM has been dropped and the block has been left: just go on.
            if error not in (UC_ERR_OK, UC_ERR_WRITE_PROT, STOPPED_BY_US):
                text = uc.lib.uc_strerror
                text.restype = c.c_char_p
                raise ExecutionEngineError(
                    f"Unicorn stopped at {self._location()}: {text(error).decode()}."
                )
            if self._take_kick() and not cpu.halted.value:
                return ExitReason.STOPPED
            return ExitReason.HALTED if cpu.halted.value else ExitReason.STOPPED

    def _refused_address(self) -> int:
        """Return the linear address that the TLB-fill hook has refused; it sees pages only."""
        address = c.c_uint64.from_address(self._layout.invalid_address).value
        return address if self._cpu.state.hflags & HF_LMA else address & 0xFFFFFFFF

    def _take_kick(self) -> bool:
        kicked, self._kicked = self._kicked, False
        return kicked

    def _executed_nothing(self) -> bool:
        """The guest runs where there is no memory: all-ones, which is no instruction.

        It is reported at the block that leads there. False after a triple fault.
        """
        guest_log.info("The guest executes at %s, where there is no memory", self._location())
        return self._try_trap(Trap(x86.UD))

    def _location(self) -> str:
        state = self._cpu.state
        return f"{state.segs[x86.CS].selector:04x}:{state.eip:x}"

    def kick(self) -> None:
        """Make the run end soon."""
        self._kicked = True
        self._stopper.stop()

    def _failed(self) -> None:
        """Remember the exception being handled in a callback, and end the run."""
        self._failure = self._failure or sys.exc_info()[1]
        self._stopper.stop()

    # ------------------------------------------------------------------ traps

    def _try_trap(self, trap: Trap) -> bool:
        try:
            self.traps.raise_trap(trap)
        except TripleFault:
            return False
        return True

    def _raise_in_hook(self, trap: Trap) -> None:
        if not self._try_trap(trap):
            self._triple_fault = True
            self._stopper.stop()
        self._code.entering(self._cpu.linear_ip())

    def _on_trap(self, _uc: int, vector: int, _data: int) -> None:
        try:
            cpu = self._cpu
            software = bool(cpu.exception_is_int.value)
            error_code = None
            if not software and vector in x86.HAS_ERROR_CODE and cpu.state.cr[0] & x86.CR0_PE:
                error_code = cpu.error_code.value & 0xFFFFFFFF
            self._raise_in_hook(Trap(vector, error_code, software))
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()

    def _on_invalid(self, _uc: int, _data: int) -> bool:
        try:
            if self._cpu.opcode() == ICEBP:  # the library does not know it
                self._cpu.state.eip += 1
                self._raise_in_hook(Trap(x86.DB))
            else:
                self._raise_in_hook(Trap(x86.UD))
        except BaseException:  # must not leave through C frames; told by the run loop
            self._failed()
        return True

    def _on_cpuid(self, _uc: int, _data: int) -> int:
        regs = self._cpu.state.regs
        leaf = self.cpuid.leaf(regs[x86.RAX] & 0xFFFFFFFF, regs[x86.RCX] & 0xFFFFFFFF)
        regs[x86.RAX], regs[x86.RBX], regs[x86.RCX], regs[x86.RDX] = leaf
        return 1

    def can_take_interrupt(self) -> bool:
        """Tell whether IF is set and there is no shadow of STI or MOV SS."""
        state = self._cpu.state
        return bool(state.eflags & x86.EFLAGS_IF) and not state.hflags & HF_INHIBIT_IRQ

    @property
    def patience_scale(self) -> float:
        """How much of the run loop's patience to use: less while little code is translated."""
        return min(1.0, 0.01 + len(self._code) / 2000)

    def expect_window(self) -> None:
        """Stop where the handler that runs returns to, and at windows that were found before."""
        self._windows.expect()

    def find_window(self) -> None:
        """Stop where interrupts can be taken next, even if that is for one instruction only."""
        self._windows.search()

    def _drop_code_at(self, physical: int) -> None:
        section = self._memory.section_at(physical)
        if section.region.memory is not None:
            self._invalidator.drop(section.host_address + physical - section.base, 1)

    def can_take_nmi(self) -> bool:
        """Tell whether no NMI handler runs."""
        state = self._cpu.state
        return not (state.hflags2 & HF2_NMI_BLOCKED or state.hflags & HF_INHIBIT_IRQ)

    def interrupt(self, vector: int) -> bool:
        """Deliver an external interrupt."""
        self._windows.delivering(self._cpu.mmu.probe(self._cpu.linear_ip()))
        return self._try_trap(Trap(vector, external=True))

    def nmi(self) -> bool:
        """Deliver an NMI; IRET opens the window for the next one."""
        self._cpu.state.hflags2 |= HF2_NMI_BLOCKED
        return self._try_trap(Trap(x86.NMI, external=True))

    # ------------------------------------------------------------------ machine

    def reset(self, kind: ResetKind) -> None:
        """Reset the CPU and forget translations."""
        del kind  # INIT differs from RESET only in state that this CPU does not keep
        self._cpu.reset()
        self._tsc.reset()
        self._tlb.reset()
        self._tlb.activate(on=True)
        self._windows.forget()
        self._triple_fault = False
        self._paravirtual = {}

    def set_a20(self, enabled: bool) -> None:
        """Hold address bit 20 at 0 or let it through."""
        mask = -1 if enabled else ~A20_BIT
        if self._cpu.state.a20_mask != mask:
            self._cpu.state.a20_mask = mask
            self._cpu.mmu.a20_mask = mask
            self._uc.flush_tlb()

    def clock_stopped(self) -> None:
        """Hold the time-stamp counter."""
        self._tsc.stop()

    def clock_started(self) -> None:
        """Let the time-stamp counter go on."""
        self._tsc.start()

    def cpu_state(self) -> CpuState:
        """Return the architectural state."""
        state = arch.capture(self._cpu, self._tsc)
        state.msrs.update(self._paravirtual)
        return state

    def load_cpu_state(self, state: CpuState) -> None:
        """Take an architectural state; whatever was translated is dropped."""
        self._uc.flush_translations()
        self._code.clear()
        arch.apply(self._cpu, self._tsc, state)
        # Another engine that the machine goes back to has them.
        self._paravirtual = {n: state.msrs[n] for n in PARAVIRT_MSRS if n in state.msrs}
        self._uc.flush_tlb()
        if state.accepted >= 0:
            self._triple_fault = not self.interrupt(state.accepted)

    def other_cpu_states(self) -> list[CpuState]:
        """None: there is one CPU."""
        return []

    def load_other_cpu_states(self, saved: list[CpuState]) -> None:
        """Refuse: there is one CPU.

        Raises:
            SavedStateError: there are states of others.
        """
        if saved:
            raise SavedStateError(
                f"The machine was saved with {len(saved) + 1} processors; {self.name} has one. "
                "Resume it with KVM."
            )

    def change_cap(self, percent: int) -> None:
        """Nothing: there is one CPU."""

    def registers(self) -> dict[str, int]:
        """Return the registers by name."""
        return self._cpu.registers()

    def set_register(self, name: str, value: int) -> None:
        """Change one of :attr:`settable_registers`."""
        self._cpu.set_register(name, value)

    def read_linear(self, address: int, size: int) -> bytes | None:
        """Return memory at a linear address, or None where nothing is mapped."""
        parts = []
        while size > 0:
            length = min(size, 0x1000 - (address & 0xFFF))
            physical = self._cpu.mmu.probe(address)
            if physical is None:
                return None
            parts.append(self._memory.read(physical, length))
            address += length
            size -= length
        return b"".join(parts)

    def close(self) -> None:
        """Free the library's engine."""
        self._uc.close()

    # ------------------------------------------------------------------ memory (MemoryHost)

    def map_section(self, section: Section) -> None:
        """Show a section to the guest (U4)."""
        uc, region = self._uc, section.region
        size = section.end - section.base
        if region.memory is not None:
            perms = UC_PROT_ALL if region.kind is RegionKind.RAM else UC_PROT_READ | UC_PROT_EXEC
            with self._stopper.held_back():
                code = uc.mem_map_ptr(uc.handle, section.base, size, perms, section.host_address)
        else:
            read, write = self._callbacks(section)
            with self._stopper.held_back():
                code = uc.mmio_map(
                    uc.handle, section.base, size,
                    c.cast(read, c.c_void_p), None, c.cast(write, c.c_void_p), None,
                )  # fmt: skip
        uc.check(code, f"map {region.name} at {section.base:#x}")

    def unmap_section(self, section: Section) -> None:
        """Take a section away, with the translations of what was there."""
        uc = self._uc
        size = section.end - section.base
        if section.region.memory is not None:
            self._forget_code(section.base, section.host_address, size)
        # The library flushes TLB entries by linear address only; leaving `identity` flushes all.
        with self._stopper.held_back(), self._tlb.identity():
            code = uc.mem_unmap(uc.handle, section.base, size)
        uc.check(code, f"unmap {section.region.name} at {section.base:#x}")

    def invalidate_code(self, base: int, size: int) -> None:
        """Forget translations of bytes that the host has changed (U12)."""
        pages = self._code.pages
        first, last = base & ~0xFFF, base + size - 1 & ~0xFFF
        if first == last:
            if first not in pages:
                return  # the everyday case: no code there
        elif not any(page in pages for page in range(first, last + 1, 0x1000)):
            return
        section = self._memory.section_at(base)
        if section.region.memory is not None:
            self._invalidator.drop(section.host_address + base - section.base, size)

    def _forget_code(self, base: int, host_address: int, size: int) -> None:
        for page in [p for p in self._code.pages if base <= p < base + size]:
            self._invalidator.drop(host_address + page - base, 0x1000)

    def _callbacks(self, section: Section) -> tuple[Any, Any]:
        """Return the C callbacks of an MMIO section or a hole; kept, as sections come and go."""
        block = section.region.block
        key = 0 if block is None else id(block) ^ section.base
        found = self._mmio_callbacks.get(key)
        if found is not None and (block is None or found[2] is block):
            return found[0], found[1]
        if block is None:
            made: tuple[Any, Any, Any] = (MMIO_READ_CB(_open_bus), MMIO_WRITE_CB(_drop), None)
        else:
            shift = section.base - block.base

            def read(_uc: int, offset: int, size: int, _data: int) -> int:
                try:
                    return read_range(block, offset + shift, size)
                except BaseException:  # must not leave through C frames
                    self._failed()
                    return 0

            def write(_uc: int, offset: int, size: int, value: int, _data: int) -> None:
                try:
                    write_range(block, offset + shift, value, size)
                except BaseException:  # must not leave through C frames
                    self._failed()

            made = (MMIO_READ_CB(read), MMIO_WRITE_CB(write), block)
        self._mmio_callbacks[key] = made
        return made[0], made[1]


def _open_bus(_uc: int, _offset: int, size: int, _data: int) -> int:
    return (1 << 8 * size) - 1


def _drop(_uc: int, _offset: int, _size: int, _value: int, _data: int) -> None:
    return
