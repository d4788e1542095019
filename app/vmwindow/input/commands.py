"""Handlers of the Input menu: what is typed into the guest without its keys being pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QMessageBox

from app.api.keystrokes import UntypableError, scancodes_of
from app.api.structs import MachineState
from app.common.messages import Choice, ask, show_error
from app.console.pckeys import PcKey
from app.console.scancodes import stroke
from app.vmwindow.actionspec import NEEDS_RUNNING, action_text
from app.vmwindow.input.leds import LockSync
from app.vmwindow.input.typing import Typist
from app.vmwindow.keyboard.hostlocks import host_locks
from app.vmwindow.softkeyboard.window import SoftKeyboard

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow

LONG_TEXT: Final = 200
"""A longer text (characters) is typed after a question only."""

_EXCERPT: Final = 60
_FUNCTION_KEYS: Final = 12


class InputCommands(QObject):
    """Types keys and texts for people.

    Signals:
        typed(bytes): scan codes for the guest.
    """

    typed = Signal(bytes)

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self.typist = Typist(window.console, window.bridge, self)
        self.typist.progressed.connect(self._show_progress)
        self.typist.finished.connect(self._on_finished)
        self.soft_keyboard: SoftKeyboard | None = None
        window.bridge.state_changed.connect(self._release_soft_keys)
        self.locks = LockSync(window.console, host_locks(), self)
        self.locks.typed.connect(self.typed)
        window.capture.keyboard_changed.connect(self.locks.set_captured)

    def machine_started(self) -> None:
        """Obey the machine's preferences, which are known now."""
        self.locks.enabled = self._window.preferences.lock_sync

    def add_function_keys(self, menu: QMenu, before: QAction) -> None:
        """Add the sub-menu of Ctrl-Alt-F1 and so on to a menu, above another item."""
        functions = QMenu(self.tr("Insert Ctrl-Alt-&Function Key"), menu)
        menu.insertMenu(before, functions)
        functions.menuAction().setData("FunctionKeys")
        for number in range(1, _FUNCTION_KEYS + 1):
            key = PcKey[f"F{number}"]
            action = functions.addAction(self.tr("Ctrl-Alt-F{number}").format(number=number))
            action.triggered.connect(
                lambda _checked=False, key=key: self._type(PcKey.LEFT_CTRL, PcKey.LEFT_ALT, key)
            )

        def follow() -> None:
            running = self._window.console.state is MachineState.RUNNING
            functions.menuAction().setEnabled(running)
            functions.menuAction().setToolTip("" if running else action_text(NEEDS_RUNNING))

        self._window.bridge.state_changed.connect(follow)
        follow()

    # ------------------------------------------------------------------ keys

    def _type(self, *keys: PcKey) -> None:
        self.typed.emit(stroke(*keys))

    def type_ctrl_alt_del(self) -> None:
        """Type Ctrl+Alt+Del."""
        self._type(PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.DELETE)

    def type_ctrl_alt_backspace(self) -> None:
        """Type Ctrl+Alt+Backspace."""
        self._type(PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.BACKSPACE)

    def type_ctrl_break(self) -> None:
        """Type Ctrl+Break."""
        self._type(PcKey.LEFT_CTRL, PcKey.PAUSE)

    def type_insert(self) -> None:
        """Type Insert."""
        self._type(PcKey.INSERT)

    def type_print_screen(self) -> None:
        """Type Print Screen."""
        self._type(PcKey.PRINT_SCREEN)

    def type_alt_print_screen(self) -> None:
        """Type Alt+Print Screen (SysRq)."""
        self._type(PcKey.LEFT_ALT, PcKey.PRINT_SCREEN)

    def type_host_key(self) -> None:
        """Type the keys that make up the host key, which the guest never gets otherwise."""
        self._type(*sorted(self._window.keyboard.host_key.keys, key=lambda key: key.value))

    # ------------------------------------------------------------------ soft keyboard

    def show_soft_keyboard(self) -> None:
        """Show the keyboard on the screen."""
        if self.soft_keyboard is None:
            console = self._window.console
            self.soft_keyboard = SoftKeyboard(
                console.machine,
                self._window.preferences,
                lambda: console.keyboard_leds,
                self._window,
            )
            self.soft_keyboard.keys.typed.connect(self.typed)
            self.soft_keyboard.move(self._window.geometry().bottomLeft())
        self.soft_keyboard.show()
        self.soft_keyboard.raise_()

    def _release_soft_keys(self) -> None:
        if self.soft_keyboard is not None:
            self.soft_keyboard.keys.release_all()

    # ------------------------------------------------------------------ text

    def set_typing(self, wanted: bool) -> None:
        """Type the text in the clipboard, or stop typing."""
        if not wanted:
            self.typist.stop()
            return
        text = QGuiApplication.clipboard().text()
        if not text:
            self._refuse(self.tr("There is no text in the clipboard."))
            return
        try:
            codes = bytes(scancodes_of(text))
        except UntypableError as error:
            self._refuse(
                self.tr(
                    "The text in the clipboard cannot be typed: no key of a US keyboard types "
                    "the character “{character}” (U+{number})."
                ).format(character=error.character, number=f"{ord(error.character):04X}")
            )
            return
        if len(text) > LONG_TEXT:
            self._ask(text, codes)
        else:
            self.typist.type(codes)

    def _ask(self, text: str, codes: bytes) -> None:
        self._window.action_set.set_checked("TypeClipboard", False)
        role = QMessageBox.ButtonRole
        excerpt = " ".join(text[:_EXCERPT].split())

        def begin() -> None:
            self._window.action_set.set_checked("TypeClipboard", True)
            self.typist.type(codes)

        ask(
            self._window,
            self._window.console.machine,
            self.tr("Type {count} characters from the clipboard into the guest?").format(
                count=len(text)
            ),
            (
                Choice(self.tr("&Type"), role.AcceptRole, begin),
                Choice(self.tr("Cancel"), role.RejectRole, default=True),
            ),
            explanation=self.tr(
                "The text begins with “{excerpt}…”. The guest gets every line as if somebody had "
                "typed it and pressed Enter; choose the menu item again to stop."
            ).format(excerpt=excerpt),
        )

    def _refuse(self, sentence: str) -> None:
        self._window.action_set.set_checked("TypeClipboard", False)
        show_error(self._window, self._window.console.machine, sentence)

    def _show_progress(self, percent: int) -> None:
        self._window.status.showMessage(
            self.tr("Typing the text from the clipboard: {percent} %").format(percent=percent)
        )

    def _on_finished(self, failure: str) -> None:
        self._window.action_set.set_checked("TypeClipboard", False)
        self._window.status.clearMessage()
        if failure:
            show_error(self._window, self._window.console.machine, failure)
