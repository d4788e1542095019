"""The dialog in which one USB device filter is edited."""

import copy
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.manager.settings_dialog.fields.choice_box import ChoiceBox
from app.manager.settings_dialog.spec import setting_text
from app.manager.widgets.field_message import FieldMessage
from app.manager.words import Words
from app.settings.declare import fields_of
from app.settings.model import UsbDeviceFilter

_TEXTS: Final = (
    "name", "vendor_id", "product_id", "revision", "manufacturer", "product", "serial_number",
    "port",
)  # fmt: skip
_NUMBERS: Final = frozenset({"vendor_id", "product_id", "revision"})
_DIGITS: Final = 4
REMOTE: Final[Words] = {
    "": str(QT_TRANSLATE_NOOP("Words", "Any")),
    "yes": str(QT_TRANSLATE_NOOP("Words", "Yes")),
    "no": str(QT_TRANSLATE_NOOP("Words", "No")),
}


class UsbFilterDialog(QDialog):
    """Edits a copy of a filter; OK hands it over.

    Signals:
        filter_accepted(object): the UsbDeviceFilter.
    """

    filter_accepted = Signal(object)

    def __init__(self, device_filter: UsbDeviceFilter, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("USB Filter Details"))
        self._filter = copy.deepcopy(device_filter)
        declared = {f.name: f.declaration for f in fields_of(UsbDeviceFilter)}
        self.edits: dict[str, QLineEdit] = {}
        form = QFormLayout()
        for name in _TEXTS:
            edit = self.edits[name] = QLineEdit(getattr(device_filter, name), self)
            edit.setToolTip(setting_text(declared[name].help))
            edit.setAccessibleName(setting_text(declared[name].label))
            edit.setMinimumWidth(260)
            edit.textChanged.connect(self._check)
            form.addRow(f"{setting_text(declared[name].label)}:", edit)
        self.remote: QComboBox = ChoiceBox(REMOTE, self)
        self.remote.setToolTip(setting_text(declared["remote"].help))
        self.remote.setAccessibleName(setting_text(declared["remote"].label))
        row = self.remote.findData(device_filter.remote)
        if row < 0:
            self.remote.addItem(device_filter.remote, device_filter.remote)
            row = self.remote.count() - 1
        self.remote.setCurrentIndex(row)
        form.addRow(f"{setting_text(declared['remote'].label)}:", self.remote)
        self.message = FieldMessage(self)
        buttons = button_box(
            self, QDialogButtonBox.StandardButton.Ok, QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self._check()

    def _check(self) -> None:
        problem = ""
        if not self.edits["name"].text().strip():
            problem = self.tr("The filter needs a name.")
        for name in sorted(_NUMBERS):
            text = self.edits[name].text().strip()
            if text and not _is_number(text):
                problem = self.tr("“{text}” is not four hexadecimal digits.").format(text=text)
        self.message.show_message(problem)
        self.ok_button.setEnabled(not problem)

    def accept(self) -> None:
        """Hand the filter over."""
        for name, edit in self.edits.items():
            setattr(self._filter, name, edit.text().strip())
        self._filter.remote = str(self.remote.currentData())
        self.filter_accepted.emit(self._filter)
        super().accept()


def _is_number(text: str) -> bool:
    """Tell whether TEXT is four hexadecimal digits, or a pattern that only the host understands."""
    if any(sign in text for sign in "-,*?|"):
        return True
    return len(text) == _DIGITS and all(digit in "0123456789abcdefABCDEF" for digit in text)


def filter_summary(device_filter: UsbDeviceFilter) -> str:
    """Return what a filter selects, in one line."""
    parts = [
        f"{setting_text(field.declaration.label)}: {getattr(device_filter, field.name)}"
        for field in fields_of(UsbDeviceFilter)
        if field.name in _TEXTS[1:] and getattr(device_filter, field.name)
    ]
    if parts:
        return "; ".join(parts)
    return QCoreApplication.translate("SettingsDialog", "Every USB device")
