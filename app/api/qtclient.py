"""The Main API for Qt programs: calls that never wait, and events as signals.

Threading: a :class:`QtClient` lives in the UI thread and all its methods are called there. It
connects (and starts the service) on a thread of its own; answers and events come in on the reader
thread of the underlying :class:`app.api.client.Client` and are handed to the UI thread through a
queued signal, in the order in which they arrived. The UI thread never waits for the service.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.api.client import Client, ProgressCallback, connect
from app.api.errors import ApiError, ErrorCode
from app.api.events import Event

_logger = logging.getLogger(__name__)

_RETRY_SECONDS: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)

Done = Callable[[Any], None]
Failed = Callable[[ApiError], None]


class QtCall:
    """A call that was made with :meth:`QtClient.call`; keep it only to cancel the call."""

    def __init__(
        self,
        method: str,
        params: dict[str, Any],
        done: Done | None,
        failed: Failed | None,
        progress: ProgressCallback | None,
    ) -> None:
        self.method = method
        self.params = params
        self.done = done
        self.failed = failed
        self.progress = progress
        self._cancel: Callable[[], None] | None = None
        self.cancelled = False

    def cancel(self) -> None:
        """Ask the service to give the call up; it then fails with ``E_ABORT``, if it can be."""
        self.cancelled = True
        if self._cancel is not None:
            self._cancel()

    def started(self, cancel: Callable[[], None]) -> None:
        """The call is on its way and ``cancel`` ends it."""
        self._cancel = cancel
        if self.cancelled:
            cancel()

    def succeed(self, result: object) -> None:
        """Tell the caller the result."""
        if self.done is not None:
            self.done(result)

    def fail(self, error: ApiError) -> None:
        """Tell the caller, or at least the log, why the call failed."""
        if self.failed is not None:
            self.failed(error)
        else:
            _logger.warning("%s failed: %s", self.method, error)


class QtClient(QObject):
    """Connection of a Qt program to the service.

    Calls that are made before the connection stands are sent as soon as it does; they fail when
    the service cannot be reached. When the connection is lost, waiting calls fail with
    ``NS_ERROR_CALL_FAILED``, ``connection_lost`` is emitted, and a new connection is made; then
    ``connected`` is emitted again and everything that is shown should be fetched anew.

    Signals:
        event(object): An :class:`app.api.events.Event`.
        connected(): The connection stands (first or again).
        connection_lost(str): It was lost, or could not be made; a sentence for people.
    """

    # Named by the API's contract. QObject.event() is not overridden by this: PySide takes only
    # functions of a subclass for overrides, and a test watches that.
    event = Signal(object)  # type: ignore[assignment]
    connected = Signal()
    connection_lost = Signal(str)
    _arrived = Signal(object)

    def __init__(self, client_name: str = "GUI/Qt", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client_name = client_name
        self._client: Client | None = None
        self._waiting: list[QtCall] = []
        self._connector: threading.Thread | None = None
        self._closed = threading.Event()
        self._last_problem = ""
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def is_connected(self) -> bool:
        """Whether the connection stands."""
        return self._client is not None

    def start(self) -> None:
        """Begin to connect; returns at once."""
        if self._connector is None and self._client is None and not self._closed.is_set():
            self._connector = threading.Thread(
                target=self._connect, name="api-connector", daemon=True
            )
            self._connector.start()

    def call(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        done: Done | None = None,
        failed: Failed | None = None,
        progress: ProgressCallback | None = None,
    ) -> QtCall:
        """Call ``method``; one of ``done`` and ``failed`` is called later, on the UI thread.

        Args:
            method: Name on the wire, such as ``machine.launch``.
            params: Parameters by name.
            done: Gets the typed result.
            failed: Gets the error; without it the error goes to the log.
            progress: Told percent and description of a long call, on the UI thread.
        """
        call = QtCall(method, dict(params or {}), done, failed, progress)
        if self._closed.is_set():
            error = ApiError(ErrorCode.NS_ERROR_CALL_FAILED, "The client is closed.", "client")
            self._post(lambda: call.fail(error))
        elif self._client is None:
            self._waiting.append(call)
            self.start()
        else:
            self._send(self._client, call)
        return call

    def close(self) -> None:
        """Hang up; calls that wait for an answer fail, nothing is emitted any more."""
        self._closed.set()
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _send(self, client: Client, call: QtCall) -> None:
        post = self._post

        def on_progress(percent: int, description: str) -> None:
            if call.progress is not None:
                report = call.progress
                post(lambda: report(percent, description))

        try:
            pending = client.start_call(
                call.method,
                call.params,
                on_result=lambda result: post(lambda: call.succeed(result)),
                on_error=lambda error: post(lambda: call.fail(error)),
                on_progress=on_progress if call.progress is not None else None,
            )
        except ApiError as error:
            post(functools.partial(call.fail, error))
        else:
            call.started(pending.cancel)

    def _post(self, action: Callable[[], None]) -> None:
        """Have ``action`` run on the UI thread; from any thread."""
        try:
            self._arrived.emit(action)
        except RuntimeError:
            # The C++ object went with the application while a thread was still at work.
            _logger.debug("An answer came after the client was deleted")

    @Slot(object)
    def _on_arrived(self, action: Callable[[], None]) -> None:
        action()

    # -- connector thread ----------------------------------------------------------------------

    def _connect(self) -> None:
        for delay in _delays():
            if self._closed.wait(delay):
                return
            try:
                client = connect(client_name=self._client_name, on_lost=self._on_lost)
            except ApiError as error:
                self._post(functools.partial(self._on_unreachable, error))
            else:
                client.subscribe(self._on_event)
                self._post(functools.partial(self._on_connected, client))
                return

    def _on_event(self, event: Event) -> None:
        self._post(lambda: self._emit_event(event))

    def _on_lost(self, error: ApiError) -> None:
        self._post(lambda: self._on_disconnected(error))

    # -- UI thread -----------------------------------------------------------------------------

    def _emit_event(self, event: Event) -> None:
        if not self._closed.is_set():
            self.event.emit(event)

    def _on_connected(self, client: Client) -> None:
        self._connector = None
        self._last_problem = ""
        if self._closed.is_set():
            client.close()
            return
        if not client.connected:
            # Lost again before we heard of it; _on_disconnected may have come before us.
            self.start()
            return
        self._client = client
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            self._send(client, call)
        self.connected.emit()

    def _on_disconnected(self, error: ApiError) -> None:
        self._client = None
        if self._closed.is_set():
            return
        self.connection_lost.emit(str(error))
        self.start()

    def _on_unreachable(self, error: ApiError) -> None:
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call.fail(error)
        if str(error) != self._last_problem and not self._closed.is_set():
            self._last_problem = str(error)
            self.connection_lost.emit(str(error))


def _delays() -> Iterator[float]:
    """Seconds before each attempt to connect: soon at first, then every few seconds for good."""
    yield from _RETRY_SECONDS
    while True:
        yield _RETRY_SECONDS[-1]
