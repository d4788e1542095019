"""Clients that lie, stall, come in crowds or vanish hurt nobody and leave nothing behind."""

import contextlib
import logging
import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.vrde import server as vrde_server
from tests.app.vrde.client import RAW, TIGHT, Client
from tests.app.vrde.fixtures import Host, serving

SECONDS = 10


def wait_until(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    properties = {"Security/Method": "Negotiate"}
    folder = tmp_path_factory.mktemp("m")
    with serving(Host(), folder, allow_multi_connection=True, properties=properties) as server:
        yield server.info().port


def throw(port, data):
    """Send bytes and read until the server has had enough of them."""
    with (
        contextlib.suppress(ConnectionError),
        socket.create_connection(("127.0.0.1", port), SECONDS) as raw,
    ):
        raw.sendall(data)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(1 << 16):
            pass


def still_serves(port, caplog):
    with Client(port) as client:
        client.picture()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


FUZZ = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@FUZZ
@given(start=st.sampled_from([b"", b"RFB 003.008\n", b"RFB 003.003\n", b"RFB 003.008\n\x13\0\2"]),
       data=st.binary(max_size=200))  # fmt: skip
def test_any_handshake(port, caplog, start, data):
    throw(port, start + data)
    still_serves(port, caplog)


KINDS = st.sampled_from([0, 2, 3, 4, 5, 6, 150, 248, 251, 255, 77])


@FUZZ
@given(messages=st.lists(st.tuples(KINDS, st.binary(max_size=40)), max_size=8))
def test_any_messages(port, caplog, messages):
    data = b"".join(bytes((kind,)) + rest for kind, rest in messages)
    throw(port, b"RFB 003.008\n\x01\x01" + data)
    still_serves(port, caplog)


@pytest.mark.parametrize(
    "message",
    [b"\0\0\0\0" + bytes((24, 24, 0, 1)) + bytes(12), b"\6\0\0\0\xff\xff\xff\xff",
     b"\xf8\0\0\0\x80\0\0\0\xff", b"\xff\7", b"\x4d",
     b"\0\0\0\0" + bytes((32, 24, 0, 1, 0, 255, 0, 255, 0, 254, 40, 8, 0)) + bytes(3)],
)  # fmt: skip
def test_nonsense_ends_the_connection(port, caplog, message):
    caplog.set_level(logging.INFO)
    with Client(port) as client:
        client.socket.sendall(message)
        with pytest.raises(ConnectionError):
            client.read(1 << 20)
    wait_until(lambda: any("It " in record.getMessage() for record in caplog.records))


def test_a_client_that_does_not_read_delays_nobody_and_gets_no_backlog(tmp_path):
    random = np.random.default_rng(3)
    host = Host(random.integers(0, 1 << 24, (600, 800), np.uint32))
    with (
        serving(host, tmp_path, allow_multi_connection=True) as server,
        Client(server.info().port) as slow,
        Client(server.info().port) as quick,
    ):
        for _ in range(500):  # nothing of the answers is read
            slow.request()
        quick.set_encodings(TIGHT)
        for value in range(10):
            host.picture = host.picture ^ np.uint32(value + 1)
            assert np.array_equal(quick.picture(), host.picture)
        assert server.info().bytes_sent < 60e6


def test_a_crowd_is_served_up_to_the_limit_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(vrde_server, "MAX_CONNECTIONS", 200)
    threads = threading.active_count()
    with serving(Host(), tmp_path, allow_multi_connection=True) as server:
        port = server.info().port
        with contextlib.ExitStack() as crowd:
            clients = [crowd.enter_context(Client(port)) for _ in range(200)]
            with pytest.raises((ConnectionError, AssertionError)):
                Client(port)
            clients[-1].set_encodings(RAW)
            clients[-1].picture()
        wait_until(lambda: not server._tasks)
        assert server.info().clients == ()
        assert server.info().total_clients == 200
        with Client(port) as client:
            client.picture()
    assert threading.active_count() <= threads


def test_who_says_nothing_is_disconnected(tmp_path):
    with (
        serving(Host(), tmp_path, auth_timeout_ms=0) as server,  # a second at least
        socket.create_connection(("127.0.0.1", server.info().port), SECONDS) as silent,
    ):
        assert silent.recv(12)
        assert silent.recv(1) == b""


def test_closing_disconnects_everybody_and_frees_the_port(tmp_path):
    changes = []
    with serving(Host(), tmp_path, changed=lambda: changes.append(1)) as server:
        port = server.info().port
        client = Client(port)
        wait_until(lambda: changes)
    with client, pytest.raises(ConnectionError):
        client.read(1)
    assert len(changes) == 2
    socket.create_server(("127.0.0.1", port)).close()
