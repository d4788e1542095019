"""Frames on a byte stream: each behind its length, 4 bytes in network order.

So do QEMU's ``-netdev stream`` and ``-netdev socket``, and what speaks with it (passt, gvproxy).
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from engine.net.loop import READ, WRITE

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.net.loop import Loop

LARGEST_FRAME: Final = 65536
"""Bytes; a peer that announces a longer frame does not speak this protocol."""

_LENGTH: Final = 4
_READ_BYTES: Final = 1 << 18
_MOST_WAITING: Final = 1 << 20  # bytes for a peer that does not read; what comes then is dropped


class FrameStream:
    """A connected socket that carries frames. All methods are for the loop's thread.

    Args:
        loop: watches the socket.
        end: connected; it belongs to this object from now on.
        on_frame: gets each frame that comes.
        on_end: called once, when the peer has gone or has broken the protocol.

    Attributes:
        dropped: frames for which there was no room.
    """

    def __init__(
        self,
        loop: Loop,
        end: socket.socket,
        on_frame: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._end = end
        self._on_frame = on_frame
        self._on_end = on_end
        self._received = bytearray()
        self._waiting = bytearray()
        self._blocked = False
        self._open = True
        self.dropped = 0
        end.setblocking(False)
        loop.watch(end, READ, self._on_ready)

    def send(self, frame: bytes) -> None:
        """Queue a frame; `flush` sends what is queued."""
        if len(self._waiting) + len(frame) > _MOST_WAITING:
            self.dropped += 1
            return
        self._waiting += len(frame).to_bytes(_LENGTH, "big")
        self._waiting += frame

    def flush(self) -> None:
        """Send as much as the peer takes; the rest follows when it takes more."""
        if not self._waiting or self._blocked or not self._open:
            return
        try:
            sent = self._end.send(self._waiting)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._finish()
            return
        del self._waiting[:sent]
        self._blocked = bool(self._waiting)
        self._loop.watch(self._end, READ | WRITE if self._blocked else READ, self._on_ready)

    def close(self) -> None:
        """Close the socket; ``on_end`` is not called."""
        if self._open:
            self._open = False
            self._loop.close(self._end)

    def _on_ready(self, events: int) -> None:
        if events & WRITE:
            self._blocked = False
            self.flush()
        if events & READ and self._open:
            self._read()

    def _read(self) -> None:
        try:
            data = self._end.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._finish()
            return
        received = self._received
        received += data
        at, whole = 0, len(received)
        while whole - at >= _LENGTH and self._open:
            length = int.from_bytes(received[at : at + _LENGTH], "big")
            if length > LARGEST_FRAME:
                self._finish()
                return
            following = at + _LENGTH + length
            if following > whole:
                break
            self._on_frame(bytes(received[at + _LENGTH : following]))
            at = following
        del received[:at]

    def _finish(self) -> None:
        if self._open:
            self.close()
            self._on_end()
