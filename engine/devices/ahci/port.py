"""One port: fetches commands from memory, has its drive carry them out, and reports.

Reference: AHCI 1.3.1, 5 (data structures and operation); SATA 3.0, 10.3 (frames). Commands are
begun in the order of the slots. One that is not queued is alone under way; the bit of a command in
PxCI stays until its end, so that what a saved state finds there is begun anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.ata import registers as ata
from engine.ata.disk import HardDisk
from engine.ata.state import DriveState, Phase
from engine.devices.ahci import registers as r
from engine.devices.ahci.prdt import RegionTable
from engine.devices.ahci.queued import CommandQueue
from engine.devices.ahci.state import PortState

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ata.drive import Drive
    from engine.pdm import BusMaster

QUEUE_DEPTH: Final = 32
# Words of IDENTIFY DEVICE that a drive has on a serial cable only (ATA8-ACS, 7.16).
QUEUE_DEPTH_WORD, SATA_WORD, SATA_FEATURES_WORD, RESET_RESULT_WORD = 75, 76, 78, 93
SATA_CAPABILITIES: Final = 1 << 8 | 1 << 2 | 1 << 1  # NCQ, both generations


class Port:
    """A port and the cable to its drive; implements what a drive expects of an IDE channel.

    Args:
        memory: of the guest, as the controller reaches it.
        interrupt: called when the port's interrupt status has changed.

    Attributes:
        drive: what is plugged in; None: nothing.
        hot_plug: guests are told that drives come and go here (PxCMD.HPCP).
    """

    def __init__(self, memory: BusMaster, interrupt: Callable[[], None]) -> None:
        self.bus_master = RegionTable(memory)
        self._dma_read = memory.dma_read
        self._dma_write = memory.dma_write
        self._interrupt = interrupt
        self.drive: Drive | None = None
        self.hot_plug = False
        self.state = PortState()
        self._working = False
        self._beginning = False
        self._queue = CommandQueue(self)

    def bind(self, state: PortState) -> None:
        """Work on another state, after a reset or from a saved one."""
        self.state = state
        if self.drive:
            self.drive.state = state.drive
        if state.queued:  # its bit in PxCI has it begun anew
            state.queued, state.slot = False, -1
            if self.drive:
                self.drive.cancel()
        if state.slot >= 0:
            self._load_table(state.slot)

    # ------------------------------------------------------------------ for the drive

    @property
    def device(self) -> int:
        """The device register."""
        return self.state.device

    @device.setter
    def device(self, value: int) -> None:
        self.state.device = value

    def interrupt_changed(self) -> None:
        """The medium has answered, and the drive has ended a command or has a block of data."""
        if not self._working and self.state.slot >= 0:
            self._working = True
            self._move()
            self._working = False
            self._settle()
            self.process()

    def note_progress(self) -> None:
        """Put into the state what a command that waits has moved."""
        if self.state.slot >= 0:
            self.state.moved = self.bus_master.moved

    @property
    def has_commands(self) -> bool:
        """Whether something can be begun."""
        state = self.state
        return bool(state.issued and state.command & r.ST and state.slot < 0 and not state.halted)

    # ------------------------------------------------------------------ resets

    def reset(self) -> None:
        """COMRESET: the drive starts anew and sends its signature."""
        self._queue.cancel()
        state = self.state
        state.slot = -1
        state.halted = False
        state.active = state.issued = 0
        if self.drive is None:
            state.task_file, state.signature = 0x7F, r.NO_SIGNATURE
            return
        self._working = True
        self.drive.reset()
        self._working = False
        task = self.drive.state.task
        state.signature = (
            task.lba_high << 24 | task.lba_mid << 16 | task.lba_low << 8 | task.sector_count
        )
        state.task_file = self.drive.state.error << 8 | self.drive.state.status
        state.error |= r.SERR_EXCHANGED
        if state.command & r.FRE:
            self._send_d2h(interrupt=False)

    # ------------------------------------------------------------------ hot plug

    def plug(self, drive: Drive) -> None:
        """A drive has been plugged in: it sends its signature (AHCI 1.3.1, 7.3.1; 10.4.1)."""
        self.state.drive = drive.state
        self.drive = drive
        self.reset()
        self._link_changed()

    def unplug(self) -> None:
        """The drive has been taken away; what it was doing ends without a report."""
        drive, self.drive = self.drive, None
        if drive is not None:
            # Nothing that it still waits for may reach this port again.
            drive.cancel()
            drive.state = self.state.drive = DriveState()
            self.reset()
            self._link_changed()

    def _link_changed(self) -> None:
        """PxSSTS has changed: PCS and PRCS tell what PxSERR.DIAG.X and .N tell (3.3.5)."""
        self.state.error |= r.SERR_EXCHANGED | r.SERR_PHY_CHANGED
        self.state.interrupt_status |= r.PCS | r.PRCS
        self._interrupt()

    # ------------------------------------------------------------------ registers

    def read(self, offset: int) -> int:
        """Return a register."""
        state = self.state
        values = {
            r.CLB: state.clb & 0xFFFFFFFF, r.CLBU: state.clb >> 32,
            r.FB: state.fb & 0xFFFFFFFF, r.FBU: state.fb >> 32,
            r.PXIS: state.interrupt_status, r.PXIE: state.interrupt_enable,
            r.TFD: state.task_file, r.SIG: state.signature, r.SCTL: state.control,
            r.SERR: state.error, r.SACT: state.active, r.CI: state.issued,
            r.SSTS: r.SSTS_PRESENT if self.drive else 0,
            r.CMD: self._command_register(),
        }  # fmt: skip
        return values.get(offset, 0)

    def _command_register(self) -> int:
        state = self.state
        running = r.CR if state.command & r.ST else 0
        receiving = r.FR if state.command & r.FRE else 0
        slot = max(state.slot, 0) << r.CCS_SHIFT
        plug = r.HPCP if self.hot_plug else 0
        return state.command | running | receiving | slot | plug

    def write(self, offset: int, value: int) -> None:
        """Take a register."""
        state = self.state
        if offset in (r.CLB, r.FB):
            mask = 0x3FF if offset == r.CLB else 0xFF
            name = "clb" if offset == r.CLB else "fb"
            setattr(state, name, getattr(state, name) & ~0xFFFFFFFF | value & ~mask)
        elif offset in (r.CLBU, r.FBU):
            name = "clb" if offset == r.CLBU else "fb"
            setattr(state, name, getattr(state, name) & 0xFFFFFFFF | value << 32)
        elif offset == r.PXIS:
            state.interrupt_status &= ~value
            self._interrupt()
        elif offset == r.PXIE:
            state.interrupt_enable = value & r.PXIE_WRITABLE
            self._interrupt()
        elif offset == r.CMD:
            self._write_command(value)
        elif offset == r.SCTL:
            before, state.control = state.control, value & 0xFFF
            if before & 0xF == r.SCTL_COMRESET and value & 0xF != r.SCTL_COMRESET:
                self.reset()
        elif offset == r.SERR:
            self._clear_errors(value)
        elif offset == r.SACT:
            if state.command & r.ST:
                state.active |= value
        elif offset == r.CI and state.command & r.ST:
            state.issued |= value
            self.process()

    def _clear_errors(self, bits: int) -> None:
        state = self.state
        state.error &= ~bits
        if not state.error & r.SERR_EXCHANGED:
            state.interrupt_status &= ~r.PCS
        if not state.error & r.SERR_PHY_CHANGED:
            state.interrupt_status &= ~r.PRCS

    def _write_command(self, value: int) -> None:
        state = self.state
        before = state.command
        state.command = value & r.CMD_WRITABLE
        if value & r.CLO and not value & r.ST:
            state.task_file &= ~(ata.BSY | ata.DRQ)
        if before & r.ST and not value & r.ST:
            self._stop()
        if value & r.FRE and not before & r.FRE and self.drive:
            self._send_d2h(interrupt=False)  # the signature waits for a place to go
        if value & r.ST and not before & r.ST:
            self.process()

    def _stop(self) -> None:
        """Software has cleared PxCMD.ST: no command ends any more (10.3.2)."""
        state = self.state
        self._queue.cancel()
        if state.slot >= 0 and self.drive:
            self.drive.cancel()
        state.issued = state.active = 0
        state.slot = -1
        state.halted = False

    # ------------------------------------------------------------------ commands

    def process(self) -> None:
        """Begin what has been issued, until nothing is left or a command is alone under way."""
        if self._beginning:
            return  # a command that has ended at once
        self._beginning = True
        try:
            while self.has_commands:
                ready = self.state.issued & ~self._queue.running
                if not ready or not self._begin((ready & -ready).bit_length() - 1):
                    return
        finally:
            self._beginning = False

    def _load_table(self, slot: int) -> bytes:
        """Take the command table of a slot; return its command FIS."""
        header = self._dma_read(self.state.clb + slot * r.HEADER_SIZE, 16)
        flags = int.from_bytes(header[:4], "little")
        table = int.from_bytes(header[8:16], "little") & ~0x7F
        self.bus_master.load(table + r.PRDT_AT, flags >> 16, self.state.moved)
        self._table = table
        return self._dma_read(table, r.COMMAND_FIS_SIZE)

    def _begin(self, slot: int) -> bool:
        """Begin a command; False when it has to wait for those in the queue."""
        state, drive = self.state, self.drive
        state.moved = 0
        fis = self._load_table(slot)
        if drive is None or fis[0] != r.FIS_H2D:
            state.issued &= ~(1 << slot)
            return True
        if not fis[1] & r.FIS_COMMAND:
            self._control_frame(slot, fis)
            return True
        command = fis[2]
        if command in r.QUEUED and isinstance(drive, HardDisk):
            state.task_file = ata.READY
            drive.state.standby = False
            self._queue.start(slot, drive, fis, self.bus_master.copy())
            return True
        if self._queue.running:
            return False
        state.slot = slot
        self._fill_task(fis)
        self._working = True
        if command == r.READ_LOG_EXT:
            self._read_log(fis)
        else:
            drive.execute(command)
            self._move()
        self._working = False
        self._settle()
        return True

    def _control_frame(self, slot: int, fis: bytes) -> None:
        """A frame without a command carries the control register: SRST (11.4 of SATA 3.0)."""
        self.state.issued &= ~(1 << slot)
        if fis[15] & ata.SRST:
            self.state.task_file |= ata.BSY
        else:
            self.reset()

    def _fill_task(self, fis: bytes) -> None:
        """Put the frame into the command block of the drive."""
        assert self.drive is not None
        task = self.drive.state.task
        task.features, task.old_features = fis[3], fis[11]
        task.lba_low, task.lba_mid, task.lba_high = fis[4:7]
        task.old_lba_low, task.old_lba_mid, task.old_lba_high = fis[8:11]
        task.sector_count, task.old_sector_count = fis[12], fis[13]
        self.state.device = fis[7]

    def _move(self) -> None:
        """Give and take the data of commands that do not move them by themselves."""
        drive = self.drive
        assert drive is not None
        state = drive.state
        table = self.bus_master
        if state.phase is Phase.COMMAND_PACKET:
            packet = self._dma_read(self._table + r.ATAPI_COMMAND_AT, state.expected)
            drive.write_string(packet, 2)
        while state.phase is Phase.DATA_IN:
            data = drive.read_string(1, len(state.buffer) - state.position) or b""
            if state.command == ata.IDENTIFY_DEVICE:
                data = sata_identity(data)
            if table.scatter(memoryview(data)) < len(data):
                break
        while state.phase is Phase.DATA_OUT and not state.status & ata.BSY:
            wanted = state.expected - len(state.buffer)
            data = table.gather(wanted)
            if len(data) < wanted:
                drive.fail(ata.ABRT)
                break
            drive.write_string(data, 2)

    def _read_log(self, fis: bytes) -> None:
        """READ LOG EXT: the page about the last queued command that has failed (13.7)."""
        drive = self.drive
        assert drive is not None
        drive.acknowledge()
        drive.state.command = r.READ_LOG_EXT
        drive.state.error = 0
        if fis[4] != r.NCQ_ERROR_LOG or fis[12] != 1:
            drive.abort()
            return
        page = bytearray(512)
        slot = self.state.error_slot
        page[0] = slot & 0x1F if slot >= 0 else 0x80
        page[2], page[3] = self.state.task_file & 0xFF, self.state.task_file >> 8 & 0xFF
        address = self.state.error_lba.to_bytes(6, "little")
        page[4:7], page[8:11] = address[:3], address[3:]
        page[511] = -sum(page) & 0xFF
        self.bus_master.scatter(memoryview(page))
        drive.complete()

    # ------------------------------------------------------------------ reports

    def _settle(self) -> None:
        """Report the command in progress when the drive has ended it."""
        state, drive = self.state, self.drive
        assert drive is not None
        state.moved = self.bus_master.moved
        if drive.state.status & ata.BSY or drive.state.phase in (Phase.DMA_IN, Phase.DMA_OUT):
            state.task_file = ata.BSY
            return
        slot, state.slot = state.slot, -1
        failed = bool(drive.state.status & ata.ERR)
        state.task_file = drive.state.error << 8 | drive.state.status
        self._tell_moved(slot, state.moved)
        if failed:
            state.error_slot = -1
            state.interrupt_status |= r.TFES
            state.halted = True  # until software starts the port anew (6.2.2)
        else:
            state.issued &= ~(1 << slot)
        self._send_d2h(interrupt=True)
        drive.state.interrupt = False
        self._interrupt()

    def _tell_moved(self, slot: int, count: int) -> None:
        """Put the count of bytes into the command header (4.2.2, PRDBC)."""
        self._dma_write(self.state.clb + slot * r.HEADER_SIZE + 4, count.to_bytes(4, "little"))

    def queued_done(self, slot: int, moved: int) -> None:
        """See :class:`~engine.devices.ahci.queued.QueueOwner`."""
        state = self.state
        self._tell_moved(slot, moved)
        state.issued &= ~(1 << slot)
        self._send_device_bits(1 << slot)
        self._interrupt()
        if not self._queue.running:
            self.process()  # a command that is not queued may have waited

    def queued_failed(self, slot: int, error: int, status: int, lba: int) -> None:
        """See :class:`~engine.devices.ahci.queued.QueueOwner`."""
        state, drive = self.state, self.drive
        assert isinstance(drive, HardDisk)
        drive.state.command = ata.READ_DMA_EXT  # the address has 48 bits
        drive.show_address(lba)
        drive.state.error, drive.state.status = error, ata.READY | ata.ERR | status
        state.task_file = drive.state.error << 8 | drive.state.status
        state.issued &= ~(self._queue.running | 1 << slot)
        self._queue.cancel()
        state.error_slot, state.error_lba = slot, lba
        self._send_device_bits(0)
        state.interrupt_status |= r.TFES
        state.halted = True
        self._interrupt()

    def _send_d2h(self, *, interrupt: bool) -> None:
        """Send a register frame to the host."""
        state, drive = self.state, self.drive
        assert drive is not None
        task = drive.state.task
        fis = bytes((
            r.FIS_D2H, r.FIS_INTERRUPT if interrupt else 0,
            state.task_file & 0xFF, state.task_file >> 8 & 0xFF,
            task.lba_low, task.lba_mid, task.lba_high, state.device,
            task.old_lba_low, task.old_lba_mid, task.old_lba_high, 0,
            task.sector_count, task.old_sector_count, 0, 0, 0, 0, 0, 0,
        ))  # fmt: skip
        self._receive(r.RFIS_D2H, fis)
        if interrupt:
            state.interrupt_status |= r.DHRS

    def _send_device_bits(self, done: int) -> None:
        """Send a set device bits frame: queued commands have ended."""
        state = self.state
        status = state.task_file & 0x77
        fis = bytes((r.FIS_SDB, r.FIS_INTERRUPT, status, state.task_file >> 8 & 0xFF))
        self._receive(r.RFIS_SDB, fis + done.to_bytes(4, "little"))
        state.active &= ~done
        state.interrupt_status |= r.SDBS

    def _receive(self, offset: int, fis: bytes) -> None:
        if self.state.command & r.FRE and self.state.fb:
            self._dma_write(self.state.fb + offset, fis)


def sata_identity(data: bytes) -> bytes:
    """Return IDENTIFY DEVICE data as the drive gives them on a serial cable."""
    words = bytearray(data)
    for word, value in (
        (QUEUE_DEPTH_WORD, QUEUE_DEPTH - 1),
        (SATA_WORD, SATA_CAPABILITIES),
        (SATA_FEATURES_WORD, 0),
        (RESET_RESULT_WORD, 0),
    ):
        words[2 * word : 2 * word + 2] = value.to_bytes(2, "little")
    words[511] = 0
    words[511] = -sum(words) & 0xFF
    return bytes(words)
