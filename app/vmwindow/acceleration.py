"""Takes the acceleration of the host's pointer away while the guest has the mouse.

The guest accelerates what its mouse reports; motion that is accelerated already would be so twice.
Only X11 lets a program say so, with the core protocol's ChangePointerControl (X Window System
Protocol, "ChangePointerControl"). Servers whose driver accelerates by itself (libinput) take no
notice of it, and elsewhere the motion stays as it is.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
from typing import Final, NamedTuple

from PySide6.QtGui import QGuiApplication

_logger = logging.getLogger(__name__)

_NO_ACCELERATION: Final = (1, 1)
_DO: Final = 1
_DO_NOT: Final = 0


class PointerControl(NamedTuple):
    """Acceleration as the server has it: a fraction for fast motion."""

    numerator: int
    denominator: int


class X11Pointer:
    """The pointer of an X server, over a connection of its own.

    Raises:
        OSError: there is no Xlib, or no server.
    """

    def __init__(self) -> None:
        name = ctypes.util.find_library("X11")
        if name is None:
            raise OSError("libX11 is not installed")
        xlib = ctypes.CDLL(name)
        xlib.XOpenDisplay.restype = ctypes.c_void_p
        xlib.XOpenDisplay.argtypes = [ctypes.c_char_p]
        xlib.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
        xlib.XGetPointerControl.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_int)] * 3]
        xlib.XChangePointerControl.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 5]
        self._xlib = xlib
        self._display = xlib.XOpenDisplay(None)
        if not self._display:
            raise OSError("the X server does not answer")

    def control(self) -> PointerControl:
        """Return the acceleration as it is."""
        numerator, denominator, threshold = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        self._xlib.XGetPointerControl(
            self._display,
            ctypes.byref(numerator), ctypes.byref(denominator), ctypes.byref(threshold),
        )  # fmt: skip
        return PointerControl(numerator.value, denominator.value)

    def set_control(self, control: PointerControl) -> None:
        """Change the acceleration; the threshold stays."""
        self._xlib.XChangePointerControl(self._display, _DO, _DO_NOT, *control, 0)
        self._xlib.XSync(self._display, 0)


class HostAcceleration:
    """Switches the acceleration off and on again; does nothing where that is not possible."""

    def __init__(self) -> None:
        self._pointer: X11Pointer | None = None
        self._tried = False
        self._before: PointerControl | None = None

    def suspend(self) -> None:
        """Take the acceleration away until :meth:`restore`."""
        pointer = self._connect()
        if pointer is not None and self._before is None:
            self._before = pointer.control()
            pointer.set_control(PointerControl(*_NO_ACCELERATION))

    def restore(self) -> None:
        """Be as before."""
        before, self._before = self._before, None
        if self._pointer is not None and before is not None:
            self._pointer.set_control(before)

    def _connect(self) -> X11Pointer | None:
        if not self._tried and QGuiApplication.platformName() == "xcb":
            self._tried = True
            try:
                self._pointer = X11Pointer()
            except OSError as error:
                _logger.info("The pointer's acceleration stays as it is: %s", error)
        return self._pointer
