"""The search box below the machine list: marks matches and steps through them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from app.manager.chooser.model import ChooserModel
from app.manager.chooser.nodes import GroupNode, Node
from app.manager.chooser.view import ChooserView
from app.manager.widgets.icon_button import IconButton


class SearchBar(QWidget):
    """Text, "number of numbers", previous, next and close.

    Signals:
        closed(): the box was closed with Escape or its button.
    """

    closed = Signal()

    def __init__(self, view: ChooserView, model: ChooserModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = view
        self._model = model
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(self.tr("Search machines"))
        self.text.setAccessibleName(self.tr("Search machines"))
        self.text.setClearButtonEnabled(True)
        self.text.installEventFilter(self)
        self.count = QLabel(self)
        self.previous = IconButton("up", self.tr("Previous match (Shift+Enter)"), self, flat=True)
        self.next = IconButton("down", self.tr("Next match (Enter)"), self, flat=True)
        close = IconButton("close", self.tr("Close the search (Escape)"), self, flat=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(2)
        for widget in (self.text, self.count, self.previous, self.next, close):
            layout.addWidget(widget, 1 if widget is self.text else 0)
        self.text.textChanged.connect(self._on_text_changed)
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        close.clicked.connect(self.close_search)
        for changed in (model.rowsInserted, model.rowsRemoved, model.dataChanged):
            changed.connect(self._show_count)
        view.selectionModel().currentChanged.connect(self._show_count)
        self.hide()

    def open_search(self, text: str = "") -> None:
        """Show the box with the cursor in it."""
        self.show()
        if text:
            self.text.setText(text)
        self.text.selectAll()
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._on_text_changed()

    def close_search(self) -> None:
        """Hide the box and give the focus back to the list."""
        self.hide()
        self._mark("")
        self._view.setFocus()
        self.closed.emit()

    def matches(self) -> list[Node]:
        """Return the nodes whose names hold the text, in the order of the list."""
        wanted = self.text.text().casefold()
        if not wanted:
            return []
        start = self._model.group(self._view.entered_group) or self._model.root
        return [node for node in start.walk() if wanted in _name(node).casefold()]

    def step(self, direction: int) -> None:
        """Select the next (1) or previous (-1) match, around the ends."""
        matches = self.matches()
        if not matches:
            return
        current = self._model.node(self._view.currentIndex())
        if current in matches:
            place = matches.index(current) + direction
        else:
            place = 0 if direction > 0 else -1
        self._view.select_index(self._model.index_of(matches[place % len(matches)]))

    def _on_text_changed(self) -> None:
        self._mark(self.text.text())
        matches = self.matches()
        if matches and self._model.node(self._view.currentIndex()) not in matches:
            self._view.select_index(self._model.index_of(matches[0]))
        self._show_count()

    def _mark(self, text: str) -> None:
        self._view.delegate.search_text = text
        self._view.viewport().update()

    def _show_count(self) -> None:
        if self.isHidden():
            return
        matches = self.matches()
        current = self._model.node(self._view.currentIndex())
        place = matches.index(current) + 1 if current in matches else 0
        found = bool(matches)
        wanted = bool(self.text.text())
        count = self.tr("{number} of {count}").format(number=place, count=len(matches))
        self.count.setText(count if found else self.tr("No matches") if wanted else "")
        self.previous.setEnabled(found)
        self.next.setEnabled(found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Step with Enter, close with Escape."""
        if watched is self.text and isinstance(event, QKeyEvent):
            if event.type() is QEvent.Type.KeyPress:
                return self._take_key(event)
            # Otherwise Escape would be a shortcut of something else.
            if event.type() is QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Escape:
                event.accept()
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_search()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F3:
                backwards = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                self.step(-1 if backwards else 1)
            case Qt.Key.Key_Down:
                self.step(1)
            case Qt.Key.Key_Up:
                self.step(-1)
            case _:
                return False
        return True


def _name(node: Node) -> str:
    return node.name if isinstance(node, GroupNode) else node.info.name
