"""NVM commands: what reads and writes the media behind the namespaces.

Reference: NVM Express 1.2, 6. Sectors have 512 bytes. Not there: Compare, Write Uncorrectable,
Dataset Management, reservations, protection information, metadata.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from engine.ata.drive import Activity
from engine.devices.nvme import identify
from engine.devices.nvme import registers as r
from engine.devices.nvme.admin import volatile_cache
from engine.devices.nvme.command import CommandError
from engine.pdm import BlockRequest, BusMaster, MediumError
from engine.pdm.interfaces import IdentifiedMedium

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.devices.nvme.command import Command
    from engine.devices.nvme.state import NvmeState
    from engine.pdm import BlockMedium

    Work = Generator[BlockRequest, bytes, None]

SECTOR: Final = 1 << identify.SECTOR_LOG
LARGEST_TRANSFER: Final = r.PAGE << identify.LARGEST_TRANSFER_LOG
STEP: Final = 1 << 20
"""Bytes of one request of a command without data."""


class MediaOwner(BusMaster, Protocol):
    """What namespaces need of the controller."""

    state: NvmeState

    def medium(self, lun: int) -> BlockMedium | None:
        """Return what is attached at a connector."""


class Target:
    """Which connector the requests of a command go to at the moment."""

    lun = -1


class Namespaces:
    """The namespaces of a controller: number 1 is at connector 0.

    Args:
        owner: the controller.
        connectors: how many there are, with and without a medium.

    Attributes:
        active: numbers of those that have a medium, in order.
        activity: bytes moved, by connector.
    """

    def __init__(self, owner: MediaOwner, connectors: list[bool]) -> None:
        self._owner = owner
        self.largest = len(connectors)
        self.active = [lun + 1 for lun, there in enumerate(connectors) if there]
        self.activity = {number - 1: Activity() for number in self.active}

    def sectors(self, number: int) -> int:
        """Return the size of a namespace."""
        medium = self._owner.medium(number - 1)
        return medium.size // SECTOR if medium else 0

    def identity(self, number: int) -> bytes:
        """Return the data of Identify Namespace."""
        unique = _unique(self._owner.medium(number - 1))
        return identify.namespace(self.sectors(number), unique)

    def execute(self, command: Command, target: Target) -> Generator[BlockRequest, bytes, int]:
        """Run a command and return its status; ``target`` follows it."""
        try:
            command.check()
            if command.opcode == r.FLUSH and command.namespace == r.BROADCAST:
                yield from self.flush_all(target)
                return r.SUCCESS
            target.lun = self._connector(command.namespace)
            if command.opcode == r.READ:
                yield from self._read(command, target)
            elif command.opcode in (r.WRITE, r.WRITE_ZEROES):
                yield from self._write(command, target)
            elif command.opcode == r.FLUSH:
                yield from self._flush(target)
            else:
                return r.INVALID_OPCODE | r.DO_NOT_RETRY
        except CommandError as error:
            return error.status | r.DO_NOT_RETRY
        except MediumError:
            return r.UNRECOVERED_READ if command.opcode == r.READ else r.WRITE_FAULT
        return r.SUCCESS

    def flush_all(self, target: Target) -> Work:
        """Make what all namespaces hold durable."""
        for number in self.active:
            target.lun = number - 1
            yield from self._flush(target)

    def _connector(self, number: int) -> int:
        if not 1 <= number <= self.largest:
            raise CommandError(r.INVALID_NAMESPACE)
        if number not in self.active:
            raise CommandError(r.INVALID_FIELD)
        return number - 1

    def _flush(self, target: Target) -> Work:
        medium = self._owner.medium(target.lun)
        if medium is not None and not medium.read_only:
            yield BlockRequest.flush()

    def _place(self, command: Command, target: Target) -> tuple[int, int]:
        """Return the byte offset and the length that a command names."""
        first = command.words[0] | command.words[1] << 32
        count = (command.words[2] & 0xFFFF) + 1
        if first + count > self.sectors(target.lun + 1):
            raise CommandError(r.LBA_OUT_OF_RANGE)
        size = count * SECTOR
        if command.opcode != r.WRITE_ZEROES and size > LARGEST_TRANSFER:
            raise CommandError(r.INVALID_FIELD)
        return first * SECTOR, size

    def _read(self, command: Command, target: Target) -> Work:
        owner = self._owner
        offset, size = self._place(command, target)
        yield BlockRequest.read(offset, size, command.data(size, owner))
        self.activity[target.lun].read += size
        owner.state.counters.reads += 1
        owner.state.counters.sectors_read += size // SECTOR

    def _write(self, command: Command, target: Target) -> Work:
        owner = self._owner
        offset, size = self._place(command, target)
        medium = owner.medium(target.lun)
        if medium is None or medium.read_only:
            raise CommandError(r.WRITE_TO_READ_ONLY)
        if command.opcode == r.WRITE_ZEROES:
            for done in range(0, size, STEP):
                yield BlockRequest.write(offset + done, bytes(min(STEP, size - done)))
        else:
            yield BlockRequest.write(offset, command.data(size, owner).gather(size))
        if command.words[2] & r.FORCE_UNIT_ACCESS or not volatile_cache(owner.state):
            yield BlockRequest.flush()
        self.activity[target.lun].written += size
        owner.state.counters.writes += 1
        owner.state.counters.sectors_written += size // SECTOR


def _unique(medium: object) -> bytes:
    """Return NGUID of the namespace with this medium; zeros for one without an identity."""
    return medium.uuid.bytes if isinstance(medium, IdentifiedMedium) else bytes(16)
