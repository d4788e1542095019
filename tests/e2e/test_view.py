"""Modes and detaching of a VM window on a real desktop; recording of a real guest."""

from __future__ import annotations

import sys

import pytest

from app.api import connect
from app.api.structs import MachineState
from tests.e2e.conftest import vm_title
from tests.e2e.desktop import wait_until
from tests.e2e.guest import GREETING

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

NAME = "View"


def command(desktop, *words):
    """Run vitrine-manage and wait until it has done its work."""
    assert desktop.run(sys.executable, "-m", "app.cli", *words).wait(120) == 0


@pytest.fixture
def detachable(vitrine, desktop, iso):
    """The machine runs in a window that may be closed."""
    command(desktop, "createvm", "--name", NAME, "--ostype", "Linux", "--register")
    command(desktop, "modifyvm", NAME, "--memory", "32")
    command(desktop, "storagectl", NAME, "--name", "IDE", "--add", "ide")
    command(desktop, "storageattach", NAME, "--storagectl", "IDE", "--port", "1", "--device", "0",
            "--type", "dvddrive", "--medium", str(iso))  # fmt: skip
    command(desktop, "startvm", NAME, "--type", "separate")
    vitrine.wait_for_text(NAME, GREETING)
    desktop.settle(desktop.window(vm_title(NAME, "Running")))
    return vitrine


def show(vitrine):
    with connect(client_name="test") as api:
        api.machine(vitrine.info(NAME).id).show_window()


def test_a_machine_goes_on_without_its_window(detachable, desktop):
    desktop.key("Control_R+q")
    desktop.confirm("Close Virtual Machine")  # the first choice is to go on in the background
    desktop.gone(vm_title(NAME, "Running"))
    assert detachable.info(NAME).state is MachineState.RUNNING
    with connect(client_name="test") as api:
        console = api.console(detachable.info(NAME).id)
        console.put_scancodes([0x23, 0xA3])  # h
    detachable.wait_for_text(NAME, ">h")
    show(detachable)
    desktop.settle(desktop.window(vm_title(NAME, "Running")))
    desktop.type("i")
    detachable.wait_for_text(NAME, ">hi")


def test_full_screen_fills_the_monitor_and_gives_it_back(detachable, desktop):
    window = desktop.window(vm_title(NAME, "Running"))
    before = desktop.size(window)
    desktop.key("Control_R+f")
    desktop.window("Vitrine")
    desktop.key("alt+s")
    wait_until(lambda: desktop.size(window) == desktop.size(None), "the whole monitor")
    desktop.window(vm_title(NAME, "Running"))
    desktop.type("full")
    detachable.wait_for_text(NAME, ">full")
    desktop.key("Control_R+f")
    wait_until(lambda: desktop.size(window) == before, "the window")
    command(desktop, "controlvm", NAME, "poweroff")
    detachable.wait_for_state(NAME, MachineState.POWERED_OFF)
    extra = detachable.settings(NAME).extra_data
    assert extra["GUI/LastNormalWindowPosition"].endswith(f",{before[0]},{before[1]}")
    assert "GUI/Fullscreen" not in extra


def test_the_screen_is_recorded(detachable, desktop):
    av = pytest.importorskip("av")
    command(desktop, "controlvm", NAME, "recording", "start")
    desktop.window(vm_title(NAME, "Running"))
    desktop.type("cut")
    detachable.wait_for_text(NAME, ">cut")
    command(desktop, "controlvm", NAME, "recording", "stop")
    film = detachable.machines / NAME / f"{NAME}-screen0.webm"
    with av.open(str(film)) as container:
        pictures = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert pictures[-1].shape == (768, 1024)
    assert pictures[-1].max() > 120
