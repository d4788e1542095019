"""Machines of an installed VirtualBox."""

import sys
from pathlib import Path

import pytest

from app.settings.errors import SettingsError
from app.settings.importing import foreign_machines, virtualbox_folders
from tests.app.settings import examples

OTHER = "99999999-2222-3333-4444-555555555555"


def registry(folder: Path, *entries: tuple[str, str]) -> None:
    folder.mkdir(parents=True)
    lines = "".join(f'<MachineEntry uuid="{{{uuid}}}" src="{src}"/>' for uuid, src in entries)
    (folder / "VirtualBox.xml").write_text(
        '<VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-linux"><Global>'
        f"<MachineRegistry>{lines}</MachineRegistry></Global></VirtualBox>"
    )


def snapshot_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    machine = tmp_path / "vms" / "box" / "box.vbox"
    machine.parent.mkdir(parents=True)
    machine.write_text(examples.V1_12, encoding="utf-8")
    folder = tmp_path / "vb"
    registry(
        folder,
        (examples.UUID, str(machine)),
        (OTHER, str(tmp_path / "gone" / "gone.vbox")),
        (examples.DISK, "../vms/box/box.vbox"),
    )
    return folder


def test_machines_are_offered_and_nothing_is_written(installed: Path, tmp_path: Path) -> None:
    before = snapshot_of(tmp_path)
    own = str(tmp_path / "own" / "VirtualBox.xml")
    good, gone, wrong = foreign_machines(own, {"VBOX_USER_HOME": str(installed)})
    assert (good.uuid, good.name, good.os_type_id, good.problem) == (
        examples.UUID, "b\u00f6x", "DOS", ""
    )
    assert Path(good.path).samefile(tmp_path / "vms" / "box" / "box.vbox")
    assert (gone.name, gone.uuid) == ("gone", OTHER)
    assert "gone.vbox does not exist" in gone.problem
    assert Path(wrong.path) == tmp_path / "vms" / "box" / "box.vbox"
    assert f"holds the machine {examples.UUID}" in wrong.problem
    assert snapshot_of(tmp_path) == before


def test_the_own_registry_is_left_out(installed: Path) -> None:
    environ = {"VBOX_USER_HOME": str(installed)}
    assert foreign_machines(str(installed / "VirtualBox.xml"), environ) == []


def test_no_virtualbox_at_all(tmp_path: Path) -> None:
    assert foreign_machines("/own", {"VBOX_USER_HOME": str(tmp_path / "none")}) == []


def test_a_damaged_registry_is_told(tmp_path: Path) -> None:
    (tmp_path / "VirtualBox.xml").write_text("<VirtualBox")
    with pytest.raises(SettingsError, match="not well-formed"):
        foreign_machines("/own", {"VBOX_USER_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, ["/home/me/.config/VirtualBox", "/home/me/.VirtualBox"]),
        ("linux", {"XDG_CONFIG_HOME": "/cfg"}, ["/cfg/VirtualBox", "/home/me/.VirtualBox"]),
        ("sunos5", {"XDG_CONFIG_HOME": "relative"},
         ["/home/me/.config/VirtualBox", "/home/me/.VirtualBox"]),
        ("darwin", {}, ["/home/me/Library/VirtualBox"]),
        ("win32", {"USERPROFILE": "/users/me"}, ["/users/me/.VirtualBox"]),
        ("linux", {"VBOX_USER_HOME": "/elsewhere"}, ["/elsewhere"]),
    ],
)
def test_places(
    monkeypatch: pytest.MonkeyPatch, platform: str, environ: dict[str, str], expected: list[str]
) -> None:
    monkeypatch.setattr("app.settings.importing.home_folder", lambda _: "/home/me")
    monkeypatch.setattr(sys, "platform", platform)
    assert virtualbox_folders(environ) == expected


def test_both_places_of_linux(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that both registries name is offered once."""
    home = tmp_path / "home"
    (home / ".config").mkdir(parents=True)
    installed.rename(home / ".VirtualBox")
    registry(home / ".config" / "VirtualBox", (OTHER, "/nowhere/new.vbox"))
    monkeypatch.setattr("app.settings.importing.home_folder", lambda _: str(home))
    monkeypatch.setattr(sys, "platform", "linux")
    found = foreign_machines("/own", {})
    assert [each.name for each in found] == ["new", "b\u00f6x", "box"]
