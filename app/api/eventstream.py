"""Events as a queue with time-outs, for scripts that wait for something to happen.

Threading: the reader thread of the client fills a stream; any one thread empties it.
"""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from app.api.errors import ApiError, ErrorCode

if TYPE_CHECKING:
    from app.api.events import Event

MAX_WAITING_EVENTS: Final = 10_000
"""Events that may wait in a stream that nobody reads."""


class EventStream:
    """Events in the order in which they came; made by :meth:`app.api.client.Client.events`.

    Iterating waits for the next event without end; it ends when the client is closed. What came
    before is always delivered first, also when the connection has ended meanwhile.
    """

    def __init__(
        self, types: tuple[type[Event], ...], unsubscribe: Callable[[EventStream], None]
    ) -> None:
        self._types = types
        self._unsubscribe = unsubscribe
        self._events: collections.deque[Event] = collections.deque()
        self._changed = threading.Condition()
        self._closed = False
        self._error: ApiError | None = None

    def get(self, timeout: float | None = None) -> Event | None:
        """The next event.

        Args:
            timeout: Seconds to wait at most; None: as long as it takes.

        Returns:
            The event; None when the time is over or the stream was closed.

        Raises:
            ApiError: ``NS_ERROR_CALL_FAILED``: the connection was lost; ``VBOX_E_MAXIMUM_REACHED``:
                too many events were waiting, so that some are missing.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._closed or self._error, timeout)
            if self._events:
                return self._events.popleft()
            if self._error is not None:
                raise self._error
            return None

    def wait_for(self, wanted: Callable[[Event], bool], timeout: float) -> Event:
        """Skip events until one is ``wanted``, and return it.

        Args:
            wanted: Tells whether an event is the one.
            timeout: Seconds to wait at most.

        Raises:
            ApiError: ``VBOX_E_TIMEOUT``: it did not come; otherwise as :meth:`get`.
        """
        deadline = time.monotonic() + timeout
        while (event := self.get(max(0.0, deadline - time.monotonic()))) is not None:
            if wanted(event):
                return event
        raise ApiError(
            ErrorCode.VBOX_E_TIMEOUT, f"The event did not come within {timeout:g} s.", "client"
        )

    def close(self) -> None:
        """Receive no more events; a waiting :meth:`get` returns."""
        self._unsubscribe(self)
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self.get()
        if event is None:
            raise StopIteration
        return event

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # -- for the client's reader thread ----------------------------------------------------------

    def put(self, event: Event) -> None:
        """Add an event, if it is of a type that is wanted here."""
        if self._types and not isinstance(event, self._types):
            return
        with self._changed:
            if self._error is not None:
                return
            if len(self._events) >= MAX_WAITING_EVENTS:
                self._error = ApiError(
                    ErrorCode.VBOX_E_MAXIMUM_REACHED,
                    f"{MAX_WAITING_EVENTS} events were waiting; later ones are missing.",
                    "client",
                )
            else:
                self._events.append(event)
            self._changed.notify_all()

    def end(self, error: ApiError | None) -> None:
        """The connection has ended: with ``error``, or None when this client closed it."""
        with self._changed:
            self._closed = True
            self._error = self._error or error
            self._changed.notify_all()
