"""What lies over the guest's picture: the veil of a paused guest, and hints."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from app.common.translation import tr

_VEIL: Final = QColor(20, 24, 32, 150)
_SIGN: Final = QColor(255, 255, 255, 220)
_PLATE: Final = QColor(20, 24, 32, 190)
_HINT_MILLISECONDS: Final = 8000


def paint_pause_veil(painter: QPainter, area: QRect, font: QFont) -> None:
    """Dim an area and put the sign of a pause into its middle."""
    painter.save()
    painter.fillRect(area, _VEIL)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    big = QFont(font)
    big.setPointSizeF(font.pointSizeF() * 1.6)
    text = tr("Paused")
    metrics = QFontMetrics(big)
    bar = max(6, metrics.height() // 3)
    height = 3 * bar
    width = max(metrics.horizontalAdvance(text), 3 * bar) + 4 * bar
    plate = QRect(0, 0, width, height + metrics.height() + 4 * bar)
    plate.moveCenter(area.center())
    painter.setBrush(_PLATE)
    painter.drawRoundedRect(plate, bar, bar)
    painter.setBrush(_SIGN)
    centre, top = plate.center().x(), plate.top() + bar + bar // 2
    painter.drawRoundedRect(QRect(centre - bar - bar // 2, top, bar, height), 2, 2)
    painter.drawRoundedRect(QRect(centre + bar // 2, top, bar, height), 2, 2)
    painter.setFont(big)
    painter.setPen(_SIGN)
    line = QRect(plate.left(), top + height + bar // 2, plate.width(), metrics.height() + bar)
    painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


class HintLabel(QLabel):
    """A hint at the upper edge of the screen that goes away by itself or when clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setStyleSheet(
            "background: rgba(20, 24, 32, 215); color: white; padding: 8px 14px;"
            "border-bottom-left-radius: 6px; border-bottom-right-radius: 6px;"
        )
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def show_hint(self, text: str) -> None:
        """Show a hint for some seconds."""
        self.setText(text)
        self.place()
        self.show()
        self.raise_()
        self._timer.start(_HINT_MILLISECONDS)

    def place(self) -> None:
        """Find the place at the upper edge of the parent."""
        parent = self.parentWidget()
        if parent is None:
            return
        wanted = self.fontMetrics().horizontalAdvance(self.text()) + 40
        width = min(parent.width(), wanted)
        height = self.heightForWidth(width)
        self.setGeometry((parent.width() - width) // 2, 0, width, height)
