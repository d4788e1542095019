"""A CD/DVD drive on SCSI: the packet commands are those of ATAPI drives (:mod:`engine.ata.mmc`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ata import mmc
from engine.ata.registers import CD_SECTOR_SIZE
from engine.scsi.unit import ILLEGAL_REQUEST, Job, Outcome, ScsiUnit, Work, refusal

if TYPE_CHECKING:
    from engine.scsi.unit import Begun, DataPhase, ScsiHost


class ScsiOptical(ScsiUnit):
    """A drive; :mod:`engine.ata.mmc` tells it what a command wants, and it does that."""

    TYPE = 0x05
    REMOVABLE = True
    PRODUCT = b"CD-ROM"
    BLOCK = CD_SECTOR_SIZE

    def __init__(self, lun: int, host: ScsiHost, *, queued: bool) -> None:
        super().__init__(lun, host, queued=queued)
        self._forget()

    def _forget(self) -> None:
        """Forget what the last command wanted."""
        self._outcome = Outcome()
        self._job: Job | None = None
        self._answer = b""

    @property
    def blocks(self) -> int:
        """Capacity of the disc in sectors; 0 without a disc."""
        return 0 if self.state.optical.tray_open else super().blocks

    def medium_changed(self) -> None:
        """The host has put a disc in or taken it out: the guest must learn of it."""
        optical = self.state.optical
        present = self.medium is not None
        optical.attention = mmc.MEDIUM_CHANGED if present else 0
        optical.event = mmc.EVENT_NEW_MEDIA if present else mmc.EVENT_REMOVAL
        optical.tray_open = optical.tray_open and not present

    def take_attention(self) -> int:
        """See :meth:`ScsiUnit.take_attention`."""
        code = super().take_attention()
        if not code:
            optical = self.state.optical
            code, optical.attention = optical.attention, 0
        return code

    def perform(self, cdb: bytes, data: DataPhase) -> Begun:
        """See :meth:`ScsiUnit.perform`."""
        self._forget()
        self.state.optical.packet = cdb[:12]
        mmc.execute(self, cdb[:12])
        if self._answer:
            data.scatter(memoryview(self._answer))
        return self._outcome if self._job is None else self._job

    def presented(self, job: Job, data: bytes) -> bytes:
        """See :meth:`ScsiUnit.presented`."""
        if not job.raw_flags:
            return data
        return mmc.raw_sectors(job.position // CD_SECTOR_SIZE, data, job.raw_flags)

    def parameters_received(self, parameters: bytes) -> Outcome:
        """See :meth:`ScsiUnit.parameters_received`."""
        self._forget()
        mmc.parameters_received(self, parameters)
        return self._outcome

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
        elif count:
            position, size = lba * CD_SECTOR_SIZE, count * CD_SECTOR_SIZE
            self._job = Job(
                work=Work.READ, position=position, remaining=size, raw_flags=raw_flags
            )

    def receive(self, size: int) -> None:
        """The command wants parameters."""
        self._job = Job(work=Work.PARAMETERS, remaining=size)
