"""The process of one network: ``python -m engine.net.hub SOCKET``.

It holds the network's switch at a Unix socket, so that the network outlives each of its machines.
The first machine that finds nobody at the socket starts it; two that are started at the same time
agree by a lock beside the socket. It leaves when nobody has been plugged in for a while.

The services of the network, NAT and DHCP, run in this process too: ``SOCKET.json`` tells which.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Final

from engine.net.framing import FrameStream
from engine.net.loop import READ, Loop
from engine.net.membership import START, STOP, Hello, is_record
from engine.net.netservices import ServicesOfNetwork
from engine.net.switch import Port, Switch

log = logging.getLogger("engine.net")

LINGER_SECONDS: Final = 2.0
"""How long the process waits for somebody to be plugged in."""

_CLOSE_SECONDS: Final = 5.0
_MOST_MEMBERS: Final = 256


class Hub:
    """A switch at a listening socket.

    Args:
        listener: accepts members; it belongs to this object from now on.
        settings: file that tells the services of the network; need not exist.
        linger: seconds without members after which `left` is set.

    Attributes:
        left: set when nobody needs the network any more.
    """

    def __init__(
        self, listener: socket.socket, settings: Path, linger: float = LINGER_SECONDS
    ) -> None:
        self._listener = listener
        self._linger = linger
        self._switch = Switch()
        self._members: dict[FrameStream, Port | None] = {}
        self.left = threading.Event()
        self._loop = Loop("hub", self._work)
        self._services = ServicesOfNetwork(self._switch, settings, self._loop.wake)
        listener.setblocking(False)
        self._loop.post(self._listen)
        self._loop.start()

    def close(self) -> None:
        """Close the socket and all members' connections."""
        done = threading.Event()

        def close() -> None:
            self._loop.close(self._listener)
            self._services.stop()
            for stream in list(self._members):
                stream.close()
            done.set()

        self._loop.post(close)
        done.wait(_CLOSE_SECONDS)
        self._loop.stop()

    # ------------------------------------------------------------------ the loop's thread

    def _listen(self) -> None:
        problem = self._services.reload()
        if problem:
            log.warning("%s", problem)
        self._loop.watch(self._listener, READ, lambda _events: self._accept())
        self._wait_for_members()

    def _accept(self) -> None:
        try:
            end, _ = self._listener.accept()
        except OSError:
            return  # it has gone already, or there is no descriptor left
        if len(self._members) >= _MOST_MEMBERS:
            end.close()
            return
        stream = FrameStream(
            self._loop,
            end,
            lambda data: self._on_data(stream, data),
            lambda: self._forget(stream),
        )
        self._members[stream] = None

    def _on_data(self, stream: FrameStream, data: bytes) -> None:
        port = self._members[stream]
        if is_record(data):
            self._on_record(stream, port, data)
        elif port is not None:
            self._switch.forward(data, port)

    def _on_record(self, stream: FrameStream, port: Port | None, data: bytes) -> None:
        hello = Hello.parse(data)
        if data == START:
            stream.send(self._services.reload().encode())
        elif data == STOP:
            self._services.stop()
            stream.send(b"")
        elif hello is None:
            stream.close()
            self._forget(stream)
        elif port is None:
            port = Port(stream.send, hello.mac, hello.policy)
            self._members[stream] = port
            self._switch.add(port)
        else:
            port.policy = hello.policy

    def _forget(self, stream: FrameStream) -> None:
        port = self._members.pop(stream, None)
        if port is not None:
            self._switch.remove(port)
        if not self._members:
            self._wait_for_members()

    def _wait_for_members(self) -> None:
        self._loop.at(self._loop.now() + self._linger, self._leave_if_alone)

    def _leave_if_alone(self) -> None:
        if not self._members:
            self.left.set()

    def _work(self) -> None:
        self._services.deliver()
        for stream in list(self._members):
            stream.flush()


def serve(path: str, linger: float = LINGER_SECONDS) -> bool:
    """Hold the network at a socket until nobody is plugged in; False: another process holds it.

    Raises:
        OSError: the socket cannot be made.
    """
    # The lock's file stays: one that is deleted can be held twice.
    with open(f"{path}.lock", "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # left by a process that was killed
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen(_MOST_MEMBERS)
        hub = Hub(listener, Path(f"{path}.json"), linger)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: hub.left.set())
        hub.left.wait()
        os.unlink(path)
        hub.close()
    return True


if __name__ == "__main__":
    serve(sys.argv[1])
