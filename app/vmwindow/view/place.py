"""Where windows stand on the desktop: written into settings, and brought back into sight.

The text is VirtualBox's: ``x,y,width,height`` in desktop pixels, without the frame, and ``,max``
for a window that is maximized.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from PySide6.QtCore import QRect

_MAXIMIZED: Final = "max"
_MIN_SIZE: Final = 64
_GRIP: Final = 32  # so much of a window must be in sight that a person can move it


@dataclass(frozen=True)
class WindowPlace:
    """The place of a window.

    Attributes:
        rect: its geometry while it is not maximized.
        maximized: it fills its monitor.
    """

    rect: QRect
    maximized: bool = False

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return what a settings file says; None when it makes no sense."""
        parts = text.split(",")
        maximized = parts[-1] == _MAXIMIZED
        try:
            x, y, width, height = (int(part) for part in parts[: -1 if maximized else None])
        except ValueError:
            return None
        if width < _MIN_SIZE or height < _MIN_SIZE:
            return None
        return cls(QRect(x, y, width, height), maximized)

    def format(self) -> str:
        """Return the text of a settings file."""
        rect = self.rect
        words = [str(n) for n in (rect.x(), rect.y(), rect.width(), rect.height())]
        return ",".join([*words, _MAXIMIZED] if self.maximized else words)

    def brought_into_sight(self, monitors: Sequence[QRect]) -> Self:
        """Return the place, moved and shrunk onto a monitor when nobody could reach it.

        Args:
            monitors: free area of each monitor, the primary one first; at least one.
        """
        rect = self.rect
        for monitor in monitors:
            seen = monitor & rect
            grip_height_seen = monitor.top() <= rect.top() <= monitor.bottom() - _GRIP
            if seen.width() >= _GRIP and grip_height_seen:
                return self
        monitor = monitors[0]
        size = rect.size().boundedTo(monitor.size())
        moved = QRect(monitor.topLeft(), size)
        moved.moveCenter(monitor.center())
        return type(self)(moved, self.maximized)
