"""Finds settings by words, whether their pages have been made or not."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from app.manager.settings_dialog import setting_path
from app.manager.settings_dialog.fields.vocabulary import words_of
from app.manager.settings_dialog.spec import Spot, all_spots, translated
from app.manager.words import Words, word

_SLOT: Final = re.compile(r"\[\d+\]")


@cache
def _index() -> Sequence[tuple[str, str, Spot]]:
    """Return captions of all settings, everything else that is known about them, and the spots."""
    return tuple((*_haystack(spot), spot) for spot in all_spots())


def _haystack(spot: Spot) -> tuple[str, str]:
    """Return the caption of a setting, and everything else that is known about it."""
    field = spot.field
    record = setting_path.declared(field.path).declaration
    words: Words = field.words or words_of(getattr(record, "choices", None)) or {}
    rest = (
        spot.place,
        record.label,
        field.help_text,
        translated(field.caption),
        translated(field.keywords),
        field.path.replace("_", " "),
        record.cli.replace("-", " "),
        record.cli,
        *record.old_cli,
        *(word(words, value) for value in words),
    )
    return field.title.lower(), " ".join(rest).lower()


def find(text: str) -> Sequence[Spot]:
    """Return the settings in which all words of TEXT occur, those named so first.

    Of adapters and ports that are alike the first one stands for all, unless TEXT has a number.
    """
    wanted = text.lower().split()
    if not wanted:
        return ()
    ranked: list[tuple[int, bool, int, Spot]] = []
    for title, rest, spot in _index():
        if all(each in title or each in rest for each in wanted):
            in_title = sum(each in title for each in wanted)
            starts = any(part.startswith(wanted[0]) for part in title.split())
            ranked.append((-in_title, not starts, len(ranked), spot))
    ranked.sort(key=lambda entry: entry[:3])
    spots = [entry[3] for entry in ranked]
    if any(char.isdecimal() for char in text):
        return spots
    alike: dict[tuple[str, str], Spot] = {}
    for spot in spots:
        alike.setdefault((spot.field.title, _SLOT.sub("", spot.field.path)), spot)
    return tuple(alike.values())
