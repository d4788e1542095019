"""Typing on a US keyboard from text: characters and names to scan codes of set 1.

``Hello{ENTER}{CTRL+ALT+DEL}`` types a word, Enter and a combination. Reference: scan codes of set 1
as PC keyboards send them after translation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN: dict[str, int] = {}
for _first, _keys in (
    (0x02, "1234567890-="),
    (0x10, "qwertyuiop[]"),
    (0x1E, "asdfghjkl;'`"),
    (0x2B, "\\zxcvbnm,./"),
):
    _PLAIN.update({key: _first + i for i, key in enumerate(_keys)})
_PLAIN.update({" ": 0x39, "\n": 0x1C, "\t": 0x0F})
_SHIFTED = dict(zip('!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"~|ZXCVBNM<>?',
                    "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./", strict=True))  # fmt: skip
SHIFT = 0x2A

# Names in braces; 0xE0xx has the E0h prefix.
NAMED = {
    "ENTER": 0x1C, "RETURN": 0x1C, "ESC": 0x01, "TAB": 0x0F, "BACKSPACE": 0x0E, "SPACE": 0x39,
    "UP": 0xE048, "DOWN": 0xE050, "LEFT": 0xE04B, "RIGHT": 0xE04D, "HOME": 0xE047, "END": 0xE04F,
    "PGUP": 0xE049, "PGDN": 0xE051, "INS": 0xE052, "DEL": 0xE053, "DELETE": 0xE053,
    "SHIFT": SHIFT, "CTRL": 0x1D, "ALT": 0x38, "ALTGR": 0xE038, "RCTRL": 0xE01D, "WIN": 0xE05B,
    "CAPSLOCK": 0x3A, "NUMLOCK": 0x45, "SCROLLLOCK": 0x46,
    **{f"F{n}": 0x3A + n for n in range(1, 11)}, "F11": 0x57, "F12": 0x58,
}  # fmt: skip
_TOKEN = re.compile(r"\{([A-Za-z0-9+]+)\}|(.)", re.DOTALL)


class KeySyntaxError(ValueError):
    """A text that cannot be typed: an unknown name in braces, or a character without a key."""


def sequences(codes: bytes) -> Iterator[bytes]:
    """Yield the scan codes of single key events: one byte, E0h and another, or E1h and two."""
    start = 0
    while start < len(codes):
        length = {0xE0: 2, 0xE1: 3}.get(codes[start], 1)
        yield codes[start : start + length]
        start += length


def make(code: int) -> bytes:
    """Return the bytes that a key sends when it goes down."""
    return bytes([0xE0, code & 0x7F]) if code >> 8 == 0xE0 else bytes([code & 0x7F])


def break_(code: int) -> bytes:
    """Return the bytes that a key sends when it goes up."""
    return bytes([0xE0, code & 0x7F | 0x80]) if code >> 8 == 0xE0 else bytes([code & 0x7F | 0x80])


def _press(codes: list[int]) -> list[bytes]:
    return [make(code) for code in codes] + [break_(code) for code in reversed(codes)]


def _character(character: str) -> list[int]:
    if character in _PLAIN:
        return [_PLAIN[character]]
    if character in _SHIFTED:
        return [SHIFT, _PLAIN[_SHIFTED[character]]]
    raise KeySyntaxError(f"There is no key for the character {character!r} on a US keyboard.")


def _named(text: str) -> list[int]:
    codes: list[int] = []
    for name in text.split("+"):
        upper = name.upper()
        if upper == "LBRACE":
            codes += [SHIFT, _PLAIN["["]]
        elif upper == "RBRACE":
            codes += [SHIFT, _PLAIN["]"]]
        elif upper in NAMED:
            codes.append(NAMED[upper])
        elif len(name) == 1:
            codes += _character(name.lower())
        else:
            raise KeySyntaxError(f"There is no key named {{{text}}}.")
    return codes


def parse_keys(text: str) -> list[list[bytes]]:
    """Return groups of scan codes to send; after each Enter the typist waits for the screen.

    Raises:
        KeySyntaxError: a character or a name has no key.
    """
    groups: list[list[bytes]] = [[]]
    for match in _TOKEN.finditer(text):
        name, character = match.groups()
        codes = _named(name) if name else _character(character)
        groups[-1] += _press(codes)
        if codes[-1] == _PLAIN["\n"]:
            groups.append([])
    return [group for group in groups if group]
