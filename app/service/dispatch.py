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
from app.api.schema import METHODS, Method, find_method

if TYPE_CHECKING:
    from app.service.peer import Peer
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
    """One registered handler."""

    function: Callable[..., Any]
    style: Style


HANDLERS: dict[str, Handler] = {}


def handler(name: str, style: Style = Style.INLINE) -> Callable[[_F], _F]:
    """Declare the decorated function as the handler of method ``name``."""

    def declare(function: _F) -> _F:
        find_method(name)
        if name in HANDLERS:
            raise ValueError(f"{name} has two handlers: {HANDLERS[name].function}, {function}")
        HANDLERS[name] = Handler(function, style)
        return function

    return declare


def load_handlers() -> None:
    """Import every module of :mod:`app.service.handlers`.

    Raises:
        LookupError: A declared method has no handler.
    """
    from app.service import handlers

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
        cancelled: Set when the client cancels the call or is gone.
    """

    def __init__(self, service: Service, peer: Peer, call: Call) -> None:
        self.service = service
        self.peer = peer
        self.call = call
        self.cancelled = threading.Event()

    def progress(self, percent: int, description: str = "") -> None:
        """Tell the client how far the call is."""
        self.peer.channel.send(
            Progress(id=self.call.id, percent=max(0, min(100, percent)), description=description)
        )

    def check_cancelled(self) -> None:
        """Give up when the client no longer wants the result.

        Raises:
            ApiError: ``E_ABORT``.
        """
        if self.cancelled.is_set():
            raise ApiError(ErrorCode.E_ABORT, f"{self.call.method} was cancelled.", "service")

    def succeed(self, result: msgspec.Raw) -> None:
        """Answer with a packed result."""
        self.peer.channel.send(Reply(id=self.call.id, result=result))

    def fail(self, error: ApiError) -> None:
        """Answer with an error."""
        if error.code in (ErrorCode.E_UNEXPECTED, ErrorCode.E_FAIL):
            _logger.error(
                "aRC=%s (0x%08x) aComponent={%s} aText={%s}",
                error.code.name, error.code, error.component, error.message,
            )  # fmt: skip
        self.peer.channel.send(Failure.from_error(self.call.id, error))


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
