import pytest
from PySide6.QtCore import Qt
from shiboken6 import isValid

from app.manager.media.selector import MediumSelector
from app.manager.wizard.new_machine import NewMachineWizard
from tests.app.manager.conftest import WAIT_MS

MB = 1 << 20


@pytest.fixture
def wizard(link, show):
    return show(NewMachineWizard(link))


@pytest.fixture
def iso(tmp_path):
    # Primary volume descriptor at sector 16 and its terminator: the least an ISO 9660 image has.
    path = tmp_path / "debian-12.iso"
    data = bytearray(20 * 2048)
    data[16 * 2048 : 16 * 2048 + 7] = b"\x01CD001\x01"
    data[17 * 2048 : 17 * 2048 + 7] = b"\xffCD001\x01"
    path.write_bytes(data)
    return path


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def next_page(qtbot, wizard, wait_until):
    wait_until(wizard.next_button.isEnabled)
    press(qtbot, wizard.next_button)


def test_name_decides_the_guest_system_until_a_person_chooses(wizard, qtbot):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "my ubuntu 22.04")
    assert page.os_type.os_type_id == "Ubuntu22_LTS_64"
    page.name.clear()
    qtbot.keyClicks(page.name, "Debian 12")
    assert page.os_type.os_type_id == "Debian12_64"
    page.os_type.family.setCurrentIndex(page.os_type.family.findData("Other"))
    page.os_type.version.setCurrentIndex(page.os_type.version.findData("DOS"))
    page.os_type.version.activated.emit(page.os_type.version.currentIndex())
    qtbot.keyClicks(page.name, " fedora")
    assert page.os_type.os_type_id == "DOS"


def test_image_name_helps_when_the_machine_name_tells_nothing(wizard, qtbot, iso):
    qtbot.keyClicks(wizard.name_page.name, "test machine")
    wizard.name_page.iso.path = str(iso)
    assert wizard.name_page.os_type.os_type_id == "Debian12_64"


@pytest.mark.parametrize(
    ("name", "word"),
    [("a/b", "a/b"), ("Taken", "exists already"), ("Registered", "exists already")],
)
def test_bad_names_are_refused_beside_the_field(
    wizard, qtbot, wait_until, api, link, machine_folder, name, word
):
    (machine_folder / "Taken").mkdir(parents=True)
    api.virtualbox.create_machine("Registered", "Other")
    wait_until(lambda: link.model.rowCount() == 1)
    page = wizard.name_page
    qtbot.keyClicks(page.name, name)
    wait_until(lambda: word in page.name_message.text)
    assert not wizard.next_button.isEnabled()
    assert page.name_message.isVisible()


def test_empty_name_and_relative_folder_are_refused(wizard, qtbot, wait_until):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "x")
    qtbot.keyClick(page.name, Qt.Key.Key_Backspace)
    wait_until(lambda: "needs a name" in page.name_message.text)
    page.folder.path = "somewhere"
    wait_until(lambda: "complete path" in page.folder_message.text)
    assert not wizard.next_button.isEnabled()


def test_missing_iso_is_refused_beside_the_field(wizard, qtbot, wait_until, tmp_path):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "box")
    wait_until(wizard.next_button.isEnabled)
    page.iso.path = str(tmp_path / "no-such.iso")
    wait_until(lambda: "no-such.iso" in page.iso_message.text)
    assert not wizard.next_button.isEnabled()
    page.iso.path = ""
    wait_until(wizard.next_button.isEnabled)


def test_unreadable_existing_disk_is_refused(wizard, qtbot, wait_until, tmp_path):
    bad = tmp_path / "bad.vdi"
    bad.write_bytes(b"<<< not a disk image >>>" * 100)
    qtbot.keyClicks(wizard.name_page.name, "box")
    next_page(qtbot, wizard, wait_until)
    next_page(qtbot, wizard, wait_until)
    page = wizard.disk_page
    page.existing.click()
    assert not wizard.next_button.isEnabled()
    page.file.path = str(bad)
    wait_until(lambda: "bad.vdi" in page.file_message.text)
    assert not wizard.next_button.isEnabled()


def test_finish_creates_machine_disk_and_attachments(
    wizard, qtbot, wait_until, api, machine_folder, iso
):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "First Light")
    page.os_type.choose("Linux26_64")
    page.iso.path = str(iso)
    next_page(qtbot, wizard, wait_until)
    wizard.hardware_page.memory.spin.setValue(96)
    next_page(qtbot, wizard, wait_until)
    wizard.disk_page.disk_size.value = 16 * MB
    next_page(qtbot, wizard, wait_until)
    rows = [
        wizard.summary_page.tree.topLevelItem(i).child(k).text(1)
        for i in range(3)
        for k in range(wizard.summary_page.tree.topLevelItem(i).childCount())
    ]
    assert "First Light" in rows
    assert "96 MB" in rows
    assert "16.00 MB" in rows
    wait_until(wizard.next_button.isEnabled)
    with qtbot.waitSignal(wizard.machine_created, timeout=WAIT_MS) as created:
        press(qtbot, wizard.next_button)

    folder = machine_folder / "First Light"
    assert (folder / "First Light.vbox").is_file()
    assert (folder / "First Light.vdi").is_file()
    settings = api.machine(created.args[0]).get_settings()
    assert settings.hardware.memory_mb == 96
    assert [disk.location for disk in settings.media.hard_disks] == ["First Light.vdi"]
    assert [image.location for image in settings.media.dvd_images] == [str(iso)]
    attached = {
        drive.type: drive.medium
        for controller in settings.hardware.storage_controllers
        for drive in controller.attachments
    }
    assert attached["HardDisk"] == settings.media.hard_disks[0].uuid
    assert attached["DVD"] == settings.media.dvd_images[0].uuid


def test_recommended_values_follow_the_guest_system(wizard, qtbot, wait_until, link):
    qtbot.keyClicks(wizard.name_page.name, "DOS")
    next_page(qtbot, wizard, wait_until)
    dos = link.os_type("DOS")
    assert wizard.hardware_page.memory.value == dos.recommended_memory_mb
    assert str(dos.recommended_memory_mb) in wizard.hardware_page.memory_hint.text()
    next_page(qtbot, wizard, wait_until)
    assert wizard.disk_page.disk_size.value == dos.recommended_disk_bytes
    press(qtbot, wizard.back_button)
    press(qtbot, wizard.back_button)
    wizard.name_page.os_type.choose("Ubuntu_64")
    next_page(qtbot, wizard, wait_until)
    assert wizard.hardware_page.memory.value == link.os_type("Ubuntu_64").recommended_memory_mb


def test_failed_creation_leaves_nothing_and_keeps_the_dialog(
    wizard, qtbot, wait_until, api, machine_folder, tmp_path
):
    disk = tmp_path / "disk.img"
    disk.write_bytes(bytes(MB))
    qtbot.keyClicks(wizard.name_page.name, "Fails")
    next_page(qtbot, wizard, wait_until)
    next_page(qtbot, wizard, wait_until)
    wizard.disk_page.existing.click()
    wizard.disk_page.file.path = str(disk)
    next_page(qtbot, wizard, wait_until)
    # The image disappears between the check and Finish.
    disk.unlink()
    press(qtbot, wizard.next_button)
    wait_until(lambda: "was not created" in wizard.failure.text)
    assert "disk.img" in wizard.failure.text
    assert not wizard.busy
    assert api.virtualbox.list_machines() == []
    assert not (machine_folder / "Fails").exists()


def test_cancel_during_creation_leaves_nothing(wizard, qtbot, wait_until, api, machine_folder):
    qtbot.keyClicks(wizard.name_page.name, "Cancelled")
    for _page in range(3):
        next_page(qtbot, wizard, wait_until)
    wait_until(wizard.next_button.isEnabled)
    press(qtbot, wizard.next_button)
    assert wizard.busy
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    wait_until(lambda: not wizard.busy)
    assert wizard.isVisible()
    assert api.virtualbox.list_machines() == []
    assert not (machine_folder / "Cancelled").exists()


def test_escape_closes_without_creating(wizard, qtbot, api):
    qtbot.keyClicks(wizard.name_page.name, "Nothing")
    qtbot.keyClick(wizard, Qt.Key.Key_Escape)
    assert not isValid(wizard) or not wizard.isVisible()
    assert api.virtualbox.list_machines() == []


def labelled(path, label):
    data = bytearray(path.read_bytes())
    data[16 * 2048 + 40 : 16 * 2048 + 72] = label.encode().ljust(32)
    path.write_bytes(data)
    return path


def test_the_label_of_an_image_counts_more_than_names(wizard, qtbot, wait_until, iso):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "Windows box")
    page.iso.path = str(labelled(iso.rename(iso.with_name("image.iso")), "FD13-LIVE"))
    wait_until(lambda: page.os_type.os_type_id == "DOS")
    assert "DOS" in page.iso_note.text
    wait_until(wizard.next_button.isEnabled)
    page.iso.path = ""
    assert page.iso_note.text == ""
    assert page.os_type.os_type_id == "Windows11_64"


def test_a_name_with_a_distribution_says_more_than_the_label_linux(
    wizard, qtbot, wait_until, iso
):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "Debian")
    page.iso.path = str(labelled(iso.rename(iso.with_name("image.iso")), "LINUX AMD64"))
    wait_until(lambda: "Linux" in page.iso_note.text)
    assert page.os_type.os_type_id == "Debian_64"
    page.name.clear()
    qtbot.keyClicks(page.name, "Windows 11")
    assert page.os_type.os_type_id == "Linux_64"


def test_an_image_for_other_processors_is_told(wizard, qtbot, wait_until, iso):
    page = wizard.name_page
    qtbot.keyClicks(page.name, "box")
    page.iso.path = str(labelled(iso.rename(iso.with_name("image.iso")), "Debian 12 arm64"))
    wait_until(lambda: "ARM" in page.iso_note.text)
    assert page.os_type.os_type_id == "Other_64"


def test_an_unknown_image_says_so(wizard, qtbot, wait_until, iso):
    page = wizard.name_page
    page.iso.path = str(labelled(iso.rename(iso.with_name("image.iso")), "HOLIDAYS"))
    wait_until(lambda: "“HOLIDAYS” does not tell" in page.iso_note.text)


def test_experts_have_everything_on_one_page(wizard, qtbot, wait_until, api, machine_folder):
    press(qtbot, wizard.mode_button)
    assert wizard.expert
    assert not wizard.back_button.isVisible()
    for page in (wizard.name_page, wizard.hardware_page, wizard.disk_page):
        assert page.isVisible()
    qtbot.keyClicks(wizard.name_page.name, "DOS box")
    wait_until(wizard.next_button.isEnabled)
    assert wizard.hardware_page.memory.value == 32
    assert wizard.disk_page.disk_size.value == 500 * MB
    suggested = str(machine_folder / "DOS box" / "DOS box.vdi")
    assert wizard.disk_page.new_file.path == suggested
    with qtbot.waitSignal(wizard.machine_created, timeout=WAIT_MS):
        press(qtbot, wizard.next_button)
    settings = api.machine("DOS box").get_settings()
    assert [disk.location for disk in settings.media.hard_disks] == ["DOS box.vdi"]
    assert [each.type for each in settings.hardware.storage_controllers] == ["PIIX4", "I82078"]


def test_experts_choose_place_and_format_of_the_disk(wizard, qtbot, wait_until, api, tmp_path):
    wizard.set_expert(True)
    page = wizard.disk_page
    wait_until(lambda: page.format.count() > 1)
    qtbot.keyClicks(wizard.name_page.name, "box")
    wait_until(wizard.next_button.isEnabled)
    page.disk_size.value = 4 * MB
    page.new_file.path = str(tmp_path / "elsewhere" / "system.vdi")
    page.format.setCurrentIndex(page.format.findData("RAW"))
    wanted = str(tmp_path / "elsewhere" / f"system{wizard.draft.disk_suffix}")
    assert wizard.draft.disk_suffix != ".vdi"
    assert page.new_file.path == wanted
    wait_until(wizard.next_button.isEnabled)
    with qtbot.waitSignal(wizard.machine_created, timeout=WAIT_MS):
        press(qtbot, wizard.next_button)
    settings = api.machine("box").get_settings()
    assert [(d.location, d.format) for d in settings.media.hard_disks] == [(wanted, "RAW")]


def test_a_disk_elsewhere_goes_when_the_machine_cannot_be_made(
    wizard, qtbot, wait_until, api, tmp_path, iso
):
    wizard.set_expert(True)
    qtbot.keyClicks(wizard.name_page.name, "box")
    wizard.name_page.iso.path = str(iso)
    wizard.disk_page.disk_size.value = 4 * MB
    disk = tmp_path / "elsewhere.vdi"
    wizard.disk_page.new_file.path = str(disk)
    wait_until(wizard.next_button.isEnabled)
    iso.unlink()
    press(qtbot, wizard.next_button)
    wait_until(lambda: "was not created" in wizard.failure.text)
    assert not disk.exists()
    assert api.virtualbox.list_machines() == []


def test_an_existing_file_is_not_overwritten(wizard, qtbot, wait_until, tmp_path):
    wizard.set_expert(True)
    qtbot.keyClicks(wizard.name_page.name, "box")
    page = wizard.disk_page
    taken = tmp_path / "taken.vdi"
    taken.write_text("precious")
    page.new_file.path = str(taken)
    wait_until(lambda: "exists already" in page.new_file_message.text)
    assert not wizard.next_button.isEnabled()
    # Guided mode does not show that field, and does not use it either.
    wizard.set_expert(False)
    wait_until(wizard.next_button.isEnabled)
    assert wizard.draft.disk_file == ""


def test_modes_can_be_switched_at_any_page_and_are_remembered(
    link, qtbot, wait_until, show, window
):
    first = show(NewMachineWizard(link, None, window.memory))
    qtbot.keyClicks(first.name_page.name, "box")
    next_page(qtbot, first, wait_until)
    press(qtbot, first.mode_button)
    assert first.name_page.name.text() == "box"
    press(qtbot, first.mode_button)
    assert not first.expert
    press(qtbot, first.mode_button)
    first.reject()
    second = show(NewMachineWizard(link, None, window.memory))
    assert second.expert
    assert second.next_button.text().replace("&", "") == "Finish"


def test_what_this_version_lacks_is_told(wizard, qtbot, wait_until):
    qtbot.keyClicks(wizard.name_page.name, "Windows 11")
    next_page(qtbot, wizard, wait_until)
    page = wizard.hardware_page
    assert "EFI firmware" in page.note.text
    assert not page.efi.isEnabled()
    assert "BIOS only" in page.efi.toolTip()
    assert page.processors.maximum() == 32


def test_known_disks_can_be_chosen(wizard, qtbot, wait_until, api, tmp_path, dialog_of_class):
    known = api.virtualbox.create_medium(str(tmp_path / "known.vdi"), 4 * MB, register=True)
    page = wizard.disk_page
    page.existing.click()
    page.known.click()
    dialog = dialog_of_class(MediumSelector)
    dialog.medium_chosen.emit(known)
    dialog.reject()
    assert page.file.path == known.path
    wait_until(page.is_complete)
