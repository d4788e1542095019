"""The NAT: a router for one guest's network, without privileges; see ``engine.net``."""

from __future__ import annotations

import logging
import threading
from collections import deque
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final, NamedTuple

from engine.net import dhcp, tftp
from engine.net.dhcp import DhcpServer, DhcpSettings
from engine.net.errors import NetworkDriverError
from engine.net.guest import TIME_EXCEEDED, GuestSide, ethertype_of
from engine.net.hostsockets import open_forward
from engine.net.icmp import IcmpTable
from engine.net.loop import READ, Loop
from engine.net.packets import (
    ANY_IP,
    BROADCAST_IP,
    ETHERNET_HEADER,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    ICMP,
    MAX_PACKET,
    TCP,
    UDP,
    Datagram,
    Ip,
    build_udp,
    parse_ip,
    parse_tcp,
    parse_udp,
)
from engine.net.policy import Policy
from engine.net.reassembly import Reassembler
from engine.net.resolver import Resolver
from engine.net.tcpflows import Surroundings, TcpTable
from engine.net.udpflows import UdpForward, UdpTable

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from engine.net.config import Forward, NatConfig

log = logging.getLogger("engine.net")

_QUEUED_FRAMES: Final = 2048
_QUEUED_PACKETS: Final = 128
_LARGEST_PACKET: Final = MAX_PACKET + ETHERNET_HEADER
_LARGEST_FRAME: Final = 16384  # what adapters with jumbo frames can send; longer is no frame
_BATCH: Final = 256
_WAIT_SECONDS: Final = 5.0


class Activity(NamedTuple):
    """Bytes that have passed since power-on, for the activity lamps."""

    sent: int
    received: int


class Nat:
    """The router; a NetworkLink and PacketLink.

    Args:
        config: its settings. Forwards whose port is taken are logged and left out.
        resolver: who knows the name servers; None: the host's.
    """

    def __init__(self, config: NatConfig, resolver: Resolver | None = None) -> None:
        self._config = config
        resolver = resolver or Resolver()
        self._policy = Policy(config, resolver)
        self._guest = GuestSide(self._policy)
        settings = DhcpSettings.of_nat(config)
        self._dhcp = (
            DhcpServer(settings, resolver.domain) if config.pass_domain else DhcpServer(settings)
        )
        self._tftp = tftp.TftpServer(config.tftp_prefix) if config.tftp_prefix else None
        self._frames: deque[tuple[bytes, bool]] = deque()  # and whether it has its checksum
        self._reassembler = Reassembler()
        self._loop = Loop("nat", self._work)
        around = Surroundings(config, self._loop, self._guest, self._policy)
        self._tcp = TcpTable(around)
        self._udp = UdpTable(around, resolver)
        self._icmp = IcmpTable(around)
        self._around = around
        self._lock = threading.Lock()  # of the rules and of closing
        self._forwards: dict[str, Forward] = {}
        self._listeners: dict[str, socket.socket] = {}
        self._closed = False
        self._loop.start()
        for forward in config.forwards:
            try:
                self.add_forward(forward)
            except NetworkDriverError as error:
                log.warning("%s", error)

    # ------------------------------------------------------------------ any thread

    def transmit(self, frame: bytes) -> None:
        """Take a frame of the guest; dropped and counted when too many are waiting."""
        if len(self._frames) >= _QUEUED_FRAMES or len(frame) > _LARGEST_FRAME:
            self._guest.traffic.overrun += 1
            return
        self._frames.append((frame, True))
        self._loop.wake()

    def transmit_packet(self, packet: bytes) -> None:
        """Take a packet of TCP whose checksum nobody has completed, nor will look at."""
        if len(self._frames) >= _QUEUED_PACKETS or len(packet) > _LARGEST_PACKET:
            self._guest.traffic.overrun += 1
            return
        self._frames.append((packet, False))
        self._loop.wake()

    def offer_packets(self, wanted: Callable[[], bool]) -> None:
        """Let the receiver get packets of TCP that are longer than frames."""
        self._guest.takes_packets = wanted

    def set_receiver(self, receiver: Callable[[bytes], None] | None) -> None:
        """Have frames for the guest given to ``receiver``, on the NAT's thread."""
        self._guest.receiver = receiver

    def forwards(self) -> list[Forward]:
        """Return the rules that are in force."""
        with self._lock:
            return list(self._forwards.values())

    def add_forward(self, forward: Forward) -> None:
        """Open a port of the host that leads into the guest.

        Raises:
            NetworkDriverError: there is a rule of that name, or the port cannot be had.
        """
        with self._lock:
            if self._closed:
                raise NetworkDriverError("The network of the guest is not connected any more.")
            if forward.name in self._forwards:
                raise NetworkDriverError(
                    f"There is already a forwarding rule named '{forward.name}'."
                )
            end = open_forward(self._config, forward)
            self._forwards[forward.name] = forward
        self._loop.post(lambda: self._serve_forward(forward, end))

    def remove_forward(self, name: str) -> None:
        """Close a forwarded port; the connections through it go on.

        Raises:
            NetworkDriverError: there is no rule of that name.
        """
        with self._lock:
            if self._forwards.pop(name, None) is None:
                raise NetworkDriverError(f"There is no forwarding rule named '{name}'.")
        closed = threading.Event()

        def close() -> None:
            self._close_forward(name)
            closed.set()

        self._loop.post(close)
        closed.wait(_WAIT_SECONDS)

    def activity(self) -> Activity:
        """Return the bytes that the guest has sent and received."""
        return Activity(self._guest.traffic.bytes_out, self._guest.traffic.bytes_in)

    def statistics(self) -> dict[str, int]:
        """Return the counters of `engine.net.guest.Traffic`, and what is open now, by name."""
        return {
            **self._guest.traffic.counters(),
            "fragments_dropped": self._reassembler.dropped,
            "tcp_connections": len(self._tcp),
            "udp_flows": len(self._udp),
            "errors": self._loop.errors,
        }

    def close(self) -> None:
        """End all connections and the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        done = threading.Event()

        def close() -> None:
            self._close_all()
            done.set()

        self._loop.post(close)
        done.wait(_WAIT_SECONDS)
        self._loop.stop()

    # ------------------------------------------------------------------ the NAT's thread

    def _work(self) -> None:
        """Work off frames of the guest, a batch at a time, so that sockets get their turn."""
        traffic = self._guest.traffic
        for _ in range(min(_BATCH, len(self._frames))):
            frame, complete = self._frames.popleft()
            traffic.frames_out += 1
            traffic.bytes_out += len(frame)
            self._on_frame(frame, complete)
        self._tcp.flush()
        if self._frames:
            self._loop.wake()

    def _on_frame(self, frame: bytes, complete: bool) -> None:
        kind = ethertype_of(frame)
        if kind == ETHERTYPE_ARP:
            self._guest.on_arp(frame[ETHERNET_HEADER:])
        elif kind == ETHERTYPE_IP:
            packet = parse_ip(frame[ETHERNET_HEADER:])
            if packet is None:
                self._guest.traffic.malformed += 1
            else:
                self._on_packet(packet, frame[6:12], complete)

    def _on_packet(self, packet: Ip, mac: bytes, complete: bool) -> None:
        policy, traffic = self._policy, self._guest.traffic
        if policy.is_guest(packet.source):
            self._guest.learn(packet.source, mac)
        elif packet.source != ANY_IP:
            traffic.refused += 1
            return
        if packet.offset or packet.more:
            whole = self._reassembler.add(packet, self._loop.now())
            if whole is None:
                return
            packet = whole
        if packet.source == ANY_IP or packet.destination in {BROADCAST_IP, policy.broadcast}:
            self._on_broadcast(packet)
        elif packet.ttl <= 1 and packet.destination not in policy.own:
            self._guest.send_error(packet, TIME_EXCEEDED, 0)
        elif packet.protocol == TCP:
            segment = parse_tcp(packet, complete=complete)
            if segment is None:
                traffic.malformed += 1
            else:
                self._tcp.on_segment(packet, segment)
        elif packet.protocol == UDP:
            self._on_udp(packet)
        elif packet.protocol == ICMP:
            self._icmp.on_packet(packet)

    def _on_broadcast(self, packet: Ip) -> None:
        """Serve DHCP; other broadcasts, and hosts without an address, get nothing."""
        datagram = parse_udp(packet) if packet.protocol == UDP else None
        if datagram is not None and datagram.destination_port == dhcp.SERVER_PORT:
            self._on_dhcp(datagram)

    def _on_udp(self, packet: Ip) -> None:
        datagram = parse_udp(packet)
        if datagram is None:
            self._guest.traffic.malformed += 1
            return
        place = (packet.destination, datagram.destination_port)
        if place == (self._policy.gateway, dhcp.SERVER_PORT):
            self._on_dhcp(datagram)
        elif self._tftp is not None and place == (self._policy.tftp_server, tftp.PORT):
            self._on_tftp(self._tftp, packet, datagram)
        else:
            self._udp.on_datagram(packet, datagram)

    def _on_tftp(self, server: tftp.TftpServer, packet: Ip, datagram: Datagram) -> None:
        client = (packet.source, datagram.source_port)
        answer = server.answer(client, datagram.payload, self._loop.now())
        if answer is not None:
            source = (packet.destination, tftp.PORT)
            self._guest.send(UDP, source[0], client[0], build_udp(source, client, answer))

    def _on_dhcp(self, datagram: Datagram) -> None:
        reply = self._dhcp.answer(datagram.payload) if self._config.dhcp else None
        if reply is None:
            return
        source = (self._policy.gateway, dhcp.SERVER_PORT)
        message = build_udp(source, (reply.ip, dhcp.CLIENT_PORT), reply.payload)
        self._guest.send(UDP, source[0], reply.ip, message, reply.mac)

    # ------------------------------------------------------------------ forwarded ports

    def _guest_ip(self, forward: Forward) -> bytes:
        if forward.guest_ip:
            return IPv4Address(forward.guest_ip).packed
        return self._dhcp.first_guest

    def _serve_forward(self, forward: Forward, end: socket.socket) -> None:
        if forward.protocol == "udp":
            self._udp.forwards[forward.name] = UdpForward(
                self._around, forward, end, lambda: self._guest_ip(forward)
            )
            return
        self._listeners[forward.name] = end
        self._listen(forward, end)

    def _listen(self, forward: Forward, end: socket.socket) -> None:
        if self._listeners.get(forward.name) is end:
            self._loop.watch(end, READ, lambda _events: self._accept(forward, end))

    def _accept(self, forward: Forward, end: socket.socket) -> None:
        pause = self._tcp.accept(end, forward, self._guest_ip(forward))
        if pause:
            # It would stay ready; nothing can be accepted until something is closed.
            self._loop.watch(end, 0, lambda _events: None)
            self._loop.at(self._loop.now() + pause, lambda: self._listen(forward, end))

    def _close_forward(self, name: str) -> None:
        listener = self._listeners.pop(name, None)
        if listener is not None:
            self._loop.close(listener)
        forward = self._udp.forwards.pop(name, None)
        if forward is not None:
            forward.close()

    def _close_all(self) -> None:
        self._tcp.close()
        self._udp.close()
        self._icmp.close()
        if self._tftp is not None:
            self._tftp.close()
        for name in list(self._listeners):
            self._close_forward(name)
