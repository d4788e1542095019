"""Linux and its own drivers take random bytes from the host, and give memory back to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.pdm import MemoryBalloon
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = LONG = 240  # seconds
MIB = 1 << 20
MEMORY, BALLOON, LITTLE = 256, 128, 16  # MiB
FILLED = 100  # MiB that Linux has used and does not need any more
MODULES = (
    *("virtio_ring", "virtio", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"),
    *("rng-core", "virtio-rng", "virtio_balloon"),
)


def _resident():
    """Return how much of the host's memory this process holds (MiB)."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) >> 10


def _available(linux):
    """Return how much memory Linux has for its programs (MiB)."""
    return int(re.search(r"MemAvailable:\s+(\d+)", linux.run("cat /proc/meminfo")).group(1)) >> 10


def _resize(linux, mebibytes):
    """Have the balloon grow or shrink, and wait for Linux to do so."""
    balloon = linux.vm.devices.find(MemoryBalloon)
    linux.vm.inspect(lambda: balloon.set_size(mebibytes))
    linux.until(
        lambda: balloon.memory_statistics()["Balloon"] == mebibytes * MIB,
        f"a balloon of {mebibytes} MiB", LONG,
    )  # fmt: skip


def _read_random_bytes(linux):
    assert "virtio_rng" in linux.run("cat /sys/class/misc/hw_random/rng_current")
    first, second = (linux.run("head -c 4096 /dev/hwrng | md5sum") for _ in range(2))
    zeros = linux.run("head -c 4096 /dev/zero | md5sum")
    assert len({re.search(r"[0-9a-f]{32}", text).group() for text in (first, second, zeros)}) == 3


def test_linux_takes_entropy_and_gives_memory_back(machine, guests, tmp_path):
    linux = machine(
        cdrom=guests(SUITE_LINUX), boot_order="d", memory_mb=MEMORY, entropy=True, balloon_mb=0
    )
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    for name in MODULES:
        linux.run(f"if [ -e /extra/{name}.ko ]; then insmod /extra/{name}.ko; fi")
    linux.run("mdev -s")
    _read_random_bytes(linux)

    linux.run("head -c 4194304 /dev/urandom >/tmp/kept; md5sum /tmp/kept >/tmp/sum", LONG)
    linux.run(f"dd if=/dev/zero of=/tmp/x bs=1M count={FILLED} 2>/dev/null; rm /tmp/x", LONG)
    available, resident = _available(linux), _resident()
    _resize(linux, BALLOON)
    assert _available(linux) == pytest.approx(available - BALLOON, abs=16)
    assert _resident() < resident - FILLED / 2
    linux.save_and_restore(tmp_path / "inflated.sav")
    linux.run("md5sum -c /tmp/sum")
    _resize(linux, LITTLE)
    assert _available(linux) == pytest.approx(available - LITTLE, abs=16)
    linux.run("md5sum -c /tmp/sum")
    counters = {path: value for path, (value, _) in linux.vm.statistics().items()}
    total = counters["/Public/Guest/RAM/Total"] // MIB
    assert MEMORY / 2 < total < MEMORY
    assert 0 < counters["/Public/Guest/RAM/Free"] // MIB < total
    assert "Call Trace" not in linux.run("dmesg")
