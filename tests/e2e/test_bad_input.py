"""What goes wrong outside of Vitrine is told in a sentence, through the real programs."""

from __future__ import annotations

import os
import resource
import signal
import sys

import pytest

from app.api import connect
from app.api.structs import MachineState
from tests.e2e.conftest import MANAGER, STEPS, vm_title
from tests.e2e.desktop import wait_until
from tests.e2e.guest import FAILED, WRITTEN

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

NAME = "First Light"
MIB = 1 << 20
NOTIFICATIONS = "250x120+630+25"
"""Where the manager tells what went wrong."""


@pytest.fixture
def created(vitrine, iso):
    """The machine exists, and the manager shows it."""
    vitrine.start_manager()
    vitrine.new_machine(NAME, iso)
    return vitrine


def refused_start(vitrine, desktop):
    """Start the machine and return the sentence with which that is refused."""
    manager = desktop.window(MANAGER)
    before = desktop.pixels(manager, NOTIFICATIONS)
    vitrine.menu("alt+m", "t", "n")
    wait_until(lambda: vitrine.info(NAME).last_error, "the refusal")
    wait_until(lambda: desktop.pixels(manager, NOTIFICATIONS) != before, "a notification")
    desktop.screenshot("refused")
    return vitrine.info(NAME).last_error


def test_a_machine_that_cannot_be_created(vitrine, desktop, tmp_path):
    (vitrine.machines / "Taken").mkdir(parents=True)
    vitrine.start_manager()
    vitrine.menu("ctrl+n")
    wizard = desktop.window("Create Virtual Machine")
    for name in ("a/b", "Taken"):
        before = desktop.pixels(wizard, STEPS)
        desktop.key("alt+a")
        desktop.replace(name)
        desktop.settle(wizard)
        desktop.key("alt+n")
        desktop.settle(wizard)
        assert desktop.pixels(wizard, STEPS) == before, name
    desktop.key("alt+a")
    desktop.replace("Fine")
    desktop.key("alt+i")
    desktop.type(str(tmp_path / "no-such.iso"))
    desktop.settle(wizard)
    before = desktop.pixels(wizard, STEPS)
    desktop.key("alt+n")
    desktop.settle(wizard)
    assert desktop.pixels(wizard, STEPS) == before
    desktop.screenshot("no-such-iso")
    desktop.key("Escape")
    desktop.gone("Create Virtual Machine")
    assert vitrine.info("Fine") is None


@pytest.mark.parametrize(
    ("offset", "content", "length", "words"),
    [
        (0x40, b"\0\0\0\0", None, "signature"),
        (None, b"", 300, "short"),
        (0x200, b"\xff\xff\x00\x00", None, "block map"),
    ],
    ids=["signature", "too-short", "block-map"],
)
def test_a_damaged_disk(created, desktop, offset, content, length, words):
    disk = created.machines / NAME / f"{NAME}.vdi"
    data = bytearray(disk.read_bytes())
    if offset == 0x200:
        offset = int.from_bytes(data[0x154:0x158], "little")  # where the block map begins
    if offset is not None:
        data[offset : offset + len(content)] = content
    disk.write_bytes(data[:length])
    sentence = refused_start(created, desktop)
    assert str(disk) in sentence
    assert words in sentence
    assert created.info(NAME).state is MachineState.POWERED_OFF


def test_settings_that_are_not_well_formed(created, desktop):
    path = created.machines / NAME / f"{NAME}.vbox"
    previous = path.with_name(path.name + "-prev")
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    created.menu("F5")
    # A service that knows the settings keeps them; the next one has to read them.
    wait_until(lambda: "damaged or removed" in all_machines()[0].last_error, "a warning")
    os.kill(created.service_pid(), signal.SIGKILL)
    # The settings before the last change are there, and the manager says that they are shown.
    wait_until(lambda: f"{previous} is used" in all_machines()[0].last_error, "a warning")
    desktop.screenshot("previous")
    previous.write_bytes(b"<VirtualBox")
    os.kill(created.service_pid(), signal.SIGKILL)
    wait_until(lambda: not all_machines()[0].accessible, "the machine to be inaccessible")
    assert str(path) in all_machines()[0].access_error
    desktop.screenshot("inaccessible")
    path.write_bytes(good)
    created.menu("F5")
    wait_until(lambda: all_machines()[0].accessible, "the machine to be accessible")


def all_machines():
    with connect(client_name="test") as api:
        return api.virtualbox.list_machines()


def test_firmware_that_is_missing(created, desktop, tmp_path):
    with connect(client_name="test") as api:
        missing = str(tmp_path / "no-bios.bin")
        api.virtualbox.set_system_properties(firmware_bios_path=missing)
    assert missing in refused_start(created, desktop)


def test_a_host_without_room(created, desktop):
    window = created.start(NAME)
    pid = created.info(NAME).session_pid
    disk = created.machines / NAME / f"{NAME}.vdi"
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (disk.stat().st_size + 4 * MIB, before[1]))
    desktop.click_middle(window)
    desktop.key("Return")
    desktop.window(f"{NAME} has been paused")
    desktop.see(vm_title(NAME, "Paused"))
    created.wait_for_state(NAME, MachineState.PAUSED)
    desktop.screenshot("full")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    desktop.window(f"{NAME} has been paused")
    desktop.key("alt+t")
    created.wait_for_text(NAME, WRITTEN)
    assert FAILED not in created.screen_text(NAME)
    created.power_off(NAME)


def test_wrong_options_of_the_program(desktop, vitrine):
    program = desktop.run(sys.executable, "-m", "app", "--startvm", "No such machine",
                          "--no-startvm-errormsgbox")  # fmt: skip
    assert program.wait(60) == 1
    output = (desktop.folder / "output-0.txt").read_text()
    assert "vitrine: error:" in output
    assert "No such machine" in output
