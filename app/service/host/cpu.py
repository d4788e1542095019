"""Processors of the host: counts, features, speeds, and the answers of CPUID."""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import platform
from pathlib import Path
from typing import Final, NamedTuple

from app.api.errors import ApiError, ErrorCode
from app.api.hoststructs import HostCpuIdLeaf

_CPUINFO: Final = Path("/proc/cpuinfo")

# push rbx; mov eax, edi; mov ecx, esi; mov r8, rdx; cpuid;
# mov [r8], eax; mov [r8+4], ebx; mov [r8+8], ecx; mov [r8+12], edx; pop rbx; ret
_CPUID_SYSV: Final = bytes.fromhex(
    "53 89f8 89f1 4989d0 0fa2 418900 41895804 41894808 4189500c 5b c3"
)
# The same with the registers of the Windows calling convention: ecx, edx, r8.
_CPUID_WINDOWS: Final = bytes.fromhex(
    "53 89c8 89d1 0fa2 418900 41895804 41894808 4189500c 5b c3"
)

_RANGES: Final = (0x0000_0000, 0x8000_0000, 0xC000_0000)
"""First leaves of the standard, the extended and Centaur's range (Intel SDM volume 2A, CPUID)."""

_MOST_LEAVES: Final = 0x80

_FEATURE_FLAGS: Final = {
    "HWVirtEx": ("vmx", "svm"),
    "PAE": ("pae",),
    "LongMode": ("lm",),
    "NestedPaging": ("ept", "npt"),
    "UnrestrictedGuest": ("unrestricted_guest",),
    "VirtVmsaveVmload": ("v_vmsave_vmload",),
}
"""Feature of the API: flags of ``/proc/cpuinfo`` (or of its line ``vmx flags``), one of which is
set where the host has it. Nested virtualization is not among them: we do not offer it."""


class Processor(NamedTuple):
    """One processor: its place, its speed in MHz (0: unknown) and its brand."""

    package: str
    core: str
    mhz: int
    description: str


def processors() -> list[Processor]:
    """Processors in use, in the host's order."""
    found = [
        Processor(
            package=block.get("physical id", "0"),
            core=block.get("core id", block.get("processor", "0")),
            mhz=round(float(block.get("cpu MHz", "0") or 0)),
            description=block.get("model name", "") or platform.processor(),
        )
        for block in _cpuinfo()
    ]
    if found:
        return found
    brand = platform.processor() or platform.machine()
    return [Processor("0", str(number), 0, brand) for number in range(os.cpu_count() or 1)]


def features() -> list[str]:
    """Features that the processors have, with the names of the API."""
    blocks = _cpuinfo()
    if not blocks:
        return ["PAE", "LongMode"] if platform.machine().lower() in ("x86_64", "amd64") else []
    flags = set(blocks[0].get("flags", "").split()) | set(blocks[0].get("vmx flags", "").split())
    return [name for name, alternatives in _FEATURE_FLAGS.items() if flags & {*alternatives}]


def cpuid_leaves() -> list[HostCpuIdLeaf]:
    """All leaves of CPUID, subleaf 0 of each.

    Raises:
        ApiError: ``VBOX_E_PLATFORM_ARCH_NOT_SUPPORTED``, ``VBOX_E_HOST_ERROR``.
    """
    if platform.machine().lower() not in ("x86_64", "amd64"):
        raise ApiError(
            ErrorCode.VBOX_E_PLATFORM_ARCH_NOT_SUPPORTED,
            f"The host's processor ({platform.machine()}) has no CPUID instruction.",
            "host",
        )
    leaves: list[HostCpuIdLeaf] = []
    for first in _RANGES:
        last = _cpuid(first).eax
        # A range that a processor does not have answers with anything.
        if first <= last < first + _MOST_LEAVES:
            leaves += [_cpuid(leaf) for leaf in range(first, last + 1)]
    return leaves


def _cpuid(leaf: int) -> HostCpuIdLeaf:
    answer = (ctypes.c_uint32 * 4)()
    _cpuid_function()(leaf, 0, answer)
    eax, ebx, ecx, edx = answer
    return HostCpuIdLeaf(leaf=leaf, eax=eax, ebx=ebx, ecx=ecx, edx=edx)


@functools.cache
def _cpuid_function() -> ctypes._CFunctionType:
    """A function around the instruction: Python has none, and the device file needs root."""
    windows = os.name == "nt"
    code = _CPUID_WINDOWS if windows else _CPUID_SYSV
    try:
        address = _executable_windows(code) if windows else _executable_posix(code)
    except OSError as error:
        raise ApiError(
            ErrorCode.VBOX_E_HOST_ERROR,
            f"The host does not let the service ask the processor: {error}.",
            "host",
        ) from error
    prototype = ctypes.CFUNCTYPE(
        None, ctypes.c_uint32, ctypes.c_uint32, ctypes.POINTER(ctypes.c_uint32)
    )
    return prototype(address)


_pages: list[mmap.mmap] = []
"""Keeps the code mapped as long as the process lives."""


def _executable_posix(code: bytes) -> int:
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    _pages.append(page)
    return ctypes.addressof(ctypes.c_char.from_buffer(page))


def _executable_windows(code: bytes) -> int:
    kernel32 = ctypes.CDLL("kernel32", use_last_error=True)
    allocate = kernel32.VirtualAlloc
    allocate.restype = ctypes.c_void_p
    allocate.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32, ctypes.c_uint32)
    reserve_commit, execute_read_write = 0x3000, 0x40
    address = allocate(None, mmap.PAGESIZE, reserve_commit, execute_read_write)
    if not address:
        raise OSError(ctypes.get_last_error(), "VirtualAlloc failed")  # type: ignore[attr-defined]
    ctypes.memmove(address, code, len(code))
    return int(address)


def _cpuinfo() -> list[dict[str, str]]:
    """Blocks of ``/proc/cpuinfo``, one per processor in use; empty where there is no such file."""
    try:
        text = _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    blocks = []
    for block in text.split("\n\n"):
        pairs = (line.partition(":") for line in block.splitlines())
        values = {name.strip(): value.strip() for name, _colon, value in pairs}
        if "processor" in values:
            blocks.append(values)
    return blocks
