import copy

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from shiboken6 import isValid

from app.manager.settings_dialog.dialog import EXPERT_MODE_KEY, SettingsDialog
from app.manager.settings_dialog.spec import Level, all_pages, all_spots, spot_of
from app.manager.widgets.field_message import Severity
from app.settings.network import NetworkAdapter

HOT = {"description", "hardware.clipboard_mode", "hardware.network_adapters[0].cable_connected"}


@pytest.fixture
def machine(api, link, wait_until):
    info = api.virtualbox.create_machine("Tester", "Linux26_64")
    wait_until(lambda: link.model.rowCount() == 1)
    return info


@pytest.fixture
def dialog(link, machine, show, wait_until):
    opened = show(SettingsDialog(link, machine))
    wait_until(opened.ok_button.isEnabled)
    return opened


@pytest.fixture
def saved(api, machine):
    return lambda: api.machine(machine.id).get_settings()


def press_ok(qtbot, dialog, wait_until):
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: not isValid(dialog) or not dialog.isVisible())


def press(qtbot, box, word):
    button = next(b for b in box.buttons() if word in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def row_of(dialog, path):
    dialog.editor(path)
    return dialog.pages[spot_of(path).page.name].row(path)


def test_all_pages_shown_and_nothing_changed(dialog, saved, qtbot):
    dialog.level.expert.click()
    for spec in all_pages():
        dialog.show_page(spec.name)
        page = dialog.pages[spec.name]
        for number in range(len(spec.tabs)):
            if page.tabs is not None:
                page.tabs.setCurrentIndex(number)
        qtbot.wait(1)
    dialog.refresh()
    assert not dialog.draft.is_modified
    assert dialog.collect() == saved()


def test_pages_are_made_when_they_are_shown(dialog):
    assert list(dialog.pages) == ["general"]
    dialog.show_page("network")
    assert set(dialog.pages) == {"general", "network"}


@pytest.mark.parametrize(
    "order",
    [
        ["None", "DVD", "None", "HardDisk"],
        ["Network", "None", "None", "None"],
        ["None", "None", "None", "None"],
    ],
)
def test_unusual_settings_survive_untouched(link, machine, api, show, wait_until, saved, order):
    settings = saved()
    settings.hardware.boot_order = order
    settings.hardware.pointing_device = "USBTablet"
    settings.hardware.display.controller = "FutureVGA"
    settings.os_type_id = "FutureOS_64"
    settings.hardware.cpu.count = 40
    settings.hardware.firmware.ioapic = True
    settings.hardware.firmware.time_offset_ms = -(2**40)
    settings.extra_data["GUI/ScaleFactor"] = "1.37,2"
    settings.extra_data["GUI/RestrictedRuntimeMenus"] = "Application,View"
    api.machine(machine.id).save_settings(settings)
    dialog = show(SettingsDialog(link, machine))
    wait_until(lambda: dialog.collect() is not None)
    for spec in all_pages():
        dialog.show_page(spec.name)
    dialog.refresh()
    assert dialog.collect() == saved()


def test_simple_fields_are_saved(dialog, qtbot, wait_until, saved):
    name = dialog.editor("name").edit
    name.selectAll()
    qtbot.keyClicks(name, "Renamed")
    dialog.editor("os_type_id").os_type.choose("DOS")
    dialog.editor("description").edit.setPlainText("two\nlines")
    dialog.editor("hardware.memory_mb").memory.spin.setValue(77)
    utc = dialog.editor("hardware.rtc_utc").box
    utc.click()
    dialog.editor("hardware.display.vram_mb").memory.spin.setValue(33)
    dialog.editor("hardware.display.controller").box.value = "VMSVGA"
    dialog.editor("execution_engine").box.value = "Recompiler"
    dialog.editor("extra_data[GUI/ScaleFactor]").spin.setValue(150)
    wanted = utc.isChecked()
    press_ok(qtbot, dialog, wait_until)
    settings = saved()
    assert settings.name == "Renamed"
    assert settings.os_type_id == "DOS"
    assert settings.description == "two\nlines"
    assert settings.hardware.memory_mb == 77
    assert settings.hardware.rtc_utc is wanted
    assert settings.hardware.display.vram_mb == 33
    assert settings.hardware.display.controller == "VMSVGA"
    assert settings.execution_engine == "Recompiler"
    assert settings.extra_data["GUI/ScaleFactor"] == "1.5"


def test_boot_order_moves_with_keys_and_check_boxes(dialog, qtbot, wait_until, saved):
    editor = dialog.editor("hardware.boot_order").order
    dialog.show_page("system")
    assert editor.order == ["Floppy", "DVD", "HardDisk", "None"]
    editor.list.setCurrentRow(2)
    qtbot.keyClick(editor.list, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(editor.up, Qt.MouseButton.LeftButton)
    assert not editor.up.isEnabled()
    editor.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    press_ok(qtbot, dialog, wait_until)
    assert saved().hardware.boot_order == ["HardDisk", "DVD", "None", "None"]


def test_cancel_really_cancels(dialog, qtbot, saved):
    before = saved()
    dialog.editor("name").edit.setText("Other name")
    dialog.editor("hardware.usb_filters").add_filter()
    dialog.editor("hardware.storage_controllers").remove_current()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert saved() == before


def test_a_changed_value_is_marked_and_can_be_taken_back(dialog, qtbot, wait_until):
    dialog.show_page("system")
    row = row_of(dialog, "hardware.memory_mb")
    before = row.editor.value
    assert not row.revert_button.isVisible()
    row.editor.memory.spin.setValue(before + 64)
    wait_until(row.revert_button.isVisible)
    assert row.caption.font().bold()
    qtbot.mouseClick(row.revert_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: not row.revert_button.isVisible())
    assert row.editor.value == before
    assert not dialog.draft.is_modified


def test_taking_back_a_new_item_leaves_nothing(dialog, wait_until):
    dialog.editor("hardware.serial_ports[2].enabled").box.click()
    assert dialog.draft.is_modified
    dialog.draft.revert("hardware.serial_ports[2].enabled")
    assert not dialog.draft.is_modified


@pytest.mark.parametrize(("name", "word"), [("", "needs a name"), ("a/b", "slash")])
def test_bad_name_forbids_ok_and_the_link_leads_to_it(dialog, wait_until, qtbot, name, word):
    dialog.editor("name").edit.setText(name)
    dialog.show_page("system")
    wait_until(lambda: word in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    assert "General" in dialog.validation.text
    dialog.activateWindow()
    problem = next(p for p in dialog.validation.problems if p.severity is Severity.ERROR)
    problem.follow()
    assert dialog.current_page == "general"
    wait_until(lambda: dialog.focusWidget() is dialog.editor("name").edit)


def test_errors_come_first_and_all_are_listed(dialog, wait_until):
    dialog.editor("hardware.cpu.execution_cap").spin.setValue(5)
    dialog.editor("name").edit.setText("")
    wait_until(lambda: len(dialog.validation.problems) > 1)
    severities = [problem.severity for problem in dialog.validation.problems]
    assert severities[0] is Severity.ERROR
    assert Severity.WARNING in severities
    assert "slowly" in dialog.validation.text


def test_settings_that_follow_others_say_so(dialog, wait_until):
    dialog.editor("hardware.display.accelerate_3d").box.click()
    dialog.editor("hardware.pointing_device").box.value = "PS2Mouse"
    dialog.editor("hardware.usb_controllers").enabled.setChecked(False)
    dialog.editor("hardware.pointing_device").box.value = "USBTablet"
    dialog.editor("hardware.cpu.nested_paging").box.setChecked(False)
    dialog.editor("hardware.cpu.nested_hw_virt").box.click()
    dialog.editor("hardware.firmware.ioapic").box.setChecked(False)
    dialog.editor("hardware.cpu.count").spin.setValue(2)
    wait_until(lambda: "The I/O APIC was switched on" in dialog.validation.text)
    hardware = dialog.collect().hardware
    assert hardware.display.controller == "VMSVGA"
    assert [each.type for each in hardware.usb_controllers] == ["OHCI"]
    assert hardware.cpu.nested_paging
    assert hardware.firmware.ioapic
    for word in ("VMSVGA", "USB controller was added", "Nested paging"):
        assert word in dialog.validation.text
    assert dialog.editor("hardware.firmware.ioapic").box.isChecked()


def test_basic_hides_what_experts_see_and_the_level_is_stored(
    dialog, api, wait_until, qtbot, link, machine, show
):
    dialog.show_page("system")
    page = dialog.pages["system"]
    assert not page.tabs.isTabVisible(2)
    assert not row_of(dialog, "hardware.chipset").isVisibleTo(page)
    assert row_of(dialog, "hardware.memory_mb").isVisibleTo(page)
    assert dialog.page_list.isRowHidden([p.name for p in all_pages()].index("serial"))
    qtbot.mouseClick(dialog.level.expert, Qt.MouseButton.LeftButton)
    assert row_of(dialog, "hardware.chipset").isVisibleTo(page)
    assert page.tabs.isTabVisible(2)
    wait_until(lambda: api.virtualbox.get_extra_data(EXPERT_MODE_KEY) == "true")
    again = show(SettingsDialog(link, machine))
    wait_until(lambda: again.level.is_expert)


def test_basic_has_what_virtualbox_shows_there():
    basic = {spot.field.path for spot in all_spots() if spot.field.level is Level.BASIC}
    assert {
        "name", "os_type_id", "description", "hardware.memory_mb", "hardware.boot_order",
        "hardware.pointing_device", "hardware.cpu.count", "hardware.display.vram_mb",
        "hardware.display.monitor_count", "extra_data[GUI/ScaleFactor]",
        "hardware.clipboard_mode", "hardware.drag_and_drop_mode", "hardware.storage_controllers",
        "hardware.network_adapters[0].attachment", "hardware.audio.enabled",
        "hardware.usb_controllers", "hardware.shared_folders",
    } <= basic  # fmt: skip
    assert "hardware.chipset" not in basic


def test_search_finds_an_expert_setting_and_shows_it(dialog, qtbot, wait_until):
    dialog.activateWindow()
    qtbot.keyClicks(dialog.search, "parallel interrupt")
    item = dialog.results.list.item(0)
    assert "Expert" in item.text()
    dialog.search.clear()
    qtbot.keyClicks(dialog.search, "chipset")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.level.is_expert
    assert dialog.current_page == "system"
    wait_until(lambda: dialog.focusWidget() is dialog.editor("hardware.chipset").box)
    assert "Chipset of the board" in dialog.help_line.text()
    qtbot.keyClick(dialog.search, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert dialog.search.text() == ""
    assert dialog._lists.currentIndex() == 0


def test_search_that_finds_nothing_says_so(dialog, qtbot):
    qtbot.keyClicks(dialog.search, "zzzz")
    assert "“zzzz”" in dialog.results.nothing.text()
    assert dialog.results.nothing.isVisible()


def test_running_machine_allows_only_what_may_change(
    link, machine, api, show, wait_until, qtbot, saved
):
    api.machine(machine.id).launch()
    wait_until(lambda: link.model.machine(machine.id).state == "Running")
    dialog = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(dialog.ok_button.isEnabled)
    assert "running" in dialog.banner.text
    for path in ("name", "hardware.memory_mb", "hardware.chipset", *HOT):
        row = row_of(dialog, path)
        row.update_state()
        assert row.editor.isEnabled() == (path in HOT), path
    assert "while the machine runs" in row_of(dialog, "name").editor.toolTip()
    dialog.editor("description").edit.setPlainText("changed while running")
    press_ok(qtbot, dialog, wait_until)
    assert saved().description == "changed while running"
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")


def test_machine_started_meanwhile(dialog, link, machine, api, wait_until, qtbot, dialog_of_class):
    dialog.editor("hardware.memory_mb").memory.spin.setValue(99)
    dialog.editor("description").edit.setPlainText("kept")
    api.machine(machine.id).launch()
    box = dialog_of_class(QMessageBox)
    assert "Base Memory" in box.informativeText()
    press(qtbot, box, "Keep")
    wait_until(lambda: "must stop first" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    assert not dialog.editor("hardware.memory_mb").isEnabled()
    dialog.draft.revert("hardware.memory_mb")
    wait_until(dialog.ok_button.isEnabled)
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")
    wait_until(lambda: not dialog.banner.text)
    assert dialog.editor("description").edit.toPlainText() == "kept"


def change_memory(api, machine, memory):
    settings = copy.deepcopy(api.machine(machine.id).get_settings())
    settings.hardware.memory_mb = memory
    api.machine(machine.id).save_settings(settings)


def test_change_elsewhere_is_taken_over_or_asked_about(
    dialog, api, machine, wait_until, dialog_of_class, qtbot
):
    memory = dialog.editor("hardware.memory_mb")
    change_memory(api, machine, 111)
    wait_until(lambda: memory.value == 111)
    dialog.editor("description").edit.setPlainText("mine")
    change_memory(api, machine, 222)
    press(qtbot, dialog_of_class(QMessageBox), "Reload")
    wait_until(lambda: memory.value == 222)
    assert dialog.editor("description").edit.toPlainText() == ""


def test_keeping_ones_changes_loses_neither(
    dialog, api, machine, wait_until, dialog_of_class, qtbot, saved
):
    dialog.editor("description").edit.setPlainText("mine")
    change_memory(api, machine, 222)
    press(qtbot, dialog_of_class(QMessageBox), "Keep")
    press_ok(qtbot, dialog, wait_until)
    assert (saved().description, saved().hardware.memory_mb) == ("mine", 222)


def test_pages_that_the_details_link_to_exist(dialog):
    from app.manager.details.section import all_sections

    names = {spec.name for spec in all_pages()}
    assert {section.page for section in all_sections()} <= names


@pytest.mark.parametrize("name", [spec.name for spec in all_pages()])
def test_tab_key_goes_from_the_list_through_the_page_to_the_buttons(dialog, qtbot, name):
    dialog.activateWindow()
    dialog.level.expert.click()
    dialog.show_page(name)
    dialog.page_list.setFocus()
    reached = []
    while dialog.ok_button not in reached:
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() not in reached
        reached.append(dialog.focusWidget())
    page = dialog.pages[name]
    inside = [widget for widget in reached if page.isAncestorOf(widget)]
    assert len(inside) >= 2
    assert all(widget.accessibleName() or getattr(widget, "text", str)() for widget in inside)


def test_problem_with_what_no_page_shows_warns_and_allows_ok(dialog, wait_until):
    adapters = dialog.draft.settings.hardware.network_adapters
    adapters.append(NetworkAdapter(slot=20, enabled=True, mac_address="1"))
    dialog.refresh()
    assert "Network adapter 21" in dialog.validation.text
    assert dialog.ok_button.isEnabled()


def test_name_of_another_machine_is_refused(dialog, api, link, wait_until):
    api.virtualbox.create_machine("Other", "DOS")
    wait_until(lambda: link.model.rowCount() == 2)
    dialog.editor("name").edit.setText("Other")
    wait_until(lambda: "Another machine" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()


def test_refused_save_keeps_the_dialog_and_says_why(
    dialog, api, machine, qtbot, wait_until, saved
):
    # Somebody else holds the machine for writing when OK is pressed.
    api.machine(machine.id).lock()
    dialog.editor("description").edit.setPlainText("lost?")
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: "were not saved" in dialog.validation.text)
    assert dialog.isVisible()
    assert dialog.editor("description").edit.toPlainText() == "lost?"
    api.machine(machine.id).unlock()
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: saved().description == "lost?")


def test_the_size_is_remembered(dialog, link, machine, show, wait_until, api):
    dialog.resize(1000, 700)
    dialog.reject()
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/Settings/DialogSize") == "1000,700")
    again = show(SettingsDialog(link, machine))
    wait_until(lambda: again.width() == 1000 or again.width() == again.screen().availableSize().width())


def test_a_machine_that_goes_meanwhile_is_told(dialog, api, machine, wait_until):
    api.virtualbox.create_machine("Other", "DOS")
    api.virtualbox.unregister_machine(machine.id)
    wait_until(lambda: "was removed meanwhile" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    api.virtualbox.open_machine(machine.settings_path)
    wait_until(lambda: "was removed" not in dialog.validation.text)
    wait_until(dialog.ok_button.isEnabled)
