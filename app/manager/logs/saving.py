"""Saves a log of a machine as a file of one's own, byte for byte."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from PySide6.QtCore import QObject

from app.api.errors import ApiError
from app.common.background import run_in_background
from app.manager.logs.document import PIECE, LogDocument
from app.manager.notifications.center import NotificationCenter
from app.manager.service_link import ServiceLink


class LogSaver(QObject):
    """Fetches a log piece by piece and writes it beside its final name first.

    Deletes itself when it is done.
    """

    def __init__(
        self,
        link: ServiceLink,
        notifications: NotificationCenter,
        document: LogDocument,
        path: str,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._link = link
        self._notifications = notifications
        self._params = {"id": document.machine_id, "index": document.index, "size": PIECE}
        self._path = path
        self._temporary = f"{path}.{os.getpid()}.tmp"
        self._offset = 0
        self._file: BinaryIO | None = None
        self._cancelled = False
        self._notification = notifications.begin(
            self.tr("Saving the log as {path}").format(path=path), self._cancel
        )

    def start(self) -> None:
        """Begin."""
        self._do(lambda: open(self._temporary, "wb"), self._opened)  # noqa: SIM115

    def _do(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        """Have WORK done where it may block."""
        run_in_background(self, work, done, lambda error: self._fail(str(error)))

    def _opened(self, file: object) -> None:
        self._file = file  # type: ignore[assignment]
        self._fetch()

    def _fetch(self) -> None:
        if self._cancelled:
            self._fail("")
            return
        params = {**self._params, "offset": self._offset}
        self._link.call(self, "machine.read_log", params, self._write, self._refused)

    def _write(self, piece: bytes) -> None:
        file = self._file
        assert file is not None
        if not piece:
            self._do(partial(_complete, file, self._temporary, self._path), self._finish)
            return
        self._offset += len(piece)
        self._do(lambda: file.write(piece), lambda _count: self._fetch())

    def _finish(self, _result: object) -> None:
        self._notifications.finish(self._notification)
        self.deleteLater()

    def _cancel(self) -> None:
        self._cancelled = True

    def _refused(self, error: ApiError) -> None:
        self._fail(error.message)

    def _fail(self, reason: str) -> None:
        """Leave nothing behind; without a REASON it was cancelled."""
        if reason:
            self._notification.title = self.tr("The log was not saved")
            self._notifications.fail(self._notification, reason)
        else:
            self._notifications.dismiss(self._notification)
        run_in_background(self, partial(_discard, self._file, self._temporary), self._gone)

    def _gone(self, _result: object) -> None:
        self.deleteLater()


def _complete(file: BinaryIO, temporary: str, path: str) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _discard(file: BinaryIO | None, temporary: str) -> None:
    if file is not None:
        file.close()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
