"""Dialogs must go when they are closed: windows, objects, timers and connections to the link."""

import gc

import pytest
from PySide6.QtCore import SIGNAL, QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from app.manager.preferences.dialog import PreferencesDialog
from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.wizard.new_machine import NewMachineWizard

ROUNDS = 8
SIGNALS = (
    "machine_changed(QString)",
    "connection_changed(bool,QString)",
    "os_types_loaded()",
    "properties_changed()",
)


def settle(qtbot):
    qtbot.wait(50)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


@pytest.mark.parametrize("dialog_class", [NewMachineWizard, SettingsDialog, PreferencesDialog])
def test_closed_dialogs_leave_nothing_behind(link, api, qtbot, wait_until, dialog_class):
    info = api.virtualbox.create_machine("Tester", "DOS")
    wait_until(lambda: link.model.rowCount() == 1)

    def open_and_close():
        if dialog_class is SettingsDialog:
            dialog = SettingsDialog(link, info)
        elif dialog_class is PreferencesDialog:
            dialog = PreferencesDialog(link, link.properties)
        else:
            dialog = NewMachineWizard(link)
        dialog.open()
        qtbot.wait(30)
        dialog.reject()

    def census():
        settle(qtbot)
        alive = sum(isinstance(thing, dialog_class) for thing in gc.get_objects())
        receivers = [link.receivers(SIGNAL(name)) for name in SIGNALS]
        return alive, len(QApplication.allWidgets()), receivers

    open_and_close()
    before = census()
    for _round in range(ROUNDS):
        open_and_close()
    assert census() == before
    assert before[0] == 0
