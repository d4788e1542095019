"""A switch: who of a network gets which frame.

As in VirtualBox's internal networks, the switch knows the address of a port from the adapter behind
it and from the frames that come through it, and a port sees frames of others only when its policy
allows it. (Whether the guest then asks for them is its adapter's matter.)
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESSES: Final = 12  # bytes of both addresses at the head of a frame
_SOURCE: Final = slice(6, 12)


class Promiscuity(IntEnum):
    """Which frames of others a port gets: none, those between machines, also those of the host."""

    DENY = 0
    ALLOW_NETWORK = 1
    ALLOW_ALL = 2


class Port:
    """One place of the switch.

    Args:
        deliver: takes a frame for who is plugged in here; must not block.
        mac: address of the adapter, or empty as long as it is not known.
        policy: which frames of others it gets.
        is_host: it leads to a service of the host, such as a router, and not to a machine.
    """

    def __init__(
        self,
        deliver: Callable[[bytes], None],
        mac: bytes = b"",
        policy: Promiscuity = Promiscuity.DENY,
        *,
        is_host: bool = False,
    ) -> None:
        self.deliver = deliver
        self.mac = mac
        self.policy = policy
        self.is_host = is_host

    def wants_others(self, between_machines: bool) -> bool:
        """Tell whether the port gets a frame between two others."""
        if between_machines:
            return self.policy is not Promiscuity.DENY
        return self.policy is Promiscuity.ALLOW_ALL


class Switch:
    """The ports of one network."""

    def __init__(self) -> None:
        self.ports: list[Port] = []

    def add(self, port: Port) -> None:
        """Plug something in."""
        self.ports.append(port)

    def remove(self, port: Port) -> None:
        """Plug it out."""
        self.ports.remove(port)

    def forward(self, frame: bytes, source: Port) -> None:
        """Give a frame that came through ``source`` to whom it is for."""
        if len(frame) < _ADDRESSES:
            return
        if not frame[6] & 1:
            source.mac = frame[_SOURCE]
        others = [port for port in self.ports if port is not source]
        if frame[0] & 1:
            for port in others:
                port.deliver(frame)
            return
        target = frame[:6]
        addressed = [port for port in others if port.mac == target]
        between_machines = not (source.is_host or any(port.is_host for port in addressed))
        for port in others:
            if port in addressed or port.wants_others(between_machines):
                port.deliver(frame)
