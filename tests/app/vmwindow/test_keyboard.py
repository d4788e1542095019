"""Keyboard of the VM window: tables, host key, and the handler on Qt events."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from app.common.hostkeys import ModifierKey
from app.console.pckeys import MODIFIER_KEYS, PcKey
from app.vmwindow.keyboard.handler import KeyboardHandler
from app.vmwindow.keyboard.hostkey import HostKey, Verdict
from app.vmwindow.keyboard.native_tables import EVDEV, MACOS, WINDOWS
from app.vmwindow.keyboard.qt_table import key_by_name
from app.vmwindow.keyboard.translate import key_of_event

# Keys of an Apple keyboard's ISO layout; it has no such multimedia and Asian keys as virtual keys.
_APPLE = {key for key in PcKey if key.value < 0x59} | {
    PcKey.RIGHT_CTRL, PcKey.RIGHT_ALT, PcKey.LEFT_META, PcKey.RIGHT_META, PcKey.HOME, PcKey.END,
    PcKey.UP, PcKey.DOWN, PcKey.LEFT, PcKey.RIGHT, PcKey.PAGE_UP, PcKey.PAGE_DOWN, PcKey.DELETE,
    PcKey.INSERT, PcKey.KEYPAD_ENTER, PcKey.KEYPAD_SLASH, PcKey.PAUSE, PcKey.PRINT_SCREEN,
}


@pytest.mark.parametrize("table", [EVDEV, WINDOWS], ids=["evdev", "windows"])
def test_every_key_can_be_typed(table):
    assert set(table.values()) == set(PcKey)


def test_apple_keyboards_are_complete():
    assert set(MACOS.values()) >= _APPLE


def test_every_modifier_has_a_label():
    assert {key.name for key in MODIFIER_KEYS} == set(ModifierKey.__members__)


def test_single_host_key_commands_and_alone():
    host = HostKey()
    assert host.label == "Right Ctrl"
    assert host.press(PcKey.RIGHT_CTRL) is Verdict.ENGAGE
    assert host.press(PcKey.RIGHT_CTRL, repeat=True) is Verdict.SWALLOW
    assert host.release(PcKey.RIGHT_CTRL) is Verdict.ALONE
    host.press(PcKey.RIGHT_CTRL)
    assert host.press(PcKey.P) is Verdict.COMMAND
    assert host.press(PcKey.P, repeat=True) is Verdict.SWALLOW
    assert host.release(PcKey.RIGHT_CTRL) is Verdict.SWALLOW
    assert host.release(PcKey.P) is Verdict.SWALLOW
    assert host.press(PcKey.P) is Verdict.GUEST


def test_host_combination_of_two_keys():
    host = HostKey({PcKey.LEFT_CTRL, PcKey.LEFT_ALT})
    assert host.label == "Left Ctrl + Left Alt"
    assert host.press(PcKey.LEFT_CTRL) is Verdict.GUEST
    assert host.press(PcKey.LEFT_ALT) is Verdict.ENGAGE
    assert host.release(PcKey.LEFT_CTRL) is Verdict.SWALLOW
    assert host.release(PcKey.LEFT_ALT) is Verdict.ALONE


def test_host_key_takes_modifiers_only():
    with pytest.raises(ValueError, match="modifier"):
        HostKey({PcKey.A})
    none = HostKey(())
    assert none.label == "None"
    assert none.press(PcKey.RIGHT_CTRL) is Verdict.GUEST


def key_event(kind, qt_key=0, *, evdev=0, virtual=0, repeat=False, modifiers=None):
    press = QEvent.Type.KeyPress if kind == "press" else QEvent.Type.KeyRelease
    native = evdev + 8 if evdev else 0
    modifiers = modifiers or Qt.KeyboardModifier.NoModifier
    return QKeyEvent(press, qt_key, modifiers, native, virtual, 0, "", repeat)


@pytest.fixture
def handler(qapp):
    handler = KeyboardHandler()
    handler.sent = bytearray()
    handler.commands = []
    handler.scancodes.connect(handler.sent.extend)
    handler.host_command.connect(handler.commands.append)
    return handler


def test_native_codes_win_over_the_layout(handler):
    # The key right of Tab types "a" on a French layout and is Q on the PC keyboard.
    handler.press(key_event("press", Qt.Key.Key_A, evdev=16))
    handler.release(key_event("release", Qt.Key.Key_A, evdev=16))
    assert handler.sent == b"\x10\x90"


def test_names_are_the_fallback(handler):
    handler.press(key_event("press", Qt.Key.Key_Delete))
    assert handler.sent == b"\xe0\x53"
    keypad = Qt.KeyboardModifier.KeypadModifier
    assert key_of_event(key_event("press", Qt.Key.Key_Delete, modifiers=keypad)) is (
        PcKey.KEYPAD_PERIOD
    )
    assert key_by_name(Qt.Key.Key_Colon, keypad=False) is PcKey.SEMICOLON
    assert key_by_name(Qt.Key.Key_Dead_Acute, keypad=False) is None


def test_platform_tables():
    assert key_of_event(key_event("press", virtual=0x24), "cocoa") is PcKey.ENTER
    press = QEvent.Type.KeyPress
    event = QKeyEvent(press, 0, Qt.KeyboardModifier.NoModifier, 0x11D, 0, 0, "", False)
    assert key_of_event(event, "windows") is PcKey.RIGHT_CTRL


def test_auto_repeat_is_passed_as_make_codes(handler):
    handler.press(key_event("press", evdev=30))
    for _ in range(2):
        handler.release(key_event("release", evdev=30, repeat=True))
        handler.press(key_event("press", evdev=30, repeat=True))
    handler.release(key_event("release", evdev=30))
    assert handler.sent == b"\x1e\x1e\x1e\x9e"


def test_host_key_never_reaches_the_guest(handler, qtbot):
    with qtbot.waitSignal(handler.host_key_alone):
        handler.press(key_event("press", Qt.Key.Key_Control, evdev=97))
        handler.release(key_event("release", Qt.Key.Key_Control, evdev=97))
    handler.press(key_event("press", Qt.Key.Key_Control, evdev=97))
    handler.press(key_event("press", Qt.Key.Key_P, evdev=25))
    handler.release(key_event("release", Qt.Key.Key_P, evdev=25))
    handler.release(key_event("release", Qt.Key.Key_Control, evdev=97))
    assert handler.sent == b""
    assert handler.commands == [Qt.Key.Key_P]


def test_two_key_combination_is_taken_back_from_the_guest(handler):
    handler.host_key = HostKey({PcKey.LEFT_CTRL, PcKey.LEFT_ALT})
    handler.press(key_event("press", evdev=29))
    handler.press(key_event("press", evdev=56))
    assert handler.sent == b"\x1d\x9d"


def test_focus_loss_releases_everything(handler):
    for evdev in (29, 56, 111):
        handler.press(key_event("press", evdev=evdev))
    handler.sent.clear()
    handler.release_all()
    assert handler.sent == b"\xe0\xd3\xb8\x9d"
    handler.release(key_event("release", evdev=29))
    assert handler.sent == b"\xe0\xd3\xb8\x9d"


def test_paused_guest_gets_no_keys(handler):
    handler.press(key_event("press", evdev=30))
    handler.set_guest_listens(False)
    handler.press(key_event("press", evdev=31))
    handler.release(key_event("release", evdev=31))
    assert handler.sent == b"\x1e\x9e"
    handler.set_guest_listens(True)
    handler.press(key_event("press", evdev=31))
    assert handler.sent == b"\x1e\x9e\x1f"
