"""First page: name, folder, ISO image and guest operating system."""

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from app.api.errors import ApiError
from app.api.structs import DetectedOs, DeviceType, OsType
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.file_picker import FilePicker, PickMode
from app.manager.widgets.os_type_editor import OsTypeEditor
from app.manager.wizard.draft import MachineDraft
from app.manager.wizard.frame import WizardPage
from app.manager.wizard.place_check import PlaceCheck
from app.settings.guestos import guess_os_type

_CHECK_DELAY_MS = 150


def _says_more(named: OsType | None, detected: OsType) -> bool:
    """Tell whether a name gives the distribution of what an image only gives the family of."""
    return (
        named is not None
        and detected.id.removesuffix("_64") == detected.family_id
        and (named.family_id, named.is_64bit) == (detected.family_id, detected.is_64bit)
    )


class NamePage(WizardPage):
    """Asks for what everything else follows from."""

    def __init__(self, link: ServiceLink, draft: MachineDraft) -> None:
        super().__init__(
            self.tr("Name and operating system"),
            self.tr("Name and Operating System"),
            self.tr(
                "Choose a descriptive name and the folder for the new machine. The name often "
                "tells which operating system you are going to install; the choice below follows "
                "it until you change it."
            ),
            "general",
        )
        self._link = link
        self._draft = draft
        self._os_was_chosen = False
        self._name_was_touched = False
        self._checked_iso = ""
        self._place = PlaceCheck(link, self)

        self.name = QLineEdit(self)
        self.name.setMaxLength(255)
        self.name.setAccessibleName(self.tr("Name"))
        self.name_message = FieldMessage(self)
        self.folder = FilePicker(
            PickMode.FOLDER, title=self.tr("Folder for the new machine"), parent=self
        )
        self.folder_message = FieldMessage(self)
        self.iso = FilePicker(
            PickMode.OPEN_FILE,
            title=self.tr("Optical image to install from"),
            filters=self.tr("Optical images (*.iso *.cdr *.viso);;All files (*)"),
            placeholder=self.tr("None"),
            parent=self,
        )
        self.iso_message = FieldMessage(self)
        self.iso_note = FieldMessage(self)
        self._detected: DetectedOs | None = None
        self.os_type = OsTypeEditor(self)
        self._build_form()

        self._check_later = QTimer(self)
        self._check_later.setSingleShot(True)
        self._check_later.setInterval(_CHECK_DELAY_MS)
        self._check_later.timeout.connect(self._check_iso)
        self._connect_fields()
        self._fill_types()
        self._fill_folder()

    def _build_form(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(self.tr("N&ame:"), self.name)
        form.addRow("", self.name_message)
        form.addRow(self.tr("&Folder:"), self.folder)
        form.addRow("", self.folder_message)
        form.addRow(self.tr("&ISO Image:"), self.iso)
        form.addRow("", self.iso_message)
        form.addRow("", self.iso_note)
        form.addRow(self.os_type)
        # One column of labels for the whole page, although the editor has a form of its own.
        self._align_labels(form)

    def _connect_fields(self) -> None:
        self.name.textEdited.connect(self._on_name_edited)
        self.name.textChanged.connect(self._on_place_changed)
        self.folder.path_changed.connect(self._on_place_changed)
        self._place.finished.connect(self._on_place_checked)
        self.iso.path_changed.connect(self._on_iso_changed)
        self.os_type.edited.connect(self._on_os_edited)
        self.os_type.os_type_changed.connect(self._on_os_changed)
        self._link.os_types_loaded.connect(self._fill_types)
        self._link.properties_changed.connect(self._fill_folder)

    def _align_labels(self, form: QFormLayout) -> None:
        labels: list[QWidget] = []
        for one in (form, self.os_type.form):
            for row in range(one.rowCount()):
                item = one.itemAt(row, QFormLayout.ItemRole.LabelRole)
                label = item.widget() if item else None
                if label is not None:
                    labels.append(label)
        width = max(label.sizeHint().width() for label in labels)
        for label in labels:
            label.setMinimumWidth(width)

    def _fill_types(self) -> None:
        if self._link.os_types:
            # The processors that machines have are those of the PC.
            types = [each for each in self._link.os_types if each.architecture == "x86"]
            self.os_type.set_types(types)
            self._guess()

    def _fill_folder(self) -> None:
        if self._link.properties is not None and not self.folder.path:
            self.folder.path = self._link.properties.default_machine_folder

    def enter(self) -> None:
        """Put the cursor into the name and check what stands there."""
        self.name.setFocus()
        self._check_place(now=True)

    def is_complete(self) -> bool:
        """Tell whether every check has passed."""
        return (
            self._place.is_settled
            and bool(self._draft.settings_path)
            and not self._check_later.isActive()
            and self._checked_iso == self.iso.path
        )

    # -- guest operating system ----------------------------------------------------------------

    def _on_os_edited(self) -> None:
        self._os_was_chosen = True

    def _on_os_changed(self) -> None:
        chosen = self.os_type.os_type
        if chosen is not None:
            self._draft.os_type = chosen
            self.complete_changed.emit()

    def _guess(self) -> None:
        """Follow what the image holds, else the machine's name, else the name of the image."""
        if self._os_was_chosen:
            return
        guess = guess_os_type(self.name.text())
        if guess is None and self.iso.path:
            guess = guess_os_type(Path(self.iso.path).stem)
        named = self._link.os_type(guess) if guess is not None else None
        detected = self._link.os_type(self._detected.os_type_id) if self._detected else None
        if detected is not None and detected.architecture == "x86":
            named = named if _says_more(named, detected) else detected
        if named is not None:
            self.os_type.choose(named.id)

    # -- validation ----------------------------------------------------------------------------

    def _on_name_edited(self) -> None:
        self._name_was_touched = True
        self._guess()

    def _on_iso_changed(self) -> None:
        self._detected = None
        self.iso_note.clear()
        self._guess()
        self._draft.iso_path = self.iso.path
        self._check_later.start()
        self.complete_changed.emit()

    def _on_place_changed(self) -> None:
        self._check_place(now=False)
        self.complete_changed.emit()

    def _check_place(self, *, now: bool) -> None:
        self._draft.name = self.name.text().strip()
        self._draft.base_folder = self.folder.path
        self._draft.settings_path = ""
        self._place.check(self._draft.name, self._draft.base_folder, now=now)

    def _on_place_checked(self) -> None:
        place = self._place
        untouched = not self._draft.name and not self._name_was_touched
        self.name_message.show_message("" if untouched else place.name_problem)
        self.folder_message.show_message(place.folder_problem)
        self._draft.settings_path = place.settings_path
        self.complete_changed.emit()

    def _check_iso(self) -> None:
        path = self._draft.iso_path
        self.iso_message.clear()
        self._checked_iso = ""
        if not path:
            self.complete_changed.emit()
            return

        def opened(_medium: object) -> None:
            if path == self.iso.path:
                self._checked_iso = path
                self._detect(path)
                self.complete_changed.emit()

        def refused(error: ApiError) -> None:
            if path == self.iso.path:
                self.iso_message.show_message(error.message)
                self.complete_changed.emit()

        params = {"path": path, "device_type": DeviceType.DVD}
        self._link.call(self, "virtualbox.open_medium", params, opened, refused)

    def _detect(self, path: str) -> None:
        if self._detected is not None:
            return

        def detected(found: DetectedOs) -> None:
            if path == self.iso.path:
                self._detected = found
                self._show_detected(found)
                self._guess()

        # An image that tells nothing about its system is as good as any other.
        self._link.call(self, "virtualbox.detect_os", {"path": path}, detected, lambda _error: None)

    def _show_detected(self, found: DetectedOs) -> None:
        known = self._link.os_type(found.os_type_id)
        if known is None:
            text = self.tr("The image does not tell which system is on it.")
            if found.label:
                text = self.tr(
                    "The image “{label}” does not tell which system is on it."
                ).format(label=found.label)
            self.iso_note.show_message(text, Severity.NOTE)
        elif known.architecture != "x86":
            self.iso_note.show_message(
                self.tr(
                    "The system on the image is for ARM processors; Vitrine's machines have those "
                    "of a PC."
                ),
                Severity.WARNING,
            )
        else:
            text = self.tr("On the image: {product}")
            product = found.product or known.description
            self.iso_note.show_message(text.format(product=product), Severity.NOTE)
