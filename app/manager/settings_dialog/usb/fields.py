"""Editors of the page USB: the controller, and the list of device filters."""

import copy
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.api.hoststructs import HostUsbDevice
from app.common.icons import icon
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.settings_dialog.usb.filter_dialog import UsbFilterDialog, filter_summary
from app.manager.widgets.icon_button import IconButton, list_with_buttons
from app.manager.widgets.tab_order import lend_focus
from app.settings.model import UsbController, UsbControllerType, UsbDeviceFilter

_OHCI, _EHCI, _XHCI = (kind.value for kind in UsbControllerType)
_KINDS: Final = ((_OHCI,), (_OHCI, _EHCI), (_XHCI,))


class UsbControllers(Editor):
    """On or off, and which generation of USB."""

    expands = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.enabled = QCheckBox(self.tr("Enable USB Controller"), self)
        self.choices = [
            QRadioButton(self.tr("USB 1.1 (OHCI) Controller"), self),
            QRadioButton(self.tr("USB 2.0 (OHCI + EHCI) Controller"), self),
            QRadioButton(self.tr("USB 3.0 (xHCI) Controller"), self),
        ]
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.enabled)
        inner = QVBoxLayout()
        inner.setContentsMargins(20, 0, 0, 0)
        for choice in self.choices:
            group.addButton(choice)
            inner.addWidget(choice)
            choice.clicked.connect(self._on_changed)
        layout.addLayout(inner)
        lend_focus(self, self.enabled)
        self.enabled.toggled.connect(self._on_changed)

    def render_value(self, value: list[UsbController]) -> None:
        """Show VALUE; controllers that are none of the usual choices stay until one is chosen."""
        kinds = tuple(sorted(controller.type for controller in value))
        self.enabled.setChecked(bool(value))
        for choice, usual in zip(self.choices, _KINDS, strict=True):
            choice.setEnabled(bool(value))
            if kinds == tuple(sorted(usual)) or (not value and usual == _KINDS[0]):
                choice.setChecked(True)

    def _on_changed(self) -> None:
        if self._rendering:
            return
        chosen: list[UsbController] = []
        if self.enabled.isChecked():
            number = next(n for n, choice in enumerate(self.choices) if choice.isChecked())
            chosen = [UsbController(name=kind, type=kind) for kind in _KINDS[number]]
        kept = {controller.type: controller for controller in self._value}
        self.take([kept.get(controller.type, controller) for controller in chosen])
        for choice in self.choices:
            choice.setEnabled(self.enabled.isChecked())


class UsbFilters(Editor):
    """The filters with check boxes, in the order in which they are tried."""

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._devices: list[HostUsbDevice] = []
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("USB device filters"))
        self.list.setMinimumHeight(100)
        self.hint = QLabel(
            self.tr("The machine gets no USB devices by itself. Add a filter to change that."),
            self,
        )
        self.hint.setWordWrap(True)
        self.add_empty = IconButton(
            "attachment-add", self.tr("Add a filter for every device"), self
        )
        self.add_device = IconButton("usb", self.tr("Add a filter for a plugged-in device"), self)
        self.add_device.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add_device.setMenu(QMenu(self.add_device))
        self.edit = IconButton("settings", self.tr("Edit the filter"), self)
        self.remove = IconButton("attachment-remove", self.tr("Remove the filter"), self)
        self.up = IconButton("up", self.tr("Move the filter up"), self)
        self.down = IconButton("down", self.tr("Move the filter down"), self)
        buttons = (self.add_empty, self.add_device, self.edit, self.remove, self.up, self.down)
        list_with_buttons(self, self.list, self.hint, buttons)
        self._first_field = self.list
        self.list.itemChanged.connect(self._on_checked)
        self.list.currentRowChanged.connect(self._update_buttons)
        self.list.itemDoubleClicked.connect(lambda _item: self.edit_current())
        self.add_empty.clicked.connect(self.add_filter)
        self.edit.clicked.connect(self.edit_current)
        self.remove.clicked.connect(self.remove_current)
        self.up.clicked.connect(lambda: self.move_current(-1))
        self.down.clicked.connect(lambda: self.move_current(1))
        self.add_device.menu().aboutToShow.connect(self._fill_devices)
        context.link.call(self, "host.list_usb_devices", {}, self._set_devices)

    def render_value(self, value: list[UsbDeviceFilter]) -> None:
        """Show VALUE."""
        row = max(0, self.list.currentRow())
        self.list.clear()
        for device_filter in value:
            item = QListWidgetItem(icon("usb"), device_filter.name, self.list)
            item.setToolTip(filter_summary(device_filter))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            checked = Qt.CheckState.Checked if device_filter.active else Qt.CheckState.Unchecked
            item.setCheckState(checked)
        self.list.setCurrentRow(min(row, len(value) - 1))
        self.hint.setHidden(bool(value))
        self._update_buttons()

    def _update_buttons(self) -> None:
        row, count = self.list.currentRow(), self.list.count()
        self.edit.setEnabled(row >= 0)
        self.remove.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < count - 1)

    def _set_devices(self, devices: list[HostUsbDevice]) -> None:
        self._devices = devices

    def _fill_devices(self) -> None:
        menu = self.add_device.menu()
        menu.clear()
        for device in self._devices:
            name = device_name(device)
            menu.addAction(
                icon("usb"),
                f"{name} [{device.revision:04X}]".replace("&", "&&"),
                lambda device=device: self.add_filter_for(device),
            )
        if not self._devices:
            menu.addAction(self.tr("No USB device is plugged in")).setEnabled(False)

    # -- editing -------------------------------------------------------------------------------

    def _set(self, filters: list[UsbDeviceFilter], row: int) -> None:
        self.take(filters)
        self.show_value(filters)
        self.list.setCurrentRow(row)

    def _copy(self) -> list[UsbDeviceFilter]:
        return copy.deepcopy(self._value or [])

    def add_filter(self) -> None:
        """Append a filter that selects everything."""
        filters = self._copy()
        names = {each.name for each in filters}
        number = 1
        while self.tr("New Filter {number}").format(number=number) in names:
            number += 1
        name = self.tr("New Filter {number}").format(number=number)
        self._set([*filters, UsbDeviceFilter(name=name)], len(filters))

    def add_filter_for(self, device: HostUsbDevice) -> None:
        """Append a filter that selects DEVICE."""
        filters = self._copy()
        new = UsbDeviceFilter(
            name=f"{device_name(device)} [{device.revision:04X}]",
            vendor_id=f"{device.vendor_id:04X}",
            product_id=f"{device.product_id:04X}",
            revision=f"{device.revision:04X}",
            manufacturer=device.manufacturer,
            product=device.product,
            serial_number=device.serial_number,
        )
        self._set([*filters, new], len(filters))

    def edit_current(self) -> UsbFilterDialog | None:
        """Open the dialog of the current filter."""
        row = self.list.currentRow()
        if row < 0:
            return None
        dialog = UsbFilterDialog(self._value[row], self.window())

        def accepted(changed: Any) -> None:
            filters = self._copy()
            filters[row] = changed
            self._set(filters, row)

        dialog.filter_accepted.connect(accepted)
        dialog.open()
        return dialog

    def remove_current(self) -> None:
        """Remove the current filter."""
        row, filters = self.list.currentRow(), self._copy()
        if row >= 0:
            del filters[row]
            self._set(filters, min(row, len(filters) - 1))

    def move_current(self, step: int) -> None:
        """Move the current filter by STEP rows."""
        row, filters = self.list.currentRow(), self._copy()
        if row >= 0 and 0 <= row + step < len(filters):
            filters.insert(row + step, filters.pop(row))
            self._set(filters, row + step)

    def _on_checked(self, item: QListWidgetItem) -> None:
        if self._rendering:
            return
        filters = self._copy()
        filters[self.list.row(item)].active = item.checkState() is Qt.CheckState.Checked
        self.take(filters)


def device_name(device: HostUsbDevice) -> str:
    """Return maker and product in the device's own words, or its numbers."""
    name = f"{device.manufacturer} {device.product}".strip()
    return name or f"{device.vendor_id:04x}:{device.product_id:04x}"


def controllers(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the USB controllers."""
    return UsbControllers(parent)


def filters(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the USB device filters."""
    return UsbFilters(context, parent)
