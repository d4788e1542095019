"""Queued commands (NCQ): up to 32 at a time, each with its own data regions.

Reference: SATA 3.0, 13.6 (native command queuing). The drive may carry out queued commands in any
order, so that none waits for another here; what orders those that overlap is the medium's queue.
After an error all that are under way end without a report, and the guest issues them anew.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from engine.ata import registers as ata
from engine.ata.disk import SECTOR, UnreadableError
from engine.devices.ahci import registers as r
from engine.pdm import BlockRequest, BlockTask, MediumError

if TYPE_CHECKING:
    from engine.ata.disk import HardDisk
    from engine.devices.ahci.prdt import RegionTable
    from engine.pdm import Steps

STEP: Final = 2048  # sectors of one request
FORCE_UNIT_ACCESS: Final = 0x80  # device byte of the frame


class _RefusedError(Exception):
    """The command cannot be carried out; the arguments are error bits, status bits and LBA."""


class QueueOwner(Protocol):
    """The port, as the commands of its queue see it."""

    def queued_done(self, slot: int, moved: int) -> None:
        """A command has ended well, after so many bytes."""

    def queued_failed(self, slot: int, error: int, status: int, lba: int) -> None:
        """A command has ended with bits of the error and status registers, at a sector."""

    def process(self) -> None:
        """Begin what has been issued and is not under way."""


class CommandQueue:
    """The queued commands of one port.

    Args:
        owner: the port.

    Attributes:
        running: bit per slot whose command is under way, or waits for the host to be helped.
    """

    def __init__(self, owner: QueueOwner) -> None:
        self._owner = owner
        self._tasks: dict[int, BlockTask] = {}
        self.running = 0

    def cancel(self) -> None:
        """Forget all commands; their ends are not reported."""
        tasks, self._tasks = self._tasks, {}
        self.running = 0
        for task in tasks.values():
            task.cancel()

    def start(self, slot: int, drive: HardDisk, fis: bytes, table: RegionTable) -> None:
        """Begin the command of a slot; ``fis`` is its frame, ``table`` has its data regions."""
        self.running |= 1 << slot
        task = self._tasks[slot] = BlockTask(
            lambda: drive.host.block_queue(drive.lun), partial(self._stall, slot, drive)
        )
        task.start(self._command(slot, drive, fis, table))

    def _stall(self, slot: int, drive: HardDisk, error: MediumError) -> None:
        """Pause the VM; the command is begun anew when it goes on."""
        waiting = self._tasks[slot]

        def retry() -> None:
            if self._tasks.get(slot) is waiting:  # no reset has come between
                self._end(slot)
                self._owner.process()

        drive.host.suspend_on_error(error, retry)

    def _end(self, slot: int) -> None:
        del self._tasks[slot]
        self.running &= ~(1 << slot)

    def _command(self, slot: int, drive: HardDisk, fis: bytes, table: RegionTable) -> Steps:
        lba = int.from_bytes(fis[4:7], "little") | int.from_bytes(fis[8:11], "little") << 24
        count = fis[3] | fis[11] << 8 or 0x10000
        try:
            _check_range(drive, lba, count)
            if fis[2] == r.WRITE_FPDMA_QUEUED:
                yield from _write(drive, table, lba, count)
                if fis[7] & FORCE_UNIT_ACCESS or not drive.state.write_cache:
                    yield BlockRequest.flush()
            else:
                yield from _read(drive, table, lba, count)
        except UnreadableError as bad:
            self._end(slot)
            self._owner.queued_failed(slot, ata.UNC, 0, int(bad.args[0]))
        except _RefusedError as refused:
            self._end(slot)
            self._owner.queued_failed(slot, *refused.args)
        except MediumError:
            self._end(slot)
            self._owner.queued_failed(slot, ata.ABRT, ata.DF, lba)
        else:
            self._end(slot)
            self._owner.queued_done(slot, table.moved)


def _check_range(drive: HardDisk, lba: int, count: int) -> None:
    if lba + count > drive.sectors:
        raise _RefusedError(ata.IDNF, 0, lba)


def _read(drive: HardDisk, table: RegionTable, lba: int, count: int) -> Steps:
    while count:
        part = min(count, STEP)
        before = table.moved
        yield from drive.fetch(lba, part, table)
        if table.moved - before < part * SECTOR:
            raise _RefusedError(ata.ABRT, 0, lba)  # the regions are too short
        lba += part
        count -= part


def _write(drive: HardDisk, table: RegionTable, lba: int, count: int) -> Steps:
    medium = drive.medium
    if medium is None or medium.read_only:
        raise _RefusedError(ata.ABRT, 0, lba)
    while count:
        part = min(count, STEP)
        data = table.gather(part * SECTOR)
        if len(data) < part * SECTOR:
            raise _RefusedError(ata.ABRT, 0, lba)
        yield BlockRequest.write(lba * SECTOR, data)
        drive.activity.written += len(data)
        lba += part
        count -= part
