"""Which keys of the soft keyboard are down: modifiers latch, everything else follows the mouse."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.console.pckeys import MODIFIER_KEYS, PcKey
from app.console.scancodes import KeyboardEncoder


class SoftKeys(QObject):
    """The state of a soft keyboard.

    A modifier that is clicked stays down until the next other key has been clicked; one that is
    locked stays down until it is clicked again.

    Signals:
        typed(bytes): scan codes for the guest.
        changed(): other keys are down, latched or locked.
    """

    typed = Signal(bytes)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._encoder = KeyboardEncoder()
        self._latched: set[PcKey] = set()
        self._locked: set[PcKey] = set()

    def is_down(self, key: PcKey) -> bool:
        """Tell whether the guest believes a key to be down."""
        return key in self._encoder.down

    def is_locked(self, key: PcKey) -> bool:
        """Tell whether a modifier stays down."""
        return key in self._locked

    def press(self, key: PcKey) -> None:
        """A key was clicked; other keys than modifiers stay down until :meth:`release`."""
        if key not in MODIFIER_KEYS:
            self._send(self._encoder.press(key))
        elif self.is_down(key):
            self._let_go({key})
        else:
            self._latched.add(key)
            self._send(self._encoder.press(key))

    def lock(self, key: PcKey) -> None:
        """Hold a modifier down until it is clicked again."""
        if key in self._locked or key not in MODIFIER_KEYS:
            self.press(key)
            return
        self._latched.discard(key)
        self._locked.add(key)
        self._send(b"" if self.is_down(key) else self._encoder.press(key))

    def release(self, key: PcKey) -> None:
        """The mouse button was let go over a key that is no modifier."""
        if key not in MODIFIER_KEYS:
            self._send(self._encoder.release(key))
            self._let_go(set(self._latched))

    def release_all(self) -> None:
        """Let go of everything."""
        self._latched.clear()
        self._locked.clear()
        self._send(self._encoder.release_all())

    def _let_go(self, keys: set[PcKey]) -> None:
        self._latched -= keys
        self._locked -= keys
        self._send(b"".join(self._encoder.release(key) for key in keys))

    def _send(self, codes: bytes) -> None:
        if codes:
            self.typed.emit(codes)
        self.changed.emit()
