"""The progress line ``0%...10%...20%...`` on standard error."""

from __future__ import annotations

import sys
import threading
from typing import Final

_STEP: Final = 10


class ProgressLine:
    """Prints each ten per cent once, in order; used as the progress callback of a call."""

    def __init__(self) -> None:
        self._next = 0
        self._lock = threading.Lock()

    def __call__(self, percent: int, description: str) -> None:
        """Say how far the operation is; ``description`` has no place on this line."""
        with self._lock:
            while self._next <= min(percent, 100):
                self._write(f"{self._next}%" + ("..." if self._next < 100 else "\n"))
                self._next += _STEP

    def finish(self) -> None:
        """The operation ended well: print what is left up to 100 %."""
        self(100, "")

    def abandon(self, reason: str = "FAILED") -> None:
        """The operation failed: end the line so that the error starts on its own."""
        with self._lock:
            if 0 < self._next <= 100:
                self._write(f"{reason}\n")
                self._next = 100 + _STEP

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
