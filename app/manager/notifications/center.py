"""What there is to tell, apart from how it is shown."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from app.api.errors import ApiError, ErrorCode
from app.api.qtclient import QtCall
from app.manager.service_link import ServiceLink

_KEPT = 50
# Work that is over sooner than this is not worth a moving window.
_PATIENCE_MS = 1000


class Kind(enum.Enum):
    """How urgent a notification is."""

    PROGRESS = "progress"
    DONE = "ok"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notification(QObject):
    """One thing to tell; it changes while work goes on.

    Attributes:
        kind: decides about icon and urgency; work that ended becomes DONE or ERROR.
        title: what it is about, in a few words.
        text: a sentence or more, may be empty.
        details: what only experts read, may be empty.
        percent: 0 to 100 of work under way; -1 when nobody can tell.

    Signals:
        changed(): an attribute has a new value.
    """

    changed = Signal()

    def __init__(
        self,
        kind: Kind,
        title: str,
        text: str = "",
        *,
        details: str = "",
        cancel: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.kind = kind
        self.title = title
        self.text = text
        self.details = details
        self.percent = -1
        self._cancel = cancel

    @property
    def is_under_way(self) -> bool:
        """True while the work that it is about goes on."""
        return self.kind is Kind.PROGRESS

    @property
    def can_be_cancelled(self) -> bool:
        """True while the work can be asked to stop."""
        return self.is_under_way and self._cancel is not None

    def cancel(self) -> None:
        """Ask the work to stop; it has stopped when the kind says so."""
        if self._cancel is not None:
            self.text = self.tr("Cancelling…")
            cancel, self._cancel = self._cancel, None
            cancel()
            self.changed.emit()

    def set_progress(self, percent: int, text: str = "") -> None:
        """Tell how far the work is and what it is doing."""
        if (percent, text or self.text) != (self.percent, self.text):
            self.percent = percent
            self.text = text or self.text
            self.changed.emit()

    def set_kind(self, kind: Kind, text: str, details: str = "") -> None:
        """Tell how the work ended."""
        self.kind, self.text, self.details = kind, text, details
        self.changed.emit()


class NotificationCenter(QObject):
    """All notifications, the oldest first.

    Signals:
        added(object): a notification came.
        removed(object): a notification was dismissed.
        changed(): one of them changed, came or went.
        attention_wanted(): a person should look now: trouble came, or long work began.
        keep_finished_changed(bool): finished work stays until it is dismissed, or goes by itself.
    """

    added = Signal(object)
    removed = Signal(object)
    changed = Signal()
    attention_wanted = Signal()
    keep_finished_changed = Signal(bool)

    def __init__(self, link: ServiceLink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._all: list[Notification] = []
        self._keep_finished = False

    def notifications(self) -> Sequence[Notification]:
        """Return all notifications, the oldest first."""
        return tuple(self._all)

    @property
    def keep_finished(self) -> bool:
        """Whether work that ended well stays in the list."""
        return self._keep_finished

    def set_keep_finished(self, keep: bool) -> None:
        """Keep finished work until it is dismissed, or let it go."""
        if keep != self._keep_finished:
            self._keep_finished = keep
            self.keep_finished_changed.emit(keep)

    # -- telling -------------------------------------------------------------------------------

    def show_error(self, title: str, text: str, *, details: str = "") -> Notification:
        """Tell that something went wrong."""
        return self._tell(Notification(Kind.ERROR, title, text, details=details))

    def show_warning(self, title: str, text: str, *, details: str = "") -> Notification:
        """Tell that something needs attention."""
        return self._tell(Notification(Kind.WARNING, title, text, details=details))

    def show_message(self, title: str, text: str) -> Notification:
        """Tell something that is good to know."""
        return self._tell(Notification(Kind.INFO, title, text))

    def begin(self, title: str, cancel: Callable[[], None] | None = None) -> Notification:
        """Tell that long work began; say how it ends with :meth:`finish` or :meth:`fail`."""
        return self._tell(Notification(Kind.PROGRESS, title, cancel=cancel))

    def finish(self, notification: Notification, text: str = "") -> None:
        """The work ended well."""
        if not self._keep_finished:
            self.dismiss(notification)
        else:
            notification.set_kind(Kind.DONE, text or self.tr("Finished."))

    def fail(self, notification: Notification, text: str, details: str = "") -> None:
        """The work did not succeed."""
        notification.set_kind(Kind.ERROR, text, details)
        self.attention_wanted.emit()

    def run(
        self,
        owner: QObject,
        title: str,
        method: str,
        params: Mapping[str, Any],
        done: Callable[[Any], None] | None = None,
        *,
        failure: str = "",
        failed: Callable[[ApiError], None] | None = None,
        cancellable: bool = False,
    ) -> QtCall:
        """Call METHOD of the service with a notification that shows how it goes.

        Args:
            owner: its callbacks are dropped when it is gone; the call and its notification go on.
            title: what is done ("Copying “a.vdi”").
            method: name on the wire.
            params: parameters by name.
            done: gets the result.
            failure: title when it failed; default: ``title``.
            failed: called in addition to telling the error.
            cancellable: offer to cancel the call.
        """
        notification = Notification(Kind.PROGRESS, title)

        def succeeded(_result: object) -> None:
            self.finish(notification)

        def ended(error: ApiError) -> None:
            if error.code == ErrorCode.E_ABORT:
                self.dismiss(notification)
                return
            notification.title = failure or title
            self.fail(notification, error.message)

        call = self._link.call(
            self,
            method,
            params,
            _both(succeeded, owner, done),
            _both(ended, owner, failed),
            notification.set_progress,
        )
        if cancellable:
            notification._cancel = call.cancel
        self._tell(notification)
        return call

    # -- dismissing ----------------------------------------------------------------------------

    def dismiss(self, notification: Notification) -> None:
        """Forget NOTIFICATION; work that it is about goes on."""
        if notification in self._all:
            self._all.remove(notification)
            self.removed.emit(notification)
            self.changed.emit()
            notification.deleteLater()

    def dismiss_finished(self) -> None:
        """Forget everything but work that is under way."""
        for notification in self.notifications():
            if not notification.is_under_way:
                self.dismiss(notification)

    def _tell(self, notification: Notification) -> Notification:
        notification.setParent(self)
        self._all.append(notification)
        notification.changed.connect(self.changed)
        self.added.emit(notification)
        self.changed.emit()
        if notification.is_under_way:
            QTimer.singleShot(_PATIENCE_MS, notification, lambda: self._on_still_here(notification))
        else:
            self.attention_wanted.emit()
        ended = [each for each in self._all if not each.is_under_way]
        if len(ended) > _KEPT:
            self.dismiss(ended[0])
        return notification

    def _on_still_here(self, notification: Notification) -> None:
        if notification.is_under_way:
            self.attention_wanted.emit()


def _both(
    ours: Callable[[Any], None], owner: QObject, theirs: Callable[[Any], None] | None
) -> Callable[[Any], None]:
    def deliver(value: Any) -> None:
        ours(value)
        if theirs is not None and isValid(owner):
            theirs(value)

    return deliver
