"""ATAPI optical drive: how packets and their data travel.

References: ATA/ATAPI-6 (T13 1410D), 9.8 and 9.9 (PACKET protocols); MMC-5 (T10/1675D). The commands
themselves are in ``mmc``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.ata import mmc
from engine.ata import registers as r
from engine.ata.drive import Cable, Drive, DriveHost
from engine.ata.identify import identify_optical
from engine.ata.state import Phase
from engine.pdm import BlockRequest, MediumError

if TYPE_CHECKING:
    from collections.abc import Generator

    from engine.pdm import Steps

MODEL: Final = "VITRINE CD-ROM"
FIRMWARE: Final = "1.0"
PACKET_SIZE: Final = 12
# Features register of PACKET.
USE_DMA, OVERLAPPED = 0x01, 0x02
LARGEST_BLOCK: Final = 0xFFFE
# How much one step moves from the medium, in sectors.
STEP: Final = 32
DMA_STEP: Final = 128


class OpticalDrive(Drive):
    """A CD/DVD-ROM drive; ``serial`` and ``model`` replace what it calls itself."""

    SIGNATURE = (r.ATAPI_MID, r.ATAPI_HIGH)
    STATUS_AFTER_RESET = 0

    def __init__(
        self, lun: int, host: DriveHost, cable: Cable, *, serial: str = "", model: str = ""
    ) -> None:
        super().__init__(lun, host, cable)
        self._serial = serial or f"VC{lun + 1}-0000"
        self._model = model or MODEL
        self._commands |= {
            r.NOP: self.abort,
            r.DEVICE_RESET: self.reset,
            r.PACKET: self._packet,
            r.IDENTIFY_PACKET_DEVICE: self._identify_packet,
            r.IDENTIFY_DEVICE: self._not_a_disk,
            r.READ_SECTORS: self._not_a_disk,
        }

    # -- ATA commands

    def _not_a_disk(self) -> None:
        # Refused with the signature, by which software tells the kinds apart (9.12).
        self.set_signature()
        self.abort()

    def _identify_packet(self) -> None:
        self.offer(
            identify_optical(
                model=self._model,
                serial=self._serial,
                firmware=FIRMWARE,
                transfer_mode=self.state.transfer_mode,
                max_ultra=self.MAX_ULTRA_DMA,
            )
        )

    def _packet(self) -> None:
        state = self.state
        task, optical = state.task, state.optical
        if task.features & OVERLAPPED:
            self.abort()
            return
        optical.use_dma = bool(task.features & USE_DMA)
        limit = task.lba_mid | task.lba_high << 8
        # A block that is not the last one has an even length; 0 is taken for the largest.
        optical.byte_limit = max(2, min(limit or LARGEST_BLOCK, LARGEST_BLOCK) & ~1)
        optical.residue.clear()
        state.remaining = 0
        task.sector_count = r.COD
        self.request(PACKET_SIZE, Phase.COMMAND_PACKET, interrupt=False)

    # -- for the commands

    @property
    def blocks(self) -> int:
        """Capacity of the disc in sectors of 2048 bytes; 0 without a disc."""
        medium = self.medium
        if medium is None or self.state.optical.tray_open:
            return 0
        return medium.size // r.CD_SECTOR_SIZE

    def medium_changed(self) -> None:
        """The host has put a disc in or taken it out: the guest must learn of it."""
        optical = self.state.optical
        if self.medium is None:
            optical.attention = 0
            optical.event = mmc.EVENT_REMOVAL
        else:
            optical.tray_open = False
            optical.attention = mmc.MEDIUM_CHANGED
            optical.event = mmc.EVENT_NEW_MEDIA
        # What is being read belongs to a disc that is no longer there.
        self.state.remaining = 0

    def succeed(self) -> None:
        """End the packet command well, without data or after all of it."""
        self.state.optical.sense = mmc.NO_SENSE
        self.state.task.sector_count = r.COD | r.IO
        self.complete()

    def reply(self, data: bytes, allocation: int | None = None) -> None:
        """Send data to the host, at most ``allocation`` bytes."""
        data = data if allocation is None else data[:allocation]
        if not data:
            self.succeed()
            return
        self.state.optical.residue[:] = data
        self._start_data_in()

    def read_blocks(self, lba: int, count: int, raw_flags: int = 0) -> None:
        """Send sectors to the host; ``raw_flags`` as in byte 9 of READ CD, 0 for user data."""
        state = self.state
        if lba + count > self.blocks:
            self.refuse(mmc.ILLEGAL_REQUEST, mmc.OUT_OF_RANGE)
            return
        state.lba, state.remaining = lba, count
        state.optical.raw_flags = raw_flags
        if count:
            self._start_data_in()
        else:
            self.succeed()

    def receive(self, size: int) -> None:
        """Ask the host for parameters; ``mmc.parameters_received`` gets them."""
        state = self.state
        if state.optical.use_dma:
            state.expected = size
            self.await_bus_master(Phase.DMA_OUT)
            return
        task = state.task
        task.sector_count = 0
        task.lba_mid, task.lba_high = size & 0xFF, size >> 8 & 0xFF
        self.request(size)

    def refuse(self, key: int, code: int, qualifier: int = 0) -> None:
        """End the packet command with CHECK CONDITION and sense data."""
        state = self.state
        state.optical.sense = (key, code, qualifier)
        state.optical.residue.clear()
        state.remaining = 0
        state.task.sector_count = r.COD | r.IO
        self.fail(key << 4 | r.ABRT)

    # -- data to the host

    def _start_data_in(self) -> None:
        if self.state.optical.use_dma:
            self.await_bus_master(Phase.DMA_IN)
        else:
            self._next_block()

    def _fetch(self, limit: int) -> Generator[BlockRequest, bytes, bool]:
        """Append up to ``limit`` sectors to the residue; False when the command has failed."""
        state = self.state
        count = min(state.remaining, limit)
        size = count * r.CD_SECTOR_SIZE
        if self.medium is None:
            self.refuse(mmc.NOT_READY, mmc.NO_MEDIUM)
            return False
        try:
            data = yield BlockRequest.read(state.lba * r.CD_SECTOR_SIZE, size)
        except MediumError:
            self.refuse(mmc.MEDIUM_ERROR, mmc.UNRECOVERED_READ)
            return False
        self.activity.read += size
        flags = state.optical.raw_flags
        state.optical.residue += mmc.raw_sectors(state.lba, data, flags) if flags else data
        state.lba += count
        state.remaining -= count
        return True

    def _next_block(self) -> None:
        self.state.phase = Phase.FETCH
        self.run(self._send_block())

    def _send_block(self) -> Steps:
        """Offer the next block, or end the command when there is nothing left."""
        state = self.state
        residue, limit = state.optical.residue, state.optical.byte_limit
        while len(residue) < limit and state.remaining:
            if not (yield from self._fetch(STEP)):
                return
        if not residue:
            self.succeed()
            return
        size = min(limit, len(residue))
        task = state.task
        task.sector_count = r.IO
        task.lba_mid, task.lba_high = size & 0xFF, size >> 8
        block = residue[:size]
        del residue[:size]
        self.offer(block)

    def _block_read(self) -> None:
        if self.state.command == r.PACKET:
            self._next_block()
        else:
            # IDENTIFY PACKET DEVICE: no interrupt follows the block.
            self.state.phase = Phase.IDLE
            self.state.buffer.clear()
            self.state.status = r.READY

    def _stopped(self) -> Steps:
        """Return the steps of the phase that a host error has stopped."""
        return self._send_block() if self.state.phase is Phase.FETCH else self.move_by_dma()

    def move_by_dma(self) -> Steps:
        """Move data until the command or the list of the bus master ends."""
        return self._dma_in() if self.state.phase is Phase.DMA_IN else self._dma_out()

    def _dma_in(self) -> Steps:
        state = self.state
        residue = state.optical.residue
        while True:
            if not self.bus_master.active:  # stopped while the medium was read
                self.bus_master_ended()
                return
            with memoryview(residue) as view:
                done = self.bus_master.scatter(view)
            del residue[:done]
            if residue:
                self.bus_master_ended()
                return
            if not state.remaining:
                break
            if not (yield from self._fetch(DMA_STEP)):
                return
        self.bus_master.finish()
        self.succeed()

    # -- data from the host

    def _dma_out(self) -> Steps:
        state = self.state
        state.buffer += self.bus_master.gather(state.expected - len(state.buffer))
        if len(state.buffer) >= state.expected:
            self.bus_master.finish()
            mmc.parameters_received(self, bytes(state.buffer))
        else:
            self.bus_master_ended()
        yield from ()

    def _block_written(self) -> None:
        state = self.state
        data = bytes(state.buffer)
        if state.phase is Phase.COMMAND_PACKET:
            state.optical.packet = data
            state.buffer.clear()
            mmc.execute(self, data)
        else:
            mmc.parameters_received(self, data)
