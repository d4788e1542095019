"""Places and names."""

import os
import sys
from pathlib import Path

import pytest

from app.settings import paths
from app.settings.errors import SettingsError

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="places of Linux")


def test_overrides() -> None:
    both = {"VITRINE_USER_HOME": "/v", "VBOX_USER_HOME": "/b", "XDG_CONFIG_HOME": "/x"}
    assert paths.config_folder(both) == "/v"
    del both["VITRINE_USER_HOME"]
    assert paths.config_folder(both) == "/b"


@linux_only
def test_places_on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert paths.config_folder({"XDG_CONFIG_HOME": "/x"}) == "/x/Vitrine"
    assert paths.config_folder({"HOME": "/home/u"}) == "/home/u/.config/Vitrine"
    relative = {"HOME": "/home/u", "XDG_CONFIG_HOME": "x"}
    assert paths.global_file_path(relative) == "/home/u/.config/Vitrine/VirtualBox.xml"
    assert paths.default_machine_folder({"HOME": "/home/u"}) == "/home/u/VirtualBox VMs"


@linux_only
def test_root_has_its_own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert paths.home_folder({"HOME": "/home/somebody"}) == pwd.getpwuid(0).pw_dir


@pytest.mark.parametrize("name", ["a", "Windows 10 (test)", "größer", "a.b", "x" * 220, "con2"])
def test_good_names(name: str) -> None:
    paths.check_machine_name(name)


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("", "needs a name"),
        ("a/b", "contains a slash"),
        ("a\\b", "contains a slash"),
        (".", "starts or ends with a dot"),
        ("..", "starts or ends with a dot"),
        (".hidden", "starts or ends with a dot"),
        ("end.", "starts or ends with a dot"),
        (" a", "starts or ends with a space"),
        ("a ", "starts or ends with a space"),
        (" ", "starts or ends with a space"),
        ("a\nb", r"control character U\+000A"),
        ("a\x7f", r"control character U\+007F"),
        ("a\ud800", r"control character U\+D800"),
        ("CON", "reserved"),
        ("lpt1.x", "reserved"),
        ("x" * 221, "221 bytes, at most 220"),
        ("ö" * 111, "222 bytes, at most 220"),
    ],
)
def test_bad_names(name: str, fact: str) -> None:
    with pytest.raises(SettingsError, match=fact):
        paths.check_machine_name(name)


def test_machine_path() -> None:
    assert paths.machine_path("box", "/vms") == "/vms/box/box.vbox"
    assert paths.machine_path("a:b", "/vms", "/g/h?") == "/vms/g/h_/a_b/a_b.vbox"
    with pytest.raises(SettingsError, match="must start with a slash"):
        paths.machine_path("box", "/vms", "g")
    with pytest.raises(SettingsError, match="starts or ends with a dot"):
        paths.machine_path("box", "/vms", "/../etc")


def test_existing_folder_is_refused(tmp_path: Path) -> None:
    path = paths.machine_path("box", str(tmp_path))
    paths.check_new_machine_folder(path)
    (tmp_path / "box").mkdir()
    with pytest.raises(SettingsError, match=r"box exists already"):
        paths.check_new_machine_folder(path)
