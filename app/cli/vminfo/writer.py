"""Lines with a key for scripts and a caption for people."""

from __future__ import annotations

import sys
from typing import Final

from app.cli.output import enabled, on_off

_CAPTION_WIDTH: Final = 28
"""Width of captions for people, without the space before the value."""


class InfoWriter:
    """Prints lines in one of the two forms.

    Attributes:
        machine_readable: Print ``key=value`` lines for scripts.
    """

    def __init__(self, *, machine_readable: bool) -> None:
        self.machine_readable = machine_readable

    def text(self, key: str, caption: str, value: str, human: str | None = None) -> None:
        """A text; ``human``: how people read it, where it differs."""
        if self.machine_readable:
            self._line(f"{key}={quoted(value)}")
        else:
            self.caption(caption, value if human is None else human)

    def number(self, key: str, caption: str, value: int, unit: str = "") -> None:
        """A number, which scripts get without its unit."""
        if self.machine_readable:
            self._line(f"{key}={value}")
        else:
            self.caption(caption, f"{value}{unit}")

    def switch(
        self, key: str, caption: str, value: bool, words: tuple[str, str] | None = None
    ) -> None:
        """Something that is on or off; ``words``: how people call on and off here."""
        if self.machine_readable:
            self._line(f'{key}="{on_off(value)}"')
        elif words is not None:
            self.caption(caption, words[0] if value else words[1])
        else:
            self.caption(caption, enabled(value))

    def caption(self, caption: str, value: str) -> None:
        """A line that only people get."""
        if not self.machine_readable:
            self._line(f"{f'{caption}:':{_CAPTION_WIDTH}} {value}")

    def human(self, line: str = "") -> None:
        """A line that only people get, as it is."""
        if not self.machine_readable:
            self._line(line)

    def script(self, key: str, value: str | int) -> None:
        """A line that only scripts get; texts are quoted, numbers are not."""
        if self.machine_readable:
            self._line(f"{key}={value if isinstance(value, int) else quoted(value)}")

    @staticmethod
    def _line(line: str) -> None:
        sys.stdout.write(line + "\n")


def quoted(text: str) -> str:
    """``text`` in quotes, with those inside and the backslashes escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
