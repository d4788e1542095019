"""Finds text in a log."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from app.manager.logs.bars import EnterFilter, LogBar
from app.manager.logs.scan import FindTerm, LineScanner
from app.manager.logs.view import LogView, Span
from app.manager.widgets.icon_button import IconButton

_MOST: Final = 200_000
"""Matches that are counted; who has more looks for something else."""

_NOTHING_FOUND: Final = QColor(217, 60, 60, 90)


class FindBar(LogBar):
    """Field, options, "n/N" and buttons for the next and the previous match.

    Attributes:
        edit: what is looked for.
        match_case: capitals matter.
        whole_words: only whole words.
        highlight_all: every match is marked.
        count: "n/N".
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Find"))
        self._view: LogView | None = None
        self._matches: list[Span] = []
        self._wants_match = False
        self._pattern = FindTerm().pattern()
        self._scanner = LineScanner(self._row_count, self._visit, self)
        self._scanner.advanced.connect(self._on_advanced)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(self.tr("Find in this log"))
        self.edit.setAccessibleName(self.tr("Find in this log"))
        self.edit.setClearButtonEnabled(True)
        self.edit.setMinimumWidth(140)
        self.previous = IconButton("up", self.tr("Previous match (Shift+F3)"), self, flat=True)
        self.next = IconButton("down", self.tr("Next match (F3)"), self, flat=True)
        self.match_case = QCheckBox(self.tr("&Match case"), self)
        self.whole_words = QCheckBox(self.tr("&Whole words"), self)
        self.highlight_all = QCheckBox(self.tr("Highlight &all"), self)
        self.count = QLabel(self)
        self.count.setMinimumWidth(self.fontMetrics().horizontalAdvance("0000/0000"))
        self.row.addWidget(self.edit, 1)
        for widget in (
            self.count, self.previous, self.next, self.match_case, self.whole_words,
            self.highlight_all,
        ):  # fmt: skip
            self.row.addWidget(widget)
        self.edit.textChanged.connect(self.search)
        self.match_case.toggled.connect(self.search)
        self.whole_words.toggled.connect(self.search)
        self.highlight_all.toggled.connect(self._show_highlights)
        self.previous.clicked.connect(lambda: self.go(-1))
        self.next.clicked.connect(lambda: self.go(1))
        EnterFilter(self.edit).pressed.connect(lambda shift: self.go(-1 if shift else 1))
        self._show_count()

    @property
    def term(self) -> FindTerm:
        """What is looked for."""
        return FindTerm(
            self.edit.text(), self.match_case.isChecked(), self.whole_words.isChecked()
        )

    @property
    def matches(self) -> list[Span]:
        """What was found so far, in order."""
        return self._matches

    def set_view(self, view: LogView | None) -> None:
        """Look in another log."""
        if self._view is not None:
            self._view.set_pattern(None)
            self._view.show_match(None)
        self._view = view
        self.search()

    def resume(self) -> None:
        """The log has become longer."""
        if not self.isHidden():
            self._scanner.resume()

    def search(self) -> None:
        """Look for the term from where the caret is."""
        self._matches = []
        self._pattern = self.term.pattern()
        self._scanner.stop()
        self._wants_match = self._pattern is not None
        if self._view is not None:
            self._view.show_match(None)
            self._show_highlights()
            if self._pattern is not None and not self.isHidden():
                self._scanner.restart()
        self._show_count()

    def _row_count(self) -> int:
        view = self._view
        if view is None or self._pattern is None or len(self._matches) >= _MOST:
            return 0
        return min(view.row_count(), view.complete_lines())

    def _visit(self, row: int) -> None:
        view, pattern = self._view, self._pattern
        if view is None or pattern is None:
            return
        line = view.line_of_row(row)
        for found in pattern.finditer(view.document.lines[line]):
            self._matches.append(Span(line, found.start(), found.end()))

    def _on_advanced(self) -> None:
        if self._wants_match and self._view is not None:
            place = self._place_from_caret()
            if place < len(self._matches):
                self._show(place)
            elif self._scanner.is_done and self._matches:
                self._show(0)
        self._show_count()

    def _place_from_caret(self) -> int:
        assert self._view is not None
        caret = self._view.caret
        return bisect_left(self._matches, Span(caret.line, caret.column, 0))

    def go(self, step: int) -> None:
        """Show the match STEP places further, round and round."""
        view = self._view
        if view is None or not self._matches:
            return
        place = self._current()
        if place >= 0:
            self._show((place + step) % len(self._matches))
        else:
            near = self._place_from_caret() - (1 if step < 0 else 0)
            self._show(near % len(self._matches))

    def _show(self, place: int) -> None:
        self._wants_match = False
        if self._view is not None:
            self._shown = self._matches[place]
            self._view.show_match(self._shown)
        self._show_count()

    _shown: Span | None = None

    def _current(self) -> int:
        shown, view = self._shown, self._view
        if shown is None or view is None or view.caret[:2] != (shown.line, shown.start):
            return -1
        place = bisect_left(self._matches, shown)
        found = place < len(self._matches) and self._matches[place] == shown
        return place if found else -1

    def _show_highlights(self) -> None:
        if self._view is not None:
            shown = self.highlight_all.isChecked() and not self.isHidden()
            self._view.set_pattern(self._pattern if shown else None)

    def _show_count(self) -> None:
        total = len(self._matches)
        nothing = self._pattern is not None and not total and self._scanner.is_done
        palette = QPalette()
        if nothing:
            palette.setColor(QPalette.ColorRole.Base, _NOTHING_FOUND)
        self.edit.setPalette(palette)
        tip = self.tr("The log does not contain this text.") if nothing else ""
        self.edit.setToolTip(tip)
        self.edit.setAccessibleDescription(tip)
        more = "" if self._scanner.is_done else "+"
        text = f"{self._current() + 1}/{total}{more}" if self._pattern is not None else ""
        self.count.setText(text)
        for button in (self.previous, self.next):
            button.setEnabled(bool(total))
