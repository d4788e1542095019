"""A cable through UDP, a frame in each datagram: VirtualBox's UDPTunnel, QEMU's dgram."""

from __future__ import annotations

import socket
from typing import Final

from engine.net.errors import NetworkDriverError
from engine.net.looplink import MessageLink

_LARGEST_DATAGRAM: Final = 65507


class UdpTunnel(MessageLink):
    """A tunnel to another host or program; a NetworkLink.

    Only datagrams from the other end are taken.

    Args:
        port: of this host, 1..65535.
        peer: address and port of the other end.

    Raises:
        NetworkDriverError: the port is taken, or the name of the other end is not known.
    """

    def __init__(self, port: int, peer: tuple[str, int]) -> None:
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            end.bind(("", port))
            end.connect(peer)
        except OSError as error:
            end.close()
            raise NetworkDriverError(
                f"The UDP tunnel from port {port} to {peer[0]}:{peer[1]} cannot be opened: "
                f"{error.strerror}."
            ) from error
        end.setblocking(False)
        super().__init__("udptunnel", end, _LARGEST_DATAGRAM)

    def _on_failure(self, error: OSError) -> None:
        # A refused datagram of ours is told here, and does not end the tunnel.
        if not isinstance(error, ConnectionRefusedError):
            super()._on_failure(error)
