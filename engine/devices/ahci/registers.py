"""Register offsets and bits. Reference: Serial ATA AHCI 1.3.1, chapters 3 and 4; SATA 3.0, 10.3."""

from __future__ import annotations

from typing import Final

# Generic host control (3.1).
CAP, GHC, IS, PI, VS, CAP2 = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x24
CAP_S64A, CAP_SNCQ, CAP_SAM, CAP_ISS_GEN2 = 1 << 31, 1 << 30, 1 << 18, 2 << 20
GHC_AE, GHC_IE, GHC_HR = 1 << 31, 1 << 1, 1 << 0
VERSION: Final = 0x0001_0300

# Ports (3.3): from 100h, 80h apart.
PORTS, PORT_STRIDE = 0x100, 0x80
CLB, CLBU, FB, FBU, PXIS, PXIE, CMD = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x18
TFD, SIG, SSTS, SCTL, SERR, SACT, CI = 0x20, 0x24, 0x28, 0x2C, 0x30, 0x34, 0x38

# PxIS and PxIE.
DHRS, PSS, DSS, SDBS, DPS, PCS, PRCS, IFS, HBFS, TFES = (
    1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 6, 1 << 22, 1 << 27, 1 << 29, 1 << 30,
)  # fmt: skip
PXIE_WRITABLE: Final = 0x7DC000FF

# PxCMD.
ST, SUD, POD, CLO, FRE, FR, CR, HPCP, ATAPI_LED = (
    1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 14, 1 << 15, 1 << 18, 1 << 24,
)  # fmt: skip
CCS_SHIFT: Final = 8
CMD_WRITABLE: Final = ST | SUD | POD | FRE | ATAPI_LED | 0xF << 28

SSTS_PRESENT: Final = 0x123  # active, generation 2, device detected
SCTL_COMRESET: Final = 1
SIGNATURE_DISK, SIGNATURE_ATAPI, NO_SIGNATURE = 0x0000_0101, 0xEB14_0101, 0xFFFF_FFFF
SERR_PHY_CHANGED, SERR_EXCHANGED = 1 << 16, 1 << 26

# Command header (4.2.2) and PRD (4.2.3.3).
HEADER_SIZE, SLOTS = 32, 32
HEADER_ATAPI, HEADER_WRITE, HEADER_CLEAR_BUSY = 1 << 5, 1 << 6, 1 << 10
COMMAND_FIS_SIZE, ATAPI_COMMAND_AT, PRDT_AT, PRD_SIZE = 64, 0x40, 0x80, 16

# Frame information structures.
FIS_H2D, FIS_D2H, FIS_SDB, FIS_PIO_SETUP = 0x27, 0x34, 0xA1, 0x5F
FIS_COMMAND: Final = 0x80
FIS_INTERRUPT: Final = 0x40
# Where received ones go, from PxFB (4.2.1).
RFIS_PIO_SETUP, RFIS_D2H, RFIS_SDB = 0x20, 0x40, 0x58

# Commands that the controller takes apart itself.
READ_LOG_EXT, READ_FPDMA_QUEUED, WRITE_FPDMA_QUEUED = 0x2F, 0x60, 0x61
QUEUED: Final = frozenset({READ_FPDMA_QUEUED, WRITE_FPDMA_QUEUED})
NCQ_ERROR_LOG: Final = 0x10
