"""CPUM: the processor that the guest sees through CPUID."""

from engine.cpum.features import BRAND, SIGNATURE, VENDOR, Features1Ecx, Features1Edx
from engine.cpum.profile import CpuProfile
from engine.cpum.table import CpuidTable, Leaf

__all__ = [
    "BRAND",
    "SIGNATURE",
    "VENDOR",
    "CpuProfile",
    "CpuidTable",
    "Features1Ecx",
    "Features1Edx",
    "Leaf",
]
