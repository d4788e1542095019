"""A machine without an engine, and servers that show it."""

from contextlib import contextmanager

import numpy as np

from app.settings.display import RemoteDisplaySettings
from app.vrde.module import ServerOrder, find_module
from engine.pdm.display import Update


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def desktop(width=200, height=150):
    """A picture with everything that encodings tell apart."""
    picture = np.full((height, width), 0x204060, np.uint32)
    picture[10:40, 20:90] = 0xFFFFFF
    picture[12:38:2, 22:88:3] = 0x000000
    picture[50:60, :60] = np.arange(60, dtype=np.uint32) % 12 * 0x151515
    random = np.random.default_rng(7)
    noise = random.integers(0, 1 << 24, (height - 64, width - 96), np.uint32)
    picture[64:, 96:] = noise
    return picture


class Host:
    """Records input, and shows ``picture``."""

    keyboard_leds = 0

    def __init__(self, picture=None):
        self.picture = desktop() if picture is None else picture
        self.takes_absolute = True
        self.codes = bytearray()
        self.mouse = []
        self.surfaces = 0

    def open_surface(self):
        self.surfaces += 1
        return Surface(self)

    def put_scancodes(self, codes):
        self.codes += codes

    def put_mouse(self, *event):
        self.mouse.append(event)

    def put_mouse_absolute(self, *event):
        self.mouse.append(("absolute", *event))


class Surface:
    mode = "test"

    def __init__(self, host):
        self._host = host
        self.pixels = np.zeros((0, 0), np.uint32)

    def update(self):
        picture = self._host.picture
        resized = self.pixels.shape != picture.shape
        if resized:
            self.pixels = picture.copy()
            return Update(resized=True, dirty=[(0, len(picture))])
        rows = np.flatnonzero((self.pixels != picture).any(axis=1))
        self.pixels[:] = picture
        dirty = [(int(rows[0]), int(rows[-1]) + 1)] if len(rows) else []
        return Update(dirty=dirty)


def order(folder, *, secrets=None, changed=lambda: None, properties=None, **settings):
    found = {"TCP/Ports": str(free_port()), **(properties or {})}
    values = RemoteDisplaySettings(enabled=True, properties=found, **settings)
    return ServerOrder("Test", folder, values, secrets or {}, changed)


@contextmanager
def serving(host, folder, **settings):
    """A server of ``host``; its port is ``server.info().port``."""
    server = find_module("").open_server(host, order(folder, **settings))
    try:
        yield server
    finally:
        server.close()
