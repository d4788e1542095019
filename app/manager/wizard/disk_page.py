"""Third page: the first hard disk."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QFormLayout, QRadioButton, QVBoxLayout, QWidget

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumInfo
from app.manager.service_link import ServiceLink
from app.manager.widgets.byte_sizes import format_size
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.path_label import PathLabel
from app.manager.widgets.size_editor import MAX_DISK_BYTES, SizeEditor
from app.manager.wizard.draft import DiskChoice, MachineDraft
from app.manager.wizard.frame import WizardPage

_CHECK_DELAY_MS = 150
_INDENT = 24


class DiskPage(WizardPage):
    """Create now, use an existing file, or none."""

    def __init__(self, link: ServiceLink, draft: MachineDraft) -> None:
        super().__init__(
            self.tr("Virtual hard disk"),
            self.tr("Virtual Hard Disk"),
            self.tr(
                "The machine keeps its data in a file on this computer. You can create a new one, "
                "use one that exists, or leave the disk out for now."
            ),
        )
        self._link = link
        self._draft = draft
        self._recommended = 0
        self._checked_path = ""
        self.create_new = QRadioButton(self.tr("&Create a virtual hard disk now"), self)
        self.existing = QRadioButton(self.tr("Use an &existing virtual hard disk file"), self)
        self.none = QRadioButton(self.tr("&Do not add a virtual hard disk"), self)
        self.create_new.setChecked(True)
        self.disk_size = SizeEditor(self)
        self.disk_size.set_accessible_name(self.tr("Disk size"))
        self.preallocate = QCheckBox(self.tr("Pre-&allocate full size"), self)
        self.preallocate.setToolTip(
            self.tr("Takes the whole size on this computer at once instead of growing with use.")
        )
        self.location = PathLabel(self)
        self.file = FilePicker(
            PickMode.OPEN_FILE,
            title=self.tr("Hard disk file"),
            filters=self.tr("Hard disk images (*.vdi *.img *.raw);;All files (*)"),
            parent=self,
        )
        self.file_message = FieldMessage(self)
        self._build_layout()

        self._check_later = QTimer(self)
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(_CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check_file)
        for radio in (self.create_new, self.existing, self.none):
            radio.toggled.connect(self._on_choice)
        self.disk_size.value_changed.connect(self._on_size_changed)
        self.preallocate.toggled.connect(self._on_preallocate)
        self.file.path_changed.connect(self._on_file_changed)

    def _build_layout(self) -> None:
        self._create_part = QWidget(self)
        create_form = QFormLayout(self._create_part)
        create_form.setContentsMargins(_INDENT, 0, 0, 8)
        create_form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        create_form.addRow(self.tr("Disk &size:"), self.disk_size)
        create_form.addRow("", self.preallocate)
        create_form.addRow(self.tr("File:"), self.location)
        self._existing_part = QWidget(self)
        existing_layout = QVBoxLayout(self._existing_part)
        existing_layout.setContentsMargins(_INDENT, 0, 0, 8)
        existing_layout.addWidget(self.file)
        existing_layout.addWidget(self.file_message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.create_new)
        layout.addWidget(self._create_part)
        layout.addWidget(self.existing)
        layout.addWidget(self._existing_part)
        layout.addWidget(self.none)
        layout.addStretch(1)

    def enter(self) -> None:
        """Offer the recommended size, unless another was chosen for the same guest."""
        if self._link.properties is not None:
            self.disk_size.set_maximum(min(MAX_DISK_BYTES, self._link.properties.info_vd_size))
            self.file.set_start_folder(self._link.properties.default_machine_folder)
        recommended = self._draft.os_type.recommended_disk_bytes
        if self._recommended != recommended:
            self._recommended = recommended
            self.disk_size.value = recommended
        self._on_size_changed(self.disk_size.value)
        self.location.setText(self._draft.new_disk_path)
        self._on_choice()

    def is_complete(self) -> bool:
        """Tell whether an existing file, if that is the choice, can be used."""
        return not self.existing.isChecked() or (
            bool(self.file.path) and self._checked_path == self.file.path
        )

    def _on_choice(self) -> None:
        self._create_part.setEnabled(self.create_new.isChecked())
        self._existing_part.setEnabled(self.existing.isChecked())
        if self.create_new.isChecked():
            self._draft.disk = DiskChoice.CREATE
        elif self.existing.isChecked():
            self._draft.disk = DiskChoice.EXISTING
        else:
            self._draft.disk = DiskChoice.NONE
        self.complete_changed.emit()

    def _on_size_changed(self, size: object) -> None:
        self._draft.disk_bytes = self.disk_size.value

    def _on_preallocate(self, fixed: bool) -> None:
        self._draft.disk_fixed = fixed

    def _on_file_changed(self) -> None:
        self._checked_path = ""
        self._check_later.start()
        self.complete_changed.emit()

    def _check_file(self) -> None:
        path = self.file.path
        self._draft.disk_path = path
        self.file_message.clear()
        if not path:
            return

        def opened(medium: MediumInfo) -> None:
            if path != self.file.path:
                return
            if medium.access_error:
                self.file_message.show_message(medium.access_error)
            else:
                self._checked_path = path
                self.file_message.show_message(
                    self.tr("{format}, {size}").format(
                        format=medium.format, size=format_size(medium.logical_size)
                    ),
                    Severity.NOTE,
                )
            self.complete_changed.emit()

        def refused(error: ApiError) -> None:
            if path == self.file.path:
                self.file_message.show_message(error.message)

        params = {"path": path, "device_type": DeviceType.HARD_DISK}
        self._link.call(self, "virtualbox.open_medium", params, opened, refused)
