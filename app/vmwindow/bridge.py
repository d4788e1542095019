"""Brings a console, which blocks and calls from any thread, together with the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.common.background import run_in_background
from app.console import events
from app.console.errors import api_error

if TYPE_CHECKING:
    from app.api.errors import ApiError
    from app.console.console import Console


class ConsoleBridge(QObject):
    """Brings events of a console to the UI thread and runs commands off it.

    Signals:
        state_changed(MachineState), runtime_error(RuntimeErrorRaised),
        medium_changed(), window_requested(), recording_changed(RecordingChanged),
        remote_display_changed(RemoteDisplayChanged), progressed(int), pointing_changed(bool),
        ended(): see :mod:`app.console.events`.
        command_failed(str): a sentence for people.
    """

    state_changed = Signal(object)
    runtime_error = Signal(object)
    medium_changed = Signal()
    window_requested = Signal()
    recording_changed = Signal(object)
    remote_display_changed = Signal(object)
    progressed = Signal(int)
    pointing_changed = Signal(bool)
    ended = Signal()
    command_failed = Signal(str)
    _arrived = Signal(object)

    def __init__(self, console: Console, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._console = console
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        console.add_listener(self._arrived.emit)

    def run(
        self,
        command: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        failed: Callable[[ApiError], None] | None = None,
    ) -> None:
        """Run a command of the console on a worker thread.

        Args:
            command: blocks; touches no Qt object.
            done: gets the result, on the UI thread.
            failed: gets the error, on the UI thread; ``command_failed`` is emitted without it.
        """

        def on_error(error: Exception) -> None:
            failure = api_error(error)
            if failed is not None:
                failed(failure)
            else:
                self.command_failed.emit(failure.message)

        run_in_background(self, command, done or _ignore, on_error)

    @Slot(object)
    def _deliver(self, event: events.ConsoleEvent) -> None:
        if isinstance(event, events.StateChanged):
            self.state_changed.emit(event.state)
        elif isinstance(event, events.RuntimeErrorRaised):
            self.runtime_error.emit(event)
        elif isinstance(event, events.MediumChanged):
            self.medium_changed.emit()
        elif isinstance(event, events.ShowWindowRequested):
            self.window_requested.emit()
        elif isinstance(event, events.RecordingChanged):
            self.recording_changed.emit(event)
        elif isinstance(event, events.RemoteDisplayChanged):
            self.remote_display_changed.emit(event)
        elif isinstance(event, events.Progressed):
            self.progressed.emit(event.percent)
        elif isinstance(event, events.PointingChanged):
            self.pointing_changed.emit(event.absolute)
        elif isinstance(event, events.Ended):
            self.ended.emit()


def _ignore(_result: object) -> None:
    """For commands whose result nobody wants."""
