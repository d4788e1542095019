"""One indicator: an icon with a lamp, details on hover, a menu on right click."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.common.icons import icon

_ICON_SIZE: Final = 16
_LAMP_SIZE: Final = 6
_LABEL_STYLE: Final = "padding-right: 10px; white-space: nowrap"
READ: Final = QColor(46, 204, 64)
WRITE: Final = QColor(232, 65, 24)

Rows = Iterable[tuple[str, str]]
"""Labels and values; a label alone is a heading."""


class Indicator(QWidget):
    """An icon with a lamp in its corner, a tool tip, and a menu on right click.

    Args:
        icon_name: drawing.
        title: what it stands for, for people.

    Signals:
        menu_requested(QPoint): the right button was pressed here (global position).
    """

    menu_requested = Signal(QPoint)

    def __init__(self, icon_name: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._icon_name = icon_name
        self._icon = icon(icon_name)
        self._lamp: QColor | None = None
        self._sentence = ""
        self._details: Callable[[], Rows] = tuple
        self._activity: Callable[[], tuple[int, int]] | None = None
        self._last = (0, 0)
        self.setAccessibleName(title)
        self.setFixedSize(QSize(_ICON_SIZE + 6, _ICON_SIZE + 4))

    @property
    def lamp(self) -> QColor | None:
        """Colour of the lamp, None while it is dark."""
        return self._lamp

    def set_lamp(self, colour: QColor | None) -> None:
        """Light the lamp, or put it out."""
        if colour != self._lamp:
            self._lamp = colour
            self.update()

    @property
    def icon_name(self) -> str:
        """The drawing."""
        return self._icon_name

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        if name != self._icon_name:
            self._icon_name = name
            self._icon = icon(name)
            self.update()

    def set_details(self, details: Callable[[], Rows]) -> None:
        """Have the details fetched from a function whenever somebody wants to see them."""
        self._details = details
        self.refresh_details()

    def set_state_sentence(self, sentence: str) -> None:
        """Show a sentence above the details."""
        self._sentence = sentence
        self.refresh_details()

    def refresh_details(self) -> None:
        """Fetch the details anew, for the tool tip and for screen readers."""
        rows = [*self._details()]
        if self._sentence:
            rows.insert(0, (self._sentence, ""))
        self.setToolTip(details_table(self.title, rows))
        self.setAccessibleDescription(
            "\n".join(f"{label}: {value}" if value else label for label, value in rows)
        )

    def set_activity(self, activity: Callable[[], tuple[int, int]]) -> None:
        """Let the lamp follow counters.

        Args:
            activity: returns how often was read and written so far.
        """
        self._activity = activity
        self._last = activity()

    def poll(self) -> None:
        """Look at the counters: red for writes, green for reads, dark for neither."""
        if self._activity is None:
            return
        reads, writes = self._activity()
        before_reads, before_writes = self._last
        self._last = (reads, writes)
        if writes != before_writes:
            self.set_lamp(WRITE)
        else:
            self.set_lamp(READ if reads != before_reads else None)

    def rest(self) -> None:
        """Put the lamp out: nothing happens."""
        self.set_lamp(None)

    def event(self, event: QEvent) -> bool:
        """Bring the details up to date before they are shown."""
        if event.type() == QEvent.Type.ToolTip:
            self.refresh_details()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint icon and lamp."""
        painter = QPainter(self)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self._icon.paint(painter, 1, 2, _ICON_SIZE, _ICON_SIZE, mode=mode)
        if self._lamp is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.GlobalColor.white)
            painter.setBrush(self._lamp)
            corner = QPoint(self.width() - _LAMP_SIZE - 2, self.height() - _LAMP_SIZE - 2)
            painter.drawEllipse(corner.x(), corner.y(), _LAMP_SIZE, _LAMP_SIZE)
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of what is shown here."""
        self.menu_requested.emit(event.globalPos())


def details_table(title: str, rows: Rows) -> str:
    """Return the details as a table in rich text; every text in it is plain."""
    cells = []
    for label, value in rows:
        if value:
            cells.append(
                f"<tr><td style='{_LABEL_STYLE}'>{html.escape(label)}</td>"
                f"<td style='white-space: nowrap'>{html.escape(value)}</td></tr>"
            )
        else:
            cells.append(f"<tr><td colspan='2'>{html.escape(label)}</td></tr>")
    heading = f"<tr><th colspan='2' align='left'>{html.escape(title)}</th></tr>"
    return f"<table>{heading}{''.join(cells)}</table>"
