"""A CD/DVD drive on SCSI: the packet commands are those of ATAPI drives (:mod:`engine.ata.mmc`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.ata import mmc
from engine.ata.registers import CD_SECTOR_SIZE
from engine.pdm import BlockRequest, MediumError
from engine.scsi.unit import ILLEGAL_REQUEST, Outcome, ScsiUnit, refusal

if TYPE_CHECKING:
    from engine.scsi.unit import Command, DataPhase, ScsiHost

STEP: Final = 512
"""Sectors of one request."""


class ScsiOptical(ScsiUnit):
    """A drive; :mod:`engine.ata.mmc` tells it what a command wants, and it does that."""

    TYPE = 0x05
    REMOVABLE = True
    PRODUCT = b"CD-ROM"

    def __init__(self, lun: int, host: ScsiHost) -> None:
        super().__init__(lun, host)
        self._begin()

    def _begin(self) -> None:
        """Forget what the last command wanted."""
        self._outcome = Outcome()
        self._answer = b""
        self._sectors = (0, 0, 0)
        self._parameters = 0

    @property
    def blocks(self) -> int:
        """Capacity of the disc in sectors of 2048 bytes; 0 without a disc."""
        medium = self.medium
        if medium is None or self.state.optical.tray_open:
            return 0
        return medium.size // CD_SECTOR_SIZE

    def medium_changed(self) -> None:
        """The host has put a disc in or taken it out: the guest must learn of it."""
        optical = self.state.optical
        present = self.medium is not None
        optical.attention = mmc.MEDIUM_CHANGED if present else 0
        optical.event = mmc.EVENT_NEW_MEDIA if present else mmc.EVENT_REMOVAL
        optical.tray_open = optical.tray_open and not present

    def perform(self, cdb: bytes, data: DataPhase) -> Command:
        """See :meth:`ScsiUnit.perform`."""
        self._begin()
        self.state.optical.packet = cdb[:12]
        mmc.execute(self, cdb[:12])
        if self._parameters:
            mmc.parameters_received(self, data.gather(self._parameters))
        outcome, answer, (lba, count, flags) = self._outcome, self._answer, self._sectors
        if answer:
            data.scatter(memoryview(answer))
        while count:
            part = min(count, STEP)
            try:
                read = yield BlockRequest.read(lba * CD_SECTOR_SIZE, part * CD_SECTOR_SIZE)
            except MediumError:
                return refusal(mmc.MEDIUM_ERROR, mmc.UNRECOVERED_READ << 8)
            self.activity.read += len(read)
            sectors = mmc.raw_sectors(lba, read, flags) if flags else read
            if data.scatter(memoryview(sectors)) < len(sectors):
                break
            lba += part
            count -= part
        return outcome

    def vital_pages(self) -> dict[int, bytes]:
        """See :meth:`ScsiUnit.vital_pages`."""
        return {}

    # -- for the commands

    def succeed(self) -> None:
        """The command has ended well, or will when its data have moved."""

    def refuse(self, key: int, code: int, qualifier: int = 0) -> None:
        """The command ends with CHECK CONDITION."""
        self._outcome = refusal(key, code << 8 | qualifier)

    def reply(self, data: bytes, allocation: int | None = None) -> None:
        """The command sends data, at most ``allocation`` bytes."""
        self._answer = data if allocation is None else data[:allocation]

    def read_blocks(self, lba: int, count: int, raw_flags: int = 0) -> None:
        """The command reads sectors; ``raw_flags`` as in byte 9 of READ CD."""
        if lba + count > self.blocks:
            self.refuse(ILLEGAL_REQUEST, mmc.OUT_OF_RANGE)
        else:
            self._sectors = (lba, count, raw_flags)

    def receive(self, size: int) -> None:
        """The command wants parameters."""
        self._parameters = size
