"""One thread that calls functions later: for answers that do not come and for the idle exit."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

_logger = logging.getLogger(__name__)


class Deadline:
    """A function that will be called at a time, unless it is cancelled before."""

    def __init__(self, when: float, function: Callable[[], None]) -> None:
        self.when = when
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        """Do not call the function (it may be running already)."""
        self.cancelled = True


class Deadlines:
    """Deadlines by the monotonic clock. The functions must be short and may not wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._heap: list[tuple[float, int, Deadline]] = []
        self._numbers = itertools.count()
        threading.Thread(target=self._run, name="deadlines", daemon=True).start()

    def after(self, seconds: float, function: Callable[[], None]) -> Deadline:
        """Call ``function`` in ``seconds``."""
        deadline = Deadline(time.monotonic() + seconds, function)
        with self._changed:
            heapq.heappush(self._heap, (deadline.when, next(self._numbers), deadline))
            if self._heap[0][2] is deadline:
                self._changed.notify()
        return deadline

    def _run(self) -> None:
        while True:
            deadline = self._next()
            try:
                deadline.function()
            except Exception:
                _logger.exception("A deadline's function failed")

    def _next(self) -> Deadline:
        with self._changed:
            while True:
                while self._heap and self._heap[0][2].cancelled:
                    heapq.heappop(self._heap)
                if not self._heap:
                    self._changed.wait()
                    continue
                delay = self._heap[0][0] - time.monotonic()
                if delay <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(delay)
