"""How long a key takes from the keyboard of the host to the guest: 15 ms at most, nearly always.

Measured is the time between a key press that is given to the X server (XTest) and the first byte
with which the guest's interrupt handler answers on COM1, a socket. The guest halts in between, as
it does at a prompt; keys come at irregular distances, so that no clock of the window's is met. The
answer has its own way back (the serial port's thread and a socket), which is measured with it.
How late the host wakes a thread that sleeps in between is told, too: a busy host is late at every
step of a key's way.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench.desktop import check_screen, installation, on_a_screen, program, wait_for_window
from bench.report import Report, rounds, run
from tests.engine.probe.guest import COM1, Probe, SocketWire, create_machine

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = 15.0  # ms, 95 of 100 keys
KEYS = 400
GAP = (0.03, 0.12)  # seconds between two events
TIMEOUT = 60.0
KEYCODE = 38  # X11's number of the key A
NAME = "Latency"


class XTest:
    """Presses keys as a keyboard would.

    Raises:
        FileNotFoundError: the libraries are missing.
    """

    def __init__(self) -> None:
        names = {name: ctypes.util.find_library(name) for name in ("X11", "Xtst")}
        for name, path in names.items():
            if path is None:
                raise FileNotFoundError(2, "not installed", f"lib{name}")
        self._x11 = ctypes.CDLL(names["X11"])
        self._xtst = ctypes.CDLL(names["Xtst"])
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._display = ctypes.c_void_p(self._x11.XOpenDisplay(None))

    def key(self, code: int, *, down: bool) -> float:
        """Press or release a key; return when the server got it."""
        now = time.perf_counter()
        self._xtst.XTestFakeKeyEvent(
            self._display, ctypes.c_uint(code), ctypes.c_int(down), ctypes.c_ulong(0)
        )
        self._x11.XFlush(self._display)
        return now


def latencies(probe: Probe, wire: SocketWire) -> Iterator[tuple[float, float]]:
    """Press and release a key again and again; yield its milliseconds and those of the host."""
    keyboard = XTest()
    chance = random.Random(1)
    for number in range(KEYS):
        wanted = time.perf_counter() + chance.uniform(*GAP)
        time.sleep(wanted - time.perf_counter())
        late = time.perf_counter() - wanted
        told = len(wire.times)
        pressed = keyboard.key(KEYCODE, down=number % 2 == 0)
        probe.take_keys(1)
        yield 1000 * (wire.times[told][1] - pressed), 1000 * late


def measure_once() -> tuple[list[float], list[float]]:
    """Start a machine in a window and type; return the sorted times of keys and of the host."""
    from app.api import connect

    with installation() as folder, connect(client_name="bench") as api:
        machine = create_machine(api, NAME, folder / "machines")
        with program("--startvm", machine, "--no-startvm-errormsgbox"):
            wire = SocketWire(folder / "machines" / COM1)
            probe = Probe(wire)
            probe.wait_ready(TIMEOUT)
            wait_for_window(f"{NAME} .Running.", TIMEOUT)
            time.sleep(3)  # until nothing changes on the screen
            keys, host = zip(*latencies(probe, wire), strict=True)
            wire.close()
            return sorted(keys), sorted(host)


def measure(report: Report) -> None:
    """Tell percentiles; the target is that of the 95th."""
    check_screen()
    runs = [measure_once() for _ in range(rounds(1))]
    load = os.getloadavg()[0]
    for percent in (50, 95, 99):
        values, late = (
            [statistics.quantiles(times, n=100)[percent - 1] for times in column]
            for column in zip(*runs, strict=True)
        )
        report.add(
            f"key press to guest, {percent} of 100 keys", values, "ms",
            target=TARGET if percent == 95 else None,
            detail=f"the host wakes a thread {max(late):.1f} ms late, load {load:.1f}",
        )  # fmt: skip


def main() -> int:
    """Print the percentiles."""
    code = on_a_screen("bench.input_latency")
    return run(measure) if code is None else code


if __name__ == "__main__":
    sys.exit(main())
