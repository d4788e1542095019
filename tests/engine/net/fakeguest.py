"""A guest in the test's process: it speaks through ``transmit`` and hears through the receiver.

``FakeGuest`` answers ARP and sorts what comes; ``GuestTcp`` is a TCP of its own, simple on purpose
(one segment in flight at most times as large as the peer's window, go back N), so that the two ends
do not share their mistakes.
"""

from __future__ import annotations

import queue
import random
import struct
import threading
import time
from ipaddress import IPv4Address

from engine.net.config import NatConfig
from engine.net.nat import Nat
from engine.net.packets import (
    ACK,
    BROADCAST_MAC,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    FIN,
    ICMP,
    NO_OPTIONS,
    PSH,
    RST,
    SYN,
    TCP,
    UDP,
    Segment,
    SynOptions,
    build_arp,
    build_frame,
    build_icmp,
    build_ip,
    build_tcp,
    build_udp,
    checksum,
    parse_arp,
    parse_ip,
    parse_tcp,
    parse_udp,
)

MAC = bytes.fromhex("080027112233")
GATEWAY, DNS, TFTP = (IPv4Address(f"10.0.2.{n}").packed for n in (2, 3, 4))
ME = IPv4Address("10.0.2.15").packed
PATIENCE = 10.0
MASK = 0xFFFFFFFF


def ip(text):
    return IPv4Address(text).packed


def make_nat(resolver=None, **settings):
    from engine.cfgm import Node

    settings.setdefault("LocalhostReachable", True)
    node = Node("/Devices/e1000/0/LUN#0")
    node.child("Config").set(settings)
    return Nat(NatConfig.from_node(node), resolver)


class FakeGuest:
    """Attributes: loss: probability that a frame is lost, in either direction."""

    def __init__(self, nat, *, loss=0.0, seed=1):
        self.nat = nat
        self.loss = loss
        self.random = random.Random(seed)
        self.router = None
        self.arps = queue.Queue()
        self.datagrams = queue.Queue()
        self.icmp = queue.Queue()
        self.strays = queue.Queue()
        self.sockets = {}
        self.listening = {}
        self.lock = threading.RLock()
        self.ports = iter(range(40000, 60000))
        self.answers_arp = True
        self.takes_packets = False
        self.packets = 0
        nat.offer_packets(lambda: self.takes_packets)
        nat.set_receiver(self.receive)
        self.ask_arp(GATEWAY)
        self.router = self.arps.get(timeout=PATIENCE).sender_mac

    def transmit(self, frame):
        if self.random.random() >= self.loss:
            self.nat.transmit(frame)

    def ask_arp(self, address):
        question = build_arp(1, (MAC, ME), (bytes(6), address))
        self.nat.transmit(build_frame(BROADCAST_MAC, MAC, ETHERTYPE_ARP, question))

    def send_ip(self, protocol, destination, payload, *, source=ME, identification=7):
        for packet in build_ip(protocol, source, destination, payload, identification):
            self.transmit(build_frame(self.router, MAC, ETHERTYPE_IP, packet))

    def send_udp(self, source_port, destination, payload, *, source=ME):
        data = build_udp((source, source_port), destination, payload)
        self.send_ip(UDP, destination[0], data, source=source)

    def ping(self, destination, identifier=b"\x12\x34", seq=1, payload=b"ping"):
        rest = identifier + seq.to_bytes(2, "big")
        self.send_ip(ICMP, destination, build_icmp(8, 0, rest, payload))

    def receive(self, frame):
        if self.loss and self.random.random() < self.loss:
            return
        kind = int.from_bytes(frame[12:14], "big")
        if kind == ETHERTYPE_ARP:
            arp = parse_arp(frame[14:])
            if arp.operation == 2:
                self.arps.put(arp)
            elif self.answers_arp and arp.target_ip == ME:
                answer = build_arp(2, (MAC, ME), (arp.sender_mac, arp.sender_ip))
                self.nat.transmit(build_frame(arp.sender_mac, MAC, ETHERTYPE_ARP, answer))
            return
        whole = len(frame) > 1514
        self.packets += whole
        assert self.takes_packets or not whole
        packet = parse_ip(frame[14:])
        assert packet is not None, frame.hex()
        if packet.protocol == ICMP:
            self.icmp.put(packet)
        elif packet.protocol == UDP:
            if packet.offset or packet.more:
                self.strays.put(packet)
                return
            datagram = parse_udp(packet)
            assert datagram is not None
            self.datagrams.put((packet, datagram))
        elif packet.protocol == TCP:
            segment = parse_tcp(packet, complete=not whole)
            assert segment is not None
            if whole:
                pseudo = packet.source + packet.destination + b"\0\6" + len(packet.payload).to_bytes(2)
                assert packet.payload[16:18] == (0xFFFF - checksum(pseudo)).to_bytes(2)
            self.on_tcp(packet, segment)

    def on_tcp(self, packet, segment):
        key = (segment.destination_port, packet.source, segment.source_port)
        with self.lock:
            end = self.sockets.get(key)
            if end is None and segment.flags & SYN and segment.destination_port in self.listening:
                end = GuestTcp(self, key)
                self.listening[segment.destination_port].put(end)
        if end is not None:
            end.on_segment(segment)
        else:
            self.strays.put(segment)

    def listen(self, port):
        self.listening[port] = queue.Queue()
        return self.listening[port]

    def connect(self, destination, **options):
        end = GuestTcp(self, (next(self.ports), *destination), **options)
        end.open()
        return end


class GuestTcp:
    """The guest's end of a connection. Blocking calls for the test's thread."""

    WINDOW = 32768

    def __init__(self, guest, key, *, window=WINDOW, shift=None):
        self.guest = guest
        self.port, self.remote, self.remote_port = key
        self.changed = threading.Condition(threading.RLock())
        self.una = self.next = random.getrandbits(32)
        self.expected = None
        self.peer_window = 0
        self.window = window
        self.shift = shift
        self.peer_shift = 0
        self.data = bytearray()
        self.established = self.reset = self.finished = self.fin_acked = False
        self.fin_sent = False
        guest.sockets[key] = self

    def emit(self, flags, seq, payload=b"", options=NO_OPTIONS):
        window = max(self.window - len(self.data), 0)
        window = min(window, 65535) if flags & SYN else window >> (self.shift or 0)
        segment = Segment(
            self.port, self.remote_port, seq & MASK, self.expected or 0, flags, window, payload,
            *options,
        )
        self.guest.send_ip(TCP, self.remote, build_tcp(ME, self.remote, segment))

    def on_segment(self, segment):
        with self.changed:
            if segment.flags & RST:
                self.reset = True
            elif segment.flags & SYN:
                if self.expected is None:
                    self.expected = segment.seq + 1 & MASK
                    self.peer_window = segment.window
                    if segment.shift is not None and self.shift is not None:
                        self.peer_shift = segment.shift
                    if segment.flags & ACK:
                        self.una = segment.ack
                if segment.flags & ACK:
                    self.established = True
                    self.emit(ACK, self.next)
                else:
                    self.emit(SYN | ACK, self.next, options=SynOptions(1460, self.shift))
                    self.next = self.una + 1 & MASK
            else:
                self.on_established(segment)
            self.changed.notify_all()

    def on_established(self, segment):
        self.established = True
        if 0 < (segment.ack - self.una & MASK) <= (self.next - self.una & MASK):
            self.una = segment.ack
            self.fin_acked = self.fin_sent and self.una == self.next
        self.peer_window = segment.window << self.peer_shift
        if segment.payload or segment.flags & FIN:
            room = max(self.window - len(self.data), 0)
            if segment.seq == self.expected and len(segment.payload) <= room and not self.finished:
                self.data += segment.payload
                self.expected = self.expected + len(segment.payload) & MASK
                if segment.flags & FIN:
                    self.finished = True
                    self.expected = self.expected + 1 & MASK
            self.emit(ACK, self.next)

    def wait(self, condition, patience=PATIENCE):
        with self.changed:
            assert self.changed.wait_for(condition, patience), vars(self)

    def open(self):
        with self.changed:
            first = self.una
            self.next = first + 1 & MASK
            for _ in range(100):
                self.emit(SYN, first, options=SynOptions(1460, self.shift))
                if self.changed.wait_for(lambda: self.established or self.reset, 2.0):
                    return
        raise AssertionError("no answer to SYN")

    def send(self, data, patience=60.0):
        """Send all and wait until it is acknowledged; go back N after 50 ms without progress."""
        end = time.monotonic() + patience
        with self.changed:
            start = self.una
            while (done := self.una - start & MASK) < len(data):
                assert not self.reset
                assert time.monotonic() < end, done
                at = done
                while at < min(done + max(self.peer_window, 1), len(data)):
                    size = min(1460, len(data) - at, done + max(self.peer_window, 1) - at)
                    self.next = max(self.next - start & MASK, at + size) + start & MASK
                    self.emit(ACK | PSH, start + at, data[at : at + size])
                    at += size
                before = self.una
                self.changed.wait_for(lambda: self.una == self.next or self.reset, 0.05)
                if self.una == before and not self.peer_window:
                    self.changed.wait(0.02)

    def read(self, count, patience=60.0):
        end = time.monotonic() + patience
        taken = bytearray()
        with self.changed:
            while len(taken) < count:
                assert not self.reset
                assert self.changed.wait_for(
                    lambda: self.data or self.finished or self.reset, end - time.monotonic()
                ), len(taken)
                if not self.data:
                    break
                closed = self.window - len(self.data) < 2920
                taken += self.data[: count - len(taken)]
                del self.data[:count]
                if closed:
                    self.emit(ACK, self.next)
        return bytes(taken)

    def finish(self, patience=PATIENCE):
        """Send FIN until it is acknowledged."""
        end = time.monotonic() + patience
        with self.changed:
            seq = self.next
            self.fin_sent = True
            self.next = seq + 1 & MASK
            while not (self.fin_acked or self.reset):
                assert time.monotonic() < end
                self.emit(FIN | ACK, seq)
                self.changed.wait_for(lambda: self.fin_acked or self.reset, 0.2)

    def abort(self):
        self.emit(RST | ACK, self.next)


def dhcp_message(kind, *, options=(), mac=MAC, flags=0, ciaddr=bytes(4), xid=0x1234):
    header = struct.pack(
        "!BBBBIHH4s4s4s4s16s64s128s", 1, 1, 6, 0, xid, 0, flags, ciaddr, bytes(4), bytes(4),
        bytes(4), mac, b"", b"",
    )
    listed = [] if kind is None else [(53, bytes((kind,)))]
    packed = b"".join(bytes((c, len(v))) + v for c, v in [*listed, *options])
    return header + bytes((99, 130, 83, 99)) + packed + b"\xff"


def dhcp_options(payload):
    options, at = {}, 240
    while payload[at] != 255:
        if payload[at] == 0:
            at += 1
            continue
        length = payload[at + 1]
        options[payload[at]] = payload[at + 2 : at + 2 + length]
        at += 2 + length
    return options
