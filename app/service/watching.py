"""Noticing what other programs do to settings files.

The files are looked at by ``stat`` in turns: that works on every host and file system, needs no
watch per folder (of which a host allows a few thousand to each user), and costs some microseconds
a file. The pause between two turns grows with what a turn costs, so that however many machines
there are, watching takes at most :data:`_SHARE` of one processor.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Protocol

from app.settings.files import signature

if TYPE_CHECKING:
    from app.settings.files import Signature

_logger = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 1.0
"""Least pause between two turns."""

SETTLE_SECONDS: Final = 0.2
"""How long a changed file must stay as it is: not every program replaces files in one step."""

_SHARE: Final = 0.002


class Watched(Protocol):
    """A file that is watched; its methods are called on the watcher's thread."""

    @property
    def watched_path(self) -> str:
        """Where the file is."""

    @property
    def known_signature(self) -> Signature | None:
        """Signature of the file as its owner read or wrote it last; None: there was none."""

    def check_disk(self) -> None:
        """The file may have changed: look, and do what is to be done."""


class FileWatcher:
    """Tells the owners of files when other programs have changed them.

    Args:
        files: Gives the files that are to be watched now.
    """

    def __init__(self, files: Callable[[], Iterable[Watched]]) -> None:
        self._files = files
        self._stop = threading.Event()
        self._suspects: dict[str, Signature | None] = {}
        self._told: dict[str, Signature | None] = {}
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more; waits for the turn that is being made."""
        self._stop.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def look(self) -> bool:
        """Look at all files once; tells whether one of them must be looked at again soon."""
        suspects: dict[str, Signature | None] = {}
        told: dict[str, Signature | None] = {}
        for file in self._files():
            path = file.watched_path
            found = signature(path)
            if found == file.known_signature:
                continue
            if path in self._told and self._told[path] == found:
                # Its owner knows and waits for a better time, such as the end of a session.
                told[path] = found
            elif path in self._suspects and self._suspects[path] == found:
                told[path] = found
                self._tell(file)
            else:
                suspects[path] = found
        self._suspects, self._told = suspects, told
        return bool(suspects)

    def _tell(self, file: Watched) -> None:
        try:
            file.check_disk()
        except Exception:
            # One file must not end the watch over all others.
            _logger.exception("A change of '%s' was not taken over", file.watched_path)

    def _run(self) -> None:
        pause = PAUSE_SECONDS
        while not self._stop.wait(pause):
            before = time.perf_counter()
            unsettled = self.look()
            cost = time.perf_counter() - before
            pause = SETTLE_SECONDS if unsettled else max(PAUSE_SECONDS, cost / _SHARE)
