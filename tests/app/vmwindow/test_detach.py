"""A window that may be closed while its machine goes on."""

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox

from app.api.structs import MachineState
from app.console.events import RuntimeErrorRaised, ShowWindowRequested
from app.vmwindow.close_dialog import CloseAction, CloseDialog
from app.vmwindow.view.settings import ViewMode
from app.vmwindow.window import VmWindow
from tests.app.vmwindow.fakes import pattern


@pytest.fixture
def detachable(qtbot, console):
    window = VmWindow(console, detachable=True)
    qtbot.addWidget(window, before_close_func=lambda w: (w.stop(), console.set_state(MachineState.POWERED_OFF)))
    console.start()
    window.machine_started()
    qtbot.waitUntil(lambda: not window.screen_widget.guest_size.isEmpty())
    yield window
    console.state = MachineState.POWERED_OFF


def visible(window, kind):
    return [box for box in window.findChildren(kind) if box.isVisible()]


def test_closing_may_leave_the_machine_running(detachable, console, qtbot):
    detachable.close()
    (dialog,) = visible(detachable, CloseDialog)
    dialog.button(CloseAction.DETACH).setChecked(True)
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    assert detachable.isHidden()
    assert console.state is MachineState.RUNNING
    assert console.calls == []
    console.tell(ShowWindowRequested())
    qtbot.waitUntil(detachable.isVisible)
    assert detachable.preferences.last_close_action is CloseAction.DETACH


def test_a_hidden_window_rests_and_catches_up(detachable, console, qtbot):
    detachable.action_set["Detach"].trigger()
    assert detachable.isHidden()
    shown = detachable._frames_shown
    console.display.show(pattern(512, 300))
    qtbot.wait(300)
    assert detachable._frames_shown <= shown + 1
    console.tell(ShowWindowRequested())
    qtbot.waitUntil(lambda: detachable.screen_widget.guest_size.toTuple() == (512, 300))


def test_full_screen_comes_back_as_full_screen(detachable, console, qtbot):
    detachable.view.switch(ViewMode.FULLSCREEN)
    detachable.detach()
    console.tell(ShowWindowRequested())
    qtbot.waitUntil(detachable.isVisible)
    assert detachable.isFullScreen()
    assert detachable.view.mode is ViewMode.FULLSCREEN


def test_trouble_is_told_to_whoever_opens_the_window_again(detachable, console, qtbot):
    detachable.detach()
    console.set_state(MachineState.PAUSED)
    console.tell(RuntimeErrorRaised("DiskFull", "The disk is full.", fatal=False))
    qtbot.wait(100)
    assert not visible(detachable, QMessageBox)
    console.tell(ShowWindowRequested())
    qtbot.waitUntil(lambda: [box.text() for box in visible(detachable, QMessageBox)] == ["The disk is full."])


def test_a_window_of_its_own_machine_cannot_be_left(window):
    action = window.action_set["Detach"]
    assert not action.isEnabled()
    assert "Detachable Start" in action.toolTip()
    window.close()
    (dialog,) = visible(window, CloseDialog)
    assert CloseAction.DETACH not in dialog._choices
