"""Real keys in a real VM window: the guest tells every scan code that it gets."""

from __future__ import annotations

import time

import pytest

from app.vmwindow.keyboard.native_tables import EVDEV
from tests.e2e.conftest import vm_title
from tests.e2e.desktop import wait_until
from tests.e2e.probe import CAPS, NAME, NUM, host_locks

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

X11_OFFSET = 8
HOST_KEY = 97
PAUSE, PRINT = 119, 99
KEYPAD = (71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83)
RESTING = 0.6  # seconds after which the window has given the keyboard back

# Scan codes by evdev code, after Microsoft's "Keyboard Scan Code Specification" 1.3a; 1 to 83 are
# the same. What begins with E0h in the specification is above FFh here.
CODES = {code: code for code in range(1, 84)} | {
    86: 0x56, 87: 0x57, 88: 0x58, 89: 0x73, 92: 0x79, 93: 0x70, 94: 0x7B, 95: 0x7E, 96: 0xE01C,
    98: 0xE035, 100: 0xE038, 102: 0xE047, 103: 0xE048, 104: 0xE049, 105: 0xE04B, 106: 0xE04D,
    107: 0xE04F, 108: 0xE050, 109: 0xE051, 110: 0xE052, 111: 0xE053, 113: 0xE020, 114: 0xE02E,
    115: 0xE030, 116: 0xE05E, 117: 0x59, 121: 0x7E, 124: 0x7D, 125: 0xE05B, 126: 0xE05C,
    127: 0xE05D, 128: 0xE068, 140: 0xE021, 142: 0xE05F, 143: 0xE063, 155: 0xE06C, 156: 0xE066,
    157: 0xE06B, 158: 0xE06A, 159: 0xE069, 163: 0xE019, 164: 0xE022, 165: 0xE010, 166: 0xE024,
    172: 0xE032, 173: 0xE067, 183: 0x64, 184: 0x65, 185: 0x66, 186: 0x67, 187: 0x68, 188: 0x69,
    189: 0x6A, 190: 0x6B, 191: 0x6C, 192: 0x6D, 193: 0x6E, 194: 0x76, 217: 0xE065, 226: 0xE06D,
}  # fmt: skip
# Keys with codes of their own: pressed, let go.
SPECIAL = {
    PRINT: (b"\xe0\x2a\xe0\x37", b"\xe0\xb7\xe0\xaa"),
    PAUSE: (b"\xe1\x1d\x45\xe1\x9d\xc5", b""),
    122: (b"\xf2", b""),
    123: (b"\xf1", b""),
}


def make(key):
    if key in SPECIAL:
        return SPECIAL[key][0]
    code = CODES[key]
    return code.to_bytes(2, "big") if code > 0xFF else bytes((code,))


def break_(key):
    if key in SPECIAL:
        return SPECIAL[key][1]
    code = make(key)
    return code[:-1] + bytes((code[-1] | 0x80,))


def names(*keys):
    """What xdotool calls keys; it takes numbers below ten for characters."""
    return [str(key + X11_OFFSET) if key > 1 else "Escape" for key in keys]


def strokes(*keys):
    return b"".join(make(key) + break_(key) for key in keys)


def press(machine, *keys):
    """Press keys and let go of each; return what the guest got."""
    machine.desktop.stroke(*names(*keys))
    return machine.probe.take_keys(len(strokes(*keys)))


def with_host_key(desktop, key):
    """Press a host key combination; for ``Control_R`` xdotool would press both Ctrl keys."""
    desktop.hold(*names(HOST_KEY, key))
    desktop.let_go(*names(key, HOST_KEY))


@pytest.fixture(autouse=True)
def _with_the_keyboard(machine):
    machine.focus()
    machine.probe.forget_keys()


def test_every_key_makes_and_breaks(machine):
    keys = sorted({*CODES, *SPECIAL})
    assert {*keys, HOST_KEY} == set(EVDEV)
    for first in range(0, len(keys), 12):
        part = keys[first : first + 12]
        assert press(machine, *part) == strokes(*part), part

    # The lock keys have been pressed once; the keypad means the same keys with Num Lock as without.
    before = host_locks()
    assert press(machine, *KEYPAD) == strokes(*KEYPAD)
    assert press(machine, 69) == strokes(69)
    assert host_locks() ^ before == NUM
    assert press(machine, *KEYPAD) == strokes(*KEYPAD)
    assert press(machine, 58) == strokes(58)
    assert host_locks() == 0

    # Keys whose codes depend on those that are held.
    desktop, probe = machine.desktop, machine.probe
    desktop.hold(*names(29, PAUSE))
    desktop.let_go(*names(PAUSE, 29))
    assert probe.take_keys(6) == b"\x1d\xe0\x46\xe0\xc6\x9d"
    desktop.hold(*names(56, PRINT))
    desktop.let_go(*names(PRINT, 56))
    assert probe.take_keys(4) == b"\x38\x54\xd4\xb8"
    desktop.hold(*names(54, PRINT))
    desktop.let_go(*names(PRINT, 54))
    assert probe.take_keys(6) == b"\x36\xe0\x37\xe0\xb7\xb6"


def test_no_key_stays_down(machine):
    """Whatever takes the keyboard away while keys are held, the guest sees them let go."""
    desktop, probe = machine.desktop, machine.probe
    held = (30, 54, 100)  # A, right Shift, right Alt
    pressed, released = b"".join(map(make, held)), b"".join(map(break_, reversed(held)))

    def leave():
        machine.other_window()

    def pause():
        machine.vitrine.pause(NAME)
        desktop.see(vm_title(NAME, "Paused"))
        machine.vitrine.resume(NAME)  # only then can it tell

    def open_menu():
        with_host_key(desktop, 102)  # Home

    for take_away in (leave, pause, open_menu):
        machine.focus()
        desktop.hold(*names(*held))
        got = probe.take_keys(len(pressed))
        assert got[: len(pressed)] == pressed
        take_away()
        wait_until(lambda: released in probe.keys, f"releases after {take_away.__name__}", 15)
        probe.forget_keys()
        desktop.let_go(*names(*held))
        if take_away is open_menu:
            desktop.key("Escape")
        machine.focus()
        assert press(machine, 31) == strokes(31), take_away.__name__


def test_host_key_combinations_stay_here(machine):
    desktop, probe = machine.desktop, machine.probe
    assert press(machine, 30) == strokes(30)
    with_host_key(desktop, 30)  # A: adjust the window
    for _ in range(2):  # alone: keyboard and mouse are let go and taken again
        desktop.stroke(*names(HOST_KEY))
    with_host_key(desktop, 25)  # P
    desktop.see(vm_title(NAME, "Paused"))
    desktop.stroke(*names(32))  # nobody listens
    with_host_key(desktop, 25)
    desktop.see(vm_title(NAME, "Running"))
    assert press(machine, 31) == strokes(31)
    with_host_key(desktop, 111)  # Delete
    assert probe.take_keys(8) == b"\x1d\x38\xe0\x53\xe0\xd3\xb8\x9d"
    # Keys that are held when the host key goes down stay the guest's business.
    desktop.hold(*names(42, 30, HOST_KEY))
    desktop.let_go(*names(HOST_KEY, 30, 42))
    assert probe.take_keys(4) == b"\x2a\x1e\x9e\xaa"
    desktop.stroke(*names(HOST_KEY))  # that was the host key alone: the keyboard was let go


def test_lock_leds_both_ways(machine):
    desktop, probe = machine.desktop, machine.probe
    for leds, locks in ((0b100, CAPS), (0b110, CAPS | NUM), (0b010, NUM), (0, 0)):
        probe.set_leds(leds)
        wait_until(lambda locks=locks: host_locks() == locks, f"locks {locks:#x} of the host", 10)
    probe.forget_keys()
    machine.other_window()
    time.sleep(RESTING)
    desktop.key("Caps_Lock")
    assert host_locks() == CAPS
    machine.focus()
    assert probe.take_keys(2) == strokes(58)
    probe.set_leds(0b100)  # as a system does that has got that key
    desktop.key("Caps_Lock")
    assert probe.take_keys(2) == strokes(58)
    probe.set_leds(0)
    wait_until(lambda: host_locks() == 0, "no lock of the host", 10)
