"""Registers and descriptors of an OHCI controller (OpenHCI 1.0a, chapters 4 and 7)."""

from __future__ import annotations

from typing import Final

# Operational registers (7, table 7-1).
HC_REVISION, HC_CONTROL, HC_COMMAND_STATUS = 0x00, 0x04, 0x08
HC_INTERRUPT_STATUS, HC_INTERRUPT_ENABLE, HC_INTERRUPT_DISABLE = 0x0C, 0x10, 0x14
HC_HCCA, HC_PERIOD_CURRENT_ED = 0x18, 0x1C
HC_CONTROL_HEAD_ED, HC_CONTROL_CURRENT_ED = 0x20, 0x24
HC_BULK_HEAD_ED, HC_BULK_CURRENT_ED, HC_DONE_HEAD = 0x28, 0x2C, 0x30
HC_FM_INTERVAL, HC_FM_REMAINING, HC_FM_NUMBER = 0x34, 0x38, 0x3C
HC_PERIODIC_START, HC_LS_THRESHOLD = 0x40, 0x44
HC_RH_DESCRIPTOR_A, HC_RH_DESCRIPTOR_B, HC_RH_STATUS, HC_RH_PORT_STATUS = 0x48, 0x4C, 0x50, 0x54

REVISION: Final = 0x10

# HcControl.
CONTROL_PLE, CONTROL_IE, CONTROL_CLE, CONTROL_BLE = 0x04, 0x08, 0x10, 0x20
CONTROL_HCFS, CONTROL_RWC = 0xC0, 0x200
CONTROL_MASK: Final = 0x6FF  # no SMI to which interrupts could be routed (IR)
USB_RESET, USB_RESUME, USB_OPERATIONAL, USB_SUSPEND = 0x00, 0x40, 0x80, 0xC0

# HcCommandStatus.
COMMAND_HCR, COMMAND_CLF, COMMAND_BLF = 0x1, 0x2, 0x4

# HcInterruptStatus, HcInterruptEnable.
INT_SO, INT_WDH, INT_SF, INT_RD = 0x01, 0x02, 0x04, 0x08
INT_UE, INT_FNO, INT_RHSC = 0x10, 0x20, 0x40
INT_MIE: Final = 0x8000_0000
INT_SOURCES: Final = 0x4000_007F

FM_INTERVAL_DEFAULT: Final = 0x2EDF
FM_INTERVAL_MASK: Final = 0xFFFF_3FFF
FRT: Final = 0x8000_0000
PERIODIC_START_MASK: Final = 0x3FFF
LS_THRESHOLD_DEFAULT: Final = 0x0628
HCCA_MASK, ED_MASK = 0xFFFF_FF00, 0xFFFF_FFF0

# HcRhDescriptorA: ports are always powered, and nobody watches the current. HcRhStatus.
RH_A_NPS, RH_A_NOCP = 0x200, 0x1000
RH_LPS, RH_OCI, RH_DRWE, RH_LPSC, RH_OCIC, RH_CRWE = (
    0x1, 0x2, 0x8000, 0x1_0000, 0x2_0000, 0x8000_0000,
)  # fmt: skip

# HcRhPortStatus: what it tells when read.
PORT_CCS, PORT_PES, PORT_PSS, PORT_PRS = 0x1, 0x2, 0x4, 0x10
PORT_PPS, PORT_LSDA = 0x100, 0x200
PORT_CSC, PORT_PESC, PORT_PSSC, PORT_PRSC = 0x1_0000, 0x2_0000, 0x4_0000, 0x10_0000
PORT_CHANGES: Final = 0x1F_0000
# The same bits as commands when written.
CLEAR_PORT_ENABLE, SET_PORT_ENABLE, SET_PORT_SUSPEND = 0x1, 0x2, 0x4
CLEAR_SUSPEND_STATUS, SET_PORT_RESET = 0x8, 0x10

# Host controller communications area (4.4).
HCCA_FRAME_NUMBER, HCCA_DONE_HEAD = 0x80, 0x84
PERIODIC_SLOTS: Final = 32

# Endpoint descriptor (4.2), first double word, and the flags of HeadP.
ED_SIZE: Final = 16
ED_SKIP, ED_ISOCHRONOUS = 0x4000, 0x8000
ED_HALTED, ED_TOGGLE = 0x1, 0x2
ED_OUT, ED_IN = 1, 2

# General transfer descriptor (4.3.1), first double word.
TD_SIZE: Final = 16
TD_ROUNDING: Final = 0x4_0000
TD_TOGGLE_OWN, TD_TOGGLE = 0x200_0000, 0x100_0000
TD_KEPT: Final = 0x00FF_FFFF  # what the controller does not write: T, EC and CC are above
PID_SETUP, PID_OUT, PID_IN = 0, 1, 2

# Isochronous transfer descriptor (4.3.2): offsets of packets after the four double words.
ITD_SIZE: Final = 32
ITD_PACKETS: Final = 8
ITD_SECOND_PAGE: Final = 0x1000

NO_DELAY: Final = 7

# Condition codes (4.3.3).
CC_NO_ERROR, CC_STALL, CC_DEVICE_NOT_RESPONDING = 0, 4, 5
CC_DATA_OVERRUN, CC_DATA_UNDERRUN = 8, 9
LARGEST_TRANSFER: Final = 8192
