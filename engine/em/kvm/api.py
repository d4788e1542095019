"""The kernel's interface: requests, structures and capabilities.

Reference: Linux, Documentation/virt/kvm/api.rst; numbers from include/uapi/linux/kvm.h, structures
of x86 from arch/x86/include/uapi/asm/kvm.h.
"""

from __future__ import annotations

import ctypes as c
import os
from typing import Any, ClassVar, Final

from engine.em.kvm import refusals
from engine.errors import ExecutionEngineError

DEVICE: Final = "/dev/kvm"
API_VERSION: Final = 12

_KVMIO: Final = 0xAE
NONE, WRITE, READ = 0, 1, 2


def request(direction: int, number: int, size: int = 0) -> int:
    """Return the number of a request: direction, number in KVM's group, size of its argument."""
    return direction << 30 | size << 16 | _KVMIO << 8 | number


class Segment(c.Structure):
    """``struct kvm_segment``."""

    _fields_: ClassVar[list[Any]] = [
        ("base", c.c_uint64), ("limit", c.c_uint32), ("selector", c.c_uint16),
        ("type", c.c_uint8), ("present", c.c_uint8), ("dpl", c.c_uint8), ("db", c.c_uint8),
        ("s", c.c_uint8), ("l", c.c_uint8), ("g", c.c_uint8), ("avl", c.c_uint8),
        ("unusable", c.c_uint8), ("padding", c.c_uint8),
    ]  # fmt: skip


class Table(c.Structure):
    """``struct kvm_dtable``."""

    _fields_: ClassVar[list[Any]] = [
        ("base", c.c_uint64), ("limit", c.c_uint16), ("padding", c.c_uint16 * 3),
    ]  # fmt: skip


class Regs(c.Structure):
    """``struct kvm_regs``; ``gpr`` in the kernel's order: see :data:`GPR_ORDER`."""

    _fields_: ClassVar[list[Any]] = [
        ("gpr", c.c_uint64 * 16), ("rip", c.c_uint64), ("rflags", c.c_uint64),
    ]  # fmt: skip


GPR_ORDER: Final = (0, 3, 1, 2, 6, 7, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15)
"""Encoding number (RAX 0, RCX 1...) of each register in :attr:`Regs.gpr`."""


class Sregs(c.Structure):
    """``struct kvm_sregs``."""

    _fields_: ClassVar[list[Any]] = [
        ("cs", Segment), ("ds", Segment), ("es", Segment), ("fs", Segment), ("gs", Segment),
        ("ss", Segment), ("tr", Segment), ("ldt", Segment), ("gdt", Table), ("idt", Table),
        ("cr0", c.c_uint64), ("cr2", c.c_uint64), ("cr3", c.c_uint64), ("cr4", c.c_uint64),
        ("cr8", c.c_uint64), ("efer", c.c_uint64), ("apic_base", c.c_uint64),
        ("interrupt_bitmap", c.c_uint64 * 4),
    ]  # fmt: skip


class Xsave(c.Structure):
    """``struct kvm_xsave``: the XSAVE area in its standard form (SDM 1, 13.4).

    ``struct kvm_fpu`` would be shorter, but the kernel forgets MXCSR in it.
    """

    _fields_: ClassVar[list[Any]] = [
        ("fcw", c.c_uint16), ("fsw", c.c_uint16), ("ftw", c.c_uint8), ("reserved", c.c_uint8),
        ("fop", c.c_uint16), ("fip", c.c_uint64), ("fdp", c.c_uint64), ("mxcsr", c.c_uint32),
        ("mxcsr_mask", c.c_uint32), ("st", (c.c_uint8 * 16) * 8), ("xmm", (c.c_uint8 * 16) * 16),
        ("unused", c.c_uint8 * 96), ("xstate_bv", c.c_uint64), ("header", c.c_uint8 * 56),
        ("ymm_high", (c.c_uint8 * 16) * 16), ("rest", c.c_uint8 * 3264),
    ]  # fmt: skip


XSTATE_X87_SSE: Final = 3
XSTATE_AVX: Final = 4
"""Bits of XCR0 and of the area's header (SDM 1, 13.1)."""


class Xcr(c.Structure):
    """``struct kvm_xcr``."""

    _fields_: ClassVar[list[Any]] = [
        ("xcr", c.c_uint32), ("reserved", c.c_uint32), ("value", c.c_uint64),
    ]  # fmt: skip


class Xcrs(c.Structure):
    """``struct kvm_xcrs``: the extended control registers, of which there is XCR0."""

    _fields_: ClassVar[list[Any]] = [
        ("nr_xcrs", c.c_uint32), ("flags", c.c_uint32), ("xcrs", Xcr * 16),
        ("padding", c.c_uint64 * 16),
    ]  # fmt: skip


class DebugRegs(c.Structure):
    """``struct kvm_debugregs``."""

    _fields_: ClassVar[list[Any]] = [
        ("db", c.c_uint64 * 4), ("dr6", c.c_uint64), ("dr7", c.c_uint64), ("flags", c.c_uint64),
        ("reserved", c.c_uint64 * 9),
    ]  # fmt: skip


class VcpuEvents(c.Structure):
    """``struct kvm_vcpu_events``."""

    _fields_: ClassVar[list[Any]] = [
        ("exception_injected", c.c_uint8), ("exception_nr", c.c_uint8),
        ("exception_has_error_code", c.c_uint8), ("exception_pending", c.c_uint8),
        ("exception_error_code", c.c_uint32),
        ("interrupt_injected", c.c_uint8), ("interrupt_nr", c.c_uint8),
        ("interrupt_soft", c.c_uint8), ("interrupt_shadow", c.c_uint8),
        ("nmi_injected", c.c_uint8), ("nmi_pending", c.c_uint8), ("nmi_masked", c.c_uint8),
        ("nmi_pad", c.c_uint8), ("sipi_vector", c.c_uint32), ("flags", c.c_uint32),
        ("smi", c.c_uint8 * 4), ("triple_fault", c.c_uint8), ("reserved", c.c_uint8 * 26),
        ("exception_has_payload", c.c_uint8), ("exception_payload", c.c_uint64),
    ]  # fmt: skip


class MemoryRegion(c.Structure):
    """``struct kvm_userspace_memory_region``."""

    _fields_: ClassVar[list[Any]] = [
        ("slot", c.c_uint32), ("flags", c.c_uint32), ("guest_phys_addr", c.c_uint64),
        ("memory_size", c.c_uint64), ("userspace_addr", c.c_uint64),
    ]  # fmt: skip


class CpuidEntry(c.Structure):
    """``struct kvm_cpuid_entry2``."""

    _fields_: ClassVar[list[Any]] = [
        ("function", c.c_uint32), ("index", c.c_uint32), ("flags", c.c_uint32),
        ("eax", c.c_uint32), ("ebx", c.c_uint32), ("ecx", c.c_uint32), ("edx", c.c_uint32),
        ("padding", c.c_uint32 * 3),
    ]  # fmt: skip


CPUID_ENTRIES: Final = 256


class Cpuid(c.Structure):
    """``struct kvm_cpuid2`` with room for all leaves."""

    _fields_: ClassVar[list[Any]] = [
        ("nent", c.c_uint32), ("padding", c.c_uint32), ("entries", CpuidEntry * CPUID_ENTRIES),
    ]  # fmt: skip


class MsrEntry(c.Structure):
    """``struct kvm_msr_entry``."""

    _fields_: ClassVar[list[Any]] = [
        ("index", c.c_uint32), ("reserved", c.c_uint32), ("data", c.c_uint64),
    ]  # fmt: skip


class Msrs(c.Structure):
    """``struct kvm_msrs`` with room for one."""

    _fields_: ClassVar[list[Any]] = [
        ("nmsrs", c.c_uint32), ("pad", c.c_uint32), ("entry", MsrEntry),
    ]  # fmt: skip


class ClockData(c.Structure):
    """``struct kvm_clock_data``: the clock of KVM's paravirtualization interface, in ns."""

    _fields_: ClassVar[list[Any]] = [
        ("clock", c.c_uint64), ("flags", c.c_uint32), ("pad0", c.c_uint32),
        ("realtime", c.c_uint64), ("host_tsc", c.c_uint64), ("pad", c.c_uint32 * 4),
    ]  # fmt: skip


class Translation(c.Structure):
    """``struct kvm_translation``."""

    _fields_: ClassVar[list[Any]] = [
        ("linear_address", c.c_uint64), ("physical_address", c.c_uint64), ("valid", c.c_uint8),
        ("writeable", c.c_uint8), ("usermode", c.c_uint8), ("pad", c.c_uint8 * 5),
    ]  # fmt: skip


class DirtyLog(c.Structure):
    """``struct kvm_dirty_log``."""

    _fields_: ClassVar[list[Any]] = [
        ("slot", c.c_uint32), ("padding", c.c_uint32), ("dirty_bitmap", c.c_uint64),
    ]  # fmt: skip


GET_API_VERSION: Final = request(NONE, 0x00)
CREATE_VM: Final = request(NONE, 0x01)
CHECK_EXTENSION: Final = request(NONE, 0x03)
GET_VCPU_MMAP_SIZE: Final = request(NONE, 0x04)
# The size in the number is that of the head; the entries follow it.
GET_SUPPORTED_CPUID: Final = request(READ | WRITE, 0x05, 8)
CREATE_VCPU: Final = request(NONE, 0x41)
GET_DIRTY_LOG: Final = request(WRITE, 0x42, c.sizeof(DirtyLog))
SET_USER_MEMORY_REGION: Final = request(WRITE, 0x46, c.sizeof(MemoryRegion))
SET_TSS_ADDR: Final = request(NONE, 0x47)
SET_IDENTITY_MAP_ADDR: Final = request(WRITE, 0x48, 8)
SET_CLOCK: Final = request(WRITE, 0x7B, c.sizeof(ClockData))
GET_CLOCK: Final = request(READ, 0x7C, c.sizeof(ClockData))
RUN: Final = request(NONE, 0x80)
GET_REGS: Final = request(READ, 0x81, c.sizeof(Regs))
SET_REGS: Final = request(WRITE, 0x82, c.sizeof(Regs))
GET_SREGS: Final = request(READ, 0x83, c.sizeof(Sregs))
SET_SREGS: Final = request(WRITE, 0x84, c.sizeof(Sregs))
TRANSLATE: Final = request(READ | WRITE, 0x85, c.sizeof(Translation))
INTERRUPT: Final = request(WRITE, 0x86, 4)
GET_MSRS: Final = request(READ | WRITE, 0x88, 8)
SET_MSRS: Final = request(WRITE, 0x89, 8)
X86_SETUP_MCE: Final = request(WRITE, 0x9C, 8)
SET_CPUID2: Final = request(WRITE, 0x90, 8)
NMI: Final = request(NONE, 0x9A)
GET_MP_STATE: Final = request(READ, 0x98, 4)
SET_MP_STATE: Final = request(WRITE, 0x99, 4)
GET_VCPU_EVENTS: Final = request(READ, 0x9F, c.sizeof(VcpuEvents))
SET_VCPU_EVENTS: Final = request(WRITE, 0xA0, c.sizeof(VcpuEvents))
GET_DEBUGREGS: Final = request(READ, 0xA1, c.sizeof(DebugRegs))
SET_DEBUGREGS: Final = request(WRITE, 0xA2, c.sizeof(DebugRegs))
GET_XSAVE: Final = request(READ, 0xA4, c.sizeof(Xsave))
SET_TSC_KHZ: Final = request(NONE, 0xA2)
GET_TSC_KHZ: Final = request(NONE, 0xA3)
SET_XSAVE: Final = request(WRITE, 0xA5, c.sizeof(Xsave))
GET_XCRS: Final = request(READ, 0xA6, c.sizeof(Xcrs))
SET_XCRS: Final = request(WRITE, 0xA7, c.sizeof(Xcrs))
KVMCLOCK_CTRL: Final = request(NONE, 0xAD)

CAP_NR_MEMSLOTS: Final = 10
CAP_READONLY_MEM, CAP_IMMEDIATE_EXIT = 81, 136
CAP_COALESCED_MMIO, CAP_MAX_VCPUS = 15, 66
MP_RUNNABLE, MP_UNINITIALIZED, MP_INIT_RECEIVED, MP_HALTED = range(4)
CAP_HYPERV, CAP_HYPERV_TIME, CAP_HYPERV_VP_INDEX = 44, 96, 149
CAP_TSC_DEADLINE_TIMER: Final = 72

MEM_LOG_DIRTY_PAGES, MEM_READONLY = 1 << 0, 1 << 1
CPUID_SIGNIFICANT_INDEX: Final = 1

# struct kvm_run: offsets of the fields used (the union starts at 32).
RUN_REQUEST_WINDOW, RUN_IMMEDIATE_EXIT, RUN_EXIT_REASON = 0, 1, 8
RUN_READY_FOR_INTERRUPT, RUN_IF_FLAG, RUN_CR8, RUN_UNION = 12, 13, 16, 32

EXIT_IO, EXIT_HLT, EXIT_MMIO, EXIT_WINDOW_OPEN, EXIT_SHUTDOWN = 2, 5, 6, 7, 8
EXIT_FAIL_ENTRY, EXIT_INTR, EXIT_SET_TPR, EXIT_INTERNAL_ERROR = 9, 10, 11, 17
EXIT_SYSTEM_EVENT: Final = 24
SYSTEM_EVENT_SHUTDOWN, SYSTEM_EVENT_RESET, SYSTEM_EVENT_CRASH = 1, 2, 3
INTERNAL_ERROR_EMULATION: Final = 1

_libc = c.CDLL(None, use_errno=True)
_ioctl = _libc.ioctl
_ioctl.argtypes = (c.c_int, c.c_ulong, c.c_void_p)
_ioctl.restype = c.c_int


def ioctl(file: int, request: int, argument: Any = None) -> int:
    """Call the kernel, with the address of a structure or a number; lets other threads run.

    Raises:
        OSError: the kernel refused.
    """
    result = _ioctl(file, request, argument)
    if result < 0:
        number = c.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)


def open_kvm() -> int:
    """Open the device and check that it is what this program knows.

    Raises:
        ExecutionEngineError: KVM cannot be used; says why and what to do.
    """
    try:
        file = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise ExecutionEngineError(refusals.cannot_open(DEVICE, error)) from error
    try:
        _check(file)
    except BaseException:
        os.close(file)
        raise
    return file


def _check(file: int) -> None:
    version = ioctl(file, GET_API_VERSION)
    if version != API_VERSION:
        raise ExecutionEngineError(
            f"{DEVICE} speaks version {version} of its interface; only {API_VERSION} is known. "
            "Choose the execution engine Unicorn for this machine."
        )
    if not ioctl(file, CHECK_EXTENSION, CAP_IMMEDIATE_EXIT):
        raise ExecutionEngineError(
            "This kernel's KVM is too old: it cannot be told to leave the guest at once "
            "(Linux 4.12 and newer can). Choose the execution engine Unicorn for this machine."
        )


def create_vm(file: int) -> int:
    """Create a virtual machine and return its file.

    Raises:
        ExecutionEngineError: it cannot be created; says why and what to do.
    """
    try:
        return ioctl(file, CREATE_VM, 0)
    except OSError as error:
        raise ExecutionEngineError(refusals.cannot_create(error)) from error


def availability() -> str:
    """Return why KVM cannot be used on this host, or an empty text when it can."""
    try:
        file = open_kvm()
    except ExecutionEngineError as error:
        return str(error)
    try:
        os.close(create_vm(file))
    except ExecutionEngineError as error:
        return str(error)
    finally:
        os.close(file)
    return ""
