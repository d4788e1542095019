"""What a saved state of a drive holds."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

Byte = Annotated[int, msgspec.Meta(ge=0, le=0xFF)]


class Phase(IntEnum):
    """What a drive is doing between two accesses of the host."""

    IDLE = 0
    DATA_IN = 1  # PIO: the host reads the buffer
    DATA_OUT = 2  # PIO: the host fills the buffer
    DMA_IN = 3  # waiting for the bus master
    DMA_OUT = 4
    COMMAND_PACKET = 5  # the host writes the packet
    FLUSH = 6
    FETCH = 7  # PIO: the next block comes from the medium
    VERIFY = 8


class TaskFile(msgspec.Struct, kw_only=True):
    """The command block registers of one drive; ``old_*`` is what HOB shows.

    ``device`` belongs to the channel, because it selects.
    """

    features: Byte = 0
    sector_count: Byte = 0
    lba_low: Byte = 0
    lba_mid: Byte = 0
    lba_high: Byte = 0
    old_features: Byte = 0
    old_sector_count: Byte = 0
    old_lba_low: Byte = 0
    old_lba_mid: Byte = 0
    old_lba_high: Byte = 0


class OpticalState(msgspec.Struct, kw_only=True):
    """The part of an optical drive.

    Attributes:
        sense: key, additional code and qualifier of the last error.
        attention: additional code and qualifier (code << 8 | qualifier) of a pending unit
            attention, 0 for none.
        event: media event code to report (MMC-5, table 317), 0 for none.
        tray_open, locked: state of the tray.
        byte_limit: bytes per data block that the host has asked for.
        use_dma: the packet command in progress moves its data by DMA.
        packet: the packet command in progress.
        raw_flags: which parts of the sectors READ CD returns, 0 for user data alone.
        residue: fetched and not yet presented.
    """

    sense: tuple[Byte, Byte, Byte] = (0, 0, 0)
    attention: int = 0
    event: int = 0
    tray_open: bool = False
    locked: bool = False
    byte_limit: int = 0
    use_dma: bool = False
    packet: bytes = b""
    raw_flags: Byte = 0
    residue: bytearray = msgspec.field(default_factory=bytearray)


class DriveState(msgspec.Struct, kw_only=True):
    """One drive.

    Attributes:
        interrupt: INTRQ is pending.
        command: code of the last command.
        buffer: the data block in transfer; position: bytes of it that the host has read.
        expected: bytes that make the block complete which the host is writing.
        lba, remaining: next sector and sectors still to move by the command in progress.
        block: sectors per data block of the command in progress.
        multiple: sectors per block of READ/WRITE MULTIPLE, 0 while disabled.
        transfer_mode: as SET FEATURES 03h codes it.
        heads, sectors: current CHS translation, 0 for the default one.
        stalled: a host error has stopped a request; it is repeated when the VM is resumed.
    """

    task: TaskFile = msgspec.field(default_factory=TaskFile)
    status: Byte = 0
    error: Byte = 0
    interrupt: bool = False
    command: Byte = 0
    phase: Phase = Phase.IDLE
    buffer: bytearray = msgspec.field(default_factory=bytearray)
    position: Annotated[int, msgspec.Meta(ge=0)] = 0
    expected: Annotated[int, msgspec.Meta(ge=0, le=0x10000)] = 0
    lba: Annotated[int, msgspec.Meta(ge=0, le=1 << 48)] = 0
    remaining: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)] = 0
    block: Annotated[int, msgspec.Meta(ge=1, le=128)] = 1
    multiple: Annotated[int, msgspec.Meta(ge=0, le=128)] = 0
    transfer_mode: Byte = 0
    heads: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0
    sectors: Byte = 0
    write_cache: bool = True
    look_ahead: bool = True
    standby: bool = False
    stalled: bool = False
    optical: OpticalState = msgspec.field(default_factory=OpticalState)
