"""What tests/conftest.py promises to all tests."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.settings.paths import config_folder
from tests.conftest import GUARD, pytest_runtest_setup
from tests.guest_images import GROUPS, GuestImages, GuestUnavailableError


def _builder(tmp_path, script):
    path = tmp_path / "build"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_configuration_folder_is_a_temporary_one(request):
    assert config_folder() not in request.config.stash[GUARD].real
    assert Path(config_folder()).is_relative_to(Path(os.environ["VITRINE_USER_HOME"]).parent)


def test_child_processes_use_the_folder_of_the_test(vitrine_home):
    program = "from app.settings.paths import config_folder; print(config_folder())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(vitrine_home)


def test_sockets_below_the_home_have_short_names(vitrine_home):
    assert len(str(vitrine_home / "vitrine-svc.socket")) < 100


def test_the_real_settings_are_out_of_reach(request):
    for folder in request.config.stash[GUARD].real:
        for attempt in (open, os.mkdir, os.remove):
            with pytest.raises(PermissionError, match="a test must not touch"):
                attempt(os.path.join(folder, "VirtualBox.xml"))
        with pytest.raises(PermissionError, match="a test must not touch"):
            os.mkdir(folder)


def test_a_guest_that_is_there_is_used_as_it_is(tmp_path):
    image = tmp_path / "ipxe.iso"
    image.write_bytes(b"guest")
    assert GuestImages(tmp_path, tmp_path / "no builder").path("ipxe.iso") == image


def test_without_recipes_the_reason_names_the_script(tmp_path):
    with pytest.raises(GuestUnavailableError, match="there is no .*nowhere to build it"):
        GuestImages(tmp_path / "guests", tmp_path / "nowhere").path("ipxe.iso")


def test_a_group_is_built_once(tmp_path):
    names = [name for name, group in GROUPS.items() if group == "tools"]
    files = " ".join(f'"$1/{name}"' for name in names)
    builder = _builder(tmp_path, f'[ "$2" = tools ] || exit 1\necho x >>{tmp_path}/calls\ntouch {files}')
    guests = GuestImages(tmp_path / "guests", builder)
    for name in names:
        assert guests.path(name).is_file()
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x\n"


def test_a_failed_build_is_told_and_not_repeated(tmp_path):
    script = f'echo x >>{tmp_path}/calls; touch "$1/linux-amd64.iso"; echo "no network"; exit 7'
    builder = _builder(tmp_path, script)
    guests = GuestImages(tmp_path / "guests", builder)
    for _ in range(2):
        with pytest.raises(GuestUnavailableError, match=r"failed \(exit 7\): no network"):
            guests.path("linux-amd64.iso")
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x\n"


def test_a_build_that_hangs_is_ended(tmp_path):
    guests = GuestImages(tmp_path / "guests", _builder(tmp_path, "sleep 30; sleep 30"), timeout=0.2)
    started = time.monotonic()
    with pytest.raises(GuestUnavailableError, match="took longer"):
        guests.path("ipxe.iso")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(("marker", "skipped"), [("guest", True), ("slow", False)])
def test_real_guests_stop_when_their_time_is_used_up(request, monkeypatch, marker, skipped):
    monkeypatch.setenv("VITRINE_GUEST_BUDGET", "0")
    item = SimpleNamespace(
        config=request.config, get_closest_marker=lambda name: name if name == marker else None
    )
    if not skipped:
        assert pytest_runtest_setup(item) is None
        return
    with pytest.raises(pytest.skip.Exception, match="the time for real guests is used up"):
        pytest_runtest_setup(item)


@pytest.mark.e2e
def test_the_virtual_screen_is_there(virtual_screen):
    done = subprocess.run(["xdotool", "getdisplaygeometry"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1280", "1024"]
    assert os.environ["DISPLAY"] == virtual_screen
