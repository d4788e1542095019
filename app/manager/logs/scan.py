"""Going through many lines on the UI thread without anybody noticing, and what is looked for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

_SLICE_SECONDS: Final = 0.008
_AT_ONCE: Final = 256


@dataclass(frozen=True)
class FindTerm:
    """What is looked for.

    Attributes:
        text: taken literally.
        match_case: capitals matter.
        whole_words: nothing that belongs to a word may be before or behind it.
    """

    text: str = ""
    match_case: bool = False
    whole_words: bool = False

    def pattern(self) -> re.Pattern[str] | None:
        """Return what matches it, or None when it is empty."""
        if not self.text:
            return None
        literal = re.escape(self.text)
        if self.whole_words:
            literal = rf"(?<!\w){literal}(?!\w)"
        return re.compile(literal, 0 if self.match_case else re.IGNORECASE)


class LineScanner(QObject):
    """Visits items 0, 1, 2... in small slices, also those that are added later.

    Args:
        count: tells how many there are now.
        visit: gets the number of one of them.

    Signals:
        advanced(): a slice is done.
    """

    advanced = Signal()

    def __init__(
        self, count: Callable[[], int], visit: Callable[[int], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._count = count
        self._visit = visit
        self._next = 0
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._advance)

    @property
    def is_done(self) -> bool:
        """Every item was visited."""
        return self._next >= self._count()

    def restart(self) -> None:
        """Begin anew."""
        self._next = 0
        self.resume()

    def resume(self) -> None:
        """Go on: there may be more items."""
        if not self.is_done:
            self._timer.start()

    def stop(self) -> None:
        """Visit no more."""
        self._timer.stop()

    def _advance(self) -> None:
        end = time.monotonic() + _SLICE_SECONDS
        count, visit = self._count(), self._visit
        while self._next < count and time.monotonic() < end:
            last = min(count, self._next + _AT_ONCE)
            for number in range(self._next, last):
                visit(number)
            self._next = last
        if self._next >= count:
            self._timer.stop()
        self.advanced.emit()
