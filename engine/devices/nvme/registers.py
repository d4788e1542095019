"""Register offsets, opcodes and status codes. Reference: NVM Express 1.2, 3, 4.6, 5 and 6."""

from __future__ import annotations

from typing import Final

# Controller registers (3.1).
CAP, CAP_HIGH, VS, INTMS, INTMC, CC, CSTS = 0x00, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x1C
AQA, ASQ, ASQ_HIGH, ACQ, ACQ_HIGH = 0x24, 0x28, 0x2C, 0x30, 0x34
DOORBELLS: Final = 0x1000
REGISTERS_SIZE: Final = 0x4000

PAGE: Final = 4096
"""The one size of memory pages (CAP.MPSMIN and CAP.MPSMAX are 0)."""
MOST_ENTRIES: Final = 2048
"""Entries of the largest queue."""
CAP_CONTIGUOUS, CAP_TIMEOUT, CAP_NVM = 1 << 16, 40 << 24, 1 << 37  # time-out in 500 ms
CAPABILITIES: Final = (MOST_ENTRIES - 1) | CAP_CONTIGUOUS | CAP_TIMEOUT | CAP_NVM
VERSION: Final = 0x0001_0200

CC_ENABLE: Final = 1
CC_MODES: Final = 0x7 << 4 | 0xF << 7 | 0x7 << 11  # command set, page size, arbitration
CC_SHUTDOWN: Final = 0x3 << 14
CC_WRITABLE: Final = 0x00FF_FFF1
CSTS_READY, CSTS_FATAL = 1 << 0, 1 << 1
CSTS_SHUTTING_DOWN, CSTS_SHUT_DOWN, CSTS_SHUTDOWN = 1 << 2, 2 << 2, 3 << 2
AQA_WRITABLE: Final = 0x0FFF_0FFF

# Entries of queues: 64 and 16 bytes, as their binary logarithms in CC and Identify.
SUBMISSION_SIZE, COMPLETION_SIZE = 64, 16
SUBMISSION_LOG, COMPLETION_LOG = 6, 4

# Admin commands (5).
DELETE_SQ, CREATE_SQ, GET_LOG_PAGE, DELETE_CQ, CREATE_CQ, IDENTIFY = 0, 1, 2, 4, 5, 6
ABORT, SET_FEATURES, GET_FEATURES, ASYNC_EVENT_REQUEST = 0x08, 0x09, 0x0A, 0x0C
# NVM commands (6).
FLUSH, WRITE, READ, WRITE_ZEROES = 0x00, 0x01, 0x02, 0x08
FORCE_UNIT_ACCESS: Final = 1 << 30  # of CDW12
BROADCAST: Final = 0xFFFF_FFFF
"""The namespace identifier that means all of them."""

# Features (5.14.1).
TEMPERATURE_THRESHOLD, VOLATILE_WRITE_CACHE, NUMBER_OF_QUEUES = 0x04, 0x06, 0x07
INTERRUPT_VECTOR: Final = 0x09

# Status: code type in bits 10:8, code in bits 7:0 (4.6.1); DO_NOT_RETRY as in the entry.
SUCCESS, INVALID_OPCODE, INVALID_FIELD, ABORTED, QUEUE_DELETED = 0x00, 0x01, 0x02, 0x07, 0x08
INVALID_NAMESPACE, SEQUENCE_ERROR, PRP_OFFSET_INVALID, LBA_OUT_OF_RANGE = 0x0B, 0x0C, 0x13, 0x80
COMPLETION_QUEUE_INVALID, INVALID_QUEUE_ID, INVALID_QUEUE_SIZE = 0x100, 0x101, 0x102
TOO_MANY_EVENT_REQUESTS, INVALID_VECTOR, INVALID_LOG_PAGE = 0x105, 0x108, 0x109
INVALID_QUEUE_DELETION, NOT_SAVEABLE = 0x10C, 0x10D
WRITE_TO_READ_ONLY, WRITE_FAULT, UNRECOVERED_READ = 0x182, 0x280, 0x281
DO_NOT_RETRY: Final = 1 << 14
