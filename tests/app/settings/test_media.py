"""Attaching and detaching keep the media registry in step."""

import pytest

from app.settings import media
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.model import HardDisk, MachineSettings, RemovableImage, Snapshot
from tests.app.settings.examples import CHILD, DISK, ISO, SNAPSHOT
from tests.app.settings.plain import plain_settings


@pytest.fixture
def machine() -> MachineSettings:
    return plain_settings("box", "Debian_64")


def disk(uuid: str = DISK, parent: str = "") -> HardDisk:
    return HardDisk(uuid=uuid, location=f"{uuid}.vdi", parent=parent)


def uuids(machine: MachineSettings) -> list[str]:
    return [each.uuid for each in machine.media.hard_disks]


def test_attach_registers_and_detach_unregisters(machine: MachineSettings) -> None:
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk())
    assert uuids(machine) == [DISK]
    media.detach_drive(machine, "IDE", 0, 0)
    assert uuids(machine) == []
    assert machine.hardware.storage_controllers[0].attachment(0, 0) is None


def test_changing_a_removable_medium(machine: MachineSettings) -> None:
    image = RemovableImage(uuid=ISO, location="/boot.iso")
    drive = media.attach_medium(machine, "IDE", 1, 0, "DVD", image)
    assert drive.medium == ISO
    assert [each.uuid for each in machine.media.dvd_images] == [ISO]
    media.attach_medium(machine, "IDE", 1, 0, "DVD", None)
    assert drive.medium == ""
    assert machine.media.dvd_images == []
    media.attach_medium(machine, "Floppy", 0, 0, "Floppy", image)
    assert machine.media.floppy_images == [image]


def test_what_a_snapshot_uses_stays_registered(machine: MachineSettings) -> None:
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk())
    taken = plain_settings("box")
    media.attach_medium(taken, "IDE", 0, 0, "HardDisk", disk())
    assert machine.last_state_change is not None
    machine.snapshots.append(
        Snapshot(
            uuid=SNAPSHOT, name="s", time_stamp=machine.last_state_change, hardware=taken.hardware
        )
    )
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk(CHILD, DISK))
    assert uuids(machine) == [DISK, CHILD]
    media.detach_drive(machine, "IDE", 0, 0)
    assert uuids(machine) == [DISK]


def test_parents_go_with_their_last_child(machine: MachineSettings) -> None:
    machine.media.hard_disks.append(disk())
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk(CHILD, DISK))
    media.remove_controller(machine, "IDE")
    assert uuids(machine) == []
    assert [each.name for each in machine.hardware.storage_controllers] == ["Floppy"]


@pytest.mark.parametrize(
    ("controller", "port", "device", "kind", "fact"),
    [
        ("SATA", 0, 0, "HardDisk", "has no storage controller"),
        ("IDE", 2, 0, "HardDisk", "has no slot 2:0"),
        ("IDE", 0, 2, "HardDisk", "has no slot 0:2"),
        ("IDE", 0, -1, "HardDisk", "has no slot 0:-1"),
        ("Floppy", 0, 0, "HardDisk", "does not fit I82078"),
        ("IDE", 0, 0, "Floppy", "does not fit PIIX4"),
        ("IDE", 0, 0, "DVD", "is a hard disk image"),
    ],
)
def test_wrong_slots(
    machine: MachineSettings, controller: str, port: int, device: int, kind: str, fact: str
) -> None:
    before = plain_settings("box", "Debian_64").hardware
    with pytest.raises(SettingsError, match=fact):
        media.attach_medium(machine, controller, port, device, kind, disk())
    assert machine.hardware == before


def test_a_disk_is_attached_once(machine: MachineSettings) -> None:
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk())
    with pytest.raises(SettingsError, match="attached already, to IDE 0:0") as caught:
        media.attach_medium(machine, "IDE", 0, 1, "HardDisk", disk())
    assert caught.value.code is SettingsErrorCode.OBJECT_IN_USE


def test_a_uuid_is_registered_once(machine: MachineSettings) -> None:
    media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk())
    copy = HardDisk(uuid=DISK, location="copy.vdi")
    with pytest.raises(SettingsError, match="registered already"):
        media.attach_medium(machine, "IDE", 0, 0, "HardDisk", copy)


def test_hard_disks_need_an_image_and_slots_a_drive(machine: MachineSettings) -> None:
    with pytest.raises(SettingsError, match="needs an image"):
        media.attach_medium(machine, "IDE", 0, 0, "HardDisk", None)
    with pytest.raises(SettingsError, match="nothing is attached to IDE 0:0"):
        media.detach_drive(machine, "IDE", 0, 0)


def test_differences_need_their_parent(machine: MachineSettings) -> None:
    with pytest.raises(SettingsError, match="which is not in the media registry") as caught:
        media.attach_medium(machine, "IDE", 0, 0, "HardDisk", disk(CHILD, DISK))
    assert caught.value.code is SettingsErrorCode.OBJECT_NOT_FOUND
    assert uuids(machine) == []
