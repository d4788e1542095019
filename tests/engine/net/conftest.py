"""A NAT with a fake guest, and servers on the loopback interface."""

import contextlib
import socket
import threading

import pytest

from tests.engine.net.fakeguest import FakeGuest, make_nat


@pytest.fixture
def network():
    """Make guests behind NATs; all are closed at the end and must not have made a mistake."""
    opened = []

    def make(*, loss=0.0, resolver=None, **settings):
        nat = make_nat(resolver, **settings)
        opened.append(nat)
        return FakeGuest(nat, loss=loss)

    yield make
    for nat in opened:
        nat.close()
        nat.close()
        assert nat.statistics()["errors"] == 0


class Server:
    """A TCP server on the loopback: each connection is served by a function on a thread."""

    def __init__(self, serve):
        self._serve = serve
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.threads = []
        self.ends = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                end, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._guarded, args=(end,), daemon=True)
            self.ends.append(end)
            thread.start()
            self.threads.append(thread)

    def _guarded(self, end):
        with end, contextlib.suppress(OSError):
            end.settimeout(60)
            self._serve(end)

    def close(self):
        self.listener.close()
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def server():
    servers = []

    def make(serve):
        servers.append(Server(serve))
        return servers[-1].port

    yield make
    for made in servers:
        made.close()


def echo(end):
    while data := end.recv(65536):
        end.sendall(data)
