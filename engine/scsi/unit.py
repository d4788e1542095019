"""What SCSI units have in common: sense data, attention, and the commands of every device.

References: SPC-4 (T10/1731-D), 4.5 (sense data) and 6 (commands); SAM-4 (T10/1683-D), 5.3 (status).
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from engine.ata.state import OpticalState

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.pdm import BlockMedium, BlockRequest

    Command = Generator[BlockRequest, bytes, "Outcome"]
    """A command: yields requests to the medium, and returns how it has ended."""

GOOD, CHECK_CONDITION = 0x00, 0x02

NOT_READY, MEDIUM_ERROR, HARDWARE_ERROR, ILLEGAL_REQUEST = 0x2, 0x3, 0x4, 0x5
UNIT_ATTENTION, DATA_PROTECT = 0x6, 0x7
# Additional sense codes with their qualifiers (SPC-4, annex D).
WRITE_FAILED, UNRECOVERED_READ, INVALID_COMMAND = 0x0C00, 0x1100, 0x2000
OUT_OF_RANGE, INVALID_FIELD, WRITE_PROTECTED, POWER_ON, NO_MEDIUM = (
    0x2100, 0x2400, 0x2700, 0x2900, 0x3A00,
)  # fmt: skip

INQUIRY, REQUEST_SENSE, REPORT_LUNS = 0x12, 0x03, 0xA0
WITHOUT_ATTENTION: Final = frozenset({INQUIRY, REQUEST_SENSE, REPORT_LUNS})
VENDOR: Final = b"VITRINE "
REVISION: Final = b"1.0 "
_VERSION_SPC4: Final = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command has ended: status, and sense data when it is CHECK CONDITION."""

    status: int = GOOD
    sense: bytes = b""


def sense_data(key: int, code: int) -> bytes:
    """Return sense data in fixed format; ``code`` has the qualifier in its low byte."""
    return struct.pack(">BBBIBIHBBH", 0x70, 0, key, 0, 10, 0, code, 0, 0, 0)


def refusal(key: int, code: int) -> Outcome:
    """Return the outcome of a command that ends with CHECK CONDITION."""
    return Outcome(CHECK_CONDITION, sense_data(key, code))


class DataPhase(Protocol):
    """Moves the data of one command between unit and initiator."""

    def scatter(self, data: memoryview) -> int:
        """Hand data to the initiator; return how many bytes found room."""

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes from the initiator; fewer at the end."""


class ScsiHost(Protocol):
    """What a unit needs of its controller."""

    def medium(self, lun: int) -> BlockMedium | None:
        """Return what is attached at a connector."""

    def tray_moved(self, lun: int, *, open_: bool) -> None:
        """The guest has moved the tray."""

    def guest_error(self, message: str) -> None:
        """Note something that the guest did against the standard."""


@dataclass(slots=True)
class Activity:
    """Bytes moved since power-on."""

    read: int = 0
    written: int = 0


class UnitState(msgspec.Struct, kw_only=True):
    """What a saved state of a unit holds.

    Attributes:
        attention: sense code of a pending unit attention, 0 for none.
    """

    attention: int = POWER_ON
    optical: OpticalState = msgspec.field(default_factory=OpticalState)


class ScsiUnit(ABC):
    """A logical unit.

    Args:
        lun: connector of the medium.
        host: the controller.
    """

    TYPE = 0x00  # peripheral device type (SPC-4, 6.4.2)
    REMOVABLE = False
    PRODUCT = b""

    def __init__(self, lun: int, host: ScsiHost) -> None:
        self.lun = lun
        self.host = host
        self.state = UnitState()
        self.activity = Activity()

    @property
    def medium(self) -> BlockMedium | None:
        """What is in the drive."""
        return self.host.medium(self.lun)

    def execute(self, cdb: bytes, data: DataPhase) -> Command:
        """Run a command; ``cdb`` has at least 16 bytes."""
        operation = cdb[0]
        if self.state.attention and operation not in WITHOUT_ATTENTION:
            code, self.state.attention = self.state.attention, 0
            return refusal(UNIT_ATTENTION, code)
        if operation == INQUIRY:
            return self._inquiry(cdb, data)
        if operation == REQUEST_SENSE:
            code, self.state.attention = self.state.attention, 0
            sense = sense_data(UNIT_ATTENTION if code else 0, code)
            return reply(data, sense, cdb[4])
        if operation == REPORT_LUNS:
            return reply(data, struct.pack(">IIQ", 8, 0, 0), int.from_bytes(cdb[6:10]))
        return (yield from self.perform(cdb, data))

    @abstractmethod
    def perform(self, cdb: bytes, data: DataPhase) -> Command:
        """Run a command that is this kind's own."""

    @abstractmethod
    def vital_pages(self) -> dict[int, bytes]:
        """Return the pages of vital product data, beside that which lists them."""

    def _inquiry(self, cdb: bytes, data: DataPhase) -> Outcome:
        allocation = int.from_bytes(cdb[3:5])
        if cdb[1] & 1:
            pages = self.vital_pages()
            pages[0] = bytes(sorted({0, *pages}))
            page = pages.get(cdb[2])
            if page is None:
                return refusal(ILLEGAL_REQUEST, INVALID_FIELD)
            return reply(data, struct.pack(">BBH", self.TYPE, cdb[2], len(page)) + page, allocation)
        if cdb[2]:
            return refusal(ILLEGAL_REQUEST, INVALID_FIELD)
        # Response format 2; commands are queued (CMDQUE).
        removable = 0x80 if self.REMOVABLE else 0
        head = bytes([self.TYPE, removable, _VERSION_SPC4, 0x02, 31, 0, 0, 0x02])
        return reply(data, head + VENDOR + self.PRODUCT.ljust(16) + REVISION, allocation)


def reply(data: DataPhase, answer: bytes, allocation: int) -> Outcome:
    """Send parameter data, at most ``allocation`` bytes."""
    data.scatter(memoryview(answer[:allocation]))
    return Outcome()
