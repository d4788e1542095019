"""The calls of Packer's ``virtualbox-iso`` builder, from the empty machine to its removal.

Exporting the finished machine is left out. Packer judges by exit codes and reads ``VMState``.
"""

from __future__ import annotations

import re

import pytest

from tests.app.cli.scripts import VBoxManage, retrying

pytestmark = pytest.mark.usefixtures("vm_processes")

NAME = "packer-debian"
IDE = "IDE Controller"
SATA = "SATA Controller"
FLOPPY = "Floppy Controller"


class Packer:
    """The builder's steps."""

    def __init__(self, folder):
        self.folder = folder
        self.run = VBoxManage()

    def version(self):
        return re.split(r"[^.0-9]", self.run("--version").strip(), maxsplit=1)[0]

    def is_running(self):
        for line in self.run.lines("showvminfo", NAME, "--machinereadable"):
            if line in ('VMState="running"', 'VMState="stopping"', 'VMState="paused"'):
                return True
        return False

    def create_machine(self):
        self.run("createvm", "--name", NAME, "--ostype", "Debian_64", "--register")
        self.run(
            "modifyvm", NAME, "--boot1", "disk", "--boot2", "dvd", "--boot3", "none", "--boot4", "none"
        )
        self.run("modifyvm", NAME, "--cpus", "1")
        self.run("modifyvm", NAME, "--memory", "512")
        self.run("modifyvm", NAME, "--usb", "off")
        self.run("modifyvm", NAME, "--audio", "none")
        self.run("modifyvm", NAME, "--nic1", "nat", "--nictype1", "82540EM")

    def create_disk(self):
        disk = self.folder / f"{NAME}.vdi"
        self.run(
            "createhd", "--filename", str(disk), "--size", "100", "--format", "VDI",
            "--variant", "Standard",
        )  # fmt: skip
        self.run("storagectl", NAME, "--name", IDE, "--add", "ide")
        self.run("storagectl", NAME, "--name", SATA, "--add", "sata", "--portcount", "1")
        self.run(
            "storageattach", NAME, "--storagectl", SATA, "--port", "0", "--device", "0",
            "--type", "hdd", "--medium", str(disk), "--nonrotational", "on", "--discard", "off",
        )  # fmt: skip
        return disk

    def attach_images(self):
        iso, floppy = self.folder / "install.iso", self.folder / "answers.img"
        iso.write_bytes(bytes(32768) + b"\x01CD001\x01".ljust(2048, b"\0") + bytes(2048))
        floppy.write_bytes(bytes(1440 * 1024))
        self.run(
            "storageattach", NAME, "--storagectl", IDE, "--port", "0", "--device", "1",
            "--type", "dvddrive", "--medium", str(iso),
        )  # fmt: skip
        self.run("storagectl", NAME, "--name", FLOPPY, "--add", "floppy")
        self.run(
            "storageattach", NAME, "--storagectl", FLOPPY, "--port", "0", "--device", "0",
            "--type", "fdd", "--medium", str(floppy),
        )  # fmt: skip

    def configure_access(self):
        self.run("modifyvm", NAME, "--natpf1", "packercomm,tcp,127.0.0.1,3456,,22")
        self.run(
            "modifyvm", NAME, "--vrdeaddress", "127.0.0.1", "--vrdeauthtype", "null",
            "--vrde", "on", "--vrdeport", "5901",
        )  # fmt: skip

    def remove_devices(self):
        for controller, device in ((IDE, "1"), (FLOPPY, "0")):
            self.run(
                "storageattach", NAME, "--storagectl", controller, "--port", "0",
                "--device", device, "--medium", "none",
            )  # fmt: skip
        self.run("storagectl", NAME, "--name", FLOPPY, "--remove")
        self.run("modifyvm", NAME, "--natpf1", "delete", "packercomm")


@pytest.fixture
def packer(home, tmp_path):
    packer = Packer(tmp_path)
    packer.run("setproperty", "machinefolder", str(tmp_path / "vms"))
    return packer


def _info(packer):
    return packer.run.lines("showvminfo", NAME, "--machinereadable")


def test_a_machine_is_built_run_and_removed(packer, tmp_path):
    assert packer.version() == "7.1.12"
    packer.create_machine()
    disk = packer.create_disk()
    packer.attach_images()
    packer.configure_access()
    info = _info(packer)
    for line in (
        'boot1="disk"', 'boot2="dvd"', 'boot3="none"', "memory=512", 'audio="none"', 'nic1="nat"',
        'nictype1="82540EM"', f'"{SATA}-0-0"="{disk}"', f'"{IDE}-0-1"="{tmp_path}/install.iso"',
        f'"{FLOPPY}-0-0"="{tmp_path}/answers.img"', 'vrde="on"',
        'Forwarding(0)="packercomm,tcp,127.0.0.1,3456,,22"',
    ):  # fmt: skip
        assert line in info, line

    assert not packer.is_running()
    assert f'VM "{NAME}" has been successfully started.' in packer.run(
        "startvm", NAME, "--type", "headless"
    )
    assert packer.is_running()
    for codes in ("01 81", "1c 9c", "2a 1e 9e aa"):
        packer.run("controlvm", NAME, "keyboardputscancode", *codes.split())
    packer.run("controlvm", NAME, "poweroff")
    assert retrying(lambda: not packer.is_running())
    assert retrying(lambda: packer.run.raw("modifyvm", NAME, "--vrde", "off").returncode == 0)

    packer.remove_devices()
    info = _info(packer)
    assert f'"{IDE}-0-1"="emptydrive"' in info or f'"{IDE}-0-1"="none"' in info
    assert not any(line.startswith(("Forwarding", f'"{FLOPPY}')) for line in info)
    packer.run("unregistervm", NAME, "--delete")
    assert packer.run("list", "vms") == ""
    assert (tmp_path / "install.iso").exists()


def test_the_additions_image_is_looked_for(packer):
    output = packer.run("list", "systemproperties")
    assert re.search(r"(?m)^Default Guest Additions ISO:\s+(.*)$", output)
