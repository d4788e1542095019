"""Lines in both directions between a serial port and the host: sockets.

A :class:`Line` has one thread that accepts, reads and writes. The guest never waits for it: what it
sends is dropped while nobody is at the other end, and when the other end does not read, the oldest
bytes go. What comes in is handed to the port at once, which takes it at the speed of the guest. A
server waits for the next peer when one has hung up, and a client tries to connect again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import stat
import threading
from typing import TYPE_CHECKING, Final, Protocol

from engine.hostio.errors import CharacterDriverError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("engine.hostio")

_CHUNK: Final = 4096
_OUTPUT_LIMIT: Final = 1 << 20
_CONNECT_SECONDS: Final = 5.0
_RECONNECT_SECONDS: Final = 1.0


class Peer(Protocol):
    """The other end of a line: non-blocking, as sockets and terminals both can be."""

    def fileno(self) -> int:
        """Return its descriptor."""

    def recv(self, size: int, /) -> bytes:
        """Read; nothing means that it has gone."""

    def send(self, data: bytes, /) -> int:
        """Write some; return how much."""

    def close(self) -> None:
        """Let go of it."""


class Line:
    """A line to one peer at a time; a CharacterSink and CharacterSource.

    Args:
        name: for the log, such as ``the pipe '/tmp/com1'``.
        listener: accepts peers.
        peer: a connected peer; without listener and ``connect`` the only one there will be.
        connect: returns the next peer when the last one has hung up, or raises OSError.
        on_close: undoes what was made in the file system.

    Attributes:
        lost: bytes of the guest that a slow peer has not taken.
    """

    def __init__(
        self,
        name: str,
        *,
        listener: socket.socket | None = None,
        peer: Peer | None = None,
        connect: Callable[[], Peer] | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._name = name
        self._listener = listener
        self._peer = peer
        self._connect = connect
        self._on_close = on_close
        self._receiver: Callable[[bytes], None] | None = None
        self._output = bytearray()
        self._lock = threading.Lock()
        self._closing = False
        self.lost = 0
        # A byte in this pair wakes the thread.
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="serial-line", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------ any thread

    def write(self, data: bytes) -> None:
        """Take bytes of the guest; dropped while nobody is connected."""
        with self._lock:
            if self._peer is None:
                return
            self._output += data
            excess = len(self._output) - _OUTPUT_LIMIT
            if excess > 0:
                del self._output[:excess]
                self.lost += excess
        self._wake_up()

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have ``receiver`` called with what comes in, on the line's thread."""
        with self._lock:
            self._receiver = receiver

    def close(self) -> None:
        """Hang up and end the thread; what the guest sent last is written when that is possible."""
        if self._closing:
            return
        self._closing = True
        self._wake_up()
        self._thread.join()
        self._wake.close()
        self._woken.close()

    def _wake_up(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake.send(b"\0")

    # ------------------------------------------------------------------ the line's thread

    def _run(self) -> None:
        while not self._closing:
            wait = self._tend()
            with selectors.DefaultSelector() as selector:
                self._register(selector)
                for key, _events in selector.select(wait):
                    if key.fileobj is self._woken:
                        self._woken.recv(_CHUNK)
                    elif key.fileobj is self._listener:
                        self._accept()
                    else:
                        self._serve_peer()
        self._flush()
        self._hang_up()
        if self._listener is not None:
            self._listener.close()
        if self._on_close is not None:
            self._on_close()

    def _tend(self) -> float | None:
        """Do what is due; return the seconds until it is due again, None for when it is told."""
        if self._peer is not None or self._connect is None:
            return None
        try:
            peer = self._connect()
        except OSError:
            return _RECONNECT_SECONDS
        log.info("Connected again to %s", self._name)
        with self._lock:
            self._peer = peer
        return None

    def _register(self, selector: selectors.BaseSelector) -> None:
        selector.register(self._woken, selectors.EVENT_READ)
        if self._peer is not None:
            writing = selectors.EVENT_WRITE if self._output else 0
            selector.register(self._peer, selectors.EVENT_READ | writing)
        elif self._listener is not None:
            selector.register(self._listener, selectors.EVENT_READ)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            peer, _address = self._listener.accept()
        except OSError as error:
            log.warning("Nobody could connect to %s: %s", self._name, error)
            return
        peer.setblocking(False)
        with self._lock:
            self._peer = peer
        log.info("Somebody has connected to %s", self._name)

    def _serve_peer(self) -> None:
        self._flush()
        peer = self._peer
        if peer is None:
            return
        try:
            data = peer.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            log.warning("%s has failed: %s", self._name, error)
            data = b""
        if not data:
            log.info("The other end of %s has hung up", self._name)
            self._hang_up()
            self._pause()
            return
        with self._lock:
            receiver = self._receiver
        if receiver is not None:
            receiver(data)

    def _flush(self) -> None:
        """Write as much as the peer takes."""
        with self._lock:
            peer, data = self._peer, bytes(self._output)
            if peer is None or not data:
                return
            try:
                del self._output[: peer.send(data)]
            except BlockingIOError:
                return
            except OSError as error:
                log.warning("%s cannot be written: %s", self._name, error)
                self._output.clear()

    def _pause(self) -> None:
        """Leave a server that has just hung up the time to listen again."""
        if self._connect is not None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._woken, selectors.EVENT_READ)
                selector.select(_RECONNECT_SECONDS)

    def _hang_up(self) -> None:
        with self._lock:
            peer, self._peer = self._peer, None
            self._output.clear()
        if peer is not None:
            peer.close()


class DevicePeer:
    """A character device of the host."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def recv(self, size: int, /) -> bytes:
        """Read what has come."""
        return os.read(self._descriptor, size)

    def send(self, data: bytes, /) -> int:
        """Write some of the data."""
        return os.write(self._descriptor, data)

    def close(self) -> None:
        """Close the device."""
        os.close(self._descriptor)


def open_pipe(path: str, *, server: bool) -> Line:
    """A local socket at a path, which VirtualBox calls a pipe.

    Args:
        path: Place of the socket.
        server: Make it and wait for peers; a socket that nobody listens on any more is replaced.

    Raises:
        CharacterDriverError: it cannot be made, or there is nobody to connect to.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise CharacterDriverError(f"This host has no local sockets for the pipe '{path}'.")
    name = f"the pipe '{path}'"
    if not server:
        try:
            return _client(socket.AF_UNIX, path, name)
        except OSError as error:
            raise refused("pipe", path, error) from error
    end = socket.socket(socket.AF_UNIX)
    try:
        _remove_stale_socket(path)
        end.bind(path)
        return _server(end, name, lambda: _unlink(path))
    except OSError as error:
        end.close()
        raise refused("pipe", path, error) from error


def open_tcp(address: str, *, server: bool) -> Line:
    """A TCP connection.

    Args:
        address: ``port`` or ``host:port``; a server without a host listens on the loopback.
        server: Listen instead of connecting.

    Raises:
        CharacterDriverError: no such address, it is taken, or nobody listens there.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise CharacterDriverError(
            f"'{address}' is not the address of a TCP port; that is host:port, port 1 to 65535."
        )
    name = f"the TCP port {address}"
    try:
        family, _, _, _, place = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        if not server:
            return _client(family, place, name)
        end = socket.socket(family)
    except OSError as error:
        raise refused("TCP port", address, error) from error
    try:
        if os.name == "posix":
            end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.bind(place)
        return _server(end, name, None)
    except OSError as error:
        end.close()
        raise refused("TCP port", address, error) from error


def _client(family: int, place: object, name: str) -> Line:
    def connect(seconds: float = _RECONNECT_SECONDS) -> socket.socket:
        end = socket.socket(family)
        try:
            end.settimeout(seconds)
            end.connect(place)  # type: ignore[arg-type]  # a path or an address, by the family
            end.setblocking(False)
        except OSError:
            end.close()
            raise
        return end

    return Line(name, peer=connect(_CONNECT_SECONDS), connect=connect)


def _server(end: socket.socket, name: str, on_close: Callable[[], None] | None) -> Line:
    end.listen(1)
    end.setblocking(False)
    return Line(name, listener=end, on_close=on_close)


def _remove_stale_socket(path: str) -> None:
    """Remove a socket that was left by a process that is gone."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_CONNECT_SECONDS)
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)


def _unlink(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def refused(what: str, where: str, error: OSError) -> CharacterDriverError:
    """Return the error that says why a line cannot be had."""
    reason = error.strerror or str(error)
    return CharacterDriverError(f"The {what} '{where}' for a serial port cannot be used: {reason}.")
