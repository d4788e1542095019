"""A log file that becomes an old one when it is long enough, or old enough, as vboxwebsrv's."""

from __future__ import annotations

import logging
import logging.handlers
import os
from io import TextIOWrapper
from pathlib import Path


class AgedLogFile(logging.handlers.RotatingFileHandler):
    """Appends to a file; old ones are ``NAME.1`` (the newest), ``NAME.2``...

    Args:
        path: Of the file.
        size: Bytes after which another is begun.
        count: Old files that are kept.
        seconds: Time after the first line of this process, after which another is begun.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: Path, *, size: int, count: int, seconds: float) -> None:
        super().__init__(path, maxBytes=size, backupCount=count, encoding="utf-8")
        self._seconds = seconds
        self._begun: float | None = None

    def _open(self) -> TextIOWrapper:
        # It tells who logged on from where: for its owner alone, as the service's.
        return open(
            self.baseFilename, "a", encoding=self.encoding,
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )  # fmt: skip

    def shouldRollover(self, record: logging.LogRecord) -> bool:
        """Whether another file is begun with this record."""
        if self._begun is None:
            self._begun = record.created
        due = record.created - self._begun >= self._seconds or bool(super().shouldRollover(record))
        if due:
            self._begun = record.created
        return due
