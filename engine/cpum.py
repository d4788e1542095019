"""CPUM: the CPU profile that the guest sees through CPUID.

The profile is fixed and honest: it announces what the execution engine really executes, whatever
the host has. Reference: SDM 2, CPUID; AMD APM 3, appendix E.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cfgm import Node


class Features1Edx(IntFlag):
    """Leaf 1, EDX."""

    FPU, DE, PSE, TSC, MSR, PAE, MCE = 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7
    CX8, APIC, SEP, PGE, CMOV, PAT = 1 << 8, 1 << 9, 1 << 11, 1 << 13, 1 << 15, 1 << 16
    MMX, FXSR, SSE, SSE2 = 1 << 23, 1 << 24, 1 << 25, 1 << 26


class Features1Ecx(IntFlag):
    """Leaf 1, ECX."""

    SSE3, CX16, HYPERVISOR = 1, 1 << 13, 1 << 31


class FeaturesExtEdx(IntFlag):
    """Leaf 8000_0001h, EDX (those that are not copies of leaf 1)."""

    SYSCALL, NX, LM = 1 << 11, 1 << 20, 1 << 29


EXT_ECX_LAHF = 1
# Bits of leaf 1 EDX that AMD repeats in leaf 8000_0001h.
REPEATED_EDX = 0x0183F3FF
# Family 6, model 6, stepping 3: the processor whose quirks the translator's model has.
SIGNATURE = 0x663
VENDOR = b"AuthenticAMD"
BRAND = b"Vitrine Virtual CPU"
PHYSICAL_BITS, LINEAR_BITS = 40, 48

Leaf = tuple[int, int, int, int]  # EAX, EBX, ECX, EDX


@dataclass(frozen=True, slots=True)
class CpuProfile:
    """What CPUID answers.

    Attributes:
        apic: announce a local APIC (there must be one).
        pae: announce PAE. nx: announce no-execute pages. long_mode: announce 64-bit mode.
    """

    apic: bool = False
    pae: bool = True
    nx: bool = True
    long_mode: bool = True

    @classmethod
    def from_cfgm(cls, node: Node | None) -> CpuProfile:
        """Read the profile from the CFGM node ``/CPUM``."""
        if node is None:
            return cls()
        return cls(
            apic=node.boolean("EnableAPIC", default=False),
            pae=node.boolean("EnablePAE", default=True),
            nx=node.boolean("EnableNX", default=True),
            long_mode=node.boolean("Enable64bit", default=True),
        )

    def leaf(self, number: int, sub_leaf: int = 0) -> Leaf:
        """Return the registers for a leaf; leaves that do not exist answer zeros."""
        del sub_leaf  # no leaf of this profile has sub-leaves
        return self._table().get(number, (0, 0, 0, 0))

    def leaves(self) -> dict[int, Leaf]:
        """Return all leaves by number."""
        return self._table()

    def _table(self) -> dict[int, Leaf]:
        edx = Features1Edx(0)
        for feature in Features1Edx:
            edx |= feature
        if not self.apic:
            edx &= ~Features1Edx.APIC
        if not self.pae:
            edx &= ~Features1Edx.PAE
        ext_edx = edx & REPEATED_EDX
        if self.long_mode:
            ext_edx |= FeaturesExtEdx.LM | FeaturesExtEdx.SYSCALL
        if self.nx and self.pae:
            ext_edx |= FeaturesExtEdx.NX
        ecx = Features1Ecx.SSE3 | Features1Ecx.CX16 | Features1Ecx.HYPERVISOR
        vendor = [int.from_bytes(VENDOR[i : i + 4], "little") for i in (0, 4, 8)]
        brand = BRAND.ljust(48, b"\0")
        words = [int.from_bytes(brand[i : i + 4], "little") for i in range(0, 48, 4)]
        return {
            0x0000_0000: (1, vendor[0], vendor[2], vendor[1]),
            # CLFLUSH line size 8 quadwords; one logical processor.
            0x0000_0001: (SIGNATURE, 0x0001_0800, int(ecx), int(edx)),
            0x8000_0000: (0x8000_0008, vendor[0], vendor[2], vendor[1]),
            0x8000_0001: (SIGNATURE, 0, EXT_ECX_LAHF, int(ext_edx)),
            0x8000_0002: (words[0], words[1], words[2], words[3]),
            0x8000_0003: (words[4], words[5], words[6], words[7]),
            0x8000_0004: (words[8], words[9], words[10], words[11]),
            # 64 KiB L1 caches of 64-byte lines, 2 ways; 512 KiB L2 of 16 ways.
            0x8000_0005: (0x01FF_01FF, 0x01FF_01FF, 0x4002_0140, 0x4002_0140),
            0x8000_0006: (0, 0x4200_4200, 0x0200_8140, 0),
            0x8000_0008: (LINEAR_BITS << 8 | PHYSICAL_BITS, 0, 0, 0),
        }
