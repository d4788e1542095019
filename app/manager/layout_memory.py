"""Remembers size, position and layout of the manager in the installation's extra data.

The keys are VirtualBox's (``GUI/LastWindowPosition``, ``GUI/SplitterSizes``...), the values are
lists of words separated by commas.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from app.manager.service_link import ServiceLink

_POSITION = "GUI/LastWindowPosition"
_MAXIMIZED = "max"
_LEAST_VISIBLE = 200


def parse_position(text: str) -> tuple[QRect, bool] | None:
    """Return geometry and maximized flag of "x,y,w,h[,max]", or None when it is not that."""
    words = text.split(",")
    try:
        x, y, width, height = (int(word) for word in words[:4])
    except ValueError:
        return None
    if width <= 0 or height <= 0:
        return None
    return QRect(x, y, width, height), _MAXIMIZED in words[4:]


def format_position(window: QMainWindow) -> str:
    """Return the geometry of WINDOW in the form that :func:`parse_position` reads."""
    maximized = window.isMaximized()
    area = window.normalGeometry() if maximized else window.geometry()
    words = [str(number) for number in (area.x(), area.y(), area.width(), area.height())]
    return ",".join([*words, _MAXIMIZED] if maximized else words)


def apply_position(window: QMainWindow, text: str) -> None:
    """Give WINDOW the stored geometry as far as a screen still shows it."""
    position = parse_position(text)
    if position is None:
        return
    area, maximized = position
    screen = QGuiApplication.screenAt(area.center()) or QGuiApplication.primaryScreen()
    visible = area.intersected(screen.availableGeometry())
    # Of a screen that is gone, or nearly outside of it, only the size is worth keeping.
    if visible.width() < _LEAST_VISIBLE or visible.height() < _LEAST_VISIBLE:
        window.resize(area.size().boundedTo(screen.availableSize()))
    else:
        window.setGeometry(visible)
    if maximized:
        window.showMaximized()


class LayoutMemory(QObject):
    """Fetches stored values once and stores new ones when they changed."""

    def __init__(self, link: ServiceLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._stored: dict[str, str] = {}

    def recall(
        self,
        key: str,
        apply: Callable[[str], None],
        finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Fetch KEY and hand its value to APPLY unless it is empty; then call FINISHED."""

        def done(value: str) -> None:
            self._stored[key] = value
            if value:
                apply(value)
            finished()

        self._link.call(self, "virtualbox.get_extra_data", {"key": key}, done)

    def store(self, key: str, value: str) -> None:
        """Store VALUE unless that is what is stored already."""
        if not self._link.is_connected or self._stored.get(key) == value:
            return
        self._stored[key] = value
        self._link.call(self, "virtualbox.set_extra_data", {"key": key, "value": value})

    def recall_position(self, window: QMainWindow, finished: Callable[[], None]) -> None:
        """Fetch and apply the geometry of WINDOW, then call FINISHED."""
        self.recall(_POSITION, lambda value: apply_position(window, value), finished)

    def store_position(self, window: QMainWindow) -> None:
        """Store the geometry of WINDOW."""
        self.store(_POSITION, format_position(window))


def join_numbers(numbers: Sequence[int]) -> str:
    """Return NUMBERS separated by commas."""
    return ",".join(str(number) for number in numbers)


def split_numbers(text: str) -> list[int]:
    """Return the numbers of "a,b,c"; an empty list when TEXT is not that."""
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        return []
