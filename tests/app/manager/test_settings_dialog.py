import copy

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from shiboken6 import isValid

from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.settings_dialog.page import SettingsPage, all_pages, page_of
from app.settings.enums import DeviceType, StorageControllerType
from app.settings.network import NetworkAdapter

MB = 1 << 20


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
def iso(tmp_path):
    path = tmp_path / "some.iso"
    data = bytearray(20 * 2048)
    data[16 * 2048 : 16 * 2048 + 7] = b"\x01CD001\x01"
    data[17 * 2048 : 17 * 2048 + 7] = b"\xffCD001\x01"
    path.write_bytes(data)
    return path


def press_ok(qtbot, dialog, wait_until):
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: not isValid(dialog) or not dialog.isVisible())


def select_drive(dialog, device_type):
    tree = dialog.pages["storage"].tree
    for row in range(tree.topLevelItemCount()):
        parent = tree.topLevelItem(row)
        for child in range(parent.childCount()):
            _controller, drive = parent.child(child).data(0, Qt.ItemDataRole.UserRole)
            if drive.type == device_type:
                tree.setCurrentItem(parent.child(child))
                return drive
    raise AssertionError(f"there is no {device_type}")


def test_pages_load_and_store_without_changing_anything(dialog, api, machine):
    assert dialog.collect() == api.machine(machine.id).get_settings()


@pytest.mark.parametrize(
    "order",
    [
        ["None", "DVD", "None", "HardDisk"],
        ["Network", "None", "None", "None"],
        ["None", "None", "None", "None"],
    ],
)
def test_unusual_settings_survive_untouched(link, machine, api, show, wait_until, order):
    settings = api.machine(machine.id).get_settings()
    settings.hardware.boot_order = order
    settings.hardware.pointing_device = "USBTablet"
    settings.hardware.display.controller = "VMSVGA"
    settings.os_type_id = "FutureOS_64"
    settings.hardware.cpu.count = 4
    settings.hardware.firmware.ioapic = True
    api.machine(machine.id).save_settings(settings)
    dialog = show(SettingsDialog(link, machine))
    wait_until(lambda: dialog.collect() is not None)
    assert dialog.collect() == api.machine(machine.id).get_settings()


def test_all_simple_fields_are_saved(dialog, qtbot, wait_until, api, machine):
    general, system = dialog.pages["general"], dialog.pages["system"]
    general.name.selectAll()
    qtbot.keyClicks(general.name, "Renamed")
    general.os_type.choose("DOS")
    general.description.setPlainText("two\nlines")
    system.memory.spin.setValue(77)
    system.rtc_utc.setChecked(not system.rtc_utc.isChecked())
    utc = system.rtc_utc.isChecked()
    dialog.pages["display"].vram.spin.setValue(33)
    dialog.pages["display"].controller.value = "VMSVGA"
    press_ok(qtbot, dialog, wait_until)
    settings = api.machine(machine.id).get_settings()
    assert settings.name == "Renamed"
    assert settings.os_type_id == "DOS"
    assert settings.description == "two\nlines"
    assert settings.hardware.memory_mb == 77
    assert settings.hardware.rtc_utc is utc
    assert settings.hardware.display.vram_mb == 33
    assert settings.hardware.display.controller == "VMSVGA"


def test_boot_order_moves_with_keys_and_check_boxes(dialog, qtbot, wait_until, api, machine):
    editor = dialog.pages["system"].boot_order
    dialog.show_page("system")
    assert editor.order == ["Floppy", "DVD", "HardDisk", "None"]
    editor.list.setCurrentRow(2)
    qtbot.keyClick(editor.list, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(editor.up, Qt.MouseButton.LeftButton)
    assert not editor.up.isEnabled()
    editor.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    press_ok(qtbot, dialog, wait_until)
    order = api.machine(machine.id).get_settings().hardware.boot_order
    assert order == ["HardDisk", "DVD", "None", "None"]


def test_cancel_really_cancels(dialog, qtbot, api, machine):
    before = api.machine(machine.id).get_settings()
    dialog.pages["general"].name.setText("Other name")
    dialog.pages["storage"].remove_current()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert api.machine(machine.id).get_settings() == before


@pytest.mark.parametrize(("name", "word"), [("", "needs a name"), ("a/b", "slash")])
def test_bad_name_forbids_ok(dialog, wait_until, name, word):
    dialog.pages["general"].name.setText(name)
    wait_until(lambda: word in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    assert "General" in dialog.validation.text


def test_iso_is_inserted_shown_and_saved(dialog, qtbot, wait_until, api, machine, iso):
    page = dialog.pages["storage"]
    dialog.show_page("storage")
    drive = select_drive(dialog, DeviceType.DVD)
    page.open_file(str(iso), DeviceType.DVD, lambda _kind, medium: page.insert(medium))
    wait_until(lambda: drive.medium != "")
    assert page.tree.currentItem().text(0) == "some.iso"
    wait_until(lambda: page.drive_panel.facts.text("virtual") == "40.00 KB")
    assert page.drive_panel.facts.text("location").replace("\u200b", "") == str(iso)
    press_ok(qtbot, dialog, wait_until)
    settings = api.machine(machine.id).get_settings()
    assert [image.location for image in settings.media.dvd_images] == [str(iso)]


def test_image_that_is_not_there_is_refused(dialog, tmp_path, dialog_of_class):
    page = dialog.pages["storage"]
    page.open_file(str(tmp_path / "gone.iso"), DeviceType.DVD, lambda *_args: None)
    box = dialog_of_class(QMessageBox)
    assert "gone.iso" in box.text()
    box.close()


def test_new_disk_is_created_and_attached(dialog, qtbot, wait_until, api, machine, dialog_of_class):
    from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog

    page = dialog.pages["storage"]
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    page._create_disk(page._add_disk)
    creator = dialog_of_class(NewDiskDialog)
    creator.disk_size.value = 8 * MB
    wait_until(creator.create_button.isEnabled)
    qtbot.mouseClick(creator.create_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: page.tree.currentItem().text(0) == "Tester.vdi")
    press_ok(qtbot, dialog, wait_until)
    settings = api.machine(machine.id).get_settings()
    assert [disk.location for disk in settings.media.hard_disks] == ["Tester.vdi"]


def test_drive_without_disk_and_shared_disk_are_errors(dialog, wait_until):
    page = dialog.pages["storage"]
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    page._add_drive_with(DeviceType.HARD_DISK, None)
    wait_until(lambda: "has no image" in dialog.validation.text)
    page._add_drive_with(DeviceType.HARD_DISK, None)
    for controller in page._settings.hardware.storage_controllers:
        for drive in controller.attachments:
            if drive.type == DeviceType.HARD_DISK:
                drive.medium = "11111111-2222-3333-4444-555555555555"
    page._rebuild()
    wait_until(lambda: "attached 2 times" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()


def test_controllers_can_be_removed_and_added(dialog, qtbot, wait_until, api, machine):
    page = dialog.pages["storage"]
    while page.tree.topLevelItemCount():
        page.tree.setCurrentItem(page.tree.topLevelItem(0))
        qtbot.mouseClick(page.remove_button, Qt.MouseButton.LeftButton)
    assert not page.add_drive_button.isEnabled()
    page.add_controller(StorageControllerType.PIIX4)
    assert not page._ide_action.isEnabled()
    page._add_drive_with(DeviceType.DVD, None)
    press_ok(qtbot, dialog, wait_until)
    controllers = api.machine(machine.id).get_settings().hardware.storage_controllers
    assert [(c.name, c.type, len(c.attachments)) for c in controllers] == [("IDE", "PIIX4", 1)]


def test_serial_port_is_saved_and_checked(dialog, qtbot, wait_until, api, machine):
    dialog.show_page("serial")
    port = dialog.pages["serial"].ports[0]
    port.enabled.click()
    port.mode.value = "RawFile"
    wait_until(lambda: "no path" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    qtbot.keyClicks(port.path, "/tmp/serial.txt")
    press_ok(qtbot, dialog, wait_until)
    ports = api.machine(machine.id).get_settings().hardware.serial_ports
    saved = next(p for p in ports if p.slot == 0)
    assert (saved.enabled, saved.io_base, saved.irq) == (True, 0x3F8, 4)
    assert (saved.mode, saved.path) == ("RawFile", "/tmp/serial.txt")


def test_two_ports_may_not_share_resources(dialog, wait_until):
    first, second = dialog.pages["serial"].ports[:2]
    first.enabled.setChecked(True)
    second.enabled.setChecked(True)
    second.number.setCurrentIndex(second.number.findData("COM1"))
    wait_until(lambda: "use the I/O port 0x3f8" in dialog.validation.text)


def test_running_machine_allows_only_what_may_change(
    link, machine, api, show, wait_until, qtbot, iso
):
    api.machine(machine.id).launch()
    wait_until(lambda: link.model.machine(machine.id).state == "Running")
    dialog = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(dialog.ok_button.isEnabled)
    assert "running" in dialog.banner.text
    assert not dialog.pages["general"].name.isEnabled()
    assert not dialog.pages["system"].memory.isEnabled()
    assert dialog.pages["general"].description.isEnabled()
    page = dialog.pages["storage"]
    dialog.show_page("storage")
    assert not page.remove_button.isEnabled()
    drive = select_drive(dialog, DeviceType.DVD)
    assert page.drive_panel.medium_button.isEnabled()
    page.open_file(str(iso), DeviceType.DVD, lambda _kind, medium: page.insert(medium))
    wait_until(lambda: drive.medium != "")
    dialog.pages["general"].description.setPlainText("changed while running")
    press_ok(qtbot, dialog, wait_until)
    settings = api.machine(machine.id).get_settings()
    assert settings.description == "changed while running"
    assert [image.location for image in settings.media.dvd_images] == [str(iso)]
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")


def test_change_elsewhere_is_taken_over_or_asked_about(
    dialog, api, machine, wait_until, dialog_of_class, qtbot
):
    def change(memory):
        settings = copy.deepcopy(api.machine(machine.id).get_settings())
        settings.hardware.memory_mb = memory
        api.machine(machine.id).save_settings(settings)

    change(111)
    wait_until(lambda: dialog.pages["system"].memory.value == 111)
    dialog.pages["general"].description.setPlainText("mine")
    change(222)
    box = dialog_of_class(QMessageBox)
    reload = next(b for b in box.buttons() if "Reload" in b.text())
    qtbot.mouseClick(reload, Qt.MouseButton.LeftButton)
    wait_until(lambda: dialog.pages["system"].memory.value == 222)
    assert dialog.pages["general"].description.toPlainText() == ""


def test_every_declared_page_has_a_heading_link(dialog):
    from app.manager.details.section import all_sections

    names = {spec.name for spec in all_pages()}
    assert {section.page for section in all_sections()} <= names
    assert set(dialog.pages) == names


@pytest.mark.parametrize("spec", all_pages(), ids=lambda spec: spec.name)
def test_every_page_loads_and_stores_what_it_declares(spec):
    assert spec.page.load is not SettingsPage.load
    assert spec.page.store is not SettingsPage.store
    assert all(page_of(path) == spec.name for path in spec.paths)


@pytest.mark.parametrize("name", [spec.name for spec in all_pages()])
def test_tab_key_goes_from_the_list_through_the_page_to_the_buttons(dialog, qtbot, name):
    dialog.activateWindow()
    dialog.show_page(name)
    dialog.page_list.setFocus()
    reached = []
    while dialog.ok_button not in reached:
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() not in reached
        reached.append(dialog.focusWidget())
    page = dialog.pages[name]
    assert page.isAncestorOf(reached[0])
    assert all(page.isAncestorOf(widget) for widget in reached[:-1])
    assert len(reached) > 2
    assert all(widget.accessibleName() or widget.text() for widget in reached[1:-1])


def test_problem_that_no_page_shows_warns_and_allows_ok(link, machine, api, show, wait_until):
    settings = api.machine(machine.id).get_settings()
    settings.hardware.network_adapters = [NetworkAdapter(slot=0, enabled=True, mac_address="1")]
    api.machine(machine.id).save_settings(settings)
    dialog = show(SettingsDialog(link, machine))
    wait_until(dialog.ok_button.isEnabled)
    assert "Network adapter 1" in dialog.validation.text
    assert "on the page" not in dialog.validation.text


def test_name_of_another_machine_is_refused(dialog, api, link, wait_until):
    api.virtualbox.create_machine("Other", "DOS")
    wait_until(lambda: link.model.rowCount() == 2)
    dialog.pages["general"].name.setText("Other")
    wait_until(lambda: "Another machine" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()


def test_refused_save_keeps_the_dialog_and_says_why(dialog, api, machine, qtbot, wait_until):
    # Somebody else holds the machine for writing when OK is pressed.
    api.machine(machine.id).lock()
    dialog.pages["general"].description.setPlainText("lost?")
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: "were not saved" in dialog.validation.text)
    assert dialog.isVisible()
    assert dialog.pages["general"].description.toPlainText() == "lost?"
    api.machine(machine.id).unlock()
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: api.machine(machine.id).get_settings().description == "lost?")
