"""The remote display as a person sees it: a switch that shows what is, and what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.vmwindow.statusbar.kinds import IndicatorKind

if TYPE_CHECKING:
    from app.api.errors import ApiError
    from app.console.events import RemoteDisplayChanged
    from app.vmwindow.window import VmWindow

_ACTION = "VRDEServer"


class RemoteDisplayCommands(QObject):
    """Handler of the switch of the remote display."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        window.bridge.remote_display_changed.connect(self._on_changed)

    def show_state(self) -> None:
        """Show whether the screen is served, or why it cannot be."""
        display = self._window.console.remote_display
        self._window.action_set.set_reason(_ACTION, display.missing)
        self._window.action_set.set_checked(_ACTION, display.info is not None)
        self._window.status.indicator(IndicatorKind.DISPLAY).refresh_details()

    def set_remote_display(self, enabled: bool) -> None:
        """Begin or cease to serve the screen, from now on and at the next starts."""
        display = self._window.console.remote_display
        self._window.bridge.run(lambda: display.request(enabled=enabled), failed=self._on_failed)

    def _on_failed(self, error: ApiError) -> None:
        self.show_state()
        self._window.bridge.command_failed.emit(error.message)

    @Slot(object)
    def _on_changed(self, event: RemoteDisplayChanged) -> None:
        self.show_state()
        if event.reason:
            self._window.hint.show_hint(event.reason)
