"""The dialog that asks where a machine shall be moved to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from app.api.structs import MachineInfo
from app.common.dialog_buttons import button_box
from app.manager.host import PathFacts, look_at_path
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.path_label import PathLabel


class MoveDialog(QDialog):
    """Folder that gets the machine's folder, with what speaks against it.

    Signals:
        move_wanted(str): the folder; the dialog closes.
    """

    move_wanted = Signal(str)

    def __init__(self, machine: MachineInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Move “{name}”").format(name=machine.name))
        self._machine_folder = Path(machine.settings_path).parent
        explanation = QLabel(
            self.tr(
                "The machine's folder is moved with everything in it: settings, disks, snapshots "
                "and logs. Images elsewhere stay where they are."
            ),
            self,
        )
        explanation.setWordWrap(True)
        now = PathLabel(self)
        now.setText(str(self._machine_folder))
        self.folder = FilePicker(
            PickMode.FOLDER, title=self.tr("Folder that gets the machine's folder"), parent=self
        )
        self.folder.path = str(self._machine_folder.parent)
        self.target = PathLabel(self)
        self.message = FieldMessage(self)
        buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.move_button = buttons.addButton(
            self.tr("&Move"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("Now at:"), now)
        form.addRow(self.tr("&New folder:"), self.folder)
        form.addRow(self.tr("Then at:"), self.target)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addWidget(explanation)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.resize(600, 260)
        self.folder.path_changed.connect(self._check)
        self._check()
        self.folder.setFocus()

    def accept(self) -> None:
        """Tell where to and close."""
        if self.move_button.isEnabled():
            self.move_wanted.emit(self.folder.path)
            super().accept()

    def _check(self) -> None:
        self.move_button.setEnabled(False)
        path = self.folder.path
        folder = Path(path)
        self.target.setText(str(folder / self._machine_folder.name) if path else "")
        problem, severity = "", Severity.ERROR
        if not path or not folder.is_absolute():
            problem = self.tr("Enter the complete path of a folder.")
        elif folder == self._machine_folder.parent:
            # Where everybody begins is no mistake yet.
            problem = self.tr("Choose another folder; the machine is in this one.")
            severity = Severity.NOTE
        elif folder.is_relative_to(self._machine_folder):
            problem = self.tr("A folder cannot be moved into itself.")
        self.message.show_message(problem, severity)
        if not problem:
            target = str(folder / self._machine_folder.name)
            look_at_path(self, target, lambda facts: self._judge(path, facts))

    def _judge(self, path: str, facts: PathFacts) -> None:
        if path != self.folder.path:
            return
        if facts.exists:
            text = self.tr("The folder {folder} exists already.")
        elif not facts.creatable:
            text = self.tr("The folder {folder} cannot be created.")
        else:
            text = ""
        self.message.show_message(text.format(folder=facts.path))
        self.move_button.setEnabled(not text)
