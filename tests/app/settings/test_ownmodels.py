"""Controllers for which VirtualBox has no word: what its files say of them."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest

from app.settings.machine_file import MachineFile
from app.settings.model import MediumAttachment, StorageController
from app.settings.ownmodels import as_files_have_it
from app.settings.storage import misfit, set_model

GOLDEN = """\
    <ExtraData>
      <ExtraDataItem name="GUI/Fullscreen" value="true"/>
      <ExtraDataItem name="Vitrine/Snapshots/5a5a5a5a-0000-4000-8000-000000000002/\
StorageControllers/Old/Type" value="VirtioBlk"/>
      <ExtraDataItem name="Vitrine/StorageControllers/VirtIO/Type" value="VirtioBlk"/>
    </ExtraData>
"""
FILE = f"""<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
  <Machine uuid="{{5a5a5a5a-0000-4000-8000-000000000001}}" name="vm" OSType="Linux" \
snapshotFolder="Snapshots" lastStateChange="2026-01-01T00:00:00Z">
{GOLDEN}\
    <Snapshot uuid="{{5a5a5a5a-0000-4000-8000-000000000002}}" name="one" \
timeStamp="2026-01-01T00:00:00Z">
      <Hardware>
        <StorageControllers>
          <StorageController name="Old" type="VirtioSCSI" PortCount="8" useHostIOCache="false" \
Bootable="true"/>
        </StorageControllers>
      </Hardware>
    </Snapshot>
    <Hardware>
      <StorageControllers>
        <StorageController name="VirtIO" type="VirtioSCSI" PortCount="8" useHostIOCache="false" \
Bootable="true"/>
      </StorageControllers>
    </Hardware>
  </Machine>
</VirtualBox>
"""


@pytest.fixture
def file(tmp_path: Path) -> MachineFile:
    path = tmp_path / "vm.vbox"
    path.write_text(FILE)
    return MachineFile.load(str(path))


def types(file: MachineFile) -> list[str]:
    settings = file.settings
    stages = [settings.hardware, *(snapshot.hardware for snapshot in settings.snapshots)]
    return [controller.type for stage in stages for controller in stage.storage_controllers]


def test_a_file_is_read_and_stays_as_it_is(file: MachineFile) -> None:
    assert types(file) == ["VirtioBlk", "VirtioBlk"]
    assert file.settings.extra_data == {"GUI/Fullscreen": "true"}
    assert not file.save()
    assert Path(file.path).read_text() == FILE


def test_another_change_keeps_the_words(file: MachineFile) -> None:
    file.settings.description = "new"
    before = copy.deepcopy(file.settings)
    assert file.save()
    text = Path(file.path).read_text()
    assert GOLDEN in text
    assert set(re.findall(' type="(Virt[^"]+)"', text)) == {"VirtioSCSI"}
    assert MachineFile.load(file.path).settings == before == file.settings


def test_words_go_with_what_they_tell_of(file: MachineFile) -> None:
    file.settings.hardware.storage_controllers[0].name = "Disks"
    file.settings.snapshots = []
    assert file.save()
    text = Path(file.path).read_text()
    assert re.findall('name="(Vitrine/[^"]+)"', text) == ["Vitrine/StorageControllers/Disks/Type"]
    file.settings.hardware.storage_controllers[0].type = "VirtioSCSI"
    assert file.save()
    assert "Vitrine/" not in Path(file.path).read_text()


def test_what_virtualbox_has_changed_counts(file: MachineFile, tmp_path: Path) -> None:
    changed = tmp_path / "changed.vbox"
    changed.write_text(FILE.replace('name="VirtIO" type="VirtioSCSI"', 'name="VirtIO" type="AHCI"'))
    assert types(MachineFile.load(str(changed))) == ["AHCI", "VirtioBlk"]
    changed.write_text(FILE.replace('"VirtioBlk"/>', '"NewerThing"/>'))
    assert types(MachineFile.load(str(changed))) == ["VirtioSCSI", "VirtioSCSI"]


def test_settings_without_such_controllers_are_not_copied(file: MachineFile) -> None:
    file.settings.hardware.storage_controllers = []
    file.settings.snapshots = []
    assert as_files_have_it(file.settings) is file.settings


def test_models_of_one_bus() -> None:
    controller = StorageController(name="x", type="VirtioSCSI", port_count=1)
    set_model(controller, "VirtioBlk")
    assert (controller.type, controller.port_count) == ("VirtioBlk", 8)
    controller.attachments = [MediumAttachment(port=5)]
    set_model(controller, "VirtioSCSI")
    assert (controller.type, controller.port_count) == ("VirtioSCSI", 6)
    controller.port_count = 200
    set_model(controller, "VirtioBlk")
    assert controller.port_count == 8
    assert misfit(controller, "VirtioBlk") is None
    for drive in (MediumAttachment(port=8), MediumAttachment(port=0, type="DVD")):
        controller.attachments = [drive]
        assert misfit(controller, "VirtioBlk") is drive
