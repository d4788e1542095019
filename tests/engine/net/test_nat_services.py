"""ARP, DHCP, DNS, UDP, ping and TFTP as a guest sees them, and frames that no guest should send."""

import contextlib
import queue
import socket
import struct
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.net.guest import ROUTER_MAC
from engine.net.packets import (
    BROADCAST_MAC,
    ETHERTYPE_IP,
    UDP,
    build_frame,
    build_icmp,
    build_ip,
    build_udp,
    parse_udp,
)
from engine.net.reassembly import Reassembler
from engine.net.resolver import Resolver
from tests.engine.net.fakeguest import (
    DNS,
    GATEWAY,
    MAC,
    ME,
    PATIENCE,
    TFTP,
    FakeGuest,
    dhcp_message,
    dhcp_options,
    ip,
    make_nat,
)
from tests.engine.net.test_nat_tcp import rule, unused_port


@pytest.fixture
def udp_server():
    """Answer datagrams on the loopback with their reversal."""
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind(("127.0.0.1", 0))

    def run():
        while True:
            try:
                data, peer = end.recvfrom(65535)
            except OSError:
                return
            if data == b"stop":
                return
            with contextlib.suppress(OSError):
                end.sendto(data[::-1], peer)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield end.getsockname()[1]
    end.sendto(b"stop", end.getsockname())
    thread.join(PATIENCE)
    end.close()


# ------------------------------------------------------------------ ARP, ICMP


def test_arp_is_answered_for_our_addresses_only(network):
    guest = network()
    for address in (GATEWAY, DNS, TFTP):
        guest.ask_arp(address)
        assert guest.arps.get(timeout=PATIENCE).sender_ip == address
    guest.ask_arp(ip("10.0.2.5"))
    guest.ask_arp(GATEWAY)
    assert guest.arps.get(timeout=PATIENCE).sender_ip == GATEWAY


def test_the_router_answers_pings(network):
    guest = network()
    guest.ping(GATEWAY, seq=3, payload=b"abc")
    answer = guest.icmp.get(timeout=PATIENCE)
    assert answer.source == GATEWAY
    assert answer.payload == build_icmp(0, 0, b"\x12\x34\x00\x03", b"abc")


def test_a_packet_at_the_end_of_its_life_is_reported(network):
    guest = network()
    packet = bytearray(build_ip(UDP, ME, ip("198.51.100.1"), bytes(20))[0])
    packet[8] = 1
    packet[10:12] = b"\0\0"
    from engine.net.packets import checksum

    packet[10:12] = checksum(bytes(packet[:20])).to_bytes(2, "big")
    guest.transmit(build_frame(ROUTER_MAC, MAC, ETHERTYPE_IP, bytes(packet)))
    answer = guest.icmp.get(timeout=PATIENCE)
    assert answer.payload[0] == 11
    assert answer.payload[8:28] == packet[:20]


# ------------------------------------------------------------------ DHCP


def ask(guest, message, *, source=bytes(4), destination=b"\xff" * 4):
    data = build_udp((source, 68), (destination, 67), message)
    for packet in build_ip(UDP, source, destination, data):
        guest.transmit(build_frame(BROADCAST_MAC, MAC, ETHERTYPE_IP, packet))


def test_a_lease(network, tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("search example.org other\nnameserver 192.0.2.1\n")
    guest = network(resolver=Resolver(str(path)), BootFile="pxe.0")
    ask(guest, dhcp_message(1))
    _, datagram = guest.datagrams.get(timeout=PATIENCE)
    offer = dhcp_options(datagram.payload)
    assert offer[53] == b"\2"
    assert datagram.payload[16:20] == ME
    ask(guest, dhcp_message(3, options=[(50, ME), (54, GATEWAY)]))
    packet, datagram = guest.datagrams.get(timeout=PATIENCE)
    options = dhcp_options(datagram.payload)
    assert options[53] == b"\5"
    assert (options[1], options[3], options[6]) == (ip("255.255.255.0"), GATEWAY, DNS)
    assert options[15] == b"example.org"
    assert int.from_bytes(options[51], "big") == 86400
    assert (options[66], options[67]) == (b"10.0.2.4", b"pxe.0")
    assert datagram.payload[20:24] == TFTP
    assert datagram.payload[108:113] == b"pxe.0"
    assert (packet.source, packet.destination, datagram.destination_port) == (GATEWAY, ME, 68)


def test_a_request_for_an_address_of_another_network_is_refused(network):
    guest = network(Adapter=0)
    ask(guest, dhcp_message(3, options=[(50, ip("192.168.1.9"))]))
    packet, datagram = guest.datagrams.get(timeout=PATIENCE)
    assert dhcp_options(datagram.payload)[53] == b"\6"
    assert packet.destination == b"\xff" * 4


def test_each_machine_has_its_address(network):
    guest = network()
    seen = []
    for number in (1, 2, 1):
        ask(guest, dhcp_message(1, mac=bytes((8, 0, 0x27, 0, 0, number)), flags=0x8000))
        seen.append(guest.datagrams.get(timeout=PATIENCE)[1].payload[16:20])
    assert seen == [ip("10.0.2.15"), ip("10.0.2.16"), ip("10.0.2.15")]


def test_inform_bootp_and_other_servers(network):
    guest = network()
    ask(guest, dhcp_message(3, options=[(54, ip("10.0.2.99"))]))
    ask(guest, dhcp_message(8, ciaddr=ME), source=ME, destination=GATEWAY)
    _, datagram = guest.datagrams.get(timeout=PATIENCE)
    assert dhcp_options(datagram.payload)[53] == b"\5"
    assert datagram.payload[16:20] == bytes(4)
    ask(guest, dhcp_message(None))
    _, datagram = guest.datagrams.get(timeout=PATIENCE)
    assert datagram.payload[16:20] == ME
    assert 53 not in dhcp_options(datagram.payload)


# ------------------------------------------------------------------ UDP


def test_datagrams_there_and_back(network, udp_server):
    guest = network()
    guest.send_udp(5000, (GATEWAY, udp_server), b"abc")
    packet, datagram = guest.datagrams.get(timeout=PATIENCE)
    assert (packet.source, datagram.source_port, datagram.payload) == (GATEWAY, udp_server, b"cba")
    assert datagram.destination_port == 5000
    assert guest.nat.statistics()["udp_flows"] == 1


def test_a_large_datagram_goes_in_fragments(network, udp_server):
    guest = network()
    data = bytes(range(256)) * 200
    guest.send_udp(5000, (GATEWAY, udp_server), data)
    whole, joined = None, Reassembler()
    while whole is None:
        whole = joined.add(guest.strays.get(timeout=PATIENCE), 0.0)
    assert parse_udp(whole).payload == data[::-1]


def test_a_closed_port_of_the_router_is_reported(network):
    guest = network(LocalhostReachable=False)
    guest.send_udp(5000, (GATEWAY, 9999), b"abc")
    assert guest.icmp.get(timeout=PATIENCE).payload[:2] == b"\3\3"


def test_strangers_get_nothing_in(network, udp_server):
    guest = network()
    guest.send_udp(5000, (GATEWAY, udp_server), b"abc")
    guest.datagrams.get(timeout=PATIENCE)
    flow = next(iter(guest.nat._udp._flows.values()))
    port = flow.end.getsockname()[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.sendto(b"let me in", ("127.0.0.1", port))
    guest.send_udp(5000, (GATEWAY, udp_server), b"again")
    assert guest.datagrams.get(timeout=PATIENCE)[1].payload == b"niaga"
    assert guest.nat.statistics()["refused"] == 1


def test_a_forwarded_udp_port(network):
    port = unused_port(socket.SOCK_DGRAM)
    guest = network(Forwards=rule(port, protocol="udp", guest_port=53))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as visitor:
        visitor.settimeout(PATIENCE)
        visitor.sendto(b"question", ("127.0.0.1", port))
        packet, datagram = guest.datagrams.get(timeout=PATIENCE)
        assert (packet.source, datagram.destination_port) == (GATEWAY, 53)
        guest.send_udp(53, (packet.source, datagram.source_port), b"answer")
        assert visitor.recvfrom(100) == (b"answer", ("127.0.0.1", port))
    guest.nat.remove_forward("web")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", port))


def test_a_flood_of_ports_stays_within_the_limit(network, udp_server):
    guest = network()
    for port in range(1000, 1700):
        guest.send_udp(port, (GATEWAY, udp_server), b"abc")
    for _ in range(100):
        guest.datagrams.get(timeout=PATIENCE)
    guest.ping(GATEWAY)
    guest.icmp.get(timeout=PATIENCE)
    assert guest.nat.statistics()["udp_flows"] <= 512


# ------------------------------------------------------------------ names


def test_names_are_asked_of_the_servers_of_the_host(network, monkeypatch, tmp_path, udp_server):
    """Also when that is on the loopback, which the guest may not reach otherwise."""
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\nnameserver ::1\n")
    guest = network(resolver=Resolver(str(path)), LocalhostReachable=False)
    policy = guest.nat._policy
    real = policy.host_address
    monkeypatch.setattr(
        policy, "host_address",
        lambda address, port: (real(address, port)[0], udp_server) if port == 53 else None,
    )
    guest.send_udp(5353, (DNS, 53), b"query")
    packet, datagram = guest.datagrams.get(timeout=PATIENCE)
    assert (packet.source, datagram.source_port, datagram.payload) == (DNS, 53, b"yreuq")


def test_the_servers_are_read_again_when_they_change(tmp_path):
    path = tmp_path / "resolv.conf"
    resolver = Resolver(str(path))
    assert resolver.server() is None
    path.write_text("nameserver 192.0.2.1\nnameserver 192.0.2.2\n# nameserver 9.9.9.9\n")
    assert resolver.server() == "192.0.2.1"
    resolver.next_server()
    assert resolver.server() == "192.0.2.2"
    path.write_text("nameserver 192.0.2.77\ndomain example.net.\nnameserver\n")
    assert (resolver.server(), resolver.domain()) == ("192.0.2.77", "example.net")


# ------------------------------------------------------------------ TFTP


def tftp(guest, payload, port=3000):
    guest.send_udp(port, (TFTP, 69), payload)
    return guest.datagrams.get(timeout=PATIENCE)[1].payload


def test_a_file_by_tftp(network, tmp_path):
    data = bytes(range(250)) * 8  # 2000 bytes
    (tmp_path / "pxe.0").write_bytes(data)
    guest = network(TFTPPrefix=str(tmp_path))
    answer = tftp(guest, b"\0\1pxe.0\0octet\0blksize\0001000\0tsize\0000\0")
    assert answer == b"\0\6blksize\0001000\0tsize\0002000\0"
    got = b""
    for block in range(3):
        answer = tftp(guest, struct.pack("!HH", 4, block))
        assert answer[:4] == struct.pack("!HH", 3, block + 1)
        got += answer[4:]
    assert got == data
    assert len(answer) == 4  # the end of a file of whole blocks is an empty one


def test_nothing_outside_the_folder_by_tftp(network, tmp_path):
    folder = tmp_path / "tftp"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    guest = network(TFTPPrefix=str(folder))
    for name in (b"../secret", b"/../secret", b"link", b"..\\secret", b"", b"absent", b"a\xff"):
        assert tftp(guest, b"\0\1" + name + b"\0octet\0")[:4] == b"\0\5\0\1", name
    assert tftp(guest, b"\0\2new\0octet\0")[:4] == b"\0\5\0\2"


# ------------------------------------------------------------------ whatever a guest may send


def test_frames_from_nowhere_are_counted(network):
    guest = network()
    guest.send_udp(1, (GATEWAY, 9), b"x", source=ip("192.0.2.1"))
    guest.transmit(build_frame(ROUTER_MAC, MAC, ETHERTYPE_IP, b"\x45" + bytes(30)))
    guest.nat.transmit(bytes(20000))
    guest.ping(GATEWAY)
    guest.icmp.get(timeout=PATIENCE)
    statistics = guest.nat.statistics()
    assert (statistics["refused"], statistics["malformed"], statistics["overrun"]) == (1, 1, 1)
    assert guest.nat.activity().sent == statistics["bytes_out"] > 0


@pytest.fixture(scope="module")
def fuzzed():
    guest = FakeGuest(make_nat(LocalhostReachable=False))
    yield guest
    guest.nat.close()


def _still_alive(guest):
    guest.icmp.queue.clear()
    guest.ping(GATEWAY)
    assert guest.icmp.get(timeout=PATIENCE)
    assert guest.nat.statistics()["errors"] == 0


addresses = st.sampled_from([GATEWAY, DNS, TFTP, ME, ip("127.0.0.1"), b"\xff" * 4, bytes(4)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=10), st.sampled_from([0x800, 0x806, 0x86DD]))
def test_any_frame(fuzzed, payloads, kind):
    for payload in payloads:
        fuzzed.nat.transmit(payload)
        fuzzed.nat.transmit(ROUTER_MAC + MAC + kind.to_bytes(2, "big") + payload)
    _still_alive(fuzzed)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 6, 17, 2]), addresses, addresses, st.binary(max_size=100),
            st.integers(0, 3), st.sampled_from([0, 0x2000, 0x2001, 0x1FFF, 5]),
        ),
        max_size=10,
    )
)
def test_any_packet(fuzzed, packets):
    from engine.net.packets import checksum

    for protocol, source, destination, payload, identification, fragment in packets:
        head = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0,
            source, destination,
        )
        head = head[:10] + checksum(head).to_bytes(2, "big") + head[12:]
        fuzzed.nat.transmit(build_frame(ROUTER_MAC, MAC, ETHERTYPE_IP, head + payload))
    _still_alive(fuzzed)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([67, 69, 53]), st.binary(max_size=60), st.binary(max_size=60))
def test_any_message_to_a_service(fuzzed, port, start, tail):
    destination = {67: GATEWAY, 69: TFTP, 53: TFTP}[port]
    message = dhcp_message(1)[:-1] + tail if port == 67 else start + tail
    fuzzed.send_udp(68, (destination, port), message)
    _still_alive(fuzzed)


def test_nothing_is_delivered_without_a_receiver(network):
    guest = network()
    guest.nat.set_receiver(None)
    guest.ping(GATEWAY)
    guest.nat.set_receiver(guest.receive)
    guest.ping(GATEWAY, seq=2)
    answers = queue.Queue()
    answers.put(guest.icmp.get(timeout=PATIENCE))
    assert answers.get().payload[4:6] == b"\x12\x34"


def test_a_server_that_does_not_answer_is_passed_over(network, monkeypatch, tmp_path):
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.5\nnameserver 127.0.0.6\n")
    resolver = Resolver(str(path))
    guest = network(resolver=resolver)
    clock = [100.0]
    monkeypatch.setattr(guest.nat._loop, "now", lambda: clock[0])
    for seconds, server in ((0, "127.0.0.5"), (1, "127.0.0.5"), (2, "127.0.0.6")):
        clock[0] += seconds
        guest.send_udp(5353, (DNS, 53), b"query")
        guest.ping(GATEWAY)
        guest.icmp.get(timeout=PATIENCE)
        assert resolver.server() == server
