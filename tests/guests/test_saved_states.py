"""Guests that are saved and restored at random moments end as if nothing had happened."""

from __future__ import annotations

import random
import time

import pytest

from tests.engine.kvm import needs_kvm
from tests.guests.machine import PROMPT
from tests.guests.test_selftest import RESULTS, SECONDS, TIMED

pytestmark = [pytest.mark.guest, pytest.mark.timeout(1200)]

SAVES = 8


@pytest.mark.parametrize("board", [{}, {"ioapic": True, "hpet": True}], ids=["8259", "apic"])
def test_linux_computes_the_same_however_often_it_is_saved(machine, guests, tmp_path, board):
    linux = machine(
        cdrom=guests("linux-amd64.iso"), memory_mb=512, boot_order="d", **board
    )
    moments = random.Random(20261122)
    saves = 0
    end = time.monotonic() + SECONDS
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
    if board:  # without a HPET Linux checks the counter against ticks, which a busy host loses
        assert "timekeeping watchdog" not in linux.serial
    linux.expect(PROMPT, 60)
    # The clock on the wall went on meanwhile; the guest's hardware clock knows.
    assert abs(int(linux.run("hwclock -u -r >/dev/null; date -u +%s").split()[-1]) - time.time()) < 90
    if board:
        assert "IO-APIC" in linux.run("cat /proc/interrupts")


def test_memtest_goes_on_testing(machine, guests, tmp_path):
    memtest = machine(cdrom=guests("memtest86+x64.iso"), memory_mb=64, boot_order="d")
    memtest.until(lambda: "Pass" in memtest.screen, "memtest86+", 60)
    moments = random.Random(7)
    for turn in range(6):
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
