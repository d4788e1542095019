"""System control port A (92h): fast A20 gate and fast CPU reset.

Reference: 82371SB (PIIX3) data sheet, section 2.5.6 (port 92h).
"""

from __future__ import annotations

from engine.pdm import (
    A20Gate,
    Device,
    DeviceConfig,
    DeviceState,
    MachineControl,
    Ports,
    ResetKind,
    register,
)

FAST_INIT = 0x01
FAST_A20 = 0x02


class Port92State(DeviceState):
    """The port; A20 is open after a reset, so that the CPU reaches the BIOS."""

    value: int = FAST_A20


class Port92Config(DeviceConfig, frozen=True):
    """Address."""

    port: int = 0x92


@register
class Port92(Device[Port92Config, Port92State]):
    """Fast A20 and fast reset."""

    NAME = "port92"
    DESCRIPTION = "System control port A"

    control = Ports("port", 1)

    def reset(self, kind: ResetKind) -> None:
        """Open A20, in any reset: INIT too makes the CPU fetch from the top of memory."""
        super().reset(kind)
        self._drive()

    def state_loaded(self, version: int) -> None:
        """Drive A20."""
        self._drive()

    def _drive(self) -> None:
        self.require(A20Gate).set_a20("port 92h", bool(self.state.value & FAST_A20))

    @control.reader
    def read_control(self, offset: int, size: int) -> int:
        """Read the port."""
        return self.state.value

    @control.writer
    def write_control(self, offset: int, value: int, size: int) -> None:
        """Set A20; reset the CPU when bit 0 goes from 0 to 1."""
        before, self.state.value = self.state.value, value
        if (before ^ value) & FAST_A20:
            self._drive()
        if value & ~before & FAST_INIT:
            self.require(MachineControl).request_reset(ResetKind.SOFT, "port 92h")
