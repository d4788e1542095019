"""The storage of a machine: tree at the left, attributes of what is current at the right."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.api.structs import MediumInfo
from app.common.icons import icon
from app.common.messages import Choice, ask
from app.manager.settings_dialog.context import Condition, DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.settings_dialog.storage.panels import ControllerPanel, DrivePanel
from app.manager.settings_dialog.storage.picker import MediumPicker
from app.manager.settings_dialog.storage.tree import CONTROLLER_ICONS, StorageTree
from app.manager.storage_edit import (
    add_controller,
    add_drive,
    free_slots,
    medium_path,
    most_controllers,
    register_medium,
    takes,
)
from app.manager.words import CONTROLLER_TYPES, word
from app.settings.enums import DeviceType, StorageControllerType
from app.settings.hotplug import is_hot_pluggable, takes_hot_plug
from app.settings.model import (
    CONTROLLER_LIMITS,
    MachineSettings,
    MediumAttachment,
    StorageController,
)

PATH: Final = "hardware.storage_controllers"


class StorageEditor(Editor):
    """Edits controllers and media of the draft in place."""

    shows_more = True

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._condition = Condition.STOPPED
        self.picker = MediumPicker(context, self)
        self.tree = StorageTree(self)
        self.add_controller_button = self._new_button("controller-add", self.tr("Add controller"))
        self.add_drive_button = self._new_button("attachment-add", self.tr("Add attachment"))
        self.remove_button = self._new_button(
            "attachment-remove", self.tr("Remove controller or attachment"), menu=False
        )
        self.controller_panel = ControllerPanel(self)
        self.drive_panel = DrivePanel(context.link, self)
        self._build()
        self._first_field = self.tree
        self.add_controller_button.menu().aboutToShow.connect(self.fill_controller_menu)
        self.add_drive_button.menu().aboutToShow.connect(self.fill_drive_menu)
        self.drive_panel.menu.aboutToShow.connect(self._fill_medium_menu)
        self.tree.picked.connect(self._show_current)
        self.remove_button.clicked.connect(self.remove_current)
        self.controller_panel.edited.connect(self._touch)
        self.drive_panel.edited.connect(self._touch)

    def _new_button(self, icon_name: str, tip: str, *, menu: bool = True) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setAccessibleName(tip)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if menu:
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            opened = QMenu(button)
            opened.setToolTipsVisible(True)
            button.setMenu(opened)
        return button

    def _build(self) -> None:
        devices = QGroupBox(self.tr("Storage Devices"), self)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.add_controller_button, self.add_drive_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        devices_layout = QVBoxLayout(devices)
        devices_layout.addWidget(self.tree, 1)
        devices_layout.addLayout(buttons)
        hint = QLabel(
            self.tr(
                "The machine has no storage controller. Add one with the button below the list."
            ),
            self,
        )
        hint.setWordWrap(True)
        hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.panels = QStackedWidget(self)
        self.panels.addWidget(hint)
        self.panels.addWidget(self.controller_panel)
        self.panels.addWidget(self.drive_panel)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(devices, 2)
        layout.addWidget(self.panels, 3)

    # -- showing -------------------------------------------------------------------------------

    @property
    def settings(self) -> MachineSettings:
        """The settings that are edited."""
        return self._context.draft.settings

    def render_value(self, value: list[StorageController]) -> None:
        """Show VALUE, which is part of the draft; what is shown already stays as it is."""
        self.tree.show_settings(self.settings)

    def follow_condition(self, condition: Condition) -> None:
        """Allow nothing but other media and hot plug while the machine runs."""
        if condition is not self._condition:
            self._condition = condition
            self._show_current()

    def _show_current(self) -> None:
        if not self._context.draft.is_loaded:
            return
        controller, drive = self.tree.current_controller(), self.tree.current_drive()
        stopped = self._condition is Condition.STOPPED
        if controller is None:
            self.panels.setCurrentIndex(0)
        elif drive is None:
            self.controller_panel.show_controller(controller)
            self.controller_panel.setEnabled(stopped)
            self.panels.setCurrentWidget(self.controller_panel)
        else:
            path = medium_path(self.settings, self._context.folder, drive.medium)
            self.drive_panel.show_drive(controller, drive, path, self._condition)
            self.panels.setCurrentWidget(self.drive_panel)
        self._update_buttons(controller)

    def _why_fixed(self, controller: StorageController | None) -> str:
        """Return why drives of CONTROLLER cannot come and go now, or an empty string."""
        if self._condition is Condition.STOPPED:
            return ""
        if self._condition is not Condition.RUNNING:
            return self.tr("Controllers and drives can change only while the machine is off.")
        if controller is None or not takes_hot_plug(controller):
            return self.tr(
                "While the machine runs, only drives of SATA, USB and virtio-blk controllers can "
                "change."
            )
        return ""

    def _why_stays(self, controller: StorageController | None) -> str:
        """Return why what is current cannot be removed now, or an empty string."""
        drive = self.tree.current_drive()
        reason = self._why_fixed(controller)
        if self._condition is Condition.STOPPED or reason or controller is None:
            return reason
        if drive is None:
            return self.tr("Controllers can change only while the machine is off.")
        if not is_hot_pluggable(controller, drive):
            return self.tr("The drive is not hot-pluggable; it stays while the machine runs.")
        return ""

    def _update_buttons(self, controller: StorageController | None) -> None:
        reason = ""
        if self._condition is not Condition.STOPPED:
            reason = self.tr("Controllers can change only while the machine is off.")
        none = "" if controller is not None else self.tr("There is no controller.")
        full = none
        if controller is not None and not free_slots(controller):
            full = self.tr("“{name}” has no free slot.").format(name=controller.name)
        for button, why in (
            (self.add_controller_button, reason),
            (self.add_drive_button, self._why_fixed(controller) or full),
            (self.remove_button, self._why_stays(controller) or none),
        ):
            button.setEnabled(not why)
            button.setToolTip(why or button.accessibleName())

    # -- menus ---------------------------------------------------------------------------------

    def fill_controller_menu(self) -> None:
        """Offer every model of controller; those that do not fit say why."""
        menu = self.add_controller_button.menu()
        menu.clear()
        hardware = self.settings.hardware
        for kind in StorageControllerType:
            bus = CONTROLLER_LIMITS[kind].bus
            count = sum(
                each.limits is not None and each.limits.bus is bus
                for each in hardware.storage_controllers
            )
            most = most_controllers(bus, hardware.chipset)
            action = menu.addAction(
                icon(CONTROLLER_ICONS.get(bus, "controller-scsi")),
                word(CONTROLLER_TYPES, kind),
            )
            action.triggered.connect(lambda _on=False, kind=kind: self.add_controller(kind))
            action.setEnabled(count < most)
            if count >= most:
                text = self.tr("The machine can have {count} of these at most.")
                action.setToolTip(text.format(count=most))

    def fill_drive_menu(self) -> None:
        """Offer the kinds of drive that fit the current controller, with what can be in them."""
        menu = self.add_drive_button.menu()
        menu.clear()
        controller = self.tree.current_controller()
        if controller is None:
            return
        for kind, icon_name, text in (
            (DeviceType.HARD_DISK, "hard-disk-add", self.tr("&Hard Disk")),
            (DeviceType.DVD, "optical-add", self.tr("&Optical Drive")),
            (DeviceType.FLOPPY, "floppy-add", self.tr("&Floppy Drive")),
        ):
            if not takes(controller, kind):
                continue
            inner = menu.addMenu(icon(icon_name), text)
            inner.setToolTipsVisible(True)
            if kind is not DeviceType.HARD_DISK:
                empty = inner.addAction(icon("eject"), self.tr("Leave &empty"))
                empty.triggered.connect(lambda _on=False, kind=kind: self.add_drive(kind))
            self.picker.fill(inner, kind, partial(self.add_drive, kind))

    def _fill_medium_menu(self) -> None:
        menu, drive = self.drive_panel.menu, self.tree.current_drive()
        menu.clear()
        if drive is None:
            return
        kind = DeviceType(drive.type)
        is_disk = kind is DeviceType.HARD_DISK
        self.picker.fill(menu, kind, self.insert, None if is_disk else self.insert_host_drive)
        if not is_disk:
            menu.addSeparator()
            eject = menu.addAction(icon("eject"), self.tr("&Remove disk from virtual drive"))
            eject.triggered.connect(self.eject_current)
            eject.setEnabled(bool(drive.medium or drive.host_drive))

    # -- editing -------------------------------------------------------------------------------

    def _touch(self, select: StorageController | MediumAttachment | None = None) -> None:
        """Tell that something was changed in place; SELECT becomes current."""
        current = self.tree.current_drive() or self.tree.current_controller()
        self.tree.show_settings(self.settings, select or current)
        self._context.draft.touch(PATH)

    def add_controller(self, kind: StorageControllerType) -> None:
        """Add a controller of KIND and make it current."""
        self._touch(add_controller(self.settings, kind))

    def add_drive(self, kind: DeviceType, medium: MediumInfo | None = None) -> None:
        """Add a drive of KIND to the current controller, empty without a MEDIUM."""
        controller = self.tree.current_controller()
        if controller is None:
            return
        uuid = register_medium(self.settings, self._context.folder, medium) if medium else ""
        drive = add_drive(controller, kind, uuid)
        if drive is not None:
            # What comes while the machine runs may go then, too.
            drive.hotpluggable = self._condition is Condition.RUNNING
            self._touch(drive)

    def insert(self, medium: MediumInfo) -> None:
        """Put MEDIUM into the current drive."""
        drive = self.tree.current_drive()
        if drive is not None:
            drive.medium = register_medium(self.settings, self._context.folder, medium)
            drive.host_drive = ""
            self._touch(drive)

    def insert_host_drive(self, path: str) -> None:
        """Use the drive of the host at PATH."""
        drive = self.tree.current_drive()
        if drive is not None:
            drive.medium, drive.host_drive = "", path
            self._touch(drive)

    def eject_current(self) -> None:
        """Leave the current drive empty."""
        drive = self.tree.current_drive()
        if drive is not None:
            drive.medium = drive.host_drive = ""
            self._touch(drive)

    def remove_current(self) -> None:
        """Remove the current drive, or the current controller with its drives."""
        controller, drive = self.tree.current_controller(), self.tree.current_drive()
        if controller is None:
            return
        if drive is None:
            self.settings.hardware.storage_controllers.remove(controller)
            self._touch()
        elif drive.type == DeviceType.DVD:
            self._ask_before_removing(controller, drive)
        else:
            self.remove_drive(controller, drive)

    def remove_drive(self, controller: StorageController, drive: MediumAttachment) -> None:
        """Remove DRIVE from CONTROLLER."""
        controller.attachments.remove(drive)
        self._touch(controller)

    def _ask_before_removing(self, controller: StorageController, drive: MediumAttachment) -> None:
        ask(
            self,
            self.tr("Remove optical drive"),
            self.tr("Remove the optical drive from the machine?"),
            [
                Choice(
                    self.tr("&Remove"),
                    QMessageBox.ButtonRole.AcceptRole,
                    lambda: self.remove_drive(controller, drive),
                ),
                Choice(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole, default=True),
            ],
            explanation=self.tr(
                "No disk can be inserted then while the machine runs, nor Guest Additions be "
                "installed. To take only the disk out, empty the drive instead."
            ),
        )


def storage(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the storage."""
    return StorageEditor(context, parent)
