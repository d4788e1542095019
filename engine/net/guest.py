"""The guest's side of the NAT: its link, its ARP table, and packets on their way to it."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from engine.net.packets import (
    ANY_IP,
    ARP_REPLY,
    ARP_REQUEST,
    BROADCAST_MAC,
    ETHERNET_HEADER,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    ICMP,
    MTU,
    Ip,
    build_arp,
    build_frame,
    build_icmp,
    build_ip,
    parse_arp,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.net.policy import Policy

ROUTER_MAC: Final = bytes.fromhex("525400123502")
UNREACHABLE: Final = 3
TIME_EXCEEDED: Final = 11
HOST_UNREACHABLE: Final = 1
PORT_UNREACHABLE: Final = 3
_NEIGHBOURS: Final = 256
_WAITING: Final = 32  # packets for an address whose MAC is asked for
_QUOTED: Final = 8  # bytes of the packet in an ICMP error (RFC 792)


@dataclass
class Traffic:
    """What has passed the link, and what was dropped and why.

    Attributes:
        frames_out: frames of the guest.
        bytes_out: their bytes.
        frames_in: frames for the guest.
        bytes_in: their bytes.
        overrun: frames of the guest that came faster than they were worked off.
        malformed: packets of the guest with wrong lengths or checksums.
        refused: packets to places that the guest may not reach.
        limited: connections or datagrams for which there was no room or socket.
        unresolved: packets for guests that do not answer to ARP.
        undelivered: datagrams that the host has not taken, or the guest would not get.
    """

    frames_out: int = 0
    bytes_out: int = 0
    frames_in: int = 0
    bytes_in: int = 0
    overrun: int = 0
    malformed: int = 0
    refused: int = 0
    limited: int = 0
    unresolved: int = 0
    undelivered: int = 0

    def counters(self) -> dict[str, int]:
        """Return all by name."""
        return asdict(self)


class GuestSide:
    """Sends frames to the guest and knows the MAC addresses behind its IP addresses."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.traffic = Traffic()
        self.receiver: Callable[[bytes], None] | None = None
        self.takes_packets: Callable[[], bool] = _never
        self._neighbours: dict[bytes, bytes] = {}
        self._waiting: dict[bytes, deque[bytes]] = {}
        self._identification = 0

    def learn(self, address: bytes, mac: bytes) -> None:
        """Note the MAC address of a guest, and send what has waited for it."""
        if self._neighbours.get(address) == mac:
            return
        if not self._policy.is_guest(address) or mac[0] & 1:
            return
        if len(self._neighbours) >= _NEIGHBOURS:
            del self._neighbours[next(iter(self._neighbours))]
        self._neighbours[address] = mac
        for packet in self._waiting.pop(address, ()):
            self._transmit(mac, ETHERTYPE_IP, packet)

    def on_arp(self, data: bytes) -> None:
        """Answer for the addresses that are ours (RFC 826)."""
        arp = parse_arp(data)
        if arp is None:
            self.traffic.malformed += 1
            return
        self.learn(arp.sender_ip, arp.sender_mac)
        if arp.operation == ARP_REQUEST and arp.target_ip in self._policy.own:
            answer = build_arp(
                ARP_REPLY, (ROUTER_MAC, arp.target_ip), (arp.sender_mac, arp.sender_ip)
            )
            self._transmit(arp.sender_mac, ETHERTYPE_ARP, answer)

    def send(
        self, protocol: int, source: bytes, destination: bytes, payload: bytes,
        mac: bytes | None = None,
    ) -> None:
        """Send a packet; to ``mac`` when that is given, else to who has the address."""
        if len(payload) > MTU - 20:
            self._identification = self._identification + 1 & 0xFFFF
        mac = mac or self._neighbours.get(destination)
        for packet in build_ip(protocol, source, destination, payload, self._identification):
            if mac:
                self._transmit(mac, ETHERTYPE_IP, packet)
            else:
                self._wait(destination, packet)

    def send_packet(self, destination: bytes, packet: bytes) -> None:
        """Send a packet that is longer than a frame; lost when the guest's MAC is not known."""
        mac = self._neighbours.get(destination)
        if mac:
            self._transmit(mac, ETHERTYPE_IP, packet)
        else:
            self.traffic.unresolved += 1

    def _wait(self, address: bytes, packet: bytes) -> None:
        """Keep a packet until its guest has answered; ask each time, nobody else would."""
        if address not in self._waiting and len(self._waiting) >= _WAITING:
            self.traffic.unresolved += len(self._waiting.pop(next(iter(self._waiting))))
        queue = self._waiting.setdefault(address, deque())
        if len(queue) >= _WAITING:
            queue.popleft()
            self.traffic.unresolved += 1
        queue.append(packet)
        question = build_arp(
            ARP_REQUEST, (ROUTER_MAC, self._policy.gateway), (bytes(6), address)
        )
        self._transmit(BROADCAST_MAC, ETHERTYPE_ARP, question)

    def send_error(self, packet: Ip, kind: int, code: int) -> None:
        """Tell the guest by ICMP what has become of its packet; never about an ICMP error."""
        if packet.protocol == ICMP and packet.payload[:1] != b"\x08":
            return
        if not self._policy.is_guest(packet.source) or packet.offset:
            return
        quote = packet.header + packet.payload[:_QUOTED]
        self.send(
            ICMP, self._policy.gateway, packet.source, build_icmp(kind, code, ANY_IP, quote)
        )

    def _transmit(self, mac: bytes, ethertype: int, payload: bytes) -> None:
        receiver = self.receiver
        if receiver is None:
            return
        frame = build_frame(mac, ROUTER_MAC, ethertype, payload)
        self.traffic.frames_in += 1
        self.traffic.bytes_in += len(frame)
        receiver(frame)


def _never() -> bool:
    return False


def ethertype_of(frame: bytes) -> int:
    """Return the type of a frame, 0 for one that is not for the router or too short."""
    if len(frame) < ETHERNET_HEADER or not (frame[0] & 1 or frame[:6] == ROUTER_MAC):
        return 0
    return int.from_bytes(frame[12:14], "big")
