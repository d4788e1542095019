"""A cable to who speaks frames behind their length: a network's switch, QEMU, passt, gvproxy."""

from __future__ import annotations

import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from engine.net.framing import FrameStream
from engine.net.loop import Loop
from engine.net.membership import is_record

if TYPE_CHECKING:
    from collections.abc import Callable

_QUEUED_FRAMES: Final = 2048
_WAIT_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 3.0
_RETRY_SECONDS: Final = 0.05
_RETRY_AT_MOST: Final = 1.0


class StreamLink:
    """A link over a stream socket, which is connected again when it breaks; a NetworkLink.

    Frames of the meantime are lost, as on a cable that is out.

    Args:
        family: of the socket.
        address: of the peer, as the family has it.

    Attributes:
        lost: frames of the guest that were not sent.
    """

    def __init__(self, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
        self._family = family
        self._address = address
        self._receiver: Callable[[bytes], None] | None = None
        self._frames: deque[bytes] = deque()
        self._stream: FrameStream | None = None
        self._delay = _RETRY_SECONDS
        self._closed = False
        self.lost = 0
        self._loop = Loop("netstream", self._work)
        self._loop.post(self._connect)
        self._loop.start()

    # ------------------------------------------------------------------ any thread

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest; dropped and counted when too many are waiting."""
        if len(self._frames) >= _QUEUED_FRAMES:
            self.lost += 1
            return
        self._frames.append(frame)
        self._loop.wake()

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on this link's thread."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the connection."""
        if self._closed:
            return
        self._closed = True
        done = threading.Event()

        def close() -> None:
            if self._stream is not None:
                self._stream.close()
                self._stream = None
            done.set()

        self._loop.post(close)
        done.wait(_WAIT_SECONDS)
        self._loop.stop()

    # ------------------------------------------------------------------ the link's thread

    def on_connected(self, stream: FrameStream) -> None:
        """Say what the peer wants to know first."""

    def on_unreachable(self) -> None:
        """Do something about a peer that is not there; the next attempt follows."""

    def _connect(self) -> None:
        if self._closed:
            return
        end = socket.socket(self._family, socket.SOCK_STREAM)
        end.settimeout(_CONNECT_SECONDS)
        try:
            end.connect(self._address)
        except OSError:
            end.close()
            self.on_unreachable()
            self._retry()
            return
        if self._family == socket.AF_INET:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._delay = _RETRY_SECONDS
        self._stream = FrameStream(self._loop, end, self._on_frame, self._on_end)
        self.on_connected(self._stream)

    def _retry(self) -> None:
        self._loop.at(self._loop.now() + self._delay, self._connect)
        self._delay = min(self._delay * 2, _RETRY_AT_MOST)

    def _on_end(self) -> None:
        self._stream = None
        self._retry()

    def _on_frame(self, frame: bytes) -> None:
        receiver = self._receiver
        if receiver is not None and not is_record(frame):
            receiver(frame)

    def _work(self) -> None:
        stream = self._stream
        while self._frames:
            frame = self._frames.popleft()
            if stream is None or is_record(frame):
                self.lost += 1
            else:
                stream.send(frame)
        if stream is not None:
            stream.flush()
