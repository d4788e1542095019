"""Adding, importing, cloning, moving and removing machines, as a person does it in the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.api import ApiError
from app.manager.dialogs.clone import CloneWizard
from app.manager.dialogs.file_drop import machine_paths
from app.manager.dialogs.import_machines import ImportMachinesDialog
from app.manager.dialogs.move import MoveDialog
from app.manager.dialogs.remove import RemoveDialog

MB = 1 << 20


@pytest.fixture
def machine(window, api, wait_until):
    """A machine that is selected in the window."""
    info = api.virtualbox.create_machine("Tester", "DOS")
    window.select_machine(info.id)
    wait_until(lambda: window.selected_machine is not None)
    return api.virtualbox.find_machine(info.id)


@pytest.fixture
def disk(api, machine):
    """A hard disk of the machine, outside of its folder."""
    path = Path(machine.settings_path).parents[1] / "elsewhere" / "disk.vdi"
    medium = api.virtualbox.create_medium(str(path), 4 * MB)
    settings = api.machine(machine.id).get_settings()
    from app.manager.storage_edit import insert_medium
    from app.settings.enums import DeviceType

    folder = str(Path(machine.settings_path).parent)
    insert_medium(settings, folder, DeviceType.HARD_DISK, medium)
    api.machine(machine.id).save_settings(settings)
    return path


def names(api):
    return sorted(machine.name for machine in api.virtualbox.list_machines())


# -- removing --------------------------------------------------------------------------------------


def test_remove_lists_the_files_and_deletes_them(
    window, machine, machine_folder, wait_until, dialog_of_class
):
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    wait_until(dialog.delete_button.isEnabled)
    assert machine.settings_path in dialog.files()
    shown = dialog.tree.topLevelItem(0)
    assert shown.text(0) == "Tester"
    rows = [shown.child(row).text(0) for row in range(shown.childCount())]
    assert rows == dialog.files()
    assert not dialog.elsewhere.isVisible()
    dialog.delete_button.click()
    wait_until(lambda: window.view.model().rowCount() == 0)
    wait_until(lambda: not (machine_folder / "Tester").exists())
    assert window.tools.open_tool.name == "Welcome"


def test_disks_elsewhere_go_only_when_that_is_wanted(
    window, machine, disk, api, wait_until, dialog_of_class
):
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    wait_until(dialog.elsewhere.isVisible)
    assert str(disk) not in dialog.files()
    dialog.elsewhere.click()
    assert str(disk) in dialog.files()
    dialog.delete_button.click()
    wait_until(lambda: names(api) == [] and not disk.exists())


def test_remove_only_keeps_the_files_and_add_brings_it_back(
    window, machine, machine_folder, wait_until, dialog_of_class
):
    window.actions_["remove"].trigger()
    dialog_of_class(RemoveDialog).remove_button.click()
    wait_until(lambda: window.view.model().rowCount() == 0)
    assert (machine_folder / "Tester" / "Tester.vbox").is_file()
    window.commands.registry.add_paths([machine.settings_path])
    wait_until(lambda: window.selected_machine is not None)
    assert window.selected_machine.name == "Tester"


def test_several_machines_are_removed_at_once(window, machine, api, wait_until, dialog_of_class):
    api.virtualbox.create_machine("Second", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 2)
    window.view.selectAll()
    wait_until(lambda: len(window.selected_machines()) == 2)
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    assert "2 machines" in dialog.question.text()
    wait_until(dialog.delete_button.isEnabled)
    dialog.delete_button.click()
    wait_until(lambda: names(api) == [])


def test_an_inaccessible_machine_can_only_be_forgotten(
    window, machine, api, wait_until, dialog_of_class
):
    path = Path(machine.settings_path)
    path.write_bytes(b"<VirtualBox><Machine")
    window.actions_["refresh"].trigger()
    wait_until(lambda: not window.selected_machine.accessible)
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    assert not dialog.delete_button.isEnabled()
    assert "no files" in dialog.delete_button.toolTip()
    assert "cannot be read" in dialog.explanation.text()
    dialog.remove_button.click()
    wait_until(lambda: names(api) == [])
    assert path.exists()


def test_cancel_removes_nothing(window, machine, api, qtbot, dialog_of_class):
    window.actions_["remove"].trigger()
    dialog = dialog_of_class(RemoveDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert names(api) == ["Tester"]


# -- adding ----------------------------------------------------------------------------------------


@pytest.fixture
def forgotten(api, wait_until):
    """Settings files of machines that are not registered."""
    paths = []
    for name in ("One", "Two"):
        info = api.virtualbox.create_machine(name, "DOS", register=False)
        paths.append(info.settings_path)
    return paths


def test_several_files_are_added_at_once(window, forgotten, api, wait_until, dialog_of_class):
    window.actions_["add"].trigger()
    dialog = dialog_of_class(QFileDialog)
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFiles
    dialog.filesSelected.emit(forgotten)
    wait_until(lambda: names(api) == ["One", "Two"])
    dialog.close()
    wait_until(lambda: window.selected_machine is not None)


def test_the_machine_in_a_folder_is_added(window, forgotten, api, wait_until, dialog_of_class):
    window.actions_["add-folder"].trigger()
    dialog = dialog_of_class(QFileDialog)
    dialog.fileSelected.emit(str(Path(forgotten[0]).parent))
    wait_until(lambda: names(api) == ["One"])
    dialog.close()


def test_a_bad_file_says_why_and_the_others_are_added(
    window, forgotten, api, tmp_path, wait_until, errors
):
    bad = tmp_path / "bad.vbox"
    bad.write_text("this is not XML")
    window.commands.registry.add_paths([str(bad), *forgotten])
    told = errors(wait_until)
    assert "could not be added" in told.title
    assert "bad.vbox" in told.text
    wait_until(lambda: names(api) == ["One", "Two"])


def drop(widget, paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    actions = Qt.DropAction.CopyAction | Qt.DropAction.LinkAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(20, 20), actions, data, buttons, keys)
    QApplication.sendEvent(widget, enter)
    event = QDropEvent(QPointF(20, 20), actions, data, buttons, keys)
    if enter.isAccepted():
        QApplication.sendEvent(widget, event)
    return enter.isAccepted()


def test_files_dropped_onto_the_list_are_added(window, forgotten, api, wait_until):
    assert drop(window.view.viewport(), forgotten)
    wait_until(lambda: names(api) == ["One", "Two"])


def test_other_files_are_not_taken(window, tmp_path):
    assert not drop(window, [str(tmp_path / "letter.txt")])
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/a.vbox")])
    assert machine_paths(data) == []
    assert machine_paths(QMimeData()) == []


# -- import ----------------------------------------------------------------------------------------


@pytest.fixture
def virtualbox_home(tmp_path, monkeypatch):
    """Configuration of an installed VirtualBox; fill it with ``register``."""
    folder = tmp_path / "VirtualBox"
    folder.mkdir()
    monkeypatch.setenv("VBOX_USER_HOME", str(folder))
    return folder


def register(folder, machines):
    entries = "".join(
        f'<MachineEntry uuid="{{{uuid}}}" src="{path}"/>' for uuid, path in machines
    )
    (folder / "VirtualBox.xml").write_text(
        '<?xml version="1.0"?><VirtualBox xmlns="http://www.virtualbox.org/" version="1.12-linux">'
        f"<Global><MachineRegistry>{entries}</MachineRegistry></Global></VirtualBox>"
    )


def test_machines_of_virtualbox_are_offered_and_added(
    virtualbox_home, window, forgotten, api, wait_until, dialog_of_class
):
    taken = api.virtualbox.create_machine("Taken", "DOS")
    machines = [(uuid_of(path), path) for path in (*forgotten, taken.settings_path)]
    missing = virtualbox_home / "gone.vbox"
    register(virtualbox_home, [*machines, ("11111111-2222-3333-4444-555555555555", missing)])
    window.actions_["import-machines"].trigger()
    dialog = dialog_of_class(ImportMachinesDialog)
    wait_until(lambda: dialog.tree.topLevelItemCount() == 4)
    states = [dialog.tree.topLevelItem(row).text(2) for row in range(4)]
    assert states[:3] == ["Can be added", "Can be added", "In the list already"]
    assert states[3] == "Cannot be added"
    assert "gone.vbox" in dialog.tree.topLevelItem(3).child(0).text(0)
    assert dialog.paths() == forgotten
    dialog.tree.topLevelItem(0).setCheckState(0, Qt.CheckState.Unchecked)
    assert dialog.all.checkState() is Qt.CheckState.PartiallyChecked
    assert dialog.paths() == forgotten[1:]
    dialog.all.click()
    assert dialog.paths() == forgotten
    dialog.add_button.click()
    wait_until(lambda: names(api) == ["One", "Taken", "Two"])


def test_without_virtualbox_the_dialog_says_so(
    virtualbox_home, window, wait_until, dialog_of_class
):
    window.actions_["import-machines"].trigger()
    dialog = dialog_of_class(ImportMachinesDialog)
    wait_until(lambda: "No machines" in dialog.message.text)
    assert not dialog.add_button.isEnabled()
    assert dialog.add_button.toolTip()


def uuid_of(path):
    from app.settings.machine_file import MachineFile

    return MachineFile.load(path).settings.uuid


# -- cloning ---------------------------------------------------------------------------------------


def test_a_full_clone_is_made_and_selected(window, machine, disk, api, wait_until, dialog_of_class):
    source = api.machine(machine.id).get_settings()
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    assert wizard.name_page.name.text() == "Tester Clone"
    wizard.name_page.keep_disk_names.click()
    wait_until(wizard.next_button.isEnabled)
    wizard.next_button.click()
    wait_until(wizard.next_button.isEnabled)
    assert wizard.type_page.full.isChecked()
    wizard.next_button.click()
    wait_until(lambda: window.selected_machine and window.selected_machine.name == "Tester Clone")
    clone = api.machine(window.selected_machine.id).get_settings()
    assert [each.location for each in clone.media.hard_disks] == ["disk.vdi"]
    mac = [each.hardware.network_adapters[0].mac_address for each in (source, clone)]
    # Those of NAT adapters are kept by default.
    assert mac[0] == mac[1]


def test_addresses_and_hardware_ids_obey_the_choice(
    window, machine, api, wait_until, dialog_of_class
):
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    page = wizard.name_page
    page.name.setText("Other")
    page.mac_policy.setCurrentIndex(2)
    page.keep_hardware_ids.click()
    wizard.set_expert(True)
    wait_until(wizard.next_button.isEnabled)
    wizard.next_button.click()
    wait_until(lambda: "Other" in names(api))
    source = api.machine(machine.id).get_settings()
    clone = api.machine("Other").get_settings()
    assert clone.hardware.hardware_uuid == source.uuid
    macs = {each.hardware.network_adapters[0].mac_address for each in (source, clone)}
    assert len(macs) == 2


def test_names_that_cannot_be_are_refused_beside_the_field(
    window, machine, machine_folder, wait_until, dialog_of_class
):
    (machine_folder / "Folder").mkdir()
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    for name, word in (("Tester", "exists already"), ("", "needs a name"), ("Folder", "exists")):
        wizard.name_page.name.setText(name)
        wait_until(lambda word=word: word in wizard.name_page.name_message.text)
        assert not wizard.next_button.isEnabled()


def test_linked_clones_share_the_disks_of_a_snapshot(
    window, machine, api, wait_until, dialog_of_class
):
    api.snapshots(machine.id).take("Base")
    wait_until(lambda: window.selected_machine.snapshot_name == "Base")
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    wait_until(wizard.type_page.is_complete)
    assert not wizard.type_page.states.isHidden()
    wizard.type_page.linked.click()
    assert wizard.type_page.states.isHidden()
    wizard.type_page.refresh()
    params = wizard.request.params()
    assert params["snapshot"] == api.machine(machine.id).get_settings().current_snapshot
    assert "Link" in params["options"]
    assert wizard.request.linked_base == ""


def test_a_machine_that_has_changed_gets_a_snapshot_first(
    window, machine, api, wait_until, dialog_of_class, errors
):
    api.snapshots(machine.id).take("Base")
    settings = api.machine(machine.id).get_settings()
    settings.hardware.memory_mb += 4
    api.machine(machine.id).save_settings(settings)
    wait_until(lambda: window.selected_machine.modified)
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    wait_until(wizard.type_page.is_complete)
    wizard.type_page.linked.click()
    assert "taken of the machine first" in wizard.type_page.note.text
    wizard.set_expert(True)
    wait_until(wizard.next_button.isEnabled)
    wizard.next_button.click()
    base = "Linked Base for Tester and Tester Clone"
    wait_until(
        lambda: base in [each.name for each in api.machine(machine.id).get_settings().snapshots]
    )


def test_a_linked_clone_builds_on_a_new_snapshot(
    window, machine, disk, api, wait_until, dialog_of_class
):
    window.actions_["clone"].trigger()
    wizard = dialog_of_class(CloneWizard)
    wait_until(wizard.type_page.is_complete)
    wizard.type_page.linked.click()
    wizard.set_expert(True)
    wait_until(wizard.next_button.isEnabled)
    wizard.next_button.click()
    wait_until(lambda: names(api) == ["Tester", "Tester Clone"])
    assert window.selected_machine is not None
    (image,) = [
        medium
        for medium in api.virtualbox.list_media("HardDisk")
        if any(use.machine_name == "Tester Clone" for use in medium.uses)
    ]
    assert image.parent_id


def test_the_states_of_a_snapshot_are_offered(window, link, machine, api, show, wait_until):
    first = api.snapshots(machine.id).take("First")
    api.snapshots(machine.id).take("Second")
    wizard = show(CloneWizard(link, api.virtualbox.find_machine(machine.id), first))
    page = wizard.type_page
    wait_until(page.is_complete)
    assert not page.children_too.isHidden()
    assert "First" in page.current_state.text()
    page.children_too.click()
    assert wizard.request.params()["mode"] == "MachineAndChildStates"
    page.everything.click()
    assert wizard.request.params()["mode"] == "AllStates"
    assert wizard.request.params()["snapshot"] == first.uuid


# -- moving ----------------------------------------------------------------------------------------


def test_a_machine_is_moved(window, machine, api, tmp_path, wait_until, dialog_of_class):
    window.actions_["move"].trigger()
    dialog = dialog_of_class(MoveDialog)
    assert not dialog.move_button.isEnabled()
    assert "is in this one" in dialog.message.text
    target = tmp_path / "new place"
    dialog.folder.path = str(target)
    wait_until(dialog.move_button.isEnabled)
    assert dialog.target.text() == str(target / "Tester")
    dialog.move_button.click()
    wait_until(
        lambda: api.virtualbox.find_machine(machine.id).settings_path.startswith(str(target))
    )
    assert (target / "Tester" / "Tester.vbox").is_file()


def test_bad_places_are_refused_beside_the_field(machine, tmp_path, show, wait_until):
    dialog = show(MoveDialog(machine))
    folder = Path(machine.settings_path).parent
    (tmp_path / "full" / "Tester").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for path, word in (
        ("", "complete path"), ("relative", "complete path"), (str(folder), "into itself"),
        (str(tmp_path / "full"), "exists already"), (str(tmp_path / "file"), "cannot be created"),
    ):  # fmt: skip
        dialog.folder.path = path
        wait_until(lambda word=word: word in dialog.message.text)
        assert not dialog.move_button.isEnabled()


def test_a_running_machine_can_be_neither_cloned_nor_moved_nor_removed(
    window, machine, api, wait_until
):
    api.machine(machine.id).launch()
    wait_until(lambda: window.selected_machine.state.is_online)
    wait_until(lambda: not window.actions_["clone"].isEnabled())
    for name in ("clone", "move", "remove"):
        assert not window.actions_[name].isEnabled()
        assert "in use" in window.actions_[name].toolTip()
    with pytest.raises(ApiError):
        api.machine(machine.id).move("/tmp")
