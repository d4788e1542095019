"""Handlers of the Debug menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.vmwindow.debug.information import InformationWindow

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow

_STATISTICS: Final = "stats"
_OVERVIEW: Final = "help"


class DebugCommands(QObject):
    """Opens the window that shows information items of the engine."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window

    def show_statistics(self) -> None:
        """Show the counters."""
        self._open(_STATISTICS)

    def show_information_items(self) -> None:
        """Show what items there are."""
        self._open(_OVERVIEW)

    def _open(self, item: str) -> None:
        window = self._window
        shown = next(iter(window.findChildren(InformationWindow)), None)
        if shown is None:
            shown = InformationWindow(window.console, window.bridge, window)
        shown.show_item(item)
        shown.show()
        shown.raise_()
        shown.activateWindow()
