"""The boot order: devices with check boxes, moved with buttons, keys or the mouse."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.widgets.plated_icons import PlatedIcons
from app.manager.widgets.tab_order import lend_focus
from app.manager.words import BOOT_DEVICES, word
from app.settings.enums import BootDevice

_POSITIONS = 4
_ICONS = {
    BootDevice.FLOPPY: "floppy",
    BootDevice.DVD: "optical",
    BootDevice.HARD_DISK: "hard-disk",
    BootDevice.NETWORK: "network",
}


class _DeviceList(QListWidget):
    """List whose current row moves with Ctrl+Up and Ctrl+Down."""

    move_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(PlatedIcons(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
            if step is not None:
                self.move_requested.emit(step)
                return
        super().keyPressEvent(event)


class BootOrderEditor(QWidget):
    """Four boot positions.

    Signals:
        order_changed(): a person changed order or check marks.
    """

    order_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loaded: list[str] = []
        self._edited = False
        self.list = _DeviceList(self)
        self.list.setAccessibleName(self.tr("Boot order"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMaximumWidth(240)
        self.up = self._new_button("up", self.tr("Move up (Ctrl+Up)"), -1)
        self.down = self._new_button("down", self.tr("Move down (Ctrl+Down)"), 1)
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.up)
        buttons.addWidget(self.down)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.list, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(buttons)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        lend_focus(self, self.list)
        self.list.itemChanged.connect(self._on_edited)
        self.list.model().rowsMoved.connect(self._on_edited)
        self.list.currentRowChanged.connect(self._update_buttons)
        self.list.move_requested.connect(self.move_current)

    def _new_button(self, icon_name: str, tip: str, step: int) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.move_current(step))
        return button

    @property
    def order(self) -> list[str]:
        """The order as settings hold it; as it was loaded while nobody has changed it."""
        if not self._edited:
            return list(self._loaded)
        chosen = []
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.checkState() is Qt.CheckState.Checked:
                chosen.append(str(item.data(Qt.ItemDataRole.UserRole)))
        none = [BootDevice.NONE.value] * _POSITIONS
        return (chosen + none)[:_POSITIONS]

    def set_order(self, order: Sequence[str]) -> None:
        """Show ORDER: its devices checked and first, then the rest unchecked."""
        self._loaded = list(order)
        self._edited = False
        devices = [device for device in order if device != BootDevice.NONE]
        rest = [device.value for device in _ICONS if device.value not in devices]
        self.list.blockSignals(True)
        self.list.clear()
        for device in [*devices, *rest]:
            item = QListWidgetItem(word(BOOT_DEVICES, device), self.list)
            if device in _ICONS:
                item.setIcon(icon(_ICONS[BootDevice(device)]))
            item.setData(Qt.ItemDataRole.UserRole, device)
            checked = device in devices
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsUserCheckable
                | Qt.ItemFlag.ItemIsDragEnabled
            )
        self.list.setCurrentRow(0)
        self.list.blockSignals(False)
        rows = sum(max(20, self.list.sizeHintForRow(row)) for row in range(self.list.count()))
        self.list.setFixedHeight(rows + 2 * self.list.frameWidth() + 4)
        self._update_buttons()

    def move_current(self, step: int) -> None:
        """Move the current device by STEP rows."""
        row = self.list.currentRow()
        target = row + step
        if row < 0 or not 0 <= target < self.list.count():
            return
        self.list.blockSignals(True)
        self.list.insertItem(target, self.list.takeItem(row))
        self.list.setCurrentRow(target)
        self.list.blockSignals(False)
        self._update_buttons()
        self._on_edited()

    def _on_edited(self) -> None:
        self._edited = True
        self.order_changed.emit()

    def _update_buttons(self) -> None:
        row = self.list.currentRow()
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.list.count() - 1)
