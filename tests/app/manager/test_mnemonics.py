"""Alt and a letter must mean one thing: menus, tabs, labels and buttons that are seen together."""

from collections import defaultdict

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QGroupBox,
    QLabel,
    QMenu,
    QMenuBar,
    QTabBar,
    QTabWidget,
    QToolBar,
)

from app.api.structs import DeviceType
from app.common.language import ENGLISH, LanguageSwitch
from app.manager.about import AboutDialog
from app.manager.dialogs.clone import CloneWizard
from app.manager.dialogs.import_machines import ImportMachinesDialog
from app.manager.dialogs.move import MoveDialog
from app.manager.dialogs.remove import RemoveDialog
from app.manager.media.create_dialogs import CopyDialog, CreateDiskDialog, CreateFloppyDialog
from app.manager.media.selector import choose_medium
from app.manager.preferences.dialog import PreferencesDialog
from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.settings_dialog.folders.folder_dialog import SharedFolderDialog
from app.manager.settings_dialog.network.forwarding_dialog import ForwardingDialog
from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog
from app.manager.settings_dialog.usb.filter_dialog import UsbFilterDialog
from app.manager.snapshots.take_dialog import TakeSnapshotDialog
from app.manager.tool import all_tools
from app.manager.widgets.mnemonics import mnemonic, with_mnemonics
from app.manager.wizard.new_machine import NewMachineWizard
from app.settings.model import PortForwarding, SharedFolder, UsbDeviceFilter


@pytest.fixture(params=[ENGLISH, "de"], autouse=True)
def language(request, qapp):
    switch = LanguageSwitch(qapp)
    switch.use(request.param)
    yield request.param
    switch.use(ENGLISH)


def twice(texts):
    """Return the captions that share a letter with another one."""
    users = defaultdict(list)
    for text in texts:
        users[mnemonic(text)].append(text)
    return [shared for letter, shared in users.items() if letter and len(shared) > 1]


def captions(window):
    """Return what Alt and a letter reaches in WINDOW as it is shown now."""

    def seen(widget_class):
        found = window.findChildren(widget_class)
        return [each for each in found if each.isVisible() and each.window() is window]

    texts = [a.text() for bar in seen(QMenuBar) for a in bar.actions() if a.isVisible()]
    texts += [b.text() for b in seen(QAbstractButton) if not isinstance(b.parent(), QToolBar)]
    texts += [label.text() for label in seen(QLabel) if label.buddy() is not None]
    texts += [box.title() for box in seen(QGroupBox)]
    for bar in seen(QTabBar):
        texts += [bar.tabText(n) for n in range(bar.count()) if bar.isTabVisible(n)]
    return texts


def assert_no_letter_twice(window, where=""):
    assert twice(captions(window)) == [], where


def each_tab(window):
    """Show every tab of every tab widget that is seen."""
    for tabs in window.findChildren(QTabWidget):
        for number in range(tabs.count()):
            if tabs.isVisible() and tabs.isTabVisible(number):
                tabs.setCurrentIndex(number)
                yield number


def walk(window, where=""):
    assert_no_letter_twice(window, where)
    for number in each_tab(window):
        assert_no_letter_twice(window, f"{where} tab {number}")


@pytest.fixture
def machine(api, link, wait_until):
    info = api.virtualbox.create_machine("Tester", "Linux26_64")
    wait_until(lambda: link.model.rowCount() == 1)
    return info


def test_menus(window, wait_until):
    wait_until(lambda: window._layout_is_known)
    menus = [menu for menu in window.findChildren(QMenu) if len(menu.actions()) > 1]
    assert len(menus) > 10
    menus += [
        window.menus.new_context_menu(machines=machines, group=group)
        for machines, group in ((False, False), (True, False), (True, True))
    ]
    for menu in menus:
        menu.aboutToShow.emit()
        assert twice(action.text() for action in menu.actions()) == [], menu.title()


def test_tools(window, machine, wait_until):
    wait_until(lambda: window._layout_is_known)
    window.select_machine(machine.id)
    for tool in all_tools():
        window.open_tool(tool.name)
        pane = window.tools.pane(tool.name)
        wait_until(pane.isVisible)
        for spec in tool.actions:
            if spec.checkable and window.actions_[spec.name].isEnabled():
                pane.perform(spec.name)
        walk(window, tool.name)


def test_media_manager(window, api, wait_until, tmp_path):
    api.virtualbox.create_medium(str(tmp_path / "a.vdi"), 1 << 20, register=True)
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Media")
    pane = window.tools.pane("Media")
    wait_until(lambda: pane.medium is not None and pane.store.is_loaded(DeviceType.FLOPPY))
    for page in range(2):
        pane.panel.tabs.setCurrentIndex(page)
        assert_no_letter_twice(window)


def test_network_manager(window, wait_until):
    wait_until(lambda: window._layout_is_known)
    window.open_tool("Network")
    pane = window.tools.pane("Network")
    wait_until(lambda: pane.store.is_loaded)
    for kind in range(2):
        pane.tabs.setCurrentIndex(kind)
        pane.perform("network-create")
        wait_until(lambda: bool(pane.selected_name))
        for page in range(2):
            pane.details.currentWidget().tabs.setCurrentIndex(page)
            assert_no_letter_twice(window)


def test_settings(link, machine, show, wait_until):
    dialog = show(SettingsDialog(link, machine))
    wait_until(dialog.ok_button.isEnabled)
    for level in (dialog.level.expert, dialog.level.basic):
        level.click()
        for row in range(dialog.page_list.count()):
            if not dialog.page_list.item(row).isHidden():
                dialog.page_list.setCurrentRow(row)
                walk(dialog, dialog.current_page)


def test_preferences(link, show):
    dialog = show(PreferencesDialog(link, link.properties))
    for level in (dialog.level.expert, dialog.level.basic):
        level.click()
        for name in dialog.pages:
            dialog.show_page(name)
            walk(dialog, name)


def test_wizards(link, machine, show, qtbot):
    for wizard in (NewMachineWizard(link), CloneWizard(link, machine)):
        show(wizard)
        if isinstance(wizard, NewMachineWizard):
            wizard.name_page.name.setText("Another")
        for _step in range(5):
            qtbot.wait(1)
            assert_no_letter_twice(wizard)
            if wizard._stack.currentIndex() < wizard._stack.count() - 1:
                wizard.next_button.click()
        wizard.set_expert(True)
        assert_no_letter_twice(wizard)


def test_dialogs(link, api, machine, show, tmp_path):
    formats = api.virtualbox.list_medium_formats()
    medium = api.virtualbox.create_medium(str(tmp_path / "a.vdi"), 1 << 20)
    settings = api.machine(machine.id).get_settings()
    parent = show(MoveDialog(machine))
    walk(parent)
    for dialog in (
        ImportMachinesDialog(link),
        RemoveDialog(link, [machine]),
        RemoveDialog(link, [machine, machine]),
        CreateDiskDialog([f for f in formats if DeviceType.HARD_DISK in f.device_types], ""),
        CreateFloppyDialog([f for f in formats if DeviceType.FLOPPY in f.device_types], ""),
        CopyDialog(medium, [f for f in formats if DeviceType.HARD_DISK in f.device_types]),
        choose_medium(None, link, DeviceType.DVD, print, left_empty=print),
        TakeSnapshotDialog(machine, settings, None),
        SharedFolderDialog(SharedFolder(name="share", host_path=str(tmp_path)), [], parent),
        NewDiskDialog(link, str(tmp_path / "b.vdi"), 1 << 20),
        UsbFilterDialog(UsbDeviceFilter(), parent),
        ForwardingDialog([PortForwarding(name="a")], parent),
        AboutDialog(parent),
    ):
        show(dialog)
        walk(dialog, type(dialog).__name__)


@pytest.mark.parametrize("language", [ENGLISH], indirect=True)
def test_letters_are_dealt():
    assert with_mnemonics(["Name", "Notes", "R && D"]) == ["&Name", "N&otes", "&R && D"]
    # Marks stay while they are free, and one gives way when another text would have no letter.
    assert with_mnemonics(["&Off", "O&n", "F"]) == ["&Off", "O&n", "&F"]
    assert with_mnemonics(["&ab", "a"]) == ["a&b", "&a"]
    assert with_mnemonics(["&Save", "Edit"], taken="se") == ["S&ave", "E&dit"]
    assert with_mnemonics(["&x", "&x", "&&"]) == ["&x", "x", "&&"]
