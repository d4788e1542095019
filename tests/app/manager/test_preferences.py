import pytest
from PySide6.QtCore import Qt
from shiboken6 import isValid

from app.manager.preferences.dialog import PreferencesDialog


@pytest.fixture
def dialog(link, show):
    return show(PreferencesDialog(link, link.properties))


def press_ok(qtbot, dialog, wait_until):
    wait_until(dialog.ok_button.isEnabled)
    qtbot.mouseClick(dialog.ok_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: not isValid(dialog) or not dialog.isVisible())


def test_machine_folder_is_stored_and_reaches_the_manager(
    dialog, link, qtbot, wait_until, api, tmp_path
):
    folder = tmp_path / "elsewhere"
    dialog.general.folder.path = str(folder)
    press_ok(qtbot, dialog, wait_until)
    assert api.virtualbox.get_system_properties().default_machine_folder == str(folder)
    wait_until(lambda: link.properties.default_machine_folder == str(folder))


@pytest.mark.parametrize(
    ("path", "word"), [("", "Choose the folder"), ("here", "complete path")]
)
def test_bad_folder_forbids_ok(dialog, wait_until, path, word):
    dialog.general.folder.path = path
    wait_until(lambda: word in dialog.general.folder_message.text)
    assert not dialog.ok_button.isEnabled()
    assert word in dialog.validation.text


def test_file_as_folder_is_refused(dialog, wait_until, tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    dialog.general.folder.path = str(file)
    wait_until(lambda: "is not a folder" in dialog.general.folder_message.text)
    assert not dialog.ok_button.isEnabled()


def test_firmware_file_is_checked_stored_and_taken_back(
    dialog, link, qtbot, wait_until, api, tmp_path, show
):
    bios = tmp_path / "bios.bin"
    editor = dialog.general.bios
    editor.from_file.click()
    wait_until(lambda: "Choose a firmware file" in editor.message.text)
    editor.file.path = str(bios)
    wait_until(lambda: "There is no file" in editor.message.text)
    bios.write_bytes(bytes(65536))
    editor.file.path = ""
    editor.file.path = str(bios)
    press_ok(qtbot, dialog, wait_until)
    assert api.virtualbox.get_system_properties().firmware_bios_path == str(bios)
    wait_until(lambda: link.properties.firmware_bios_path == str(bios))
    again = show(PreferencesDialog(link, link.properties))
    again.general.bios.from_host.click()
    press_ok(qtbot, again, wait_until)
    assert api.virtualbox.get_system_properties().firmware_bios_path == ""


def test_cancel_changes_nothing(dialog, qtbot, api, tmp_path):
    before = api.virtualbox.get_system_properties()
    dialog.general.folder.path = str(tmp_path / "other")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert api.virtualbox.get_system_properties() == before
