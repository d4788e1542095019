"""The mini tool bar of full screen: name of the machine, pin, minimize, back to the window, close.

It hides when the pointer leaves it and leaves a thin handle at the edge, at which it appears again.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app.common.icons import icon

_HANDLE_HEIGHT: Final = 4
_HANDLE_WIDTH: Final = 240
_HIDE_MILLISECONDS: Final = 900
_FIRST_MILLISECONDS: Final = 4000
_ICON_SIZE: Final = 16
_STYLE: Final = """
QFrame#mini { background: rgba(32, 37, 46, 235); border: 1px solid rgba(255, 255, 255, 60); }
QFrame#mini[folded="true"] { background: rgba(120, 160, 210, 200); border: none; }
QLabel { color: white; padding: 0 10px; }
QToolButton { border: none; border-radius: 3px; padding: 3px; }
QToolButton:hover { background: rgba(255, 255, 255, 50); }
QToolButton:checked { background: rgba(255, 255, 255, 80); }
"""


class MiniToolBar(QFrame):
    """Lies over its parent at one of its edges.

    Signals:
        pinned(bool): it shall stay, or hide.
        minimize_requested(), restore_requested(), close_requested(): buttons.
    """

    pinned = Signal(bool)
    minimize_requested = Signal()
    restore_requested = Signal()
    close_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("mini")
        self.setAccessibleName(self.tr("Mini tool bar"))
        self.setStyleSheet(_STYLE)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._at_top = False
        self._folded = False
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pin = self._button("pin", self.tr("Always show the mini tool bar"))
        self._pin.setCheckable(True)
        self._pin.toggled.connect(self._on_pinned)
        buttons = (
            ("minimize", self.tr("Minimize the window"), self.minimize_requested),
            ("exit-fullscreen", self.tr("Leave full-screen mode"), self.restore_requested),
            ("close", self.tr("Close the window"), self.close_requested),
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 2, 4, 2)
        layout.setSpacing(2)
        layout.addWidget(self._pin)
        layout.addWidget(self._name)
        self._buttons = [self._pin]
        for name, text, signal in buttons:
            button = self._button(name, text)
            button.clicked.connect(signal)
            layout.addWidget(button)
            self._buttons.append(button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._fold)
        parent.installEventFilter(self)
        self.hide()

    @property
    def folded(self) -> bool:
        """Only the handle is seen."""
        return self._folded

    def show_for(self, name: str, *, at_top: bool, hides: bool) -> None:
        """Show the bar; it hides after a moment, so that people learn where it is.

        Args:
            name: of the machine.
            at_top: at the upper edge, else at the lower one.
            hides: when the pointer is elsewhere.
        """
        self._name.setText(name)
        self._at_top = at_top
        self._pin.blockSignals(True)
        self._pin.setChecked(not hides)
        self._pin.blockSignals(False)
        self._unfold()
        self.show()
        self.raise_()
        if hides:
            self._timer.start(_FIRST_MILLISECONDS)

    def sizeHint(self) -> QSize:
        """The handle only, or the whole bar."""
        if self._folded:
            return QSize(_HANDLE_WIDTH, _HANDLE_HEIGHT)
        return super().sizeHint().expandedTo(QSize(_HANDLE_WIDTH * 2, 0))

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer is here: unfold."""
        super().enterEvent(event)
        self._timer.stop()
        self._unfold()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone: fold soon, unless pinned."""
        super().leaveEvent(event)
        if not self._pin.isChecked():
            self._timer.start(_HIDE_MILLISECONDS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the parent."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _button(self, name: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setIconSize(QSize(_ICON_SIZE, _ICON_SIZE))
        button.setToolTip(text)
        button.setAccessibleName(text)
        # The keyboard belongs to the guest.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _on_pinned(self, pinned: bool) -> None:
        if pinned:
            self._timer.stop()
        self.pinned.emit(pinned)

    def _fold(self) -> None:
        if not self._pin.isChecked():
            self._set_folded(True)

    def _unfold(self) -> None:
        self._set_folded(False)

    def _set_folded(self, folded: bool) -> None:
        self._folded = folded
        for widget in (self._name, *self._buttons):
            widget.setVisible(not folded)
        self.setProperty("folded", folded)
        self.style().unpolish(self)
        self.style().polish(self)
        self._place()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        size = self.sizeHint()
        top = 0 if self._at_top else parent.height() - size.height()
        self.setGeometry((parent.width() - size.width()) // 2, top, size.width(), size.height())
