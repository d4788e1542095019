"""Gives captions letters for the Alt key."""

from collections.abc import Iterable


def with_mnemonics(texts: Iterable[str]) -> list[str]:
    """Return TEXTS, each with an ampersand before a letter that no other one has.

    The first letters of words come first. A text without a free letter stays as it is.
    """
    used: set[str] = set()
    marked = []
    for text in texts:
        plain = text.replace("&", "&&")
        starts = [n for n, char in enumerate(plain) if n == 0 or plain[n - 1] in " -/("]
        for position in (*starts, *range(len(plain))):
            letter = plain[position].lower()
            if letter.isalnum() and letter not in used:
                used.add(letter)
                plain = f"{plain[:position]}&{plain[position:]}"
                break
        marked.append(plain)
    return marked
