"""Linux and its own drivers on USB disks, behind each kind of controller at the same time.

One of them is a device of the host, which comes and goes while Linux runs; an emulated one stands in
for it where libusb would begin.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager

import pytest

from engine.hostio.hostusb import open_host_device
from engine.pcboard import IdeUnit, UsbBus
from engine.storage.create import create_medium
from engine.vusb.descriptors import Speed
from engine.vusb.hostdevice import HostDevice
from engine.vusb.storage import UsbStorage
from tests.engine.hostio.fakeusb import FakeUsb1, Socket
from tests.engine.vusb.test_storage import Host, Medium
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MIB = 1 << 20
MODULES = (
    *("usb-common", "usbcore", "xhci-hcd", "xhci-pci"),
    *("ohci-hcd", "ohci-pci", "ehci-hcd", "ehci-pci", "usb-storage"),
)
SIZES = {"ohci": 24, "ehci": 32, "xhci": 40}
"""MiB of the disk at each controller, by which the guest's name for it is found."""
TROUBLE = ("reset ", "died", "I/O error", "device descriptor read", "timed out", "BUG:", "Oops")
"""What the kernel writes of a device that does not answer as its driver expects."""
STICK = 16
"""MiB of the host's device."""


def _make_disks(folder):
    for controller, mebibytes in SIZES.items():
        create_medium(
            folder / f"{controller}.vdi", format_name="VDI", variant="Standard",
            size=mebibytes * MIB,
        )  # fmt: skip


def _find(linux, mebibytes):
    """Return the name that Linux has given to the disk of a size."""
    sectors = mebibytes * MIB // 512
    linux.until(lambda: str(sectors) in linux.run("cat /sys/block/sd*/size; true"), "a disk", 60)
    found = linux.run(f"grep -l '^{sectors}$' /sys/block/sd*/size")
    return re.search(r"/sys/block/(sd.)/size", found)[1]


def _use(linux, name):
    """Write 2 MiB, and read them again from the disk; return their checksum."""
    linux.run("dd if=/dev/urandom of=/tmp/data bs=64k count=32 2>/dev/null")
    linux.run(f"dd if=/tmp/data of=/dev/{name} bs=64k seek=5 conv=fsync 2>/dev/null", 120)
    written = re.findall(r"[0-9a-f]{32}", linux.run("md5sum </tmp/data"))
    linux.run("echo 3 >/proc/sys/vm/drop_caches")
    back = linux.run(f"dd if=/dev/{name} bs=64k skip=5 count=32 2>/dev/null | md5sum", 120)
    assert re.findall(r"[0-9a-f]{32}", back) == written != []


@pytest.fixture
def socket(monkeypatch):
    """A stick that is plugged into the host."""
    stick = UsbStorage(0, Host(Medium(STICK * MIB)), optical=False, speed=Speed.HIGH)
    socket = Socket(stick)
    monkeypatch.setitem(sys.modules, "usb1", FakeUsb1(socket))
    return socket


@contextmanager
def _stick(linux):
    """Hand the host's stick to Linux; yield Linux's name for it."""
    ehci = linux.vm.devices.devices["usb-ehci/0"]
    link = open_host_device(1, 4, "Stick", linux.vm.emt.tell)
    port = ehci.free_port(link.speed)
    stick = HostDevice(link, lost=lambda: (stick.release(), ehci.unplug(port)))
    try:
        linux.vm.post(lambda: ehci.plug(port, stick)).result(10)
        yield _find(linux, STICK)
    finally:
        link.close()


def test_linux_boots_from_a_usb_drive_and_uses_disks(machine, guests, tmp_path, socket):
    _make_disks(tmp_path)
    disks = {name: IdeUnit("disk", str(tmp_path / f"{name}.vdi")) for name in SIZES}
    buses = [
        UsbBus("ohci", drives={2: disks["ohci"]}),
        UsbBus("ehci", drives={3: disks["ehci"]}),
        UsbBus("xhci", drives={2: IdeUnit("cdrom", str(guests(SUITE_LINUX))), 3: disks["xhci"]}),
    ]
    linux = machine(boot_order="d", usb=buses)
    linux.expect("GUEST-READY", BOOT)  # SeaBIOS and ISOLINUX have read the disc over USB
    linux.expect(PROMPT, 30)
    for module in MODULES:
        linux.run(f"insmod /extra/{module}.ko")
    found = "dmesg | grep -c 'new high-speed USB device.*ehci'; true"
    linux.until(lambda: linux.run(found).split()[-1] == "1", "the faster disk", 60)
    names = {controller: _find(linux, size) for controller, size in SIZES.items()}
    linux.run("mdev -s")
    for name in names.values():
        _use(linux, name)
    with _stick(linux) as stick:
        linux.run("mdev -s")
        _use(linux, stick)
        log = linux.run("dmesg").splitlines()
        assert [line for line in log if any(trouble in line for trouble in TROUBLE)] == []
        socket.pull()
        linux.run(f"dd if=/dev/{stick} of=/dev/null bs=64k skip=99 count=1 2>/dev/null; true", 120)
        linux.until(lambda: stick not in linux.run("ls /sys/block"), "the stick has gone", 60)
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)
