"""Calls of the Main API from asyncio, and long calls that a request does not wait for.

Threading: the loop's thread; the client's reader thread only hands results over to the loop.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Any, Final

import msgspec

from app.api.client import Client, PendingCall
from app.api.errors import ApiError, ErrorCode
from app.web.problems import Problem, problem_of

MAX_OPERATIONS: Final = 100
"""Operations that a session remembers; those that are over are forgotten first."""


class AsyncCall:
    """A call whose result an asyncio task can wait for.

    Attributes:
        result: Gets the result or the error.
        percent: 0 to 100, as far as the call tells.
        description: What it is doing.
    """

    def __init__(self, client: Client, method: str, params: dict[str, Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self._loop.create_future()
        # A result that nobody waits for any more is no mistake.
        self.result.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.percent = 0
        self.description = ""
        self._pending: PendingCall = client.start_call(
            method,
            params,
            on_result=lambda value: self._hand_over(self._set_result, value),
            on_error=lambda error: self._hand_over(self._set_error, error),
            on_progress=lambda percent, text: self._hand_over(self._set_progress, percent, text),
        )

    @property
    def progress_id(self) -> str:
        """Names the operation to other clients once it has told any progress."""
        return self._pending.progress_id

    def cancel(self) -> None:
        """Ask for the end of the call; it may still succeed."""
        self._pending.cancel()

    def _hand_over(self, function: Callable[..., None], *args: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            # The loop has ended, and with it whoever waited.
            return

    def _set_result(self, value: Any) -> None:
        if not self.result.done():
            self.result.set_result(value)

    def _set_error(self, error: ApiError) -> None:
        if not self.result.done():
            self.result.set_exception(error)

    def _set_progress(self, percent: int, description: str) -> None:
        self.percent = percent
        self.description = description


async def call(client: Client, method: str, **params: Any) -> Any:
    """Call a method and wait for its result.

    Raises:
        ApiError: What the service answered.
    """
    return await AsyncCall(client, method, params).result


class OperationInfo(msgspec.Struct, kw_only=True):
    """A call that was begun with ``Prefer: respond-async``.

    Attributes:
        id: Names it below ``operations``.
        method: What was called.
        percent: 0 to 100, as far as the call tells.
        description: What it is doing.
        progress_id: Names it to ``progress.get`` and in events; may be empty.
        completed: It is over, well or not.
        result: What the method returned.
        problem: Why it failed.
    """

    id: str
    method: str
    percent: int = 0
    description: str = ""
    progress_id: str = ""
    completed: bool = False
    result: Any = None
    problem: Problem | None = None


class Operations:
    """The long calls of one session."""

    def __init__(self) -> None:
        self._calls: dict[str, tuple[str, AsyncCall]] = {}

    def begin(self, client: Client, method: str, params: dict[str, Any]) -> OperationInfo:
        """Begin a call.

        Raises:
            ApiError: ``VBOX_E_MAXIMUM_REACHED``, or the call cannot be sent.
        """
        if len(self._calls) >= MAX_OPERATIONS:
            over = next((id_ for id_, (_, it) in self._calls.items() if it.result.done()), None)
            if over is None:
                raise ApiError(
                    ErrorCode.VBOX_E_MAXIMUM_REACHED,
                    f"{MAX_OPERATIONS} operations of this session are not over yet.",
                    "web",
                )
            del self._calls[over]
        operation_id = secrets.token_hex(8)
        self._calls[operation_id] = (method, AsyncCall(client, method, params))
        return self.get(operation_id)

    def get(self, operation_id: str) -> OperationInfo:
        """How far an operation is.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        method, running = self._find(operation_id)
        info = OperationInfo(
            id=operation_id, method=method, percent=running.percent,
            description=running.description, progress_id=running.progress_id,
            completed=running.result.done(),
        )  # fmt: skip
        if info.completed:
            error = running.result.exception()
            if isinstance(error, ApiError):
                info.problem = problem_of(error)
            else:
                info.percent = 100
                info.result = running.result.result()
        return info

    def list(self) -> list[OperationInfo]:
        """All operations that are known, the oldest first."""
        return [self.get(operation_id) for operation_id in self._calls]

    def end(self, operation_id: str) -> None:
        """Cancel an operation, or forget one that is over.

        Raises:
            ApiError: ``VBOX_E_OBJECT_NOT_FOUND``.
        """
        running = self._find(operation_id)[1]
        if running.result.done():
            del self._calls[operation_id]
        else:
            running.cancel()

    def _find(self, operation_id: str) -> tuple[str, AsyncCall]:
        try:
            return self._calls[operation_id]
        except KeyError:
            raise ApiError(
                ErrorCode.VBOX_E_OBJECT_NOT_FOUND,
                f"This session has no operation '{operation_id}'.",
                "web",
            ) from None
