"""The keyboard of the VM window: takes key events from Qt, gives scan codes and host commands."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeyEvent

from app.console.scancodes import KeyboardEncoder
from app.vmwindow.keyboard.hostkey import HostKey, Verdict
from app.vmwindow.keyboard.translate import key_of_event


class KeyboardHandler(QObject):
    """Routes each key event to the guest or to the window.

    Signals:
        scancodes(bytes): for the guest's keyboard.
        host_command(int): a key (``Qt.Key``) was pressed together with the host key.
        host_key_alone(): the host key was pressed and let go with nothing in between.
        host_key_changed(bool): the host key went down or up.
    """

    scancodes = Signal(bytes)
    host_command = Signal(int)
    host_key_alone = Signal()
    host_key_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, host_key: HostKey | None = None) -> None:
        super().__init__(parent)
        self._host_key = host_key or HostKey()
        self._encoder = KeyboardEncoder()
        self._guest_listens = True

    @property
    def host_key(self) -> HostKey:
        """The host key combination."""
        return self._host_key

    @host_key.setter
    def host_key(self, host_key: HostKey) -> None:
        self.release_all()
        self._host_key = host_key

    def set_guest_listens(self, listens: bool) -> None:
        """Tell whether the guest runs; a paused guest gets no keys, and those down are let go."""
        if not listens:
            self._send(self._encoder.release_all())
        self._guest_listens = listens

    def press(self, event: QKeyEvent) -> None:
        """A key went down or repeats."""
        key = key_of_event(event)
        repeat = event.isAutoRepeat()
        was_engaged = self._host_key.engaged
        verdict = self._host_key.press(key, repeat=repeat)
        if verdict is Verdict.GUEST:
            if key is not None and self._guest_listens:
                self._send(self._encoder.press(key, repeat=repeat))
        elif verdict is Verdict.ENGAGE:
            for host_key in self._host_key.keys:
                self._send(self._encoder.release(host_key))
        elif verdict is Verdict.COMMAND:
            self.host_command.emit(event.key())
        self._tell_host_key(was_engaged)

    def release(self, event: QKeyEvent) -> None:
        """A key went up; Qt's releases between repeats are ignored."""
        if event.isAutoRepeat():
            return
        key = key_of_event(event)
        was_engaged = self._host_key.engaged
        verdict = self._host_key.release(key)
        if verdict is Verdict.GUEST and key is not None:
            self._send(self._encoder.release(key))
        elif verdict is Verdict.ALONE:
            self.host_key_alone.emit()
        self._tell_host_key(was_engaged)

    def release_all(self) -> None:
        """Let go of every key: the window loses the keyboard and will not see the releases."""
        was_engaged = self._host_key.engaged
        self._send(self._encoder.release_all())
        self._host_key.forget()
        self._tell_host_key(was_engaged)

    def _send(self, codes: bytes) -> None:
        if codes:
            self.scancodes.emit(codes)

    def _tell_host_key(self, was_engaged: bool) -> None:
        if self._host_key.engaged != was_engaged:
            self.host_key_changed.emit(self._host_key.engaged)
