"""Reads and writes of a disk behind each controller, beside QEMU: at least as fast.

Linux moves a raw image that the host has in memory with its own drivers and past its own cache: in
pieces of a megabyte, and of 4 KiB one after the other and by eight programs at once. Timed on the
host, from a line on COM1 before the command to one behind it, by the clock and by processor time.
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
SMALL = 2000
"""Requests of 4 KiB."""
PROGRAMS = 8
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
PROCESSOR = ", by processor time"


def _commands(device: str) -> dict[str, str]:
    """Return what the guest does, by name."""
    read = f"dd if={device} of=/dev/null iflag=direct 2>/dev/null"
    write = f"dd if=/dev/zero of={device} oflag=direct 2>/dev/null"
    whole = f"bs=1M count={SIZE // MIB}"
    each = SMALL // PROGRAMS
    one = f"{read} bs=4k count={each} skip=$((n*{each}))"
    several = f"for n in $(seq 0 {PROGRAMS - 1}); do {one} & done"
    return {
        f"{SIZE // MIB} MiB read": f"{read} {whole}",
        f"{SIZE // MIB} MiB written": f"{write} {whole}",
        f"{SMALL} times 4 KiB read": f"{read} bs=4k count={SMALL}",
        f"{SMALL} times 4 KiB written": f"{write} bs=4k count={SMALL}",
        f"{SMALL} times 4 KiB read by {PROGRAMS}": f"{several}; wait",
    }


def transfer(command: list[str], controller: str) -> dict[str, float]:
    """Return the seconds of each transfer, by the clock and of the processor."""
    modules, device = CONTROLLERS[controller]
    with guest(command) as machine:
        shell = Shell(machine)
        shell.run(f"for m in {modules}; do insmod /extra/$m.ko 2>/dev/null; done")
        shell.run(f"while [ ! -b {device} ]; do sleep 1; mdev -s; done")
        found = {}
        for name, text in _commands(device).items():
            times, used = [], []
            for _ in range(ROUNDS):
                before = machine.cpu_seconds()
                times.append(shell.run(text))
                used.append(machine.cpu_seconds() - before)
            found[name] = statistics.median(times)
            found[name + PROCESSOR] = statistics.median(used)
        return found


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
            for name in pairs[0][0]:
                report.compare(
                    f"{controller}: {name}",
                    [(a[name], b[name]) for a, b in pairs],
                    target=None if name.endswith(PROCESSOR) else TARGET,
                )


def main() -> int:
    """Print the ratios."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
