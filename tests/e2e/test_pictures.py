"""The window shows what the guest has drawn, every pixel of it."""

from __future__ import annotations

import pytest

from tests.e2e.desktop import wait_until
from tests.engine.probe.pictures import MODES, draw, set_mode

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SHOWN = (
    "03h", "VBE 640x480x8", "04h", "VBE 800x600x32", "12h", "VBE 640x480x15", "X 360x480",
    "VBE 640x480x24", "13h", "VBE 1024x768x16",
)  # fmt: skip


def show(machine, name, seed):
    """Have the guest draw, and wait until exactly that is in the window."""
    mode = MODES[name]
    set_mode(machine.probe, mode)
    expected = draw(machine.probe, mode, seed)
    wait_until(lambda: machine.shows(expected), f"the picture of {name}", 20)
    return expected


def test_modes_in_the_window(machine):
    for seed, name in enumerate(SHOWN):
        show(machine, name, seed)


def test_the_picture_survives_minimising_and_full_screen(machine):
    desktop = machine.desktop
    desktop.minimise(machine.window)
    mode = MODES["VBE 800x600x32"]
    set_mode(machine.probe, mode)
    expected = draw(machine.probe, mode, 7)
    machine.focus()
    wait_until(lambda: machine.shows(expected), "the picture drawn while minimised", 20)

    normal = desktop.size(machine.window)
    desktop.key("Control_R+f")
    desktop.window("Vitrine")  # tells how to leave full screen
    desktop.key("alt+s")
    whole = desktop.size(None)
    wait_until(lambda: desktop.size(machine.window) == whole, "the whole screen", 20)
    machine.focus()
    wait_until(lambda: machine.shows(expected), "the picture on the full screen", 20)
    show(machine, "X 320x240", 8)
    desktop.key("Control_R+f")
    wait_until(lambda: desktop.size(machine.window) != whole, "the window", 20)
    show(machine, "VBE 800x600x32", 9)
    assert desktop.size(machine.window) == normal
