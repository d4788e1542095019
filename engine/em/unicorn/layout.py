"""The CPU state inside libunicorn 2.1.4, found and proven at start-up (U2).

libunicorn keeps the architectural state in a C structure (``CPUX86State`` of QEMU 5.0) whose
address never changes while the engine is open. Working on it in place costs nothing, where the
register interface costs microseconds and cannot reach hidden descriptor registers at all. Every
offset is searched for with magic values; an offset that is not found exactly once means a library
that we do not know, and the engine refuses to start.
"""

from __future__ import annotations

import ctypes as c
import os
import struct
import sys
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from unicorn.unicorn_const import (
    UC_ERR_OK,
    UC_ERR_WRITE_PROT,
    UC_HOOK_INSN,
    UC_HOOK_TLB_FILL,
    UC_PROT_ALL,
    UC_TLB_CPU,
    UC_TLB_VIRTUAL,
)
from unicorn.x86_const import (
    UC_X86_INS_CPUID,
    UC_X86_REG_DR0,
    UC_X86_REG_DR1,
    UC_X86_REG_RBX,
    UC_X86_REG_RCX,
    UC_X86_REG_RDX,
)

from engine.em import x86
from engine.em.unicorn.binding import CPUID_CB, TLB_FILL_CB, TlbEntry
from engine.em.unicorn.taskpriority import HF2_VINTR_MASKING, find_v_tpr
from engine.em.unicorn.timestamp import find_tsc_offset
from engine.errors import ExecutionEngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.em.unicorn.binding import Unicorn

# hflags and hflags2: facts that the translator derives from the architectural state.
HF_CPL_MASK, HF_INHIBIT_IRQ = 3, 1 << 3
HF_CS32, HF_SS32, HF_ADDSEG, HF_PE, HF_TF = 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8
HF_TS, HF_LMA, HF_CS64, HF_VM = 1 << 11, 1 << 14, 1 << 15, 1 << 17
HF2_GIF, HF2_NMI_BLOCKED = 1 << 0, 1 << 2
HF2_AT_RESET = HF2_GIF | HF2_VINTR_MASKING

CONTEXT_HEADER = 40
READ_ONLY = 0x8000  # an address of read-only memory in the engine used for calibration
REFUSED = (0x1234567887654321, 0x1234567987654321)
UC_STRUCT_SCAN = 24 * 1024  # bytes of uc_struct in which its fields are searched
# Values that are nowhere else, in the order in which the registers lie behind RAX.
MAGIC = {
    UC_X86_REG_RCX: 0x1122334455667788,
    UC_X86_REG_RDX: 0x99AABBCCDDEEFF01,
    UC_X86_REG_RBX: 0x2233445566778899,
}
CPU_SCAN = 64 * 1024  # bytes from the CPU object in which its register state is searched
# From error_code on, at these distances (engine.md, U2); checked against DR0.
ERROR_CODE_TO_IS_INT, ERROR_CODE_TO_DR0, DR0_TO_OLD_EXCEPTION = 4, 16, 96


class Segment(c.Structure):
    """A segment register with its hidden part.

    ``flags`` has the layout of the descriptor's second doubleword (SDM 3, figure 3-8).
    """

    _fields_ = [
        ("selector", c.c_uint32),
        ("base", c.c_uint64),
        ("limit", c.c_uint32),
        ("flags", c.c_uint32),
    ]

    selector: int
    base: int
    limit: int
    flags: int


class CpuState(c.Structure):
    """The head of ``CPUX86State``; the rest is reached through :class:`Layout`.

    ``eflags`` lacks the lazily computed condition codes (U3): read flags with ``Cpu.eflags``.
    """

    _fields_ = [
        ("regs", c.c_uint64 * 16),
        ("eip", c.c_uint64),
        ("eflags", c.c_uint64),
        ("cc_dst", c.c_uint64),
        ("cc_src", c.c_uint64),
        ("cc_src2", c.c_uint64),
        ("cc_op", c.c_uint32),
        ("df", c.c_int32),
        ("hflags", c.c_uint32),
        ("hflags2", c.c_uint32),
        ("segs", Segment * 6),
        ("ldt", Segment),
        ("tr", Segment),
        ("gdt", Segment),
        ("idt", Segment),
        ("cr", c.c_uint64 * 9),
        ("a20_mask", c.c_int32),
    ]

    regs: c.Array[c.c_uint64]
    eip: int
    eflags: int
    cc_op: int
    df: int
    hflags: int
    hflags2: int
    segs: c.Array[Segment]
    ldt: Segment
    tr: Segment
    gdt: Segment
    idt: Segment
    cr: c.Array[c.c_uint64]
    a20_mask: int


# Fields of Layout that are no addresses in the CPU object.
_NOT_IN_CPU = frozenset({
    "place", "handle", "invalid_address", "invalid_error", "no_exit_request",
})  # fmt: skip
_CR_OFFSET: int = CpuState.__dict__["cr"].offset


@dataclass(frozen=True, slots=True)
class Layout:
    """Host addresses of the fields that the engine works on.

    Attributes:
        place: how to find the state in another engine.
        handle: the engine. cpu: the CPU object. state: the registers in it.
        halted: the flag that HLT sets in the CPU object.
        invalid_error: the error that ends a run, see U19.
        tsc_offset: added to the host's counter by RDTSC, 0 when it was not found.
        invalid_address: the last address that a TLB-fill hook has refused (hooks see its page).
        no_exit_request: see U7, 0 when it was not found.
        v_tpr: what CR8 holds, 0 when it was not found.
    """

    place: StatePlace
    handle: int
    cpu: int
    state: int
    error_code: int
    exception_is_int: int
    old_exception: int
    efer: int
    star: int
    lstar: int
    cstar: int
    fmask: int
    sysenter_cs: int
    sysenter_esp: int
    sysenter_eip: int
    halted: int
    invalid_address: int
    invalid_error: int
    no_exit_request: int
    tsc_offset: int
    v_tpr: int

    def for_engine(self, uc: Unicorn) -> Layout:
        """Return the layout of another engine of the same library."""
        cpu, _ = find_state(uc, self.place)
        moved = {
            field.name: getattr(self, field.name) + cpu - self.cpu
            for field in fields(self)
            if field.name not in _NOT_IN_CPU and getattr(self, field.name)
        }
        found = find_no_exit_request(uc) if self.no_exit_request else 0
        if found - uc.handle != self.no_exit_request - self.handle and self.no_exit_request:
            raise _refuse("two engines have no_exit_request at different places")
        distance = uc.handle - self.handle
        return replace(
            self, **moved, handle=uc.handle, no_exit_request=found,
            invalid_address=self.invalid_address + distance,
            invalid_error=self.invalid_error + distance,
        )  # fmt: skip


class HostMemoryReader:
    """Reads our own address space without the risk of a segmentation fault.

    Pointers are followed while searching, and not everything that looks like one is one.
    """

    def __init__(self) -> None:
        self._file = -1
        if sys.platform == "linux":
            self._file = os.open("/proc/self/mem", os.O_RDONLY | os.O_CLOEXEC)

    def read(self, address: int, size: int) -> bytes:
        """Return up to ``size`` bytes; an empty result where nothing is mapped."""
        if self._file >= 0:
            try:
                return os.pread(self._file, size, address)
            except (OSError, OverflowError):
                return b""
        return self._read_elsewhere(address, size)

    @staticmethod
    def _read_elsewhere(address: int, size: int) -> bytes:
        buffer = c.create_string_buffer(size)
        done = c.c_size_t(0)
        if sys.platform == "win32":
            kernel = c.WinDLL("kernel32")
            kernel.ReadProcessMemory(
                c.c_void_p(-1), c.c_void_p(address), buffer, c.c_size_t(size), c.byref(done)
            )
        elif sys.platform == "darwin":
            system = c.CDLL(None)
            task = c.c_uint32.in_dll(system, "mach_task_self_")
            system.mach_vm_read_overwrite(
                task, c.c_uint64(address), c.c_uint64(size), buffer, c.byref(done)
            )
        return buffer.raw[: done.value]

    def close(self) -> None:
        """Close the view of our memory."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _refuse(what: str) -> ExecutionEngineError:
    return ExecutionEngineError(
        f"The CPU state of this build of libunicorn 2.1.4 is not laid out as expected: {what}. "
        f"The engine does not start, because it could damage the guest."
    )


@dataclass(frozen=True, slots=True)
class StatePlace:
    """Where a build of the library keeps the registers: the same in all its engines.

    Attributes:
        pointer: offset in ``uc_struct`` of the pointer to the CPU object.
        distance: of the register state from the start of the CPU object.
    """

    pointer: int
    distance: int


def _marked(uc: Unicorn, flip: int) -> bytes:
    """Set three registers and return how they look in the state, in encoding order after RAX."""
    values = [value ^ flip for value in MAGIC.values()]
    for register, value in zip(MAGIC, values, strict=True):
        uc.set_register(register, value)
    return struct.pack("<QQQ", *values)


def _possible_places(uc: Unicorn, memory: HostMemoryReader) -> set[StatePlace]:
    before = {register: uc.register(register) for register in MAGIC}
    pattern = _marked(uc, 0)
    found: dict[StatePlace, int] = {}
    head = memory.read(uc.handle, UC_STRUCT_SCAN)
    for index, (pointer,) in enumerate(struct.iter_unpack("<Q", head[: len(head) // 8 * 8])):
        if pointer < 1 << 16 or pointer >> 47 or pointer % 8:
            continue
        area = memory.read(pointer, CPU_SCAN)
        position = area.find(pattern)
        state = pointer + position - 8
        # The CPU object holds a pointer to its own register state; nothing else does both.
        if position >= 8 and struct.pack("<Q", state) in area[: position - 8]:
            found[StatePlace(8 * index, state - pointer)] = state
    # Copies of the registers lie around on the heap, our own readings among them; they stay as
    # they are when the registers change.
    pattern = _marked(uc, 1)
    places = {place for place, state in found.items() if memory.read(state + 8, 24) == pattern}
    for register, value in before.items():
        uc.set_register(register, value)
    return places


def find_place(engines: Sequence[Unicorn]) -> StatePlace:
    """Return the place of the register state in several engines that are open at the same time.

    What lies beside an engine on the heap may look like it once, but not in the same way in all.

    Raises:
        ExecutionEngineError: there is no such place.
    """
    memory = HostMemoryReader()
    try:
        found = [_possible_places(uc, memory) for uc in engines]
    finally:
        memory.close()
    common = set.intersection(*found)
    if not common:
        counts = ", ".join(str(len(each)) for each in found)
        raise _refuse(f"no place of the register state is common to all engines (found {counts})")
    # Small objects that lie before the CPU object in the heap reach it too; it is the nearest.
    return min(common, key=lambda place: (place.distance, place.pointer))


def find_state(uc: Unicorn, place: StatePlace) -> tuple[int, int]:
    """Return the addresses of the CPU object and of its register state, proven by a write.

    Raises:
        ExecutionEngineError: the state is not at this place.
    """
    memory = HostMemoryReader()
    before = {register: uc.register(register) for register in MAGIC}
    try:
        (cpu,) = struct.unpack("<Q", memory.read(uc.handle + place.pointer, 8).ljust(8, b"\0"))
        for flip in (0, 1):
            pattern = _marked(uc, flip)
            if memory.read(cpu + place.distance + 8, 24) != pattern:
                raise _refuse("the register state is not where it is in other engines")
    finally:
        memory.close()
        for register, value in before.items():
            uc.set_register(register, value)
    return cpu, cpu + place.distance


def _find_once(area: bytes, pattern: bytes, what: str) -> int:
    position = area.find(pattern)
    if position < 0 or area.find(pattern, position + 1) >= 0:
        raise _refuse(f"{what} was not found exactly once")
    return position


def _find_msr(uc: Unicorn, state: int, number: int, value: int, size: int) -> int:
    before = uc.msr(number)
    uc.set_msr(number, value)
    area = c.string_at(state, uc.context_size - CONTEXT_HEADER)
    position = _find_once(area, value.to_bytes(size, "little"), f"MSR {number:#x}")
    uc.set_msr(number, before)
    return state + position


def find_no_exit_request(uc: Unicorn) -> int:
    """Return the address of ``uc_struct.no_exit_request`` (U7), or 0 when it is not found.

    It is the third of four bools that follow the context settings: content 1, context size, an
    aligned u64, then hook_insert = 0, first_tb, no_exit_request = 0, init_done = 1. The structure
    starts at the handle, so the first match counts: behind it the heap may hold remains of other
    engines. The stopper's self-test proves it.
    """
    size = uc.context_size - CONTEXT_HEADER
    memory = HostMemoryReader()
    try:
        head = memory.read(uc.handle, UC_STRUCT_SCAN)
    finally:
        memory.close()
    pattern = struct.pack("<II", 1, size)
    position = head.find(pattern)
    while position >= 0:
        bools = (position + 8 + 7) // 8 * 8 + 8
        if position % 4 == 0 and head[bools] == 0 and head[bools + 2 : bools + 4] == b"\x00\x01":
            return uc.handle + bools + 2
        position = head.find(pattern, position + 1)
    return 0


def find_halted(uc: Unicorn, cpu: int, state: int) -> int:
    """Return the address of the CPU object's ``halted`` flag.

    It is the only 32-bit word that is 1 after HLT and 0 after a run that was stopped. The engine
    must have scratch memory with ``hlt`` at 1000h and ``out 1,al; jmp $`` at 1010h (the caller
    stops the CPU in the port's hook).
    """
    size = state - cpu

    def after(start: int) -> tuple[int, ...]:
        uc.emu_start(uc.handle, start, 0, 0, 0)
        return struct.unpack(f"<{size // 4}I", c.string_at(cpu, size // 4 * 4))

    halted, stopped, again = after(0x1000), after(0x1010), after(0x1000)
    candidates = [
        i for i, values in enumerate(zip(halted, stopped, again, strict=True))
        if values == (1, 0, 1)
    ]  # fmt: skip
    if len(candidates) != 1:
        raise _refuse(f"the halted flag has {len(candidates)} candidates")
    return cpu + 4 * candidates[0]


def find_invalid_address(uc: Unicorn) -> int:
    """Return the address of ``uc_struct.invalid_addr``: where the last refused access went.

    A hook that fills the TLB is told the page only; #PF needs the byte. It is the word that holds
    one refused address and then another; the first one, as the structure starts at the handle and
    other objects of this engine may lie behind it. The engine must have scratch memory with
    ``mov al, [REFUSED[0]]`` at 1020h and the same with ``REFUSED[1]`` at 1030h.
    """
    memory = HostMemoryReader()

    def fill(_uc: int, linear: int, _access: int, entry_address: int, _data: int) -> bool:
        entry = TlbEntry.from_address(entry_address)
        entry.paddr, entry.perms = linear, UC_PROT_ALL
        return linear < 1 << 16

    uc.add_hook(UC_HOOK_TLB_FILL, TLB_FILL_CB(fill))
    uc.set_tlb_type(UC_TLB_VIRTUAL)
    uc.flush_tlb()
    places: list[set[int]] = []
    try:
        for start, address in zip((0x1020, 0x1030), REFUSED, strict=True):
            uc.emu_start(uc.handle, start, 0, 0, 0)
            head = memory.read(uc.handle, UC_STRUCT_SCAN)
            words = struct.unpack(f"<{len(head) // 8}Q", head[: len(head) // 8 * 8])
            places.append({8 * i for i, word in enumerate(words) if word == address})
    finally:
        memory.close()
    uc.set_tlb_type(UC_TLB_CPU)
    uc.flush_tlb()
    found = places[0] & places[1]
    if not found:
        raise _refuse("the refused address was not found")
    return uc.handle + min(found)


def find_invalid_error(uc: Unicorn, no_exit_request: int) -> int:
    """Return the address of ``uc_struct.invalid_error``: the error that ends the run it is set in.

    Works only with ``no_exit_request`` (0 is returned without it), which it switches on.

    It is cleared when the run ends; a store to read-only memory sets it and lets the block go on,
    so that a CPUID in the same block shows it to its hook. The engine must have at 1040h
    ``mov [READ_ONLY], al; cpuid; out 1, al`` and the same without the store at 1047h. The first
    word that fits counts, as for :func:`find_invalid_address`.
    """
    if not no_exit_request:
        return 0
    c.c_uint8.from_address(no_exit_request).value = 1
    memory = HostMemoryReader()
    heads: list[bytes] = []

    def look(_uc: int, _data: int) -> int:
        heads.append(memory.read(uc.handle, UC_STRUCT_SCAN))
        return 0

    uc.add_hook(UC_HOOK_INSN, CPUID_CB(look), UC_X86_INS_CPUID)
    try:
        results = [uc.emu_start(uc.handle, start, 0, 0, 0) for start in (0x1040, 0x1047) * 2]
    finally:
        memory.close()
    if len(heads) != 4 or results != [UC_ERR_WRITE_PROT, UC_ERR_OK] * 2:
        raise _refuse("a store to read-only memory does not end a run as expected")
    words = [struct.unpack(f"<{len(head) // 4}I", head[: len(head) // 4 * 4]) for head in heads]
    rows = zip(*words, strict=True)
    candidates = [i for i, values in enumerate(rows) if list(values) == results]
    if not candidates:
        raise _refuse("the error of a run was not found")
    return uc.handle + 4 * candidates[0]


def find_layout(uc: Unicorn, place: StatePlace) -> Layout:
    """Find every field.

    Raises:
        ExecutionEngineError: one of them is not where it must be.
    """
    cpu, state = find_state(uc, place)
    size = uc.context_size - CONTEXT_HEADER
    uc.set_register(UC_X86_REG_DR0, 0x0102030405060708)
    uc.set_register(UC_X86_REG_DR1, 0x1112131415161718)
    pattern = struct.pack("<QQ", 0x0102030405060708, 0x1112131415161718)
    dr0 = state + _find_once(c.string_at(state, size), pattern, "the debug registers")
    uc.set_register(UC_X86_REG_DR0, 0)
    uc.set_register(UC_X86_REG_DR1, 0)
    error_code = dr0 - ERROR_CODE_TO_DR0
    wide = 0x00005A5A12345678
    # EFER's offset follows from the fields before it (bound registers); proven by a write.
    bounds = (_CR_OFFSET + 9 * 8 + 4 + 7) // 8 * 8  # behind cr and a20_mask
    efer = state + bounds + 4 * 16 + 16 + 8
    before = uc.msr(x86.MSR_EFER)
    c.c_uint64.from_address(efer).value = before ^ x86.EFER_NXE
    if uc.msr(x86.MSR_EFER) != before ^ x86.EFER_NXE:
        raise _refuse("EFER is not where it should be")
    c.c_uint64.from_address(efer).value = before
    no_exit_request = find_no_exit_request(uc)
    tsc_offset = find_tsc_offset(uc, dr0 + DR0_TO_OLD_EXCEPTION)
    return Layout(
        place=place,
        handle=uc.handle,
        cpu=cpu,
        state=state,
        error_code=error_code,
        exception_is_int=error_code + ERROR_CODE_TO_IS_INT,
        old_exception=dr0 + DR0_TO_OLD_EXCEPTION,
        efer=efer,
        star=_find_msr(uc, state, x86.MSR_STAR, wide, 8),
        lstar=_find_msr(uc, state, x86.MSR_LSTAR, wide, 8),
        cstar=_find_msr(uc, state, x86.MSR_CSTAR, wide, 8),
        fmask=_find_msr(uc, state, x86.MSR_FMASK, 0x5A5A1234, 8),
        # Only 16 bits of this one are kept.
        sysenter_cs=_find_msr(uc, state, x86.MSR_SYSENTER_CS, 0x5A34, 4),
        sysenter_esp=_find_msr(uc, state, x86.MSR_SYSENTER_ESP, wide, 8),
        sysenter_eip=_find_msr(uc, state, x86.MSR_SYSENTER_EIP, wide, 8),
        halted=find_halted(uc, cpu, state),
        invalid_address=find_invalid_address(uc),
        invalid_error=find_invalid_error(uc, no_exit_request),
        no_exit_request=no_exit_request,
        tsc_offset=tsc_offset,
        v_tpr=find_v_tpr(uc, CpuState.from_address(state), tsc_offset),
    )
