"""The mouse of the VM window: capture and relative motion.

While captured the pointer is hidden, held by the window, and put back to the middle whenever it
comes near an edge, so that motion never ends. A guest without absolute pointing sees motion only.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QCursor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.vmwindow.acceleration import HostAcceleration

_BUTTONS = {
    Qt.MouseButton.LeftButton: 1,
    Qt.MouseButton.RightButton: 2,
    Qt.MouseButton.MiddleButton: 4,
    Qt.MouseButton.BackButton: 8,
    Qt.MouseButton.ForwardButton: 16,
}
_NOTCH = 120
"""Units of ``QWheelEvent.angleDelta`` in a click of the wheel."""


def guest_buttons(buttons: Qt.MouseButton) -> int:
    """Return Qt's buttons as the engine's bits: 0 left, 1 right, 2 middle, 3 and 4 extra."""
    return sum(bit for button, bit in _BUTTONS.items() if buttons & button)


class RelativeMotion:
    """Computes motion from pointer positions, some of which follow from our own warps.

    After a warp, positions from before it may still arrive; the first one that lies nearer to the
    target than to the last position has seen the warp.
    """

    def __init__(self) -> None:
        self._last = QPoint()
        self._warp_target: QPoint | None = None

    def start(self, position: QPoint) -> None:
        """Begin at a position."""
        self._last = position
        self._warp_target = None

    def move(self, position: QPoint) -> QPoint:
        """Return the motion since the last position."""
        origin = self._last
        target = self._warp_target
        if target is not None and (
            (position - target).manhattanLength() < (position - origin).manhattanLength()
        ):
            origin = target
            self._warp_target = None
        self._last = position
        return position - origin

    def warp(self, target: QPoint) -> None:
        """The pointer has been put to a target."""
        self._warp_target = target

    @property
    def warping(self) -> bool:
        """Whether a warp has not been seen yet."""
        return self._warp_target is not None


class Wheel:
    """Adds up parts of a click of the wheels."""

    def __init__(self) -> None:
        self._rest = QPoint()

    def reset(self) -> None:
        """Forget parts of a click."""
        self._rest = QPoint()

    def turn(self, delta: QPoint) -> tuple[int, int]:
        """Return the clicks down and right after a turn (``QWheelEvent.angleDelta``)."""
        self._rest += delta
        dz = -int(self._rest.y() / _NOTCH)
        dw = -int(self._rest.x() / _NOTCH)
        self._rest += QPoint(dw * _NOTCH, dz * _NOTCH)
        return dz, dw


class MouseCapture(QObject):
    """Holds the pointer for the guest.

    Signals:
        captured_changed(bool): the pointer was captured or released.
        moved(int, int, int, int, int): motion right and down, wheel down and right, buttons.
    """

    captured_changed = Signal(bool)
    moved = Signal(int, int, int, int, int)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._captured = False
        self._buttons = 0
        self._motion = RelativeMotion()
        self._wheel = Wheel()
        # Parts of a guest pixel that have not been told, on screens with a fractional scale.
        self._rest = QPointF()
        self._acceleration = HostAcceleration()

    @property
    def captured(self) -> bool:
        """Whether the guest has the pointer."""
        return self._captured

    def capture(self, position: QPoint | None = None) -> None:
        """Take the pointer, which is at a global position (found out when not given)."""
        if self._captured:
            return
        self._captured = True
        self._wheel.reset()
        self._rest = QPointF()
        self._acceleration.suspend()
        self._widget.grabMouse(QCursor(Qt.CursorShape.BlankCursor))
        self._widget.setCursor(Qt.CursorShape.BlankCursor)
        self._motion.start(QCursor.pos() if position is None else position)
        self._centre()
        self.captured_changed.emit(True)

    def release(self) -> None:
        """Give the pointer back; the guest sees all buttons up."""
        if not self._captured:
            return
        self._captured = False
        self._acceleration.restore()
        self._widget.releaseMouse()
        self._widget.unsetCursor()
        if self._buttons:
            self._buttons = 0
            self.moved.emit(0, 0, 0, 0, 0)
        self.captured_changed.emit(False)

    def mouse_event(self, event: QMouseEvent) -> None:
        """A press, release or move while captured."""
        position = event.globalPosition().toPoint()
        motion = self._motion.move(position)
        buttons = guest_buttons(event.buttons())
        self._rest += QPointF(motion) * self._widget.devicePixelRatioF()
        dx, dy = round(self._rest.x()), round(self._rest.y())
        self._rest -= QPointF(dx, dy)
        if dx or dy or buttons != self._buttons:
            self._buttons = buttons
            self.moved.emit(dx, dy, 0, 0, buttons)
        if not self._motion.warping and self._near_edge(position):
            self._centre()

    def wheel_event(self, event: QWheelEvent) -> None:
        """The wheel turned while captured; parts of a click add up."""
        dz, dw = self._wheel.turn(event.angleDelta())
        if dz or dw:
            self.moved.emit(0, 0, dz, dw, self._buttons)

    def _middle(self) -> QPoint:
        visible = self._widget.visibleRegion().boundingRect()
        return self._widget.mapToGlobal(visible.center())

    def _near_edge(self, position: QPoint) -> bool:
        visible = self._widget.visibleRegion().boundingRect()
        offset = position - self._middle()
        return abs(offset.x()) > visible.width() // 4 or abs(offset.y()) > visible.height() // 4

    def _centre(self) -> None:
        middle = self._middle()
        QCursor.setPos(middle)
        self._motion.warp(middle)
