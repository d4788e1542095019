"""What a saved state of an IDE controller holds."""

from __future__ import annotations

from typing import Annotated

import msgspec

from engine.ata.state import Byte, DriveState
from engine.pdm import DeviceState

Address = Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)]


class BusMasterState(msgspec.Struct, kw_only=True):
    """One half of the bus master.

    Attributes:
        command, status: BMIC and BMIS.
        table: BMIDTP, the address of the list.
        next_entry: address of the next entry; entries: how many have been read.
        address, left: rest of the current region.
        last: the current region ends the list.
    """

    command: Byte = 0
    status: Byte = 0
    table: Address = 0
    next_entry: Address = 0
    entries: Annotated[int, msgspec.Meta(ge=0)] = 0
    address: Annotated[int, msgspec.Meta(ge=0, le=1 << 33)] = 0
    left: Annotated[int, msgspec.Meta(ge=0, le=1 << 16)] = 0
    last: bool = False


class ChannelState(msgspec.Struct, kw_only=True):
    """One cable with two drives; ``control`` and ``device`` are registers of both."""

    control: Byte = 0
    device: Byte = 0
    drives: tuple[DriveState, DriveState] = msgspec.field(
        default_factory=lambda: (DriveState(), DriveState())
    )
    bus_master: BusMasterState = msgspec.field(default_factory=BusMasterState)


class IdeState(DeviceState):
    """The whole controller."""

    channels: tuple[ChannelState, ChannelState] = msgspec.field(
        default_factory=lambda: (ChannelState(), ChannelState())
    )
