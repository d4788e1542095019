"""What is printed on the keys: US, German and French.

References: ANSI INCITS 154, DIN 2137-1 (T1), and the traditional French AZERTY of PC keyboards.
A layout only says what is printed; which character arrives is the guest's choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.console.pckeys import PcKey
from app.vmwindow.softkeyboard.geometry import ANSI, ISO, KeyPlace

_ROWS: Final = tuple(
    tuple(PcKey[name] for name in names.split())
    for names in (
        "GRAVE " + " ".join(f"DIGIT_{digit}" for digit in "1234567890") + " MINUS EQUAL",
        "Q W E R T Y U I O P LEFT_BRACKET RIGHT_BRACKET",
        "A S D F G H J K L SEMICOLON APOSTROPHE BACKSLASH",
        "ISO_102ND Z X C V B N M COMMA PERIOD SLASH",
    )
)
_NOTHING: Final = "·"  # in the tables: the key has no such character


@dataclass(frozen=True)
class Legend:
    """What is printed on a key.

    Attributes:
        plain: alone; for letters the capital.
        shift: with Shift, empty for letters.
        altgr: with the right Alt key.
    """

    plain: str
    shift: str = ""
    altgr: str = ""


@dataclass(frozen=True)
class Layout:
    """A layout.

    Attributes:
        id: what settings call it.
        name: for people.
        places: the keys.
        legends: of all keys.
    """

    id: str
    name: str
    places: tuple[KeyPlace, ...]
    legends: Mapping[PcKey, Legend]


def _characters(plain: str, shift: str, altgr: str) -> dict[PcKey, Legend]:
    """Read rows of characters separated by blanks; a row has a line."""
    legends = {}
    lines = zip(_ROWS, plain.split("\n"), shift.split("\n"), altgr.split("\n"), strict=True)
    for keys, *texts in lines:
        columns = zip(*(text.split() for text in texts), strict=True)
        for key, characters in zip(keys, columns, strict=True):
            base, upper, third = ("" if each == _NOTHING else each for each in characters)
            if len(base) == 1 and base.isalpha() and base.upper() == upper:
                base, upper = upper, ""
            legends[key] = Legend(base, upper, third)
    return legends


_NO_THIRD: Final = "\n".join(" ".join(_NOTHING * len(row)) for row in _ROWS)

_COMMON: Final = {
    **{PcKey[f"F{number}"]: Legend(f"F{number}") for number in range(1, 13)},
    **{PcKey[f"KEYPAD_{number}"]: Legend(str(number)) for number in range(10)},
    PcKey.KEYPAD_SLASH: Legend("/"),
    PcKey.KEYPAD_ASTERISK: Legend("*"),
    PcKey.KEYPAD_MINUS: Legend("-"),
    PcKey.KEYPAD_PLUS: Legend("+"),
    PcKey.KEYPAD_PERIOD: Legend("."),
    PcKey.SPACE: Legend(""),
    PcKey.LEFT: Legend("←"),
    PcKey.RIGHT: Legend("→"),
    PcKey.UP: Legend("↑"),
    PcKey.DOWN: Legend("↓"),
    PcKey.LEFT_META: Legend("Win"),
    PcKey.RIGHT_META: Legend("Win"),
}

_NAMED_KEYS: Final = (
    "ESCAPE PRINT_SCREEN SCROLL_LOCK PAUSE BACKSPACE TAB CAPS_LOCK ENTER LEFT_SHIFT RIGHT_SHIFT "
    "LEFT_CTRL RIGHT_CTRL LEFT_ALT RIGHT_ALT MENU INSERT HOME PAGE_UP DELETE END PAGE_DOWN "
    "NUM_LOCK KEYPAD_ENTER"
)
_NAMED: Final = tuple(PcKey[name] for name in _NAMED_KEYS.split())


def _names(words: str, **changes: Legend) -> dict[PcKey, Legend]:
    named = {key: Legend(word) for key, word in zip(_NAMED, words.split("|"), strict=True)}
    return {**_COMMON, **named, **{PcKey[key]: legend for key, legend in changes.items()}}


US: Final = Layout("us", "English (US)", ANSI, {
    **_names(
        "Esc|PrtSc|ScrLk|Pause|Backspace|Tab|Caps Lock|Enter|Shift|Shift|Ctrl|Ctrl|Alt|Alt|Menu|"
        "Ins|Home|PgUp|Del|End|PgDn|Num|Enter"
    ),
    **_characters(
        "` 1 2 3 4 5 6 7 8 9 0 - =\nq w e r t y u i o p [ ]\n"
        "a s d f g h j k l ; ' \\\n· z x c v b n m , . /",
        "~ ! @ # $ % ^ & * ( ) _ +\nQ W E R T Y U I O P { }\n"
        'A S D F G H J K L : " |\n· Z X C V B N M < > ?',
        _NO_THIRD,
    ),
})  # fmt: skip

GERMAN: Final = Layout("de", "Deutsch", ISO, {
    **_names(
        "Esc|Druck|Rollen|Pause|⟵|Tab ⇥|⇩|↵|⇧|⇧|Strg|Strg|Alt|Alt Gr|Menü|"
        "Einfg|Pos1|Bild↑|Entf|Ende|Bild↓|Num|Enter",
        KEYPAD_PERIOD=Legend(","),
    ),
    **_characters(
        "^ 1 2 3 4 5 6 7 8 9 0 ß \u00b4\nq w e r t z u i o p ü +\n"
        "a s d f g h j k l ö ä #\n< y x c v b n m , . -",
        '° ! " § $ % & / ( ) = ? `\nQ W E R T Z U I O P Ü *\n'
        "A S D F G H J K L Ö Ä '\n> Y X C V B N M ; : _",
        "· · ² ³ · · · { [ ] } \\ ·\n@ · € · · · · · · · · ~\n"
        "· · · · · · · · · · · ·\n| · · · · · · µ · · ·",
    ),
})  # fmt: skip

FRENCH: Final = Layout("fr", "Français", ISO, {
    **_names(
        "Échap|Impr|Défil|Pause|⟵|Tab ⇥|⇩|↵|⇧|⇧|Ctrl|Ctrl|Alt|Alt Gr|Menu|"
        "Inser|↖|⇞|Suppr|Fin|⇟|Verr|Entrée",
    ),
    **_characters(
        "² & é \" ' ( - è _ ç à ) =\na z e r t y u i o p ^ $\n"
        "q s d f g h j k l m ù *\n< w x c v b n , ; : !",
        "· 1 2 3 4 5 6 7 8 9 0 ° +\nA Z E R T Y U I O P ¨ £\n"
        "Q S D F G H J K L M % µ\n> W X C V B N ? . / §",
        "· · ~ # { [ | ` \\ ^ @ ] }\n· · € · · · · · · · · ¤\n"
        "· · · · · · · · · · · ·\n· · · · · · · · · · ·",
    ),
})  # fmt: skip

LAYOUTS: Final = (US, GERMAN, FRENCH)


def layout_of(name: str, language: str) -> Layout:
    """Return the layout that settings NAME, or the one that fits a LANGUAGE (ISO 639-1)."""
    by_id = {layout.id: layout for layout in LAYOUTS}
    return by_id.get(name) or by_id.get(language) or US
