"""The status bar of the VM window: lamps of the drives, captures, host key, execution engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStatusBar, QWidget

from app.common.icons import icon

_ICON_SIZE: Final = 16
_LAMP_SIZE: Final = 6
_POLL_MILLISECONDS: Final = 150
_READ: Final = QColor(46, 204, 64)
_WRITE: Final = QColor(232, 65, 24)


class Indicator(QWidget):
    """An icon with a lamp in its corner, a tool tip, and a menu on right click.

    Signals:
        menu_requested(QPoint): the right button was pressed here (global position).
    """

    menu_requested = Signal(QPoint)

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon(icon_name)
        self._lamp: QColor | None = None
        self.setFixedSize(QSize(_ICON_SIZE + 6, _ICON_SIZE + 4))

    @property
    def lamp(self) -> QColor | None:
        """Colour of the lamp, None while it is dark."""
        return self._lamp

    def set_lamp(self, colour: QColor | None) -> None:
        """Light the lamp, or put it out."""
        if colour != self._lamp:
            self._lamp = colour
            self.update()

    def set_icon(self, name: str) -> None:
        """Show another drawing."""
        self._icon = icon(name)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint icon and lamp."""
        painter = QPainter(self)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self._icon.paint(painter, 1, 2, _ICON_SIZE, _ICON_SIZE, mode=mode)
        if self._lamp is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.GlobalColor.white)
            painter.setBrush(self._lamp)
            corner = QPoint(self.width() - _LAMP_SIZE - 2, self.height() - _LAMP_SIZE - 2)
            painter.drawEllipse(corner.x(), corner.y(), _LAMP_SIZE, _LAMP_SIZE)
        painter.end()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the devices shown here."""
        self.menu_requested.emit(event.globalPos())


class ActivityIndicator(Indicator):
    """A lamp that shows whether requests have come since the last look.

    Args:
        icon_name: drawing.
        activity: returns the read and write requests so far.
    """

    def __init__(
        self, icon_name: str, activity: Callable[[], tuple[int, int]], parent: QWidget | None = None
    ) -> None:
        super().__init__(icon_name, parent)
        self._activity = activity
        self._last = activity()

    def poll(self) -> None:
        """Look: red for writes, green for reads, dark for neither."""
        reads, writes = self._activity()
        before_reads, before_writes = self._last
        self._last = (reads, writes)
        if writes != before_writes:
            self.set_lamp(_WRITE)
        else:
            self.set_lamp(_READ if reads != before_reads else None)


class VmStatusBar(QStatusBar):
    """Indicators at the right, messages at the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(True)
        self._area = QWidget()
        self._layout = QHBoxLayout(self._area)
        self._layout.setContentsMargins(0, 0, 2, 0)
        self._layout.setSpacing(3)
        self.addPermanentWidget(self._area)
        self._activities: list[ActivityIndicator] = []
        self.mouse = Indicator("mouse")
        self.keyboard = Indicator("keyboard")
        self.engine = QLabel()
        self.host_key = QLabel()
        self._engine_icon = Indicator("processor")
        for widget in (
            self._engine_icon, self.engine, _separator(), self.mouse, self.keyboard, self.host_key,
        ):  # fmt: skip
            self._layout.addWidget(widget)
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)
        self.set_mouse_captured(False)
        self.set_keyboard_captured(False)
        self.set_host_key_down(False)

    def add_activity(self, indicator: ActivityIndicator) -> None:
        """Add a lamp at the end of the lamps, which stand at the left."""
        self._layout.insertWidget(len(self._activities), indicator)
        self._activities.append(indicator)

    def set_active(self, active: bool) -> None:
        """Follow the activity of drives, or rest."""
        if active:
            self._timer.start()
        else:
            self._timer.stop()
            for indicator in self._activities:
                indicator.set_lamp(None)

    def set_engine(self, label: str, explanation: str) -> None:
        """Show what executes the guest, and in the tool tip why."""
        self.engine.setText(label)
        for widget in (self.engine, self._engine_icon):
            widget.setToolTip(explanation)

    def set_host_key(self, label: str) -> None:
        """Show what the host key is called."""
        self.host_key.setText(label)
        self.host_key.setToolTip(
            f"The host key is {label}: pressed alone it captures or releases keyboard and mouse, "
            "together with a letter it does what the menus say."
        )

    def set_host_key_down(self, down: bool) -> None:
        """Show that the host key is held."""
        font = self.host_key.font()
        font.setBold(down)
        self.host_key.setFont(font)

    def set_mouse_captured(self, captured: bool) -> None:
        """Show who has the mouse."""
        self.mouse.set_icon("mouse-captured" if captured else "mouse")
        self.mouse.setToolTip(
            "The mouse is captured by the guest." if captured
            else "The mouse belongs to the host; a click on the guest's screen captures it."
        )  # fmt: skip

    def set_keyboard_captured(self, captured: bool) -> None:
        """Show who has the keyboard."""
        self.keyboard.set_icon("keyboard-captured" if captured else "keyboard")
        self.keyboard.setToolTip(
            "The guest gets all keys, those of the desktop too." if captured
            else "The guest gets keys while the window has the focus; the desktop keeps its own."
        )  # fmt: skip

    def _poll(self) -> None:
        for indicator in self._activities:
            indicator.poll()


def _separator() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
