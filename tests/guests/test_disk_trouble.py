"""Linux on disks that are slow, full, or saved in the middle of a write."""

from __future__ import annotations

import random
import subprocess
import time

import pytest

from engine.storage.chain import DiskChain
from engine.storage.create import create_medium
from engine.storage.medium import open_medium
from engine.vmevents import RuntimeErrorRaised, VmState
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
DISK = 64 << 20
# About 16 MB of which no sector is like another at the same place.
FILL = "for n in 1 2 3 4 5 6 7 8; do cat /bin/busybox; echo $n; done >/tmp/data; sha256sum /tmp/data"
COPY = "dd if=/tmp/data of=/dev/sda bs=1M conv=fsync 2>/dev/null; echo COPY-$?-DONE\n"
READ = "head -c $(stat -c %s /tmp/data) /dev/sda | sha256sum"


def _boot(linux):
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)


def _sum(output):
    return next(word for word in output.split() if len(word) == 64)


def test_a_slow_disk_leaves_the_guest_alive_and_can_be_saved(
    machine, guests, tmp_path, monkeypatch
):
    disk = tmp_path / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=DISK)
    linux = machine(
        cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d", sata=True, memory_mb=256
    )
    _boot(linux)
    wanted = _sum(linux.run(FILL, 120))

    write, flush = DiskChain.write, DiskChain.flush

    def slow_write(chain, offset, data):
        time.sleep(0.1)
        write(chain, offset, data)

    def slow_flush(chain):
        time.sleep(1)
        flush(chain)

    monkeypatch.setattr(DiskChain, "write", slow_write)
    monkeypatch.setattr(DiskChain, "flush", slow_flush)
    linux.send(COPY)
    time.sleep(0.5)
    answers = []
    for _ in range(10):
        begun = time.monotonic()
        linux.vm.post(lambda: None).result(10)
        answers.append(time.monotonic() - begun)
        time.sleep(0.05)
    # The emulation thread serves others while requests take 100 ms and more.
    assert sorted(answers)[5] < 0.05, answers
    moments = random.Random(6)
    for turn in range(3):
        time.sleep(0.7 * moments.random())
        linux.save_and_restore(tmp_path / f"{turn % 2}.sav")
    monkeypatch.setattr(DiskChain, "write", write)
    monkeypatch.setattr(DiskChain, "flush", flush)
    linux.expect("COPY-0-DONE", 120)
    linux.expect(PROMPT, 30)
    linux.run("echo 3 > /proc/sys/vm/drop_caches")
    assert _sum(linux.run(READ, 120)) == wanted
    assert "I/O error" not in linux.run("dmesg")


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 8 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_host_pauses_the_machine_and_loses_nothing(machine, guests, small_disk):
    disk = small_disk / "disk.vdi"
    create_medium(disk, format_name="VDI", variant="Standard", size=DISK)
    linux = machine(
        cdrom=guests(SUITE_LINUX), disk=disk, boot_order="d", sata=True, memory_mb=256
    )
    _boot(linux)
    wanted = _sum(linux.run(FILL, 120))
    linux.send(COPY)
    for size in (12, 64):
        end = time.monotonic() + 60
        while linux.vm.state is not VmState.SUSPENDED:
            assert time.monotonic() < end
            time.sleep(0.05)
        found = [e for e in linux.events if isinstance(e, RuntimeErrorRaised)]
        assert {(e.error_id, e.fatal) for e in found} == {("DrvVD_DISKFULL", False)}
        linux.events.clear()
        subprocess.run(["mount", "-o", f"remount,size={size}m", str(small_disk)], check=True)
        linux.vm.resume()
    linux.expect("COPY-0-DONE", 120)
    linux.expect(PROMPT, 30)
    linux.run("echo 3 > /proc/sys/vm/drop_caches")
    assert _sum(linux.run(READ, 120)) == wanted
    linux.close()
    with open_medium(disk, format_name="VDI") as image:
        assert image.check() == []
