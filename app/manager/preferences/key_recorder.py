"""Fields that take keys by having them pressed."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from app.common.hostkeys import MOST_KEYS, ModifierKey, host_keys_text, modifier_of_code

_MODIFIERS: Final = {
    Qt.Key.Key_Control: ModifierKey.LEFT_CTRL,
    Qt.Key.Key_Shift: ModifierKey.LEFT_SHIFT,
    Qt.Key.Key_Alt: ModifierKey.LEFT_ALT,
    Qt.Key.Key_AltGr: ModifierKey.RIGHT_ALT,
    Qt.Key.Key_Meta: ModifierKey.LEFT_META,
    Qt.Key.Key_Super_L: ModifierKey.LEFT_META,
    Qt.Key.Key_Super_R: ModifierKey.RIGHT_META,
}
_NOT_RECORDED: Final = frozenset(
    {
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
        Qt.Key.Key_Escape,
        Qt.Key.Key_unknown,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        *_MODIFIERS,
    }
)


def modifier_of_event(event: QKeyEvent) -> ModifierKey | None:
    """Return the modifier key that EVENT is about, or None for any other key."""
    found = modifier_of_code(event.nativeVirtualKey())
    return found or _MODIFIERS.get(Qt.Key(event.key()))


class _Recorder(QLineEdit):
    """A field that shows keys and cannot be typed into; Tab and Escape leave it as usual."""

    def __init__(self, prompt: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText(prompt)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        # A read-only field has no input method that could swallow the keys.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def event(self, event: QEvent) -> bool:
        """Keep keys from being shortcuts of the dialog while they are recorded."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class KeyRecorder(_Recorder):
    """Takes a shortcut.

    Args:
        single: take the key alone, since it is pressed together with the host key.

    Signals:
        recorded(str): a key sequence as portable text.
    """

    recorded = Signal(str)

    def __init__(self, *, single: bool, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._single = single
        self.setPlaceholderText(
            self.tr("Press the key that goes with the host key")
            if single
            else self.tr("Press the keys of the shortcut")
        )

    def show_sequence(self, sequence: str) -> None:
        """Show a key sequence in portable text."""
        keys = QKeySequence(sequence, QKeySequence.SequenceFormat.PortableText)
        self.setText(keys.toString(QKeySequence.SequenceFormat.NativeText))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key."""
        key = Qt.Key(event.key())
        if key in _NOT_RECORDED:
            event.ignore()
            super().keyPressEvent(event) if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) else None
            return
        keys = QKeySequence(key) if self._single else QKeySequence(event.keyCombination())
        sequence = keys.toString(QKeySequence.SequenceFormat.PortableText)
        self.show_sequence(sequence)
        self.recorded.emit(sequence)


class HostKeyRecorder(_Recorder):
    """Takes one to three modifier keys that are held together.

    Signals:
        recorded(object): frozenset of the :class:`ModifierKey` that were held.
    """

    recorded = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setPlaceholderText(self.tr("Press one to three modifier keys together"))
        self._held: set[ModifierKey] = set()
        self._down: set[ModifierKey] = set()
        self._shown: frozenset[ModifierKey] = frozenset()

    def show_keys(self, keys: frozenset[ModifierKey]) -> None:
        """Show a combination."""
        self._shown = keys
        self.setText(host_keys_text(keys, self.tr("None")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add the key to the combination."""
        key = modifier_of_event(event)
        if key is None:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            if not self._down:
                self._held.clear()
            self._down.add(key)
            if len(self._held) < MOST_KEYS:
                self._held.add(key)
            self.setText(host_keys_text(self._held))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The combination is complete when everything is up again."""
        key = modifier_of_event(event)
        if key is None or event.isAutoRepeat():
            super().keyReleaseEvent(event)
            return
        self._down.discard(key)
        if not self._down and self._held:
            keys = frozenset(self._held)
            self._held.clear()
            self.show_keys(keys)
            self.recorded.emit(keys)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget what is half pressed: its releases will not be seen."""
        self._down.clear()
        self._held.clear()
        self.show_keys(self._shown)
        super().focusOutEvent(event)
