"""Third page: the first hard disk."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.api.errors import ApiError
from app.api.structs import DeviceType, MediumFormatInfo, MediumInfo, MediumVariant
from app.manager.host import PathFacts, look_at_path
from app.manager.media.image_dialog import format_text, usual_extension
from app.manager.media.selector import choose_medium
from app.manager.service_link import ServiceLink
from app.manager.widgets.byte_sizes import format_size
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.icon_button import IconButton
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
            "hard-disk",
        )
        self._link = link
        self._draft = draft
        self._recommended_for = ""
        self._checked_path = ""
        self._free_path = ""
        self._suggested = ""
        self._formats: list[MediumFormatInfo] = []
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
        self.format = QComboBox(self)
        # It is filled when the service has told the formats, which may be after it is shown.
        self.format.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.format.setAccessibleName(self.tr("File type of the hard disk"))
        self.new_file = FilePicker(
            PickMode.SAVE_FILE, title=self.tr("File of the new hard disk"), parent=self
        )
        self.new_file_message = FieldMessage(self)
        self.file = FilePicker(
            PickMode.OPEN_FILE,
            title=self.tr("Hard disk file"),
            filters=self._filters(),
            parent=self,
        )
        self.known = IconButton("hard-disk", self.tr("Choose among the known hard disks"), self)
        self.known.clicked.connect(self._choose_known)
        self.file_message = FieldMessage(self)
        self._build_layout()
        self.set_expert(False)

        self._check_later = QTimer(self)
        self._connect_fields()
        link.call(self, "virtualbox.list_medium_formats", {}, self._fill_formats)

    def _connect_fields(self) -> None:
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(_CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check_files)
        for radio in (self.create_new, self.existing, self.none):
            radio.toggled.connect(self._on_choice)
        self.disk_size.value_changed.connect(self._on_size_changed)
        self.preallocate.toggled.connect(self._on_preallocate)
        self.file.path_changed.connect(self._on_file_changed)
        self.new_file.path_changed.connect(self._on_new_file_changed)
        self.format.currentIndexChanged.connect(self._on_format_changed)

    def _build_layout(self) -> None:
        self._create_part = QWidget(self)
        self._create_form = create_form = QFormLayout(self._create_part)
        create_form.setContentsMargins(_INDENT, 0, 0, 8)
        create_form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        create_form.addRow(self.tr("Disk &size:"), self.disk_size)
        create_form.addRow("", self.preallocate)
        create_form.addRow(self.tr("File:"), self.location)
        create_form.addRow(self.tr("File &location:"), self.new_file)
        create_form.addRow("", self.new_file_message)
        create_form.addRow(self.tr("File t&ype:"), self.format)
        self._existing_part = QWidget(self)
        existing_layout = QVBoxLayout(self._existing_part)
        existing_layout.setContentsMargins(_INDENT, 0, 0, 8)
        existing_row = QHBoxLayout()
        existing_row.setSpacing(6)
        existing_row.addWidget(self.file, 1)
        existing_row.addWidget(self.known)
        existing_layout.addLayout(existing_row)
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

    def set_expert(self, expert: bool) -> None:
        """Show where the new file goes, or let a person choose that and its type."""
        form = self._create_form
        form.setRowVisible(self.location, not expert)
        form.setRowVisible(self.new_file, expert)
        form.setRowVisible(self.format, expert)
        if not expert:
            # What only an expert sees must not hold up, or surprise, anybody else.
            self.new_file.path = self._suggested
            self.format.setCurrentIndex(max(0, self.format.findData(self._usual_format())))

    def refresh(self) -> None:
        """Offer the recommended size, unless another was chosen for the same guest."""
        if self._link.properties is not None:
            self.disk_size.set_maximum(min(MAX_DISK_BYTES, self._link.properties.info_vd_size))
            self.file.set_start_folder(self._link.properties.default_machine_folder)
        if self._recommended_for != self._draft.os_type.id:
            self._recommended_for = self._draft.os_type.id
            self.disk_size.value = self._draft.os_type.recommended_disk_bytes
        self._on_size_changed(self.disk_size.value)
        self._suggest()
        self._on_choice()

    def is_complete(self) -> bool:
        """Tell whether the file that is the choice can be used, or made."""
        if self.existing.isChecked():
            return bool(self.file.path) and self._checked_path == self.file.path
        if self.create_new.isChecked():
            # Beside a settings file that does not exist yet there is nothing in the way.
            return not self._draft.disk_file or self._free_path == self.new_file.path
        return True

    # -- new file ------------------------------------------------------------------------------

    def _filters(self) -> str:
        patterns = " ".join(
            sorted({f"*{ending}" for each in self._formats for ending in each.extensions})
        )
        text = self.tr("Hard disk images ({patterns});;All files (*)")
        return text.format(patterns=patterns or "*.vdi *.img *.raw")

    def _usual_format(self) -> str:
        properties = self._link.properties
        return properties.default_hard_disk_format if properties is not None else "VDI"

    def _fill_formats(self, formats: list[MediumFormatInfo]) -> None:
        self._formats = [each for each in formats if DeviceType.HARD_DISK in each.device_types]
        self.file.set_filters(self._filters())
        self.format.blockSignals(True)
        self.format.clear()
        for each in self._formats:
            if each.variants:
                self.format.addItem(format_text(each), each.name)
        self.format.setCurrentIndex(max(0, self.format.findData(self._usual_format())))
        self.format.blockSignals(False)
        self._on_format_changed()

    def _on_format_changed(self) -> None:
        chosen = next(
            (each for each in self._formats if each.name == self.format.currentData()), None
        )
        if chosen is None:
            return
        suffix = usual_extension(chosen)
        self._draft.disk_format = chosen.name
        own = self._draft.disk_file
        if own.endswith(self._draft.disk_suffix):
            own = own.removesuffix(self._draft.disk_suffix) + suffix
        self._draft.disk_suffix = suffix
        can_be_fixed = MediumVariant.FIXED in chosen.variants
        self.preallocate.setEnabled(can_be_fixed)
        if not can_be_fixed:
            self.preallocate.setChecked(False)
        if own:
            self.new_file.path = own
        else:
            self._suggest()

    def _suggest(self) -> None:
        """Follow name and folder of the machine until a person chooses another file."""
        before, self._suggested = self._suggested, self._draft.suggested_disk_path
        if self.new_file.path == before:
            self.new_file.path = self._suggested
        self.location.setText(self._draft.new_disk_path)

    def _on_new_file_changed(self) -> None:
        path = self.new_file.path
        self._draft.disk_file = "" if path == self._suggested else path
        self._free_path = ""
        self._check_later.start()
        self.complete_changed.emit()

    def _check_new_file(self) -> None:
        path = self.new_file.path
        self.new_file_message.clear()
        if not self._draft.disk_file:
            return
        if not Path(path).is_absolute():
            self.new_file_message.show_message(self.tr("Enter the complete path of the new file."))
            return

        def looked(facts: PathFacts) -> None:
            if path != self.new_file.path:
                return
            if facts.exists:
                self.new_file_message.show_message(
                    self.tr("The file {path} exists already.").format(path=path)
                )
            else:
                self._free_path = path
            self.complete_changed.emit()

        look_at_path(self, path, looked)

    # -- existing file -------------------------------------------------------------------------

    def _choose_known(self) -> None:
        properties = self._link.properties
        folder = properties.default_machine_folder if properties is not None else ""
        choose_medium(self, self._link, DeviceType.HARD_DISK, self._on_chosen, folder=folder)

    def _on_chosen(self, medium: MediumInfo) -> None:
        self.file.path = medium.path

    # -- choice --------------------------------------------------------------------------------

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

    def _check_files(self) -> None:
        self._check_new_file()
        self._check_file()

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
