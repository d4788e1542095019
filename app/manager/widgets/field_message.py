"""A line beside or below a field that says what is wrong with its value."""

from enum import Enum

from PySide6.QtCore import QSize, Qt
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
    _GAP = 6

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel(self)
        self._icon.setFixedWidth(self._ICON)
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        # A fixed height would be that of the size hint: one line.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self._GAP)
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
            self._icon.setAccessibleName(
                {
                    Severity.ERROR: self.tr("Error"),
                    Severity.WARNING: self.tr("Warning"),
                    Severity.NOTE: self.tr("Note"),
                }[severity]
            )
        self.setVisible(bool(text))

    # A wrapped label asks for two lines where one is enough, and layouts then leave a gap or cut
    # the last line; the height really needed follows from the width alone.

    def hasHeightForWidth(self) -> bool:
        """Tell layouts to ask for the height."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped text, at least that of the icon."""
        room = max(1, width - self._ICON - self._GAP)
        return max(self._ICON, self._text.heightForWidth(room))

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(240, max(self._ICON, self._text.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which sentences can still be read."""
        return QSize(160, self._ICON)

    def clear(self) -> None:
        """Hide the message."""
        self.show_message("")
