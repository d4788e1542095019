"""What cables with a thread of their own have in common."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from engine.net.loop import READ, Loop, Watched
from engine.net.membership import is_record

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("engine.net")

_BATCH: Final = 256
_QUEUED_FRAMES: Final = 2048
_WAIT_SECONDS: Final = 5.0


class LoopLink(ABC):
    """A NetworkLink whose frames go through a :class:`~engine.net.loop.Loop`.

    Args:
        name: of the thread, which the subclass starts when it is ready for it.
        longest: of a frame that can be sent, in bytes; None: no limit of the cable's own.

    Attributes:
        lost: frames of the guest that were not sent.
    """

    def __init__(self, name: str, longest: int | None = None) -> None:
        self._longest = longest
        self._receiver: Callable[[bytes], None] | None = None
        self._frames: deque[bytes] = deque()
        self._closed = False
        self.lost = 0
        self._loop = Loop(name, self._work)

    # -- any thread

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest; dropped and counted when too many are waiting."""
        too_long = self._longest is not None and len(frame) > self._longest
        if too_long or len(self._frames) >= _QUEUED_FRAMES:
            self.lost += 1
            return
        self._frames.append(frame)
        self._loop.wake()

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on this link's thread."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the cable's end and end its thread."""
        if self._closed:
            return
        self._closed = True
        done = threading.Event()

        def close() -> None:
            self._close_end()
            done.set()

        self._loop.post(close)
        done.wait(_WAIT_SECONDS)
        self._loop.stop()

    # -- the link's thread

    def _deliver(self, frame: bytes) -> None:
        """Give a frame to the guest, unless it is one that only processes send each other."""
        receiver = self._receiver
        if receiver is not None and not is_record(frame):
            receiver(frame)

    @abstractmethod
    def _work(self) -> None:
        """Send the frames that wait."""

    @abstractmethod
    def _close_end(self) -> None:
        """Close the socket."""


class MessageEnd(Watched, Protocol):
    """What keeps frames apart by itself, and never blocks: a UDP socket, a network device."""

    def recv(self, size: int, /) -> bytes:
        """Return the next frame."""

    def send(self, data: bytes, /) -> int:
        """Send a frame."""


class MessageLink(LoopLink):
    """A cable whose end takes and gives a frame at a time; its thread starts with it.

    Args:
        name: of the thread.
        end: belongs to this object from now on.
        longest: of a frame, in bytes.
    """

    def __init__(self, name: str, end: MessageEnd, longest: int) -> None:
        super().__init__(name, longest)
        self._end = end
        self._most = longest
        self._loop.post(lambda: self._loop.watch(end, READ, self._on_ready))
        self._loop.start()

    def _close_end(self) -> None:
        self._loop.close(self._end)

    def _work(self) -> None:
        while self._frames:
            try:
                self._end.send(self._frames.popleft())
            except OSError:
                self.lost += 1  # nobody takes it, or the host's buffer is full

    def _on_ready(self, _events: int) -> None:
        try:
            for _ in range(_BATCH):
                self._deliver(self._end.recv(self._most))
        except BlockingIOError:
            return
        except OSError as error:
            self._on_failure(error)

    def _on_failure(self, error: OSError) -> None:
        """Do something about an end that cannot be read; it would be ready again and again."""
        log.warning("A cable of the guest leads nowhere any more: %s", error.strerror)
        self._loop.watch(self._end, 0, self._on_ready)
