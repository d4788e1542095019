"""Requests of devices to their media, and commands that wait for them.

A device never waits for the host. A command is a generator that yields requests, and a
:class:`BlockTask` runs it: on the EMT, from one answer to the next. What carries out the requests
is a :class:`BlockQueue`; that of a machine is :class:`engine.storage.aio.MediumQueue`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from engine.storage.errors import MediumError

if TYPE_CHECKING:
    from engine.pdm.interfaces import BlockMedium


class Landing(Protocol):
    """Where the data of a read go: parts of the guest's memory, filled in order."""

    @property
    def moved(self) -> int:
        """Bytes that have been filled."""

    def views(self, count: int) -> list[memoryview] | None:
        """Return the memory of the next bytes; None: it is too short, or no plain memory."""

    def filled(self, count: int) -> None:
        """Take note that what :meth:`views` has returned has been filled."""

    def scatter(self, data: memoryview) -> int:
        """Store bytes; return how many found room."""


class BlockOperation(Enum):
    """What a request asks of a medium."""

    READ = "read"
    WRITE = "write"
    FLUSH = "flush"


@dataclass(slots=True, eq=False)
class BlockRequest:
    """One request; :meth:`read`, :meth:`write` and :meth:`flush` make them.

    Attributes:
        offset, length: bytes of any alignment.
        data: what to write, or what has been read.
        into: where to put what is read, which ``data`` then does not have for the command.
        landed: it is there.
        error: why it has failed.
        cancelled: nobody waits for it any more; it is left out unless it has begun.
    """

    operation: BlockOperation
    offset: int = 0
    length: int = 0
    data: bytes = b""
    into: Landing | None = None
    landed: bool = False
    error: Exception | None = None
    cancelled: bool = False

    @classmethod
    def read(cls, offset: int, length: int, into: Landing | None = None) -> BlockRequest:
        """Ask for exactly ``length`` bytes; as many of them as it has room for go to ``into``."""
        return cls(BlockOperation.READ, offset, length, into=into)

    @classmethod
    def write(cls, offset: int, data: bytes) -> BlockRequest:
        """Write bytes; they survive the death of this process when it is done."""
        return cls(BlockOperation.WRITE, offset, len(data), data)

    @classmethod
    def flush(cls) -> BlockRequest:
        """Make what has been written survive a crash of the host."""
        return cls(BlockOperation.FLUSH)

    def carry_out(self, medium: BlockMedium) -> None:
        """Do it now and note the outcome; any thread."""
        try:
            if self.operation is BlockOperation.READ:
                self.data = medium.read(self.offset, self.length)
            elif self.operation is BlockOperation.WRITE:
                medium.write(self.offset, self.data)
            else:
                medium.flush()
        except Exception as error:  # raised on the EMT, where the command waits
            self.error = error

    def land(self) -> bytes:
        """Put what has been read where it goes, and return what the command gets. EMT."""
        if self.into is None:
            return self.data
        if not self.landed:
            self.into.scatter(memoryview(self.data))
            self.landed = True
            self.data = b""
        return b""


class BlockQueue(Protocol):
    """Carries out the requests to one medium, each after those that came before. EMT only."""

    def submit(self, request: BlockRequest, done: Callable[[BlockRequest], None]) -> bool:
        """Have a request carried out.

        Returns:
            True: it has been, at once. False: ``done`` will be called with it, on the EMT.
        """

    def drain(self) -> bool:
        """Wait for all requests and tell who waits for them; tell whether there were any."""

    def close(self) -> None:
        """Wait for all requests without telling anybody, and end. Any thread, once the EMT has."""


class ImmediateQueue:
    """Carries out each request before ``submit`` returns: for machines without an EMT (tests)."""

    def __init__(self, medium: BlockMedium, post: Callable[[Callable[[], object]], None]) -> None:
        del post
        self._medium = medium

    def submit(self, request: BlockRequest, done: Callable[[BlockRequest], None]) -> bool:
        """See :meth:`BlockQueue.submit`."""
        del done
        request.carry_out(self._medium)
        return True

    def drain(self) -> bool:
        """Nothing ever waits."""
        return False

    def close(self) -> None:
        """Nothing to end."""


MakeBlockQueue = Callable[["BlockMedium", Callable[[Callable[[], object]], None]], BlockQueue]
"""Makes the queue of a medium; the second argument runs a function on the EMT."""

Steps = Generator[BlockRequest, bytes, None]
"""A command: yields requests, and is sent what was read, or nothing; errors are raised in it."""


class BlockTask:
    """Runs one command at a time.

    A command whose request fails for want of something that a person can provide (room, a network
    share) is given up where it waits; ``stalled`` is told, and starts it anew from its saved state.

    Args:
        queue: finds the queue of the medium; None: there is no medium.
        stalled: told why the host could not do its part.
    """

    def __init__(
        self, queue: Callable[[], BlockQueue | None], stalled: Callable[[MediumError], None]
    ) -> None:
        self._queue = queue
        self._stalled = stalled
        # Both are there only while the command waits, not while it runs.
        self._steps: Steps | None = None
        self._request: BlockRequest | None = None

    @property
    def waiting(self) -> bool:
        """Whether a request is under way."""
        return self._request is not None

    def start(self, steps: Steps) -> None:
        """Run a command as far as it gets; one that waits is cancelled before."""
        self.cancel()
        self._advance(steps, None)

    def cancel(self) -> None:
        """Give up the command that waits.

        What it has asked for may still be done, but no later request overtakes it.
        """
        request, self._request = self._request, None
        steps, self._steps = self._steps, None
        if request is not None:
            request.cancelled = True
        if steps is not None:
            steps.close()

    def _completed(self, request: BlockRequest) -> None:
        steps = self._steps
        if request is not self._request or steps is None:
            return  # cancelled
        self._steps = self._request = None
        self._advance(steps, request)

    def _advance(self, steps: Steps, request: BlockRequest | None) -> None:
        while True:
            try:
                if request is None:
                    wanted = next(steps)
                elif request.error is None:
                    wanted = steps.send(request.land())
                elif isinstance(request.error, MediumError) and request.error.suspends:
                    steps.close()
                    self._stalled(request.error)
                    return
                else:
                    wanted = steps.throw(request.error)
            except StopIteration:
                return
            queue = self._queue()
            if queue is None:
                wanted.error = MediumError("There is no medium.")
            elif not queue.submit(wanted, self._completed):
                self._steps, self._request = steps, wanted
                return
            request = wanted
