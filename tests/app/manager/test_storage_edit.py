"""Where media go that are added to a machine."""

from app.api.structs import DeviceType
from app.manager.storage_edit import add_controller, insert_medium
from app.settings.enums import StorageControllerType

MB = 1 << 20


def test_hard_disks_prefer_sata(api, tmp_path):
    machine = api.virtualbox.create_machine("Tester", "DOS")
    settings = api.machine(machine.id).get_settings()
    disks = [
        api.virtualbox.create_medium(str(tmp_path / f"{name}.vdi"), MB) for name in ("a", "b")
    ]
    insert_medium(settings, str(tmp_path), DeviceType.HARD_DISK, disks[0])
    sata = add_controller(settings, StorageControllerType.AHCI)
    insert_medium(settings, str(tmp_path), DeviceType.HARD_DISK, disks[1])
    assert [drive.medium for drive in sata.attachments] == [disks[1].id]
    ide = settings.hardware.controller("IDE")
    assert disks[0].id in [drive.medium for drive in ide.attachments]
