"""82078 floppy disk controller in AT mode: registers, command phases and seeks.

Reference: Intel 82078 data sheet (order 290475), sections 2 (registers), 5 (controller phases)
and 6 (command set).

Deviations: motors need no time to spin up and a seek takes 0.1 ms whatever its length; deleted
data marks are not stored (WRITE DELETED DATA writes ordinary sectors); sectors have 512 bytes; a
reset does not forget where the heads are; SCAN, SAVE, RESTORE, OPTION and the power-down commands
answer as invalid commands, as on an 82077AA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.devices.i82078.state import (
    CONFIGURE_DEFAULT,
    CONFIGURE_POLL_OFF,
    DIR_CHANGED,
    DOR_DMA_GATE,
    DOR_RESET_OFF,
    DOR_SELECT,
    DRIVES,
    DSR_RESET,
    MSR_BUSY,
    MSR_DIO,
    MSR_NON_DMA,
    MSR_RQM,
    RATE_MASK,
    ST0_ABNORMAL,
    ST0_EQUIPMENT_CHECK,
    ST0_INVALID,
    ST0_POLLING,
    ST0_SEEK_END,
    ST3_READY,
    ST3_TRACK0,
    ST3_TWO_SIDED,
    ST3_WRITE_PROTECTED,
    TOP_TRACK,
    I82078Config,
    I82078State,
    Operation,
    Phase,
    TransferState,
)
from engine.devices.i82078.transfer import Transfer
from engine.pdm import (
    BlockMedium,
    Connector,
    Device,
    IsaDma,
    IsaIrq,
    MachineControl,
    Ports,
    ResetKind,
    info_item,
    register,
    timer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm import MediumError

STATUS_A, STATUS_B, DIGITAL_OUTPUT, TAPE, MAIN_STATUS, FIFO = range(6)

MULTI_TRACK, SKIP = 0x80, 0x20
RELATIVE_SEEK, SEEK_INWARDS = 0x80, 0x40
HEAD = 0x04
ENABLE_COUNT = 0x80

READ_TRACK, SPECIFY, SENSE_DRIVE, WRITE_DATA, READ_DATA, RECALIBRATE = range(0x02, 0x08)
SENSE_INTERRUPT, WRITE_DELETED, READ_ID = 0x08, 0x09, 0x0A
READ_DELETED, FORMAT_TRACK, DUMP_REGISTERS, SEEK = 0x0C, 0x0D, 0x0E, 0x0F
VERSION, PERPENDICULAR, CONFIGURE, LOCK, VERIFY, PART_ID = 0x10, 0x12, 0x13, 0x14, 0x16, 0x18
DRIVE_SPECIFICATION = 0x8E

VERSION_ENHANCED = 0x90
PART_ID_VALUE = 0x01
PERPENDICULAR_OVERWRITE = 0x80
SPECIFICATION_DONE, SPECIFICATION_NO_RESULT = 0x80, 0x40

# Bits of the first byte that are parameters, by command.
PARAMETER_BITS = {
    READ_DATA: 0xE0,
    READ_DELETED: 0xE0,
    WRITE_DATA: 0xC0,
    WRITE_DELETED: 0xC0,
    VERIFY: 0xE0,
    READ_TRACK: 0x40,
    FORMAT_TRACK: 0x40,
    READ_ID: 0x40,
    SEEK: 0xC0,
    LOCK: 0x80,
}
# Bytes of the command phase, by command.
LENGTHS = {
    READ_TRACK: 9,
    SPECIFY: 3,
    SENSE_DRIVE: 2,
    WRITE_DATA: 9,
    READ_DATA: 9,
    RECALIBRATE: 2,
    SENSE_INTERRUPT: 1,
    WRITE_DELETED: 9,
    READ_ID: 2,
    READ_DELETED: 9,
    FORMAT_TRACK: 6,
    DUMP_REGISTERS: 1,
    SEEK: 3,
    VERSION: 1,
    PERPENDICULAR: 2,
    CONFIGURE: 4,
    LOCK: 1,
    VERIFY: 9,
    PART_ID: 1,
    DRIVE_SPECIFICATION: 6,
}
OPERATIONS = {
    READ_DATA: Operation.READ,
    READ_DELETED: Operation.READ_DELETED,
    WRITE_DATA: Operation.WRITE,
    WRITE_DELETED: Operation.WRITE,
    VERIFY: Operation.VERIFY,
    READ_TRACK: Operation.READ_TRACK,
    READ_ID: Operation.READ_ID,
    FORMAT_TRACK: Operation.FORMAT,
}

SEEK_TIME = 100_000
TRANSFER_TIME = 100_000


def _base_command(first: int) -> int | None:
    """Return the command that a first byte names, or None."""
    if first == DRIVE_SPECIFICATION:
        return first
    command = first & 0x1F
    if command in LENGTHS and not first & ~0x1F & ~PARAMETER_BITS.get(command, 0):
        return command
    return None


@register
class I82078(Device[I82078Config, I82078State]):
    """Floppy disk controller; the connectors are drives A: and B:."""

    NAME = "i82078"
    DESCRIPTION = "82078 floppy disk controller"
    REQUIRES = (IsaDma,)

    registers = Ports("io_base", 6)
    control = Ports(None, 1)  # base + 7; base + 6 belongs to the IDE controller
    irq6 = IsaIrq("irq")
    drive_a = Connector(0, BlockMedium)
    drive_b = Connector(1, BlockMedium)

    def setup(self) -> None:
        """Map the eighth port and take the DMA channel."""
        self.control.map(self.config.io_base + 7)
        self.dma_channel = self.config.dma_channel
        self.dma = self.require(IsaDma)
        self.dma.attach_client(self.dma_channel, self)
        self.transfer = Transfer(self)
        self._handlers: dict[int, Callable[[list[int]], None]] = {
            SPECIFY: self._specify,
            SENSE_DRIVE: self._sense_drive,
            RECALIBRATE: self._recalibrate,
            SENSE_INTERRUPT: self._sense_interrupt,
            DUMP_REGISTERS: self._dump_registers,
            SEEK: self._seek,
            VERSION: lambda _: self._answer([VERSION_ENHANCED]),
            PERPENDICULAR: self._perpendicular,
            CONFIGURE: self._configure,
            LOCK: self._lock,
            PART_ID: lambda _: self._answer([PART_ID_VALUE]),
            DRIVE_SPECIFICATION: self._drive_specification,
        }

    def reset(self, kind: ResetKind) -> None:
        """Hardware reset; the controller then stays in reset until DOR lets it go."""
        if kind is ResetKind.SOFT:
            return
        drives = self.state.drives
        super().reset(kind)
        if kind is not ResetKind.POWER_ON:
            self.state.drives = drives
        self.transfer.cancel()
        self.heads.cancel()
        self.execution.cancel()
        self._drive_irq()

    def state_loaded(self, version: int) -> None:
        """Drive the line; let seeks and transfers go on."""
        self._drive_irq()
        if self.state.moving:
            self.heads.arm(self.now)
        if self.state.phase is Phase.EXECUTION:
            self.execution.arm(self.now)

    def on_attach(self, lun: int) -> None:
        """A disk has been put in or taken out: the drive latches the change."""
        self.state.drives[lun].changed = True

    # ------------------------------------------------------------------ drives

    def medium(self, drive: int) -> BlockMedium | None:
        """Return the disk in a drive, or None."""
        if drive >= self.config.drives:
            return None
        return self.drive_b if drive else self.drive_a

    def move_head(self, drive: int, track: int) -> None:
        """Step a head; a step pulse clears the change latch when there is a disk."""
        state = self.state.drives[drive]
        state.track = min(max(track, 0), TOP_TRACK)
        if self.medium(drive) is not None:
            state.changed = False

    # ------------------------------------------------------------------ interrupt

    def raise_irq(self) -> None:
        """Assert INT."""
        self.state.irq_asserted = True
        self._drive_irq()

    def _lower_irq(self) -> None:
        self.state.irq_asserted = False
        self._drive_irq()

    def _drive_irq(self) -> None:
        state = self.state
        self.irq6.set(state.irq_asserted and bool(state.dor & DOR_DMA_GATE))

    # ------------------------------------------------------------------ registers

    @registers.reader
    def read_register(self, offset: int, size: int) -> int:
        """Read a register; the status registers A and B do not exist in AT mode."""
        state = self.state
        if offset == MAIN_STATUS:
            return self._main_status()
        if offset == FIFO:
            return self._read_fifo()
        if offset == DIGITAL_OUTPUT:
            return state.dor
        if offset == TAPE:
            return state.tape
        return 0xFF

    @registers.writer
    def write_register(self, offset: int, value: int, size: int) -> None:
        """Write a register."""
        if offset == FIFO:
            self._write_fifo(value)
        elif offset == MAIN_STATUS:  # the data rate select register
            self.state.rate = value & RATE_MASK
            if value & DSR_RESET:
                self._reset_controller()
                self._leave_reset()
        elif offset == DIGITAL_OUTPUT:
            self._write_dor(value)
        elif offset == TAPE:
            self.state.tape = value & 3

    @control.reader
    def read_digital_input(self, offset: int, size: int) -> int:
        """Read the change line of the selected drive."""
        drive = self.state.dor & DOR_SELECT
        if self.medium(drive) is None:
            return DIR_CHANGED
        return DIR_CHANGED if self.state.drives[drive].changed else 0

    @control.writer
    def write_configuration_control(self, offset: int, value: int, size: int) -> None:
        """Write the data rate."""
        self.state.rate = value & RATE_MASK

    def _write_dor(self, value: int) -> None:
        state = self.state
        before, state.dor = state.dor, value
        if not value & DOR_RESET_OFF:
            self._reset_controller()
        elif not before & DOR_RESET_OFF:
            self._leave_reset()
        self._drive_irq()

    def _reset_controller(self) -> None:
        """Stop whatever goes on (section 4: what a software reset leaves alone)."""
        state = self.state
        if not state.lock:
            state.configure = CONFIGURE_DEFAULT
            state.precompensation = 0
        state.perpendicular &= 0x3C  # the drives keep theirs, GAP and WGATE are cleared
        state.phase = Phase.COMMAND
        state.command.clear()
        state.result.clear()
        state.interrupts.clear()
        state.seeking = state.moving = 0
        self.transfer.cancel()
        state.transfer = TransferState()
        self.heads.cancel()
        self.execution.cancel()
        self._lower_irq()

    def _leave_reset(self) -> None:
        """With polling enabled each drive reports that its ready line has changed (5.1)."""
        if not self.state.configure & CONFIGURE_POLL_OFF:
            self.state.interrupts = [ST0_POLLING | drive for drive in range(DRIVES)]
            self.raise_irq()

    def _main_status(self) -> int:
        state = self.state
        if not state.dor & DOR_RESET_OFF:
            return 0
        if state.phase is Phase.RESULT:
            return MSR_RQM | MSR_DIO | MSR_BUSY | state.seeking
        if state.phase is Phase.COMMAND:
            return MSR_RQM | (MSR_BUSY if state.command else 0) | state.seeking
        if not self.transfer.by_pio or self._waiting():
            return MSR_BUSY | state.seeking
        direction = MSR_DIO if self.transfer.to_host else 0
        return MSR_RQM | direction | MSR_NON_DMA | MSR_BUSY | state.seeking

    def _waiting(self) -> bool:
        """Whether a transfer by PIO has no byte for the CPU and wants none."""
        if self.execution.deadline is not None or self.transfer.busy:
            return True
        return self.transfer.to_host and not self.state.transfer.buffer

    # ------------------------------------------------------------------ FIFO

    def _read_fifo(self) -> int:
        state = self.state
        if state.phase is Phase.RESULT:
            self._lower_irq()
            value = state.result.pop(0)
            if not state.result:
                state.phase = Phase.COMMAND
            return value
        if (
            state.phase is Phase.EXECUTION
            and self.transfer.by_pio
            and self.transfer.to_host
            and not self._waiting()
        ):
            self._lower_irq()
            return self.transfer.read_byte()
        self.guest_error("read of the FIFO while the controller has nothing to give")
        return 0

    def _write_fifo(self, value: int) -> None:
        state = self.state
        if not state.dor & DOR_RESET_OFF:
            self.guest_error("write to the FIFO while the controller is in reset")
        elif state.phase is Phase.COMMAND:
            self._command_byte(value)
        elif (
            state.phase is Phase.EXECUTION
            and self.transfer.by_pio
            and not self.transfer.to_host
            and not self._waiting()
        ):
            self._lower_irq()
            self.transfer.write_byte(value)
        else:
            self.guest_error("write to the FIFO while the controller wants nothing")

    def _command_byte(self, value: int) -> None:
        command = self.state.command
        command.append(value)
        base = _base_command(command[0])
        if base is None:
            command.clear()
            self.guest_error(f"unknown floppy controller command {value:#04x}")
            self._answer([ST0_INVALID])
            return
        complete = len(command) == LENGTHS[base]
        if base == DRIVE_SPECIFICATION and len(command) > 1:
            complete = complete or bool(value & SPECIFICATION_DONE)
        if complete:
            data = list(command)
            command.clear()
            operation = OPERATIONS.get(base)
            if operation is None:
                self._handlers[base](data)
            else:
                self._begin_transfer(operation, data)

    def _answer(self, result: list[int]) -> None:
        """Go to the result phase without an interrupt."""
        self.state.result = result
        self.state.phase = Phase.RESULT

    def finish(self, result: list[int]) -> None:
        """End a data transfer command: result phase with an interrupt."""
        self._answer(result)
        self.raise_irq()

    # ------------------------------------------------------------------ data transfer commands

    def _begin_transfer(self, operation: Operation, data: list[int]) -> None:
        first, unit, *rest = data
        transfer = TransferState(
            operation=operation, drive=unit & 3, side=unit >> 2 & 1, skip=bool(first & SKIP)
        )
        if operation is Operation.FORMAT:
            transfer.size_code, transfer.left, _, transfer.fill = rest
        elif operation is not Operation.READ_ID:
            transfer.cylinder, transfer.head, transfer.sector, transfer.size_code = rest[:4]
            transfer.last_sector = self.state.eot = rest[4]
            transfer.multi_track = bool(first & MULTI_TRACK)
            if operation is Operation.VERIFY and unit & ENABLE_COUNT:
                transfer.left = rest[6]
        self.state.transfer = transfer
        self.state.phase = Phase.EXECUTION
        self.execution.arm_in(TRANSFER_TIME)

    @timer
    def execution(self) -> None:
        """The sector has come under the head."""
        if self.state.transfer.begun:
            self.transfer.run()  # goes on after a saved state
        else:
            self.transfer.begin()

    def dma_transfer(self, channel: int) -> None:
        """The DMA channel has been opened."""
        state = self.state
        if (
            state.phase is Phase.EXECUTION
            and self.execution.deadline is None
            and not self.transfer.busy
            and not self.transfer.by_pio
        ):
            self.transfer.run()

    def host_failed(self, error: MediumError, retry: Callable[[], None]) -> None:
        """Pause the machine because the host cannot do its part, and repeat when it goes on."""
        control = self.require(MachineControl)
        control.suspend_on_error(f"DevFDC_{error.suspends}", str(error), retry)

    # ------------------------------------------------------------------ control commands

    def _specify(self, data: list[int]) -> None:
        self.state.srt_hut, self.state.hlt_nd = data[1:]

    def _sense_drive(self, data: list[int]) -> None:
        drive = data[1] & 3
        status = data[1] & (HEAD | 3) | ST3_READY | ST3_TWO_SIDED
        if drive < self.config.drives and self.state.drives[drive].track == 0:
            status |= ST3_TRACK0
        medium = self.medium(drive)
        if medium is not None and medium.read_only:
            status |= ST3_WRITE_PROTECTED
        self._answer([status])

    def _recalibrate(self, data: list[int]) -> None:
        self._start_seek(data[1] & 3, 0)

    def _seek(self, data: list[int]) -> None:
        drive = data[1] & 3
        target = data[2]
        if data[0] & RELATIVE_SEEK:
            step = target if data[0] & SEEK_INWARDS else -target
            target = self.state.drives[drive].track + step
        self._start_seek(drive, target)

    def _start_seek(self, drive: int, target: int) -> None:
        self.state.targets[drive] = target
        self.state.seeking |= 1 << drive
        self.state.moving |= 1 << drive
        self.heads.arm_in(SEEK_TIME)

    @timer
    def heads(self) -> None:
        """The heads have arrived."""
        state = self.state
        for drive in range(DRIVES):
            if not state.moving >> drive & 1:
                continue
            st0 = ST0_SEEK_END | drive
            if drive < self.config.drives:
                self.move_head(drive, state.targets[drive])
            else:  # no track 0 signal ever comes
                st0 |= ST0_ABNORMAL | ST0_EQUIPMENT_CHECK
            state.interrupts = [i for i in state.interrupts if i & 3 != drive] + [st0]
        state.moving = 0
        self.raise_irq()

    def _sense_interrupt(self, data: list[int]) -> None:
        state = self.state
        self._lower_irq()
        if not state.interrupts:
            self._answer([ST0_INVALID])
            return
        st0 = state.interrupts.pop(0)
        drive = st0 & 3
        if st0 & ST0_SEEK_END:
            state.seeking &= ~(1 << drive)
        self._answer([st0, state.drives[drive].track])

    def _dump_registers(self, data: list[int]) -> None:
        state = self.state
        self._answer(
            [
                *(drive.track for drive in state.drives),
                state.srt_hut,
                state.hlt_nd,
                state.eot,
                state.lock << 7 | state.perpendicular & 0x3F,
                state.configure,
                state.precompensation,
            ]
        )

    def _perpendicular(self, data: list[int]) -> None:
        """Set GAP and WGATE; the drive bits only together with OW (6.2.9)."""
        state = self.state
        if data[1] & PERPENDICULAR_OVERWRITE:
            state.perpendicular = data[1] & 0x3F
        else:
            state.perpendicular = state.perpendicular & 0x3C | data[1] & 0x03

    def _configure(self, data: list[int]) -> None:
        self.state.configure = data[2] & 0x7F
        self.state.precompensation = data[3]

    def _lock(self, data: list[int]) -> None:
        self.state.lock = bool(data[0] & MULTI_TRACK)
        self._answer([self.state.lock << 4])

    def _drive_specification(self, data: list[int]) -> None:
        state = self.state
        for value in data[1:]:
            if not value & SPECIFICATION_DONE:
                state.drive_specification[value >> 5 & 3] = value & 0x1F
        if not data[-1] & SPECIFICATION_NO_RESULT:
            self._answer(list(state.drive_specification))

    @info_item("fdc", "Floppy controller and drives.")
    def info(self) -> str:
        """Return registers and drives."""
        state = self.state
        rows = [
            f"drive {chr(65 + n)}: track {state.drives[n].track}, "
            f"{'changed, ' if state.drives[n].changed else ''}"
            f"{medium.size if (medium := self.medium(n)) else 'no'} bytes"
            for n in range(self.config.drives)
        ]
        head = f"DOR={state.dor:02x} MSR={self._main_status():02x} rate={state.rate} "
        return "\n".join([head + f"phase={state.phase.name}", *rows])
