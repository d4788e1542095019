"""Capture of the mouse, and motion made from positions."""


import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from app.api.structs import MachineState
from app.console import events
from app.vmwindow.integration import guest_position
from app.vmwindow.mouse import RelativeMotion, guest_buttons
from app.vmwindow.screen.placement import Placement
from app.vmwindow.statusbar.kinds import IndicatorKind

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def test_five_buttons():
    B = Qt.MouseButton
    assert guest_buttons(B.NoButton) == 0
    assert guest_buttons(B.LeftButton | B.MiddleButton) == 0b101
    assert guest_buttons(B.RightButton | B.BackButton | B.ForwardButton) == 0b11010


def test_motion_adds_up_across_a_warp():
    motion = RelativeMotion()
    motion.start(QPoint(100, 100))
    assert motion.move(QPoint(110, 95)) == QPoint(10, -5)
    motion.warp(QPoint(500, 500))
    assert motion.warping
    # Still on its way before the warp took effect, then seen behind it.
    assert motion.move(QPoint(112, 95)) == QPoint(2, 0)
    assert motion.move(QPoint(503, 501)) == QPoint(3, 1)
    assert not motion.warping
    assert motion.move(QPoint(503, 502)) == QPoint(0, 1)


@pytest.fixture
def screen(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window.screen_widget


def wheel(screen, x=0, y=0):
    position = QPointF(5, 5)
    event = QWheelEvent(
        position, QPointF(screen.mapToGlobal(position.toPoint())), QPoint(), QPoint(x, y),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    screen.wheelEvent(event)


def test_a_click_captures_and_is_not_the_guests(screen, window, console):
    QTest.mouseClick(screen, LEFT, pos=QPoint(50, 50))
    assert screen.mouse.captured
    assert console.mouse == []
    assert screen.cursor().shape() is Qt.CursorShape.BlankCursor
    assert window.hint.isVisible()
    assert "Right Ctrl" in window.hint.text()
    indicator = window.status.indicator(IndicatorKind.MOUSE)
    assert indicator.icon_name == "mouse-captured"
    assert "The mouse is captured by the guest." in indicator.accessibleDescription()


def test_the_capture_is_explained_once_and_can_be_silenced(screen, window, console, qtbot):
    screen.mouse.capture()
    assert "Press Right Ctrl" in window.hint.text()
    screen.mouse.release()
    screen.mouse.capture()
    assert not window.hint.isVisible()
    assert "Right Ctrl" in window.status.currentMessage()
    screen.mouse.release()
    explain = window.mouse_menu.explain_action
    explain.trigger()
    qtbot.waitUntil(lambda: console.stored.get("GUI/SuppressMessages") == "confirmInputCapture")
    explain.trigger()
    qtbot.waitUntil(lambda: console.stored.get("GUI/SuppressMessages") == "")
    screen.mouse.capture()
    assert window.hint.isVisible()


def test_silenced_explanations_stay_away(window, console):
    console.settings.extra_data["GUI/SuppressMessages"] = "all"
    window.machine_started()
    window.screen_widget.mouse.capture()
    assert not window.hint.isVisible()
    assert not window.mouse_menu.explain_action.isChecked()


def policy(window, number):
    list(window.mouse_menu._policies.values())[number].trigger()


def test_capture_with_the_host_key_only(screen, window, console, qtbot):
    policy(window, 1)
    qtbot.waitUntil(lambda: console.stored.get("GUI/MouseCapturePolicy") == "HostComboOnly")
    QTest.mouseClick(screen, LEFT, pos=QPoint(50, 50))
    assert not screen.mouse.captured
    window.capture.release()
    window.capture.toggle()
    assert screen.mouse.captured


def test_never_captured(screen, window, console, qtbot):
    policy(window, 2)
    qtbot.waitUntil(lambda: console.stored.get("GUI/MouseCapturePolicy") == "Disabled")
    assert not window.action_set["CaptureMouse"].isEnabled()
    assert window.action_set["CaptureMouse"].toolTip().endswith(".")
    QTest.mouseClick(screen, LEFT, pos=QPoint(50, 50))
    window.capture.release()
    window.capture.toggle()
    assert not screen.mouse.captured
    assert window.capture.keyboard_captured
    policy(window, 0)
    qtbot.waitUntil(lambda: console.stored.get("GUI/MouseCapturePolicy") == "")
    assert window.action_set["CaptureMouse"].isEnabled()


def test_the_policy_is_remembered(window, console):
    console.settings.extra_data["GUI/MouseCapturePolicy"] = "HostComboOnly"
    window.machine_started()
    assert window.capture.mouse_policy == "HostComboOnly"
    console.settings.extra_data["GUI/MouseCapturePolicy"] = "Sometimes"
    window.machine_started()
    assert window.capture.mouse_policy == "Default"


def test_integration_says_why_not(window, console):
    integration = window.mouse_menu.integration_action
    assert not integration.isEnabled()
    assert "Integration needs a USB tablet" in integration.toolTip()
    console.settings.hardware.pointing_device = "USBTablet"
    window.mouse_menu.machine_started()
    assert "does not listen to its tablet" in integration.toolTip()


def listen(window, console, absolute, qtbot):
    console.takes_absolute = absolute
    console.tell(events.PointingChanged(absolute))
    action = window.mouse_menu.integration_action
    qtbot.waitUntil(lambda: action.isEnabled() == absolute)


def test_positions_are_scaled_over_the_picture():
    spot = Placement(x=10, y=20, width=1001, height=501, guest_width=100, guest_height=50)
    for point, position in (
        ((10, 20), (0, 0)), ((1010, 520), (32767, 32767)), ((510, 270), (16384, 16384)),
        ((0, 900), (0, 32767)),
    ):
        assert guest_position(QPointF(*point), spot) == position
    assert guest_position(QPointF(5, 5), Placement()) == (0, 0)


def test_a_guest_with_a_tablet_follows_the_pointer(screen, window, console, qtbot):
    listen(window, console, True, qtbot)
    assert screen.cursor().shape() is Qt.CursorShape.BlankCursor
    spot = screen._placement
    QTest.mouseMove(screen, QPoint(spot.x + spot.width - 1, spot.y))
    qtbot.waitUntil(lambda: console.positions[-1:] == [(32767, 0, 0, 0, 0)])
    middle = QPoint(spot.x, spot.y + spot.height - 1)
    QTest.mousePress(screen, LEFT, pos=middle)
    assert console.positions[-1] == (0, 32767, 0, 0, 1)
    assert not screen.mouse.captured
    assert window.capture.keyboard_captured
    QTest.mouseRelease(screen, LEFT, pos=middle)
    assert console.positions[-1] == (0, 32767, 0, 0, 0)
    wheel(screen, y=-120)
    assert console.positions[-1] == (0, 32767, 1, 0, 0)
    assert console.mouse == []
    indicator = window.status.indicator(IndicatorKind.MOUSE)
    assert indicator.icon_name == "mouse-integration"
    assert "nothing to capture" in window.action_set["CaptureMouse"].toolTip()


def test_no_button_stays_down_when_integration_ends(screen, window, console, qtbot):
    listen(window, console, True, qtbot)
    QTest.mousePress(screen, LEFT, pos=screen.rect().center())
    assert console.positions[-1][-1] == 1
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: not screen.pointer.active)
    assert console.positions[-1][-1] == 0
    assert screen.cursor().shape() is not Qt.CursorShape.BlankCursor
    console.set_state(MachineState.RUNNING)
    qtbot.waitUntil(lambda: screen.pointer.active)
    QTest.mousePress(screen, LEFT, pos=screen.rect().center())
    listen(window, console, False, qtbot)
    assert console.positions[-1][-1] == 0
    assert window.status.indicator(IndicatorKind.MOUSE).icon_name == "mouse"


def test_integration_is_switched_off_by_the_menu(screen, window, console, qtbot):
    listen(window, console, True, qtbot)
    window.mouse_menu.integration_action.trigger()
    assert window.status.indicator(IndicatorKind.MOUSE).icon_name == "mouse-integration-off"
    QTest.mouseClick(screen, LEFT, pos=QPoint(50, 50))
    assert screen.mouse.captured
    window.mouse_menu.integration_action.trigger()
    assert not screen.mouse.captured
    assert screen.pointer.active


def test_parts_of_pixels_add_up(screen, console, monkeypatch):
    monkeypatch.setattr(screen, "devicePixelRatioF", lambda: 1.25)
    screen.mouse.capture()
    start = QPoint(60, 60)
    QTest.mouseMove(screen, start)
    console.mouse.clear()
    for step in range(1, 9):
        QTest.mouseMove(screen, start + QPoint(step, 0))
    assert sum(event[0] for event in console.mouse) == 10


def test_buttons_and_motion_reach_the_guest(screen, console):
    screen.mouse.capture()
    QTest.mousePress(screen, RIGHT, pos=QPoint(60, 60))
    assert console.mouse[-1][2:] == (0, 0, 2)
    QTest.mouseMove(screen, QPoint(63, 58))
    QTest.mouseRelease(screen, RIGHT, pos=QPoint(63, 58))
    assert sum(event[0] for event in console.mouse[1:]) == 3
    assert sum(event[1] for event in console.mouse[1:]) == -2
    assert console.mouse[-1][4] == 0


def test_wheel_parts_add_up(screen, console):
    screen.mouse.capture()
    console.mouse.clear()
    for _ in range(3):
        wheel(screen, y=-60)
    assert console.mouse == [(0, 0, 1, 0, 0)]
    wheel(screen, y=180, x=-120)
    assert console.mouse[-1] == (0, 0, -1, 1, 0)


def test_host_wheel_is_not_the_guests(screen, console):
    wheel(screen, y=120)
    assert console.mouse == []


def test_release_lets_go_of_buttons(screen, console, window):
    screen.mouse.capture()
    QTest.mousePress(screen, LEFT, pos=QPoint(60, 60))
    screen.mouse.release()
    assert console.mouse[-1] == (0, 0, 0, 0, 0)
    assert not window.hint.isVisible()
    assert screen.cursor().shape() is not Qt.CursorShape.BlankCursor


@pytest.mark.parametrize("state", [MachineState.PAUSED, MachineState.STUCK])
def test_no_capture_unless_the_guest_runs(screen, console, qtbot, state):
    screen.mouse.capture()
    console.set_state(state)
    qtbot.waitUntil(lambda: not screen.mouse.captured)
    QTest.mouseClick(screen, LEFT, pos=QPoint(50, 50))
    assert not screen.mouse.captured
