"""Base of the dialogs that make a new image file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MediumFormatInfo, MediumVariant
from app.common.background import run_in_background
from app.common.dialog_buttons import button_box
from app.common.translation import tr
from app.manager.host import PathFacts, look_at_path
from app.manager.media.orders import Order
from app.manager.widgets.field_message import FieldMessage
from app.manager.widgets.file_picker import FilePicker, PickMode

_USUAL_EXTENSIONS: Final = (".img", ".iso")
_TRIED_NAMES: Final = 1000


@dataclass(frozen=True)
class Task:
    """What a dialog is for.

    Attributes:
        method: name on the wire of what makes the image.
        window_title: title of the dialog.
        button: text of the button that begins.
        title: of the progress; ``{name}`` is the file.
        failure: title of the error.
    """

    method: str
    window_title: str
    button: str
    title: str
    failure: str


class ImageDialog(QDialog):
    """Location and format of a new image; subclasses add rows to ``form`` and to ``params``.

    Signals:
        order_given(object): the :class:`Order` that makes the image; the dialog closes.
    """

    order_given = Signal(object)

    def __init__(
        self, task: Task, formats: Sequence[MediumFormatInfo], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self._task = task
        self._formats = [each for each in formats if each.variants]
        self.setWindowTitle(task.window_title)
        self.setModal(True)
        self.file = FilePicker(
            PickMode.SAVE_FILE, title=self.tr("File of the new image"), parent=self
        )
        self.format = QComboBox(self)
        self.format.setAccessibleName(self.tr("Format"))
        for each in self._formats:
            self.format.addItem(format_text(each), each.name)
        self.preallocate = QCheckBox(self.tr("Pre-&allocate full size"), self)
        self.preallocate.setToolTip(
            self.tr("Take all room on the host now instead of when the guest writes.")
        )
        self.message = FieldMessage(self)
        self.buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.accept_button = self.buttons.addButton(
            task.button, QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.form = QFormLayout()
        self.form.setVerticalSpacing(10)
        self.form.addRow(self.tr("&Location:"), self.file)
        self.form.addRow(self.tr("&Format:"), self.format)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(self.form)
        layout.addStretch(1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.resize(560, self.sizeHint().height())
        self.file.path_changed.connect(self._check)
        self.format.currentIndexChanged.connect(self._on_format_changed)

    # -- what is wanted ------------------------------------------------------------------------

    @property
    def chosen_format(self) -> MediumFormatInfo | None:
        """The chosen format; None when the service knows none that can be created."""
        place = self.format.currentIndex()
        return self._formats[place] if place >= 0 else None

    @property
    def variant(self) -> MediumVariant:
        """The chosen allocation."""
        fixed = self.preallocate.isChecked() and self.preallocate.isEnabled()
        return MediumVariant.FIXED if fixed else MediumVariant.STANDARD

    def choose_format(self, name: str) -> None:
        """Choose the format NAME if it can be created."""
        place = self.format.findData(name)
        if place >= 0:
            self.format.setCurrentIndex(place)
        self._on_format_changed()

    def suggest(self, folder: str, stem: str) -> None:
        """Suggest a name that no file in FOLDER has: STEM, or STEM with a number."""
        chosen = self.chosen_format
        suffix = usual_extension(chosen) if chosen is not None else ""

        def found(path: str) -> None:
            if not self.file.path:
                self.file.path = path
                self.file.edit.selectAll()
            self._check()

        self.message.clear()
        self.accept_button.setEnabled(False)
        find_free_path(self, folder, stem, suffix, found)

    def order(self) -> Order:
        """Return what the service shall do."""
        name = Path(self.file.path).name
        return Order(
            self._task.title.format(name=name),
            self._task.failure.format(name=name),
            self._task.method,
            self.params(),
        )

    def params(self) -> dict[str, Any]:
        """Return the parameters of the call."""
        chosen = self.chosen_format
        return {
            "path": self.file.path,
            "format": chosen.name if chosen is not None else "",
            "variant": self.variant,
        }

    def problem(self) -> str:
        """Return what is wrong apart from the location, or an empty string."""
        return ""

    # -- checking ------------------------------------------------------------------------------

    def _on_format_changed(self) -> None:
        chosen = self.chosen_format
        if chosen is None:
            return
        can_fix = MediumVariant.FIXED in chosen.variants
        self.preallocate.setEnabled(can_fix)
        path = self.file.path
        stem, suffix = os.path.splitext(path)
        known = {extension for each in self._formats for extension in each.extensions}
        if path and suffix.lower() in known and suffix.lower() not in chosen.extensions:
            self.file.path = stem + usual_extension(chosen)
        self._check()

    def _check(self) -> None:
        self.accept_button.setEnabled(False)
        path = self.file.path
        problem = self.problem()
        if self.chosen_format is None:
            problem = self.tr("This version can create no image of this kind.")
        elif not problem and (not path or not Path(path).is_absolute()):
            problem = self.tr("Enter the complete path of the new file.")
        elif not problem and not Path(path).name:
            problem = self.tr("Enter the name of the new file.")
        if problem:
            self._refuse(problem)
            return
        self.message.clear()

        def looked(facts: PathFacts) -> None:
            # A check that was begun later has found, or will find, something else.
            if facts.path != self.file.path or self.problem():
                return
            if facts.exists:
                text = self.tr("The file {path} exists already.")
                self._refuse(text.format(path=facts.path))
            elif not facts.creatable:
                text = self.tr("No file can be made in {folder}.")
                self._refuse(text.format(folder=Path(facts.path).parent))
            else:
                self.message.clear()
                self.accept_button.setEnabled(True)
                self.accept_button.setToolTip("")

        look_at_path(self, path, looked)

    def _refuse(self, problem: str) -> None:
        self.message.show_message(problem)
        self.accept_button.setToolTip(problem)

    def accept(self) -> None:
        """Give the order and close."""
        if self.accept_button.isEnabled():
            self.order_given.emit(self.order())
            super().accept()


def find_free_path(
    owner: QObject, folder: str, stem: str, suffix: str, done: Callable[[str], None]
) -> None:
    """Hand a path in FOLDER that does not exist yet to DONE: STEM, STEM 1, STEM 2..."""

    def look() -> str:
        for number in range(_TRIED_NAMES):
            path = Path(folder) / f"{stem}{f' {number}' if number else ''}{suffix}"
            if not os.path.lexists(path):
                return str(path)
        return ""

    run_in_background(owner, look, done)


def usual_extension(chosen: MediumFormatInfo) -> str:
    """Return the ending, with the dot, that files of a format usually have."""
    own = f".{chosen.name.lower()}"
    for extension in (own, *_USUAL_EXTENSIONS):
        if extension in chosen.extensions:
            return extension
    return chosen.extensions[0]


def format_text(each: MediumFormatInfo) -> str:
    """Return the name of a format with what it stands for."""
    long_names = {
        "VDI": "VirtualBox Disk Image",
        "VHD": "Virtual Hard Disk",
        "VMDK": "Virtual Machine Disk",
        "QCOW": "QEMU Copy-On-Write",
        "QED": "QEMU Enhanced Disk",
        "Parallels": "Parallels Hard Disk",
        "RAW": tr("raw image"),
    }
    name = long_names.get(each.name)
    return f"{each.name} ({name})" if name else each.name
