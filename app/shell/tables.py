"""Tables and colours of the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final, TextIO

from app.api.basics import MachineState

_RESET: Final = "\x1b[0m"
BOLD: Final = "\x1b[1m"
RED: Final = "\x1b[31m"
GREEN: Final = "\x1b[32m"
YELLOW: Final = "\x1b[33m"
BLUE: Final = "\x1b[34m"
_GAP: Final = "  "

_STATE_COLOURS: Final = {
    MachineState.RUNNING: GREEN,
    MachineState.PAUSED: YELLOW,
    MachineState.SAVED: BLUE,
    MachineState.ABORTED: RED,
    MachineState.ABORTED_SAVED: RED,
    MachineState.STUCK: RED,
}


def wants_colours(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether ``stream`` shows colours.

    It does on a terminal, unless that is dumb or ``NO_COLOR`` is set (https://no-color.org).
    """
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


class Painter:
    """Puts colours into what is printed, while it is asked to.

    Attributes:
        enabled: False: text stays as it is.
    """

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled

    def paint(self, text: str, colour: str) -> str:
        """``text`` in a colour of this module; the usual one when that is empty."""
        return f"{colour}{text}{_RESET}" if self.enabled and colour else text

    def table(self, titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
        """Columns as wide as their contents, below titles; states of machines have colours."""
        cells = [[_plain(value) for value in row] for row in rows]
        columns = range(len(titles))
        widths = [max(_width(line[i]) for line in [list(titles), *cells]) for i in columns]

        def line(texts: Sequence[str], colours: Sequence[str]) -> str:
            padded = (
                self.paint(text, colour) + " " * (width - _width(text))
                for text, colour, width in zip(texts, colours, widths, strict=True)
            )
            return _GAP.join(padded).rstrip()

        lines = [line(titles, [BOLD] * len(titles))]
        lines += [
            line(texts, [_colour(value) for value in row])
            for texts, row in zip(cells, rows, strict=True)
        ]
        return "\n".join(lines)

    def facts(self, rows: Sequence[tuple[str, object]]) -> str:
        """Names and values, one a line."""
        width = max(_width(name) for name, _ in rows)
        return "\n".join(
            f"{self.paint(name, BOLD)}{' ' * (width - _width(name))}{_GAP}"
            f"{self.paint(_plain(value), _colour(value))}".rstrip()
            for name, value in rows
        )


def _colour(value: object) -> str:
    return _STATE_COLOURS.get(value, "") if isinstance(value, MachineState) else ""


def _plain(value: object) -> str:
    """``value`` in one line without control characters: files of other people hold names."""
    return "".join(
        "?" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter
        for letter in str(value)
    )


def _width(text: str) -> int:
    """Places of the terminal that ``text`` takes."""
    return sum(
        0 if unicodedata.combining(letter) else
        2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )  # fmt: skip
