"""Dialogs in which a person chooses what the menu bar and the status bar show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.dialog_buttons import button_box
from app.common.icons import icon

_NAME: Final = Qt.ItemDataRole.UserRole


def menu_name(action: QAction) -> str:
    """Return the name of a menu: its title in English without the mnemonic."""
    return str(action.data() or action.text()).replace("&", "")


class _ChoiceDialog(QDialog):
    """A list of check boxes with an explanation above it."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self.list = QListWidget()
        self._label.setBuddy(self.list)
        self._row = QHBoxLayout()
        self._row.addWidget(self.list)
        self._buttons = button_box(
            self,
            QDialogButtonBox.StandardButton.Ok,
            QDialogButtonBox.StandardButton.Cancel,
            QDialogButtonBox.StandardButton.RestoreDefaults,
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self._label)
        layout.addLayout(self._row)
        layout.addWidget(self._buttons)

    def _on_restore(self, function: Callable[[], None]) -> None:
        button = self._buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        button.clicked.connect(lambda _checked=False: function())

    def _add(self, name: str, text: str, *, shown: bool, drawing: QIcon | None = None) -> None:
        item = QListWidgetItem(text)
        if drawing is not None:
            item.setIcon(drawing)
        item.setData(_NAME, name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)
        self.list.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def names(self) -> list[str]:
        """Return all names in the order of the list."""
        return [item.data(_NAME) for item in self._items()]

    def hidden_names(self) -> list[str]:
        """Return the names that are not checked."""
        unchecked = Qt.CheckState.Unchecked
        return [item.data(_NAME) for item in self._items() if item.checkState() is unchecked]

    def show_all(self) -> None:
        """Check everything."""
        for item in self._items():
            item.setCheckState(Qt.CheckState.Checked)


class MenuBarEditor(_ChoiceDialog):
    """Chooses the menus of the menu bar.

    Args:
        menus: name and title of each.
        hidden: names that are left out.
        parent: the window.

    Signals:
        changed(list[str]): the names of the menus that are left out.
    """

    changed = Signal(list)

    def __init__(
        self,
        menus: Iterable[tuple[str, str]],
        hidden: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Menu Bar Settings"))
        self.list.setAccessibleName(self.windowTitle())
        self._label.setText(self.tr("Menus that the menu bar shows:"))
        for name, title in menus:
            self._add(name, title, shown=name not in hidden)
        self._on_restore(self.show_all)
        self.accepted.connect(lambda: self.changed.emit(self.hidden_names()))


class StatusBarEditor(_ChoiceDialog):
    """Chooses the indicators of the status bar and their order.

    Args:
        indicators: name, title and drawing of each, in the usual order.
        order: names in the order that was chosen before; the others follow.
        hidden: names that are left out.
        parent: the window.

    Signals:
        changed(list[str], list[str]): the order (empty: the usual one), and what is left out.
    """

    changed = Signal(list, list)

    def __init__(
        self,
        indicators: Sequence[tuple[str, str, QIcon]],
        order: Sequence[str],
        hidden: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Status Bar Settings"))
        self._label.setText(
            self.tr(
                "Indicators that the status bar shows, from left to right. Drag them, or move "
                "them with the arrows. Those of devices that the machine lacks stay away."
            )
        )
        self.list.setAccessibleName(self.windowTitle())
        self._usual = list(indicators)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self._fill(order, hidden)
        self._add_arrows()
        self._on_restore(lambda: self._fill((), ()))
        self.accepted.connect(self._tell)
        self.list.setMinimumHeight(
            self.list.sizeHintForRow(0) * len(self._usual) + 2 * self.list.frameWidth()
        )

    def move_selected(self, step: int) -> None:
        """Move the selected indicator up (-1) or down (1)."""
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + step < self.list.count():
            self.list.insertItem(row + step, self.list.takeItem(row))
            self.list.setCurrentRow(row + step)

    def _fill(self, order: Sequence[str], hidden: Sequence[str]) -> None:
        self.list.clear()
        for name, title, drawing in sorted_by(self._usual, order):
            self._add(name, title, shown=name not in hidden, drawing=drawing)
        self.list.setCurrentRow(0)

    def _add_arrows(self) -> None:
        column = QVBoxLayout()
        for name, text, step in (
            ("up", self.tr("Move the indicator to the left"), -1),
            ("down", self.tr("Move the indicator to the right"), 1),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setToolTip(text)
            button.setAccessibleName(text)
            button.clicked.connect(lambda _=False, step=step: self.move_selected(step))
            column.addWidget(button)
        column.addStretch()
        self._row.addLayout(column)

    def _tell(self) -> None:
        usual = [name for name, _, _ in self._usual]
        order = self.names()
        self.changed.emit([] if order == usual else order, self.hidden_names())


def sorted_by(
    indicators: Sequence[tuple[str, str, QIcon]], order: Sequence[str]
) -> list[tuple[str, str, QIcon]]:
    """Return the indicators in an order; those that it does not name keep theirs, at the end."""
    ranks = {name: rank for rank, name in enumerate(order)}
    return sorted(indicators, key=lambda each: ranks.get(each[0], len(ranks)))
