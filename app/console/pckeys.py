"""The physical keys of a PC keyboard and their scan codes of set 1.

Codes are those that an enhanced (101 to 109 keys) keyboard sends through a translating 8042:
IBM PS/2 Hardware Interface Technical Reference, "Keyboard"; multimedia keys after Microsoft's
"Keyboard Scan Code Specification" 1.3a, appendix C.
"""

from __future__ import annotations

from enum import Enum

EXTENDED = 0xE000
"""Added to the code of a key whose scan code has the prefix E0h."""

BREAK = 0x80
"""Set in the last byte of a break code."""


class PcKey(Enum):
    """A key by its position on the US layout; the value is its make code, prefix included."""

    ESCAPE = 0x01
    DIGIT_1 = 0x02
    DIGIT_2 = 0x03
    DIGIT_3 = 0x04
    DIGIT_4 = 0x05
    DIGIT_5 = 0x06
    DIGIT_6 = 0x07
    DIGIT_7 = 0x08
    DIGIT_8 = 0x09
    DIGIT_9 = 0x0A
    DIGIT_0 = 0x0B
    MINUS = 0x0C
    EQUAL = 0x0D
    BACKSPACE = 0x0E
    TAB = 0x0F
    Q = 0x10
    W = 0x11
    E = 0x12
    R = 0x13
    T = 0x14
    Y = 0x15
    U = 0x16
    I = 0x17
    O = 0x18
    P = 0x19
    LEFT_BRACKET = 0x1A
    RIGHT_BRACKET = 0x1B
    ENTER = 0x1C
    LEFT_CTRL = 0x1D
    A = 0x1E
    S = 0x1F
    D = 0x20
    F = 0x21
    G = 0x22
    H = 0x23
    J = 0x24
    K = 0x25
    L = 0x26
    SEMICOLON = 0x27
    APOSTROPHE = 0x28
    GRAVE = 0x29
    LEFT_SHIFT = 0x2A
    BACKSLASH = 0x2B
    Z = 0x2C
    X = 0x2D
    C = 0x2E
    V = 0x2F
    B = 0x30
    N = 0x31
    M = 0x32
    COMMA = 0x33
    PERIOD = 0x34
    SLASH = 0x35
    RIGHT_SHIFT = 0x36
    KEYPAD_ASTERISK = 0x37
    LEFT_ALT = 0x38
    SPACE = 0x39
    CAPS_LOCK = 0x3A
    F1 = 0x3B
    F2 = 0x3C
    F3 = 0x3D
    F4 = 0x3E
    F5 = 0x3F
    F6 = 0x40
    F7 = 0x41
    F8 = 0x42
    F9 = 0x43
    F10 = 0x44
    NUM_LOCK = 0x45
    SCROLL_LOCK = 0x46
    KEYPAD_7 = 0x47
    KEYPAD_8 = 0x48
    KEYPAD_9 = 0x49
    KEYPAD_MINUS = 0x4A
    KEYPAD_4 = 0x4B
    KEYPAD_5 = 0x4C
    KEYPAD_6 = 0x4D
    KEYPAD_PLUS = 0x4E
    KEYPAD_1 = 0x4F
    KEYPAD_2 = 0x50
    KEYPAD_3 = 0x51
    KEYPAD_0 = 0x52
    KEYPAD_PERIOD = 0x53
    ISO_102ND = 0x56  # between left Shift and Z on European keyboards
    F11 = 0x57
    F12 = 0x58
    KEYPAD_EQUAL = 0x59
    F13 = 0x64
    F14 = 0x65
    F15 = 0x66
    F16 = 0x67
    F17 = 0x68
    F18 = 0x69
    F19 = 0x6A
    F20 = 0x6B
    F21 = 0x6C
    F22 = 0x6D
    F23 = 0x6E
    F24 = 0x76
    KATAKANA_HIRAGANA = 0x70
    RO = 0x73
    HENKAN = 0x79
    MUHENKAN = 0x7B
    YEN = 0x7D
    KEYPAD_COMMA = 0x7E
    HANJA = 0xF1
    HANGUL = 0xF2

    KEYPAD_ENTER = EXTENDED | 0x1C
    RIGHT_CTRL = EXTENDED | 0x1D
    KEYPAD_SLASH = EXTENDED | 0x35
    PRINT_SCREEN = EXTENDED | 0x37
    RIGHT_ALT = EXTENDED | 0x38
    HOME = EXTENDED | 0x47
    UP = EXTENDED | 0x48
    PAGE_UP = EXTENDED | 0x49
    LEFT = EXTENDED | 0x4B
    RIGHT = EXTENDED | 0x4D
    END = EXTENDED | 0x4F
    DOWN = EXTENDED | 0x50
    PAGE_DOWN = EXTENDED | 0x51
    INSERT = EXTENDED | 0x52
    DELETE = EXTENDED | 0x53
    LEFT_META = EXTENDED | 0x5B
    RIGHT_META = EXTENDED | 0x5C
    MENU = EXTENDED | 0x5D

    PREVIOUS_TRACK = EXTENDED | 0x10
    NEXT_TRACK = EXTENDED | 0x19
    MUTE = EXTENDED | 0x20
    CALCULATOR = EXTENDED | 0x21
    PLAY_PAUSE = EXTENDED | 0x22
    MEDIA_STOP = EXTENDED | 0x24
    VOLUME_DOWN = EXTENDED | 0x2E
    VOLUME_UP = EXTENDED | 0x30
    BROWSER_HOME = EXTENDED | 0x32
    POWER = EXTENDED | 0x5E
    SLEEP = EXTENDED | 0x5F
    WAKE = EXTENDED | 0x63
    BROWSER_SEARCH = EXTENDED | 0x65
    BROWSER_FAVORITES = EXTENDED | 0x66
    BROWSER_REFRESH = EXTENDED | 0x67
    BROWSER_STOP = EXTENDED | 0x68
    BROWSER_FORWARD = EXTENDED | 0x69
    BROWSER_BACK = EXTENDED | 0x6A
    MY_COMPUTER = EXTENDED | 0x6B
    MAIL = EXTENDED | 0x6C
    MEDIA_SELECT = EXTENDED | 0x6D

    PAUSE = 0xE11D45


CTRL_KEYS = frozenset({PcKey.LEFT_CTRL, PcKey.RIGHT_CTRL})
SHIFT_KEYS = frozenset({PcKey.LEFT_SHIFT, PcKey.RIGHT_SHIFT})
ALT_KEYS = frozenset({PcKey.LEFT_ALT, PcKey.RIGHT_ALT})
MODIFIER_KEYS = (
    CTRL_KEYS | SHIFT_KEYS | ALT_KEYS | frozenset({PcKey.LEFT_META, PcKey.RIGHT_META})
)

MAKE_ONLY_KEYS = frozenset({PcKey.PAUSE, PcKey.HANJA, PcKey.HANGUL})
"""Keys that send nothing when they are let go, and do not repeat."""
