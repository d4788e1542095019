"""Summaries of machines from one service to the next, and machines by index."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from app.api import Client, ErrorCode, MachineInfo
from app.service.machine import Machine
from app.service.summaries import CACHE_NAME, Summary, SummaryCache
from app.settings.files import Signature, signature
from app.settings.machine_file import MachineFile
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of, failing, running_service


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the machines whose files were read."""
    names: list[str] = []
    load = Machine.load

    def counted(machine: Machine) -> None:
        names.append(machine.path.stem)
        load(machine)

    monkeypatch.setattr(Machine, "load", counted)
    return names


def three_machines(home: Path, make_machine: MakeMachine) -> list[MachineInfo]:
    with running_service(home), client_of() as client:
        return [make_machine(client, name) for name in ("one", "two", "three")]


def listed(client: Client) -> list[MachineInfo]:
    return client.virtualbox.list_machines()


def test_the_next_service_reads_only_what_is_needed(
    home: Path, make_machine: MakeMachine, loads: list[str]
) -> None:
    machines = three_machines(home, make_machine)
    loads.clear()
    with running_service(home), client_of() as client:
        assert listed(client) == machines
        assert loads == []
        assert client.machine("two").get_settings().name == "two"
        assert client.machine(machines[1].id).get_extra_data("x") == ""
        assert loads == ["two"]
        client.machine("two").set_extra_data("x", "y")
        client.machine("three").lock()
        assert loads == ["two", "three"]


def test_a_file_that_changed_meanwhile_is_read(
    home: Path, make_machine: MakeMachine, loads: list[str]
) -> None:
    machines = three_machines(home, make_machine)
    file = MachineFile.load(machines[1].settings_path)
    file.settings.hardware.memory_mb = 333
    file.save()
    Path(machines[2].settings_path).write_text("<damaged")
    Path(f"{machines[2].settings_path}-prev").unlink(missing_ok=True)
    loads.clear()
    with running_service(home), client_of() as client:
        now = listed(client)
        assert loads == ["two", "three"]
    assert [machine.memory_mb for machine in now[:2]] == [machines[0].memory_mb, 333]
    assert not now[2].accessible
    with running_service(home), client_of() as client:
        assert listed(client) == now


@pytest.mark.parametrize(
    "content", [b"", b"\xc1", b"\x81\xa1x\x01", b"\x00" * 100, msgspec.msgpack.encode([1, 2, 3])]
)
def test_a_damaged_cache_is_ignored_and_made_anew(
    home: Path, make_machine: MakeMachine, loads: list[str], content: bytes
) -> None:
    machines = three_machines(home, make_machine)
    (home / CACHE_NAME).write_bytes(content)
    loads.clear()
    with running_service(home), client_of() as client:
        assert listed(client) == machines
        assert loads == ["one", "two", "three"]
    loads.clear()
    with running_service(home), client_of() as client:
        assert listed(client) == machines
    assert loads == []


def test_a_cache_of_another_version_is_ignored(tmp_path: Path) -> None:
    known = Summary(Signature(1, 2, 3), MachineInfo(id="i", name="n", settings_path="/x"))
    cache = SummaryCache(tmp_path)
    cache.save([known])
    again = SummaryCache(tmp_path)
    again.load()
    assert again.find("/x", Signature(1, 2, 3)) == known.info
    assert again.find("/x", Signature(1, 2, 4)) is None
    assert again.find("/x", None) is None
    assert again.find("/y", Signature(1, 2, 3)) is None
    path = tmp_path / CACHE_NAME
    content = msgspec.msgpack.decode(path.read_bytes())
    content["fields"] = content["fields"][:-1]
    path.write_bytes(msgspec.msgpack.encode(content))
    other = SummaryCache(tmp_path)
    other.load()
    assert other.find("/x", Signature(1, 2, 3)) is None


def test_an_unchanged_cache_is_not_written_and_a_failure_is_survived(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    summary = Summary(Signature(1, 2, 3), MachineInfo(id="i", name="n", settings_path="/x"))
    cache = SummaryCache(tmp_path)
    cache.save([summary])
    before = signature(str(tmp_path / CACHE_NAME))
    cache.save([summary])
    assert signature(str(tmp_path / CACHE_NAME)) == before
    SummaryCache(tmp_path / "nowhere").save([summary])
    assert "cannot be written" in caplog.text
    assert sorted(os.listdir(tmp_path)) == [CACHE_NAME]


def test_machines_are_found_after_renaming_and_removing(
    client: Client, make_machine: MakeMachine
) -> None:
    one, two = make_machine(client, "one"), make_machine(client, "two")
    settings = client.machine(one.id).get_settings()
    settings.name = "renamed"
    client.machine(one.id).save_settings(settings)
    now = client.virtualbox.find_machine("renamed")
    assert now.id == one.id
    assert client.virtualbox.find_machine(now.settings_path).id == one.id
    for key in ("one", one.settings_path):
        with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "Could not find"):
            client.virtualbox.find_machine(key)
    client.virtualbox.unregister_machine(two.id)
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "Could not find"):
        client.virtualbox.find_machine("two")
    make_machine(client, "one")


def test_a_machine_that_cannot_be_read_when_it_is_needed_says_so(
    home: Path, make_machine: MakeMachine
) -> None:
    machine = three_machines(home, make_machine)[0]
    with running_service(home), client_of() as client:
        assert listed(client)[0].accessible
        Path(machine.settings_path).unlink()
        with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "'one' is inaccessible"):
            client.machine(machine.id).get_settings()
        assert not client.virtualbox.find_machine("one").accessible
        assert "does not exist" in client.virtualbox.find_machine("one").access_error
