"""Parallel port: the standard one with the latched interrupt of the PS/2, and what is printed.

References: IBM PS/2 Hardware Interface Technical Reference, "Parallel Port"; IEEE 1284-1994, 6
(compatibility mode).

The device at the far end takes a byte when nStrobe ends, while nSelectIn is active: drivers that
look for devices of other modes of IEEE 1284 strobe without it, and print nothing. It takes no time,
so that it is busy only as long as nStrobe is active. Nothing drives the data lines towards the
guest. Deviations: no EPP and no ECP.
"""

from __future__ import annotations

from typing import Final

from engine.pdm import (
    CharacterSink,
    Connector,
    Device,
    DeviceConfig,
    DeviceState,
    IsaIrq,
    Ports,
    ResetKind,
    register,
)

DATA, STATUS, CONTROL = range(3)

# Status: nError, Select and nAck are inactive, active and inactive with a device that is ready.
NOT_BUSY, NOT_ACKNOWLEDGE, PAPER_END, SELECTED, NOT_ERROR = 0x80, 0x40, 0x20, 0x10, 0x08
NO_INTERRUPT: Final = 0x04
UNUSED_STATUS: Final = 0x03
READY: Final = NOT_BUSY | NOT_ACKNOWLEDGE | SELECTED | NOT_ERROR
NOBODY: Final = NOT_ACKNOWLEDGE | PAPER_END | SELECTED | NOT_ERROR
"""Without a device all lines are high, of which Busy is read inverted."""

STROBE, AUTO_FEED, NOT_INITIALIZE, SELECT_IN = 0x01, 0x02, 0x04, 0x08
INTERRUPT_ENABLE, INPUT = 0x10, 0x20
UNUSED_CONTROL: Final = 0xC0


class ParallelConfig(DeviceConfig, frozen=True):
    """LPT1 by default."""

    io_base: int = 0x378
    irq: int = 7


class ParallelState(DeviceState):
    """The registers.

    Attributes:
        interrupt: the device has taken a byte, and the guest has not read the status since.
    """

    data: int = 0
    control: int = 0
    interrupt: bool = False


@register
class Parallel(Device[ParallelConfig, ParallelState]):
    """A parallel port; LUN 0 is a CharacterSink, which takes what is printed."""

    NAME = "parallel"
    DESCRIPTION = "Parallel port"
    MAX_INSTANCES = 2

    registers = Ports("io_base", 3)
    irq = IsaIrq("irq")
    far_end = Connector(0, CharacterSink)

    def reset(self, kind: ResetKind) -> None:
        """RESET clears the control register; INIT goes to the processor alone."""
        if kind is not ResetKind.SOFT:
            super().reset(kind)
            self._update_irq()

    def state_loaded(self, version: int) -> None:
        """Drive the interrupt line as the state says."""
        self._update_irq()

    @registers.reader
    def read(self, offset: int, size: int) -> int:
        """Answer a register; reading the status takes the interrupt back."""
        state = self.state
        if offset == DATA:
            return 0xFF if state.control & INPUT else state.data
        if offset == CONTROL:
            return state.control | UNUSED_CONTROL
        value = self._status()
        if state.interrupt:
            state.interrupt = False
            self._update_irq()
        return value

    def _status(self) -> int:
        state = self.state
        value = UNUSED_STATUS | (0 if state.interrupt else NO_INTERRUPT)
        if self.far_end is None:
            return value | NOBODY
        busy = state.control & STROBE or not state.control & NOT_INITIALIZE
        return value | (READY & ~NOT_BUSY if busy else READY)

    @registers.writer
    def write(self, offset: int, value: int, size: int) -> None:
        """Take a register; the end of nStrobe hands the byte over."""
        state = self.state
        if offset == DATA:
            state.data = value
        elif offset == CONTROL:
            was, state.control = state.control, value & ~UNUSED_CONTROL
            if was & STROBE and not value & STROBE:
                self._strobe(value)
            self._update_irq()

    def _strobe(self, control: int) -> None:
        far_end, wanted = self.far_end, NOT_INITIALIZE | SELECT_IN
        if far_end is None or control & wanted != wanted or control & INPUT:
            return
        far_end.write(bytes((self.state.data,)))
        self.state.interrupt = True

    def _update_irq(self) -> None:
        state = self.state
        self.irq.set(state.interrupt and bool(state.control & INTERRUPT_ENABLE))
