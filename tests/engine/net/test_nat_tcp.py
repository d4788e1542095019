"""TCP through the NAT: from the guest to servers of the host, and through forwarded ports."""

import os
import queue
import random
import socket
import time

import pytest

from engine.net.config import Forward
from engine.net.errors import NetworkDriverError
from engine.net.loop import READ, Loop
from engine.net.packets import (
    ACK,
    ETHERTYPE_IP,
    RST,
    SYN,
    TCP,
    Segment,
    build_frame,
    build_tcp,
    build_tcp_packet,
    parse_ip,
)
from tests.engine.net.conftest import echo
from tests.engine.net.fakeguest import GATEWAY, MAC, MASK, ME, PATIENCE, ip

BULK = random.Random(5).randbytes(5 << 20)


def unused_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition):
    end = time.monotonic() + 6 * PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def open_connections(guest):
    return guest.nat.statistics()["tcp_connections"]


def test_echo_and_an_orderly_end(network, server):
    guest = network()
    end = guest.connect((GATEWAY, server(echo)))
    end.send(b"hello")
    assert end.read(5) == b"hello"
    end.finish()
    end.wait(lambda: end.finished)
    wait_until(lambda: open_connections(guest) == 0)
    assert not end.reset


def test_a_refused_connection_is_reset(network):
    guest = network()
    assert guest.connect((GATEWAY, unused_port())).reset
    assert open_connections(guest) == 0


def test_the_loopback_is_closed_unless_asked_for(network, server):
    guest = network(LocalhostReachable=False)
    port = server(echo)
    assert guest.connect((GATEWAY, port)).reset
    for address in ("127.0.0.1", "127.1.2.3", "0.0.0.0", "169.254.169.254", "224.0.0.1"):
        assert guest.connect((ip(address), port)).reset
    assert guest.nat.statistics()["refused"] == 6


@pytest.mark.parametrize("loss", [0.0, 0.004])
def test_bulk_to_the_host(network, server, loss):
    received = queue.Queue()

    def serve(end):
        data = bytearray()
        while piece := end.recv(65536):
            data += piece
        received.put(bytes(data))

    guest = network(loss=loss)
    end = guest.connect((GATEWAY, server(serve)))
    end.send(BULK)
    end.finish()
    assert received.get(timeout=PATIENCE) == BULK


@pytest.mark.parametrize("loss", [0.0, 0.004])
def test_bulk_to_the_guest(network, server, loss):
    guest = network(loss=loss)
    end = guest.connect((GATEWAY, server(lambda peer: peer.sendall(BULK))))
    assert end.read(len(BULK) + 1) == BULK
    assert end.finished


def test_packets_that_are_longer_than_frames(network, server):
    """What an adapter takes whole is not cut; what it gives whole is taken."""
    guest = network()
    guest.takes_packets = True
    taken = []

    def serve(end):
        end.sendall(BULK)
        end.shutdown(socket.SHUT_WR)
        taken.append(b"".join(iter(lambda: end.recv(65536), b"")))

    end = guest.connect((GATEWAY, server(serve)))
    assert end.read(len(BULK)) == BULK
    assert guest.packets > len(BULK) // 65536
    packet = build_tcp_packet(
        ME, GATEWAY,
        Segment(end.port, end.remote_port, end.next, end.expected, ACK, 9000, BULK[:50000]),
    )
    end.next = end.next + 50000 & MASK  # before the answer can come
    guest.nat.transmit_packet(build_frame(guest.router, MAC, ETHERTYPE_IP, packet))
    end.wait(lambda: end.una == end.next)
    end.finish()
    wait_until(lambda: taken)
    assert taken == [BULK[:50000]]
    guest.nat.transmit_packet(bytes(70000))
    assert guest.nat.statistics()["overrun"] == 1


def test_scaled_windows(network, server):
    """More than 64 KiB is on its way to a guest that allows it, and no more than it has room for."""
    guest = network()
    guest.takes_packets = True
    taken = queue.Queue()

    def serve(end):
        end.sendall(BULK)
        taken.put(b"".join(iter(lambda: end.recv(65536), b"")))

    end = guest.connect((GATEWAY, server(serve)), window=300_000, shift=5)
    end.wait(lambda: len(end.data) > 250_000)
    assert end.read(len(BULK)) == BULK
    end.send(BULK)
    assert end.peer_window > 65535
    end.finish()
    assert taken.get(timeout=PATIENCE) == BULK


def test_a_host_that_does_not_read_closes_the_window(network, server):
    go = queue.Queue()
    received = queue.Queue()

    def serve(end):
        go.get(timeout=PATIENCE)
        data = bytearray()
        while piece := end.recv(65536):
            data += piece
        received.put(bytes(data))

    guest = network(SocketReceiveBuffer=16, SocketSendBuffer=16)
    end = guest.connect((GATEWAY, server(serve)))
    first = end.una
    with pytest.raises(AssertionError):
        end.send(BULK, patience=1.5)
    assert end.peer_window == 0
    go.put(None)
    end.wait(lambda: end.peer_window > 0)
    taken = end.una - first & MASK
    end.send(BULK[taken:])
    end.finish()
    assert received.get(timeout=PATIENCE) == BULK


def test_a_guest_that_does_not_read_holds_the_host_back(network, server):
    sent = []

    def serve(end):
        end.settimeout(1.0)
        try:
            while sum(sent) < 64 << 20:
                sent.append(end.send(BULK[:65536]))
        except TimeoutError:
            end.settimeout(20)
        end.shutdown(socket.SHUT_WR)
        end.recv(1)

    guest = network()
    end = guest.connect((GATEWAY, server(serve)), window=8000)
    time.sleep(1.5)
    assert sum(sent) < 32 << 20
    assert len(end.data) <= 8000
    # The window opens: what was held back comes, in order.
    total = sum(sent)
    data = end.read(total + 1)
    assert len(data) == total
    assert data[:65536] == BULK[:65536]
    end.abort()


class EchoServer:
    """Echoes what comes on all connections, on one thread."""

    def __init__(self):
        self.loop = Loop("echo", lambda: None)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.loop.post(lambda: self.loop.watch(self.listener, READ, self._accept))
        self.ends = set()
        self.loop.start()

    def _accept(self, _events):
        end, _ = self.listener.accept()
        self.ends.add(end)
        self.loop.watch(end, READ, lambda _events: self._echo(end))

    def _echo(self, end):
        try:
            data = end.recv(100)
        except ConnectionResetError:
            data = b""
        if data:
            end.sendall(data)
        else:
            self.loop.close(end)
            self.ends.remove(end)

    def close(self):
        self.loop.stop()
        for end in (self.listener, *self.ends):
            end.close()


@pytest.fixture
def echo_server():
    made = EchoServer()
    yield made
    made.close()


def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0


@pytest.fixture
def many_descriptors():
    """Room for both ends of a thousand connections; skips where the host does not give it."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < 4096:
        if hard != resource.RLIM_INFINITY and hard < 4096:
            pytest.skip(f"this account may have {hard} open files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_a_thousand_connections(network, echo_server):
    guest = network()
    before = descriptors()
    ends = [guest.connect((GATEWAY, echo_server.port)) for _ in range(1000)]
    for number, end in enumerate(ends):
        end.send(b"%04d" % number)
    for number, end in enumerate(ends):
        assert end.read(4) == b"%04d" % number
    assert open_connections(guest) == 1000
    for end in ends:
        end.abort()
    wait_until(lambda: open_connections(guest) == 0 and not echo_server.ends)
    assert descriptors() == before


def test_half_open_connections_are_given_up(network, echo_server, monkeypatch):
    """A guest that sends nothing but SYN gets its answers for a while, and leaves nothing behind."""
    guest = network()
    before = descriptors()
    late = [0.0]
    usual = guest.nat._loop.now
    monkeypatch.setattr(guest.nat._loop, "now", lambda: usual() + late[0])
    for port in range(1000, 1300):
        syn = Segment(port, echo_server.port, 5, 0, SYN, 9000, b"", 1460)
        guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, syn))
    answered = set()
    while len(answered) < 300:
        segment = guest.strays.get(timeout=PATIENCE)
        assert segment.flags == SYN | ACK
        answered.add(segment.destination_port)
    assert open_connections(guest) == 300

    def given_up():
        late[0] += 10.0
        guest.ping(GATEWAY)  # whatever wakes the loop
        return open_connections(guest) == 0 and not echo_server.ends

    wait_until(given_up)
    assert descriptors() == before


def test_the_limit_of_connections(network, server):
    guest = network(MaxConnections=3)
    port = server(echo)
    ends = [guest.connect((GATEWAY, port)) for _ in range(4)]
    assert [end.reset for end in ends] == [False, False, False, True]
    assert guest.nat.statistics()["limited"] == 1
    for end in ends:
        end.abort()


def test_half_closed_by_the_guest(network, server):
    def serve(end):
        data = b"".join(iter(lambda: end.recv(100), b""))
        end.sendall(data[::-1])

    guest = network()
    end = guest.connect((GATEWAY, server(serve)))
    end.send(b"abc")
    end.finish()
    assert end.read(4) == b"cba"
    assert end.finished
    wait_until(lambda: open_connections(guest) == 0)


def test_half_closed_by_the_host(network, server):
    received = queue.Queue()

    def serve(end):
        end.shutdown(socket.SHUT_WR)
        received.put(b"".join(iter(lambda: end.recv(100), b"")))

    guest = network()
    end = guest.connect((GATEWAY, server(serve)))
    end.wait(lambda: end.finished)
    end.send(b"later")
    end.finish()
    assert received.get(timeout=PATIENCE) == b"later"
    wait_until(lambda: open_connections(guest) == 0)


def test_a_reset_by_the_guest_reaches_the_host(network, server):
    seen = queue.Queue()

    def serve(end):
        end.sendall(b"x")
        try:
            seen.put(end.recv(10))
        except ConnectionResetError:
            seen.put("reset")

    guest = network()
    end = guest.connect((GATEWAY, server(serve)))
    assert end.read(1) == b"x"
    end.abort()
    assert seen.get(timeout=PATIENCE) == "reset"
    wait_until(lambda: open_connections(guest) == 0)


def test_a_reset_by_the_host_reaches_the_guest(network, server):
    def serve(end):
        end.recv(1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    guest = network()
    end = guest.connect((GATEWAY, server(serve)))
    end.send(b"x")
    end.wait(lambda: end.reset)
    wait_until(lambda: open_connections(guest) == 0)


def test_a_segment_without_connection_is_answered_by_reset(network):
    guest = network()
    segment = Segment(5, 6, 100, 777, ACK, 1000, b"abc")
    guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, segment))
    answer = guest.strays.get(timeout=PATIENCE)
    assert (answer.flags, answer.seq) == (RST, 777)


def test_a_guest_that_was_reset_may_use_the_same_port_again(network, server):
    """Its SYN is answered by what the old connection expects; the guest's RST ends that."""
    guest = network()
    port = server(echo)
    old = guest.connect((GATEWAY, port))
    del guest.sockets[old.port, GATEWAY, port]
    syn = Segment(old.port, port, old.next + 1_000_000 & 0xFFFFFFFF, 0, SYN, 1000, b"", 1460)
    guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, syn))
    challenge = guest.strays.get(timeout=PATIENCE)
    assert (challenge.flags, challenge.ack) == (ACK, old.next)
    reset = Segment(old.port, port, challenge.ack, 0, RST, 0, b"")
    guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, reset))
    wait_until(lambda: open_connections(guest) == 0)
    guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, syn))
    assert guest.strays.get(timeout=PATIENCE).flags == SYN | ACK


# ------------------------------------------------------------------ forwarded ports


def rule(port, name="web", protocol="tcp", guest_port=80):
    return f"{name},{protocol},127.0.0.1,{port},,{guest_port}"


def test_a_forwarded_port(network):
    port = unused_port()
    guest = network(Forwards=rule(port))
    waiting = guest.listen(80)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as visitor:
        end = waiting.get(timeout=PATIENCE)
        end.wait(lambda: end.established)
        assert end.remote == GATEWAY
        visitor.sendall(b"question")
        assert end.read(8) == b"question"
        end.send(BULK[:100_000])
        data = b""
        while len(data) < 100_000:
            data += visitor.recv(65536)
        assert data == BULK[:100_000]
        end.finish()
        assert visitor.recv(1) == b""


def test_a_forwarded_port_where_nobody_listens(network):
    port = unused_port()
    guest = network(Forwards=rule(port))
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as visitor:
        syn = guest.strays.get(timeout=PATIENCE)
        reset = Segment(80, syn.source_port, 0, syn.seq + 1, RST | ACK, 0, b"")
        guest.send_ip(TCP, GATEWAY, build_tcp(ME, GATEWAY, reset))
        with pytest.raises(ConnectionResetError):
            visitor.recv(1)


def test_rules_come_and_go(network):
    guest = network()
    port = unused_port()
    guest.nat.add_forward(Forward.parse(rule(port)))
    assert [forward.name for forward in guest.nat.forwards()] == ["web"]
    with pytest.raises(NetworkDriverError, match="already a forwarding rule named 'web'"):
        guest.nat.add_forward(Forward.parse(rule(port)))
    with pytest.raises(NetworkDriverError, match=f"TCP port 127.0.0.1:{port} of the .* 'other'"):
        guest.nat.add_forward(Forward.parse(rule(port, "other")))
    waiting = guest.listen(80)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as visitor:
        end = waiting.get(timeout=PATIENCE)
        guest.nat.remove_forward("web")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        visitor.sendall(b"still here")
        assert end.read(10) == b"still here"
    with pytest.raises(NetworkDriverError, match="no forwarding rule named 'web'"):
        guest.nat.remove_forward("web")
    guest.nat.add_forward(Forward.parse(rule(port)))


def test_a_port_that_is_taken_does_not_keep_the_machine_from_starting(network, caplog):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        guest = network(Forwards=rule(taken.getsockname()[1]))
    assert guest.nat.forwards() == []
    assert "forwarding rule 'web' cannot be used" in caplog.text


def test_closing_ends_everything(network, server):
    port = unused_port()
    guest = network(Forwards=rule(port))
    end = guest.connect((GATEWAY, server(echo)))
    guest.nat.close()
    end.wait(lambda: end.reset)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with pytest.raises(NetworkDriverError, match="not connected any more"):
        guest.nat.add_forward(Forward.parse(rule(port)))
    guest.nat.transmit(bytes(60))


def test_an_unreachable_network_is_told_by_icmp(network, monkeypatch):
    """Whatever the host's network is, a failing connect must reach the guest as ICMP."""
    import errno

    guest = network()
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: errno.ENETUNREACH)
    syn = Segment(5, 80, 100, 0, SYN, 1000, b"", 1460)
    guest.send_ip(TCP, ip("198.51.100.1"), build_tcp(ME, ip("198.51.100.1"), syn))
    packet = guest.icmp.get(timeout=PATIENCE)
    assert packet.payload[:2] == b"\x03\x01"
    assert parse_ip(packet.payload[8:28].ljust(28, b"\0") + bytes(40)) is not None


def test_what_the_guest_sent_last_reaches_a_slow_host(network, server):
    """Both ends have closed in order, and the host reads only then."""
    go, received = queue.Queue(), queue.Queue()

    def serve(end):
        end.shutdown(socket.SHUT_WR)
        go.get(timeout=PATIENCE)
        received.put(b"".join(iter(lambda: end.recv(65536), b"")))

    guest = network(SocketSendBuffer=16)
    end = guest.connect((GATEWAY, server(serve)))
    end.wait(lambda: end.finished)
    first = end.una
    with pytest.raises(AssertionError):
        end.send(BULK, patience=1.0)
    # The window is closed: end what has been taken, by a FIN that lies just behind it.
    taken = end.una - first & MASK
    with end.changed:
        end.next = end.una
    go.put(None)
    end.finish()
    assert received.get(timeout=PATIENCE) == BULK[:taken]
    wait_until(lambda: open_connections(guest) == 0)
    assert not end.reset
