"""The bridge in a USB optical drive: commands and data between the bus and an ATAPI drive.

References: ATA/ATAPI-6 (T13 1410D), 9.9 (PACKET with DMA); MMC-5 (T10/1675D).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ata import registers as r
from engine.ata.optical import PACKET_SIZE, USE_DMA, OpticalDrive
from engine.ata.state import DriveState, Phase
from engine.vusb.scsi import AHEAD, LogicalUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ata.drive import Activity, DriveHost
    from engine.vusb.scsi import Exchange


class _Buffer:
    """What the drive takes for its bus master: the buffer between it and the bus."""

    active = True

    def __init__(self, unit: OpticalUnit) -> None:
        self._unit = unit

    def scatter(self, data: memoryview) -> int:
        """Take bytes for the host; return how many found room."""
        outgoing = self._unit.data.outgoing
        count = max(0, min(len(data), AHEAD - len(outgoing)))
        outgoing += data[:count]
        return count

    def gather(self, count: int) -> bytes:
        """Return up to ``count`` bytes that have come from the host."""
        incoming = self._unit.data.incoming
        data = bytes(incoming[:count])
        del incoming[:count]
        return data

    def finish(self) -> None:
        """The buffer is full or empty, or everything has been moved."""
        self._unit.moved()

    def abort(self) -> None:
        """The command has failed; the drive tells so by its interrupt."""


class OpticalUnit(LogicalUnit):
    """An optical drive; what an ATAPI drive expects of its cable, too.

    Args:
        lun: connector of the medium.
        host: the controller.
        serial: of the drive.
        moved: told when the drive has gone on.
    """

    def __init__(
        self, lun: int, host: DriveHost, *, serial: str, moved: Callable[[], None]
    ) -> None:
        super().__init__()
        self.moved = moved
        self.device = 0
        self.bus_master = _Buffer(self)
        self._repeats = False  # a saved state has a request that a host error had stopped
        self.drive = OpticalDrive(lun, host, self, serial=serial)

    def bind(self, state: DriveState, data: Exchange) -> None:
        """Go on from a state."""
        self.data = data
        self.drive.state = state
        self._repeats = state.stalled

    def interrupt_changed(self) -> None:
        """The drive has ended a command."""
        self.moved()

    @property
    def activity(self) -> Activity:
        """Bytes moved since power-on."""
        return self.drive.activity

    @property
    def running(self) -> bool:
        """Whether a command is in progress."""
        state = self.drive.state
        return state.phase is not Phase.IDLE or bool(state.status & r.BSY)

    @property
    def waiting(self) -> bool:
        """Whether it can only go on when its medium has answered."""
        return bool(self.drive.state.status & r.BSY) and not self._repeats

    @property
    def failed(self) -> bool:
        """Whether the last command has ended with CHECK CONDITION."""
        return bool(self.drive.state.status & r.ERR)

    @property
    def wanted(self) -> int:
        """Bytes of parameters that it still wants from the host."""
        state = self.drive.state
        if state.phase is not Phase.DMA_OUT:
            return 0
        return state.expected - len(state.buffer) - len(self.data.incoming)

    def begin(self, block: bytes) -> None:
        """Pass a command on as a packet."""
        self.drive.state.task.features = USE_DMA
        self.drive.execute(r.PACKET)
        self.drive.write_string(block[:PACKET_SIZE], 2)

    def go_on(self) -> None:
        """Tell the drive that there is room, or that there are data."""
        if self._repeats:
            self._repeats = False
            self.drive.resume()
        else:
            self.drive.bus_master_started()

    def cancel(self) -> None:
        """Give up the command in progress."""
        self._repeats = False
        self.drive.cancel()
