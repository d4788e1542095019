"""Keys by X11 key symbol (``keysymdef.h``), for clients that do not tell which key was pressed.

Characters are those of the US layout, like everywhere that Vitrine types into a guest.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from app.api.keystrokes import UntypableError, scancodes_of
from app.console.pckeys import EXTENDED, PcKey

_UNICODE: Final = 0x01000000

_KEYS: Final[dict[int, PcKey]] = {
    0xFF08: PcKey.BACKSPACE,
    0xFF09: PcKey.TAB,
    0xFE20: PcKey.TAB,  # ISO_Left_Tab: Shift and Tab
    0xFF0D: PcKey.ENTER,
    0xFF13: PcKey.PAUSE,
    0xFF6B: PcKey.PAUSE,  # Break: Ctrl and Pause
    0xFF14: PcKey.SCROLL_LOCK,
    0xFF15: PcKey.PRINT_SCREEN,  # Sys_Req: Alt and Print Screen
    0xFF61: PcKey.PRINT_SCREEN,
    0xFF1B: PcKey.ESCAPE,
    0xFF21: PcKey.HENKAN,
    0xFF22: PcKey.MUHENKAN,
    0xFF27: PcKey.KATAKANA_HIRAGANA,
    0xFF31: PcKey.HANGUL,
    0xFF34: PcKey.HANJA,
    0xFF50: PcKey.HOME,
    0xFF51: PcKey.LEFT,
    0xFF52: PcKey.UP,
    0xFF53: PcKey.RIGHT,
    0xFF54: PcKey.DOWN,
    0xFF55: PcKey.PAGE_UP,
    0xFF56: PcKey.PAGE_DOWN,
    0xFF57: PcKey.END,
    0xFF63: PcKey.INSERT,
    0xFF67: PcKey.MENU,
    0xFFFF: PcKey.DELETE,
    0xFF7F: PcKey.NUM_LOCK,
    0xFF8D: PcKey.KEYPAD_ENTER,
    0xFF95: PcKey.KEYPAD_7,
    0xFF96: PcKey.KEYPAD_4,
    0xFF97: PcKey.KEYPAD_8,
    0xFF98: PcKey.KEYPAD_6,
    0xFF99: PcKey.KEYPAD_2,
    0xFF9A: PcKey.KEYPAD_9,
    0xFF9B: PcKey.KEYPAD_3,
    0xFF9C: PcKey.KEYPAD_1,
    0xFF9D: PcKey.KEYPAD_5,
    0xFF9E: PcKey.KEYPAD_0,
    0xFF9F: PcKey.KEYPAD_PERIOD,
    0xFFAA: PcKey.KEYPAD_ASTERISK,
    0xFFAB: PcKey.KEYPAD_PLUS,
    0xFFAC: PcKey.KEYPAD_COMMA,
    0xFFAD: PcKey.KEYPAD_MINUS,
    0xFFAE: PcKey.KEYPAD_PERIOD,
    0xFFAF: PcKey.KEYPAD_SLASH,
    0xFFBD: PcKey.KEYPAD_EQUAL,
    0xFFE1: PcKey.LEFT_SHIFT,
    0xFFE2: PcKey.RIGHT_SHIFT,
    0xFFE3: PcKey.LEFT_CTRL,
    0xFFE4: PcKey.RIGHT_CTRL,
    0xFFE5: PcKey.CAPS_LOCK,
    0xFFE7: PcKey.LEFT_META,
    0xFFE8: PcKey.RIGHT_META,
    0xFFE9: PcKey.LEFT_ALT,
    0xFFEA: PcKey.RIGHT_ALT,
    0xFFEB: PcKey.LEFT_META,  # Super
    0xFFEC: PcKey.RIGHT_META,
    0xFE03: PcKey.RIGHT_ALT,  # ISO_Level3_Shift: AltGr
    0xFF7E: PcKey.RIGHT_ALT,  # Mode_switch
    **{0xFFB0 + digit: PcKey[f"KEYPAD_{digit}"] for digit in range(10)},
    **{0xFFBE + number: PcKey[f"F{number + 1}"] for number in range(24)},
}


class Typed(NamedTuple):
    """How a key symbol is typed.

    Attributes:
        key: the key.
        shift: whether it needs Shift; None: it does not matter.
        letter: Caps Lock changes what it types.
    """

    key: PcKey
    shift: bool | None = None
    letter: bool = False


def typed_by(keysym: int) -> Typed | None:
    """Return how a key symbol is typed; None when no key of a US keyboard does."""
    key = _KEYS.get(keysym)
    if key is not None:
        return Typed(key)
    code = keysym - _UNICODE if keysym >= _UNICODE else keysym
    if not 0x20 <= code < 0x7F:
        return None
    try:
        codes = scancodes_of(chr(code))
    except UntypableError:
        return None
    shifted = len(codes) > 2
    return Typed(PcKey(codes[1] if shifted else codes[0]), shifted, chr(code).isalpha())


_QEMU_SPECIAL: Final = {0x54: PcKey.PRINT_SCREEN, 0xC6: PcKey.PAUSE, 0xB7: PcKey.PRINT_SCREEN}


def key_of_qemu(keycode: int) -> PcKey | None:
    """Return the key of QEMU's extended key event; None for a code that no keyboard sends.

    Args:
        keycode: scan code of set 1; 0x80 is added to those with the prefix E0h.
    """
    if keycode in _QEMU_SPECIAL:
        return _QEMU_SPECIAL[keycode]
    code = keycode if keycode < 0x80 else EXTENDED | keycode & 0x7F
    try:
        return PcKey(code) if keycode <= 0xFF else None
    except ValueError:
        return None
