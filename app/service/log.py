"""The log of the service: ``VBoxSVC.log`` in the configuration directory.

Lines have VirtualBox's shape: time since the start as ``HH:MM:SS.uuuuuu``, the name of the thread
in eight columns, the text. Logs of earlier starts are kept as ``VBoxSVC.log.1`` (the newest) to
``.10``.
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


def rotate(path: Path, kept: int = _KEPT) -> None:
    """Make room for a new log: ``path`` becomes ``.1``, ``.1`` becomes ``.2``..."""
    for number in range(kept - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    if path.exists():
        path.replace(path.with_name(f"{path.name}.1"))


def open_log(home: Path) -> logging.Handler:
    """Begin a new log.

    Returns:
        The handler that writes it; see :func:`close_log`.

    Raises:
        OSError: The log cannot be written.
    """
    path = home / LOG_NAME
    rotate(path)
    handler = logging.FileHandler(path, encoding="utf-8")
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
