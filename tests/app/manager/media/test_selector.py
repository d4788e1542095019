"""Choosing a medium for a drive."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from app.api.structs import DeviceType, MediumInfo, MediumUse
from app.manager.media.create_dialogs import CreateDiskDialog
from app.manager.media.selector import choose_medium, split_by_use


@pytest.fixture
def choose(link, qtbot, wait_until):
    """Open the dialog and collect what is chosen; None stands for an empty drive."""
    opened = []

    def open_dialog(kind=DeviceType.HARD_DISK, *, may_be_empty=False, **params):
        chosen = []
        dialog = choose_medium(
            None, link, kind, chosen.append,
            left_empty=(lambda: chosen.append(None)) if may_be_empty else None, **params,
        )  # fmt: skip
        opened.append(dialog)
        wait_until(lambda: dialog.store.is_loaded(kind) and bool(dialog.store.formats(kind)))
        return dialog, chosen

    return open_dialog


def names(dialog):
    return [Path(dialog.store.medium(each).path).name for each in dialog.tree.ids()]


def headings(dialog):
    tree = dialog.tree
    return [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]


def test_media_are_grouped_by_use_and_one_is_chosen(
    api, disks, attach, choose, qtbot, wait_until
):
    used, free = disks("used.vdi"), disks("free.vdi")
    attach(api.virtualbox.create_machine("Tester", "DOS"), used)
    dialog, chosen = choose()
    wait_until(lambda: headings(dialog) == ["Attached", "Not Attached"])
    assert names(dialog) == ["used.vdi", "free.vdi"]
    assert not dialog.choose_button.isEnabled()
    assert dialog.empty_button is None
    dialog.tree.select_medium(free.id)
    qtbot.mouseClick(dialog.choose_button, Qt.MouseButton.LeftButton)
    assert [medium.id for medium in chosen] == [free.id]


def test_what_is_in_the_drive_is_selected_and_what_cannot_be_chosen_says_why(
    disks, choose, wait_until
):
    current, other = disks("current.vdi"), disks("other.vdi")
    dialog, chosen = choose(current=current.id, unavailable={other.id: "It is in another drive."})
    wait_until(lambda: dialog.tree.current_medium() is not None)
    assert dialog.tree.current_medium().id == current.id
    assert not dialog.tree.select_medium(other.id)
    assert "another drive" in dialog.tree._rows[other.id].toolTip(0)
    dialog.reject()
    assert chosen == []


def test_a_drive_can_be_left_empty(choose, qtbot, wait_until):
    dialog, chosen = choose(DeviceType.DVD, may_be_empty=True)
    assert not dialog.create_button.isEnabled()
    wait_until(lambda: "No optical disk is known" in dialog.note.text())
    qtbot.mouseClick(dialog.empty_button, Qt.MouseButton.LeftButton)
    assert chosen == [None]


def test_search_narrows_the_tree_by_name_and_uuid(disks, choose, wait_until):
    first, second = disks("first.vdi"), disks("second.vdi")
    dialog, _chosen = choose()
    wait_until(lambda: len(names(dialog)) == 2)
    dialog.search.setText("SECOND")
    assert names(dialog) == ["second.vdi"]
    assert dialog.tree.current_medium().id == second.id
    dialog.search.setText("{" + first.id + "}")
    assert names(dialog) == ["first.vdi"]
    dialog.search.setText("third")
    assert "No medium matches" in dialog.note.text()
    dialog.reject()


def test_a_file_is_added_and_selected(api, disks, choose, wait_until, tmp_path):
    medium = disks("a.vdi")
    api.medium(medium.id).close()
    dialog, chosen = choose()
    dialog.add_file(str(tmp_path / "missing.vdi"))
    wait_until(lambda: "missing.vdi" in dialog.message.text and dialog._work is None)
    assert "could not be added" in dialog.message.text
    dialog.add_file(medium.path)
    wait_until(lambda: dialog.tree.current_medium() is not None)
    wait_until(dialog.choose_button.isEnabled)
    dialog.accept()
    assert chosen[0].path == medium.path


def test_a_disk_is_created_and_selected(choose, dialog_of_class, qtbot, wait_until, tmp_path):
    dialog, chosen = choose(folder=str(tmp_path), stem="Tester")
    qtbot.mouseClick(dialog.create_button, Qt.MouseButton.LeftButton)
    creation = dialog_of_class(CreateDiskDialog)
    wait_until(lambda: creation.file.path == str(tmp_path / "Tester.vdi"))
    wait_until(creation.accept_button.isEnabled)
    creation.accept()
    wait_until(lambda: dialog.tree.current_medium() is not None)
    dialog.accept()
    assert chosen[0].path == str(tmp_path / "Tester.vdi")


def test_chains_stay_together_when_media_are_split():
    def medium(name, parent="", used=False):
        uses = (MediumUse(machine_id="m", machine_name="M"),) if used else ()
        return MediumInfo(id=name, path=f"/{name}", format="VDI", parent_id=parent, uses=uses)

    base, child = medium("base"), medium("child", "base", used=True)
    lone, orphan = medium("lone"), medium("orphan", "unknown")
    attached, free = split_by_use([base, child, lone, orphan])
    assert attached == [base, child]
    assert free == [lone, orphan]
