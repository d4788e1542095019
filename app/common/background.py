"""Runs a function that may block on a pool thread and delivers its result on the UI thread."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot
from shiboken6 import isValid


class _Delivery(QObject):
    """Lives on the UI thread; a queued signal brings the outcome over."""

    finished = Signal(object, object)

    def __init__(
        self,
        owner: QObject,
        done: Callable[[Any], None],
        failed: Callable[[Exception], None] | None,
    ) -> None:
        super().__init__()
        self._owner = owner
        self._done = done
        self._failed = failed
        self.finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        _pending.add(self)

    @Slot(object, object)
    def _deliver(self, result: object, error: Exception | None) -> None:
        _pending.discard(self)
        if not isValid(self._owner):
            return
        if error is None:
            self._done(result)
        elif self._failed is not None:
            self._failed(error)
        else:
            raise error


_pending: set[_Delivery] = set()


class _Job(QRunnable):
    def __init__(self, function: Callable[[], Any], delivery: _Delivery) -> None:
        super().__init__()
        self._function = function
        self._delivery = delivery

    def run(self) -> None:
        try:
            result = self._function()
        except Exception as error:
            self._delivery.finished.emit(None, error)
        else:
            self._delivery.finished.emit(result, None)


def run_in_background(
    owner: QObject,
    function: Callable[[], Any],
    done: Callable[[Any], None],
    failed: Callable[[Exception], None] | None = None,
) -> None:
    """Run FUNCTION on a pool thread, then DONE (or FAILED) with its outcome on the UI thread.

    Args:
        owner: when this object is gone by then, the outcome is dropped.
        function: called without arguments; touches no Qt object.
        done: gets the result.
        failed: gets the exception; without it the exception is raised on the UI thread.
    """
    QThreadPool.globalInstance().start(_Job(function, _Delivery(owner, done, failed)))
