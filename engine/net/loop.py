"""The NAT's thread: sockets that are ready, moments that have come, and work posted by others."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import selectors
import socket
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[int], None]

log = logging.getLogger("engine.net")

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE
_JOIN_SECONDS: Final = 5.0


class Watched(Protocol):
    """What a loop can wait for: a socket, or a device of the host."""

    def fileno(self) -> int:
        """Return its descriptor."""

    def close(self) -> None:
        """Let go of it."""


class Loop:
    """A thread around a selector. Only `post`, `wake` and `stop` may be called by other threads.

    Args:
        name: of the thread.
        work: called after each wake and each round; does what has been queued elsewhere.

    Attributes:
        errors: handlers that raised; each is logged, and its socket is no longer watched.
    """

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self._work = work
        self._selector = selectors.DefaultSelector()
        # The selector itself would tell by an exception, with all there is to say about a socket.
        self._watched: dict[Watched, tuple[int, Handler]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._posted: deque[Callable[[], None]] = deque()
        self._signalled = False
        self._stopping = False
        self.errors = 0
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, READ, self._on_wake)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    # ------------------------------------------------------------------ any thread

    def post(self, function: Callable[[], None]) -> None:
        """Have a function called on the thread."""
        self._posted.append(function)
        self.wake()

    def wake(self) -> None:
        """Have the thread look for work; cheap when it has been woken already."""
        if self._signalled:
            return
        self._signalled = True
        with contextlib.suppress(OSError):  # full: it wakes anyway; closed: it has ended
            self._wake.send(b"\0")

    def stop(self) -> None:
        """End the thread and release what it waits with; the sockets watched are not closed."""
        self._stopping = True
        self._signalled = False
        self.wake()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
        if self._thread.is_alive():
            log.error("The thread %s does not end", self._thread.name)
            return
        self._selector.close()
        self._wake.close()
        self._woken.close()

    # ------------------------------------------------------------------ the thread

    @staticmethod
    def now() -> float:
        """Return seconds on the clock of the timers."""
        return time.monotonic()

    def watch(self, end: Watched, events: int, handler: Handler) -> None:
        """Have ``handler(events)`` called when ``end`` is ready; events 0: no longer."""
        before = self._watched.get(end)
        if not events:
            if before is not None:
                del self._watched[end]
                self._selector.unregister(end)
            return
        if before == (events, handler):
            return
        self._watched[end] = events, handler
        if before is None:
            self._selector.register(end, events, handler)
        else:
            self._selector.modify(end, events, handler)

    def close(self, end: Watched) -> None:
        """Close a socket that may be watched."""
        self.watch(end, 0, _nothing)
        end.close()

    def at(self, when: float, function: Callable[[], None]) -> None:
        """Call a function at a moment; who no longer wants that checks in the function."""
        heapq.heappush(self._timers, (when, next(self._order), function))

    def _run(self) -> None:
        while not self._stopping:
            for key, events in self._selector.select(self._patience()):
                # A handler before it may have closed this socket.
                if self._selector.get_map().get(key.fd) is key:
                    self._serve(key, events)
            self._fire_timers()
            self._guarded(self._work)

    def _patience(self) -> float | None:
        if self._posted or self._signalled:
            return 0.0
        return max(self._timers[0][0] - self.now(), 0.0) if self._timers else None

    def _serve(self, key: selectors.SelectorKey, events: int) -> None:
        if not self._guarded(lambda: key.data(events)):
            # It would be ready, and fail, again and again.
            self.watch(cast("Watched", key.fileobj), 0, _nothing)

    def _fire_timers(self) -> None:
        now = self.now()
        while self._timers and self._timers[0][0] <= now:
            self._guarded(heapq.heappop(self._timers)[2])

    def _on_wake(self, _events: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        self._signalled = False
        while self._posted:
            self._guarded(self._posted.popleft())

    def _guarded(self, function: Callable[[], None]) -> bool:
        """Call what must not end the thread: the other connections of the guest go on."""
        try:
            function()
        except Exception:
            self.errors += 1
            log.exception("The NAT has made a mistake")
            return False
        return True


def _nothing(_events: int) -> None:
    """Handle nothing."""
