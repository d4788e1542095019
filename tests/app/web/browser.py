"""A Chromium without a window, driven by its DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

from websockets.sync.client import connect

from tests.app.service.support import wait_until

PROGRAMS = ("chromium-headless-shell", "chromium")
SECONDS = 120
"""Far more than a busy host needs."""


def find_browser():
    """Path of a Chromium, or None."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Page:
    """One page."""

    def __init__(self, socket):
        self._socket = socket
        self._number = 0
        self._loads = 0
        self.complaints = []

    def call(self, method, **params):
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]

    def _receive(self):
        message = json.loads(self._socket.recv(timeout=SECONDS))
        match message.get("method"):
            case "Runtime.exceptionThrown" | "Log.entryAdded":
                self.complaints.append(message["params"])
            case "Page.loadEventFired":
                self._loads += 1
        return message

    def go(self, address):
        """Show another page, and wait until it is there."""
        loads = self._loads
        self.call("Page.navigate", url=address)
        while self._loads == loads:
            self._receive()

    def run(self, script):
        """Value of an expression; promises are waited for."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def wait(self, script, seconds=SECONDS):
        """Wait until an expression is true."""
        deadline = time.monotonic() + seconds
        while not self.run(f"!!({script})"):
            assert time.monotonic() < deadline, f"{script}\n{self.run('document.body?.textContent')}\n{self.complaints}"
            time.sleep(0.1)

    def size(self, width, height, dark=False):
        """Size of the window in pixels, and whether the desktop is dark."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500)
        scheme = "dark" if dark else "light"
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def type(self, text):
        """Press keys; letters, digits, space and line ends only."""
        for letter in text:
            upper = letter.upper()
            code = {" ": "Space", "\n": "Enter", "\t": "Tab"}.get(letter) or (f"Digit{letter}" if letter.isdigit() else f"Key{upper}")
            key = {"\n": "Enter", "\t": "Tab"}.get(letter, letter)
            number = {"\n": 13, "\t": 9}.get(letter, ord(upper))
            both = {"code": code, "key": key, "windowsVirtualKeyCode": number}
            printed = {} if letter == "\t" else {"text": "\r" if letter == "\n" else letter}
            self.call("Input.dispatchKeyEvent", type="keyDown", **both, **printed)
            time.sleep(0.03)
            self.call("Input.dispatchKeyEvent", type="keyUp", **both)


@contextlib.contextmanager
def open_page(profile, address, language="en-US"):
    """A browser that shows a page."""
    profile.mkdir()
    with (profile / "stderr").open("w") as log, subprocess.Popen(
        [find_browser(), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
         f"--user-data-dir={profile}", f"--lang={language}", f"--accept-lang={language}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            with connect(_page_socket(process, profile), max_size=64 << 20, ping_interval=None) as socket:
                page = Page(socket)
                for domain in ("Page", "Runtime", "Log"):
                    page.call(f"{domain}.enable")
                page.go(address)
                yield page
                # Killing it would leave its helper processes, and their connections, behind.
                socket.send(json.dumps({"id": 0, "method": "Browser.close"}))
            process.wait(SECONDS)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _page_socket(process, profile):
    """Address of the first page's socket, once the browser has said where it listens."""
    port = profile / "DevToolsActivePort"
    complaints = (profile / "stderr").read_text

    def listens():
        assert process.poll() is None, complaints()
        # The port comes in the first line, and the file may be there before it.
        return port.exists() and port.read_text().count("\n") >= 1

    wait_until(listens, SECONDS, complaints)
    found = []

    def shows_a_page():
        with urllib.request.urlopen(f"http://127.0.0.1:{port.read_text().splitlines()[0]}/json/list", timeout=SECONDS) as answer:
            found[:] = [t["webSocketDebuggerUrl"] for t in json.load(answer) if t["type"] == "page"]
        return found

    wait_until(shows_a_page, SECONDS, complaints)
    return found[0]
