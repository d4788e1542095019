"""Feature words of CPUID, and the processor that every execution engine can be.

Reference: SDM 2, CPUID; AMD APM 3, appendix E.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.cpum.table import words_of

if TYPE_CHECKING:
    from engine.cpum.table import Table


class Features1Edx(IntFlag):
    """Leaf 1, EDX."""

    FPU, DE, PSE, TSC, MSR, PAE, MCE = 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7
    CX8, APIC, SEP, MTRR, PGE, MCA = 1 << 8, 1 << 9, 1 << 11, 1 << 12, 1 << 13, 1 << 14
    CMOV, PAT = 1 << 15, 1 << 16
    MMX, FXSR, SSE, SSE2 = 1 << 23, 1 << 24, 1 << 25, 1 << 26


class Features1Ecx(IntFlag):
    """Leaf 1, ECX."""

    SSE3, CX16, HYPERVISOR = 1, 1 << 13, 1 << 31


class FeaturesExtEdx(IntFlag):
    """Leaf 8000_0001h, EDX (those that are not copies of leaf 1)."""

    SYSCALL, NX, LM = 1 << 11, 1 << 20, 1 << 29


class FeatureWords(NamedTuple):
    """The registers of CPUID that are sets of features.

    Attributes:
        ecx1, edx1: leaf 1. ebx7, ecx7, edx7: leaf 7. ext_ecx, ext_edx: leaf 8000_0001h.
    """

    ecx1: int = 0
    edx1: int = 0
    ebx7: int = 0
    ecx7: int = 0
    edx7: int = 0
    ext_ecx: int = 0
    ext_edx: int = 0

    def __and__(self, other: FeatureWords) -> FeatureWords:
        """Return what both have."""
        return FeatureWords(*(a & b for a, b in zip(self, other, strict=True)))

    def without(self, other: FeatureWords) -> FeatureWords:
        """Return what the other has not."""
        return FeatureWords(*(a & ~b for a, b in zip(self, other, strict=True)))


EXT_ECX_LAHF: Final = 1
# Bits of leaf 1 EDX that AMD repeats in leaf 8000_0001h.
REPEATED_EDX: Final = 0x0183F3FF
# Family 6, model 6, stepping 3: the processor whose quirks the translator's model has.
SIGNATURE: Final = 0x663
VENDOR: Final = b"AuthenticAMD"
BRAND: Final = b"Vitrine Virtual CPU"
PHYSICAL_BITS, LINEAR_BITS = 40, 48

_EDX1: Final = int(~Features1Edx(0))
COMMON: Final = FeatureWords(
    ecx1=int(Features1Ecx.SSE3 | Features1Ecx.CX16 | Features1Ecx.HYPERVISOR),
    edx1=_EDX1,
    ext_ecx=EXT_ECX_LAHF,
    ext_edx=_EDX1 & REPEATED_EDX
    | int(FeaturesExtEdx.LM | FeaturesExtEdx.SYSCALL | FeaturesExtEdx.NX),
)
"""What every execution engine executes."""


def virtual_cpu() -> Table:
    """Return the leaves of the processor that the translator is: fixed, whatever the host has."""
    vendor = words_of(VENDOR, 3)
    words = words_of(BRAND, 12)
    return {
        (0x0000_0000, 0): (1, vendor[0], vendor[2], vendor[1]),
        # CLFLUSH line size 8 quadwords; one logical processor.
        (0x0000_0001, 0): (SIGNATURE, 0x0001_0800, COMMON.ecx1, COMMON.edx1),
        (0x8000_0000, 0): (0x8000_0008, vendor[0], vendor[2], vendor[1]),
        (0x8000_0001, 0): (SIGNATURE, 0, COMMON.ext_ecx, COMMON.ext_edx),
        (0x8000_0002, 0): (words[0], words[1], words[2], words[3]),
        (0x8000_0003, 0): (words[4], words[5], words[6], words[7]),
        (0x8000_0004, 0): (words[8], words[9], words[10], words[11]),
        # 64 KiB L1 caches of 64-byte lines, 2 ways; 512 KiB L2 of 16 ways.
        (0x8000_0005, 0): (0x01FF_01FF, 0x01FF_01FF, 0x4002_0140, 0x4002_0140),
        (0x8000_0006, 0): (0, 0x4200_4200, 0x0200_8140, 0),
        (0x8000_0008, 0): (LINEAR_BITS << 8 | PHYSICAL_BITS, 0, 0, 0),
    }


# Features that a guest uses for as long as it lives, and which end it when they go away: other
# instructions, page sizes and timers. What only describes the processor is not among them.
LASTING: Final = FeatureWords(
    # PCLMULQDQ SSSE3 FMA PCID SSE4.1 SSE4.2 x2APIC MOVBE POPCNT TSC deadline, AES XSAVE AVX F16C
    # RDRAND
    ecx1=0x77FA_1202,
    # FSGSBASE BMI1 AVX2 SMEP BMI2 INVPCID RDSEED ADX SMAP SHA
    ebx7=0x201C_05A9,
    ecx7=1 << 9 | 1 << 10 | 1 << 22,  # VAES VPCLMULQDQ RDPID
    ext_ecx=0x60,  # ABM SSE4A
    ext_edx=1 << 26 | 1 << 27,  # 1 GB pages, RDTSCP
)
EXTENDED_STATE: Final = FeatureWords(
    ecx1=1 << 12 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29,  # FMA XSAVE OSXSAVE AVX F16C
    ebx7=1 << 5,  # AVX2
    ecx7=1 << 9 | 1 << 10,  # VAES VPCLMULQDQ
)
"""XSAVE, and what needs it."""
EXTENDED_STATE_LEAF: Final = 0xD
_XSAVE: Final = 1 << 26
_HIGHEST_WITHOUT: Final = 7
_LASTING_NAMES: Final = {
    "ecx1": {1: "PCLMULQDQ", 9: "SSSE3", 12: "FMA", 17: "PCID", 19: "SSE4.1", 20: "SSE4.2",
             21: "x2APIC", 22: "MOVBE", 23: "POPCNT", 24: "TSC deadline timer", 25: "AES",
             26: "XSAVE", 28: "AVX", 29: "F16C", 30: "RDRAND"},
    "ebx7": {0: "FSGSBASE", 3: "BMI1", 5: "AVX2", 7: "SMEP", 8: "BMI2", 10: "INVPCID", 18: "RDSEED",
             19: "ADX", 20: "SMAP", 29: "SHA"},
    "ecx7": {9: "VAES", 10: "VPCLMULQDQ", 22: "RDPID"},
    "ext_ecx": {5: "ABM", 6: "SSE4A"},
    "ext_edx": {26: "1 GB pages", 27: "RDTSCP"},
}  # fmt: skip


def missing_names(saved: FeatureWords, now: FeatureWords) -> list[str]:
    """Return the names of features that a running guest would miss."""
    gone = saved.without(now) & LASTING
    return [
        name
        for word, names in _LASTING_NAMES.items()
        for bit, name in names.items()
        if getattr(gone, word) >> bit & 1
    ]


def features_of(table: Table) -> FeatureWords:
    """Return the feature words of a table of leaves."""
    zero = (0, 0, 0, 0)
    _, _, ecx1, edx1 = table.get((1, 0), zero)
    _, ebx7, ecx7, edx7 = table.get((7, 0), zero)
    _, _, ext_ecx, ext_edx = table.get((0x8000_0001, 0), zero)
    return FeatureWords(ecx1, edx1, ebx7, ecx7, edx7, ext_ecx, ext_edx)


def set_features(table: Table, words: FeatureWords) -> None:
    """Put feature words into those leaves that the table has."""
    if (1, 0) in table:
        eax, ebx, _, _ = table[1, 0]
        table[1, 0] = (eax, ebx, words.ecx1, words.edx1)
    if (7, 0) in table:
        table[7, 0] = (table[7, 0][0], words.ebx7, words.ecx7, words.edx7)
    if (0x8000_0001, 0) in table:
        eax, ebx, _, _ = table[0x8000_0001, 0]
        table[0x8000_0001, 0] = (eax, ebx, words.ext_ecx, words.ext_edx)


def settle_extended_state(table: Table) -> None:
    """Have XSAVE, what needs it, and the leaf with its sizes in a table, or none of them."""
    words = features_of(table)
    highest = table[0, 0][0] if (0, 0) in table else 0
    has_leaf = (EXTENDED_STATE_LEAF, 0) in table and highest >= EXTENDED_STATE_LEAF
    if words.ecx1 & _XSAVE and has_leaf:
        return
    set_features(table, words.without(EXTENDED_STATE))
    for place in [place for place in table if place[0] == EXTENDED_STATE_LEAF]:
        del table[place]
    if highest >= EXTENDED_STATE_LEAF:
        table[0, 0] = (_HIGHEST_WITHOUT, *table[0, 0][1:])
