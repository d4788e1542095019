"""The dialog that offers the machines of an installed VirtualBox."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.api.errors import ApiError
from app.api.structs import ForeignMachineInfo
from app.common.dialog_buttons import button_box
from app.common.icons import icon, os_icon
from app.manager.service_link import ServiceLink
from app.manager.widgets.field_message import FieldMessage, Severity
from app.manager.widgets.plated_icons import PlatedIcons

_PATH_ROLE = Qt.ItemDataRole.UserRole
_NAME, _FILE, _STATE = range(3)


class ImportMachinesDialog(QDialog):
    """List with a check box for each machine that can be taken over.

    Signals:
        paths_chosen(list): settings files of the checked machines; the dialog closes.
    """

    paths_chosen = Signal(list)

    def __init__(self, link: ServiceLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(self.tr("Add Machines of VirtualBox"))
        explanation = QLabel(
            self.tr(
                "These machines belong to the VirtualBox that is installed on this computer. Added "
                "machines stay where they are, and VirtualBox keeps them too: never let both "
                "programs run the same machine at the same time."
            ),
            self,
        )
        explanation.setWordWrap(True)
        self.all = QCheckBox(self.tr("&All that can be added"), self)
        self.all.setTristate(True)
        self.all.clicked.connect(self._on_all_clicked)
        self.tree = QTreeWidget(self)
        self.tree.setItemDelegate(PlatedIcons(self.tree))
        self.tree.setHeaderLabels(
            [self.tr("Name"), self.tr("Settings file"), self.tr("State")]
        )
        self.tree.setRootIsDecorated(False)
        self.tree.setItemsExpandable(False)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.tree.setAccessibleName(self.tr("Machines of VirtualBox"))
        self.tree.itemChanged.connect(self._show_choice)
        self.message = FieldMessage(self)
        self.buttons = button_box(self, QDialogButtonBox.StandardButton.Cancel)
        self.add_button = self.buttons.addButton(
            self.tr("Add &Selected"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(10)
        for widget in (explanation, self.all):
            layout.addWidget(widget)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.message)
        layout.addStretch(0)
        layout.addWidget(self.buttons)
        self.resize(760, 420)
        self._show_choice()
        self.message.show_message(self.tr("Looking for machines…"), Severity.NOTE)
        link.call(self, "virtualbox.list_foreign_machines", {}, self._fill, self._on_failure)

    def paths(self) -> list[str]:
        """Return the settings files of the checked machines."""
        return [item.data(_NAME, _PATH_ROLE) for item in self._items(checked=True)]

    def accept(self) -> None:
        """Tell what is to be added and close."""
        if self.paths():
            self.paths_chosen.emit(self.paths())
            super().accept()

    def _items(self, *, checked: bool) -> list[QTreeWidgetItem]:
        """Return the items that can be checked, or only those that are."""
        rows = range(self.tree.topLevelItemCount())
        items = [item for row in rows if (item := self.tree.topLevelItem(row)) is not None]
        return [
            item
            for item in items
            if item.flags() & Qt.ItemFlag.ItemIsUserCheckable
            and (not checked or item.checkState(_NAME) is Qt.CheckState.Checked)
        ]

    def _fill(self, machines: list[ForeignMachineInfo]) -> None:
        self.tree.blockSignals(True)
        for machine in machines:
            self._add(machine)
        self.tree.blockSignals(False)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(_FILE, QHeaderView.ResizeMode.Stretch)
        for column in (_NAME, _STATE):
            self.tree.resizeColumnToContents(column)
            self.tree.setColumnWidth(column, min(self.tree.columnWidth(column) + 12, 260))
        self.message.clear()
        self.tree.setVisible(bool(machines))
        self.all.setVisible(bool(machines))
        if not machines:
            self.message.show_message(
                self.tr("No machines of an installed VirtualBox were found for this account."),
                Severity.NOTE,
            )
        self._show_choice()

    def _add(self, machine: ForeignMachineInfo) -> None:
        item = QTreeWidgetItem(self.tree, [machine.name, machine.settings_path])
        item.setData(_NAME, _PATH_ROLE, machine.settings_path)
        item.setIcon(_NAME, os_icon(machine.os_type_id))
        item.setToolTip(_FILE, machine.settings_path)
        if machine.registered or machine.problem:
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
            item.setForeground(_NAME, self.palette().placeholderText())
            item.setForeground(_FILE, self.palette().placeholderText())
        if machine.registered:
            state, drawing = self.tr("In the list already"), "info"
        elif machine.problem:
            state, drawing = self.tr("Cannot be added"), "warning"
            self._add_reason(item, machine.problem)
        else:
            item.setCheckState(_NAME, Qt.CheckState.Checked)
            state, drawing = self.tr("Can be added"), "ok"
        item.setText(_STATE, state)
        item.setIcon(_STATE, icon(drawing))
        item.setToolTip(_STATE, machine.problem or state)

    def _add_reason(self, item: QTreeWidgetItem, reason: str) -> None:
        """Say below ITEM why its machine cannot be added, over the whole width."""
        child = QTreeWidgetItem(item, [reason])
        child.setToolTip(_NAME, reason)
        child.setFirstColumnSpanned(True)
        item.setExpanded(True)

    def _on_failure(self, error: ApiError) -> None:
        self.message.show_message(error.message)

    def _on_all_clicked(self) -> None:
        # A person's click leads from "some" to "all", never to "some".
        wanted = self.all.checkState() is not Qt.CheckState.Unchecked
        for item in self._items(checked=False):
            state = Qt.CheckState.Checked if wanted else Qt.CheckState.Unchecked
            item.setCheckState(_NAME, state)
        self._show_choice()

    def _show_choice(self) -> None:
        possible, chosen = len(self._items(checked=False)), len(self._items(checked=True))
        self.all.setEnabled(possible > 0)
        state = Qt.CheckState.PartiallyChecked
        if chosen in (0, possible):
            state = Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked
        self.all.setCheckState(state)
        self.add_button.setEnabled(chosen > 0)
        self.add_button.setToolTip("" if chosen else self.tr("No machine is selected."))
