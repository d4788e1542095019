"""Creating machine files and the file of the installation."""

import os
import re
import stat
from pathlib import Path

import pytest

from app.settings.document import host_platform
from app.settings.errors import SettingsError, SettingsErrorCode
from app.settings.global_file import GlobalFile
from app.settings.installation import BIOS_FILE, MachineEntry, NatNetwork
from app.settings.machine_file import MachineFile
from app.settings.paths import (
    default_machine_folder,
    machine_path,
    relative_location,
    resolve_location,
)
from tests.app.settings import examples
from tests.app.settings.plain import plain_settings

NEW_MACHINE = """\
  <Machine uuid="{11111111-2222-3333-4444-555555555555}" name="box" OSType="Debian_64" \
snapshotFolder="Snapshots" lastStateChange="2024-01-02T03:04:05Z">
    <Hardware>
      <Memory RAMSize="2048"/>
      <Display VRAMSize="16"/>
      <BIOS>
        <IOAPIC enabled="true"/>
        <SmbiosUuidLittleEndian enabled="true"/>
      </BIOS>
      <AudioAdapter driver="Null"/>
      <RTC localOrUTC="UTC"/>
      <StorageControllers>
        <StorageController name="IDE" type="PIIX4" PortCount="2" useHostIOCache="true" \
Bootable="true">
          <AttachedDevice type="DVD" hotpluggable="false" port="1" device="0"/>
        </StorageController>
        <StorageController name="Floppy" type="I82078" PortCount="1" useHostIOCache="true" \
Bootable="true">
          <AttachedDevice type="Floppy" hotpluggable="false" port="0" device="0"/>
        </StorageController>
      </StorageControllers>
    </Hardware>
  </Machine>
"""


def test_new_machine_file(tmp_path: Path) -> None:
    settings = plain_settings("box", "Debian_64")
    settings.uuid = examples.UUID
    assert settings.last_state_change is not None
    settings.last_state_change = settings.last_state_change.replace(
        year=2024, month=1, day=2, hour=3, minute=4, second=5
    )
    path = machine_path("box", str(tmp_path))
    file = MachineFile.create(path, settings)
    text = Path(path).read_text()
    head = f'<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-{host_platform()}">\n'
    assert text.startswith('<?xml version="1.0"?>\n<!--\n')
    assert text.endswith(head + NEW_MACHINE + "</VirtualBox>\n")
    assert MachineFile.load(path).settings == settings
    assert file.save() is False
    assert os.listdir(file.folder) == ["box.vbox"]
    assert stat.S_IMODE(os.stat(file.folder).st_mode) & 0o077 == 0


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "box.vbox"
    path.write_text("precious")
    with pytest.raises(SettingsError, match="exists already") as caught:
        MachineFile.create(str(path), plain_settings("box"))
    assert caught.value.code is SettingsErrorCode.OBJECT_IN_USE
    assert path.read_text() == "precious"


def test_a_folder_that_cannot_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"file/box cannot be created"):
        MachineFile.create(str(tmp_path / "file" / "box" / "box.vbox"), plain_settings("box"))


def test_each_save_keeps_the_one_before(tmp_path: Path) -> None:
    file = MachineFile.create(str(tmp_path / "box.vbox"), plain_settings("box"))
    for megabytes in (100, 200):
        before = Path(file.path).read_bytes()
        file.settings.hardware.memory_mb = megabytes
        file.save()
        assert (tmp_path / "box.vbox-prev").read_bytes() == before
    assert not (tmp_path / "box.vbox-tmp").exists()


def test_changes_by_others_are_noticed(tmp_path: Path) -> None:
    file = MachineFile.create(str(tmp_path / "box.vbox"), plain_settings("box"))
    assert not file.changed_on_disk()
    other = MachineFile.load(file.path)
    other.settings.hardware.memory_mb = 99
    other.save()
    assert not other.changed_on_disk()
    assert file.changed_on_disk()


def test_locations(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert resolve_location(folder, "box.vdi") == str(tmp_path / "box.vdi")
    assert resolve_location(folder, "/x/y.iso") == "/x/y.iso"
    assert resolve_location(folder, r"C:\x.iso") == r"C:\x.iso"
    assert resolve_location(folder, "C:/x.iso") == "C:/x.iso"
    assert relative_location(folder, str(tmp_path / "Snapshots" / "a.vdi")) == "Snapshots/a.vdi"
    assert relative_location(folder, "/x/y.iso") == "/x/y.iso"
    assert relative_location(folder, folder + "2/y.iso") == folder + "2/y.iso"


def test_global_file_from_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "VirtualBox.xml"
    file = GlobalFile.load(str(path))
    assert not path.exists()
    assert file.machine_folder == default_machine_folder()
    file.settings.machines.append(MachineEntry(uuid=examples.UUID, path="/vms/box/box.vbox"))
    file.settings.default_machine_folder = "/vms"
    BIOS_FILE.set(file.settings.extra_data, "/opt/bios.bin")
    assert file.save() is True
    assert file.save() is False
    text = path.read_text()
    body = f"""\
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-{host_platform()}">
  <Global>
    <ExtraData>
      <ExtraDataItem name="Vitrine/Firmware/BIOS" value="/opt/bios.bin"/>
    </ExtraData>
    <MachineRegistry>
      <MachineEntry uuid="{{{examples.UUID}}}" src="/vms/box/box.vbox"/>
    </MachineRegistry>
    <NetserviceRegistry>
      <DHCPServers>
        <DHCPServer networkName="HostInterfaceNetworking-vboxnet0" IPAddress="192.168.56.100" \
networkMask="255.255.255.0" lowerIP="192.168.56.101" upperIP="192.168.56.254" enabled="1"/>
      </DHCPServers>
    </NetserviceRegistry>
    <SystemProperties defaultMachineFolder="/vms" defaultHardDiskFormat="VDI"/>
  </Global>
</VirtualBox>
"""
    assert text.endswith(body)
    again = GlobalFile.load(str(path))
    assert again.settings == file.settings
    assert again.machine_folder == "/vms"
    assert BIOS_FILE.get(again.settings.extra_data) == "/opt/bios.bin"


def test_global_file_keeps_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "VirtualBox.xml"
    path.write_text(
        '<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-linux">\n'
        "  <Global>\n    <Clouds a='b'/>\n    <MachineRegistry/>\n  </Global>\n</VirtualBox>\n"
    )
    file = GlobalFile.load(str(path))
    file.settings.nat_networks.append(NatNetwork(name="n", network="10.0.2.0/24"))
    file.save()
    text = path.read_text()
    assert '<Clouds a="b"/>' in text
    assert re.search(r'<NATNetwork networkName="n" enabled="1"', text)
    assert 'version="1.14-' in text
    kept = tmp_path / "VirtualBox-1.12-linux.xml"
    assert "NATNetwork" not in kept.read_text()


def test_damaged_global_file(tmp_path: Path) -> None:
    path = tmp_path / "VirtualBox.xml"
    file = GlobalFile.load(str(path))
    for number in (1, 2):
        file.settings.extra_data["n"] = str(number)
        file.save()
    path.write_text("")
    again = GlobalFile.load(str(path))
    assert again.settings.extra_data == {"n": "1"}
    assert "the file is empty" in again.warnings[0]
    (tmp_path / "VirtualBox.xml-prev").unlink()
    with pytest.raises(SettingsError, match="the file is empty"):
        GlobalFile.load(str(path))


def test_defaults_of_extra_data_are_not_stored() -> None:
    extra_data: dict[str, str] = {}
    BIOS_FILE.set(extra_data, "/x")
    BIOS_FILE.set(extra_data, "")
    assert extra_data == {}
