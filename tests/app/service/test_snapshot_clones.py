"""Clones of machines with snapshots: full ones, linked ones, and with several states."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import Client, ErrorCode
from app.api.copying import CloneMode, CloneOption
from tests.app.service.disks import MIB, Guest, add_disk
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import failing


@pytest.fixture
def source(client: Client, make_machine: MakeMachine) -> Guest:
    """Root - middle - left, and the present state upon right, which is upon middle as well."""
    machine = make_machine(client, "source")
    add_disk(client, machine.id)
    guest = Guest(client, machine.id)
    snapshots = client.snapshots(machine.id)
    guest.write(0, b"root")
    snapshots.take("root")
    guest.write(MIB, b"middle")
    snapshots.take("middle")
    guest.write(2 * MIB, b"left")
    guest.write(0, bytes(MIB))
    snapshots.take("left")
    snapshots.restore("middle")
    guest.write(2 * MIB, b"right")
    snapshots.take("right")
    guest.write(3 * MIB, b"now")
    return guest


def contents(guest: Guest) -> dict[str, bytes]:
    """What the disk holds now and in each snapshot."""
    found = {each.name: guest.read_snapshot(each.name) for each in guest.settings.snapshots}
    return {"": guest.read(), **found}


def clone(source: Guest, tmp_path: Path, **words: object) -> Guest:
    made = source.client.machine(source.id).clone("twin", base_folder=str(tmp_path), **words)
    return Guest(source.client, made.id)


def tree(guest: Guest) -> dict[str, str]:
    """Name of each snapshot's parent."""
    names = {each.uuid: each.name for each in guest.settings.snapshots}
    return {each.name: names.get(each.parent, "") for each in guest.settings.snapshots}


def test_all_states(source: Guest, tmp_path: Path) -> None:
    before = contents(source)
    twin = clone(source, tmp_path, mode=CloneMode.ALL_STATES)
    assert contents(twin) == before
    assert tree(twin) == tree(source)
    own = {disk.uuid for disk in twin.settings.media.hard_disks}
    assert not own & {disk.uuid for disk in source.settings.media.hard_disks}
    assert len(twin.images()) == len(source.images())
    source.write(0, b"changed")
    twin.client.snapshots(twin.id).delete("middle")
    assert {k: v for k, v in before.items() if k != "middle"} == contents(twin)


def test_a_snapshot_and_those_after_it(source: Guest, tmp_path: Path) -> None:
    before = contents(source)
    twin = clone(source, tmp_path, mode=CloneMode.MACHINE_AND_CHILD_STATES, snapshot="middle")
    assert tree(twin) == {"middle": "", "left": "middle", "right": "middle"}
    assert contents(twin) == {name: data for name, data in before.items() if name != "root"}
    assert len(twin.images()) == 4


def test_a_branch_beside_the_present_state(source: Guest, tmp_path: Path) -> None:
    before = contents(source)
    twin = clone(source, tmp_path, mode=CloneMode.MACHINE_AND_CHILD_STATES, snapshot="left")
    assert tree(twin) == {"left": ""}
    assert contents(twin) == {"": before["left"], "left": before["left"]}
    twin.write(0, b"goes on")
    assert twin.read_snapshot("left") == before["left"]


def test_one_snapshot_as_a_complete_machine(source: Guest, tmp_path: Path) -> None:
    before = contents(source)
    twin = clone(source, tmp_path, snapshot="left")
    assert contents(twin) == {"": before["left"]}
    (disk,) = twin.settings.media.hard_disks
    assert (disk.parent, disk.location) == ("", "twin-disk1.vdi")


def test_a_linked_clone(source: Guest, tmp_path: Path) -> None:
    before = contents(source)
    twin = clone(source, tmp_path, snapshot="middle", options=[CloneOption.LINK])
    assert contents(twin) == {"": before["middle"]}
    assert len(twin.images()) == 1
    twin.write(0, b"its own")
    assert contents(source) == before
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "needed by the machine 'twin'"):
        source.client.snapshots(source.id).delete("middle")
    assert contents(source) == before
    source.client.virtualbox.unregister_machine(twin.id, delete_files=True)
    assert contents(source) == before
    source.client.snapshots(source.id).delete("middle")
    assert source.read() == before[""]


def test_the_source_of_a_linked_clone_is_removed(source: Guest, tmp_path: Path) -> None:
    twin = clone(source, tmp_path, snapshot="middle", options=[CloneOption.LINK])
    expected = twin.read()
    source.client.virtualbox.unregister_machine(source.id, delete_files=True)
    assert twin.read() == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"options": [CloneOption.LINK]}, "only be made of a snapshot"),
        (
            {"options": [CloneOption.LINK], "mode": CloneMode.ALL_STATES, "snapshot": "root"},
            "has one state",
        ),
        ({"mode": CloneMode.MACHINE_AND_CHILD_STATES}, "needs the name of that snapshot"),
    ],
)
def test_what_cannot_be_cloned(
    source: Guest, tmp_path: Path, words: dict[str, object], sentence: str
) -> None:
    with failing(ErrorCode.E_INVALIDARG, sentence):
        clone(source, tmp_path, **words)
    with failing(ErrorCode.VBOX_E_OBJECT_NOT_FOUND, "named 'none'"):
        clone(source, tmp_path, snapshot="none")
    assert not (tmp_path / "twin").exists()
