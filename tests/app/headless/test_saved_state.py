"""A machine is saved, killed, saved by a signal and restored, by processes and the real engine."""

from __future__ import annotations

import os
import re
import signal
import time

import pytest

from tests.app.headless.test_script import boot_floppy, manage  # noqa: F401 - fixtures
from tests.app.service.fixtures import home  # noqa: F401 - fixture


@pytest.fixture
def box(manage, boot_floppy, tmp_path):  # noqa: F811
    """A machine that shows each key that is typed."""
    manage("createvm", "--name", "box", "--ostype", "Other", "--register",
           "--basefolder", str(tmp_path / "vms"))  # fmt: skip
    manage("modifyvm", "box", "--memory", "64", "--boot1", "floppy")
    manage("storagectl", "box", "--name", "Floppy", "--add", "floppy")
    manage("storageattach", "box", "--storagectl", "Floppy", "--port", "0", "--device", "0",
           "--type", "fdd", "--medium", str(boot_floppy))  # fmt: skip
    return tmp_path / "vms" / "box"


def state_files(folder):
    snapshots = folder / "Snapshots"
    return list(snapshots.glob("*")) if snapshots.exists() else []


def start(manage):  # noqa: F811
    manage("startvm", "box", "--type", "headless")


def type_key(manage, *codes):  # noqa: F811
    manage("controlvm", "box", "keyboardputscancode", *codes)


def settle(manage, wanted):  # noqa: F811
    end = time.monotonic() + 30
    while (state := manage.machine_state("box")) != wanted:
        assert time.monotonic() < end, state
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_a_guest_goes_on_where_it_was(manage, box):  # noqa: F811
    start(manage)
    manage.wait_for_screen("box", "READY")
    type_key(manage, "1e", "9e")
    manage.wait_for_screen("box", "READY [a]")
    done = manage.run("controlvm", "box", "savestate")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("0%...")
    assert done.stderr.endswith("100%\n")
    assert manage.machine_state("box") == "saved"
    (file,) = state_files(box)
    assert f'VMStateFile="{file}"' in manage("showvminfo", "box", "--machinereadable")
    assert "stateFile=" in (box / "box.vbox").read_text()

    start(manage)
    manage.wait_for_screen("box", "READY [a]")
    type_key(manage, "30", "b0")
    manage.wait_for_screen("box", "READY [a][b]")
    assert state_files(box) == []
    assert "stateFile" not in (box / "box.vbox").read_text()
    manage("controlvm", "box", "pause")
    manage("controlvm", "box", "savestate")
    start(manage)
    manage.wait_for_screen("box", "READY [a][b]")

    manage("controlvm", "box", "savestate")
    manage("discardstate", "box")
    assert manage.machine_state("box") == "poweroff"
    assert state_files(box) == []
    start(manage)
    manage.wait_for_screen("box", "READY")


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_a_signal_saves_and_a_kill_aborts(manage, box):  # noqa: F811
    start(manage)
    manage.wait_for_screen("box", "READY")
    log = (box / "Logs" / "VBox.log").read_text()
    pid = int(re.search(r"Process ID: (\d+)", log)[1])
    os.kill(pid, signal.SIGTERM)
    settle(manage, "saved")
    (file,) = state_files(box)
    good = file.read_bytes()

    file.write_bytes(good[: len(good) // 2])
    assert "damaged" in manage.fails("startvm", "box", "--type", "headless")
    assert manage.machine_state("box") == "aborted-saved"
    file.write_bytes(good)
    start(manage)
    manage.wait_for_screen("box", "READY")
    log = (box / "Logs" / "VBox.log").read_text()
    os.kill(int(re.search(r"Process ID: (\d+)", log)[1]), signal.SIGKILL)
    settle(manage, "aborted")


@pytest.mark.slow
@pytest.mark.usefixtures("firmware")
def test_a_changed_machine_is_told_what_differs(manage, box):  # noqa: F811
    start(manage)
    manage.wait_for_screen("box", "READY")
    manage("controlvm", "box", "savestate")
    refused = manage.fails("modifyvm", "box", "--memory", "128")
    assert "Base Memory" in refused
    assert "saved" in refused
    manage("modifyvm", "box", "--description", "It may be described.")
    # Another program may do what this one does not allow.
    text = (box / "box.vbox").read_text()
    assert 'RAMSize="64"' in text
    (box / "box.vbox").write_text(text.replace('RAMSize="64"', 'RAMSize="128"'))
    end = time.monotonic() + 30
    while "memory=128" not in manage("showvminfo", "box", "--machinereadable"):
        assert time.monotonic() < end
        time.sleep(0.2)
    said = manage.fails("startvm", "box", "--type", "headless")
    assert "The machine has 128 MB of memory, the saved one 64 MB." in said
