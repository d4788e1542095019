"""The dialog about a machine that cannot go on: what happened, the evidence, and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon
from app.console.postmortem import registers_text

if TYPE_CHECKING:
    from app.console.events import RuntimeErrorRaised
    from app.vmwindow.window import VmWindow

HANDLER_KEY: Final = "GUI/GuruMeditationHandler"
"""``PowerOff`` or ``Ignore`` do that without a dialog."""

_LOG: Final = "VBox.log"
_SCREENSHOT: Final = "VBox.png"
_PICTURE: Final = 320
_ICON: Final = 32


class GuruMeditationDialog(QDialog):
    """What is known about the failure.

    Args:
        machine: its name.
        sentence: what happened.
        folder: where the log and the screenshot are.
        picture: the guest's screen.
        parent: the machine's window.

    Signals:
        power_off(): the person wants to pull the plug.
    """

    power_off = Signal()

    def __init__(
        self,
        machine: str,
        sentence: str,
        folder: Path,
        picture: QImage,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("{machine}: Guru Meditation").format(machine=machine))
        self._folder = folder
        self.message = self._label(
            self.tr(
                "The virtual machine has been stopped because of an error from which it cannot go "
                "on."
            )
            + f"\n\n{sentence}"
        )
        self.evidence = self._label(
            self.tr(
                "Log: {log}\nPicture of the screen: {picture}\n\nPlease keep both when you report "
                "the problem."
            ).format(log=folder / _LOG, picture=folder / _SCREENSHOT)
        )
        self.registers = QPlainTextEdit()
        self.registers.setReadOnly(True)
        self.registers.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.registers.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.registers.setAccessibleName(self.tr("Registers"))
        self.registers.setPlaceholderText(self.tr("The registers are being read…"))
        self._build(picture)

    def _label(self, text: str) -> QLabel:
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _build(self, picture: QImage) -> None:
        sign = QLabel()
        sign.setPixmap(icon("state-stuck").pixmap(_ICON, _ICON))
        screen = QLabel()
        screen.setAccessibleName(self.tr("Picture of the guest's screen"))
        if not picture.isNull():
            screen.setPixmap(
                QPixmap.fromImage(picture).scaledToWidth(
                    _PICTURE, Qt.TransformationMode.SmoothTransformation
                )
            )
        words = QVBoxLayout()
        words.addWidget(self.message)
        words.addWidget(self.evidence)
        words.addStretch()
        top = QHBoxLayout()
        top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        top.addWidget(screen, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(QLabel(self.tr("Registers of the processor:")))
        layout.addWidget(self.registers, 1)
        layout.addWidget(self._build_buttons())
        self.resize(820, 520)

    def _build_buttons(self) -> QDialogButtonBox:
        role = QDialogButtonBox.ButtonRole
        buttons = button_box(self)
        folder = buttons.addButton(self.tr("Open &Folder"), role.ActionRole)
        folder.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
        )
        copy = buttons.addButton(self.tr("&Copy Text"), role.ActionRole)
        copy.clicked.connect(self.copy_text)
        leave = buttons.addButton(self.tr("&Leave Stopped"), role.RejectRole)
        leave.clicked.connect(self.reject)
        off = buttons.addButton(self.tr("Power &Off"), role.AcceptRole)
        off.setDefault(True)
        off.clicked.connect(self.accept)
        self.accepted.connect(self.power_off)
        return buttons

    def copy_text(self) -> None:
        """Put everything that is told into the clipboard."""
        parts = (self.message.text(), self.evidence.text(), self.registers.toPlainText())
        QGuiApplication.clipboard().setText("\n\n".join(parts))


def meditate(window: VmWindow, error: RuntimeErrorRaised) -> GuruMeditationDialog | None:
    """Do what the settings say about a machine that cannot go on, or show the dialog."""
    handler = window.preferences.text(HANDLER_KEY)
    if handler == "PowerOff":
        window.commands.power_off()
        return None
    if handler == "Ignore":
        return None
    console = window.console
    dialog = GuruMeditationDialog(
        console.machine,
        error.message,
        Path(console.start_info.log_folder),
        window.screen_widget.picture(),
        window,
    )
    dialog.power_off.connect(window.commands.power_off)
    field = dialog.registers
    field_gone = False

    def gone() -> None:
        nonlocal field_gone
        field_gone = True

    def show(text: str) -> None:
        if not field_gone:
            field.setPlainText(text)

    dialog.finished.connect(gone)
    window.bridge.run(lambda: registers_text(console), show, lambda error: show(error.message))
    dialog.open()
    return dialog
