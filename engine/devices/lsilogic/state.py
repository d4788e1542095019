"""Saved state of the controller."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from engine.devices.lsilogic import registers as r
from engine.pdm.device import DeviceState
from engine.scsi import UnitState

Word = Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class HandshakeState(msgspec.Struct, kw_only=True):
    """A message that goes through the doorbell.

    Attributes:
        phase: ``request`` while the driver sends dwords, ``reply`` while it fetches words.
        message: what has been sent so far, or the reply.
        expected: dwords of the request. position: next word of the reply.
    """

    phase: Literal["", "request", "reply"] = ""
    message: bytes = b""
    expected: Annotated[int, msgspec.Meta(ge=0, le=0xFF)] = 0
    position: Count = 0


class LsiState(DeviceState):
    """The controller.

    Attributes:
        ioc_state: state of the I/O controller as in DOORBELL; the low half is the code of a fault.
        keys: how many keys of DIAGNOSTIC have been written in order.
        free: addresses of empty reply frames. posted: replies that the driver has not fetched.
        frames_high, sense_high: upper halves of the addresses of frames and of sense data.
        in_flight: addresses of the frames of SCSI requests that have not ended, by numbers that
            only go up.
        units: by target.
    """

    ioc_state: Word = r.STATE_READY
    who_init: Annotated[int, msgspec.Meta(ge=0, le=7)] = 0
    handshake: HandshakeState = msgspec.field(default_factory=HandshakeState)
    interrupt_status: Word = 0
    interrupt_mask: Word = r.INTERRUPTS
    diagnostic: Word = 0
    keys: Annotated[int, msgspec.Meta(ge=0, le=len(r.KEYS))] = 0
    free: list[Word] = []
    posted: list[Word] = []
    frames_high: Word = 0
    sense_high: Word = 0
    reply_size: Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)] = 0
    most_devices: Annotated[int, msgspec.Meta(ge=0, le=0xFF)] = 16
    most_buses: Annotated[int, msgspec.Meta(ge=0, le=0xFF)] = 1
    events: bool = False
    in_flight: dict[Count, Count] = {}
    next_number: Count = 0
    units: dict[Annotated[int, msgspec.Meta(ge=0, lt=256)], UnitState] = {}
