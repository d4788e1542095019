"""One IDE channel: the registers that two drives on a cable share.

Reference: ATA/ATAPI-6 (T13 1410D), 7 and 9.16 (single device configurations). Writes to the
command block reach both drives; reads come from the selected one.

What is not there: without any drive nobody drives the bus and it floats; a drive 0 alone answers
for drive 1 with its own registers and a status of 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ata import registers as r
from engine.devices.ide.busmaster import BusMaster
from engine.devices.ide.state import ChannelState

if TYPE_CHECKING:
    from engine.ata.drive import Drive
    from engine.ata.state import TaskFile
    from engine.pdm import IrqLine


class Channel:
    """Command and control block of one cable.

    Attributes:
        drives: drive 0 and drive 1; None where there is none.
    """

    def __init__(self, interrupt: IrqLine, bus_master: BusMaster) -> None:
        self.drives: list[Drive | None] = [None, None]
        self.bus_master = bus_master
        self._interrupt = interrupt
        self.state = ChannelState()
        bus_master.on_start = self._bus_master_started

    def bind(self, state: ChannelState) -> None:
        """Work on another state, after a reset or from a saved one."""
        self.state = state
        self.bus_master.state = state.bus_master
        for drive, drive_state in zip(self.drives, state.drives, strict=True):
            if drive:
                drive.state = drive_state
        self.interrupt_changed()

    def reset(self) -> None:
        """Power-on or PCI reset: drive 0 is selected, both show their signature."""
        for drive in self.drives:
            if drive:
                drive.reset()

    @property
    def device(self) -> int:
        """The device register."""
        return self.state.device

    @device.setter
    def device(self, value: int) -> None:
        self.state.device = value

    @property
    def selected(self) -> Drive | None:
        """The drive that the device register selects."""
        return self.drives[self.state.device >> 4 & 1]

    def interrupt_changed(self) -> None:
        """Drive the interrupt line: only the selected drive is on it, and nIEN takes it off."""
        drive = self.selected
        level = drive is not None and drive.state.interrupt and not self.state.control & r.NIEN
        if level and not self._interrupt.level:
            self.bus_master.note_interrupt()
        self._interrupt.set(level)

    def _bus_master_started(self) -> None:
        drive = self.selected
        if drive:
            drive.bus_master_started()

    # -- command block

    def read_register(self, offset: int) -> int:
        """Return a register other than data."""
        drive = self.selected
        if drive is None:
            # Drive 0 answers for an absent drive 1, never the other way round.
            drive = self.drives[0]
            if drive is None:
                return r.FLOATING
            if offset == r.STATUS:
                return 0
        if offset == r.STATUS:
            status = drive.state.status
            drive.acknowledge()
            return status
        if offset == r.ERROR:
            return drive.state.error
        if offset == r.DEVICE:
            return self.state.device | r.DEVICE_OBSOLETE
        return self._read_task(drive.state.task, offset)

    def _read_task(self, task: TaskFile, offset: int) -> int:
        old = self.state.control & r.HOB
        match offset:
            case r.SECTOR_COUNT:
                return task.old_sector_count if old else task.sector_count
            case r.LBA_LOW:
                return task.old_lba_low if old else task.lba_low
            case r.LBA_MID:
                return task.old_lba_mid if old else task.lba_mid
            case _:
                return task.old_lba_high if old else task.lba_high

    def read_alternate_status(self) -> int:
        """Return the status without acknowledging the interrupt."""
        drive = self.selected
        if drive:
            return drive.state.status
        return 0 if self.drives[0] else r.FLOATING

    def write_register(self, offset: int, value: int) -> None:
        """Take a register other than data."""
        self.state.control &= ~r.HOB
        if offset == r.COMMAND:
            self._write_command(value)
        elif offset == r.DEVICE:
            self.state.device = value
            self.interrupt_changed()
        else:
            for drive in self.drives:
                if drive and not drive.state.status & r.BSY:
                    self._write_task(drive.state.task, offset, value)

    @staticmethod
    def _write_task(task: TaskFile, offset: int, value: int) -> None:
        match offset:
            case r.FEATURES:
                task.old_features, task.features = task.features, value
            case r.SECTOR_COUNT:
                task.old_sector_count, task.sector_count = task.sector_count, value
            case r.LBA_LOW:
                task.old_lba_low, task.lba_low = task.lba_low, value
            case r.LBA_MID:
                task.old_lba_mid, task.lba_mid = task.lba_mid, value
            case _:
                task.old_lba_high, task.lba_high = task.lba_high, value

    def _write_command(self, command: int) -> None:
        if command == r.EXECUTE_DIAGNOSTIC:
            # Both drives run it, and drive 0 reports (8.11).
            self.reset()
            self.state.device &= ~r.DEV
            if self.drives[0]:
                self.drives[0].raise_interrupt()
            return
        drive = self.selected
        if drive:
            drive.execute(command)

    def write_control(self, value: int) -> None:
        """Take the device control register."""
        before = self.state.control
        self.state.control = value & (r.NIEN | r.SRST | r.HOB)
        if value & r.SRST:
            for drive in self.drives:
                if drive:
                    drive.reset()
                    drive.state.status = r.BSY
        elif before & r.SRST:
            # The drives come out of reset when the bit is cleared.
            self.state.device = 0
            self.reset()
        self.interrupt_changed()

    # -- data port

    def read_data(self, size: int) -> int:
        """Return 2 or 4 bytes from the data port."""
        drive = self.selected
        if drive is None:
            return 0x7F7F7F7F
        return drive.read_data(size)

    def write_data(self, value: int, size: int) -> None:
        """Take 2 or 4 bytes at the data port."""
        drive = self.selected
        if drive:
            drive.write_data(value, size)
