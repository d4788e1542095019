"""The address at which the service listens, and how a thread that waits there is woken.

:class:`multiprocessing.connection.Listener` can be woken by connecting to it only, which fails when
its socket is gone (somebody has deleted the configuration directory): the service could never
leave. So Unix sockets have a listener of their own; named pipes cannot be deleted.
"""

from __future__ import annotations

import contextlib
import multiprocessing.connection
import socket
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Protocol

BACKLOG: Final = 128


class ServiceListener(Protocol):
    """Where clients connect."""

    def accept(self) -> Connection | None:
        """Wait for the next client; None: woken. Raises OSError."""

    def wake(self) -> None:
        """Have :meth:`accept` return, now or the next time; any thread, or a signal handler."""

    def close(self) -> None:
        """Stop listening."""


class PipeListener:
    """Named pipe on Windows, of its owner only. Raises OSError."""

    def __init__(self, address: str) -> None:
        # Imports what only Windows needs.
        from app.service.pipes import restrict_pipes

        restrict_pipes()
        self._address = address
        self._listener = multiprocessing.connection.Listener(address, "AF_PIPE", backlog=BACKLOG)

    def accept(self) -> Connection | None:
        """See :meth:`ServiceListener.accept`."""
        return self._listener.accept()

    def wake(self) -> None:
        """See :meth:`ServiceListener.wake`."""
        multiprocessing.connection.Client(self._address, "AF_PIPE").close()

    def close(self) -> None:
        """See :meth:`ServiceListener.close`."""
        self._listener.close()


if sys.platform != "win32":

    class UnixListener:
        """Unix socket; whatever is at its path is replaced. Raises OSError."""

        def __init__(self, address: str) -> None:
            self._path = Path(address)
            # The service holds its lock: what is there was left by one that was killed.
            self._path.unlink(missing_ok=True)
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._socket.bind(address)
                self._socket.listen(BACKLOG)
            except OSError:
                self._socket.close()
                raise
            self._woken, self._wake = socket.socketpair()

        def accept(self) -> Connection | None:
            """See :meth:`ServiceListener.accept`."""
            ready = multiprocessing.connection.wait([self._socket, self._woken])
            if self._woken in ready:
                self._woken.recv(1)
                return None
            accepted, _ = self._socket.accept()
            return Connection(accepted.detach())

        def wake(self) -> None:
            """See :meth:`ServiceListener.wake`."""
            self._wake.send(b"!")

        def close(self) -> None:
            """See :meth:`ServiceListener.close`."""
            for each in (self._socket, self._woken, self._wake):
                each.close()
            with contextlib.suppress(OSError):
                self._path.unlink()


def listen(address: str, family: str) -> ServiceListener:
    """Listen at an address of :meth:`app.api.address.ServicePlace.socket_address`.

    Raises:
        OSError: There is no listening at this address; tells why.
    """
    if sys.platform == "win32" or family == "AF_PIPE":
        return PipeListener(address)
    return UnixListener(address)
