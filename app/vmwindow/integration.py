"""Mouse integration: the guest's pointer is where the host's is, and nothing is captured.

The guest needs a device that takes positions, a tablet. It draws a pointer of its own, so the
host's is hidden over the picture, as in VirtualBox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal

from app.vmwindow.mouse import Wheel, guest_buttons

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QWidget

    from app.vmwindow.screen.placement import Placement

END_OF_SCREEN: Final = 32767
"""Position of the right and the lower edge of the guest's screen."""


def guest_position(point: QPointF, spot: Placement) -> tuple[int, int]:
    """Return the position on the guest's screen; points beside the picture count as its edge.

    Args:
        point: in device pixels within the widget.
        spot: where the picture lies there.
    """
    return (
        _scaled(point.x() - spot.x, spot.width),
        _scaled(point.y() - spot.y, spot.height),
    )


def _scaled(offset: float, length: int) -> int:
    if length < 2:
        return 0
    return max(0, min(END_OF_SCREEN, round(offset * END_OF_SCREEN / (length - 1))))


class AbsolutePointer(QObject):
    """Tells positions of the host's pointer while the guest takes them.

    Args:
        widget: shows the picture.
        placement: returns where the picture lies in it.

    Signals:
        moved(int, int, int, int, int): position right and down, wheel down and right, buttons.
    """

    moved = Signal(int, int, int, int, int)

    def __init__(self, widget: QWidget, placement: Callable[[], Placement]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._placement = placement
        self._active = False
        self._buttons = 0
        self._position = (0, 0)
        self._wheel = Wheel()

    @property
    def active(self) -> bool:
        """Whether the guest follows the host's pointer."""
        return self._active

    def set_active(self, active: bool) -> None:
        """Begin or cease; the guest sees all buttons up then."""
        if active == self._active:
            return
        if not active:
            self.release()
        self._active = active
        self._wheel.reset()
        if active:
            self._widget.setCursor(Qt.CursorShape.BlankCursor)
        else:
            self._widget.unsetCursor()

    def release(self) -> None:
        """Let go of every button: the releases will go elsewhere."""
        if self._buttons:
            self._buttons = 0
            self.moved.emit(*self._position, 0, 0, 0)

    def mouse_event(self, event: QMouseEvent) -> None:
        """A press, release or move while active."""
        ratio = self._widget.devicePixelRatioF()
        spot = self._placement()
        point = event.position() * ratio
        self._show_pointer_beside(point, spot)
        now = (guest_position(point, spot), guest_buttons(event.buttons()))
        if now != (self._position, self._buttons):
            self._position, self._buttons = now
            self.moved.emit(*self._position, 0, 0, self._buttons)

    def wheel_event(self, event: QWheelEvent) -> None:
        """The wheel turned while active."""
        dz, dw = self._wheel.turn(event.angleDelta())
        if dz or dw:
            self.moved.emit(*self._position, dz, dw, self._buttons)

    def _show_pointer_beside(self, point: QPointF, spot: Placement) -> None:
        """Beside the picture nothing of the guest shows where the pointer is."""
        offset = point.toPoint() - QPoint(spot.x, spot.y)
        inside = 0 <= offset.x() < spot.width and 0 <= offset.y() < spot.height
        shape = Qt.CursorShape.BlankCursor if inside else Qt.CursorShape.ArrowCursor
        if self._widget.cursor().shape() is not shape:
            self._widget.setCursor(shape)
