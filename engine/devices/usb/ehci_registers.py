"""Registers and schedule elements of an EHCI controller (EHCI 1.0, chapters 2 and 3)."""

from __future__ import annotations

from typing import Final

REGISTERS_SIZE: Final = 0x1000
OPERATIONAL: Final = 0x20

# Capability registers (2.2).
CAPLENGTH, HCSPARAMS, HCCPARAMS = 0x00, 0x04, 0x08
VERSION: Final = 0x0100
ISOCHRONOUS_THRESHOLD: Final = 0x10  # one microframe is looked at in advance
LEGACY_SUPPORT: Final = 0x68
"""Place of USBLEGSUP in PCI configuration space (2.1.7, 5): identity, semaphores of BIOS and OS."""

# Operational registers (2.3), from OPERATIONAL on.
USBCMD, USBSTS, USBINTR, FRINDEX = 0x00, 0x04, 0x08, 0x0C
CTRLDSSEGMENT, PERIODICLISTBASE, ASYNCLISTADDR = 0x10, 0x14, 0x18
CONFIGFLAG, PORTSC = 0x40, 0x44

# USBCMD (2.3.1).
CMD_RUN, CMD_RESET, CMD_PSE, CMD_ASE, CMD_IAAD = 0x01, 0x02, 0x10, 0x20, 0x40
CMD_KEPT: Final = 0x00FF_0071  # no other list sizes, no light reset, no park mode
CMD_DEFAULT: Final = 0x0008_0000  # interrupts once in eight microframes

# USBSTS (2.3.2) and USBINTR (2.3.3).
STS_INT, STS_ERROR, STS_PCD, STS_FLR, STS_IAA = 0x01, 0x02, 0x04, 0x08, 0x20
STS_CLEARED_BY_ONE: Final = 0x3F
STS_HALTED, STS_PSS, STS_ASS = 0x1000, 0x4000, 0x8000

FRINDEX_MASK: Final = 0x3FFF
LIST_BASE_MASK: Final = 0xFFFF_F000
LINK_MASK: Final = 0xFFFF_FFE0

# PORTSC (2.3.9).
PORT_CCS, PORT_CSC, PORT_PED, PORT_PEDC = 0x01, 0x02, 0x04, 0x08
PORT_FPR, PORT_SUSPEND, PORT_RESET = 0x40, 0x80, 0x100
PORT_J_STATE: Final = 0x800
PORT_K_STATE: Final = 0x400
PORT_PP, PORT_OWNER = 0x1000, 0x2000
PORT_CHANGES: Final = 0x0A
PORT_PLAIN: Final = 0x0070_0000  # wake enables, which nothing follows from

# Periodic frame list (3.1) and links.
FRAMES: Final = 1024
TERMINATE: Final = 1
TYPE_ITD, TYPE_QH, TYPE_SITD, TYPE_FSTN = range(4)

# Queue head (3.6): offsets of its parts, and bits of the endpoint's characteristics.
QH_SIZE: Final = 48
QH_CURRENT, QH_OVERLAY = 0x0C, 0x10
EP_INACTIVATE, EP_TOGGLE_CONTROL = 0x80, 0x4000
EP_SPEED: Final = 0x3000
EP_HIGH_SPEED: Final = 0x2000
S_MASK: Final = 0xFF

# Queue element transfer descriptor (3.5), whose shape the overlay has, too.
QTD_SIZE: Final = 32
QTD_TOKEN: Final = 8
QTD_ACTIVE, QTD_HALTED, QTD_BUFFER_ERROR = 0x80, 0x40, 0x20
QTD_BABBLE, QTD_TRANSACTION_ERROR = 0x10, 0x08
QTD_IOC, QTD_TOGGLE = 0x8000, 0x8000_0000
QTD_ERROR_COUNT: Final = 0x0C00
QTD_PAGES: Final = 5
PID_OUT, PID_IN, PID_SETUP = 0, 1, 2

# Isochronous transfer descriptors: high speed (3.3), split (3.4).
ITD_TRANSACTIONS: Final = 8
ITD_ACTIVE, ITD_BABBLE, ITD_ERROR, ITD_IOC = 0x8000_0000, 0x2000_0000, 0x1000_0000, 0x8000
ITD_IN: Final = 0x800  # in the second of the pages
ITD_LENGTH: Final = 0x0FFF_0000
SITD_STATE: Final = 0x0C
SITD_ACTIVE, SITD_ERROR, SITD_IOC = 0x80, 0x40, 0x8000_0000
