"""Handlers of API methods: declared by decorator, found by name, run in one of three styles.

A handler is a function whose first parameter is the :class:`CallContext` and whose others are
those of the method in :mod:`app.api.interfaces`, with the same names. Importing its module
registers it; :func:`load_handlers` imports all modules of :mod:`app.service.handlers`.
"""

from __future__ import annotations

import enum
import importlib
import logging
import pkgutil
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.api.errors import ApiError, ErrorCode
from app.api.messages import Call, Failure, Progress, Reply, pack
from app.api.schema import METHODS, Method, find_method, load_interfaces

if TYPE_CHECKING:
    from app.service.peer import Peer
    from app.service.progress import Operation
    from app.service.server import Service

_logger = logging.getLogger(__name__)

_F = TypeVar("_F", bound=Callable[..., Any])


class Style(enum.Enum):
    """Where a handler runs."""

    INLINE = enum.auto()
    """On the reader thread of the calling client: short, and in the order of the calls."""
    WORKER = enum.auto()
    """On a thread of its own: may take long, may be cancelled."""
    ROUTED = enum.auto()
    """On the reader thread; answers later through the context and never waits."""


class Handler(msgspec.Struct, frozen=True):
    """One registered handler.

    Attributes:
        function: Obeys the call.
        style: Where it runs.
        operation: What it does, for the list of long operations; empty when it is short.
        cancelable: It ends early when its context says that it is cancelled.
    """

    function: Callable[..., Any]
    style: Style
    operation: str = ""
    cancelable: bool = True


HANDLERS: dict[str, Handler] = {}


def handler(
    name: str, style: Style = Style.INLINE, *, operation: str = "", cancelable: bool = True
) -> Callable[[_F], _F]:
    """Declare the decorated function as the handler of method ``name``; see :class:`Handler`."""

    def declare(function: _F) -> _F:
        find_method(name)
        if name in HANDLERS:
            raise ValueError(f"{name} has two handlers: {HANDLERS[name].function}, {function}")
        HANDLERS[name] = Handler(function, style, operation, cancelable)
        return function

    return declare


def load_handlers() -> None:
    """Import every module of :mod:`app.service.handlers`.

    Raises:
        LookupError: A declared method has no handler.
    """
    from app.service import handlers

    load_interfaces()
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"{handlers.__name__}.{module.name}")
    missing = METHODS.keys() - HANDLERS.keys()
    if missing:
        raise LookupError(f"These methods have no handler: {', '.join(sorted(missing))}")


class CallContext:
    """One call: who made it, and the way back.

    Attributes:
        service: The service.
        peer: The calling client.
        call: The call as it came.
        cancelled: Set when the call is cancelled or its client is gone.
        cancel_requested: Somebody cancelled the call; its client need not be gone.
    """

    def __init__(self, service: Service, peer: Peer, call: Call) -> None:
        self.service = service
        self.peer = peer
        self.call = call
        self.cancelled = threading.Event()
        self.cancel_requested = False
        self._operation: Operation | None = None
        self._on_cancel: Callable[[], None] | None = None

    def begin_operation(self, description: str, *, cancelable: bool = True) -> None:
        """List the call among the long operations until it is answered."""
        if self._operation is None:
            self._operation = self.service.operations.begin(
                description, str(self.peer), self.cancel if cancelable else None
            )
            self.progress(0, description)

    def progress(self, percent: int, description: str = "") -> None:
        """Tell the client and all who watch how far the call is.

        Args:
            percent: 0 to 100.
            description: What is being done now; empty: the same as before.
        """
        percent = max(0, min(100, percent))
        if self._operation is None:
            self.begin_operation(description or self.call.method)
        assert self._operation is not None
        self._operation.update(percent, description)
        self.peer.channel.send(
            Progress(
                id=self.call.id,
                percent=percent,
                description=description,
                progress_id=self._operation.id,
            )
        )

    def cancel(self) -> None:
        """Somebody no longer wants the result."""
        self.cancel_requested = True
        self.cancelled.set()
        if self._on_cancel is not None:
            self._on_cancel()

    def on_cancel(self, wake: Callable[[], None]) -> None:
        """Have ``wake`` called when somebody cancels; not when the client is merely gone."""
        self._on_cancel = wake
        if self.cancel_requested:
            wake()

    def check_cancelled(self) -> None:
        """Give up when the client no longer wants the result.

        Raises:
            ApiError: ``E_ABORT``.
        """
        if self.cancelled.is_set():
            raise ApiError(ErrorCode.E_ABORT, f"{self.call.method} was cancelled.", "service")

    def succeed(self, result: msgspec.Raw) -> None:
        """Answer with a packed result."""
        self._complete(None)
        self.peer.channel.send(Reply(id=self.call.id, result=result))

    def fail(self, error: ApiError) -> None:
        """Answer with an error."""
        self._complete(error)
        _logger.info(
            "ERROR [COM]: aRC=%s (0x%08x) aComponent={%s} aText={%s} (%s for %s)",
            error.code.name, error.code, error.component, error.message, self.call.method,
            self.peer,
        )  # fmt: skip
        self.peer.channel.send(Failure.from_error(self.call.id, error))

    def _complete(self, error: ApiError | None) -> None:
        if self._operation is not None:
            self._operation.complete(error)


def dispatch(context: CallContext) -> None:
    """Run the handler of a call, or have it run; answers the call in any case."""
    try:
        method = find_method(context.call.method)
        found = HANDLERS[method.name]
        params = method.decode_params(context.call.params)
    except ApiError as error:
        context.fail(error)
        return
    if found.style is Style.WORKER:
        context.peer.run_worker(context, lambda: _run(context, method, found, params))
    else:
        _run(context, method, found, params)


def _run(context: CallContext, method: Method, found: Handler, params: dict[str, Any]) -> None:
    try:
        if found.operation:
            context.begin_operation(found.operation, cancelable=found.cancelable)
        result = found.function(context, **params)
        if found.style is not Style.ROUTED:
            context.succeed(pack(result))
    except ApiError as error:
        context.fail(error)
    except OSError as error:
        _logger.exception("%s failed", method.name)
        message = f"{method.name} failed: {error}."
        context.fail(ApiError(ErrorCode.VBOX_E_FILE_ERROR, message, "service"))
    except Exception as error:
        _logger.exception("%s failed", method.name)
        message = f"{method.name} failed by a program error: {error!r}."
        context.fail(ApiError(ErrorCode.E_UNEXPECTED, message, "service"))
