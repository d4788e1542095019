"""Registers of the controller (High Definition Audio Specification 1.0a, 3.3)."""

from __future__ import annotations

from typing import Final

GCAP, VMIN, VMAJ, OUTPAY, INPAY, GCTL = 0x00, 0x02, 0x03, 0x04, 0x06, 0x08
WAKEEN, STATESTS, GSTS, OUTSTRMPAY, INSTRMPAY = 0x0C, 0x0E, 0x10, 0x18, 0x1A
INTCTL, INTSTS, WALCLK, SSYNC = 0x20, 0x24, 0x30, 0x38
CORBLBASE, CORBUBASE, CORBWP, CORBRP = 0x40, 0x44, 0x48, 0x4A
CORBCTL, CORBSTS, CORBSIZE = 0x4C, 0x4D, 0x4E
RIRBLBASE, RIRBUBASE, RIRBWP, RINTCNT = 0x50, 0x54, 0x58, 0x5A
RIRBCTL, RIRBSTS, RIRBSIZE = 0x5C, 0x5D, 0x5E
ICOI, ICII, ICIS, DPLBASE, DPUBASE = 0x60, 0x64, 0x68, 0x70, 0x74
STREAMS: Final = 0x80
STREAM_SIZE: Final = 0x20
SIZE: Final = 0x4000

CRST: Final = 1
GIE, CIE = 1 << 31, 1 << 30
POINTER_RESET: Final = 1 << 15
CORBRUN: Final = 0x02
RINTCTL, RIRBDMAEN, RIRBOIC = 0x01, 0x02, 0x04
RINTFL, RIRBOIS = 0x01, 0x04
ICB, IRV = 0x01, 0x02
DPLBASE_ENABLE: Final = 0x01

INPUTS: Final = 4
OUTPUTS: Final = 4
GCAP_VALUE: Final = OUTPUTS << 12 | INPUTS << 8 | 1  # 64-bit addresses
RING_ENTRIES: Final = 256  # of CORB and RIRB, which have one size
RING_SIZE: Final = 0x42

READ_ONLY: Final[dict[int, tuple[int, int]]] = {
    GCAP: (GCAP_VALUE, 2), VMIN: (0, 1), VMAJ: (1, 1), OUTPAY: (0x3C, 2), INPAY: (0x1D, 2),
    OUTSTRMPAY: (0x18, 2), INSTRMPAY: (0x18, 2), CORBSIZE: (RING_SIZE, 1),
    RIRBSIZE: (RING_SIZE, 1),
}  # fmt: skip
"""Value and bytes of registers that never change."""

PLAIN: Final[dict[int, tuple[str, int, int]]] = {
    WAKEEN: ("wakeen", 2, 0x0001),
    INTCTL: ("intctl", 4, GIE | CIE | (1 << INPUTS + OUTPUTS) - 1),
    SSYNC: ("ssync", 4, (1 << INPUTS + OUTPUTS) - 1),
    CORBLBASE: ("corblbase", 4, 0xFFFF_FF80), CORBUBASE: ("corbubase", 4, 0xFFFF_FFFF),
    CORBWP: ("corbwp", 2, 0x00FF), CORBCTL: ("corbctl", 1, 0x03),
    RIRBLBASE: ("rirblbase", 4, 0xFFFF_FF80), RIRBUBASE: ("rirbubase", 4, 0xFFFF_FFFF),
    RINTCNT: ("rintcnt", 2, 0x00FF), RIRBCTL: ("rirbctl", 1, 0x07),
    ICOI: ("icoi", 4, 0xFFFF_FFFF), ICII: ("icii", 4, 0),
    DPLBASE: ("dplbase", 4, 0xFFFF_FF81), DPUBASE: ("dpubase", 4, 0xFFFF_FFFF),
}  # fmt: skip
"""Field of the state, bytes and writable bits of registers that only keep what is written."""
