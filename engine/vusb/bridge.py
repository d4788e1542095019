"""The bridge in a mass storage device: between the bus and a SCSI unit.

Whoever moves the data on the bus asks it to go on, step by step, so that it never holds more than a
step's worth of them, and what a command has still to do stands in its state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from engine.pdm import BlockTask
from engine.scsi import Job, ScsiOptical, UnitState
from engine.scsi.unit import (
    CHECK_CONDITION,
    MEDIUM_CHANGED,
    REQUEST_SENSE,
    UNIT_ATTENTION,
    refusal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.ata.drive import DriveHost
    from engine.pdm import MediumError, Steps
    from engine.scsi import Outcome, ScsiUnit

BLOCK_SIZE: Final = 16
"""Bytes of a command descriptor block, padded with zeros."""
AHEAD: Final = 64 << 10
"""Bytes that are fetched before the host asks for them; whole packets of any speed."""
STEP: Final = 64 << 10
"""Bytes that move between the unit and its medium at once; parameters fit in."""


class BridgeState(msgspec.Struct, kw_only=True):
    """Saved state of bridge and unit.

    Attributes:
        unit: that of the unit. The host knows when it resets a device: there is no unit attention
            for it, which loaders without REQUEST SENSE would take for a broken drive.
        job: what is left of the command in progress.
        failed: the last command has ended with CHECK CONDITION. sense: why, until it is asked for.
        outgoing: for the host, not yet fetched; a step more than :data:`AHEAD` at most.
        incoming: from the host, not yet taken by the unit.
    """

    unit: UnitState = msgspec.field(default_factory=lambda: UnitState(attention=0))
    job: Job | None = None
    failed: bool = False
    sense: bytes = b""
    outgoing: bytearray = msgspec.field(default_factory=bytearray)
    incoming: bytearray = msgspec.field(default_factory=bytearray)


class Bridge:
    """Runs one command at a time, and buffers its data.

    Args:
        unit: what carries it out.
        host: the controller.
        moved: told when the unit has gone on.
    """

    def __init__(self, unit: ScsiUnit, host: DriveHost, *, moved: Callable[[], None]) -> None:
        self.unit = unit
        self._host = host
        self._moved = moved
        self._stalled = False
        self._taken = 0  # bytes of ``incoming`` that the step in progress has
        self._io = BlockTask(lambda: host.block_queue(unit.lun), self._stall)
        self.bind(BridgeState())

    def bind(self, state: BridgeState) -> None:
        """Go on from a state."""
        self.state = state
        self.unit.state = state.unit

    @property
    def running(self) -> bool:
        """Whether a command is in progress."""
        return self.state.job is not None

    @property
    def waiting(self) -> bool:
        """Whether it can only go on when the medium has answered, or the host has room again."""
        return self._io.waiting or self._stalled

    @property
    def wanted(self) -> int:
        """Bytes that the command still wants from the host."""
        job = self.state.job
        return job.wanted - len(self.state.incoming) if job is not None else 0

    # -- life of a command

    def begin(self, block: bytes) -> None:
        """Take a command descriptor block of :data:`BLOCK_SIZE` bytes."""
        state = self.state
        state.failed = False
        sense, state.sense = state.sense, b""
        if sense and block[0] == REQUEST_SENSE:
            self.scatter(memoryview(sense[: block[4]]))
            return
        begun = self.unit.begin(block, self)
        if isinstance(begun, Job):
            state.job = begun
        else:
            self._end(begun)

    def cancel(self) -> None:
        """Give up the command in progress."""
        self._io.cancel()
        self._stalled = False
        self.state.job = None

    def go_on(self) -> None:
        """Do the next step, if it is not the host's turn or the medium's."""
        state = self.state
        job = state.job
        if job is None or self.waiting or len(state.outgoing) >= AHEAD:
            return
        if len(state.incoming) >= min(job.wanted, STEP):
            self._io.start(self._step(job))

    def medium_changed(self) -> None:
        """A disc has been put in or taken out; what is being read belongs to the old one."""
        if not isinstance(self.unit, ScsiOptical):
            return  # the image of a disk changes, not what it holds
        self.unit.medium_changed()
        if self.running:
            self.cancel()
            self._end(refusal(UNIT_ATTENTION, MEDIUM_CHANGED))
            self._moved()

    def _step(self, job: Job) -> Steps:
        self._taken = 0
        outcome = yield from self.unit.step(job, self, STEP)
        del self.state.incoming[: self._taken]  # not before: a step may have to be repeated
        if outcome is not None:
            self._end(outcome)
        self._moved()

    def _end(self, outcome: Outcome) -> None:
        state = self.state
        state.job = None
        state.failed = outcome.status == CHECK_CONDITION
        state.sense = outcome.sense

    def _stall(self, error: MediumError) -> None:
        """The host has no room: pause the VM, and repeat the step when it goes on."""
        self._stalled = True
        self._host.suspend_on_error(error, self._resume)

    def _resume(self) -> None:
        if self._stalled:
            self._stalled = False
            self.go_on()

    # -- for the unit

    @property
    def landing(self) -> None:
        """See :class:`engine.scsi.DataPhase`."""
        return None

    def scatter(self, data: memoryview) -> int:
        """See :class:`engine.scsi.DataPhase`."""
        self.state.outgoing += data
        return len(data)

    def gather(self, count: int) -> bytes:
        """See :class:`engine.scsi.DataPhase`."""
        data = bytes(self.state.incoming[:count])
        self._taken = len(data)
        return data
