"""What a console tells the service, or does to disks, apart from the emulation thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

_logger = logging.getLogger(__name__)


class ReportThread:
    """Does one thing after the other that may wait for the service or a disk."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin with what has been posted."""
        threading.Thread(target=self._work, name="console-reports", daemon=True).start()

    def post(self, report: Callable[[], None]) -> None:
        """Have something done; from any thread."""
        self._waiting.put(report)

    def end(self) -> None:
        """Let the thread end when everything is done."""
        self._waiting.put(None)

    def _work(self) -> None:
        while (report := self._waiting.get()) is not None:
            try:
                report()
            except Exception:
                # The VM goes on without the service; the log keeps what could not be told.
                _logger.exception("Console: a report failed")
