"""Firmware and boot loaders on KVM, as far as the host's can take them."""

from __future__ import annotations

import pytest

from engine.em.kvm.probe import unsuitable
from tests.engine.kvm import needs_kvm
from tests.guests.test_selftest import SECONDS

pytestmark = [pytest.mark.guest, needs_kvm, pytest.mark.timeout(600)]


def test_firmware_finds_nothing_to_boot(machine):
    pc = machine(memory_mb=64, boot_order="c", engine="KVM")
    pc.wait_screen("SeaBIOS", 60)
    pc.wait_screen("No bootable device", 120)
    assert pc.vm.engine.name == "KVM"


def test_a_boot_sector_is_read_from_floppy(machine, guests):
    pc = machine(
        floppy=guests("grub-rescue-floppy.img"), memory_mb=64, boot_order="a", engine="KVM"
    )
    pc.wait_screen("Welcome to GRUB!", 120)


def test_linux_boots_where_the_processor_runs_it(machine, guests):
    reason = unsuitable()
    if reason:
        pytest.skip(reason)
    linux = machine(
        cdrom=guests("linux-amd64.iso"), memory_mb=512, boot_order="d", engine="KVM"
    )
    linux.expect("SELFTEST-DONE", SECONDS)
