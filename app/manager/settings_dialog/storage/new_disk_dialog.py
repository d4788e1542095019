"""The dialog that creates a hard disk image for a drive."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.api.errors import ApiError, ErrorCode
from app.api.qtclient import QtCall
from app.api.structs import MediumInfo, MediumVariant
from app.common.dialog_buttons import button_box
from app.manager.host import PathFacts, look_at_path
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.size_editor import MAX_DISK_BYTES, SizeEditor


class NewDiskDialog(QDialog):
    """Location, size and allocation of a new VDI file.

    Signals:
        disk_created(object): the MediumInfo of the new image.
    """

    disk_created = Signal(object)

    def __init__(
        self, link: ServiceLink, suggested_path: str, size: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._creation: QtCall | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Create Virtual Hard Disk"))
        self.file = FilePicker(
            PickMode.SAVE_FILE,
            title=self.tr("File of the new hard disk"),
            filters=self.tr("VirtualBox disk images (*.vdi)"),
            parent=self,
        )
        self.file.path = suggested_path
        self.disk_size = SizeEditor(self)
        self.disk_size.set_accessible_name(self.tr("Disk size"))
        if link.properties is not None:
            self.disk_size.set_maximum(min(MAX_DISK_BYTES, link.properties.info_vd_size))
        self.disk_size.value = size
        self.preallocate = QCheckBox(self.tr("Pre-&allocate full size"), self)
        self.message = FieldMessage(self)
        self.progress = QProgressBar(self)
        self.progress.hide()
        buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.create_button = buttons.addButton(
            self.tr("&Create"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.addRow(self.tr("&File:"), self.file)
        form.addRow(self.tr("&Size:"), self.disk_size)
        form.addRow("", self.preallocate)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addStretch(1)
        layout.addWidget(self.message)
        layout.addWidget(self.progress)
        layout.addWidget(buttons)
        self.resize(560, 240)
        self.file.path_changed.connect(self._check)
        self._check()

    def _check(self) -> None:
        path = self.file.path
        self.create_button.setEnabled(False)
        if not path or not Path(path).is_absolute():
            self.message.show_message(self.tr("Enter the complete path of the new file."))
            return

        def looked(facts: PathFacts) -> None:
            if facts.path != self.file.path:
                return
            if facts.exists:
                self.message.show_message(
                    self.tr("The file {path} exists already.").format(path=facts.path)
                )
                return
            self.message.clear()
            self.create_button.setEnabled(True)

        look_at_path(self, path, looked)

    def accept(self) -> None:
        """Create the image; close when it exists."""
        if not self.create_button.isEnabled():
            return
        self._set_busy(busy=True)
        variant = MediumVariant.FIXED if self.preallocate.isChecked() else MediumVariant.STANDARD
        self._creation = self._link.call(
            self,
            "virtualbox.create_medium",
            {"path": self.file.path, "size_bytes": self.disk_size.value, "variant": variant},
            self._on_created,
            self._on_failed,
            lambda percent, _text: self.progress.setValue(percent),
        )

    def reject(self) -> None:
        """Cancel the creation that is going on, otherwise close."""
        if self._creation is not None:
            self._creation.cancel()
        else:
            super().reject()

    def _set_busy(self, *, busy: bool) -> None:
        for widget in (self.file, self.disk_size, self.preallocate, self.create_button):
            widget.setEnabled(not busy)
        self.progress.setVisible(busy)
        self.progress.setRange(0, 100)
        self.progress.setValue(0)

    def _on_created(self, medium: MediumInfo) -> None:
        self._creation = None
        self.disk_created.emit(medium)
        super().accept()

    def _on_failed(self, error: ApiError) -> None:
        self._creation = None
        self._set_busy(busy=False)
        if error.code is not ErrorCode.E_ABORT:
            self.message.show_message(error.message)
