"""Pages with editors of their own: storage, network, ports, USB, shared folders, user interface."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.manager.settings_dialog.dialog import SettingsDialog
from app.manager.settings_dialog.network.forwarding_dialog import ForwardingDialog
from app.manager.settings_dialog.storage.new_disk_dialog import NewDiskDialog
from app.manager.settings_dialog.storage.recent import recent_files
from app.settings.enums import DeviceType, StorageControllerType
from app.settings.model import PortForwarding, UsbDeviceFilter
from tests.app.manager.test_settings_dialog import press, press_ok

MB = 1 << 20
STORAGE = "hardware.storage_controllers"


@pytest.fixture
def machine(api, link, wait_until):
    info = api.virtualbox.create_machine("Tester", "Linux26_64")
    wait_until(lambda: link.model.rowCount() == 1)
    return info


@pytest.fixture
def dialog(link, machine, show, wait_until):
    opened = show(SettingsDialog(link, machine))
    wait_until(opened.ok_button.isEnabled)
    opened.level.expert.click()
    return opened


@pytest.fixture
def storage(dialog):
    dialog.show_page("storage")
    return dialog.editor(STORAGE)


@pytest.fixture
def saved(api, machine):
    return lambda: api.machine(machine.id).get_settings()


@pytest.fixture
def iso(tmp_path):
    path = tmp_path / "some.iso"
    data = bytearray(20 * 2048)
    data[16 * 2048 : 16 * 2048 + 7] = b"\x01CD001\x01"
    data[17 * 2048 : 17 * 2048 + 7] = b"\xffCD001\x01"
    path.write_bytes(data)
    return path


def select_drive(editor, device_type):
    tree = editor.tree
    for row in range(tree.topLevelItemCount()):
        parent = tree.topLevelItem(row)
        for child in range(parent.childCount()):
            _controller, drive = parent.child(child).data(0, Qt.ItemDataRole.UserRole)
            if drive.type == device_type:
                tree.setCurrentItem(parent.child(child))
                return drive
    raise AssertionError(f"there is no {device_type}")


# -- storage -------------------------------------------------------------------------------------


def test_iso_is_inserted_shown_remembered_and_saved(
    dialog, storage, qtbot, wait_until, saved, iso, api
):
    drive = select_drive(storage, DeviceType.DVD)
    storage.picker.open_file(str(iso), DeviceType.DVD, storage.insert)
    wait_until(lambda: drive.medium != "")
    assert storage.tree.currentItem().text(0) == "some.iso"
    facts = storage.drive_panel.facts
    wait_until(lambda: facts.text("virtual") == "40.00 KB")
    assert facts.text("location").replace("\u200b", "") == str(iso)
    assert facts.text("attached") == "Not attached"
    assert facts.text("encrypted") == "Not encrypted"
    assert recent_files(dialog.context.memory, DeviceType.DVD) == [str(iso)]
    press_ok(qtbot, dialog, wait_until)
    assert [image.location for image in saved().media.dvd_images] == [str(iso)]
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/RecentListCD") == str(iso))


def test_menus_offer_recent_files_and_only_what_fits(dialog, storage, qtbot, iso, wait_until):
    drive = select_drive(storage, DeviceType.DVD)
    storage.picker.open_file(str(iso), DeviceType.DVD, storage.insert)
    wait_until(lambda: drive.medium != "")
    storage._fill_medium_menu()
    texts = [action.text() for action in storage.drive_panel.menu.actions()]
    assert "some.iso" in texts
    assert any("Remove disk" in text for text in texts)
    storage.fill_controller_menu()
    actions = {a.text(): a for a in storage.add_controller_button.menu().actions()}
    assert len(actions) == len(StorageControllerType)
    assert not actions["PIIX3 (IDE)"].isEnabled()
    assert "1 of these" in actions["PIIX3 (IDE)"].toolTip()
    actions["AHCI (SATA)"].trigger()
    storage.fill_drive_menu()
    kinds = [action.text() for action in storage.add_drive_button.menu().actions()]
    assert kinds == ["&Hard Disk", "&Optical Drive"]


def test_image_that_is_not_there_is_refused(storage, tmp_path, dialog_of_class):
    storage.picker.open_file(str(tmp_path / "gone.iso"), DeviceType.DVD, lambda _medium: None)
    box = dialog_of_class(QMessageBox)
    assert "gone.iso" in box.text()
    box.close()


def test_new_disk_is_created_and_attached(
    dialog, storage, qtbot, wait_until, saved, dialog_of_class
):
    storage.tree.setCurrentItem(storage.tree.topLevelItem(0))
    storage.picker.create_disk(lambda medium: storage.add_drive(DeviceType.HARD_DISK, medium))
    creator = dialog_of_class(NewDiskDialog)
    creator.disk_size.value = 8 * MB
    wait_until(creator.create_button.isEnabled)
    qtbot.mouseClick(creator.create_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: storage.tree.currentItem().text(0) == "Tester.vdi")
    press_ok(qtbot, dialog, wait_until)
    assert [disk.location for disk in saved().media.hard_disks] == ["Tester.vdi"]


def test_drive_without_disk_and_shared_disk_are_errors(dialog, storage, wait_until):
    storage.tree.setCurrentItem(storage.tree.topLevelItem(0))
    storage.add_drive(DeviceType.HARD_DISK)
    wait_until(lambda: "has no image" in dialog.validation.text)
    storage.add_drive(DeviceType.HARD_DISK)
    for controller in dialog.collect().hardware.storage_controllers:
        for drive in controller.attachments:
            if drive.type == DeviceType.HARD_DISK:
                drive.medium = "11111111-2222-3333-4444-555555555555"
    dialog.draft.touch(STORAGE)
    wait_until(lambda: "attached 2 times" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()


def test_controllers_can_be_removed_and_added(dialog, storage, qtbot, wait_until, saved):
    while storage.tree.topLevelItemCount():
        storage.tree.setCurrentItem(storage.tree.topLevelItem(0))
        qtbot.mouseClick(storage.remove_button, Qt.MouseButton.LeftButton)
    assert not storage.add_drive_button.isEnabled()
    assert "no controller" in storage.add_drive_button.toolTip()
    storage.add_controller(StorageControllerType.AHCI)
    storage.controller_panel.ports.setValue(4)
    qtbot.keyClicks(storage.controller_panel.name, " one")
    storage.add_drive(DeviceType.DVD)
    storage.drive_panel.switches["hotpluggable"].click()
    storage.drive_panel.slot.setCurrentIndex(2)
    storage.drive_panel.slot.activated.emit(2)
    press_ok(qtbot, dialog, wait_until)
    (controller,) = saved().hardware.storage_controllers
    assert (controller.name, controller.type, controller.port_count) == ("SATA one", "AHCI", 4)
    (drive,) = controller.attachments
    assert (drive.port, drive.type, drive.hotpluggable) == (2, "DVD", True)


def test_removing_an_optical_drive_is_asked_about_and_can_be_taken_back(
    dialog, storage, qtbot, dialog_of_class, wait_until
):
    select_drive(storage, DeviceType.DVD)
    storage.remove_current()
    press(qtbot, dialog_of_class(QMessageBox), "Remove")
    wait_until(lambda: storage.tree.topLevelItem(0).childCount() == 0)
    row = dialog.pages["storage"].row(STORAGE)
    wait_until(row.revert_button.isVisible)
    qtbot.mouseClick(row.revert_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: storage.tree.topLevelItem(0).childCount() == 1)
    assert not dialog.draft.is_modified


def test_running_machine_changes_removable_media_only(
    link, machine, api, show, wait_until, qtbot, iso, saved
):
    api.machine(machine.id).launch()
    wait_until(lambda: link.model.machine(machine.id).state == "Running")
    dialog = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(dialog.ok_button.isEnabled)
    dialog.show_page("storage")
    storage = dialog.editor(STORAGE)
    assert not storage.remove_button.isEnabled()
    assert "only drives of SATA, USB and virtio-blk controllers" in storage.remove_button.toolTip()
    drive = select_drive(storage, DeviceType.DVD)
    assert storage.drive_panel.medium_button.isEnabled()
    assert not storage.drive_panel.slot.isEnabled()
    storage.picker.open_file(str(iso), DeviceType.DVD, storage.insert)
    wait_until(lambda: drive.medium != "")
    press_ok(qtbot, dialog, wait_until)
    assert [image.location for image in saved().media.dvd_images] == [str(iso)]
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")


def test_a_virtio_controller_is_of_one_of_two_models(dialog, storage, qtbot, wait_until, saved):
    storage.add_controller(StorageControllerType.VIRTIO_SCSI)
    panel = storage.controller_panel
    offered = [panel.type.itemText(n) for n in range(panel.type.count())]
    assert offered == ["virtio-scsi", "virtio-blk"]
    panel.type.value = "VirtioBlk"
    panel.type.activated.emit(panel.type.currentIndex())
    assert (panel.ports.value(), panel.ports.maximum()) == (8, 8)
    storage.fill_drive_menu()
    kinds = [action.text() for action in storage.add_drive_button.menu().actions()]
    assert kinds == ["&Hard Disk"]
    press_ok(qtbot, dialog, wait_until)
    controller = saved().hardware.storage_controllers[-1]
    assert (controller.name, controller.type, controller.port_count) == ("VirtIO", "VirtioBlk", 8)


def test_models_that_a_drive_does_not_fit_are_not_offered(storage):
    storage.add_controller(StorageControllerType.VIRTIO_SCSI)
    storage.add_drive(DeviceType.DVD)
    storage.tree.setCurrentItem(storage.tree.currentItem().parent())
    panel = storage.controller_panel
    assert [panel.type.itemText(n) for n in range(panel.type.count())] == ["virtio-scsi"]


def test_running_machine_gets_and_loses_hot_pluggable_drives(
    link, machine, api, show, wait_until, qtbot, saved
):
    api.machine(machine.id).launch()
    wait_until(lambda: link.model.machine(machine.id).state == "Running")
    dialog = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(dialog.ok_button.isEnabled)
    dialog.show_page("storage")
    storage = dialog.editor(STORAGE)
    sata = next(
        item
        for row in range(storage.tree.topLevelItemCount())
        if "SATA" in (item := storage.tree.topLevelItem(row)).text(0)
    )
    storage.tree.setCurrentItem(sata)
    assert storage.add_drive_button.isEnabled()
    assert "Controllers can change only" in storage.remove_button.toolTip()
    storage.add_drive(DeviceType.DVD)
    assert storage.remove_button.isEnabled()
    press_ok(qtbot, dialog, wait_until)
    drive = saved().hardware.controller("SATA").attachments[-1]
    assert (drive.type, drive.hotpluggable) == ("DVD", True)
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")


# -- network -------------------------------------------------------------------------------------


def test_network_adapter_is_saved_and_checked(dialog, qtbot, wait_until, saved):
    adapter = "hardware.network_adapters[0]"
    dialog.show_field(f"{adapter}.attachment")
    dialog.editor(f"{adapter}.attachment").box.value = "Internal"
    wait_until(lambda: "without a name" in dialog.validation.text)
    page = dialog.pages["network"]
    assert page.row(f"{adapter}.internal_network").isVisibleTo(page)
    assert not page.row(f"{adapter}.bridged_interface").isVisibleTo(page)
    assert not page.row(f"{adapter}.nat.forwardings").isVisibleTo(page)
    name = dialog.editor(f"{adapter}.internal_network").box
    wait_until(lambda: name.findText("intnet") >= 0)
    name.setEditText("lab")
    wait_until(lambda: "without a name" not in dialog.validation.text)
    assert "cannot attach" not in dialog.validation.text
    mac = dialog.editor(f"{adapter}.mac_address")
    mac.edit.setText("0123")
    wait_until(lambda: "is not a MAC address" in dialog.validation.text)
    mac.new_button.click()
    assert mac.value.startswith("080027")
    dialog.editor("hardware.network_adapters[7].enabled").box.setChecked(True)
    wanted = mac.value
    press_ok(qtbot, dialog, wait_until)
    adapters = {each.slot: each for each in saved().hardware.network_adapters}
    first = adapters[0]
    assert (first.attachment, first.internal_network) == ("Internal", "lab")
    assert first.mac_address == wanted
    assert adapters[7].enabled


def test_bridged_adapters_are_those_of_the_host(dialog, api, wait_until):
    from app.api.hoststructs import HostInterfaceType

    names = [each.name for each in api.host.list_network_interfaces(HostInterfaceType.BRIDGED)]
    box = dialog.editor("hardware.network_adapters[0].bridged_interface").box
    wait_until(lambda: {box.itemText(row) for row in range(box.count())} >= set(names))


def test_port_forwarding_rules(dialog, qtbot, wait_until, saved, dialog_of_class):
    path = "hardware.network_adapters[0].nat.forwardings"
    dialog.show_field(path)
    qtbot.mouseClick(dialog.editor(path).button, Qt.MouseButton.LeftButton)
    table = dialog_of_class(ForwardingDialog)
    assert table.hint.isVisible()
    editor = table.editor
    qtbot.mouseClick(editor.add_button, Qt.MouseButton.LeftButton)
    assert not table.ok_button.isEnabled()
    for column, value in enumerate(("ssh", 1, "127.0.0.1", 2222, "", 22)):
        assert editor.model.setData(editor.model.index(0, column), value)
    assert table.ok_button.isEnabled()
    wait_until(table.isActiveWindow)
    editor.table.setFocus()
    qtbot.keyClick(editor.table, Qt.Key.Key_Insert)
    assert not table.ok_button.isEnabled()
    qtbot.keyClick(editor.table, Qt.Key.Key_Delete)
    qtbot.mouseClick(table.ok_button, Qt.MouseButton.LeftButton)
    assert "ssh" in dialog.editor(path).count.text()
    press_ok(qtbot, dialog, wait_until)
    (rule,) = saved().hardware.network_adapters[0].nat.forwardings
    wanted = PortForwarding(
        name="ssh", protocol=1, host_ip="127.0.0.1", host_port=2222, guest_port=22
    )
    assert rule == wanted


# -- ports ---------------------------------------------------------------------------------------


def test_serial_port_is_saved_and_checked(dialog, qtbot, wait_until, saved):
    port = "hardware.serial_ports[0]"
    dialog.show_field(f"{port}.enabled")
    dialog.editor(f"{port}.enabled").box.click()
    dialog.editor(f"{port}.mode").box.value = "RawFile"
    wait_until(lambda: "no path" in dialog.validation.text)
    assert not dialog.ok_button.isEnabled()
    dialog.editor(f"{port}.path").edit.setText("/tmp/serial.txt")
    press_ok(qtbot, dialog, wait_until)
    ports = saved().hardware.serial_ports
    found = next(p for p in ports if p.slot == 0)
    assert (found.enabled, found.io_base, found.irq) == (True, 0x3F8, 4)
    assert (found.mode, found.path) == ("RawFile", "/tmp/serial.txt")


def test_name_of_a_port_stands_for_its_resources(dialog, wait_until):
    for slot in (0, 1):
        dialog.editor(f"hardware.serial_ports[{slot}].enabled").box.setChecked(True)
    number = dialog.editor("hardware.serial_ports[1].io_base").number
    assert number.currentText() == "COM2"
    number.setCurrentIndex(number.findData("COM1"))
    number.activated.emit(0)
    wait_until(lambda: "use the I/O port 0x3f8" in dialog.validation.text)
    dialog.editor("hardware.serial_ports[1].irq").spin.setValue(9)
    wait_until(lambda: number.currentText() == "User-defined")


def test_parallel_port_needs_a_file(dialog, wait_until, qtbot, saved):
    dialog.editor("hardware.parallel_ports[1].enabled").box.click()
    wait_until(lambda: "Parallel port 2 has no file" in dialog.validation.text)
    dialog.editor("hardware.parallel_ports[1].path").edit.setText("/tmp/printed")
    press_ok(qtbot, dialog, wait_until)
    (port,) = (p for p in saved().hardware.parallel_ports if p.enabled)
    assert (port.slot, port.io_base, port.path) == (1, 0x278, "/tmp/printed")


# -- USB, shared folders, user interface ----------------------------------------------------------


def test_usb_controller_and_filters(dialog, qtbot, wait_until, saved, dialog_of_class):
    from app.manager.settings_dialog.usb.filter_dialog import UsbFilterDialog

    dialog.show_page("usb")
    dialog.editor("hardware.usb_controllers").choices[2].click()
    filters = dialog.editor("hardware.usb_filters")
    filters.add_filter()
    filters.add_filter()
    filters.move_current(-1)
    filters.edit_current()
    details = dialog_of_class(UsbFilterDialog)
    details.edits["vendor_id"].setText("12")
    assert not details.ok_button.isEnabled()
    details.edits["vendor_id"].setText("12aF")
    details.edits["name"].setText("stick")
    details.accept()
    filters.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    press_ok(qtbot, dialog, wait_until)
    hardware = saved().hardware
    assert [each.type for each in hardware.usb_controllers] == ["XHCI"]
    assert hardware.usb_filters == [
        UsbDeviceFilter(name="stick", vendor_id="12aF"),
        UsbDeviceFilter(name="New Filter 1", active=False),
    ]


def test_shared_folders(dialog, qtbot, wait_until, saved, dialog_of_class, tmp_path):
    from app.manager.settings_dialog.folders.folder_dialog import SharedFolderDialog

    dialog.show_page("shared_folders")
    editor = dialog.editor("hardware.shared_folders")
    for _round in range(2):
        qtbot.mouseClick(editor.add, Qt.MouseButton.LeftButton)
        details = dialog_of_class(SharedFolderDialog)
        assert not details.ok_button.isEnabled()
        details.path.path = str(tmp_path)
        if _round:
            assert "already" in details.message.text
            details.reject()
        else:
            details.read_only.click()
            details.accept()
    press_ok(qtbot, dialog, wait_until)
    (folder,) = saved().hardware.shared_folders
    assert (folder.host_path, folder.writable) == (str(tmp_path), False)


def test_folders_of_a_running_machine_are_transient_and_wait_for_ok(
    link, machine, api, show, wait_until, qtbot, saved, tmp_path, dialog_of_class
):
    from app.manager.settings_dialog.folders.folder_dialog import SharedFolderDialog

    api.machine(machine.id).launch()
    wait_until(lambda: link.model.machine(machine.id).state == "Running")
    dialog = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(dialog.ok_button.isEnabled)
    dialog.show_page("shared_folders")
    editor = dialog.editor("hardware.shared_folders")
    editor.add_folder()
    details = dialog_of_class(SharedFolderDialog)
    details.path.path = str(tmp_path)
    details.name.setText("now")
    details.accept()
    assert [method for method, _ in editor.transient_calls()] == ["shared_folder.add_transient"]
    press_ok(qtbot, dialog, wait_until)
    assert not saved().hardware.shared_folders
    again = show(SettingsDialog(link, link.model.machine(machine.id)))
    wait_until(again.ok_button.isEnabled)
    again.show_page("shared_folders")
    tree = again.editor("hardware.shared_folders").tree
    wait_until(lambda: tree.topLevelItemCount() == 2 and tree.topLevelItem(1).childCount() == 1)
    assert tree.topLevelItem(1).child(0).text(0) == "now"
    again.reject()
    api.console(machine.id).power_off()
    wait_until(lambda: link.model.machine(machine.id).state == "PoweredOff")


def test_user_interface_is_kept_as_virtualbox_keeps_it(dialog, qtbot, wait_until, saved):
    dialog.show_page("user_interface")
    state = dialog.editor("extra_data[GUI/Fullscreen]").box
    state.setCurrentIndex(2)
    state.activated.emit(2)
    dialog.editor("extra_data[GUI/ShowMiniToolBar]").box.click()
    dialog.editor("extra_data[GUI/StatusBar/Enabled]").box.setChecked(True)
    indicators = dialog.editor("extra_data[GUI/RestrictedStatusBarIndicators]")
    indicators.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    indicators.list.setCurrentRow(0)
    indicators.move_current(1)
    press_ok(qtbot, dialog, wait_until)
    extra = saved().extra_data
    assert extra["GUI/Seamless"] == "true"
    assert "GUI/Fullscreen" not in extra
    assert extra["GUI/ShowMiniToolBar"] == "false"
    assert extra["GUI/RestrictedStatusBarIndicators"] == "OpticalDisks"
    assert extra["GUI/StatusBar/IndicatorOrder"].startswith("OpticalDisks,HardDisks,Floppy")
    assert "GUI/StatusBar/Enabled" not in extra


def test_menus_and_their_items_can_be_hidden(dialog, qtbot, wait_until, saved):
    key = "GUI/RestrictedRuntimeMachineMenuActions"
    dialog.draft.set(f"extra_data[{key}]", "reset,SomethingNew")
    dialog.draft.set("extra_data[GUI/RestrictedRuntimeMenus]", "Application")
    dialog.show_page("user_interface")
    editor = dialog.editor("extra_data[GUI/RestrictedRuntimeMenus]")
    dialog.refresh()

    def find(text):
        return editor.tree.findItems(text, Qt.MatchFlag.MatchRecursive)[0]

    assert find("Reset").checkState(0) is Qt.CheckState.Unchecked
    find("Power Off").setCheckState(0, Qt.CheckState.Unchecked)
    find("Devices").setCheckState(0, Qt.CheckState.Unchecked)
    wait_until(lambda: find("Network").isDisabled())
    assert not find("Reset").isDisabled()
    find("Reset").setCheckState(0, Qt.CheckState.Checked)
    press_ok(qtbot, dialog, wait_until)
    assert saved().extra_data[key] == "PowerOff,SomethingNew"
    assert saved().extra_data["GUI/RestrictedRuntimeMenus"] == "Devices,Application"
