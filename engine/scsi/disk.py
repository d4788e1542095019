"""A SCSI disk.

References: SBC-3 (T10/1799-D), 5 and 6; SPC-4 (T10/1731-D), 6 and 7. Logical blocks have 512 bytes.
Not there: UNMAP, protection information, reservations.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from engine.ata.disk import serial_number
from engine.scsi import unit as s
from engine.scsi.unit import Job, Outcome, ScsiUnit, Work, refusal, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.scsi.unit import Begun, DataPhase

# Operation codes.
TEST_UNIT_READY, START_STOP_UNIT, PREVENT_ALLOW, SEEK_10 = 0x00, 0x1B, 0x1E, 0x2B
MODE_SENSE_6, MODE_SENSE_10 = 0x1A, 0x5A
READ_FORMAT_CAPACITIES, READ_CAPACITY_10, SERVICE_ACTION_IN_16 = 0x23, 0x25, 0x9E
READ_6, READ_10, READ_12, READ_16 = 0x08, 0x28, 0xA8, 0x88
WRITE_6, WRITE_10, WRITE_12, WRITE_16 = 0x0A, 0x2A, 0xAA, 0x8A
VERIFY_10, VERIFY_12, VERIFY_16 = 0x2F, 0xAF, 0x8F
SYNCHRONIZE_CACHE_10, SYNCHRONIZE_CACHE_16 = 0x35, 0x91
READ_CAPACITY_16: Final = 0x10  # service action

FORCE_UNIT_ACCESS, BYTE_CHECK = 0x08, 0x06
CACHING_PAGE, CONTROL_PAGE, ALL_PAGES = 0x08, 0x0A, 0x3F
WRITE_CACHE_ENABLED, DPOFUA, WRITE_PROTECT = 0x04, 0x10, 0x80
_CHANGEABLE, _SAVED = 1, 3  # values of a page that MODE SENSE asks for
_LARGEST_CAPACITY_10: Final = 0xFFFF_FFFF


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
    def _read_only(self) -> bool:
        medium = self.medium
        return medium is None or medium.read_only

    def perform(self, cdb: bytes, data: DataPhase) -> Begun:
        """See :meth:`ScsiUnit.perform`."""
        if self.medium is None:
            return refusal(s.NOT_READY, s.NO_MEDIUM)
        handler = _COMMANDS.get(cdb[0])
        if handler is None:
            self.host.guest_error(f"SCSI command {cdb[0]:#04x} is not known")
            return refusal(s.ILLEGAL_REQUEST, s.INVALID_COMMAND)
        return handler(self, cdb, data)

    def _succeed(self, _cdb: bytes, _data: DataPhase) -> Begun:
        """Commands that ask nothing of a disk like this."""
        return Outcome()

    # -- blocks

    def _move(self, cdb: bytes, work: Work) -> Begun:
        """Begin with the blocks that a command names."""
        first, count = address(cdb)
        if first + count > self.blocks:
            return refusal(s.ILLEGAL_REQUEST, s.OUT_OF_RANGE)
        if work is Work.WRITE and self._read_only:
            return refusal(s.DATA_PROTECT, s.WRITE_PROTECTED)
        if not count:
            return Outcome()
        forced = cdb[0] != WRITE_6 and bool(cdb[1] & FORCE_UNIT_ACCESS)
        position, size = first * self.BLOCK, count * self.BLOCK
        return Job(work=work, position=position, remaining=size, forced=forced)

    def _read_blocks(self, cdb: bytes, _data: DataPhase) -> Begun:
        return self._move(cdb, Work.READ)

    def _write_blocks(self, cdb: bytes, _data: DataPhase) -> Begun:
        return self._move(cdb, Work.WRITE)

    def _verify(self, cdb: bytes, _data: DataPhase) -> Begun:
        if cdb[1] & BYTE_CHECK:  # to compare with what the initiator sends
            return refusal(s.ILLEGAL_REQUEST, s.INVALID_FIELD)
        return self._move(cdb, Work.VERIFY)

    def _seek(self, cdb: bytes, _data: DataPhase) -> Begun:
        if int.from_bytes(cdb[2:6]) >= self.blocks:
            return refusal(s.ILLEGAL_REQUEST, s.OUT_OF_RANGE)
        return Outcome()

    def _synchronize(self, _cdb: bytes, _data: DataPhase) -> Begun:
        return Outcome() if self._read_only else Job(work=Work.FLUSH)

    def _start_stop(self, cdb: bytes, data: DataPhase) -> Begun:
        if cdb[4] & 1:
            return Outcome()
        return self._synchronize(cdb, data)  # one that stops writes what it holds (SBC-3, 5.25)

    # -- capacity

    def _read_capacity_10(self, _cdb: bytes, data: DataPhase) -> Begun:
        last = min(max(self.blocks - 1, 0), _LARGEST_CAPACITY_10)
        return reply(data, struct.pack(">II", last, self.BLOCK), 8)

    def _read_capacity_16(self, cdb: bytes, data: DataPhase) -> Begun:
        if cdb[1] & 0x1F != READ_CAPACITY_16:
            return refusal(s.ILLEGAL_REQUEST, s.INVALID_FIELD)
        answer = struct.pack(">QI20x", max(self.blocks - 1, 0), self.BLOCK)
        return reply(data, answer, int.from_bytes(cdb[10:14]))

    def _read_format_capacities(self, cdb: bytes, data: DataPhase) -> Begun:
        # One descriptor: formatted medium (MMC-5, 6.24).
        blocks = min(self.blocks, _LARGEST_CAPACITY_10)
        answer = struct.pack(">III", 8, blocks, 2 << 24 | self.BLOCK)
        return reply(data, answer, int.from_bytes(cdb[7:9]))

    # -- parameters

    def _mode_sense(self, cdb: bytes, data: DataPhase) -> Begun:
        wanted, values = cdb[2] & 0x3F, cdb[2] >> 6
        if values == _SAVED:
            return refusal(s.ILLEGAL_REQUEST, s.SAVING_NOT_SUPPORTED)
        pages = {
            CACHING_PAGE: bytes([WRITE_CACHE_ENABLED]).ljust(18, b"\0"),
            CONTROL_PAGE: bytes([0x02, 0x10]).ljust(10, b"\0"),
        }
        body = b"".join(
            bytes([code, len(page)]) + (bytes(len(page)) if values == _CHANGEABLE else page)
            for code, page in pages.items()
            if wanted in (code, ALL_PAGES)
        )
        if not body:
            return refusal(s.ILLEGAL_REQUEST, s.INVALID_FIELD)
        flags = DPOFUA | (WRITE_PROTECT if self._read_only else 0)
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


_COMMANDS: Final[dict[int, Callable[[ScsiDisk, bytes, DataPhase], Begun]]] = {
    TEST_UNIT_READY: ScsiDisk._succeed,
    PREVENT_ALLOW: ScsiDisk._succeed,
    START_STOP_UNIT: ScsiDisk._start_stop,
    MODE_SENSE_6: ScsiDisk._mode_sense,
    MODE_SENSE_10: ScsiDisk._mode_sense,
    READ_CAPACITY_10: ScsiDisk._read_capacity_10,
    SERVICE_ACTION_IN_16: ScsiDisk._read_capacity_16,
    READ_FORMAT_CAPACITIES: ScsiDisk._read_format_capacities,
    **dict.fromkeys((READ_6, READ_10, READ_12, READ_16), ScsiDisk._read_blocks),
    **dict.fromkeys((WRITE_6, WRITE_10, WRITE_12, WRITE_16), ScsiDisk._write_blocks),
    **dict.fromkeys((VERIFY_10, VERIFY_12, VERIFY_16), ScsiDisk._verify),
    SEEK_10: ScsiDisk._seek,
    SYNCHRONIZE_CACHE_10: ScsiDisk._synchronize,
    SYNCHRONIZE_CACHE_16: ScsiDisk._synchronize,
}
