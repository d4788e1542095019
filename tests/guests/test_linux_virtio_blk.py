"""Linux and virtio-blk: it reads a disk; another one is plugged in, used, and given back."""

from __future__ import annotations

import hashlib
import random
import threading

import pytest

from engine.pcboard import IdeUnit
from engine.storage.create import create_medium
from engine.storage.medium import open_medium
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MIB = 1 << 20
MODULES = "virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk"
HOT_PORT = 3


def _on_emt(linux, function):
    return linux.vm.post(function).result(30)


def test_linux_reads_a_disk_and_gives_another_one_back(machine, guests, tmp_path):
    content = random.Random(8).randbytes(8 * MIB)
    first, second = tmp_path / "first.img", tmp_path / "second.vdi"
    first.write_bytes(content)
    create_medium(second, format_name="VDI", variant="Standard", size=32 * MIB)
    disks = [IdeUnit() for _ in range(HOT_PORT + 1)]
    disks[0] = IdeUnit("disk", str(first))
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d", disks=disks)
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    linux.run(f"for m in {MODULES}; do [ ! -e /extra/$m.ko ] || insmod /extra/$m.ko; done")
    linux.run("until [ -d /sys/block/vda ]; do usleep 100000; done; mdev -s", 60)
    assert hashlib.md5(content).hexdigest() in linux.run("md5sum </dev/vda", 120)

    port = linux.vm.devices.devices[f"virtio-blk/{HOT_PORT}"]
    medium = open_medium(second)

    def plug_in():
        linux.vm.devices.attach(port.instance_name, 0, medium)
        port.plug_drive(0, "disk")

    _on_emt(linux, plug_in)
    linux.run("until [ -d /sys/block/vdb ]; do usleep 100000; done; mdev -s", 60)
    assert str(32 * MIB // 512) in linux.run("cat /sys/block/vdb/size")
    linux.run("echo kept | dd of=/dev/vdb conv=notrunc,fsync")
    given_back = threading.Event()
    assert _on_emt(linux, lambda: port.ask_for_drive(0, given_back.set))
    linux.until(given_back.is_set, "the disk given back", 60)
    _on_emt(linux, lambda: linux.vm.devices.attach(port.instance_name, 0, None))
    medium.close()
    linux.run("[ ! -d /sys/block/vdb ]")
    with open_medium(second) as written:
        assert written.read(0, 4) == b"kept"
    # The one that stays can still be used.
    linux.run("echo 3 >/proc/sys/vm/drop_caches")
    assert hashlib.md5(content).hexdigest() in linux.run("md5sum </dev/vda", 120)
    assert "Call Trace" not in linux.run("dmesg")
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)
