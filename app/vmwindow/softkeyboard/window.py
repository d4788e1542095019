"""The window of the soft keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLocale, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.vmwindow.softkeyboard.keys import SoftKeys
from app.vmwindow.softkeyboard.layouts import LAYOUTS, layout_of
from app.vmwindow.softkeyboard.widget import SoftKeyboardWidget

if TYPE_CHECKING:
    from app.vmwindow.preferences import Preferences

LAYOUT_KEY: Final = "GUI/SoftKeyboard/SelectedLayout"
_LED_MILLISECONDS: Final = 200


class SoftKeyboard(QWidget):
    """A keyboard beside the machine's window, which keeps the focus.

    Args:
        machine: its name.
        preferences: remember the layout.
        leds: tells the guest's lock LEDs.
        parent: the machine's window.
    """

    def __init__(
        self,
        machine: str,
        preferences: Preferences,
        leds: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        flags = Qt.WindowType.Tool | Qt.WindowType.WindowDoesNotAcceptFocus
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(self.tr("{machine} - Soft Keyboard").format(machine=machine))
        self._preferences = preferences
        self._leds = leds
        self.keys = SoftKeys(self)
        language = QLocale().name().partition("_")[0]
        layout = layout_of(preferences.text(LAYOUT_KEY), language)
        self.board = SoftKeyboardWidget(self.keys, layout)
        self.choice = QComboBox()
        for each in LAYOUTS:
            self.choice.addItem(each.name, each.id)
        self.choice.setCurrentIndex(LAYOUTS.index(layout))
        self.choice.setAccessibleName(self.tr("Layout"))
        self.choice.currentIndexChanged.connect(self._on_layout)
        self._timer = QTimer(self)
        self._timer.setInterval(_LED_MILLISECONDS)
        self._timer.timeout.connect(lambda: self.board.set_leds(self._leds()))
        self._build()

    def _build(self) -> None:
        free = QPushButton(self.tr("&Release All Keys"))
        free.clicked.connect(self.keys.release_all)
        hint = QLabel(self.tr("A click holds a modifier for one key, a right click locks it."))
        hint.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Layout:")))
        row.addWidget(self.choice)
        row.addWidget(hint, 1)
        row.addWidget(free)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.board, 1)

    @Slot(int)
    def _on_layout(self, index: int) -> None:
        self.board.set_layout(LAYOUTS[index])
        self._preferences.put(LAYOUT_KEY, LAYOUTS[index].id)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the LEDs."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave no key down."""
        super().hideEvent(event)
        self._timer.stop()
        self.keys.release_all()
