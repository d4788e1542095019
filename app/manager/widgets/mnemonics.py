"""Gives captions letters for the Alt key, each its own."""

import re
from collections.abc import Collection, Iterable, Iterator

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

_MARK = re.compile("&([^&])")


def mnemonic(text: str) -> str:
    """Return the letter that Alt reaches TEXT with, in lower case; empty: none."""
    found = _MARK.search(text.replace("&&", ""))
    return found[1].lower() if found else ""


def with_mnemonics(texts: Iterable[str], taken: Collection[str] = ()) -> list[str]:
    """Return TEXTS, each with an ampersand before a letter that no other one has.

    A text keeps the letter that is marked in it while that is free; then the first letters of words
    come first. A text for which no letter is left has none.

    Args:
        texts: captions; an ampersand of their own is written twice.
        taken: letters, in lower case, that something else has.
    """
    captions = list(texts)
    choices = [[each for each in _letters(text) if each not in taken] for text in captions]
    owners: dict[str, int] = {}
    late = []
    for number, text in enumerate(captions):
        letter = mnemonic(text)
        if letter and letter not in taken and owners.setdefault(letter, number) == number:
            continue
        late.append(number)
    for number in late:
        _place(number, choices, owners, set())
    letters = {number: letter for letter, number in owners.items()}
    return [_marked(text, letters.get(number, "")) for number, text in enumerate(captions)]


def carriers_in(parent: QWidget) -> list[QLabel | QAbstractButton]:
    """Return what Alt and a letter can lead to in PARENT: buttons, and captions of fields."""
    captions = [label for label in parent.findChildren(QLabel) if label.buddy() is not None]
    return [*captions, *parent.findChildren(QAbstractButton)]


def _place(
    number: int, choices: list[list[str]], owners: dict[str, int], tried: set[str]
) -> bool:
    """Find a letter for a text; others give up theirs when they can have another one."""
    for letter in choices[number]:
        if letter not in owners:
            owners[letter] = number
            return True
    for letter in choices[number]:
        if letter not in tried:
            tried.add(letter)
            if _place(owners[letter], choices, owners, tried):
                owners[letter] = number
                return True
    return False


def _letters(text: str) -> Iterator[str]:
    """Return the letters of TEXT, best first."""
    plain = _plain(text)
    return (plain[position].lower() for position in _positions(plain))


def _positions(plain: str) -> list[int]:
    """Return where letters are, those at the start of a word first."""
    letters = [n for n, character in enumerate(plain) if character.isalnum()]
    return sorted(letters, key=lambda n: n > 0 and plain[n - 1] not in " -/(")


def _plain(text: str) -> str:
    """Return TEXT without its mark."""
    return "&&".join(part.replace("&", "") for part in text.split("&&"))


def _marked(text: str, letter: str) -> str:
    """Return TEXT with the mark at LETTER: where it was, at the start of a word, or anywhere."""
    if letter and mnemonic(text) == letter:
        return text
    plain = _plain(text)
    for position in _positions(plain):
        if plain[position].lower() == letter:
            return f"{plain[:position]}&{plain[position:]}"
    return plain
