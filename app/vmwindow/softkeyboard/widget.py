"""Paints a keyboard and takes clicks on its keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from app.console.pckeys import MODIFIER_KEYS, PcKey
from app.vmwindow.softkeyboard.geometry import HEIGHT, WIDTH, KeyPlace
from app.vmwindow.softkeyboard.keys import SoftKeys
from app.vmwindow.softkeyboard.layouts import Layout, Legend

_GAP: Final = 0.06  # between two keys, in key widths
_RADIUS: Final = 0.1
_PREFERRED_KEY: Final = 40  # pixels
_SMALLEST_KEY: Final = 22
_LAMPS: Final = {PcKey.SCROLL_LOCK: 1, PcKey.NUM_LOCK: 2, PcKey.CAPS_LOCK: 4}


class SoftKeyboardWidget(QWidget):
    """The keys, as large as the widget permits.

    Args:
        keys: state of the keys.
        layout: what is printed on them.
    """

    def __init__(self, keys: SoftKeys, layout: Layout, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._layout = layout
        self._leds = 0
        self._held: PcKey | None = None
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(int(WIDTH * _SMALLEST_KEY), int(HEIGHT * _SMALLEST_KEY))
        self.setAccessibleName(self.tr("Soft keyboard"))
        keys.changed.connect(self.update)

    @property
    def layout_shown(self) -> Layout:
        """What is printed on the keys."""
        return self._layout

    def set_layout(self, layout: Layout) -> None:
        """Print other legends."""
        self._keys.release_all()
        self._layout = layout
        self.update()

    def set_leds(self, leds: int) -> None:
        """Show the guest's lock LEDs: bit 0 scroll, 1 num, 2 caps."""
        if leds != self._leds:
            self._leds = leds
            self.update()

    def sizeHint(self) -> QSize:
        """Keys of a comfortable size."""
        return QSize(int(WIDTH * _PREFERRED_KEY), int(HEIGHT * _PREFERRED_KEY))

    # ------------------------------------------------------------------ geometry

    def _unit(self) -> float:
        return min(self.width() / WIDTH, self.height() / HEIGHT)

    def _origin(self) -> QPointF:
        unit = self._unit()
        return QPointF((self.width() - WIDTH * unit) / 2, (self.height() - HEIGHT * unit) / 2)

    def centre_of(self, key: PcKey) -> QPointF:
        """Return the middle of a key in pixels."""
        place = next(place for place in self._layout.places if place.key is key)
        middle = QPointF(place.x + place.width / 2, place.y + place.height / 2)
        return self._origin() + middle * self._unit()

    def key_at(self, position: QPointF) -> PcKey | None:
        """Return the key at a position in pixels."""
        at = (position - self._origin()) / self._unit()
        return next((p.key for p in self._layout.places if _outline(p).contains(at)), None)

    # ------------------------------------------------------------------ events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a key; the right button locks modifiers."""
        key = self.key_at(event.position())
        if key is None or self._held is not None:
            return
        if event.button() is Qt.MouseButton.RightButton and key in MODIFIER_KEYS:
            self._keys.lock(key)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._keys.press(key)
            self._held = key

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the key."""
        if event.button() is Qt.MouseButton.LeftButton and self._held is not None:
            held, self._held = self._held, None
            self._keys.release(held)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint all keys."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(self._origin())
        for place in self._layout.places:
            self._paint_key(painter, place)

    def _paint_key(self, painter: QPainter, place: KeyPlace) -> None:
        palette, unit = self.palette(), self._unit()
        down = self._keys.is_down(place.key)
        painter.save()
        painter.scale(unit, unit)
        fill = QPalette.ColorRole.Highlight if down else QPalette.ColorRole.Button
        painter.setBrush(palette.brush(fill))
        pen = painter.pen()
        pen.setColor(palette.color(QPalette.ColorRole.Mid))
        pen.setWidthF(2.0 / unit if self._keys.is_locked(place.key) else 1.0 / unit)
        if self._keys.is_locked(place.key):
            pen.setColor(palette.color(QPalette.ColorRole.Text))
        painter.setPen(pen)
        painter.drawPath(_outline(place))
        painter.restore()
        text = QPalette.ColorRole.HighlightedText if down else QPalette.ColorRole.ButtonText
        painter.setPen(palette.color(text))
        inner = QRectF(place.x, place.y, place.width, place.height).adjusted(0.16, 0.1, -0.16, -0.1)
        area = QRectF(inner.topLeft() * unit, inner.size() * unit)
        self._paint_legend(painter, area, self._layout.legends.get(place.key, Legend("")))
        if place.key in _LAMPS:
            self._paint_lamp(painter, area, lit=bool(self._leds & _LAMPS[place.key]))

    def _paint_legend(self, painter: QPainter, area: QRectF, legend: Legend) -> None:
        font = QFont(self.font())
        font.setPixelSize(max(7, int(self._unit() * (0.3 if len(legend.plain) < 2 else 0.25))))
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(legend.plain)
        if wide > area.width():
            font.setPixelSize(max(6, int(font.pixelSize() * area.width() / wide)))
            painter.setFont(font)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        top, bottom = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
        painter.drawText(area, left | (bottom if legend.shift else top), legend.plain)
        painter.drawText(area, left | top, legend.shift)
        painter.drawText(area, right | bottom, legend.altgr)

    def _paint_lamp(self, painter: QPainter, area: QRectF, *, lit: bool) -> None:
        radius = self._unit() * 0.08
        role = QPalette.ColorRole.Highlight if lit else QPalette.ColorRole.Mid
        painter.setBrush(self.palette().brush(role))
        painter.drawEllipse(area.bottomRight() - QPointF(radius, radius), radius, radius)


def _outline(place: KeyPlace) -> QPainterPath:
    """Return the outline of a key in key widths."""
    gap = _GAP / 2
    rect = QRectF(place.x, place.y, place.width, place.height).adjusted(gap, gap, -gap, -gap)
    path = QPainterPath()
    path.addRoundedRect(rect, _RADIUS, _RADIUS)
    if place.nose < place.x:
        right = place.x + place.width
        nose = QRectF(place.nose, place.y, right - place.nose, 1.0).adjusted(gap, gap, -gap, -gap)
        upper = QPainterPath()
        upper.addRoundedRect(nose, _RADIUS, _RADIUS)
        path = path.united(upper)
    return path
