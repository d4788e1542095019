"""Machines are created, registered, moved, cloned and removed from the command line."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from app.api import Client
from app.settings.machine_file import MachineFile
from app.settings.media import attach_medium
from app.settings.model import HardDisk
from tests.app.cli.samples import machine_file, with_snapshots
from tests.app.cli.shell import Shell, first_error, values_of

PROGRESS = "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n"


def create(shell: Shell, folder: Path, name: str = "vm", *more: str) -> str:
    """Create and register a machine; returns its UUID."""
    shell.ok("createvm", f"--name={name}", "--register", f"--basefolder={folder}", *more)
    return values_of(shell.ok("showvminfo", name, "--machinereadable"))["UUID"]


def give_disk(client: Client, name: str, file: Path) -> str:
    """Attach a new disk with some data to the machine; returns its UUID."""
    machine = client.machine(client.virtualbox.find_machine(name).id)
    info = client.virtualbox.create_medium(str(file), 1 << 20, "RAW")
    file.write_bytes(b"data".ljust(1 << 20, b"\0"))
    settings = machine.get_settings()
    disk = HardDisk(uuid=info.id, location=str(file), format="RAW")
    attach_medium(settings, "IDE", 0, 0, "HardDisk", disk)
    machine.save_settings(settings)
    return info.id


# -- createvm ----------------------------------------------------------------------------------


def test_createvm_tells_what_it_made(shell: Shell, tmp_path: Path) -> None:
    wanted = str(uuid.uuid4())
    printed = shell.ok(
        "createvm", "--name", "new one", "--ostype", "debian_64", "--register",
        "--basefolder", str(tmp_path), "--uuid", wanted, "--groups", "/a/b,/c",
    )  # fmt: skip
    path = tmp_path / "a" / "b" / "new one" / "new one.vbox"
    assert printed == (
        "Virtual machine 'new one' is created and registered.\n"
        f"UUID: {wanted}\n"
        f"Settings file: '{path}'\n"
    )
    assert shell.ok("list", "vms") == f'"new one" {{{wanted}}}\n'
    assert shell.ok("list", "groups") == '"/"\n"/a"\n"/a/b"\n"/c"\n'
    settings = MachineFile.load(str(path)).settings
    assert (settings.os_type_id, settings.groups) == ("Debian_64", ["/a/b", "/c"])
    assert settings.hardware.storage_controllers == []
    assert [each.attachment for each in settings.hardware.network_adapters] == ["NAT"]


def test_createvm_without_register_only_writes_the_file(shell: Shell, tmp_path: Path) -> None:
    printed = shell.ok("createvm", "--name=x", f"--basefolder={tmp_path}")
    assert printed.startswith("Virtual machine 'x' is created.\nUUID: ")
    assert shell.ok("list", "vms") == ""
    shell.ok("registervm", str(tmp_path / "x" / "x.vbox"))
    assert shell.ok("list", "vms").startswith('"x" {')


def test_createvm_default_furnishes_the_machine(shell: Shell, tmp_path: Path) -> None:
    create(shell, tmp_path, "x", "--default", "--ostype=Debian_64")
    values = values_of(shell.ok("showvminfo", "x", "--machinereadable"))
    assert (values["memory"], values["nic1"]) == ("2048", "nat")
    assert values["storagecontrollername0"] == "IDE"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ((), 2, "Missing required option: --name"),
        (("--name=",), 2, "Parameter --name must not be empty"),
        (("--name=x", "--uuid=nonsense"), 2, "Invalid UUID: 'nonsense'"),
        (("--name=x", "--ostype=Multics"), 1, "Guest OS type 'Multics' is unknown"),
        (("--name=x", "--platform-architecture=vax"), 2, "Invalid platform architecture: 'vax'"),
        (("--name=x", "--cipher=AES"), 1, "Encrypted machines are not supported"),
        (("--name=x", "more"), 2, "Invalid parameter 'more'"),
    ],
)
def test_createvm_checks_everything_first(
    shell: Shell, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = shell.run("createvm", "--register", f"--basefolder={tmp_path / 'vms'}", *words)
    assert (ran.code, first_error(ran)) == (code, sentence)
    assert shell.ok("list", "vms") == ""
    assert not (tmp_path / "vms").exists()


# -- registervm, unregistervm ------------------------------------------------------------------


def test_registervm_takes_the_folder_that_holds_the_machine(shell: Shell, tmp_path: Path) -> None:
    path = Path(machine_file(tmp_path, with_snapshots("other program's")))
    path.with_name("x-1.12-linux.vbox").write_text("left behind")
    shell.ok("registervm", str(path.parent))
    assert shell.ok("list", "vms").startswith('"other program\'s" {')
    (tmp_path / "empty").mkdir()
    assert "should hold one settings file; these are there: none" in first_error(
        shell.run("registervm", str(tmp_path / "empty"))
    )


def test_registervm_works_in_the_folder_where_it_is_called(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_file(tmp_path, with_snapshots("here"))
    monkeypatch.chdir(tmp_path / "here")
    shell.ok("registervm", "here.vbox")
    assert shell.ok("list", "vms").startswith('"here" {')


def test_unregistervm_leaves_the_files(shell: Shell, tmp_path: Path) -> None:
    create(shell, tmp_path)
    ran = shell.run("unregistervm", "vm")
    assert ran == (0, "", "")
    assert (tmp_path / "vm" / "vm.vbox").exists()
    assert shell.ok("list", "vms") == ""


def test_unregistervm_delete_takes_the_disks_that_are_only_its_own(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    for name in ("vm", "other"):
        create(shell, tmp_path, name, "--default")
    own, shared = tmp_path / "own.img", tmp_path / "shared.img"
    give_disk(client, "vm", own)
    give_disk(client, "other", shared)
    disk = client.machine("other").get_settings().media.hard_disks[0]
    settings = client.machine("vm").get_settings()
    attach_medium(settings, "IDE", 0, 1, "HardDisk", disk)
    client.machine("vm").save_settings(settings)
    (tmp_path / "vm" / "notes.txt").write_text("of the person")
    ran = shell.run("unregistervm", "vm", "--delete")
    assert (ran.code, ran.out, ran.err) == (0, "", PROGRESS)
    assert not own.exists()
    assert shared.exists()
    assert [each.name for each in (tmp_path / "vm").iterdir()] == ["notes.txt"]


def test_unregistervm_delete_all_takes_the_discs_in_its_folder(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    create(shell, tmp_path, "vm", "--default")
    inside, outside = tmp_path / "vm" / "disc.iso", tmp_path / "keep.iso"
    for file, (controller, port) in ((inside, ("IDE", 1)), (outside, ("IDE", 0))):
        file.write_bytes(bytes(1 << 16))
        settings = client.machine("vm").get_settings()
        if port == 0:
            attach_medium(settings, controller, port, 0, "DVD")
            client.machine("vm").save_settings(settings)
        client.machine("vm").mount_medium(controller, port, 0, str(file))
    shell.ok("unregistervm", "vm", "--delete-all")
    assert not (tmp_path / "vm").exists()
    assert outside.exists()


@pytest.mark.usefixtures("vm_processes")
def test_running_machine_is_neither_removed_nor_moved_nor_cloned(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    machine_id = create(shell, tmp_path)
    client.machine(machine_id).launch()
    for words in (
        ("unregistervm", "vm", "--delete"),
        ("movevm", "vm", f"--folder={tmp_path / 'there'}"),
        ("clonevm", "vm", "--register", f"--basefolder={tmp_path}"),
    ):
        ran = shell.run(*words)
        assert ran.code == 1
        assert "locked" in first_error(ran)
    assert shell.ok("list", "vms") == f'"vm" {{{machine_id}}}\n'
    assert (tmp_path / "vm" / "vm.vbox").exists()
    client.console(machine_id).power_off()


# -- movevm, clonevm ---------------------------------------------------------------------------


def test_movevm_tells_where_the_machine_is(shell: Shell, tmp_path: Path) -> None:
    machine_id = create(shell, tmp_path)
    ran = shell.run("movevm", "vm", "--type", "basic", "--folder", str(tmp_path / "there"))
    assert ran == (0, f"Machine has been successfully moved into {tmp_path / 'there'}\n", PROGRESS)
    values = values_of(shell.ok("showvminfo", "vm", "--machinereadable"))
    assert values["CfgFile"] == str(tmp_path / "there" / "vm" / "vm.vbox")
    assert values["UUID"] == machine_id
    assert not (tmp_path / "vm").exists()
    assert shell.run("movevm", "vm", "--type=fast").code == 2


def test_clonevm_names_the_clone(shell: Shell, client: Client, tmp_path: Path) -> None:
    source_id = create(shell, tmp_path, "vm", "--default")
    disk_id = give_disk(client, "vm", tmp_path / "disk.img")
    ran = shell.run("clonevm", "vm", "--register", f"--basefolder={tmp_path}")
    assert ran == (0, 'Machine has been successfully cloned as "vm Clone"\n', PROGRESS)
    source = values_of(shell.ok("showvminfo", "vm", "--machinereadable"))
    clone = values_of(shell.ok("showvminfo", "vm Clone", "--machinereadable"))
    assert clone["UUID"] != source_id
    assert clone["hardwareuuid"] == clone["UUID"]
    assert clone["macaddress1"] != source["macaddress1"]
    assert clone["IDE-ImageUUID-0-0"] != disk_id
    copied = Path(clone["IDE-0-0"])
    assert copied == tmp_path / "vm Clone" / "vm Clone-disk1.img"
    assert copied.read_bytes() == (tmp_path / "disk.img").read_bytes()


def test_clonevm_keeps_what_it_is_told_to_keep(
    shell: Shell, client: Client, tmp_path: Path
) -> None:
    source_id = create(shell, tmp_path, "vm", "--default")
    give_disk(client, "vm", tmp_path / "my disk.img")
    wanted = str(uuid.uuid4())
    shell.ok(
        "clonevm", "vm", "--name=twin", "--uuid", wanted, "--groups=/g", "--mode=all",
        "--options=keepnatmacs,KeepDiskNames,KeepHwUUIDs", f"--basefolder={tmp_path}",
    )  # fmt: skip
    assert "twin" not in shell.ok("list", "vms")
    shell.ok("registervm", str(tmp_path / "g" / "twin" / "twin.vbox"))
    source = values_of(shell.ok("showvminfo", "vm", "--machinereadable"))
    clone = values_of(shell.ok("showvminfo", "twin", "--machinereadable"))
    assert (clone["UUID"], clone["groups"], clone["hardwareuuid"]) == (wanted, "/g", source_id)
    assert clone["macaddress1"] == source["macaddress1"]
    assert Path(clone["IDE-0-0"]).name == "my disk.img"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--options=link",), 1, "A linked clone can only be made of a snapshot; name one."),
        (("--options=link,shiny",), 2, "Invalid clone option 'shiny'"),
        (("--mode=some",), 2, "Invalid clone mode 'some'"),
        (("--snapshot=none",), 1, "This machine does not have any snapshots"),
        (("--name=vm",), 1, "named 'vm' is registered already"),
        (("--name=a/b",), 1, "contains a slash"),
    ],
)
def test_clonevm_refuses(
    shell: Shell, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    create(shell, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = shell.run("clonevm", "vm", "--register", f"--basefolder={tmp_path / 'new'}", *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert sorted(tmp_path.rglob("*")) == before


# -- list --------------------------------------------------------------------------------------


def test_list_ostypes_are_blocks(shell: Shell) -> None:
    printed = shell.ok("list", "ostypes")
    blocks = printed.split("\n\n")
    assert blocks[-1] == ""
    assert (
        "ID:           Debian_64\n"
        "Description:  Debian (64-bit)\n"
        "Family ID:    Linux\n"
        "Family Desc:  Linux\n"
        "OS Subtype:   Debian\n"
        "Architecture: x86\n"
        "64 bit:       true"
    ) in blocks
    assert all(block.startswith("ID:           ") for block in blocks[:-1])


def test_list_ossubtypes_are_grouped_by_family(shell: Shell) -> None:
    lines = shell.ok("list", "ossubtypes").splitlines()
    family = lines.index("Linux")
    subtype = lines.index("  Debian", family)
    assert "    Debian (64-bit)" in lines[subtype : lines.index("", family)]
