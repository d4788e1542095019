"""Frames over a socket are those of ``multiprocessing.connection``, in both directions."""

from __future__ import annotations

import multiprocessing.connection
import socket
import struct
import threading

import pytest

from app.api import connection as module
from app.api.connection import SocketConnection, open_connection


@pytest.fixture
def pair():
    """Our end, and the other as the service has it."""
    ours, theirs = socket.socketpair()
    mine = SocketConnection(ours)
    other = multiprocessing.connection.Connection(theirs.detach())
    yield mine, other
    mine.close()
    other.close()


@pytest.mark.parametrize("size", [0, 1, 16384, 16385, 3 << 20])
def test_frames_of_any_size_go_both_ways(pair, size):
    mine, other = pair
    data = bytes(range(256)) * (size // 256 + 1)
    for sender, receiver in ((mine, other), (other, mine)):
        thread = threading.Thread(target=sender.send_bytes, args=(data[:size],))
        thread.start()
        assert receiver.recv_bytes(4 << 20) == data[:size]
        thread.join(10)


def test_long_frames_have_the_long_header(pair, monkeypatch):
    mine, other = pair
    monkeypatch.setattr(module, "_LARGEST_SHORT", 3)
    mine.send_bytes(b"12345")
    assert other.recv_bytes() == b"12345"
    # As multiprocessing writes frames of more than 2 GiB.
    other_end = socket.socket(fileno=other.fileno())
    other_end.sendall(struct.pack("!iQ", -1, 5) + b"54321")
    other_end.detach()
    assert mine.recv_bytes(10) == b"54321"


@pytest.mark.parametrize("header", [struct.pack("!i", 11), struct.pack("!i", -2), struct.pack("!iQ", -1, 2**40)])
def test_frames_over_the_limit_are_refused_and_nothing_is_read_after_them(pair, header):
    mine, other = pair
    other_end = socket.socket(fileno=other.fileno())
    other_end.sendall(header)
    other_end.detach()
    assert mine.readable
    with pytest.raises(OSError, match="bytes is not allowed"):
        mine.recv_bytes(10)
    assert not mine.readable


def test_the_end_is_told(pair):
    mine, other = pair
    assert not mine.poll(0)
    other.send_bytes(b"x")
    assert mine.poll(10)
    assert mine.recv_bytes(10) == b"x"
    other.close()
    with pytest.raises(EOFError):
        mine.recv_bytes(10)
    mine.close()
    assert mine.closed


def test_a_frame_that_ends_in_its_middle_is_the_end():
    ours, theirs = socket.socketpair()
    mine = SocketConnection(ours)
    theirs.sendall(struct.pack("!i", 5) + b"12")
    theirs.close()
    with pytest.raises(EOFError):
        mine.recv_bytes(10)
    mine.close()


def test_a_listener_of_multiprocessing_is_reached(tmp_path):
    path = str(tmp_path / "s")
    with multiprocessing.connection.Listener(path, "AF_UNIX") as listener:
        mine = open_connection(path, "AF_UNIX")
        with listener.accept() as other:
            mine.send_bytes(b"hello")
            assert other.recv_bytes() == b"hello"
        mine.close()
    with pytest.raises(OSError, match="No such file|refused"):
        open_connection(path, "AF_UNIX")
