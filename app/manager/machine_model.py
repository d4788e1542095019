"""The machines of the service as a list model."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from app.api.structs import MachineInfo
from app.common.icons import icon, os_icon
from app.common.translation import tr
from app.manager.states import state_look

_Index = QModelIndex | QPersistentModelIndex


class MachineRole(IntEnum):
    """Data roles beyond Qt's own."""

    ID = Qt.ItemDataRole.UserRole
    INFO = Qt.ItemDataRole.UserRole + 1
    STATE_TEXT = Qt.ItemDataRole.UserRole + 2
    STATE_ICON = Qt.ItemDataRole.UserRole + 3
    SNAPSHOT_NAME = Qt.ItemDataRole.UserRole + 4
    MODIFIED = Qt.ItemDataRole.UserRole + 5


class MachineListModel(QAbstractListModel):
    """Machines in the order of the registry; changed only by what the service tells."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._machines: list[MachineInfo] = []
        self._rows: dict[str, int] = {}

    def machines(self) -> Sequence[MachineInfo]:
        """Return all machines in list order."""
        return tuple(self._machines)

    def machine(self, machine_id: str) -> MachineInfo | None:
        """Return the machine MACHINE_ID, or None when it is not registered."""
        row = self.row_of(machine_id)
        return None if row < 0 else self._machines[row]

    def row_of(self, machine_id: str) -> int:
        """Return the row of MACHINE_ID or -1."""
        return self._rows.get(machine_id, -1)

    def set_machines(self, machines: Sequence[MachineInfo]) -> None:
        """Make the list equal to MACHINES with the fewest changes, so that selections stay."""
        wanted = {machine.id for machine in machines}
        for machine in reversed(self.machines()):
            if machine.id not in wanted:
                self.remove_machine(machine.id)
        self._append([machine for machine in machines if machine.id not in self._rows])
        for machine in machines:
            self.put_machine(machine)

    def put_machine(self, machine: MachineInfo) -> None:
        """Add MACHINE at the end, or replace what was known of it."""
        row = self.row_of(machine.id)
        if row < 0:
            self._append([machine])
        elif self._machines[row] != machine:
            self._machines[row] = machine
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def remove_machine(self, machine_id: str) -> None:
        """Take MACHINE_ID out; nothing happens when it is not there."""
        row = self.row_of(machine_id)
        if row < 0:
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._machines[row]
        self._rows = {machine.id: number for number, machine in enumerate(self._machines)}
        self.endRemoveRows()

    def _append(self, machines: Sequence[MachineInfo]) -> None:
        if not machines:
            return
        first = len(self._machines)
        self.beginInsertRows(QModelIndex(), first, first + len(machines) - 1)
        for machine in machines:
            self._rows[machine.id] = len(self._machines)
            self._machines.append(machine)
        self.endInsertRows()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Return the number of machines (a flat list)."""
        return 0 if parent.isValid() else len(self._machines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what Qt and the delegate ask for."""
        return machine_data(self._machines[index.row()], role) if index.isValid() else None


def machine_data(machine: MachineInfo, role: int) -> Any:
    """Return what views show of MACHINE for a data role."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return machine.name
        case Qt.ItemDataRole.DecorationRole:
            return os_icon(machine.os_type_id)
        case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
            return _description(machine)
        case MachineRole.ID:
            return machine.id
        case MachineRole.INFO:
            return machine
        case MachineRole.STATE_TEXT:
            return state_look(machine).text
        case MachineRole.STATE_ICON:
            return icon(state_look(machine).icon_name)
        case MachineRole.SNAPSHOT_NAME:
            return machine.snapshot_name
        case MachineRole.MODIFIED:
            return machine.modified
    return None


def _description(machine: MachineInfo) -> str:
    state = state_look(machine).text
    lines = [tr("{name}, {state}").format(name=machine.name, state=state)]
    if machine.snapshot_name:
        text = tr("Current snapshot: {name} (changed since)") if machine.modified else tr(
            "Current snapshot: {name}"
        )
        lines.append(text.format(name=machine.snapshot_name))
    if machine.access_error:
        lines.append(machine.access_error)
    elif machine.last_error:
        lines.append(machine.last_error)
    return "\n".join(lines)
