"""A real service in a home of its own for every test, and the manager's objects connected to it."""

import contextlib
import gc
import os
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from app.api import ApiError, connect
from app.api.qtclient import QtClient
from app.common.collector import GuiThreadCollector
from app.manager.notifications.center import Kind
from app.manager.service_link import ServiceLink
from app.manager.window import ManagerWindow

STAND_IN_VM = Path(__file__).with_name("stand_in_vm.py")
WAIT_MS = 30_000


@pytest.fixture(scope="session", autouse=True)
def _collector(qapp):
    """As the program does: other threads destroy no widgets."""
    collector = GuiThreadCollector(qapp)
    yield
    collector.deleteLater()
    gc.enable()


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("VITRINE_USER_HOME", str(folder / "config"))
    monkeypatch.setenv("VITRINE_SVC_IDLE", "0.2")
    monkeypatch.setenv("VITRINE_SVC_VM_COMMAND", f"{sys.executable} {STAND_IN_VM}")
    return folder


@pytest.fixture
def api(home):
    """A second client, with which tests arrange machines and look at what the manager did."""
    with connect(client_name="test") as client:
        # The default is in the home directory of the account, not below $HOME.
        client.virtualbox.set_system_properties(default_machine_folder=str(home / "machines"))
        yield client
        try:
            power_off_all(client)
        except ApiError:  # The test has ended this client's service; machines outlive it.
            with connect(client_name="test") as successor:
                power_off_all(successor)


def power_off_all(client):
    """Whatever a test leaves running would start services for ever."""
    for machine in client.virtualbox.list_machines():
        if machine.state.is_online:
            with contextlib.suppress(ApiError):
                client.console(machine.id).power_off()


@pytest.fixture
def machine_folder(api):
    return Path(api.virtualbox.get_system_properties().default_machine_folder)


@pytest.fixture
def link(api, qtbot):
    client = QtClient()
    service_link = ServiceLink(client)
    with qtbot.waitSignals(
        [
            service_link.machines_loaded,
            service_link.os_types_loaded,
            service_link.properties_changed,
        ],
        timeout=WAIT_MS,
    ):
        client.start()
    yield service_link
    client.close()


@pytest.fixture
def window(link, qtbot):
    manager = ManagerWindow(link)
    qtbot.addWidget(manager)
    link.reload()
    manager._on_connection_changed(True, "")
    manager.show()
    qtbot.waitExposed(manager)
    return manager


@pytest.fixture
def errors(window):
    """Wait for an error in the notification centre and return its title and text."""

    def told():
        return [n for n in window.notifications.notifications() if n.kind is Kind.ERROR]

    def wait_for(wait_until):
        wait_until(lambda: bool(told()))
        return told()[-1]

    return wait_for


@pytest.fixture
def wait_until(qtbot):
    """Let the event loop run until the condition holds."""

    def wait(condition, timeout=WAIT_MS):
        qtbot.waitUntil(condition, timeout=timeout)

    return wait


@pytest.fixture
def show(qtbot):
    """Show a dialog that deletes itself when it closes; whatever is left is closed at the end."""
    shown = []

    def show_dialog(dialog):
        shown.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield show_dialog
    for dialog in shown:
        if isValid(dialog):
            dialog.close()


@pytest.fixture
def dialog_of_class(wait_until):
    """Wait for a visible top-level dialog of a class, and return it."""

    def find(dialog_class):
        def visible():
            return [
                widget
                for widget in QApplication.topLevelWidgets()
                if isinstance(widget, dialog_class) and widget.isVisible()
            ]

        wait_until(lambda: bool(visible()))
        return visible()[-1]

    return find
