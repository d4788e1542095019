"""Registers, geometries and state of the 82078.

Reference: Intel 82078 data sheet (order 290475), sections 2 (registers), 5 (data transfer commands)
and 6 (command set).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, NamedTuple

import msgspec

from engine.pdm import DeviceConfig, DeviceState

DOR_SELECT = 0x03
DOR_RESET_OFF = 0x04
DOR_DMA_GATE = 0x08

DSR_RESET = 0x80
RATE_MASK = 0x03
RATE_500K, RATE_300K, RATE_250K, RATE_1M = range(4)

MSR_RQM, MSR_DIO, MSR_NON_DMA, MSR_BUSY = 0x80, 0x40, 0x20, 0x10
DIR_CHANGED = 0x80

ST0_ABNORMAL, ST0_INVALID, ST0_POLLING = 0x40, 0x80, 0xC0
ST0_SEEK_END, ST0_EQUIPMENT_CHECK = 0x20, 0x10
ST1_END_OF_CYLINDER, ST1_DATA_ERROR = 0x80, 0x20
ST1_NO_DATA, ST1_NOT_WRITABLE, ST1_MISSING_ADDRESS_MARK = 0x04, 0x02, 0x01
ST2_CONTROL_MARK, ST2_DATA_ERROR, ST2_WRONG_CYLINDER = 0x40, 0x20, 0x10
ST3_WRITE_PROTECTED, ST3_READY, ST3_TRACK0, ST3_TWO_SIDED = 0x40, 0x20, 0x10, 0x08

CONFIGURE_IMPLIED_SEEK, CONFIGURE_FIFO_OFF, CONFIGURE_POLL_OFF = 0x40, 0x20, 0x10
CONFIGURE_DEFAULT = CONFIGURE_FIFO_OFF
SPECIFY_NON_DMA = 0x01

SECTOR_SIZE = 512
SECTOR_SIZE_CODE = 2  # N: 128 << 2
DRIVES = 4
TOP_TRACK = 83


class Geometry(NamedTuple):
    """Layout of a disk. ``rates``: data rates at which its address marks can be read."""

    tracks: int
    heads: int
    sectors: int
    rates: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return self.tracks * self.heads * self.sectors * SECTOR_SIZE


# A double density disk is read at 250 kbit/s, or at 300 in the faster 1.2 MB drive.
_DD, _HD, _ED = (RATE_250K, RATE_300K), (RATE_500K,), (RATE_1M,)
FORMAT_1440K = Geometry(80, 2, 18, _HD)
FORMAT_2880K = Geometry(80, 2, 36, _ED)
_FORMATS = {
    g.size: g
    for g in (
        Geometry(40, 1, 8, _DD),  # 160K
        Geometry(40, 1, 9, _DD),  # 180K
        Geometry(40, 2, 8, _DD),  # 320K
        Geometry(40, 2, 9, _DD),  # 360K
        Geometry(80, 2, 9, _DD),  # 720K
        Geometry(80, 2, 15, _HD),  # 1.2M
        FORMAT_1440K,
        Geometry(80, 2, 21, _HD),  # 1.68M, "DMF"
        Geometry(82, 2, 21, _HD),  # 1.72M
        FORMAT_2880K,
    )
}


def geometry_of(size: int) -> Geometry:
    """Return the layout of an image by its size; one that is no format counts as cut short."""
    found = _FORMATS.get(size)
    if found is None:
        found = FORMAT_1440K if size <= FORMAT_1440K.size else FORMAT_2880K
    return found


class Phase(IntEnum):
    """Phase of the command in the controller."""

    COMMAND = 0
    EXECUTION = 1
    RESULT = 2


class Operation(IntEnum):
    """What a data transfer command does."""

    READ = 0
    READ_DELETED = 1
    WRITE = 2
    VERIFY = 3
    FORMAT = 4
    READ_TRACK = 5
    READ_ID = 6


class DriveState(msgspec.Struct, kw_only=True):
    """Mechanics of a drive: where the head is, and the disk change latch."""

    track: int = 0
    changed: bool = True


class TransferState(msgspec.Struct, kw_only=True):
    """The data transfer command in execution.

    Attributes:
        begun: the disk has been found; from now on sectors are moved.
        cylinder, head, sector, size_code: the ID that is looked for (C, H, R, N).
        last_sector: EOT, or sectors per track in FORMAT TRACK.
        left: sectors still to verify or to format, or 0 when the last sector decides.
        buffer: the sector on its way; position: bytes of it that have passed.
        terminal_count: the DMA controller has said that this was the last byte.
        write_pending: ``buffer`` is complete and waits for room on the host's disk.
    """

    operation: Operation = Operation.READ
    begun: bool = False
    drive: int = 0
    side: int = 0
    multi_track: bool = False
    skip: bool = False
    cylinder: int = 0
    head: int = 0
    sector: int = 0
    size_code: int = 0
    last_sector: int = 0
    left: int = 0
    fill: int = 0
    seek_done: bool = False
    buffer: bytearray = msgspec.field(default_factory=bytearray)
    position: int = 0
    terminal_count: bool = False
    write_pending: bool = False


class I82078State(DeviceState):
    """The controller.

    Attributes:
        command, result: bytes of the command and result phases.
        interrupts: ST0 of each interrupt that SENSE INTERRUPT STATUS has not fetched.
        moving: bit per drive whose head moves; seeking: bits of MSR, which stay until SENSE
            INTERRUPT STATUS.
        targets: by drive, the track that a seek goes to.
        irq_asserted: level of INT before the gate in DOR.
    """

    dor: int = 0
    tape: int = 0
    rate: int = RATE_250K
    srt_hut: int = 0
    hlt_nd: int = 0
    configure: int = CONFIGURE_DEFAULT
    precompensation: int = 0
    lock: bool = False
    perpendicular: int = 0
    eot: int = 0
    phase: Phase = Phase.COMMAND
    command: list[int] = msgspec.field(default_factory=list)
    result: list[int] = msgspec.field(default_factory=list)
    interrupts: list[int] = msgspec.field(default_factory=list)
    seeking: int = 0
    moving: int = 0
    targets: list[int] = msgspec.field(default_factory=lambda: [0] * DRIVES)
    drive_specification: list[int] = msgspec.field(default_factory=lambda: [0] * DRIVES)
    irq_asserted: bool = False
    drives: list[DriveState] = msgspec.field(
        default_factory=lambda: [DriveState() for _ in range(DRIVES)]
    )
    transfer: TransferState = msgspec.field(default_factory=TransferState)


class I82078Config(DeviceConfig, frozen=True):
    """Addresses, interrupt, DMA channel, and how many drives are on the cable."""

    io_base: int = 0x3F0
    irq: int = 6
    dma_channel: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    drives: Annotated[int, msgspec.Meta(ge=0, le=2)] = 2
