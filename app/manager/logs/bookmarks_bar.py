"""The bookmarks of a log."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from app.manager.logs.bars import LogBar
from app.manager.logs.view import LogView
from app.manager.widgets.icon_button import IconButton


class BookmarksBar(LogBar):
    """List of marked lines, and buttons to go to one or to remove it.

    Attributes:
        list: number and text of each marked line.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Bookmarks"))
        self._view: LogView | None = None
        self.list = QComboBox(self)
        self.list.setAccessibleName(self.tr("Bookmarks"))
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.toggle = IconButton(
            "bookmark-add", self.tr("Add or remove a bookmark here"), self, flat=True
        )
        self.go_to = IconButton("next", self.tr("Go to this bookmark"), self, flat=True)
        self.previous = IconButton("up", self.tr("Previous bookmark"), self, flat=True)
        self.next = IconButton("down", self.tr("Next bookmark"), self, flat=True)
        self.delete = IconButton(
            "bookmark-remove", self.tr("Remove this bookmark"), self, flat=True
        )
        self.delete_all = IconButton("delete", self.tr("Remove all bookmarks"), self, flat=True)
        self.row.addWidget(self.list, 1)
        for button in (
            self.go_to, self.previous, self.next, self.toggle, self.delete, self.delete_all,
        ):  # fmt: skip
            self.row.addWidget(button)
        self.list.activated.connect(self._go)
        self.go_to.clicked.connect(self._go)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.toggle.clicked.connect(self._toggle)
        self.delete.clicked.connect(self._delete)
        self.delete_all.clicked.connect(self._delete_all)
        self.refill()

    def set_view(self, view: LogView | None) -> None:
        """Show the bookmarks of another log."""
        self._view = view
        self.refill()

    def refill(self) -> None:
        """Show the bookmarks as they are now."""
        view = self._view
        marked = view.document.bookmarks() if view is not None else ()
        current = self.list.currentData()
        self.list.clear()
        for line in marked:
            if view is not None:
                self.list.addItem(f"{line + 1}: {view.text(line).strip()[:120]}", line)
        self.list.setCurrentIndex(max(0, self.list.findData(current)) if marked else -1)
        if not marked:
            self.list.addItem(self.tr("No line is marked. Double-click a line to mark it."))
        self.list.setEnabled(bool(marked))
        reason = "" if marked else self.tr("No line is marked.")
        for button in (self.go_to, self.previous, self.next, self.delete, self.delete_all):
            button.setEnabled(bool(marked))
            button.setToolTip(reason or button.accessibleName())
        self.toggle.setEnabled(view is not None and bool(view.document.lines))

    def step(self, step: int) -> None:
        """Go to the bookmark before (-1) or behind (1) the current line, round and round."""
        if self._view is None:
            return
        marked = self._view.document.bookmarks()
        if not marked:
            return
        line = self._view.caret.line
        place = bisect_right(marked, line) if step > 0 else bisect_left(marked, line) - 1
        wanted = marked[place % len(marked)]
        self.list.setCurrentIndex(self.list.findData(wanted))
        self._view.go_to(wanted)

    def _go(self) -> None:
        line = self.list.currentData()
        if self._view is not None and isinstance(line, int):
            self._view.go_to(line)
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _toggle(self) -> None:
        if self._view is not None:
            self._view.document.toggle_bookmark(self._view.caret.line)

    def _delete(self) -> None:
        line = self.list.currentData()
        if self._view is not None and isinstance(line, int):
            self._view.document.toggle_bookmark(line)

    def _delete_all(self) -> None:
        if self._view is not None:
            self._view.document.clear_bookmarks()
