"""Groups in the window, against a real service: settings, extra data, other clients."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMessageBox

from app.manager.chooser.nodes import GroupNode
from app.manager.notifications.center import Kind
from tests.app.manager.test_window import click_button


@pytest.fixture
def machines(api, window, wait_until):
    """Five machines; e is in the group /Old."""
    ids = {name: api.virtualbox.create_machine(name, "DOS").id for name in "dbcae"}
    api.machine(ids["e"]).set_groups(["/Old"])
    wait_until(lambda: "/Old" in window.chooser_model.group_paths())
    wait_until(lambda: len(names(window)) == 4)
    return ids


def names(window):
    """Names of the machines at the top level."""
    return [node.info.name for node in window.chooser_model.root.machines()]


def inside(window, path):
    group = window.chooser_model.group(path)
    assert group is not None, window.chooser_model.group_paths()
    return [n.name if isinstance(n, GroupNode) else n.info.name for n in group.children]


def stored(api, path="/"):
    return api.virtualbox.get_extra_data(f"GUI/GroupDefinitions{path}")


def groups_of(api, machine_id):
    return api.virtualbox.find_machine(machine_id).groups


def test_dropping_a_machine_on_another_makes_a_group(
    window, machines, api, wait_until, qtbot
):
    model = window.chooser_model
    data = model.mimeData([model.index_of_machine(machines["a"])])
    action = model.supportedDropActions()
    model.dropMimeData(data, action, -1, 0, model.index_of_machine(machines["b"]))
    # The list does not wait for the service.
    assert inside(window, "/New group") == ["b", "a"]
    assert window.selected_groups() == ("/New group",)
    editor = window.view.findChild(QLineEdit)
    assert editor.text() == "New group"
    editor.setText("Pair")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert window.focusWidget() is window.view
    assert window.view.isExpanded(model.index_of_key("g=/Pair"))
    wait_until(lambda: groups_of(api, machines["a"]) == ["/Pair"])
    wait_until(lambda: groups_of(api, machines["b"]) == ["/Pair"])
    wait_until(lambda: stored(api, "/Pair") == f"m={machines['b']},m={machines['a']}")
    wait_until(lambda: stored(api).startswith("go=Old,go=Pair,"))
    assert 'name="/Pair"' in Path(api.virtualbox.find_machine(machines["a"]).settings_path).read_text()


def test_machines_are_ordered_by_hand_and_by_name(window, machines, api, wait_until):
    assert names(window) == ["d", "b", "c", "a"]
    window.groups.move([(f"m={machines['a']}", "/")], "/", 2)
    assert names(window) == ["d", "a", "b", "c"]
    wait_until(lambda: stored(api).endswith(",".join(f"m={machines[n]}" for n in "dabc")))
    window.actions_["sort"].trigger()
    assert names(window) == ["a", "b", "c", "d"]
    wait_until(lambda: stored(api).endswith(",".join(f"m={machines[n]}" for n in "abcd")))


def test_menu_moves_into_groups_and_back(window, machines, api, wait_until):
    window.select_machine(machines["c"])
    menu = window.menus.move_to_group
    menu.aboutToShow.emit()
    entries = {action.data(): action for action in menu.actions() if action.data()}
    assert list(entries) == ["/", "/Old"]
    entries["/Old"].trigger()
    assert inside(window, "/Old") == ["e", "c"]
    assert window.selected_machine.name == "c"
    wait_until(lambda: groups_of(api, machines["c"]) == ["/Old"])
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.data() == "/").trigger()
    assert inside(window, "/Old") == ["e"]
    wait_until(lambda: groups_of(api, machines["c"]) == ["/"])


def test_new_group_by_menu_then_ungroup(window, machines, api, wait_until):
    window.view.select_keys([f"m={machines['a']}", f"m={machines['b']}"])
    wait_until(window.actions_["new-group"].isEnabled)
    window.actions_["new-group"].trigger()
    assert inside(window, "/New group") == ["b", "a"]
    window.view.select_keys(["g=/New group"])
    window._on_selection_changed()
    assert [action.text() for action in window.menuBar().actions()][1] == "&Group"
    window.actions_["ungroup"].trigger()
    assert window.chooser_model.group("/New group") is None
    wait_until(lambda: groups_of(api, machines["a"]) == ["/"])
    wait_until(lambda: not stored(api, "/New group"))


def test_group_moves_with_everything_in_it(window, machines, api, wait_until):
    window.groups.move([(f"m={machines['a']}", "/")], "/Old/Deep")
    window.groups.move([(f"m={machines['b']}", "/")], "/New")
    window.chooser_model.set_open("/Old/Deep", opened=False)
    window.groups.move([("g=/Old", "/")], "/New")
    assert inside(window, "/New") == ["Old", "b"]
    assert inside(window, "/New/Old") == ["Deep", "e"]
    assert not window.chooser_model.is_open("/New/Old/Deep")
    wait_until(lambda: groups_of(api, machines["a"]) == ["/New/Old/Deep"])
    wait_until(lambda: stored(api, "/New/Old").startswith("gc=Deep,"))
    wait_until(lambda: not stored(api, "/Old"))


def test_a_taken_name_is_asked_about(window, machines, api, wait_until, qtbot, dialog_of_class):
    window.groups.move([(f"m={machines['a']}", "/")], "/New/Old")
    window.groups.move([("g=/New/Old", "/New")], "/")
    box = dialog_of_class(QMessageBox)
    assert "“Old”" in box.text()
    click_button(qtbot, box, "Move and Rename")
    assert inside(window, "/Old 2") == ["a"]
    assert inside(window, "/Old") == ["e"]


def test_bad_names_are_refused_with_a_sentence(window, machines):
    window.groups.rename("/Old", "a/b")
    (told,) = window.notifications.notifications()
    assert told.kind is Kind.ERROR
    assert "cannot contain /" in told.text
    assert window.chooser_model.group_paths() == ["/Old"]


def test_a_refused_move_is_undone_and_told(window, machines, api, wait_until):
    api.machine(machines["a"]).lock()
    window.groups.move([(f"m={machines['a']}", "/")], "/Old")
    assert inside(window, "/Old") == ["e", "a"]
    wait_until(lambda: inside(window, "/Old") == ["e"])
    (told,) = window.notifications.notifications()
    assert "was not moved" in told.title
    api.machine(machines["a"]).unlock()


def test_groups_and_orders_of_others_are_followed(window, machines, api, wait_until):
    api.machine(machines["d"]).set_groups(["/Old"])
    wait_until(lambda: inside(window, "/Old") == ["d", "e"])
    # As VirtualBox writes it.
    api.virtualbox.set_extra_data(
        "GUI/GroupDefinitions/Old", f"nf=GLOBAL,m={machines['e']},m={machines['d']}"
    )
    wait_until(lambda: inside(window, "/Old") == ["e", "d"])


def test_a_group_shows_its_machines_and_acts_on_all(window, machines, api, wait_until):
    window.groups.move([(f"m={machines['a']}", "/")], "/Old")
    window.view.select_keys(["g=/Old"])
    wait_until(lambda: window.tools.stack.currentWidget() is window.tools.selection)
    table = window.tools.selection.table
    assert [table.topLevelItem(row).text(0) for row in range(2)] == ["e", "a"]
    assert {machine.name for machine in window.selected_machines()} == {"a", "e"}
    assert not window.actions_["settings"].isEnabled()
    assert "Select one machine." in window.actions_["settings"].toolTip()
    assert window.actions_["start"].isEnabled()
