"""ATA hard disk: CHS, 28-bit and 48-bit addressing, PIO, multiple and DMA transfers.

Reference: ATA/ATAPI-6 (T13 1410D), 8. Not announced and refused: SMART, security, host protected
area, queued commands.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from engine.ata import registers as r
from engine.ata.drive import Cable, Drive, DriveHost
from engine.ata.identify import MAX_LBA28, MAX_MULTIPLE, default_geometry, identify_disk
from engine.ata.state import Phase
from engine.pdm import BlockRequest, IdentifiedMedium, MediumError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from engine.pdm import Landing, Steps

MODEL: Final = "VITRINE HARDDISK"
FIRMWARE: Final = "1.0"

SECTOR: Final = r.SECTOR_SIZE
# Commands with 48-bit addresses, and those that move several sectors in a block.
EXTENDED: Final = frozenset({
    r.READ_SECTORS_EXT, r.READ_DMA_EXT, r.READ_NATIVE_MAX_EXT, r.READ_MULTIPLE_EXT,
    r.WRITE_SECTORS_EXT, r.WRITE_DMA_EXT, r.WRITE_MULTIPLE_EXT, r.READ_VERIFY_EXT,
})  # fmt: skip
MULTIPLE: Final = frozenset({
    r.READ_MULTIPLE, r.READ_MULTIPLE_EXT, r.WRITE_MULTIPLE, r.WRITE_MULTIPLE_EXT,
})  # fmt: skip

# How much one step of a transfer moves between medium and memory, in sectors.
DMA_STEP: Final = 1024
# How far PIO reads run ahead of the host.
READ_AHEAD: Final = 128


class OutOfRangeError(Exception):
    """The guest has addressed a sector that is not there."""


class UnreadableError(Exception):
    """The host could not read a sector; the argument is its LBA."""


def serial_number(medium: object) -> str:
    """Return the serial number of the disk with this medium, from its UUID."""
    if not isinstance(medium, IdentifiedMedium):
        return "VB00000000-00000000"
    data = medium.uuid.bytes_le
    first, last = (int.from_bytes(data[n : n + 4], "little") for n in (0, 12))
    return f"VB{first:08x}-{last:08x}"


class HardDisk(Drive):
    """An ATA disk; ``serial`` and ``model`` replace what it calls itself."""

    def __init__(
        self, lun: int, host: DriveHost, cable: Cable, *, serial: str = "", model: str = ""
    ) -> None:
        super().__init__(lun, host, cable)
        self._serial = serial
        self._model = model or MODEL
        # Sectors read before the host has asked for them: (first LBA, data).
        self._ahead: tuple[int, bytes] = (0, b"")
        for code in range(r.RECALIBRATE, r.RECALIBRATE + 16):
            self._commands[code] = self.complete
        for code in range(r.SEEK, r.SEEK + 16):
            self._commands[code] = self._seek
        self._commands |= {
            r.IDENTIFY_DEVICE: self._identify,
            r.INITIALIZE_PARAMETERS: self._initialize_parameters,
            r.SET_MULTIPLE: self._set_multiple,
            r.FLUSH_CACHE: self._flush,
            r.FLUSH_CACHE_EXT: self._flush,
            r.READ_NATIVE_MAX: self._read_native_max,
            r.READ_NATIVE_MAX_EXT: self._read_native_max,
        }
        transfers: tuple[tuple[Callable[[], None], tuple[int, ...]], ...] = (
            (self._next_block, (r.READ_SECTORS, r.READ_SECTORS_OLD, r.READ_SECTORS_EXT,
                              r.READ_MULTIPLE, r.READ_MULTIPLE_EXT)),
            (self._first_block, (r.WRITE_SECTORS, r.WRITE_SECTORS_OLD, r.WRITE_SECTORS_EXT,
                               r.WRITE_VERIFY, r.WRITE_MULTIPLE, r.WRITE_MULTIPLE_EXT)),
            (partial(self.await_bus_master, Phase.DMA_IN),
             (r.READ_DMA, r.READ_DMA_OLD, r.READ_DMA_EXT)),
            (partial(self.await_bus_master, Phase.DMA_OUT),
             (r.WRITE_DMA, r.WRITE_DMA_OLD, r.WRITE_DMA_EXT)),
            (self._verify, (r.READ_VERIFY, r.READ_VERIFY_OLD, r.READ_VERIFY_EXT)),
        )  # fmt: skip
        for start, codes in transfers:
            self._commands |= dict.fromkeys(codes, partial(self._transfer, start))

    def _transfer(self, start: Callable[[], None]) -> None:
        """Decode address and count of a command and start it."""
        state = self.state
        multiple = state.command in MULTIPLE
        if multiple and not state.multiple:
            self.abort()
            return
        try:
            state.lba, state.remaining = self._address()
        except OutOfRangeError:
            self.fail(r.IDNF)
            return
        state.block = state.multiple if multiple else 1
        state.standby = False
        self._ahead = (0, b"")
        start()

    # -- addresses

    @property
    def sectors(self) -> int:
        """Capacity in sectors."""
        medium = self.medium
        return medium.size // SECTOR if medium else 0

    def _translation(self) -> tuple[int, int]:
        state = self.state
        _, heads, sectors = default_geometry(self.sectors)
        return state.heads or heads, state.sectors or sectors

    def _address(self) -> tuple[int, int]:
        """Return first sector and count as the command block has them (6.2, 6.7)."""
        task = self.state.task
        if self.state.command in EXTENDED:
            lba = (
                task.lba_low | task.lba_mid << 8 | task.lba_high << 16
                | task.old_lba_low << 24 | task.old_lba_mid << 32 | task.old_lba_high << 40
            )  # fmt: skip
            count = task.sector_count | task.old_sector_count << 8 or 0x10000
        else:
            head = self.cable.device & 0x0F
            count = task.sector_count or 0x100
            if self.cable.device & r.LBA:
                lba = task.lba_low | task.lba_mid << 8 | task.lba_high << 16 | head << 24
            else:
                heads, per_track = self._translation()
                if not 1 <= task.lba_low <= per_track or head >= heads:
                    raise OutOfRangeError
                cylinder = task.lba_mid | task.lba_high << 8
                lba = (cylinder * heads + head) * per_track + task.lba_low - 1
        if lba + count > self.sectors:
            raise OutOfRangeError
        return lba, count

    def show_address(self, lba: int) -> None:
        """Put the sector at which a command has ended into the command block."""
        task = self.state.task
        head = None
        if self.state.command in EXTENDED:
            task.old_lba_low, task.old_lba_mid, task.old_lba_high = (
                lba >> n & 0xFF for n in (24, 32, 40)
            )
        elif self.cable.device & r.LBA:
            head = lba >> 24 & 0x0F
        else:
            heads, per_track = self._translation()
            track, sector = divmod(lba, per_track)
            cylinder, head = divmod(track, heads)
            lba = sector + 1 | (cylinder & 0xFFFF) << 8
        task.lba_low, task.lba_mid, task.lba_high = (lba >> n & 0xFF for n in (0, 8, 16))
        if head is not None:
            self.cable.device = self.cable.device & 0xF0 | head

    # -- access to the medium

    def fetch(
        self, lba: int, count: int, into: Landing | None = None
    ) -> Generator[BlockRequest, bytes, bytes]:
        """Read sectors; raises UnreadableError in the steps for one that the host cannot read.

        Returns:
            What has been read; nothing when it has gone ``into`` something.
        """
        try:
            data = yield BlockRequest.read(lba * SECTOR, count * SECTOR, into)
        except MediumError as error:
            if count == 1:
                raise UnreadableError(lba) from error
            # One by one, to name the sector that cannot be read.
            data = b""
            for n in range(count):
                data += yield from self.fetch(lba + n, 1, into)
            return data
        self.activity.read += count * SECTOR
        return data

    def _unreadable(self, error: UnreadableError) -> None:
        self.show_address(int(error.args[0]))
        self.fail(r.UNC)

    def _store(self) -> Generator[BlockRequest, bytes, bool]:
        """Write the buffer at ``state.lba``; False when the command has ended."""
        state = self.state
        medium = self.medium
        if medium is None or medium.read_only:
            self.abort()
            return False
        try:
            yield BlockRequest.write(state.lba * SECTOR, bytes(state.buffer))
        except MediumError:
            self.show_address(state.lba)
            self.fail(r.ABRT, r.DF)
            return False
        count = len(state.buffer) // SECTOR
        state.lba += count
        state.remaining -= count
        self.activity.written += len(state.buffer)
        state.buffer.clear()
        return True

    def _end_write(self) -> Steps:
        """End a write; without a write cache the data must be durable by then."""
        if self.state.write_cache:
            self.complete()
        else:
            yield from self._make_durable()

    def _make_durable(self) -> Steps:
        medium = self.medium
        self.state.phase = Phase.FLUSH
        try:
            if medium is not None and not medium.read_only:
                yield BlockRequest.flush()
        except MediumError:
            self.fail(r.ABRT, r.DF)
            return
        self.complete()

    def _flush(self) -> None:
        self.run(self._make_durable())

    def _stopped(self) -> Steps:
        """Return the steps of the phase that a host error has stopped."""
        match self.state.phase:
            case Phase.FLUSH:
                return self._make_durable()
            case Phase.FETCH:
                return self._read_pio()
            case Phase.VERIFY:
                return self._read_all()
            case Phase.DATA_OUT:
                return self._write_pio()
            case _:
                return self.move_by_dma()

    # -- PIO

    def _next_block(self) -> None:
        if not self._offer_next():
            self.state.phase = Phase.FETCH
            self.run(self._read_pio())

    def _offer_next(self) -> bool:
        """Offer the next block; False when it has to come from the medium first."""
        state = self.state
        count = min(state.block, state.remaining)
        first, data = self._ahead
        start = (state.lba - first) * SECTOR
        if start < 0 or start + count * SECTOR > len(data):
            return False
        state.lba += count
        state.remaining -= count
        self.offer(data[start : start + count * SECTOR])
        return True

    def _read_pio(self) -> Steps:
        state = self.state
        count = min(state.block, state.remaining)
        try:
            try:
                data = yield from self.fetch(
                    state.lba, min(state.remaining, max(count, READ_AHEAD))
                )
            except UnreadableError:
                # The blocks before the bad sector still belong to the host.
                data = yield from self.fetch(state.lba, count)
        except UnreadableError as error:
            self._unreadable(error)
            return
        self._ahead = (state.lba, data)
        self._offer_next()

    def _block_read(self) -> None:
        state = self.state
        if state.remaining:
            self._next_block()
        else:
            # The host has everything: no interrupt follows the last block.
            state.phase = Phase.IDLE
            state.buffer.clear()
            state.status = r.READY
            self._ahead = (0, b"")

    def _first_block(self) -> None:
        # The first block is asked for without an interrupt (9.6).
        self.request(min(self.state.block, self.state.remaining) * SECTOR, interrupt=False)

    def _block_written(self) -> None:
        self.run(self._write_pio())

    def _write_pio(self) -> Steps:
        if not (yield from self._store()):
            return
        state = self.state
        if state.remaining:
            self.request(min(state.block, state.remaining) * SECTOR)
        else:
            yield from self._end_write()

    # -- DMA

    def move_by_dma(self) -> Steps:
        """Move data until the command or the list of the bus master ends."""
        return self._dma_in() if self.state.phase is Phase.DMA_IN else self._dma_out()

    def _dma_in(self) -> Steps:
        state = self.state
        while True:
            if not self.bus_master.active:  # stopped while the medium was read
                self.bus_master_ended()
                return
            with memoryview(state.buffer) as view:
                state.position += self.bus_master.scatter(view[state.position :])
                short = state.position < len(view)
            if short:
                self.bus_master_ended()
                return
            if not state.remaining:
                break
            count = min(state.remaining, DMA_STEP)
            try:
                state.buffer[:] = yield from self.fetch(state.lba, count)
            except UnreadableError as error:
                self._unreadable(error)
                return
            state.position = 0
            state.lba += count
            state.remaining -= count
        self.bus_master.finish()
        self.complete()

    def _dma_out(self) -> Steps:
        state = self.state
        while state.remaining:
            wanted = min(state.remaining, DMA_STEP) * SECTOR
            if self.bus_master.active:
                state.buffer += self.bus_master.gather(wanted - len(state.buffer))
            if len(state.buffer) < wanted:
                self.bus_master_ended()
                return
            if not (yield from self._store()):
                return
        self.bus_master.finish()
        yield from self._end_write()

    # -- other commands

    def _identify(self) -> None:
        state = self.state
        data = identify_disk(
            sectors=self.sectors,
            model=self._model,
            serial=self._serial or serial_number(self.medium),
            firmware=FIRMWARE,
            translation=self._translation(),
            multiple=state.multiple,
            transfer_mode=state.transfer_mode,
            max_ultra=self.MAX_ULTRA_DMA,
            write_cache=state.write_cache,
            look_ahead=state.look_ahead,
        )
        self.offer(data)

    def _verify(self) -> None:
        self.state.phase = Phase.VERIFY
        self.run(self._read_all())

    def _read_all(self) -> Steps:
        state = self.state
        try:
            while state.remaining:
                count = min(state.remaining, DMA_STEP)
                yield from self.fetch(state.lba, count)
                state.lba += count
                state.remaining -= count
        except UnreadableError as error:
            self._unreadable(error)
            return
        self.complete()

    def _seek(self) -> None:
        task = self.state.task
        count = task.sector_count
        task.sector_count = 1
        try:
            self._address()
        except OutOfRangeError:
            self.fail(r.IDNF)
        else:
            self.complete()
        finally:
            task.sector_count = count

    def _initialize_parameters(self) -> None:
        sectors = self.state.task.sector_count
        if not sectors:
            self.abort()
            return
        self.state.sectors = sectors
        self.state.heads = (self.cable.device & 0x0F) + 1
        self.complete()

    def _set_multiple(self) -> None:
        count = self.state.task.sector_count
        if count > MAX_MULTIPLE or count & (count - 1):
            self.abort()
            return
        self.state.multiple = count
        self.complete()

    def _disable_write_cache(self) -> None:
        self.state.write_cache = False
        self._flush()

    def _read_native_max(self) -> None:
        last = self.sectors - 1
        self.show_address(last if self.state.command in EXTENDED else min(last, MAX_LBA28))
        self.complete()
