"""Progress objects: every long operation, whoever began it, can be watched and cancelled by all.

An operation is the server's side of ``IProgress``. It begins when a call's handler that declares
one starts (``@handler(..., operation="...")``) or first tells how far it is, and ends with the
answer of the call. How it ended can be asked for a while longer, because whoever waits may be late.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.api.events import ProgressCreated, ProgressPercentageChanged, ProgressTaskCompleted
from app.api.structs import ProgressInfo

if TYPE_CHECKING:
    from app.service.deadlines import Deadlines
    from app.service.hub import EventHub

_logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 60.0
"""How long the outcome of an operation can be asked for."""

_EVENT_SECONDS: Final = 0.05
"""Least time between two events of one operation that tell its percentage."""

WhenDone = Callable[[ProgressInfo], None]


class Operation:
    """One long operation; all methods may be called from any thread.

    Args:
        owner: The table that lists it.
        description: What it does, for people.
        initiator: Who began it, for people.
        cancel: Asks the work to end; None when it cannot be cancelled.
    """

    def __init__(
        self,
        owner: Operations,
        description: str,
        initiator: str,
        cancel: Callable[[], None] | None,
    ) -> None:
        self.id = str(uuid.uuid4())
        self._owner = owner
        self._description = description
        self._initiator = initiator
        self._cancel = cancel
        self._lock = threading.Lock()
        self._percent = 0
        self._told_at = 0.0
        self._step = description
        self._began = time.monotonic()
        self._completed = False
        self._error: ApiError | None = None
        self._waiting: list[WhenDone] = []

    @property
    def info(self) -> ProgressInfo:
        """How far it is, as clients see it."""
        with self._lock:
            error = self._error
            return ProgressInfo(
                id=self.id,
                description=self._description,
                initiator=self._initiator,
                operation_description=self._step,
                percent=self._percent,
                time_remaining=self._time_remaining(),
                cancelable=self._cancel is not None,
                completed=self._completed,
                canceled=error is not None and error.code is ErrorCode.E_ABORT,
                result_code=int(error.code) if error is not None else 0,
                error_text=error.message if error is not None else "",
            )

    def update(self, percent: int, step: str = "") -> None:
        """Tell how far the work is: 0 to 100, and what it is doing now if that changed."""
        now = time.monotonic()
        with self._lock:
            if self._completed:
                return
            self._step = step or self._step
            changed = percent > self._percent
            self._percent = percent = max(self._percent, min(100, percent))
            tell = changed and now - self._told_at >= _EVENT_SECONDS
            if tell:
                self._told_at = now
        if tell:
            self._owner.hub.fire(ProgressPercentageChanged(progress_id=self.id, percent=percent))

    def complete(self, error: ApiError | None) -> None:
        """The work is over, well or with ``error``; whoever waits is told."""
        with self._lock:
            if self._completed:
                return
            self._completed = True
            self._error = error
            if error is None:
                self._percent = 100
            waiting, self._waiting = self._waiting, []
        self._owner.completed(self)
        info = self.info
        for tell in waiting:
            tell(info)

    def when_done(self, tell: WhenDone) -> None:
        """Have ``tell`` called once, when the work is over; at once when it is already."""
        with self._lock:
            if not self._completed:
                self._waiting.append(tell)
                return
        tell(self.info)

    def forget(self, tell: WhenDone) -> bool:
        """Do not call ``tell`` any more; False when it was called or is about to be."""
        with self._lock:
            if tell not in self._waiting:
                return False
            self._waiting.remove(tell)
            return True

    def cancel(self) -> None:
        """Ask the work to end early; it completes with ``E_ABORT`` unless it was done before.

        Raises:
            ApiError: ``VBOX_E_INVALID_OBJECT_STATE``: it cannot be cancelled.
        """
        if self._completed:
            return
        if self._cancel is None:
            raise ApiError(
                ErrorCode.VBOX_E_INVALID_OBJECT_STATE,
                f"Operation cannot be canceled: {self._description}.",
                "progress",
            )
        _logger.info("Operation '%s' is to be cancelled", self._description)
        self._cancel()

    def _time_remaining(self) -> int:
        if self._completed:
            return 0
        if self._percent < 1:
            return -1
        elapsed = time.monotonic() - self._began
        return round(elapsed * (100 - self._percent) / self._percent)


class Operations:
    """All operations that run, and those that ended a moment ago.

    Attributes:
        hub: Where their events go.
    """

    def __init__(self, hub: EventHub, deadlines: Deadlines) -> None:
        self.hub = hub
        self._deadlines = deadlines
        self._lock = threading.Lock()
        self._all: dict[str, Operation] = {}

    def begin(
        self, description: str, initiator: str, cancel: Callable[[], None] | None
    ) -> Operation:
        """List a new operation; see :class:`Operation`."""
        operation = Operation(self, description, initiator, cancel)
        with self._lock:
            self._all[operation.id] = operation
        self.hub.fire(ProgressCreated(progress_id=operation.id, description=description))
        return operation

    def running(self) -> list[ProgressInfo]:
        """Operations that are not over, the oldest first."""
        with self._lock:
            known = list(self._all.values())
        return [info for info in (operation.info for operation in known) if not info.completed]

    def find(self, progress_id: str) -> Operation:
        """The operation with this id.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``: there is none, or it ended long ago.
        """
        with self._lock:
            operation = self._all.get(progress_id)
        if operation is None:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                f"There is no operation with the id '{progress_id}'; the outcome of one is kept "
                f"for {KEPT_SECONDS:g} s.",
                "progress",
            )
        return operation

    def completed(self, operation: Operation) -> None:
        """``operation`` is over: tell everybody, and forget it in a while."""
        self._deadlines.after(KEPT_SECONDS, lambda: self._forget(operation))
        self.hub.fire(ProgressTaskCompleted(progress_id=operation.id))

    def _forget(self, operation: Operation) -> None:
        with self._lock:
            self._all.pop(operation.id, None)
