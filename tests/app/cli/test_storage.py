"""Controllers, drives and bandwidth groups from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import Client
from app.settings.model import MachineSettings, StorageController
from tests.app.cli.shell import Shell, first_error
from tests.app.service.fixtures import MakeMachine

ISO = bytes(17 * 2048)


@pytest.fixture
def machine(shell: Shell, client: Client, tmp_path: Path) -> str:
    """A machine without controllers; its UUID."""
    shell.ok("createvm", "--name=vm", "--register", f"--basefolder={tmp_path / 'vms'}")
    return client.virtualbox.find_machine("vm").id


def settings_of(client: Client) -> MachineSettings:
    return client.machine(client.virtualbox.find_machine("vm").id).get_settings()


def controller(client: Client, name: str) -> StorageController:
    found = settings_of(client).hardware.controller(name)
    assert found is not None
    return found


def attach(shell: Shell, *options: str, name: str = "IDE") -> None:
    shell.ok("storageattach", "vm", "--storagectl", name, *options)


BUSES = [
    ("ide", "PIIX4", 2, True),
    ("sata", "AHCI", 30, False),
    ("scsi", "LsiLogic", 16, False),
    ("sas", "LsiLogicSas", 8, False),
    ("floppy", "I82078", 1, True),
    ("usb", "USB", 8, True),
    ("pcie", "NVMe", 1, False),
    ("virtio", "VirtioSCSI", 1, False),
]


@pytest.mark.usefixtures("machine")
def test_controllers_of_every_bus(shell: Shell, client: Client) -> None:
    for bus, model, ports, cached in BUSES:
        shell.ok("storagectl", "vm", "--name", bus, "--add", bus)
        made = controller(client, bus)
        assert (made.type, made.port_count, made.use_host_io_cache) == (model, ports, cached)
        assert (made.instance, made.bootable) == (0, True)
    shell.ok(
        "storagectl", "vm", "--name", "sata", "--portcount", "4", "--hostiocache", "on",
        "--bootable", "off", "--rename", "SATA Controller",
    )  # fmt: skip
    changed = controller(client, "SATA Controller")
    assert (changed.port_count, changed.use_host_io_cache, changed.bootable) == (4, True, False)
    shell.ok("storagectl", "vm", "--name", "ide", "--controller", "ich6")
    assert controller(client, "ide").type == "ICH6"
    shell.ok("storagectl", "vm", "--name", "ide", "--remove")
    assert settings_of(client).hardware.controller("ide") is None


@pytest.mark.usefixtures("machine")
def test_storagectl_refuses(shell: Shell, client: Client) -> None:
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    before = settings_of(client)
    refused = [
        (["--name", "IDE", "--add", "ide"], 1, "Storage controller named 'IDE' already exists"),
        (["--name", "x", "--add", "ide"], 1, "Too many storage controllers of this type"),
        (["--name", "x", "--add", "isa"], 2, "Invalid --add argument 'isa'"),
        (["--name", "IDE", "--controller", "AHCI"], 1, "Invalid controller type AHCI"),
        (["--name", "IDE", "--controller", "odd"], 2, "Invalid --controller argument 'odd'"),
        (["--name", "IDE", "--portcount", "3"], 1, "Invalid port count: 3 (must be in range [2, 2])"),
        (["--name", "x", "--remove"], 1, "Could not find a storage controller named 'x'"),
        (["--name", "IDE", "--bootable", "2"], 2, "Invalid --bootable argument '2'"),
        (["--remove"], 2, "Storage controller name not specified"),
    ]
    for options, code, sentence in refused:
        ran = shell.run("storagectl", "vm", *options)
        assert (ran.code, sentence in first_error(ran)) == (code, True), ran
    ran = shell.run("storagectl", "none", "--name", "x", "--remove")
    assert "Could not find a registered machine named 'none'" in first_error(ran)
    assert settings_of(client) == before


@pytest.mark.usefixtures("machine")
def test_drives_are_attached_changed_and_detached(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    iso, disk = tmp_path / "a.iso", tmp_path / "a.vdi"
    iso.write_bytes(ISO)
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    shell.ok("createmedium", "--filename", str(disk), "--size", "2")
    attach(shell, "--port", "0", "--device", "0", "--type", "hdd", "--medium", str(disk),
           "--nonrotational", "on", "--discard=on", "--comment", "a note")  # fmt: skip
    attach(shell, "--port", "1", "--device", "0", "--type", "dvddrive", "--medium", str(iso))
    attach(shell, "--port", "1", "--device", "1", "--type", "dvddrive", "--medium", "emptydrive")
    attach(shell, "--port", "1", "--device", "0", "--tempeject", "on")
    settings = settings_of(client)
    hdd, dvd, empty = settings.hardware.storage_controllers[0].attachments
    assert (hdd.non_rotational, hdd.discard, dvd.temp_eject, empty.medium) == (True, True, True, "")
    assert [(d.location, d.description) for d in settings.media.hard_disks] == [
        (str(disk), "a note")
    ]
    assert [image.location for image in settings.media.dvd_images] == [str(iso)]
    # What the machine has is no longer the installation's.
    assert shell.ok("list", "hdds").count("Location:") == 1
    attach(shell, "--port", "1", "--device", "0", "--medium", "emptydrive")
    attach(shell, "--port", "0", "--device", "0", "--medium", "none")
    settings = settings_of(client)
    assert settings.media.hard_disks == settings.media.dvd_images == []
    slots = [(d.port, d.device, d.medium) for d in settings.hardware.controller("IDE").attachments]
    assert slots == [(1, 0, ""), (1, 1, "")]


@pytest.mark.usefixtures("machine")
def test_a_medium_can_be_named_by_its_uuid(shell: Shell, client: Client, tmp_path: Path) -> None:
    printed = shell.ok("createmedium", "--filename", str(tmp_path / "a.vdi"), "--size", "2")
    identity = printed.split()[-1]
    shell.ok("storagectl", "vm", "--name", "SATA", "--add", "sata", "--portcount", "1")
    # A controller with one port of one device needs no numbers.
    attach(shell, "--type", "hdd", "--medium", f"{{{identity}}}", "--mtype", "writethrough",
           name="SATA")  # fmt: skip
    (disk,) = settings_of(client).media.hard_disks
    assert (disk.uuid, disk.type) == (identity, "Writethrough")


@pytest.mark.usefixtures("machine")
def test_storageattach_refuses(shell: Shell, client: Client, tmp_path: Path) -> None:
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    shell.ok("createmedium", "--filename", str(tmp_path / "a.vdi"), "--size", "2")
    attach(shell, "--port", "0", "--device", "0", "--type", "hdd", "--medium",
           str(tmp_path / "a.vdi"))  # fmt: skip
    before, disk = settings_of(client), str(tmp_path / "a.vdi")
    slot = ["--storagectl", "IDE", "--port", "1", "--device", "0"]
    refused = [
        (["--storagectl", "X", "--medium", "none"], 1, "Could not find a controller named 'X'"),
        (["--medium", "none"], 2, "Storage controller name not specified"),
        (["--storagectl", "IDE", "--medium", disk], 1, "Port not specified"),
        ([*slot, "--medium", "none"], 1, "No storage device attached to device slot 0 on port 1"),
        ([*slot, "--nonrotational", "on"], 1, "No drive attached to device slot 0 on port 1"),
        ([*slot, "--medium", disk], 2, "Missing --type argument"),
        ([*slot, "--type", "tape", "--medium", disk], 2, "Invalid --type argument 'tape'"),
        ([*slot, "--type", "hdd", "--medium", disk], 1, "is attached already"),
        ([*slot, "--type", "hdd", "--medium", disk + "x"], 1, "(VERR_FILE_NOT_FOUND)"),
        ([*slot, "--type", "fdd", "--medium", "emptydrive"], 1, "does not fit PIIX4"),
        ([*slot, "--type", "dvddrive", "--medium", "host:/dev/none"], 1, "Invalid host DVD drive"),
        ([*slot, "--medium", "additions"], 1, "Cannot find the Guest Additions"),
        ([*slot, "--type", "hdd", "--medium", "iscsi", "--server", "x"], 1, "--target are"),
        ([*slot, "--type", "hdd", "--medium", "iscsi", "--server", "x", "--target", "y",
          "--password", "z"], 1, "cannot be stored"),
        ([*slot, "--type", "dvddrive", "--medium", "iscsi"], 1, "can only be a hard disk"),
        (["--storagectl", "IDE", "--port", "7", "--device", "0", "--type", "dvddrive",
          "--medium", "emptydrive"], 1, "has no slot 7:0"),
        (["--storagectl", "IDE", "--port", "0", "--device", "0", "--passthrough", "on"], 1,
         "is for an optical drive"),
        (["--storagectl", "IDE", "--port", "0", "--device", "0", "--bandwidthgroup", "x"], 1,
         "Could not find a bandwidth group named 'x'"),
    ]  # fmt: skip
    for options, code, sentence in refused:
        ran = shell.run("storageattach", "vm", *options)
        assert (ran.code, sentence in first_error(ran)) == (code, True), ran
    assert settings_of(client) == before


@pytest.mark.usefixtures("machine")
def test_drives_of_the_host_and_additions(shell: Shell, client: Client, tmp_path: Path) -> None:
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    attach(shell, "--port", "1", "--device", "0", "--type", "dvddrive", "--medium",
           "host:/dev/null")  # fmt: skip
    (drive,) = controller(client, "IDE").attachments
    assert (drive.host_drive, drive.medium) == ("/dev/null", "")
    attach(shell, "--port", "1", "--device", "0", "--medium", "emptydrive")
    (drive,) = controller(client, "IDE").attachments
    assert drive.host_drive == ""


@pytest.mark.usefixtures("machine")
def test_targets_on_the_network(shell: Shell, client: Client, tmp_path: Path) -> None:
    location = "10.0.0.1|iqn.2001-04.com.example:disk|1"
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    slot = ("--port", "0", "--device", "0", "--type", "hdd")
    attach(shell, *slot, "--medium", "iscsi", "--server", "10.0.0.1", "--tport", "3260",
           "--target", "iqn.2001-04.com.example:disk", "--lun", "1",
           "--mtype", "writethrough")  # fmt: skip
    (disk,) = settings_of(client).media.hard_disks
    assert (disk.format, disk.location, disk.type) == ("iSCSI", location, "Writethrough")
    assert disk.properties == {
        "LUN": "1",
        "TargetAddress": "10.0.0.1:3260",
        "TargetName": "iqn.2001-04.com.example:disk",
    }
    assert f'"IDE-0-0"="{location}"' in shell.ok("showvminfo", "vm", "--machinereadable")
    listed = shell.ok("list", "hdds", "--long")
    assert f"Location:       {location}\nStorage format: iSCSI\n" in listed
    assert "State:          inaccessible\nAccess Error:   This version of Vitrine" in listed
    clone = str(tmp_path / "clone.vdi")
    for words in (("clonemedium", disk.uuid, clone), ("clonevm", "vm", "--name=b", "--register"),
                  ("modifymedium", disk.uuid, "--setlocation=/x"),
                  ("modifymedium", disk.uuid, "--move=/x")):  # fmt: skip
        assert "is an iSCSI target, which" in first_error(shell.run(*words)), words
    # The installation goes on knowing it when no machine has it, and another can get it.
    attach(shell, *slot, "--medium", "none")
    assert client.virtualbox.find_medium(disk.uuid).path == location
    assert "already exists" in first_error(shell.run(
        "storageattach", "vm", "--storagectl", "IDE", *slot, "--medium", "iscsi", "--lun", "1",
        "--server", "10.0.0.1", "--target", "iqn.2001-04.com.example:disk"))  # fmt: skip
    attach(shell, *slot, "--medium", disk.uuid)
    assert settings_of(client).media.hard_disks == [disk]
    attach(shell, *slot, "--medium", "none")
    shell.ok("closemedium", disk.uuid)
    assert shell.ok("list", "hdds") == ""


@pytest.mark.usefixtures("vm_processes")
def test_a_running_machine_gets_another_disc(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    iso = tmp_path / "a.iso"
    iso.write_bytes(ISO)
    machine = make_machine(client, "vm")
    client.machine(machine.id).launch()
    slot = ("--port", "1", "--device", "0")
    attach(shell, *slot, "--type", "dvddrive", "--medium", str(iso))
    assert [image.location for image in settings_of(client).media.dvd_images] == [str(iso)]
    assert "State:          locked read" in shell.ok("showmediuminfo", "dvd", str(iso))
    ran = shell.run("storageattach", "vm", "--storagectl", "IDE", *slot, "--medium", "emptydrive")
    assert first_error(ran) == "The drive is locked."
    attach(shell, *slot, "--medium", "emptydrive", "--forceunmount")
    assert settings_of(client).media.dvd_images == []
    ran = shell.run("storageattach", "vm", "--storagectl", "IDE", *slot, "--medium", "none")
    assert "cannot be detached while the machine runs" in first_error(ran)


@pytest.mark.usefixtures("vm_processes")
def test_hot_pluggable_disks_come_and_go_while_the_machine_runs(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    disk = str(tmp_path / "extra.vdi")
    shell.ok("createmedium", "disk", "--filename", disk, "--size", "1")
    machine = make_machine(client, "vm")
    shell.ok("storagectl", "vm", "--name", "SATA", "--add", "sata")
    client.machine(machine.id).launch()
    place = ("vm", "--port", "3", "--device", "0", "--type", "hdd", "--medium")
    shell.ok("storageattach", *place, disk, "--storagectl", "SATA")
    drive = settings_of(client).hardware.controller("SATA").attachment(3, 0)
    assert (drive.type, drive.hotpluggable) == ("HardDisk", True)
    shell.ok("storageattach", *place, "none", "--storagectl", "SATA")
    assert settings_of(client).media.hard_disks == []
    ran = shell.run("storageattach", "vm", "--storagectl", "IDE", "--port", "0", "--device", "0",
                    "--type", "hdd", "--medium", disk)  # fmt: skip
    assert "port 0, device 0 of 'IDE', which is not hot-pluggable" in first_error(ran)


@pytest.mark.usefixtures("machine")
def test_bandwidth_groups(shell: Shell, client: Client, tmp_path: Path) -> None:
    shell.ok("bandwidthctl", "vm", "add", "disks", "--type", "disk", "--limit", "20")
    shell.ok("bandwidthctl", "vm", "add", "net", "--type=network", "--limit=20m")
    shell.ok("bandwidthctl", "vm", "add", "none", "--type=network", "--limit=0")
    assert shell.ok("bandwidthctl", "vm", "list") == (
        "#0: Name: 'disks', Type: disk, Limit: 20 MiB/s\n"
        "#1: Name: 'net', Type: network, Limit: 20 Mbps (2500000 B/s)\n"
        "#2: Name: 'none', Type: network, Limit: none (disabled)\n"
    )
    shell.ok("bandwidthctl", "vm", "set", "disks", "--limit=1G")
    listed = shell.ok("bandwidthctl", "vm", "list", "--machinereadable")
    assert listed.splitlines()[0] == "BandwidthGroup0=disks,disk,1073741824"
    shell.ok("storagectl", "vm", "--name", "IDE", "--add", "ide")
    attach(shell, "--port", "1", "--device", "0", "--type", "dvddrive", "--medium", "emptydrive",
           "--bandwidthgroup", "disks")  # fmt: skip
    ran = shell.run("bandwidthctl", "vm", "remove", "disks")
    assert first_error(ran) == "The bandwidth group 'disks' is still in use by IDE 1:0"
    attach(shell, "--port", "1", "--device", "0", "--bandwidthgroup", "none")
    shell.ok("bandwidthctl", "vm", "remove", "disks")
    assert [g.name for g in settings_of(client).hardware.bandwidth_groups] == ["net", "none"]
    ran = shell.run("bandwidthctl", "vm", "add", "x", "--type", "disk", "--limit", "many")
    assert (ran.code, first_error(ran)) == (2, "Invalid --limit argument 'many'")
    ran = shell.run("bandwidthctl", "vm", "set", "x", "--limit", "1")
    assert first_error(ran) == "Could not find a bandwidth group named 'x'"


@pytest.mark.usefixtures("machine")
def test_virtio_disks_have_a_controller_type_of_their_own(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    disk = str(tmp_path / "a.vdi")
    shell.ok("createmedium", "disk", "--filename", disk, "--size", "1")
    added = ("storagectl", "vm", "--name", "VirtIO", "--add", "virtio", "--controller", "VirtioBlk")
    shell.ok(*added)
    made = controller(client, "VirtIO")
    assert (made.type, made.port_count) == ("VirtioBlk", 8)
    attach(shell, "--port", "7", "--type", "hdd", "--medium", disk, name="VirtIO")
    ran = shell.run("storageattach", "vm", "--storagectl", "VirtIO", "--port", "1",
                    "--type", "dvddrive", "--medium", "emptydrive")  # fmt: skip
    assert first_error(ran) == "A drive of type DVD does not fit VirtioBlk"
    shown = shell.ok("showvminfo", "vm")
    assert "'VirtIO', Type: VirtioBlk, Instance: 0, Ports: 8 (max 8)" in shown
    file = Path(client.virtualbox.find_machine("vm").settings_path).read_text()
    assert 'name="VirtIO" type="VirtioSCSI" PortCount="8"' in file
    assert 'name="Vitrine/StorageControllers/VirtIO/Type" value="VirtioBlk"' in file
    assert "Vitrine/" not in shell.ok("getextradata", "vm", "enumerate")
    shell.ok("storagectl", "vm", "--name", "VirtIO", "--controller", "virtio-scsi")
    attach(shell, "--port", "1", "--type", "dvddrive", "--medium", "emptydrive", name="VirtIO")
    ran = shell.run("storagectl", "vm", "--name", "VirtIO", "--controller", "virtio-blk")
    assert first_error(ran) == (
        "The drive of type DVD at port 1 of 'VirtIO' does not fit the controller type VirtioBlk"
    )
    file = Path(client.virtualbox.find_machine("vm").settings_path).read_text()
    assert "VirtioBlk" not in file


@pytest.mark.usefixtures("vm_processes")
def test_drives_may_be_unplugged_by_force(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    disk = str(tmp_path / "extra.vdi")
    shell.ok("createmedium", "disk", "--filename", disk, "--size", "1")
    machine = make_machine(client, "vm", "keep")
    shell.ok("storagectl", "vm", "--name", "VirtIO", "--add", "virtio-blk")
    client.machine(machine.id).launch()
    place = ("vm", "--storagectl", "VirtIO", "--port", "3", "--type", "hdd", "--medium")
    shell.ok("storageattach", *place, disk)
    ran = shell.run("storageattach", *place, "none")
    assert first_error(ran) == "The guest keeps it."
    assert controller(client, "VirtIO").attachment(3, 0).hotpluggable
    shell.ok("storageattach", *place, "none", "--forceunplug")
    assert settings_of(client).media.hard_disks == []
