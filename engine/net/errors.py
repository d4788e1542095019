"""What can go wrong with the host side of a network adapter."""

from __future__ import annotations

from engine.errors import EngineError


class NetworkDriverError(EngineError):
    """The network of a guest cannot be made as it was asked for, or a port is taken."""

    code = "VERR_NET_DRIVER"
    component = "NAT"
