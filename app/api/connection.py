"""A client's end of the connection: frames over the service's socket.

The service listens with :mod:`multiprocessing.connection`, whose frames these are: four bytes with
the length of what follows, most significant byte first; -1 there means that eight bytes with the
length come next. Importing that module takes a command-line call longer than everything else it
does on the way to the service (it brings pickle, tempfile and the compressors along), so that
:class:`SocketConnection` speaks its frames by itself. Windows has named pipes instead of sockets;
there the real module is used.
"""

from __future__ import annotations

import select
import socket
import struct
from typing import Final, Protocol

_HEADER: Final = struct.Struct("!i")
_LONG_HEADER: Final = struct.Struct("!Q")
_LONG_MARK: Final = -1
_LARGEST_SHORT: Final = 0x7FFFFFFF
_PART_BYTES: Final = 1 << 20


class Connection(Protocol):
    """What a channel needs of :class:`multiprocessing.connection.Connection`."""

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""

    @property
    def readable(self) -> bool:
        """False when the place where the next frame begins is no longer known."""

    def fileno(self) -> int:
        """Descriptor or handle."""

    def send_bytes(self, data: bytes, /) -> None:
        """Write a frame.

        Raises:
            OSError: The connection has ended.
        """

    def recv_bytes(self, max_length: int, /) -> bytes:
        """Wait for a frame.

        Raises:
            EOFError: The peer hung up.
            OSError: The connection has ended, or the frame is longer than ``max_length``.
        """

    def poll(self, timeout: float, /) -> bool:
        """Wait up to ``timeout`` seconds until there is something to receive."""

    def close(self) -> None:
        """Release the descriptor."""


class SocketConnection:
    """Frames over a stream socket; it belongs to this object from now on."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream
        self._readable = True

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._stream.fileno() < 0

    @property
    def readable(self) -> bool:
        """False after a frame that was too long."""
        return self._readable

    def fileno(self) -> int:
        """Descriptor of the socket."""
        return self._stream.fileno()

    def send_bytes(self, data: bytes, /) -> None:
        """Write a frame; see :class:`Connection`."""
        size = len(data)
        if size <= _LARGEST_SHORT:
            header = _HEADER.pack(size)
        else:
            header = _HEADER.pack(_LONG_MARK) + _LONG_HEADER.pack(size)
        self._stream.sendall(header + data)

    def recv_bytes(self, max_length: int, /) -> bytes:
        """Wait for a frame; see :class:`Connection`."""
        (size,) = _HEADER.unpack(self._receive(_HEADER.size))
        if size == _LONG_MARK:
            (size,) = _LONG_HEADER.unpack(self._receive(_LONG_HEADER.size))
        if not 0 <= size <= max_length:
            self._readable = False
            raise OSError(f"a frame of {size} bytes is not allowed")
        return self._receive(size)

    def poll(self, timeout: float, /) -> bool:
        """Wait up to ``timeout`` seconds until there is something to receive."""
        poll = select.poll()
        poll.register(self._stream, select.POLLIN)
        return bool(poll.poll(timeout * 1000))

    def close(self) -> None:
        """Release the descriptor."""
        self._stream.close()

    def _receive(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._stream.recv(min(size - len(data), _PART_BYTES))
            if not part:
                raise EOFError
            data += part
        return bytes(data)


def open_connection(address: str, family: str) -> Connection:
    """Connect to a listener of :mod:`multiprocessing.connection`.

    Raises:
        OSError: Nobody listens there.
    """
    if family != "AF_UNIX":
        import multiprocessing.connection

        return multiprocessing.connection.Client(address, family)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.connect(address)
    except OSError:
        stream.close()
        raise
    return SocketConnection(stream)
