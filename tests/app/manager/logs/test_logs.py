"""The log viewer with real files behind a real service."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from app.manager.logs import document as documents
from app.manager.logs.document import LogDocument
from app.manager.logs.preferences_bar import LogLook
from app.manager.logs.scan import FindTerm
from app.manager.logs.view import LogView, Place

LINES = [
    "00:00:00.000001 Console: Machine state changed to 'Starting'",
    "00:00:00.000002 HM: HMR3Init: software",
    "00:00:00.000003 HM: done with init",
    "00:00:01.000004 CPUM: initial leaf",
    "00:00:02.000005 Console: Machine state changed to 'Running'",
]


@pytest.fixture
def machine(api, window, wait_until):
    made = api.virtualbox.create_machine("Tester", "DOS")
    wait_until(lambda: window.view.model().rowCount() == 1)
    return made


@pytest.fixture
def folder(machine):
    path = Path(machine.settings_path).parent / "Logs"
    path.mkdir()
    (path / "VBox.log").write_text("\n".join(LINES) + "\n")
    (path / "VBox.log.1").write_bytes(b"older\xff\r\nsecond\r\n")
    return path


@pytest.fixture
def pane(window, machine, folder, wait_until):
    window.select_machine(machine.id)
    window.open_tool("Logs")
    logs = window.tools.pane("Logs")
    wait_until(lambda: logs.view is not None and logs.view.document.lines == LINES)
    return logs


def test_a_tab_for_each_log(pane, wait_until):
    assert [pane.tabs.tabText(i) for i in range(pane.tabs.count())] == ["VBox.log", "VBox.log.1"]
    pane.tabs.setCurrentIndex(1)
    wait_until(lambda: pane.view.document.lines == ["older\ufffd", "second"])


def test_a_machine_without_logs_says_so(window, machine, wait_until):
    window.select_machine(machine.id)
    window.open_tool("Logs")
    pane = window.tools.pane("Logs")
    wait_until(lambda: "has not been started" in pane.note.text())
    assert window.actions_["log-find"].toolTip().endswith("There is no log.")
    assert window.actions_["log-refresh"].isEnabled()


def test_find_counts_goes_round_and_turns_red(pane, window, wait_until, qtbot):
    window.actions_["log-find"].trigger()
    find = pane.find_bar
    assert find.isVisible()
    qtbot.keyClicks(find.edit, "init")
    wait_until(lambda: find.count.text() == "1/3")
    assert pane.view.caret == Place(1, LINES[1].lower().index("init"))
    find.go(-1)
    assert find.count.text() == "3/3"
    qtbot.keyClick(find.edit, Qt.Key.Key_Return)
    assert find.count.text() == "1/3"
    find.match_case.setChecked(True)
    wait_until(lambda: find.count.text() == "1/2")
    find.whole_words.setChecked(True)
    wait_until(lambda: find.count.text() == "1/1")
    assert pane.view.caret.line == 2
    qtbot.keyClicks(find.edit, "zzz")
    wait_until(lambda: "not contain" in find.edit.toolTip())
    assert not find.next.isEnabled()
    qtbot.keyClick(find.edit, Qt.Key.Key_Escape)
    assert find.isHidden()
    assert not window.actions_["log-find"].isChecked()


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        (FindTerm("a.b"), "axb a.b", ["a.b"]),
        (FindTerm("HM"), "hm ahm", ["hm", "hm"]),
        (FindTerm("HM", match_case=True), "hm HM", ["HM"]),
        (FindTerm("hm", whole_words=True), "ahm hm: hmx", ["hm"]),
    ],
)
def test_terms(term, text, found):
    assert [match.group() for match in term.pattern().finditer(text)] == found


def test_filter_with_and_or_and_removable_terms(pane, window, wait_until):
    window.actions_["log-filter"].trigger()
    bar = pane.filter_bar
    bar.add_term("hm")
    wait_until(lambda: bar.count.text() == "Showing 2/5 lines")
    assert [pane.view.line_of_row(row) for row in range(2)] == [1, 2]
    bar.add_term("done")
    wait_until(lambda: bar.count.text() == "Showing 1/5 lines")
    bar.operator.setCurrentIndex(1)
    wait_until(lambda: bar.count.text() == "Showing 2/5 lines")
    window.actions_["log-find"].trigger()
    pane.find_bar.edit.setText("init")
    wait_until(lambda: pane.find_bar.count.text() == "1/2")
    bar.remove_term("hm")
    bar.remove_term("done")
    wait_until(lambda: bar.count.text() == "Showing 5/5 lines")
    wait_until(lambda: pane.find_bar.count.text() == "1/3")
    bar.add_term("hm")
    window.actions_["log-filter"].trigger()
    assert pane.view.row_count() == 5


def test_terms_are_typed_and_chosen(pane, window, qtbot, wait_until):
    window.actions_["log-filter"].trigger()
    bar = pane.filter_bar
    qtbot.keyClicks(bar.edit, "changed")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert bar.terms == ("changed",)
    assert bar.edit.currentText() == ""
    wait_until(lambda: bar.count.text() == "Showing 2/5 lines")
    bar.edit.setCurrentText("CPUM")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert bar.terms == ("changed", "CPUM")
    bar.clear_button.click()
    assert bar.terms == ()


def test_bookmarks_are_toggled_listed_and_visited(pane, window, qtbot):
    window.actions_["log-bookmark"].trigger()
    view, bar = pane.view, pane.bookmarks
    assert "No line is marked" in bar.list.currentText()
    height = view.fontMetrics().height()
    gutter = QPoint(4, height // 2)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=gutter)
    assert view.document.bookmarks() == [0]
    text = QPoint(view._gutter() + 40, 3 * height + height // 2)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=text)
    assert view.document.bookmarks() == [0, 3]
    assert bar.list.count() == 2
    assert bar.list.itemText(1).startswith("4: 00:00:01.000004 CPUM")
    view.go_to(1)
    bar.step(1)
    assert view.caret.line == 3
    bar.step(1)
    assert view.caret.line == 0
    bar.delete.click()
    assert view.document.bookmarks() == [3]
    bar.delete_all.click()
    assert view.document.bookmarks() == []


class HeldLink:
    """Answers calls when it is told to."""

    def __init__(self):
        self._waiting = []

    def call(self, _receiver, _method, _params, got, _failed):
        self._waiting.append(got)

    def answer(self, piece):
        self._waiting.pop(0)(piece)


def test_a_refresh_while_pieces_are_on_their_way_is_not_lost(qapp):
    link, parent = HeldLink(), QObject()
    document = LogDocument(link, "id", 0, "VBox.log", parent)
    document.load()
    link.answer(b"one\n")
    document.refresh()
    for piece in (b"", b"one\n", b"two\n", b""):
        link.answer(piece)
    assert document.lines == ["one", "two"]
    assert not document.is_loading


def test_refresh_reads_what_was_added_and_reload_everything(pane, folder, qtbot, wait_until):
    with (folder / "VBox.log").open("a") as log:
        log.write("half of a ")
    pane.view.setFocus()
    qtbot.keyClick(pane.view, Qt.Key.Key_F5)
    wait_until(lambda: pane.view.document.lines == [*LINES, "half of a "])
    with (folder / "VBox.log").open("a") as log:
        log.write("line\nnext\n")
    pane.refresh()
    wait_until(lambda: pane.view.document.lines == [*LINES, "half of a line", "next"])
    (folder / "VBox.log").write_text("another log\n")
    pane.refresh()
    wait_until(lambda: pane.view.document.lines == ["another log"])


def test_a_log_that_vanishes_says_so(pane, folder, wait_until):
    (folder / "VBox.log").unlink()
    pane.view.document.reload()
    wait_until(lambda: pane.problem.isVisible())
    assert "has no log 'VBox.log'" in pane.problem.text()


def test_preferences_are_kept(pane, window, api, wait_until):
    window.actions_["log-preferences"].trigger()
    pane.preferences.numbers.setChecked(False)
    pane.preferences.wraps.setChecked(True)
    pane.preferences.font_size.setValue(17)
    assert pane.view.font().pointSize() == 17
    wanted = "hideLineNumbers,wrapLines,fontSize=17"
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/LogViewerOptions") == wanted)
    assert LogLook.parse(wanted) == pane.preferences.look
    pane.preferences.reset.click()
    wait_until(lambda: api.virtualbox.get_extra_data("GUI/LogViewerOptions") == "")


def test_save_writes_the_same_bytes(pane, window, tmp_path, dialog_of_class, folder, wait_until):
    pane.tabs.setCurrentIndex(1)
    wait_until(lambda: len(pane.view.document.lines) == 2)
    window.actions_["log-save"].trigger()
    dialog = dialog_of_class(QFileDialog)
    target = tmp_path / "saved.log"
    dialog.fileSelected.emit(str(target))
    dialog.close()
    wait_until(target.exists)
    assert target.read_bytes() == (folder / "VBox.log.1").read_bytes()
    assert not list(tmp_path.glob("*.tmp"))


def test_save_where_nothing_can_be_written_is_told(pane, tmp_path, errors, wait_until):
    pane._save_as(pane.view.document, str(tmp_path / "no" / "folder.log"))
    told = errors(wait_until)
    assert told.title == "The log was not saved"
    assert "No such file" in told.text


def test_selected_text_is_copied(pane, qtbot):
    view = pane.view
    view.setFocus()
    view.go_to(1)
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == LINES[1] + "\n"
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selected_text() == "\n".join(LINES)


def test_long_lines_wrap_and_are_all_reached(pane, folder, wait_until):
    (folder / "VBox.log").write_text("\n".join(["x" * 500, *map(str, range(300))]) + "\n")
    pane.view.document.reload()
    wait_until(lambda: len(pane.view.document.lines) == 301)
    assert pane.view.horizontalScrollBar().maximum() > 0
    pane.view.set_wraps(True)
    assert pane.view.horizontalScrollBar().maximum() == 0
    first = next(iter(pane.view._seen()))
    assert first[1].lineCount() > 1
    pane.view.verticalScrollBar().setValue(pane.view.verticalScrollBar().maximum())
    assert [seen[0] for seen in pane.view._seen()][-1] == 300


def test_pieces_may_end_anywhere(link, api, machine, folder, monkeypatch, qtbot, wait_until):
    monkeypatch.setattr(documents, "PIECE", 7)
    text = "Grüße – eins\nzwei\r\n\nvier"
    (folder / "VBox.log").write_bytes(text.encode())
    document = LogDocument(link, machine.id, 0, "VBox.log", link)
    document.load()
    wait_until(lambda: not document.is_loading and bool(document.lines))
    assert document.lines == ["Grüße – eins", "zwei", "", "vier"]


def test_the_view_of_an_empty_log_paints(link, qtbot):
    view = LogView(LogDocument(link, "", 0, "VBox.log", link))
    qtbot.addWidget(view)
    view.resize(300, 200)
    assert not view.grab().isNull()
    view.select_all()
    assert view.selected_text() == ""
