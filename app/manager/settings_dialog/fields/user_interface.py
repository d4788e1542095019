"""Editors of the page User Interface, which edits extra data of the machine."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.common.icons import icon
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

MENUS: Final[Words] = {
    "Machine": str(QT_TRANSLATE_NOOP("Words", "Machine")),
    "View": str(QT_TRANSLATE_NOOP("Words", "View")),
    "Input": str(QT_TRANSLATE_NOOP("Words", "Input")),
    "Devices": str(QT_TRANSLATE_NOOP("Words", "Devices")),
    "Debug": str(QT_TRANSLATE_NOOP("Words", "Debug")),
    "Help": str(QT_TRANSLATE_NOOP("Words", "Help")),
}
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
