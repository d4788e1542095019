"""Boot loaders: CD-ROM and floppy through the firmware's drivers, text screen and keyboard."""

from __future__ import annotations

import pytest

from engine.pcboard import IdeUnit, UsbBus

pytestmark = pytest.mark.guest

GRUB_PROMPT = "grub>"


def _talk_to_grub(grub):
    """Leave the menu, if there is one, and make GRUB evaluate what it has understood."""
    grub.until(
        lambda: GRUB_PROMPT in grub.screen or "Press enter to boot" in grub.screen, "GRUB", 60
    )
    if GRUB_PROMPT not in grub.screen:
        grub.type("c")
        grub.wait_screen(GRUB_PROMPT, 20)
    grub.type("set a=Vit_rine; echo ~$a~{ENTER}")
    grub.wait_screen("\n~Vit_rine~", 20)
    grub.type("lX{BACKSPACE}s{ENTER}")


def test_grub_from_the_cd_obeys_commands(machine, guests):
    grub = machine(cdrom=guests("grub-rescue-cdrom.iso"), memory_mb=64, boot_order="d")
    _talk_to_grub(grub)
    grub.wait_screen("\n(cd)", 30)
    grub.type("ls (cd)/boot/{ENTER}")
    grub.wait_screen("\ngrub/", 30)


def test_grub_from_the_floppy_obeys_commands(machine, guests):
    grub = machine(floppy=guests("grub-rescue-floppy.img"), memory_mb=64, boot_order="a")
    _talk_to_grub(grub)
    grub.wait_screen("\n(fd0)", 60)
    grub.type("reboot{ENTER}")
    grub.wait_reset(20)
    _talk_to_grub(grub)


@pytest.mark.parametrize("controller", ["ohci", "ehci", "xhci"])
@pytest.mark.parametrize("kind", ["cdrom", "disk"])
def test_grub_from_usb_storage(machine, guests, controller, kind):
    drives = {2: IdeUnit(kind, str(guests("grub-rescue-cdrom.iso")), read_only=True)}
    order = "d" if kind == "cdrom" else "c"
    grub = machine(memory_mb=64, boot_order=order, usb=[UsbBus(controller, drives=drives)])
    grub.wait_screen("GNU GRUB", 60)
    grub.until(lambda: "Press enter to boot" in grub.screen, "the menu", 60)


@pytest.mark.parametrize("controller", ["nvme", "lsilogicscsi"])
def test_grub_from_disks_that_the_firmware_has_drivers_for(machine, guests, controller):
    disk = IdeUnit("disk", str(guests("grub-rescue-cdrom.iso")), read_only=True)
    grub = machine(memory_mb=64, boot_order="c", hosts={controller: [IdeUnit(), disk]})
    grub.wait_screen("GNU GRUB", 60)
    grub.until(lambda: "Press enter to boot" in grub.screen, "the menu", 60)


def test_grub_from_a_virtio_disk(machine, guests):
    disk = IdeUnit("disk", str(guests("grub-rescue-cdrom.iso")), read_only=True)
    grub = machine(memory_mb=64, boot_order="c", disks=[IdeUnit(), disk])
    grub.wait_screen("GNU GRUB", 60)
    grub.until(lambda: "Press enter to boot" in grub.screen, "the menu", 60)


def test_ipxe_shows_its_banner(machine, guests):
    ipxe = machine(cdrom=guests("ipxe.iso"), memory_mb=64, boot_order="d")
    ipxe.wait_screen("Open Source Network Boot Firmware", 60)
    # There is no network card: it gives up, and the firmware goes on.
    ipxe.wait_screen("No more network devices", 60)
    ipxe.wait_screen("No bootable device.", 60)
