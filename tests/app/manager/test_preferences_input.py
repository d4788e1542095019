"""Preferences of the interface: recorded, stored as VirtualBox does, obeyed at once."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from app.common.application import look_of
from app.common.hostkeys import ModifierKey
from app.common.preferences import ColorTheme, GuestLimit, GuestScreenLimit, InterfacePreferences
from app.common.window_shortcuts import WINDOW_SHORTCUTS
from app.manager.actions import ActionSet
from app.manager.preferences.dialog import PreferencesDialog
from app.manager.preferences.key_recorder import HostKeyRecorder, KeyRecorder
from app.manager.preferences.shortcut_rows import manager_rows
from app.manager.shortcut_names import stored_name
from app.settings.enums import ProxyMode
from app.vmwindow.actions import ACTIONS

RIGHT_CTRL, LEFT_ALT, LEFT_SHIFT, LEFT_META = 0xFFE4, 0xFFE9, 0xFFE1, 0xFFEB


@pytest.fixture
def dialog(link, show, wait_until):
    shown = show(PreferencesDialog(link, link.properties))
    wait_until(shown.input.isEnabled)
    return shown


def press_ok(qtbot, dialog, wait_until):
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: not isValid(dialog) or not dialog.isVisible())


def modifier(recorder, key, symbol, *, down=True):
    kind = QEvent.Type.KeyPress if down else QEvent.Type.KeyRelease
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(recorder, QKeyEvent(kind, key, none, 37, symbol, 0, ""))


# -- recording ------------------------------------------------------------------------------------


def test_host_keys_are_recorded_when_all_are_up_again(qtbot):
    recorder = HostKeyRecorder()
    qtbot.addWidget(recorder)
    seen = []
    recorder.recorded.connect(seen.append)
    modifier(recorder, Qt.Key.Key_Control, RIGHT_CTRL)
    modifier(recorder, Qt.Key.Key_Alt, LEFT_ALT)
    modifier(recorder, Qt.Key.Key_Control, RIGHT_CTRL, down=False)
    assert seen == []
    modifier(recorder, Qt.Key.Key_Alt, LEFT_ALT, down=False)
    assert seen == [{ModifierKey.RIGHT_CTRL, ModifierKey.LEFT_ALT}]
    assert recorder.text() == "Right Ctrl + Left Alt"


def test_a_fourth_modifier_and_letters_are_not_taken(qtbot):
    recorder = HostKeyRecorder()
    qtbot.addWidget(recorder)
    seen = []
    recorder.recorded.connect(seen.append)
    qtbot.keyClick(recorder, Qt.Key.Key_A)
    held = [
        (Qt.Key.Key_Control, RIGHT_CTRL), (Qt.Key.Key_Alt, LEFT_ALT),
        (Qt.Key.Key_Shift, LEFT_SHIFT), (Qt.Key.Key_Meta, LEFT_META),
    ]  # fmt: skip
    for key, symbol in held:
        modifier(recorder, key, symbol)
    for key, symbol in held:
        modifier(recorder, key, symbol, down=False)
    assert len(seen) == 1
    assert seen[0] == {ModifierKey.RIGHT_CTRL, ModifierKey.LEFT_ALT, ModifierKey.LEFT_SHIFT}


def test_a_combination_that_loses_the_focus_is_forgotten(qtbot):
    recorder = HostKeyRecorder()
    qtbot.addWidget(recorder)
    recorder.show_keys(frozenset({ModifierKey.RIGHT_CTRL}))
    with qtbot.assertNotEmitted(recorder.recorded):
        modifier(recorder, Qt.Key.Key_Alt, LEFT_ALT)
        QApplication.sendEvent(recorder, QEvent(QEvent.Type.ShortcutOverride))
        recorder.focusOutEvent(_focus_out())
        modifier(recorder, Qt.Key.Key_Alt, LEFT_ALT, down=False)
    assert recorder.text() == "Right Ctrl"


def _focus_out():
    from PySide6.QtGui import QFocusEvent

    return QFocusEvent(QEvent.Type.FocusOut)


@pytest.mark.parametrize(
    ("single", "key", "modifiers", "sequence"),
    [
        (False, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, "Ctrl+N"),
        (False, Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "F5"),
        (True, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, "N"),
        (True, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "Del"),
    ],
)
def test_shortcuts_are_recorded(qtbot, single, key, modifiers, sequence):
    recorder = KeyRecorder(single=single)
    qtbot.addWidget(recorder)
    with qtbot.waitSignal(recorder.recorded) as blocker:
        qtbot.keyClick(recorder, key, modifiers)
    assert blocker.args == [sequence]


def test_escape_and_modifiers_alone_are_no_shortcuts(qtbot):
    recorder = KeyRecorder(single=False)
    qtbot.addWidget(recorder)
    with qtbot.assertNotEmitted(recorder.recorded):
        qtbot.keyClick(recorder, Qt.Key.Key_Escape)
        modifier(recorder, Qt.Key.Key_Control, RIGHT_CTRL)


# -- tables ---------------------------------------------------------------------------------------


def test_every_action_of_the_manager_has_a_row(qapp):
    actions = ActionSet(qapp)
    rows = manager_rows()
    assert [row.name for row in rows] == [stored_name(name) for name in actions.names()]
    assert len({row.name for row in rows}) == len(rows)


def test_rows_of_machines_are_what_their_windows_obey():
    keys = {
        spec.name: QKeySequence(spec.key).toString(QKeySequence.SequenceFormat.PortableText)
        if spec.key is not None
        else ""
        for spec in ACTIONS
    }
    offered = {each.name: each.key for each in WINDOW_SHORTCUTS}
    assert {name: keys[name] for name in offered} == offered
    assert {name for name, key in keys.items() if key} <= offered.keys()


def test_duplicates_forbid_ok(dialog, wait_until):
    numbers = {row.name: n for n, row in enumerate(dialog.input.machine.rows)}
    dialog.input.machine.set_sequence(numbers["Reset"], "P")
    wait_until(lambda: "have the same keys" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    dialog.input.machine.set_sequence(numbers["Reset"], "")
    wait_until(dialog.ok_button.isEnabled)


def test_filter_finds_names_and_keys(dialog):
    editor = dialog.input.machine_table
    editor.filter.setText("pause")
    assert editor.proxy.rowCount() == 1
    assert editor.keys.text() == "P"
    editor.filter.setText("nothing of the kind")
    assert editor.proxy.rowCount() == 0
    assert not editor.recorders.isEnabled()


def test_a_shortcut_is_changed_taken_away_and_restored(dialog, qtbot):
    editor = dialog.input.manager_table
    row = next(n for n, row in enumerate(editor.model.rows) if row.name == "NewVM")
    editor.select(row)
    qtbot.keyClick(editor.keys, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert editor.model.chosen() == {"NewVM": "Ctrl+B"}
    editor.remove.click()
    assert editor.model.chosen() == {"NewVM": ""}
    editor.default.click()
    assert editor.model.chosen() == {}


# -- storing and obeying --------------------------------------------------------------------------


def test_everything_is_stored_as_virtualbox_does(dialog, qtbot, wait_until, api):
    machine = dialog.input.machine
    machine.set_host_keys(frozenset({ModifierKey.LEFT_CTRL, ModifierKey.LEFT_ALT}))
    numbers = {row.name: n for n, row in enumerate(machine.rows)}
    machine.set_sequence(numbers["Pause"], "F9")
    machine.set_sequence(numbers["Close"], "")
    dialog.input.auto_capture.setChecked(False)
    dialog.display.guest_scale.setValue(150)
    dialog.display.scale.setValue(125)
    dialog.display.limit.value = GuestScreenLimit(GuestLimit.SIZE, (1600, 1200))
    dialog.display.screen_saver.setChecked(True)
    press_ok(qtbot, dialog, wait_until)
    stored = api.virtualbox.list_extra_data()
    assert stored["GUI/Input/HostKeyCombination"] == "65507,65513"
    assert stored["GUI/Input/MachineShortcuts"] == "Close=None,Pause=F9"
    assert stored["GUI/Input/AutoCapture"] == "false"
    assert stored["GUI/ScaleFactor"] == "1.5"
    assert stored["GUI/InterfaceScaleFactor"] == "1.25"
    assert stored["GUI/MaxGuestResolution"] == "1600,1200"
    assert stored["GUI/DisableHostScreenSaver"] == "true"
    assert "GUI/Input/SelectorShortcuts" not in stored


def test_what_others_stored_is_shown(link, api, show, wait_until):
    api.virtualbox.set_extra_data("GUI/Input/SelectorShortcuts", "NewVM=Ctrl+B,OfOther=F2")
    api.virtualbox.set_extra_data("GUI/Input/HostKeyCombination", "0")
    api.virtualbox.set_extra_data("GUI/ColorTheme", "Dark")
    dialog = show(PreferencesDialog(link, link.properties))
    wait_until(dialog.input.isEnabled)
    assert dialog.input.machine.host_keys == frozenset()
    assert dialog.interface.themes[ColorTheme.DARK].isChecked()
    assert dialog.edited().manager_shortcuts == {"NewVM": "Ctrl+B", "OfOther": "F2"}


def test_shortcuts_of_the_manager_change_at_once(window, api, wait_until):
    wait_until(lambda: window.actions_["new"].shortcut() == QKeySequence("Ctrl+N"))
    window.memory.load(window.live.apply)
    api.virtualbox.set_extra_data("GUI/Input/SelectorShortcuts", "NewVM=Ctrl+B,Exit=None")
    wait_until(lambda: window.actions_["new"].shortcut() == QKeySequence("Ctrl+B"))
    assert window.actions_["quit"].shortcut().isEmpty()
    api.virtualbox.set_extra_data("GUI/Input/SelectorShortcuts", "")
    wait_until(lambda: window.actions_["new"].shortcut() == QKeySequence("Ctrl+N"))


def test_proxy_is_checked_and_stored(dialog, qtbot, wait_until, api):
    proxy = dialog.proxy
    proxy.modes[ProxyMode.MANUAL].click()
    wait_until(lambda: "Enter the address" in proxy.message.text)
    for wrong in ("proxy", "ftp://proxy:1", "http://proxy:99999", "http://:3128"):
        proxy.url.setText(wrong)
        assert not dialog.ok_button.isEnabled(), wrong
    proxy.url.setText("http://me:secret@proxy:3128")
    assert "plain text" in proxy.message.text
    assert dialog.ok_button.isEnabled()
    proxy.url.setText("http://proxy:3128")
    press_ok(qtbot, dialog, wait_until)
    properties = api.virtualbox.get_system_properties()
    assert (properties.proxy_mode, properties.proxy_url) == (2, "http://proxy:3128")


def test_search_shows_what_the_basic_level_hides(dialog, qtbot):
    dialog.level.basic.click()
    assert not dialog.general.auth_library.isVisible()
    qtbot.keyClicks(dialog.search, "authentication")
    assert dialog.found.count() == 1
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.level.is_expert
    assert dialog.current_page == "general"
    assert dialog.general.auth_library.isVisible()
    dialog.search.setText("no such thing anywhere")
    assert "No preference" in dialog.found.item(0).text()


def test_another_language_is_told_to_who_makes_the_windows(window, api, wait_until, qtbot):
    window.memory.load(window.live.apply)
    look = look_of(QApplication.instance())
    try:
        with qtbot.waitSignal(look.language_changed, timeout=30_000):
            api.virtualbox.set_extra_data("GUI/LanguageID", "de")
    finally:
        look.show(InterfacePreferences(language="C"))


def test_a_window_takes_the_place_of_another(link, api, wait_until, qtbot):
    from app.manager.window import ManagerWindow

    api.virtualbox.create_machine("Tester", "DOS")
    wait_until(lambda: link.model.rowCount() == 1)
    first, second = ManagerWindow(link), ManagerWindow(link)
    qtbot.addWidget(second)
    first.take_over()
    first.show()
    with qtbot.waitSignal(second.layout_recalled, timeout=30_000):
        second.take_over()
        first.give_way()
    second.show()
    wait_until(lambda: not isValid(first))
    wait_until(lambda: bool(second.selected_machines()))
