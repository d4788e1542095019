"""A disk behind a mass storage device: SCSI commands on the sectors of a medium.

References: SBC-3 (T10/BSR INCITS 514), 5; SPC-4 (T10/BSR INCITS 513), 6 and 7. The numbers are from
the tables there.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Final

import msgspec

from engine.ata.disk import serial_number
from engine.ata.drive import Activity
from engine.pdm import BlockRequest, BlockTask, MediumError
from engine.vusb.scsi import AHEAD, LogicalUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ata.drive import DriveHost
    from engine.pdm import Steps
    from engine.vusb.scsi import Exchange

SECTOR: Final = 512
STEP: Final = 128
"""Sectors that move between the unit and its medium at once."""

# Operation codes.
TEST_UNIT_READY, REQUEST_SENSE, INQUIRY, REPORT_LUNS = 0x00, 0x03, 0x12, 0xA0
MODE_SENSE_6, MODE_SENSE_10, START_STOP_UNIT, PREVENT_ALLOW = 0x1A, 0x5A, 0x1B, 0x1E
READ_6, READ_10, READ_12, READ_16 = 0x08, 0x28, 0xA8, 0x88
WRITE_6, WRITE_10, WRITE_12, WRITE_16 = 0x0A, 0x2A, 0xAA, 0x8A
VERIFY_10, VERIFY_12, VERIFY_16, SEEK_10 = 0x2F, 0xAF, 0x8F, 0x2B
SYNCHRONIZE_CACHE_10, SYNCHRONIZE_CACHE_16 = 0x35, 0x91
READ_FORMAT_CAPACITIES, READ_CAPACITY_10, SERVICE_ACTION_IN_16 = 0x23, 0x25, 0x9E
READ_CAPACITY_16: Final = 0x10  # service action

# Sense key, additional code and its qualifier.
Sense = tuple[int, int, int]
NO_SENSE: Final[Sense] = (0, 0, 0)
UNREADABLE: Final[Sense] = (0x3, 0x11, 0)
WRITE_FAULT: Final[Sense] = (0x3, 0x03, 0)
UNKNOWN_COMMAND: Final[Sense] = (0x5, 0x20, 0)
OUT_OF_RANGE: Final[Sense] = (0x5, 0x21, 0)
INVALID_FIELD: Final[Sense] = (0x5, 0x24, 0)
WRITE_PROTECTED: Final[Sense] = (0x7, 0x27, 0)

FORCE_UNIT_ACCESS: Final = 0x08
BYTE_CHECK: Final = 0x06
VITAL_PRODUCT_DATA: Final = 0x01
PAGES, SERIAL_PAGE, IDENTIFICATION_PAGE = 0x00, 0x80, 0x83
CACHING_PAGE, ALL_PAGES = 0x08, 0x3F
WRITE_CACHE_ENABLED: Final = 0x04
VENDOR, PRODUCT, REVISION = b"VITRINE ", b"HARDDISK        ", b"1.0 "
LARGEST_CAPACITY_10: Final = 0xFFFF_FFFF


class Work(IntEnum):
    """What a command has still to do with the medium."""

    NOTHING = 0
    READ = 1
    WRITE = 2
    VERIFY = 3
    FLUSH = 4


class DiskState(msgspec.Struct, kw_only=True):
    """Saved state of the unit.

    Attributes:
        work: what the command in progress is about.
        lba, remaining: next sector, and sectors still to move.
        forced: a write ends when it is durable (FUA).
        failed: the last command has ended with CHECK CONDITION. sense: why.
    """

    work: Work = Work.NOTHING
    lba: Annotated[int, msgspec.Meta(ge=0, le=1 << 56)] = 0
    remaining: Annotated[int, msgspec.Meta(ge=0, lt=1 << 32)] = 0
    forced: bool = False
    failed: bool = False
    sense: Sense = NO_SENSE


class DiskUnit(LogicalUnit):
    """A disk with sectors of 512 bytes.

    Args:
        lun: connector of the medium.
        host: the controller.
        moved: told when the medium has answered.
    """

    def __init__(self, lun: int, host: DriveHost, *, moved: Callable[[], None]) -> None:
        super().__init__()
        self.state = DiskState()
        self._lun = lun
        self._host = host
        self._moved = moved
        self._activity = Activity()
        self._stalled = False
        self._io = BlockTask(lambda: host.block_queue(lun), self._stall)

    def bind(self, state: DiskState, data: Exchange) -> None:
        """Go on from a state."""
        self.state, self.data = state, data

    @property
    def activity(self) -> Activity:
        """Bytes moved since power-on."""
        return self._activity

    @property
    def running(self) -> bool:
        """Whether a command is in progress."""
        return self.state.work is not Work.NOTHING

    @property
    def waiting(self) -> bool:
        """Whether it can only go on when its medium has answered, or the host has room again."""
        return self._io.waiting or self._stalled

    @property
    def failed(self) -> bool:
        """Whether the last command has ended with CHECK CONDITION."""
        return self.state.failed

    @property
    def wanted(self) -> int:
        """Bytes to write that have not come yet."""
        if self.state.work is not Work.WRITE:
            return 0
        return self.state.remaining * SECTOR - len(self.data.incoming)

    @property
    def blocks(self) -> int:
        """Capacity in sectors."""
        medium = self._host.medium(self._lun)
        return medium.size // SECTOR if medium is not None else 0

    @property
    def _read_only(self) -> bool:
        medium = self._host.medium(self._lun)
        return medium is None or medium.read_only

    # -- life of a command

    def begin(self, block: bytes) -> None:
        """Take a command descriptor block."""
        state = self.state
        state.failed = False
        if block[0] != REQUEST_SENSE:
            state.sense = NO_SENSE
        handler = _COMMANDS.get(block[0])
        if handler is None:
            self._host.guest_error(f"SCSI command {block[0]:#04x} is not known")
            self._refuse(UNKNOWN_COMMAND)
        else:
            handler(self, block)

    def cancel(self) -> None:
        """Give up the command in progress."""
        self._io.cancel()
        self._stalled = False
        self.state.work = Work.NOTHING

    def go_on(self) -> None:
        """Do the next step, if it is not the host's turn or the medium's."""
        state, data = self.state, self.data
        ready = {
            Work.NOTHING: False,
            Work.READ: len(data.outgoing) < AHEAD,
            Work.WRITE: len(data.incoming) >= min(state.remaining, STEP) * SECTOR,
            Work.VERIFY: True,
            Work.FLUSH: True,
        }[state.work]
        if ready and not self.waiting:
            self._io.start(self._step())

    def _step(self) -> Steps:
        state = self.state
        reads = state.work in (Work.READ, Work.VERIFY)
        try:
            if reads:
                yield from self._read_step()
            elif state.work is Work.WRITE:
                yield from self._write_step()
            else:
                yield BlockRequest.flush()
                state.work = Work.NOTHING
        except MediumError:
            self._refuse(UNREADABLE if reads else WRITE_FAULT)
        self._moved()

    def _read_step(self) -> Steps:
        state = self.state
        count = min(state.remaining, STEP)
        data = yield BlockRequest.read(state.lba * SECTOR, count * SECTOR)
        if state.work is Work.READ:
            self.data.outgoing += data
        self._activity.read += len(data)
        state.lba += count
        state.remaining -= count
        if not state.remaining:
            state.work = Work.NOTHING

    def _write_step(self) -> Steps:
        state, incoming = self.state, self.data.incoming
        count = min(state.remaining, STEP)
        data = bytes(incoming[: count * SECTOR])
        yield BlockRequest.write(state.lba * SECTOR, data)
        del incoming[: len(data)]
        self._activity.written += len(data)
        state.lba += count
        state.remaining -= count
        if not state.remaining:
            state.work = Work.FLUSH if state.forced else Work.NOTHING

    def _stall(self, error: MediumError) -> None:
        """The host has no room: pause the VM, and repeat the step when it goes on."""
        self._stalled = True
        self._host.suspend_on_error(error, self._resume)

    def _resume(self) -> None:
        if self._stalled:
            self._stalled = False
            self.go_on()

    def _refuse(self, sense: Sense) -> None:
        state = self.state
        state.work, state.failed, state.sense = Work.NOTHING, True, sense

    def _reply(self, data: bytes, allocation: int) -> None:
        self.data.outgoing += data[:allocation]

    # -- the unit

    def _succeed(self, _block: bytes) -> None:
        """Commands that ask nothing of a disk like this."""

    def _request_sense(self, block: bytes) -> None:
        key, code, qualifier = self.state.sense
        self.state.sense = NO_SENSE
        # Fixed format, current error (SPC-4, 4.5.3).
        sense = struct.pack(">BBBIBIBBBBH", 0x70, 0, key, 0, 10, 0, code, qualifier, 0, 0, 0)
        self._reply(sense, block[4])

    def _inquiry(self, block: bytes) -> None:
        allocation = int.from_bytes(block[3:5], "big")
        if block[1] & VITAL_PRODUCT_DATA:
            self._product_data(block[2], allocation)
        elif block[2]:
            self._refuse(INVALID_FIELD)
        else:
            # A disk that cannot be taken out, SPC-3, response format 2.
            header = bytes([0x00, 0x00, 0x05, 0x02, 31, 0, 0, 0])
            self._reply(header + VENDOR + PRODUCT + REVISION, allocation)

    def _product_data(self, page: int, allocation: int) -> None:
        serial = serial_number(self._host.medium(self._lun)).encode("ascii")
        name = VENDOR + PRODUCT + serial
        pages = {
            PAGES: bytes([PAGES, SERIAL_PAGE, IDENTIFICATION_PAGE]),
            SERIAL_PAGE: serial,
            # One designator: ASCII, of the unit, by the vendor's identification (7.8.6.4).
            IDENTIFICATION_PAGE: bytes([0x02, 0x01, 0x00, len(name)]) + name,
        }
        data = pages.get(page)
        if data is None:
            self._refuse(INVALID_FIELD)
        else:
            self._reply(struct.pack(">BBH", 0, page, len(data)) + data, allocation)

    def _report_luns(self, block: bytes) -> None:
        self._reply(struct.pack(">IIQ", 8, 0, 0), int.from_bytes(block[6:10], "big"))

    def _mode_sense(self, block: bytes) -> None:
        control, page = block[2] >> 6, block[2] & 0x3F
        if control == 3 or page not in (CACHING_PAGE, ALL_PAGES):  # nothing is saved
            self._refuse(INVALID_FIELD)
            return
        flags = 0 if control == 1 else WRITE_CACHE_ENABLED  # nothing can be changed
        pages = bytes([CACHING_PAGE, 18, flags]).ljust(20, b"\0")
        protected = 0x80 if self._read_only else 0
        if block[0] == MODE_SENSE_6:
            self._reply(bytes([3 + len(pages), 0, protected, 0]) + pages, block[4])
        else:
            header = struct.pack(">HBBHH", 6 + len(pages), 0, protected, 0, 0)
            self._reply(header + pages, int.from_bytes(block[7:9], "big"))

    # -- the medium

    def _read_capacity_10(self, _block: bytes) -> None:
        last = min(self.blocks - 1, LARGEST_CAPACITY_10)
        self._reply(struct.pack(">II", max(last, 0), SECTOR), 8)

    def _read_capacity_16(self, block: bytes) -> None:
        if block[1] & 0x1F != READ_CAPACITY_16:
            self._refuse(INVALID_FIELD)
            return
        capacity = struct.pack(">QI", max(self.blocks - 1, 0), SECTOR).ljust(32, b"\0")
        self._reply(capacity, int.from_bytes(block[10:14], "big"))

    def _read_format_capacities(self, block: bytes) -> None:
        # One descriptor: formatted medium (MMC-5, 6.24).
        blocks = min(self.blocks, LARGEST_CAPACITY_10)
        data = struct.pack(">III", 8, blocks, 2 << 24 | SECTOR)
        self._reply(data, int.from_bytes(block[7:9], "big"))

    def _move(self, block: bytes, work: Work) -> None:
        """Begin with the sectors that a block names."""
        lba, count = _extent(block)
        if lba + count > self.blocks:
            self._refuse(OUT_OF_RANGE)
        elif work is Work.WRITE and self._read_only:
            self._refuse(WRITE_PROTECTED)
        elif count:
            state = self.state
            state.lba, state.remaining, state.work = lba, count, work
            state.forced = block[0] != WRITE_6 and bool(block[1] & FORCE_UNIT_ACCESS)

    def _read(self, block: bytes) -> None:
        self._move(block, Work.READ)

    def _write(self, block: bytes) -> None:
        self._move(block, Work.WRITE)

    def _verify(self, block: bytes) -> None:
        if block[1] & BYTE_CHECK:  # to compare with what the host sends
            self._refuse(INVALID_FIELD)
        else:
            self._move(block, Work.VERIFY)

    def _seek(self, block: bytes) -> None:
        if int.from_bytes(block[2:6], "big") >= self.blocks:
            self._refuse(OUT_OF_RANGE)

    def _synchronize(self, _block: bytes) -> None:
        if not self._read_only:
            self.state.work = Work.FLUSH

    def _start_stop(self, block: bytes) -> None:
        if not block[4] & 1:  # a disk that stops has written what it holds (SBC-3, 5.25)
            self._synchronize(block)


def _extent(block: bytes) -> tuple[int, int]:
    """Return first sector and number of sectors, as the length of the block has them."""
    match block[0] >> 5:
        case 0:
            return int.from_bytes(block[1:4], "big") & 0x1F_FFFF, block[4] or 256
        case 4:
            return int.from_bytes(block[2:10], "big"), int.from_bytes(block[10:14], "big")
        case 5:
            return int.from_bytes(block[2:6], "big"), int.from_bytes(block[6:10], "big")
        case _:
            return int.from_bytes(block[2:6], "big"), int.from_bytes(block[7:9], "big")


_COMMANDS: Final[dict[int, Callable[[DiskUnit, bytes], None]]] = {
    TEST_UNIT_READY: DiskUnit._succeed,
    PREVENT_ALLOW: DiskUnit._succeed,
    REQUEST_SENSE: DiskUnit._request_sense,
    INQUIRY: DiskUnit._inquiry,
    REPORT_LUNS: DiskUnit._report_luns,
    MODE_SENSE_6: DiskUnit._mode_sense,
    MODE_SENSE_10: DiskUnit._mode_sense,
    START_STOP_UNIT: DiskUnit._start_stop,
    READ_CAPACITY_10: DiskUnit._read_capacity_10,
    SERVICE_ACTION_IN_16: DiskUnit._read_capacity_16,
    READ_FORMAT_CAPACITIES: DiskUnit._read_format_capacities,
    **dict.fromkeys((READ_6, READ_10, READ_12, READ_16), DiskUnit._read),
    **dict.fromkeys((WRITE_6, WRITE_10, WRITE_12, WRITE_16), DiskUnit._write),
    **dict.fromkeys((VERIFY_10, VERIFY_12, VERIFY_16), DiskUnit._verify),
    SEEK_10: DiskUnit._seek,
    SYNCHRONIZE_CACHE_10: DiskUnit._synchronize,
    SYNCHRONIZE_CACHE_16: DiskUnit._synchronize,
}
