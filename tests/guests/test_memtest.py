"""Memtest86+: one pass over a small memory, in 32-bit paging and in long mode."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.guest, pytest.mark.timeout(500)]

PASS_SECONDS = 400
COUNTERS = re.compile(r"Pass:\s+(\d+)\s+Errors:\s+(\d+)")


def _remove_bit_fade_test(memtest):
    """Take test 10 out by its menus: it only waits, for 160 s of the guest's time."""
    memtest.wait_screen("Errors: 0", 60)
    memtest.type("{F1}")
    memtest.wait_screen("<F1>  Test selection", 20)
    memtest.type("{F1}")
    memtest.wait_screen("*.*********", 20)
    memtest.type("{F2}")
    memtest.wait_screen("Enter test #", 20)
    memtest.type("10{ENTER}")
    memtest.wait_screen("*.********.", 20)
    memtest.type("{F10}")
    memtest.wait_screen("<F5>  Skip current test", 20)
    memtest.type("{F10}")


@pytest.mark.parametrize("image", ["memtest86+ia32.iso", "memtest86+x64.iso"])
def test_a_pass_finds_no_errors(machine, guests, image):
    memtest = machine(cdrom=guests(image), memory_mb=16, boot_order="d")
    memtest.wait_screen("Memtest86+ v6", 60)
    _remove_bit_fade_test(memtest)

    def counters():
        found = COUNTERS.search(memtest.screen)
        return tuple(map(int, found.groups())) if found else (0, 0)

    memtest.until(lambda: counters() != (0, 0), "the end of the pass", PASS_SECONDS)
    assert counters() == (1, 0), memtest.screen
