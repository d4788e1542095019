"""MPU-401 of the Sound Blaster 16: its UART mode, the one mode that the card has.

References: MPU-401 Technical Reference Manual (Roland, 1985); Sound Blaster Series Hardware
Programming Guide (Creative, 1996), chapter 5.

Deviations: sending takes no time; nothing is received, so that there is no interrupt.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

DATA, STATUS_COMMAND = 0, 1
NO_DATA, NOT_READY = 0x80, 0x40
"""Status: nothing to be read; no room for a byte, which does not happen."""
_UNUSED_STATUS: Final = 0x3F
ENTER_UART, RESET = 0x3F, 0xFF
ACKNOWLEDGE: Final = 0xFE


class Mpu401State(msgspec.Struct, kw_only=True):
    """The interface.

    Attributes:
        uart: what is written as data goes out; else the interface waits to be told so.
        acknowledged: an answer to a command has not been read yet.
        last: byte that was read last.
    """

    uart: bool = False
    acknowledged: bool = False
    last: Annotated[int, msgspec.Meta(ge=0, lt=256)] = ACKNOWLEDGE

    def status(self) -> int:
        """Return the status register."""
        return _UNUSED_STATUS | (0 if self.acknowledged else NO_DATA)

    def read(self) -> int:
        """Return the data register: an answer, or what it was last."""
        if self.acknowledged:
            self.acknowledged, self.last = False, ACKNOWLEDGE
        return self.last

    def command(self, value: int) -> bool:
        """Take a command; tell whether the card knows it.

        In UART mode RESET alone is one, and goes without an answer.
        """
        if self.uart:
            if value == RESET:
                self.uart = self.acknowledged = False
            return True
        if value not in (ENTER_UART, RESET):
            return False
        self.uart, self.acknowledged = value == ENTER_UART, True
        return True
