"""Editors of the page User Interface, which edits extra data of the machine."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
from app.common.runtime_menus import (
    MENUS_KEY,
    RUNTIME_MENUS,
    RuntimeMenu,
    hidden_names,
    with_hidden,
)
from app.manager.settings_dialog.context import DialogContext
from app.manager.settings_dialog.fields.editor import Editor
from app.manager.settings_dialog.spec import FieldSpec
from app.manager.widgets.plated_icons import PlatedIcons
from app.manager.words import Words, word

_MODES: Final[Words] = {
    "": str(QT_TRANSLATE_NOOP("Words", "Normal (window)")),
    "extra_data[GUI/Fullscreen]": str(QT_TRANSLATE_NOOP("Words", "Full-screen")),
    "extra_data[GUI/Seamless]": str(QT_TRANSLATE_NOOP("Words", "Seamless")),
    "extra_data[GUI/Scale]": str(QT_TRANSLATE_NOOP("Words", "Scaled")),
}
VISUAL_STATE_PATHS: Final = tuple(path for path in _MODES if path)

INDICATORS: Final[Words] = {
    "HardDisks": str(QT_TRANSLATE_NOOP("Words", "Hard Disks")),
    "OpticalDisks": str(QT_TRANSLATE_NOOP("Words", "Optical Disks")),
    "FloppyDisks": str(QT_TRANSLATE_NOOP("Words", "Floppy Disks")),
    "Audio": str(QT_TRANSLATE_NOOP("Words", "Audio")),
    "Network": str(QT_TRANSLATE_NOOP("Words", "Network")),
    "USB": "USB",
    "SharedFolders": str(QT_TRANSLATE_NOOP("Words", "Shared Folders")),
    "Display": str(QT_TRANSLATE_NOOP("Words", "Display")),
    "Recording": str(QT_TRANSLATE_NOOP("Words", "Recording")),
    "Features": str(QT_TRANSLATE_NOOP("Words", "Features")),
    "Mouse": str(QT_TRANSLATE_NOOP("Words", "Mouse")),
    "Keyboard": str(QT_TRANSLATE_NOOP("Words", "Keyboard")),
}
_ROWS_SHOWN: Final = 6
_MENU_ROWS_SHOWN: Final = 8


class VisualState(Editor):
    """How the window starts: three keys of which at most one is true."""

    shows_more = True

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.box = QComboBox(self)
        for path in _MODES:
            self.box.addItem(word(_MODES, path), path)
        self._ignore_wheel(self.box)
        self._hold(self.box, stretch=False)
        self.box.activated.connect(self._choose)

    def render_value(self, value: str) -> None:
        """Show which of the keys is true."""
        draft = self._context.draft
        chosen = next((path for path in VISUAL_STATE_PATHS if draft.get(path) == "true"), "")
        self.box.setCurrentIndex(self.box.findData(chosen))

    def _choose(self) -> None:
        chosen = self.box.currentData()
        for path in VISUAL_STATE_PATHS:
            wanted = "true" if path == chosen else ""
            if self._context.draft.get(path) != wanted:
                self._context.draft.set(path, wanted)


class CheckList(Editor):
    """Names with check marks; the value lists those without one, separated by commas.

    With a path for the order they can be moved too.
    """

    shows_more = True

    def __init__(
        self,
        context: DialogContext,
        words: Words,
        order_path: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._words, self._order_path = context, words, order_path
        self.list = QListWidget(self)
        self.list.setItemDelegate(PlatedIcons(self.list))
        self.list.setFixedHeight(self.list.fontMetrics().lineSpacing() * (_ROWS_SHOWN + 2))
        self.list.setMaximumWidth(260)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        self.setFocusPolicy(self.list.focusPolicy())
        if order_path:
            self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
            self.list.model().rowsMoved.connect(self._store_order)
            buttons = QVBoxLayout()
            for icon_name, tip, step in (
                ("up", self.tr("Move up"), -1), ("down", self.tr("Move down"), 1),
            ):  # fmt: skip
                button = QToolButton(self)
                button.setIcon(icon(icon_name))
                button.setToolTip(tip)
                button.setAccessibleName(tip)
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.clicked.connect(lambda _checked=False, step=step: self.move_current(step))
                buttons.addWidget(button)
            buttons.addStretch(1)
            layout.addLayout(buttons)
        layout.addStretch(1)
        self.list.itemChanged.connect(self._store)

    def _order(self) -> list[str]:
        stored = self._context.draft.get(self._order_path) if self._order_path else ""
        known = [name for name in stored.split(",") if name in self._words]
        return [*known, *(name for name in self._words if name not in known)]

    def render_value(self, value: str) -> None:
        """Show VALUE."""
        hidden = value.split(",")
        order = self._order()
        items = [self.list.item(row) for row in range(self.list.count())]
        if [item.data(Qt.ItemDataRole.UserRole) for item in items] != order:
            self.list.clear()
            items = []
            for name in order:
                item = QListWidgetItem(word(self._words, name), self.list)
                item.setData(Qt.ItemDataRole.UserRole, name)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
                items.append(item)
        for item in items:
            shown = item.data(Qt.ItemDataRole.UserRole) not in hidden
            item.setCheckState(Qt.CheckState.Checked if shown else Qt.CheckState.Unchecked)

    def _names(self) -> list[str]:
        return [
            str(self.list.item(row).data(Qt.ItemDataRole.UserRole))
            for row in range(self.list.count())
        ]

    def _store(self) -> None:
        if self._rendering:
            return
        hidden = {
            name
            for row, name in enumerate(self._names())
            if self.list.item(row).checkState() is Qt.CheckState.Unchecked
        }
        unknown = [n for n in (self._value or "").split(",") if n and n not in self._words]
        self.take(",".join([*(name for name in self._words if name in hidden), *unknown]))

    def _store_order(self) -> None:
        if not self._rendering:
            self._context.draft.set(self._order_path, ",".join(self._names()))

    def move_current(self, step: int) -> None:
        """Move the current name by STEP rows."""
        row = self.list.currentRow()
        names = self._names()
        if row < 0 or not 0 <= row + step < len(names):
            return
        names.insert(row + step, names.pop(row))
        self._context.draft.set(self._order_path, ",".join(names))
        self.show_value(self._value)
        self.list.setCurrentRow(row + step)


class MenuTree(Editor):
    """The menus with their items; what has no check mark is hidden.

    The value is the list of hidden menus; each menu has a list of its hidden items besides.
    """

    shows_more = True

    def __init__(self, context: DialogContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.tree = QTreeWidget(self)
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(1)
        self.tree.setFixedHeight(self.tree.fontMetrics().lineSpacing() * (_MENU_ROWS_SHOWN + 2))
        self.tree.setMaximumWidth(300)
        self._rows: list[tuple[RuntimeMenu, QTreeWidgetItem, list[QTreeWidgetItem]]] = []
        for menu in RUNTIME_MENUS:
            top = _checkable(self.tree, menu.title)
            self._rows.append((menu, top, [_checkable(top, item.title) for item in menu.items]))
        self._hold(self.tree, stretch=False)
        self.tree.itemChanged.connect(self._store)

    def render_value(self, value: str) -> None:
        """Show which menus and items are hidden."""
        hidden_menus = hidden_names(value, _MENU_NAMES)
        for menu, top, rows in self._rows:
            is_shown = menu.name not in hidden_menus
            _check(top, is_shown)
            names = [item.name for item in menu.items]
            hidden = hidden_names(self._context.draft.get(_path(menu)), names)
            for row, name in zip(rows, names, strict=True):
                _check(row, name not in hidden)
                # What a hidden menu has in it is kept, and can be chosen when it is shown again.
                row.setDisabled(not is_shown)

    def _store(self, changed: QTreeWidgetItem) -> None:
        if self._rendering:
            return
        if changed.parent() is None:
            hidden = [menu.name for menu, top, _rows in self._rows if not _is_checked(top)]
            self.take(with_hidden(self._value or "", _MENU_NAMES, hidden))
            return
        menu, _top, rows = next(each for each in self._rows if changed in each[2])
        names = [item.name for item in menu.items]
        hidden = [name for row, name in zip(rows, names, strict=True) if not _is_checked(row)]
        path = _path(menu)
        self._context.draft.set(path, with_hidden(self._context.draft.get(path), names, hidden))


_MENU_NAMES: Final = tuple(menu.name for menu in RUNTIME_MENUS)
MENUS_PATH: Final = f"extra_data[{MENUS_KEY}]"


def _path(menu: RuntimeMenu) -> str:
    return f"extra_data[{menu.key}]"


MENU_ITEM_PATHS: Final = tuple(_path(menu) for menu in RUNTIME_MENUS)


def _checkable(parent: QTreeWidget | QTreeWidgetItem, title: str) -> QTreeWidgetItem:
    item = QTreeWidgetItem(parent, [QCoreApplication.translate("RuntimeMenus", title)])
    item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
    item.setCheckState(0, Qt.CheckState.Checked)
    return item


def _check(item: QTreeWidgetItem, checked: bool) -> None:
    item.setCheckState(0, Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)


def _is_checked(item: QTreeWidgetItem) -> bool:
    return item.checkState(0) is Qt.CheckState.Checked


def menu_tree(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of what the menu bar shows."""
    return MenuTree(context, parent)


def visual_state(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
    """Return the editor of how the window starts."""
    return VisualState(context, parent)


def check_list(
    words: Mapping[str, str], order_path: str = ""
) -> Callable[[DialogContext, FieldSpec, QWidget], Editor]:
    """Return a factory of editors for what is shown and what is not."""

    def make(context: DialogContext, _spec: FieldSpec, parent: QWidget) -> Editor:
        return CheckList(context, words, order_path, parent)

    return make
