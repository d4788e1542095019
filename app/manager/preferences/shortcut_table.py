"""The tables of shortcuts: a model, and what edits the selected row of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeySequence

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX: Final = QModelIndex()

NAME: Final = 0
SHORTCUT: Final = 1


@dataclass
class ShortcutRow:
    """A line of the table.

    Attributes:
        name: name of the action in stored shortcuts.
        caption: what it does.
        default: built-in sequence as portable text, empty for none.
        sequence: the sequence now.
        menu: tells actions apart that are never offered at once; equal shortcuts of two such are
            no duplicates. Empty: offered always.
    """

    name: str
    caption: str
    default: str
    sequence: str
    menu: str = ""

    @property
    def text(self) -> str:
        """What people call the sequence."""
        keys = QKeySequence(self.sequence, QKeySequence.SequenceFormat.PortableText)
        return keys.toString(QKeySequence.SequenceFormat.NativeText)


class ShortcutModel(QAbstractTableModel):
    """Actions and their shortcuts.

    Signals:
        edited(): a person changed a shortcut.
    """

    edited = Signal()

    def __init__(self, rows: Sequence[ShortcutRow], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows = list(rows)
        self._strange: dict[str, str] = {}

    def load(self, chosen: Mapping[str, str]) -> None:
        """Show the built-in shortcuts as changed by CHOSEN; keep what no action has a name for."""
        self.beginResetModel()
        names = {row.name for row in self.rows}
        self._strange = {name: text for name, text in chosen.items() if name not in names}
        for row in self.rows:
            row.sequence = chosen.get(row.name, row.default)
        self.endResetModel()

    def chosen(self) -> dict[str, str]:
        """Return the shortcuts that differ from the built-in ones, by name."""
        changed = {row.name: row.sequence for row in self.rows if row.sequence != row.default}
        return {**self._strange, **changed}

    def set_sequence(self, number: int, sequence: str) -> None:
        """Give the row NUMBER another shortcut."""
        if self.rows[number].sequence != sequence:
            self.rows[number].sequence = sequence
            self._tell(number)

    def duplicates(self) -> list[tuple[ShortcutRow, ShortcutRow]]:
        """Return pairs of actions that the same keys would trigger."""
        found = []
        used = [row for row in self.rows if row.sequence]
        for number, first in enumerate(used):
            found += [
                (first, second)
                for second in used[number + 1 :]
                if first.sequence.lower() == second.sequence.lower()
                and (not first.menu or not second.menu or first.menu == second.menu)
            ]
        return found

    def _tell(self, number: int) -> None:
        self.dataChanged.emit(self.index(number, NAME), self.index(number, SHORTCUT))
        self.edited.emit()

    # -- what the view asks ---------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return the number of actions."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """Return two: name and shortcut."""
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the titles of the columns."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.tr("Name") if section == NAME else self.tr("Shortcut")
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return texts; changed shortcuts are bold."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.caption if index.column() == NAME else row.text
        if role == Qt.ItemDataRole.FontRole and row.sequence != row.default:
            font = QFont()
            font.setBold(True)
            return font
        return None
