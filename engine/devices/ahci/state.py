"""Saved state of the controller."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.ata.state import DriveState
from engine.pdm.device import DeviceState

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]


class PortState(msgspec.Struct, kw_only=True):
    """One port: its registers and the drive on it.

    Attributes:
        slot: slot of the command that is alone in progress, -1 for none; queued ones have only
            their bits in ``issued`` and ``active``.
        queued: in states of older versions, the command in ``slot`` is a queued one.
        moved: bytes that the command in progress has moved.
        device: the device register.
        error_slot: tag of the last queued command that has failed, -1 when none has.
        error_lba: the sector at which it has failed.
        halted: a command has failed; no other is fetched until the port is started anew.
    """

    clb: Annotated[int, msgspec.Meta(ge=0)] = 0
    fb: Annotated[int, msgspec.Meta(ge=0)] = 0
    interrupt_status: Word = 0
    interrupt_enable: Word = 0
    command: Word = 0
    task_file: Word = 0x7F
    signature: Word = 0xFFFF_FFFF
    control: Word = 0
    error: Word = 0
    active: Word = 0
    issued: Word = 0
    slot: int = -1
    queued: bool = False
    moved: Annotated[int, msgspec.Meta(ge=0)] = 0
    device: Word = 0
    error_slot: int = -1
    error_lba: Annotated[int, msgspec.Meta(ge=0, lt=1 << 48)] = 0
    halted: bool = False
    drive: DriveState = msgspec.field(default_factory=DriveState)


class AhciState(DeviceState):
    """The controller."""

    global_control: Word = 0
    interrupt_status: Word = 0
    ports: list[PortState] = []
