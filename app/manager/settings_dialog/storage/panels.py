"""The right side of the storage page: attributes of the current controller or drive."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
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
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.service_link import ServiceLink
from app.manager.settings_dialog.context import Condition
from app.manager.settings_dialog.fields.choice_box import ChoiceBox
from app.manager.settings_dialog.spec import setting_text
from app.manager.settings_dialog.storage.medium_facts import MediumFacts
from app.manager.settings_dialog.storage.tree import DEVICE_ICONS
from app.manager.storage_edit import free_slots
from app.manager.words import CONTROLLER_TYPES, DEVICE_TYPES, slot_name, word
from app.settings.declare import Declaration, fields_of
from app.settings.enums import DeviceType
from app.settings.hotplug import takes_hot_plug
from app.settings.model import CONTROLLER_LIMITS, MediumAttachment, StorageController
from app.settings.storage import misfit, set_model


class ControllerPanel(QGroupBox):
    """Name, type, ports and caching of a controller.

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
        self.ports = QSpinBox(self)
        self.cache = _switch(StorageController, "use_host_io_cache", self)
        self.bootable = _switch(StorageController, "bootable", self)
        self.form = QFormLayout(self)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        fields = {"name": self.name, "type": self.type, "port_count": self.ports}
        for field, widget in fields.items():
            declared = _declared(StorageController, field)
            widget.setToolTip(setting_text(declared.help))
            widget.setAccessibleName(setting_text(declared.label))
            self.form.addRow(f"{setting_text(declared.label)}:", widget)
        self.form.addRow("", self.cache)
        self.form.addRow("", self.bootable)
        self.name.textEdited.connect(self._store)
        self.type.activated.connect(self._store)
        self.ports.valueChanged.connect(self._store)
        self.cache.clicked.connect(self._store)
        self.bootable.clicked.connect(self._store)

    def show_controller(self, controller: StorageController) -> None:
        """Show CONTROLLER and write edits into it."""
        self._controller = controller
        # While a person types the name is in the field already: do not move the cursor.
        if self.name.text().strip() != controller.name:
            self.name.setText(controller.name)
        self.type.clear()
        bus = controller.limits.bus if controller.limits else None
        for kind, limits in CONTROLLER_LIMITS.items():
            # What does not fit is not offered: a disc in a controller for disks, for example.
            if limits.bus is bus and (kind == controller.type or misfit(controller, kind) is None):
                self.type.addItem(word(CONTROLLER_TYPES, kind), kind)
        self.type.value = controller.type
        self._show_ports(controller)
        self.cache.setChecked(controller.use_host_io_cache)
        self.bootable.setChecked(controller.bootable)

    def _show_ports(self, controller: StorageController) -> None:
        limits = controller.limits
        fixed = limits is None or limits.min_ports == limits.max_ports
        self.form.setRowVisible(self.ports, not fixed)
        used = max((drive.port + 1 for drive in controller.attachments), default=0)
        self.ports.blockSignals(True)
        if limits is not None:
            low = max(limits.min_ports, used)
            high = max(limits.max_ports, controller.port_count)
            self.ports.setRange(min(low, controller.port_count), high)
        self.ports.setValue(controller.port_count)
        self.ports.blockSignals(False)

    def _store(self) -> None:
        controller = self._controller
        if controller is None:
            return
        controller.name = self.name.text().strip()
        if controller.type != self.type.value:
            set_model(controller, self.type.value)
            self._show_ports(controller)
        elif self.form.isRowVisible(self.ports):
            controller.port_count = self.ports.value()
        controller.use_host_io_cache = self.cache.isChecked()
        controller.bootable = self.bootable.isChecked()
        self.edited.emit()


class DrivePanel(QWidget):
    """Slot, medium and switches of a drive, and facts about the medium.

    Attributes:
        menu: what can be put into the drive; filled by others when it is about to open.

    Signals:
        edited(): a person changed the drive itself.
    """

    edited = Signal()

    def __init__(self, link: ServiceLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drive: MediumAttachment | None = None
        self.slot_label = QLabel(self)
        self.slot = QComboBox(self)
        self.slot_label.setBuddy(self.slot)
        self.medium_button = QToolButton(self)
        self.medium_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.medium_button.setIconSize(QSize(20, 20))
        self.medium_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.medium_button.setAccessibleName(self.tr("Choose or create a medium, or remove it"))
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.medium_button.setMenu(self.menu)
        self.switches = {field: _switch(MediumAttachment, field, self) for field in _SWITCHES}
        self.facts = MediumFacts(link, self)
        self._form = self._build()
        self.slot.activated.connect(self._store)
        for box in self.switches.values():
            box.clicked.connect(self._store)

    def _build(self) -> QFormLayout:
        attributes = QGroupBox(self.tr("Attributes"), self)
        form = QFormLayout(attributes)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        slot_row = QHBoxLayout()
        slot_row.setSpacing(6)
        slot_row.addWidget(self.slot, 1)
        slot_row.addWidget(self.medium_button)
        form.addRow(self.slot_label, slot_row)
        for box in self.switches.values():
            form.addRow("", box)
        information = QGroupBox(self.tr("Information"), self)
        QVBoxLayout(information).addWidget(self.facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(attributes)
        layout.addWidget(information)
        layout.addStretch(1)
        return form

    def show_drive(
        self,
        controller: StorageController,
        drive: MediumAttachment,
        path: str,
        condition: Condition,
    ) -> None:
        """Show DRIVE with the image PATH (empty: none) and write edits into it."""
        self._drive = drive
        kind = word(DEVICE_TYPES, drive.type)
        self.slot_label.setText(f"{kind}:")
        self.slot.setAccessibleName(kind)
        self.slot.clear()
        slots = sorted([*free_slots(controller), (drive.port, drive.device)])
        for port, device in slots:
            self.slot.addItem(slot_name(controller, port, device), (port, device))
        self.slot.setCurrentIndex(slots.index((drive.port, drive.device)))
        self.medium_button.setIcon(icon(DEVICE_ICONS.get(drive.type, "warning")))
        for field, box in self.switches.items():
            self._form.setRowVisible(box, _SWITCHES[field](drive, controller))
            box.setChecked(getattr(drive, field))
        self._follow(condition, is_disk=drive.type == DeviceType.HARD_DISK)
        self.facts.show_medium(path, drive.type, drive.host_drive)

    def _follow(self, condition: Condition, *, is_disk: bool) -> None:
        """Allow what may change now."""
        stopped = condition is Condition.STOPPED
        for widget in (self.slot, *self.switches.values()):
            widget.setEnabled(stopped)
        may_change = stopped or (condition is Condition.RUNNING and not is_disk)
        self.medium_button.setEnabled(may_change)
        self.medium_button.setToolTip(
            self.medium_button.accessibleName()
            if may_change
            else self.tr("The medium can change only while the machine is off.")
        )

    def _store(self) -> None:
        if self._drive is not None:
            self._drive.port, self._drive.device = self.slot.currentData()
            for field, box in self.switches.items():
                setattr(self._drive, field, box.isChecked())
            self.edited.emit()


def _is_disk(drive: MediumAttachment, _controller: StorageController) -> bool:
    return drive.type == DeviceType.HARD_DISK


def _is_optical(drive: MediumAttachment, _controller: StorageController) -> bool:
    return drive.type == DeviceType.DVD


def _is_host_optical(drive: MediumAttachment, _controller: StorageController) -> bool:
    return drive.type == DeviceType.DVD and bool(drive.host_drive or drive.passthrough)


def _is_pluggable(drive: MediumAttachment, controller: StorageController) -> bool:
    return takes_hot_plug(controller) and drive.type != DeviceType.FLOPPY


# Switches of a drive by field, and for which drives they mean anything.
_SWITCHES: Final[Mapping[str, Callable[[MediumAttachment, StorageController], bool]]] = {
    "passthrough": _is_host_optical,
    "temp_eject": _is_optical,
    "non_rotational": _is_disk,
    "hotpluggable": _is_pluggable,
    "discard": _is_disk,
}


def _declared(structure: type[msgspec.Struct], name: str) -> Declaration:
    return next(field.declaration for field in fields_of(structure) if field.name == name)


def _switch(structure: type[msgspec.Struct], name: str, parent: QWidget) -> QCheckBox:
    declared = _declared(structure, name)
    box = QCheckBox(setting_text(declared.label), parent)
    box.setToolTip(setting_text(declared.help))
    return box
