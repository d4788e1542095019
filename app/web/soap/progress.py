"""``IProgress`` and ``IVirtualBoxErrorInfo``: long operations, and why something failed."""

from __future__ import annotations

import asyncio

from app.api.errors import ApiError
from app.web.calls import AsyncCall
from app.web.soap.context import Context
from app.web.soap.managed import Int, Managed, UnsignedInt, operation

_SIGN = 1 << 31


def result_code(error: ApiError) -> int:
    """The result code as the signed number that the wire has."""
    return (int(error.code) ^ _SIGN) - _SIGN


class VirtualBoxErrorInfo(Managed, interface="IVirtualBoxErrorInfo"):
    """Details of an error.

    Args:
        context: Session.
        error: What happened.
    """

    def __init__(self, context: Context, error: ApiError) -> None:
        super().__init__(context)
        self._error = error

    @operation("getResultCode")
    async def result_code(self) -> Int:
        """Result code of the Main API."""
        return result_code(self._error)

    @operation("getComponent")
    async def component(self) -> str:
        """Part that noticed."""
        return self._error.component

    @operation("getText")
    async def text(self) -> str:
        """Sentences for people."""
        return self._error.message

    @operation("getNext")
    async def next(self) -> VirtualBoxErrorInfo | None:
        """The error behind it: the text tells everything, so there is none."""
        return None


class Progress(Managed, interface="IProgress"):
    """A long call.

    Args:
        context: Session.
        running: The call.
        description: What it does.
    """

    def __init__(self, context: Context, running: AsyncCall, description: str) -> None:
        super().__init__(context)
        self._running = running
        self._description = description

    def _error(self) -> ApiError | None:
        if not self._running.result.done():
            return None
        error = self._running.result.exception()
        return error if isinstance(error, ApiError) else None

    @operation("getId")
    async def id(self) -> str:
        """Its name in events of the Main API; empty until it has told any progress."""
        return self._running.progress_id

    @operation("getDescription")
    async def description(self) -> str:
        """What it does."""
        return self._description

    @operation("getOperationDescription")
    async def operation_description(self) -> str:
        """What it is doing now."""
        return self._running.description or self._description

    @operation("getCancelable")
    async def cancelable(self) -> bool:
        """Whether it may be asked to end early."""
        return True

    @operation("getPercent")
    async def percent(self) -> UnsignedInt:
        """How far it is, 0 to 100."""
        done = self._running.result.done() and self._error() is None
        return 100 if done else self._running.percent

    @operation("getCompleted")
    async def completed(self) -> bool:
        """Whether it is over, well or not."""
        return self._running.result.done()

    @operation("getCanceled")
    async def canceled(self) -> bool:
        """Whether it is over because it was cancelled."""
        error = self._error()
        return error is not None and error.code.name == "E_ABORT"

    @operation("getResultCode")
    async def result_code(self) -> Int:
        """0 when it went well, or is not over."""
        error = self._error()
        return 0 if error is None else result_code(error)

    @operation("getErrorInfo")
    async def error_info(self) -> VirtualBoxErrorInfo | None:
        """Why it failed; nothing when it did not."""
        error = self._error()
        return None if error is None else VirtualBoxErrorInfo(self.context, error)

    @operation("waitForCompletion")
    async def wait_for_completion(self, timeout: Int) -> None:  # noqa: ASYNC109 - on the wire
        """Wait until it is over, so many milliseconds at most; -1: as long as it takes."""
        seconds = None if timeout < 0 else timeout / 1000
        await asyncio.wait([self._running.result], timeout=seconds)

    @operation("cancel")
    async def cancel(self) -> None:
        """Ask it to end early."""
        self._running.cancel()


