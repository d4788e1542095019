"""Changing settings of stopped and of running machines, and what is in their drives."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode, MediumChanged, events
from app.service.hotchanges import cold_changes, medium_changes
from app.settings.model import (
    HardDisk,
    MachineSettings,
    MediumAttachment,
    SerialPort,
    StorageController,
)
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder
from tests.app.settings.plain import plain_settings

pytestmark = pytest.mark.usefixtures("vm_processes")


@pytest.fixture
def iso(tmp_path: Path) -> Path:
    """An image with the signature of ISO 9660 where it belongs."""
    path = tmp_path / "boot.iso"
    path.write_bytes(bytes(0x8000) + b"\x01CD001\x01" + bytes(2041) + b"\xffCD001\x01" + bytes(2041))
    return path


def copy(settings: MachineSettings) -> MachineSettings:
    import copy as copying

    return copying.deepcopy(settings)


def test_hot_and_cold_settings_are_told_apart() -> None:
    old = plain_settings("x")
    new = copy(old)
    new.description = "changed"
    new.extra_data["GUI/x"] = "y"
    new.hardware.clipboard_mode = "Bidirectional"
    assert cold_changes(old, new) == []
    new.hardware.memory_mb = 99
    new.hardware.display.vram_mb = 1
    new.hardware.boot_order = ["DVD", "None", "None", "None"]
    new.name = "y"
    labels = cold_changes(old, new)
    assert "Base Memory" in labels
    assert "Boot Order" in labels
    assert "Name" in labels
    assert len(labels) == 4


def test_removable_media_are_hot_and_fixed_ones_are_not() -> None:
    old = plain_settings("x")
    new = copy(old)
    dvd = new.hardware.controller("IDE").attachment(1, 0)
    dvd.medium = "11111111-1111-1111-1111-111111111111"
    assert cold_changes(old, new) == []
    assert [slot for slot, _drive in medium_changes(old, new)] == [("IDE", 1, 0)]
    new.hardware.controller("IDE").attachments.append(MediumAttachment(port=0, device=0))
    assert cold_changes(old, new) != []
    old = copy(new)
    new.hardware.controller("IDE").attachment(0, 0).medium = dvd.medium
    assert cold_changes(old, new) != []


def test_only_hot_pluggable_drives_come_and_go() -> None:
    old = plain_settings("x")
    old.hardware.storage_controllers.append(StorageController(name="SATA", type="AHCI"))
    new = copy(old)
    drives = new.hardware.controller("SATA").attachments
    drives.append(MediumAttachment(port=1, type="DVD", hotpluggable=True))
    drives.insert(0, MediumAttachment(port=0, medium="a", hotpluggable=True))
    assert cold_changes(old, new) == []
    assert cold_changes(new, old) == []
    assert cold_changes(old, new, hot_plug=False) == ["Attached Devices"]
    other = copy(new)
    other.hardware.controller("SATA").attachment(0, 0).medium = "b"
    other.hardware.memory_mb += 1
    assert cold_changes(new, other) == ["Base Memory"]
    drives[0].hotpluggable = False
    sentence = "the drive at port 0, device 0 of 'SATA', which is not hot-pluggable"
    assert cold_changes(new, old) == [sentence]
    new.hardware.controller("IDE").attachments.append(
        MediumAttachment(port=0, device=1, type="DVD", hotpluggable=True)
    )
    assert "'IDE'" in cold_changes(old, new)[0]


def test_settings_of_another_machine_or_out_of_range_are_refused(
    client: Client, make_machine: MakeMachine
) -> None:
    one, two = make_machine(client, "one"), make_machine(client, "two")
    settings = client.machine(one.id).get_settings()
    with pytest.raises(ApiError, match=f"not of {two.id}") as error:
        client.machine(two.id).save_settings(settings)
    assert error.value.code is ErrorCode.E_INVALIDARG
    settings.hardware.memory_mb = 1
    with pytest.raises(ApiError, match=r"memory_mb") as error:
        client.machine(one.id).save_settings(settings)
    assert error.value.code is ErrorCode.E_INVALIDARG
    assert client.virtualbox.find_machine(one.id) == one


def test_extra_data_of_a_machine(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    facade = client.machine(machine.id)
    assert facade.get_extra_data("GUI/LastNormalWindowPosition") == ""
    facade.set_extra_data("GUI/LastNormalWindowPosition", "1,2,3,4")
    facade.set_extra_data("GUI/Other", "x")
    facade.set_extra_data("GUI/Other", "")
    facade.set_extra_data("GUI/Never", "")
    assert facade.get_settings().extra_data == {"GUI/LastNormalWindowPosition": "1,2,3,4"}
    with pytest.raises(ApiError, match="need a key"):
        facade.set_extra_data("", "x")


def test_a_stale_copy_does_not_undo_the_state(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    stale = client.machine(machine.id).get_settings()
    stale.aborted = True
    stale.state_file = "Snapshots/never.sav"
    stale.description = "new"
    client.machine(machine.id).save_settings(stale)
    stored = client.machine(machine.id).get_settings()
    assert (stored.aborted, stored.state_file, stored.description) == (False, "", "new")


def test_a_running_machine_takes_hot_settings_only(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    settings = client.machine(machine.id).get_settings()
    settings.description = "while running"
    client.machine(machine.id).save_settings(settings)
    settings.hardware.memory_mb = 77
    with pytest.raises(ApiError, match="must be powered off to change: Base Memory") as error:
        client.machine(machine.id).save_settings(settings)
    assert error.value.code is ErrorCode.VBOX_E_INVALID_VM_STATE
    stored = client.machine(machine.id).get_settings()
    assert stored.description == "while running"
    assert stored.hardware.memory_mb != 77


@pytest.mark.parametrize("running", [False, True])
def test_media_are_mounted_and_ejected(
    client: Client, make_machine: MakeMachine, iso: Path, running: bool
) -> None:
    machine = make_machine(client)
    facade = client.machine(machine.id)
    if running:
        facade.launch()
    recorder = Recorder(client)
    facade.mount_medium("IDE", 1, 0, str(iso))
    recorder.wait_for(
        MediumChanged(id=machine.id, controller="IDE", port=1, device=0),
        events.MachineDataChanged(id=machine.id),
    )
    stored = facade.get_settings()
    image = stored.media.dvd_images[0]
    assert image.location == str(iso)
    assert stored.hardware.controller("IDE").attachment(1, 0).medium == image.uuid
    if running:
        with pytest.raises(ApiError, match="The drive is locked"):
            facade.mount_medium("IDE", 1, 0, None)
        assert facade.get_settings().media.dvd_images
        client.console(machine.id).mount_medium("IDE", 1, 0, None, force=True)
    else:
        facade.mount_medium("IDE", 1, 0, None)
    stored = facade.get_settings()
    assert stored.media.dvd_images == []
    assert stored.hardware.controller("IDE").attachment(1, 0).medium == ""


def test_mounting_tells_what_is_wrong(
    client: Client, make_machine: MakeMachine, iso: Path, tmp_path: Path
) -> None:
    machine = make_machine(client)
    facade = client.machine(machine.id)
    with pytest.raises(ApiError, match="no drive at port 7, device 0 of the controller 'IDE'"):
        facade.mount_medium("IDE", 7, 0, str(iso))
    with pytest.raises(ApiError, match=r"missing\.iso"):
        facade.mount_medium("IDE", 1, 0, str(tmp_path / "missing.iso"))
    with pytest.raises(ApiError, match="not an absolute path"):
        facade.mount_medium("IDE", 1, 0, "boot.iso")
    with pytest.raises(ApiError, match="not currently running"):
        client.console(machine.id).mount_medium("IDE", 1, 0, str(iso))
    settings = facade.get_settings()
    disk = HardDisk(uuid="11111111-1111-1111-1111-111111111111", location="x.vdi")
    settings.media.hard_disks.append(disk)
    settings.hardware.controller("IDE").attachments.append(
        MediumAttachment(port=0, device=0, medium=disk.uuid)
    )
    facade.save_settings(settings)
    with pytest.raises(ApiError, match="not removable"):
        facade.mount_medium("IDE", 0, 0, str(iso))


def test_saving_changed_drives_of_a_running_machine_reaches_the_vm(
    client: Client, make_machine: MakeMachine, iso: Path
) -> None:
    machine = make_machine(client)
    facade = client.machine(machine.id)
    facade.mount_medium("IDE", 1, 0, str(iso))
    facade.launch()
    settings = facade.get_settings()
    settings.hardware.controller("IDE").attachment(1, 0).medium = ""
    # The fake VM refuses to eject without force: nothing may be stored then.
    with pytest.raises(ApiError, match="The drive is locked"):
        facade.save_settings(settings)
    assert facade.get_settings().hardware.controller("IDE").attachment(1, 0).medium


def test_groups_change_while_the_machine_runs_and_bad_paths_are_refused(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "Grouped")
    assert machine.groups == ["/"]
    proxy = client.machine(machine.id)
    proxy.launch()
    proxy.set_groups(["/Servers/Web", "/Servers/Web"])
    assert client.virtualbox.find_machine(machine.id).groups == ["/Servers/Web"]
    assert 'name="/Servers/Web"' in Path(machine.settings_path).read_text()
    for bad in ("Servers", "/Servers/", "//x", ""):
        with pytest.raises(ApiError, match="not the path of a group"):
            proxy.set_groups([bad])
    proxy.set_groups([])
    assert client.virtualbox.find_machine(machine.id).groups == ["/"]


@pytest.mark.usefixtures("vm_processes")
def test_a_running_machine_takes_settings_over_before_they_are_stored(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    proxy = client.machine(machine.id)
    settings = proxy.get_settings()
    settings.hardware.serial_ports = [SerialPort(slot=0, enabled=True)]
    settings.recording.enabled = False
    proxy.save_settings(settings)
    proxy.launch()
    settings.hardware.serial_ports[0].mode = "HostPipe"
    settings.hardware.serial_ports[0].path = "/refused"
    with pytest.raises(ApiError, match="The pipe is refused"):
        proxy.save_settings(settings)
    assert proxy.get_settings().hardware.serial_ports[0].mode == "Disconnected"
    settings.hardware.serial_ports[0].path = "/taken"
    settings.recording.enabled = True
    proxy.save_settings(settings)
    assert proxy.get_settings().hardware.serial_ports[0].path == "/taken"
    assert proxy.get_settings().recording.enabled
