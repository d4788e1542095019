"""Who has keyboard and mouse: the rules of capture.

The keyboard is captured with the focus (unless switched off), the mouse by a click (unless the
policy says otherwise, or the guest follows the pointer without that); the host key alone gives
both back, or takes both when the guest has neither. Whatever takes the focus away - a menu, a
dialog, another window - releases both.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Signal

from app.vmwindow.capture_policy import MouseCapturePolicy
from app.vmwindow.keyboard.handler import KeyboardHandler
from app.vmwindow.screen.widget import ScreenWidget


class CaptureController(QObject):
    """Applies the rules to one screen.

    Attributes:
        auto_capture_keyboard: the keyboard is captured with the focus.
        mouse_policy: when the guest may get the mouse.

    Signals:
        keyboard_changed(bool): the guest got or lost the keys of the desktop.
        mouse_changed(bool): the guest got or lost the pointer.
    """

    keyboard_changed = Signal(bool)
    mouse_changed = Signal(bool)

    def __init__(self, screen: ScreenWidget, keyboard: KeyboardHandler) -> None:
        super().__init__(screen)
        self._screen = screen
        self._keyboard_captured = False
        self._allowed = False
        self.auto_capture_keyboard = True
        self.mouse_policy = MouseCapturePolicy.DEFAULT
        screen.clicked.connect(self._on_click)
        screen.focus_changed.connect(self._on_focus)
        screen.mouse.captured_changed.connect(self.mouse_changed)
        keyboard.host_key_alone.connect(self.toggle)

    @property
    def keyboard_captured(self) -> bool:
        """Whether the guest gets the desktop's keys too."""
        return self._keyboard_captured

    def set_allowed(self, allowed: bool) -> None:
        """Tell whether the guest runs; only then anything is captured."""
        self._allowed = allowed
        if not allowed:
            self.release()
        elif self._screen.hasFocus() and self.auto_capture_keyboard:
            self._capture_keyboard()

    def capture_mouse(self, position: QPoint | None = None) -> None:
        """Give the pointer (at a global position) to the guest, and the keyboard with it."""
        if self._allowed:
            self._screen.setFocus()
            self._capture_keyboard()
            integrated = self._screen.pointer.active
            if self.mouse_policy is not MouseCapturePolicy.DISABLED and not integrated:
                self._screen.mouse.capture(position)

    def _on_click(self, position: QPoint) -> None:
        if self._screen.pointer.active:
            if self.auto_capture_keyboard:
                self._capture_keyboard()
        elif self.mouse_policy is MouseCapturePolicy.DEFAULT:
            self.capture_mouse(position)

    def release(self) -> None:
        """Give keyboard and pointer back to the host."""
        self._screen.mouse.release()
        if self._keyboard_captured:
            self._keyboard_captured = False
            self._grab(False)
            self.keyboard_changed.emit(False)

    def toggle(self) -> None:
        """The host key was pressed alone."""
        if self._keyboard_captured or self._screen.mouse.captured:
            self.release()
        else:
            self.capture_mouse()

    def _capture_keyboard(self) -> None:
        if self._allowed and not self._keyboard_captured:
            self._keyboard_captured = True
            self._grab(True)
            self.keyboard_changed.emit(True)

    def _grab(self, grab: bool) -> None:
        handle = self._screen.window().windowHandle()
        if handle is not None:
            handle.setKeyboardGrabEnabled(grab)

    def _on_focus(self, focused: bool) -> None:
        if not focused:
            self.release()
        elif self.auto_capture_keyboard:
            self._capture_keyboard()
