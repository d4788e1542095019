"""The line with which media are searched by name or UUID."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from app.api.structs import MediumInfo
from app.manager.media.tree import MediumTree
from app.manager.media.words import file_name
from app.manager.widgets.icon_button import IconButton

_BY_NAME, _BY_ID = range(2)
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MediumSearchBar(QWidget):
    """Selects what matches in a tree: the first match while typing, the next with Enter.

    Signals:
        closed(): Escape was pressed, or the close button.
    """

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tree: MediumTree | None = None
        self.kind = QComboBox(self)
        self.kind.addItems([self.tr("Name"), self.tr("UUID")])
        self.kind.setAccessibleName(self.tr("What is searched"))
        self.edit = QLineEdit(self)
        self.edit.setClearButtonEnabled(True)
        self.edit.setPlaceholderText(self.tr("Search media"))
        self.edit.setAccessibleName(self.tr("Search media"))
        self.edit.installEventFilter(self)
        self.count = QLabel(self)
        self.previous = IconButton("up", self.tr("Previous match (Shift+Enter)"), self, flat=True)
        self.next = IconButton("down", self.tr("Next match (Enter)"), self, flat=True)
        close = IconButton("close", self.tr("Close the search (Escape)"), self, flat=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(6)
        layout.addWidget(self.kind)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.count)
        for button in (self.previous, self.next, close):
            layout.addWidget(button)
        self.edit.textChanged.connect(self._on_text_changed)
        self.kind.currentIndexChanged.connect(self._on_text_changed)
        self.previous.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        close.clicked.connect(self.closed)
        self._show_count()

    def set_tree(self, tree: MediumTree) -> None:
        """Search in TREE from now on."""
        self._tree = tree
        self._show_count()

    def refresh(self) -> None:
        """The tree has been filled anew."""
        self._show_count()

    def go(self, step: int) -> None:
        """Select the match STEP places after the one that is selected, round and round."""
        found = self._matches()
        tree = self._tree
        if not found or tree is None:
            return
        current = tree.current_medium()
        if current is not None and current.id in found:
            place = (found.index(current.id) + step) % len(found)
        else:
            place = 0 if step > 0 else len(found) - 1
        tree.select_medium(found[place])
        self._show_count()

    def _matches(self) -> list[str]:
        wanted = self.edit.text().strip().casefold()
        if not wanted or self._tree is None:
            return []
        by_id = self.kind.currentIndex() == _BY_ID

        def accepts(medium: MediumInfo) -> bool:
            text = medium.id if by_id else file_name(medium).casefold()
            return wanted.strip("{}") in text if by_id else wanted in text

        return self._tree.matching(accepts)

    def _on_text_changed(self) -> None:
        found, tree = self._matches(), self._tree
        current = tree.current_medium() if tree is not None else None
        if tree is not None and found and (current is None or current.id not in found):
            tree.select_medium(found[0])
        self._show_count()

    def _show_count(self) -> None:
        found = self._matches()
        current = self._tree.current_medium() if self._tree is not None else None
        text = ""
        if self.edit.text().strip():
            if not found:
                text = self.tr("No match")
            elif current is not None and current.id in found:
                text = self.tr("{place} of {count}").format(
                    place=found.index(current.id) + 1, count=len(found)
                )
            else:
                text = self.tr("Matches: {count}").format(count=len(found))
        self.count.setText(text)
        for button in (self.previous, self.next):
            button.setEnabled(bool(found))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next match, with Shift to the previous one, Escape closes."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _ENTER:
                back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.go(-1 if back else 1)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
        return super().eventFilter(watched, event)
