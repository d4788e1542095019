"""Lock keys of the host's keyboard: which are on, and switching them where the platform lets us.

X11: the X Keyboard Extension (Library Specification, chapter 5, XkbGetState and XkbLockModifiers).
Windows: GetKeyState; nothing is switched there, because a key that we press would come back to our
own window. Wayland and macOS tell neither.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import sys
from typing import Final, Protocol

from PySide6.QtGui import QGuiApplication

_logger = logging.getLogger(__name__)

SCROLL: Final = 1
NUM: Final = 2
CAPS: Final = 4

_CORE_KEYBOARD: Final = 0x100  # XkbUseCoreKbd
_KEYSYMS: Final = {SCROLL: 0xFF14, NUM: 0xFF7F, CAPS: 0xFFE5}
_VIRTUAL_KEYS: Final = {SCROLL: 0x91, NUM: 0x90, CAPS: 0x14}


class HostLocks(Protocol):
    """The locks of a host; values have the bits of :data:`SCROLL`, :data:`NUM`, :data:`CAPS`.

    Attributes:
        known: locks that can be read.
        writable: locks that can be switched.
    """

    known: int
    writable: int

    def read(self) -> int:
        """Return the locks that are on."""

    def write(self, locks: int) -> None:
        """Switch the writable locks on or off."""


class _XkbState(ctypes.Structure):
    """``XkbStateRec``."""

    _fields_ = (
        ("group", ctypes.c_ubyte),
        ("locked_group", ctypes.c_ubyte),
        ("base_group", ctypes.c_ushort),
        ("latched_group", ctypes.c_ushort),
        ("mods", ctypes.c_ubyte),
        ("base_mods", ctypes.c_ubyte),
        ("latched_mods", ctypes.c_ubyte),
        ("locked_mods", ctypes.c_ubyte),
        ("compat_state", ctypes.c_ubyte),
        ("grab_mods", ctypes.c_ubyte),
        ("compat_grab_mods", ctypes.c_ubyte),
        ("lookup_mods", ctypes.c_ubyte),
        ("compat_lookup_mods", ctypes.c_ubyte),
        ("ptr_buttons", ctypes.c_ushort),
    )


class X11Locks:
    """Locks of an X server, through a connection of our own.

    Raises:
        OSError: there is no libX11, or no server with the extension.
    """

    def __init__(self) -> None:
        self._x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XkbKeysymToModifiers.restype = ctypes.c_uint
        display = self._x11.XOpenDisplay(None)
        if not display:
            raise OSError("The X server does not take another connection.")
        self._display = ctypes.c_void_p(display)
        nothing = ctypes.c_void_p()
        if not self._x11.XkbQueryExtension(self._display, *(nothing,) * 5):
            raise OSError("The X server lacks the X Keyboard Extension.")
        masks = {
            lock: int(self._x11.XkbKeysymToModifiers(self._display, ctypes.c_ulong(keysym)))
            for lock, keysym in _KEYSYMS.items()
        }
        self._masks = {lock: mask for lock, mask in masks.items() if mask}
        self.known = self.writable = sum(self._masks)

    def read(self) -> int:
        """Return the locks that are on."""
        state = _XkbState()
        self._x11.XkbGetState(self._display, _CORE_KEYBOARD, ctypes.byref(state))
        return sum(lock for lock, mask in self._masks.items() if state.locked_mods & mask)

    def write(self, locks: int) -> None:
        """Switch the locks on or off."""
        affected = values = 0
        for lock, mask in self._masks.items():
            affected |= mask
            values |= mask if locks & lock else 0
        self._x11.XkbLockModifiers(self._display, _CORE_KEYBOARD, affected, values)
        self._x11.XFlush(self._display)


class WindowsLocks:
    """Locks of Windows, for reading."""

    known = SCROLL | NUM | CAPS
    writable = 0

    def read(self) -> int:
        """Return the locks that are on."""
        user32 = ctypes.CDLL("user32")
        return sum(lock for lock, key in _VIRTUAL_KEYS.items() if user32.GetKeyState(key) & 1)

    def write(self, locks: int) -> None:
        """Switch nothing: no lock is writable."""


def host_locks() -> HostLocks | None:
    """Return the locks of this host, or None where the platform does not tell them."""
    if sys.platform == "win32":
        return WindowsLocks()
    if QGuiApplication.platformName() != "xcb":
        return None
    try:
        return X11Locks()
    except (OSError, AttributeError) as error:
        _logger.info("The lock LEDs are not synchronised: %s", error)
        return None
