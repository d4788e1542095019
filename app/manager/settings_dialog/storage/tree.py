"""The tree of controllers and of the drives attached to them."""

from pathlib import PurePath

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from app.common.icons import icon
from app.manager.words import slot_name
from app.settings.enums import DeviceType, StorageBus
from app.settings.model import MachineSettings, MediumAttachment, StorageController

CONTROLLER_ICONS = {
    StorageBus.IDE: "controller-ide",
    StorageBus.SATA: "controller-sata",
    StorageBus.FLOPPY: "controller-floppy",
    StorageBus.USB: "controller-usb",
}
DEVICE_ICONS = {
    DeviceType.HARD_DISK.value: "hard-disk",
    DeviceType.DVD.value: "optical",
    DeviceType.FLOPPY.value: "floppy",
}


class StorageTree(QTreeWidget):
    """Shows controllers and drives.

    Signals:
        picked(): another controller or drive became current.
    """

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setIconSize(QSize(20, 20))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setMinimumWidth(190)
        self.setAccessibleName(self.tr("Storage devices"))
        self.currentItemChanged.connect(self.picked)

    def show_settings(
        self,
        settings: MachineSettings,
        select: StorageController | MediumAttachment | None = None,
    ) -> None:
        """Rebuild the tree; SELECT (one of the shown objects) becomes current.

        Without it what was current stays so, found by its place.
        """
        before = self._place()
        self.blockSignals(True)
        self.clear()
        chosen = None
        for controller in settings.hardware.storage_controllers:
            limits = controller.limits
            name = CONTROLLER_ICONS.get(limits.bus, "controller-scsi") if limits else "warning"
            title = self.tr("Controller: {name}").format(name=controller.name)
            parent = QTreeWidgetItem(self, [title])
            parent.setIcon(0, icon(name))
            parent.setData(0, Qt.ItemDataRole.UserRole, (controller, None))
            parent.setToolTip(0, f"{controller.name} ({controller.type})")
            chosen = parent if controller is select else chosen
            for drive in sorted(controller.attachments, key=lambda d: (d.port, d.device)):
                item = QTreeWidgetItem(parent, [self._medium_name(settings, drive)])
                item.setIcon(0, icon(DEVICE_ICONS.get(drive.type, "warning")))
                item.setData(0, Qt.ItemDataRole.UserRole, (controller, drive))
                slot = slot_name(controller, drive.port, drive.device)
                item.setToolTip(0, f"{slot}: {item.text(0)}")
                chosen = item if drive is select else chosen
        self.expandAll()
        chosen = chosen or self._item_at(*before) or self.topLevelItem(0)
        if chosen is not None:
            self.setCurrentItem(chosen)
        self.blockSignals(False)
        self.picked.emit()

    def _place(self) -> tuple[int, int]:
        """Return the rows of the current controller and drive, -1 for none."""
        item = self.currentItem()
        if item is None:
            return -1, -1
        parent = item.parent()
        if parent is None:
            return self.indexOfTopLevelItem(item), -1
        return self.indexOfTopLevelItem(parent), parent.indexOfChild(item)

    def _item_at(self, controller: int, drive: int) -> QTreeWidgetItem | None:
        parent = self.topLevelItem(controller) if controller >= 0 else None
        child = parent.child(drive) if parent is not None and drive >= 0 else None
        return child or parent

    def current_controller(self) -> StorageController | None:
        """Return the current controller, also when one of its drives is current."""
        pair = self._current_pair()
        return pair[0] if pair else None

    def current_drive(self) -> MediumAttachment | None:
        """Return the current drive, or None."""
        pair = self._current_pair()
        return pair[1] if pair else None

    def _current_pair(self) -> tuple[StorageController, MediumAttachment | None] | None:
        item = self.currentItem()
        if item is None:
            return None
        pair: tuple[StorageController, MediumAttachment | None]
        pair = item.data(0, Qt.ItemDataRole.UserRole)
        return pair

    def _medium_name(self, settings: MachineSettings, drive: MediumAttachment) -> str:
        if drive.host_drive:
            return self.tr("Host drive {path}").format(path=drive.host_drive)
        medium = settings.media.find(drive.medium) if drive.medium else None
        if medium is None:
            return self.tr("Empty") if not drive.medium else self.tr("Unknown medium")
        return PurePath(medium.location).name
