"""Differences between settings, and what is wrong with settings."""

import copy
from collections.abc import Callable

import pytest

from app.settings import media
from app.settings.changes import changes, cold_changes
from app.settings.model import (
    HardDisk,
    MachineSettings,
    MediumAttachment,
    NetworkAdapter,
    RemovableImage,
    SerialPort,
    StorageController,
)
from app.settings.problems import Severity, problems
from tests.app.settings.examples import CHILD, DISK, ISO
from tests.app.settings.plain import plain_settings


@pytest.fixture
def machine() -> MachineSettings:
    settings = plain_settings("box", "Debian_64")
    media.attach_medium(
        settings, "IDE", 0, 0, "HardDisk", HardDisk(uuid=DISK, location="box.vdi")
    )
    return settings


def test_no_change(machine: MachineSettings) -> None:
    assert changes(machine, copy.deepcopy(machine)) == []


def test_a_running_machine_takes_another_disc(machine: MachineSettings) -> None:
    after = copy.deepcopy(machine)
    image = RemovableImage(uuid=ISO, location="/boot.iso")
    media.attach_medium(after, "IDE", 1, 0, "DVD", image)
    assert [change.path for change in changes(machine, after)] == [
        f"media.dvd_images[{ISO}]",
        "hardware.storage_controllers[IDE].attachments[1,0].medium",
    ]
    assert cold_changes(machine, after) == []


def test_a_running_machine_keeps_its_hard_disk(machine: MachineSettings) -> None:
    after = copy.deepcopy(machine)
    media.attach_medium(after, "IDE", 0, 0, "HardDisk", HardDisk(uuid=CHILD, location="c.vdi"))
    assert [change.path for change in cold_changes(machine, after)] == [
        "hardware.storage_controllers[IDE].attachments[0,0].medium"
    ]


def test_hot_pluggable_drives_of_a_sata_controller_come_and_go(machine: MachineSettings) -> None:
    sata = StorageController(name="SATA", type="AHCI", port_count=4)
    machine.hardware.storage_controllers.append(sata)
    after = copy.deepcopy(machine)
    drive = media.attach_medium(
        after, "SATA", 2, 0, "HardDisk", HardDisk(uuid=CHILD, location="c.vdi")
    )
    place = "hardware.storage_controllers[SATA].attachments[2,0]"
    assert [change.path for change in cold_changes(machine, after)] == [place]
    drive.hotpluggable = True
    assert cold_changes(machine, after) == []
    assert [change.path for change in changes(after, machine)][-1] == place
    assert cold_changes(after, machine) == []
    other = copy.deepcopy(after)
    image = HardDisk(uuid=ISO, location="d.vdi")
    media.attach_medium(other, "SATA", 2, 0, "HardDisk", image)
    assert cold_changes(after, other) == []


def test_cold_changes_have_names(machine: MachineSettings) -> None:
    after = copy.deepcopy(machine)
    after.name = "other"
    after.description = "a hot one"
    after.hardware.memory_mb += 1
    after.hardware.display.vram_mb += 1
    after.hardware.boot_order = ["DVD", "None", "None", "None"]
    after.hardware.storage_controllers.append(StorageController(name="SATA", type="AHCI"))
    assert [change.label for change in cold_changes(machine, after)] == [
        "Name", "Base Memory", "Boot Order", "Video Memory", "Storage"
    ]


def test_a_new_machine_has_no_problems(machine: MachineSettings) -> None:
    assert problems(machine) == []


def _two_processors(machine: MachineSettings) -> None:
    machine.hardware.cpu.count = 2
    machine.hardware.firmware.ioapic = False


def _two_disks(machine: MachineSettings) -> None:
    ide = machine.hardware.storage_controllers[0]
    ide.attachments.append(MediumAttachment(type="HardDisk", port=0, device=1, medium=DISK))


def _adapter(**fields: object) -> Callable[[MachineSettings], None]:
    def change(machine: MachineSettings) -> None:
        adapter = NetworkAdapter(slot=0, enabled=True)
        for name, value in fields.items():
            setattr(adapter, name, value)
        machine.hardware.network_adapters.append(adapter)

    return change


def _ports(machine: MachineSettings) -> None:
    machine.hardware.serial_ports = [
        SerialPort(slot=slot, enabled=True, mode="RawFile", path="/x") for slot in (0, 1)
    ]


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        (lambda m: setattr(m, "name", ""), "name", "needs a name"),
        (_two_processors, "hardware.firmware.ioapic", "2 processors"),
        (lambda m: setattr(m.hardware, "memory_balloon_mb", m.hardware.memory_mb),
         "hardware.memory_balloon_mb", "memory balloon of a machine with"),
        (lambda m: m.hardware.storage_controllers.append(StorageController(name="IDE")),
         "hardware.storage_controllers", 'are called "IDE"'),
        (lambda m: m.hardware.storage_controllers.append(StorageController(name="2nd")),
         "hardware.storage_controllers", "at most one ide controller"),
        (lambda m: m.hardware.storage_controllers[0].attachments.append(
            MediumAttachment(port=1, device=1)),
         "hardware.storage_controllers[IDE].attachments[1,1]", "IDE 1:1 has no image"),
        (lambda m: m.hardware.storage_controllers[1].attachments.append(
            MediumAttachment(type="Floppy", port=1)),
         "hardware.storage_controllers[Floppy].attachments[1,0]", "no slot Floppy 1:0"),
        (_two_disks, "hardware.storage_controllers", "is attached 2 times"),
        (_adapter(mac_address="010000000000"), "hardware.network_adapters[0].mac_address",
         '"010000000000" is not a MAC address'),
        (_adapter(attachment="Bridged"), "hardware.network_adapters[0].bridged_interface",
         "Network adapter 1 is attached to Bridged without a name"),
        (_ports, "hardware.serial_ports", "use the I/O port 0x3f8"),
        (_ports, "hardware.serial_ports", '2 serial ports use "/x"'),
    ],
)
def test_errors(
    machine: MachineSettings, change: Callable[[MachineSettings], object], path: str, text: str
) -> None:
    change(machine)
    found = [each for each in problems(machine) if each.path == path and text in each.text]
    assert [each.severity for each in found] == [Severity.ERROR]


def test_a_device_may_stand_twice_in_the_boot_order(machine: MachineSettings) -> None:
    """Scripts set one position after the other, so it happens and does no harm."""
    machine.hardware.boot_order = ["DVD", "DVD"]
    found = [each for each in problems(machine) if each.path == "hardware.boot_order"]
    assert [each.severity for each in found] == [Severity.WARNING]
    assert "DVD stands 2 times" in found[0].text


def test_warnings_come_after_errors(machine: MachineSettings) -> None:
    machine.hardware.display.controller = "Holodeck"
    machine.media.hard_disks.clear()
    machine.name = "."
    found = problems(machine)
    assert [each.severity.value for each in found] == ["error", "warning", "warning"]
    assert any('"Holodeck" is unknown; known: None, VBoxVGA' in each.text for each in found)
