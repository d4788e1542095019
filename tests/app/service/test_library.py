"""The registry of media: who knows what, how long operations end, what stays after a mistake."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from app.api import Client, ErrorCode, MachineInfo
from app.api.events import MediumConfigChanged, MediumRegistered
from app.api.structs import DeviceType, MediumInfo, MediumState, MediumVariant
from app.service import mediumfacts
from app.service.host.drives import host_drives
from app.service.server import Service
from app.settings.machine_file import relative_location
from app.settings.media import attach_medium, detach_drive
from app.settings.model import HardDisk
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import Recorder, client_of, failing

MIB = 1 << 20


def new_disk(client: Client, path: Path, size: int = 2 * MIB) -> MediumInfo:
    return client.virtualbox.create_medium(str(path), size, register=True)


def attach(client: Client, machine: MachineInfo, info: MediumInfo) -> None:
    handle = client.machine(machine.id)
    settings = handle.get_settings()
    location = relative_location(str(Path(machine.settings_path).parent), info.path)
    disk = HardDisk(uuid=info.id, location=location, format=info.format)
    attach_medium(settings, "IDE", 0, 0, "HardDisk", disk)
    handle.save_settings(settings)


def detach(client: Client, machine: MachineInfo) -> None:
    handle = client.machine(machine.id)
    settings = handle.get_settings()
    detach_drive(settings, "IDE", 0, 0)
    handle.save_settings(settings)


def global_ids(service: Service) -> list[str]:
    return [disk.uuid for disk in service.registry.settings.media.hard_disks]


def test_a_disk_has_one_owner_at_a_time(
    service: Service, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    machine = make_machine(client)
    info = new_disk(client, tmp_path / "a.vdi")
    assert (info.registered, global_ids(service)) == (True, [info.id])
    attach(client, machine, info)
    assert global_ids(service) == []
    (listed,) = client.virtualbox.list_media(DeviceType.HARD_DISK)
    assert [(use.machine_name, use.attached) for use in listed.uses] == [("guest", True)]
    detach(client, machine)
    assert global_ids(service) == [info.id]
    assert client.medium(info.id).get_info().uses == ()


def test_a_detached_disk_without_its_image_is_forgotten(
    service: Service, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    machine = make_machine(client)
    info = new_disk(client, tmp_path / "a.vdi")
    attach(client, machine, info)
    Path(info.path).unlink()
    detach(client, machine)
    assert global_ids(service) == []


def test_media_survive_a_restart_of_the_service(home: Path, tmp_path: Path) -> None:
    from tests.app.service.support import running_service

    with running_service(home), client_of() as client:
        info = new_disk(client, tmp_path / "a.vdi")
        client.medium(info.id).set_description("kept")
    with running_service(home), client_of() as client:
        found = client.virtualbox.find_medium(str(tmp_path / "a.vdi"))
        assert (found.id, found.description) == (info.id, "kept")


def test_a_disk_is_found_by_uuid_path_and_link(client: Client, tmp_path: Path) -> None:
    info = new_disk(client, tmp_path / "a.vdi")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in (info.id, f"{{{info.id.upper()}}}", info.path, f"{tmp_path}/link/a.vdi"):
        assert client.virtualbox.find_medium(name).id == info.id
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "open DVD image with location"):
        client.virtualbox.find_medium(info.path, DeviceType.DVD)
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "hard disk with UUID {nothing}"):
        client.virtualbox.find_medium("nothing")


def test_images_are_looked_at_once(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    ask = mediumfacts._ask

    def counting(subjects: list[mediumfacts.Subject]) -> object:
        asked.append(len(subjects))
        return ask(subjects)

    monkeypatch.setattr(mediumfacts, "_ask", counting)
    for name in "abc":
        new_disk(client, tmp_path / f"{name}.vdi")
    assert asked == []
    client.virtualbox.list_media(DeviceType.HARD_DISK)
    assert asked == []
    for name in "ab":
        os.utime(tmp_path / f"{name}.vdi", (1, 1))
    client.virtualbox.list_media(DeviceType.HARD_DISK)
    client.virtualbox.list_media(DeviceType.HARD_DISK)
    assert asked == [2]


def test_a_damaged_image_says_why(client: Client, tmp_path: Path) -> None:
    info = new_disk(client, tmp_path / "a.vdi")
    with (tmp_path / "a.vdi").open("r+b") as file:
        file.seek(64)
        file.write(b"junk")
    found = client.medium(info.id).get_info()
    assert found.state is MediumState.INACCESSIBLE
    assert "signature" in found.access_error
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "is not accessible"):
        client.medium(info.id).resize(8 * MIB)


def test_events_tell_every_client(client: Client, tmp_path: Path) -> None:
    with client_of("other") as other:
        recorder = Recorder(other)
        info = new_disk(client, tmp_path / "a.vdi")
        client.medium(info.id).set_type("writethrough")
        client.medium(info.id).close()
        recorder.wait_for(
            MediumRegistered(id=info.id, registered=True),
            MediumConfigChanged(id=info.id),
            MediumRegistered(id=info.id, registered=False),
        )


@pytest.mark.usefixtures("vm_processes")
def test_what_a_vm_uses_is_left_alone(
    client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    machine = make_machine(client)
    info = new_disk(client, tmp_path / "a.vdi")
    attach(client, machine, info)
    client.machine(machine.id).launch()
    medium = client.medium(info.id)
    assert medium.get_info().state is MediumState.LOCKED_WRITE
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "is locked for writing by another task"):
        medium.compact()
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "still attached to the following 1 virtual"):
        medium.delete_storage()
    assert Path(info.path).exists()


def test_a_cancelled_clone_leaves_no_trace(client: Client, tmp_path: Path) -> None:
    info = client.virtualbox.create_medium(
        str(tmp_path / "a.img"), 1 << 30, "RAW", register=True
    )
    with open(info.path, "r+b") as file:
        for megabyte in range(0, 1024, 2):
            file.seek(megabyte << 20)
            file.write(b"data")
    before = os.stat(info.path).st_mtime_ns
    ended = threading.Event()
    errors: list[Exception] = []

    def fail(error: Exception) -> None:
        errors.append(error)
        ended.set()

    pending = client.start_call(
        "medium.clone_to",
        {"id": info.id, "path": str(tmp_path / "b.vdi"), "format": "VDI",
         "variant": MediumVariant.STANDARD},
        on_result=lambda _result: ended.set(),
        on_error=fail,
        on_progress=lambda percent, _text: pending.cancel() if percent >= 3 else None,
    )  # fmt: skip
    assert ended.wait(60)
    assert [error.code for error in errors] == [ErrorCode.E_ABORT]
    assert [name for name in os.listdir(tmp_path) if name != "config"] == ["a.img"]
    assert os.stat(info.path).st_mtime_ns == before
    assert len(client.virtualbox.list_media(DeviceType.HARD_DISK)) == 1


def test_the_uuid_of_a_known_image_can_be_changed(client: Client, tmp_path: Path) -> None:
    info = new_disk(client, tmp_path / "a.vdi")
    wanted = "11111111-2222-3333-4444-555555555555"
    assert client.medium(info.id).set_ids(wanted) == wanted
    found = client.virtualbox.find_medium(info.path)
    assert (found.id, found.state) == (wanted, MediumState.CREATED)
    with failing(ErrorCode.E_INVALIDARG, "'odd' is not a UUID"):
        client.medium(wanted).set_ids("odd")


def test_two_images_with_one_uuid_are_told_apart(client: Client, tmp_path: Path) -> None:
    info = new_disk(client, tmp_path / "a.vdi")
    (tmp_path / "b.vdi").write_bytes((tmp_path / "a.vdi").read_bytes())
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, f"a hard disk '{info.path}' with UUID"):
        client.virtualbox.open_medium(
            str(tmp_path / "b.vdi"), DeviceType.HARD_DISK, register=True
        )


def test_host_drives_are_those_of_the_kernel(tmp_path: Path) -> None:
    for name, sectors in (("sr0", 100), ("sda", 2048), ("loop0", 9), ("sda1", 7)):
        (tmp_path / name / "device").mkdir(parents=True)
        (tmp_path / name / "size").write_text(f"{sectors}\n")
        (tmp_path / name / "device" / "model").write_text("A drive  \n")
    (dvd,) = host_drives(DeviceType.DVD, tmp_path)
    assert (dvd.path, dvd.model, dvd.size) == ("/dev/sr0", "A drive", 51200)
    assert [drive.path for drive in host_drives(DeviceType.HARD_DISK, tmp_path)] == ["/dev/sda"]
    assert host_drives(DeviceType.FLOPPY, tmp_path / "none") == []
