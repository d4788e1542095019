"""Fetches pictures of the guest's screen on a thread of its own, as often as it is worth it.

The emulation thread needs Python's global lock for every port access, so that rendering for the
window slows the guest. Hence the rate follows what happens: 60 pictures a second while the screen
changes, a look now and then while it does not, and never more than a quarter of the time of one
host processor. Input makes the next look come at once, because an echo is about to appear.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.console.screenpace import IDLE_SECONDS, Pace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.pdm.display import DisplayAdapter, Surface, Update

_logger = logging.getLogger(__name__)

_PAINT_TIMEOUT: Final = 0.25


@dataclass(frozen=True)
class Frame:
    """A new picture.

    Attributes:
        pixels: (height, width) array of 0x00RRGGBB; the next update writes into it.
        resized: ``pixels`` is another array than before.
        dirty: changed rows as (first, end) pairs.
        mode: description of the video mode.
    """

    pixels: NDArray[np.uint32]
    resized: bool
    dirty: list[tuple[int, int]]
    mode: str


class FramePump(QObject):
    """The thread that updates a surface and hands over what changed.

    The surface is left alone from a frame's signal until :meth:`acknowledge`, so that painting
    never sees half a picture.

    Signals:
        frame(Frame): delivered on the thread of the receiver.
    """

    frame = Signal(object)

    def __init__(self, display: DisplayAdapter, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._display = display
        self._wake = threading.Event()
        self._painted = threading.Event()
        self._active = threading.Event()
        self._stopping = False
        self._pace = Pace()
        self._thread = threading.Thread(target=self._run, name="frames", daemon=True)

    def start(self) -> None:
        """Begin to fetch."""
        self._active.set()
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the look it is at."""
        self._stopping = True
        self._active.set()
        self._painted.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def set_active(self, active: bool) -> None:
        """Rest while the window cannot be seen or the guest is paused."""
        if active:
            self._active.set()
            self.expect_change()
        else:
            self._active.clear()

    def expect_change(self) -> None:
        """Look at once: the guest got input."""
        self._pace.expect_change(time.monotonic())
        self._wake.set()

    def acknowledge(self) -> None:
        """The last frame has been painted."""
        self._painted.set()

    def _run(self) -> None:
        surface = self._display.open_surface()
        while not self._stopping:
            self._wake.wait(self._fetch(surface))
            self._wake.clear()
            if not self._active.is_set():
                # A guest that was just paused has painted since the last look.
                self._fetch(surface)
                self._active.wait()

    def _fetch(self, surface: Surface) -> float:
        """Look once and hand over what is new; return how long to wait then."""
        started = time.monotonic()
        update = self._look(surface)
        cost = time.monotonic() - started
        changed = update is not None and (update.resized or bool(update.dirty))
        if update is not None and changed:
            self._hand_over(surface, update)
        return self._pace.delay(time.monotonic(), cost, changed=changed)

    def _look(self, surface: Surface) -> Update | None:
        try:
            return surface.update()
        except Exception:
            # The next look may succeed; the window keeps the last picture.
            _logger.exception("The screen could not be rendered")
            time.sleep(IDLE_SECONDS)
            return None

    def _hand_over(self, surface: Surface, update: Update) -> None:
        self._painted.clear()
        self.frame.emit(Frame(surface.pixels, update.resized, update.dirty, surface.mode))
        # A window that is covered or minimized does not paint; it catches up when it does.
        self._painted.wait(_PAINT_TIMEOUT)
