"""The snapshots pane with a real service behind it."""

import datetime as dt
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.manager.dialogs.clone import CloneWizard
from app.manager.snapshots.ages import absolute_text, age_text
from app.manager.snapshots.take_dialog import (
    TakeSnapshotDialog,
    immutable_warning,
    next_name,
)
from app.manager.snapshots.thumbnail import ScreenshotDialog
from app.manager.snapshots.tree import CURRENT_STATE
from app.settings.model import (
    HardDisk,
    MachineSettings,
    MediumAttachment,
    Snapshot,
    StorageController,
)
from engine.screenshot import png_bytes
from engine.ssm.file import Header, StateWriter
from tests.app.manager.test_window import click_button

NOW = dt.datetime(2024, 5, 17, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def machine(api):
    return api.virtualbox.create_machine("Tester", "DOS")


@pytest.fixture
def pane(window, machine, wait_until):
    wait_until(lambda: window.view.model().rowCount() == 1)
    window.select_machine(machine.id)
    window.open_tool("Snapshots")
    snapshots = window.tools.pane("Snapshots")
    wait_until(lambda: snapshots._settings is not None)
    return snapshots


def tree_lines(tree):
    def walk(item, depth):
        yield "  " * depth + item.text(0)
        for number in range(item.childCount()):
            yield from walk(item.child(number), depth + 1)

    return [line for i in range(tree.topLevelItemCount()) for line in walk(tree.topLevelItem(i), 0)]


def names(api, machine):
    return [each.name for each in api.machine(machine.id).get_settings().snapshots]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "just now"),
        (70, "1 minute ago"),
        (3 * 60, "3 minutes ago"),
        (3700, "1 hour ago"),
        (5 * 3600, "5 hours ago"),
        (30 * 3600, "1 day ago"),
        (5 * 86400, "5 days ago"),
    ],
)
def test_ages(qapp, seconds, text):
    assert age_text(NOW - dt.timedelta(seconds=seconds), NOW) == text


def test_old_snapshots_show_their_date(qapp):
    taken = NOW - dt.timedelta(days=400)
    assert age_text(taken, NOW) == absolute_text(taken)
    assert absolute_text(taken) == absolute_text(taken.replace(tzinfo=None))


def test_the_next_name_is_one_more_than_the_highest(qapp):
    taken = [
        Snapshot(uuid=name, name=name, time_stamp=NOW) for name in ("Snapshot 2", "x", "Snapshot 9")
    ]
    assert next_name([]) == "Snapshot 1"
    assert next_name(taken) == "Snapshot 10"


def test_immutable_disks_are_warned_of(qapp):
    settings = MachineSettings(uuid="u", name="n")
    disk = HardDisk(uuid="d", location="a.vdi", format="VDI", type="Immutable")
    settings.media.hard_disks.append(disk)
    drive = MediumAttachment(type="HardDisk", medium="d", port=0, device=0)
    settings.hardware.storage_controllers.append(
        StorageController(name="IDE", type="PIIX4", attachments=[drive])
    )
    assert "Immutable" in immutable_warning(settings)
    disk.type = "Normal"
    assert immutable_warning(settings) == ""


def test_taking_restoring_and_deleting(pane, window, api, machine, qtbot, dialog_of_class, wait_until):
    assert tree_lines(pane.tree) == ["Current State"]
    assert "Select a snapshot." in window.actions_["snapshot-delete"].toolTip()
    window.actions_["snapshot-take"].trigger()
    dialog = dialog_of_class(TakeSnapshotDialog)
    assert dialog.name.text() == "Snapshot 1"
    dialog.name.clear()
    assert not dialog.take_button.isEnabled()
    qtbot.keyClicks(dialog.name, "First")
    dialog.description.setPlainText("as installed")
    dialog.take_button.click()
    wait_until(lambda: tree_lines(pane.tree) == ["First", "  Current State"])
    assert pane.tree.selected() == CURRENT_STATE

    before = api.machine(machine.id).get_settings()
    after = msgspec.structs.replace(
        before, hardware=msgspec.structs.replace(before.hardware, memory_mb=99)
    )
    api.machine(machine.id).save_settings(after, before)
    wait_until(lambda: tree_lines(pane.tree) == ["First", "  Current State (changed)"])

    pane.tree.select(pane._settings.snapshots[0].uuid)
    window.actions_["snapshot-restore"].trigger()
    box = dialog_of_class(QMessageBox)
    assert box.checkBox().isChecked()
    click_button(qtbot, box, "Restore")
    wait_until(
        lambda: tree_lines(pane.tree) == ["First", "  Snapshot 1", "  Current State"]
    )
    assert api.machine(machine.id).get_settings().hardware.memory_mb == before.hardware.memory_mb

    pane.tree.select(pane._settings.snapshots[1].uuid)
    window.actions_["snapshot-delete"].trigger()
    box = dialog_of_class(QMessageBox)
    assert "Snapshot 1" in box.text()
    click_button(qtbot, box, "Delete")
    wait_until(lambda: names(api, machine) == ["First"])
    wait_until(lambda: tree_lines(pane.tree) == ["First", "  Current State"])


def test_restoring_without_a_snapshot_before(pane, api, machine, qtbot, dialog_of_class, wait_until):
    taken = api.snapshots(machine.id).take("One")
    wait_until(lambda: len(tree_lines(pane.tree)) == 2)
    pane.tree.select(taken.uuid)
    pane.restore()
    box = dialog_of_class(QMessageBox)
    assert not box.checkBox().isChecked()
    click_button(qtbot, box, "Restore")
    wait_until(lambda: pane.tree.selected() == CURRENT_STATE)
    assert names(api, machine) == ["One"]


def test_properties_are_edited(pane, window, api, machine, qtbot, wait_until):
    taken = api.snapshots(machine.id).take("One")
    wait_until(lambda: len(tree_lines(pane.tree)) == 2)
    window.actions_["snapshot-properties"].trigger()
    panel = pane.panel
    assert panel.isVisible()
    assert panel.name.text() == "Snapshot 1"
    assert panel.take_button.isVisible()
    pane.tree.select(taken.uuid)
    assert not panel.apply_button.isEnabled()
    panel.name.clear()
    assert "needs a name" in panel.message.text
    qtbot.keyClicks(panel.name, "Two")
    panel.description.setPlainText("text")
    panel.apply_button.click()
    wait_until(lambda: tree_lines(pane.tree)[0] == "Two")
    assert api.snapshots(machine.id).find("Two").description == "text"
    assert not panel.apply_button.isEnabled()
    pane.tree.select(CURRENT_STATE)
    panel.take_button.click()
    wait_until(lambda: names(api, machine) == ["Two", "Snapshot 1"])


def test_information_marks_what_is_different_now(pane, window, api, machine, wait_until):
    taken = api.snapshots(machine.id).take("One")
    before = api.machine(machine.id).get_settings()
    changed = msgspec.structs.replace(before.hardware, memory_mb=99)
    api.machine(machine.id).save_settings(
        msgspec.structs.replace(before, hardware=changed), before
    )
    wait_until(lambda: tree_lines(pane.tree) == ["One", "  Current State (changed)"])
    window.actions_["snapshot-properties"].trigger()
    pane.tree.select(taken.uuid)
    tree = pane.panel.information
    assert tree.value("Base Memory") == f"{before.hardware.memory_mb} MB"
    found = tree.findItems("Base Memory", Qt.MatchFlag.MatchRecursive, 0)[0]
    assert found.font(1).bold()
    assert "Now: 99 MB" in found.toolTip(1)
    pane.tree.select(CURRENT_STATE)
    assert tree.value("Base Memory") == "99 MB"


def test_the_first_of_several_branches_cannot_be_deleted(pane, window, api, machine, wait_until):
    snapshots = api.snapshots(machine.id)
    first = snapshots.take("A")
    snapshots.take("B")
    snapshots.restore("A")
    snapshots.take("C")
    wait_until(lambda: tree_lines(pane.tree) == ["A", "  B", "  C", "    Current State"])
    pane.tree.select(first.uuid)
    assert "more than one builds on it" in window.actions_["snapshot-delete"].toolTip()


def test_an_error_is_told(pane, api, machine, errors, wait_until):
    api.snapshots(machine.id).take("One")
    wait_until(lambda: len(tree_lines(pane.tree)) == 2)
    pane.tree.select(pane._settings.snapshots[0].uuid)
    snapshot = msgspec.structs.replace(pane.snapshot, uuid="00000000-0000-0000-0000-000000000001")
    pane._run("snapshot.delete", machine, snapshot, "Deleting {name}", "{name} stays")
    told = errors(wait_until)
    assert told.title == "One stays"
    assert "Could not find a snapshot" in told.text


def test_the_picture_of_a_saved_state(pane, window, api, machine, dialog_of_class, wait_until):
    import numpy as np

    file = Path(machine.settings_path).parent / "x.sav"
    with StateWriter(str(file), Header()) as writer:
        writer.add("screenshot", 1, png_bytes(np.full((400, 640), 0xFF0000, dtype=np.uint32)))
        writer.add("thumbnail", 1, png_bytes(np.full((40, 64), 0xFF0000, dtype=np.uint32)))
        writer.commit()
    window.actions_["snapshot-properties"].trigger()
    assert pane.panel.thumbnail.isHidden()
    api.saved_state(machine.id).adopt(str(file))
    wait_until(lambda: not pane.panel.thumbnail.isHidden())
    pane.panel.thumbnail.click()
    dialog = dialog_of_class(ScreenshotDialog)
    assert dialog.picture.fits
    dialog.picture.toggle()
    assert dialog.picture.minimumWidth() == 640
    dialog.close()


def test_a_snapshot_can_be_cloned(pane, window, api, machine, dialog_of_class, wait_until):
    taken = api.snapshots(machine.id).take("One")
    wait_until(lambda: len(tree_lines(pane.tree)) == 2)
    pane.tree.select(taken.uuid)
    window.actions_["snapshot-clone"].trigger()
    dialog_of_class(CloneWizard).reject()


def test_the_machine_that_was_asked_about_gets_the_snapshot(
    pane, window, api, machine, dialog_of_class, wait_until
):
    """Not the one that is selected by then, because the list changed behind the dialog."""
    other = api.virtualbox.create_machine("Other", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 2)
    window.actions_["snapshot-take"].trigger()
    dialog = dialog_of_class(TakeSnapshotDialog)
    window.select_machine(other.id)
    wait_until(lambda: pane._machine.id == other.id and pane._settings is not None)
    dialog.take_button.click()
    wait_until(lambda: len(api.machine(machine.id).get_settings().snapshots) == 1)
    assert not api.machine(other.id).get_settings().snapshots
