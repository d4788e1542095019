"""The VM process's end of a session: attaches, reports, and finds the next service again.

A VM outlives the service: when the connection is lost, a thread of the session looks for a service
(starting one when there is none), attaches again with the state the VM has then, and goes on
offering the console. Nothing that is reported meanwhile is lost: the last state is told anew.

Threading: all methods may be called from any thread; they wait for the service, at most as long as
their docstring says, so call them neither on the UI thread nor on the EMT but on a worker.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import Final

from app.api import interfaces
from app.api.client import Client, Subscriber, connect
from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState, VmStartInfo
from app.api.transport import lost_error

_logger = logging.getLogger(__name__)

# The last one is repeated: each attempt may start a service, which costs half a second of work.
_RETRY_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 2.0, 10.0)
_ATTEMPT_SECONDS: Final = 10.0
_CALL_SECONDS: Final = 10.0
_DETACH_SECONDS: Final = 5.0
_SAVED_SECONDS: Final = 20.0  # for a service to note a saved state
_PROGRESS_SECONDS: Final = 0.1  # progress is told at most that often


class VmSession:
    """The lock of a VM process on its machine; made by :meth:`attach`.

    Attributes:
        machine_id: UUID of the machine.
        start_info: What the service told at the first attach.
    """

    start_info: VmStartInfo

    def __init__(
        self,
        machine_id: str,
        console: interfaces.Console,
        debugger: interfaces.Debugger | None,
        client_name: str,
    ) -> None:
        self.machine_id = machine_id
        self._console = console
        self._debugger = debugger
        self._client_name = client_name
        self._lock = threading.Lock()
        self._attached = threading.Event()
        self._detaching = threading.Event()
        self._client: Client | None = None
        self._state = MachineState.STARTING
        self._error: str | None = None
        self._told_at = 0.0
        self._subscribers: list[Subscriber] = []

    @classmethod
    def attach(
        cls,
        machine_id: str,
        console: interfaces.Console,
        debugger: interfaces.Debugger | None = None,
        *,
        client_name: str = "GUI/Qt",
    ) -> VmSession:
        """Take the VM lock of a machine and offer ``console`` to every client.

        Args:
            machine_id: UUID or name of the machine.
            console: What obeys console calls; see :mod:`app.api.interfaces.console`.
            debugger: What obeys calls of :mod:`app.api.interfaces.debugger`.
            client_name: Shown as the holder of the machine.

        Raises:
            ApiError: As :func:`app.api.client.connect` and ``session.attach_vm``.
        """
        session = cls(machine_id, console, debugger, client_name)
        session.start_info = session._attach_once()
        session.machine_id = session.start_info.id
        return session

    @property
    def client(self) -> Client:
        """The present connection, for other calls; another one after the service was started anew.

        Raises:
            ApiError: ``NS_ERROR_CALL_FAILED``: there is none right now.
        """
        client = self._client
        if client is None or not self._attached.is_set():
            raise ApiError(
                ErrorCode.NS_ERROR_CALL_FAILED,
                "The connection to the Vitrine service is being made again.",
                "session",
            )
        return client

    def subscribe(self, callback: Subscriber) -> None:
        """Have ``callback`` called with every event, on a reader thread, for good."""
        with self._lock:
            self._subscribers.append(callback)
            client = self._client
        if client is not None:
            client.subscribe(callback)

    def report_state(self, state: MachineState, error: str | None = None) -> None:
        """Tell the service the VM's state; without a connection the next one learns it.

        Raises:
            ApiError: The service refused it.
        """
        with self._lock:
            self._state = state
            self._error = error
        self._tell("session.report_state", {"state": state, "error": error})

    def report_runtime_error(self, error_id: str, message: str, *, fatal: bool) -> None:
        """Have the event ``RuntimeError`` sent to every client."""
        self._tell(
            "session.report_runtime_error",
            {"fatal": fatal, "error_id": error_id, "message": message},
        )

    def report_progress(self, percent: int, description: str) -> None:
        """Tell how far a long operation of the VM is; never waits, and leaves some out."""
        now = time.monotonic()
        client = self._client
        if client is None or not client.connected or now - self._told_at < _PROGRESS_SECONDS:
            return
        self._told_at = now
        self._tell_soon("session.report_progress", percent=percent, description=description)

    def report_remote_display(self, *, server: bool) -> None:
        """Tell that the remote display server, or else its clients, have changed; never waits."""
        self._tell_soon("session.report_remote_display", server=server)

    def _tell_soon(self, method: str, **params: object) -> None:
        client = self._client
        if client is None or not client.connected:
            return
        with contextlib.suppress(ApiError):
            client.start_call(
                method,
                {"id": self.machine_id, **params},
                on_result=lambda _result: None,
                on_error=lambda error: _logger.debug("%s was not told: %s", method, error),
            )

    def report_saved_state(self, path: str) -> None:
        """Have the service note the file of a complete saved state.

        Waits for the next service when this one is gone: who ends a session often ends both at
        the same time.

        Raises:
            ApiError: it could not; the state does not count as saved.
        """
        deadline = time.monotonic() + _SAVED_SECONDS
        while True:
            self._attached.wait(max(0.0, deadline - time.monotonic()))
            try:
                self.client.invoke(
                    "session.report_saved_state",
                    {"id": self.machine_id, "path": path},
                    timeout=_CALL_SECONDS,
                )
            except ApiError as error:
                lost = error.code is ErrorCode.NS_ERROR_CALL_FAILED
                if not lost or time.monotonic() >= deadline:
                    raise
                time.sleep(_RETRY_SECONDS[0])
            else:
                return

    def detach(self) -> None:
        """Release the lock: the VM ended in order. Waits up to five seconds for a service."""
        self._detaching.set()
        deadline = time.monotonic() + _DETACH_SECONDS
        while not self._detach_once(deadline):
            if time.monotonic() >= deadline:
                _logger.error("No service was there to release the machine %s", self.machine_id)
                break
        if self._client is not None:
            self._client.close()

    def _detach_once(self, deadline: float) -> bool:
        if not self._attached.wait(max(0.0, deadline - time.monotonic())):
            return False
        client = self._client
        assert client is not None
        try:
            client.session(self.machine_id).detach_vm()
        except ApiError as error:
            if error.code is not ErrorCode.NS_ERROR_CALL_FAILED:
                raise
            # The service died under the call. Its loss will be noticed, and the next one found.
            time.sleep(_RETRY_SECONDS[0])
            return False
        return True

    def _tell(self, method: str, params: dict[str, object]) -> None:
        client = self._client
        if client is None or not client.connected:
            return
        try:
            client.invoke(method, {"id": self.machine_id, **params}, timeout=_CALL_SECONDS)
        except ApiError as error:
            if error.code is not ErrorCode.NS_ERROR_CALL_FAILED:
                raise
            _logger.warning("%s did not reach the service: %s", method, error)

    def _attach_once(self) -> VmStartInfo:
        client = connect(
            client_name=self._client_name, timeout=_ATTEMPT_SECONDS, on_lost=self._on_lost
        )
        try:
            with self._lock:
                state = self._state
                subscribers = list(self._subscribers)
            client.serve(self._console, self._debugger)
            info = client.session(self.machine_id).attach_vm(os.getpid(), state)
        except ApiError:
            client.close()
            raise
        for subscriber in subscribers:
            client.subscribe(subscriber)
        with self._lock:
            self._client = client
            self._attached.set()
        self._catch_up((state, None))
        if not client.connected:
            # Lost before it counted as attached, so that _on_lost did nothing.
            self._on_lost(lost_error("it ended at once"))
        return info

    def _catch_up(self, told: tuple[MachineState, str | None]) -> None:
        """Tell what was reported while the connection was being made.

        The service may call the console as soon as it has admitted us, and what the VM reports
        then finds no connection yet.
        """
        while True:
            with self._lock:
                present = self._state, self._error
            if present == told:
                return
            told = present
            try:
                self._tell("session.report_state", {"state": told[0], "error": told[1]})
            except ApiError as error:
                _logger.error("The state %s was refused: %s", told[0], error)

    def _on_lost(self, error: ApiError) -> None:
        with self._lock:
            if not self._attached.is_set():
                # The attempt that is being made fails by itself and is repeated.
                return
            self._attached.clear()
        _logger.warning("%s Looking for the next service.", error)
        threading.Thread(target=self._attach_again, name="vm-session", daemon=True).start()

    def _attach_again(self) -> None:
        attempt = 0
        while True:
            try:
                self._attach_once()
            except ApiError as error:
                delay = _RETRY_SECONDS[min(attempt, len(_RETRY_SECONDS) - 1)]
                attempt += 1
                _logger.warning("Attaching again failed (%s); next try in %g s", error, delay)
                if self._detaching.wait(delay) and attempt > len(_RETRY_SECONDS):
                    return
            else:
                _logger.info("Attached to the next service")
                return
