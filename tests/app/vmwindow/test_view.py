"""View modes, places of windows, mini tool bar, menus of the view."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QToolButton

from app.common.runtime_menus import MENUS_KEY, RUNTIME_MENUS
from app.vmwindow.preferences import Preferences
from app.vmwindow.screen.placement import ScaleMode, enlarged, place
from app.vmwindow.view import controller
from app.vmwindow.view.minitoolbar import MiniToolBar
from app.vmwindow.view.place import WindowPlace
from app.vmwindow.view.restrictions import hide_restricted
from app.vmwindow.view.settings import ViewMode, ViewSettings
from app.vmwindow.view.virtualscreen import FACTORS, SIZES
from tests.app.vmwindow.fakes import pattern
from tests.app.vmwindow.test_window import find_box, host_key, press

DESKTOP = QRect(0, 0, 1920, 1080)
SECOND = QRect(1920, 0, 1280, 1024)


# ------------------------------------------------------------------ places


@pytest.mark.parametrize("text", ["1,2,640,480", "-5,0,800,600,max", "1920,10,300,200"])
def test_places_survive_the_settings(text):
    assert WindowPlace.parse(text).format() == text


@pytest.mark.parametrize("text", ["", "max", "1,2,3", "a,b,c,d", "1,2,640,480,5", "0,0,10,10"])
def test_places_that_make_no_sense_are_none(text):
    assert WindowPlace.parse(text) is None


def test_a_reachable_window_stays():
    spot = WindowPlace(QRect(1900, 20, 800, 600))
    assert spot.brought_into_sight([DESKTOP, SECOND]) == spot


@pytest.mark.parametrize("x", [1900, 5000, -790])
def test_a_window_of_a_monitor_that_is_gone_comes_back(x):
    spot = WindowPlace(QRect(x, 20, 800, 600)).brought_into_sight([DESKTOP])
    assert DESKTOP.contains(spot.rect)


def test_a_title_bar_above_the_monitor_is_out_of_reach():
    spot = WindowPlace(QRect(100, -50, 3000, 2000)).brought_into_sight([DESKTOP])
    assert spot.rect == DESKTOP


# ------------------------------------------------------------------ settings


def test_modes_use_virtualbox_s_keys():
    preferences = Preferences({"GUI/Fullscreen": "true"})
    settings = ViewSettings(preferences)
    assert settings.mode is ViewMode.FULLSCREEN
    settings.mode = ViewMode.SCALED
    assert (preferences.text("GUI/Fullscreen"), preferences.text("GUI/Scale")) == ("", "true")


@pytest.mark.parametrize(
    ("text", "factor"), [("", 1.0), ("1.5", 1.5), ("2,1", 2.0), ("99", 3.0), ("x", 1.0), ("nan", 1.0)]
)
def test_scale_factors_stay_in_range(text, factor):
    assert ViewSettings(Preferences({"GUI/ScaleFactor": text})).scale_factor == factor


def test_machines_without_a_scale_factor_have_the_usual_one(window, console, qtbot):
    window.view.set_usual_scale(1.5)
    assert window.screen_widget.scale_factor == 1.5
    window.view.set_scale_factor(1.0)
    qtbot.waitUntil(lambda: console.stored.get("GUI/ScaleFactor") == "1")
    window.view.set_usual_scale(2.0)
    assert window.screen_widget.scale_factor == 1.0


def test_switches_have_their_usual_state():
    settings = ViewSettings(Preferences({}))
    assert settings.mini_tool_bar
    assert settings.mini_tool_bar_hides
    assert not settings.mini_tool_bar_at_top
    assert settings.menu_bar
    assert settings.status_bar
    assert settings.host_screen is None
    off = {"GUI/MenuBar/Enabled": "no", "GUI/ShowMiniToolBar": "FALSE", "GUI/AutoresizeGuest": "off"}
    settings = ViewSettings(Preferences(off))
    assert not settings.menu_bar
    assert not settings.mini_tool_bar
    assert not settings.auto_resize


# ------------------------------------------------------------------ modes


def test_full_screen_tells_the_way_back_once(window, console):
    host_key(window, Qt.Key.Key_F, 33)
    box = find_box(window)
    assert "Right Ctrl+F" in box.informativeText()
    assert not window.action_set["FullscreenMode"].isChecked()
    box.checkBox().setChecked(True)
    press(box, "Switch")
    assert window.isFullScreen()
    assert window.menuBar().isHidden()
    assert window.status.isHidden()
    host_key(window, Qt.Key.Key_F, 33)
    assert not window.isFullScreen()
    assert window.menuBar().isVisible()
    host_key(window, Qt.Key.Key_F, 33)
    assert find_box(window) is None
    assert window.isFullScreen()
    assert not window.action_set["WindowAdjust"].isEnabled()


def test_refusing_the_reminder_changes_nothing(window, console):
    window.action_set["ScaleMode"].trigger()
    press(find_box(window), "Cancel")
    assert window.view.mode is ViewMode.NORMAL
    assert not window.action_set["ScaleMode"].isChecked()


def test_scaled_mode_stretches_and_goes_back(window, console, qtbot):
    window.view.switch(ViewMode.SCALED)
    window.resize(900, 500)
    qtbot.waitUntil(lambda: window.screen_widget._placement.height == 500)
    assert window.screen_widget.scale_mode is ScaleMode.SMOOTH
    assert not window.action_set["ScaleInteger"].isEnabled()
    window.action_set["ScaleMode"].trigger()
    assert window.view.mode is ViewMode.NORMAL
    assert window.screen_widget.scale_mode is ScaleMode.ONE_TO_ONE
    qtbot.waitUntil(lambda: console.stored.get("GUI/Scale") == "")


def test_each_mode_has_its_place(window, console, qtbot):
    window.setGeometry(20, 40, 700, 500)
    qtbot.waitUntil(lambda: console.stored.get("GUI/LastNormalWindowPosition") == "20,40,700,500")
    window.view.switch(ViewMode.SCALED)
    window.setGeometry(60, 80, 400, 300)
    qtbot.waitUntil(lambda: console.stored.get("GUI/LastScaleWindowPosition") == "60,80,400,300")
    window.view.switch(ViewMode.FULLSCREEN)
    window.view.switch(ViewMode.NORMAL)
    assert window.geometry() == QRect(20, 40, 700, 500)
    window.view.switch(ViewMode.SCALED)
    assert window.geometry() == QRect(60, 80, 400, 300)
    assert "GUI/LastFullscreenWindowPosition" not in console.stored


def test_a_picture_larger_than_the_monitor_is_fitted_in_full_screen(window, console, qtbot):
    window.view.switch(ViewMode.FULLSCREEN)
    assert window.screen_widget.scale_mode is ScaleMode.ONE_TO_ONE
    monitor = window.screen().size()
    console.display.show(pattern(monitor.width() + 100, 600))
    window._expect_change()
    qtbot.waitUntil(lambda: window.screen_widget.scale_mode is ScaleMode.SMOOTH)
    console.display.show(pattern(400, 300))
    window._expect_change()
    qtbot.waitUntil(lambda: window.screen_widget.scale_mode is ScaleMode.ONE_TO_ONE)
    window.view.switch(ViewMode.NORMAL)
    qtbot.waitUntil(lambda: window.scroll_area.viewport().size().toTuple() == (400, 300))


def test_a_machine_starts_as_it_was_seen_last(window, console):
    window.view.machine_started(Preferences({"GUI/Fullscreen": "true"}))
    assert window.isFullScreen()
    window.view.machine_started(Preferences({"GUI/Fullscreen": "true"}), mode=ViewMode.NORMAL)
    assert not window.isFullScreen()


# ------------------------------------------------------------------ sizes


def test_fractions_of_a_guest_pixel_are_filtered():
    assert enlarged((640, 400), 1.0, 1.5) == (960, 600)
    assert place(ScaleMode.ONE_TO_ONE, (640, 400), (960, 600), 1.0, 1.5).smooth
    assert not place(ScaleMode.ONE_TO_ONE, (640, 400), (1280, 800), 1.0, 2.0).smooth


def menu(window, title):
    return next(m for m in window.findChildren(QMenu) if m.title().replace("&", "") == title)


def test_a_scale_factor_enlarges_the_window(window, console, qtbot):
    console.display.show(pattern(400, 300))
    window._expect_change()
    qtbot.waitUntil(lambda: window.scroll_area.viewport().width() == 400)
    screen_menu = menu(window, "Virtual Screen 1")
    action = next(a for a in screen_menu.actions() if a.text() == "Scale to 125 %")
    action.trigger()
    qtbot.waitUntil(lambda: window.scroll_area.viewport().size().toTuple() == (500, 375))
    qtbot.waitUntil(lambda: console.stored.get("GUI/ScaleFactor") == "1.25")
    screen_menu.aboutToShow.emit()
    checked = [a.text() for a in screen_menu.actions() if a.isChecked()]
    assert "Scale to 125 %" in checked


def test_sizes_that_the_adapter_cannot_suggest_say_why(window):
    screen_menu = menu(window, "Virtual Screen 1")
    screen_menu.aboutToShow.emit()
    actions = screen_menu.actions()
    sizes = [a for a in actions if a.text().startswith("Resize to")]
    assert len(sizes) == len(SIZES)
    assert not any(a.isEnabled() for a in sizes)
    assert all("cannot tell the guest" in a.toolTip() for a in sizes)
    assert len([a for a in actions if a.text().startswith("Scale to")]) == len(FACTORS)
    assert "cannot tell the guest" in window.action_set["GuestAutoresize"].toolTip()


def test_an_adapter_that_listens_gets_the_size_of_the_window(window, console, qtbot, monkeypatch):
    wishes = []
    console.display.hints_heard = lambda: True
    console.display.hint_size = lambda width, height: wishes.append((width, height))
    console.vm.post = lambda function: _Done(function())
    screen_menu = menu(window, "Virtual Screen 1")
    screen_menu.aboutToShow.emit()
    next(a for a in screen_menu.actions() if a.text() == "Resize to 1024x768").trigger()
    qtbot.waitUntil(lambda: wishes == [(1024, 768)])
    window.resize(700, 500)
    size = window.scroll_area.viewport().size()
    qtbot.waitUntil(lambda: wishes[-1] == size.toTuple())


class _Done:
    def __init__(self, value):
        self.value = value

    def result(self, timeout=None):
        return self.value


def test_a_guest_that_grows_keeps_its_window_on_the_desktop(window, console, qtbot):
    desktop = window.screen().availableGeometry()
    window.move(desktop.right() - 300, desktop.bottom() - 200)
    console.display.show(pattern(640, 480))
    window._expect_change()
    qtbot.waitUntil(lambda: window.screen_widget.guest_size.toTuple() == (640, 480))
    assert desktop.contains(window.frameGeometry())


def test_a_monitor_is_chosen_and_remembered(window, console, qtbot):
    window.view.use_host_screen(0)
    assert window.view._monitor() is QApplication.screens()[0]
    qtbot.waitUntil(lambda: console.stored.get("GUI/VirtualScreenToHostScreen0") == "0")
    window.view.settings.host_screen = 7
    assert window.view._monitor() is window.screen()


# ------------------------------------------------------------------ bars and menus


def test_bars_can_be_hidden_and_come_back(window, console, qtbot):
    window.action_set["ToggleStatusBar"].trigger()
    window.action_set["ToggleMenuBar"].trigger()
    assert window.status.isHidden()
    assert window.menuBar().isHidden()
    qtbot.waitUntil(lambda: console.stored.get("GUI/StatusBar/Enabled") == "false")
    window.action_set["ToggleMenuBar"].trigger()
    assert window.menuBar().isVisible()


def test_host_home_opens_all_menus(window):
    host_key(window, Qt.Key.Key_Home, 102)
    popup = QApplication.activePopupWidget()
    assert [a.text().replace("&", "") for a in popup.actions()][:2] == ["Machine", "View"]
    popup.close()


def test_menus_can_be_left_out(window, console, qtbot):
    window.action_set["MenuBarSettings"].trigger()
    editor = window.findChild(controller.MenuBarEditor)
    row = editor.names().index("Devices")
    editor.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    editor.accept()
    shown = [a.text().replace("&", "") for a in window.menuBar().actions() if a.isVisible()]
    assert "Devices" not in shown
    assert "Machine" in shown
    qtbot.waitUntil(lambda: console.stored.get("GUI/RestrictedRuntimeMenus") == "Devices")


def test_mini_tool_bar_folds_and_unfolds(window, qtbot, monkeypatch):
    monkeypatch.setattr("app.vmwindow.view.minitoolbar._FIRST_MILLISECONDS", 1)
    window.view.switch(ViewMode.FULLSCREEN)
    bar = window.view.mini_tool_bar
    assert bar.isVisible()
    qtbot.waitUntil(lambda: bar.folded)
    assert bar.height() == 4
    assert bar.geometry().bottom() == window.height() - 1
    position = QPointF(1, 1)
    QApplication.sendEvent(bar, QEnterEvent(position, position, position))
    assert not bar.folded
    assert bar.height() > 20
    window.view.switch(ViewMode.NORMAL)
    assert bar.isHidden()


def test_mini_tool_bar_obeys_its_settings(window, console, qtbot):
    window.view.switch(ViewMode.FULLSCREEN)
    bar = window.view.mini_tool_bar
    window.action_set["MiniToolBarTop"].trigger()
    assert bar.geometry().top() == 0
    pin, _, leave, close = bar.findChildren(QToolButton)
    pin.click()
    qtbot.waitUntil(lambda: console.stored.get("GUI/MiniToolBarAutoHide") == "false")
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    assert not bar._timer.isActive()
    window.action_set["MiniToolBar"].trigger()
    assert bar.isHidden()
    leave.click()
    assert window.view.mode is ViewMode.NORMAL
    close.click()
    assert window.isVisible()


def test_mini_tool_bar_stands_in_the_middle(qtbot):
    from PySide6.QtWidgets import QWidget

    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(1000, 500)
    bar = MiniToolBar(parent)
    parent.show()
    bar.show_for("Box", at_top=True, hides=False)
    assert abs(bar.geometry().center().x() - 500) <= 1
    parent.resize(600, 500)
    assert abs(bar.geometry().center().x() - 300) <= 1
    assert bar.mapToParent(QPoint(0, 0)).y() == 0


def test_reminders_do_not_come_twice(window):
    window.action_set["FullscreenMode"].trigger()
    press(find_box(window), "Switch")
    window.action_set["FullscreenMode"].trigger()
    assert not [box for box in window.findChildren(QMessageBox) if box.isVisible()]


# ------------------------------------------------------------------ what the settings leave out


def test_every_item_that_can_be_left_out_is_in_the_menus(window):
    """The settings dialog offers nothing that the window does not have."""
    data = {menu.key: ",".join(item.name for item in menu.items) for menu in RUNTIME_MENUS}
    before = _shown_items(window)
    hide_restricted(window.menuBar(), lambda key: data.get(key, ""))
    gone = [name for name in before if name not in _shown_items(window)]
    assert len(gone) >= sum(len(menu.items) for menu in RUNTIME_MENUS)
    hide_restricted(window.menuBar(), lambda key: "all" if key == MENUS_KEY else "")
    assert not any(action.isVisible() for action in window.menuBar().actions())


def test_items_and_menus_are_left_out_as_the_machine_wants(window):
    data = {
        MENUS_KEY: "Application,DEBUG",
        "GUI/RestrictedRuntimeMachineMenuActions": "pause, PowerOff",
        "GUI/RestrictedRuntimeDevicesMenuActions": "USBDevices,SomethingNew",
    }
    window.view.machine_started(Preferences(data))
    shown = _shown_items(window)
    for name in ("Pause", "PowerOff", "USB", "Debug"):
        assert name not in shown
    for name in ("Reset", "Audio", "Devices"):
        assert name in shown
    window.view.settings.hidden_menus = ["Help"]
    assert window.view._preferences.text(MENUS_KEY) == "Help,Application"


def _shown_items(window):
    def walk(actions):
        for action in actions:
            if action.isVisible() and not action.isSeparator():
                yield action.objectName() or str(action.data() or action.text()).replace("&", "")
                if action.menu() is not None:
                    yield from walk(action.menu().actions())

    return list(walk(window.menuBar().actions()))
