"""The keyboard on the screen."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from app.api.structs import MachineState
from app.console.pckeys import MODIFIER_KEYS, PcKey
from app.console.scancodes import stroke
from app.vmwindow.preferences import Preferences
from app.vmwindow.softkeyboard.geometry import ANSI, HEIGHT, ISO, WIDTH
from app.vmwindow.softkeyboard.keys import SoftKeys
from app.vmwindow.softkeyboard.layouts import FRENCH, GERMAN, LAYOUTS, US, Legend, layout_of
from app.vmwindow.softkeyboard.window import LAYOUT_KEY, SoftKeyboard


@pytest.mark.parametrize(("board", "count"), [(ANSI, 104), (ISO, 105)])
def test_every_key_is_there_once_and_none_covers_another(board, count):
    assert len(board) == len({place.key for place in board}) == count
    cells = set()
    for place in board:
        for x in range(int(place.x * 4), int((place.x + place.width) * 4)):
            for y in range(int(place.y * 4), int((place.y + place.height) * 4)):
                assert (x, y) not in cells, place
                assert x < WIDTH * 4
                assert y < HEIGHT * 4
                cells.add((x, y))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.id)
def test_every_key_has_a_legend(layout):
    without = {p.key for p in layout.places if p.key not in layout.legends}
    assert not without
    assert all(layout.legends[p.key].plain for p in layout.places if p.key is not PcKey.SPACE)


def test_some_legends():
    assert US.legends[PcKey.DIGIT_2] == Legend("2", "@")
    assert GERMAN.legends[PcKey.Y] == Legend("Z")
    assert GERMAN.legends[PcKey.Q] == Legend("Q", "", "@")
    assert GERMAN.legends[PcKey.ISO_102ND] == Legend("<", ">", "|")
    assert FRENCH.legends[PcKey.Q] == Legend("A")
    assert FRENCH.legends[PcKey.DIGIT_0] == Legend("à", "0", "@")
    assert FRENCH.legends[PcKey.SEMICOLON] == Legend("M")


def test_layouts_are_found_by_name_then_by_language():
    assert layout_of("fr", "de") is FRENCH
    assert layout_of("klingon", "de") is GERMAN
    assert layout_of("", "pt") is US


@pytest.fixture
def keys(qapp):
    typed = bytearray()
    keys = SoftKeys()
    keys.typed.connect(typed.extend)
    keys.bytes = typed
    return keys


def click(keys, key):
    keys.press(key)
    keys.release(key)


def test_modifiers_latch_for_one_key(keys):
    click(keys, PcKey.LEFT_CTRL)
    assert keys.is_down(PcKey.LEFT_CTRL)
    click(keys, PcKey.C)
    assert bytes(keys.bytes) == b"\x1d\x2e\xae\x9d"
    assert not keys.is_down(PcKey.LEFT_CTRL)


def test_modifiers_lock_until_they_are_clicked(keys):
    keys.lock(PcKey.LEFT_SHIFT)
    click(keys, PcKey.A)
    click(keys, PcKey.B)
    assert keys.is_locked(PcKey.LEFT_SHIFT)
    click(keys, PcKey.LEFT_SHIFT)
    assert bytes(keys.bytes) == b"\x2a\x1e\x9e\x30\xb0\xaa"
    assert not keys.is_down(PcKey.LEFT_SHIFT)


def test_a_latched_modifier_can_be_locked_and_let_go(keys):
    click(keys, PcKey.LEFT_ALT)
    keys.lock(PcKey.LEFT_ALT)
    click(keys, PcKey.F1)
    assert keys.is_down(PcKey.LEFT_ALT)
    keys.release_all()
    assert not any(keys.is_down(key) for key in MODIFIER_KEYS)
    assert bytes(keys.bytes) == b"\x38\x3b\xbb\xb8"


def test_several_modifiers_with_one_key(keys):
    for key in (PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.DELETE):
        click(keys, key)
    assert bytes(keys.bytes).startswith(b"\x1d\x38\xe0\x53\xe0\xd3")
    assert sorted(keys.bytes[-2:]) == [0x9D, 0xB8]


@pytest.fixture
def board(qtbot):
    window = SoftKeyboard("Test", Preferences({LAYOUT_KEY: "de"}), lambda: 4)
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.mark.parametrize("size", [(500, 200), (900, 300), (1600, 900)])
def test_every_key_can_be_hit_at_every_size(board, size):
    board.resize(*size)
    for place in board.board.layout_shown.places:
        assert board.board.key_at(board.board.centre_of(place.key)) is place.key
    assert board.board.key_at(QPointF(-5, -5)) is None


def test_clicks_reach_the_guest(board):
    typed = bytearray()
    board.keys.typed.connect(typed.extend)
    where = board.board.centre_of
    QTest.mouseClick(board.board, Qt.MouseButton.RightButton, pos=where(PcKey.LEFT_SHIFT).toPoint())
    QTest.mouseClick(board.board, Qt.MouseButton.LeftButton, pos=where(PcKey.ENTER).toPoint())
    assert bytes(typed) == b"\x2a\x1c\x9c"
    board.hide()
    assert bytes(typed) == b"\x2a\x1c\x9c\xaa"


def test_the_layout_is_remembered(board):
    board.choice.setCurrentIndex(2)
    assert board.board.layout_shown is FRENCH
    assert board._preferences.text(LAYOUT_KEY) == "fr"


def test_the_window_shows_it_and_pausing_releases_its_keys(window, console, qtbot):
    window.action_set["SoftKeyboard"].trigger()
    soft = window.input.soft_keyboard
    assert soft.isVisible()
    soft.keys.press(PcKey.LEFT_CTRL)
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: not soft.keys.is_down(PcKey.LEFT_CTRL))
    assert bytes(console.codes) == stroke(PcKey.LEFT_CTRL)
    window.action_set["SoftKeyboard"].trigger()
    assert window.input.soft_keyboard is soft
