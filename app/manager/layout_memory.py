"""Remembers size, position and layout of the manager in the installation's extra data.

The keys are VirtualBox's (``GUI/LastWindowPosition``, ``GUI/SplitterSizes``...), the values are
lists of words separated by commas.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QRect, Signal
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
    available = screen.availableGeometry()
    visible = area.intersected(available)
    size = area.size().boundedTo(available.size())
    # Of a screen that is gone, or nearly outside of it, only the size is worth keeping.
    if visible.width() < _LEAST_VISIBLE or visible.height() < _LEAST_VISIBLE:
        window.resize(size)
    else:
        # The screen may be smaller than last time: rather move the window than cut it.
        left = max(available.left(), min(area.left(), available.right() + 1 - size.width()))
        top = max(available.top(), min(area.top(), available.bottom() + 1 - size.height()))
        window.setGeometry(QRect(QPoint(left, top), size))
    if maximized:
        window.showMaximized()


class LayoutMemory(QObject):
    """The installation's extra data as the manager knows them: fetched, stored, and followed.

    Signals:
        changed(str, str): somebody else changed this key to this value.
    """

    changed = Signal(str, str)

    def __init__(self, link: ServiceLink, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._stored: dict[str, str] = {}
        self._on_their_way: Counter[str] = Counter()
        link.extra_data_changed.connect(self._on_changed)

    def value(self, key: str) -> str:
        """Return what is known of KEY; empty before :meth:`load` has ended."""
        return self._stored.get(key, "")

    def values(self, prefix: str) -> dict[str, str]:
        """Return all known keys that begin with PREFIX."""
        return {key: text for key, text in self._stored.items() if key.startswith(prefix)}

    def load(self, finished: Callable[[], None]) -> None:
        """Fetch everything anew, then call FINISHED."""

        def done(values: dict[str, str]) -> None:
            kept = {key: self._stored[key] for key in self._on_their_way if key in self._stored}
            self._stored = {**values, **kept}
            finished()

        self._link.call(self, "virtualbox.list_extra_data", {}, done)

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
        """Store VALUE unless that is what is stored already; an empty one removes the key."""
        if not self._link.is_connected or self._stored.get(key, "") == value:
            return
        self._stored[key] = value
        self._on_their_way[key] += 1

        def arrived(_answer: object = None) -> None:
            self._on_their_way[key] -= 1
            if not self._on_their_way[key]:
                del self._on_their_way[key]

        self._link.call(
            self, "virtualbox.set_extra_data", {"key": key, "value": value}, arrived, arrived
        )

    def _on_changed(self, key: str, value: str) -> None:
        # While a value of ours is on its way, what comes back is ours or older.
        if key not in self._on_their_way and self._stored.get(key, "") != value:
            self._stored[key] = value
            self.changed.emit(key, value)

    def apply_position(self, window: QMainWindow) -> None:
        """Give WINDOW the geometry that is known of it."""
        apply_position(window, self.value(_POSITION))

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
