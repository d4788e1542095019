"""Machines of an installed VirtualBox, as the service offers them."""

from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode
from tests.app.service.fixtures import MakeMachine
from tests.app.settings import examples


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
