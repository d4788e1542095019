import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QMainWindow

from app.manager.layout_memory import (
    apply_position,
    format_position,
    join_numbers,
    parse_position,
    split_numbers,
)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("1,2,300,400", (QRect(1, 2, 300, 400), False)),
        ("-5,0,300,400,max", (QRect(-5, 0, 300, 400), True)),
        ("1,2,0,400", None),
        ("1,2,3", None),
        ("a,b,c,d", None),
        ("", None),
    ],
)
def test_positions_are_read(text, position):
    assert parse_position(text) == position


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(500, 400)
    return window


def test_position_survives_a_round_trip(window, qtbot):
    window.setGeometry(40, 50, 610, 420)
    text = format_position(window)
    window.setGeometry(0, 0, 300, 300)
    apply_position(window, text)
    assert window.geometry() == QRect(40, 50, 610, 420)


def test_position_outside_of_all_screens_keeps_the_size_only(window):
    before = window.pos()
    apply_position(window, "9000,9000,620,430")
    assert window.pos() == before
    assert (window.width(), window.height()) == (620, 430)


def test_nonsense_changes_nothing(window):
    before = window.geometry()
    apply_position(window, "nonsense")
    assert window.geometry() == before


def test_numbers_are_joined_and_split():
    assert join_numbers([1, 22, 333]) == "1,22,333"
    assert split_numbers("1,22,333") == [1, 22, 333]
    assert split_numbers("1,x") == []
