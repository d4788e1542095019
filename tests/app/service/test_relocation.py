"""Renamed and moved machines: undone, followed by others, and finished after a kill."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from app.api import Client, ErrorCode
from app.settings.model import HardDisk, MachineSettings
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of, failing, run_python, running_service

KILLER = """
import os, signal, sys
from pathlib import Path
from app.service.machine import Machine
from app.service.registry import Registry
from tests.app.service.support import client_of, running_service

home, step, action, argument = sys.argv[1:]
count = 0
def killed_at(name, owner):
    real = getattr(owner, name)
    def counting(*arguments, **options):
        global count
        result = real(*arguments, **options)
        count += 1
        if count == int(step):
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, counting)
with running_service(Path(home)):
    with client_of() as client:
        machine = client.machine(client.virtualbox.find_machine("guest").id)
        settings = machine.get_settings()
        killed_at("rename", Path)
        killed_at("write_settings", Machine)
        killed_at("renamed", Registry)
        if action == "move":
            machine.move(argument)
        else:
            settings.name = argument
            machine.save_settings(settings)
"""


def disk_at(path: str, uuid: str = "aaaaaaaa-0000-0000-0000-000000000001") -> HardDisk:
    return HardDisk(uuid=uuid, location=path)


def change(client: Client, machine_name: str, **fields: object) -> MachineSettings:
    """Change settings of a machine."""
    machine = client.machine(client.virtualbox.find_machine(machine_name).id)
    settings = machine.get_settings()
    for field, value in fields.items():
        setattr(settings, field, value)
    machine.save_settings(settings)
    return machine.get_settings()


@pytest.mark.parametrize(
    ("action", "step"),
    [("rename", 1), ("rename", 2), ("rename", 3), ("rename", 4), ("move", 1), ("move", 2)],
)
def test_a_kill_between_two_steps_loses_no_machine(
    home: Path, tmp_path: Path, make_machine: MakeMachine, action: str, step: int
) -> None:
    (tmp_path / "else").mkdir()
    with running_service(home), client_of() as client:
        folder = Path(make_machine(client).settings_path).parent
        make_machine(client, "other")
        image = folder / "disk.vdi"
        image.touch()
        for name in ("guest", "other"):
            media = change(client, name).media
            media.hard_disks.append(disk_at(str(image)))
            if action == "rename" or name == "guest":
                change(client, name, media=media)
    argument = str(tmp_path / "else") if action == "move" else "new"
    process = run_python(
        KILLER.replace("sys.argv[1:]", repr((str(home), str(step), action, argument)))
    )
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, complaints
    for _ in range(2):  # The service after the next one finds nothing to do any more.
        with running_service(home), client_of() as client:
            machines = [each for each in client.virtualbox.list_machines() if each.name != "other"]
            (info,) = machines
            assert info.accessible, info.access_error
            place = Path(info.settings_path)
            # The settings file was renamed and nothing else: its old name is the right one.
            undone = action == "rename" and step == 1
            assert info.name == ("guest" if undone or action == "move" else "new")
            assert place.stem == place.parent.name == info.name
            assert (place.parent == folder) == undone
            disk = client.machine(info.id).get_settings().media.hard_disks[0]
            assert (place.parent / disk.location).is_file()
            others = change(client, "other").media.hard_disks
            assert all(Path(other.location).is_file() for other in others)
        assert not list((home / "relocations").glob("*.json"))


def test_other_machines_and_the_installation_follow(
    client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    """A linked clone goes on finding the image that it builds on."""
    folder = Path(make_machine(client).settings_path).parent
    make_machine(client, "clone")
    media = change(client, "clone").media
    media.hard_disks.append(disk_at(str(folder / "base.vdi")))
    change(client, "clone", media=media)
    lone = client.virtualbox.create_medium(str(folder / "lone.vdi"), 1 << 20, register=True)
    held = client.virtualbox.find_machine("clone")
    (folder / "base.vdi").touch()
    with client_of("editor") as editor:
        editor.machine(held.id).lock()
        with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "'clone' is in use and has .*base.vdi"):
            change(client, "guest", name="new")
    assert client.virtualbox.find_machine("guest").settings_path == str(folder / "guest.vbox")
    change(client, "guest", name="new")
    new = folder.with_name("new")
    assert change(client, "clone").media.hard_disks[0].location == str(new / "base.vdi")
    assert client.virtualbox.find_medium(lone.id).path == str(new / "lone.vdi")


def test_a_folder_with_another_machine_keeps_its_name(
    client: Client, make_machine: MakeMachine
) -> None:
    first = Path(make_machine(client).settings_path)
    text = first.read_text().replace('name="guest"', 'name="second"')
    second = first.with_name("second.vbox")
    machine_id = client.virtualbox.find_machine("guest").id
    second.write_text(text.replace(machine_id, "99999999-2222-3333-4444-555555555555"))
    client.virtualbox.open_machine(str(second))
    change(client, "guest", name="new")
    assert client.virtualbox.find_machine("new").settings_path == str(first.with_name("new.vbox"))
    assert client.virtualbox.find_machine("second").accessible
