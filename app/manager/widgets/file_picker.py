"""A path field with a button that opens a file dialog (never a nested event loop)."""

from enum import Enum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QToolButton, QWidget

from app.common.icons import icon
from app.manager.widgets.tab_order import lend_focus


class PickMode(Enum):
    """What the button lets a person choose."""

    OPEN_FILE = "open-file"
    SAVE_FILE = "save-file"
    FOLDER = "folder"


class FilePicker(QWidget):
    """Line edit for a path and a browse button.

    Signals:
        path_changed(str): the path was typed or chosen.
    """

    path_changed = Signal(str)

    def __init__(
        self,
        mode: PickMode,
        *,
        title: str,
        filters: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._title = title
        self._filters = filters
        self._start_folder = ""
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setClearButtonEnabled(True)
        self.edit.setMinimumWidth(240)
        self.edit.setAccessibleName(title)
        self.edit.textChanged.connect(self.path_changed)
        self.button = QToolButton(self)
        self.button.setIcon(icon("folder"))
        self.button.setToolTip(title)
        self.button.setAccessibleName(title)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.button)
        lend_focus(self, self.edit)

    @property
    def path(self) -> str:
        """The path as typed, blanks around it removed; may be empty."""
        return self.edit.text().strip()

    @path.setter
    def path(self, path: str) -> None:
        self.edit.setText(path)

    def set_start_folder(self, folder: str) -> None:
        """Let the dialog open in FOLDER while no path has been chosen."""
        self._start_folder = folder

    def set_filters(self, filters: str) -> None:
        """Offer FILTERS, separated by ``;;``, in the dialog."""
        self._filters = filters

    def _browse(self) -> None:
        dialog = new_file_dialog(self, self._mode, self._title, self._filters)
        if self.path:
            dialog.setDirectory(str(Path(self.path).parent))
            if self._mode is PickMode.FOLDER:
                dialog.setDirectory(self.path)
        elif self._start_folder:
            dialog.setDirectory(self._start_folder)
        dialog.fileSelected.connect(self._choose)
        dialog.open()

    def _choose(self, path: str) -> None:
        self.path = path


def new_file_dialog(parent: QWidget, mode: PickMode, title: str, filters: str = "") -> QFileDialog:
    """Return a file dialog for one path; the caller connects fileSelected and opens it."""
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    match mode:
        case PickMode.FOLDER:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        case PickMode.OPEN_FILE:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        case PickMode.SAVE_FILE:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    if filters:
        dialog.setNameFilter(filters)
        if ";;" in filters:
            dialog.setNameFilters(filters.split(";;"))
    return dialog
