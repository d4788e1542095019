"""The tree of media by itself: chains, sorting, selection."""

from PySide6.QtCore import Qt

from app.api.structs import MediumInfo, MediumState, MediumUse
from app.manager.media.commands import (
    change_problem,
    clearable,
    release_problem,
    remove_problem,
)
from app.manager.media.tree import ACTUAL_SIZE, NAME, VIRTUAL_SIZE, MediumTree
from app.manager.media.words import names_text, type_text, uses_text

GB = 1 << 30


def medium(name, **fields):
    return MediumInfo(id=name, path=f"/disks/{name}.vdi", format="VDI", **fields)


def tree_of(qtbot, *media):
    tree = MediumTree()
    qtbot.addWidget(tree)
    tree.show_media(media)
    return tree


def test_differencing_images_stand_below_their_parents(qtbot):
    tree = tree_of(
        qtbot, medium("base"), medium("child", parent_id="base"),
        medium("grandchild", parent_id="child"), medium("lost", parent_id="unknown"),
    )  # fmt: skip
    assert tree.topLevelItemCount() == 2
    base = tree.topLevelItem(0)
    assert base.text(NAME) == "base.vdi"
    assert base.child(0).child(0).text(NAME) == "grandchild.vdi"
    assert tree.topLevelItem(1).text(NAME) == "lost.vdi"


def test_sizes_sort_as_numbers(qtbot):
    tree = tree_of(
        qtbot, medium("a", logical_size=20 * GB, actual_size=1),
        medium("b", logical_size=3 * GB, actual_size=9), medium("c", logical_size=100 * GB),
    )  # fmt: skip
    assert tree.ids() == ["a", "b", "c"]
    tree.sortByColumn(VIRTUAL_SIZE, Qt.SortOrder.AscendingOrder)
    assert tree.ids() == ["b", "a", "c"]
    tree.sortByColumn(ACTUAL_SIZE, Qt.SortOrder.DescendingOrder)
    assert tree.ids() == ["b", "a", "c"]


def test_selection_and_folds_survive_new_contents(qtbot):
    chain = [medium("base"), medium("child", parent_id="base"), medium("x")]
    tree = tree_of(qtbot, *chain)
    tree.select_medium("x")
    tree.topLevelItem(0).setExpanded(False)
    tree.show_media([*chain, medium("a")])
    assert tree.current_medium().id == "x"
    assert not tree._rows["base"].isExpanded()
    tree.show_media(chain[:2])
    assert tree.current_medium() is None


def test_an_inaccessible_medium_is_told_by_words_and_has_no_sizes(qtbot):
    tree = tree_of(
        qtbot, medium("a", state=MediumState.INACCESSIBLE, access_error="The file is missing.")
    )
    row = tree.topLevelItem(0)
    assert row.text(VIRTUAL_SIZE) == "--"
    assert "The file is missing." in row.toolTip(NAME)
    described = row.data(NAME, Qt.ItemDataRole.AccessibleDescriptionRole)
    assert described == "inaccessible: The file is missing."


def test_words():
    use = MediumUse(machine_id="1", machine_name="M", snapshots=(("s", "Before"),))
    assert uses_text(medium("a", uses=(use,))) == "M (Before)"
    assert uses_text(medium("a")) == "Not attached"
    assert type_text(medium("a", parent_id="b")) == "Differencing"
    assert type_text(medium("a", type="MultiAttach")) == "Multi-attach"
    text = names_text([medium(str(number)) for number in range(15)])
    assert text.endswith("… and 3 more")


def test_reasons():
    now = MediumUse(machine_id="1", machine_name="M")
    before = MediumUse(machine_id="1", machine_name="M", attached=False, snapshots=(("s", "S"),))
    broken = medium("a", state=MediumState.INACCESSIBLE)
    assert "build on it" in remove_problem(medium("a", children=("b",)))
    assert "Snapshots" in remove_problem(medium("a", uses=(before,)))
    assert remove_problem(medium("a", uses=(now,))) == ""
    assert "No machine" in release_problem(medium("a"))
    assert "Only snapshots" in release_problem(medium("a", uses=(before,)))
    assert release_problem(medium("a", uses=(now,))) == ""
    assert "inaccessible" in change_problem(broken)
    assert "in use" in change_problem(medium("a", state=MediumState.LOCKED_WRITE))
    used = medium("b", state=MediumState.INACCESSIBLE, uses=(now,))
    assert clearable([broken, used, medium("c")]) == [broken]
