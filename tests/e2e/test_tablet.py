"""A real pointer over a real VM window: the guest reads its tablet, position for position."""

from __future__ import annotations

import random
import struct
import time

import pytest

from engine.devices.usb import ohci_registers as r
from tests.e2e.conftest import probe_window
from tests.e2e.desktop import wait_until
from tests.e2e.test_keyboard import with_host_key
from tests.engine.devices.usb.ohcirig import BUFFERS, HCCA, OhciDriver
from tests.engine.probe.pictures import MODES, draw, set_mode

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

EDGE = 32767  # right or lower edge
OHCI = 0x0C0310  # PCI class
REPORT = struct.Struct("<BbbxHH")  # buttons, wheel, horizontal wheel, x, y
C = 46  # with the host key: scaled mode
BUTTONS = {1: 0x01, 2: 0x04, 3: 0x02, 8: 0x08, 9: 0x10}


class ProbeMemory:
    """The guest's memory."""

    def __init__(self, probe):
        self._probe = probe

    def read(self, address, count):
        return self._probe.memory(address, count) if count else b""

    def write(self, address, data):
        data = data.ljust(-(-len(data) // 4) * 4, b"\0")
        self._probe.write32(address, *struct.unpack(f"<{len(data) // 4}I", data))


class Tablet(OhciDriver):
    """The driver of the tablet, carried out by the probe."""

    def __init__(self, probe):
        self._probe = probe
        self.memory = ProbeMemory(probe)
        device = next(n for n in range(32) if self._config(n, 8) >> 8 == OHCI)
        self._base = self._config(device, 0x10) & ~0xF
        probe.out32(0xCFC - 4, 1 << 31 | device << 11 | 4)
        probe.out32(0xCFC, 6)  # memory, bus master
        self.put(r.HC_COMMAND_STATUS, r.COMMAND_HCR)
        self.memory.write(HCCA, bytes(256))
        self.initialize()
        self.put(r.HC_RH_STATUS, 1 << 16)  # power to the ports
        self.enumerate(0, 5)
        self._ed = self.endpoint(1, 5, 1, 8)
        self.poll(self._ed)
        self._expect()

    def _config(self, device, register):
        self._probe.out32(0xCF8, 1 << 31 | device << 11 | register)
        return self._probe.in32(0xCFC)

    def get(self, offset):
        return self._probe.read32(self._base + offset)

    def put(self, offset, value):
        self._probe.write32(self._base + offset, value)

    def advance(self, nanoseconds):
        time.sleep(nanoseconds / 1e9)

    def _expect(self):
        self._td = self.queue(self._ed, r.PID_IN, BUFFERS, 8)

    def has_report(self):
        return self.code(self._td) != 0xF

    def report(self):
        """Wait for the next report; x and y are 0 to 32767."""
        wait_until(self.has_report, "a report of the tablet", 10)
        assert self.code(self._td) == 0
        report = REPORT.unpack(self.memory.read(BUFFERS, REPORT.size))
        self._expect()
        return report

    def reports_until(self, condition):
        """Read reports up to one that is wanted."""
        return wait_until(lambda: condition(report := self.report()) and report, "it", 10)


@pytest.fixture(scope="module")
def machine(firmware, tmp_path_factory):
    with probe_window(tmp_path_factory, tablet=True) as machine:
        yield machine


def test_positions_buttons_and_wheel(machine):
    desktop = machine.desktop
    mode = MODES["VBE 800x600x32"]
    set_mode(machine.probe, mode)
    picture = draw(machine.probe, mode, 3)
    left, top = wait_until(lambda: machine.place_of(picture), "the picture")
    tablet = Tablet(machine.probe)

    def point(x, y):
        """Point to a place of the window."""
        desktop.mouse("mousemove", "--window", str(machine.window), str(x), str(y))

    def position(offset, length):
        return round(offset * EDGE / (length - 1))

    def nudge():
        """The window follows the guest's wish in a moment; before that nothing is told."""
        point(left + random.randrange(800), top + random.randrange(600))
        return tablet.has_report()

    wait_until(nudge, "the first report", 20)
    for x, y in ((400, 300), (0, 0), (799, 599), (1, 598), (123, 456)):
        point(left + x, top + y)
        wanted = position(x, 800), position(y, 600)
        tablet.reports_until(lambda report, wanted=wanted: report[3:] == wanted)
    # No click captures: it is the guest's, and the pointer stays free.
    for button, bit in BUTTONS.items():
        desktop.mouse("mousedown", str(button))
        tablet.reports_until(lambda report, bit=bit: report[0] == bit)
        desktop.mouse("mouseup", str(button))
        tablet.reports_until(lambda report: report[0] == 0)
    desktop.mouse("click", "4")
    assert tablet.reports_until(lambda report: report[1])[1] == 1  # HID counts away from the user
    desktop.mouse("click", "5")
    assert tablet.reports_until(lambda report: report[1])[1] == -1

    # Scaled: the edges of the picture are the edges of the guest's screen.
    with_host_key(desktop, C)
    desktop.window("Vitrine")  # tells how to go back
    desktop.key("alt+s")
    desktop.gone("Vitrine")
    desktop.mouse("windowsize", "--sync", str(machine.window), "600", "450")  # 4 to 3 as well
    machine.focus()
    desktop.settle(machine.window)
    assert desktop.size(machine.window) == (600, 450)
    for x, y in ((300, 225), (0, 0), (599, 449), (77, 400)):
        point(x, y)
        wanted = position(x, 600), position(y, 450)
        tablet.reports_until(lambda report, wanted=wanted: report[3:] == wanted)
