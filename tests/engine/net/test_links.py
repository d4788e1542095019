"""Generic drivers (UDP tunnel, QEMU's streams) and the capture of frames."""

import queue
import socket
import struct
import time

import pytest

from engine.cfgm import Node
from engine.errors import ConfigurationError, EngineError
from engine.net.capture import CapturedLink, CaptureFile
from engine.net.errors import NetworkDriverError
from engine.pdm.driver import make_driver
from engine.pdm.interfaces import NetworkLink
from tests.engine.net.test_intnet import A, B, frame

PATIENCE = 10


@pytest.fixture
def plug():
    """Make links with their received frames; all are closed in the end."""
    links = []

    def make(driver, **settings):
        node = Node("/Devices/e1000/0/LUN#0").set({"Driver": driver})
        node.child("Config").set(settings)
        link = make_driver(node)
        assert isinstance(link, NetworkLink)
        links.append(link)
        got = queue.Queue()
        link.set_receiver(got.put)
        return link, got

    yield make
    for link in links:
        link.close()
        link.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_udp_tunnel(plug):
    ours, theirs = free_port(), free_port()
    link, got = plug("UDPTunnel", sport=str(ours), dest="127.0.0.1", dport=str(theirs))
    link.transmit(frame(B, A, b"refused: nobody is there yet"))
    time.sleep(0.05)
    _, other = plug("UDPTunnel", sport=str(theirs), dest="127.0.0.1", dport=str(ours))
    link.transmit(frame(B, A, b"there"))
    while other.get(timeout=PATIENCE) != frame(B, A, b"there"):
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(frame(A, B, b"stranger"), ("127.0.0.1", ours))
    with pytest.raises(queue.Empty):
        got.get(timeout=0.1)


@pytest.mark.parametrize("family", ["unix", "tcp"])
def test_stream_of_qemu(plug, tmp_path, family):
    if family == "unix":
        path = str(tmp_path / "qemu")
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen()
        link, got = plug("QEMUStream", path=path)
    else:
        listener = socket.create_server(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
        link, got = plug("QEMUStream", dest="127.0.0.1", dport=port)
    listener.settimeout(PATIENCE)
    with listener:
        for round_ in (b"first", b"after it went"):
            end, _ = listener.accept()
            with end:
                end.settimeout(PATIENCE)
                sent = frame(A, B, round_)
                packed = len(sent).to_bytes(4, "big") + sent
                end.sendall(packed[:9])
                time.sleep(0.01)
                end.sendall(packed[9:] + packed)
                assert [got.get(timeout=PATIENCE) for _ in range(2)] == [sent, sent]
                link.transmit(frame(B, A, round_))
                data = b""
                while len(data) < 4 + len(sent):
                    data += end.recv(4096)
                assert data == len(sent).to_bytes(4, "big") + frame(B, A, round_)


@pytest.mark.parametrize(
    ("driver", "settings"),
    [
        ("UDPTunnel", {"sport": "5000", "dport": "5001"}),
        ("UDPTunnel", {"sport": "0", "dest": "127.0.0.1", "dport": "5001"}),
        ("UDPTunnel", {"sport": "x", "dest": "127.0.0.1", "dport": "5001"}),
        ("QEMUStream", {}),
        ("QEMUStream", {"path": "/a", "dest": "b"}),
        ("QEMUStream", {"dest": "b"}),
        ("QEMUStream", {"path": "/" + "a" * 200}),
    ],
)
def test_properties_that_are_wrong_are_told(plug, driver, settings):
    with pytest.raises(ConfigurationError):
        plug(driver, **settings)


def test_a_port_that_is_taken_is_told(plug, tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        port = str(taken.getsockname()[1])
        capture = str(tmp_path / "x.pcap")
        with pytest.raises(NetworkDriverError, match=port):
            plug("UDPTunnel", sport=port, dest="127.0.0.1", dport="9", Capture=capture)


def records_of(path):
    data = path.read_bytes()
    assert struct.unpack_from("<IHHiIII", data) == (0xA1B23C4D, 2, 4, 0, 0, 1 << 18, 1)
    at, found = 24, []
    while at < len(data):
        seconds, nanoseconds, kept, length = struct.unpack_from("<IIII", data, at)
        assert abs(seconds - time.time()) < 600
        assert nanoseconds < 1_000_000_000
        assert kept == length
        found.append(data[at + 16 : at + 16 + kept])
        at += 16 + kept
    return found


def test_frames_both_ways_are_captured(plug, tmp_path):
    file = tmp_path / "trace.pcap"
    listener = socket.create_server(("127.0.0.1", 0))
    port = str(listener.getsockname()[1])
    link, got = plug("QEMUStream", dest="127.0.0.1", dport=port, Capture=str(file))
    with listener, listener.accept()[0] as end:
        answer = frame(A, B, b"in")
        end.sendall(len(answer).to_bytes(4, "big") + answer)
        assert got.get(timeout=PATIENCE) == answer
        link.transmit(frame(B, A, b"out"))
        assert end.recv(4096)[4:] == frame(B, A, b"out")
        link.close()
    assert records_of(file) == [answer, frame(B, A, b"out")]


def test_a_capture_that_cannot_be_made_is_told(tmp_path):
    with pytest.raises(EngineError, match="No such file"):
        CaptureFile(str(tmp_path / "none" / "trace.pcap"))


def test_the_network_goes_on_when_the_disk_is_full():
    class Inner:
        def __init__(self):
            self.sent = []

        def transmit(self, frame):
            self.sent.append(frame)

        def set_receiver(self, receiver):
            pass

    inner = Inner()
    link = CapturedLink(inner, CaptureFileOnFullDisk("/dev/full"))
    for _ in range(3):
        link.transmit(b"x" * 70000)
    assert len(inner.sent) == 3
    link.close()


class CaptureFileOnFullDisk(CaptureFile):
    """One whose head went through before the disk was full."""

    def __init__(self, path):
        super().__init__("/dev/null")
        self._file.close()
        self._file = open(path, "wb")  # noqa: SIM115
