"""Types long texts as fast as the guest reads them, without anybody waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.api.structs import MachineState
from app.console.pacing import pieces

if TYPE_CHECKING:
    from app.api.errors import ApiError
    from app.console.console import Console
    from app.vmwindow.bridge import ConsoleBridge

_PIECE_BYTES: Final = 120  # what a keyboard takes at once is much less; progress moves well


class Typist(QObject):
    """Types one text at a time, in pieces.

    Args:
        console: gets the scan codes.
        bridge: runs what blocks.

    Signals:
        progressed(int): percent.
        finished(str): everything is typed, or it was stopped; a sentence when the guest did not
            read everything.
    """

    progressed = Signal(int)
    finished = Signal(str)

    def __init__(
        self, console: Console, bridge: ConsoleBridge, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._console = console
        self._bridge = bridge
        self._left: list[bytes] = []
        self._count = 0

    @property
    def active(self) -> bool:
        """Whether a text is being typed."""
        return bool(self._left)

    def type(self, codes: bytes) -> None:
        """Type make and break codes; whole key strokes, so that no key stays down when stopped."""
        if self.active:
            return
        self._left = pieces(codes, _PIECE_BYTES)
        self._count = len(self._left)
        self._next()

    def stop(self) -> None:
        """Type no further than the piece at hand."""
        if self.active:
            self._left = self._left[:1]

    def _next(self) -> None:
        piece = self._left[0]

        def done(taken: int) -> None:
            if taken < len(piece):
                self._end(self._why_not())
                return
            del self._left[0]
            if not self._left:
                self._end("")
            else:
                self.progressed.emit(100 - 100 * len(self._left) // self._count)
                self._next()

        def failed(error: ApiError) -> None:
            self._end(error.message)

        self._bridge.run(lambda: self._console.type_scancodes(piece), done, failed)

    def _why_not(self) -> str:
        if self._console.state is not MachineState.RUNNING:
            return self.tr("The machine has stopped before the whole text was typed.")
        return self.tr(
            "The guest does not read its keyboard at the moment; only a part of the text was typed."
        )

    def _end(self, failure: str) -> None:
        self._left = []
        self.finished.emit(failure)
