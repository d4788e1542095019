"""What becomes of a machine whose window is closed."""

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox

from app.api.structs import MachineState
from app.vmwindow import closing as module
from app.vmwindow.close_dialog import CloseAction, CloseDialog
from app.vmwindow.preferences import Preferences
from app.vmwindow.signals import SessionWatch

SNAPSHOT = "5a5a0000-0000-4000-8000-000000000001"


def visible(window, kind):
    return [box for box in window.findChildren(kind) if box.isVisible()]


def ask(window):
    window.close()
    (dialog,) = visible(window, CloseDialog)
    return dialog


def accept(dialog):
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()


def test_saving_shows_progress_and_ends(window, console, qtbot):
    dialog = ask(window)
    assert dialog.choice is CloseAction.SAVE_STATE
    accept(dialog)
    qtbot.waitUntil(lambda: window.progress.bar.value() == 40)
    assert window.progress.isVisible()
    with qtbot.waitSignal(window.bridge.ended):
        console.saving.set()
    assert console.state is MachineState.SAVED
    assert not window.progress.isVisible()


def test_a_program_decides_instead_of_the_question(window, console, qtbot, tmp_path):
    told, program = tmp_path / "told", tmp_path / "hook"
    program.write_text(f'#!/bin/sh\necho "$1 $2" >{told}.new && mv {told}.new {told}\n')
    program.chmod(0o755)
    window.preferences = Preferences({"GUI/CloseActionHook": str(program)})
    window.close()
    qtbot.waitUntil(told.exists)
    assert told.read_text() == "Test machine 1\n"
    assert not visible(window, CloseDialog)
    assert console.state is MachineState.RUNNING
    program.unlink()
    window.close()
    (box,) = visible(window, QMessageBox)
    assert "hook" in box.text()


def test_saving_can_be_cancelled(window, console, qtbot):
    window.action_set["SaveState"].trigger()
    qtbot.waitUntil(window.progress.isVisible)
    window.progress.button.click()
    qtbot.waitUntil(lambda: not window.progress.isVisible())
    assert console.state is MachineState.RUNNING
    qtbot.wait(50)
    assert not visible(window, QMessageBox)


def test_the_current_snapshot_is_restored_after_power_off(window, console, qtbot, monkeypatch):
    restored = []
    monkeypatch.setattr(module, "restore_snapshot", lambda *args: restored.append(args))
    console.settings.current_snapshot = SNAPSHOT
    dialog = ask(window)
    qtbot.waitUntil(dialog.restore_box.isVisible)
    assert not dialog.restore_box.isEnabled()
    dialog.button(CloseAction.POWER_OFF).setChecked(True)
    dialog.restore_box.setChecked(True)
    with qtbot.waitSignal(window.bridge.ended):
        accept(dialog)
    assert restored == []
    done = []
    window.closing.finish(lambda: done.append(True))
    qtbot.waitUntil(lambda: done == [True])
    assert restored == [("1", SNAPSHOT)]
    assert window.preferences.last_close_action is CloseAction.POWER_OFF_RESTORING_SNAPSHOT


def test_without_a_snapshot_nothing_is_restored(window, console, qtbot):
    dialog = ask(window)
    qtbot.wait(50)
    assert not dialog.restore_box.isVisible()
    done = []
    window.closing.finish(lambda: done.append(True))
    assert done == [True]


def test_the_last_choice_is_offered_again(window, console, qtbot):
    console.settings.current_snapshot = SNAPSHOT
    window.preferences.last_close_action = CloseAction.POWER_OFF_RESTORING_SNAPSHOT
    dialog = ask(window)
    qtbot.waitUntil(dialog.restore_box.isVisible)
    assert dialog.choice is CloseAction.POWER_OFF_RESTORING_SNAPSHOT


def test_a_default_action_asks_nothing(window, console, qtbot):
    window.preferences.put("GUI/DefaultCloseAction", "Shutdown")
    window.close()
    qtbot.waitUntil(lambda: console.calls == ["power_button"])
    assert not visible(window, CloseDialog)


def test_a_default_action_that_cannot_be_done_is_asked_about(window, console, qtbot):
    window.preferences.put("GUI/DefaultCloseAction", "Shutdown")
    console.set_state(MachineState.PAUSED)
    assert ask(window).choice is CloseAction.SAVE_STATE


def test_restricted_actions_are_not_offered(window):
    window.preferences.put("GUI/RestrictedCloseActions", "SaveState, PowerOff,Nonsense")
    dialog = ask(window)
    assert dialog._choices == (CloseAction.SHUTDOWN,)


def test_when_nothing_is_left_closing_says_so(window, console, qtbot):
    window.preferences.put("GUI/RestrictedCloseActions", "SaveState,Shutdown,PowerOff")
    window.close()
    assert not visible(window, CloseDialog)
    assert "GUI/RestrictedCloseActions" in visible(window, QMessageBox)[0].text()
    assert window.isVisible()


def test_only_a_refused_action_cannot_be_accepted(window, console):
    window.preferences.put("GUI/RestrictedCloseActions", "SaveState,PowerOff")
    console.set_state(MachineState.PAUSED)
    dialog = ask(window)
    assert not dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_a_machine_in_trouble_can_only_be_powered_off(window, console, qtbot):
    console.set_state(MachineState.STUCK)
    dialog = ask(window)
    assert dialog.choice is CloseAction.POWER_OFF
    assert not dialog.button(CloseAction.SAVE_STATE).isEnabled()


def test_values_of_others_are_ignored():
    preferences = Preferences({"GUI/DefaultCloseAction": "Explode"})
    assert preferences.default_close_action is None
    assert preferences.restricted_close_actions == frozenset()


@pytest.mark.parametrize("gone", [False, True])
def test_the_end_of_the_session_waits_for_the_machine(window, console, qtbot, qapp, gone):
    class Manager:
        def setRestartHint(self, hint):  # noqa: N802 - Qt's name
            self.hint = hint

    watch = SessionWatch(qapp, window.closing.end_in_order, window.bridge.ended)
    console.saving.set()
    if gone:
        with qtbot.waitSignal(window.bridge.ended):
            window.closing.end_in_order()
    watch._on_commit(Manager())
    assert console.state is MachineState.SAVED
    assert console.calls == ["save_state"]
