"""NAT and DHCP of networks of machines, at a switch in this process."""

import json
import queue
import socket
from ipaddress import IPv4Address

import pytest

from engine.net.dhcp import CLIENT_PORT, SERVER_PORT
from engine.net.guest import ROUTER_MAC
from engine.net.hub import Hub
from engine.net.membership import START, STOP
from engine.net.netservices import SERVER_MAC
from engine.net.packets import (
    ANY_IP,
    BROADCAST_IP,
    BROADCAST_MAC,
    ETHERTYPE_ARP,
    ETHERTYPE_IP,
    UDP,
    build_arp,
    build_frame,
    build_ip,
    build_udp,
    parse_arp,
    parse_ip,
    parse_udp,
)  # fmt: skip
from tests.engine.net.test_intnet import A, B, Member

PATIENCE = 10
NAT = {"nat": {"network": "10.9.0.0/24"}}
DHCP = {
    "dhcp": {
        "address": "192.168.5.1", "mask": "255.255.255.0", "lower": "192.168.5.100",
        "upper": "192.168.5.101", "lease_seconds": 600, "options": {"3": "c0a80501"},
        "fixed": {B.hex(): "192.168.5.7"},
    }
}  # fmt: skip


class Network:
    """A hub with settings, a machine at it, and who asks for its services."""

    def __init__(self, folder):
        self.path = str(folder / "net")
        self.settings = folder / "net.json"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        listener.listen()
        self.hub = Hub(listener, self.settings)
        self.members = []
        self.end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.end.settimeout(PATIENCE)
        self.end.connect(self.path)

    def ask(self, record):
        self.end.sendall(len(record).to_bytes(4, "big") + record)
        return self.end.recv(int.from_bytes(self.end.recv(4), "big") or 0).decode()

    def start(self, services):
        self.settings.write_text(json.dumps(services))
        return self.ask(START)

    def machine(self, mac):
        self.members.append(Member(self.path, mac))
        return self.members[-1]

    def close(self):
        self.end.close()
        for member in self.members:
            member.link.close()
        self.hub.close()


@pytest.fixture
def network(tmp_path):
    made = Network(tmp_path)
    yield made
    made.close()


def udp_frame(mac, source, target, payload, to=BROADCAST_MAC):
    (packet,) = build_ip(UDP, source[0], target[0], build_udp(source, target, payload), 1)
    return build_frame(to, mac, ETHERTYPE_IP, packet)


def next_datagram(machine, port):
    while True:
        frame = machine.got.get(timeout=PATIENCE)
        packet = parse_ip(frame[14:]) if frame[12:14] == b"\x08\0" else None
        datagram = parse_udp(packet) if packet is not None else None
        if datagram is not None and datagram.destination_port == port:
            return packet, datagram.payload


def discover(machine, kind=1, options=b""):
    """Ask for an address; returns the answer's address and its options."""
    head = bytes((1, 1, 6, 0)) + b"abcd" + bytes(20) + machine.mac + bytes(202)
    message = head + bytes((99, 130, 83, 99, 53, 1, kind)) + options + b"\xff"
    machine.link.transmit(
        udp_frame(machine.mac, (ANY_IP, CLIENT_PORT), (BROADCAST_IP, SERVER_PORT), message)
    )
    _, answer = next_datagram(machine, CLIENT_PORT)
    told, at = {}, 240
    while answer[at] != 255:
        told[answer[at]] = answer[at + 2 : at + 2 + answer[at + 1]]
        at += 2 + answer[at + 1]
    return str(IPv4Address(answer[16:20])), told


def lease(machine):
    """Ask until there is an answer: frames are lost while the link is on its way up."""
    for _ in range(20):
        try:
            machine.got.get(timeout=0.05)
        except queue.Empty:
            pass
        if machine.link._stream is not None:
            break
    return discover(machine)


def test_dhcp_of_an_internal_network(network):
    assert network.start(DHCP) == ""
    a, b = network.machine(A), network.machine(B)
    address, told = lease(a)
    assert address == "192.168.5.100"
    assert told[54] == IPv4Address("192.168.5.1").packed
    assert (told[1], told[3]) == (b"\xff\xff\xff\0", b"\xc0\xa8\5\1")
    assert (int.from_bytes(told[51]), 6 in told) == (600, False)
    wanted = b"\x32\4" + IPv4Address(address).packed
    assert discover(a, 3, wanted)[1][53] == b"\5"
    assert lease(b)[0] == "192.168.5.7"
    a.link.transmit(
        build_frame(
            BROADCAST_MAC, A, ETHERTYPE_ARP,
            build_arp(1, (A, bytes(4)), (bytes(6), IPv4Address("192.168.5.1").packed)),
        )
    )  # fmt: skip
    while (frame := a.got.get(timeout=PATIENCE))[12:14] != b"\x08\x06":
        pass
    assert parse_arp(frame[14:]).sender_mac == SERVER_MAC


def test_groups_of_clients_are_told_something_else(network):
    pxe = [{"what": 1, "value": "PXE*", "pattern": True}]
    rule = {"conditions": pxe, "options": {"67": b"boot".hex()}, "suppressed": [3], "lease_seconds": 60}
    assert network.start({"dhcp": {**DHCP["dhcp"], "rules": [rule]}}) == ""
    a = network.machine(A)
    _, told = lease(a)
    assert (told[3], 67 in told, int.from_bytes(told[51])) == (b"\xc0\xa8\5\1", False, 600)
    _, told = discover(a, options=b"\x3c\7PXE:1.0")
    assert (3 in told, told[67], int.from_bytes(told[51])) == (False, b"boot", 60)


def test_machines_share_a_nat(network):
    assert network.start(NAT) == ""
    a, b = network.machine(A), network.machine(B)
    assert [lease(a)[0], lease(b)[0]] == ["10.9.0.4", "10.9.0.5"]


def test_loopback_of_the_host_only_where_it_is_mapped(network):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.2)
        port = server.getsockname()[1]
        network.start({"nat": {"network": "10.9.0.0/24", "loopbacks": {"2": "127.0.0.1"}}})
        a = network.machine(A)
        me = (IPv4Address(lease(a)[0]).packed, 999)
        gateway, mapped = (IPv4Address(f"10.9.0.{n}").packed for n in (1, 2))
        a.link.transmit(udp_frame(A, me, (gateway, port), b"no", ROUTER_MAC))
        with pytest.raises(TimeoutError):
            server.recvfrom(10)
        server.settimeout(PATIENCE)
        a.link.transmit(udp_frame(A, me, (mapped, port), b"ping", ROUTER_MAC))
        data, client = server.recvfrom(10)
        server.sendto(data + b"-pong", client)
        packet, answer = next_datagram(a, 999)
        assert (packet.source, answer) == (mapped, b"ping-pong")


def test_forwards_follow_the_settings(network):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rule = f"web,tcp,127.0.0.1,{port},10.9.0.4,80"
        told = network.start({"nat": {"network": "10.9.0.0/24", "forwards": [rule]}})
        assert str(port) in told
    assert network.start({"nat": {"network": "10.9.0.0/24", "forwards": [rule]}}) == ""
    with pytest.raises(OSError), socket.create_server(("127.0.0.1", port)):
        pass
    assert network.start(NAT) == ""
    socket.create_server(("127.0.0.1", port)).close()


def test_services_stop(network):
    network.start({**NAT, **DHCP})
    assert network.ask(STOP) == ""
    a = network.machine(A)
    with pytest.raises(queue.Empty):
        while True:
            a.link.transmit(udp_frame(A, (ANY_IP, 68), (BROADCAST_IP, 67), b"?"))
            a.got.get(timeout=0.1)
    assert network.hub._switch.ports == [network.hub._members[s] for s in network.hub._members
                                         if network.hub._members[s] is not None]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["{", '{"nat": {"network": "x"}}', '{"dhcp": {"address": "1.2.3.4"}}', '{"nat": 1}']
)
def test_settings_that_are_wrong_are_told(network, text):
    network.settings.write_text(text)
    assert network.ask(START).startswith("The services of the network cannot run: ")
    assert network.start(NAT) == ""
