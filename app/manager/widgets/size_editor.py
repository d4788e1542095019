"""Logarithmic slider and spin box for the size of a hard disk."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QWidget,
)

from app.manager.widgets.byte_sizes import GB, MB, TB, format_size, parse_size
from app.manager.widgets.tab_order import lend_focus

MIN_DISK_BYTES = 4 * MB
MAX_DISK_BYTES = 2 * TB
_STEPS_PER_DOUBLING = 32


class SizeSpinBox(QDoubleSpinBox):
    """Spin box over megabytes that shows and takes sizes with a unit ("25 GB", "500 MB")."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(2)
        self.setRange(MIN_DISK_BYTES / MB, MAX_DISK_BYTES / MB)
        self.setKeyboardTracking(False)
        # Qt measures the texts of the limits, which are shorter than what lies between them.
        widest = self.fontMetrics().horizontalAdvance("9999.99 MB")
        self.setMinimumWidth(widest + 3 * self.fontMetrics().height())

    def textFromValue(self, val: float) -> str:
        """Return VAL megabytes as text with the largest fitting unit."""
        return format_size(round(val * MB))

    def valueFromText(self, text: str) -> float:
        """Return the megabytes that TEXT means; unreadable text keeps the value."""
        size = parse_size(text, default_unit=GB)
        return self.value() if size is None else size / MB

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        """Accept anything that reads as a size within the range."""
        size = parse_size(text, default_unit=GB)
        if size is None or not self.minimum() <= size / MB <= self.maximum():
            return QValidator.State.Intermediate, text, pos
        return QValidator.State.Acceptable, text, pos

    def stepBy(self, steps: int) -> None:
        """Step by one of the unit that is shown."""
        unit = GB if self.value() * MB >= GB else MB
        self.setValue(self.value() + steps * unit / MB)


class SizeEditor(QWidget):
    """Size of a disk in bytes; the slider's scale is logarithmic.

    Signals:
        value_changed(object): the size in bytes (an int larger than Qt's own).
    """

    value_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bytes = 0
        self._high = MAX_DISK_BYTES
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(0, _position(MAX_DISK_BYTES))
        self.slider.setPageStep(_STEPS_PER_DOUBLING)
        self.slider.setTickInterval(_STEPS_PER_DOUBLING)
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.spin = SizeSpinBox(self)
        self.slider.valueChanged.connect(self._follow_slider)
        self.spin.valueChanged.connect(self._follow_spin)
        self._high_label = QLabel(format_size(MAX_DISK_BYTES), self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(1)
        layout.addWidget(self.slider, 0, 0, 1, 2)
        layout.addWidget(self.spin, 0, 2)
        layout.addWidget(QLabel(format_size(MIN_DISK_BYTES), self), 1, 0)
        layout.addWidget(self._high_label, 1, 1, Qt.AlignmentFlag.AlignRight)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)
        lend_focus(self, self.spin)
        self.value = 2 * GB

    @property
    def value(self) -> int:
        """Size in bytes, a multiple of 512."""
        return self._bytes

    @value.setter
    def value(self, size: int) -> None:
        self._set(min(max(size, MIN_DISK_BYTES), self._high))

    def set_maximum(self, size: int) -> None:
        """Limit the size to SIZE bytes."""
        self._high = max(size, MIN_DISK_BYTES)
        self.slider.setMaximum(_position(self._high))
        self.spin.setMaximum(self._high / MB)
        self._high_label.setText(format_size(self._high))

    def set_accessible_name(self, name: str) -> None:
        """Name both parts for assistive technology."""
        self.slider.setAccessibleName(name)
        self.spin.setAccessibleName(name)

    def _set(self, size: int) -> None:
        size -= size % 512
        if size == self._bytes:
            return
        self._bytes = size
        for part in (self.slider, self.spin):
            part.blockSignals(True)
        self.slider.setValue(_position(size))
        self.spin.setValue(size / MB)
        for part in (self.slider, self.spin):
            part.blockSignals(False)
        self.value_changed.emit(size)

    def _follow_slider(self, position: int) -> None:
        size = MIN_DISK_BYTES * 2 ** (position / _STEPS_PER_DOUBLING)
        unit = GB if size >= GB else MB
        rounded = math.floor(size / unit * 4 + 0.5) * unit // 4
        self.value = min(rounded, self._high)

    def _follow_spin(self, megabytes: float) -> None:
        self.value = round(megabytes * MB)


def _position(size: int) -> int:
    return round(math.log2(size / MIN_DISK_BYTES) * _STEPS_PER_DOUBLING)
