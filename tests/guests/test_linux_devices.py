"""Linux on the board's devices: disk, floppy, CD-ROM, mouse, clock, power button, soft off, resets."""

from __future__ import annotations

import hashlib
import time

import pytest

from engine.storage.create import create_medium
from engine.storage.medium import open_medium
from engine.vmevents import GuestReset
from tests.guest_images import SUITE_LINUX
from tests.guests.evdev import KEY, REL, input_events
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
DISK_MIB = 48
FLOPPY_BYTES = 1440 * 1024
CD_DRIVE = ("piix4ide/0", 2)
HOT_PORT = 2
MODE_FILE = "/sys/class/ata_device/dev1.0/dma_mode"


def _boot(linux):
    boot_messages = linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    assert "MODULE-FAILED" not in boot_messages
    assert "Call Trace" not in linux.run("dmesg")


@pytest.mark.parametrize("bus", ["ide", "sata"])
def test_a_disk_keeps_what_linux_has_written(machine, guests, tmp_path, bus):
    disk = tmp_path / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=DISK_MIB << 20)
    sata = bus == "sata"
    linux = machine(cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d", sata=sata)
    _boot(linux)
    if sata:
        assert "NCQ (depth 32)" in linux.run("dmesg | grep LBA48")
    else:
        assert "UDMA" in linux.run(f"cat {MODE_FILE}")
    linux.run(r"printf 'n\np\n1\n\n\nw\n' | fdisk /dev/sda")
    linux.run("mdev -s; mke2fs /dev/sda1; mount -t ext2 /dev/sda1 /mnt")
    # Until it is full: the last copy fails.
    linux.run("n=0; while cp /bin/busybox /mnt/$n; do n=$((n+1)); done; sync; rm /mnt/$n")
    copies = int(linux.run("ls /mnt | grep -c '^[0-9]'").split()[-1])
    assert copies > DISK_MIB // 3
    linux.run("sync; echo 3 >/proc/sys/vm/drop_caches")
    # The page cache is empty: this comes from the disk.
    linux.run("n=0; for f in /mnt/[0-9]*; do cmp /bin/busybox $f || n=1; done; [ $n = 0 ]", 120)
    linux.run("umount /mnt; sync; echo 3 >/proc/sys/vm/drop_caches")
    before = linux.run("sha256sum /dev/sda", 120).split()[-2]
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)
    linux.close()

    linux = machine(cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d", sata=sata)
    _boot(linux)
    assert linux.run("sha256sum /dev/sda", 120).split()[-2] == before
    linux.run("mount -t ext2 /dev/sda1 /mnt && cmp /bin/busybox /mnt/0")
    # The guest's daemon hears of the button and switches off.
    assert linux.vm.press_power_button()
    linux.expect("POWER-BUTTON", 30)
    linux.wait_power_off(60)


def test_linux_boots_again_after_its_own_reboot_and_after_the_reset_button(machine, guests):
    linux = machine(cdrom=guests(SUITE_LINUX), boot_order="d")
    _boot(linux)
    linux.send("reboot -f\n")
    linux.wait_reset(60)
    _boot(linux)
    linux.vm.reset()
    _boot(linux)
    assert sum(isinstance(event, GuestReset) for event in linux.events) == 2
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)


def _digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _mouse_events(linux, stir):
    linux.run("m=$(grep -l -i mouse /sys/class/input/event*/device/name | cut -d/ -f5)")
    return input_events(linux, "$m", stir)


def test_linux_uses_floppy_mouse_clock_and_a_changed_disc(machine, guests, tmp_path):
    floppy = tmp_path / "floppy.img"
    floppy.write_bytes(bytes(FLOPPY_BYTES))
    linux = machine(cdrom=guests(SUITE_LINUX), floppy=floppy, boot_order="d")
    _boot(linux)
    linux.run("insmod /extra/floppy.ko; insmod /extra/psmouse.ko; mdev -s")

    assert abs(int(linux.run("date +%s").split()[-1]) - time.time()) < 10

    linux.run(f"head -c {FLOPPY_BYTES} /bin/busybox >/tmp/data; dd if=/tmp/data of=/dev/fd0 bs=18k")
    linux.run("sync; echo 3 >/proc/sys/vm/drop_caches")
    assert linux.run("sha256sum /dev/fd0", 120).split()[-2] == _digest(floppy)
    assert floppy.read_bytes()[:4] == b"\x7fELF"

    def stir():
        linux.vm.put_mouse(5, -3, dz=1)
        linux.vm.put_mouse(0, 0, buttons=1)
        linux.vm.put_mouse(0, 0, buttons=0)

    events = _mouse_events(linux, stir)
    x, y, wheel, left = 0, 1, 8, 0x110
    # Down is positive for Linux too; its wheel turns the other way.
    assert {(REL, x, 5), (REL, y, -3), (REL, wheel, -1)} <= set(events)
    assert [value for kind, code, value in events if (kind, code) == (KEY, left)] == [1, 0]

    disc = guests("ipxe.iso")
    linux.vm.attach(*CD_DRIVE, open_medium(disc, device_type="dvd")).close()
    assert linux.run("sha256sum /dev/sr0").split()[-2] == _digest(disc)
    linux.vm.attach(*CD_DRIVE, None).close()
    assert "No medium" in linux.run("dd if=/dev/sr0 of=/tmp/none count=1 || true")


def test_linux_sees_a_hot_plugged_disk_come_and_go(machine, guests, tmp_path):
    first, second = tmp_path / "one.vdi", tmp_path / "two.vdi"
    for path in (first, second):
        create_medium(path, format_name="VDI", variant="Standard", size=DISK_MIB << 20)
    linux = machine(cdrom=guests(SUITE_LINUX), disk=first, boot_order="d", sata=True)
    _boot(linux)
    medium = open_medium(second)
    ahci = linux.vm.devices.devices["ahci/0"]

    def exchange(disk):
        if disk is None:
            ahci.unplug_drive(HOT_PORT)
        linux.vm.devices.attach("ahci/0", HOT_PORT, disk)
        if disk is not None:
            ahci.plug_drive(HOT_PORT, "disk")

    linux.vm.post(lambda: exchange(medium)).result(10)
    linux.run("until [ -d /sys/block/sdb ]; do usleep 100000; done; mdev -s", 60)
    linux.run("echo kept | dd of=/dev/sdb conv=notrunc,fsync")
    linux.vm.post(lambda: exchange(None)).result(10)
    assert medium.read(0, 4) == b"kept"
    # It tries thrice to reach the disk before it believes that it is gone.
    linux.run("while [ -d /sys/block/sdb ]; do usleep 100000; done", 60)
    linux.vm.post(lambda: exchange(medium)).result(10)
    linux.run("until [ -d /sys/block/sdb ]; do usleep 100000; done; mdev -s", 60)
    assert "kept" in linux.run("dd if=/dev/sdb bs=512 count=1 | strings")
    linux.close()
    medium.close()
