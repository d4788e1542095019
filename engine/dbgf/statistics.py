"""Counters for the debugger: selection by pattern, and the XML that tools read."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'


def matches(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern: ``*`` any text, ``?`` a character, ``|`` between several.

    The empty pattern fits everything.
    """
    return not pattern or any(fnmatchcase(path, each) for each in pattern.split("|"))


def to_xml(rows: Mapping[str, tuple[int, str]]) -> str:
    """Counters as XML, one element each: ``c`` is the count, ``unit`` what is counted."""
    lines = [
        f'<Counter c="{value}" unit={quoteattr(unit)} name={quoteattr(path)}/>'
        for path, (value, unit) in rows.items()
    ]
    return "\n".join((_HEAD, "<Statistics>", *lines, "</Statistics>"))
