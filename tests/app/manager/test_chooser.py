"""The machine list by itself: definitions, tree, view, search."""

import time

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLineEdit

from app.api.structs import MachineInfo, MachineState
from app.manager.chooser.column import ChooserColumn
from app.manager.chooser.definitions import (
    Definition,
    format_definition,
    free_name,
    is_within,
    moved_path,
    name_problem,
    parent_path,
    parse_definition,
)
from app.manager.chooser.model import ChooserModel
from app.manager.chooser.nodes import GroupNode
from app.manager.machine_model import MachineListModel, MachineRole


def info(name, *groups, state=MachineState.POWERED_OFF, **fields):
    return MachineInfo(id=f"id-{name}", name=name, groups=list(groups), state=state, **fields)


@pytest.fixture
def machines(qapp):
    return MachineListModel()


@pytest.fixture
def model(machines):
    model = ChooserModel(machines)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


@pytest.fixture
def column(model, qtbot):
    column = ChooserColumn(model)
    qtbot.addWidget(column)
    column.resize(260, 600)
    column.show()
    qtbot.waitExposed(column)
    return column


def shape(node):
    """The tree as nested lists: ["/A", [...]] for groups, names for machines."""
    return [
        [child.path, shape(child)] if isinstance(child, GroupNode) else child.info.name
        for child in node.children
    ]


# -- definitions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "groups", "machines"),
    [
        ("go=Linux,gc=Old,m=1,m=2", {"Linux": True, "Old": False}, ["1", "2"]),
        ("nf=GLOBAL,g=Closed,m={ABC-1}", {"Closed": False}, ["abc-1"]),
        ("go=A;m=1", {"A": True}, ["1"]),
        ("", {}, []),
        ("nonsense,=,m=,x=1", {}, []),
    ],
)
def test_definitions_are_read_as_virtualbox_writes_them(text, groups, machines):
    found = parse_definition(text)
    assert (dict(found.groups), list(found.machines)) == (groups, machines)


def test_definitions_survive_a_round_trip():
    definition = Definition({"A b": True, "C": False}, ["1", "2"])
    assert format_definition(definition) == "go=A b,gc=C,m=1,m=2"
    assert parse_definition(format_definition(definition)) == definition


def test_paths():
    assert parent_path("/a/b") == "/a"
    assert parent_path("/a") == "/"
    assert is_within("/a/b", "/a")
    assert not is_within("/ab", "/a")
    assert moved_path("/a/b/c", "/a/b", "/x") == "/x/c"
    assert moved_path("/a", "/a", "/") == "/"
    assert moved_path("/ab", "/a", "/x") == "/ab"
    assert free_name("New group", {"New group", "New group 2"}) == "New group 3"


@pytest.mark.parametrize("name", ["", "  ", "a/b", "a,b", "a;b", "a=b", "a\nb", "Taken"])
def test_bad_names_of_groups_say_why(qapp, name):
    assert name_problem(name, {"Taken"}).endswith(".")
    assert name_problem("Good – name", {"Taken"}) == ""


# -- tree ------------------------------------------------------------------------------------------


def test_groups_come_from_the_machines_and_stand_first(model, machines):
    machines.set_machines(
        [info("a"), info("b", "/G/Inner"), info("c", "/G"), info("d", "/", "/H")]
    )
    assert shape(model.root) == [
        ["/G", [["/G/Inner", ["b"]], "c"]],
        ["/H", ["d"]],
        "a",
        "d",
    ]
    assert model.group_paths() == ["/G", "/G/Inner", "/H"]
    machines.put_machine(info("b", "/"))
    assert shape(model.root) == [["/G", ["c"]], ["/H", ["d"]], "a", "b", "d"]
    machines.remove_machine("id-d")
    assert shape(model.root) == [["/G", ["c"]], "a", "b"]


def test_definitions_order_the_tree_and_newcomers_come_last(model, machines):
    machines.set_machines([info("a"), info("b"), info("c"), info("x", "/X"), info("y", "/Y")])
    model.set_definitions({"/": "go=Y,gc=X,m=id-c,m=id-a,m=id-gone"})
    assert shape(model.root) == [["/Y", ["y"]], ["/X", ["x"]], "c", "a", "b"]
    assert model.is_open("/Y")
    assert not model.is_open("/X")
    assert model.definitions() == {
        "/": "go=Y,gc=X,m=id-c,m=id-a,m=id-b",
        "/X": "m=id-x",
        "/Y": "m=id-y",
    }


def test_indexes_survive_sorting_and_neighbours_that_go(model, machines):
    machines.set_machines([info("a"), info("b"), info("c")])
    kept = QPersistentModelIndex(model.index_of_machine("id-c"))
    model.put_order("/", ["m=id-c", "m=id-b", "m=id-a"])
    model.sync()
    assert kept.row() == 0
    assert kept.data() == "c"
    machines.remove_machine("id-b")
    assert shape(model.root) == ["c", "a"]
    assert kept.data() == "c"


def test_counts_follow_the_states(model, machines):
    machines.set_machines([info("a", "/G"), info("b", "/G/Inner")])
    index = model.index_of_key("g=/G")
    assert index.data(MachineRole.STATE_TEXT) == "Groups: 1 · Machines: 2"
    told = []
    model.dataChanged.connect(lambda first, _last, _roles: told.append(first.data()))
    machines.put_machine(info("b", "/G/Inner", state=MachineState.RUNNING))
    assert index.data(MachineRole.STATE_TEXT) == "Groups: 1 · Machines: 2 · Running: 1"
    assert told == ["b", "Inner", "G"]


def test_holding_makes_one_change_of_many(model, machines):
    machines.set_machines([info("a"), info("b")])
    with model.holding():
        machines.put_machine(info("a", "/G"))
        machines.put_machine(info("b", "/G"))
        assert shape(model.root) == ["a", "b"]
    assert shape(model.root) == [["/G", ["a", "b"]]]


def test_dropping_asks_for_the_move(model, machines):
    machines.set_machines([info("a"), info("b", "/G"), info("c", "/G/Inner")])
    asked = []
    model.drop_requested.connect(lambda *request: asked.append(request))
    move = Qt.DropAction.MoveAction
    data = model.mimeData([model.index_of_machine("id-a")])
    group = model.index_of_key("g=/G")
    assert not model.dropMimeData(data, move, 1, 0, group)
    model.dropMimeData(data, move, -1, 0, model.index_of_machine("id-b"))
    assert asked == [
        ([("m=id-a", "/")], "/G", "", 1),
        ([("m=id-a", "/")], "/G", "id-b", 1),
    ]
    assert not model.canDropMimeData(data, move, -1, 0, model.index_of_machine("id-a"))
    group_data = model.mimeData([group])
    assert not model.canDropMimeData(group_data, move, -1, 0, model.index_of_key("g=/G/Inner"))
    assert not model.canDropMimeData(group_data, move, -1, 0, model.index_of_machine("id-a"))


def test_machines_that_cannot_be_changed_cannot_be_dragged(model, machines):
    machines.set_machines([info("a"), info("b", accessible=False)])
    drag = Qt.ItemFlag.ItemIsDragEnabled
    assert model.flags(model.index_of_machine("id-a")) & drag
    assert not model.flags(model.index_of_machine("id-b")) & drag


# -- view ------------------------------------------------------------------------------------------


def test_folds_are_told_and_shown(column, model, machines):
    model.set_definitions({"/": "gc=Closed,go=Open"})
    machines.set_machines([info("a", "/Closed"), info("b", "/Open/Deep"), info("c", "/New")])
    view = column.view
    assert not view.isExpanded(model.index_of_key("g=/Closed"))
    for path in ("/Open", "/Open/Deep", "/New"):
        assert view.isExpanded(model.index_of_key(f"g={path}")), path
    told = []
    model.order_changed.connect(lambda: told.append(model.definitions()["/"]))
    view.setExpanded(model.index_of_key("g=/Open"), False)
    assert told == ["gc=Closed,gc=Open,go=New"]


def test_enter_folds_groups_and_starts_machines(column, model, machines, qtbot):
    machines.set_machines([info("a", "/G")])
    view = column.view
    view.select_index(model.index_of_key("g=/G"))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert not view.isExpanded(model.index_of_key("g=/G"))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    view.select_index(model.index_of_machine("id-a"))
    with qtbot.waitSignal(view.start_requested):
        qtbot.keyClick(view, Qt.Key.Key_Return)


def test_a_group_can_be_entered_and_left(column, model, machines, qtbot):
    machines.set_machines([info("a"), info("b", "/G/Inner")])
    view = column.view
    view.enter_group("/G/Inner")
    assert view.model().rowCount(view.rootIndex()) == 1
    assert column.back.isVisible()
    assert "/G/Inner" in column.back.text()
    qtbot.mouseClick(column.back, Qt.MouseButton.LeftButton)
    assert view.entered_group == "/G"
    machines.put_machine(info("b", "/"))
    assert view.entered_group == "/"
    assert not column.back.isVisible()
    assert not view.rootIndex().isValid()


def test_renaming_in_place_asks_for_the_name(column, model, machines, qtbot):
    machines.set_machines([info("a", "/Old")])
    column.view.select_index(model.index_of_key("g=/Old"))
    column.view.setFocus()
    qtbot.keyClick(column.view, Qt.Key.Key_F2)
    editor = column.view.findChild(QLineEdit, "qt_editing_widget") or column.view.viewport(
    ).findChild(QLineEdit)
    assert editor.text() == "Old"
    assert editor.accessibleName()
    editor.setText("New")
    with qtbot.waitSignal(model.rename_requested) as told:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert told.args == ["/Old", "New"]


def test_tools_button_is_only_where_there_are_tools(column, model, machines, qtbot):
    machines.set_machines([info("a"), info("b", "/G")])
    view = column.view
    view.delegate.offers_tools = True
    row = view.visualRect(model.index_of_machine("id-a"))
    place = view.delegate.tools_area(row).center()
    view.select_index(model.index_of_machine("id-a"))
    with qtbot.waitSignal(view.tools_requested):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    group = model.index_of_key("g=/G")
    row = view.visualRect(group)
    place = view.delegate.tools_area(row).center()
    assert not view.delegate.hits_tools(row, place, group, selected=True)


def test_search_marks_steps_and_closes(column, model, machines, qtbot):
    machines.set_machines([info("Alpha"), info("Beta", "/Alps"), info("alphabet", "/Alps/Deep")])
    view, search = column.view, column.search
    view.setExpanded(model.index_of_key("g=/Alps"), False)
    search.open_search()
    qtbot.keyClicks(search.text, "alp")
    assert view.delegate.search_text == "alp"
    assert [node.key for node in search.matches()] == ["g=/Alps", "m=id-alphabet", "m=id-Alpha"]
    assert search.count.text() == "1 of 3"
    qtbot.keyClick(search.text, Qt.Key.Key_Return)
    assert view.currentIndex().data() == "alphabet"
    assert view.isExpanded(model.index_of_key("g=/Alps"))
    qtbot.keyClick(search.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(search.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.currentIndex().data() == "Alpha"
    search.text.setText("nothing like it")
    assert search.count.text() == "No matches"
    assert not search.next.isEnabled()
    with qtbot.waitSignal(search.closed):
        qtbot.keyClick(search.text, Qt.Key.Key_Escape)
    assert search.isHidden()
    assert view.delegate.search_text == ""


def test_selection_is_in_list_order(column, model, machines):
    machines.set_machines([info("a", "/G"), info("b"), info("c")])
    view = column.view
    view.select_keys(["m=id-c", "m=id-a", "g=/G"])
    assert [node.key for node in view.selected_nodes()] == ["g=/G", "m=id-a", "m=id-c"]
    select = QItemSelectionModel.SelectionFlag.Deselect
    view.selectionModel().select(model.index_of_key("g=/G"), select)
    assert [node.key for node in view.selected_nodes()] == ["m=id-a", "m=id-c"]


def test_a_thousand_machines_are_shown_quickly(column, model, machines, qtbot):
    many = [info(f"machine {n}", f"/Group {n % 40}" if n % 2 else "/") for n in range(1000)]
    begin = time.perf_counter()
    machines.set_machines(many)
    column.grab()
    shown = time.perf_counter() - begin
    begin = time.perf_counter()
    for machine in many[:100]:
        machines.put_machine(info(machine.name, *machine.groups, state=MachineState.RUNNING))
    changed = time.perf_counter() - begin
    assert shown < 1.5
    assert changed < 1.0
