"""Guests that are saved and restored at random moments end as if nothing had happened.

``VITRINE_STATE_SAVES`` is how often: a few times by default, a hundred before a release.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import time

import pytest

from engine.pcboard import Nic
from engine.storage.create import create_medium
from tests.engine.kvm import needs_kvm
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT
from tests.guests.test_linux_network import Neighbour
from tests.guests.test_selftest import RESULTS, SECONDS, TIMED

SAVES = int(os.environ.get("VITRINE_STATE_SAVES", "8"))

pytestmark = [pytest.mark.guest, pytest.mark.timeout(1200 + 20 * SAVES)]

# Each goes on until it is told to stop, and leaves one line for each round.
WORK = {
    "cd": "echo 3 >/proc/sys/vm/drop_caches; md5sum </dev/sr0",
    "disk": "cat /bin/busybox >/mnt/x; sync; echo 3 >/proc/sys/vm/drop_caches; md5sum </mnt/x",
    "sleep": "sleep 1 && echo slept",
}


def _check_clock(linux):
    """The clock on the wall went on while the guest was saved; its hardware clock knows."""
    assert abs(int(linux.run("hwclock -u -s && date -u +%s").split()[-1]) - time.time()) < 10


@pytest.mark.parametrize("board", [{}, {"ioapic": True, "hpet": True}], ids=["8259", "apic"])
def test_linux_computes_the_same_however_often_it_is_saved(machine, guests, tmp_path, board):
    linux = machine(
        cdrom=guests("linux-amd64.iso"), memory_mb=512, boot_order="d", **board
    )
    moments = random.Random(20261122)
    saves = 0
    end = time.monotonic() + SECONDS + 10 * SAVES
    while "SELFTEST-DONE" not in linux.serial and saves < SAVES:
        assert time.monotonic() < end, linux.serial[-500:]
        time.sleep(3 * moments.random())
        linux.save_and_restore(tmp_path / f"{saves % 2}.sav")
        saves += 1
    output = linux.expect("SELFTEST-DONE", SECONDS)
    results = dict(TIMED.findall(output))
    assert {name: results.get(name) for name in RESULTS} == RESULTS, output
    assert saves > 5
    for trouble in ("Call Trace", "segfault", "BUG:", "Oops"):
        assert trouble not in linux.serial
    # Without a HPET Linux checks the counter against ticks, which a busy host loses; with one it
    # leaves the check out, and says so, when the host was too busy to read that fast.
    if board:
        assert " as unstable" not in linux.serial
    linux.expect(PROMPT, 60)
    _check_clock(linux)
    if board:
        assert "IO-APIC" in linux.run("cat /proc/interrupts")


@pytest.mark.parametrize(
    "board", [{}, {"sata": True, "ioapic": True, "hpet": True}], ids=["ide", "sata"]
)
def test_linux_is_saved_with_everything_in_flight(machine, guests, tmp_path, board):
    disk = tmp_path / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=16 << 20)
    disc = guests(SUITE_LINUX)
    neighbour = Neighbour()
    linux = machine(
        cdrom=disc, disk=disk, memory_mb=128, boot_order="d",
        nics=[Nic(model="82540EM", mac="080027123456")],
        attachments={("e1000/0", 0): neighbour}, **board,
    )  # fmt: skip
    linux.expect(PROMPT, SECONDS)
    linux.run("insmod /extra/e1000.ko; ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up")
    linux.run("mke2fs /dev/sda >/dev/null; mount -t ext2 /dev/sda /mnt")
    linux.run("{ ping 10.0.2.2 >/tmp/ping & }; P=$!")
    for name, command in WORK.items():
        linux.run(f"{{ while [ ! -e /tmp/stop ]; do {command}; done >/tmp/{name} 2>&1 & }}")
    moments = random.Random(SAVES)
    for turn in range(SAVES):
        time.sleep(2 * moments.random())
        linux.save_and_restore(tmp_path / f"{turn % 2}.sav")
    linux.run("touch /tmp/stop; kill -INT $P; wait", 300)
    seen = {name: linux.run(f"sort -u /tmp/{name}").split("\n")[:-1] for name in WORK}
    expected = hashlib.md5(disc.read_bytes(), usedforsecurity=False).hexdigest()
    assert seen["cd"] == [f"{expected}  -"]
    assert seen["disk"] == [linux.run("md5sum </bin/busybox").split("\n")[-2]]
    assert seen["sleep"] == ["slept"]
    echoes = re.findall(r"(\d+) packets", linux.run("cat /tmp/ping"))
    sent, received = map(int, echoes)
    # What the network swallows while there is no machine is one packet each time at most.
    assert sent - received <= SAVES
    assert received > 3
    messages = linux.run("dmesg")
    for trouble in ("Call Trace", "exception", "I/O error", "NETDEV WATCHDOG", "BUG:", "Oops"):
        assert trouble not in messages, messages[-2000:]
    _check_clock(linux)


def test_memtest_goes_on_testing(machine, guests, tmp_path):
    memtest = machine(cdrom=guests("memtest86+x64.iso"), memory_mb=64, boot_order="d")
    memtest.until(lambda: "Pass" in memtest.screen, "memtest86+", 60)
    moments = random.Random(7)
    for turn in range(SAVES):
        time.sleep(2 * moments.random())
        memtest.save_and_restore(tmp_path / f"{turn % 2}.sav")
    before = memtest.screen
    memtest.until(lambda: memtest.screen != before, "a screen that changes", 30)
    assert "FAIL" not in memtest.screen


@needs_kvm
def test_firmware_goes_on_under_the_other_engine(machine, tmp_path):
    """The boot menu was shown by one engine and is obeyed by the other."""
    pc = machine(memory_mb=64, boot_order="c", boot_menu=True)
    pc.wait_screen("Press ESC for boot menu", 30)
    pc.save_and_restore(tmp_path / "x.sav", engine="KVM")
    pc.wait_screen("No bootable device", 60)
