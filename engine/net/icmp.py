"""ICMP echo: answered for the router, passed on by the host's unprivileged ping sockets.

Linux offers those (``socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP)``) to the groups in
``net.ipv4.ping_group_range``; the kernel puts an identifier of its own into what is sent. Elsewhere
only the router answers.
"""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING, Final

from engine.net.guest import HOST_UNREACHABLE, UNREACHABLE
from engine.net.loop import READ
from engine.net.packets import ICMP, Ip, build_icmp, checksum

if TYPE_CHECKING:
    from engine.net.tcpflows import Surroundings

log = logging.getLogger("engine.net")

_ECHO_REPLY: Final = 0
_ECHO: Final = 8
_HEADER: Final = 8
_FLOWS: Final = 32
_IDLE: Final = 30.0
_BATCH: Final = 16
_LARGEST: Final = 65535


class _PingFlow:
    """The echo requests of one identifier of a guest."""

    def __init__(self, around: Surroundings, guest_ip: bytes, identifier: bytes) -> None:
        self._around = around
        self._guest_ip = guest_ip
        self._identifier = identifier
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        self._end.setblocking(False)
        self.used_at = around.loop.now()
        around.loop.watch(self._end, READ, self._on_ready)

    def send(self, packet: Ip, host: str) -> None:
        """Pass a request on."""
        self.used_at = self._around.loop.now()
        try:
            self._end.sendto(packet.payload, (host, 0))
        except OSError:
            self._around.guest.traffic.undelivered += 1
            self._around.guest.send_error(packet, UNREACHABLE, HOST_UNREACHABLE)

    def _on_ready(self, _events: int) -> None:
        for _ in range(_BATCH):
            try:
                data, (host, _port) = self._end.recvfrom(_LARGEST)
            except OSError:
                return
            if len(data) >= _HEADER and data[0] == _ECHO_REPLY:
                rest = self._identifier + data[6:8]
                answer = build_icmp(_ECHO_REPLY, 0, rest, data[_HEADER:])
                source = self._around.policy.visible(host)
                self._around.guest.send(ICMP, source, self._guest_ip, answer)

    def close(self) -> None:
        """Close the socket."""
        self._around.loop.close(self._end)


class IcmpTable:
    """All echo exchanges of a NAT.

    Attributes:
        can_ping: the host lets us ping; False once it has refused.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._flows: dict[tuple[bytes, bytes], _PingFlow] = {}
        self.can_ping = True

    def on_packet(self, packet: Ip) -> None:
        """Take an ICMP message of the guest; other than echo requests are not for us."""
        guest, policy = self._around.guest, self._around.policy
        data = packet.payload
        if len(data) < _HEADER or checksum(data) != 0:
            guest.traffic.malformed += 1
            return
        if data[:2] != bytes((_ECHO, 0)):
            return
        if packet.destination in policy.own:
            answer = build_icmp(_ECHO_REPLY, 0, data[4:8], data[_HEADER:])
            guest.send(ICMP, packet.destination, packet.source, answer)
            return
        target = policy.host_address(packet.destination, 1)
        if target is None:
            guest.traffic.refused += 1
            return
        flow = self._flow(packet.source, data[4:6])
        if flow is None:
            guest.traffic.limited += 1
        else:
            flow.send(packet, target[0])

    def _flow(self, guest_ip: bytes, identifier: bytes) -> _PingFlow | None:
        key = (guest_ip, identifier)
        if key in self._flows:
            return self._flows[key]
        self._expire()
        if not self.can_ping or len(self._flows) >= _FLOWS:
            return None
        try:
            flow = self._flows[key] = _PingFlow(self._around, guest_ip, identifier)
        except PermissionError:
            self.can_ping = False
            log.info("The host does not let programs ping (net.ipv4.ping_group_range)")
            return None
        except OSError as error:
            log.warning("No socket for a ping of the guest: %s", error)
            return None
        return flow

    def _expire(self) -> None:
        now = self._around.loop.now()
        for key, flow in list(self._flows.items()):
            if now - flow.used_at > _IDLE:
                flow.close()
                del self._flows[key]

    def close(self) -> None:
        """Close all sockets."""
        for flow in self._flows.values():
            flow.close()
        self._flows.clear()
