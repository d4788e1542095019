"""Sequential reads and writes of a disk behind each controller, beside QEMU: at least as fast.

Linux moves a raw image that the host has in memory with its own drivers, in pieces of a megabyte
and past its own cache. Timed on the host, from a line on COM1 before the command to one behind it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.machine import Shell, guest, qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run
from tests.guest_images import SUITE_LINUX

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
SIZE = 256 * MIB
TARGET = 1.0
"""Times QEMU's seconds for the same bytes."""
_VIRTIO = "virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci"
CONTROLLERS = {
    "ahci": ("", "/dev/sda"),
    "virtio-scsi": (f"{_VIRTIO} virtio_scsi", "/dev/sda"),
    "virtio-blk": (f"{_VIRTIO} virtio_blk", "/dev/vda"),
    "nvme": (
        "crct10dif_common crc-t10dif crc64 crc64-rocksoft t10-pi nvme-core nvme",
        "/dev/nvme0n1",
    ),
}
"""Modules that are not loaded yet, and the disk's name."""


ROUNDS = 3
"""Of each transfer in one boot: the median counts."""


def transfer(command: list[str], controller: str) -> dict[str, float]:
    """Return the seconds for the whole disk in each direction."""
    modules, device = CONTROLLERS[controller]
    count = f"bs=1M count={SIZE // MIB}"
    with guest(command) as machine:
        shell = Shell(machine)
        shell.run(f"for m in {modules}; do insmod /extra/$m.ko 2>/dev/null; done")
        shell.run(f"while [ ! -b {device} ]; do sleep 1; mdev -s; done")
        commands = {
            "read": f"dd if={device} of=/dev/null iflag=direct {count} 2>/dev/null",
            "written": f"dd if=/dev/zero of={device} oflag=direct {count} 2>/dev/null",
        }
        return {
            name: statistics.median(shell.run(text) for _ in range(ROUNDS))
            for name, text in commands.items()
        }


def measure(report: Report) -> None:
    """Measure both machines in turn, with each controller."""
    image = guest_image(SUITE_LINUX)
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "disk.img"
        disk.write_bytes(os.urandom(SIZE))
        for controller in CONTROLLERS:

            def once(make: Callable[..., list[str]], controller: str) -> dict[str, float]:
                command = make(output="serial", cdrom=image, disk=disk, controller=controller)
                return transfer(command, controller)

            ours, other = (
                partial(once, make, controller) for make in (vitrine_command, qemu_command)
            )
            pairs = alternate(rounds(2), ours, other)
            for direction in pairs[0][0]:
                report.compare(
                    f"{controller}: {SIZE // MIB} MiB {direction}",
                    [(a[direction], b[direction]) for a, b in pairs],
                    target=TARGET,
                )


def main() -> int:
    """Print the ratios."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
