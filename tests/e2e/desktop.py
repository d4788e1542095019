"""A person at a desktop: starts programs, looks for windows, types, clicks, takes screenshots."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from itertools import chain
from pathlib import Path

SECONDS = 90.0
"""How long anything may take; the host may be busy with other guests."""


def wait_until(condition, what, seconds=SECONDS):
    """Return the first true value of ``condition()``; fail when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"in vain for {seconds:g} s: {what}"
        time.sleep(0.1)
    return value


class Desktop:
    """The virtual screen and what runs on it.

    Args:
        folder: gets a screenshot when something does not happen, and the programs' output.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: list[subprocess.Popen] = []
        self._manager: subprocess.Popen | None = None

    def open(self) -> None:
        """Have a window manager, without which no window gets the keyboard."""
        if self._property("-root", "_NET_SUPPORTING_WM_CHECK") is None:
            openbox = shutil.which("openbox")
            assert openbox, "install openbox: windows need a window manager"
            self._manager = subprocess.Popen(
                [openbox, "--sm-disable"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "XDG_CACHE_HOME": str(self.folder)},
            )
            wait_until(
                lambda: self._property("-root", "_NET_SUPPORTING_WM_CHECK"), "a window manager"
            )

    def close(self) -> None:
        """End the programs that are left."""
        for program in self._programs:
            if program.poll() is None:
                program.send_signal(signal.SIGTERM)
        for program in [*self._programs, self._manager]:
            if program is None:
                continue
            if program is self._manager:
                program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def run(self, *command: str, **environment: str) -> subprocess.Popen:
        """Start a program."""
        output = (self.folder / f"output-{len(self._programs)}.txt").open("w")
        with output:
            program = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=Path(__file__).parents[2],
                env={**os.environ, **environment},
            )
        self._programs.append(program)
        return program

    # ------------------------------------------------------------------ windows

    def titles(self) -> dict[int, str]:
        """Return the titles of the windows on the screen by number, topmost last."""
        clients = self._property("-root", "_NET_CLIENT_LIST_STACKING") or ""
        found = {}
        for number in re.findall(r"0x[0-9a-f]+", clients):
            text = self._property("-id", number, "_NET_WM_NAME")
            if text is not None:
                found[int(number, 16)] = text.partition(" = ")[2].strip('"')
        return found

    def window(self, title: str) -> int:
        """Wait for a window of this title (a regular expression for all of it); focus it."""
        number = self.see(title)
        if self._active() != number:
            self._xdotool("windowactivate", str(number))
        self._wait(lambda: self._active() == number, f"the keyboard for {title}")
        return number

    def see(self, title: str) -> int:
        """Wait for a window of this title and return its number."""

        def found():
            return next((n for n, text in self.titles().items() if re.fullmatch(title, text)), None)

        return self._wait(found, lambda: f"a window {title!r} among {list(self.titles().values())}")

    def size(self, window: int | None) -> tuple[int, int]:
        """Return width and height of a window in pixels; None: of the screen."""
        words = ["getdisplaygeometry"] if window is None else ["getwindowgeometry", str(window)]
        text = subprocess.run(["xdotool", *words], capture_output=True, text=True).stdout
        numbers = re.findall(r"(\d+)[x ](\d+)\s*$", text)
        return int(numbers[0][0]), int(numbers[0][1])

    def gone(self, title: str) -> None:
        """Wait until there is no window of this title."""

        def absent():
            return not any(re.fullmatch(title, text) for text in self.titles().values())

        # Twice: a list that was read while windows moved in it can miss one.
        self._wait(
            lambda: absent() and not time.sleep(0.3) and absent(),
            f"the end of the window {title!r}",
        )

    def confirm(self, title: str, key: str = "Return") -> None:
        """Press a key until a dialog goes: its button may not be enabled at once."""

        def gone():
            if not any(re.fullmatch(title, text) for text in self.titles().values()):
                return True
            self.key(key)
            time.sleep(1)
            return False

        self._wait(gone, f"the end of the dialog {title!r}")

    def screenshot(self, name: str) -> None:
        """Take a picture of the whole screen."""
        self._import("-window", "root", str(self.folder / f"{name}.png"))

    def pixels(self, window: int, area: str = "") -> bytes:
        """Return a part (an X geometry such as ``190x400+0+0``) of a window as it is shown."""
        crop = ("-crop", area) if area else ()
        return self._import("-window", str(window), *crop, "rgba:-")

    def image(self, window: int) -> bytes:
        """Return a window as it is shown, as a portable pixmap (``P6``)."""
        return self._import("-window", str(window), "ppm:-")

    # ------------------------------------------------------------------ hands

    def key(self, *keys: str) -> None:
        """Press keys, such as ``alt+n``, one after the other."""
        self._xdotool("key", "--delay", "60", *keys)

    def mouse(self, *words: str) -> None:
        """Move or press, in the words of xdotool."""
        self._xdotool(*words)

    def minimise(self, window: int) -> None:
        """Make an icon of a window."""
        self._xdotool("windowminimize", "--sync", str(window))

    def hold(self, *keys: str) -> None:
        """Press keys, names or X11's numbers, and keep them down."""
        self._xdotool(*chain.from_iterable(("keydown", key) for key in keys))

    def let_go(self, *keys: str) -> None:
        """Let go of keys."""
        self._xdotool(*chain.from_iterable(("keyup", key) for key in keys))

    def stroke(self, *keys: str) -> None:
        """Press each key and let go of it."""
        self._xdotool(*chain.from_iterable(("keydown", key, "keyup", key) for key in keys))

    def type(self, text: str) -> None:
        """Type into the window that has the keyboard."""
        self._xdotool("type", "--delay", "60", text)

    def replace(self, text: str) -> None:
        """Replace what stands in the field that has the keyboard."""
        self.key("ctrl+a")
        self.type(text)

    def press_until_changed(self, window: int, area: str, *keys: str) -> None:
        """Press keys until a part of a window changes: a button may not be enabled at once."""
        before = self.pixels(window, area)

        def changed():
            self.key(*keys)
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline:
                time.sleep(0.1)
                if self.pixels(window, area) != before:
                    return True
            return False

        self._wait(changed, f"an effect of {keys}")

    def settle(self, window: int) -> None:
        """Wait until a window has been painted and nothing in it changes any more."""

        def rests():
            before = self.pixels(window)
            time.sleep(0.7)
            return self.pixels(window) == before

        self._wait(rests, "a window that rests")

    def click_middle(self, window: int) -> None:
        """Click into the middle of a window."""
        shell = self._xdotool("getwindowgeometry", "--shell", str(window))
        size = dict(re.findall(r"(\w+)=(-?\d+)", shell))
        self.click(window, int(size["WIDTH"]) // 2, int(size["HEIGHT"]) // 2)

    def click(self, window: int, x: int, y: int) -> None:
        """Click at a place of a window, pixels from its upper left corner."""
        self._xdotool("mousemove", "--window", str(window), str(x), str(y), "click", "1")

    # ------------------------------------------------------------------ details

    def _wait(self, condition, what):
        try:
            return wait_until(condition, "it")
        except AssertionError:
            self.screenshot("in-vain")
            text = what() if callable(what) else what
            raise AssertionError(f"in vain: {text} (see {self.folder})") from None

    def _active(self) -> int | None:
        text = self._property("-root", "_NET_ACTIVE_WINDOW") or ""
        number = re.search(r"0x[0-9a-f]+", text)
        return int(number[0], 16) if number else None

    @staticmethod
    def _property(*arguments: str) -> str | None:
        done = subprocess.run(
            ["xprop", "-notype", *arguments],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        missing = done.returncode or "not found" in done.stdout or "no such atom" in done.stdout
        return None if missing else done.stdout.strip()

    @staticmethod
    def _import(*arguments: str) -> bytes:
        return subprocess.run(
            ["import", "-depth", "8", *arguments], capture_output=True, timeout=60, check=True
        ).stdout

    @staticmethod
    def _xdotool(*arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], capture_output=True, text=True, timeout=120, check=True
        )
        return done.stdout
