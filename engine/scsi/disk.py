"""A SCSI disk.

References: SBC-3 (T10/1799-D), 5 and 6; SPC-4 (T10/1731-D), 6 and 7. Logical blocks have 512 bytes.
Not there: UNMAP, protection information, reservations.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.ata.disk import serial_number
from engine.pdm import BlockRequest, MediumError
from engine.scsi import unit as s
from engine.scsi.unit import Outcome, ScsiUnit, refusal, reply

if TYPE_CHECKING:
    from engine.scsi.unit import Command, DataPhase

BLOCK: Final = 512
STEP: Final = 2048
"""Blocks of one request."""

TEST_UNIT_READY, START_STOP_UNIT, PREVENT_ALLOW = 0x00, 0x1B, 0x1E
MODE_SENSE_6, MODE_SENSE_10 = 0x1A, 0x5A
READ_CAPACITY_10, SERVICE_ACTION_IN, READ_CAPACITY_16 = 0x25, 0x9E, 0x10
SYNCHRONIZE = frozenset({0x35, 0x91})
READS = frozenset({0x08, 0x28, 0xA8, 0x88})
WRITES = frozenset({0x0A, 0x2A, 0xAA, 0x8A})
VERIFIES = frozenset({0x2F, 0xAF, 0x8F})
_FORCE_UNIT_ACCESS, _BYTE_CHECK = 0x08, 0x06
_PAGE_CACHING, _PAGE_CONTROL, _ALL_PAGES = 0x08, 0x0A, 0x3F
_WRITE_CACHE_ENABLED, _DPOFUA, _WRITE_PROTECT = 0x04, 0x10, 0x80
_NOTHING_TO_DO: Final = frozenset({TEST_UNIT_READY, START_STOP_UNIT, PREVENT_ALLOW})


def address(cdb: bytes) -> tuple[int, int]:
    """Return first block and number of blocks of a command (SPC-4, 4.3.4)."""
    match cdb[0] >> 5:
        case 0:
            return int.from_bytes(cdb[1:4]) & 0x1FFFFF, cdb[4] or 256
        case 1:
            return int.from_bytes(cdb[2:6]), int.from_bytes(cdb[7:9])
        case 5:
            return int.from_bytes(cdb[2:6]), int.from_bytes(cdb[6:10])
    return int.from_bytes(cdb[2:10]), int.from_bytes(cdb[10:14])


class ScsiDisk(ScsiUnit):
    """A direct access block device."""

    PRODUCT = b"HARDDISK"

    @property
    def blocks(self) -> int:
        """Capacity in blocks."""
        medium = self.medium
        return medium.size // BLOCK if medium else 0

    def perform(self, cdb: bytes, data: DataPhase) -> Command:
        """See :meth:`ScsiUnit.perform`."""
        operation = cdb[0]
        if self.medium is None:
            return refusal(s.NOT_READY, s.NO_MEDIUM)
        if operation in READS or operation in WRITES or operation in VERIFIES:
            return (yield from self._move(cdb, data))
        if operation in SYNCHRONIZE:
            return (yield from self._flush())
        if operation in _NOTHING_TO_DO:
            return Outcome()
        if operation == READ_CAPACITY_10:
            return reply(data, struct.pack(">II", min(self.blocks - 1, 0xFFFFFFFF), BLOCK), 8)
        if operation == SERVICE_ACTION_IN and cdb[1] & 0x1F == READ_CAPACITY_16:
            answer = struct.pack(">QI20x", self.blocks - 1, BLOCK)
            return reply(data, answer, int.from_bytes(cdb[10:14]))
        if operation in (MODE_SENSE_6, MODE_SENSE_10):
            return self._mode_sense(cdb, data)
        return refusal(s.ILLEGAL_REQUEST, s.INVALID_COMMAND)

    # -- blocks

    def _move(self, cdb: bytes, data: DataPhase) -> Command:
        operation = cdb[0]
        first, count = address(cdb)
        if first + count > self.blocks:
            return refusal(s.ILLEGAL_REQUEST, s.OUT_OF_RANGE)
        if operation in WRITES:
            return (yield from self._write(cdb, data, first, count))
        if operation in VERIFIES:
            if cdb[1] & _BYTE_CHECK:
                return refusal(s.ILLEGAL_REQUEST, s.INVALID_FIELD)
            return (yield from self._read(None, first, count))
        return (yield from self._read(data, first, count))

    def _read(self, data: DataPhase | None, first: int, count: int) -> Command:
        """Read blocks; without a data phase only to see whether they can be read."""
        while count:
            part = min(count, STEP)
            try:
                read = yield BlockRequest.read(first * BLOCK, part * BLOCK)
            except MediumError:
                return refusal(s.MEDIUM_ERROR, s.UNRECOVERED_READ)
            if data is not None:
                self.activity.read += len(read)
                if data.scatter(memoryview(read)) < len(read):
                    break  # the initiator has no more room
            first += part
            count -= part
        return Outcome()

    def _write(self, cdb: bytes, data: DataPhase, first: int, count: int) -> Command:
        medium = self.medium
        if medium is None or medium.read_only:
            return refusal(s.DATA_PROTECT, s.WRITE_PROTECTED)
        while count:
            part = min(count, STEP)
            written = data.gather(part * BLOCK)
            written = written[: len(written) // BLOCK * BLOCK]
            if not written:
                break  # the initiator has no more
            try:
                yield BlockRequest.write(first * BLOCK, written)
            except MediumError:
                return refusal(s.MEDIUM_ERROR, s.WRITE_FAILED)
            self.activity.written += len(written)
            first += part
            count -= part
        if cdb[0] != 0x0A and cdb[1] & _FORCE_UNIT_ACCESS:
            return (yield from self._flush())
        return Outcome()

    def _flush(self) -> Command:
        try:
            yield BlockRequest.flush()
        except MediumError:
            return refusal(s.MEDIUM_ERROR, s.WRITE_FAILED)
        return Outcome()

    # -- parameters

    def _mode_sense(self, cdb: bytes, data: DataPhase) -> Outcome:
        wanted, changeable = cdb[2] & 0x3F, cdb[2] >> 6 == 1
        pages = {
            _PAGE_CACHING: bytes([_WRITE_CACHE_ENABLED]).ljust(18, b"\0"),
            _PAGE_CONTROL: bytes([0x02, 0x10]).ljust(10, b"\0"),
        }
        body = b"".join(
            bytes([code, len(page)]) + (bytes(len(page)) if changeable else page)
            for code, page in pages.items()
            if wanted in (code, _ALL_PAGES)
        )
        if not body:
            return refusal(s.ILLEGAL_REQUEST, s.INVALID_FIELD)
        medium = self.medium
        flags = _DPOFUA | (_WRITE_PROTECT if medium is None or medium.read_only else 0)
        if cdb[0] == MODE_SENSE_10:
            head = struct.pack(">HBBHH", 6 + len(body), 0, flags, 0, 0)
            return reply(data, head + body, int.from_bytes(cdb[7:9]))
        return reply(data, bytes([3 + len(body), 0, flags, 0]) + body, cdb[4])

    def vital_pages(self) -> dict[int, bytes]:
        """See :meth:`ScsiUnit.vital_pages`."""
        serial = serial_number(self.medium).encode()
        name = s.VENDOR + self.PRODUCT.ljust(16) + serial
        # T10 vendor identification, in ASCII (SPC-4, 7.8.6).
        return {
            0x80: serial,
            0x83: bytes([0x02, 0x01, 0, len(name)]) + name,
            0xB0: struct.pack(">BBHII", 0, 0, 1, 0, 0).ljust(60, b"\0"),  # no limits
            0xB1: struct.pack(">HBB", 1, 0, 0).ljust(60, b"\0"),  # does not rotate
        }
