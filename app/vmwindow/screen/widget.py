"""The widget that shows the guest's screen and takes keyboard and mouse for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.vmwindow.integration import AbsolutePointer
from app.vmwindow.keyboard.handler import KeyboardHandler
from app.vmwindow.mouse import MouseCapture
from app.vmwindow.screen.overlay import paint_pause_veil
from app.vmwindow.screen.placement import Placement, ScaleMode, enlarged, place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.vmwindow.screen.frames import Frame


def wrap_pixels(pixels: NDArray[np.uint32]) -> QImage:
    """Return an image on the array's own memory; the caller keeps the array alive.

    Args:
        pixels: (height, width) array of 0x00RRGGBB whose rows are contiguous.
    """
    height, width = pixels.shape
    return QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)


class ScreenWidget(QWidget):
    """Paints frames; hands keys and mouse events to their handlers.

    Attributes:
        keyboard: where key events go.
        mouse: who captures the pointer.
        pointer: tells positions of the pointer that is not captured.

    Signals:
        painted(): what the last frame changed is on the screen.
        guest_resized(): the guest's picture has another size.
        clicked(QPoint): a mouse button was pressed here (global position) while the pointer is
            not captured.
        focus_changed(bool): the keyboard came or went.
    """

    painted = Signal()
    guest_resized = Signal()
    clicked = Signal(QPoint)
    focus_changed = Signal(bool)

    def __init__(self, keyboard: KeyboardHandler, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keyboard = keyboard
        self.mouse = MouseCapture(self)
        self.pointer = AbsolutePointer(self, lambda: self._placement)
        self._mode = ScaleMode.ONE_TO_ONE
        self._factor = 1.0
        self._pixels: NDArray[np.uint32] | None = None
        self._image = QImage()
        self._placement = Placement()
        self._dimmed = False
        self._frame_pending = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    # ------------------------------------------------------------------ picture

    @property
    def scale_mode(self) -> ScaleMode:
        """How the picture fills the widget."""
        return self._mode

    def set_scale_mode(self, mode: ScaleMode) -> None:
        """Change how the picture fills the widget."""
        self._mode = mode
        self._place()
        self.update()

    @property
    def scale_factor(self) -> float:
        """How much larger than 1:1 the picture is shown while it is not fitted."""
        return self._factor

    def set_scale_factor(self, factor: float) -> None:
        """Change the scale factor, 1.0 or more."""
        self._factor = factor
        self._place()
        self.update()

    def set_dimmed(self, dimmed: bool) -> None:
        """Show the picture of a paused guest."""
        if dimmed != self._dimmed:
            self._dimmed = dimmed
            self.update()

    @property
    def guest_size(self) -> QSize:
        """Size of the picture in guest pixels; empty before the first frame."""
        return self._image.size()

    def picture(self) -> QImage:
        """Return a copy of the guest's picture."""
        return self._image.copy()

    def show_frame(self, frame: Frame) -> None:
        """Take over a new frame and repaint what it changed."""
        if frame.resized or self._pixels is not frame.pixels:
            self._take_pixels(frame.pixels)
        elif self.isVisible():
            device_rows = (self._placement.rows(first, end) for first, end in frame.dirty)
            for top, bottom in device_rows:
                self.update(self._logical_rows(top, bottom))
        self._frame_pending = True
        if self.visibleRegion().isEmpty():
            self._finish_frame()

    def _take_pixels(self, pixels: NDArray[np.uint32]) -> None:
        old_size = self._image.size()
        self._pixels = pixels
        self._image = wrap_pixels(pixels)
        if self._image.size() != old_size:
            self._place()
            self.guest_resized.emit()
        self.update()

    def _finish_frame(self) -> None:
        if self._frame_pending:
            self._frame_pending = False
            self.painted.emit()

    def _place(self) -> None:
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        area = (round(self.width() * ratio), round(self.height() * ratio))
        guest = (self._image.width(), self._image.height())
        minimum = self.natural_size() if self._mode is ScaleMode.ONE_TO_ONE else QSize(1, 1)
        if self.minimumSize() != minimum:
            self.setMinimumSize(minimum)
        self._placement = place(self._mode, guest, area, ratio, self._factor)

    def natural_size(self) -> QSize:
        """Return the size of the widget for the picture at the scale factor."""
        ratio = self.devicePixelRatioF()
        size = self._image.size()
        width, height = enlarged((size.width(), size.height()), ratio, self._factor)
        return QSize(-int(-width // ratio), -int(-height // ratio))

    def _logical_rows(self, top: int, bottom: int) -> QRect:
        ratio = self.devicePixelRatioF()
        first = int(top / ratio)
        end = -int(-bottom // ratio)
        return QRect(0, first, self.width(), end - first)

    def _target(self) -> QRectF:
        ratio = self.devicePixelRatioF()
        spot = self._placement
        return QRectF(
            spot.x / ratio, spot.y / ratio, spot.width / ratio, spot.height / ratio
        )

    # ------------------------------------------------------------------ painting

    def sizeHint(self) -> QSize:
        """Prefer the guest's size; that of a text screen before there is a guest."""
        return QSize(720, 400) if self._image.isNull() else self.natural_size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what Qt asks for: the picture where it lies, black around it."""
        painter = QPainter(self)
        target = self._target()
        outside = event.region() - QRegion(target.toAlignedRect())
        if not outside.isEmpty():
            painter.save()
            painter.setClipRegion(outside)
            painter.fillRect(event.rect(), Qt.GlobalColor.black)
            painter.restore()
        if not self._image.isNull():
            self._paint_picture(painter, target, event.rect())
        if self._dimmed:
            paint_pause_veil(painter, self.rect(), self.font())
        painter.end()
        self._finish_frame()

    def _paint_picture(self, painter: QPainter, target: QRectF, exposed: QRect) -> None:
        spot = self._placement
        unscaled = spot.width == spot.guest_width and spot.height == spot.guest_height
        if unscaled and self.devicePixelRatioF() == 1.0:
            source = exposed.translated(-spot.x, -spot.y).intersected(self._image.rect())
            if not source.isEmpty():
                painter.drawImage(source.topLeft() + QPoint(spot.x, spot.y), self._image, source)
            return
        # Qt clips to the exposed region, so that only its pixels are computed; the whole picture
        # is drawn because a filter would blend the edges of a part with nothing.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=spot.smooth)
        painter.drawImage(target, self._image, QRectF(self._image.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the picture anew."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Take keys before Qt uses them for shortcuts and for moving the focus."""
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self.keyboard.press(event)
            event.accept()
            return True
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            self.keyboard.release(event)
            event.accept()
            return True
        if kind == QEvent.Type.DevicePixelRatioChange:
            self._place()
            self.update()
        return super().event(event)

    # ------------------------------------------------------------------ mouse and focus

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hand a press to the guest, or ask for capture."""
        if self.mouse.captured:
            self.mouse.mouse_event(event)
            return
        self.clicked.emit(event.globalPosition().toPoint())
        if self.pointer.active:
            self.pointer.mouse_event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hand a release to the guest."""
        self._hand_over(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Treat the second press of a double click as what it is: a press."""
        self.mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hand motion to the guest."""
        self._hand_over(event)

    def _hand_over(self, event: QMouseEvent) -> None:
        if self.mouse.captured:
            self.mouse.mouse_event(event)
        elif self.pointer.active:
            self.pointer.mouse_event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Hand the wheel to the guest; otherwise it scrolls the view."""
        if self.mouse.captured:
            self.mouse.wheel_event(event)
            event.accept()
        elif self.pointer.active:
            self.pointer.wheel_event(event)
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that keys come here now."""
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of every key; the releases will go elsewhere."""
        super().focusOutEvent(event)
        self.keyboard.release_all()
        self.pointer.release()
        self.focus_changed.emit(False)
