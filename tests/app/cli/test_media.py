"""Media are created, copied, changed, shown and forgotten from the command line."""

from __future__ import annotations

import io
import os
import random
import sys
import uuid
from pathlib import Path

import pytest

from app.api import Client
from app.settings.devicetype import DeviceType
from app.settings.model import HardDisk
from tests.app.cli.shell import Ran, Shell, first_error
from tests.app.service.fixtures import MakeMachine
from tests.engine.storage.images import FREE, VdiBytes

PROGRESS = "0%...10%...20%...30%...40%...50%...60%...70%...80%...90%...100%\n"
DATA = random.Random(3).randbytes(3 << 20)


def create(shell: Shell, path: Path, *options: str, size: int = 4) -> str:
    """Create an image; returns its UUID."""
    printed = shell.ok("createmedium", "disk", "--filename", str(path), "--size", str(size), *options)
    start = "Medium created. UUID: "
    assert printed.startswith(start)
    return str(uuid.UUID(printed.removeprefix(start).strip()))


def attached(shell: Shell, client: Client, make_machine: MakeMachine, path: Path) -> str:
    """Create an image and attach it to a new machine; returns its UUID."""
    make_machine(client, "vm")
    shell.ok("storagectl", "vm", "--name", "SATA", "--add", "sata")
    identity = create(shell, path)
    shell.ok(
        "storageattach", "vm", "--storagectl", "SATA", "--port", "0", "--type", "hdd",
        "--medium", str(path),
    )  # fmt: skip
    return identity


def test_createmedium(shell: Shell, tmp_path: Path) -> None:
    ran = shell.run("createhd", "-filename", str(tmp_path / "a"), "-size", "4", "-variant", "Fixed")
    assert (ran.code, ran.err) == (0, PROGRESS)
    assert (tmp_path / "a.vdi").stat().st_size > 4 << 20
    create(shell, tmp_path / "b.img", "--format=RAW", "--property", "key=some value")
    assert (tmp_path / "b.img").stat().st_size == 4 << 20
    shell.ok("createmedium", "floppy", "--filename", str(tmp_path / "f"), "--sizebyte", "1474560")
    assert (tmp_path / "f.img").stat().st_size == 1474560
    shell.check_golden(
        "media-lists",
        "".join(
            f"$ list {' '.join(words)}\n" + shell.ok("list", *words)
            for words in (["hdds"], ["--long", "hdds"], ["floppies"], ["--long", "dvds"])
        ),
    )


CREATE_REFUSALS = [
    (["--size", "4"], 2, "Parameter --filename is required"),
    (["--filename", "{}/a.vdi"], 2, "Parameter --size is required"),
    (["--filename", "{}/a.vdi", "--size", "four"], 2, "Invalid value for option '--size'"),
    (["--filename", "{}/a", "--size", "4", "--variant", "Odd"], 2, "Invalid --variant argument"),
    (["--filename", "{}/a", "--size", "4", "--variant", "Split2G"], 1, "no variant 'Split2G'"),
    (["--filename", "{}/a", "--size", "4", "--format", "VHDX"], 1, "VHDX cannot be created"),
    (["--filename", "{}/a", "--size", "4", "--format", "ZIP"], 1, "no image format 'ZIP'"),
    (["--filename", "{}/there", "--size", "4", "--format", "VDI"], 1, "exists already"),
    (["--filename", "{}/a", "--diffparent", "{}/none.vdi"], 1, "Could not find file"),
    (["floppy", "--filename", "{}/a", "--diffparent", "{}/there.vdi"], 2, "Only hard disk images"),
    (["--filename", "{}/a", "--size", "4", "--property", "novalue"], 2, "key value pair"),
]


def test_createmedium_refuses(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "there.vdi").write_bytes(b"precious")
    before = sorted(os.listdir(tmp_path))
    for options, code, sentence in CREATE_REFUSALS:
        ran = shell.run("createmedium", *(word.format(tmp_path) for word in options))
        assert ran.code == code
        assert sentence in first_error(ran)
    assert sorted(os.listdir(tmp_path)) == before
    assert shell.ok("list", "hdds") == ""


def test_showmediuminfo(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    identity = attached(shell, client, make_machine, tmp_path / "a.vdi")
    shell.ok("modifymedium", "disk", identity, "--description", "two\nlines")
    printed = shell.ok("showmediuminfo", "disk", str(tmp_path / "a.vdi"))
    shell.check_golden("showmediuminfo-attached", printed)
    assert shell.ok("showhdinfo", identity) == printed
    (tmp_path / "a.vdi").unlink()
    shell.check_golden("showmediuminfo-missing", shell.ok("showmediuminfo", identity))


def test_an_image_with_another_uuid_is_inaccessible(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    attached(shell, client, make_machine, tmp_path / "a.vdi")
    create(shell, tmp_path / "b.vdi")
    (tmp_path / "b.vdi").replace(tmp_path / "a.vdi")
    printed = shell.ok("showmediuminfo", str(tmp_path / "a.vdi"))
    assert "State:          inaccessible\n" in printed
    assert "does not match the value" in printed


def test_showmediuminfo_of_a_file_does_not_register_it(shell: Shell, tmp_path: Path) -> None:
    create(shell, tmp_path / "a.vdi")
    shell.ok("closemedium", str(tmp_path / "a.vdi"))
    assert "State:          created" in shell.ok("showmediuminfo", str(tmp_path / "a.vdi"))
    assert shell.ok("list", "hdds") == ""
    ran = shell.run("showmediuminfo", str(tmp_path / "none.vdi"))
    assert ran.code == 1
    assert first_error(ran) == (
        f"Could not find file for the medium '{tmp_path}/none.vdi' (VERR_FILE_NOT_FOUND)"
    )
    assert "code VBOX_E_FILE_ERROR (0x80bb0004), component MediumWrap" in ran.err


def test_clone_and_convert_keep_the_data(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw, vdi, back = tmp_path / "a.raw", tmp_path / "a.vdi", tmp_path / "back.img"
    raw.write_bytes(DATA)
    wanted = str(uuid.uuid4())
    ran = shell.run("convertfromraw", str(raw), str(vdi), "--variant=Fixed", "--uuid", wanted)
    shell.check_golden("convertfromraw", ran.err)
    ran = shell.run("clonehd", str(vdi), str(back), "--format", "RAW")
    assert ran.out.startswith("Clone medium created in format 'RAW'. UUID: ")
    assert ran.err == PROGRESS
    assert back.read_bytes() == DATA
    # Only the copy became known; the source was a file that nobody had registered.
    assert shell.ok("list", "hdds").count("UUID:") == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(DATA + b"behind")))
    shell.ok("convertdd", "stdin", str(tmp_path / "b.vdi"), str(len(DATA)))
    shell.ok("clonemedium", str(tmp_path / "b.vdi"), str(tmp_path / "b.img"), "--format=raw")
    assert (tmp_path / "b.img").read_bytes() == DATA
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"short")))
    ran = shell.run("convertfromraw", "stdin", str(tmp_path / "c.vdi"), "1000")
    assert first_error(ran) == "Standard input ended after 5 of 1000 bytes"
    assert not [name for name in os.listdir(tmp_path) if name.startswith((".vitrine", "c.vdi"))]


def test_clone_over_an_existing_medium(shell: Shell, tmp_path: Path) -> None:
    raw, target = tmp_path / "a.img", tmp_path / "b.vdi"
    raw.write_bytes(DATA)
    identity = create(shell, target, size=2)
    shell.ok("clonemedium", str(raw), str(target), "--existing")
    assert identity in shell.ok("showmediuminfo", str(target))
    shell.ok("clonemedium", str(target), str(tmp_path / "c.img"), "--format=RAW")
    assert (tmp_path / "c.img").read_bytes() == DATA[: 2 << 20]


def test_modifymedium(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    identity = attached(shell, client, make_machine, tmp_path / "a.vdi")
    assert shell.run("modifyhd", identity, "--resize", "9").err == PROGRESS
    assert "Capacity:       9 MBytes" in shell.ok("showmediuminfo", identity)
    ran = shell.run("modifymedium", identity, "--resizebyte", "512")
    assert "cannot be made smaller" in first_error(ran)
    shell.ok("modifymedium", identity, "--compact")


def test_a_moved_image_stays_attached(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    identity = attached(shell, client, make_machine, tmp_path / "a.vdi")
    (tmp_path / "folder").mkdir()
    moved = shell.ok("modifymedium", str(tmp_path / "a.vdi"), "--move", f"{tmp_path}/folder/")
    assert moved == f"Move medium with UUID {identity} finished\n"
    shell.ok("modifymedium", identity, "--move", "b.vdi")
    assert sorted(os.listdir(tmp_path / "folder")) == ["b.vdi"]
    printed = shell.ok("showvminfo", "vm", "--machinereadable")
    assert f'"SATA-0-0"="{tmp_path}/folder/b.vdi"' in printed
    (tmp_path / "folder" / "b.vdi").rename(tmp_path / "c.vdi")
    shell.ok("modifymedium", identity, "--setlocation", str(tmp_path / "c.vdi"))
    assert "State:          created" in shell.ok("showmediuminfo", identity)


MODIFY_REFUSALS = [
    (["--type", "immutable"], "because it is attached to 1 virtual machines"),
    (["--type", "shareable"], "since it is a dynamic medium storage unit"),
    (["--type", "readonly"], "to 'Readonly' since it is a hard disk"),
    (["--type", "odd"], "Invalid medium type 'odd'"),
    (["--autoreset", "on"], "is not differencing"),
    (["--autoreset", "maybe"], "Invalid --autoreset argument 'maybe'"),
    (["--resize", "1"], "cannot be made smaller"),
    ([], "No operation specified"),
]


def test_modifymedium_refuses(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    identity = attached(shell, client, make_machine, tmp_path / "a.vdi")
    before = (tmp_path / "a.vdi").read_bytes()
    for options, sentence in MODIFY_REFUSALS:
        ran = shell.run("modifymedium", identity, *options)
        assert ran.code != 0
        assert sentence in first_error(ran)
    assert (tmp_path / "a.vdi").read_bytes() == before


def test_types_and_properties_are_kept(shell: Shell, tmp_path: Path) -> None:
    path = str(tmp_path / "a.vdi")
    create(shell, Path(path))
    shell.ok("modifymedium", path, "--type", "writethrough")
    shell.ok("mediumproperty", "disk", "set", path, "name", "value")
    assert shell.ok("mediumproperty", "get", path, "name") == "name=value\n"
    assert "Type:           writethrough\n" in shell.ok("showmediuminfo", path)
    shell.ok("mediumproperty", "delete", path, "name")
    ran = shell.run("mediumproperty", "get", path, "name")
    assert first_error(ran) == "Property 'name' does not exist"


def test_closemedium(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    path = tmp_path / "a.vdi"
    identity = attached(shell, client, make_machine, path)
    machine_id = client.virtualbox.find_machine("vm").id
    ran: Ran = shell.run("closemedium", "disk", identity, "--delete")
    assert first_error(ran) == (
        f"Cannot delete storage: medium '{path}' is still attached to the following 1 virtual "
        f"machine(s): {machine_id}"
    )
    assert "still attached to 1 virtual" in first_error(shell.run("closemedium", identity))
    assert path.exists()
    shell.ok("storageattach", "vm", "--storagectl", "SATA", "--port", "0", "--medium", "none")
    # A hard disk that was detached stays known, so that it can be named by its UUID.
    assert identity in shell.ok("list", "hdds")
    assert client.machine(machine_id).get_settings().media.hard_disks == []
    shell.ok("closemedium", "disk", identity, "--delete")
    assert not path.exists()
    assert shell.ok("list", "hdds") == ""


def test_sethduuid_makes_a_copied_image_usable(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    identity = attached(shell, client, make_machine, tmp_path / "a.vdi")
    copy = tmp_path / "copy.vdi"
    copy.write_bytes((tmp_path / "a.vdi").read_bytes())
    attach = (
        "storageattach", "vm", "--storagectl", "SATA", "--port", "1", "--type", "hdd",
        "--medium", str(copy),
    )  # fmt: skip
    refused = first_error(shell.run(*attach))
    assert refused == (
        f"Cannot register the medium '{copy}' {{{identity}}} because a medium "
        f"'{tmp_path}/a.vdi' with UUID {{{identity}}} already exists"
    )
    printed = shell.ok("internalcommands", "sethduuid", str(copy))
    assert printed.startswith("UUID changed to: ")
    shell.ok(*attach)
    assert shell.ok("list", "hdds").count("State:          created") == 2
    ran = shell.run("internalcommands", "sethduuid", str(copy))
    assert "cannot be changed" in first_error(ran)


def test_formats_and_host_things(shell: Shell) -> None:
    printed = shell.ok("list", "hddbackends")
    assert printed.startswith("Supported hard disk backends:\n\nBackend 0: id='")
    assert "id='VDI' description='VDI' capabilities=0x" in printed
    assert "extensions='vdi (HardDisk)' properties=()" in printed
    assert shell.ok("list", "screenshotformats") == (
        "Supported 1 screen shot formats:\n    BitmapFormat_PNG  (0x20474E50)\n"
    )
    for keyword in ("hostdvds", "hostfloppies", "hostdrives"):
        shell.ok("list", keyword)


def test_the_list_is_depth_first(
    shell: Shell, client: Client, make_machine: MakeMachine, tmp_path: Path
) -> None:
    def image(number: int, parent: int = 0) -> None:
        VdiBytes(
            [FREE],
            image_type=4 if parent else 1,
            image_uuid=uuid.UUID(int=number),
            modification_uuid=uuid.UUID(int=100 + number),
            parent_uuid=uuid.UUID(int=parent),
            parent_modification_uuid=uuid.UUID(int=100 + parent if parent else 0),
        ).save(tmp_path / f"{number}.vdi")

    make_machine(client, "vm")
    for number, parent in ((1, 0), (5, 0), (2, 1), (3, 2), (4, 1)):
        image(number, parent)
    virtualbox = client.virtualbox
    virtualbox.open_medium(str(tmp_path / "5.vdi"), DeviceType.HARD_DISK, register=True)
    machine = client.machine(client.virtualbox.find_machine("vm").id)
    settings = machine.get_settings()
    for number, parent in ((1, 0), (2, 1), (4, 1), (3, 2)):
        settings.media.hard_disks.append(
            HardDisk(
                uuid=str(uuid.UUID(int=number)),
                location=str(tmp_path / f"{number}.vdi"),
                parent=str(uuid.UUID(int=parent)) if parent else "",
            )
        )
    machine.save_settings(settings)
    shell.check_golden("list-hdds-chain", shell.ok("list", "--long", "hdds"))


def test_media_are_not_encrypted(shell: Shell, tmp_path: Path) -> None:
    path = str(tmp_path / "a.vdi")
    shell.ok("createmedium", "--filename", path, "--size", "2")
    for words in (("encryptmedium", path, "--newpassword=-", "--cipher=AES-XTS256-PLAIN64"),
                  ("checkmediumpwd", path, "-")):  # fmt: skip
        ran = shell.run(*words)
        assert (ran.code, first_error(ran)) == (
            1, f"The medium '{path}' is not encrypted, and this version cannot encrypt media"
        )


def test_a_floppy_image_can_be_formatted(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "a.img"
    shell.ok("createmedium", "floppy", "--filename", str(path), "--sizebyte", "1474560",
             "--variant", "Fixed,Formatted")  # fmt: skip
    assert path.read_bytes()[510:512] == b"\x55\xaa"
    ran = shell.run("createmedium", "--filename", str(tmp_path / "x.vdi"), "--size", "2",
                    "--type", "odd")  # fmt: skip
    assert (ran.code, first_error(ran)) == (2, "Invalid medium type 'odd'")
    assert not (tmp_path / "x.vdi").exists()
