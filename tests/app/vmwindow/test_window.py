"""The window on a console without an engine: actions, states, dialogs, media."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console.events import RuntimeErrorRaised, ShowWindowRequested
from app.vmwindow.actions import ACTIONS
from app.vmwindow.close_dialog import CloseAction, CloseDialog
from app.vmwindow.preferences import Preferences
from app.vmwindow.screen.placement import ScaleMode
from app.vmwindow.statusbar.indicator import Indicator
from app.vmwindow.statusbar.kinds import IndicatorKind
from tests.app.vmwindow.fakes import DVD, FLOPPY, FakeMedium, pattern

NO_MODIFIER = Qt.KeyboardModifier.NoModifier


def key(window, kind, qt_key, evdev):
    event_type = QEvent.Type.KeyPress if kind == "press" else QEvent.Type.KeyRelease
    event = QKeyEvent(event_type, qt_key, NO_MODIFIER, evdev + 8, 0, 0, "")
    QApplication.sendEvent(window.screen_widget, event)


def host_key(window, qt_key, evdev):
    key(window, "press", Qt.Key.Key_Control, 97)
    key(window, "press", qt_key, evdev)
    key(window, "release", qt_key, evdev)
    key(window, "release", Qt.Key.Key_Control, 97)


def find_box(window, kind=QMessageBox):
    boxes = [box for box in window.findChildren(kind) if box.isVisible()]
    return boxes[-1] if boxes else None


def press(box, text):
    button = next(b for b in box.buttons() if b.text().replace("&", "") == text)
    button.click()


def test_title_follows_the_state(window, console, qtbot):
    assert window.windowTitle() == "Test machine [Running] - Vitrine"
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: window.windowTitle() == "Test machine [Paused] - Vitrine")
    assert window.action_set["Pause"].isChecked()


def test_host_keys_are_unique_and_icons_exist(window):
    keys = [spec.key for spec in ACTIONS if spec.key is not None]
    assert len(keys) == len(set(keys))
    for spec, action in window.action_set.items():
        assert action.icon().isNull() == (spec.icon == "")


def test_disabled_actions_say_why(window, console, qtbot):
    console.set_state(MachineState.STUCK)
    pause = window.action_set["Pause"]
    qtbot.waitUntil(lambda: not pause.isEnabled())
    assert pause.toolTip().endswith(".")
    assert window.action_set["PowerOff"].isEnabled()


def test_host_p_pauses_and_resumes(window, console, qtbot):
    host_key(window, Qt.Key.Key_P, 25)
    qtbot.waitUntil(lambda: console.calls == ["pause"])
    qtbot.waitUntil(lambda: window.action_set["Pause"].isChecked())
    host_key(window, Qt.Key.Key_P, 25)
    qtbot.waitUntil(lambda: console.calls == ["pause", "resume"])
    assert console.codes == b""


def test_keys_reach_the_guest(window, console):
    key(window, "press", Qt.Key.Key_Tab, 15)
    key(window, "release", Qt.Key.Key_Tab, 15)
    assert console.codes == b"\x0f\x8f"
    window.action_set["TypeCAD"].trigger()
    assert console.codes == b"\x0f\x8f\x1d\x38\xe0\x53\xe0\xd3\xb8\x9d"


def test_alt_letter_does_not_open_menus(window, console):
    event = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_M, Qt.KeyboardModifier.AltModifier, 58, 0, 0, ""
    )
    event.ignore()
    QApplication.sendEvent(window.screen_widget, event)
    assert event.isAccepted()


def test_host_key_alone_toggles_capture(window, qtbot):
    window.capture.release()
    for captured in (True, False):
        key(window, "press", Qt.Key.Key_Control, 97)
        key(window, "release", Qt.Key.Key_Control, 97)
        assert window.screen_widget.mouse.captured is captured
        assert window.capture.keyboard_captured is captured


def test_modal_dialogs_release_everything(window, console, qtbot):
    window.capture.capture_mouse()
    key(window, "press", Qt.Key.Key_A, 30)
    window.show_about()
    qtbot.waitUntil(lambda: not window.screen_widget.mouse.captured)
    assert not window.capture.keyboard_captured
    assert console.codes == b"\x1e\x9e"


def test_pausing_releases_the_keys(window, console, qtbot):
    key(window, "press", Qt.Key.Key_A, 30)
    console.pause()
    qtbot.waitUntil(lambda: console.codes == b"\x1e\x9e")


def test_reset_is_asked_and_can_be_silenced(window, console, qtbot):
    window.action_set["Reset"].trigger()
    box = find_box(window)
    assert "Reset the virtual machine “Test machine”?" in box.text()
    press(box, "Cancel")
    assert console.calls == []
    window.action_set["Reset"].trigger()
    box = find_box(window)
    box.checkBox().setChecked(True)
    press(box, "Reset")
    qtbot.waitUntil(lambda: console.calls == ["reset"])
    window.action_set["Reset"].trigger()
    qtbot.waitUntil(lambda: console.calls == ["reset", "reset"])


def test_a_guest_that_does_not_hear_the_power_button(window, console, qtbot):
    console.power_button_heard = False
    window.action_set["Shutdown"].trigger()
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert "did not take notice of the shutdown signal" in find_box(window).text()


def test_a_command_that_fails_is_told(window, console, qtbot):
    console.error = ApiError(ErrorCode.VBOX_E_VM_ERROR, "The engine is tired.")
    window.action_set["Pause"].trigger()
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert find_box(window).text() == "The engine is tired."
    assert not window.action_set["Pause"].isChecked()


def close_dialog(window):
    window.close()
    dialog = find_box(window, CloseDialog)
    assert window.isVisible()
    return dialog


@pytest.mark.parametrize(
    ("action", "call"), [(CloseAction.SHUTDOWN, "power_button"), (CloseAction.POWER_OFF, "power_off")]
)
def test_closing_asks_and_remembers(window, console, qtbot, action, call):
    dialog = close_dialog(window)
    dialog.button(action).setChecked(True)
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: console.calls == [call])
    qtbot.waitUntil(lambda: console.stored["GUI/LastCloseAction"] == action.value)
    assert window.preferences.last_close_action is action


def test_cancel_keeps_everything(window, console):
    close_dialog(window).reject()
    assert console.calls == []
    assert "GUI/LastCloseAction" not in console.stored


def test_closing_twice_asks_once(window):
    close_dialog(window)
    window.close()
    assert len([d for d in window.findChildren(CloseDialog) if d.isVisible()]) == 1


def test_a_paused_machine_cannot_be_shut_down(window, console, qtbot):
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: window.action_set["Pause"].isChecked())
    dialog = close_dialog(window)
    assert not dialog.button(CloseAction.SHUTDOWN).isEnabled()
    assert dialog.button(CloseAction.SAVE_STATE).isEnabled()
    assert dialog.choice is CloseAction.SAVE_STATE


def test_window_closes_by_itself_when_the_machine_is_off(window, console):
    console.state = MachineState.POWERED_OFF
    assert window.close()


def test_disk_full_pauses_and_resumes(window, console, qtbot):
    window.capture.capture_mouse()
    console.set_state(MachineState.PAUSED)
    message = "The image '/x/disk.vdi' could not be written: the disk of the host is full."
    console.tell(RuntimeErrorRaised("DiskFull", message, fatal=False))
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert find_box(window).text() == message
    assert not window.screen_widget.mouse.captured
    press(find_box(window), "Try Again")
    qtbot.waitUntil(lambda: console.calls == ["resume"])


def test_a_resume_by_others_ends_the_question(window, console, qtbot):
    console.set_state(MachineState.PAUSED)
    console.tell(RuntimeErrorRaised("DiskFull", "The disk is full.", fatal=False))
    qtbot.waitUntil(lambda: find_box(window) is not None)
    console.set_state(MachineState.RUNNING)
    qtbot.waitUntil(lambda: find_box(window) is None)
    assert console.calls == []


def test_window_comes_to_front_when_asked(window, console, qtbot):
    window.showMinimized()
    console.tell(ShowWindowRequested())
    qtbot.waitUntil(lambda: not window.isMinimized())


def menu_of(window, slot):
    menu = window.devices.drives[slot.type]._menu
    menu.aboutToShow.emit()
    return {action.text().replace("&", ""): action for action in menu.actions()}


def test_media_change_from_the_menu(window, console, qtbot):
    actions = menu_of(window, DVD)
    assert not actions["Remove Disk from Virtual Drive"].isEnabled()
    actions["Choose a Disk File…"].trigger()
    dialog = window.findChild(QFileDialog)
    dialog.fileSelected.emit("/images/debian.iso")
    dialog.close()
    qtbot.waitUntil(lambda: console.drives.medium(DVD) is not None)
    assert console.calls == [("change_medium", DVD, Path("/images/debian.iso"), False)]
    qtbot.waitUntil(lambda: window.offers.recent(DVD.type) == ["/images/debian.iso"])
    actions = menu_of(window, DVD)
    assert actions["debian.iso"].isChecked()
    actions["Remove Disk from Virtual Drive"].trigger()
    qtbot.waitUntil(lambda: console.drives.medium(DVD) is None)
    lamp = window.status.indicator(IndicatorKind.OPTICAL_DISKS)
    qtbot.waitUntil(lambda: lamp.accessibleDescription() == "IDE Secondary Device 0: empty")


def test_locked_drives_ask_before_force(window, console, qtbot):
    console.drives.replace(FLOPPY, FakeMedium("/a.img"))
    console.error = ApiError(ErrorCode.VBOX_E_OBJECT_IN_USE, "The guest has locked the drive.")
    window.commands.change_medium(FLOPPY, None)
    qtbot.waitUntil(lambda: find_box(window) is not None)
    press(find_box(window), "Eject Anyway")
    qtbot.waitUntil(lambda: console.calls[-1] == ("change_medium", FLOPPY, None, True))


def test_lamps_show_reads_and_writes(qapp):
    counts = [0, 0]
    lamp = Indicator("hard-disk", "Hard disks")
    lamp.set_activity(lambda: tuple(counts))
    lamp.poll()
    assert lamp.lamp is None
    counts[0] += 5
    lamp.poll()
    green = lamp.lamp
    counts[1] += 1
    lamp.poll()
    assert green is not None
    assert lamp.lamp is not None
    assert lamp.lamp != green
    lamp.poll()
    assert lamp.lamp is None


def test_window_takes_the_guests_size(window, console, qtbot):
    console.display.show(pattern(512, 300))
    window._expect_change()
    qtbot.waitUntil(lambda: window.scroll_area.viewport().size().toTuple() == (512, 300))


def test_scale_mode_is_kept(window, console, qtbot):
    window.action_set["ScaleSmooth"].trigger()
    assert window.screen_widget.scale_mode is ScaleMode.SMOOTH
    qtbot.waitUntil(lambda: console.stored.get("GUI/ScaleMode") == "Smooth")
    assert not window.action_set["ScaleOneToOne"].isChecked()


def test_screenshot_is_written(window, qtbot, tmp_path):
    window.action_set["TakeScreenshot"].trigger()
    dialog = window.findChild(QFileDialog)
    path = tmp_path / "shot.png"
    dialog.fileSelected.emit(str(path))
    dialog.close()
    qtbot.waitUntil(path.exists)


def test_screenshot_that_cannot_be_written_is_told(window, qtbot, tmp_path):
    window.action_set["TakeScreenshot"].trigger()
    dialog = window.findChild(QFileDialog)
    path = str(tmp_path / "nowhere" / "shot.png")
    dialog.fileSelected.emit(path)
    dialog.close()
    qtbot.waitUntil(lambda: find_box(window) is not None)
    assert f"'{path}'" in find_box(window).text()


def test_preferences_survive_nonsense():
    preferences = Preferences({"GUI/LastCloseAction": "Explode", "GUI/ScaleMode": "42"})
    assert preferences.last_close_action is None
    assert preferences.scale_mode is ScaleMode.ONE_TO_ONE
    assert preferences.auto_capture


def test_preferences_that_cannot_be_stored_are_logged(caplog):
    def refuse(_key, _value):
        raise ApiError(ErrorCode.VBOX_E_FILE_ERROR, "The disk is full.")

    preferences = Preferences({}, refuse)
    preferences.scale_mode = ScaleMode.SMOOTH
    preferences.flush(5)
    assert "The disk is full." in caplog.text
