"""What has moved is copied by the client, whose picture is right after each update all the same."""

import itertools

import numpy as np
import pytest

from app.vrde import moves
from app.vrde.damage import TILE_HEIGHT, TILE_WIDTH, Rectangle, changed_tiles, tile_rectangles
from app.vrde.moves import ClientPicture, find_move
from app.vrde.protocol import RECTANGLE
from tests.app.vrde.client import COPY_RECT, DESKTOP_SIZE, RAW, TIGHT, ZRLE, Client
from tests.app.vrde.fixtures import Host, serving

WIDTH, HEIGHT = 360, 200
LINE = 16


def _text(random, width, height):
    """Lines of something like letters on a background of one colour."""
    picture = np.zeros((height, width), np.uint32)
    for top in range(0, height, LINE):
        length = int(random.integers(8, width))
        letters = random.integers(0, 2, (10, length), np.uint32) * 0xAAAAAA
        picture[top + 3 : top + 13, :length] = letters[: max(0, height - top - 3)]
    return picture


def _scroll(picture, area, rows, random):
    """The picture after an area has scrolled, downwards for negative rows."""
    x, y, width, height = area
    after = picture.copy()
    inner = after[y : y + height, x : x + width]
    inner[:] = np.roll(inner, -rows, axis=0)
    fresh = inner[-rows:] if rows > 0 else inner[:-rows]
    fresh[:] = _text(random, width, abs(rows))
    return after


def _step(picture, random):
    """Scroll something, change something, or both."""
    if random.random() < 0.8:
        x, y = int(random.integers(0, WIDTH - 150)), int(random.integers(0, HEIGHT - 110))
        area = Rectangle(x, y, int(random.integers(100, WIDTH - x)), int(random.integers(90, HEIGHT - y)))
        area = area if random.random() < 0.5 else Rectangle(0, 0, WIDTH, HEIGHT)
        rows = int(random.integers(1, 60)) * int(random.choice([-1, 1]))
        picture = _scroll(picture, area, rows, random)
    if random.random() < 0.4:
        picture = picture.copy()
        x, y = int(random.integers(0, WIDTH)), int(random.integers(0, HEIGHT))
        picture[y : y + 20, x : x + 50] = random.integers(0, 1 << 24)
    return picture


class Canvas:
    """A client without a server: it obeys rectangles, and takes the rest from the screen."""

    def __init__(self):
        self.pixels = np.zeros((HEIGHT, WIDTH), np.uint32)
        self.copied = 0

    def show(self, parts, rest, screen):
        for part in parts:
            x, y, width, height, encoding = RECTANGLE.unpack(part[:12])
            assert encoding == COPY_RECT
            left, top = int.from_bytes(part[12:14], "big"), int.from_bytes(part[14:], "big")
            source = self.pixels[top : top + height, left : left + width]
            assert source.shape == (height, width)
            self.pixels[y : y + height, x : x + width] = source.copy()
            self.copied += width * height
        for x, y, width, height in tile_rectangles(rest, WIDTH, HEIGHT):
            self.pixels[y : y + height, x : x + width] = screen[y : y + height, x : x + width]


@pytest.mark.parametrize("seed", range(12))
def test_a_client_that_copies_sees_the_screen(seed):
    random = np.random.default_rng(seed)
    screen = _text(random, WIDTH, HEIGHT)
    picture, canvas = ClientPicture(WIDTH, HEIGHT), Canvas()
    tiles = changed_tiles(screen, ~screen, (0, HEIGHT))
    for _ in range(25):
        if random.random() < 0.1:  # the client has lost a part and asks for it
            area = Rectangle(64, 32, 128, 96)
            canvas.pixels[32:128, 64:192] = 0xBAD
            picture.forget(area)
            tiles[2:8, 1:3] = True
        canvas.show(*picture.copies(screen, tiles), screen)
        assert np.array_equal(canvas.pixels, screen)
        before = screen
        for _ in range(int(random.integers(1, 4))):  # the client misses what is between
            screen = _step(screen, random)
        tiles = changed_tiles(before, screen, (0, HEIGHT))
        tiles |= random.random(tiles.shape) < 0.1  # what is damaged need not differ
    assert canvas.copied > 5 * WIDTH * HEIGHT


def test_a_part_of_the_damage_is_taken_at_a_time():
    """Clients may ask for parts of the screen: sources that are out of date are no sources."""
    random = np.random.default_rng(3)
    screen = _text(random, WIDTH, HEIGHT)
    picture, canvas = ClientPicture(WIDTH, HEIGHT), Canvas()
    waiting = changed_tiles(screen, ~screen, (0, HEIGHT))
    for step in range(60):
        asked = np.zeros_like(waiting)
        asked[:, : 1 + step % 6] = True
        canvas.show(*picture.copies(screen, waiting & asked), screen)
        waiting &= ~asked
        known = np.repeat(np.repeat(~waiting, TILE_HEIGHT, axis=0), TILE_WIDTH, axis=1)[:HEIGHT, :WIDTH]
        assert np.array_equal(canvas.pixels[known], screen[known])
        before, screen = screen, _step(screen, random)
        waiting |= changed_tiles(before, screen, (0, HEIGHT))
    assert canvas.copied


@pytest.mark.parametrize("rows", [16, 1, 37, -16, -1, -37])
def test_the_distance_is_found(rows):
    random = np.random.default_rng(1)
    old = _text(random, WIDTH, HEIGHT)
    new = _scroll(old, (0, 0, WIDTH, HEIGHT), rows, random)
    tiles = changed_tiles(old, new, (0, HEIGHT))
    moved = find_move(old, new, tiles)
    assert moved.distance == rows
    assert not (moved.tiles & ~tiles).any()
    assert np.count_nonzero(moved.tiles) > np.count_nonzero(tiles) // 2


def test_nothing_is_searched_in_films(monkeypatch):
    random = np.random.default_rng(2)
    searched = []
    monkeypatch.setattr(moves, "find_move", lambda *given: searched.append(given) or find_move(*given))
    picture = ClientPicture(WIDTH, HEIGHT)
    everything = np.ones_like(changed_tiles(*[np.zeros((HEIGHT, WIDTH), np.uint32)] * 2, (0, 0)))
    for _ in range(100):
        parts, rest = picture.copies(random.integers(0, 1 << 24, (HEIGHT, WIDTH), np.uint32), everything)
        assert not parts
        assert rest.all()
    assert len(searched) < 12
    screen = _text(random, WIDTH, HEIGHT)
    canvas = Canvas()
    for _ in range(50):  # and copies come back, though a cursor blinks first
        blink = screen.copy()
        blink[:LINE, :8] ^= 0xFFFFFF
        canvas.show(*picture.copies(blink, changed_tiles(screen, blink, (0, HEIGHT))), blink)
        canvas.show(*picture.copies(screen, everything), screen)
        screen = _scroll(screen, (0, 0, WIDTH, HEIGHT), LINE, random)
    assert canvas.copied


def _shown(client):
    red, green, blue = (client.pixels[..., n].astype(np.uint32) for n in range(3))
    return red << 16 | green << 8 | blue


def _follow(client, host):
    """Take updates until the client sees the screen; returns the encodings in them."""
    found = []
    for _ in range(20):
        found += client.update(incremental=True)
        if np.array_equal(_shown(client), host.picture):
            return found
    raise AssertionError("the client never sees the screen")


def test_a_scroll_takes_few_bytes(tmp_path):
    random = np.random.default_rng(5)
    host = Host(_text(random, 720, 400))
    with serving(host, tmp_path) as server, Client(server.info().port) as client:
        client.set_encodings(ZRLE, COPY_RECT)
        client.picture()
        before = server.info().bytes_sent
        for _ in range(5):
            host.picture = _scroll(host.picture, (0, 0, 720, 400), LINE, random)
            assert COPY_RECT in _follow(client, host)
        sent = server.info().bytes_sent - before
        host.picture = _text(random, 720, 400)
        assert COPY_RECT not in _follow(client, host)
        assert sent < server.info().bytes_sent - before - sent


def test_every_client_copies_from_its_own_picture(tmp_path):
    """One that takes each picture, one that misses many, one that cannot copy."""
    random = np.random.default_rng(6)
    host = Host(_text(random, WIDTH, HEIGHT))
    with serving(host, tmp_path, allow_multi_connection=True) as server:
        port = server.info().port
        with Client(port) as quick, Client(port) as slow, Client(port) as plain:
            quick.set_encodings(TIGHT, COPY_RECT)
            slow.set_encodings(RAW, COPY_RECT, DESKTOP_SIZE)
            plain.set_encodings(RAW)
            found = {quick: [], slow: [], plain: []}
            for client in found:
                client.picture()
            for step in range(40):
                host.picture = _scroll(host.picture, (0, 0, WIDTH, HEIGHT), 1 + step % 20, random)
                for client in itertools.compress(found, (True, step % 3 == 0, step % 5 == 0)):
                    found[client] += _follow(client, host)
                if step == 20:
                    slow.set_format(16, 16, 0, (31, 63, 31), (11, 5, 0))
                    slow.set_format(32, 24, 0, (255, 255, 255), (0, 8, 16))
            assert COPY_RECT in found[quick]
            assert COPY_RECT in found[slow]
            assert COPY_RECT not in found[plain]
            host.picture = _text(random, 300, 180)
            slow.update(incremental=True)
            assert slow.size == (300, 180)
            assert np.array_equal(slow.picture(), host.picture)
