"""A line chart of the last two minutes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.common.translation import tr

COLOURS: Final = (QColor("#3b82d6"), QColor("#e08a2e"))
_FILL_ALPHA: Final = 45
_LEGEND_CHARACTERS: Final = 28
_AXIS_CHARACTERS: Final = 14
_MARGIN: Final = 10
_GRID_LINES: Final = 4
_LEAST_BITS: Final = 10


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        metric: name of what it shows.
        label: what people call it.
    """

    metric: str
    label: str


def nice_ceiling(value: float, *, binary: bool = False) -> float:
    """Return a round number that is at least VALUE, and large enough for an empty chart.

    Args:
        value: what has to fit.
        binary: a power of two, for bytes; otherwise 1, 2 or 5 times a power of ten.
    """
    if binary:
        return 2.0 ** max(_LEAST_BITS, math.ceil(math.log2(max(1.0, value))))
    if value <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value)


class LineChart(QWidget):
    """Title and newest values at the left, lines at the right; the pointer tells values.

    Args:
        title: heading.
        lines: at most two.
        text: turns a value into text.
        samples: how many are shown.
        period: seconds between two of them.
        maximum: value of the upper edge; 0: what the largest value needs.
        binary: values are amounts of bytes.
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Line],
        text: Callable[[float], str],
        *,
        samples: int,
        period: int,
        maximum: float = 0,
        binary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.lines = tuple(lines)
        self.note = ""
        self._text = text
        self._samples = samples
        self._period = period
        self._maximum = maximum
        self._binary = binary
        self._values: list[Sequence[float]] = [() for _ in lines]
        self._pointer: float | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_values(self, values: Sequence[Sequence[float]], note: str = "") -> None:
        """Show VALUES, one sequence for each line, the oldest first.

        Args:
            values: as many as there are lines; more samples than are shown are cut off.
            note: a sentence that is shown while there are no values.
        """
        self._values = [each[-self._samples :] for each in values]
        self.note = note
        self.setAccessibleDescription(", ".join(self.legend()) or note)
        self.update()

    def legend(self) -> list[str]:
        """Return name and newest value of each line that has values."""
        return [
            f"{line.label}: {self._text(values[-1])}"
            for line, values in zip(self.lines, self._values, strict=True)
            if values
        ]

    @property
    def top(self) -> float:
        """The value of the upper edge."""
        largest = max((max(each) for each in self._values if each), default=0)
        return self._maximum or nice_ceiling(largest, binary=self._binary)

    # -- geometry ------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return a size at which five charts fit into the pane."""
        return QSize(480, 120)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which lines can be told apart."""
        return QSize(320, 6 * self.fontMetrics().height())

    def _plot(self) -> QRectF:
        legend = self.fontMetrics().averageCharWidth() * _LEGEND_CHARACTERS
        height = self.fontMetrics().height()
        # The same for all charts, so that they begin and end below each other.
        axis = self.fontMetrics().averageCharWidth() * _AXIS_CHARACTERS
        return QRectF(self.rect()).adjusted(
            legend + _MARGIN, _MARGIN, -axis - _MARGIN, -height - _MARGIN
        )

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw legend, grid and lines."""
        painter = QPainter(self)
        plot = self._plot()
        self._paint_legend(painter)
        self._paint_grid(painter, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plot.adjusted(0, -1, 0, 1))
        for values, colour in zip(self._values, COLOURS, strict=False):
            self._paint_line(painter, plot, values, colour)
        painter.setClipping(False)
        if self._pointer is not None:
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 0.5))
            x = round(self._pointer) + 0.5
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.end()

    def _paint_legend(self, painter: QPainter) -> None:
        height = self.fontMetrics().height()
        width = self.fontMetrics().averageCharWidth() * _LEGEND_CHARACTERS - _MARGIN
        y = _MARGIN
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRect(_MARGIN, y, width, height), Qt.AlignmentFlag.AlignLeft, self.title)
        painter.setFont(self.font())
        y += height + 4
        shown = False
        for line, values, colour in zip(self.lines, self._values, COLOURS, strict=False):
            if not values:
                continue
            shown = True
            painter.fillRect(QRectF(_MARGIN, y + height / 2 - 2, 10, 4), colour)
            text = f"{line.label}: {self._text(values[-1])}"
            area = QRect(_MARGIN + 16, y, width - 16, height)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft, text)
            y += height + 2
        if not shown:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            area = QRect(_MARGIN, y, width, self.height() - y)
            painter.drawText(
                area, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self.note
            )

    def _paint_grid(self, painter: QPainter, plot: QRectF) -> None:
        palette = self.palette()
        painter.fillRect(plot, palette.base())
        faint = palette.color(QPalette.ColorRole.Text)
        faint.setAlpha(40)
        painter.setPen(QPen(faint, 1))
        for number in range(_GRID_LINES + 1):
            y = round(plot.top() + plot.height() * number / _GRID_LINES)
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        height = self.fontMetrics().height()
        for value, upper in ((self.top, plot.top()), (0.0, plot.bottom() - height)):
            area = QRectF(plot.right() + 6, upper, self.width() - plot.right() - 6, height)
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft, self._text(value))
        seconds = self._samples * self._period
        below = QRectF(plot.left(), plot.bottom() + 2, plot.width(), height)
        oldest = tr("{seconds} s ago").format(seconds=seconds)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, oldest)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, tr("now"))

    def _paint_line(
        self, painter: QPainter, plot: QRectF, values: Sequence[float], colour: QColor
    ) -> None:
        if not values:
            return
        top = self.top
        step = plot.width() / max(1, self._samples - 1)
        points = [
            QPointF(
                plot.right() - (len(values) - 1 - number) * step,
                plot.bottom() - min(1.0, value / top) * plot.height(),
            )
            for number, value in enumerate(values)
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        area = QPainterPath(path)
        area.lineTo(points[-1].x(), plot.bottom())
        area.lineTo(points[0].x(), plot.bottom())
        fill = QColor(colour)
        fill.setAlpha(_FILL_ALPHA)
        painter.fillPath(area, fill)
        painter.setPen(QPen(colour, 1.6))
        painter.drawPath(path)

    # -- pointer -------------------------------------------------------------------------------

    def values_at(self, x: float) -> list[str]:
        """Return what the lines show at X: how long ago, and a text for each line."""
        plot = self._plot()
        if not plot.left() <= x <= plot.right():
            return []
        back = round((plot.right() - x) / plot.width() * (self._samples - 1))
        found = [
            f"{line.label}: {self._text(values[-1 - back])}"
            for line, values in zip(self.lines, self._values, strict=True)
            if len(values) > back
        ]
        when = tr("{seconds} s ago").format(seconds=back * self._period)
        return [when, *found] if found else []

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values at the pointer."""
        told = self.values_at(event.position().x())
        self._pointer = event.position().x() if told else None
        QToolTip.showText(event.globalPosition().toPoint(), "\n".join(told), self)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell nothing."""
        super().leaveEvent(event)
        self._pointer = None
        self.update()
