"""Machines and properties of the installation, through the API."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest

from app.api import Client, DeviceType, ErrorCode, MachineState, connect, events
from app.settings.global_file import GlobalFile
from app.settings.machine_file import MachineFile
from app.settings.model import HardDisk
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder, client_of, failing, running_service
from tests.app.settings.plain import plain_settings


def test_version_tells_the_places(client: Client, home: Path) -> None:
    version = client.virtualbox.get_version()
    assert (version.pid, version.home_folder) == (os.getpid(), str(home))
    assert version.settings_file == str(home / "VirtualBox.xml")


def test_created_machine_is_on_disk_in_the_registry_and_told(
    client: Client, home: Path, tmp_path: Path
) -> None:
    recorder = Recorder(client)
    path = client.virtualbox.compose_machine_filename("New One", str(tmp_path / "vms"))
    machine = client.virtualbox.create_machine("New One", "Debian_64", str(tmp_path / "vms"))
    assert machine.settings_path == path == str(tmp_path / "vms" / "New One" / "New One.vbox")
    assert machine.state is MachineState.POWERED_OFF
    stored = MachineFile.load(path).settings
    assert (stored.uuid, stored.name, stored.os_type_id) == (machine.id, "New One", "Debian_64")
    assert stored.hardware.memory_mb == machine.memory_mb == 2048
    entries = GlobalFile.load(str(home / "VirtualBox.xml")).settings.machines
    assert [(entry.uuid, entry.path) for entry in entries] == [(machine.id, path)]
    recorder.wait_for(events.MachineRegistered(id=machine.id, registered=True))
    for key in (machine.id, machine.id.upper(), f"{{{machine.id}}}", "New One", path):
        assert client.virtualbox.find_machine(key) == machine


def test_machine_is_created_with_the_settings_given(client: Client, tmp_path: Path) -> None:
    settings = plain_settings("other name", "Other")
    settings.hardware.memory_mb = 321
    machine = client.virtualbox.create_machine("name", "Debian", str(tmp_path), settings)
    stored = client.machine(machine.id).get_settings()
    assert (stored.uuid, stored.name, stored.os_type_id) == (settings.uuid, "name", "Debian")
    assert stored.hardware.memory_mb == 321


@pytest.mark.parametrize("name", ["", "a/b", "..", "x" * 300, "tab\there", "con"])
def test_impossible_names_are_refused(client: Client, tmp_path: Path, name: str) -> None:
    with failing(ErrorCode.E_INVALIDARG, "[Nn]ame"):
        client.virtualbox.create_machine(name, "Other", str(tmp_path / "vms"))
    assert not (tmp_path / "vms").exists()


def test_taken_names_identities_and_files_are_refused(
    client: Client, tmp_path: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "taken")
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "named 'taken' is registered already"):
        client.virtualbox.create_machine("taken", "Other", str(tmp_path / "elsewhere"))
    twin = plain_settings("twin")
    twin.uuid = machine.id
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, f"UUID {machine.id} is registered already"):
        client.virtualbox.create_machine("twin", "Other", str(tmp_path / "elsewhere"), twin)
    assert not (tmp_path / "elsewhere").exists()
    client.virtualbox.unregister_machine(machine.id)
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "exists already"):
        make_machine(client, "taken")
    assert MachineFile.load(machine.settings_path).settings.uuid == machine.id


def test_relative_paths_are_refused(client: Client) -> None:
    for call in (
        lambda: client.virtualbox.create_machine("x", "Other", "relative"),
        lambda: client.virtualbox.open_machine("x.vbox"),
        lambda: client.virtualbox.open_medium("x.iso", DeviceType.DVD),
        lambda: client.virtualbox.create_medium("x.vdi", 1 << 20),
        lambda: client.virtualbox.set_system_properties(default_machine_folder="vms"),
        lambda: client.virtualbox.open_machine("/zero\0byte"),
    ):
        with failing(ErrorCode.E_INVALIDARG, "not an absolute path"):
            call()


def test_machine_is_registered_again_from_its_file(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    assert client.virtualbox.unregister_machine(machine.id) == []
    assert client.virtualbox.list_machines() == []
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "'guest'"):
        client.virtualbox.find_machine("guest")
    assert client.virtualbox.open_machine(machine.settings_path) == machine
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "registered already"):
        client.virtualbox.open_machine(machine.settings_path)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, ErrorCode.VBOX_E_OBJECT_NOT_FOUND),
        ("<VirtualBox><Machine", ErrorCode.VBOX_E_XML_ERROR),
        ("no XML at all", ErrorCode.VBOX_E_XML_ERROR),
    ],
)
def test_files_that_hold_no_machine_are_refused(
    client: Client, tmp_path: Path, content: str | None, code: ErrorCode
) -> None:
    path = tmp_path / "bad.vbox"
    if content is not None:
        path.write_text(content)
    with failing(code, "bad.vbox"):
        client.virtualbox.open_machine(str(path))
    assert client.virtualbox.list_machines() == []


def test_registry_survives_a_restart_and_unreadable_machines_stay_listed(
    home: Path, make_machine: MakeMachine
) -> None:
    with running_service(home), client_of() as client:
        good = make_machine(client, "good")
        bad = make_machine(client, "bad")
        swapped = make_machine(client, "swapped")
    Path(bad.settings_path).write_text("<damaged")
    Path(swapped.settings_path).write_text(Path(good.settings_path).read_text())
    with running_service(home), client_of() as client:
        machines = client.virtualbox.list_machines()
        assert [machine.name for machine in machines] == ["good", "bad", "swapped"]
        assert machines[0] == good
        assert not machines[1].accessible
        assert "bad.vbox" in machines[1].access_error
        assert f"holds the machine {good.id}" in machines[2].access_error
        for call in (
            client.machine(bad.id).get_settings,
            client.machine(bad.id).launch,
            client.machine(bad.id).lock,
        ):
            with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "'bad' is inaccessible"):
                call()
        client.virtualbox.unregister_machine(bad.id)
        assert len(client.virtualbox.list_machines()) == 2


def test_a_repaired_machine_is_read_again(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    path = Path(machine.settings_path)
    good = path.read_text()
    path.write_text("<damaged")
    recorder = Recorder(client)
    assert not client.machine(machine.id).refresh().accessible
    good = good.replace('RAMSize="', 'RAMSize="1').replace("<Machine ", '<Machine aborted="true" ')
    path.write_text(good)
    refreshed = client.machine(machine.id).refresh()
    assert refreshed.accessible
    assert refreshed.memory_mb > machine.memory_mb
    recorder.wait_for(
        events.MachineStateChanged(id=machine.id, state=MachineState.ABORTED),
        events.MachineDataChanged(id=machine.id),
    )


def test_renaming_moves_folder_and_file(
    home: Path, tmp_path: Path, make_machine: MakeMachine
) -> None:
    with running_service(home), client_of() as client:
        machine = make_machine(client, "old")
        (tmp_path / "vms" / "old" / "notes.txt").write_text("mine")
        settings = client.machine(machine.id).get_settings()
        settings.name = "new"
        recorder = Recorder(client)
        client.machine(machine.id).save_settings(settings)
        info = client.virtualbox.find_machine("new")
        assert info.settings_path == str(tmp_path / "vms" / "new" / "new.vbox")
        assert (tmp_path / "vms" / "new" / "notes.txt").read_text() == "mine"
        assert not (tmp_path / "vms" / "old").exists()
        recorder.wait_for(events.MachineDataChanged(id=machine.id))
    with running_service(home), client_of() as client:
        assert client.virtualbox.find_machine("new") == info


def test_renaming_onto_something_is_refused_and_changes_nothing(
    client: Client, tmp_path: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "first")
    make_machine(client, "second")
    (tmp_path / "vms" / "third").mkdir()
    settings = client.machine(machine.id).get_settings()
    for name, code in (
        ("second", ErrorCode.VBOX_E_OBJECT_IN_USE),
        ("third", ErrorCode.VBOX_E_FILE_ERROR),
        ("a/b", ErrorCode.E_INVALIDARG),
    ):
        settings.name = name
        with failing(code, "."):
            client.machine(machine.id).save_settings(settings)
    assert client.virtualbox.find_machine("first") == machine


def test_renaming_leaves_a_folder_of_another_name_alone(
    client: Client, tmp_path: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "old")
    client.virtualbox.unregister_machine(machine.id)
    (tmp_path / "vms" / "old").rename(tmp_path / "vms" / "collection")
    client.virtualbox.open_machine(str(tmp_path / "vms" / "collection" / "old.vbox"))
    settings = client.machine(machine.id).get_settings()
    settings.name = "new"
    client.machine(machine.id).save_settings(settings)
    path = client.virtualbox.find_machine("new").settings_path
    assert path == str(tmp_path / "vms" / "collection" / "new.vbox")


def test_properties_are_stored_told_and_checked(home: Path, tmp_path: Path) -> None:
    with running_service(home), client_of() as client:
        recorder = Recorder(client)
        before = client.virtualbox.get_system_properties()
        bios = str(tmp_path / "bios.bin")
        changed = client.virtualbox.set_system_properties(
            default_machine_folder=str(tmp_path / "vms"),
            log_history_count=5,
            firmware_bios_path=bios,
        )
        assert changed.default_machine_folder == str(tmp_path / "vms")
        assert (changed.log_history_count, changed.firmware_bios_path) == (5, bios)
        recorder.wait_for(events.SystemPropertiesChanged())
        assert client.virtualbox.compose_machine_filename("x").startswith(str(tmp_path / "vms"))
        with failing(ErrorCode.E_INVALIDARG, "log_history_count"):
            client.virtualbox.set_system_properties(log_history_count=100000)
    with running_service(home), client_of() as client:
        assert client.virtualbox.get_system_properties() == changed
        client.virtualbox.set_system_properties(
            default_machine_folder="", firmware_bios_path="", log_history_count=3
        )
        assert client.virtualbox.get_system_properties() == before


def test_extra_data(client: Client) -> None:
    box = client.virtualbox
    assert box.get_extra_data("GUI/LastWindow") == ""
    box.set_extra_data("GUI/LastWindow", "1,2,3,4")
    assert box.get_extra_data("GUI/LastWindow") == "1,2,3,4"
    box.set_extra_data("GUI/LastWindow", "")
    assert box.get_extra_data("GUI/LastWindow") == ""
    with failing(ErrorCode.E_INVALIDARG, "key"):
        box.set_extra_data("", "x")


def test_os_types(client: Client) -> None:
    types = {known.id: known for known in client.virtualbox.list_os_types()}
    debian = types["Debian_64"]
    assert debian.is_64bit
    assert debian.family_id == "Linux"
    assert debian.recommended_disk_bytes > 1 << 30


# -- deleting files ----------------------------------------------------------------------------


def with_disk(client: Client, machine_id: str, path: Path, content: bytes = b"disk") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    settings = client.machine(machine_id).get_settings()
    settings.media.hard_disks.append(HardDisk(uuid=str(uuid.uuid4()), location=str(path)))
    client.machine(machine_id).save_settings(settings)


def test_deleting_removes_exactly_what_was_announced(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    folder = Path(machine.settings_path).parent
    with_disk(client, machine.id, folder / "guest.vdi")
    with_disk(client, machine.id, folder / "Snapshots" / "{1}.vdi")
    (folder / "Logs").mkdir()
    for name in ("VBox.log", "VBox.log.1", "VBoxVM.out", "VBox.png"):
        (folder / "Logs" / name).write_text("log")
    (folder / "guest-1.12-linux.vbox").write_text("older version")
    announced = client.virtualbox.list_machine_files(machine.id)
    everything = {str(path) for path in folder.rglob("*")} | {str(folder)}
    assert set(announced) == everything
    assert client.virtualbox.unregister_machine(machine.id, delete_files=True) == announced
    assert not folder.exists()


def test_foreign_files_survive(client: Client, tmp_path: Path, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    folder = Path(machine.settings_path).parent
    outside = tmp_path / "shared.vdi"
    with_disk(client, machine.id, outside)
    (folder / "Logs").mkdir()
    (folder / "Logs" / "VBox.log").write_text("log")
    foreign = [folder / "thesis.odt", folder / "Logs" / "notes.txt", folder / "VBox.log.d"]
    for path in foreign:
        path.write_text("mine")
    (folder / "VBox.log").symlink_to(outside)
    client.virtualbox.unregister_machine(machine.id, delete_files=True)
    assert all(path.read_text() == "mine" for path in foreign)
    assert outside.read_bytes() == b"disk"
    assert not (folder / "Logs" / "VBox.log").exists()
    assert not Path(machine.settings_path).exists()


def test_disks_of_other_machines_and_linked_disks_survive(
    client: Client, tmp_path: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "one")
    other = make_machine(client, "two")
    folder = Path(machine.settings_path).parent
    with_disk(client, machine.id, folder / "common.vdi")
    with_disk(client, other.id, folder / "common.vdi")
    target = tmp_path / "target.vdi"
    target.write_bytes(b"target")
    (folder / "link.vdi").symlink_to(target)
    settings = client.machine(machine.id).get_settings()
    settings.media.hard_disks.append(HardDisk(uuid=str(uuid.uuid4()), location="link.vdi"))
    client.machine(machine.id).save_settings(settings)
    client.virtualbox.unregister_machine(machine.id, delete_files=True)
    assert (folder / "common.vdi").exists()
    assert target.exists()
    assert not Path(machine.settings_path).exists()


def test_machines_that_share_a_folder_keep_their_logs(
    client: Client, tmp_path: Path, make_machine: MakeMachine
) -> None:
    first, second = make_machine(client, "first"), make_machine(client, "second")
    folder = Path(first.settings_path).parent
    client.virtualbox.unregister_machine(second.id)
    Path(second.settings_path).rename(folder / "second.vbox")
    client.virtualbox.open_machine(str(folder / "second.vbox"))
    (folder / "Logs").mkdir()
    (folder / "Logs" / "VBox.log").write_text("whose?")
    deleted = client.virtualbox.unregister_machine(first.id, delete_files=True)
    assert deleted == [first.settings_path]
    assert (folder / "Logs" / "VBox.log").exists()


# -- media -------------------------------------------------------------------------------------


def test_media_are_created_with_progress_and_looked_at(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "new" / "disk.vdi"
    told: list[int] = []
    created = client.invoke(
        "virtualbox.create_medium",
        {"path": str(path), "size_bytes": 8 << 20, "variant": "Fixed"},
        progress=lambda percent, _text: told.append(percent),
    )
    assert (created.path, created.logical_size) == (str(path), 8 << 20)
    assert path.stat().st_size >= 8 << 20
    assert told == sorted(told)
    assert all(0 <= percent <= 100 for percent in told)
    assert client.virtualbox.open_medium(str(path), DeviceType.HARD_DISK).id == created.id


def test_media_errors_are_sentences(client: Client, tmp_path: Path) -> None:
    short = tmp_path / "short.vdi"
    short.write_bytes(b"x" * 100)
    (tmp_path / "file").write_text("")
    box = client.virtualbox
    with failing(ErrorCode.VBOX_E_FILE_ERROR, r"nothing\.iso"):
        box.open_medium(str(tmp_path / "nothing.iso"), DeviceType.DVD)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, r"short\.vdi"):
        box.open_medium(str(short), DeviceType.HARD_DISK)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, r"short\.vdi"):
        box.create_medium(str(short), 1 << 20)
    with failing(ErrorCode.E_INVALIDARG, "-5 bytes"):
        box.create_medium(str(tmp_path / "negative.vdi"), -5)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "cannot be made"):
        box.create_medium(str(tmp_path / "file" / "below" / "x.vdi"), 1 << 20)
    assert short.read_bytes() == b"x" * 100


def test_service_starts_for_an_empty_home_and_writes_the_registry(home: Path) -> None:
    with connect(client_name="first") as client:
        assert client.virtualbox.list_machines() == []
    assert (home / "VirtualBox.xml").exists()
