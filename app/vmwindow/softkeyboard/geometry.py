"""Where the keys of a PC keyboard are, in units of the width of a letter key.

Reference: ISO/IEC 9995-2 (areas and rows) and the usual 104 keys (ANSI) and 105 keys (ISO) boards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.console.pckeys import PcKey

WIDTH: Final = 22.5
HEIGHT: Final = 6.25


@dataclass(frozen=True)
class KeyPlace:
    """A key and the rectangles that it covers.

    Attributes:
        key: the key.
        x: left edge.
        y: upper edge.
        width: width.
        height: height.
        nose: left edge of a further rectangle in the upper row, for the Enter key of ISO boards;
            equal to ``x`` for all others.
    """

    key: PcKey
    x: float
    y: float
    width: float = 1.0
    height: float = 1.0
    nose: float = -1.0

    def __post_init__(self) -> None:
        if self.nose < 0:
            object.__setattr__(self, "nose", self.x)


_Row = tuple[tuple[str, float], ...]
"""Names of keys and their widths, from left to right; an empty name is a gap."""


def _keys(names: str) -> _Row:
    return tuple((name, 1.0) for name in names.split())


_FUNCTION_ROW: Final = (
    ("ESCAPE", 1.0), ("", 1.0), *_keys("F1 F2 F3 F4"), ("", 0.5), *_keys("F5 F6 F7 F8"),
    ("", 0.5), *_keys("F9 F10 F11 F12"), ("", 0.25), *_keys("PRINT_SCREEN SCROLL_LOCK PAUSE"),
)  # fmt: skip
_DIGITS: Final = _keys(
    "GRAVE DIGIT_1 DIGIT_2 DIGIT_3 DIGIT_4 DIGIT_5 DIGIT_6 DIGIT_7 DIGIT_8 DIGIT_9 DIGIT_0 "
    "MINUS EQUAL"
)
_UPPER: Final = _keys("Q W E R T Y U I O P LEFT_BRACKET RIGHT_BRACKET")
_HOME: Final = _keys("A S D F G H J K L SEMICOLON APOSTROPHE")
_LOWER: Final = _keys("Z X C V B N M COMMA PERIOD SLASH")
_BOTTOM: Final = (
    ("LEFT_CTRL", 1.25), ("LEFT_META", 1.25), ("LEFT_ALT", 1.25), ("SPACE", 6.25),
    ("RIGHT_ALT", 1.25), ("RIGHT_META", 1.25), ("MENU", 1.25), ("RIGHT_CTRL", 1.25),
    ("", 0.25), *_keys("LEFT DOWN RIGHT"), ("", 0.25), ("KEYPAD_0", 2.0), ("KEYPAD_PERIOD", 1.0),
)  # fmt: skip
_EDIT_1: Final = (("", 0.25), *_keys("INSERT HOME PAGE_UP"), ("", 0.25))
_EDIT_2: Final = (("", 0.25), *_keys("DELETE END PAGE_DOWN"), ("", 0.25))
_PAD_1: Final = _keys("NUM_LOCK KEYPAD_SLASH KEYPAD_ASTERISK KEYPAD_MINUS")
_PAD_2: Final = _keys("KEYPAD_7 KEYPAD_8 KEYPAD_9")
_PAD_3: Final = (("", 3.5), *_keys("KEYPAD_4 KEYPAD_5 KEYPAD_6"))
_PAD_4: Final = (("", 1.25), ("UP", 1.0), ("", 1.25), *_keys("KEYPAD_1 KEYPAD_2 KEYPAD_3"))

_ANSI_ROWS: Final = (
    (0.0, _FUNCTION_ROW),
    (1.25, (*_DIGITS, ("BACKSPACE", 2.0), *_EDIT_1, *_PAD_1)),
    (2.25, (("TAB", 1.5), *_UPPER, ("BACKSLASH", 1.5), *_EDIT_2, *_PAD_2)),
    (3.25, (("CAPS_LOCK", 1.75), *_HOME, ("ENTER", 2.25), *_PAD_3)),
    (4.25, (("LEFT_SHIFT", 2.25), *_LOWER, ("RIGHT_SHIFT", 2.75), *_PAD_4)),
    (5.25, _BOTTOM),
)
_ISO_ROWS: Final = (
    *_ANSI_ROWS[:2],
    (2.25, (("TAB", 1.5), *_UPPER, ("", 1.5), *_EDIT_2, *_PAD_2)),
    (3.25, (("CAPS_LOCK", 1.75), *_HOME, ("BACKSLASH", 1.0), ("", 1.25), *_PAD_3)),
    (4.25, (("LEFT_SHIFT", 1.25), ("ISO_102ND", 1.0), *_LOWER, ("RIGHT_SHIFT", 2.75), *_PAD_4)),
    _ANSI_ROWS[5],
)
_TALL: Final = (
    KeyPlace(PcKey.KEYPAD_PLUS, 21.5, 2.25, height=2.0),
    KeyPlace(PcKey.KEYPAD_ENTER, 21.5, 4.25, height=2.0),
)
_ISO_ENTER: Final = KeyPlace(PcKey.ENTER, 13.75, 2.25, 1.25, 2.0, nose=13.5)


def _places(rows: tuple[tuple[float, _Row], ...]) -> Iterator[KeyPlace]:
    for y, row in rows:
        x = 0.0
        for name, width in row:
            if name:
                yield KeyPlace(PcKey[name], x, y, width)
            x += width


ANSI: Final = (*_places(_ANSI_ROWS), *_TALL)
"""104 keys."""

ISO: Final = (*_places(_ISO_ROWS), *_TALL, _ISO_ENTER)
"""105 keys."""
