"""What is typed into the guest without its keys being pressed, and the lock LEDs."""

import threading

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QMessageBox

from app.api.keystrokes import scancodes_of
from app.api.structs import MachineState
from app.console.pacing import pieces
from app.console.pckeys import PcKey
from app.console.scancodes import stroke
from app.vmwindow.input.commands import LONG_TEXT
from app.vmwindow.input.leds import LockSync
from app.vmwindow.keyboard.hostlocks import CAPS, NUM, SCROLL, host_locks


def boxes(window):
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def press(box, text):
    next(b for b in box.buttons() if b.text().replace("&", "") == text).click()


def type_text(window, text):
    QGuiApplication.clipboard().setText(text)
    window.action_set["TypeClipboard"].trigger()


@pytest.mark.parametrize(
    ("action", "keys"),
    [
        ("TypeCAD", (PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.DELETE)),
        ("TypeCABS", (PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.BACKSPACE)),
        ("TypeCtrlBreak", (PcKey.LEFT_CTRL, PcKey.PAUSE)),
        ("TypeInsert", (PcKey.INSERT,)),
        ("TypePrintScreen", (PcKey.PRINT_SCREEN,)),
        ("TypeAltPrintScreen", (PcKey.LEFT_ALT, PcKey.PRINT_SCREEN)),
        ("TypeHostKeyCombo", (PcKey.RIGHT_CTRL,)),
    ],
)
def test_keys_of_the_menu(window, console, action, keys):
    window.action_set[action].trigger()
    assert bytes(console.codes) == stroke(*keys)


def test_function_keys(window, console, qtbot):
    menu = next(
        menu for menu in window.findChildren(QMenu) if menu.menuAction().data() == "FunctionKeys"
    )
    assert len(menu.actions()) == 12
    menu.actions()[11].trigger()
    assert bytes(console.codes) == stroke(PcKey.LEFT_CTRL, PcKey.LEFT_ALT, PcKey.F12)
    console.set_state(MachineState.PAUSED)
    qtbot.waitUntil(lambda: not menu.menuAction().isEnabled())


def test_short_texts_are_typed_at_once(window, console, qtbot):
    type_text(window, "Hello, World!\n")
    action = window.action_set["TypeClipboard"]
    qtbot.waitUntil(lambda: not action.isChecked())
    assert bytes(console.codes) == bytes(scancodes_of("Hello, World!\n"))
    assert not boxes(window)


def test_long_texts_are_asked_about(window, console, qtbot):
    text = "0123456789" * (LONG_TEXT // 10) + "!"
    type_text(window, text)
    (box,) = boxes(window)
    assert str(len(text)) in box.text()
    press(box, "Cancel")
    assert not console.codes
    assert not window.action_set["TypeClipboard"].isChecked()
    type_text(window, text)
    press(boxes(window)[0], "Type")
    qtbot.waitUntil(lambda: bytes(console.codes) == bytes(scancodes_of(text)))
    qtbot.waitUntil(lambda: not window.action_set["TypeClipboard"].isChecked())


def test_what_no_key_types_is_told(window, console):
    type_text(window, "5 €")
    assert "€" in boxes(window)[0].text()
    assert "U+20AC" in boxes(window)[0].text()
    assert not console.codes
    assert not window.action_set["TypeClipboard"].isChecked()


def test_an_empty_clipboard_is_told(window, console):
    QGuiApplication.clipboard().clear()
    window.action_set["TypeClipboard"].trigger()
    assert boxes(window)[0].text() == "There is no text in the clipboard."


def test_a_guest_that_reads_nothing_is_told(window, console, qtbot):
    console.room = 10
    type_text(window, "x" * 20)
    qtbot.waitUntil(lambda: bool(boxes(window)))
    assert "does not read its keyboard" in boxes(window)[0].text()
    assert len(console.codes) == 10


def test_typing_can_be_stopped(window, console, qtbot):
    console.reading = threading.Event()
    type_text(window, "y" * 150)
    window.action_set["TypeClipboard"].trigger()
    console.reading.set()
    qtbot.waitUntil(lambda: not window.input.typist.active)
    assert 0 < len(console.codes) < 300
    assert console.codes[-1] & 0x80
    assert not boxes(window)


def test_no_key_is_down_between_pieces():
    codes = bytes(scancodes_of("The Quick (Brown) Fox " * 20))
    parts = pieces(codes, 50)
    assert b"".join(parts) == codes
    assert len(parts) > 5
    for part in parts:
        made = [code for code in part if not code & 0x80]
        assert sorted(made) == sorted(code & 0x7F for code in part if code & 0x80)


class Locks:
    known = SCROLL | NUM | CAPS
    writable = NUM | CAPS

    def __init__(self, on=0):
        self.on = on

    def read(self):
        return self.on

    def write(self, locks):
        self.on = locks


@pytest.fixture
def typed():
    return bytearray()


def sync_of(console, locks, typed):
    sync = LockSync(console, locks)
    sync.typed.connect(typed.extend)
    return sync


def test_the_host_follows_the_guest(qtbot, console, typed):
    locks = Locks(SCROLL)
    sync = sync_of(console, locks, typed)
    sync.set_captured(True)
    console.keyboard_leds = CAPS
    qtbot.waitUntil(lambda: locks.on == SCROLL | CAPS)
    console.keyboard_leds = NUM
    qtbot.waitUntil(lambda: locks.on == SCROLL | NUM)
    sync.set_captured(False)
    console.keyboard_leds = 0
    qtbot.wait(400)
    assert locks.on == SCROLL | NUM
    assert not typed


def test_the_guest_follows_the_host_when_it_gets_the_keyboard(console, typed, qtbot):
    locks = Locks(CAPS | NUM)
    sync = sync_of(console, locks, typed)
    console.keyboard_leds = NUM
    sync.set_captured(True)
    assert bytes(typed) == stroke(PcKey.CAPS_LOCK)
    sync.set_captured(False)
    sync.set_captured(True)
    assert bytes(typed) == stroke(PcKey.CAPS_LOCK)  # it did not listen: not again
    sync.set_captured(False)
    console.keyboard_leds = NUM | CAPS
    sync.set_captured(True)
    assert bytes(typed) == stroke(PcKey.CAPS_LOCK)


def test_guests_without_leds_get_no_lock_keys(console, typed):
    sync_of(console, Locks(NUM), typed).set_captured(True)
    assert not typed


def test_synchronisation_can_be_switched_off(console, typed, qtbot):
    locks = Locks()
    sync = sync_of(console, locks, typed)
    sync.enabled = False
    sync.set_captured(True)
    console.keyboard_leds = CAPS
    qtbot.wait(400)
    assert locks.on == 0


def test_platforms_that_do_not_tell(qapp, console, typed):
    assert host_locks() is None  # the platform "offscreen"
    sync_of(console, None, typed).set_captured(True)
    assert not typed
