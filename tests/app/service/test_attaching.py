"""Hard disks that are attached through an image of the machine's own, and types of media."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import Client, ErrorCode
from app.api.structs import DeviceType, MediumVariant
from app.settings.media import attach_medium
from app.settings.storage import HardDisk
from engine.storage.chain import DiskChain, ImageFile
from tests.app.service.disks import MIB, Guest, add_disk, medium_of
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import failing


@pytest.fixture
def base(client: Client, tmp_path: Path) -> str:
    """A disk that the installation knows; returns its UUID."""
    path = str(tmp_path / "base.vdi")
    made = client.virtualbox.create_medium(path, 4 * MIB, register=True)
    with DiskChain([ImageFile(path)]) as chain:
        chain.write(0, b"base")
    return made.id


def attach(client: Client, machine_id: str, medium_id: str) -> Guest:
    info = client.medium(medium_id).get_info()
    settings = client.machine(machine_id).get_settings()
    disk = HardDisk(uuid=info.id, location=info.path, format=info.format, type=info.type)
    controller = settings.hardware.storage_controllers[0].name
    attach_medium(settings, controller, 0, 0, "HardDisk", disk)
    client.machine(machine_id).save_settings(settings)
    return Guest(client, machine_id)


@pytest.mark.parametrize(("kind", "resets"), [("Immutable", True), ("MultiAttach", False)])
def test_machines_get_images_of_their_own(
    client: Client, make_machine: MakeMachine, base: str, kind: str, resets: bool
) -> None:
    client.medium(base).set_type(kind)
    first = attach(client, make_machine(client, "first").id, base)
    second = attach(client, make_machine(client, "second").id, base)
    assert medium_of(first.settings.hardware) != medium_of(second.settings.hardware)
    first.write(0, b"FIRST")
    assert first.read()[:5] == b"FIRST"
    assert second.read()[:4] == b"base"
    own = client.medium(medium_of(first.settings.hardware)).get_info()
    assert (own.variant, own.parent_id, own.auto_reset) == (MediumVariant.DIFF, base, resets)
    assert own.access_error == ""
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "has 2 child media"):
        client.medium(base).delete_storage()
    client.snapshots(first.id).take("one")
    first.write(0, b"later")
    client.snapshots(first.id).restore("one")
    assert first.read()[:5] == b"FIRST"
    newest = first.settings.media.find(medium_of(first.settings.hardware))
    assert isinstance(newest, HardDisk)
    assert newest.auto_reset is resets
    client.snapshots(first.id).delete("one")
    assert first.read()[:5] == b"FIRST"
    assert second.read()[:4] == b"base"


def test_a_disk_on_which_others_build_is_only_read(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "first")
    add_disk(client, machine.id)
    guest = Guest(client, machine.id)
    below = medium_of(guest.settings.hardware)
    guest.write(0, b"then")
    client.snapshots(guest.id).take("one")
    guest.write(0, b"now!")
    other = attach(client, make_machine(client, "second").id, below)
    assert medium_of(other.settings.hardware) != below
    assert other.read()[:4] == b"then"
    other.write(0, b"mine")
    assert (guest.read()[:4], guest.read_snapshot("one")[:4]) == (b"now!", b"then")
    with failing(ErrorCode.VBOX_E_OBJECT_IN_USE, "needed by the machine 'second'"):
        client.snapshots(guest.id).delete("one")


def test_settings_from_before_a_snapshot_do_not_bring_its_image_back(
    client: Client, make_machine: MakeMachine
) -> None:
    machine = make_machine(client, "box")
    add_disk(client, machine.id)
    old = client.machine(machine.id).get_settings()
    client.snapshots(machine.id).take("one")
    now = client.machine(machine.id).get_settings()
    old.hardware.memory_mb = 99
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "Fetch the settings again"):
        client.machine(machine.id).save_settings(old)
    assert client.machine(machine.id).get_settings() == now


def test_only_disks_of_fixed_size_are_shareable(client: Client, base: str, tmp_path: Path) -> None:
    with failing(ErrorCode.VBOX_E_INVALID_OBJECT_STATE, "dynamic"):
        client.medium(base).set_type("Shareable")
    fixed = client.virtualbox.create_medium(
        str(tmp_path / "fixed.vdi"), 2 * MIB, variant=MediumVariant.FIXED, register=True
    )
    client.medium(fixed.id).set_type("Shareable")
    assert client.medium(fixed.id).get_info().type == "Shareable"


def test_a_difference_to_a_known_disk(client: Client, base: str, tmp_path: Path) -> None:
    path = str(tmp_path / "diff.vdi")
    made = client.virtualbox.create_medium(path, 0, parent=base, register=True)
    assert (made.parent_id, made.logical_size) == (base, 4 * MIB)
    assert [m.id for m in client.virtualbox.list_media(DeviceType.HARD_DISK)] == [base, made.id]
    client.medium(made.id).delete_storage()
    assert not Path(path).exists()


def test_a_difference_to_a_disk_of_a_machine(
    client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    machine = make_machine(client, "box")
    add_disk(client, machine.id)
    below = medium_of(client.machine(machine.id).get_settings().hardware)
    path = str(tmp_path / "diff.vdi")
    made = client.virtualbox.create_medium(path, 0, parent=below, register=True)
    assert client.medium(made.id).get_info().parent_id == below
    client.machine(machine.id).refresh()
    assert client.medium(made.id).get_info().access_error == ""
