"""Linux and its own drivers for the rarer controllers and the parallel port, in one machine."""

from __future__ import annotations

import re

import pytest

from engine.pcboard import IdeUnit, ParallelPort
from engine.storage.create import create_medium
from tests.guest_images import SUITE_LINUX
from tests.guests.machine import PROMPT

pytestmark = [pytest.mark.guest, pytest.mark.timeout(600)]

BOOT = 240  # seconds
MIB = 1 << 20
NVME = "crct10dif_common crc-t10dif crc64 crc64-rocksoft t10-pi nvme-common nvme-core nvme"
FUSION = "scsi_common scsi_mod scsi_transport_spi mptbase mptscsih mptspi"
PRINTER = "parport parport_pc lp"


def test_linux_on_each_controller(machine, guests, tmp_path):
    disks, paper = {}, tmp_path / "paper"
    for name in ("nvme", "lsilogicscsi"):
        disks[name] = IdeUnit("disk", str(tmp_path / f"{name}.vdi"))
        create_medium(disks[name].path, format_name="VDI", variant="Standard", size=64 * MIB)
    linux = machine(
        cdrom=guests(SUITE_LINUX), boot_order="d", ioapic=True,
        parallel=[ParallelPort(driver="File", settings={"Path": str(paper), "Append": True})],
        hosts={"nvme": [disks["nvme"]], "lsilogicscsi": [IdeUnit(), disks["lsilogicscsi"]]},
    )  # fmt: skip
    linux.expect("GUEST-READY", BOOT)
    linux.expect(PROMPT, 30)
    # Some are there already, others not part of every kernel.
    linux.run(f"for m in {NVME} {FUSION} {PRINTER}; do insmod /extra/$m.ko 2>/dev/null; done; true")
    linux.run("while [ ! -e /dev/nvme0n1 -o ! -e /dev/sda ]; do sleep 1; mdev -s; done", 120)
    for device in ("/dev/nvme0n1", "/dev/sda"):
        _use_disk(linux, device)
    linux.run("while [ ! -e /dev/lp0 ]; do sleep 1; mdev -s; done; echo Hello >/dev/lp0", 120)
    assert paper.read_bytes() == b"Hello\n"
    messages = linux.run("dmesg")
    for trouble in ("Call Trace", "timeout", "I/O error", "missing or invalid", "task abort"):
        assert trouble not in messages, messages[-3000:]
    linux.send("poweroff -f\n")
    linux.wait_power_off(60)


def _use_disk(linux, device):
    """Write 8 MiB, and read them again from the disk."""
    linux.run("dd if=/dev/urandom of=/tmp/data bs=64k count=128 2>/dev/null")
    linux.run(f"dd if=/tmp/data of={device} bs=64k conv=fsync 2>/dev/null")
    written = re.findall(r"[0-9a-f]{32}", linux.run("md5sum </tmp/data"))
    linux.run("echo 3 >/proc/sys/vm/drop_caches")
    read = re.findall(r"[0-9a-f]{32}", linux.run(f"head -c 8388608 {device} | md5sum"))
    assert written == read != []
