"""What ATA disks and ATAPI drives share: registers, data blocks, interrupt, host errors.

A command that waits for its medium is a generator (:mod:`engine.pdm.block`) and leaves BSY set.
How far it is stands in the state at each moment, so that it can be started anew from there.

Reference: ATA/ATAPI-6 (T13 1410D), 9 (protocols).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.ata import registers as r
from engine.ata.state import DriveState, Phase
from engine.pdm import BlockTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.pdm import BlockMedium, BlockQueue, MediumError, Steps

# SET FEATURES 03h: mode in bits 7:3, number in bits 2:0.
MODE_PIO, MODE_MULTIWORD_DMA, MODE_ULTRA_DMA = 0x08, 0x20, 0x40


@dataclass(slots=True)
class Activity:
    """What the lamp of a drive follows: bytes moved since power-on."""

    read: int = 0
    written: int = 0


class DriveHost(Protocol):
    """What a drive needs of its controller."""

    def medium(self, lun: int) -> BlockMedium | None:
        """Return what is attached."""

    def block_queue(self, lun: int) -> BlockQueue | None:
        """Return what carries out requests to it."""

    def suspend_on_error(self, error: MediumError, retry: Callable[[], None]) -> None:
        """Pause the VM; ``retry`` runs when it is resumed."""

    def tray_moved(self, lun: int, *, open_: bool) -> None:
        """The guest has moved the tray."""

    def guest_error(self, message: str) -> None:
        """Note something that the guest did against the standard."""


class DataMover(Protocol):
    """What moves the data of DMA commands: a bus master, or the regions of an AHCI command."""

    @property
    def active(self) -> bool:
        """Whether data may move now."""

    def scatter(self, data: memoryview) -> int:
        """Store bytes into the guest's memory; return how many found room."""

    def gather(self, count: int) -> bytes:
        """Fetch up to ``count`` bytes from the guest's memory."""

    def finish(self) -> None:
        """Everything has been moved, or there is no more room."""

    def abort(self) -> None:
        """The command has failed."""


class Cable(Protocol):
    """What a drive shares with its neighbour."""

    @property
    def bus_master(self) -> DataMover:
        """What moves data by DMA."""

    @property
    def device(self) -> int:
        """The device register, with head and LBA bit."""

    @device.setter
    def device(self, value: int) -> None: ...

    def interrupt_changed(self) -> None:
        """``state.interrupt`` of a drive has changed."""


class Drive(ABC):
    """One drive.

    Args:
        lun: connector of the medium.
        host: the controller.
        cable: the channel.
    """

    SIGNATURE = (0x00, 0x00)  # LBA mid and high after a reset
    STATUS_AFTER_RESET = r.READY
    MAX_ULTRA_DMA = 5

    def __init__(self, lun: int, host: DriveHost, cable: Cable) -> None:
        self.lun = lun
        self.host = host
        self.cable = cable
        self.bus_master = cable.bus_master
        self.activity = Activity()
        self.state = DriveState()
        self.io = BlockTask(lambda: host.block_queue(lun), self.stall)
        self._commands: dict[int, Callable[[], None]] = {
            r.SET_FEATURES: self._set_features,
            r.STANDBY_IMMEDIATE: self._go_standby,
            r.STANDBY: self._go_standby,
            r.SLEEP: self._go_standby,
            r.IDLE_IMMEDIATE: self._go_idle,
            r.IDLE: self._go_idle,
            r.CHECK_POWER_MODE: self._check_power_mode,
        }

    @property
    def medium(self) -> BlockMedium | None:
        """What is in the drive."""
        return self.host.medium(self.lun)

    # -- resets

    def reset(self) -> None:
        """SRST, DEVICE RESET and power-on: forget the command, show the signature."""
        self.cancel()
        state = self.state
        state.standby = False
        state.interrupt = False
        state.error = r.DIAGNOSTIC_PASSED
        state.status = self.STATUS_AFTER_RESET
        self.set_signature()
        self.cable.interrupt_changed()

    def cancel(self) -> None:
        """Give up the command in progress; its end is not reported."""
        self.io.cancel()
        state = self.state
        state.phase = Phase.IDLE
        state.stalled = False
        state.buffer.clear()
        state.position = state.remaining = 0
        state.status = r.READY

    def set_signature(self) -> None:
        """Show in the command block what kind of device this is (9.12)."""
        task = self.state.task
        task.sector_count = task.lba_low = 1
        task.lba_mid, task.lba_high = self.SIGNATURE

    # -- commands

    def execute(self, command: int) -> None:
        """Take a command code."""
        state = self.state
        if state.status & r.BSY and command != r.DEVICE_RESET:
            return
        self.acknowledge()
        state.command = command
        state.error = 0
        state.phase = Phase.IDLE
        state.buffer.clear()
        state.position = state.remaining = 0
        handler = self._commands.get(r.POWER_COMMANDS_OLD.get(command, command))
        if handler is None:
            self.host.guest_error(f"ATA command {command:#04x} is not known")
            self.abort()
        else:
            handler()

    def complete(self) -> None:
        """End a command well."""
        state = self.state
        state.phase = Phase.IDLE
        state.buffer.clear()
        state.status = r.READY
        self.raise_interrupt()

    def fail(self, error: int, status: int = 0) -> None:
        """End a command with error bits."""
        state = self.state
        if state.phase in (Phase.DMA_IN, Phase.DMA_OUT):
            self.bus_master.abort()
        state.phase = Phase.IDLE
        state.buffer.clear()
        state.error = error
        state.status = r.READY | r.ERR | status
        self.raise_interrupt()

    def abort(self) -> None:
        """Refuse a command."""
        self.fail(r.ABRT)

    def acknowledge(self) -> None:
        """The host has read the status or written a command: INTRQ goes away."""
        if self.state.interrupt:
            self.state.interrupt = False
            self.cable.interrupt_changed()

    def raise_interrupt(self) -> None:
        """Assert INTRQ."""
        self.state.interrupt = True
        self.cable.interrupt_changed()

    def run(self, steps: Steps) -> None:
        """Carry out what needs the medium; BSY while it waits."""
        self.state.status = r.BSY
        self.io.start(steps)

    # -- data blocks

    def offer(self, data: bytes | bytearray) -> None:
        """Let the host read a block by PIO."""
        state = self.state
        state.buffer[:] = data
        state.position = 0
        state.phase = Phase.DATA_IN
        state.status = r.READY | r.DRQ
        self.raise_interrupt()

    def request(self, size: int, phase: Phase = Phase.DATA_OUT, *, interrupt: bool = True) -> None:
        """Let the host write a block by PIO."""
        state = self.state
        state.buffer.clear()
        state.expected = size
        state.phase = phase
        state.status = r.READY | r.DRQ
        if interrupt:
            self.raise_interrupt()

    def await_bus_master(self, phase: Phase) -> None:
        """Enter a DMA phase; data moves as soon as the bus master is started."""
        self.state.phase = phase
        self.state.status = r.READY | r.DRQ
        if self.bus_master.active:
            self.run(self.move_by_dma())

    def bus_master_ended(self) -> None:
        """The list has no more room, or was stopped: wait for another one."""
        self.bus_master.finish()
        self.state.status = r.READY | r.DRQ

    def bus_master_started(self) -> None:
        """The guest has set the start bit."""
        state = self.state
        if state.phase in (Phase.DMA_IN, Phase.DMA_OUT) and not state.status & r.BSY:
            self.run(self.move_by_dma())

    def read_data(self, size: int) -> int:
        """Return ``size`` bytes from the data port."""
        state = self.state
        if state.phase is not Phase.DATA_IN:
            return 0
        start = state.position
        state.position = end = start + size
        value = int.from_bytes(state.buffer[start:end], "little")
        if end >= len(state.buffer):
            self._block_read()
        return value

    def read_string(self, size: int, items: int) -> bytes | None:
        """Return up to ``items`` whole items from the data port; None when nothing is ready."""
        state = self.state
        if state.phase is not Phase.DATA_IN:
            return None
        start = state.position
        # The last item of a block of odd length is padded, as the wider port reads it.
        count = min(items, -(-(len(state.buffer) - start) // size))
        if count <= 0:
            return None
        state.position = end = start + count * size
        data = bytes(state.buffer[start:end]).ljust(count * size, b"\0")
        if end >= len(state.buffer):
            self._block_read()
        return data

    def write_data(self, value: int, size: int) -> None:
        """Take ``size`` bytes at the data port."""
        self.write_string(value.to_bytes(size, "little"), size)

    def write_string(self, data: bytes, size: int) -> int:
        """Take items at the data port up to the end of the block; return how many."""
        state = self.state
        if state.phase not in (Phase.DATA_OUT, Phase.COMMAND_PACKET) or state.status & r.BSY:
            return len(data) // size
        room = -(-(state.expected - len(state.buffer)) // size) * size
        taken = data[:room]
        state.buffer += taken
        if len(state.buffer) >= state.expected:
            # What an odd count brings too much is padding.
            del state.buffer[state.expected :]
            self._block_written()
        return len(taken) // size

    @abstractmethod
    def move_by_dma(self) -> Steps:
        """Move data between buffer, medium and bus master until one of them ends."""

    @abstractmethod
    def _block_read(self) -> None:
        """The host has read the whole block."""

    @abstractmethod
    def _block_written(self) -> None:
        """The host has written the whole block."""

    # -- host errors

    def stall(self, error: MediumError) -> None:
        """The host has no room: stay busy, pause the VM, and repeat when it goes on."""
        self.state.stalled = True
        self.state.status = r.BSY
        self.host.suspend_on_error(error, self.resume)

    def resume(self) -> None:
        """Repeat what a host error has stopped; does nothing after a reset."""
        state = self.state
        if state.stalled:
            state.stalled = False
            self.run(self._stopped())

    @abstractmethod
    def _stopped(self) -> Steps:
        """Return the steps of the phase that a host error has stopped, from the state."""

    # -- common commands

    def _set_features(self) -> None:
        state = self.state
        value = state.task.sector_count
        match state.task.features:
            case r.SET_TRANSFER_MODE:
                mode, number = value & 0xF8, value & 7
                known = {MODE_MULTIWORD_DMA: 2, MODE_ULTRA_DMA: self.MAX_ULTRA_DMA, MODE_PIO: 4}
                if mode and number > known.get(mode, -1):
                    self.abort()
                    return
                state.transfer_mode = value
            case r.ENABLE_WRITE_CACHE:
                state.write_cache = True
            case r.DISABLE_WRITE_CACHE:
                self._disable_write_cache()
                return
            case r.ENABLE_LOOK_AHEAD:
                state.look_ahead = True
            case r.DISABLE_LOOK_AHEAD:
                state.look_ahead = False
            case r.ENABLE_REVERT | r.DISABLE_REVERT:
                pass  # settings survive a soft reset in either case
            case _:
                self.abort()
                return
        self.complete()

    def _disable_write_cache(self) -> None:
        self.state.write_cache = False
        self.complete()

    def _go_standby(self) -> None:
        self.state.standby = True
        self.complete()

    def _go_idle(self) -> None:
        self.state.standby = False
        self.complete()

    def _check_power_mode(self) -> None:
        self.state.task.sector_count = 0x00 if self.state.standby else 0xFF
        self.complete()
