"""The right side of the storage page: attributes of the current controller or drive."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.choice_box import ChoiceBox
from app.manager.settings_dialog.page import declaration_of, translated
from app.manager.settings_dialog.storage.medium_facts import MediumFacts
from app.manager.settings_dialog.storage.tree import DEVICE_ICONS
from app.manager.storage_edit import free_slots
from app.manager.words import CONTROLLER_TYPES, DEVICE_TYPES, slot_name, word
from app.settings.enums import DeviceType
from app.settings.model import CONTROLLER_LIMITS, MediumAttachment, StorageController


class ControllerPanel(QGroupBox):
    """Name, type and caching of a controller.

    Signals:
        edited(): a person changed the controller.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Attributes"))
        self._controller: StorageController | None = None
        self.name = QLineEdit(self)
        self.type = ChoiceBox({}, self)
        self.cache = QCheckBox(
            translated(declaration_of(StorageController, "use_host_io_cache").label), self
        )
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for field, widget in (("name", self.name), ("type", self.type)):
            declared = declaration_of(StorageController, field)
            widget.setToolTip(translated(declared.help))
            widget.setAccessibleName(translated(declared.label))
            form.addRow(f"{translated(declared.label)}:", widget)
        form.addRow("", self.cache)
        self.name.textEdited.connect(self._store)
        self.type.activated.connect(self._store)
        self.cache.clicked.connect(self._store)

    def show_controller(self, controller: StorageController) -> None:
        """Show CONTROLLER and write edits into it."""
        self._controller = controller
        # While a person types the name is in the field already: do not move the cursor.
        if self.name.text().strip() != controller.name:
            self.name.setText(controller.name)
        self.type.clear()
        bus = controller.limits.bus if controller.limits else None
        for kind, limits in CONTROLLER_LIMITS.items():
            if limits.bus is bus:
                self.type.addItem(word(CONTROLLER_TYPES, kind), kind)
        self.type.value = controller.type
        self.cache.setChecked(controller.use_host_io_cache)

    def _store(self) -> None:
        if self._controller is not None:
            self._controller.name = self.name.text().strip()
            self._controller.type = self.type.value
            self._controller.use_host_io_cache = self.cache.isChecked()
            self.edited.emit()


class DrivePanel(QWidget):
    """Slot, medium and switches of a drive, and facts about the medium.

    Signals:
        edited(): a person changed the drive itself.
        choose_requested(): an image file should be chosen for the drive.
        create_requested(): a new hard disk should be created for the drive.
        eject_requested(): the drive should be empty.
    """

    edited = Signal()
    choose_requested = Signal()
    create_requested = Signal()
    eject_requested = Signal()

    def __init__(self, link: ServiceLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller: StorageController | None = None
        self._drive: MediumAttachment | None = None
        self.slot_label = QLabel(self)
        self.slot = QComboBox(self)
        self.slot_label.setBuddy(self.slot)
        self.medium_button = QToolButton(self)
        self.medium_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.medium_button.setIconSize(QSize(20, 20))
        self.medium_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.medium_button.setToolTip(self.tr("Choose or create a medium, or remove it"))
        self.medium_button.setAccessibleName(self.medium_button.toolTip())
        self._menu = QMenu(self)
        self.choose_action = self._menu.addAction(icon("choose-file"), "")
        self.create_action = self._menu.addAction(
            icon("hard-disk-add"), self.tr("Create a &new disk…")
        )
        self.eject_action = self._menu.addAction(
            icon("eject"), self.tr("&Remove disk from virtual drive")
        )
        self.medium_button.setMenu(self._menu)
        self.solid_state = self._switch("non_rotational")
        self.live_cd = self._switch("temp_eject")
        self.facts = MediumFacts(link, self)
        self._build()
        self.choose_action.triggered.connect(self.choose_requested)
        self.create_action.triggered.connect(self.create_requested)
        self.eject_action.triggered.connect(self.eject_requested)
        self.slot.activated.connect(self._store)
        self.solid_state.clicked.connect(self._store)
        self.live_cd.clicked.connect(self._store)

    def _switch(self, field: str) -> QCheckBox:
        declared = declaration_of(MediumAttachment, field)
        box = QCheckBox(translated(declared.label), self)
        box.setToolTip(translated(declared.help))
        return box

    def _build(self) -> None:
        attributes = QGroupBox(self.tr("Attributes"), self)
        form = QFormLayout(attributes)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        slot_row = QHBoxLayout()
        slot_row.setSpacing(6)
        slot_row.addWidget(self.slot, 1)
        slot_row.addWidget(self.medium_button)
        form.addRow(self.slot_label, slot_row)
        form.addRow("", self.solid_state)
        form.addRow("", self.live_cd)
        self._form = form
        information = QGroupBox(self.tr("Information"), self)
        QVBoxLayout(information).addWidget(self.facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(attributes)
        layout.addWidget(information)
        layout.addStretch(1)

    def show_drive(
        self, controller: StorageController, drive: MediumAttachment, path: str, *, live: bool
    ) -> None:
        """Show DRIVE with the image PATH (empty: none) and write edits into it."""
        self._controller, self._drive = controller, drive
        kind = word(DEVICE_TYPES, drive.type)
        is_disk = drive.type == DeviceType.HARD_DISK
        self.slot_label.setText(f"{kind}:")
        self.slot.setAccessibleName(kind)
        self.slot.clear()
        slots = sorted([*free_slots(controller), (drive.port, drive.device)])
        for port, device in slots:
            self.slot.addItem(slot_name(controller, port, device), (port, device))
        self.slot.setCurrentIndex(slots.index((drive.port, drive.device)))
        self.medium_button.setIcon(icon(DEVICE_ICONS.get(drive.type, "warning")))
        self.choose_action.setText(
            self.tr("&Choose a disk file…") if is_disk else self.tr("&Choose an image file…")
        )
        self.create_action.setVisible(is_disk)
        self.eject_action.setVisible(not is_disk)
        self.eject_action.setEnabled(bool(drive.medium or drive.host_drive))
        self._form.setRowVisible(self.solid_state, is_disk)
        self._form.setRowVisible(self.live_cd, drive.type == DeviceType.DVD)
        self.solid_state.setChecked(drive.non_rotational)
        self.live_cd.setChecked(drive.temp_eject)
        for widget in (self.slot, self.solid_state, self.live_cd):
            widget.setEnabled(not live)
        self.medium_button.setEnabled(not live or not is_disk)
        self.facts.show_medium(path, drive.type)

    def _store(self) -> None:
        if self._drive is not None:
            self._drive.port, self._drive.device = self.slot.currentData()
            self._drive.non_rotational = self.solid_state.isChecked()
            self._drive.temp_eject = self.live_cd.isChecked()
            self.edited.emit()
