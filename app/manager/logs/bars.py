"""What the bars below a log have in common: a row of controls with a close button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.manager.widgets.icon_button import IconButton


class LogBar(QFrame):
    """A bar that Escape closes.

    Attributes:
        row: layout of the controls, before the close button.

    Signals:
        closed(): Escape was pressed, or the close button.
    """

    closed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.row = QHBoxLayout()
        self.row.setSpacing(6)
        close = IconButton("close", self.tr("Close (Escape)"), self, flat=True)
        close.clicked.connect(self.closed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 6, 4)
        layout.setSpacing(6)
        layout.addLayout(self.row, 1)
        layout.addWidget(close)

    def first_field(self) -> QWidget:
        """Return what gets the focus when the bar is opened."""
        item = self.row.itemAt(0)
        widget = item.widget() if item is not None else None
        return widget if widget is not None else self

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class EnterFilter(QObject):
    """Turns Enter and Shift+Enter in a field into signals.

    Signals:
        pressed(bool): Enter, with Shift or without.
    """

    pressed = Signal(bool)

    def __init__(self, field: QWidget) -> None:
        super().__init__(field)
        field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the key away from the field."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self.pressed.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return True
        return super().eventFilter(watched, event)
