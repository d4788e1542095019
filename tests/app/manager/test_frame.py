"""Tools, notifications, many machines at once, questions, shortcuts on the desktop."""

import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QMessageBox, QToolButton

from app.api.structs import MachineInfo
from app.common.help_window import HelpWindow, help_folder
from app.manager import tool as tools
from app.manager.action_spec import ActionSpec
from app.manager.desktop_shortcut import create_shortcut, desktop_entry, link_script
from app.manager.dialogs.remove import RemoveDialog
from app.manager.notifications.center import Kind, NotificationCenter
from app.manager.tool import Tool, ToolPane, ToolScope
from app.manager.window import ManagerWindow
from tests.app.manager.test_window import click_button


@pytest.fixture
def three(api, window, wait_until):
    made = [api.virtualbox.create_machine(name, "DOS") for name in ("One", "Two", "Three")]
    wait_until(lambda: window.view.model().rowCount() == 3)
    window.view.select_keys([f"m={machine.id}" for machine in made])
    window._on_selection_changed()
    return made


def states(api):
    return [str(machine.state) for machine in api.virtualbox.list_machines()]


# -- many machines ---------------------------------------------------------------------------------


def test_many_machines_start_pause_and_stop_together(
    window, three, api, link, qtbot, wait_until, dialog_of_class
):
    window.actions_["start"].trigger()
    box = dialog_of_class(QMessageBox)
    assert "3 machines" in box.text()
    assert "Two" in box.informativeText()
    click_button(qtbot, box, "Start")
    wait_until(lambda: states(api) == ["Running"] * 3)
    wait_until(lambda: window.actions_["start"].text() == "Sho&w")
    seen = link.model.machines
    wait_until(lambda: [str(machine.state) for machine in seen()] == ["Running"] * 3)
    api.console(three[0].id).pause()
    wait_until(lambda: str(seen()[0].state) == "Paused")
    assert not window.actions_["pause"].isChecked()
    window.actions_["pause"].trigger()
    wait_until(lambda: states(api) == ["Paused"] * 3)
    wait_until(lambda: window.actions_["pause"].isChecked())
    window.actions_["power-off"].trigger()
    box = dialog_of_class(QMessageBox)
    assert "these 3 machines" in box.text()
    click_button(qtbot, box, "Power Off")
    wait_until(lambda: states(api) == ["PoweredOff"] * 3)


def test_many_machines_are_removed_with_one_question(
    window, three, machine_folder, wait_until, dialog_of_class
):
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    assert "these 3 machines" in dialog.question.text()
    wait_until(dialog.delete_button.isEnabled)
    assert three[2].settings_path in dialog.files()
    dialog.delete_button.click()
    wait_until(lambda: window.view.model().rowCount() == 0)
    wait_until(lambda: not list(machine_folder.iterdir()))


def test_an_action_acts_on_those_that_allow_it(window, three, api, wait_until):
    api.machine(three[1].id).launch()
    wait_until(lambda: window.actions_["reset"].isEnabled())
    assert not window.actions_["remove"].isEnabled()
    assert "“Two”" in window.actions_["remove"].toolTip()
    suitable = window.actions_.suitable("acpi-shutdown", window.selected_machines())
    assert [machine.name for machine in suitable] == ["Two"]
    window.actions_["acpi-shutdown"].trigger()
    wait_until(lambda: states(api) == ["PoweredOff"] * 3)


def test_silenced_questions_are_not_asked_until_reset(
    window, three, api, qtbot, wait_until, dialog_of_class
):
    window.select_machine(three[0].id)
    api.machine(three[0].id).launch()
    wait_until(window.actions_["reset"].isEnabled)
    window.actions_["reset"].trigger()
    box = dialog_of_class(QMessageBox)
    box.findChild(QCheckBox).setChecked(True)
    click_button(qtbot, box, "Reset")
    wait_until(
        lambda: api.virtualbox.get_extra_data("GUI/SuppressMessages") == "confirmResetMachine"
    )
    assert window.questions.is_suppressed("confirmResetMachine")
    assert not window.questions.is_suppressed("confirmPowerOffMachine")
    window.actions_["reset-warnings"].trigger()
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/SuppressMessages") == "")
    api.virtualbox.set_extra_data("GUI/SuppressMessages", "all")
    wait_until(lambda: window.questions.is_suppressed("confirmPowerOffMachine"))
    window.actions_["power-off"].trigger()
    wait_until(lambda: states(api)[0] == "PoweredOff")


def test_headless_start_and_show(window, three, api, wait_until):
    window.select_machine(three[0].id)
    titles = [action.text() for action in window.menus.start.actions()]
    assert titles == ["&Normal Start", "&Headless Start", "&Detachable Start"]
    assert not window.actions_["show"].isVisible()
    calls = []
    real = window._link.call
    window._link.call = lambda owner, method, params=None, *rest: (
        calls.append((method, params)), real(owner, method, params, *rest)
    )[1]  # fmt: skip
    window.actions_["start-headless"].trigger()
    assert calls == [("machine.launch", {"id": three[0].id, "frontend": "headless"})]
    wait_until(lambda: states(api)[0] == "Running")
    wait_until(window.actions_["show"].isVisible)
    assert not window.menus.start.menuAction().isVisible()
    wait_until(lambda: not window.actions_["start-normal"].isEnabled())
    assert "running already" in window.actions_["start-normal"].toolTip()
    api.console(three[0].id).power_off()


# -- tools -----------------------------------------------------------------------------------------


class CounterPane(ToolPane):
    def __init__(self, _workspace):
        super().__init__()
        self.count = 0
        self.shown = []

    def show_machine(self, machine):
        self.shown.append(machine.name)

    def perform(self, action):
        assert action == "count"
        self.count += 1
        self.actions_changed.emit()

    def reason(self, _action):
        return "Counted enough." if self.count >= 2 else ""


COUNTER = Tool(
    name="Counter",
    scope=ToolScope.MACHINE,
    order=5,
    title="&Counter",
    tip="Count",
    icon_name="tools",
    create=CounterPane,
    actions=(ActionSpec("count", "&Count…", "Count once more", "add", "Ctrl+Shift+U"),),
    menu_title="&Counter",
    menu=("count",),
    tool_bar=("count", "|", "settings"),
)


@pytest.fixture
def with_counter(monkeypatch):
    tools.all_tools()
    monkeypatch.setitem(tools._tools, "Counter", COUNTER)
    tools.all_tools.cache_clear()
    yield
    monkeypatch.undo()
    tools.all_tools.cache_clear()


def test_a_declared_tool_gets_menu_tool_bar_and_pane(with_counter, window, three, wait_until, qtbot):
    assert window.tools.made_pane("Counter") is None
    assert not window.actions_["count"].isEnabled()
    assert "not open" in window.actions_["count"].toolTip()
    window.select_machine(three[1].id)
    window.actions_["tool-Counter"].trigger()
    pane = window.tools.made_pane("Counter")
    assert pane.shown[-1] == "Two"
    assert window.tools.stack.currentWidget() is pane
    titles = [action.text() for action in window.menuBar().actions()]
    assert titles == ["&File", "&Machine", "&Counter", "&Help"]
    bar = [action.objectName() for action in window.tools.tool_bar.actions() if not
           action.isSeparator()]  # fmt: skip
    assert bar == ["count", "settings"]
    qtbot.keyClick(
        window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert pane.count == 1
    window.actions_["count"].trigger()
    assert not window.actions_["count"].isEnabled()
    assert "Counted enough." in window.actions_["count"].toolTip()
    assert window.view.delegate.offers_tools
    window.actions_["tool-Details"].trigger()
    assert [action.text() for action in window.menuBar().actions()][2] == "&Help"


def test_the_last_tools_are_remembered(with_counter, window, three, link, api, qtbot, wait_until):
    window.select_machine(three[0].id)
    window.open_tool("Counter")
    key = "GUI/Tools/LastItemsSelected"
    wait_until(lambda: api.virtualbox.get_extra_data(key) == "Welcome,Counter")
    again = ManagerWindow(link)
    qtbot.addWidget(again)
    again._on_connection_changed(True, "")
    again.show()
    wait_until(lambda: again.tools.last_tool(ToolScope.MACHINE) is COUNTER)
    window.actions_["tool-Welcome"].trigger()
    assert window.selected_machine is None
    assert window.column.tools.isChecked()
    assert "No machine is selected." in window.actions_["settings"].toolTip()
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/LastItemSelected") == "n=GLOBAL")


def test_tool_bar_text_can_be_hidden(window, three, api, wait_until):
    window.tools.set_shows_text(False)
    button = window.tools.tool_bar.findChildren(QToolButton)[-1]
    assert button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/Toolbar/Text") == "false")
    window.tools.recall()
    assert not window.tools.shows_text


# -- notifications ---------------------------------------------------------------------------------


def test_work_shows_progress_and_goes_when_it_is_done(window, link, wait_until, tmp_path):
    center = window.notifications
    done = []
    center.run(
        window,
        "Creating a disk",
        "virtualbox.create_medium",
        {"path": str(tmp_path / "a.vdi"), "size_bytes": 1 << 20},
        done.append,
        cancellable=True,
    )
    (told,) = center.notifications()
    assert told.kind is Kind.PROGRESS
    assert told.can_be_cancelled
    wait_until(lambda: bool(done))
    assert center.notifications() == ()
    center.set_keep_finished(True)
    center.run(window, "Again", "virtualbox.get_version", {})
    wait_until(lambda: center.notifications()[0].kind is Kind.DONE)
    assert window.panel.cards()[0].progress.isHidden()


def test_failures_stay_and_open_the_panel(window, wait_until):
    assert window.panel.isHidden()
    failed = []
    window.notifications.run(
        window,
        "Finding it",
        "virtualbox.find_machine",
        {"name_or_id": "nobody"},
        failure="It was not found",
        failed=failed.append,
    )
    wait_until(lambda: bool(failed))
    (told,) = window.notifications.notifications()
    assert (told.kind, told.title) == (Kind.ERROR, "It was not found")
    assert "nobody" in told.text
    assert window.panel.isVisible()
    window.panel.cards()[0].dismiss.click()
    assert window.notifications.notifications() == ()
    # It had opened by itself.
    assert window.panel.isHidden()


def test_cancelling_is_passed_on(window, qtbot):
    cancelled = []
    notification = window.notifications.begin("Copying", lambda: cancelled.append(True))
    notification.set_progress(40, "Copying a.vdi")
    card = window.panel.cards()[0]
    assert card.progress.value() == 40
    card.cancel.click()
    assert cancelled == [True]
    assert not notification.can_be_cancelled
    window.notifications.fail(notification, "The disk is full.")
    assert card.cancel.isHidden()
    window.notifications.dismiss_finished()
    assert window.panel.cards() == []


def test_order_and_state_of_the_panel_are_remembered(window, api, wait_until):
    for title in ("first", "second"):
        window.notifications.show_message(title, "Text.")
    assert [card.notification.title for card in window.panel.cards()] == ["second", "first"]
    wait_until(lambda: window._layout_is_known)
    window.panel.order.setChecked(True)
    assert [card.notification.title for card in window.panel.cards()] == ["first", "second"]
    window.panel.keep.setChecked(True)
    window.panel.set_open(opened=True)

    def stored(key):
        return api.virtualbox.get_extra_data(f"GUI/NotificationCenter/{key}")

    wait_until(lambda: stored("Order") == "Ascending")
    wait_until(lambda: stored("KeepSuccessfullProgresses") == "true")
    wait_until(lambda: stored("Open") == "true")


def test_operations_of_other_programs_are_shown(window, api, tmp_path, wait_until):
    seen = []
    window.notifications.added.connect(lambda told: seen.append((told.title, told.kind)))
    window.notifications.set_keep_finished(True)
    # The UI thread has to be free to see it begin.
    work = threading.Thread(
        target=api.virtualbox.create_medium, args=(str(tmp_path / "b.vdi"), 64 << 20, "VDI", "Fixed")
    )
    work.start()
    wait_until(lambda: bool(seen))
    title, kind = seen[0]
    assert title.startswith("Creating")
    assert "(test (process" in title
    assert kind is Kind.PROGRESS
    wait_until(lambda: window.notifications.notifications()[0].kind is Kind.DONE)
    work.join()


def test_old_notifications_make_room(qapp, link):
    center = NotificationCenter(link)
    for number in range(60):
        center.show_message(str(number), "")
    assert [center.notifications()[0].title, len(center.notifications())] == ["10", 50]


# -- desktop and help ------------------------------------------------------------------------------


def test_shortcuts_are_desktop_entries(tmp_path):
    machine = MachineInfo(id="1234", name='A/b "50%" \\ $x')
    path = create_shortcut(machine, tmp_path / "Desktop")
    assert path.name == "A_b _50%_ _ $x.desktop"
    assert os.access(path, os.X_OK)
    lines = dict(line.split("=", 1) for line in path.read_text().splitlines()[1:])
    assert lines["Name"] == 'A/b "50%" \\\\ $x'
    assert shlex.split(lines["Exec"])[-2:] == ["--startvm", "1234"]
    assert Path(lines["Icon"]).is_file()
    assert path.read_text() == desktop_entry(machine)
    assert list(path.parent.iterdir()) == [path]


def test_windows_gets_a_shell_link(tmp_path, monkeypatch):
    """PowerShell writes it; here a stand-in keeps the script."""
    tools = tmp_path / "tools"
    tools.mkdir()
    stand_in = tools / "powershell"
    stand_in.write_text(
        f"#!{sys.executable}\n"
        "import base64, os, pathlib, sys\n"
        f"pathlib.Path({str(tmp_path / 'script')!r}).write_bytes(base64.b64decode(sys.argv[-1]))\n"
        "sys.exit('Access denied' if os.environ.get('DENIED') else 0)\n"
    )
    stand_in.chmod(0o700)
    monkeypatch.setenv("PATH", str(tools))
    machine = MachineInfo(id="1234", name="It’s mine")
    path = create_shortcut(machine, tmp_path, "win32")
    assert path.name == "It’s mine.lnk"
    script = (tmp_path / "script").read_text(encoding="utf-16-le")
    assert script == link_script(path, machine)
    assert "$link.Description = 'It’’s mine'" in script
    assert "--startvm 1234'" in script
    monkeypatch.setenv("DENIED", "1")
    with pytest.raises(OSError, match=r"could not write .*: Access denied"):
        create_shortcut(machine, tmp_path, "win32")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="powershell"):
        create_shortcut(machine, tmp_path, "win32")


def test_macos_gets_a_script(tmp_path):
    machine = MachineInfo(id="12 34", name="A")
    path = create_shortcut(machine, tmp_path, "darwin")
    assert path.name == "A.command"
    assert os.access(path, os.X_OK)
    assert "--startvm '12 34' >/dev/null" in path.read_text()
    subprocess.run(["/bin/sh", "-n", path], check=True)


def test_a_folder_without_rights_is_told(window, three, monkeypatch, tmp_path, wait_until, errors):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(
        "app.manager.desktop_shortcut.QStandardPaths.standardLocations",
        lambda _place: [str(blocked / "Desktop")],
    )
    window.select_machine(three[0].id)
    window.actions_["create-shortcut"].trigger()
    told = errors(wait_until)
    assert "No shortcut to “One”" in told.title
    assert str(blocked) in told.text


def test_help_has_text_and_comes_with_f1(window, qtbot, dialog_of_class):
    qtbot.keyClick(window, Qt.Key.Key_F1)
    shown = dialog_of_class(HelpWindow)
    assert "The list of machines" in shown.text.toPlainText()
    assert help_folder().is_dir()
    shown.reject()
