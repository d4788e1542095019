"""Slider and spin box for an amount of memory in MB, with the sensible range in colours."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from app.manager.widgets.tab_order import lend_focus

_GOOD = QColor(63, 166, 90)
_HIGH = QColor(238, 154, 45)
_TOO_HIGH = QColor(217, 83, 74)


class _RangeBar(QWidget):
    """Coloured bar under a slider: what is fine, what is much, what is too much."""

    def __init__(self, slider: QSlider, parent: QWidget) -> None:
        super().__init__(parent)
        self._slider = slider
        self._good_until = 0
        self._high_until = 0
        self.setFixedHeight(4)

    def set_zones(self, good_until: int, high_until: int) -> None:
        self._good_until = good_until
        self._high_until = high_until
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint three zones along the groove of the slider."""
        option = QStyleOptionSlider()
        self._slider.initStyleOption(option)
        handle = self._slider.style().pixelMetric(
            QStyle.PixelMetric.PM_SliderLength, option, self._slider
        )
        start = handle / 2
        length = max(1.0, self.width() - handle)
        low, high = self._slider.minimum(), self._slider.maximum()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        edges = [low, self._good_until, self._high_until, high]
        for color, first, last in zip(
            (_GOOD, _HIGH, _TOO_HIGH), edges[:-1], edges[1:], strict=True
        ):
            first_x = start + length * _share(first, low, high)
            last_x = start + length * _share(last, low, high)
            if last_x > first_x:
                painter.setBrush(color if self.isEnabled() else self.palette().mid().color())
                painter.drawRect(QRectF(first_x, 0, last_x - first_x, 4))
        painter.end()
        super().paintEvent(event)


class MemoryEditor(QWidget):
    """Amount of memory in MB.

    Signals:
        value_changed(int): the amount in MB.
    """

    value_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.slider.setMinimumWidth(160)
        self.spin = QSpinBox(self)
        self.spin.setSuffix(self.tr(" MB"))
        self.spin.setAccelerated(True)
        self._bar = _RangeBar(self.slider, self)
        self._low = QLabel(self)
        self._high = QLabel(self)
        self.slider.valueChanged.connect(self.spin.setValue)
        self.spin.valueChanged.connect(self.slider.setValue)
        self.spin.valueChanged.connect(self.value_changed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(1)
        layout.addWidget(self.slider, 0, 0, 1, 2)
        layout.addWidget(self.spin, 0, 2)
        layout.addWidget(self._bar, 1, 0, 1, 2)
        layout.addWidget(self._low, 2, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._high, 2, 1, Qt.AlignmentFlag.AlignRight)
        lend_focus(self, self.spin)
        self.set_range(4, 1024)

    @property
    def value(self) -> int:
        """Amount in MB."""
        return self.spin.value()

    @value.setter
    def value(self, megabytes: int) -> None:
        # A stored value outside the range is shown as it is, never changed behind one's back.
        if megabytes > self.spin.maximum():
            self.set_range(self.spin.minimum(), megabytes)
        if megabytes < self.spin.minimum():
            self.set_range(megabytes, self.spin.maximum())
        self.spin.setValue(megabytes)

    def set_accessible_name(self, name: str) -> None:
        """Name both parts for assistive technology."""
        self.slider.setAccessibleName(name)
        self.spin.setAccessibleName(name)

    def set_range(
        self, low: int, high: int, *, good_until: int | None = None, high_until: int | None = None
    ) -> None:
        """Set the limits in MB, and up to where the bar is green and orange."""
        high = max(low, high)
        self.slider.setRange(low, high)
        self.spin.setRange(low, high)
        self.slider.setSingleStep(max(1, high // 1024))
        self.slider.setPageStep(max(1, high // 16))
        self.spin.setSingleStep(4 if high <= 512 else 64)
        self._low.setText(self.tr("{size} MB").format(size=low))
        self._high.setText(self.tr("{size} MB").format(size=high))
        self._bar.set_zones(
            high if good_until is None else min(good_until, high),
            high if high_until is None else min(high_until, high),
        )


def _share(value: int, low: int, high: int) -> float:
    return 0.0 if high <= low else min(1.0, max(0.0, (value - low) / (high - low)))
