"""Viewers that people have: they get in, show every pixel, and bring keys and clicks."""

import hashlib
import shutil

import numpy as np
import pytest

from app.vrde.certificate import SELF_SIGNED_NAME
from tests.app.vrde.fixtures import Host, desktop, serving
from tests.e2e.desktop import Desktop, wait_until

PASSWORD = "secret"
WIDTH, HEIGHT = 640, 400
SECRET = {"VNCPassword": PASSWORD}
USERS = {"VBoxAuthSimple/users/ada": hashlib.sha256(PASSWORD.encode()).hexdigest()}

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("xtigervncviewer") is None, reason="TigerVNC's viewer is not installed"),
]  # fmt: skip

WAYS = {
    "None": ({}, "Raw"),
    "VncAuth": (SECRET, "Tight"),
    "TLSNone": ({"Security/Method": "TLS"}, "ZRLE"),
    "TLSVnc": ({"Security/Method": "TLS", **SECRET}, "Tight"),
    "X509None": ({"Security/Method": "TLS"}, "ZRLE"),
    "X509Vnc": ({"Security/Method": "TLS", **SECRET}, "Raw"),
    "X509Plain": ({"Security/Method": "TLS"}, "Tight"),
}


@pytest.fixture
def person(virtual_screen, tmp_path):
    result = Desktop(tmp_path)
    result.open()
    yield result
    result.close()


def _open_viewer(person, port, security, encoding):
    """Start the viewer, and return its window."""
    options = {
        "SecurityTypes": security, "PreferredEncoding": encoding, "AutoSelect": 0, "NoJPEG": 1,
        "RemoteResize": 0, "X509CA": person.folder / SELF_SIGNED_NAME,
    }  # fmt: skip
    person.run(
        "xtigervncviewer", *(f"-{name}={value}" for name, value in options.items()), f"localhost::{port}",
        HOME=str(person.folder), VNC_USERNAME="ada", VNC_PASSWORD=PASSWORD,
    )  # fmt: skip
    return person.window("Test - TigerVNC")


def _shown(person, window):
    red, green, blue, _ = np.frombuffer(person.pixels(window), np.uint8).reshape(-1, 4).astype(np.uint32).T
    return (red << 16 | green << 8 | blue).reshape(-1, WIDTH)


@pytest.mark.parametrize("security", WAYS)
def test_tigervnc(person, security):
    properties, encoding = WAYS[security]
    host = Host(desktop(WIDTH, HEIGHT))
    users = {"auth_type": "External", "secrets": USERS} if security == "X509Plain" else {}
    with serving(host, person.folder, properties=dict(properties), **users) as server:
        window = _open_viewer(person, server.info().port, security, encoding)
        wait_until(lambda: np.array_equal(_shown(person, window), host.picture), "the picture")
        host.picture = host.picture.copy()
        host.picture[100:300, 200:500] ^= 0x00FF00
        wait_until(lambda: np.array_equal(_shown(person, window), host.picture), "what has changed")
        person.stroke("a", "Right")
        wait_until(lambda: host.codes == b"\x1e\x9e\xe0\x4d\xe0\xcd", "keys")
        person.click(window, 320, 200)
        wait_until(lambda: any(event[-1] for event in host.mouse) and host.mouse[-1][-1] == 0, "a click")
        x, y, buttons = next((event[1], event[2], event[-1]) for event in host.mouse if event[-1])
        assert buttons == 1
        assert abs(x - 320 * 32767 // (WIDTH - 1)) < 60
        assert abs(y - 200 * 32767 // (HEIGHT - 1)) < 90
        encrypted = server.info().encryption
        assert bool(encrypted) == ("Security/Method" in properties)
