"""From Qt's key names to PC keys, for hosts that tell no native code.

Remote desktops, input methods and synthetic events carry only what the key produced. The table
assumes the US layout; Shift itself is a key of its own and comes with its own event.
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.console.pckeys import PcKey

_K = Qt.Key

_CHARACTERS = {
    "`~": PcKey.GRAVE,
    "1!": PcKey.DIGIT_1,
    "2@": PcKey.DIGIT_2,
    "3#": PcKey.DIGIT_3,
    "4$": PcKey.DIGIT_4,
    "5%": PcKey.DIGIT_5,
    "6^": PcKey.DIGIT_6,
    "7&": PcKey.DIGIT_7,
    "8*": PcKey.DIGIT_8,
    "9(": PcKey.DIGIT_9,
    "0)": PcKey.DIGIT_0,
    "-_": PcKey.MINUS,
    "=+": PcKey.EQUAL,
    "[{": PcKey.LEFT_BRACKET,
    "]}": PcKey.RIGHT_BRACKET,
    "\\|": PcKey.BACKSLASH,
    ";:": PcKey.SEMICOLON,
    "'\"": PcKey.APOSTROPHE,
    ",<": PcKey.COMMA,
    ".>": PcKey.PERIOD,
    "/?": PcKey.SLASH,
    " ": PcKey.SPACE,
}

# Qt's codes of printing keys are the character's own, letters in upper case.
_PRINTING = {ord(letter): PcKey[letter] for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {
    ord(character): key for characters, key in _CHARACTERS.items() for character in characters
}

_NAMED: dict[Qt.Key, PcKey] = {
    _K.Key_Escape: PcKey.ESCAPE,
    _K.Key_Backspace: PcKey.BACKSPACE,
    _K.Key_Tab: PcKey.TAB,
    _K.Key_Backtab: PcKey.TAB,
    _K.Key_Return: PcKey.ENTER,
    _K.Key_Enter: PcKey.KEYPAD_ENTER,
    _K.Key_Control: PcKey.LEFT_CTRL,
    _K.Key_Shift: PcKey.LEFT_SHIFT,
    _K.Key_Alt: PcKey.LEFT_ALT,
    _K.Key_AltGr: PcKey.RIGHT_ALT,
    _K.Key_Meta: PcKey.LEFT_META,
    _K.Key_Super_L: PcKey.LEFT_META,
    _K.Key_Super_R: PcKey.RIGHT_META,
    _K.Key_Menu: PcKey.MENU,
    _K.Key_CapsLock: PcKey.CAPS_LOCK,
    _K.Key_NumLock: PcKey.NUM_LOCK,
    _K.Key_ScrollLock: PcKey.SCROLL_LOCK,
    _K.Key_Print: PcKey.PRINT_SCREEN,
    _K.Key_SysReq: PcKey.PRINT_SCREEN,
    _K.Key_Pause: PcKey.PAUSE,
    _K.Key_Insert: PcKey.INSERT,
    _K.Key_Delete: PcKey.DELETE,
    _K.Key_Home: PcKey.HOME,
    _K.Key_End: PcKey.END,
    _K.Key_PageUp: PcKey.PAGE_UP,
    _K.Key_PageDown: PcKey.PAGE_DOWN,
    _K.Key_Up: PcKey.UP,
    _K.Key_Down: PcKey.DOWN,
    _K.Key_Left: PcKey.LEFT,
    _K.Key_Right: PcKey.RIGHT,
    _K.Key_Hangul: PcKey.HANGUL,
    _K.Key_Hangul_Hanja: PcKey.HANJA,
    _K.Key_Henkan: PcKey.HENKAN,
    _K.Key_Muhenkan: PcKey.MUHENKAN,
    _K.Key_Hiragana_Katakana: PcKey.KATAKANA_HIRAGANA,
    _K.Key_VolumeUp: PcKey.VOLUME_UP,
    _K.Key_VolumeDown: PcKey.VOLUME_DOWN,
    _K.Key_VolumeMute: PcKey.MUTE,
    _K.Key_MediaPlay: PcKey.PLAY_PAUSE,
    _K.Key_MediaTogglePlayPause: PcKey.PLAY_PAUSE,
    _K.Key_MediaStop: PcKey.MEDIA_STOP,
    _K.Key_MediaNext: PcKey.NEXT_TRACK,
    _K.Key_MediaPrevious: PcKey.PREVIOUS_TRACK,
    _K.Key_LaunchMedia: PcKey.MEDIA_SELECT,
    _K.Key_LaunchMail: PcKey.MAIL,
    _K.Key_Calculator: PcKey.CALCULATOR,
    _K.Key_HomePage: PcKey.BROWSER_HOME,
    _K.Key_Search: PcKey.BROWSER_SEARCH,
    _K.Key_Favorites: PcKey.BROWSER_FAVORITES,
    _K.Key_Refresh: PcKey.BROWSER_REFRESH,
    _K.Key_Stop: PcKey.BROWSER_STOP,
    _K.Key_Forward: PcKey.BROWSER_FORWARD,
    _K.Key_Back: PcKey.BROWSER_BACK,
    _K.Key_Explorer: PcKey.MY_COMPUTER,
    _K.Key_Sleep: PcKey.SLEEP,
    _K.Key_WakeUp: PcKey.WAKE,
    _K.Key_PowerOff: PcKey.POWER,
} | {_K(_K.Key_F1.value + number - 1): PcKey[f"F{number}"] for number in range(1, 25)}

_KEYPAD: dict[int, PcKey] = {
    _K.Key_0: PcKey.KEYPAD_0,
    _K.Key_1: PcKey.KEYPAD_1,
    _K.Key_2: PcKey.KEYPAD_2,
    _K.Key_3: PcKey.KEYPAD_3,
    _K.Key_4: PcKey.KEYPAD_4,
    _K.Key_5: PcKey.KEYPAD_5,
    _K.Key_6: PcKey.KEYPAD_6,
    _K.Key_7: PcKey.KEYPAD_7,
    _K.Key_8: PcKey.KEYPAD_8,
    _K.Key_9: PcKey.KEYPAD_9,
    _K.Key_Period: PcKey.KEYPAD_PERIOD,
    _K.Key_Comma: PcKey.KEYPAD_PERIOD,  # the decimal key of many European layouts
    _K.Key_Delete: PcKey.KEYPAD_PERIOD,
    _K.Key_Insert: PcKey.KEYPAD_0,
    _K.Key_End: PcKey.KEYPAD_1,
    _K.Key_Down: PcKey.KEYPAD_2,
    _K.Key_PageDown: PcKey.KEYPAD_3,
    _K.Key_Left: PcKey.KEYPAD_4,
    _K.Key_Clear: PcKey.KEYPAD_5,
    _K.Key_Right: PcKey.KEYPAD_6,
    _K.Key_Home: PcKey.KEYPAD_7,
    _K.Key_Up: PcKey.KEYPAD_8,
    _K.Key_PageUp: PcKey.KEYPAD_9,
    _K.Key_Slash: PcKey.KEYPAD_SLASH,
    _K.Key_Asterisk: PcKey.KEYPAD_ASTERISK,
    _K.Key_Minus: PcKey.KEYPAD_MINUS,
    _K.Key_Plus: PcKey.KEYPAD_PLUS,
    _K.Key_Equal: PcKey.KEYPAD_EQUAL,
    _K.Key_Enter: PcKey.KEYPAD_ENTER,
}

_BY_KEY: dict[int, PcKey] = _PRINTING | {key.value: pc_key for key, pc_key in _NAMED.items()}
_BY_KEYPAD_KEY: dict[int, PcKey] = {int(key): pc_key for key, pc_key in _KEYPAD.items()}


def key_by_name(qt_key: int, *, keypad: bool) -> PcKey | None:
    """Return the PC key that Qt calls ``qt_key``, None when a PC keyboard has no such key."""
    if keypad and qt_key in _BY_KEYPAD_KEY:
        return _BY_KEYPAD_KEY[qt_key]
    return _BY_KEY.get(qt_key)
