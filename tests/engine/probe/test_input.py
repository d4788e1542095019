"""Keyboard and mouse of the board as a guest sees them, without a window."""

from __future__ import annotations

import pytest

from app.console.pckeys import PcKey
from app.console.scancodes import stroke

pytestmark = pytest.mark.slow


def test_every_key_reaches_the_guest(machine, probe):
    probe.forget_keys()
    for key in PcKey:
        codes = stroke(key)
        machine.vm.put_scancodes(codes)
        assert probe.take_keys(len(codes)) == codes, key


def test_lock_leds_are_told_to_the_host(machine, probe):
    for leds in (1, 2, 4, 7, 0):
        probe.set_leds(leds)
        assert machine.vm.keyboard_leds() == leds


def test_five_buttons_wheel_and_motion(machine, probe):
    probe.start_mouse()
    for number in range(5):
        machine.vm.put_mouse(0, 0, 0, 0, 1 << number)
        packet = probe.take_mouse(4)
        assert packet[0] & 7 | packet[3] >> 1 & 0x18 == 1 << number
        machine.vm.put_mouse(0, 0)
        assert probe.take_mouse(4) == b"\x08\0\0\0"
    machine.vm.put_mouse(200, -100, -3)
    assert probe.take_mouse(4) == bytes((0x08, 200, 100, 0x0D))
