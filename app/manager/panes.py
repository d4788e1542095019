"""What the right side shows when there are no details: welcome, waiting, inaccessible machine."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MachineInfo
from app.common.icons import icon, picture


class WelcomePane(QWidget):
    """Greets, and offers the first steps as large buttons."""

    _PICTURE = 160

    def __init__(
        self, new: QAction, add: QAction, preferences: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        image = QLabel(self)
        image.setPixmap(picture("welcome", self._PICTURE, self.devicePixelRatioF()))
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        self._title.setFont(font)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._text.setMaximumWidth(520)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for action in (new, add, preferences):
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(32, 32))
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setMinimumWidth(96)
            buttons.addWidget(button)
        buttons.addStretch(1)
        texts = QVBoxLayout()
        texts.setSpacing(12)
        texts.addWidget(self._title)
        texts.addWidget(self._text)
        texts.addLayout(buttons)
        texts.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(28)
        upper.addWidget(image, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(texts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 36, 24, 24)
        layout.addLayout(upper)
        layout.addStretch(1)
        self.show_connection(connected=False, reason="")

    def show_connection(self, *, connected: bool, reason: str, machines: int = 0) -> None:
        """Say what can be done next, or why nothing can."""
        self._title.setText(self.tr("Welcome to Vitrine"))
        if connected and machines:
            text = self.tr(
                "Select a machine in the list to see what it is made of, to start it or to change "
                "its settings."
            )
        elif connected:
            text = self.tr(
                "The list at the left shows the virtual machines on this computer. It is empty "
                "because you have not created any yet.\n\n"
                "New guides you through creating one; Add takes over a machine that exists as a "
                ".vbox file."
            )
        elif reason:
            text = self.tr(
                "Vitrine's service does not answer, so the machines cannot be shown:\n{reason}\n\n"
                "Vitrine keeps trying to reach it."
            ).format(reason=reason)
        else:
            text = self.tr("Reading the list of machines…")
        self._text.setText(text)


class InaccessiblePane(QWidget):
    """Why a machine's settings cannot be read, and what can be done.

    Signals:
        refresh_requested(): try to read the settings again.
        remove_requested(): take the machine out of the list.
    """

    refresh_requested = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        image = QLabel(self)
        image.setPixmap(picture("state-inaccessible", 32, self.devicePixelRatioF()))
        self._title = QLabel(self)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        self._title.setWordWrap(True)
        explanation = QLabel(
            self.tr(
                "The machine is inaccessible: its settings file could not be read. Repair or "
                "restore the file and press Refresh, or remove the machine from the list."
            ),
            self,
        )
        explanation.setWordWrap(True)
        self._error = QPlainTextEdit(self)
        self._error.setReadOnly(True)
        self._error.setFrameShape(QFrame.Shape.StyledPanel)
        self._error.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._error.setAccessibleName(self.tr("Reason"))
        refresh = QPushButton(icon("refresh"), self.tr("Re&fresh"), self)
        remove = QPushButton(icon("remove"), self.tr("&Remove…"), self)
        refresh.clicked.connect(self.refresh_requested)
        remove.clicked.connect(self.remove_requested)
        header = QHBoxLayout()
        header.setSpacing(12)
        header.addWidget(image, 0, Qt.AlignmentFlag.AlignTop)
        header.addWidget(self._title, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(refresh)
        buttons.addWidget(remove)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addLayout(header)
        layout.addWidget(explanation)
        layout.addWidget(self._error)
        layout.addLayout(buttons)
        layout.addStretch(1)

    def show_machine(self, machine: MachineInfo) -> None:
        """Show why MACHINE cannot be read."""
        self._title.setText(machine.name)
        text = self.tr("{error}\n\nSettings file: {path}").format(
            error=machine.access_error, path=machine.settings_path
        )
        if self._error.toPlainText() != text:
            self._error.setPlainText(text)
