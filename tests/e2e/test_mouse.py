"""A real pointer in a real VM window: the guest tells what its mouse reports."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.desktop import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

PACKET = 4  # bytes of the IntelliMouse Explorer
# Buttons of X11 and the bits of :attr:`Report.buttons`; 4 and 5 are the wheel.
BUTTONS = {1: 0x01, 2: 0x04, 3: 0x02, 8: 0x08, 9: 0x10}


@dataclass
class Report:
    """A packet of the mouse: motion right and up, wheel towards the user, buttons."""

    dx: int
    dy: int
    wheel: int
    buttons: int


def reports(data):
    """Decode packets (Microsoft, IntelliMouse Explorer)."""
    assert len(data) % PACKET == 0
    decoded = []
    for first, dx, dy, last in zip(*(data[n::PACKET] for n in range(PACKET)), strict=True):
        assert first & 0xC8 == 0x08
        wheel = (last & 15) - (last << 1 & 16)
        decoded.append(
            Report(dx - (first << 4 & 256), dy - (first << 3 & 256), wheel,
                   first & 7 | last >> 1 & 0x18)
        )  # fmt: skip
    return decoded


class Mouse:
    """What has been reported so far."""

    def __init__(self, machine):
        self._probe = machine.probe
        self._data = bytearray()

    def reports(self):
        self._data += self._probe.forget_mouse()
        whole = len(self._data) // PACKET * PACKET
        return reports(bytes(self._data[:whole]))

    def forget(self):
        """Return what was reported and begin anew."""
        done = self.reports()
        self._data.clear()
        return done

    def wait(self, condition, what):
        wait_until(lambda: condition(self.reports()), what, 10)
        return self.forget()


@pytest.fixture
def mouse(machine):
    machine.probe.start_mouse()
    machine.desktop.click_middle(machine.window)  # captures
    machine.desktop.settle(machine.window)
    mouse = Mouse(machine)
    # The click that captures is the window's; the way to the middle is not the guest's.
    assert not any(r.buttons or r.wheel for r in mouse.forget())
    return mouse


def test_motion_buttons_and_wheel_of_a_captured_mouse(machine, mouse):
    desktop = machine.desktop
    for button, bit in BUTTONS.items():
        desktop.mouse("mousedown", str(button))
        got = mouse.wait(lambda seen: seen, f"button {button}")
        assert [r.buttons for r in got] == [bit]
        desktop.mouse("mouseup", str(button))
        got = mouse.wait(lambda seen: seen, f"the end of button {button}")
        assert [r.buttons for r in got] == [0]
    for button, turn in ((4, -1), (5, 1)):
        desktop.mouse("click", "--repeat", "3", "--delay", "20", str(button))
        got = mouse.wait(lambda seen: abs(sum(r.wheel for r in seen)) >= 3, "the wheel")
        assert sum(r.wheel for r in got) == 3 * turn

    # Far beyond the edges of the screen: nothing is lost, nothing is invented. The pointer is put
    # back when the window gets to it, so no more is sent at a time than there is room for.
    for dx, dy in ((31, -17), (-40, 23), (7, 0), (0, 9)):
        for _ in range(5):
            for _ in range(8):
                desktop.mouse("mousemove_relative", "--", str(dx), str(dy))
            mouse.wait(
                lambda seen, dx=dx, dy=dy: (sum(r.dx for r in seen), -sum(r.dy for r in seen))
                == (8 * dx, 8 * dy),
                f"motion by 8 times {dx}, {dy}",
            )

    # Dragging: the button is in every report of the motion.
    desktop.mouse("mousedown", "1")
    desktop.mouse("mousemove_relative", "12", "5")
    desktop.mouse("mouseup", "1")
    got = mouse.wait(lambda seen: seen and not seen[-1].buttons, "the end of dragging")
    assert sum(r.dx for r in got if r.buttons == 1) == 12

    # Buttons are let go with the mouse.
    desktop.mouse("mousedown", "1")
    mouse.wait(lambda seen: seen and seen[-1].buttons == 1, "the button")
    desktop.stroke("105")  # the host key gives the pointer back
    got = mouse.wait(lambda seen: seen and not seen[-1].buttons, "the release")
    assert not any(r.dx or r.dy for r in got)
    desktop.mouse("mouseup", "1")
    desktop.mouse("mousemove_relative", "30", "30")
    desktop.settle(machine.window)
    assert not mouse.forget()  # the pointer is the host's
