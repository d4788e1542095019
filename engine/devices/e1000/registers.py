"""Registers of the 8254x family: offsets in the memory BAR, and bits.

Reference: Intel PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual
(317453, "SDM"), chapter 13.
"""

from __future__ import annotations

REGISTER_SPACE = 0x20000  # bytes that BAR 0 decodes

# General (SDM 13.4.1 to 13.4.16).
CTRL, CTRL_DUP, STATUS, EECD, EERD = 0x0000, 0x0004, 0x0008, 0x0010, 0x0014
CTRL_EXT, MDIC = 0x0018, 0x0020
FCAL, FCAH, FCT, VET = 0x0028, 0x002C, 0x0030, 0x0038
FCTTV, TXCW, RXCW, LEDCTL, PBA = 0x0170, 0x0178, 0x0180, 0x0E00, 0x1000

CTRL_FD = 1 << 0
CTRL_SLU = 1 << 6
CTRL_SPEED_1000 = 2 << 8
CTRL_MDIO, CTRL_MDC = 1 << 20, 1 << 21  # software definable pins 2 and 3 of the 82543
CTRL_MDIO_OUT = 1 << 24
CTRL_RST = 1 << 26
CTRL_VME = 1 << 30
CTRL_PHY_RST = 1 << 31

STATUS_FD, STATUS_LU = 1 << 0, 1 << 1
STATUS_SPEED_1000 = 2 << 6
STATUS_ASDV_1000 = 2 << 8

CTRL_EXT_EE_RST = 1 << 13

EERD_START, EERD_DONE = 1 << 0, 1 << 4

MDIC_WRITE, MDIC_READ = 1, 2  # OP, bits 27:26
MDIC_READY, MDIC_INTERRUPT, MDIC_ERROR = 1 << 28, 1 << 29, 1 << 30

# Interrupts (SDM 13.4.17 to 13.4.21).
ICR, ITR, ICS, IMS, IMC = 0x00C0, 0x00C4, 0x00C8, 0x00D0, 0x00D8
INT_TXDW, INT_TXQE, INT_LSC, INT_RXDMT0 = 1 << 0, 1 << 1, 1 << 2, 1 << 4
INT_RXO, INT_RXT0, INT_MDAC, INT_TXD_LOW = 1 << 6, 1 << 7, 1 << 9, 1 << 15
INT_ALL = 0x1FFFF

# Receive (SDM 13.4.22 to 13.4.32, 13.5).
RCTL, FCRTL, FCRTH = 0x0100, 0x2160, 0x2168
RDBAL, RDBAH, RDLEN, RDH, RDT = 0x2800, 0x2804, 0x2808, 0x2810, 0x2818
RDTR, RXDCTL, RADV, RSRPD, RXCSUM = 0x2820, 0x2828, 0x282C, 0x2C00, 0x5000
MTA, RAL0, VFTA = 0x5200, 0x5400, 0x5600
MTA_WORDS, RA_WORDS, VFTA_WORDS = 128, 32, 128
RAH_AV = 1 << 31

RCTL_EN, RCTL_UPE, RCTL_MPE, RCTL_LPE = 1 << 1, 1 << 3, 1 << 4, 1 << 5
RCTL_LBM = 3 << 6
RCTL_BAM, RCTL_VFE = 1 << 15, 1 << 18
RCTL_BSEX, RCTL_SECRC = 1 << 25, 1 << 26
RXCSUM_IPOFL, RXCSUM_TUOFL = 1 << 8, 1 << 9

# Transmit (SDM 13.4.33 to 13.4.44).
TCTL, TIPG, AIFS = 0x0400, 0x0410, 0x0458
TDBAL, TDBAH, TDLEN, TDH, TDT = 0x3800, 0x3804, 0x3808, 0x3810, 0x3818
TIDV, TXDCTL, TADV, TSPMT = 0x3820, 0x3828, 0x382C, 0x3830
TCTL_EN, TCTL_PSP = 1 << 1, 1 << 3

# Wake-up and management (SDM 13.6): nobody wakes a machine that is on.
WUC, WUFC, WUS, MANC = 0x5800, 0x5808, 0x5810, 0x5820

STATISTICS, STATISTICS_END = 0x4000, 0x4128

RING_LENGTH_MASK = 0xFFF80  # RDLEN and TDLEN: multiples of 128 bytes
RING_INDEX_MASK = 0xFFFF
DESCRIPTOR_SIZE = 16

# What holds what the guest has written and changes nothing here: {offset: mask}.
HELD: dict[int, int] = {
    FCAL: 0xFFFFFFFF,
    FCAH: 0xFFFF,
    FCT: 0xFFFF,
    VET: 0xFFFF,
    ITR: 0xFFFF,
    FCTTV: 0xFFFF,
    TXCW: 0xFFFFFFFF,
    LEDCTL: 0xFFFFFFFF,
    PBA: 0xFFFF,
    FCRTL: 0x8000FFF8,
    FCRTH: 0x8000FFF8,
    RDTR: 0xFFFF,
    RADV: 0xFFFF,
    RSRPD: 0xFFF,
    RXDCTL: 0xFFFFFFFF,
    TIPG: 0x3FFFFFFF,
    AIFS: 0xFFFF,
    TIDV: 0xFFFF,
    TXDCTL: 0xFFFFFFFF,
    TADV: 0xFFFF,
    TSPMT: 0xFFFFFFFF,
    WUC: 0xF,
    WUFC: 0xF00FF,
    MANC: 0xFFFFFFFF,
}
HELD_DEFAULTS: dict[int, int] = {
    VET: 0x8100,
    LEDCTL: 0x07068302,
    PBA: 0x00100030,  # 48 KiB for reception, 16 KiB for transmission
}
