"""Opening the hard disks of a machine that starts: chains, types of media."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api.errors import ApiError
from app.console.configuration import plan_machine
from app.console.disks import open_drive
from app.console.media import MeteredMedium
from app.settings.model import HardDisk, MachineSettings, MediumAttachment, StorageController
from engine.storage.chain import ImageFile, reading_chain
from engine.storage.create import create_difference_on, create_medium
from engine.storage.errors import MediumLocked
from engine.storage.medium import open_medium
from tests.app.console.fakes import settings as machine_settings

MIB = 1 << 20


@pytest.fixture
def machine(tmp_path: Path) -> MachineSettings:
    """A disk of two images."""
    create_medium(tmp_path / "base.vdi", format_name="VDI", variant="Standard", size=MIB)
    with reading_chain([ImageFile(tmp_path / "base.vdi")]) as base:
        create_difference_on(base, tmp_path / "top.vdi", format_name="VDI")
    settings = machine_settings(
        storage_controllers=[
            StorageController(
                name="IDE", type="PIIX4",
                attachments=[MediumAttachment(type="HardDisk", medium="top")],
            )
        ]
    )  # fmt: skip
    settings.media.hard_disks = [
        HardDisk(uuid="base", location="base.vdi"),
        HardDisk(uuid="top", location="top.vdi", parent="base"),
    ]
    return settings


def opened(settings: MachineSettings, folder: Path, *, starts_anew: bool = True) -> MeteredMedium:
    (drive,) = plan_machine(settings, folder).drives
    return open_drive(drive, starts_anew=starts_anew)


def test_what_is_written_goes_into_the_last_image(
    machine: MachineSettings, tmp_path: Path
) -> None:
    disk = opened(machine, tmp_path)
    assert disk.chain is not None
    assert disk.chain.paths == [tmp_path / "base.vdi", tmp_path / "top.vdi"]
    disk.write(0, b"guest")
    assert disk.path == tmp_path / "top.vdi"
    disk.close()
    with open_medium(tmp_path / "base.vdi", read_only=True) as base:
        assert base.read(0, 5) == bytes(5)


@pytest.mark.parametrize(
    ("auto_reset", "starts_anew", "left"),
    [(True, True, bytes(5)), (True, False, b"guest"), (False, True, b"guest")],
)
def test_an_immutable_disk_forgets_at_each_start(
    machine: MachineSettings, tmp_path: Path, auto_reset: bool, starts_anew: bool, left: bytes
) -> None:
    machine.media.hard_disks[0].type = "Immutable"
    machine.media.hard_disks[1].auto_reset = auto_reset
    disk = opened(machine, tmp_path, starts_anew=False)
    disk.write(0, b"guest")
    identity = disk.uuid
    disk.close()
    again = opened(machine, tmp_path, starts_anew=starts_anew)
    assert again.read(0, 5) == left
    assert again.uuid == identity
    again.close()


def test_several_machines_write_a_shareable_disk(
    machine: MachineSettings, tmp_path: Path
) -> None:
    create_medium(tmp_path / "shared.vdi", format_name="VDI", variant="Fixed", size=MIB)
    machine.media.hard_disks.append(
        HardDisk(uuid="shared", location="shared.vdi", type="Shareable")
    )
    machine.hardware.storage_controllers[0].attachments[0].medium = "shared"
    first, second = opened(machine, tmp_path), opened(machine, tmp_path)
    first.write(0, b"first")
    assert second.read(0, 5) == b"first"
    second.write(0, b"second")
    assert first.read(0, 6) == b"second"
    with pytest.raises(MediumLocked):
        open_medium(tmp_path / "shared.vdi")
    first.close()
    second.close()


def test_two_machines_do_not_write_one_image(machine: MachineSettings, tmp_path: Path) -> None:
    disk = opened(machine, tmp_path)
    with pytest.raises(MediumLocked):
        opened(machine, tmp_path)
    disk.close()


@pytest.mark.parametrize("kind", ["Immutable", "MultiAttach"])
def test_a_base_that_must_not_be_written(
    machine: MachineSettings, tmp_path: Path, kind: str
) -> None:
    machine.media.hard_disks[0].type = kind
    machine.hardware.storage_controllers[0].attachments[0].medium = "base"
    with pytest.raises(ApiError, match=f"is of the type {kind} and cannot be written"):
        plan_machine(machine, tmp_path)


def test_a_chain_with_a_gap_or_a_loop(machine: MachineSettings, tmp_path: Path) -> None:
    machine.media.hard_disks[1].parent = "lost"
    with pytest.raises(ApiError, match="UUID lost, on which top.vdi builds,"):
        plan_machine(machine, tmp_path)
    machine.media.hard_disks[1].parent = "base"
    machine.media.hard_disks[0].parent = "top"
    with pytest.raises(ApiError, match="builds on itself"):
        plan_machine(machine, tmp_path)
