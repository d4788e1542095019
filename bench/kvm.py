"""Guests on KVM against QEMU on KVM, in the same run: computing, and a 64-bit Linux.

Both let the host's processor execute the guest, so that what differs is what leaves it: ports,
device memory, interrupts. A host whose KVM interprets guest code, or that has none, measures
nothing and says why.
"""

from __future__ import annotations

import sys

from bench import cpu, linux_boot
from bench.machine import qemu_command, vitrine_command
from bench.report import Report, alternate, guest_image, rounds, run
from tests.guest_images import GuestUnavailableError

ENGINE, ACCELERATOR = "KVM", "kvm"
BOOT_TARGET = 1.6


def unsuitable() -> str:
    """Return why KVM cannot be measured on this host, or an empty text."""
    if sys.platform != "linux":
        return "KVM is a part of Linux"
    from engine.em.kvm.probe import unsuitable as reason

    return reason()


def measure(report: Report) -> None:
    """Measure both machines in turn.

    Raises:
        GuestUnavailableError: KVM on this host is no measure.
    """
    reason = unsuitable()
    if reason:
        raise GuestUnavailableError(f"KVM: {reason}")
    image = guest_image("cpubench.img")
    pairs = alternate(
        rounds(3),
        lambda: cpu.stages(vitrine_command(output="e9", floppy=image, engine=ENGINE)),
        lambda: cpu.stages(qemu_command(output="e9", floppy=image, accelerator=ACCELERATOR)),
    )
    for letter, name in cpu.STAGES.items():
        report.compare(name, [(a[letter], b[letter]) for a, b in pairs])
    disc = guest_image("linux-amd64.iso")
    boots = alternate(
        rounds(3),
        lambda: linux_boot.boot(vitrine_command(output="serial", cdrom=disc, engine=ENGINE)),
        lambda: linux_boot.boot(
            qemu_command(output="serial", cdrom=disc, accelerator=ACCELERATOR)
        ),
    )
    report.compare(
        "Linux amd64 to SELFTEST-DONE",
        [(a["whole"], b["whole"]) for a, b in boots],
        target=BOOT_TARGET,
        digits=1,
    )
    report.compare(
        "  processor time", [(a["processor"], b["processor"]) for a, b in boots], digits=1
    )


def main() -> int:
    """Print the ratios."""
    return run(measure)


if __name__ == "__main__":
    sys.exit(main())
