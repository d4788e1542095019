"""A line beside or below a field that says what is wrong with its value."""

from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.common.icons import picture


class Severity(Enum):
    """How bad a message is; the value is the icon's name."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "info"


class FieldMessage(QWidget):
    """Icon and sentence; takes no room while there is nothing to say."""

    _ICON = 16

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._icon.setFixedWidth(self._ICON)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        # Without its own height-for-width a wrapped label is cut at the bottom in a form layout.
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._text.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, or an empty string."""
        return self._text.text()

    def show_message(self, text: str, severity: Severity = Severity.ERROR) -> None:
        """Show TEXT, or hide when it is empty."""
        self._text.setText(text)
        if text:
            ratio = self.devicePixelRatioF()
            self._icon.setPixmap(picture(severity.value, self._ICON, ratio))
            self._icon.setAccessibleName(severity.value)
        self.setVisible(bool(text))

    def clear(self) -> None:
        """Hide the message."""
        self.show_message("")
