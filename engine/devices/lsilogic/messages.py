"""Messages and their replies as bytes. Reference: MPI 1.2, IOC, port and SCSI messages."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from engine.devices.lsilogic import registers as r

if TYPE_CHECKING:
    from engine.devices.lsilogic.state import LsiState

VERSION: Final = 0x0102
"""Of the specification."""
FIRMWARE_VERSION: Final = 0x0103_2300
_PRODUCT: Final = 0x0104  # initiator, family 53C1030
_INITIATOR: Final = 0x08
_SCSI_BUS: Final = 0x01
_MOST_CHAINS: Final = 0x22
CONTEXT = struct.Struct("<I")
CONTEXT_AT: Final = 8
_SCSI_IO = struct.Struct("<BBBBBBxBI8sI16sII")
SCSI_IO_SIZE: Final = _SCSI_IO.size
_CONFIG = struct.Struct("<BxBBHBBI8xBBBBI")
CONFIG_SIZE: Final = _CONFIG.size


def context(message: bytes) -> int:
    """Return what the driver finds its message again by."""
    (found,) = CONTEXT.unpack_from(message, CONTEXT_AT)
    return int(found)


def reply(message: bytes, status: int = r.SUCCESS, body: bytes = b"", words: int = 5) -> bytes:
    """Return the reply to a message: what all have in common, and ``body`` behind it.

    Args:
        message: from its first dword; its first two bytes are in the reply as they are.
        status: IOC status.
        body: what is peculiar to this kind of message.
        words: dwords of the reply in all.
    """
    head = message[:2] + bytes([words]) + message[3:12]
    return (head + struct.pack("<HHI", 0, status, 0) + body).ljust(4 * words, b"\0")


def ioc_facts(message: bytes, state: LsiState) -> bytes:
    """Return the reply to IOC_FACTS."""
    body = struct.pack(
        "<BBBBHHHHIHBBIHBBIII",
        _MOST_CHAINS, state.who_init, r.BLOCK_SIZE, 0, r.DEPTH, r.FRAME_SIZE // 4, 0, _PRODUCT,
        state.frames_high, r.DEPTH, 1, state.events, state.sense_high, state.reply_size,
        state.most_devices, state.most_buses, 0, 0, FIRMWARE_VERSION,
    )  # fmt: skip
    found = bytearray(reply(message, body=body, words=15))
    struct.pack_into("<H", found, 0, VERSION)
    struct.pack_into("<H", found, 4, VERSION)
    return bytes(found)


def port_facts(message: bytes, targets: int, initiator: int) -> bytes:
    """Return the reply to PORT_FACTS; ``initiator`` is the controller's own SCSI identifier."""
    body = struct.pack("<xBHHHHHHBx4x", _SCSI_BUS, targets, initiator, _INITIATOR, 0, 0, 0, 0)
    return reply(message, body=body, words=10)


def event_notification(message: bytes) -> bytes:
    """Return the reply to EVENT_NOTIFICATION, which is an event itself."""
    body = struct.pack("<III", r.EVENT_CHANGE, 0, message[0] & 1)
    found = reply(message, body=body, words=8)
    return struct.pack("<H", 1) + found[2:]  # dwords of the event's data


@dataclass(slots=True)
class ScsiRequest:
    """SCSI_IO.

    Attributes:
        chain: where the chain element of its list is, in bytes.
        lun: the first two bytes of the address. direction: TO_DEVICE, FROM_DEVICE or 0.
        length: bytes of data. sense: lower half of the address for sense data, and its size.
    """

    message: bytes
    target: int
    bus: int
    chain: int
    lun: int
    direction: int
    cdb: bytes
    length: int
    sense: tuple[int, int]

    @classmethod
    def parse(cls, message: bytes) -> ScsiRequest:
        """Take a message apart; it has at least SCSI_IO_SIZE bytes."""
        target, bus, chain, _, cdb_size, sense_size, *rest = _SCSI_IO.unpack_from(message)
        _, _, lun, control, cdb, length, sense = rest
        return cls(
            message, target, bus, 4 * chain, int.from_bytes(lun[:2]), control >> 24 & 3,
            cdb[:cdb_size].ljust(16, b"\0"), length, (sense, sense_size),
        )  # fmt: skip

    def reply(
        self, ioc_status: int, *, status: int = 0, state: int = 0, moved: int = 0, sense: int = 0
    ) -> bytes:
        """Return the reply; ``moved``: bytes of data, ``sense``: bytes of sense data."""
        body = struct.pack("<III", moved, sense, 0)
        found = reply(self.message, ioc_status, body, words=9)
        return found[:12] + bytes([status, state]) + found[14:]


@dataclass(slots=True)
class ConfigRequest:
    """CONFIG; ``chain`` as in :class:`ScsiRequest`."""

    message: bytes
    action: int
    chain: int
    number: int
    kind: int

    @classmethod
    def parse(cls, message: bytes) -> ConfigRequest:
        """Take a message apart; it has at least CONFIG_SIZE bytes."""
        action, chain, _, _, _, _, _, _, _, number, kind, _ = _CONFIG.unpack_from(message)
        return cls(message, action, 4 * chain, number, kind & 0x0F)

    def reply(self, status: int, header: bytes = b"") -> bytes:
        """Return the reply with the header of a page."""
        return reply(self.message, status, header or self.message[20:24], words=6)
