"""The window that shows the help: Markdown files in resources/help."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QLocale, QSize, Qt, QUrl
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from app.common.dialog_buttons import button_box

HELP_FOLDER: Final = Path(__file__).resolve().parents[2] / "resources" / "help"
_FIRST_PAGE: Final = "index.md"


def help_folder() -> Path:
    """Return the help in the language of the user interface, or the English one."""
    folder = HELP_FOLDER / QLocale().name().partition("_")[0]
    return folder if (folder / _FIRST_PAGE).is_file() else HELP_FOLDER / "en"


class HelpWindow(QDialog):
    """Help beside another window: it does not keep anybody from working."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Vitrine Help"))
        self.resize(QSize(680, 560))
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(self.tr("Help"))
        self.text.setOpenExternalLinks(True)
        # QTextBrowser takes the heading's words for its anchors; files are a few kilobytes.
        self.text.setSource(QUrl.fromLocalFile(str(help_folder() / _FIRST_PAGE)))
        buttons = button_box(self, QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text)
        layout.addWidget(buttons)
