"""Clients see exactly the guest's pixels, whatever they ask for; and only what has changed."""

import numpy as np
import pytest

from app.vrde import tight
from app.vrde.damage import Damage, Rectangle, changed_tiles, tile_rectangles
from tests.app.vrde.client import CURSOR, DESKTOP_SIZE, EXTENDED, RAW, TIGHT, ZLIB, ZRLE, Client
from tests.app.vrde.fixtures import Host, desktop, serving

ENCODINGS = (RAW, ZLIB, ZRLE, TIGHT)
FORMATS = {
    "native": None,
    "rgbx": (32, 24, 0, (255, 255, 255), (0, 8, 16)),
    "high": (32, 24, 0, (255, 255, 255), (24, 16, 8)),
    "big-endian": (32, 24, 1, (255, 255, 255), (16, 8, 0)),
    "rgb565": (16, 16, 0, (31, 63, 31), (11, 5, 0)),
    "rgb565-big": (16, 16, 1, (31, 63, 31), (11, 5, 0)),
    "bgr233": (8, 8, 0, (7, 7, 3), (0, 3, 6)),
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    host = Host()
    with serving(host, tmp_path_factory.mktemp("m"), allow_multi_connection=True) as server:
        yield host, server.info().port


def expected(picture, form):
    """The picture after it went through a format with fewer colours."""
    if form is None:
        return picture
    result = np.zeros_like(picture)
    for shift, maximum in zip((16, 8, 0), form[3], strict=True):
        value = picture >> np.uint32(shift) & 0xFF
        result |= ((value * maximum + 127) // 255 * 255 // maximum) << np.uint32(shift)
    return result


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_encoding_shows_every_pixel(shown, encoding, form):
    host, port = shown
    with Client(port) as client:
        if FORMATS[form]:
            client.set_format(*FORMATS[form])
        client.set_encodings(encoding)
        for _ in range(2):  # streams go on from update to update
            assert np.array_equal(client.picture(), expected(host.picture, FORMATS[form]))


def test_tight_sends_photographs_as_jpeg_to_who_accepts_losses(tmp_path):
    pytest.importorskip("av")
    y, x = np.mgrid[0:256, 0:256].astype(np.uint32)
    host = Host(x << 16 | y << 8 | (x + y) // 2)
    with serving(host, tmp_path) as server, Client(server.info().port) as client:
        client.set_encodings(TIGHT, -23)
        client.picture()
        wanted = np.stack([x, y, (x + y) // 2], axis=-1).astype(int)
        assert abs(client.pixels.astype(int) - wanted).mean() < 4


def test_only_what_has_changed_is_sent(shown):
    host, port = shown
    with Client(port) as client:
        client.set_encodings(RAW)
        client.picture()
        before = host.picture
        try:
            host.picture = before.copy()
            host.picture[100, 5] = 0xABCDEF
            client.request(incremental=True)
            client.take()
            assert client.pixels[100, 5].tolist() == [0xAB, 0xCD, 0xEF]
        finally:
            host.picture = before


def test_a_new_size_is_told_or_padded(tmp_path):
    host = Host(desktop(200, 150))
    with serving(host, tmp_path, allow_multi_connection=True) as server:
        port = server.info().port
        with Client(port) as plain, Client(port) as knowing, Client(port) as extended:
            knowing.set_encodings(RAW, DESKTOP_SIZE)
            extended.set_encodings(ZRLE, EXTENDED, CURSOR)
            for client in (plain, knowing, extended):
                client.picture()
            host.picture = desktop(220, 140)
            plain.request(incremental=True)
            while plain.take() and not np.array_equal(plain.pixels[:140], _rgb(host.picture)[:, :200]):
                plain.request(incremental=True)
            assert not plain.pixels[140:].any()
            for client in (knowing, extended):
                client.update(incremental=True)
                assert client.size == (220, 140)
                assert np.array_equal(client.picture(), host.picture)
            extended.send("BxHHBxIHHHHI", 251, 640, 480, 1, 0, 0, 0, 640, 480, 0)
            extended.update(incremental=True)
            assert ("size", 1, 1, 220, 140) in extended.notices  # refused


def _rgb(picture):
    return np.stack([picture >> 16 & 255, picture >> 8 & 255, picture & 255], axis=-1).astype(np.uint8)


def test_damage_is_taken_once_and_only_where_asked():
    damage = Damage(200, 100)

    def take(*area):
        return tile_rectangles(damage.take(Rectangle(*area)), 200, 100)

    assert take(0, 0, 200, 100) == [Rectangle(0, 0, 200, 100)]
    old = np.zeros((100, 200), np.uint32)
    new = old.copy()
    new[99, 199] = 1
    new[0, 0] = 1
    damage.add(changed_tiles(old, new, (0, 100)))
    assert not damage.touches(Rectangle(64, 16, 64, 16))
    assert take(0, 0, 10, 10) == [Rectangle(0, 0, 64, 16)]
    assert take(0, 0, 200, 100) == [Rectangle(192, 96, 8, 4)]
    assert not damage


def test_rectangles_are_joined():
    nothing, first, second = Rectangle(0, 0, 0, 0), Rectangle(5, 6, 10, 1), Rectangle(2, 8, 4, 3)
    assert nothing.joined(first) == first.joined(nothing) == first
    assert first.joined(second) == second.joined(first) == Rectangle(2, 6, 13, 5)


def test_lengths_of_tight_are_those_of_the_specification():
    assert tight.compact_length(10000) == b"\x90\x4e"
    assert tight.compact_length(127) == b"\x7f"
    assert tight.compact_length((1 << 22) - 1) == b"\xff\xff\xff"
