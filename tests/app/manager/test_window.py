import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from app.api.events import RuntimeError  # noqa: A004 - the API's name for it
from app.api.structs import MachineState
from app.manager.machine_model import MachineRole
from app.manager.wizard.new_machine import NewMachineWizard
from tests.app.manager.conftest import WAIT_MS
from tests.app.manager.stand_in_vm import BROKEN


@pytest.fixture
def machine(api, window, wait_until):
    info = api.virtualbox.create_machine("Tester", "Debian_64")
    wait_until(lambda: window.view.model().rowCount() == 1)
    window.select_machine(info.id)
    wait_until(lambda: shows_details(window))
    return info


def details(window):
    return window.tools.pane("Details").details


def shows_details(window):
    pane = window.tools.made_pane("Details")
    return pane is not None and pane.details.isVisible()


def state_text(window, row=0):
    return window.view.model().index(row, 0).data(MachineRole.STATE_TEXT)


def click_button(qtbot, box, text):
    for button in box.buttons():
        if button.text().replace("&", "") == text:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
            return
    raise AssertionError([button.text() for button in box.buttons()])


def start(window, wait_until):
    window.actions_["start"].trigger()
    wait_until(lambda: state_text(window) == "Running")


def test_empty_list_welcomes(window, wait_until):
    wait_until(lambda: "not created any" in window.tools.pane("Welcome")._text.text())
    assert window.tools.open_tool.name == "Welcome"
    assert not window.actions_["settings"].isEnabled()
    assert "No machine is selected." in window.actions_["settings"].toolTip()
    assert window.actions_["new"].isEnabled()


def test_machines_made_elsewhere_appear_and_go(window, api, wait_until):
    info = api.virtualbox.create_machine("Elsewhere", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 1)
    assert state_text(window) == "Powered Off"
    api.virtualbox.unregister_machine(info.id, False)
    wait_until(lambda: window.view.model().rowCount() == 0)


def test_details_show_and_follow_the_settings(window, machine, api, wait_until):
    def values(section):
        return {row.label: row.value for row in details(window).rows(section)}

    assert values("general")["Name"] == "Tester"
    assert values("general")["Operating System"] == "Debian (64-bit)"
    settings = api.machine(machine.id).get_settings()
    settings.hardware.memory_mb = 333
    settings.name = "Renamed"
    api.machine(machine.id).save_settings(settings)
    wait_until(lambda: values("system")["Base Memory"] == "333 MB")
    wait_until(lambda: window.view.model().index(0, 0).data() == "Renamed")


def test_heading_opens_the_settings_page(window, machine, qtbot, dialog_of_class):
    from app.manager.settings_dialog.dialog import SettingsDialog

    qtbot.mouseClick(details(window)._boxes["storage"].heading, Qt.MouseButton.LeftButton)
    dialog = dialog_of_class(SettingsDialog)
    assert dialog.page_list.currentItem().text() == "Storage"
    dialog.reject()


def test_machine_runs_pauses_resumes_and_stops(window, machine, qtbot, wait_until, dialog_of_class):
    start(window, wait_until)
    assert window.actions_["start"].text().replace("&", "") == "Show"
    assert not window.actions_["remove"].isEnabled()
    assert "power it off first" in window.actions_["remove"].toolTip()
    window.actions_["pause"].trigger()
    wait_until(lambda: state_text(window) == "Paused")
    assert window.actions_["pause"].isChecked()
    window.actions_["pause"].trigger()
    wait_until(lambda: state_text(window) == "Running")
    assert not window.actions_["pause"].isChecked()
    window.actions_["power-off"].trigger()
    click_button(qtbot, dialog_of_class(QMessageBox), "Power Off")
    wait_until(lambda: state_text(window) == "Powered Off")
    # The lock is released by an event of its own.
    wait_until(window.actions_["start"].isEnabled)


def test_enter_starts_and_shows_the_machine(window, machine, qtbot, wait_until, api):
    qtbot.keyClick(window.view, Qt.Key.Key_Return)
    wait_until(lambda: state_text(window) == "Running")
    api.console(machine.id).power_off()
    wait_until(lambda: state_text(window) == "Powered Off")
    wait_until(window.actions_["start"].isEnabled)
    place = window.view.visualRect(window.view.currentIndex()).center()
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: state_text(window) == "Running")
    api.console(machine.id).power_off()
    wait_until(lambda: state_text(window) == "Powered Off")


def test_file_manager_is_opened_at_the_folder(
    window, machine, monkeypatch, errors, wait_until
):
    opened = []
    monkeypatch.setattr(
        "app.manager.commands.QDesktopServices.openUrl",
        lambda url: opened.append(url.toLocalFile()) or len(opened) == 1,
    )
    window.actions_["show-in-file-manager"].trigger()
    assert opened == [str(Path(machine.settings_path).parent)]
    window.actions_["show-in-file-manager"].trigger()
    assert "No file manager" in errors(wait_until).text


def test_trouble_of_a_running_machine_is_shown(window, machine, link):
    link.runtime_error.emit(
        RuntimeError(id=machine.id, fatal=False, error_id="DiskFull", message="The disk is full.")
    )
    (told,) = window.notifications.notifications()
    assert "Tester" in told.title
    assert "The disk is full." in told.text
    assert "DiskFull" in told.details
    assert window.panel.isVisible()


def test_trouble_is_left_to_the_window_of_the_machine(
    window, machine, link, qtbot, wait_until, api
):
    start(window, wait_until)
    wait_until(lambda: link.model.machine(machine.id).session_name == "GUI/Qt")
    link.runtime_error.emit(
        RuntimeError(id=machine.id, fatal=False, error_id="DiskFull", message="The disk is full.")
    )
    assert "The disk is full." in window.statusBar().currentMessage()
    assert QApplication.activeModalWidget() is None
    api.console(machine.id).power_off()
    wait_until(lambda: state_text(window) == "Powered Off")


def test_power_off_can_be_cancelled(window, machine, qtbot, wait_until, dialog_of_class, api):
    start(window, wait_until)
    window.actions_["power-off"].trigger()
    click_button(qtbot, dialog_of_class(QMessageBox), "Cancel")
    qtbot.wait(100)
    assert api.virtualbox.find_machine(machine.id).state is MachineState.RUNNING
    api.console(machine.id).power_off()
    wait_until(lambda: state_text(window) == "Powered Off")


def test_death_of_the_process_shows_aborted(window, machine, wait_until, api):
    start(window, wait_until)
    with pytest.raises(Exception):  # noqa: B017 - the process dies instead of answering
        api.console(machine.id).insert_cad()
    wait_until(lambda: state_text(window) == "Aborted")
    wait_until(window.actions_["start"].isEnabled)


def test_failing_start_shows_the_sentence(window, api, wait_until, errors):
    info = api.virtualbox.create_machine("Broken", "Other")
    wait_until(lambda: window.view.model().rowCount() == 1)
    window.select_machine(info.id)
    window.actions_["start"].trigger()
    told = errors(wait_until)
    assert "could not be started" in told.title
    assert BROKEN in told.text


def test_what_is_current_is_selected(window, api, machine, qtbot, wait_until):
    other = api.virtualbox.create_machine("Other", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 2)
    selection = window.view.selectionModel()

    def selected():
        return [index.data() for index in selection.selectedIndexes()]

    assert selected() == ["Tester"]
    below = window.view.viewport().rect().bottomLeft()
    qtbot.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=below)
    wait_until(lambda: selected() == ["Tester"])
    qtbot.keyClick(window.view, Qt.Key.Key_Down)
    assert selected() == ["Other"]
    wait_until(lambda: details(window).rows("general")[0].value == "Other")
    api.virtualbox.unregister_machine(other.id, True)
    wait_until(lambda: selected() == ["Tester"])
    wait_until(lambda: details(window).rows("general")[0].value == "Tester")


@pytest.mark.parametrize("reason", ["Mouse", "Keyboard"])
def test_context_menu_of_a_machine(window, machine, reason, wait_until):
    place = window.view.visualRect(window.view.currentIndex()).center()
    event = QContextMenuEvent(
        QContextMenuEvent.Reason[reason], place, window.view.viewport().mapToGlobal(place)
    )
    QApplication.sendEvent(window.view.viewport(), event)
    wait_until(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    names = [action.objectName() for action in menu.actions() if action.objectName()]
    assert names[:5] == ["settings", "clone", "move", "remove", "show"]
    menu.close()


def test_inaccessible_machine_says_why_and_recovers(window, machine, api, wait_until, qtbot):
    path = Path(machine.settings_path)
    good = path.read_bytes()
    path.write_bytes(b"<VirtualBox><Machine")
    window.actions_["refresh"].trigger()
    wait_until(lambda: state_text(window) == "Inaccessible")
    assert window.tools.stack.currentWidget() is window.tools.inaccessible
    assert str(path) in window.tools.inaccessible._error.toPlainText()
    assert not window.actions_["start"].isEnabled()
    assert window.actions_["remove"].isEnabled()
    path.write_bytes(good)
    window.tools.inaccessible.refresh_requested.emit()
    wait_until(lambda: state_text(window) == "Powered Off")
    wait_until(lambda: shows_details(window))


def test_wizard_opens_with_its_shortcut_and_selects_the_result(
    window, qtbot, wait_until, dialog_of_class
):
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    wizard = dialog_of_class(NewMachineWizard)
    qtbot.keyClicks(wizard.name_page.name, "Quick")
    for _page in range(2):
        wait_until(wizard.next_button.isEnabled)
        wizard.next_button.click()
    wizard.disk_page.none.click()
    wizard.next_button.click()
    with qtbot.waitSignal(wizard.machine_created, timeout=WAIT_MS):
        wizard.next_button.click()
    wait_until(lambda: window.selected_machine is not None)
    assert window.selected_machine.name == "Quick"


def test_lost_service_is_told_and_found_again(window, machine, api, wait_until):
    import os
    import signal

    pid = api.virtualbox.get_version().pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not window.actions_["new"].isEnabled())
    wait_until(lambda: window.actions_["new"].isEnabled(), 20_000)
    wait_until(lambda: state_text(window) == "Powered Off")
    assert window.selected_machine.name == "Tester"


def test_layout_is_stored_in_extra_data(window, machine, api, wait_until, qtbot):
    window.resize(811, 577)
    details(window)._boxes["system"].set_folded(True)
    wait_until(lambda: ",811,577" in api.virtualbox.get_extra_data("GUI/LastWindowPosition"))
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/LastItemSelected") == f"m={machine.id}")
    wait_until(
        lambda: "system" in api.virtualbox.get_extra_data("GUI/DetailsPageBoxes/Folded")
    )
    assert len(json.loads(f"[{api.virtualbox.get_extra_data('GUI/SplitterSizes')}]")) == 2


def test_every_action_has_text_icon_and_tip(window):
    for action in window.actions_.findChildren(QAction):
        assert action.text()
        assert not action.icon().isNull(), action.objectName()
        assert action.statusTip()
