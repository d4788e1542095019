"""Which keyboard and pointer get input: PS/2 until the guest listens to what is on the USB."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.inputs import InputRouter
from engine.pdm.interfaces import KeyboardPort, MousePort


class Ps2:
    def __init__(self):
        self.codes, self.motions = b"", []

    def put_scancodes(self, codes):
        self.codes += codes

    def room(self):
        return 4

    def leds(self):
        return 5

    def put_event(self, *motion):
        self.motions.append(motion)


class Unit:
    heard = False

    def listening(self):
        return self.heard


class Keyboard(Unit, Ps2):
    put_event = None

    def leds(self):
        return 2


class Tablet(Unit):
    def __init__(self):
        self.positions = []

    def put_position(self, *position):
        self.positions.append(position)


@pytest.fixture
def parts():
    ps2, keyboard, tablet = Ps2(), Keyboard(), Tablet()
    controller = SimpleNamespace(usb_devices=lambda: [object(), keyboard, tablet])
    devices = SimpleNamespace(
        devices={"pckbd/0": ps2, "usb-ohci/0": controller},
        find=lambda interface: ps2 if interface in (KeyboardPort, MousePort) else None,
    )
    return SimpleNamespace(
        ps2=ps2, keyboard=keyboard, tablet=tablet, router=InputRouter(devices)
    )


def test_ps2_gets_input_until_the_guest_listens(parts):
    parts.router.put_scancodes(b"\x1e\x9e")
    parts.router.put_position(1, 2, 0, 0, 0)
    parts.router.put_motion(1, 2, 0, 0, 1)
    assert (parts.ps2.codes, parts.ps2.motions) == (b"\x1e\x9e", [(1, 2, 0, 0, 1)])
    assert (parts.router.leds(), parts.router.absolute, parts.tablet.positions) == (5, False, [])


def test_the_change_to_positions_is_told_once(parts):
    parts.tablet.heard = True
    assert parts.router.refresh()
    assert not parts.router.refresh()
    parts.router.put_position(1, 2, 0, 0, 0)
    assert parts.tablet.positions == [(1, 2, 0, 0, 0)]
    parts.tablet.heard = False
    assert parts.router.refresh()
    assert not parts.router.absolute


def test_a_key_that_is_held_while_the_keyboard_changes_goes_up_on_the_old_one(parts):
    parts.router.put_scancodes(b"\x2a\xe0\x48\x1e\x9e\xe1\x1d\x45")
    parts.keyboard.heard = True
    parts.ps2.codes = b""
    assert not parts.router.refresh()
    assert parts.ps2.codes == b"\xaa\xe0\xc8"
    parts.router.put_scancodes(b"\xe0\xc8")
    assert (parts.keyboard.codes, parts.router.leds()) == (b"\xe0\xc8", 2)


def test_typing_stops_where_the_keyboard_has_no_room(parts):
    assert parts.router.type_scancodes(b"\x1e\xe1\x1d\x45\x9e") == 5
    parts.ps2.room = lambda: 2
    assert parts.router.type_scancodes(b"\x1e\xe1\x1d\x45\x9e") == 1


def test_a_machine_without_input_devices_drops_it():
    router = InputRouter(SimpleNamespace(devices={}, find=lambda _interface: None))
    router.put_scancodes(b"\x1e")
    router.put_motion(1, 1, 0, 0, 0)
    assert router.type_scancodes(b"\x1e") == 0
    assert router.leds() == 0
