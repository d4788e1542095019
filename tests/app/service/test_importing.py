"""Machines of an installed VirtualBox, as the service offers them."""

from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode
from app.service.hub import EventHub
from app.service.registry import Registry
from tests.app.service.fixtures import MakeMachine
from tests.app.settings import examples
from tests.app.settings.test_oldmedia import machine, registry


def test_machines_of_virtualbox_are_offered_and_taken_over(
    client: Client, make_machine: MakeMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make_machine(client, "box")
    new = tmp_path / "new" / "new.vbox"
    new.parent.mkdir()
    new.write_text(examples.V1_17.replace('name="box"', 'name="new"'))
    folder = tmp_path / "virtualbox"
    folder.mkdir()
    (folder / "VirtualBox.xml").write_text(
        '<VirtualBox version="1.12-linux"><Global><MachineRegistry>'
        f'<MachineEntry uuid="{{{known.id}}}" src="{known.settings_path}"/>'
        f'<MachineEntry uuid="{{{examples.UUID}}}" src="{new}"/>'
        f'<MachineEntry uuid="{{{examples.DISK}}}" src="/nowhere/gone.vbox"/>'
        "</MachineRegistry></Global></VirtualBox>"
    )
    monkeypatch.setenv("VBOX_USER_HOME", str(folder))
    before = (folder / "VirtualBox.xml").read_bytes()
    first, second, third = client.virtualbox.list_foreign_machines()
    assert (first.id, first.name, first.registered, first.problem) == (known.id, "box", True, "")
    assert (second.id, second.name, second.registered) == (examples.UUID, "new", False)
    assert (third.name, third.registered) == ("gone", False)
    assert "does not exist" in third.problem
    assert client.virtualbox.open_machine(second.settings_path).name == "new"
    assert client.virtualbox.list_foreign_machines()[1].registered is True
    assert (folder / "VirtualBox.xml").read_bytes() == before


def test_a_damaged_registry_of_virtualbox(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "VirtualBox.xml").write_text("<VirtualBox")
    monkeypatch.setenv("VBOX_USER_HOME", str(tmp_path))
    with pytest.raises(ApiError, match="not well-formed") as caught:
        client.virtualbox.list_foreign_machines()
    assert caught.value.code is ErrorCode.VBOX_E_XML_ERROR


def test_media_of_an_old_machine_come_with_it(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry(tmp_path / "vb")
    monkeypatch.setenv("VBOX_USER_HOME", str(tmp_path / "vb"))
    folder = tmp_path / "vms" / "box"
    machine(folder, examples.CHILD)
    info = client.virtualbox.open_machine(str(folder))
    assert (info.settings_path, info.last_error) == (str(folder / "box.xml"), "")
    media = client.machine(info.id).get_settings().media
    assert [disk.uuid for disk in media.hard_disks] == [examples.DISK, examples.CHILD]


def test_an_old_machine_whose_media_nobody_knows(
    client: Client, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VBOX_USER_HOME", str(tmp_path / "none"))
    file = Path(machine(tmp_path / "vms" / "box", examples.DISK).path)
    before = file.read_bytes()
    info = client.virtualbox.open_machine(str(file))
    assert f"{{{examples.DISK}}}, {{{examples.ISO}}}" in info.last_error
    assert info.accessible
    assert file.read_bytes() == before
    # The next service knows it too, though it has a summary of each machine.
    hub = EventHub()
    registry_of_next = Registry(home, hub)
    client.virtualbox.set_extra_data("any", "thing")
    registry_of_next.open()
    assert registry_of_next.find("box").info.last_error == info.last_error
    settings = client.machine(info.id).get_settings()
    settings.hardware.storage_controllers[0].attachments.clear()
    client.machine(info.id).save_settings(settings)
    assert client.virtualbox.find_machine("box").last_error == ""
