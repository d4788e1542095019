"""A cable through UDP, a frame in each datagram: VirtualBox's UDPTunnel, QEMU's dgram."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from engine.net.errors import NetworkDriverError
from engine.net.loop import READ, Loop
from engine.net.membership import is_record

if TYPE_CHECKING:
    from collections.abc import Callable

_QUEUED_FRAMES: Final = 2048
_LARGEST_DATAGRAM: Final = 65507
_BATCH: Final = 256
_WAIT_SECONDS: Final = 5.0


class UdpTunnel:
    """A tunnel to another host or program; a NetworkLink.

    Only datagrams from the other end are taken.

    Args:
        port: of this host, 1..65535.
        peer: address and port of the other end.

    Attributes:
        lost: frames of the guest that were not sent.

    Raises:
        NetworkDriverError: the port is taken, or the name of the other end is not known.
    """

    def __init__(self, port: int, peer: tuple[str, int]) -> None:
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._end.bind(("", port))
            self._end.connect(peer)
        except OSError as error:
            self._end.close()
            raise NetworkDriverError(
                f"The UDP tunnel from port {port} to {peer[0]}:{peer[1]} cannot be opened: "
                f"{error.strerror}."
            ) from error
        self._end.setblocking(False)
        self._receiver: Callable[[bytes], None] | None = None
        self._frames: deque[bytes] = deque()
        self._closed = False
        self.lost = 0
        self._loop = Loop("udptunnel", self._work)
        self._loop.post(lambda: self._loop.watch(self._end, READ, self._on_ready))
        self._loop.start()

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest; dropped and counted when too many are waiting."""
        if len(self._frames) >= _QUEUED_FRAMES or len(frame) > _LARGEST_DATAGRAM:
            self.lost += 1
            return
        self._frames.append(frame)
        self._loop.wake()

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on this link's thread."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the tunnel."""
        if self._closed:
            return
        self._closed = True
        done = threading.Event()

        def close() -> None:
            self._loop.close(self._end)
            done.set()

        self._loop.post(close)
        done.wait(_WAIT_SECONDS)
        self._loop.stop()

    def _work(self) -> None:
        while self._frames:
            try:
                self._end.send(self._frames.popleft())
            except OSError:
                self.lost += 1  # nobody listens there, or the host's buffer is full

    def _on_ready(self, _events: int) -> None:
        # A refused datagram of ours is told here, and does not end the tunnel.
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            for _ in range(_BATCH):
                frame = self._end.recv(_LARGEST_DATAGRAM)
                if self._receiver is not None and not is_record(frame):
                    self._receiver(frame)
