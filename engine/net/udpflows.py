"""UDP exchanges: one socket of the host for each port of the guest.

Answers are let in from addresses that the guest has sent to, from any of their ports; a forwarded
port lets everybody in.
"""

from __future__ import annotations

import errno
import logging
import socket
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from engine.net.guest import HOST_UNREACHABLE, PORT_UNREACHABLE, UNREACHABLE
from engine.net.hostsockets import open_socket
from engine.net.loop import READ
from engine.net.packets import MAX_DATAGRAM, UDP, Datagram, Ip, build_udp
from engine.net.policy import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.net.config import Forward
    from engine.net.resolver import Resolver
    from engine.net.tcpflows import Surroundings

log = logging.getLogger("engine.net")

_FLOWS: Final = 512
_PEERS: Final = 256
_IDLE: Final = 60.0
_SWEEP: Final = 10.0
_BATCH: Final = 32
_UNANSWERED: Final = 2.0  # seconds after which another name server is tried

# An address and port as the guest sees them, or as the host does.
Inner = tuple[bytes, int]
Outer = tuple[str, int]


class _Peers:
    """Who is at the other end, inside and outside; the one used longest ago is forgotten."""

    def __init__(self) -> None:
        self._inner: OrderedDict[Outer, Inner] = OrderedDict()
        self._hosts: dict[str, bytes] = {}

    def add(self, outer: Outer, inner: Inner) -> None:
        """Note that the guest knows ``outer`` as ``inner``."""
        self._inner[outer] = inner
        self._inner.move_to_end(outer)
        self._hosts[outer[0]] = inner[0]
        if len(self._inner) > _PEERS:
            (host, _port), _ = self._inner.popitem(last=False)
            if all(other[0] != host for other in self._inner):
                del self._hosts[host]

    def inner(self, outer: Outer) -> Inner | None:
        """Return how the guest knows the sender of a datagram, None for a stranger."""
        known = self._inner.get(outer)
        if known is None and outer[0] in self._hosts:
            return self._hosts[outer[0]], outer[1]
        return known


class UdpFlow:
    """What one port of the guest exchanges with everybody."""

    def __init__(self, around: Surroundings, guest: Inner, end: socket.socket) -> None:
        self._around = around
        self._guest = guest
        self.end = end
        self._peers = _Peers()
        self.asked_at: float | None = None  # of a name server, without an answer so far
        self.used_at = around.loop.now()
        around.loop.watch(end, READ, self._on_ready)

    def send(self, packet: Ip, datagram: Datagram, target: Outer) -> None:
        """Pass a datagram of the guest on."""
        self.used_at = self._around.loop.now()
        self._peers.add(target, (packet.destination, datagram.destination_port))
        try:
            self.end.sendto(datagram.payload, target)
        except OSError as error:
            self._around.guest.traffic.undelivered += 1
            if error.errno in {errno.ENETUNREACH, errno.EHOSTUNREACH}:
                self._around.guest.send_error(packet, UNREACHABLE, HOST_UNREACHABLE)

    def _on_ready(self, _events: int) -> None:
        self.used_at = self._around.loop.now()
        for payload, outer in receive(self.end):
            inner = self._peers.inner(outer)
            if inner is None:
                self._around.guest.traffic.refused += 1
                continue
            self.asked_at = None
            deliver(self._around, inner, self._guest, payload)

    def close(self) -> None:
        """Close the socket."""
        self._around.loop.close(self.end)


class UdpForward:
    """A forwarded UDP port: visitors, and the guest's answers to them."""

    def __init__(
        self, around: Surroundings, forward: Forward, end: socket.socket,
        guest_ip: Callable[[], bytes],
    ) -> None:
        self._around = around
        self._port = forward.guest_port
        self._guest_ip = guest_ip
        self._end = end
        self._visitors: OrderedDict[Inner, Outer] = OrderedDict()
        around.loop.watch(end, READ, self._on_ready)

    def answers(self, packet: Ip, datagram: Datagram) -> bool:
        """Pass a datagram of the guest on when it is an answer to a visitor; tell whether it is."""
        if (packet.source, datagram.source_port) != (self._guest_ip(), self._port):
            return False
        outer = self._visitors.get((packet.destination, datagram.destination_port))
        if outer is None:
            return False
        try:
            self._end.sendto(datagram.payload, outer)
        except OSError:
            self._around.guest.traffic.undelivered += 1
        return True

    def _on_ready(self, _events: int) -> None:
        for payload, outer in receive(self._end):
            inner = (self._around.policy.visible(outer[0]), outer[1])
            self._visitors[inner] = outer
            self._visitors.move_to_end(inner)
            if len(self._visitors) > _PEERS:
                self._visitors.popitem(last=False)
            deliver(self._around, inner, (self._guest_ip(), self._port), payload)

    def close(self) -> None:
        """Close the port."""
        self._around.loop.close(self._end)


class UdpTable:
    """All UDP exchanges of a NAT."""

    def __init__(self, around: Surroundings, resolver: Resolver) -> None:
        self._around = around
        self._resolver = resolver
        self._flows: dict[Inner, UdpFlow] = {}
        self.forwards: dict[str, UdpForward] = {}
        around.loop.at(around.loop.now() + _SWEEP, self._sweep)

    def __len__(self) -> int:
        return len(self._flows)

    def on_datagram(self, packet: Ip, datagram: Datagram) -> None:
        """Pass a datagram of the guest on."""
        if any(forward.answers(packet, datagram) for forward in self.forwards.values()):
            return
        policy, guest = self._around.policy, self._around.guest
        target = policy.host_address(packet.destination, datagram.destination_port)
        if target is None:
            guest.traffic.refused += 1
            if packet.destination in policy.own:
                guest.send_error(packet, UNREACHABLE, PORT_UNREACHABLE)
            return
        flow = self._flow((packet.source, datagram.source_port), loopback=target[0] == LOOPBACK)
        if flow is None:
            guest.traffic.limited += 1
            return
        if packet.destination == policy.name_server:
            target = self._name_server(flow, target)
        flow.send(packet, datagram, target)

    def _name_server(self, flow: UdpFlow, target: Outer) -> Outer:
        """Return whom to ask; another one when the last has left this guest without an answer."""
        now = self._around.loop.now()
        if flow.asked_at is not None and now - flow.asked_at > _UNANSWERED:
            self._resolver.next_server()
            flow.asked_at = None
        flow.asked_at = flow.asked_at or now
        server = self._resolver.server()
        return (server, target[1]) if server else target

    def _flow(self, inner: Inner, *, loopback: bool) -> UdpFlow | None:
        flow = self._flows.get(inner)
        if flow is not None:
            return flow
        if len(self._flows) >= _FLOWS:
            oldest = min(self._flows, key=lambda key: self._flows[key].used_at)
            self._flows.pop(oldest).close()
        try:
            end = open_socket(self._around.config, socket.SOCK_DGRAM, bind=not loopback)
        except OSError as error:
            log.warning("No socket for a datagram of the guest: %s", error)
            return None
        flow = self._flows[inner] = UdpFlow(self._around, inner, end)
        return flow

    def _sweep(self) -> None:
        now = self._around.loop.now()
        for key, flow in list(self._flows.items()):
            if now - flow.used_at > _IDLE:
                flow.close()
                del self._flows[key]
        self._around.loop.at(now + _SWEEP, self._sweep)

    def close(self) -> None:
        """Close all sockets."""
        for flow in self._flows.values():
            flow.close()
        for forward in self.forwards.values():
            forward.close()
        self._flows.clear()
        self.forwards.clear()


def receive(end: socket.socket) -> list[tuple[bytes, Outer]]:
    """Return what has come at a socket, a batch at most."""
    found: list[tuple[bytes, Outer]] = []
    for _ in range(_BATCH):
        try:
            payload, (host, port) = end.recvfrom(MAX_DATAGRAM)
        except OSError:  # nothing more, or what was sent before has been refused
            break
        found.append((payload, (host, port)))
    return found


def deliver(around: Surroundings, source: Inner, guest: Inner, payload: bytes) -> None:
    """Send a datagram to the guest."""
    around.guest.send(UDP, source[0], guest[0], build_udp(source, guest, payload))
