"""A chart of the last minute of one or two values."""

from __future__ import annotations

from collections import deque
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

SAMPLES: Final = 60
COLOURS: Final = (QColor(52, 140, 220), QColor(220, 110, 50))
_HEIGHT: Final = 110
_GRID: Final = 4


class Chart(QWidget):
    """Lines from right to left, the newest value at the right edge.

    Args:
        names: one per line.
        unit: stands behind the values.
        least_top: the scale never ends below this value.
    """

    def __init__(
        self, names: tuple[str, ...], unit: str, least_top: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._names = names
        self._unit = unit
        self._least_top = least_top
        self._series = [deque[float](maxlen=SAMPLES) for _ in names]
        self.setMinimumHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def add(self, *values: float) -> None:
        """Add the newest value of each line."""
        for series, value in zip(self._series, values, strict=True):
            series.append(value)
        self.setAccessibleDescription(self.caption())
        self.update()

    def caption(self) -> str:
        """Return names and newest values."""
        pairs = zip(self._names, self._series, strict=True)
        return "   ".join(
            f"{name}: {series[-1] if series else 0:.0f} {self._unit}" for name, series in pairs
        )

    def top(self) -> float:
        """Return the value at the upper edge."""
        return max(self._least_top, *(max(series, default=0.0) for series in self._series))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint caption, grid and lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignTop, self.caption())
        scale = f"{self.top():.0f} {self._unit}"
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight, scale)
        area = QRectF(self.rect()).adjusted(1, line + 4, -1, -1)
        painter.fillRect(area, self.palette().brush(QPalette.ColorRole.Base))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        for row in range(_GRID + 1):
            y = area.top() + area.height() * row / _GRID
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for series, colour in zip(self._series, COLOURS, strict=False):
            painter.setPen(QPen(colour, 2))
            painter.drawPolyline(self._points(area, series))

    def _points(self, area: QRectF, series: deque[float]) -> QPolygonF:
        step = area.width() / (SAMPLES - 1)
        start = area.right() - step * (len(series) - 1)
        top = self.top()
        return QPolygonF(
            [
                QPointF(start + step * index, area.bottom() - area.height() * value / top)
                for index, value in enumerate(series)
            ]
        )
