"""Debian's kernels for three kinds of paging compute, fork, page and read the right things.

Long mode with NX; PAE with NX; two-level paging without NX.
"""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(1200)]

RESULTS = {
    "sha256": "080acf35a507ac9849cfcba47dc2ad83e01b75663a516279c8b9d243b719643e  -",
    "float": "1.644929066836",
    "fork": "ok",
    "sort": "cbbadb8d05e34e11d9fc26886e36f6fb  -",
    "sleep": "2s",
}
TIMED = re.compile(r"^TIMED (\S+) [\d.]+s (.*)$", re.MULTILINE)
SECONDS = 600
CD_BYTES = 16 << 20  # that the self-test reads


def _selftest(linux, image, architecture):
    """Wait for one run of the self-test, and check what it has found."""
    linux.expect("SELFTEST-START", SECONDS)
    output = linux.expect("SELFTEST-DONE", SECONDS)
    assert output.split("\n")[0].split()[-1] == architecture
    results = dict(TIMED.findall(output))
    assert {name: results.get(name) for name in RESULTS} == RESULTS, output
    with image.open("rb") as disc:
        digest = hashlib.md5(disc.read(CD_BYTES), usedforsecurity=False).hexdigest()
    assert results["read-sr0"].split()[0] == digest
    assert "PCI 0000:00:01.1 0x8086 0x7111" in output
    for trouble in ("Call Trace", "segfault", "BUG:", "Oops"):
        assert trouble not in linux.serial
    return results


def test_long_mode_and_again_after_a_reset(machine, guests):
    image = guests("linux-amd64.iso")
    linux = machine(cdrom=image, memory_mb=512, boot_order="d")
    first = _selftest(linux, image, "x86_64")
    linux.vm.reset()
    assert _selftest(linux, image, "x86_64") == first


@pytest.mark.parametrize("name", ["linux-i386-pae.iso", "linux-i386.iso"])
def test_32_bit_paging_and_a_reboot(machine, guests, name):
    image = guests(name)
    linux = machine(cdrom=image, memory_mb=256, boot_order="d")
    _selftest(linux, image, "i686")
    linux.expect(PROMPT, 60)
    linux.send("reboot -f\n")
    linux.wait_reset(60)
    linux.expect("SELFTEST-START", SECONDS)
