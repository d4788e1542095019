"""Names of the registers and bits of a PCnet (data sheet 21510, register descriptions)."""

from __future__ import annotations

from typing import Final

# What the ports hold behind the 16 bytes of the address PROM, in words and in doublewords.
PORTS: Final = 0x20
APROM_SIZE: Final = 16
RDP: Final = 0x10
WORD_RAP, WORD_RESET, WORD_BDP = 0x12, 0x14, 0x16
DWORD_RAP, DWORD_RESET, DWORD_BDP = 0x14, 0x18, 0x1C

CSR_COUNT, BCR_COUNT = 128, 64

# Control and status registers.
STATUS, IADR_LOW, IADR_HIGH, MASKS, FEATURES, EXTENDED, RING_LENGTHS = range(7)
LADRF, PADR, MODE = 8, 12, 15
IADR_LOW_ALIAS, IADR_HIGH_ALIAS = 16, 17
RX_BASE, TX_BASE = 24, 30  # low words
STYLE = 58
RX_COUNTER, TX_COUNTER, RX_LENGTH, TX_LENGTH = 72, 74, 76, 78
FIFO_THRESHOLDS, BUS_TIMER, CHIP_LOW, CHIP_HIGH, MISSED = 80, 82, 88, 89, 112
TEST = 124

# CSR0.
INIT, STRT, STOP, TDMD, TXON, RXON, IENA, INTR = (1 << n for n in range(8))
IDON, TINT, RINT, MERR, MISS, CERR, BABL, ERR = (1 << n for n in range(8, 16))
CAUSES: Final = BABL | MISS | MERR | RINT | TINT | IDON  # those that interrupt; CSR3 masks them
ERRORS: Final = BABL | CERR | MISS | MERR
EVENTS: Final = CAUSES | CERR  # cleared by writing 1

# CSR3.
DXSUFLO: Final = 1 << 6
MASKS_WRITABLE: Final = 0x5F7C

# CSR4: events are cleared by writing 1; each has its mask in the bit below.
TXDPOLL, APAD_XMT, ASTRP_RCV = 1 << 12, 1 << 11, 1 << 10
MFCO, UINTCMD, UINT, TXSTRT = 1 << 9, 1 << 7, 1 << 6, 1 << 3
FEATURE_EVENTS: Final = 0x026A
MASKED_EVENTS: Final = 0x022A
FEATURES_WRITABLE: Final = 0x7D15
FEATURES_DEFAULT: Final = 0x0115

# CSR5: each event has its enable bit below.
TOKINTD, LTINTEN, SPND = 1 << 15, 1 << 14, 1
EXTENDED_EVENTS: Final = 0x0A90
EXTENDED_WRITABLE: Final = 0xC56F

# CSR15.
PROM, DRCVBC, DRCVPA = 1 << 15, 1 << 14, 1 << 13
DXMTFCS, LOOP, DTX, DRX = 1 << 3, 1 << 2, 1 << 1, 1

# Bus configuration registers.
MISC, LED0, LED3, FULL_DUPLEX, BURST, EEPROM, SOFTWARE_STYLE = 2, 4, 7, 9, 18, 19, 20
MII_CONTROL, MII_ADDRESS, MII_DATA = 32, 33, 34
APROMWE, LEDPE = 1 << 8, 1 << 12
LEDOUT, LED_LINK = 1 << 15, 1 << 6
DWIO: Final = 1 << 7
CSRPCNET, SSIZE32 = 1 << 9, 1 << 8
MII_LOOPBACK: Final = 1 << 1

CSR_DEFAULTS: Final = {
    STATUS: STOP,
    FEATURES: FEATURES_DEFAULT,
    FIFO_THRESHOLDS: 0x1410,
}
BCR_DEFAULTS: Final = {
    0: 0x0005,
    1: 0x0005,
    MISC: 0x0002,
    LED0: 0x00C0,
    5: 0x0084,
    6: 0x0088,
    LED3: 0x0090,
    BURST: 0x9001,
    EEPROM: 0x0002,
    SOFTWARE_STYLE: CSRPCNET,
    22: 0xFF06,
    MII_ADDRESS: 0x03C0,
    35: 0x1022,
}
"""Values after H_RESET; other registers are 0."""

# CSRs that take writes only while the chip is stopped or suspended, and all of whose bits do.
SETUP: Final = frozenset(
    {IADR_LOW, IADR_HIGH, *range(LADRF, MODE + 1), *range(18, 48), 60, 61, 62, 63, 64, 65, 66, 67,
     RX_COUNTER, TX_COUNTER, RX_LENGTH, TX_LENGTH}
)  # fmt: skip
# CSRs that only hold what is written, at any time.
HELD: Final = frozenset({7, FIFO_THRESHOLDS, BUS_TIMER, 122, TEST})
# Writable bits of BCRs; others are read-only. The first list is what both chips have.
BCR_WRITABLE: Final = {
    MISC: 0xFDFF,
    LED0: 0x7FFF,
    5: 0x7FFF,
    6: 0x7FFF,
    LED3: 0x7FFF,
    FULL_DUPLEX: 0x0007,
    BURST: 0xFF7C,
}
BCR_WRITABLE_973: Final = {
    FULL_DUPLEX: 0x0003,
    25: 0x00FF,
    26: 0x00FF,
    27: 0xC0FF,
    28: 0xFFFF,
    29: 0x80FF,
    31: 0xFFFF,
    MII_CONTROL: 0xBFFF,
    MII_ADDRESS: 0x03FF,
}
