"""A machine that runs the probe (``tests/engine/probe``) in a real VM window."""

from __future__ import annotations

import ctypes
import ctypes.util
import signal
import subprocess
import sys

import numpy as np
from numpy.typing import NDArray

from app.api import connect
from tests.e2e.conftest import Vitrine, vm_title
from tests.e2e.desktop import Desktop
from tests.engine.probe.guest import COM1, Probe, SocketWire, create_machine

NAME = "Probe"
OTHER = "Another program"
_OTHER_PROGRAM = f"""
from PySide6.QtWidgets import QApplication, QLineEdit
application = QApplication([])
window = QLineEdit()
window.setWindowTitle({OTHER!r})
window.setGeometry(1000, 40, 240, 60)
window.show()
application.exec()
"""

# Masks of the core protocol; Num Lock is where every keymap has it.
CAPS, NUM = 0x02, 0x10


class ProbeWindow:
    """The window of a machine with the probe.

    Attributes:
        window: number of the window. probe: the guest.
    """

    def __init__(
        self,
        vitrine: Vitrine,
        extra_data: dict[str, str] | None = None,
        *,
        tablet: bool = False,
        **environment: str,
    ) -> None:
        self.desktop: Desktop = vitrine.desktop
        self.vitrine = vitrine
        with connect(client_name="test") as api:
            self.id = create_machine(
                api, NAME, vitrine.machines, extra_data, tablet=tablet
            )
        self.process = self.desktop.run(
            sys.executable, "-m", "app", "--startvm", self.id, "--no-startvm-errormsgbox",
            PYTHONFAULTHANDLER="1", **environment,
        )  # fmt: skip
        try:
            self._wire = SocketWire(vitrine.machines / COM1)
        except AssertionError:
            self.process.send_signal(signal.SIGABRT)  # its output says where it stands
            raise
        self.probe = Probe(self._wire)
        self.probe.wait_ready()
        self.window = self.focus()

    def focus(self, state: str = "Running") -> int:
        """Give the window the keyboard."""
        return self.desktop.window(vm_title(NAME, state))

    def other_window(self) -> int:
        """Go to a window of another program, which takes the keyboard."""
        if OTHER not in self.desktop.titles().values():
            self.desktop.run(sys.executable, "-c", _OTHER_PROGRAM)
        return self.desktop.window(OTHER)

    def seen(self) -> NDArray[np.uint32]:
        """The window's contents as they are on the screen, 0x00RRGGBB."""
        image = self.desktop.image(self.window)
        _format, width, height, _depth, _ = image.split(maxsplit=4)
        parts = np.frombuffer(image, np.uint8)[-3 * int(width) * int(height) :]
        red, green, blue = parts.reshape(int(height), int(width), 3).T.astype(np.uint32)
        return (red << 16 | green << 8 | blue).T

    def shows(self, picture: NDArray[np.uint32]) -> bool:
        """Whether a picture stands somewhere in the window, every pixel of it."""
        return self.place_of(picture) is not None

    def place_of(self, picture: NDArray[np.uint32]) -> tuple[int, int] | None:
        """Where a picture stands in the window, right and down from its corner."""
        try:
            seen = self.seen()
        except subprocess.CalledProcessError:
            return None  # the window is not on the screen yet
        rows, columns = (s - p + 1 for s, p in zip(seen.shape, picture.shape, strict=True))
        height, width = picture.shape
        places = np.argwhere(seen[: max(rows, 0), : max(columns, 0)] == picture[0, 0])
        for y, x in places:
            first_row = np.array_equal(seen[y, x : x + width], picture[0])
            if first_row and np.array_equal(seen[y : y + height, x : x + width], picture):
                return int(x), int(y)
        return None

    def close(self) -> None:
        self._wire.close()


def host_locks() -> int:
    """The lock keys that are on in the X server (``XQueryPointer``): CAPS, NUM."""
    x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    root = ctypes.c_ulong(x11.XDefaultRootWindow(display))
    numbers = [ctypes.c_ulong() for _ in range(6)]
    mask = ctypes.c_uint()
    x11.XQueryPointer(display, root, *map(ctypes.byref, numbers), ctypes.byref(mask))
    x11.XCloseDisplay(display)
    return mask.value & (CAPS | NUM)
