"""Data transfer commands of the 82078: the walk over sectors, and their bytes by DMA or PIO.

While a sector is on its way from or to the medium the transfer is ``busy``: the CPU sees no RQM,
and DMA requests rest. ``write_pending`` and the empty buffer tell a saved state what was asked for.

Reference: Intel 82078 data sheet, sections 5.2.3 (execution phase) and 6.1 (data transfer
commands), tables 6-3 to 6-10 (result phase).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.devices.i82078.state import (
    CONFIGURE_IMPLIED_SEEK,
    SECTOR_SIZE,
    SECTOR_SIZE_CODE,
    SPECIFY_NON_DMA,
    ST0_ABNORMAL,
    ST0_SEEK_END,
    ST1_DATA_ERROR,
    ST1_END_OF_CYLINDER,
    ST1_MISSING_ADDRESS_MARK,
    ST1_NO_DATA,
    ST1_NOT_WRITABLE,
    ST2_CONTROL_MARK,
    ST2_DATA_ERROR,
    ST2_WRONG_CYLINDER,
    Geometry,
    I82078State,
    Operation,
    Phase,
    TransferState,
    geometry_of,
)
from engine.pdm import BlockRequest, BlockTask, MediumError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from engine.pdm import BlockMedium, BlockQueue, IsaDma, Steps

WRITING = frozenset({Operation.WRITE, Operation.FORMAT})
ID_BYTES = 4
# A medium turns once in 200 ms; READ ID finds the sector that passes then.
REVOLUTION = 200_000_000


class Host(Protocol):
    """The controller as a transfer sees it."""

    state: I82078State

    dma: IsaDma
    dma_channel: int

    @property
    def now(self) -> int:
        """Virtual time in ns."""

    def medium(self, drive: int) -> BlockMedium | None:
        """Return the disk in a drive, or None."""

    def block_queue(self, lun: int) -> BlockQueue | None:
        """Return what carries out requests to it."""

    def move_head(self, drive: int, track: int) -> None:
        """Step a head."""

    def raise_irq(self) -> None:
        """Assert INT."""

    def finish(self, result: list[int]) -> None:
        """Go to the result phase with an interrupt."""

    def host_failed(self, error: MediumError, retry: Callable[[], None]) -> None:
        """Pause the machine; ``retry`` runs when it goes on."""


class Transfer:
    """Executes the command in ``state.transfer``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._io = BlockTask(lambda: host.block_queue(self._state.drive), self._stalled)
        self._is_stalled = False

    @property
    def busy(self) -> bool:
        """Whether a sector is on its way from or to the medium."""
        return self._io.waiting or self._is_stalled

    def cancel(self) -> None:
        """Stop; whatever the medium still does is not waited for."""
        self._io.cancel()
        self._is_stalled = False

    def _stalled(self, error: MediumError) -> None:
        """The host cannot do its part: keep what was asked for, and pause the machine."""
        self._is_stalled = True

        def retry() -> None:
            if self._is_stalled:
                self._is_stalled = False
                self.run()

        self._host.host_failed(error, retry)

    @property
    def _state(self) -> TransferState:
        return self._host.state.transfer

    @property
    def by_pio(self) -> bool:
        """Whether the CPU moves the bytes (SPECIFY has set ND)."""
        return bool(self._host.state.hlt_nd & SPECIFY_NON_DMA)

    @property
    def to_host(self) -> bool:
        """Whether bytes go from the disk to the machine."""
        return self._state.operation not in WRITING

    def begin(self) -> None:
        """Start execution: find the disk, then move bytes or wait for them."""
        state = self._state
        state.begun = True
        medium = self._host.medium(state.drive)
        geometry = geometry_of(medium.size) if medium else None
        implied = self._host.state.configure & CONFIGURE_IMPLIED_SEEK
        if implied and state.operation not in {Operation.READ_ID, Operation.FORMAT}:
            self._host.move_head(state.drive, state.cylinder)
            state.seek_done = True
        if (
            medium is None
            or geometry is None
            or self._host.state.rate not in geometry.rates
            or self._track() >= geometry.tracks
            or state.side >= geometry.heads
        ):
            self._fail(ST1_MISSING_ADDRESS_MARK)
        elif state.operation in WRITING and medium.read_only:
            self._fail(ST1_NOT_WRITABLE)
        elif state.operation is Operation.READ_ID:
            self._read_id(geometry)
        elif state.operation is Operation.READ_TRACK:
            state.sector = 1
            self.run()
        elif state.operation is Operation.READ_DELETED and state.skip:
            self._fail(ST1_NO_DATA)  # every sector has an ordinary data mark and is skipped
        else:
            self.run()

    def _track(self) -> int:
        """Return the track under the head, as the disk counts.

        Drivers step twice for each track of a 40-track disk in an 80-track drive.
        """
        state = self._state
        track = self._host.state.drives[state.drive].track
        medium = self._host.medium(state.drive)
        if medium is not None and geometry_of(medium.size).tracks == 40 and track >= 2:
            wanted = state.cylinder
            if state.operation in {Operation.READ_ID, Operation.FORMAT}:
                return track if track < 40 else track // 2
            if track == 2 * wanted:
                return wanted
        return track

    def _read_id(self, geometry: Geometry) -> None:
        state = self._state
        passing = self._host.now % REVOLUTION * geometry.sectors // REVOLUTION
        state.cylinder, state.head, state.sector = self._track(), state.side, passing + 1
        state.size_code = SECTOR_SIZE_CODE
        self._end(0, 0, 0)

    # ------------------------------------------------------------------ the walk

    def run(self) -> None:
        """Go on until the command ends or the other side has nothing more to give or take."""
        self._io.start(self._walk())

    def _walk(self) -> Steps:
        if self._state.write_pending:
            yield from self._store()
        if self.by_pio and self._state.operation is not Operation.VERIFY:
            yield from self._prepare_pio()
            return
        while self._executing():
            if not (yield from self._step()):
                return

    def _executing(self) -> bool:
        return self._host.state.phase is Phase.EXECUTION

    def _step(self) -> Generator[BlockRequest, bytes, bool]:
        """Move one sector (or one ID of FORMAT) by DMA; return False to wait."""
        state = self._state
        if state.operation is Operation.FORMAT:
            return (yield from self._format_by_dma())
        if state.operation is Operation.WRITE:
            return (yield from self._write_by_dma())
        if not state.buffer and not (yield from self._load()):
            return True
        if state.operation is Operation.VERIFY:
            self._sector_done()
            return True
        host = self._host
        moved, state.terminal_count = host.dma.write_memory(
            host.dma_channel, bytes(state.buffer[state.position :])
        )
        state.position += moved
        if state.terminal_count or state.position >= len(state.buffer):
            self._sector_done()
            return True
        return False

    def _write_by_dma(self) -> Generator[BlockRequest, bytes, bool]:
        state, host = self._state, self._host
        if not state.buffer and self._locate() is None:
            return True
        data, state.terminal_count = host.dma.read_memory(
            host.dma_channel, SECTOR_SIZE - len(state.buffer)
        )
        state.buffer += data
        if len(state.buffer) < SECTOR_SIZE and not state.terminal_count:
            return False
        # After terminal count the rest of the sector is written with zeroes (5.2.3).
        state.buffer += bytes(SECTOR_SIZE - len(state.buffer))
        yield from self._store()
        return True

    def _format_by_dma(self) -> Generator[BlockRequest, bytes, bool]:
        state, host = self._state, self._host
        data, state.terminal_count = host.dma.read_memory(
            host.dma_channel, ID_BYTES - len(state.buffer)
        )
        state.buffer += data
        if len(state.buffer) < ID_BYTES:
            if state.terminal_count:
                self._end(0, 0, 0)
                return True
            return False
        yield from self._format_sector()
        return True

    def _format_sector(self) -> Steps:
        """Take an ID (C, H, R, N) and write its sector with the filler byte."""
        state = self._state
        state.cylinder, state.head, state.sector, state.size_code = state.buffer
        state.buffer = bytearray((state.fill,)) * SECTOR_SIZE
        yield from self._store()

    def _sector_done(self) -> None:
        """Go to the next sector, or end the command (tables 6-3 and 6-4)."""
        state = self._state
        state.buffer.clear()
        state.position = 0
        last = self._advance()
        if state.operation is Operation.READ_DELETED:
            self._end(0, 0, ST2_CONTROL_MARK)
        elif state.left:
            state.left -= 1
            if state.left == 0:
                self._end(0, 0, 0)
            elif last and state.operation is Operation.VERIFY:
                self._fail(ST1_END_OF_CYLINDER)
        elif state.terminal_count:
            self._end(0, 0, 0)
        elif last:
            if state.operation is Operation.VERIFY:
                self._end(0, 0, 0)
            else:
                self._fail(ST1_END_OF_CYLINDER)

    def _advance(self) -> bool:
        """Count the ID on as the result phase shows it; tell whether the range is through."""
        state = self._state
        if state.operation is Operation.FORMAT:
            return False
        if state.sector != state.last_sector:
            state.sector = state.sector + 1 & 0xFF
            return False
        state.sector = 1
        if state.multi_track and state.side == 0:
            state.head ^= 1
            state.side = 1
            return False
        state.cylinder = state.cylinder + 1 & 0xFF
        if state.multi_track:
            state.head ^= 1
        return True

    # ------------------------------------------------------------------ the medium

    def _locate(self) -> int | None:
        """Return the byte offset of the wanted sector, or end the command and return None."""
        state = self._state
        medium = self._host.medium(state.drive)
        if medium is None:  # taken out in the middle
            self._fail(ST1_MISSING_ADDRESS_MARK)
            return None
        geometry = geometry_of(medium.size)
        track = self._track()
        if state.operation is not Operation.FORMAT and state.cylinder != track:
            self._fail(ST1_NO_DATA, ST2_WRONG_CYLINDER)
            return None
        lba = (track * geometry.heads + state.side) * geometry.sectors + state.sector - 1
        offset = lba * SECTOR_SIZE
        if (
            not 1 <= state.sector <= geometry.sectors
            or state.size_code != SECTOR_SIZE_CODE
            or (state.head != state.side and state.operation is not Operation.READ_TRACK)
            or state.side >= geometry.heads
            or (not self.to_host and offset + SECTOR_SIZE > medium.size)
        ):
            self._fail(ST1_NO_DATA)
            return None
        return offset

    def _load(self) -> Generator[BlockRequest, bytes, bool]:
        """Fill the buffer from the medium; what an image cut short lacks reads as zeroes."""
        state = self._state
        offset = self._locate()
        medium = self._host.medium(state.drive)
        if offset is None or medium is None:
            return False
        length = max(0, min(SECTOR_SIZE, medium.size - offset))
        try:
            data = (yield BlockRequest.read(offset, length)) if length else b""
        except MediumError:
            self._fail(ST1_DATA_ERROR, ST2_DATA_ERROR)
            return False
        state.buffer[:] = data.ljust(SECTOR_SIZE, b"\0")
        state.position = 0
        return True

    def _store(self) -> Steps:
        """Write the buffer; a host that has no room finds ``write_pending`` when it has."""
        state = self._state
        state.write_pending = False
        offset = self._locate()
        if offset is None:
            return
        state.write_pending = True
        try:
            yield BlockRequest.write(offset, bytes(state.buffer))
        except MediumError:
            self._fail(ST1_DATA_ERROR, ST2_DATA_ERROR)
        else:
            state.write_pending = False
            self._sector_done()

    # ------------------------------------------------------------------ programmed I/O

    def _prepare_pio(self) -> Steps:
        """Make the next sector ready for the CPU, or ask it for one."""
        state = self._state
        if not self._executing():
            return
        if self.to_host:
            if not state.buffer and not (yield from self._load()):
                return
        elif state.operation is Operation.WRITE and not state.buffer and self._locate() is None:
            return
        self._host.raise_irq()

    def read_byte(self) -> int:
        """Give the CPU the next byte of a reading command."""
        state = self._state
        value = state.buffer[state.position]
        state.position += 1
        if state.position == len(state.buffer):
            self._sector_done()
            self._io.start(self._prepare_pio())
        return value

    def write_byte(self, value: int) -> None:
        """Take the next byte of a writing command from the CPU."""
        state = self._state
        state.buffer.append(value)
        if state.operation is Operation.FORMAT:
            if len(state.buffer) == ID_BYTES:
                self._io.start(self._end_of_pio(self._format_sector()))
        elif len(state.buffer) == SECTOR_SIZE:
            self._io.start(self._end_of_pio(self._store()))

    def _end_of_pio(self, storing: Steps) -> Steps:
        yield from storing
        yield from self._prepare_pio()

    # ------------------------------------------------------------------ the end

    def _fail(self, st1: int, st2: int = 0) -> None:
        self._end(ST0_ABNORMAL, st1, st2)

    def _end(self, st0: int, st1: int, st2: int) -> None:
        state = self._state
        state.buffer.clear()
        state.position = 0
        state.terminal_count = state.write_pending = False
        st0 |= state.side << 2 | state.drive
        if state.seek_done:
            st0 |= ST0_SEEK_END
        ids = [state.cylinder, state.head, state.sector, state.size_code]
        self._host.finish([st0, st1, st2, *ids])
