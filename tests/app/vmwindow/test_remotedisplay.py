"""The remote display in the window: its switch, what it tells, and what it refuses."""

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console.events import RemoteDisplayChanged
from app.vmwindow.statusbar.kinds import IndicatorKind
from app.vrde.module import ServerInfo
from tests.app.vmwindow.test_window import find_box

SERVER = ServerInfo(port=5901, address="127.0.0.1")


def change(console, info, reason=""):
    console.remote_display.info = info
    console.tell(RemoteDisplayChanged(info.port if info is not None else -1, reason))


def test_it_stands_in_the_view_menu_after_recording(window):
    (menu,) = (a.menu() for a in window.menuBar().actions() if a.text() == "&View")
    texts = [action.text().replace("&", "") for action in menu.actions()]
    assert texts[texts.index("Recording") :][:3] == ["Recording", "Remote Display", "Menu Bar"]


def test_the_switch_asks_and_follows_what_others_do(window, console, qtbot):
    switch = window.action_set["VRDEServer"]
    assert not switch.isChecked()
    change(console, SERVER)
    qtbot.waitUntil(switch.isChecked)
    assert console.remote_display.asked == []
    assert "port 5901 at 127.0.0.1" in window.status.indicator(IndicatorKind.DISPLAY).toolTip()
    switch.trigger()
    qtbot.waitUntil(lambda: console.remote_display.asked == [False])
    change(console, None)
    switch.trigger()
    qtbot.waitUntil(lambda: console.remote_display.asked == [False, True])


def test_what_is_refused_is_told_and_the_switch_shows_what_is(window, console, qtbot):
    def refuse(*, enabled):
        raise ApiError(ErrorCode.E_INVALIDARG, "Anybody could come in.", "vrde")

    console.remote_display.request = refuse
    window.action_set["VRDEServer"].trigger()
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert find_box(window).text() == "Anybody could come in."
    assert not window.action_set["VRDEServer"].isChecked()


def test_it_says_why_it_is_disabled(window, console, qtbot):
    switch = window.action_set["VRDEServer"]
    console.remote_display.missing = "There is no such module."
    change(console, None)
    qtbot.waitUntil(lambda: not switch.isEnabled())
    assert switch.toolTip() == "There is no such module."
    console.remote_display.missing = ""
    change(console, None)
    qtbot.waitUntil(switch.isEnabled)
    console.set_state(MachineState.STUCK)
    qtbot.waitUntil(lambda: switch.toolTip() == "The machine is not switched on.")


def test_a_server_that_could_not_begin_is_told(window, console, qtbot):
    change(console, None, "No port is free.")
    qtbot.waitUntil(lambda: window.hint.text() == "No port is free.")
    assert not window.action_set["VRDEServer"].isChecked()
