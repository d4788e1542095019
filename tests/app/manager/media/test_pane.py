"""The media manager against a real service with real image files."""

import os
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from app.api.structs import DeviceType, MediumState, MediumVariant
from app.manager.media.create_dialogs import CopyDialog, CreateDiskDialog, CreateFloppyDialog
from app.manager.media.orders import Order
from app.manager.notifications.center import Kind
from tests.app.manager.test_window import click_button

MB = 1 << 20


def action(window, name):
    return window.actions_[name]


def shown(pane, kind=DeviceType.HARD_DISK):
    tree = pane.trees[kind]
    return [Path(pane.store.medium(each).path).name for each in tree.ids()]


def select(pane, medium, wait_until):
    wait_until(lambda: pane.store.medium(medium.id) is not None)
    pane.select_medium(medium.id)
    wait_until(lambda: pane.medium is not None and pane.medium.id == medium.id)


def is_used(pane, medium):
    fetched = pane.store.medium(medium.id)
    return fetched is not None and bool(fetched.uses)


def test_media_are_listed_by_kind_and_what_others_do_is_followed(
    disks, pane, window, api, wait_until
):
    assert shown(pane) == []
    assert "Create makes a new one" in pane._notes[DeviceType.HARD_DISK].text()
    made = disks("b.vdi")
    disks("a.vdi")
    disks("f.img", 1474560, format="RAW", device_type=DeviceType.FLOPPY)
    wait_until(lambda: shown(pane) == ["a.vdi", "b.vdi"])
    wait_until(lambda: shown(pane, DeviceType.FLOPPY) == ["f.img"])
    api.medium(made.id).close()
    wait_until(lambda: shown(pane) == ["a.vdi"])


def test_a_hidden_pane_asks_the_service_for_nothing(disks, pane, window, wait_until):
    window.open_tool("Welcome")
    disks("a.vdi")
    window.open_tool("Welcome")
    assert shown(pane) == []
    window.open_tool("Media")
    wait_until(lambda: shown(pane) == ["a.vdi"])


def test_an_inaccessible_image_says_why_and_can_be_found_again(
    disks, pane, tmp_path, wait_until, known
):
    medium = disks("a.vdi")
    path = Path(medium.path)
    path.rename(path.with_name("moved.vdi"))
    pane.store.refresh()
    select(pane, medium, wait_until)
    wait_until(lambda: pane.medium.state is MediumState.INACCESSIBLE)
    assert "Could not find file" in pane.trees[DeviceType.HARD_DISK].selectedItems()[0].toolTip(0)
    assert "Could not find file" in pane.panel.message.text
    assert "inaccessible" in pane.reason("medium-copy")
    assert not pane.panel.disk_size.isEnabled()
    pane.panel.location.path = str(path.with_name("moved.vdi"))
    pane.panel.apply_button.click()
    wait_until(lambda: known(medium).state is MediumState.CREATED)
    assert known(medium).path.endswith("moved.vdi")


def test_a_hard_disk_is_created(pane, window, dialog_of_class, qtbot, wait_until, tmp_path, api):
    action(window, "medium-create").trigger()
    dialog = dialog_of_class(CreateDiskDialog)
    wait_until(lambda: dialog.file.path.endswith("NewVirtualDisk.vdi"))
    dialog.file.path = str(tmp_path / "disk.vdi")
    dialog.size_editor.value = 32 * MB
    dialog.preallocate.setChecked(True)
    wait_until(dialog.accept_button.isEnabled)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: pane.medium is not None)
    assert pane.medium.variant is MediumVariant.FIXED
    assert pane.medium.logical_size == 32 * MB
    assert api.virtualbox.list_media(DeviceType.HARD_DISK)[0].path == str(tmp_path / "disk.vdi")


def test_creating_over_a_file_or_in_no_folder_is_refused_beside_the_field(
    pane, window, dialog_of_class, wait_until, tmp_path
):
    (tmp_path / "there.vdi").write_bytes(b"precious")
    action(window, "medium-create").trigger()
    dialog = dialog_of_class(CreateDiskDialog)
    wait_until(dialog.accept_button.isEnabled)
    dialog.file.path = str(tmp_path / "there.vdi")
    wait_until(lambda: "exists already" in dialog.message.text)
    assert not dialog.accept_button.isEnabled()
    dialog.file.path = "relative.vdi"
    assert "complete path" in dialog.message.text
    dialog.file.path = str(tmp_path / "there.vdi" / "x.vdi")
    wait_until(lambda: "No file can be made" in dialog.message.text)
    dialog.reject()


def test_the_file_name_follows_the_format(pane, window, dialog_of_class, wait_until, tmp_path):
    action(window, "medium-create").trigger()
    dialog = dialog_of_class(CreateDiskDialog)
    wait_until(lambda: bool(dialog.file.path))
    dialog.choose_format("RAW")
    assert dialog.file.path.endswith("NewVirtualDisk.raw")
    dialog.choose_format("VDI")
    assert dialog.file.path.endswith("NewVirtualDisk.vdi")
    dialog.reject()


def test_a_floppy_disk_is_created_and_formatted(
    pane, window, dialog_of_class, wait_until, tmp_path
):
    pane.tabs.setCurrentIndex(2)
    action(window, "medium-create").trigger()
    dialog = dialog_of_class(CreateFloppyDialog)
    dialog.file.path = str(tmp_path / "dos.img")
    wait_until(dialog.accept_button.isEnabled)
    dialog.accept()
    wait_until(lambda: pane.medium is not None)
    content = (tmp_path / "dos.img").read_bytes()
    assert len(content) == 1474560
    assert content[510:512] == b"\x55\xaa"
    assert content[54:62] == b"FAT12   "


def test_optical_disks_cannot_be_created_and_the_action_says_so(pane, window):
    pane.tabs.setCurrentIndex(1)
    assert not action(window, "medium-create").isEnabled()
    assert "cannot make optical disks" in action(window, "medium-create").toolTip()


def test_an_image_file_is_added(
    pane, window, disks, api, dialog_of_class, wait_until, errors, tmp_path
):
    medium = disks("a.vdi")
    api.medium(medium.id).close()
    action(window, "medium-add").trigger()
    dialog = dialog_of_class(QFileDialog)
    dialog.fileSelected.emit(medium.path)
    wait_until(lambda: shown(pane) == ["a.vdi"])
    dialog.close()
    (tmp_path / "text.vdi").write_text("no image")
    pane.commands.add_file(str(tmp_path / "missing.vdi"), DeviceType.HARD_DISK)
    told = errors(wait_until)
    assert "missing.vdi" in told.title
    assert "Could not find file" in told.text


def test_a_medium_is_copied(pane, window, disks, dialog_of_class, wait_until, tmp_path):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    action(window, "medium-copy").trigger()
    dialog = dialog_of_class(CopyDialog)
    wait_until(lambda: dialog.file.path.endswith("a_copy.vdi"))
    dialog.choose_format("RAW")
    wait_until(dialog.accept_button.isEnabled)
    dialog.accept()
    wait_until(lambda: shown(pane) == ["a.vdi", "a_copy.raw"])
    wait_until(lambda: pane.medium.format == "RAW")
    assert Path(pane.medium.path).stat().st_size == 8 * MB


def test_attributes_are_applied(pane, disks, wait_until, known, tmp_path):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    panel = pane.panel
    assert not panel.apply_button.isEnabled()
    panel.type.setCurrentIndex(panel.type.findData("Immutable"))
    panel.description.setPlainText("Of the old machine")
    panel.location.path = str(tmp_path / "elsewhere" / "b.vdi")
    panel.disk_size.value = 64 * MB
    assert panel.apply_button.isEnabled()
    panel.apply_button.click()
    wait_until(lambda: known(medium).logical_size == 64 * MB)
    now = known(medium)
    assert (now.type, now.description) == ("Immutable", "Of the old machine")
    assert now.path == str(tmp_path / "elsewhere" / "b.vdi")
    assert Path(now.path).exists()
    assert not Path(medium.path).exists()
    wait_until(lambda: not panel.apply_button.isEnabled())


def test_edits_survive_what_others_change_and_reset_drops_them(
    pane, disks, api, wait_until, known
):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    pane.panel.disk_size.value = 64 * MB
    api.medium(medium.id).set_description("from elsewhere")
    wait_until(lambda: pane.panel.description.toPlainText() == "from elsewhere")
    assert pane.panel.disk_size.value == 64 * MB
    pane.panel.disk_size.value = 4 * MB
    assert "not smaller" in pane.panel.message.text
    assert not pane.panel.apply_button.isEnabled()
    pane.panel.reset_button.click()
    assert pane.panel.disk_size.value == 8 * MB
    assert not pane.panel.reset_button.isEnabled()


def test_a_refused_change_is_told(pane, disks, wait_until, errors, known):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    pane.panel.type.setCurrentIndex(pane.panel.type.findData("Shareable"))
    pane.panel.apply_button.click()
    told = errors(wait_until)
    assert "a.vdi" in told.title
    assert "dynamic" in told.text
    assert known(medium).type == "Normal"


def test_moving_asks_for_the_place(pane, window, disks, dialog_of_class, wait_until, known):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    action(window, "medium-move").trigger()
    dialog = dialog_of_class(QFileDialog)
    target = str(Path(medium.path).with_name("c.vdi"))
    dialog.fileSelected.emit(target)
    dialog.close()
    wait_until(lambda: known(medium).path == target)


def test_compacting_gives_room_back_and_says_when_it_cannot(
    pane, window, disks, wait_until, known
):
    fixed = disks("fixed.vdi", variant=MediumVariant.FIXED)
    dynamic = disks("dynamic.vdi")
    select(pane, fixed, wait_until)
    assert "fixed size" in action(window, "medium-compact").toolTip()
    select(pane, dynamic, wait_until)
    assert action(window, "medium-compact").isEnabled()
    before = Path(dynamic.path).stat().st_ino
    action(window, "medium-compact").trigger()
    wait_until(lambda: Path(dynamic.path).stat().st_ino != before)
    wait_until(lambda: not window.notifications.notifications())
    assert not [n for n in window.notifications.notifications() if n.kind is Kind.ERROR]


@pytest.mark.parametrize("kind", [DeviceType.HARD_DISK, DeviceType.FLOPPY])
def test_release_lists_the_machines_and_detaches(
    pane, window, api, disks, attach, qtbot, wait_until, dialog_of_class, known, kind
):
    params = {} if kind is DeviceType.HARD_DISK else {"format": "RAW", "device_type": kind}
    medium = disks("a.img" if params else "a.vdi", 1474560, **params)
    machine = api.virtualbox.create_machine("Tester", "DOS")
    attach(machine, medium)
    wait_until(lambda: is_used(pane, medium))
    select(pane, medium, wait_until)
    assert pane.panel.text("uses") == "Tester"
    action(window, "medium-release").trigger()
    box = dialog_of_class(QMessageBox)
    assert "Tester" in box.informativeText()
    click_button(qtbot, box, "Release")
    wait_until(lambda: known(medium) is not None and not known(medium).uses)
    wait_until(lambda: "No machine uses it" in action(window, "medium-release").toolTip())


def test_release_of_what_a_running_machine_holds_is_refused_with_its_name(
    pane, window, api, disks, attach, wait_until, errors
):
    medium = disks("a.vdi")
    machine = api.virtualbox.create_machine("Tester", "DOS")
    attach(machine, medium)
    api.machine(machine.id).launch()
    wait_until(lambda: is_used(pane, medium))
    pane.commands.release_now(pane.store.medium(medium.id))
    told = errors(wait_until)
    assert "could not be released" in told.title
    assert "Tester" in told.text
    api.console(machine.id).power_off()


def test_remove_keeps_or_deletes_the_file(
    pane, window, disks, qtbot, wait_until, dialog_of_class, known
):
    kept, deleted = disks("kept.vdi"), disks("deleted.vdi")
    for medium, button in ((kept, "Keep File"), (deleted, "Delete File")):
        select(pane, medium, wait_until)
        action(window, "medium-remove").trigger()
        click_button(qtbot, dialog_of_class(QMessageBox), button)
        wait_until(lambda medium=medium: known(medium) is None)
    wait_until(lambda: not Path(deleted.path).exists())
    assert Path(kept.path).exists()


def test_remove_releases_first(
    pane, window, api, disks, attach, qtbot, wait_until, dialog_of_class, known
):
    medium = disks("a.vdi")
    machine = api.virtualbox.create_machine("Tester", "DOS")
    attach(machine, medium)
    wait_until(lambda: is_used(pane, medium))
    select(pane, medium, wait_until)
    action(window, "medium-remove").trigger()
    box = dialog_of_class(QMessageBox)
    assert "released from these machines first: Tester" in box.informativeText()
    click_button(qtbot, box, "Delete File")
    # Between the two steps nobody knows it for a moment.
    wait_until(lambda: not Path(medium.path).exists())
    wait_until(lambda: known(medium) is None)
    hardware = api.machine(machine.id).get_settings().hardware
    assert not [d for c in hardware.storage_controllers for d in c.attachments if d.medium]


def test_clear_removes_what_is_inaccessible_and_unused(
    pane, window, disks, qtbot, wait_until, dialog_of_class, known
):
    gone, kept = disks("gone.vdi"), disks("kept.vdi")
    wait_until(lambda: len(shown(pane)) == 2)
    assert not action(window, "medium-clear").isEnabled()
    Path(gone.path).unlink()
    action(window, "medium-refresh").trigger()
    wait_until(action(window, "medium-clear").isEnabled)
    action(window, "medium-clear").trigger()
    box = dialog_of_class(QMessageBox)
    assert "gone.vdi" in box.informativeText()
    assert "kept.vdi" not in box.informativeText()
    click_button(qtbot, box, "Clear")
    wait_until(lambda: shown(pane) == ["kept.vdi"])
    assert known(kept) is not None


def test_search_goes_through_the_matches(pane, window, disks, qtbot, wait_until):
    first, other, second = disks("debian-1.vdi"), disks("freedos.vdi"), disks("debian-2.vdi")
    wait_until(lambda: len(shown(pane)) == 3)
    action(window, "medium-search").trigger()
    assert action(window, "medium-search").isChecked()
    qtbot.keyClicks(pane.search.edit, "DEBIAN")
    assert pane.medium.id == first.id
    assert pane.search.count.text() == "1 of 2"
    qtbot.keyClick(pane.search.edit, Qt.Key.Key_Return)
    assert pane.medium.id == second.id
    qtbot.keyClick(pane.search.edit, Qt.Key.Key_Return)
    assert pane.medium.id == first.id
    qtbot.keyClick(pane.search.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert pane.medium.id == second.id
    pane.search.kind.setCurrentIndex(1)
    pane.search.edit.setText(other.id[:13])
    assert pane.medium.id == other.id
    pane.search.edit.setText("nothing")
    assert pane.search.count.text() == "No match"
    qtbot.keyClick(pane.search.edit, Qt.Key.Key_Escape)
    assert pane.search.isHidden()
    assert not action(window, "medium-search").isChecked()


def test_properties_hides_the_panel_and_that_is_remembered(pane, window, api, wait_until):
    action(window, "medium-properties").trigger()
    assert pane.panel.isHidden()
    key = "GUI/VirtualMediaManager/Details/Expanded"
    wait_until(lambda: api.virtualbox.get_extra_data(key) == "false")


def test_actions_need_a_medium(pane, window):
    for name in ("medium-copy", "medium-move", "medium-remove", "medium-release"):
        assert "No medium is selected." in action(window, name).toolTip()
    assert QApplication.activeModalWidget() is None


def test_long_work_is_a_card_that_cancels_it(pane, window, wait_until, tmp_path):
    target = tmp_path / "large.vdi"
    pane.commands._carry_out(
        Order(
            "Creating “large.vdi”", "It failed", "virtualbox.create_medium",
            {"path": str(target), "size_bytes": 512 << 30, "variant": MediumVariant.FIXED,
             "register": True},
        )
    )  # fmt: skip
    card = window.notifications.notifications()[-1]
    assert (card.kind, card.title) == (Kind.PROGRESS, "Creating “large.vdi”")
    assert card.can_be_cancelled
    card.cancel()
    wait_until(lambda: card not in window.notifications.notifications())
    assert not list(tmp_path.glob("*.vdi"))
    assert shown(pane) == []


def test_a_service_that_dies_and_returns_is_survived(pane, window, disks, api, wait_until):
    medium = disks("a.vdi")
    select(pane, medium, wait_until)
    os.kill(api.virtualbox.get_version().pid, signal.SIGKILL)
    wait_until(lambda: not window._link.is_connected)
    assert not action(window, "medium-copy").isEnabled()
    wait_until(lambda: window._link.is_connected)
    wait_until(action(window, "medium-copy").isEnabled)
    assert pane.medium.id == medium.id
