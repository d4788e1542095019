"""A desktop, an installation of its own, and a person's way through Vitrine's windows."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.api import connect
from app.api.errors import ApiError
from app.api.structs import MachineState
from tests.conftest import use_new_home, use_virtual_screen
from tests.e2e.desktop import Desktop, wait_until
from tests.e2e.guest import GREETING, write_guest

MANAGER = "Vitrine Manager"
STEPS = "190x400+0+0"
"""Where a wizard lists its steps; the present one is bold."""


class Vitrine:
    """Vitrine in the hands of a person, and a client that looks at what comes of it."""

    def __init__(self, desktop: Desktop, machines: Path) -> None:
        self.desktop = desktop
        self.machines = machines

    # ------------------------------------------------------------------ what a person does

    def start_manager(self, **environment: str) -> None:
        """Start the program and wait until its window shows the machines."""
        self.desktop.run(sys.executable, "-m", "app", **environment)
        self.desktop.settle(self.desktop.window(MANAGER))

    def menu(self, *keys: str) -> None:
        """Choose from the manager's menus by their underlined letters."""
        self.desktop.window(MANAGER)
        self.desktop.key(*keys)

    def start(self, name: str) -> int:
        """Start the selected machine and return its window when the guest is there."""
        self.menu("alt+m", "t", "n")
        window = self.desktop.window(vm_title(name, "Running"))
        self.wait_for_text(name, GREETING)
        return window

    def new_machine(self, name: str, iso: Path) -> None:
        """Go through the wizard."""
        desktop = self.desktop
        self.menu("ctrl+n")
        wizard = desktop.window("Create Virtual Machine")
        desktop.type(name)
        desktop.key("alt+i")
        desktop.type(str(iso))
        desktop.key("alt+t")
        desktop.type("Lin")
        desktop.key("Tab")
        desktop.press_until_changed(wizard, STEPS, "alt+n")
        desktop.key("alt+m")
        desktop.replace("32")
        desktop.press_until_changed(wizard, STEPS, "alt+n")
        desktop.key("alt+s")
        desktop.replace("24 MB")
        desktop.key("Tab")
        desktop.press_until_changed(wizard, STEPS, "alt+n")
        desktop.key("alt+f")
        desktop.gone("Create Virtual Machine")
        wait_until(lambda: self.memory_of(name) == 32, f"the machine {name}")

    def open_settings(self, name: str) -> None:
        """Open the settings of the selected machine and wait until they are there."""
        self.menu("ctrl+s")
        self.desktop.settle(self.desktop.window(f"{re.escape(name)} - Settings"))

    def go_to_setting(self, words: str) -> None:
        """Put the cursor into the first setting that the search box of the dialog finds."""
        self.desktop.key("ctrl+f")
        self.desktop.replace(words)
        self.desktop.key("Return")

    def power_off(self, name: str, state: str = "Running") -> None:
        """Close the window with the host key and choose to pull the plug."""
        self.desktop.window(vm_title(name, state))
        self.desktop.key("Control_R+q")
        dialog = self.desktop.window("Close Virtual Machine")
        # The choice follows when the button has come up again.
        self.desktop.settle(dialog)
        self.desktop.press_until_changed(dialog, "300x160+0+0", "alt+p")
        self.desktop.key("Return")
        self.wait_for_state(name, MachineState.POWERED_OFF)
        self.desktop.gone(f"{re.escape(name)} \\[.*")

    def pause(self, name: str) -> None:
        """Pause a machine without touching its window."""
        with connect(client_name="test") as api:
            api.console(self.info(name).id).pause()

    def resume(self, name: str) -> None:
        """Let it go on."""
        with connect(client_name="test") as api:
            api.console(self.info(name).id).resume()

    # ------------------------------------------------------------------ what comes of it

    def info(self, name: str):
        """What the service knows of a machine, None when there is none."""
        with connect(client_name="test") as api:
            return next((m for m in api.virtualbox.list_machines() if m.name == name), None)

    def memory_of(self, name: str) -> int:
        """MB; 0 when there is no such machine."""
        info = self.info(name)
        return info.memory_mb if info is not None else 0

    def settings(self, name: str):
        with connect(client_name="test") as api:
            return api.machine(self.info(name).id).get_settings()

    def wait_for_state(self, name: str, state: MachineState):
        def reached():
            info = self.info(name)
            return info if info is not None and info.state is state else None

        return wait_until(reached, f"{name} {state}")

    def screen_text(self, name: str) -> str:
        with connect(client_name="test") as api:
            try:
                return api.console(self.info(name).id).screen_text()
            except ApiError:
                return ""  # its process has not come up

    def wait_for_text(self, name: str, text: str) -> None:
        wait_until(lambda: text in self.screen_text(name), f"{text!r} on the screen of {name}")

    def service_pid(self) -> int:
        with connect(client_name="test") as api:
            return api.virtualbox.get_version().pid

    def power_off_everything(self) -> None:
        """Leave nothing behind."""
        with connect(client_name="test") as api:
            pids = [m.session_pid for m in api.virtualbox.list_machines() if m.session_pid]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def vm_title(name: str, state: str) -> str:
    """Regular expression for the title of a VM window."""
    return re.escape(f"{name} [{state}] - Vitrine")


@contextmanager
def open_desktop(folder):
    """Look after the windows of the virtual screen; skip where a tool is missing."""
    for tool in ("xdotool", "xprop", "openbox", "import"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    folder.mkdir()
    desktop = Desktop(folder)
    desktop.open()
    try:
        yield desktop
    finally:
        desktop.close()


@contextmanager
def install(desktop, machines):
    """Have machines in a folder of their own, and leave none of them running."""
    with connect(client_name="test") as api:
        # The default is in the home directory of the account, not below $HOME.
        api.virtualbox.set_system_properties(default_machine_folder=str(machines))
    vitrine = Vitrine(desktop, machines)
    try:
        yield vitrine
    finally:
        desktop.screenshot("last")
        vitrine.power_off_everything()


@pytest.fixture
def desktop(virtual_screen, tmp_path):
    with open_desktop(tmp_path / "screen") as desktop:
        yield desktop


@pytest.fixture
def vitrine(desktop, vitrine_home, tmp_path, firmware):
    with install(desktop, tmp_path / "machines") as vitrine:
        yield vitrine


@pytest.fixture
def iso(tmp_path):
    return write_guest(tmp_path / "guest.iso")


@contextmanager
def probe_window(factory, **options):
    """Run the probe in a VM window; the options are those of :class:`ProbeWindow`."""
    from tests.e2e.probe import ProbeWindow

    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        use_virtual_screen(monkeypatch)
        use_new_home(factory, monkeypatch)
        folder = factory.mktemp("p")
        desktop = stack.enter_context(open_desktop(folder / "screen"))
        vitrine = stack.enter_context(install(desktop, folder / "machines"))
        machine = ProbeWindow(vitrine, **options)
        stack.callback(machine.close)
        yield machine


@pytest.fixture(scope="module")
def machine(firmware, tmp_path_factory):
    """A VM window whose guest is the probe, for all tests of a module."""
    with probe_window(tmp_path_factory) as machine:
        yield machine
