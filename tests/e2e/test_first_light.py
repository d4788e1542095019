"""The main job through the real windows: create a machine, start it, use it, put it away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from app.api.structs import MachineState
from tests.e2e.conftest import MANAGER, vm_title
from tests.e2e.desktop import wait_until
from tests.e2e.guest import WRITTEN

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

NAME = "First Light"


@pytest.fixture
def running(vitrine, iso):
    """The machine runs, with the manager beside it."""
    vitrine.start_manager()
    vitrine.new_machine(NAME, iso)
    vitrine.start(NAME)
    return vitrine


def test_new_start_type_pause_and_close(vitrine, desktop, iso):
    vitrine.start_manager()
    vitrine.new_machine(NAME, iso)
    folder = vitrine.machines / NAME
    assert (folder / f"{NAME}.vbox").is_file()
    assert (folder / f"{NAME}.vdi").is_file()
    settings = vitrine.settings(NAME)
    assert settings.hardware.memory_mb == 32
    assert "Linux" in settings.os_type_id or "linux" in settings.os_type_id.lower()

    window = vitrine.start(NAME)
    desktop.click_middle(window)
    desktop.type("hello, Vitrine 42")
    vitrine.wait_for_text(NAME, ">hello, Vitrine 42")
    desktop.key("Control_R")

    # Paused in the manager, resumed in the window, and the other way round.
    vitrine.menu("alt+m", "u")
    desktop.window(vm_title(NAME, "Paused"))
    vitrine.wait_for_state(NAME, MachineState.PAUSED)
    desktop.key("Control_R+p")
    desktop.see(vm_title(NAME, "Running"))
    vitrine.wait_for_state(NAME, MachineState.RUNNING)
    desktop.key("Control_R+p")
    desktop.see(vm_title(NAME, "Paused"))
    vitrine.wait_for_state(NAME, MachineState.PAUSED)
    vitrine.menu("alt+m", "u")
    desktop.window(vm_title(NAME, "Running"))
    desktop.type("!")
    vitrine.wait_for_text(NAME, "42!")

    vitrine.power_off(NAME)
    log = (folder / "Logs" / "VBox.log").read_text(encoding="utf-8")
    assert "Console: Machine state changed to 'PoweredOff'" in log
    assert str(iso) in log


def test_settings_preferences_and_removal(vitrine, desktop, iso, tmp_path):
    vitrine.start_manager()
    vitrine.new_machine(NAME, iso)
    vitrine.open_settings(NAME)
    vitrine.go_to_setting("name")
    desktop.replace("Second Light")
    vitrine.go_to_setting("base memory")
    desktop.replace("48")
    vitrine.go_to_setting("boot order")
    desktop.key("ctrl+Down")
    desktop.confirm(".* - Settings")
    wait_until(lambda: vitrine.info("Second Light"), "the new name")
    hardware = vitrine.settings("Second Light").hardware
    assert hardware.memory_mb == 48
    assert hardware.boot_order == ["DVD", "Floppy", "HardDisk", "None"]

    other = tmp_path / "elsewhere"
    vitrine.menu("ctrl+g")
    desktop.window("Preferences")
    desktop.key("alt+f")
    desktop.replace(str(other))
    desktop.confirm("Preferences")
    vitrine.new_machine("Third Light", iso)
    assert (other / "Third Light" / "Third Light.vdi").is_file()

    vitrine.menu("alt+m", "r")
    desktop.window("Remove Virtual Machines")
    desktop.confirm("Remove Virtual Machines", "alt+d")
    wait_until(lambda: vitrine.info("Third Light") is None, "the removal")
    wait_until(lambda: not (other / "Third Light").exists(), "the files to go")
    assert vitrine.info("Second Light") is not None
    assert iso.is_file()


def test_death_of_the_vm_process_loses_nothing(running, desktop):
    desktop.window(vm_title(NAME, "Running"))
    desktop.key("Return")
    disk = running.machines / NAME / f"{NAME}.vdi"
    wait_until(lambda: disk.stat().st_size > 6 << 20, "the guest to write")
    os.kill(running.info(NAME).session_pid, signal.SIGKILL)
    running.wait_for_state(NAME, MachineState.ABORTED)
    desktop.gone(vm_title(NAME, "Running"))
    check = subprocess.run(
        [sys.executable, "-m", "engine", "medium", "check", str(disk)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert check.returncode == 0, check.stdout + check.stderr

    running.start(NAME)
    desktop.key("Return")
    running.wait_for_text(NAME, WRITTEN)
    running.power_off(NAME)


def test_death_of_the_service_is_survived(running, desktop):
    before = running.service_pid()
    os.kill(before, signal.SIGKILL)
    running.wait_for_state(NAME, MachineState.RUNNING)
    assert running.service_pid() != before
    desktop.window(vm_title(NAME, "Running"))
    desktop.type("still here")
    running.wait_for_text(NAME, ">still here")
    # The manager has found the next service too.
    desktop.settle(desktop.window(MANAGER))
    desktop.key("alt+m", "u")
    running.wait_for_state(NAME, MachineState.PAUSED)
    running.power_off(NAME, "Paused")
