"""A machine from the wizard to its removal, by mouse and keyboard alone.

What comes of each step is asked of ``vitrine-manage``, a client of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import MANAGER, vm_title
from tests.e2e.desktop import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

NAME = "Whole Life"
CLONE = f"{NAME} Clone"
GROUP = "Workshop"
SNAPSHOT = "Just started"
TOOL_BAR = "600x70+260+25"
"""Where the manager has the buttons of the open tool."""
ROW_IN_GROUP = (140, 127)
"""Where the manager shows the first machine of the first group."""


def manage(*words: str) -> str:
    """Return what vitrine-manage prints."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", *words],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def registered() -> set[str]:
    """Return the names of the machines."""
    return set(re.findall(r'^"(.*)" \{[0-9a-f-]{36}\}$', manage("list", "vms"), re.MULTILINE))


def facts(name: str) -> dict[str, str]:
    """Return what is known of a machine, by VirtualBox's keys."""
    lines = manage("showvminfo", name, "--machinereadable").splitlines()
    pairs = (line.partition("=") for line in lines)
    return {key.strip('"'): value.strip('"') for key, _, value in pairs}


def hard_disks() -> int:
    """Return how many images of hard disks are registered."""
    return len(re.findall(r"^UUID:", manage("list", "hdds"), re.MULTILINE))


def wait_for_fact(name: str, key: str, value: str) -> None:
    wait_until(lambda: facts(name).get(key) == value, f"{key} of {name} to be {value}")


def create(vitrine, iso):
    vitrine.new_machine(NAME, iso)
    assert registered() == {NAME}
    known = facts(NAME)
    assert (known["VMState"], known["memory"], known["groups"]) == ("poweroff", "32", "/")
    assert str(iso) in known.values()


def group(vitrine):
    """Machine › Move to Group › [New]; the name is typed where the new group is."""
    vitrine.menu("alt+m", "g", "n")
    wait_for_fact(NAME, "groups", "/New group")
    vitrine.desktop.replace(GROUP)
    vitrine.desktop.key("Return")
    wait_for_fact(NAME, "groups", f"/{GROUP}")
    assert f'"/{GROUP}"' in manage("list", "groups").splitlines()


def configure(vitrine):
    vitrine.open_settings(NAME)
    vitrine.go_to_setting("description")
    vitrine.desktop.type("born in a test")
    vitrine.go_to_setting("base memory")
    vitrine.desktop.replace("48")
    vitrine.desktop.confirm(".* - Settings")
    wait_for_fact(NAME, "memory", "48")
    assert facts(NAME)["description"] == "born in a test"


def take_snapshot(vitrine):
    """In the Snapshots tool, of the running machine."""
    desktop = vitrine.desktop
    desktop.press_until_changed(desktop.window(MANAGER), TOOL_BAR, "alt+m", "l", "s")
    vitrine.menu("ctrl+shift+t")
    desktop.window(f"Take Snapshot of “{NAME}”")
    desktop.replace(SNAPSHOT)
    desktop.key("alt+d")
    desktop.type("by keyboard")
    desktop.confirm("Take Snapshot of .*", "alt+t")
    wait_for_fact(NAME, "CurrentSnapshotName", SNAPSHOT)
    wait_for_fact(NAME, "VMState", "running")
    assert facts(NAME)["SnapshotDescription"] == "by keyboard"


def clone(vitrine):
    desktop = vitrine.desktop
    desktop.window(MANAGER)
    vitrine.menu("ctrl+o")
    desktop.window(f"Clone Virtual Machine “{NAME}”")
    desktop.confirm("Clone Virtual Machine .*", "Return")
    wait_until(lambda: registered() == {NAME, CLONE}, "the clone")
    original, copy = facts(NAME), facts(CLONE)
    assert copy["UUID"] != original["UUID"]
    assert (copy["VMState"], copy["memory"], copy["groups"]) == ("poweroff", "48", f"/{GROUP}")
    assert "CurrentSnapshotName" not in copy
    assert Path(copy["CfgFile"]).is_file()


def remove(vitrine, name):
    """The selected machine with everything that belongs to it."""
    folder = Path(facts(name)["CfgFile"]).parent
    assert any(folder.glob("*.vdi"))
    vitrine.menu("alt+m", "r")
    vitrine.desktop.window("Remove Virtual Machines")
    vitrine.desktop.confirm("Remove Virtual Machines", "alt+d")
    wait_until(lambda: name not in registered(), f"the removal of {name}")
    wait_until(lambda: not folder.exists(), f"the files of {name} to go")


def test_a_machine_lives_and_goes(vitrine, desktop, iso):
    vitrine.start_manager()
    create(vitrine, iso)
    group(vitrine)
    desktop.key("Down")  # from the group to the machine in it
    configure(vitrine)

    vitrine.start(NAME)
    assert f'"{NAME}"' in manage("list", "runningvms")
    wait_for_fact(NAME, "VMState", "running")
    take_snapshot(vitrine)
    desktop.window(vm_title(NAME, "Running"))
    vitrine.power_off(NAME)
    wait_for_fact(NAME, "VMState", "poweroff")

    clone(vitrine)
    # The clone is selected since it came into the list.
    remove(vitrine, CLONE)
    assert registered() == {NAME}
    assert hard_disks() == 2  # its disk, and the image with what came after the snapshot
    desktop.click(desktop.window(MANAGER), *ROW_IN_GROUP)
    remove(vitrine, NAME)
    assert hard_disks() == 0
    assert not any(path.is_file() for path in vitrine.machines.rglob("*"))
    assert iso.is_file()
