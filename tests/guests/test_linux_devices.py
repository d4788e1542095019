"""Linux on the board's devices: bus-master disk, ACPI power button and soft off, resets."""

from __future__ import annotations

import pytest

from engine.storage.create import create_medium
from engine.vm import GuestReset
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
DISK_MIB = 48
MODE_FILE = "/sys/class/ata_device/dev1.0/dma_mode"


def _boot(linux):
    boot_messages = linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    assert "MODULE-FAILED" not in boot_messages
    assert "Call Trace" not in linux.run("dmesg")


def test_a_disk_keeps_what_linux_has_written(machine, guests, tmp_path):
    disk = tmp_path / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=DISK_MIB << 20)
    linux = machine(cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d")
    _boot(linux)
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

    linux = machine(cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d")
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
