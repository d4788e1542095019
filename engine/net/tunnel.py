"""A cable through UDP, a frame in each datagram: VirtualBox's UDPTunnel, QEMU's dgram."""

from __future__ import annotations

import contextlib
import socket
from typing import Final

from engine.net.errors import NetworkDriverError
from engine.net.loop import READ
from engine.net.looplink import LoopLink

_LARGEST_DATAGRAM: Final = 65507
_BATCH: Final = 256


class UdpTunnel(LoopLink):
    """A tunnel to another host or program; a NetworkLink.

    Only datagrams from the other end are taken.

    Args:
        port: of this host, 1..65535.
        peer: address and port of the other end.

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
        super().__init__("udptunnel", longest=_LARGEST_DATAGRAM)
        self._loop.post(lambda: self._loop.watch(self._end, READ, self._on_ready))
        self._loop.start()

    def _close_end(self) -> None:
        self._loop.close(self._end)

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
                self._deliver(self._end.recv(_LARGEST_DATAGRAM))
