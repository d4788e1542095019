"""Recording as a person sees it: switch, settings, indicator, and what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.common.messages import show_error
from app.console.events import RecordingChanged
from app.console.webm import MISSING_SENTENCE, has_pyav
from app.settings.display import RecordingScreen
from app.vmwindow.view.recording_dialog import open_recording_dialog

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow


class RecordingCommands(QObject):
    """Handlers of the actions about recording."""

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        window.bridge.recording_changed.connect(self._on_changed)

    def machine_started(self) -> None:
        """Show whether the machine is recorded from its start on."""
        self._window.action_set.set_reason("Recording", "" if has_pyav() else MISSING_SENTENCE)
        self._show(active=self._window.console.recording.plan is not None)

    def set_recording(self, enabled: bool) -> None:
        """Begin or end a recording."""
        recording = self._window.console.recording
        self._window.bridge.run(lambda: recording.request(enabled=enabled), failed=self._on_failed)

    def show_recording_settings(self) -> None:
        """Let a person say how to record."""
        console = self._window.console
        screens = console.settings.recording.screens
        screen = next((each for each in screens if each.id == 0), RecordingScreen(id=0))
        folder = Path(console.start_info.machine_folder)
        locked = ""
        if console.recording.plan is not None:
            locked = self.tr("The screen is being recorded; stop that first to change how.")
        elif not has_pyav():
            locked = MISSING_SENTENCE
        open_recording_dialog(
            self._window, screen, folder / f"{console.machine}-screen0.webm", locked, self._store
        )

    def _store(self, screen: RecordingScreen) -> None:
        recording = self._window.console.recording
        self._window.bridge.run(lambda: recording.configure(screen))

    def _on_failed(self, error: Exception) -> None:
        self._show(active=self._window.console.recording.plan is not None)
        show_error(self._window, self._window.console.machine, str(error))

    @Slot(object)
    def _on_changed(self, event: RecordingChanged) -> None:
        self._show(active=event.active)
        if event.reason:
            where = self.tr("The recording is in “{file}”.").format(file=event.file)
            self._window.hint.show_hint(f"{event.reason} {where if event.file else ''}".strip())

    def _show(self, *, active: bool) -> None:
        self._window.action_set.set_checked("Recording", active)
        self._window.status.set_recording(active)
