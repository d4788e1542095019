"""``modifyvm`` as scripts call it: one save or none, locks, renaming, exit codes."""

from pathlib import Path

import pytest

from app.api import Client
from app.api.events import MachineDataChanged
from app.api.structs import LockType
from app.cli.changing import changed_settings
from app.cli.context import Context
from tests.app.cli.shell import Shell, first_error
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import client_of


@pytest.fixture
def box(client: Client, make_machine: MakeMachine) -> str:
    return make_machine(client, "box").id


def test_options_of_old_and_new_releases(shell: Shell, client: Client, box: str) -> None:
    ran = shell.run(
        "modifyvm", "box", "--memory", "512", "--cpus=2", "--ioapic", "on", "--nic1", "nat",
        "--nictype1", "82540EM", "--natpf1", "ssh,tcp,127.0.0.1,2222,,22", "--boot1", "disk",
        "--uart1", "0x3f8", "4", "--uartmode1", "file", "/dev/null",
    )  # fmt: skip
    assert ran == (0, "", "")
    hardware = client.machine(box).get_settings().hardware
    assert (hardware.memory_mb, hardware.cpu.count) == (512, 2)
    (adapter,) = hardware.network_adapters
    assert (adapter.type, adapter.nat.forwardings[0].host_port) == ("82540EM", 2222)
    assert hardware.serial_ports[0].mode == "RawFile"


def test_all_or_nothing(shell: Shell, client: Client, box: str) -> None:
    before = client.machine(box).get_settings()
    ran = shell.run("modifyvm", "box", "--description", "new", "--cpus", "2", "--memory", "3")
    assert ran.code == 1
    assert ran.err.splitlines()[:2] == [
        "VBoxManage: error: Invalid RAM size: 3 MB (must be in range [4, 2097152] MB)",
        (
            "VBoxManage: error: Details: code E_INVALIDARG (0x80070057), "
            "component SessionMachine, interface IMachine, callee nsISupports"
        ),
    ]
    assert 'Context: "_check_range(field, given, value)" at line ' in ran.err
    assert client.machine(box).get_settings() == before
    # The lock is free again.
    assert shell.run("modifyvm", "box", "--cpus", "1").code == 0


def test_one_save(shell: Shell, client: Client, box: str) -> None:
    seen: list[str] = []
    client.subscribe(
        lambda event: seen.append(event.id) if isinstance(event, MachineDataChanged) else None
    )
    shell.ok("modifyvm", "box", "--memory", "99", "--vram", "9", "--description", "x")
    client.virtualbox.get_version()
    assert seen == [box]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["modifyvm"], 2, "Missing virtual machine name"),
        (["modifyvm", "box"], 2, "Not enough parameters"),
        (["modifyvm", "box", "other", "--cpus", "1"], 2, "Invalid parameter 'other'"),
        (["modifyvm", "box", "--frob"], 2, "Unknown option: --frob"),
        (["modifyvm", "box", "--acpi", "maybe"], 2, "Invalid argument format: '--acpi maybe'"),
        (["modifyvm", "nobody", "--cpus", "1"], 1, "Could not find a registered machine named"),
        (["modifyvm", "box", "--icon-file", "/nowhere"], 1, "Cannot open file '/nowhere'"),
    ],
)
def test_errors(shell: Shell, box: str, words: list[str], code: int, sentence: str) -> None:
    ran = shell.run(*words)
    assert (ran.code, ran.out) == (code, "")
    assert first_error(ran).startswith(sentence)


def test_a_locked_machine(shell: Shell, box: str) -> None:
    with client_of() as other:
        other.machine(box).lock(LockType.WRITE)
        ran = shell.run("modifyvm", "box", "--cpus", "1")
    assert ran.code == 1
    assert first_error(ran).startswith("The machine 'box' is already locked for a session")
    assert "VBOX_E_INVALID_OBJECT_STATE (0x80bb0007)" in ran.err


def test_renaming_renames_folder_and_file(
    shell: Shell, client: Client, box: str, tmp_path: Path
) -> None:
    shell.ok("modifyvm", box, "--name", "other", "--cpus", "2")
    info = client.virtualbox.find_machine("other")
    assert info.settings_path == str(tmp_path / "vms" / "other" / "other.vbox")
    assert Path(info.settings_path).is_file()
    assert not (tmp_path / "vms" / "box").exists()
    names = sorted(path.name for path in (tmp_path / "vms" / "other").iterdir())
    assert names == ["other.vbox", "other.vbox-prev"]
    assert client.machine(box).get_settings().hardware.cpu.count == 2


def test_renaming_leaves_files_without_name_sync(
    shell: Shell, client: Client, box: str, tmp_path: Path
) -> None:
    settings = client.machine(box).get_settings()
    settings.name_sync = False
    client.machine(box).save_settings(settings)
    shell.ok("modifyvm", box, "--name", "other")
    info = client.virtualbox.find_machine("other")
    assert info.settings_path == str(tmp_path / "vms" / "box" / "box.vbox")


def test_a_name_that_is_taken(
    shell: Shell, client: Client, box: str, make_machine: MakeMachine
) -> None:
    make_machine(client, "other")
    ran = shell.run("modifyvm", box, "--name", "other", "--cpus", "3")
    assert ran.code == 1
    assert "other" in first_error(ran)
    settings = client.machine(box).get_settings()
    assert (settings.name, settings.hardware.cpu.count) == ("box", 1)


def test_help_explains_every_option(shell: Shell) -> None:
    text = shell.ok("help", "modifyvm")
    assert "--memory=<MB>" in text
    assert "--nic<1-36>=<none | null | nat | bridged | intnet" in text
    assert "--uart<1-4>=<off | I/O base> <IRQ>" in text
    assert "Memory of the machine." in text


def test_drives_by_the_options_of_release_2(
    shell: Shell, client: Client, box: str, tmp_path: Path
) -> None:
    disks = []
    for name in ("a", "b"):
        disks.append(str(tmp_path / f"{name}.vdi"))
        shell.ok("createhd", "--filename", disks[-1], "--size", "2")
    iso = tmp_path / "a.iso"
    iso.write_bytes(bytes(17 * 2048))
    ran = shell.run("modifyvm", "box", "--hda", disks[0])
    assert first_error(ran) == "Could not find a storage controller named 'IDE Controller'"
    shell.ok("storagectl", "box", "--name", "IDE", "--rename", "IDE Controller")
    shell.ok("storagectl", "box", "--name", "Floppy", "--rename", "Floppy Controller")
    shell.ok("modifyvm", "box", "--hda", disks[0], "--dvd", str(iso), "--idecontroller", "ICH6",
             "--sata", "on", "--sataportcount", "3", "--sataport2", disks[1], "--dvdpassthrough",
             "on", "--scsi", "on", "--scsitype", "LsiLogic", "--floppy", "empty")  # fmt: skip
    settings = client.machine(box).get_settings()
    drives = {
        (controller.name, drive.port, drive.device): drive
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
    }
    assert sorted(drives) == [
        ("Floppy Controller", 0, 0), ("IDE Controller", 0, 0), ("IDE Controller", 1, 0),
        ("SATA", 2, 0),
    ]
    assert drives["IDE Controller", 1, 0].passthrough
    models = [(each.name, each.type) for each in settings.hardware.storage_controllers]
    assert ("IDE Controller", "ICH6") in models
    assert ("LsiLogic", "LsiLogic") in models
    assert [disk.location for disk in settings.media.hard_disks] == disks
    assert "no slot 30:0" in first_error(shell.run("modifyvm", "box", "--sataport30", disks[0]))
    assert client.machine(box).get_settings() == settings
    shell.ok("modifyvm", "box", "--sata-port2", "none", "--hdb", disks[1], "--hdd", "none")
    (hdb,) = [d for d in client.machine(box).get_settings().hardware.storage_controllers[0]
              .attachments if (d.port, d.device) == (0, 1)]  # fmt: skip
    assert hdb.medium == settings.media.hard_disks[1].uuid
    shell.ok("modifyvm", "box", "--hdb", "none", "--scsi-port1", "none")
    shell.ok("modifyvm", "box", "--hda", "none", "--sata", "off", "--dvd", "none", "--floppy",
             "disabled", "--scsi", "off")  # fmt: skip
    settings = client.machine(box).get_settings()
    assert settings.media.hard_disks == settings.media.dvd_images == []
    names = [each.name for each in settings.hardware.storage_controllers]
    assert names == ["IDE Controller", "Floppy Controller"]


@pytest.mark.usefixtures("box")
def test_those_who_share_a_machine_do_not_undo_each_other(client: Client) -> None:
    ours, theirs = Context(), Context()
    try:
        with changed_settings(ours, "box", LockType.SHARED) as first:
            with changed_settings(theirs, "box", LockType.SHARED) as second:
                second.description = "theirs"
                second.hardware.storage_controllers[0].attachments[0].passthrough = True
            first.hardware.storage_controllers[0].attachments[0].temp_eject = True
    finally:
        ours.close()
        theirs.close()
    settings = client.machine(client.virtualbox.find_machine("box").id).get_settings()
    drive = settings.hardware.storage_controllers[0].attachments[0]
    assert (settings.description, drive.passthrough, drive.temp_eject) == ("theirs", True, True)
