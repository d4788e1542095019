"""Keeps the lock LEDs of the guest and of the host alike while the guest has the keyboard.

When the guest gets the keyboard, the lock keys that differ are typed into it: what the person sees
on the keyboard counts. From then on the host follows the guest, which may switch locks by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.console.pckeys import PcKey
from app.console.scancodes import stroke
from app.vmwindow.keyboard.hostlocks import CAPS, NUM, SCROLL

if TYPE_CHECKING:
    from app.console.console import Console
    from app.vmwindow.keyboard.hostlocks import HostLocks

_POLL_MILLISECONDS: Final = 150
_KEYS: Final = {CAPS: PcKey.CAPS_LOCK, NUM: PcKey.NUM_LOCK, SCROLL: PcKey.SCROLL_LOCK}


class LockSync(QObject):
    """Synchronises the locks of one machine.

    Args:
        console: tells the guest's LEDs.
        locks: those of the host; None where the platform does not tell them.

    Attributes:
        enabled: what the person wants (``GUI/HidLedsSync``).

    Signals:
        typed(bytes): scan codes for the guest.
    """

    typed = Signal(bytes)

    def __init__(
        self, console: Console, locks: HostLocks | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._console = console
        self._locks = locks
        self.enabled = True
        self._guest = 0
        # A guest that never switches LEDs (a boot loader) would get the same keys again and again.
        self._guest_switches = False
        self._unanswered = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @Slot(bool)
    def set_captured(self, captured: bool) -> None:
        """The guest got or lost the keyboard."""
        if self._locks is None or not captured or not self.enabled:
            self._timer.stop()
            return
        self._note_guest()
        if self._guest_switches:
            self._bring_guest_in_line(self._locks)
        self._timer.start()

    def _bring_guest_in_line(self, locks: HostLocks) -> None:
        differing = (locks.read() ^ self._guest) & locks.known & ~self._unanswered
        self._unanswered |= differing
        for lock, key in _KEYS.items():
            if differing & lock:
                self.typed.emit(stroke(key))

    def _note_guest(self) -> int:
        """Look at the guest's LEDs; return those that have changed."""
        before, self._guest = self._guest, self._console.keyboard_leds
        changed = before ^ self._guest
        self._unanswered &= ~changed
        self._guest_switches = self._guest_switches or bool(changed)
        return changed

    @Slot()
    def _poll(self) -> None:
        assert self._locks is not None
        if not self._note_guest():
            return
        kept = self._locks.read() & ~self._locks.writable
        wanted = kept | self._guest & self._locks.writable
        if wanted != self._locks.read():
            self._locks.write(wanted)
