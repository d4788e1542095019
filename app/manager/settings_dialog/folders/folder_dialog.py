"""The dialog in which one shared folder is added or edited."""

import copy
from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.manager.host import PathFacts, look_at_path
from app.manager.settings_dialog.spec import setting_text
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.settings.declare import fields_of
from app.settings.model import SharedFolder


class SharedFolderDialog(QDialog):
    """Edits a copy of a shared folder; OK hands it over.

    Args:
        folder: what is edited.
        taken: names that other folders of the machine have.
        parent: window that the dialog belongs to.

    Signals:
        folder_accepted(object): the SharedFolder.
    """

    folder_accepted = Signal(object)

    def __init__(self, folder: SharedFolder, taken: Collection[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(
            self.tr("Edit Shared Folder") if folder.name else self.tr("Add Shared Folder")
        )
        self._folder = copy.deepcopy(folder)
        self._taken = taken
        declared = {f.name: f.declaration for f in fields_of(SharedFolder)}
        self.path = FilePicker(
            PickMode.FOLDER, title=setting_text(declared["host_path"].label), parent=self
        )
        self.path.path = folder.host_path
        self.name = QLineEdit(folder.name, self)
        self.mount_point = QLineEdit(folder.auto_mount_point, self)
        self.read_only = QCheckBox(self.tr("&Read-only"), self)
        self.read_only.setChecked(not folder.writable)
        self.auto_mount = QCheckBox(setting_text(declared["auto_mount"].label), self)
        self.auto_mount.setChecked(folder.auto_mount)
        self.message = FieldMessage(self)
        form = QFormLayout()
        for field, widget in (
            ("host_path", self.path),
            ("name", self.name),
            ("auto_mount_point", self.mount_point),
        ):
            widget.setToolTip(setting_text(declared[field].help))
            widget.setAccessibleName(setting_text(declared[field].label))
            form.addRow(f"{setting_text(declared[field].label)}:", widget)
        self.auto_mount.setToolTip(setting_text(declared["auto_mount"].help))
        self.read_only.setToolTip(self.tr("The guest may read what is in the folder only."))
        form.addRow("", self.read_only)
        form.addRow("", self.auto_mount)
        buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.resize(480, 260)
        self.path.path_changed.connect(self._on_path_changed)
        self.name.textChanged.connect(self._check)
        self._check()

    def _on_path_changed(self, path: str) -> None:
        name = Path(path.strip()).name
        if name and not self._folder.name:
            self.name.setText(name.replace(" ", "_"))
        self._check()

    def _check(self) -> None:
        path, name = self.path.path, self.name.text().strip()
        problem = ""
        if not path or not Path(path).is_absolute():
            problem = self.tr("Choose a folder of this computer.")
        elif not name:
            problem = self.tr("The guest needs a name for the folder.")
        elif any(sign in name for sign in "/\\ "):
            problem = self.tr("The name must not have blanks or slashes in it.")
        elif name in self._taken:
            problem = self.tr("The machine has a shared folder “{name}” already.").format(name=name)
        self.message.show_message(problem)
        self.ok_button.setEnabled(not problem)
        if not problem:
            look_at_path(self, path, self._warn)

    def _warn(self, facts: PathFacts) -> None:
        if facts.path == self.path.path and self.ok_button.isEnabled() and not facts.is_folder:
            text = self.tr("The folder {path} is not there at the moment.")
            self.message.show_message(text.format(path=facts.path), Severity.WARNING)

    def accept(self) -> None:
        """Hand the folder over."""
        if not self.ok_button.isEnabled():
            return
        folder = self._folder
        folder.host_path, folder.name = self.path.path, self.name.text().strip()
        folder.auto_mount_point = self.mount_point.text().strip()
        folder.writable = not self.read_only.isChecked()
        folder.auto_mount = self.auto_mount.isChecked()
        self.folder_accepted.emit(folder)
        super().accept()
