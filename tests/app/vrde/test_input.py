"""Keys and the pointer reach the guest as they were meant, and nothing stays pressed."""

import pytest

from app.vrde.guestinput import GuestInput
from tests.app.vrde.client import FENCE, QEMU_KEY, QEMU_POINTER, RAW, Client
from tests.app.vrde.fixtures import Host, serving

SHIFT, CTRL, ALT, DELETE = 0xFFE1, 0xFFE3, 0xFFE9, 0xFFFF


@pytest.fixture
def host():
    return Host()


def type_keys(host, *keys):
    keyboard = GuestInput(host)
    for keysym, down in keys:
        keyboard.key(keysym, down=down)
    return host.codes.hex()


def test_characters_are_typed_whatever_the_client_holds(host):
    assert type_keys(host, (ord("a"), True), (ord("a"), False)) == "1e9e"
    host.codes.clear()
    assert type_keys(host, (ord("A"), True), (ord("A"), False)) == "2a1eaa9e"  # no Shift was told
    host.codes.clear()
    held = type_keys(host, (SHIFT, True), (ord("A"), True), (ord("A"), False), (SHIFT, False))
    assert held == "2a1e9eaa"
    host.codes.clear()
    # A German client types / with Shift and 7.
    assert type_keys(host, (SHIFT, True), (ord("/"), True)) == "2aaa352a"
    host.codes.clear()
    host.keyboard_leds = 4
    assert type_keys(host, (ord("A"), True)) == "1e"  # Caps Lock does it


def test_keys_with_prefixes_and_unknown_ones(host):
    assert type_keys(host, (CTRL, True), (ALT, True), (DELETE, True)) == "1d38e053"
    host.codes.clear()
    assert type_keys(host, (0x20AC, True), (0x010020AC, True), (0xFFFFFFFF, True)) == ""


@pytest.mark.parametrize(
    ("keycode", "codes"),
    [(0x1E, "1e9e"), (0xC8, "e048e0c8"), (0xB8, "e038e0b8"), (0x56, "56d6"),
     (0x54, "e02ae037e0b7e0aa"), (0xC6, "e11d45e19dc5")],
)  # fmt: skip
def test_scan_codes_of_qemu_go_straight_to_the_guest(host, keycode, codes):
    keyboard = GuestInput(host)
    keyboard.qemu_key(0, keycode, down=True)
    keyboard.qemu_key(0, keycode, down=False)
    assert host.codes.hex() == codes


def test_the_pointer_is_put_or_moved(host):
    pointer = GuestInput(host)
    pointer.pointer(0b101, 199, 0, (200, 150))
    assert host.mouse == [("absolute", 32767, 0, 0, 0, 0b11)]
    pointer.pointer(0b1000, 0, 149, (200, 150))
    assert host.mouse[-1] == ("absolute", 0, 32767, -1, 0, 0)
    host.takes_absolute = False
    pointer.pointer(0b0010, 5, 148, (200, 150))
    assert host.mouse[-1] == (5, -1, 0, 0, 0b100)
    pointer.relative = True
    pointer.pointer(0, 0x7FFF - 3, 0x7FFF + 2, (200, 150))
    assert host.mouse[-1] == (-3, 2, 0, 0, 0)


def test_who_goes_lets_go(host, tmp_path):
    with serving(host, tmp_path) as server, Client(server.info().port) as client:
        client.send("BBxxI", 4, 1, CTRL)
        client.send("BBHII", 255, 0, 1, 0, 0x1E)
        client.send("BBHH", 5, 1, 3, 4)
        client.picture()
        assert host.codes.hex() == "1d1e"
    assert host.codes.hex() == "1d1e9e9d"
    assert host.mouse[-1][-1] == 0
    assert server.info().clients == ()


def test_extensions_are_announced_and_fences_come_back(host, tmp_path):
    host.takes_absolute = False
    with serving(host, tmp_path) as server, Client(server.info().port) as client:
        client.set_encodings(RAW, QEMU_KEY, QEMU_POINTER, FENCE)
        client.send("B3xIB4s", 248, 1 << 31 | 0x103, 4, b"mark")
        client.picture()
        assert (QEMU_KEY, 0) in client.notices
        assert (QEMU_POINTER, 0) in client.notices
        assert ("fence", 3, b"mark") in client.notices
        host.takes_absolute = True
        client.update(incremental=True)
        assert (QEMU_POINTER, 1) in client.notices


def test_continuous_updates_come_unasked_until_ended(host, tmp_path):
    with serving(host, tmp_path) as server, Client(server.info().port) as client:
        client.set_encodings(RAW, -313)
        client.picture()
        assert client.notices == ["end"]
        client.send("BBHHHH", 150, 1, 0, 0, *client.size)
        for value in range(3):
            host.picture = host.picture.copy()
            host.picture[0, 0] = value
            while client.pixels[0, 0].tolist() != [0, 0, value]:
                client.take()
        client.send("BBHHHH", 150, 0, 0, 0, *client.size)
        client.picture()
        assert client.notices == ["end", "end"]
