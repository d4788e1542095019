"""A cable to who speaks frames behind their length: a network's switch, QEMU, passt, gvproxy."""

from __future__ import annotations

import socket
from typing import Final

from engine.net.framing import FrameStream
from engine.net.looplink import LoopLink
from engine.net.membership import is_record

_CONNECT_SECONDS: Final = 3.0
_RETRY_SECONDS: Final = 0.05
_RETRY_AT_MOST: Final = 1.0


class StreamLink(LoopLink):
    """A link over a stream socket, which is connected again when it breaks; a NetworkLink.

    Frames of the meantime are lost, as on a cable that is out.

    Args:
        family: of the socket.
        address: of the peer, as the family has it.
    """

    def __init__(self, family: socket.AddressFamily, address: str | tuple[str, int]) -> None:
        super().__init__("netstream")
        self._family = family
        self._address = address
        self._stream: FrameStream | None = None
        self._delay = _RETRY_SECONDS
        self._loop.post(self._connect)
        self._loop.start()

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
        self._stream = FrameStream(self._loop, end, self._deliver, self._on_end)
        self.on_connected(self._stream)

    def _retry(self) -> None:
        self._loop.at(self._loop.now() + self._delay, self._connect)
        self._delay = min(self._delay * 2, _RETRY_AT_MOST)

    def _on_end(self) -> None:
        self._stream = None
        self._retry()

    def _close_end(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

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
