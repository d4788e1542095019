"""The release log of a VM: ``Logs/VBox.log`` and its predecessors.

Each line begins with the time since the log was opened. The form follows VirtualBox's, because
people and tools search these files for known words.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import os
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from app.console.hostinfo import host_lines, host_platform
from app.version import version

LOG_NAME: Final = "VBox.log"
SCREENSHOT_NAME: Final = "VBox.png"
DEFAULT_HISTORY: Final = 3
_MAX_GUEST_LINES: Final = 2000
_GROUP: Final = re.compile(r"(?P<sign>[+-]?)(?P<name>[a-z][a-z0-9_]*)(?P<flags>([.=][a-z0-9]+)*)$")
_DETAILED: Final = re.compile(r"\.(l\d*|f|flow)\b")
_LOGGERS: Final = ("engine", "guest", "storage", "app")


def rotate(folder: Path, history: int, name: str = LOG_NAME) -> None:
    """Rename ``name`` to ``name.1``, ``.1`` to ``.2`` and so on; the oldest one goes.

    Args:
        folder: the machine's log folder.
        history: how many old files are kept, 0 to 10.
        name: the file.

    Raises:
        OSError: a file could not be renamed or removed.
    """
    files = [folder / name, *(folder / f"{name}.{number}" for number in range(1, history + 1))]
    for newer, older in reversed(list(itertools.pairwise(files))):
        if newer.exists():
            newer.replace(older)
    if history == 0:
        files[0].unlink(missing_ok=True)


class ReleaseLog(logging.Handler):
    """An open release log; also receives what the program logs with :mod:`logging`.

    What a guest does wrong may come a million times: of the channel ``guest`` only the first
    lines are kept.

    Args:
        folder: log folder of the machine, made when it is not there.
        history: how many old logs are kept.

    Raises:
        OSError: the log cannot be written.
    """

    def __init__(self, folder: Path, history: int = DEFAULT_HISTORY) -> None:
        super().__init__(logging.DEBUG)  # the loggers decide
        self.enabled = True
        self._groups: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        rotate(folder, history)
        rotate(folder, history, SCREENSHOT_NAME)
        self.path = folder / LOG_NAME
        self._file: TextIO | None = self.path.open("w", encoding="utf-8", buffering=1)
        self._writing = threading.RLock()
        self._opened = time.monotonic_ns()
        self._guest_lines = 0
        self._levels_before: dict[str, int] = {}
        self._write_header()

    def attach(self) -> None:
        """Begin to receive what the engine and the application log."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            self._levels_before[name] = logger.level
            logger.addHandler(self)
            if logger.getEffectiveLevel() > logging.INFO:
                logger.setLevel(logging.INFO)

    def settings(self) -> dict[str, str]:
        """Flags, groups and destinations in the words of the debugger."""
        levels = {name: logging.getLogger(name).level for name in (*_LOGGERS, *self._groups)}
        words = [
            f"{name.replace('.', '_')}.{'e.l2' if level <= logging.DEBUG else 'e'}"
            if level < logging.WARNING
            else f"-{name.replace('.', '_')}"
            for name, level in levels.items()
        ]
        return {
            "flags": "enabled" if self.enabled else "disabled",
            "groups": " ".join(words),
            "destinations": f"file={self.path}",
        }

    def change_groups(self, settings: str) -> None:
        """Switch groups on or off: ``+dev_vga``, ``em.e.l2`` (more of it), ``-guest``, ``all``.

        A group is a part of the program, such as ``em``, ``pgm``, ``dev_vga`` or ``app_console``.

        Raises:
            ValueError: a word is no such setting; nothing has changed.
        """
        levels: dict[str, int] = {}
        for word in settings.split():
            match = _GROUP.match(word)
            if match is None:
                raise ValueError(f"'{word}' is not the setting of a log group.")
            level = logging.DEBUG if _DETAILED.search(match["flags"]) else logging.INFO
            if match["sign"] == "-":
                level = logging.WARNING
            name = match["name"].replace("_", ".")
            if name == "all":
                levels |= dict.fromkeys(_LOGGERS, level)
                continue
            top = name.partition(".")[0]
            levels[name if top in _LOGGERS else f"engine.{name}"] = level
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
            if name not in _LOGGERS and name not in self._groups:
                self._groups.append(name)

    def line(self, text: str) -> None:
        """Write a line; a log that is full or gone never stops the VM."""
        with self._writing:
            if self._file is None:
                return
            seconds, nanoseconds = divmod(time.monotonic_ns() - self._opened, 10**9)
            minutes, second = divmod(seconds, 60)
            hour, minute = divmod(minutes, 60)
            prefix = f"{hour:02}:{minute:02}:{second:02}.{nanoseconds // 1000:06} "
            try:
                self._file.write("".join(f"{prefix}{row}\n" for row in text.splitlines() or [""]))
            except OSError:
                self._file = None

    def lines(self, rows: Iterable[str]) -> None:
        """Write several lines."""
        for row in rows:
            self.line(row)

    def section(self, title: str, text: str) -> None:
        """Write a block of text between rulers of stars."""
        self.line(f"{f' {title} ':*^70}")
        self.line(text)
        self.line("*" * 70)

    def emit(self, record: logging.LogRecord) -> None:
        """Write what a logger got."""
        if not self.enabled:
            return
        channel = record.name.partition(".")[0]
        if channel == "guest":
            self._guest_lines += 1
            if self._guest_lines > _MAX_GUEST_LINES:
                return
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        self.line(f"{record.name}: {level}{record.getMessage()}")
        if record.exc_info:
            self.line(logging.Formatter().formatException(record.exc_info))

    def close(self) -> None:
        """Stop receiving and close the file."""
        for name, level in self._levels_before.items():
            logging.getLogger(name).removeHandler(self)
            logging.getLogger(name).setLevel(level)
        for name in self._groups:
            logging.getLogger(name).setLevel(logging.NOTSET)
        if self._guest_lines > _MAX_GUEST_LINES:
            self.line(f"guest: {self._guest_lines - _MAX_GUEST_LINES} more lines were not kept")
        with self._writing:
            file, self._file = self._file, None
            if file is not None:
                file.flush()
                os.fsync(file.fileno())
                file.close()
        super().close()

    def _write_header(self) -> None:
        now = dt.datetime.now(dt.UTC)
        self.line(
            f"Vitrine VM {version()} {host_platform()} "
            f"({now.astimezone():%b %d %Y %H:%M:%S}) release log"
        )
        self.line(f"Log opened {now:%Y-%m-%dT%H:%M:%S.%f}000Z")
        self.line("Build Type: release")
        self.lines(host_lines())
