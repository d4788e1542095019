"""Sockets of the host as the NAT makes them: never blocking, with the buffers that are set."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from engine.net.errors import NetworkDriverError

if TYPE_CHECKING:
    from engine.net.config import Forward, NatConfig

_BACKLOG = 128


def open_socket(config: NatConfig, kind: int, *, bind: bool) -> socket.socket:
    """Return a socket for what the guest begins.

    Args:
        config: says buffers and the address to bind to.
        kind: ``SOCK_STREAM`` or ``SOCK_DGRAM``.
        bind: bind to that address; not for what goes to the loopback.

    Raises:
        OSError: the host has no more of them, or not that address.
    """
    end = socket.socket(socket.AF_INET, kind)
    try:
        _prepare(end, config)
        if bind and config.bind_ip:
            end.bind((config.bind_ip, 0))
    except OSError:
        end.close()
        raise
    return end


def open_forward(config: NatConfig, forward: Forward) -> socket.socket:
    """Return the socket at which a forwarded port is served; TCP: it listens.

    Raises:
        NetworkDriverError: the port is taken, or not for us.
    """
    tcp = forward.protocol == "tcp"
    end = socket.socket(socket.AF_INET, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM)
    address = forward.host_ip or config.bind_ip
    try:
        _prepare(end, config)
        if tcp and os.name == "posix":
            end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        end.bind((address, forward.host_port))
        if tcp:
            end.listen(_BACKLOG)
    except OSError as error:
        end.close()
        raise NetworkDriverError(
            f"The {forward.protocol.upper()} port {address or '*'}:{forward.host_port} of the "
            f"forwarding rule '{forward.name}' cannot be used: {error.strerror or error}."
        ) from error
    return end


def _prepare(end: socket.socket, config: NatConfig) -> None:
    end.setblocking(False)
    if end.type == socket.SOCK_STREAM:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the guest has waited already
    if config.receive_buffer:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, config.receive_buffer)
    if config.send_buffer:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, config.send_buffer)
