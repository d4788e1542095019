"""The service's view of one client: its reader thread, its calls, and the calls to it."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.messages import Call, Cancel, Failure, Hello, Message, Reply
from app.api.transport import Channel, ChannelClosedError
from app.service.dispatch import CallContext, dispatch

if TYPE_CHECKING:
    from app.service.deadlines import Deadline
    from app.service.machine import Machine
    from app.service.server import Service

_logger = logging.getLogger(__name__)

_MAX_MISTAKES = 16
"""Messages that are none, after which a client is cut off."""

Answer = msgspec.Raw | ApiError


class _OutgoingCall:
    """A call to the client (a VM process) that waits for its answer."""

    def __init__(self, method: str, on_answer: Callable[[Answer], None]) -> None:
        self.method = method
        self.on_answer = on_answer
        self.deadline: Deadline | None = None


class Peer:
    """One connected client.

    Attributes:
        channel: Its connection.
        name: What it calls itself.
        pid: Its process, in the kernel's words where the kernel tells, else in its own.
        environment: Display variables for VM processes started for it.
        machines: Machines that it holds or once held.
    """

    def __init__(self, service: Service, channel: Channel, hello: Hello) -> None:
        self.channel = channel
        self.name = hello.client_name[:100]
        credentials = channel.peer_credentials()
        self.pid = credentials[0] if credentials else hello.pid
        self.environment = hello.environment
        self.machines: set[Machine] = set()
        self._service = service
        self._lock = threading.Lock()
        self._worker_calls: dict[int, CallContext] = {}
        self._ids = itertools.count(1)
        self._outgoing: dict[int, _OutgoingCall] = {}
        self._gone = False

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"

    # -- calls of the client -------------------------------------------------------------------

    def serve(self) -> None:
        """Read and obey until the connection ends. Runs on the reader thread."""
        mistakes = 0
        while mistakes < _MAX_MISTAKES:
            try:
                self._receive(self.channel.receive())
            except ChannelClosedError:
                break
            except ApiError as error:
                mistakes += 1
                _logger.warning("%s: %s", self, error)
                self.channel.send(Failure.from_error(0, error))
        self._lose()

    def run_worker(self, context: CallContext, work: Callable[[], None]) -> None:
        """Run ``work``, which answers ``context``'s call, on a thread of its own."""
        call = context.call
        with self._lock:
            limit = self._service.config.max_worker_calls
            refused = ""
            if call.id in self._worker_calls:
                refused = f"Call {call.id} is still running; every call needs a number of its own."
            elif len(self._worker_calls) >= limit:
                refused = f"{limit} long calls of this client are running already."
            else:
                self._worker_calls[call.id] = context
        if refused:
            context.fail(ApiError(ErrorCode.VBOX_E_MAXIMUM_REACHED, refused, "service"))
            return

        def run() -> None:
            try:
                work()
            finally:
                with self._lock:
                    self._worker_calls.pop(call.id, None)

        threading.Thread(target=run, name=call.method.rpartition(".")[2], daemon=True).start()

    def _receive(self, message: Message) -> None:
        if isinstance(message, Call):
            dispatch(CallContext(self._service, self, message))
        elif isinstance(message, Cancel):
            with self._lock:
                context = self._worker_calls.get(message.id)
            if context is not None:
                context.cancel()
        elif isinstance(message, Reply):
            self._answer(message.id, message.result)
        elif isinstance(message, Failure):
            self._answer(message.id, message.to_error())
        else:
            kind = type(message).__name__
            raise ApiError(ErrorCode.E_INVALIDARG, f"A client may not send {kind}.", "transport")

    # -- calls to the client -------------------------------------------------------------------

    def call(
        self,
        method: str,
        params: msgspec.Raw,
        on_answer: Callable[[Answer], None],
        timeout: float,
    ) -> None:
        """Call a method of the client; ``on_answer`` gets the result or the error, once.

        It runs on the reader thread of this client or on the deadlines' thread, and may not wait.
        """
        outgoing = _OutgoingCall(method, on_answer)
        with self._lock:
            gone = self._gone
            call_id = next(self._ids)
            if not gone:
                self._outgoing[call_id] = outgoing
        if gone:
            on_answer(self._gone_error(method))
            return
        outgoing.deadline = self._service.deadlines.after(
            timeout, lambda: self._answer(call_id, self._timeout_error(method, timeout))
        )
        self.channel.send(Call(id=call_id, method=method, params=params))

    def _answer(self, call_id: int, answer: Answer) -> None:
        with self._lock:
            outgoing = self._outgoing.pop(call_id, None)
        if outgoing is None:
            # It came after its deadline.
            return
        if outgoing.deadline is not None:
            outgoing.deadline.cancel()
        outgoing.on_answer(answer)

    def _lose(self) -> None:
        with self._lock:
            self._gone = True
            outgoing = list(self._outgoing.items())
            for context in self._worker_calls.values():
                context.cancelled.set()
        for call_id, call in outgoing:
            self._answer(call_id, self._gone_error(call.method))

    def _gone_error(self, method: str) -> ApiError:
        return ApiError(
            ErrorCode.NS_ERROR_CALL_FAILED,
            f"{self} went away before it had answered {method}.",
            "service",
        )

    def _timeout_error(self, method: str, timeout: float) -> ApiError:
        return ApiError(
            ErrorCode.VBOX_E_TIMEOUT,
            f"{self} did not answer {method} within {timeout:g} s.",
            "service",
        )
