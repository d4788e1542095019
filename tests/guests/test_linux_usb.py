"""Linux and its own drivers on the USB: input devices, exact positions, after a saved state too."""

from __future__ import annotations

import pytest

from engine.pcboard import UsbBus
from tests.guests.evdev import ABS, KEY, SYN, input_events
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
LEFT = 0x110
X, Y, KEY_A = 0, 1, 30
POSITIONS = [(0, 0), (32767, 32767), (12345, 23456), (1, 32766)]


def _boot(machine, guests, **options):
    linux = machine(cdrom=guests("linux-amd64.iso"), boot_order="d", **options)
    linux.expect("SELFTEST-DONE", BOOT)
    linux.expect(PROMPT, 30)
    # The editor of a narrow terminal cuts the echo of long lines.
    linux.send("stty cols 250; exec sh\n")
    linux.expect("exec sh", 30)
    linux.expect(PROMPT, 30)
    linux.run("modprobe hid-generic; mdev -s")
    return linux


def _event_file(linux, name):
    linux.until(lambda: name in linux.run("cat /proc/bus/input/devices"), name, 60)
    linux.run(f"n=$(grep -l '{name}' /sys/class/input/event*/device/name)")
    return linux.run("echo $n | cut -d/ -f5").split()[-1]


def _positions(events):
    """Return where the pointer has been, an entry for each report."""
    found, at = [], {X: None, Y: None}
    for kind, code, value in events:
        if kind == ABS and code in at:
            at[code] = value
        elif kind == SYN and (not found or found[-1] != (at[X], at[Y])):
            found.append((at[X], at[Y]))
    return found


def test_linux_moves_the_pointer_to_exact_positions(machine, guests, tmp_path):
    buses = [UsbBus("ohci", ["tablet"]), UsbBus("xhci", ["keyboard", "mouse"])]
    linux = _boot(machine, guests, usb=buses)
    file = _event_file(linux, "Vitrine USB Tablet")
    assert not linux.vm.takes_absolute  # no program has opened it

    def point():
        assert linux.vm.takes_absolute
        for position in POSITIONS:
            linux.vm.put_mouse_absolute(*position)
            linux.vm.post(lambda: None).result(10)
            linux.run("sleep 0.1")
        linux.vm.put_mouse_absolute(*POSITIONS[-1], buttons=1)
        linux.vm.put_mouse_absolute(*POSITIONS[-1])

    events = input_events(linux, file, point)
    # Linux tells axes that have changed; before the first report both were 0.
    assert _positions(events)[-3:] == POSITIONS[1:]
    assert [value for kind, code, value in events if (kind, code) == (KEY, LEFT)] == [1, 0]

    keyboard = _event_file(linux, "Vitrine USB Keyboard")
    linux.save_and_restore(tmp_path / "state")
    linux.vm.post(lambda: None).result(10)
    assert linux.vm.takes_absolute
    events = input_events(linux, file, lambda: linux.vm.put_mouse_absolute(777, 888))
    assert {(ABS, X, 777), (ABS, Y, 888)} <= set(events)
    events = input_events(linux, keyboard, lambda: linux.vm.put_scancodes(b"\x1e\x9e"))
    assert [value for kind, code, value in events if (kind, code) == (KEY, KEY_A)] == [1, 0]
    assert "died" not in linux.run("dmesg | grep -i -E 'usb|hci'")
