"""Linux plays and records through USB headsets: isochronous transfers of each controller.

The one at EHCI is a device of the host, as far as libusb would begin.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from engine.hostio.hostusb import open_host_device
from engine.pcboard import UsbBus
from engine.vusb.descriptors import Speed
from engine.vusb.hostdevice import HostDevice
from tests.engine.hostio.fakeusb import FakeUsb1, Socket
from tests.engine.vusb.headset import RATE, Headset
from tests.guest_images import SUITE_LINUX
from tests.guests import sounds
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MODULES = (
    *("usb-common", "usbcore", "ohci-hcd", "ohci-pci", "ehci-hcd", "ehci-pci"),
    *("xhci-hcd", "xhci-pci"),
    *("soundcore", "snd", "snd-timer", "snd-pcm", "snd-mixer-oss", "snd-pcm-oss", "snd-hwdep"),
    *("snd-seq-device", "snd-rawmidi", "snd-usbmidi-lib", "mc", "snd-usb-audio"),
)


@pytest.fixture
def socket(monkeypatch):
    """A headset that is plugged into the host."""
    socket = Socket(Headset(Speed.HIGH))
    monkeypatch.setitem(sys.modules, "usb1", FakeUsb1(socket))
    return socket


def _tone(heard: bytearray) -> tuple[float, float]:
    """Return the loudest frequency that a headset has heard (Hz), and how long it has sounded (s)."""
    samples = np.frombuffer(bytes(heard[: len(heard) // 4 * 4]), "<i2")[::2].astype(float)
    (loud,) = np.nonzero(np.abs(samples) > 1000)
    assert len(loud), "silence"
    sound = samples[loud[0] : loud[-1] + 1]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * RATE / len(sound)), len(sound) / RATE


def test_linux_plays_and_records_through_usb_headsets(machine, guests, socket):
    buses = [UsbBus("ohci"), UsbBus("ehci"), UsbBus("xhci")]
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d", usb=buses)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    for module in MODULES:
        linux.run(f"insmod /extra/{module}.ko")
    link = open_host_device(1, 4, "Headset", linux.vm.emt.tell)
    try:
        headsets = {
            "usb-ohci/0": Headset(), "usb-ehci/0": HostDevice(link, lost=lambda: None),
            "usb-xhci/0": Headset(Speed.HIGH),
        }  # fmt: skip
        for number, (name, headset) in enumerate(headsets.items()):
            controller = linux.vm.devices.devices[name]
            port = controller.free_port(headset.speed)
            linux.vm.post(lambda c=controller, p=port, h=headset: c.plug(p, h)).result(10)
            card = f"card{number}"
            linux.until(lambda card=card: card in linux.run("ls /proc/asound"), card, 60)
        linux.run("mdev -s")
        sounds.put_tone(linux)
        heard = [headsets["usb-ohci/0"], socket.device, headsets["usb-xhci/0"]]
        for number, headset in enumerate(heard):
            linux.run(f"cat /tmp/tone >/dev/dsp{number or ''}", 120)
            tone, seconds = _tone(headset.heard)
            assert tone == pytest.approx(sounds.TONE, rel=0.02), number
            # Linux skips packets when it is late itself: it keeps less than 20 ms ahead.
            assert sounds.SECONDS / 2 < seconds < sounds.SECONDS + 0.1, number
            recorded = sounds.recorded_tone(linux, number)
            assert recorded == pytest.approx(sounds.VOICE, rel=0.05), number
        assert "Call Trace" not in linux.run("dmesg")
    finally:
        link.close()
