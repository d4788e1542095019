"""Drives that are plugged into a running machine, and out of it."""

import copy
from types import SimpleNamespace

import pytest

from app.api.errors import ApiError
from app.console.board import board_tree
from app.console.configuration import plan_machine
from app.console.hotplug import change_drives
from app.console.media import Drives
from app.settings.model import HardDisk, MediumAttachment, StorageController
from engine.cfgm import Node
from engine.storage.create import create_medium
from engine.storage.errors import MediumError
from tests.app.console.fakes import FakeVm, settings, start_info


class Ports:
    def __init__(self):
        self.plugged = {}

    def plug_drive(self, lun, kind):
        self.plugged[lun] = kind

    def unplug_drive(self, lun):
        del self.plugged[lun]


@pytest.fixture
def machine(tmp_path):
    machine = settings(
        storage_controllers=[StorageController(name="SATA", type="AHCI", port_count=4)]
    )
    for name in ("one", "two"):
        path = tmp_path / f"{name}.vdi"
        create_medium(path, format_name="VDI", variant="Standard", size=1 << 20)
        machine.media.hard_disks.append(HardDisk(uuid=name, location=f"{name}.vdi"))
    machine.media.hard_disks.append(HardDisk(uuid="missing", location="missing.vdi"))
    return machine


@pytest.fixture
def vm():
    tree = Node()
    tree.set({"CpuExecutionCap": 100})
    vm = FakeVm(tree)
    vm.devices = SimpleNamespace(devices={"ahci/0": Ports()}, attach=vm.attach)
    return vm


@pytest.fixture
def drives():
    drives = Drives(())
    yield drives
    drives.close()


def with_drives(machine, *places):
    """The settings with other drives: (port, medium), without a medium an optical drive."""
    changed = copy.deepcopy(machine)
    changed.hardware.storage_controllers[0].attachments = [
        MediumAttachment(
            type="HardDisk" if medium else "DVD", port=port, medium=medium, hotpluggable=True
        )
        for port, medium in places
    ]
    return changed


def places(drives):
    media = [(slot, drives.medium(slot)) for slot in drives]
    return [(slot.port, medium.path.stem if medium else "") for slot, medium in media]


def test_an_empty_sata_controller_is_built_and_its_ports_announce_hot_plug(machine, tmp_path):
    plan = plan_machine(machine, tmp_path)
    config = board_tree(machine, start_info(tmp_path), plan).child("Devices/ahci/0/Config")
    assert (plan.sata_ports, config.values["fixed"]) == (4, 0)
    fixed = with_drives(machine, (0, "one"), (2, ""))
    fixed.hardware.storage_controllers[0].attachments[0].hotpluggable = False
    plan = plan_machine(fixed, tmp_path)
    config = board_tree(fixed, start_info(tmp_path), plan).child("Devices/ahci/0/Config")
    assert config.values["fixed"] == 0b1


def test_drives_come_move_and_go(machine, vm, drives, tmp_path):
    ports = vm.devices.devices["ahci/0"]
    one = with_drives(machine, (1, "one"), (2, ""))
    slots = change_drives(vm, drives, machine, one, tmp_path)
    assert [slot.label for slot in slots] == ["SATA Port 1", "SATA Port 2"]
    assert ports.plugged == {1: "disk", 2: "cdrom"}
    assert places(drives) == [(1, "one"), (2, "")]
    assert vm.attached("ahci/0", 1) is drives.medium(slots[0])
    # The image can be opened at its new place only after it has been closed at the old one.
    other = with_drives(machine, (1, "two"), (3, "one"))
    change_drives(vm, drives, one, other, tmp_path)
    assert ports.plugged == {1: "disk", 3: "disk"}
    assert sorted(places(drives)) == [(1, "two"), (3, "one")]
    change_drives(vm, drives, other, machine, tmp_path)
    assert ports.plugged == {}
    assert places(drives) == []
    assert vm.attached("ahci/0", 1) is None


def test_an_image_that_cannot_be_opened_leaves_everything_as_it_is(machine, vm, drives, tmp_path):
    one = with_drives(machine, (1, "one"))
    change_drives(vm, drives, machine, one, tmp_path)
    with pytest.raises(MediumError, match=r"missing\.vdi"):
        change_drives(
            vm, drives, one, with_drives(machine, (0, "two"), (2, "missing")), tmp_path
        )
    assert places(drives) == [(1, "one")]
    assert vm.devices.devices["ahci/0"].plugged == {1: "disk"}
    # What had been opened was closed again.
    change_drives(vm, drives, one, with_drives(machine, (0, "two")), tmp_path)
    assert places(drives) == [(0, "two")]


def test_other_controllers_keep_their_drives(machine, vm, drives, tmp_path):
    vm.devices.devices.clear()
    with pytest.raises(ApiError, match="SATA Port 1 cannot change while the machine runs"):
        change_drives(vm, drives, machine, with_drives(machine, (1, "one")), tmp_path)
