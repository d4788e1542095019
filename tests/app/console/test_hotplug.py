"""Drives that are plugged into a running machine, and out of it."""

import copy
from types import SimpleNamespace

import pytest

from app.api.errors import ApiError
from app.console import hotplug
from app.console.board import board_tree
from app.console.configuration import plan_machine
from app.console.hotplug import change_drives
from app.console.media import Drives
from app.settings.model import HardDisk, MediumAttachment, StorageController
from engine.cfgm import Node
from engine.errors import ConfigurationError
from engine.storage.create import create_medium
from engine.storage.errors import MediumError
from engine.vmevents import VmState
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


class Disk(Ports):
    """A disk that the guest gives up or keeps."""

    def __init__(self):
        super().__init__()
        self.listens = True
        self.gives_up = True
        self.left = 0

    def ask_for_drive(self, lun, released):
        if self.listens and self.gives_up:
            released()
        return self.listens

    def leave_drive(self, lun):
        self.left += 1


@pytest.fixture
def disk(machine, vm, monkeypatch):
    """A port of a virtio-blk controller with the disk "one" in it."""
    controller = machine.hardware.storage_controllers[0]
    controller.name, controller.type = "VirtIO", "VirtioBlk"
    port = vm.devices.devices["virtio-blk/1"] = Disk()
    vm.state = VmState.RUNNING
    monkeypatch.setattr(hotplug, "GUEST_SECONDS", 0.05)
    monkeypatch.setattr(hotplug, "_POLL", 0.01)
    return port


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ({"listens": False}, "no operating system with ACPI hot plug"),
        ({"gives_up": False}, "the guest has not given it up within"),
        ({"state": VmState.SUSPENDED}, "The guest must run"),
    ],
)
def test_a_guest_may_keep_its_disk(machine, vm, drives, disk, tmp_path, trouble, sentence):
    one = with_drives(machine, (1, "one"))
    change_drives(vm, drives, machine, one, tmp_path)
    assert disk.plugged == {0: "disk"}
    for name, value in trouble.items():
        setattr(vm if name == "state" else disk, name, value)
    other = with_drives(machine, (1, "two"))
    for wanted, force in ((machine, False), (other, True)):
        with pytest.raises(ApiError, match=f"VirtIO Port 1.* {sentence}|{sentence}.*VirtIO Port 1"):
            change_drives(vm, drives, one, wanted, tmp_path, force=force)
    assert (places(drives), disk.plugged, disk.left) == ([(1, "one")], {0: "disk"}, 2)
    change_drives(vm, drives, one, machine, tmp_path, force=True)
    assert (places(drives), disk.plugged, disk.left) == ([], {}, 2)


def test_a_disk_that_cannot_be_plugged_in_is_closed(machine, vm, drives, disk, tmp_path, monkeypatch):
    def refuse(_lun, _kind):
        raise ConfigurationError("The guest has not yet given up the disk that was here.")

    monkeypatch.setattr(disk, "plug_drive", refuse)
    one = with_drives(machine, (1, "one"))
    with pytest.raises(ConfigurationError, match="not yet given up"):
        change_drives(vm, drives, machine, one, tmp_path)
    assert vm.attached("virtio-blk/1", 0) is None
    monkeypatch.undo()
    change_drives(vm, drives, machine, one, tmp_path)
    assert places(drives) == [(1, "one")]


def test_ports_of_a_virtio_blk_controller_are_devices(machine, tmp_path):
    controller = machine.hardware.storage_controllers[0]
    controller.name, controller.type = "VirtIO", "VirtioBlk"
    some = with_drives(machine, (1, "one"), (3, "two"))
    some.hardware.storage_controllers[0].attachments[0].hotpluggable = False
    tree = board_tree(some, start_info(tmp_path), plan_machine(some, tmp_path))
    nodes = tree.child("Devices/virtio-blk").children
    hot = {name: node.child("Config").values["hot_plug"] for name, node in nodes.items()}
    assert hot == {"0": True, "1": False, "2": True, "3": True}
    assert nodes["3"].child("LUN#0/Config").values["Path"] == str(tmp_path / "two.vdi")
    for places_, sentence in (
        ([(1, "")], "port 1, device 0 is no hard disk"), ([(5, "one")], "port 5, device 0")
    ):  # fmt: skip
        with pytest.raises(ApiError, match=sentence):
            plan_machine(with_drives(machine, *places_), tmp_path)
