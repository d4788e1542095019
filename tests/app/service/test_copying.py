"""Cloning and moving machines: complete, or as if nothing had happened."""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode, MachineInfo
from app.api.copying import CloneMode
from app.service import filecopy, media, moving
from app.service.filecopy import copy_entries, entries_below, size_of
from app.service.server import Service
from app.settings.machine_file import MachineFile
from app.settings.media import attach_medium
from app.settings.model import HardDisk, MachineSettings, RemovableImage, Snapshot
from app.settings.network import NetworkAdapter
from engine.ssm.file import DeviceRecord, Header, MediumRecord, StateReader, StateWriter
from tests.app.service.support import client_of, failing
from tests.app.settings.plain import plain_settings

DATA = b"some data".ljust(1 << 20, b"\0")


@pytest.fixture
def source(client: Client, tmp_path: Path) -> MachineInfo:
    """A machine with a hard disk, a disc of somebody else's, a log and a saved state."""
    settings = plain_settings("source", "Debian_64")
    machine = client.virtualbox.create_machine("source", "Debian_64", str(tmp_path), settings)
    folder = Path(machine.settings_path).parent
    disk = client.virtualbox.create_medium(str(folder / "disk.img"), len(DATA), "RAW")
    (folder / "disk.img").write_bytes(DATA)
    (tmp_path / "disc.iso").write_bytes(bytes(1 << 16))
    (folder / "Logs").mkdir()
    (folder / "Logs" / "VBox.log").write_text("log")
    settings = client.machine(machine.id).get_settings()
    attach_medium(
        settings, "IDE", 0, 0, "HardDisk",
        HardDisk(uuid=disk.id, location="disk.img", format="RAW"),
    )  # fmt: skip
    disc = client.virtualbox.open_medium(str(tmp_path / "disc.iso"), "DVD")
    image = RemovableImage(uuid=disc.id, location=str(tmp_path / "disc.iso"))
    attach_medium(settings, "IDE", 1, 0, "DVD", image)
    client.machine(machine.id).save_settings(settings)
    return client.virtualbox.find_machine(machine.id)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what is in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def stored(machine: MachineInfo) -> MachineSettings:
    return MachineFile.load(machine.settings_path).settings


# -- cloning -----------------------------------------------------------------------------------


def test_clone_has_its_own_disk_and_shares_the_disc(
    client: Client, source: MachineInfo, tmp_path: Path
) -> None:
    before = tree(tmp_path / "source")
    told: list[int] = []
    made: queue.SimpleQueue[MachineInfo] = queue.SimpleQueue()
    client.start_call(
        "machine.clone",
        {"id": source.id, "name": "twin", "base_folder": str(tmp_path)},
        on_result=made.put,
        on_error=made.put,
        on_progress=lambda percent, _description: told.append(percent),
    )
    clone = made.get(timeout=30)
    settings, original = stored(clone), stored(source)
    (disk,) = settings.media.hard_disks
    assert disk.uuid != original.media.hard_disks[0].uuid
    assert disk.location == "twin-disk1.img"
    assert (tmp_path / "twin" / "twin-disk1.img").read_bytes() == DATA
    assert settings.media.dvd_images == original.media.dvd_images
    drives = settings.hardware.storage_controllers[0].attachments
    assert {drive.medium for drive in drives} == {disk.uuid, settings.media.dvd_images[0].uuid}
    assert tree(tmp_path / "source") == before
    assert told == sorted(told)
    assert told[-1] == 100
    assert client.virtualbox.find_medium(disk.uuid).path == str(
        tmp_path / "twin" / "twin-disk1.img"
    )


def test_clone_of_a_saved_machine_is_saved(
    client: Client, service: Service, source: MachineInfo, tmp_path: Path
) -> None:
    machine = service.registry.find(source.id)
    (tmp_path / "source" / "Snapshots").mkdir()
    (tmp_path / "source" / "Snapshots" / "now.sav").write_bytes(b"state")
    (tmp_path / "source" / "source.nvram").write_bytes(b"variables")
    with machine.lock:
        settings = machine.settings
        settings.state_file = "Snapshots/now.sav"
        machine.write_settings(settings)
    clone = client.machine(source.id).clone("twin", base_folder=str(tmp_path))
    assert stored(clone).state_file == "Snapshots/now.sav"
    assert (tmp_path / "twin" / "Snapshots" / "now.sav").read_bytes() == b"state"
    assert (tmp_path / "twin" / "twin.nvram").read_bytes() == b"variables"


def test_the_saved_state_of_a_clone_is_that_of_its_own_hardware(
    client: Client, service: Service, source: MachineInfo, tmp_path: Path
) -> None:
    machine = service.registry.find(source.id)
    with machine.lock:
        settings = machine.settings
        settings.state_file = "now.sav"
        settings.hardware.network_adapters = [
            NetworkAdapter(slot=0, enabled=True, mac_address="080027AAAAAA")
        ]
        machine.write_settings(settings)
    disk, adapter = settings.media.hard_disks[0], settings.hardware.network_adapters[0]
    header = Header(
        machine="source",
        devices={
            "fwcfg/0": DeviceRecord(version=1, config={"uuid": source.id, "cpu_count": 1}),
            "e1000/0": DeviceRecord(version=1, config={"mac": adapter.mac_address}),
        },
        media={"piix4ide/0/0": MediumRecord(identity=disk.uuid, size=len(DATA))},
    )
    with StateWriter(str(tmp_path / "source" / "now.sav"), header) as writer:
        writer.add("ram", 1, DATA)
        writer.commit()
    clone = stored(client.machine(source.id).clone("twin", base_folder=str(tmp_path)))
    with StateReader(str(tmp_path / "twin" / clone.state_file)) as reader:
        (unit,) = reader.units()
        found = reader.header
    assert unit.data == DATA
    assert found.machine == "twin"
    assert found.devices["fwcfg/0"].config == {"uuid": clone.uuid, "cpu_count": 1}
    mac = clone.hardware.network_adapters[0].mac_address
    assert found.devices["e1000/0"].config == {"mac": mac}
    assert mac != adapter.mac_address
    assert found.media["piix4ide/0/0"].identity == clone.media.hard_disks[0].uuid != disk.uuid


def test_snapshot_can_be_cloned(client: Client, tmp_path: Path) -> None:
    settings = plain_settings("old", "Other")
    snapshot = Snapshot(
        uuid="00000000-0000-0000-0000-000000000001",
        name="then",
        time_stamp=settings.last_state_change,
        hardware=plain_settings("old", "Other").hardware,
    )
    snapshot.hardware.memory_mb = 77
    settings.snapshots = [snapshot]
    settings.current_snapshot = snapshot.uuid
    path = tmp_path / "old" / "old.vbox"
    MachineFile.create(str(path), settings)
    machine = client.virtualbox.open_machine(str(path))
    clone = client.machine(machine.id).clone("new", snapshot="then", base_folder=str(tmp_path))
    made = stored(clone)
    assert (made.hardware.memory_mb, made.snapshots, made.current_snapshot) == (77, [], "")
    whole = client.machine(machine.id).clone(
        "n", CloneMode.ALL_STATES, base_folder=str(tmp_path)
    )
    (cloned,) = stored(whole).snapshots
    assert cloned.hardware.memory_mb == 77
    assert cloned.uuid != snapshot.uuid
    assert stored(whole).current_snapshot == cloned.uuid


def test_shareable_disk_is_in_both(client: Client, source: MachineInfo, tmp_path: Path) -> None:
    settings = client.machine(source.id).get_settings()
    settings.media.hard_disks[0].type = "Shareable"
    client.machine(source.id).save_settings(settings)
    clone = client.machine(source.id).clone("twin", base_folder=str(tmp_path))
    (disk,) = stored(clone).media.hard_disks
    assert (disk.uuid, disk.location) == (
        settings.media.hard_disks[0].uuid, str(tmp_path / "source" / "disk.img")
    )  # fmt: skip


def test_clone_that_fails_leaves_nothing(
    client: Client, source: MachineInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **_options: object) -> None:
        raise ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk is full.", "medium")

    before = tree(tmp_path / "source")
    monkeypatch.setattr(media, "clone_medium", full)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "disk is full"):
        client.machine(source.id).clone("twin", base_folder=str(tmp_path / "new" / "place"))
    assert tree(tmp_path / "source") == before
    assert not (tmp_path / "new").exists()
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "exists already"):
        # The configuration of the test is in a folder of this name.
        client.machine(source.id).clone("config", base_folder=str(tmp_path))


def test_cancelled_clone_leaves_nothing_and_frees_the_source(
    client: Client, source: MachineInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def endless(*_: object, cancelled: Callable[[], bool], **_options: object) -> None:
        begun.set()
        while not cancelled():
            threading.Event().wait(0.01)
        raise ApiError(ErrorCode.E_ABORT, "The work on the image was cancelled.", "medium")

    monkeypatch.setattr(media, "clone_medium", endless)
    ended = threading.Event()
    errors: list[ApiError] = []
    pending = client.start_call(
        "machine.clone",
        {"id": source.id, "name": "twin", "base_folder": str(tmp_path)},
        on_result=lambda _result: ended.set(),
        on_error=lambda error: (errors.append(error), ended.set()),
    )
    assert begun.wait(10)
    with client_of("other") as other, failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "locked"):
        other.machine(source.id).lock()
    pending.cancel()
    assert ended.wait(10)
    assert [error.code for error in errors] == [ErrorCode.E_ABORT]
    assert not (tmp_path / "twin").exists()
    client.machine(source.id).lock()


# -- moving ------------------------------------------------------------------------------------


@pytest.fixture(params=["rename", "copy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Within a file system, and to another one."""
    if request.param == "copy":
        monkeypatch.setattr(moving, "_rename", lambda *_: False)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_move_takes_everything_along(
    client: Client, source: MachineInfo, tmp_path: Path
) -> None:
    notes = tmp_path / "source" / "notes"
    notes.mkdir()
    (notes / "empty").mkdir()
    (notes / "link").symlink_to("nowhere")
    settings = client.machine(source.id).get_settings()
    settings.media.hard_disks[0].location = str(tmp_path / "source" / "disk.img")
    client.machine(source.id).save_settings(settings)
    before = tree(tmp_path / "source")
    moved = client.machine(source.id).move(str(tmp_path / "new" / "place"))
    target = tmp_path / "new" / "place" / "source"
    assert moved.settings_path == str(target / "source.vbox")
    assert not (tmp_path / "source").exists()
    after = tree(target)
    assert after.keys() >= before.keys()
    for name in ("disk.img", os.path.join("Logs", "VBox.log")):
        assert after[name] == before[name]
    assert (target / "notes" / "empty").is_dir()
    assert os.readlink(target / "notes" / "link") == "nowhere"
    assert stored(moved).media.hard_disks[0].location == "disk.img"
    assert [entry.name for entry in target.parent.iterdir()] == ["source"]
    client.machine(source.id).lock()


def test_moved_machine_is_found_by_the_next_service(
    client: Client, source: MachineInfo, tmp_path: Path, home: Path
) -> None:
    client.machine(source.id).move(str(tmp_path / "new"))
    path = str(tmp_path / "new" / "source" / "source.vbox")
    assert path in (home / "VirtualBox.xml").read_text()
    assert client.virtualbox.find_machine(path).id == source.id


@pytest.mark.usefixtures("way")
def test_move_that_fails_at_the_end_leaves_the_machine_where_it_was(
    client: Client,
    service: Service,
    source: MachineInfo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk is full.", "virtualbox")

    before = tree(tmp_path / "source")
    monkeypatch.setattr(service.registry, "renamed", full)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "disk is full"):
        client.machine(source.id).move(str(tmp_path / "new"))
    assert list((tmp_path / "new").iterdir()) == []
    assert tree(tmp_path / "source").items() >= before.items()
    assert client.virtualbox.find_machine(source.id).settings_path == source.settings_path
    client.machine(source.id).save_settings(client.machine(source.id).get_settings())


def test_move_that_fails_while_copying_leaves_no_trace(
    client: Client, source: MachineInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(moving, "_rename", lambda *_: False)
    monkeypatch.setattr(filecopy, "_copy_file", broken)
    before = tree(tmp_path / "source")
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "cannot be copied .* Input/output error"):
        client.machine(source.id).move(str(tmp_path / "new"))
    assert list((tmp_path / "new").iterdir()) == []
    assert tree(tmp_path / "source") == before


def test_move_is_refused_where_it_would_hurt(
    client: Client, source: MachineInfo, tmp_path: Path
) -> None:
    machine = client.machine(source.id)
    (tmp_path / "taken" / "source").mkdir(parents=True)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "exists already"):
        machine.move(str(tmp_path / "taken"))
    with failing(ErrorCode.E_INVALIDARG, "into itself"):
        machine.move(str(tmp_path / "source" / "deeper"))
    with failing(ErrorCode.E_INVALIDARG, "not an absolute path"):
        machine.move("elsewhere")
    assert machine.move().settings_path == source.settings_path
    assert machine.move(str(tmp_path)).settings_path == source.settings_path
    other = client.virtualbox.create_machine("other", "Other", str(tmp_path))
    settings = client.machine(other.id).get_settings()
    inside = tmp_path / "source" / "shared.iso"
    image = RemovableImage(uuid="00000000-0000-0000-0000-000000000009", location=str(inside))
    attach_medium(settings, "IDE", 1, 0, "DVD", image)
    client.machine(other.id).save_settings(settings)
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "The machine 'other' uses '.*shared.iso'"):
        machine.move(str(tmp_path / "new"))


def test_folder_with_other_things_stays(
    client: Client, source: MachineInfo, tmp_path: Path
) -> None:
    """A settings file that somebody put among documents does not take them along."""
    client.virtualbox.unregister_machine(source.id)
    (tmp_path / "source").rename(tmp_path / "documents")
    (tmp_path / "documents" / "letter.txt").write_text("mine")
    client.virtualbox.open_machine(str(tmp_path / "documents" / "source.vbox"))
    moved = client.machine(source.id).move(str(tmp_path / "new"))
    assert moved.settings_path == str(tmp_path / "new" / "source" / "source.vbox")
    assert (tmp_path / "new" / "source" / "disk.img").read_bytes() == DATA
    assert list(tree(tmp_path / "documents")) == ["letter.txt"]


# -- copying files -----------------------------------------------------------------------------


def test_copies_are_compared_and_keep_holes(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    with (source / "sparse").open("wb") as file:
        file.write(b"begin")
        file.seek(40 << 20)
        file.write(b"end")
        file.truncate(60 << 20)
    counted = []
    entries = list(entries_below(source))
    copy_entries(source, target, entries, counted.append)
    assert (target / "sparse").read_bytes() == (source / "sparse").read_bytes()
    assert sum(counted) == 2 * size_of(entries) == 120 << 20
    if hasattr(os.stat_result, "st_blocks"):
        assert (target / "sparse").stat().st_blocks * 512 < 30 << 20


def test_copy_that_differs_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damage(_source: Path, copied: Path) -> None:
        copied.write_bytes(b"wrong")

    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / "file").write_bytes(b"right")
    monkeypatch.setattr(shutil, "copystat", damage)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "differs from what was written"):
        copy_entries(source, target, entries_below(source), lambda _count: None)
