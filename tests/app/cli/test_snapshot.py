"""Snapshots, saved states, shared folders and USB filters of machines from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.api import Client, LockType, MachineState
from tests.app.cli.shell import Shell, first_error, lines_starting, values_of
from tests.app.service.disks import Guest, add_disk
from tests.app.service.fixtures import MakeMachine
from tests.app.service.support import wait_until


@pytest.fixture
def box(client: Client, make_machine: MakeMachine) -> str:
    """A machine without hard disks; returns its UUID."""
    return make_machine(client, "box").id


def test_snapshots_of_a_machine_without_disks(shell: Shell, client: Client, box: str) -> None:
    assert shell.ok("snapshot", "box", "list") == "This machine does not have any snapshots\n"
    taken = shell.ok("snapshot", "box", "take", "one", "--description", "the first")
    assert taken.startswith("Snapshot taken. UUID: ")
    assert not client.virtualbox.find_machine(box).modified
    shell.ok("modifyvm", "box", "--memory", "96")
    assert client.virtualbox.find_machine(box).modified
    shell.ok("snapshot", "box", "take", "two")
    shell.ok("snapshot", box, "restore", "one")
    assert client.machine(box).get_settings().hardware.memory_mb == 64
    assert not client.virtualbox.find_machine(box).modified
    shell.ok("snapshot", "box", "take", "three", "--description", "several\nlines")
    shell.ok("snapshot", "box", "edit", "two", "--name", "second")
    shell.ok("snapshot", "box", "edit", "--current", "--description", "")
    printed = "".join(
        f"$ snapshot box {' '.join(words)}\n{shell.ok('snapshot', 'box', *words)}"
        for words in (["list"], ["list", "--machinereadable"], ["showvminfo", "second"])
    )
    shell.check_golden("snapshots", printed)
    shown = values_of(shell.ok("showvminfo", "box", "--machinereadable"))
    assert shown["CurrentSnapshotName"] == "three"
    shell.ok("snapshot", "box", "delete", "three")
    shell.ok("snapshot", "box", "delete", "one")
    assert [s.name for s in client.machine(box).get_settings().snapshots] == ["second"]


def test_unique_names(shell: Shell, client: Client, box: str) -> None:
    for spec in ((), ("--uniquename", "Number"), ("--uniquename=Space=_",), ("--uniquename=Force",)):
        shell.ok("snapshot", "box", "take", "s", *spec)
    names = [each.name for each in client.machine(box).get_settings().snapshots]
    assert names == ["s", "s 1", "s_", "s"]
    assert shell.run("snapshot", "box", "take", "s", "--uniquename", "Colour").code == 2


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["restore", "x"], 1, "Could not find a snapshot named 'x'"),
        (["delete", "root"], 1, "it is the first snapshot and has 2 child snapshots"),
        (["take", ""], 1, "A snapshot needs a name"),
        (["list", "--details", "--machinereadable"], 2, "mutually exclusive"),
        (["rewind"], 2, "Unknown subcommand 'rewind'"),
        ([], 2, "No subcommand specified"),
    ],
)
def test_snapshot_refuses(
    shell: Shell, box: str, words: list[str], code: int, sentence: str
) -> None:
    for name in ("root", "left"):
        shell.ok("snapshot", box, "take", name)
    shell.ok("snapshot", box, "restore", "root")
    shell.ok("snapshot", box, "take", "right")
    before = shell.ok("snapshot", box, "list")
    ran = shell.run("snapshot", box, *words)
    assert ran.code == code
    assert sentence in first_error(ran)
    assert shell.ok("snapshot", box, "list") == before


def test_snapshots_of_a_machine_with_a_disk(shell: Shell, client: Client, box: str) -> None:
    add_disk(client, box)
    guest = Guest(client, box)
    guest.write(0, b"then")
    taken = shell.ok("snapshot", "box", "take", "one", "--description", "the first")
    assert taken.startswith("Snapshot taken. UUID: ")
    guest.write(0, b"now!")
    identity = client.snapshots(box).find("one").uuid
    assert shell.ok("snapshot", "box", "restore", "one") == (
        f"Restoring snapshot 'one' ({identity})\n"
    )
    assert guest.read()[:4] == b"then"
    guest.write(0, b"more")
    shell.ok("snapshot", "box", "restorecurrent")
    assert guest.read()[:4] == b"then"
    shown = values_of(shell.ok("showvminfo", "box", "--machinereadable"))
    assert shown["CurrentSnapshotUUID"] == identity
    assert (shown["SnapshotName"], shown["SnapshotDescription"]) == ("one", "the first")
    assert "{" in shown["IDE-0-0"]
    assert shell.ok("snapshot", "box", "delete", "one") == (
        f"Deleting snapshot 'one' ({identity})\n"
    )
    assert guest.images() == {"disk.vdi"}


def test_clones_of_snapshots(shell: Shell, client: Client, box: str, tmp_path: Path) -> None:
    add_disk(client, box)
    shell.ok("snapshot", "box", "take", "one")
    folder = ("--basefolder", str(tmp_path / "clones"))
    said = shell.ok(
        "clonevm", "box", "--snapshot", "one", "--options", "Link", "--name", "linked",
        "--register", *folder,
    )  # fmt: skip
    assert said == 'Machine has been successfully cloned as "linked"\n'
    linked = client.machine("linked").get_settings()
    assert [disk.parent != "" for disk in linked.media.hard_disks] == [False, True]
    ran = shell.run("snapshot", "box", "delete", "one")
    assert "is needed by the machine 'linked'" in first_error(ran)
    shell.ok("clonevm", "box", "--mode", "all", "--name", "whole", "--register", *folder)
    assert [each.name for each in client.machine("whole").get_settings().snapshots] == ["one"]
    ran = shell.run("clonevm", "box", "--options", "Link", "--name", "no", *folder)
    assert "can only be made of a snapshot" in first_error(ran)


@pytest.mark.usefixtures("vm_processes")
def test_a_running_machine_is_not_restored(shell: Shell, client: Client, box: str) -> None:
    shell.ok("snapshot", "box", "take", "one")
    client.machine(box).launch()
    ran = shell.run("snapshot", "box", "restore", "one")
    assert ran.code == 1
    assert "(machine state: Running)" in first_error(ran)
    client.console(box).power_off()


def test_saved_states(shell: Shell, client: Client, box: str, tmp_path: Path) -> None:
    ran = shell.run("discardstate", "box")
    assert "not in the saved state (machine state: PoweredOff)" in first_error(ran)
    assert shell.run("adoptstate", "box", str(tmp_path / "none.sav")).code == 1
    elsewhere = tmp_path / "state.sav"
    elsewhere.write_bytes(b"state")
    shell.ok("adoptstate", "box", str(elsewhere))
    assert client.virtualbox.find_machine(box).state is MachineState.SAVED
    assert values_of(shell.ok("showvminfo", "box", "--machinereadable"))["VMState"] == "saved"
    assert shell.run("adoptstate", "box", str(elsewhere)).code == 1
    shell.ok("discardstate", "box")
    assert client.virtualbox.find_machine(box).state is MachineState.POWERED_OFF
    assert elsewhere.exists(), "a file that is not the machine's own is kept"
    own = Path(client.virtualbox.find_machine(box).settings_path).with_name("own.sav")
    own.write_bytes(b"state")
    client.saved_state(box).adopt("own.sav")
    shell.ok("discardstate", "box")
    assert not own.exists()


def test_sharedfolder(shell: Shell, client: Client, box: str, tmp_path: Path) -> None:
    add = ("sharedfolder", "add", "box", "--name", "share", "--hostpath", str(tmp_path))
    shell.ok(*add, "--readonly", "--automount", "--auto-mount-point", "/mnt/share")
    (folder,) = client.machine(box).get_settings().hardware.shared_folders
    assert (folder.writable, folder.auto_mount, folder.auto_mount_point) == (False, True, "/mnt/share")
    assert "Shared folder named 'share' already exists" in first_error(shell.run(*add))
    shell.ok(
        "sharedfolder", "modify", "box", "--name=share", "--readonly=false", "--automount=false",
        "--symlink-policy=relative",
    )  # fmt: skip
    (folder,) = client.machine(box).get_settings().hardware.shared_folders
    assert (folder.writable, folder.auto_mount) == (True, False)
    assert folder.symlink_policy == "AllowedToRelativeTargets"
    shell.ok("sharedfolder", "remove", "box", "--name", "share")
    assert client.machine(box).get_settings().hardware.shared_folders == []
    ran = shell.run("sharedfolder", "remove", "box", "--name", "share")
    assert "Could not find a shared folder named 'share'" in first_error(ran)
    assert shell.run("sharedfolder", "add", "box", "--name", "a/b", "--hostpath", "/").code == 2
    assert shell.run("sharedfolder", "add", "global", "--name", "a", "--hostpath", "/").code == 1


@pytest.mark.usefixtures("vm_processes")
def test_transient_shared_folders_end_with_the_machine(
    shell: Shell, client: Client, box: str, tmp_path: Path
) -> None:
    add = ("sharedfolder", "add", box, "--name", "t", "--hostpath", str(tmp_path), "--transient")
    assert "is not currently running" in first_error(shell.run(*add))
    client.machine(box).launch()
    shell.ok(*add)
    assert "already exists" in first_error(shell.run(*add))
    shell.ok("sharedfolder", "modify", box, "--name=t", "--transient", "--readonly=true")
    folders = client.transient_shared_folders(box)
    assert [(f.name, f.writable) for f in folders.list_transient()] == [("t", False)]
    client.console(box).power_off()
    wait_until(lambda: not client.virtualbox.find_machine(box).session_pid)
    client.machine(box).launch()
    assert folders.list_transient() == []
    client.console(box).power_off()


def test_usb_filters_of_a_machine(shell: Shell, box: str) -> None:
    shell.ok("usbfilter", "add", "0", "--target", "box", "--name", "b", "--vendorid", "0781")
    shell.ok("usbfilter", "add", "0", "--target", box, "--name", "a", "--remote", "yes")
    shell.ok("usbfilter", "modify", "1", "--target", "box", "--active", "no")
    shown = shell.ok("showvminfo", "box", "--machinereadable")
    names = [line.split('"')[1] for line in lines_starting(shown, "USBFilterName")]
    assert names == ["a", "b"]
    assert 'USBFilterActive2="off"' in shown
    shell.ok("usbfilter", "remove", "0", "--target", "box")
    assert shell.run("usbfilter", "remove", "1", "--target", "box").code == 1
    assert shell.run("usbfilter", "add", "x", "--target", "box", "--name", "n").code == 2
    ran = shell.run("usbfilter", "add", "0", "--target=box", "--name=n", "--action=hold")
    assert ran.code == 2


def test_a_locked_machine_is_not_changed(
    shell: Shell, client: Client, box: str, tmp_path: Path
) -> None:
    client.machine(box).lock(LockType.WRITE)
    ran = shell.run("sharedfolder", "add", "box", "--name", "share", "--hostpath", str(tmp_path))
    assert ran.code == 1
    assert "is already locked" in first_error(ran)
