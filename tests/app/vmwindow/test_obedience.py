"""A machine's window obeys the preferences, now and when they change."""

import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QApplication

from app.api.structs import MachineState
from app.common.hostkeys import ModifierKey
from app.common.preferences import GuestLimit, GuestScreenLimit, InterfacePreferences
from app.vmwindow.obedience import Obedience
from app.vmwindow.view.virtualscreen import VirtualScreenMenu


@pytest.fixture
def obedience(window):
    return Obedience(window, InterfacePreferences())


def test_host_key_combination(window, obedience):
    assert window.status.host_key.text() == "Right Ctrl"
    obedience.obey(InterfacePreferences(host_keys=frozenset({ModifierKey.LEFT_ALT})))
    assert window.keyboard.host_key.label == "Left Alt"
    assert window.status.host_key.text() == "Left Alt"
    obedience.obey(InterfacePreferences(host_keys=frozenset()))
    assert window.keyboard.host_key.keys == frozenset()


def test_shortcuts(window, obedience):
    obedience.obey(InterfacePreferences(machine_shortcuts={"Pause": "F9", "Reset": ""}))
    assert not window.action_set.trigger_host_key(Qt.Key.Key_R.value)
    assert not window.action_set.trigger_host_key(Qt.Key.Key_P.value)
    assert window.action_set["Pause"].text().endswith("\tHost+F9")
    assert "\t" not in window.action_set["Reset"].text()
    obedience.obey(InterfacePreferences())
    assert window.action_set["Reset"].text().endswith("\tHost+R")


def test_auto_capture_of_the_machine_wins(window, obedience):
    obedience.obey(InterfacePreferences(auto_capture=False))
    assert not window.capture.auto_capture_keyboard
    assert not window.action_set["AutoCaptureKeyboard"].isChecked()
    window.preferences.auto_capture = True
    obedience.obey()
    assert window.capture.auto_capture_keyboard


def test_scale_factor_of_the_machine_wins(window, obedience):
    obedience.obey(InterfacePreferences(guest_scale_percent=150))
    assert window.screen_widget.scale_factor == 1.5
    window.view.set_scale_factor(1.0)
    obedience.obey(InterfacePreferences(guest_scale_percent=200))
    assert window.screen_widget.scale_factor == 1.0


def test_screens_of_guests_are_limited(window, obedience, console, qtbot):
    wishes = []
    console.display.hints_heard = lambda: True
    console.display.hint_size = lambda width, height: wishes.append((width, height))
    console.vm.post = lambda function: SimpleNamespace(result=lambda _timeout: function())
    limit = GuestScreenLimit(GuestLimit.SIZE, (800, 600))
    obedience.obey(InterfacePreferences(guest_limit=limit))
    menu = window.findChild(VirtualScreenMenu)
    menu.fill()
    sizes = {action.text(): action for action in menu.parent().actions()}
    assert sizes["Resize to 800x600"].isEnabled()
    assert not sizes["Resize to 1024x768"].isEnabled()
    assert "800x600" in sizes["Resize to 1024x768"].toolTip()
    window.resize(1400, 1200)
    qtbot.waitUntil(lambda: (800, 600) in wishes)
    obedience.obey(InterfacePreferences(guest_limit=GuestScreenLimit(GuestLimit.NONE)))
    assert window.view.largest_guest() == QSize(16384, 16384)
    obedience.obey(InterfacePreferences())
    assert window.view.largest_guest() == window.screen().size()


def test_window_under_the_pointer_comes_to_the_front(window, obedience, monkeypatch):
    raised = []
    monkeypatch.setattr(window, "activateWindow", lambda: raised.append(True))
    QApplication.sendEvent(window, QEvent(QEvent.Type.Enter))
    assert raised == []
    obedience.obey(InterfacePreferences(raise_hovered=True))
    QApplication.sendEvent(window, QEvent(QEvent.Type.Enter))
    assert raised == [True]


def test_screen_saver_rests_while_the_machine_runs(window, obedience, monkeypatch):
    asked = []
    monkeypatch.setattr(obedience.screen_saver, "set_inhibited", asked.append)
    obedience.obey(InterfacePreferences(no_screen_saver=True))
    assert asked[-1] == (window.console.state is MachineState.RUNNING)
    obedience.obey(InterfacePreferences(no_screen_saver=False))
    assert asked[-1] is False


_ON_A_BUS = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from app.vmwindow.screensaver import ScreenSaverInhibitor
application = QCoreApplication(sys.argv)
inhibitor = ScreenSaverInhibitor("A virtual machine is running.")
inhibitor.set_inhibited(True)
QTimer.singleShot(500, application.quit)
application.exec()
inhibitor.set_inhibited(False)
"""


@pytest.mark.skipif(
    shutil.which("dbus-run-session") is None, reason="dbus-run-session is not installed"
)
def test_the_desktop_is_asked_over_its_bus(tmp_path):
    script = tmp_path / "ask.py"
    script.write_text(_ON_A_BUS)
    log = tmp_path / "bus.log"
    command = (
        f"dbus-monitor --session \"interface='org.freedesktop.ScreenSaver'\" > {log} & "
        f"sleep 0.3; {sys.executable} {script}; sleep 0.3; kill $!"
    )
    subprocess.run(["dbus-run-session", "--", "sh", "-c", command], check=True, timeout=60)
    text = log.read_text()
    assert "member=Inhibit" in text
    assert "A virtual machine is running." in text
