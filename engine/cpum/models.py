"""Processors that a machine can be instead of the host's: identity and features.

Names are VirtualBox's. A model takes features away, it cannot add what the execution engine does
not have. Reference: the manufacturers' processor identification notes (Intel AN 485; AMD 25481).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from engine.cpum.features import FeatureWords
from engine.cpum.table import Table, words_of

INTEL, AMD = b"GenuineIntel", b"AuthenticAMD"
HOST: Final = "host"
_HYPERVISOR: Final = 1 << 31
_EXT_NX_LM: Final = 1 << 11 | 1 << 20 | 1 << 29


class CpuModel(NamedTuple):
    """A processor.

    Attributes:
        vendor: of leaf 0. signature: EAX of leaf 1. brand: of leaves 8000_0002h to 4h.
        highest: highest standard leaf. features: what it has at most.
    """

    vendor: bytes
    signature: int
    brand: bytes
    highest: int
    features: FeatureWords


MODELS: Final[dict[str, CpuModel]] = {
    "Intel Pentium 4 3.00GHz": CpuModel(
        INTEL, 0xF43, b"Intel(R) Pentium(R) 4 CPU 3.00GHz", 5,
        FeatureWords(0x641D | _HYPERVISOR, 0xBFEBFBFF, 0, 0, 0, 1, _EXT_NX_LM),
    ),
    "Intel Core i7-6700K": CpuModel(
        INTEL, 0x506E3, b"Intel(R) Core(TM) i7-6700K CPU @ 4.00GHz", 0x16,
        FeatureWords(
            0x7FFAFBFF | _HYPERVISOR, 0xBFEBFBFF, 0x029C6FBF, 0, 0,
            0x121, _EXT_NX_LM | 1 << 26 | 1 << 27,
        ),
    ),
    "AMD Athlon 64 3200+": CpuModel(
        AMD, 0x20FF2, b"AMD Athlon(tm) 64 Processor 3200+", 1,
        FeatureWords(1 | _HYPERVISOR, 0x078BFBFF, 0, 0, 0, 1, 0xE3D3FBFF),
    ),
    "AMD Phenom II X6 1100 T": CpuModel(
        AMD, 0x100FA0, b"AMD Phenom(tm) II X6 1100T Processor", 1,
        FeatureWords(0x00802009 | _HYPERVISOR, 0x178BFBFF, 0, 0, 0, 0x37FF, 0xEFD3FBFF),
    ),
}  # fmt: skip


def take_identity(table: Table, model: CpuModel) -> None:
    """Put vendor, signature and brand of a model into a table; drop what is beyond its time."""
    vendor = words_of(model.vendor, 3)
    highest = min(table[0, 0][0], model.highest)
    table[0, 0] = (highest, vendor[0], vendor[2], vendor[1])
    for number in (1, 0x8000_0001):
        if (number, 0) in table:
            table[number, 0] = (model.signature, *table[number, 0][1:])
    if (0x8000_0000, 0) in table:
        extended = vendor if model.vendor == AMD else [0, 0, 0]
        table[0x8000_0000, 0] = (
            table[0x8000_0000, 0][0], extended[0], extended[2], extended[1],
        )  # fmt: skip
    words = words_of(model.brand, 12)
    for n in range(3):
        table[0x8000_0002 + n, 0] = (
            words[4 * n], words[4 * n + 1], words[4 * n + 2], words[4 * n + 3],
        )  # fmt: skip
    for number, sub_leaf in list(table):
        if highest < number < 0x4000_0000:
            del table[number, sub_leaf]
