"""One connection: framed messages in both directions, and a peer that cannot block us.

Threading: :meth:`Channel.send` may be called from any thread and never waits for the peer: it puts
the message into a bounded queue that a writer thread of the channel empties. A peer that does not
read until the queue is full is cut off. :meth:`Channel.receive` belongs to one reader thread, which
also calls :meth:`Channel.dispose` when it is done.
"""

from __future__ import annotations

import collections
import os
import socket
import struct
import sys
import threading
from typing import Final

from app.api.connection import Connection
from app.api.errors import ApiError, ErrorCode
from app.api.messages import MAX_MESSAGE_BYTES, Failure, Message, decode, encode

MAX_QUEUED_MESSAGES: Final = 10_000
MAX_QUEUED_BYTES: Final = 32 << 20
_FLUSH_SECONDS: Final = 2.0


class ChannelClosedError(Exception):
    """The connection has ended: the peer hung up, or was cut off; the text tells which."""


class Channel:
    """Messages over one connection: a socket's, or one of :mod:`multiprocessing.connection`.

    Attributes:
        name: For threads and the log.
    """

    def __init__(
        self,
        connection: Connection,
        name: str,
        *,
        max_queued_messages: int = MAX_QUEUED_MESSAGES,
        max_queued_bytes: int = MAX_QUEUED_BYTES,
    ) -> None:
        self.name = name
        self._connection = connection
        self._max_messages = max_queued_messages
        self._max_bytes = max_queued_bytes
        self._queue: collections.deque[bytes] = collections.deque()
        self._queued_bytes = 0
        self._changed = threading.Condition()
        self._end_reason: str | None = None
        self._draining = False
        # A second descriptor of the same socket: shutdown() on it ends reads and writes that
        # block in other threads, which close() would not.
        self._control: socket.socket | None = None
        if sys.platform != "win32":
            self._control = socket.socket(fileno=os.dup(connection.fileno()))
        self._writer = threading.Thread(target=self._write, name=f"{name}-out", daemon=True)
        self._writer.start()

    @property
    def closed(self) -> bool:
        """Whether the channel has ended."""
        return self._end_reason is not None

    @property
    def end_reason(self) -> str:
        """Why the channel has ended; empty while it goes on."""
        return self._end_reason or ""

    def peer_credentials(self) -> tuple[int, int] | None:
        """Process and user of the peer as the kernel knows them; None where it does not tell."""
        if self._control is None or not hasattr(socket, "SO_PEERCRED"):
            return None
        data = self._control.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid, uid, _gid = struct.unpack("3i", data)
        return pid, uid

    def send(self, message: Message) -> None:
        """Queue ``message``; it is lost when the channel has ended or ends before it was written.

        A full queue ends the channel.

        Raises:
            ApiError: The message is too long.
        """
        self.send_encoded(encode(message))

    def send_encoded(self, data: bytes) -> None:
        """As :meth:`send`, for a message that goes to many channels and was encoded once."""
        with self._changed:
            if self._end_reason is not None or self._draining:
                return
            full = (
                len(self._queue) >= self._max_messages
                or self._queued_bytes + len(data) > self._max_bytes
            )
            if not full:
                self._queue.append(data)
                self._queued_bytes += len(data)
                self._changed.notify()
                return
        self.abort(f"it does not read: {len(self._queue)} messages were waiting")

    def receive(self) -> Message:
        """Wait for the next message.

        Raises:
            ChannelClosedError: The connection has ended.
            ApiError: ``E_INVALIDARG``: what came is not a message; the channel goes on.
        """
        try:
            data = self._connection.recv_bytes(MAX_MESSAGE_BYTES)
        except EOFError:
            self.abort("the peer hung up")
        except OSError as error:
            if not self.closed and not self._connection.closed and not self._connection.readable:
                # The frame is longer than the limit; where the next one begins is unknown.
                self._refuse_frame()
            self.abort(f"reading failed: {error}")
        else:
            return decode(data)
        raise ChannelClosedError(self._end_reason)

    def abort(self, reason: str) -> None:
        """End the channel at once; what is queued is lost. The first ``reason`` counts."""
        with self._changed:
            if self._end_reason is not None:
                return
            self._end_reason = reason
            self._queue.clear()
            self._changed.notify_all()
        self._shut_down()

    def close(self, reason: str = "closed") -> None:
        """End the channel after what is queued was written (waits up to two seconds)."""
        with self._changed:
            self._draining = True
            self._changed.notify_all()
        if threading.current_thread() is not self._writer:
            self._writer.join(_FLUSH_SECONDS)
        self.abort(reason)

    def dispose(self) -> None:
        """Release the descriptors. For the reader thread, as the last thing it does."""
        self.abort("closed")
        self._writer.join()
        self._connection.close()
        if self._control is not None:
            self._control.close()

    def _refuse_frame(self) -> None:
        sentence = f"A message is longer than the limit of {MAX_MESSAGE_BYTES} bytes."
        self.send(Failure(id=0, code=ErrorCode.E_INVALIDARG, message=sentence))
        self.close("a message was too long")

    def _shut_down(self) -> None:
        if self._control is None:
            self._connection.close()
            return
        try:
            self._control.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The peer was faster.
            return

    def _write(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    if self._end_reason is not None or self._draining:
                        return
                    self._changed.wait()
                data = self._queue.popleft()
            try:
                self._connection.send_bytes(data)
            except (OSError, ValueError) as error:
                self.abort(f"writing failed: {error}")
                return
            with self._changed:
                self._queued_bytes -= len(data)


def lost_error(reason: str) -> ApiError:
    """Error for calls whose answer will not come any more because of ``reason``."""
    return ApiError(
        ErrorCode.NS_ERROR_CALL_FAILED,
        f"The connection to the Vitrine service was lost: {reason}.",
        "transport",
    )
