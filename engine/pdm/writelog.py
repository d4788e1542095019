"""Which pages of a device's memory have been written since somebody looked.

An execution engine that logs the guest's stores (KVM) adds a source for each window that it maps.
What the host's side changes is marked by :meth:`~engine.pdm.memory.DeviceMemory.changed_by_host`
and :meth:`WriteLog.mark`. Where no engine logs, readers learn nothing and compare everything.

Sets of pages are integers: bit n stands for the page at 4096 * n.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LOG_PAGE: Final = 4096
"""Bytes that a bit stands for."""


class LogReader:
    """What one reader has not seen yet; made by :meth:`WriteLog.open`, dropped with the reader."""

    def __init__(self, log: WriteLog, pages: int) -> None:
        self._log = log
        self.pending = pages

    def take(self) -> int | None:
        """Return the pages that may have changed since the last call; None: nobody knows.

        Read the memory after this call: what is written in between is reported again. Any thread.
        """
        return self._log.take(self)


class WriteLog:
    """The log of one memory.

    Args:
        size: bytes.
    """

    def __init__(self, size: int) -> None:
        self._all = (1 << -(-size // LOG_PAGE)) - 1
        self._lock = threading.Lock()
        self._readers: weakref.WeakSet[LogReader] = weakref.WeakSet()
        self._sources: dict[int, tuple[int, Callable[[], int]]] = {}
        self._logging = False
        self._failed = False

    @property
    def complete(self) -> bool:
        """Whether everything that is written gets into the log."""
        return self._logging and not self._failed

    # ------------------------------------------------------------------ readers (any thread)

    def open(self) -> LogReader:
        """Return a reader that has seen nothing yet."""
        reader = LogReader(self, self._all)
        with self._lock:
            self._readers.add(reader)
        return reader

    def take(self, reader: LogReader) -> int | None:
        """Return what a reader has not seen; see :meth:`LogReader.take`."""
        with self._lock:
            try:
                for first, pull in self._sources.values():
                    self._add(pull() << first)
            except OSError:  # the log may have lost pages
                self._failed = True
            if not self.complete:
                return None
            found, reader.pending = reader.pending, 0
            return found

    def _add(self, pages: int) -> None:
        if pages:
            for reader in self._readers:
                reader.pending |= pages & self._all

    # ------------------------------------------------------------------ writers (EMT)

    def mark(self, offset: int, size: int) -> None:
        """Say that bytes have been written from the host's side."""
        if not self.complete:
            return
        first, last = offset // LOG_PAGE, (offset + size - 1) // LOG_PAGE
        with self._lock:
            self._add(((1 << last - first + 1) - 1) << first)

    def mark_all(self) -> None:
        """Say that anything may have been written."""
        if self.complete:
            with self._lock:
                self._add(self._all)

    def follow(self, window: int, offset: int, pull: Callable[[], int]) -> None:
        """Add a window whose stores an engine logs.

        Args:
            window: its guest-physical address, by which it is left again.
            offset: of its first byte in the memory; whole pages.
            pull: returns the pages of the window written since its last call and forgets them; may
                raise OSError. Called on any thread.
        """
        with self._lock:
            self._logging = True
            self._sources[window] = offset // LOG_PAGE, pull
            self._add(self._all)

    def leave(self, window: int) -> None:
        """Take a window away; :meth:`mark` what it showed when nothing can be written any more."""
        with self._lock:
            self._sources.pop(window, None)

    def fail(self) -> None:
        """Say that an engine maps a window without logging its stores."""
        self._failed = True
