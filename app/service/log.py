"""The log of the service: ``VBoxSVC.log`` in the configuration directory.

Lines have VirtualBox's shape: time since the start as ``HH:MM:SS.uuuuuu``, the name of the thread
in eight columns, the text. Logs of earlier starts are kept as ``VBoxSVC.log.1`` (the newest) to
``.10``; a log that has become too long is continued in a new one in the same way.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import platform
import sys
import time
from pathlib import Path
from typing import Final

LOG_NAME: Final = "VBoxSVC.log"
_KEPT: Final = 10
_MAX_BYTES: Final = 20 << 20
"""Length at which a log is continued in a new file."""


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(elapsed)s %(thread8)s %(message)s")
        self._start = time.monotonic()

    def format(self, record: logging.LogRecord) -> str:
        micros = int((time.monotonic() - self._start) * 1e6)
        seconds, micros = divmod(micros, 1_000_000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        record.elapsed = f"{hours:02}:{minutes:02}:{seconds:02}.{micros:06}"
        record.thread8 = f"{(record.threadName or '')[:8]:8}"
        if record.levelno >= logging.WARNING:
            record.msg = f"{record.levelname}: {record.msg}"
        return super().format(record)


class _Handler(logging.FileHandler):
    """Writes a log, and goes on in a new file when it is long enough."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        super().__init__(path, encoding="utf-8")
        self._path = path
        self._max_bytes = max_bytes

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; called with the handler's lock held."""
        super().emit(record)
        try:
            if self.stream is not None and self.stream.tell() >= self._max_bytes:
                self.stream.close()
                rotate(self._path)
                self.stream = self._open()
        except OSError:
            # Whoever logs must not fail because the log cannot be continued.
            self.handleError(record)


def rotate(path: Path, kept: int = _KEPT) -> None:
    """Make room for a new log: ``path`` becomes ``.1``, ``.1`` becomes ``.2``..."""
    for number in range(kept - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))


def open_log(home: Path, max_bytes: int = _MAX_BYTES) -> logging.Handler:
    """Begin a new log.

    Args:
        home: Folder of the log.
        max_bytes: Length at which it is continued in a new file.

    Returns:
        The handler that writes it; see :func:`close_log`.

    Raises:
        OSError: The log cannot be written.
    """
    path = home / LOG_NAME
    rotate(path)
    handler = _Handler(path, max_bytes)
    handler.setFormatter(_Formatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logger = logging.getLogger(__name__)
    now = dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")
    logger.info("Vitrine service (Python %s, %s)", platform.python_version(), sys.platform)
    logger.info("Log opened %s", now)
    logger.info("Executable: %s", sys.executable)
    logger.info("Process ID: %s", os.getpid())
    logger.info("Home directory: '%s'", home)
    return handler


def close_log(handler: logging.Handler) -> None:
    """End a log that :func:`open_log` began."""
    logging.getLogger().removeHandler(handler)
    handler.close()
