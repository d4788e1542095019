"""Asks for name and description of a new snapshot."""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MachineInfo
from app.common.dialog_buttons import button_box
from app.common.translation import tr
from app.manager.widgets.field_message import FieldMessage, Severity
from app.settings.enums import DeviceType, MediumType
from app.settings.model import MachineSettings, Snapshot

_NUMBERED = re.compile(r"^(?P<base>.*?) (?P<number>\d{1,9})$")


class TakeSnapshotDialog(QDialog):
    """Name, description, and a warning where a snapshot does not hold everything.

    Signals:
        accepted_with(str, str): a snapshot shall be taken with this name and description.
    """

    accepted_with = Signal(str, str)

    def __init__(
        self, machine: MachineInfo, settings: MachineSettings, parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setWindowTitle(self.tr("Take Snapshot of “{name}”").format(name=machine.name))
        self.name = QLineEdit(next_name(settings.snapshots), self)
        self.name.setMaxLength(255)
        self.name.setAccessibleName(self.tr("Snapshot name"))
        self.name.selectAll()
        self.description = QPlainTextEdit(self)
        self.description.setAccessibleName(self.tr("Snapshot description"))
        self.description.setTabChangesFocus(True)
        self.warning = FieldMessage(self)
        self.message = FieldMessage(self)
        self.buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.take_button = self.buttons.addButton(
            self.tr("&Take"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(self.tr("Snapshot &Name:"), self.name)
        form.addRow(self.tr("Snapshot &Description:"), self.description)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(form, 1)
        layout.addWidget(self.warning)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.resize(520, 280)
        self.warning.show_message(immutable_warning(settings), Severity.WARNING)
        self.name.textChanged.connect(self._check)

    def _check(self) -> None:
        problem = "" if self.name.text().strip() else self.tr("A snapshot needs a name.")
        self.message.show_message(problem)
        self.take_button.setEnabled(not problem)
        self.take_button.setToolTip(problem)

    def accept(self) -> None:
        """Give the order and close."""
        if self.take_button.isEnabled():
            text = self.description.toPlainText()
            self.accepted_with.emit(self.name.text().strip(), text)
            super().accept()


def next_name(snapshots: Iterable[Snapshot]) -> str:
    """Return “Snapshot N” with N one more than the highest of SNAPSHOTS."""
    base = tr("Snapshot")
    highest = 0
    for snapshot in snapshots:
        found = _NUMBERED.match(snapshot.name)
        if found is not None and found["base"] == base:
            highest = max(highest, int(found["number"]))
    return f"{base} {highest + 1}"


def immutable_warning(settings: MachineSettings) -> str:
    """Return what to know about disks that snapshots do not hold, or an empty string."""
    attached = {
        drive.medium
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
        if drive.type == DeviceType.HARD_DISK and drive.medium
    }
    media = (settings.media.find(medium) for medium in attached)
    immutable = [m for m in media if getattr(m, "type", "") == MediumType.IMMUTABLE]
    if not immutable:
        return ""
    return tr(
        "Immutable hard disks are attached. Going back to this snapshot puts them back to their "
        "state at the first start, not to the state that they have now."
    )
