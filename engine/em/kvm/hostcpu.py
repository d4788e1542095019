"""What the kernel can show a guest of the host's processor, and of paravirtualization.

Only features whose state :mod:`engine.em.archstate` holds are passed on: a guest that used AVX-512
or protection keys would lose its registers in a saved state. Topology is left out, as the virtual
CPUs have one of their own. Reference: SDM 2, CPUID; AMD APM 3, appendix E.
"""

from __future__ import annotations

import ctypes as c
import logging
from typing import TYPE_CHECKING, Final

from engine.cpum.features import (
    EXTENDED_STATE_LEAF,
    FeatureWords,
    features_of,
    set_features,
    settle_extended_state,
)
from engine.em import x86
from engine.em.kvm import api
from engine.gim.providers import Abilities, HyperVFeature, HyperVMisc, KvmFeature

if TYPE_CHECKING:
    from engine.cpum.table import Table

log = logging.getLogger("engine.em")

HIGHEST: Final = EXTENDED_STATE_LEAF
HIGHEST_EXTENDED: Final = 0x8000_0008
# Caches and thermal leaves of the host; 3 is a serial number, Bh topology, Dh made below.
_PASSED: Final = frozenset({
    0, 1, 2, 4, 6, 7, *range(0x8000_0000, HIGHEST_EXTENDED + 1),
})  # fmt: skip
_CACHES: Final = 4
_CACHE_TYPE, _CACHE_LEVEL_SHIFT, _CACHE_KIND = 0x1F, 5, 0x3FFF
_SHARING_SHIFT, _CORES_SHIFT = 14, 26
_PRIVATE_LEVELS: Final = 2
_X2APIC, _TSC_DEADLINE = 1 << 21, 1 << 24
_HTT: Final = 1 << 28
_AVX_STATE: Final = 2
# Bytes of x87, SSE and the header in front of everything else, and of the AVX state.
_LEGACY_AREA, _AVX_BYTES = 576, 256
_XSAVE_WAYS: Final = 0b0111  # XSAVEOPT, XSAVEC, XGETBV with ECX 1
_CMP_LEGACY: Final = 1 << 1
_ARAT: Final = 1 << 2
_INVARIANT_TSC: Final = 1 << 8
PASSED_FEATURES: Final = FeatureWords(
    # SSE3 PCLMULQDQ SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE AVX F16C RDRAND,
    # hypervisor; OSXSAVE is the kernel's to set
    ecx1=0xF6DA_3203,
    # all but PSN, DS, ACPI, SS, HTT, TM, PBE; MCE, MCA and MTRR are there
    edx1=0x078B_FBFF,
    # FSGSBASE BMI1 AVX2 SMEP BMI2 ERMS INVPCID RDSEED ADX SMAP SHA
    ebx7=0x201C_07A9,
    ecx7=1 << 9 | 1 << 10 | 1 << 22,  # VAES VPCLMULQDQ RDPID
    edx7=1 << 4 | 1 << 10,  # FSRM MD_CLEAR
    # LAHF CR8 ABM SSE4A MISALIGNSSE PREFETCHW
    ext_ecx=0x1F1,
    ext_edx=0x2FD3_FBFF,
)
"""What is passed on of the host's features; there is no MSR or register behind them that the
record of a saved state does not have."""
IN_KERNEL_APIC: Final = FeatureWords(ecx1=_X2APIC | _TSC_DEADLINE)


def supported(file: int) -> Table:
    """Return the leaves that the kernel offers.

    Raises:
        OSError: the kernel refused.
    """
    table = api.Cpuid(nent=api.CPUID_ENTRIES)
    api.ioctl(file, api.GET_SUPPORTED_CPUID, c.byref(table))
    leaves = {
        (entry.function, entry.index): (entry.eax, entry.ebx, entry.ecx, entry.edx)
        for entry in table.entries[: table.nent]
    }
    # Kernels before 6.14 tell of the deadline timer by a capability alone (api.rst, 9.1).
    if (1, 0) in leaves and api.ioctl(file, api.CHECK_EXTENSION, api.CAP_TSC_DEADLINE_TIMER):
        eax, ebx, ecx, edx = leaves[1, 0]
        leaves[1, 0] = eax, ebx, ecx | _TSC_DEADLINE, edx
    return leaves


def guest_base(offered: Table, *, cpus: int, in_kernel_apic: bool, x2apic: bool) -> Table:
    """Return what a guest can see at most of the leaves that the kernel offers.

    Args:
        offered: leaves of the kernel.
        cpus: number of virtual CPUs, each a core of one package.
        in_kernel_apic: the kernel has the local APIC: its deadline timer can be announced.
        x2apic: announce x2APIC mode, where the kernel has the local APIC.
    """
    table = {place: leaf for place, leaf in offered.items() if place[0] in _PASSED}
    table = {place: leaf for place, leaf in table.items() if place[1] == 0 or place[0] == _CACHES}
    _share_caches(table, cpus)
    table |= _extended_state(offered)
    for first, highest in ((0, HIGHEST), (0x8000_0000, HIGHEST_EXTENDED)):
        if (first, 0) in table:
            leaf = table[first, 0]
            table[first, 0] = (min(leaf[0], highest), *leaf[1:])
    words = features_of(table)
    passed = words & PASSED_FEATURES
    extra = words & IN_KERNEL_APIC if in_kernel_apic else FeatureWords()
    ecx1 = passed.ecx1 | extra.ecx1 & (_TSC_DEADLINE | (_X2APIC if x2apic else 0))
    edx1 = passed.edx1 | (_HTT if cpus > 1 else 0)
    ext_ecx = passed.ext_ecx | (_CMP_LEGACY if cpus > 1 else 0)
    set_features(table, passed._replace(ecx1=ecx1, edx1=edx1, ext_ecx=ext_ecx))
    settle_extended_state(table)
    if (1, 0) in table:
        eax, ebx, ecx, edx = table[1, 0]
        table[1, 0] = (eax, ebx & 0xFF00 | cpus << 16, ecx, edx)
    for place, mask in (((6, 0), (_ARAT, 0, 0, 0)), ((0x8000_0007, 0), (0, 0, 0, _INVARIANT_TSC))):
        if place in table:
            eax, ebx, ecx, edx = (a & b for a, b in zip(table[place], mask, strict=True))
            table[place] = eax, ebx, ecx, edx
    if (0x8000_0008, 0) in table:
        table[0x8000_0008, 0] = (table[0x8000_0008, 0][0], 0, cpus - 1, 0)
    return table


def _share_caches(table: Table, cpus: int) -> None:
    """Have the caches of an Intel processor tell of cores as leaf 1 does (SDM 2, CPUID leaf 4).

    Each CPU has the first levels for itself; what is beyond is shared by all.
    """
    if (_CACHES, 0) in table and not table[_CACHES, 0][0] & _CACHE_TYPE:
        del table[_CACHES, 0]  # an AMD processor tells by other leaves
    for place, (eax, ebx, ecx, edx) in table.items():
        if place[0] == _CACHES and eax & _CACHE_TYPE:
            level = eax >> _CACHE_LEVEL_SHIFT & 7
            sharing = cpus - 1 if level > _PRIVATE_LEVELS else 0
            topology = (cpus - 1) << _CORES_SHIFT | sharing << _SHARING_SHIFT
            table[place] = eax & _CACHE_KIND | topology, ebx, ecx, edx


def _extended_state(offered: Table) -> Table:
    """Return the leaves of XSAVE with x87, SSE and AVX (SDM 2, CPUID leaf 0Dh).

    The kernel keeps the sizes of what the guest has enabled up to date. XSAVES is left out, as
    there is a register behind it.
    """
    wanted = api.XSTATE_X87_SSE | api.XSTATE_AVX
    states = offered.get((EXTENDED_STATE_LEAF, 0), (0, 0, 0, 0))[0]
    size, start, _, _ = offered.get((EXTENDED_STATE_LEAF, _AVX_STATE), (0, 0, 0, 0))
    if states & wanted != wanted or (size, start) != (_AVX_BYTES, _LEGACY_AREA):
        return {}
    ways = offered.get((EXTENDED_STATE_LEAF, 1), (0, 0, 0, 0))[0] & _XSAVE_WAYS
    return {
        (EXTENDED_STATE_LEAF, 0): (wanted, _LEGACY_AREA, start + size, 0),
        (EXTENDED_STATE_LEAF, 1): (ways, 0, 0, 0),
        (EXTENDED_STATE_LEAF, _AVX_STATE): (size, start, 0, 0),
    }


def set_up_machine_check(vcpu: int) -> None:
    """Give a CPU the banks that the other engine has too, as far as the kernel can."""
    try:
        api.ioctl(vcpu, api.X86_SETUP_MCE, c.byref(c.c_uint64(x86.MCG_CAP)))
    except OSError as error:  # it keeps the banks that the kernel gives to every CPU
        log.debug("KVM does not set up machine checks: %s", error.strerror)


def abilities(file: int, offered: Table, *, tsc_khz: int, in_kernel_apic: bool) -> Abilities:
    """Return what the kernel has for paravirtualization.

    Args:
        file: of the device.
        offered: leaves that the kernel offers.
        tsc_khz: rate of the time-stamp counter.
        in_kernel_apic: the kernel has the local APIC, and can shorten the way to it.
    """
    wanted = KvmFeature.CLOCKSOURCE | KvmFeature.CLOCKSOURCE2 | KvmFeature.CLOCKSOURCE_STABLE
    if in_kernel_apic:
        wanted |= KvmFeature.PV_EOI | KvmFeature.PV_UNHALT
    kvm = KvmFeature(offered.get((0x4000_0001, 0), (0, 0, 0, 0))[0] & wanted)
    hyper_v, misc = HyperVFeature(0), HyperVMisc(0)
    if api.ioctl(file, api.CHECK_EXTENSION, api.CAP_HYPERV):
        hyper_v = HyperVFeature.HYPERCALL | HyperVFeature.RESET | HyperVFeature.TIME_REFERENCE_COUNT
        misc = HyperVMisc.CRASH
        if api.ioctl(file, api.CHECK_EXTENSION, api.CAP_HYPERV_VP_INDEX):
            hyper_v |= HyperVFeature.VP_INDEX
        if api.ioctl(file, api.CHECK_EXTENSION, api.CAP_HYPERV_TIME):
            hyper_v |= HyperVFeature.REFERENCE_TSC | HyperVFeature.FREQUENCIES
            misc |= HyperVMisc.FREQUENCIES
        if in_kernel_apic:
            hyper_v |= HyperVFeature.APIC
    return Abilities(tsc_khz=tsc_khz, kvm=kvm, hyper_v=hyper_v, hyper_v_misc=misc)
