"""Half a minute of anything: keys, mouse, pauses, sizes, modes and menus in a random order.

``VITRINE_RANDOM_SECONDS`` (20) is how long, ``VITRINE_RANDOM_SEED`` which order. Afterwards the
machine is as it was: it answers, no key or button is down, and nothing has been left behind.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import time
from collections import Counter
from pathlib import Path

import pytest

from app.api.structs import MachineState
from tests.e2e.conftest import probe_window, vm_title
from tests.e2e.desktop import wait_until
from tests.e2e.probe import NAME, OTHER, ProbeWindow
from tests.e2e.test_keyboard import names, strokes, with_host_key
from tests.e2e.test_mouse import PACKET, reports
from tests.engine.probe.pictures import MODES, draw, set_mode

SECONDS = float(os.environ.get("VITRINE_RANDOM_SECONDS", "20"))
SEED = int(os.environ.get("VITRINE_RANDOM_SEED", "1"))

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(SECONDS * 2 + 300)]

INSPECTOR = Path(__file__).with_name("inspector")
SILENCED = "confirmGoingFullscreen,confirmGoingScale"
# Digits, signs, keypad, modifiers, locks, Print and Pause: keys that choose nothing from a menu
# that comes late, and that the window manager does not take.
KEYS = [*range(2, 14), 26, 27, 39, 40, 41, 42, 43, 51, 52, 53, 54, 29, 56, 100, 58, 69, 70,
        71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 83, 86, 99, 119]  # fmt: skip
BUTTONS = (1, 2, 3, 8, 9)
F, C, P, A, HOME = 33, 46, 25, 30, 102  # with the host key
WINDOW = re.escape(NAME) + r" \[(Running|Paused)\] - Vitrine"
GUEST_MODES = [name for name in MODES if "1920" not in name and "1400" not in name]

# What may be more afterwards than before; memory in MiB.
SLACK = {"threads": 2, "files": 4, "windows": 2, "objects": 40, "timers": 2, "memory": 24}


def keys_down(codes):
    """Which keys a guest believes to be down after these bytes (set 1)."""
    down, prefix = set(), 0
    codes = codes.replace(b"\xe1\x1d\x45\xe1\x9d\xc5", b"")  # Pause is never down
    for code in codes:
        if code == 0xE0:
            prefix = code
            continue
        key = prefix, code & 0x7F
        (down.discard if code & 0x80 else down.add)(key)
        prefix = 0
    return down


class Driver:
    """Does one thing after the other.

    Attributes:
        done: what has been done, how often. keys, mouse: all that the guest has told.
    """

    def __init__(self, machine: ProbeWindow, seed: int) -> None:
        self.machine = machine
        self.desktop = machine.desktop
        self.random = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.keys = bytearray()
        self.mouse = bytearray()
        self.guest_mode = ""
        self._held: set[int] = set()
        self._buttons: set[int] = set()
        self._actions = {
            self.stroke: 20, self.hold: 12, self.let_go: 10, self.move: 20, self.button: 10,
            self.wheel: 5, self.host_key: 4, self.pause: 4, self.resize: 5, self.switch_mode: 6,
            self.menu: 4, self.full_screen: 2, self.scaled: 2, self.other_program: 3,
            self.minimise: 2, self.adjust: 2,
        }  # fmt: skip

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        actions, weights = list(self._actions), list(self._actions.values())
        while time.monotonic() < end:
            action = self.random.choices(actions, weights)[0]
            action()
            self.done[action.__name__] += 1
            self.listen()
            assert self.machine.process.poll() is None, f"the program has ended: {self.done}"

    def listen(self) -> None:
        self.keys += self.machine.probe.forget_keys()
        self.mouse += self.machine.probe.forget_mouse()

    # ------------------------------------------------------------------ actions

    def stroke(self):
        self.desktop.stroke(*names(*self.random.sample(KEYS, self.random.randint(1, 6))))

    def hold(self):
        key = self.random.choice(KEYS)
        self.desktop.hold(*names(key))
        self._held.add(key)

    def let_go(self):
        if self._held:
            key = self.random.choice(sorted(self._held))
            self.desktop.let_go(*names(key))
            self._held.discard(key)

    def move(self):
        for _ in range(self.random.randint(1, 5)):
            dx, dy = self.random.randint(-60, 60), self.random.randint(-60, 60)
            self.desktop.mouse("mousemove_relative", "--", str(dx), str(dy))

    def button(self):
        """Press or let go of a button over the guest's screen."""
        button = self.random.choice(BUTTONS)
        if button in self._buttons:
            self._buttons.discard(button)
            self.desktop.mouse("mouseup", str(button))
            return
        width, height = self.desktop.size(self.machine.window)
        place = ("mousemove", "--window", str(self.machine.window), str(width // 2),
                 str(height // 2))  # fmt: skip
        self._buttons.add(button)
        self.desktop.mouse(*place, "mousedown", str(button))

    def wheel(self):
        turns = str(self.random.randint(1, 4))
        self.desktop.mouse("click", "--repeat", turns, self.random.choice("45"))

    def host_key(self):
        self.desktop.stroke(*names(97))

    def pause(self):
        """Pause or go on, and wait for it: whoever looks next must know."""
        before = self.machine.vitrine.info(NAME).state
        with_host_key(self.desktop, P)
        end = time.monotonic() + 3
        while self.machine.vitrine.info(NAME).state is before and time.monotonic() < end:
            time.sleep(0.05)

    def resize(self):
        width, height = self.random.randint(300, 1200), self.random.randint(200, 900)
        self.desktop.mouse("windowsize", str(self.machine.window), str(width), str(height))

    def adjust(self):
        with_host_key(self.desktop, A)

    def switch_mode(self):
        self.resume()
        self.guest_mode = self.random.choice(GUEST_MODES)
        mode = MODES[self.guest_mode]
        set_mode(self.machine.probe, mode)
        draw(self.machine.probe, mode, self.random.getrandbits(16))

    def menu(self):
        with_host_key(self.desktop, HOME)
        time.sleep(0.3)  # what comes too early closes nothing
        self.desktop.stroke(*["Down"] * self.random.randint(0, 3), "Right", "Right")
        self.close_menus()
        time.sleep(0.1)
        self.close_menus()

    def full_screen(self):
        with_host_key(self.desktop, F)
        time.sleep(0.2)

    def scaled(self):
        with_host_key(self.desktop, C)
        time.sleep(0.2)

    def other_program(self):
        self.desktop.window(OTHER)
        self.desktop.stroke(*names(*self.random.sample(KEYS, 2)))
        self.back()

    def minimise(self):
        self.desktop.minimise(self.machine.window)
        time.sleep(0.1)
        self.back()

    # ------------------------------------------------------------------ order

    def close_menus(self):
        self.desktop.stroke("Escape", "Escape", "Escape")

    def back(self):
        """Return to the machine; a click may have met a menu, which opened a dialog."""
        for number, title in self.desktop.titles().items():
            if title and title != OTHER and not re.fullmatch(WINDOW, title):
                self.done[f"cancelled {title}"] += 1
                self.desktop.mouse("windowactivate", str(number), "sleep", "0.2", "key", "Escape")
        self.desktop.window(WINDOW)

    def resume(self):
        info = self.machine.vitrine.info(NAME)
        if info.state is MachineState.PAUSED:
            self.machine.vitrine.resume(NAME)

    def tidy_up(self) -> None:
        """Let go of everything and leave the window as it was at first."""
        desktop = self.desktop
        desktop.let_go(*names(*KEYS))
        for button in BUTTONS:
            desktop.mouse("mouseup", str(button))
        self._held.clear()
        self._buttons.clear()
        self.close_menus()
        self.back()
        self.resume()
        self.machine.focus()
        time.sleep(1)  # the mode of the view is stored by and by
        for key, name in ((F, "GUI/Fullscreen"), (C, "GUI/Scale")):
            if self.machine.vitrine.settings(NAME).extra_data.get(name) == "true":
                with_host_key(desktop, key)
        set_mode(self.machine.probe, MODES["VBE 800x600x32"])
        self.guest_mode = "VBE 800x600x32"
        with_host_key(desktop, A)
        desktop.window(OTHER)
        self.machine.focus()
        desktop.settle(self.machine.window)
        self.listen()


def measure(machine: ProbeWindow, address: str) -> dict[str, int]:
    """What the VM process holds."""
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(address)
        found = json.loads(b"".join(iter(lambda: peer.recv(4096), b"")))
    process = Path("/proc") / str(machine.process.pid)
    fields = dict(
        line.split(":", 1) for line in (process / "status").read_text().splitlines() if ":" in line
    )
    found["memory"] = int(fields["VmRSS"].split()[0]) // 1024
    found["threads"] = int(fields["Threads"])
    found["files"] = len(list((process / "fd").iterdir()))
    return found


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return str(tmp_path_factory.mktemp("i") / "inspector")


@pytest.fixture(scope="module")
def machine(firmware, tmp_path_factory, address):
    with probe_window(
        tmp_path_factory, extra_data={"GUI/SuppressMessages": SILENCED},
        PYTHONPATH=str(INSPECTOR), VITRINE_TEST_INSPECTOR=address,
    ) as machine:  # fmt: skip
        yield machine


def test_anything_in_any_order(machine, address):
    machine.probe.start_mouse()
    machine.other_window()
    machine.focus()
    driver = Driver(machine, SEED)
    driver.run(SECONDS / 2)
    driver.tidy_up()
    before = measure(machine, address)
    driver.run(SECONDS / 2)
    driver.tidy_up()
    after = measure(machine, address)
    report = (
        f"seed {SEED}, {dict(driver.done)}: {len(driver.keys)} bytes of the keyboard, "
        f"{len(driver.mouse)} of the mouse\nbefore {before}\nafter {after}"
    )
    print(report)

    assert machine.desktop.see(vm_title(NAME, "Running")) == machine.window
    machine.probe.ping()
    assert not keys_down(bytes(driver.keys)), report
    told = bytes(driver.mouse)
    assert len(told) % PACKET == 0
    assert not told or not reports(told)[-1].buttons, report
    machine.desktop.stroke(*names(30))
    assert machine.probe.take_keys(2) == strokes(30)
    expected = draw(machine.probe, MODES[driver.guest_mode], 99)
    wait_until(lambda: machine.shows(expected), "the guest's picture", 20)
    grown = {name: after[name] - before[name] for name in SLACK}
    assert all(grown[name] <= most for name, most in SLACK.items()), f"{grown}\n{report}"
