"""Storage: controllers, drives, and the media in them."""

import copy
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtWidgets import (
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
)

from app.api.errors import ApiError
from app.api.structs import DeviceType as ApiDeviceType
from app.api.structs import MediumInfo
from app.common.icons import icon
from app.common.messages import show_error
from app.manager.settings_dialog.page import (
    PageContext,
    SettingsPage,
    settings_page,
)
from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog
from app.manager.settings_dialog.storage.panels import ControllerPanel, DrivePanel
from app.manager.settings_dialog.storage.tree import StorageTree
from app.manager.storage_edit import (
    add_controller,
    add_drive,
    free_slots,
    medium_path,
    register_medium,
    takes,
)
from app.manager.widgets.field_message import Severity
from app.manager.widgets.file_picker import PickMode, new_file_dialog
from app.manager.widgets.paged_dialog import Problem
from app.manager.words import DEVICE_TYPES, word
from app.settings.enums import DeviceType, StorageBus, StorageControllerType
from app.settings.model import MachineSettings, MediumAttachment, StorageController

# Buses whose controllers the engine of this version emulates; the others are kept as stored.
_EMULATED = frozenset({StorageBus.IDE, StorageBus.FLOPPY})
_GIGABYTE = 1 << 30


@settings_page(
    "storage",
    title=str(QT_TRANSLATE_NOOP("SettingsDialog", "Storage")),
    icon_name="storage",
    order=40,
    paths=("hardware.storage_controllers", "media"),
)
class StoragePage(SettingsPage):
    """Tree at the left, attributes of what is current at the right."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._folder = str(Path(context.machine.settings_path).parent)
        self._settings: MachineSettings | None = None
        self._live = False
        self.tree = StorageTree(self)
        self.add_controller_button = self._new_button(
            "controller-ide", self.tr("Add controller"), menu=True
        )
        self.add_drive_button = self._new_button(
            "attachment-add", self.tr("Add attachment"), menu=True
        )
        self.remove_button = self._new_button(
            "attachment-remove", self.tr("Remove controller or attachment"), menu=False
        )
        self.controller_panel = ControllerPanel(self)
        self.drive_panel = DrivePanel(context.link, self)
        self._build()
        self._fill_menus()
        self.tree.picked.connect(self._show_current)
        self.remove_button.clicked.connect(self.remove_current)
        self.controller_panel.edited.connect(self._rebuild)
        self.drive_panel.edited.connect(self._rebuild)
        self.drive_panel.choose_requested.connect(self._choose_for_current)
        self.drive_panel.create_requested.connect(self._create_for_current)
        self.drive_panel.eject_requested.connect(self.eject_current)

    def _new_button(self, icon_name: str, tip: str, *, menu: bool) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if menu:
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setMenu(QMenu(button))
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

    def _fill_menus(self) -> None:
        controllers = self.add_controller_button.menu()
        self._ide_action = controllers.addAction(
            icon("controller-ide"), self.tr("PIIX4 (&IDE)"),
            lambda: self.add_controller(StorageControllerType.PIIX4),
        )
        self._floppy_action = controllers.addAction(
            icon("controller-floppy"), self.tr("I82078 (&Floppy)"),
            lambda: self.add_controller(StorageControllerType.I82078),
        )
        drives = self.add_drive_button.menu()
        self._drive_actions = {}
        for kind, icon_name, text in (
            (DeviceType.HARD_DISK, "hard-disk-add", self.tr("&Hard Disk")),
            (DeviceType.DVD, "optical-add", self.tr("&Optical Drive")),
            (DeviceType.FLOPPY, "floppy-add", self.tr("&Floppy Drive")),
        ):
            menu = drives.addMenu(icon(icon_name), text)
            self._drive_actions[kind] = menu.menuAction()
            menu.addAction(
                icon("choose-file"), self.tr("&Choose an image file…"),
                lambda kind=kind: self._choose_file(kind, self._add_drive_with),
            )
            if kind is DeviceType.HARD_DISK:
                menu.addAction(
                    icon("hard-disk-add"), self.tr("Create a &new disk…"),
                    lambda: self._create_disk(self._add_disk),
                )
            else:
                menu.addAction(
                    icon("eject"), self.tr("Leave &empty"),
                    lambda kind=kind: self._add_drive_with(kind, None),
                )

    # -- page ----------------------------------------------------------------------------------

    def load(self, settings: MachineSettings) -> None:
        """Show SETTINGS."""
        self._settings = copy.deepcopy(settings)
        self.tree.show_settings(self._settings)

    def store(self, settings: MachineSettings) -> None:
        """Write the page into SETTINGS."""
        if self._settings is None:
            return
        edited = copy.deepcopy(self._settings)
        settings.hardware.storage_controllers = edited.hardware.storage_controllers
        settings.media = edited.media

    def set_live(self, live: bool) -> None:
        """Allow nothing but changes of removable media while the machine runs."""
        self._live = live
        self.controller_panel.setEnabled(not live)
        self._show_current()

    def problems(self) -> Sequence[Problem]:
        """Return which controllers the engine of this version does not emulate."""
        if self._settings is None:
            return ()
        return [
            Problem(
                Severity.WARNING,
                self.tr(
                    "This version of Vitrine emulates IDE and floppy controllers only; the machine "
                    "will not see “{name}”."
                ).format(name=controller.name),
            )
            for controller in self._settings.hardware.storage_controllers
            if controller.limits is None or controller.limits.bus not in _EMULATED
        ]

    # -- editing -------------------------------------------------------------------------------

    def add_controller(self, kind: StorageControllerType) -> None:
        """Add a controller of KIND and make it current."""
        if self._settings is not None:
            self._rebuild(add_controller(self._settings, kind))

    def _add_drive_with(self, kind: DeviceType, medium: MediumInfo | None) -> None:
        """Add a drive of KIND to the current controller; MEDIUM None leaves it empty."""
        controller = self.tree.current_controller()
        if self._settings is None or controller is None:
            return
        uuid = register_medium(self._settings, self._folder, medium) if medium else ""
        drive = add_drive(controller, kind, uuid)
        if drive is not None:
            self._rebuild(drive)

    def _add_disk(self, medium: MediumInfo) -> None:
        self._add_drive_with(DeviceType.HARD_DISK, medium)

    def insert(self, medium: MediumInfo) -> None:
        """Put MEDIUM into the current drive."""
        drive = self.tree.current_drive()
        if self._settings is not None and drive is not None:
            drive.medium = register_medium(self._settings, self._folder, medium)
            drive.host_drive = ""
            self._rebuild(drive)

    def eject_current(self) -> None:
        """Leave the current drive empty."""
        drive = self.tree.current_drive()
        if drive is not None:
            drive.medium = drive.host_drive = ""
            self._rebuild(drive)

    def remove_current(self) -> None:
        """Remove the current drive, or the current controller with its drives."""
        controller, drive = self.tree.current_controller(), self.tree.current_drive()
        if self._settings is None or controller is None:
            return
        if drive is not None:
            controller.attachments.remove(drive)
            self._rebuild(controller)
        else:
            self._settings.hardware.storage_controllers.remove(controller)
            self._rebuild()

    def _choose_for_current(self) -> None:
        drive = self.tree.current_drive()
        if drive is not None:
            kind = DeviceType(drive.type)
            self._choose_file(kind, lambda _kind, medium: self.insert(medium))

    def _create_for_current(self) -> None:
        self._create_disk(self.insert)

    def _choose_file(
        self, kind: DeviceType, use: Callable[[DeviceType, MediumInfo], None]
    ) -> None:
        filters = {
            DeviceType.HARD_DISK: self.tr("Hard disk images (*.vdi *.img *.raw);;All files (*)"),
            DeviceType.DVD: self.tr("Optical images (*.iso *.cdr);;All files (*)"),
            DeviceType.FLOPPY: self.tr("Floppy images (*.img *.ima *.vfd *.flp);;All files (*)"),
        }[kind]
        title = self.tr("Choose a file for: {drive}").format(drive=word(DEVICE_TYPES, kind))
        dialog = new_file_dialog(self, PickMode.OPEN_FILE, title, filters)
        dialog.setDirectory(self._folder)
        dialog.fileSelected.connect(lambda path: self.open_file(path, kind, use))
        dialog.open()

    def open_file(
        self, path: str, kind: DeviceType, use: Callable[[DeviceType, MediumInfo], None]
    ) -> None:
        """Have the service look at the image PATH, then hand it to USE."""

        def done(medium: MediumInfo) -> None:
            if medium.access_error:
                self._show_refusal(path, medium.access_error)
            else:
                use(kind, medium)

        def failed(error: ApiError) -> None:
            self._show_refusal(path, error.message)

        params = {"path": path, "device_type": ApiDeviceType(kind.value)}
        self.context.link.call(self, "virtualbox.open_medium", params, done, failed)

    def _show_refusal(self, path: str, reason: str) -> None:
        title = self.tr("The image cannot be used")
        text = self.tr("{path} cannot be used.").format(path=path)
        show_error(self, title, f"{text}\n\n{reason}")

    def _create_disk(self, use: Callable[[MediumInfo], None]) -> None:
        stem = Path(self.context.machine.settings_path).stem
        taken = len(self._settings.media.hard_disks) if self._settings else 0
        name = f"{stem}.vdi" if not taken else f"{stem}_{taken}.vdi"
        os_type = self.context.link.os_type(self.context.machine.os_type_id)
        size = os_type.recommended_disk_bytes if os_type else 2 * _GIGABYTE
        dialog = NewDiskDialog(self.context.link, str(Path(self._folder) / name), size, self)
        dialog.disk_created.connect(use)
        dialog.open()

    # -- showing -------------------------------------------------------------------------------

    def _rebuild(self, select: StorageController | MediumAttachment | None = None) -> None:
        if self._settings is not None:
            current = self.tree.current_drive() or self.tree.current_controller()
            self.tree.show_settings(self._settings, select or current)
            self.changed.emit()

    def _path_of(self, drive: MediumAttachment) -> str:
        if self._settings is None:
            return ""
        return medium_path(self._settings, self._folder, drive.medium)

    def _show_current(self) -> None:
        controller, drive = self.tree.current_controller(), self.tree.current_drive()
        if controller is None:
            self.panels.setCurrentIndex(0)
        elif drive is None:
            self.controller_panel.show_controller(controller)
            self.panels.setCurrentWidget(self.controller_panel)
        else:
            path = self._path_of(drive)
            self.drive_panel.show_drive(controller, drive, path, live=self._live)
            self.panels.setCurrentWidget(self.drive_panel)
        self._update_buttons(controller)

    def _update_buttons(self, controller: StorageController | None) -> None:
        buses = set()
        if self._settings is not None:
            for existing in self._settings.hardware.storage_controllers:
                buses.add(existing.limits.bus if existing.limits else None)
        self._ide_action.setEnabled(StorageBus.IDE not in buses)
        self._floppy_action.setEnabled(StorageBus.FLOPPY not in buses)
        room = controller is not None and bool(free_slots(controller))
        for kind, action in self._drive_actions.items():
            action.setVisible(controller is not None and takes(controller, kind))
        self.add_controller_button.setEnabled(not self._live)
        self.add_drive_button.setEnabled(not self._live and room)
        self.remove_button.setEnabled(not self._live and controller is not None)
