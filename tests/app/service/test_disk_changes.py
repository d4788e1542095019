"""What other programs do to settings files, and what becomes of saves that meet it."""

from __future__ import annotations

import copy
import os
import shutil
from pathlib import Path

import pytest

from app.api import Client, ErrorCode, LockType, MachineInfo, MachineState, SessionState, events
from app.service import watching
from app.service.server import Service
from app.settings.global_file import GlobalFile
from app.settings.installation import MachineEntry
from app.settings.machine_file import MachineFile
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder, client_of, failing, running_service, wait_until
from tests.app.settings.plain import plain_settings

pytestmark = pytest.mark.usefixtures("vm_processes", "hurried")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher that looks ten times a second."""
    monkeypatch.setattr(watching, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(watching, "SETTLE_SECONDS", 0.02)


def edit(machine: MachineInfo, **hardware: object) -> None:
    """Change the settings file as another program does."""
    file = MachineFile.load(machine.settings_path)
    settings = copy.deepcopy(file.settings)
    for name, value in hardware.items():
        setattr(settings.hardware, name, value)
    file.settings = settings
    assert file.save()


def memory(client: Client, machine: MachineInfo) -> int:
    return client.virtualbox.find_machine(machine.id).memory_mb


def stored(machine: MachineInfo) -> MachineFile:
    return MachineFile.load(machine.settings_path)


def test_an_edit_reaches_every_client(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    with client_of("onlooker") as onlooker:
        recorder = Recorder(onlooker)
        edit(machine, memory_mb=333)
        recorder.wait_for(events.MachineDataChanged(id=machine.id))
        assert memory(onlooker, machine) == 333
        assert client.machine(machine.id).get_settings().hardware.memory_mb == 333


def test_our_own_saves_are_no_changes(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    recorder = Recorder(client)
    for number in range(5):
        client.machine(machine.id).set_extra_data("key", str(number))
        client.virtualbox.set_extra_data("key", str(number))
    edit(make_machine(client, "second"), memory_mb=77)
    wait_until(lambda: client.virtualbox.find_machine("second").memory_mb == 77)
    changed = [e for e in recorder.events if e == events.MachineDataChanged(id=machine.id)]
    assert len(changed) == 5


def test_vanished_and_repaired_files_are_told(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    away = Path(f"{machine.settings_path}.away")
    recorder = Recorder(client)
    os.rename(machine.settings_path, away)
    wait_until(lambda: not client.virtualbox.find_machine(machine.id).accessible)
    recorder.wait_for(events.MachineDataChanged(id=machine.id))
    assert "does not exist" in client.virtualbox.find_machine(machine.id).access_error
    os.rename(away, machine.settings_path)
    wait_until(lambda: client.virtualbox.find_machine(machine.id).accessible)
    assert client.machine(machine.id).get_settings().name == "guest"


def test_a_damaged_file_does_not_bring_older_settings_back(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).set_extra_data("first", "1")
    client.machine(machine.id).set_extra_data("second", "2")
    Path(machine.settings_path).write_text("<damaged")
    wait_until(lambda: client.virtualbox.find_machine(machine.id).last_error)
    assert "was damaged or removed" in client.virtualbox.find_machine(machine.id).last_error
    assert client.machine(machine.id).get_extra_data("second") == "2"
    client.machine(machine.id).set_extra_data("third", "3")
    assert stored(machine).settings.extra_data == {"first": "1", "second": "2", "third": "3"}
    assert client.virtualbox.find_machine(machine.id).last_error == ""


def test_a_damaged_file_without_predecessor_does_not_lose_the_settings(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    file = Path(machine.settings_path)
    assert not Path(f"{file}-prev").exists()
    facade = client.machine(machine.id)
    known = facade.get_settings()
    file.write_text("<VirtualBox")
    wait_until(lambda: "was damaged" in client.virtualbox.find_machine(machine.id).last_error)
    assert facade.get_settings() == known
    facade.set_extra_data("key", "value")
    assert MachineFile.load(str(file)).settings.extra_data == {"key": "value"}
    assert client.virtualbox.find_machine(machine.id).last_error == ""


def test_a_locked_machine_follows_when_it_is_released(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).lock(LockType.WRITE)
    edit(machine, memory_mb=333)
    edit(make_machine(client, "second"), memory_mb=77)
    wait_until(lambda: client.virtualbox.find_machine("second").memory_mb == 77)
    assert memory(client, machine) != 333
    recorder = Recorder(client)
    client.machine(machine.id).unlock()
    recorder.wait_for(events.MachineDataChanged(id=machine.id))
    assert memory(client, machine) == 333


def test_a_running_machine_keeps_both_changes(client: Client, make_machine: MakeMachine) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    edit(machine, memory_mb=333)
    client.machine(machine.id).set_extra_data("key", "value")
    client.console(machine.id).power_off()
    wait_until(
        lambda: client.virtualbox.find_machine(machine.id).session_state is SessionState.UNLOCKED
    )
    settings = client.machine(machine.id).get_settings()
    assert settings.hardware.memory_mb == 333
    assert settings.extra_data["key"] == "value"
    assert stored(machine).settings == settings


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A watcher that never looks, so that the save is the first to meet the edit."""
    monkeypatch.setattr(watching, "PAUSE_SECONDS", 3600.0)


@pytest.mark.usefixtures("blind")
def test_a_save_keeps_what_another_program_changed(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    settings = client.machine(machine.id).get_settings()
    edit(machine, memory_mb=333)
    settings.description = "ours"
    client.machine(machine.id).save_settings(settings)
    now = stored(machine).settings
    assert (now.hardware.memory_mb, now.description) == (333, "ours")
    assert client.machine(machine.id).get_settings() == now


@pytest.mark.usefixtures("blind")
def test_a_save_against_another_program_is_refused(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    settings = client.machine(machine.id).get_settings()
    edit(machine, memory_mb=333)
    recorder = Recorder(client)
    settings.hardware.memory_mb = 444
    settings.description = "ours"
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "the same as you: Base Memory"):
        client.machine(machine.id).save_settings(settings)
    assert stored(machine).settings.hardware.memory_mb == 333
    recorder.wait_for(events.MachineDataChanged(id=machine.id))
    assert memory(client, machine) == 333
    client.machine(machine.id).save_settings(settings)
    assert stored(machine).settings.hardware.memory_mb == 444


@pytest.mark.usefixtures("blind")
def test_death_of_the_vm_is_stored_beside_the_edit(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).launch()
    edit(machine, memory_mb=333)
    os.kill(client.virtualbox.find_machine(machine.id).session_pid, 9)
    wait_until(lambda: client.virtualbox.find_machine(machine.id).state is MachineState.ABORTED)
    wait_until(lambda: stored(machine).settings.aborted)
    assert stored(machine).settings.hardware.memory_mb == 333


def register_behind_our_back(home: Path, folder: Path, name: str) -> MachineEntry:
    settings = plain_settings(name)
    settings.uuid = "12345678-1234-1234-1234-123456789abc"
    path = folder / name / f"{name}.vbox"
    MachineFile.create(str(path), settings)
    file = GlobalFile.load(str(home / "VirtualBox.xml"))
    entry = MachineEntry(uuid=settings.uuid, path=str(path))
    file.settings.machines.append(entry)
    file.settings.extra_data["GUI/x"] = "theirs"
    file.settings.default_hard_disk_format = "VMDK"
    assert file.save()
    return entry


def test_changes_of_the_installation_are_followed(
    client: Client, home: Path, tmp_path: Path, make_machine: MakeMachine
) -> None:
    ours = make_machine(client)
    recorder = Recorder(client)
    entry = register_behind_our_back(home, tmp_path / "vms", "theirs")
    recorder.wait_for(
        events.MachineRegistered(id=entry.uuid, registered=True),
        events.ExtraDataChanged(key="GUI/x", value="theirs"),
        events.SystemPropertiesChanged(),
    )
    assert client.virtualbox.find_machine("theirs").accessible
    assert client.virtualbox.get_system_properties().default_hard_disk_format == "VMDK"
    file = GlobalFile.load(str(home / "VirtualBox.xml"))
    file.settings.machines = [each for each in file.settings.machines if each.uuid != ours.id]
    file.save()
    recorder.wait_for(events.MachineRegistered(id=ours.id, registered=False))
    assert [machine.name for machine in client.virtualbox.list_machines()] == ["theirs"]


@pytest.mark.usefixtures("blind")
def test_a_save_of_the_installation_keeps_what_others_registered(
    client: Client, home: Path, tmp_path: Path, make_machine: MakeMachine
) -> None:
    make_machine(client, "before")
    entry = register_behind_our_back(home, tmp_path / "vms", "theirs")
    make_machine(client, "after")
    names = [machine.name for machine in client.virtualbox.list_machines()]
    assert sorted(names) == ["after", "before", "theirs"]
    settings = GlobalFile.load(str(home / "VirtualBox.xml")).settings
    assert entry in settings.machines
    assert len(settings.machines) == 3
    assert settings.extra_data["GUI/x"] == "theirs"


def test_a_machine_in_use_stays_registered(
    client: Client, home: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    client.machine(machine.id).lock(LockType.WRITE)
    file = GlobalFile.load(str(home / "VirtualBox.xml"))
    file.settings.machines = []
    file.save()
    wait_until(lambda: GlobalFile.load(str(home / "VirtualBox.xml")).settings.machines)
    assert [each.id for each in client.virtualbox.list_machines()] == [machine.id]


@pytest.mark.parametrize("damage", [None, "<damaged", "<VirtualBox"])
def test_a_vanished_or_damaged_registry_is_not_obeyed(
    home: Path, damage: str | None, make_machine: MakeMachine
) -> None:
    registry = home / "VirtualBox.xml"
    with running_service(home) as service, client_of() as client:
        machine = make_machine(client)
        registry.unlink()
        Path(f"{registry}-prev").unlink()
        if damage is not None:
            registry.write_text(damage)
        wait_until(lambda: not service.registry._store.changed_on_disk())
        assert [each.id for each in client.virtualbox.list_machines()] == [machine.id]
        client.virtualbox.set_extra_data("key", "value")
    settings = GlobalFile.load(str(registry)).settings
    assert [entry.uuid for entry in settings.machines] == [machine.id]
    assert settings.extra_data["key"] == "value"


def test_a_machine_whose_folder_was_moved_by_others_is_found(
    client: Client, home: Path, tmp_path: Path, make_machine: MakeMachine
) -> None:
    machine = make_machine(client)
    target = tmp_path / "elsewhere"
    shutil.move(Path(machine.settings_path).parent, target)
    file = GlobalFile.load(str(home / "VirtualBox.xml"))
    path = str(target / "guest.vbox")
    file.settings.machines = [MachineEntry(uuid=machine.id, path=path)]
    file.save()
    wait_until(lambda: client.virtualbox.find_machine(machine.id).settings_path == path)
    wait_until(lambda: client.virtualbox.find_machine(machine.id).accessible)
    assert client.virtualbox.find_machine(path).id == machine.id


def test_a_watcher_waits_until_a_file_has_settled(tmp_path: Path) -> None:
    class Owner:
        watched_path = str(tmp_path / "file")
        known_signature = None
        calls = 0

        def check_disk(self) -> None:
            self.calls += 1

    owner = Owner()
    watcher = watching.FileWatcher(lambda: [owner])
    assert not watcher.look()
    for text in ("a", "ab", "abc"):
        Path(owner.watched_path).write_text(text)
        assert watcher.look()
        assert owner.calls == 0
    assert not watcher.look()
    assert owner.calls == 1
    assert not watcher.look()
    assert owner.calls == 1


def test_one_failing_file_does_not_end_the_watch(
    service: Service, client: Client, make_machine: MakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_machine(client, "first"), make_machine(client, "second")
    broken = service.registry.find(first.id)

    def fail() -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(broken, "check_disk", fail)
    edit(first, memory_mb=55)
    edit(second, memory_mb=66)
    wait_until(lambda: memory(client, second) == 66)
