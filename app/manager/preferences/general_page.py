"""Preferences, page General: where machines go, which firmware they start with, who may look on."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGroupBox,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import SystemProperties
from app.manager.host import PathFacts, look_at_path
from app.manager.preferences.page import Entry, PreferencePage
from app.manager.settings_dialog.spec import Level
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.paged_dialog import Problem

VRDE_AUTH_LIBRARY: Final = "vrdeauthlibrary"
_CHECK_DELAY_MS = 150
_INDENT = 24


class FirmwareEditor(QGroupBox):
    """One firmware image: that of the host, or a file.

    Signals:
        changed(): another choice was made.
    """

    changed = Signal()

    def __init__(self, title: str, file_title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.from_host = QRadioButton(self.tr("From this computer (SeaBIOS)"), self)
        self.from_file = QRadioButton(self.tr("From a file:"), self)
        group = QButtonGroup(self)
        group.addButton(self.from_host)
        group.addButton(self.from_file)
        self.file = FilePicker(
            PickMode.OPEN_FILE,
            title=file_title,
            filters=self.tr("Firmware images (*.bin *.rom);;All files (*)"),
            parent=self,
        )
        self.message = FieldMessage(self)
        indented = QVBoxLayout()
        indented.setContentsMargins(_INDENT, 0, 0, 0)
        indented.addWidget(self.file)
        indented.addWidget(self.message)
        layout = QVBoxLayout(self)
        layout.addWidget(self.from_host)
        layout.addWidget(self.from_file)
        layout.addLayout(indented)
        self.from_file.toggled.connect(self._on_toggled)
        self.file.path_changed.connect(self.changed)

    @property
    def path(self) -> str:
        """The chosen file, empty for the host's."""
        return self.file.path if self.from_file.isChecked() else ""

    def load(self, path: str) -> None:
        """Show PATH; empty means from the host."""
        self.from_file.setChecked(bool(path))
        self.from_host.setChecked(not path)
        self.file.path = path
        self.file.setEnabled(bool(path))

    def _on_toggled(self, from_file: bool) -> None:
        self.file.setEnabled(from_file)
        self.changed.emit()


class GeneralPreferences(PreferencePage):
    """Default machine folder, library that checks remote users, firmware files."""

    def __init__(self, properties: SystemProperties) -> None:
        super().__init__()
        self._properties = properties
        self._facts: dict[str, PathFacts] = {}
        self.folder = FilePicker(
            PickMode.FOLDER, title=self.tr("Default machine folder"), parent=self
        )
        self.folder_message = FieldMessage(self)
        self.auth_library = QLineEdit(self)
        self.bios = FirmwareEditor(self.tr("System BIOS"), self.tr("System BIOS image"), self)
        self.vga_bios = FirmwareEditor(self.tr("VGA BIOS"), self.tr("VGA BIOS image"), self)
        self._add_rows()
        self.folder.path = properties.default_machine_folder
        self.auth_library.setText(properties.vrde_auth_library)
        self.bios.load(properties.firmware_bios_path)
        self.vga_bios.load(properties.firmware_vga_bios_path)

        self._check_later = QTimer(self)
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(_CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check)
        self.folder.path_changed.connect(self._on_changed)
        self.auth_library.textChanged.connect(self.changed)
        self.bios.changed.connect(self._on_changed)
        self.vga_bios.changed.connect(self._on_changed)

    def _add_rows(self) -> None:
        self.add_row(
            self.tr("Default Machine &Folder:"),
            self.folder,
            self.tr("New machines are created in folders of their own in this folder."),
            focus=self.folder.edit,
        )
        self.form.addRow("", self.folder_message)
        self.add_row(
            self.tr("V&RDP Authentication Library:"),
            self.auth_library,
            self.tr("Library that checks users of the remote display."),
            level=Level.EXPERT,
        )
        for box in (self.bios, self.vga_bios):
            self.column.addWidget(box)
            help_text = self.tr("The firmware with which machines start.")
            self.entries.append(
                Entry(box.title(), help_text, Level.EXPERT, (box,), box.from_host)
            )
        self.column.addStretch(1)

    def changes(self) -> Mapping[str, str]:
        """Return the paths that differ, by the names of ``virtualbox.set_system_properties``."""
        edited = {
            "default_machine_folder": self.folder.path,
            "firmware_bios_path": self.bios.path,
            "firmware_vga_bios_path": self.vga_bios.path,
        }
        return {
            name: value
            for name, value in edited.items()
            if value != getattr(self._properties, name)
        }

    def property_changes(self) -> Mapping[str, str]:
        """Return what else differs, by the names of ``system_properties.set_property``."""
        library = self.auth_library.text().strip()
        if library == self._properties.vrde_auth_library:
            return {}
        return {VRDE_AUTH_LIBRARY: library}

    @property
    def checking(self) -> bool:
        """True while a changed path has not been looked at yet."""
        return any(path not in self._facts for path in self._paths_to_check())

    def problems(self) -> Sequence[Problem]:
        """Return what is wrong; shown beside the fields too."""
        texts = {
            self.folder_message: self._folder_problem(self.folder.path),
            self.bios.message: self._firmware_problem(self.bios),
            self.vga_bios.message: self._firmware_problem(self.vga_bios),
        }
        for message, text in texts.items():
            message.show_message(text)
        return [Problem(Severity.ERROR, text) for text in texts.values() if text]

    def _paths_to_check(self) -> Sequence[str]:
        return [path for path in self.changes().values() if path and Path(path).is_absolute()]

    def _on_changed(self) -> None:
        # What was seen of a path before may have changed while a person did something about it.
        self._facts.clear()
        self._check_later.start()
        self.changed.emit()

    def _check(self) -> None:
        for path in self._paths_to_check():
            look_at_path(self, path, self._on_looked)
        self.changed.emit()

    def _on_looked(self, facts: PathFacts) -> None:
        self._facts[facts.path] = facts
        self.changed.emit()

    def _folder_problem(self, path: str) -> str:
        if not path:
            return self.tr("Choose the folder in which new machines are created.")
        if not Path(path).is_absolute():
            return self.tr("The folder must be a complete path.")
        facts = self._facts.get(path)
        if facts is None:
            return ""
        if facts.exists and not facts.is_folder:
            return self.tr("{path} is not a folder.").format(path=path)
        if not facts.creatable:
            return self.tr("The folder {path} cannot be written.").format(path=path)
        return ""

    def _firmware_problem(self, editor: FirmwareEditor) -> str:
        if not editor.from_file.isChecked():
            return ""
        path = editor.path
        if not path:
            return self.tr("Choose a firmware file.")
        if not Path(path).is_absolute():
            return self.tr("The firmware file must be a complete path.")
        facts = self._facts.get(path)
        if facts is not None and not facts.exists:
            return self.tr("There is no file {path}.").format(path=path)
        if facts is not None and not (facts.is_file and facts.readable):
            return self.tr("The file {path} cannot be read.").format(path=path)
        return ""
