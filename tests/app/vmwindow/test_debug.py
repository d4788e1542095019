"""The Debug menu and the help."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.common.help_window import HelpWindow
from app.vmwindow.debug.information import InformationWindow


def opened(window, action):
    window.action_set[action].trigger()
    found = window.findChildren(InformationWindow)
    assert len(found) == 1
    assert found[0].isVisible()
    return found[0]


def test_statistics_are_shown_and_selected(window, qtbot):
    shown = opened(window, "Statistics")
    qtbot.waitUntil(lambda: shown.text.toPlainText() == "/PGM/Faults all")
    assert shown.items.currentItem().text() == "stats"
    assert shown.text.isReadOnly()
    shown.arguments.setText("/PGM/*")
    QTest.keyClick(shown.arguments, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown.text.toPlainText() == "/PGM/Faults /PGM/*")
    assert shown.isVisible()


def test_items_are_listed_in_one_window(window, qtbot):
    shown = opened(window, "CommandLine")
    qtbot.waitUntil(lambda: "Lists all items." in shown.text.toPlainText())
    names = [shown.items.item(row).text() for row in range(shown.items.count())]
    assert names == ["cpum", "help", "stats"]
    assert shown.items.item(0).toolTip() == "Registers."
    assert opened(window, "Statistics") is shown
    qtbot.waitUntil(lambda: "/PGM" in shown.text.toPlainText())


def test_an_item_that_fails_says_why(window, qtbot):
    shown = opened(window, "CommandLine")
    qtbot.waitUntil(lambda: shown.items.count() == 3)
    shown.items.setCurrentRow(0)
    qtbot.waitUntil(lambda: shown.text.toPlainText() == "There is no such item.")


def test_the_help_opens_beside_the_machine(window):
    window.action_set["Contents"].trigger()
    help_window = window.findChild(HelpWindow)
    assert help_window.isVisible()
    assert not help_window.isModal()
    assert help_window.text.toPlainText()


def test_menus_stand_in_the_usual_order(window):
    titles = [a.text().replace("&", "") for a in window.menuBar().actions()]
    assert titles == ["Machine", "View", "Input", "Devices", "Debug", "Help"]
