"""What SCSI units have in common: sense data, attention, and the commands of every device.

References: SPC-4 (T10/1731-D), 4.5 (sense data) and 6 (commands); SAM-4 (T10/1683-D), 5.3 (status).
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Final, Protocol

import msgspec

from engine.ata.drive import Activity
from engine.ata.state import OpticalState
from engine.pdm import BlockRequest, MediumError

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.pdm import BlockMedium, Landing

    Command = Generator[BlockRequest, bytes, "Outcome"]
    """A command: yields requests to the medium, and returns how it has ended."""
    Step = Generator[BlockRequest, bytes, "Outcome | None"]
    """Part of a command: returns None when the command goes on."""

GOOD, CHECK_CONDITION = 0x00, 0x02

NOT_READY, MEDIUM_ERROR, HARDWARE_ERROR, ILLEGAL_REQUEST = 0x2, 0x3, 0x4, 0x5
UNIT_ATTENTION, DATA_PROTECT = 0x6, 0x7
# Additional sense codes with their qualifiers (SPC-4, annex D).
WRITE_FAILED, UNRECOVERED_READ, INVALID_COMMAND = 0x0C00, 0x1100, 0x2000
OUT_OF_RANGE, INVALID_FIELD, WRITE_PROTECTED, MEDIUM_CHANGED = 0x2100, 0x2400, 0x2700, 0x2800
POWER_ON, SAVING_NOT_SUPPORTED, NO_MEDIUM = 0x2900, 0x3900, 0x3A00

INQUIRY, REQUEST_SENSE, REPORT_LUNS = 0x12, 0x03, 0xA0
WITHOUT_ATTENTION: Final = frozenset({INQUIRY, REQUEST_SENSE, REPORT_LUNS})
VENDOR: Final = b"VITRINE "
REVISION: Final = b"1.0 "
STEP: Final = 1 << 20
"""Bytes of one request of a command that nobody paces."""
_VERSION_SPC4, _COMMAND_QUEUING = 6, 0x02


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command has ended: status, and sense data when it is CHECK CONDITION."""

    status: int = GOOD
    sense: bytes = b""


class Work(IntEnum):
    """What a command has still to do."""

    READ = 1
    WRITE = 2
    VERIFY = 3
    FLUSH = 4
    PARAMETERS = 5  # those that the initiator sends


class Job(msgspec.Struct, kw_only=True):
    """A command that has begun and not ended; a saved state may have it.

    Attributes:
        position, remaining: next byte of the medium, and bytes still to move.
        forced: a write ends when it is durable (FUA).
        raw_flags: parts of the sectors that READ CD returns, 0 for user data alone.
    """

    work: Work
    position: Annotated[int, msgspec.Meta(ge=0)] = 0
    remaining: Annotated[int, msgspec.Meta(ge=0)] = 0
    forced: bool = False
    raw_flags: Annotated[int, msgspec.Meta(ge=0, le=0xFF)] = 0

    @property
    def wanted(self) -> int:
        """Bytes that the initiator has still to send."""
        return self.remaining if self.work in (Work.WRITE, Work.PARAMETERS) else 0


Begun = Outcome | Job
"""How a command has ended at once, or what it has still to do."""


def sense_data(key: int, code: int) -> bytes:
    """Return sense data in fixed format; ``code`` has the qualifier in its low byte."""
    return struct.pack(">BBBIBIHBBH", 0x70, 0, key, 0, 10, 0, code, 0, 0, 0)


def refusal(key: int, code: int) -> Outcome:
    """Return the outcome of a command that ends with CHECK CONDITION."""
    return Outcome(CHECK_CONDITION, sense_data(key, code))


class DataPhase(Protocol):
    """Moves the data of one command between unit and initiator."""

    @property
    def landing(self) -> Landing | None:
        """The initiator's memory for the data; None: it takes them piece by piece."""

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


class UnitState(msgspec.Struct, kw_only=True):
    """What a saved state of a unit holds.

    Attributes:
        attention: sense code of a pending unit attention, 0 for none.
    """

    attention: int = POWER_ON
    optical: OpticalState = msgspec.field(default_factory=OpticalState)


class ScsiUnit(ABC):
    """A logical unit.

    A host that moves all data of a command at once runs :meth:`execute`. One whose initiator
    fetches and sends them piece by piece calls :meth:`begin`, and :meth:`step` as data and room
    come; what is left of the command then stands in its :class:`Job`.

    Args:
        lun: connector of the medium.
        host: the controller.
        queued: the controller has several commands under way.
    """

    TYPE = 0x00  # peripheral device type (SPC-4, 6.4.2)
    REMOVABLE = False
    PRODUCT = b""
    BLOCK = 512

    def __init__(self, lun: int, host: ScsiHost, *, queued: bool) -> None:
        self.lun = lun
        self.host = host
        self.state = UnitState()
        self.activity = Activity()
        self._queued = queued

    @property
    def medium(self) -> BlockMedium | None:
        """What is in the drive."""
        return self.host.medium(self.lun)

    @property
    def blocks(self) -> int:
        """Capacity in blocks; 0 without a medium."""
        medium = self.medium
        return medium.size // self.BLOCK if medium else 0

    # -- commands

    def execute(self, cdb: bytes, data: DataPhase) -> Command:
        """Run a whole command; ``cdb`` has at least 16 bytes."""
        begun = self.begin(cdb, data)
        if isinstance(begun, Outcome):
            return begun
        while True:
            outcome = yield from self.step(begun, data, STEP)
            if outcome is not None:
                return outcome

    def begin(self, cdb: bytes, data: DataPhase) -> Begun:
        """Begin a command; ``cdb`` has at least 16 bytes."""
        operation = cdb[0]
        if self.state.attention and operation not in WITHOUT_ATTENTION:
            return refusal(UNIT_ATTENTION, self.take_attention())
        if operation == INQUIRY:
            return self._inquiry(cdb, data)
        if operation == REQUEST_SENSE:
            code = self.take_attention()
            return reply(data, sense_data(UNIT_ATTENTION if code else 0, code), cdb[4])
        if operation == REPORT_LUNS:
            return reply(data, struct.pack(">IIQ", 8, 0, 0), int.from_bytes(cdb[6:10]))
        return self.perform(cdb, data)

    def step(self, job: Job, data: DataPhase, limit: int) -> Step:
        """Go on with a command.

        A step that is given up at a request and begun anew does the same again, provided that
        ``data`` gives it the same bytes.

        Args:
            job: what is left of it.
            data: where its data go.
            limit: bytes to move to or from the medium, a multiple of the size of a block.
        """
        try:
            match job.work:
                case Work.PARAMETERS:
                    return self.parameters_received(data.gather(job.remaining))
                case Work.FLUSH:
                    yield BlockRequest.flush()
                    return Outcome()
                case Work.WRITE:
                    return (yield from self._write(job, data, limit))
                case _:
                    return (yield from self._read(job, data, limit))
        except MediumError:
            reads = job.work in (Work.READ, Work.VERIFY)
            return refusal(MEDIUM_ERROR, UNRECOVERED_READ if reads else WRITE_FAILED)

    def _read(self, job: Job, data: DataPhase, limit: int) -> Step:
        count = min(job.remaining, limit)
        if job.position + count > self.blocks * self.BLOCK:
            return refusal(NOT_READY, NO_MEDIUM)  # it has been taken out meanwhile
        plain = job.work is Work.READ and not job.raw_flags
        into = data.landing if plain else None
        before = into.moved if into else 0
        read = yield BlockRequest.read(job.position, count, into)
        if job.work is Work.READ:
            self.activity.read += count
            if into:
                short = into.moved - before < count
            else:
                answer = self.presented(job, read)
                short = data.scatter(memoryview(answer)) < len(answer)
            if short:
                return Outcome()  # the initiator has no more room
        job.position += count
        job.remaining -= count
        return None if job.remaining else Outcome()

    def _write(self, job: Job, data: DataPhase, limit: int) -> Step:
        written = data.gather(min(job.remaining, limit))
        written = written[: len(written) // self.BLOCK * self.BLOCK]
        if written:
            yield BlockRequest.write(job.position, written)
            self.activity.written += len(written)
            job.position += len(written)
            job.remaining -= len(written)
        else:
            job.remaining = 0  # the initiator has no more
        if job.remaining:
            return None
        if not job.forced:
            return Outcome()
        job.work = Work.FLUSH
        return None

    def take_attention(self) -> int:
        """Return the sense code of what the initiator has still to be told, 0 for nothing."""
        code, self.state.attention = self.state.attention, 0
        return code

    # -- what a kind of units does its own way

    def presented(self, job: Job, data: bytes) -> bytes:
        """Return what the initiator gets of the blocks at ``job.position``."""
        del job
        return data

    def parameters_received(self, parameters: bytes) -> Outcome:
        """Take the parameters that a command has asked for."""
        del parameters
        return Outcome()

    @abstractmethod
    def perform(self, cdb: bytes, data: DataPhase) -> Begun:
        """Begin a command that is this kind's own."""

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
        removable = 0x80 if self.REMOVABLE else 0
        flags = _COMMAND_QUEUING if self._queued else 0
        # Response format 2.
        head = bytes([self.TYPE, removable, _VERSION_SPC4, 0x02, 31, 0, 0, flags])
        return reply(data, head + VENDOR + self.PRODUCT.ljust(16) + REVISION, allocation)


def reply(data: DataPhase, answer: bytes, allocation: int) -> Outcome:
    """Send parameter data, at most ``allocation`` bytes."""
    data.scatter(memoryview(answer[:allocation]))
    return Outcome()
