"""The table in which port-forwarding rules are edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.manager.network.checks import forwarding_problem
from app.manager.settings_dialog.spec import setting_text
from app.manager.widgets.icon_button import IconButton
from app.settings.declare import fields_of
from app.settings.network import PortForwarding

_FIELDS: Final = ("name", "protocol", "host_ip", "host_port", "guest_ip", "guest_port")
_PROTOCOL: Final = 1
_PORTS: Final = (3, 5)
PROTOCOLS: Final = ("UDP", "TCP")
_LARGEST_PORT: Final = 65535
_PORT_WIDTH: Final = 96
_DECLARATIONS: Final = {field.name: field.declaration for field in fields_of(PortForwarding)}

Index = QModelIndex | QPersistentModelIndex


class ForwardingModel(QAbstractTableModel):
    """Rules as rows.

    Signals:
        edited(): a rule was added, removed or changed.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rules: list[PortForwarding] = []

    def rules(self) -> list[PortForwarding]:
        """Return the rules."""
        return list(self._rules)

    def set_rules(self, rules: Sequence[PortForwarding]) -> None:
        """Show copies of RULES."""
        self.beginResetModel()
        self._rules = [msgspec.structs.replace(rule) for rule in rules]
        self.endResetModel()

    def add(self, template: PortForwarding | None = None) -> int:
        """Add a rule with an unused name, like TEMPLATE where there is one; return its row."""
        number, names = 1, {rule.name for rule in self._rules}
        while (name := self.tr("Rule {number}").format(number=number)) in names:
            number += 1
        rule = PortForwarding(name=name)
        if template is not None:
            rule = msgspec.structs.replace(template, name=name)
        row = len(self._rules)
        self.beginInsertRows(QModelIndex(), row, row)
        self._rules.append(rule)
        self.endInsertRows()
        self.edited.emit()
        return row

    def remove(self, row: int) -> None:
        """Remove the rule in ROW."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._rules[row]
        self.endRemoveRows()
        self.edited.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        """Return the number of rules."""
        return 0 if parent.isValid() else len(self._rules)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of fields of a rule."""
        return 0 if parent.isValid() else len(_FIELDS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return captions and helps of the fields, as they are declared."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        declared = _DECLARATIONS[_FIELDS[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return setting_text(declared.label)
        return setting_text(declared.help) if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that every field can be edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field of a rule."""
        if not index.isValid():
            return None
        value = getattr(self._rules[index.row()], _FIELDS[index.column()])
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == _PROTOCOL:
                return PROTOCOLS[value]
            return "" if value == 0 else str(value)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change a field of a rule."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        field = _FIELDS[index.column()]
        if isinstance(value, str):
            value = value.strip()
        if getattr(self._rules[index.row()], field) != value:
            changed = msgspec.structs.replace(self._rules[index.row()], **{field: value})
            self._rules[index.row()] = changed
            self.dataChanged.emit(index, index)
            self.edited.emit()
        return True


class _FieldDelegate(QStyledItemDelegate):
    """A list for the protocol, a spin box for ports, a line for the rest."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        if index.column() == _PROTOCOL:
            box = QComboBox(parent)
            box.addItems(list(PROTOCOLS))
            return box
        if index.column() in _PORTS:
            spin = QSpinBox(parent)
            spin.setFrame(False)
            spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            spin.setRange(0, _LARGEST_PORT)
            return spin
        return super().createEditor(parent, option, index)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(index.data(Qt.ItemDataRole.EditRole))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentIndex())
        else:
            super().setModelData(editor, model, index)


class ForwardingEditor(QWidget):
    """Table of rules with buttons that add, copy and remove one.

    Args:
        ipv6: addresses are IPv6 ones.
        guest_needed: the address of the guest may not be empty.
        parent: owns it.

    Attributes:
        model: the rules.
        table: shows them.

    Signals:
        edited(): a rule was added, removed or changed.
    """

    edited = Signal()

    def __init__(
        self, *, ipv6: bool = False, guest_needed: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ipv6 = ipv6
        self._guest_needed = guest_needed
        self.model = ForwardingModel(self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setItemDelegate(_FieldDelegate(self.table))
        self.table.setAccessibleName(self.tr("Port-forwarding rules"))
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in (_PROTOCOL, *_PORTS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, _PORT_WIDTH)
        self.add_button = self._new_button("add-item", self.tr("Add a rule"), self.add, "Ins")
        self.copy_button = self._new_button("copy", self.tr("Copy the selected rule"), self.copy)
        self.remove_button = self._new_button(
            "delete", self.tr("Remove the selected rule"), self.remove, "Del"
        )
        self._arrange()
        self.model.edited.connect(self.edited)
        self.model.modelReset.connect(self._update_buttons)
        self.table.selectionModel().selectionChanged.connect(self._update_buttons)
        self._update_buttons()

    def _arrange(self) -> None:
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        for button in (self.add_button, self.copy_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.table, 1)
        layout.addLayout(buttons)

    def _new_button(
        self, icon_name: str, tip: str, slot: Callable[[], None], key: str = ""
    ) -> QToolButton:
        button = IconButton(icon_name, tip, self)
        if key:
            # A shortcut of the button would reach beyond the table.
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)
            shown = shortcut.key().toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{tip} ({shown})")
        button.clicked.connect(slot)
        return button

    def rules(self) -> list[PortForwarding]:
        """Return the rules as they are edited."""
        return self.model.rules()

    def set_rules(self, rules: Sequence[PortForwarding]) -> None:
        """Show RULES."""
        self.model.set_rules(rules)

    def problem(self) -> str:
        """Return what is wrong with the rules, or an empty string."""
        return forwarding_problem(
            self.rules(), ipv6=self._ipv6, guest_needed=self._guest_needed
        )

    def add(self) -> None:
        """Add a rule and select it."""
        self._select(self.model.add())

    def copy(self) -> None:
        """Add a rule like the selected one and select it."""
        row = self._selected_row()
        if row >= 0:
            self._select(self.model.add(self.rules()[row]))

    def remove(self) -> None:
        """Remove the selected rule."""
        row = self._selected_row()
        if row >= 0:
            self.model.remove(row)
            self._select(min(row, self.model.rowCount() - 1))

    def _selected_row(self) -> int:
        rows = self.table.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def _select(self, row: int) -> None:
        if row >= 0:
            self.table.setCurrentIndex(self.model.index(row, 0))
            self.table.selectRow(row)
        self._update_buttons()

    def _update_buttons(self) -> None:
        selected = self._selected_row() >= 0
        for button in (self.copy_button, self.remove_button):
            button.setEnabled(selected)
