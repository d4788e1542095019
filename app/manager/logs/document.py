"""One log of a machine: its lines, fetched in pieces, and its bookmarks."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal

from app.api.errors import ApiError
from app.manager.service_link import ServiceLink

PIECE: Final = 512 << 10
"""Bytes that are fetched at once: a piece is split into lines in a few milliseconds."""

_HEAD: Final = 512


class LogDocument(QObject):
    """The lines of a log; they come while the log is read.

    Attributes:
        machine_id: whose log.
        index: 0 for the latest start, 1 for the one before...
        path: its file, on the computer of the service.
        lines: what was read so far, without line ends.
        longest: characters of the longest line.
        error: why it could not be read, or an empty string.

    Signals:
        reset(): it is read anew; there are no lines.
        lines_added(): there are more lines, or the last one is longer.
        finished(): everything was read, or an error occurred.
        bookmarks_changed(): a line was marked, or is not marked any more.
    """

    reset = Signal()
    lines_added = Signal()
    finished = Signal()
    bookmarks_changed = Signal()

    def __init__(
        self, link: ServiceLink, machine_id: str, index: int, path: str, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._link = link
        self.machine_id = machine_id
        self.index = index
        self.path = path
        self.lines: list[str] = []
        self.longest = 0
        self.error = ""
        self._bookmarks: set[int] = set()
        self._head = b""
        self._offset = 0
        self._open_line = False
        self._is_loading = False
        self._was_loaded = False
        self._is_refresh_due = False
        self._round = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_loading(self) -> bool:
        """Pieces are on their way."""
        return self._is_loading

    def load(self) -> None:
        """Read the log unless that was done already."""
        if not self._was_loaded:
            self.reload()

    def reload(self) -> None:
        """Read the log from its beginning; bookmarks go."""
        self._round += 1
        self._was_loaded = True
        self.lines.clear()
        self._bookmarks.clear()
        self._head, self._offset, self.longest = b"", 0, 0
        self._open_line = False
        self._decoder.reset()
        self.reset.emit()
        self.bookmarks_changed.emit()
        self._fetch()

    def refresh(self) -> None:
        """Read what was added; everything when another log has taken its place."""
        if self._is_loading:
            # The piece on its way may have been read before the log grew.
            self._is_refresh_due = True
            return
        self._round += 1
        this_round = self._round

        def got(head: bytes) -> None:
            if this_round != self._round:
                return
            if not self._head or not head.startswith(self._head):
                self.reload()
            else:
                self._fetch()

        params = {"id": self.machine_id, "index": self.index, "offset": 0, "size": _HEAD}
        self._link.call(self, "machine.read_log", params, got, self._fail)

    def _fetch(self) -> None:
        self._is_loading = True
        this_round = self._round

        def got(piece: bytes) -> None:
            if this_round != self._round:
                return
            if piece:
                self._take(piece)
                self._fetch()
            else:
                self._end("")

        def failed(error: ApiError) -> None:
            if this_round == self._round:
                self._fail(error)

        params = {
            "id": self.machine_id, "index": self.index, "offset": self._offset, "size": PIECE,
        }  # fmt: skip
        self._link.call(self, "machine.read_log", params, got, failed)

    def _fail(self, error: ApiError) -> None:
        self._end(error.message)

    def _end(self, error: str) -> None:
        self._is_loading = False
        self.error = error
        self.finished.emit()
        if self._is_refresh_due:
            self._is_refresh_due = False
            self.refresh()

    def _take(self, piece: bytes) -> None:
        if not self._offset:
            # What a later refresh compares; an incomplete line may still grow.
            self._head = piece[:_HEAD]
        self._offset += len(piece)
        self._append(self._decoder.decode(piece))

    def _append(self, text: str) -> None:
        new = text.replace("\r\n", "\n").split("\n")
        if self._open_line:
            new[0] = self.lines.pop() + new[0]
        # What follows the last line end is a line only if there is something.
        self._open_line = bool(new[-1])
        if not self._open_line:
            new.pop()
        self.lines += new
        self.longest = max(self.longest, max(map(len, new), default=0))
        self.lines_added.emit()

    # -- bookmarks -----------------------------------------------------------------------------

    def bookmarks(self) -> Sequence[int]:
        """Return the marked lines, counted from 0, in order."""
        return sorted(self._bookmarks)

    def is_marked(self, line: int) -> bool:
        """Tell whether LINE has a bookmark."""
        return line in self._bookmarks

    def toggle_bookmark(self, line: int) -> None:
        """Mark LINE, or mark it no more."""
        if 0 <= line < len(self.lines):
            self._bookmarks ^= {line}
            self.bookmarks_changed.emit()

    def clear_bookmarks(self) -> None:
        """Mark no line."""
        if self._bookmarks:
            self._bookmarks.clear()
            self.bookmarks_changed.emit()
