"""Shows the lines of a log. Only what is seen is laid out, so that size does not matter."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from app.common.icons import picture
from app.manager.logs.document import LogDocument

_LONGEST_SHOWN: Final = 8000
_MARK: Final = 14
_GAP: Final = 6
_MATCH_TINT: Final = QColor(255, 214, 10, 110)
_CURRENT_TINT: Final = QColor(255, 140, 0, 190)


class Place(NamedTuple):
    """A character: line of the log and column, both counted from 0."""

    line: int
    column: int


class Span(NamedTuple):
    """Part of a line."""

    line: int
    start: int
    end: int


def fixed_font() -> QFont:
    """Return the desktop's font with characters of one width."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)


class LogView(QAbstractScrollArea):
    """Read-only text with line numbers and bookmarks beside it.

    Attributes:
        document: the log.

    Signals:
        refresh_requested(): F5 was pressed in the text.
        caret_moved(): another line is current.
    """

    refresh_requested = Signal()
    caret_moved = Signal()

    def __init__(self, document: LogDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self._rows: Sequence[int] | None = None
        self._wraps = False
        self._numbers = True
        self._pattern: re.Pattern[str] | None = None
        self._match: Span | None = None
        self._anchor = self._caret = Place(0, 0)
        self._selecting = False
        self.setFont(fixed_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self.setAccessibleName(self.tr("Log {path}").format(path=document.path))
        document.lines_added.connect(self.refit)
        document.reset.connect(self._on_reset)
        document.bookmarks_changed.connect(self.viewport().update)

    # -- what is shown -------------------------------------------------------------------------

    def set_rows(self, rows: Sequence[int] | None) -> None:
        """Show only the lines ROWS, which may grow; None shows all."""
        top = self._line_at(self.verticalScrollBar().value())
        self._rows = rows
        self.refit()
        self.verticalScrollBar().setValue(self._row_of(top))

    def row_count(self) -> int:
        """Return how many lines are shown."""
        return len(self.document.lines) if self._rows is None else len(self._rows)

    def complete_lines(self) -> int:
        """Return how many lines will not change: the last one grows while the log is read."""
        count = len(self.document.lines)
        return max(0, count - 1) if self.document.is_loading else count

    def line_of_row(self, row: int) -> int:
        """Return the line of the log that is in ROW of what is shown."""
        return row if self._rows is None else self._rows[row]

    def _line_at(self, row: int) -> int:
        count = self.row_count()
        return self.line_of_row(min(row, count - 1)) if count else 0

    def _row_of(self, line: int) -> int:
        return line if self._rows is None else bisect_left(self._rows, line)

    def text(self, line: int) -> str:
        """Return LINE as it is shown."""
        text = self.document.lines[line]
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"

    def set_wraps(self, wraps: bool) -> None:
        """Break lines that are wider than the view, or let it scroll."""
        self._wraps = wraps
        self.refit()

    def set_shows_numbers(self, shows: bool) -> None:
        """Show or hide the numbers of the lines."""
        self._numbers = shows
        self.refit()

    def set_log_font(self, font: QFont) -> None:
        """Use FONT."""
        self.setFont(font)
        self.refit()

    def set_pattern(self, pattern: re.Pattern[str] | None) -> None:
        """Mark everything that PATTERN matches."""
        self._pattern = pattern
        self.viewport().update()

    def show_match(self, match: Span | None) -> None:
        """Make MATCH the current one and scroll to it; None: there is none."""
        self._match = match
        if match is not None:
            self._anchor = self._caret = Place(match.line, match.start)
            self.scroll_to(match.line)
            self._scroll_to_column(match.start, match.end)
            self.caret_moved.emit()
        self.viewport().update()

    @property
    def caret(self) -> Place:
        """Where the next search begins, and the line that is current."""
        return self._caret

    def go_to(self, line: int) -> None:
        """Make LINE current and show it."""
        self._move(Place(line, 0), extend=False)

    def scroll_to(self, line: int) -> None:
        """Scroll as far as needed to show LINE; one that was not seen comes into the middle."""
        row, bar = self._row_of(line), self.verticalScrollBar()
        page = max(1, self._page())
        if not bar.value() <= row < bar.value() + page:
            near = row in (bar.value() - 1, bar.value() + page)
            offset = 0 if row < bar.value() else page - 1
            bar.setValue(row - (offset if near else page // 2))

    def _scroll_to_column(self, start: int, end: int) -> None:
        if self._wraps:
            return
        width = self.fontMetrics().averageCharWidth()
        bar, room = self.horizontalScrollBar(), self.viewport().width() - self._gutter()
        if end * width > bar.value() + room:
            bar.setValue(end * width - room + 4 * width)
        if start * width < bar.value():
            bar.setValue(max(0, start - 4) * width)

    def _on_reset(self) -> None:
        self._anchor = self._caret = Place(0, 0)
        self._match = None
        self.refit()

    # -- geometry ------------------------------------------------------------------------------

    def _line_height(self) -> int:
        return max(1, self.fontMetrics().height())

    def _page(self) -> int:
        return self.viewport().height() // self._line_height()

    def _gutter(self) -> int:
        digits = len(str(max(1, len(self.document.lines)))) if self._numbers else 0
        return _MARK + _GAP + digits * self.fontMetrics().horizontalAdvance("9") + _GAP

    def refit(self) -> None:
        """The text, its font or the room for it has changed."""
        bar, page = self.verticalScrollBar(), max(1, self._page())
        bar.setRange(0, self._last_top())
        bar.setPageStep(page)
        bar.setSingleStep(1)
        width = self.fontMetrics().averageCharWidth()
        room = self.viewport().width() - self._gutter()
        longest = min(self.document.longest, _LONGEST_SHOWN) + 2
        self.horizontalScrollBar().setRange(0, 0 if self._wraps else max(0, longest * width - room))
        self.horizontalScrollBar().setPageStep(room)
        self.horizontalScrollBar().setSingleStep(4 * width)
        self.viewport().update()

    def _last_top(self) -> int:
        """Return the row that is the first one when the last one is seen."""
        count = self.row_count()
        if not self._wraps:
            return max(0, count - max(1, self._page()))
        room = self.viewport().height()
        row = count
        while row > 0:
            lines = self._layout(self.line_of_row(row - 1)).lineCount()
            room -= max(1, lines) * self._line_height()
            if room < 0:
                break
            row -= 1
        return min(row, max(0, count - 1))

    def _layout(self, line: int) -> QTextLayout:
        layout = QTextLayout(self.text(line), self.font())
        option = QTextOption()
        wrap = QTextOption.WrapMode
        option.setWrapMode(wrap.WrapAtWordBoundaryOrAnywhere if self._wraps else wrap.NoWrap)
        option.setTabStopDistance(8 * self.fontMetrics().averageCharWidth())
        layout.setTextOption(option)
        width = max(80, self.viewport().width() - self._gutter() - _GAP)
        layout.beginLayout()
        y = 0
        while (part := layout.createLine()).isValid():
            part.setLineWidth(width)
            part.setPosition(QPointF(0, y))
            y += self._line_height()
        layout.endLayout()
        return layout

    def _seen(self) -> Iterator[tuple[int, QTextLayout, int, int]]:
        """Yield line, layout, upper edge and height of everything that is seen."""
        y, bottom = 0, self.viewport().height()
        for row in range(self.verticalScrollBar().value(), self.row_count()):
            line = self.line_of_row(row)
            layout = self._layout(line)
            height = max(1, layout.lineCount()) * self._line_height()
            yield line, layout, y, height
            y += height
            if y >= bottom:
                return

    def place_at(self, point: QPoint) -> Place | None:
        """Return the character at POINT of the viewport, or None below the last line."""
        if point.y() < 0:
            return Place(self._line_at(self.verticalScrollBar().value()), 0)
        for line, layout, y, height in self._seen():
            if y <= point.y() < y + height:
                number = min(layout.lineCount() - 1, (point.y() - y) // self._line_height())
                x = point.x() - self._gutter() + self.horizontalScrollBar().value()
                return Place(line, layout.lineAt(number).xToCursor(x))
        return None

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what is seen."""
        painter = QPainter(self.viewport())
        gutter, scrolled = self._gutter(), self.horizontalScrollBar().value()
        area = self.viewport().rect()
        palette = self.palette()
        painter.fillRect(area, palette.base())
        mark = picture("bookmark", _MARK, self.devicePixelRatioF())
        text_area = area.adjusted(gutter, 0, 0, 0)
        margin = QRect(0, 0, gutter - _GAP // 2, area.height())
        painter.fillRect(margin, palette.window())
        for line, layout, y, height in self._seen():
            if line == self._caret.line and self.hasFocus():
                current = QRect(margin.right() + 1, y, area.width(), height)
                painter.fillRect(current, palette.alternateBase())
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            painter.setClipRect(text_area)
            layout.draw(
                painter, QPointF(gutter - scrolled, y), self._formats(line), QRectF(text_area)
            )
            painter.setClipping(False)
            if self.document.is_marked(line):
                painter.drawPixmap(2, y + (self._line_height() - _MARK) // 2, mark)
            if self._numbers:
                painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
                box = QRect(0, y, gutter - _GAP, self._line_height())
                painter.drawText(box, Qt.AlignmentFlag.AlignRight, str(line + 1))
        painter.end()

    def _formats(self, line: int) -> list[QTextLayout.FormatRange]:
        found: list[QTextLayout.FormatRange] = []
        if self._pattern is not None:
            matches = self._pattern.finditer(self.text(line))
            found += [_tinted(match.start(), match.end(), _MATCH_TINT) for match in matches]
        if self._match is not None and self._match.line == line:
            found.append(_tinted(self._match.start, self._match.end, _CURRENT_TINT))
        first, last = sorted((self._anchor, self._caret))
        if first.line <= line <= last.line and first != last:
            start = first.column if line == first.line else 0
            end = last.column if line == last.line else len(self.text(line))
            selected = _tinted(start, end, self.palette().color(QPalette.ColorRole.Highlight))
            selected.format.setForeground(self.palette().highlightedText())
            found.append(selected)
        return found

    # -- moving and selecting ------------------------------------------------------------------

    def _move(self, place: Place, *, extend: bool) -> None:
        moved = place.line != self._caret.line
        self._caret = place
        if not extend:
            self._anchor = place
        self.scroll_to(place.line)
        self.viewport().update()
        if moved and place.line < len(self.document.lines):
            # What a screen reader says of the text.
            self.setAccessibleDescription(f"{place.line + 1}: {self.text(place.line)[:200]}")
            self.caret_moved.emit()

    def _move_rows(self, rows: int, *, extend: bool) -> None:
        count = self.row_count()
        if count:
            row = min(max(0, self._row_of(self._caret.line) + rows), count - 1)
            self._move(Place(self.line_of_row(row), 0), extend=extend)

    def selected_text(self) -> str:
        """Return what is selected, or an empty string."""
        first, last = sorted((self._anchor, self._caret))
        if first == last:
            return ""
        lines = self.document.lines
        if first.line == last.line:
            return lines[first.line][first.column : last.column]
        end = min(self._row_of(last.line) + 1, self.row_count())
        rows = range(self._row_of(first.line), end)
        parts = [lines[self.line_of_row(row)] for row in rows]
        parts[0] = parts[0][first.column :]
        parts[-1] = parts[-1][: last.column]
        return "\n".join(parts)

    def select_all(self) -> None:
        """Select everything that is shown."""
        count = self.row_count()
        if count:
            last = self.line_of_row(count - 1)
            self._anchor = Place(self.line_of_row(0), 0)
            self._caret = Place(last, len(self.text(last)))
            self.viewport().update()

    def copy(self) -> None:
        """Copy what is selected."""
        text = self.selected_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    # -- events --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """F5 reads the log anew here; elsewhere it is the machine's."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and (event.key() == Qt.Key.Key_F5 or event.matches(QKeySequence.StandardKey.SelectAll))
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, select and copy."""
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key, page, count = event.key(), max(1, self._page() - 1), self.row_count()
        steps = {
            Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page, Qt.Key.Key_PageDown: page,
        }  # fmt: skip
        if control:
            steps |= {Qt.Key.Key_Home: -count, Qt.Key.Key_End: count}
        if key in steps:
            self._move_rows(steps[Qt.Key(key)], extend=extend)
        elif key == Qt.Key.Key_F5:
            self.refresh_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + bar.singleStep() * (1 if key == Qt.Key.Key_Right else -1))
        elif key == Qt.Key.Key_Space:
            self.document.toggle_bookmark(self._caret.line)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Set the caret, or mark the line beside whose text it was pressed."""
        point = event.position().toPoint()
        place = self.place_at(point)
        if place is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if point.x() < self._gutter() - _GAP // 2:
            self.document.toggle_bookmark(place.line)
        else:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._selecting = True
            self._move(place, extend=extend)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select."""
        if not self._selecting:
            return
        point = event.position().toPoint()
        bar = self.verticalScrollBar()
        if point.y() < 0:
            bar.setValue(bar.value() - 1)
        elif point.y() > self.viewport().height():
            bar.setValue(bar.value() + 1)
            point.setY(self.viewport().height() - 2)
        place = self.place_at(point)
        if place is not None:
            self._caret = place
            self.viewport().update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """What is selected stays."""
        self._selecting = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Mark the line, or mark it no more."""
        place = self.place_at(event.position().toPoint())
        if place is not None and event.position().x() >= self._gutter() - _GAP // 2:
            self.document.toggle_bookmark(place.line)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the text."""
        place = self.place_at(self.viewport().mapFromGlobal(event.globalPos()))
        line = place.line if place is not None else self._caret.line
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(self.tr("&Copy"))
        copy.setEnabled(bool(self.selected_text()))
        copy.triggered.connect(self.copy)
        menu.addAction(self.tr("Select &All")).triggered.connect(self.select_all)
        menu.addSeparator()
        marked = self.document.is_marked(line)
        text = self.tr("Remove &Bookmark") if marked else self.tr("Add &Bookmark")
        menu.addAction(text).triggered.connect(lambda: self.document.toggle_bookmark(line))
        menu.popup(event.globalPos())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text in anew."""
        super().resizeEvent(event)
        self.refit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow fonts."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.refit()


def _tinted(start: int, end: int, colour: QColor) -> QTextLayout.FormatRange:
    tint = QTextLayout.FormatRange()
    tint.start, tint.length = start, end - start
    look = QTextCharFormat()
    look.setBackground(colour)
    tint.format = look
    return tint
