"""Serial ports and other character devices of the host, as lines of a guest's serial port.

A terminal gets the settings, the modem lines and the break of the guest's port, and tells its own
modem lines. A pseudo-terminal has none: there the guest sees somebody who is always ready.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
from typing import TYPE_CHECKING, Any, Final

from engine.hostio.errors import CharacterDriverError
from engine.hostio.lines import DevicePeer, Line, refused
from engine.pdm.serialline import CONNECTED, LineSettings, ModemInput

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.platform != "win32":
    import fcntl
    import termios
    import tty

log = logging.getLogger("engine.hostio")

_POLL_SECONDS: Final = 0.05
_MARK_OR_SPACE: Final = 0o10000000000 if sys.platform == "linux" else 0  # CMSPAR

# TIOCSBRK and TIOCCBRK, which Python does not name.
_BREAK_ON, _BREAK_OFF = {
    "linux": (0x5427, 0x5428), "darwin": (0x2000_747B, 0x2000_747A)
}.get(sys.platform, (0, 0))  # fmt: skip


class TerminalLine(Line):
    """A terminal of the host; see :class:`engine.pdm.serialline.SerialLine`.

    Args:
        name: for the log.
        peer: the open terminal.
    """

    def __init__(self, name: str, peer: DevicePeer) -> None:
        self._terminal = peer
        self._settings: LineSettings | None = None
        self._outputs: tuple[bool, bool, bool] | None = None
        self._modem_receiver: Callable[[ModemInput], None] | None = None
        self._inputs: ModemInput | None = None
        super().__init__(name, peer=peer)

    # ------------------------------------------------------------------ any thread

    def set_settings(self, settings: LineSettings) -> None:
        """Send and receive so, when what was written before has gone."""
        with self._lock:
            self._settings = settings
        self._wake_up()

    def set_outputs(self, *, dtr: bool, rts: bool, sending_break: bool) -> None:
        """Drive the modem lines, and the break."""
        with self._lock:
            self._outputs = dtr, rts, sending_break
        self._wake_up()

    def set_modem_receiver(self, receiver: Callable[[ModemInput], None] | None) -> None:
        """Call ``receiver`` with the modem's lines, on the line's thread."""
        with self._lock:
            self._modem_receiver = receiver
            self._inputs = None
        self._wake_up()

    # ------------------------------------------------------------------ the line's thread

    def _tend(self) -> float | None:
        if self._peer is None:
            return None
        with self._lock:
            settings = outputs = None
            if not self._output:
                settings, self._settings = self._settings, None
                outputs, self._outputs = self._outputs, None
        try:
            if settings is not None:
                _apply_settings(self._terminal.fileno(), settings)
        except (OSError, ValueError, termios.error) as error:
            log.warning("%s cannot send with %s: %s", self._name, settings, error)
        if outputs is not None:
            _apply_outputs(self._terminal.fileno(), *outputs)
        return self._watch_modem()

    def _watch_modem(self) -> float | None:
        """Tell the modem's lines when they have changed; no interrupt does everywhere."""
        with self._lock:
            receiver, before = self._modem_receiver, self._inputs
        if receiver is None:
            return None
        inputs = _read_inputs(self._terminal.fileno())
        if before != (CONNECTED if inputs is None else inputs):
            self._inputs = CONNECTED if inputs is None else inputs
            receiver(self._inputs)
        return None if inputs is None else _POLL_SECONDS


def open_device(path: str) -> Line:
    """A serial port or another character device of the host; terminals are switched to raw mode.

    Raises:
        CharacterDriverError: it cannot be opened, or is not a character device.
    """
    if sys.platform == "win32":
        raise CharacterDriverError("Devices of this host cannot be used for a serial port.")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise refused("device", path, error) from error
    if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CharacterDriverError(f"'{path}' is not a character device.")
    name, peer = f"the device '{path}'", DevicePeer(descriptor)
    if not os.isatty(descriptor):
        return Line(name, peer=peer)
    tty.setraw(descriptor)
    return TerminalLine(name, peer)


def _apply_settings(descriptor: int, settings: LineSettings) -> None:
    """Have a terminal send as a guest's port does.

    Raises:
        ValueError: it has no such speed.
    """
    speed = getattr(termios, f"B{settings.baud}", None)
    if speed is None:
        raise ValueError(f"a terminal has no {settings.baud} baud")
    attributes: list[Any] = termios.tcgetattr(descriptor)
    flags = attributes[2]
    flags &= ~(termios.CSIZE | termios.CSTOPB | termios.PARENB | termios.PARODD | _MARK_OR_SPACE)
    flags |= getattr(termios, f"CS{settings.data_bits}") | termios.CLOCAL | termios.CREAD
    flags |= termios.CSTOPB if settings.stop_bits == 2 else 0
    if settings.parity != "none":
        flags |= termios.PARENB
        flags |= termios.PARODD if settings.parity in ("odd", "mark") else 0
        flags |= _MARK_OR_SPACE if settings.parity in ("mark", "space") else 0
    attributes[2], attributes[4], attributes[5] = flags, speed, speed
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


def _apply_outputs(descriptor: int, dtr: bool, rts: bool, sending_break: bool) -> None:
    with contextlib.suppress(OSError):  # a pseudo-terminal has no modem lines
        for active, line in ((dtr, termios.TIOCM_DTR), (rts, termios.TIOCM_RTS)):
            request = termios.TIOCMBIS if active else termios.TIOCMBIC
            fcntl.ioctl(descriptor, request, line.to_bytes(4, sys.byteorder))
    if _BREAK_OFF:
        with contextlib.suppress(OSError):
            fcntl.ioctl(descriptor, _BREAK_ON if sending_break else _BREAK_OFF)


def _read_inputs(descriptor: int) -> ModemInput | None:
    """Return the modem's lines; None: the terminal has none."""
    try:
        answer = fcntl.ioctl(descriptor, termios.TIOCMGET, bytes(4))
    except OSError:
        return None
    lines = int.from_bytes(answer, sys.byteorder)
    found = ModemInput(0)
    for line, bit in (
        (termios.TIOCM_CTS, ModemInput.CTS), (termios.TIOCM_DSR, ModemInput.DSR),
        (termios.TIOCM_RI, ModemInput.RI), (termios.TIOCM_CD, ModemInput.DCD),
    ):  # fmt: skip
        found |= bit if lines & line else ModemInput(0)
    return found
