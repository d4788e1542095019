"""Lines to sockets and terminals, with peers that come, go and do not read."""

import os
import socket
import termios
import time

import pytest

from engine.cfgm import Node
from engine.hostio.errors import CharacterDriverError
from engine.hostio.lines import Line, open_pipe, open_tcp
from engine.hostio.serialdevice import open_device
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import CharacterSink, CharacterSource
from engine.pdm.serialline import CONNECTED, LineSettings, ModemInput, SerialLine
from tests.engine.bench import Bench, tree


class Collector:
    def __init__(self, line):
        self.data = bytearray()
        line.set_receiver(self.data.extend)

    def wait_for(self, wanted):
        end = time.monotonic() + 5
        while bytes(self.data) != wanted:
            assert time.monotonic() < end, bytes(self.data)
            time.sleep(0.002)


@pytest.fixture
def lines():
    opened = []

    def keep(line):
        opened.append(line)
        return line

    yield keep
    for line in opened:
        line.close()
        line.close()


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_until(line, peer, data):
    """The connection is noticed a moment after it was made; before that bytes are dropped."""
    peer.settimeout(0.05)
    end = time.monotonic() + 5
    while time.monotonic() < end:
        line.write(data)
        try:
            return peer.recv(100)
        except TimeoutError:
            continue
    raise AssertionError("nothing came")


def test_pipe_server_serves_one_peer_after_the_other(tmp_path, lines):
    path = str(tmp_path / "com1")
    line = lines(open_pipe(path, server=True))
    assert isinstance(line, CharacterSink)
    assert isinstance(line, CharacterSource)
    line.write(b"nobody hears this")
    received = Collector(line)
    for text in (b"first", b"second"):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(path)
            assert write_until(line, peer, b"x").startswith(b"x")
            peer.sendall(text)
            received.wait_for({b"first": b"first", b"second": b"firstsecond"}[text])
    line.close()
    assert not os.path.exists(path)


def test_pipe_client_talks_and_survives_the_end_of_its_server(tmp_path, lines):
    path = str(tmp_path / "com1")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen(1)
        line = lines(open_pipe(path, server=False))
        received = Collector(line)
        peer, _ = server.accept()
        with peer:
            line.write(b"hello")
            assert peer.recv(100) == b"hello"
            peer.sendall(b"well")
            received.wait_for(b"well")
    time.sleep(0.05)
    line.write(b"into the void")


def test_stale_socket_is_replaced_and_a_living_one_is_not(tmp_path, lines):
    path = str(tmp_path / "com1")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    lines(open_pipe(path, server=True))
    with pytest.raises(CharacterDriverError, match="in use"):
        open_pipe(path, server=True)
    assert os.path.exists(path)


def test_a_file_in_the_place_of_a_pipe_is_left_alone(tmp_path):
    path = tmp_path / "notes"
    path.write_text("keep me")
    with pytest.raises(CharacterDriverError, match="in use"):
        open_pipe(str(path), server=True)
    assert path.read_text() == "keep me"


def test_tcp_server_and_client_meet(lines):
    port = unused_port()
    server = lines(open_tcp(str(port), server=True))
    client = lines(open_tcp(f"127.0.0.1:{port}", server=False))
    heard = Collector(server)
    client.write(b"ping")
    heard.wait_for(b"ping")


@pytest.mark.parametrize("address", ["", "host", "host:0", "host:70000", "1.2.3.4:http"])
def test_bad_tcp_addresses_are_named(address):
    with pytest.raises(CharacterDriverError, match="not the address of a TCP port"):
        open_tcp(address, server=False)


def test_nobody_listens(tmp_path):
    with pytest.raises(CharacterDriverError, match="refused"):
        open_tcp(f"127.0.0.1:{unused_port()}", server=False)
    with pytest.raises(CharacterDriverError, match="No such file"):
        open_pipe(str(tmp_path / "nowhere"), server=False)


def test_a_peer_that_does_not_read_costs_bytes_but_no_time(tmp_path, lines):
    path = str(tmp_path / "com1")
    line = lines(open_pipe(path, server=True))
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        write_until(line, peer, b"x")
        before = time.monotonic()
        for _ in range(64):
            line.write(bytes(1 << 16))
        assert time.monotonic() - before < 2
        assert line.lost > 0


def test_host_device_is_a_terminal_in_raw_mode(lines, tmp_path):
    leader, follower = os.openpty()
    line = lines(open_device(os.ttyname(follower)))
    received = Collector(line)
    os.write(leader, b"\r\n\x03")
    received.wait_for(b"\r\n\x03")
    line.write(b"\n")
    assert os.read(leader, 10) == b"\n"
    os.close(leader)
    os.close(follower)
    (tmp_path / "file").touch()
    with pytest.raises(CharacterDriverError, match="not a character device"):
        open_device(str(tmp_path / "file"))


def test_drivers_by_name(tmp_path, lines):
    node = Node()
    node.set({"Driver": "NamedPipe"})
    node.child("Config").set({"Location": str(tmp_path / "p"), "IsServer": True})
    assert isinstance(lines(make_driver(node)), Line)


def test_bytes_of_a_line_reach_the_guest(tmp_path, lines):
    path = str(tmp_path / "com1")
    line = lines(open_pipe(path, server=True))
    bench = Bench(tree(i8259={}, serial={}), attachments={("serial/0", 0): line}, real_pic=True)
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        peer.sendall(b"A")
        end = time.monotonic() + 5
        while not bench.inb(0x3FD) & 1:
            assert time.monotonic() < end
            bench.advance(10**6)
            time.sleep(0.002)
    assert bench.inb(0x3F8) == 0x41


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_a_client_connects_again_when_its_server_is_back(lines, monkeypatch):
    monkeypatch.setattr("engine.hostio.lines._RECONNECT_SECONDS", 0.01)
    port = unused_port()
    server = open_tcp(str(port), server=True)
    client = lines(open_tcp(f"127.0.0.1:{port}", server=False))
    received = Collector(client)
    heard = Collector(server)
    client.write(b"before")
    heard.wait_for(b"before")
    server.close()
    again = lines(open_tcp(str(port), server=True))
    heard = Collector(again)
    wait_until(lambda: client.write(b"x") or heard.data)
    again.write(b"welcome")
    received.wait_for(b"welcome")


def test_a_terminal_gets_the_settings_of_the_port_and_has_no_modem_lines(lines, monkeypatch):
    master, slave = os.openpty()
    set_attributes = termios.tcsetattr
    wanted = []

    def record(descriptor, when, attributes):
        wanted.append(attributes[2])  # a pseudo-terminal takes them, and has always eight bits
        set_attributes(descriptor, when, attributes)

    try:
        line = lines(open_device(os.ttyname(slave)))
        assert isinstance(line, SerialLine)
        told = []
        line.set_modem_receiver(told.append)
        wait_until(lambda: told)
        assert told == [CONNECTED]
        line.set_outputs(dtr=True, rts=True, sending_break=False)
        monkeypatch.setattr(termios, "tcsetattr", record)
        line.set_settings(LineSettings(4800, 7, "odd", 2))
        wait_until(lambda: termios.tcgetattr(slave)[5] == termios.B4800)
        (flags,) = wanted
        assert flags & termios.CSIZE == termios.CS7
        assert flags & (termios.PARENB | termios.PARODD) == termios.PARENB | termios.PARODD
        assert flags & termios.CSTOPB
        line.set_settings(LineSettings(12345, 8, "none", 1))  # no terminal has that speed
        line.write(b"still there")
        wait_until(lambda: os.read(master, 100) == b"still there")
    finally:
        os.close(slave)
        os.close(master)


def test_modem_lines_are_told_when_they_change(lines, monkeypatch):
    inputs = [ModemInput.CTS]
    driven = []
    monkeypatch.setattr("engine.hostio.serialdevice._read_inputs", lambda _descriptor: inputs[0])
    monkeypatch.setattr(
        "engine.hostio.serialdevice._apply_outputs", lambda _descriptor, *lines: driven.append(lines)
    )
    master, slave = os.openpty()
    try:
        line = lines(open_device(os.ttyname(slave)))
        told = []
        line.set_modem_receiver(told.append)
        wait_until(lambda: told == [ModemInput.CTS])
        inputs[0] = ModemInput.CTS | ModemInput.DCD
        wait_until(lambda: told[1:] == [ModemInput.CTS | ModemInput.DCD])
        line.set_outputs(dtr=True, rts=False, sending_break=True)
        wait_until(lambda: driven == [(True, False, True)])
    finally:
        os.close(slave)
        os.close(master)
