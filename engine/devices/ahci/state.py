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
        slot: command slot in progress, -1 for none (a stalled write).
        queued: it is a queued command.
        moved: bytes that the command in progress has moved.
        device: the device register.
        error_slot: tag of the last queued command that has failed, -1 when none has.
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
    halted: bool = False
    drive: DriveState = msgspec.field(default_factory=DriveState)


class AhciState(DeviceState):
    """The controller."""

    global_control: Word = 0
    interrupt_status: Word = 0
    ports: list[PortState] = []
