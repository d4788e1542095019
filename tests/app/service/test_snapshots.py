"""Snapshots of machines with hard disks that are powered off."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.api import ApiError, Client, ErrorCode, MachineState, connect
from app.api.events import SnapshotDeleted, SnapshotRestored, SnapshotTaken
from app.service.server import Service
from app.service.snapshots import images, tree
from app.service.snapshots.journal import SnapshotJournal, Unfinished
from engine.storage.chain import DiskChain
from tests.app.service.disks import MIB, SIZE, Guest, add_disk, images_of, medium_of
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of, failing, running_service, wait_until


@pytest.fixture
def guest(client: Client, make_machine: MakeMachine) -> Guest:
    machine = make_machine(client, "box")
    add_disk(client, machine.id)
    return Guest(client, machine.id)


def test_take_write_restore(client: Client, guest: Guest) -> None:
    events = client.events(SnapshotTaken, SnapshotRestored, SnapshotDeleted)
    guest.write(0, b"before")
    base = medium_of(guest.settings.hardware)
    taken = client.snapshots(guest.id).take("one", "the first")
    settings = guest.settings
    assert settings.current_snapshot == taken.uuid
    assert not settings.current_state_modified
    assert medium_of(settings.snapshots[0].hardware) == base
    assert medium_of(settings.hardware) != base
    assert guest.images() == {"disk.vdi", f"{{{medium_of(settings.hardware)}}}.vdi"}
    guest.write(0, b"after!")
    assert guest.read()[:6] == b"after!"
    assert guest.read_snapshot("one")[:6] == b"before"
    client.snapshots(guest.id).restore("one")
    assert guest.read()[:6] == b"before"
    assert len(guest.images()) == 2
    client.snapshots(guest.id).delete("one")
    assert guest.read()[:6] == b"before"
    assert len(guest.images()) == 1
    assert guest.settings.snapshots == []
    names = [type(events.get(5)).__name__ for _ in range(3)]
    assert names == ["SnapshotTaken", "SnapshotRestored", "SnapshotDeleted"]
    assert client.virtualbox.find_machine(guest.id).state is MachineState.POWERED_OFF


def test_every_state_of_a_tree_is_kept(client: Client, guest: Guest) -> None:
    """Random use of the tree, compared with flat copies of what each state held."""
    dice = random.Random(11)
    snapshots = client.snapshots(guest.id)
    now = bytearray(SIZE)
    held: dict[str, bytes] = {}
    number = 0
    for _ in range(34):
        action = dice.choice(["write", "write", "take", "take", "restore", "delete"])
        if action == "write":
            offset = dice.randrange(0, SIZE - MIB, 512)
            length = dice.choice([512, 4096, MIB])
            data = dice.choice([bytes(length), dice.randbytes(16) * (length // 16)])
            guest.write(offset, data)
            now[offset : offset + length] = data
        elif action == "take":
            number += 1
            snapshots.take(f"s{number}")
            held[f"s{number}"] = bytes(now)
        elif held and action == "restore":
            name = dice.choice(list(held))
            snapshots.restore(name)
            now = bytearray(held[name])
        elif held:
            name = dice.choice(list(held))
            parents = [each.parent for each in guest.settings.snapshots]
            root = guest.settings.snapshots[0]
            if name == root.name and parents.count(root.uuid) > 1:
                with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "is the first snapshot"):
                    snapshots.delete(name)
            else:
                snapshots.delete(name)
                del held[name]
        assert guest.read() == now, action
        for name, contents in held.items():
            assert guest.read_snapshot(name) == contents, (action, name)
        known = {Path(disk.location).name for disk in guest.settings.media.hard_disks}
        assert known == guest.images()
        assert {each.name for each in guest.settings.snapshots} == held.keys()
    assert number > 3


def test_both_directions_of_a_merge(client: Client, guest: Guest) -> None:
    """The image that holds less is the one that is read; a base stays, the guest knows its UUID."""
    guest.write(0, b"x" * 3 * MIB)
    client.snapshots(guest.id).take("small above")
    guest.write(0, b"y" * 512)
    expected = guest.read()
    client.snapshots(guest.id).delete("small above")
    assert guest.images() == {"disk.vdi"}, "backward, into the base"
    assert guest.read() == expected
    client.snapshots(guest.id).take("one")
    guest.write(0, b"a" * 512)
    client.snapshots(guest.id).take("large above")
    guest.write(0, b"z" * 3 * MIB)
    top = medium_of(guest.settings.hardware)
    expected = guest.read()
    client.snapshots(guest.id).delete("large above")
    assert medium_of(guest.settings.hardware) == top, "forward, into the top"
    assert guest.read() == expected


def test_a_snapshot_with_two_children_can_be_deleted(client: Client, guest: Guest) -> None:
    snapshots = client.snapshots(guest.id)
    snapshots.take("root")
    guest.write(0, b"middle" * 100)
    snapshots.take("middle")
    guest.write(MIB, b"left")
    snapshots.take("left")
    snapshots.restore("middle")
    guest.write(MIB, b"right")
    expected = guest.read_snapshot("left"), guest.read()
    snapshots.delete("middle")
    assert (guest.read_snapshot("left"), guest.read()) == expected
    assert [each.parent for each in guest.settings.snapshots][1] == guest.settings.snapshots[0].uuid


def test_what_snapshots_leave_alone(client: Client, guest: Guest) -> None:
    add_disk(client, guest.id, "through.vdi", device=1)
    through = medium_of(guest.settings.hardware, 1)
    settings = guest.settings
    disk = settings.media.find(through)
    assert disk is not None
    disk.type = "Writethrough"
    client.machine(guest.id).save_settings(settings)
    client.snapshots(guest.id).take("one")
    assert medium_of(guest.settings.hardware, 1) == through
    with guest.chain(through, read_only=False) as chain:
        chain.write(0, b"stays")
    client.snapshots(guest.id).restore("one")
    assert guest.read(through)[:5] == b"stays"
    client.snapshots(guest.id).delete("one")
    assert guest.images() == {"disk.vdi", "through.vdi"}


def test_an_image_that_is_missing_refuses_the_snapshot(client: Client, guest: Guest) -> None:
    os.rename(guest.folder / "disk.vdi", guest.folder / "gone")
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "disk.vdi"):
        client.snapshots(guest.id).take("one")
    assert guest.settings.snapshots == []
    assert not list(guest.folder.rglob("{*"))
    assert client.virtualbox.find_machine(guest.id).state is MachineState.POWERED_OFF


def test_no_room_for_a_merge(
    client: Client, guest: Guest, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.write(0, b"x" * MIB)
    client.snapshots(guest.id).take("one")
    guest.write(0, b"y" * MIB)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: _Full)
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "Nothing was changed"):
        client.snapshots(guest.id).delete("one")
    assert len(guest.settings.snapshots) == 1


class _Full:
    free = 0


# -- what is interrupted ---------------------------------------------------------------------------


def _prepare(client: Client, guest: Guest) -> tuple[bytes, bytes]:
    guest.write(0, b"base" * MIB)
    client.snapshots(guest.id).take("one")
    guest.write(MIB, b"one!" * (MIB // 4))
    client.snapshots(guest.id).take("two")
    guest.write(2 * MIB, b"two!" * 128)
    return guest.read_snapshot("two"), guest.read()


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_deletion_that_fails_in_between_is_finished_later(
    home: Path, make_machine: MakeMachine, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each step of the deletion: the work stops there, and the next service goes on."""
    steps = ["merge", "reparent", "delete_files"]
    with running_service(home), client_of() as client:
        machine = make_machine(client, "box")
        add_disk(client, machine.id)
        guest = Guest(client, machine.id)
        expected = _prepare(client, guest)
    for step in steps:
        with monkeypatch.context() as patch, running_service(home) as service:
            stop = _Stopper()
            patch.setattr(images, step, stop)
            with client_of() as client:
                guest = Guest(client, machine.id)
                with pytest.raises(ApiError):
                    client.snapshots(machine.id).delete(name)
                assert stop.called or step == "delete_files"
            del service
        with running_service(home), client_of() as client:
            guest = Guest(client, machine.id)
            wait_until(
                lambda: client.virtualbox.find_machine(machine.id).state
                is MachineState.POWERED_OFF
            )
            wait_until(lambda: not SnapshotJournal(home).machines())
            assert guest.read() == expected[1], step
            left = {each.name for each in guest.settings.snapshots}
            if "two" in left:
                assert guest.read_snapshot("two") == expected[0]
            if name not in left:
                break
    assert name not in left
    assert guest_images(machine.settings_path) == 2


def guest_images(settings_path: str) -> int:
    return len(list(Path(settings_path).parent.rglob("*.vdi")))


class _Stopper:
    """Stands for a service that is killed at that moment."""

    def __init__(self) -> None:
        self.called = False

    def __call__(self, *_words: object, **_options: object) -> None:
        self.called = True
        raise ApiError(ErrorCode.E_UNEXPECTED, "The power is gone.", "test")


_DELETER = """
import sys
from app.api.client import connect
with connect(client_name="test") as client:
    print("begins", flush=True)
    client.snapshots(sys.argv[1]).delete(sys.argv[2])
"""


def test_a_service_that_is_killed_while_it_deletes(home: Path, make_machine: MakeMachine) -> None:
    """kill -9 of the service at random moments: nothing is lost, and the deletion gets done."""
    dice = random.Random(3)
    with connect(client_name="test") as client:
        machine = make_machine(client, "box")
        add_disk(client, machine.id)
        expected = _prepare(client, Guest(client, machine.id))
    for _ in range(6):
        with connect(client_name="test") as client:
            pid = client.virtualbox.get_version().pid
            deleting = subprocess.Popen(
                [sys.executable, "-c", _DELETER, machine.id, "one"],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            assert deleting.stdout is not None
            deleting.stdout.readline()
            time.sleep(dice.uniform(0, 0.5))
            os.kill(pid, signal.SIGKILL)
            deleting.wait()
            deleting.stdout.close()
        with connect(client_name="test") as client:
            guest = Guest(client, machine.id)
            wait_until(lambda: not SnapshotJournal(home).machines())
            wait_until(
                lambda client=client: client.virtualbox.find_machine(machine.id).state
                is MachineState.POWERED_OFF
            )
            assert guest.read() == expected[1]
            assert guest.read_snapshot("two") == expected[0]
            if [each.name for each in guest.settings.snapshots] == ["two"]:
                break
    with connect(client_name="test") as client:
        assert Guest(client, machine.id).read() == expected[1]


def test_a_damaged_journal_is_put_aside(home: Path) -> None:
    journal = SnapshotJournal(home)
    journal.write(Unfinished(machine_id="a"))
    assert journal.machines() == ["a"]
    (home / "snapshots" / "a.json").write_bytes(b"{")
    assert journal.read("a") is None
    assert journal.machines() == []


def test_the_images_of_a_snapshot_that_was_not_completed(
    service: Service, client: Client, guest: Guest
) -> None:
    """The service died between the new images and the settings of a running machine."""
    settings = guest.settings
    base = settings.media.hard_disks[0]
    new = tree.new_difference(settings, base)
    machine = service.registry.find(guest.id)
    with_it = tree.with_images(settings, {base.uuid: new})
    images.create_differences(machine, with_it.media, [new])
    with DiskChain(images_of(with_it, guest.folder, new.uuid)) as chain:
        chain.write(0, b"the guest went on")
    SnapshotJournal(service.place.home).write(
        Unfinished(machine_id=guest.id, taking="never", images=[new], files=["/nowhere/a.sav"])
    )
    client.snapshots(guest.id).take("another")
    assert guest.read()[:17] == b"the guest went on"
    assert guest.read_snapshot("another")[:17] == b"the guest went on"
    assert len(guest.images()) == 2


def test_a_saved_machine(client: Client, guest: Guest) -> None:
    """The snapshot and the machine share the saved state; who goes last deletes it."""
    folder = guest.folder / "Snapshots"
    folder.mkdir()
    state = folder / "now.sav"
    state.write_bytes(b"state")
    client.saved_state(guest.id).adopt(str(state))
    snapshots = client.snapshots(guest.id)
    guest.write(0, b"then")
    snapshots.take("saved")
    assert client.virtualbox.find_machine(guest.id).state is MachineState.SAVED
    client.saved_state(guest.id).discard()
    assert state.exists()
    guest.write(0, b"now!")
    snapshots.take("off")
    snapshots.restore("saved")
    assert client.virtualbox.find_machine(guest.id).state is MachineState.SAVED
    assert guest.read()[:4] == b"then"
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "Delete one of the branches first"):
        snapshots.delete("saved")
    snapshots.restore("off")
    assert client.virtualbox.find_machine(guest.id).state is MachineState.POWERED_OFF
    assert guest.read()[:4] == b"now!"
    assert state.exists()
    snapshots.delete("saved")
    assert not state.exists()
    assert guest.read_snapshot("off")[:4] == b"now!"


def test_a_snapshot_whose_saved_state_is_gone_is_not_restored(
    client: Client, guest: Guest
) -> None:
    state = guest.folder / "now.sav"
    state.write_bytes(b"state")
    client.saved_state(guest.id).adopt(str(state))
    client.snapshots(guest.id).take("saved")
    client.saved_state(guest.id).discard()
    guest.write(0, b"kept")
    state.unlink()
    with failing(ErrorCode.VBOX_E_FILE_ERROR, "is missing"):
        client.snapshots(guest.id).restore("saved")
    assert guest.read()[:4] == b"kept"


def test_an_image_that_another_machine_knows_is_not_deleted(
    client: Client, guest: Guest, make_machine: MakeMachine
) -> None:
    snapshots = client.snapshots(guest.id)
    snapshots.take("one")
    top = medium_of(guest.settings.hardware)
    path = client.medium(top).get_info().path
    other = make_machine(client, "other")
    settings = client.machine(other.id).get_settings()
    for disk in guest.settings.media.hard_disks:
        disk.location = str(guest.folder / disk.location)
        settings.media.hard_disks.append(disk)
    client.machine(other.id).save_settings(settings)
    snapshots.restore("one")
    assert top not in {disk.uuid for disk in guest.settings.media.hard_disks}
    assert Path(path).exists()
