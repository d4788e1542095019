"""Internal networks: the switch, its process, and members that come, go and are killed."""

import os
import queue
import signal
import socket
import time

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError
from engine.net.errors import NetworkDriverError
from engine.net.hub import Hub, serve
from engine.net.intnet import InternalNetwork
from engine.net.membership import Hello
from engine.net.switch import Port, Promiscuity, Switch
from engine.pdm.driver import make_driver

A, B, C, HOST = (bytes.fromhex(f"08002700000{n}") for n in range(1, 5))
EVERYBODY = b"\xff" * 6
PATIENCE = 10


def frame(target, source, text=b""):
    return target + source + b"\x88\xb5" + text.ljust(46, b"\0")


def plugged(switch, mac, policy=Promiscuity.DENY, **more):
    got = []
    port = Port(got.append, mac, policy, **more)
    switch.add(port)
    return port, got


def test_who_gets_which_frame():
    switch = Switch()
    (a, at_a), (_, at_b), (_, at_c) = (plugged(switch, mac) for mac in (A, B, C))
    _, tap = plugged(switch, b"", Promiscuity.ALLOW_NETWORK)
    switch.forward(frame(B, A), a)
    assert (len(at_a), len(at_b), len(at_c), len(tap)) == (0, 1, 0, 1)
    switch.forward(frame(EVERYBODY, A), a)
    assert (len(at_a), len(at_b), len(at_c), len(tap)) == (0, 2, 1, 2)
    switch.forward(b"short", a)
    assert len(tap) == 2


def test_traffic_with_the_host_is_seen_by_who_may_see_all():
    switch = Switch()
    a, _ = plugged(switch, A)
    host, at_host = plugged(switch, HOST, is_host=True)
    _, network = plugged(switch, B, Promiscuity.ALLOW_NETWORK)
    _, everything = plugged(switch, C, Promiscuity.ALLOW_ALL)
    switch.forward(frame(HOST, A), a)
    switch.forward(frame(A, HOST), host)
    assert (len(at_host), len(network), len(everything)) == (1, 0, 2)


def test_a_port_has_the_address_of_its_last_frame():
    switch = Switch()
    a, at_a = plugged(switch, A)
    b, _ = plugged(switch, B)
    switch.forward(frame(EVERYBODY, C), a)
    switch.forward(frame(C, B), b)
    switch.forward(frame(A, B), b)
    assert at_a == [frame(C, B)]


class Member:
    def __init__(self, path, mac, policy="Deny"):
        node = Node("/Devices/e1000/0/LUN#0")
        node.set({"Driver": "IntNet"})
        node.child("Config").set({"Socket": path, "MAC": mac.hex(), "IfPolicyPromisc": policy})
        self.link = make_driver(node)
        self.mac = mac
        self.got = queue.Queue()
        self.link.set_receiver(self.got.put)

    def send(self, target, text=b""):
        self.link.transmit(frame(target, self.mac, text))


def reach(sender, receiver):
    """Send until it arrives: the link may be on its way up."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        sender.send(receiver.mac, b"hello")
        try:
            return receiver.got.get(timeout=0.1)
        except queue.Empty:
            continue
    raise AssertionError("no frame has arrived")


@pytest.fixture
def network(tmp_path):
    """Path of a network held by a thread, and a function that plugs members in."""
    path, members = str(tmp_path / "net"), []
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen()
    hub = Hub(listener, tmp_path / "net.json", linger=0.05)

    def plug(mac, policy="Deny"):
        members.append(Member(path, mac, policy))
        return members[-1]

    plug.hub, plug.path = hub, path
    yield plug
    for member in members:
        member.link.close()
        member.link.close()
    hub.close()


def test_members_talk(network):
    a, b, c = network(A), network(B), network(C)
    assert reach(a, b) == frame(B, A, b"hello")
    reach(b, a)
    reach(a, c)
    a.send(B, b"x" * 9000)
    while len(got := b.got.get(timeout=PATIENCE)) < 9000:
        pass
    assert got == frame(B, A, b"x" * 9000)


def test_the_policy_changes_while_plugged_in(network):
    a, b, c = network(A), network(B), network(C)
    reach(a, b)
    reach(a, c)
    c.link.set_policy(Promiscuity.ALLOW_NETWORK)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        a.send(B, b"overheard")
        try:
            if c.got.get(timeout=0.1) == frame(B, A, b"overheard"):
                return
        except queue.Empty:
            continue
    raise AssertionError("nothing was overheard")


def test_the_process_leaves_after_its_last_member(network):
    a, b = network(A), network(B)
    reach(a, b)
    a.link.close()
    assert not network.hub.left.wait(0.2)
    b.link.close()
    assert network.hub.left.wait(PATIENCE)


@pytest.mark.parametrize(
    "data", [b"\0\0\0\4evil", b"\xff\xff\xff\xff", b"\0\0\0\12VN\2\0" + A, b"\0\0\0\12VN\1\3" + A]
)
def test_who_does_not_speak_the_protocol_is_thrown_out(network, data):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.connect(network.path)
        end.settimeout(PATIENCE)
        end.sendall(data)
        assert end.recv(1) == b""
    reach(network(A), network(B))


def test_a_member_that_does_not_read_holds_nobody_up(network):
    a, b = network(A), network(B)
    reach(a, b)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.connect(network.path)
        hello = Hello(C, Promiscuity.ALLOW_ALL).pack()
        end.sendall(len(hello).to_bytes(4, "big") + hello)
        for _ in range(400):
            a.send(EVERYBODY, b"y" * 8000)
            time.sleep(0.0005)
        reach(a, b)


def test_a_network_survives_its_process(tmp_path):
    """The first member starts the process; when that is killed, members start another."""
    path = str(tmp_path / "net")
    a, b = Member(path, A), Member(path, B)
    try:
        reach(a, b)
        processes = [each.link._process for each in (a, b)]
        holder = next(each for each in processes if each is not None and each.poll() is None)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(PATIENCE)
        while not b.got.empty():
            b.got.get()
        reach(a, b)
    finally:
        for member in (a, b):
            process = member.link._process
            member.link.close()
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(PATIENCE)


def test_one_process_holds_a_network(tmp_path):
    import fcntl

    path = str(tmp_path / "net")
    with open(f"{path}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert serve(path) is False
    assert not os.path.exists(path)


def test_settings_that_are_wrong_are_told(tmp_path):
    node = Node("/LUN#0").set({"Driver": "IntNet"})
    config = node.child("Config")
    for wrong in ({"MAC": "0800"}, {"MAC": "zz"}, {"IfPolicyPromisc": "Sometimes"}):
        config.values.clear()
        config.set({"Socket": str(tmp_path / "net"), **wrong})
        with pytest.raises(ConfigurationError):
            make_driver(node)
    with pytest.raises(NetworkDriverError):
        InternalNetwork("/" + "x" * 200, A, Promiscuity.DENY)
