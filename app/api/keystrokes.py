"""Text as scan codes of a US keyboard, for whoever types into a guest.

Reference: scan code set 1, as PC keyboards send it after translation. Whatever layout the guest
has chosen decides what arrives there; with the US one it is the text.
"""

from __future__ import annotations

from typing import Final

_BREAK: Final = 0x80
_LEFT_SHIFT: Final = 0x2A
_ENTER: Final = 0x1C

_ROWS: Final = (
    (0x02, "1234567890-=", "!@#$%^&*()_+"),
    (0x10, "qwertyuiop[]", "QWERTYUIOP{}"),
    (0x1E, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (0x2B, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
"""First code of a row of keys, what they type, and what they type with Shift."""

_PLAIN: Final = {
    "\t": 0x0F,
    " ": 0x39,
    "\n": _ENTER,
    "\b": 0x0E,
    "\x1b": 0x01,
    **{key: first + n for first, keys, _ in _ROWS for n, key in enumerate(keys)},
}
_SHIFTED: Final = {key: first + n for first, _, keys in _ROWS for n, key in enumerate(keys)}


class UntypableError(ValueError):
    """A character that no key of a US keyboard types.

    Attributes:
        character: The character.
    """

    def __init__(self, character: str) -> None:
        super().__init__(f"No key of a US keyboard types the character {character!r}.")
        self.character = character


def scancodes_of(text: str) -> list[int]:
    """Make and break codes that type ``text``; an end of line is one Enter, however it is spelt.

    Raises:
        UntypableError: A character has no key.
    """
    codes: list[int] = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        if character in _PLAIN:
            codes += _stroke(_PLAIN[character])
        elif character in _SHIFTED:
            codes += (_LEFT_SHIFT, *_stroke(_SHIFTED[character]), _LEFT_SHIFT | _BREAK)
        else:
            raise UntypableError(character)
    return codes


def _stroke(code: int) -> tuple[int, int]:
    return code, code | _BREAK
