"""The table of port forwarding rules."""

import copy
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.manager.settings_dialog.network.forwarding_rules import rule_problems
from app.manager.settings_dialog.spec import setting_text
from app.manager.widgets.field_message import FieldMessage
from app.settings.declare import fields_of
from app.settings.model import PortForwarding

_COLUMNS: Final = ("name", "protocol", "host_ip", "host_port", "guest_ip", "guest_port")
_PROTOCOLS: Final = ("UDP", "TCP")
_PROTOCOL_COLUMN: Final = _COLUMNS.index("protocol")
_PORT_COLUMNS: Final = frozenset({_COLUMNS.index("host_port"), _COLUMNS.index("guest_port")})
_MOST_PORT: Final = 65535

_Index = QModelIndex | QPersistentModelIndex


class RuleModel(QAbstractTableModel):
    """Rules, one per row."""

    def __init__(self, rules: Sequence[PortForwarding], parent: QWidget) -> None:
        super().__init__(parent)
        self.rules = copy.deepcopy(list(rules))
        self._labels = {f.name: f.declaration for f in fields_of(PortForwarding)}

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of rules."""
        return 0 if parent.isValid() else len(self.rules)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of columns."""
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return captions and helps of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        declared = self._labels[_COLUMNS[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return setting_text(declared.label)
        return setting_text(declared.help) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a value of a rule."""
        value = getattr(self.rules[index.row()], _COLUMNS[index.column()])
        if role == Qt.ItemDataRole.EditRole:
            return value
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return _PROTOCOLS[value] if index.column() == _PROTOCOL_COLUMN else str(value)

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Change a value of a rule."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        kept = value.strip() if isinstance(value, str) else int(value)
        setattr(self.rules[index.row()], _COLUMNS[index.column()], kept)
        self.dataChanged.emit(index, index)
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Everything can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def add(self, rule: PortForwarding) -> int:
        """Append RULE; return its row."""
        row = len(self.rules)
        self.beginInsertRows(QModelIndex(), row, row)
        self.rules.append(rule)
        self.endInsertRows()
        return row

    def remove(self, row: int) -> None:
        """Remove the rule in ROW."""
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.rules[row]
        self.endRemoveRows()


class RuleDelegate(QStyledItemDelegate):
    """Editors in the table: words for the protocol, numbers for ports."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: _Index
    ) -> QWidget:
        """Return the editor of a cell."""
        if index.column() == _PROTOCOL_COLUMN:
            box = QComboBox(parent)
            for number in (1, 0):
                box.addItem(_PROTOCOLS[number], number)
            return box
        if index.column() in _PORT_COLUMNS:
            spin = QSpinBox(parent)
            spin.setRange(0, _MOST_PORT)
            spin.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
            return spin
        return super().createEditor(parent, option, index)

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        """Show the value of a cell."""
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(editor.findData(index.data(Qt.ItemDataRole.EditRole)))
        else:
            super().setEditorData(editor, index)

    def setModelData(self, editor: QWidget, model: Any, index: _Index) -> None:
        """Take the value of a cell."""
        if isinstance(editor, QComboBox):
            model.setData(index, editor.currentData())
        elif isinstance(editor, QSpinBox):
            editor.interpretText()
            model.setData(index, editor.value())
        else:
            super().setModelData(editor, model, index)


class ForwardingDialog(QDialog):
    """Edits a copy of rules; OK hands it over.

    Signals:
        rules_accepted(object): the list of PortForwarding.
    """

    rules_accepted = Signal(object)

    def __init__(self, rules: Sequence[PortForwarding], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Port Forwarding Rules"))
        self.model = RuleModel(rules, self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setItemDelegate(RuleDelegate(self.table))
        self.table.setAccessibleName(self.windowTitle())
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_PROTOCOL_COLUMN, QHeaderView.ResizeMode.ResizeToContents)
        for column in _PORT_COLUMNS:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.add_button = self._new_button("attachment-add", self.tr("Add a rule"), "Ins")
        self.remove_button = self._new_button("attachment-remove", self.tr("Remove a rule"), "Del")
        self.hint = QLabel(
            self.tr("No port of this computer leads into the machine. Add a rule to have one."),
            self,
        )
        self.hint.setWordWrap(True)
        self.message = FieldMessage(self)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._arrange()
        self.add_button.clicked.connect(self.add_rule)
        self.remove_button.clicked.connect(self.remove_rule)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        for changed in (self.model.dataChanged, self.model.rowsInserted, self.model.rowsRemoved):
            changed.connect(self._check)
        self.table.selectionModel().currentRowChanged.connect(self._check)
        self._check()

    def _arrange(self) -> None:
        tools = QVBoxLayout()
        tools.addWidget(self.add_button)
        tools.addWidget(self.remove_button)
        tools.addStretch(1)
        upper = QHBoxLayout()
        upper.addWidget(self.table, 1)
        upper.addLayout(tools)
        layout = QVBoxLayout(self)
        layout.addLayout(upper, 1)
        layout.addWidget(self.hint)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.resize(680, 340)

    def _new_button(self, icon_name: str, tip: str, shortcut: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(icon_name))
        button.setToolTip(f"{tip} ({shortcut})")
        button.setAccessibleName(tip)
        button.setShortcut(shortcut)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def add_rule(self) -> None:
        """Append a rule with a free name, and let its name be edited."""
        names = {rule.name for rule in self.model.rules}
        number = 1
        while self.tr("Rule {number}").format(number=number) in names:
            number += 1
        name = self.tr("Rule {number}").format(number=number)
        row = self.model.add(PortForwarding(name=name))
        index = self.model.index(row, 0)
        self.table.setCurrentIndex(index)
        self.table.setFocus()

    def remove_rule(self) -> None:
        """Remove the current rule."""
        row = self.table.currentIndex().row()
        if row >= 0:
            self.model.remove(row)

    def _check(self) -> None:
        problems = rule_problems(self.model.rules)
        self.message.show_message(problems[0] if problems else "")
        self.ok_button.setEnabled(not problems)
        self.remove_button.setEnabled(self.table.currentIndex().isValid())
        self.hint.setVisible(not self.model.rules)

    def accept(self) -> None:
        """Hand the rules over."""
        self.setFocus()
        if self.ok_button.isEnabled():
            self.rules_accepted.emit(self.model.rules)
            super().accept()
