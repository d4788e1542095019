"""Long operations that other programs began, such as a copy on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject

from app.api import events
from app.api.structs import ProgressInfo
from app.manager.notifications.center import Notification, NotificationCenter
from app.manager.service_link import ServiceLink

# How the service calls this manager; what it begins itself has a notification already.
_OURSELVES: Final = f"GUI/Qt (process {os.getpid()})"


class ForeignOperations(QObject):
    """Shows a notification for each operation of another program while it lasts."""

    def __init__(self, link: ServiceLink, center: NotificationCenter) -> None:
        super().__init__(center)
        self._link = link
        self._center = center
        self._asked: set[str] = set()
        self._shown: dict[str, Notification] = {}
        link.progress_event.connect(self._on_event)
        link.connection_changed.connect(self._on_connection_changed)

    def _on_event(self, event: object) -> None:
        match event:
            case events.ProgressCreated(progress_id=operation):
                self._asked.add(operation)
                self._link.call(self, "progress.get", {"id": operation}, self._begin)
            case events.ProgressPercentageChanged(progress_id=operation, percent=percent):
                if operation in self._shown:
                    self._shown[operation].set_progress(percent)
            case events.ProgressTaskCompleted(progress_id=operation):
                self._asked.discard(operation)
                if operation in self._shown:
                    self._link.call(self, "progress.get", {"id": operation}, self._end)

    def _begin(self, info: ProgressInfo) -> None:
        # The answer may be older than the event that told the end.
        is_new = info.id in self._asked
        self._asked.discard(info.id)
        if info.initiator == _OURSELVES or info.completed or not is_new:
            return
        title = self.tr("{description} ({program})").format(
            description=info.description, program=info.initiator
        )
        notification = self._center.begin(title, self._canceller(info))
        notification.set_progress(info.percent, info.operation_description)
        self._shown[info.id] = notification

    def _canceller(self, info: ProgressInfo) -> Callable[[], None] | None:
        def cancel() -> None:
            self._link.call(self, "progress.cancel", {"id": info.id})

        return cancel if info.cancelable else None

    def _end(self, info: ProgressInfo) -> None:
        notification = self._shown.pop(info.id, None)
        if notification is None:
            return
        if info.result_code and not info.canceled:
            self._center.fail(notification, info.error_text)
        elif info.canceled:
            self._center.dismiss(notification)
        else:
            self._center.finish(notification)

    def _on_connection_changed(self, connected: bool, _reason: str) -> None:
        """Operations end with the service that worked on them."""
        if not connected:
            for notification in self._shown.values():
                self._center.dismiss(notification)
            self._shown.clear()
