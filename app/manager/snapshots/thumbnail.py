"""The picture of a guest's screen: small on a button, large in a window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

_SIZE = QSize(160, 120)


class ThumbnailButton(QToolButton):
    """Shows a small picture and says what a click does; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setIconSize(_SIZE)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(self.tr("Show what was on the screen"))
        self.setAccessibleName(self.toolTip())
        self.hide()

    def show_picture(self, png: bytes) -> None:
        """Show the picture in the file PNG; none when it is empty or no picture."""
        pixmap = QPixmap()
        shown = bool(png) and pixmap.loadFromData(png)
        if shown:
            self.setIcon(QIcon(pixmap))
            self.setIconSize(pixmap.size().scaled(_SIZE, Qt.AspectRatioMode.KeepAspectRatio))
        self.setVisible(shown)


class _Picture(QWidget):
    """Paints a picture in its real size, or as large as fits."""

    def __init__(self, pixmap: QPixmap, parent: QWidget) -> None:
        super().__init__(parent)
        self._pixmap = pixmap
        self.fits = True

    def toggle(self) -> None:
        """Switch between both sizes."""
        self.fits = not self.fits
        self.setMinimumSize(QSize(0, 0) if self.fits else self._pixmap.size())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it in the middle; never larger than it is."""
        size = self._pixmap.size()
        if self.fits and (size.width() > self.width() or size.height() > self.height()):
            size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(QPoint(0, 0), size)
        area.moveCenter(self.rect().center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(area, self._pixmap)
        painter.end()


class ScreenshotDialog(QDialog):
    """A screenshot, scaled down to fit; a click shows it in its real size and back."""

    def __init__(self, title: str, png: bytes, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        pixmap = QPixmap()
        pixmap.loadFromData(png)
        self.picture = _Picture(pixmap, self)
        self.picture.setAccessibleName(title)
        self.area = QScrollArea(self)
        self.area.setWidget(self.picture)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        text = self.tr("Press Space or click to switch between sizes.")
        self.hint = QLabel(self.tr("The picture is damaged.") if pixmap.isNull() else text, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 6)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignCenter)
        room = QGuiApplication.primaryScreen().availableSize() * 0.7
        wanted = pixmap.size() + QSize(24, 48)
        self.resize(wanted.boundedTo(room).expandedTo(_SIZE * 2))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Switch between sizes."""
        self.picture.toggle()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space switches between sizes."""
        if event.key() == Qt.Key.Key_Space:
            self.picture.toggle()
        else:
            super().keyPressEvent(event)
