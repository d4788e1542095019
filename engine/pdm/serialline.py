"""What a serial port tells a line that is a real one, and hears of it, apart from the bytes."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable

Parity = Literal["none", "odd", "even", "mark", "space"]


class LineSettings(NamedTuple):
    """How characters are sent.

    Attributes:
        baud: bits per second.
        data_bits: 5 to 8.
        parity: bit that follows them.
        stop_bits: 1 or 2; 2 stands for 1.5 with five data bits.
    """

    baud: int
    data_bits: int
    parity: Parity
    stop_bits: int


class ModemInput(IntFlag):
    """Lines from the modem; the bits are those of a 16550's MSR."""

    CTS = 0x10
    DSR = 0x20
    RI = 0x40
    DCD = 0x80


CONNECTED = ModemInput.CTS | ModemInput.DSR | ModemInput.DCD
"""What a port sees at the other end of a line that has no modem lines."""


@runtime_checkable
class SerialLine(Protocol):
    """A line with settings and modem lines, which a CharacterSink may be, too; no call blocks."""

    def set_settings(self, settings: LineSettings) -> None:
        """Send and receive so from now on."""

    def set_outputs(self, *, dtr: bool, rts: bool, sending_break: bool) -> None:
        """Drive the modem lines, and the break."""

    def set_modem_receiver(self, receiver: Callable[[ModemInput], None] | None) -> None:
        """Call ``receiver`` with the modem's lines now and when they change, on any thread."""
