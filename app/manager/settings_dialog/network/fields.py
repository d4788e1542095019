"""Editors of the page Network: names of networks, MAC address, port forwarding."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from app.api.hoststructs import HostInterfaceType
from app.common.translation import tr
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.network.forwarding_dialog import ForwardingDialog
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.icon_button import IconButton
from app.manager.widgets.tab_order import lend_focus

# The addresses that VirtualBox gives to adapters begin so (of PCS Systemtechnik).
_OUI: Final = "080027"
_MAC = QRegularExpression("[0-9A-Fa-f]{0,12}")


class NameField(Editor):
    """A name out of those that the service tells, or another one where that makes sense."""

    def __init__(self, *, editable: bool, nothing: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox(self)
        self.box.setEditable(editable)
        self.box.setMinimumWidth(240)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setMinimumContentsLength(24)
        self.box.setPlaceholderText(nothing)
        self._ignore_wheel(self.box)
        self._hold(self.box)
        if editable:
            line = QLineEdit(self.box)
            line.setPlaceholderText(nothing)
            self.box.setLineEdit(line)
            self.box.editTextChanged.connect(lambda text: self.take(text.strip()))
        else:
            self.box.currentIndexChanged.connect(lambda: self.take(self.box.currentText()))

    def offer(self, names: Sequence[str]) -> None:
        """Offer NAMES; the value stays."""
        self._rendering = True
        known = {self.box.itemText(row) for row in range(self.box.count())}
        self.box.addItems([name for name in dict.fromkeys(names) if name and name not in known])
        self._rendering = False
        self.show_value(self._value or "")

    def render_value(self, value: str) -> None:
        """Show VALUE, also when nobody offers it."""
        if self.box.isEditable():
            if self.box.currentText().strip() != value:
                self.box.setEditText(value)
            return
        row = self.box.findText(value)
        if value and row < 0:
            self.box.addItem(value)
            row = self.box.count() - 1
        self.box.setCurrentIndex(row)


class MacAddress(Editor):
    """Twelve hexadecimal digits, and a button for other ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QLineEdit(self)
        self.edit.setValidator(QRegularExpressionValidator(_MAC, self.edit))
        self.edit.setPlaceholderText(self.tr("made when the settings are stored"))
        # The margins of a line edit are about two digits wide.
        metrics = self.edit.fontMetrics()
        self.edit.setFixedWidth(metrics.horizontalAdvance(self.edit.placeholderText() + "00"))
        self.new_button = IconButton(
            "refresh", self.tr("Make another random MAC address"), self
        )
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        layout.addWidget(self.new_button)
        layout.addStretch(1)
        lend_focus(self, self.edit)
        self.edit.textChanged.connect(lambda text: self.take(text.upper()))
        self.new_button.clicked.connect(
            lambda: self.edit.setText(f"{_OUI}{secrets.token_hex(3).upper()}")
        )

    def render_value(self, value: str) -> None:
        """Show VALUE."""
        if self.edit.text().upper() != value.upper():
            self.edit.setText(value)


class ForwardingField(Editor):
    """A button that opens the table of rules."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton(self.tr("Edit Rules…"), self)
        self.count = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.button)
        layout.addWidget(self.count)
        layout.addStretch(1)
        lend_focus(self, self.button)
        self.button.clicked.connect(self.open_dialog)

    def render_value(self, value: list[Any]) -> None:
        """Show how many rules there are, and their names."""
        self.count.setText(
            self.tr("Rules: {names}").format(names=", ".join(rule.name for rule in value))
            if value
            else self.tr("There are no rules.")
        )

    def open_dialog(self) -> ForwardingDialog:
        """Open the table."""
        dialog = ForwardingDialog(self._value or [], self.window())
        dialog.rules_accepted.connect(self._set)
        dialog.open()
        return dialog

    def _set(self, rules: list[Any]) -> None:
        self.take(rules)
        self.show_value(rules)


def names_from(
    method: str,
    params: dict[str, Any],
    name_of: Callable[[Any], str],
    *,
    editable: bool = False,
    usual: Sequence[str] = (),
) -> Callable[[DialogContext, FieldSpec, QWidget], Editor]:
    """Return a factory of editors for names that METHOD of the service lists.

    Args:
        method: of the Main API, returns a list.
        params: of the call.
        name_of: the name of an element of the list.
        editable: other names are possible.
        usual: names that are offered in any case.
    """

    def make(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
        nothing = tr("None is there yet: the global tool Network creates them.")
        if editable:
            nothing = tr("Enter a name")
        field = NameField(editable=editable, nothing=nothing, parent=parent)

        def told(entries: list[Any]) -> None:
            field.offer([*usual, *(name_of(entry) for entry in entries)])

        context.link.call(field, method, params, told)
        return field

    return make


bridged = names_from(
    "host.list_network_interfaces", {"type": HostInterfaceType.BRIDGED}, lambda each: each.name
)
host_only = names_from(
    "host.list_network_interfaces", {"type": HostInterfaceType.HOST_ONLY}, lambda each: each.name
)
host_only_network = names_from("host_only_network.list_all", {}, lambda each: each.name)
nat_network = names_from("nat_network.list_all", {}, lambda each: each.name)
cloud_network = names_from("cloud_network.list_all", {}, lambda each: each.name)
internal = names_from("internal_network.list_all", {}, str, editable=True, usual=("intnet",))


def generic(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the name of a generic driver."""
    field = NameField(editable=True, nothing=tr("Enter a name"), parent=parent)
    field.offer(["UDPTunnel", "VDE"])
    return field


def bandwidth_group(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of a bandwidth group: one of the machine's, or none."""
    field = NameField(editable=True, nothing=tr("None"), parent=parent)
    if context.draft.is_loaded:
        groups = context.draft.settings.hardware.bandwidth_groups
        field.offer([group.name for group in groups if group.type == "Network"])
    return field


def mac_address(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of a MAC address."""
    return MacAddress(parent)


def forwardings(_context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of the rules of port forwarding."""
    return ForwardingField(parent)
