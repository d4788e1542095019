"""The calls of Vagrant's VirtualBox driver, from ``vagrant up`` to ``vagrant destroy``.

Importing a box is left out: the machine is created, and cloned as ``config.vm.clone`` does.
"""

from __future__ import annotations

import re

import pytest

from tests.app.cli.scripts import VagrantDriver, VBoxManageError, progress_percents, retrying

pytestmark = pytest.mark.usefixtures("vm_processes")


@pytest.fixture
def driver(home, tmp_path):
    """A driver whose machine is registered, with its folder below the test's."""
    driver = VagrantDriver()
    driver.execute("setproperty", "machinefolder", str(tmp_path / "vms"))
    driver.execute("createvm", "--name", "box", "--ostype", "Debian_64", "--register")
    driver.execute("storagectl", "box", "--name", "SATA Controller", "--add", "sata", "--portcount", "4")
    driver.uuid = driver.machine_id("box")
    return driver


def test_the_version_is_one_that_the_driver_knows(home):
    assert re.fullmatch(r"7\.1\.\d+", VagrantDriver().read_version())


def test_verification_and_what_there_is(driver, tmp_path):
    driver.execute("list", "hostonlyifs")
    assert driver.read_vms() == {"box": driver.uuid}
    assert driver.exists(driver.uuid)
    assert not driver.exists("8d5b6b36-0000-4000-8000-000000000000")
    assert driver.read_machine_folder() == str(tmp_path / "vms")
    assert driver.read_state() == "poweroff"
    for interface in driver.read_bridged_interfaces():
        assert not interface or {"name", "status"} <= interface.keys()
    for interface in driver.read_host_only_interfaces():
        assert not interface or {"name", "ip", "netmask"} <= interface.keys()
    for server in driver.read_dhcp_servers():
        assert not server or {"network_name", "ip", "lower", "upper", "netmask"} <= server.keys()


def test_cloning_gives_a_machine_of_its_own(driver):
    driver.execute("clonevm", driver.uuid, "--register", "--name", "temp_clone_1")
    clone = VagrantDriver(driver.machine_id("temp_clone_1"))
    assert clone.uuid != driver.uuid
    assert clone.read_mac_addresses()[1] != driver.read_mac_addresses()[1]
    clone.execute("modifyvm", clone.uuid, "--name", "web_default_1")
    assert driver.read_vms() == {"box": driver.uuid, "web_default_1": clone.uuid}
    clone.delete()
    assert driver.read_vms() == {"box": driver.uuid}


def test_ports_are_forwarded_read_and_cleared(driver):
    driver.forward_ports(("ssh", 2222, 22), ("http", 8080, 80))
    assert driver.read_forwarded_ports() == [
        (1, "ssh", 2222, 22, "127.0.0.1"), (1, "http", 8080, 80, "127.0.0.1"),
    ]  # fmt: skip
    driver.clear_forwarded_ports()
    assert driver.read_forwarded_ports() == []


def test_adapters_are_enabled_and_read(driver):
    driver.execute("modifyvm", driver.uuid, "--macaddress1", "080027A1B2C3")
    driver.execute(
        "modifyvm", driver.uuid, "--nic1", "nat", "--nic2", "hostonly",
        "--hostonlyadapter2", "vboxnet0", "--cableconnected2", "on", "--nic3", "bridged",
        "--bridgeadapter3", "eth0", "--cableconnected3", "on", "--nictype3", "virtio",
        "--nic4", "intnet", "--intnet4", "private", "--cableconnected4", "on",
    )  # fmt: skip
    nics = driver.read_network_interfaces()
    assert nics[1] == {"type": "nat"}
    assert nics[2] == {"type": "hostonly", "hostonly": "vboxnet0"}
    assert nics[3] == {"type": "bridged", "bridge": "eth0"}
    assert nics[4] == {"type": "intnet"}
    assert driver.read_mac_addresses()[1] == "080027A1B2C3"
    assert {1, 2, 3, 4} <= driver.read_mac_addresses().keys()


def test_folders_are_shared_and_removed(driver, tmp_path):
    (tmp_path / "project").mkdir()
    driver.share_folder("vagrant", tmp_path / "project")
    driver.share_folder("etc", tmp_path)
    assert driver.shared_folders() == ["vagrant", "etc"]
    for name in driver.shared_folders():
        driver.execute("sharedfolder", "remove", driver.uuid, "--name", name)
    assert driver.shared_folders() == []
    driver.execute(
        "setextradata", driver.uuid, "VBoxInternal2/SharedFoldersEnableSymlinksCreate/etc"
    )


def test_disks_are_created_attached_resized_and_closed(driver, tmp_path):
    path = tmp_path / "vms" / "box" / "data.vdi"
    driver.execute("createmedium", "--filename", str(path), "--sizebyte", str(64 << 20), "--format", "VDI")
    assert progress_percents(driver.execute.errors)[-1] == 100
    driver.execute(
        "storageattach", driver.uuid, "--storagectl", "SATA Controller", "--port", "1",
        "--device", "0", "--type", "hdd", "--medium", str(path), "--comment", "Managed by a script.",
    )  # fmt: skip
    (disk,) = driver.list_hdds()
    assert (disk["Location"], disk["Storage format"], disk["State"]) == (str(path), "VDI", "created")
    assert disk["Capacity"] == "64 MBytes"
    (controller,) = [c for c in driver.read_storage_controllers() if c["name"] == "SATA Controller"]
    assert controller["images"]["1-0"] == disk["UUID"]
    assert (controller["type"], controller["maxports"]) == ("IntelAhci", 30)
    driver.execute("modifymedium", str(path), "--resizebyte", str(128 << 20))
    assert driver.list_hdds()[0]["Capacity"] == "128 MBytes"
    driver.execute(
        "storageattach", driver.uuid, "--storagectl", "SATA Controller", "--port", "1",
        "--device", "0", "--medium", "none",
    )  # fmt: skip
    driver.execute("closemedium", "disk", str(path), "--delete") if driver.list_hdds() else path.unlink()
    assert not path.exists()


def test_the_machine_runs_and_ends(driver):
    assert driver.start("headless")
    assert driver.read_state() == "running"
    assert driver.machine_id("box") in driver.execute("list", "runningvms")
    assert driver.read_guest_property("/VirtualBox/GuestAdd/Version") is None
    driver.execute("controlvm", driver.uuid, "pause")
    assert driver.read_state() == "paused"
    driver.execute("controlvm", driver.uuid, "resume")
    assert driver.read_state() == "running"
    with pytest.raises(VBoxManageError, match="locked"):
        driver.execute("modifyvm", driver.uuid, "--memory", "512")
    driver.halt()
    assert driver.read_state() == "poweroff"
    assert retrying(lambda: driver.execute.raw("modifyvm", driver.uuid, "--memory", "512").returncode == 0)


def test_guest_properties_are_read(driver):
    name = "/VirtualBox/GuestInfo/Net/0/V4/IP"
    assert driver.execute("guestproperty", "get", driver.uuid, name) == "No value set!\n"
    driver.execute("guestproperty", "set", driver.uuid, name, "10.0.2.15")
    assert driver.read_guest_property(name) == "10.0.2.15"


def test_a_name_that_is_taken_fails_as_the_driver_expects(driver):
    driver.execute("createvm", "--name", "other", "--register")
    with pytest.raises(VBoxManageError, match="VBoxManage: error: ") as error:
        driver.execute("modifyvm", driver.machine_id("other"), "--name", "box")
    assert "exit 1" in str(error.value)


def test_destroying_leaves_nothing(driver, tmp_path):
    driver.delete()
    assert driver.read_vms() == {}
    assert [path for path in (tmp_path / "vms").rglob("*") if path.is_file()] == []
    with pytest.raises(VBoxManageError, match="VBOX_E_OBJECT_NOT_FOUND"):
        driver.read_state()
