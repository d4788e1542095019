"""Runs one machine until it is off: ``vitrine-headless --startvm NAME``.

The main thread waits for the end of the machine or for a signal that asks for it; the machine lives
on threads of its own (docs/threading.md). A lost service does not end it: the session finds the
next one.
"""

from __future__ import annotations

import queue
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.console.ending import end_in_order, save_or_switch_off
from app.headless.autostart import ACPI_SECONDS
from app.headless.options import (
    PROGRAM,
    Capture,
    OptionsError,
    capture_of,
    parser,
    remote_display_of,
)

if TYPE_CHECKING:
    from app.console.console import Console

CLIENT_NAME: Final = "headless"

EXIT_OK: Final = 0
EXIT_NOT_STARTED: Final = 1
EXIT_SYNTAX: Final = 2
EXIT_FAILED: Final = 3
"""It ran, and then it had a Guru Meditation and was switched off."""

# Callbacks of the emulation thread wait for Python's global lock at most this long (seconds).
_SWITCH_INTERVAL: Final = 0.0002
_ENDING_SIGNALS: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one machine until it is off.

    Args:
        argv: options without the program's name; default: those of this process.

    Returns:
        0 when the machine ran and is off, 1 when it could not start, 2 for wrong options, 3 when
        it failed while it ran.
    """
    try:
        options = parser().parse_args(argv)
        capture = capture_of(options)
        enabled, properties = remote_display_of(options)
    except OptionsError as error:
        _say(f"error: {error}")
        return EXIT_SYNTAX
    except SystemExit as stop:
        return int(stop.code or 0)
    if options.password is not None or options.password_id is not None:
        _say("error: Encrypted machines are not supported, so there is no use for a password.")
        return EXIT_NOT_STARTED
    if options.settingspw is not None or options.settingspwfile is not None:
        _say("warning: Settings hold no encrypted passwords; the one given is not used.")
    sys.setswitchinterval(_SWITCH_INTERVAL)

    from app.console.process import open_console

    console = open_console(options.startvm, client_name=CLIENT_NAME, has_window=False)
    console.remote_display.override(enabled=enabled, properties=properties)
    return HeadlessRun(console, capture).run(paused=options.start_paused)


def _say(sentence: str) -> None:
    print(f"{PROGRAM}: {sentence}", file=sys.stderr, flush=True)


class HeadlessRun:
    """The course of one machine's run, from start to exit code. For the main thread.

    Args:
        console: of the machine, not started yet.
        capture: how to record its screen; None: as its settings say.
    """

    def __init__(self, console: Console, capture: Capture | None = None) -> None:
        self._console = console
        self._capture = capture
        self._failed = False
        # Signal handlers and threads of the console put in what the main thread has to do next.
        self._orders: queue.SimpleQueue[str] = queue.SimpleQueue()
        console.add_listener(self._on_event)

    def run(self, *, paused: bool) -> int:
        """Start the machine, wait for its end, and return the exit code."""
        before = self._take_signals()
        try:
            self._console.start(paused=paused)
        except ApiError as error:
            _say(f"error: {error.message}")
            return EXIT_NOT_STARTED
        else:
            self._record()
            return self._watch()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take_signals(self) -> dict[int, Any]:
        """Have the machine switched off by the signals that ask a process to end."""

        def on_signal(number: int, _frame: object) -> None:
            self._orders.put(signal.Signals(number).name)

        numbers = [getattr(signal, name) for name in _ENDING_SIGNALS if hasattr(signal, name)]
        return {number: signal.signal(number, on_signal) for number in numbers}

    def _record(self) -> None:
        """Begin the recording that the options ask for; the machine runs without it, too."""
        if self._capture is None:
            return
        recording = self._console.recording
        if recording.plan is not None:
            _say(f"warning: The settings have the screen recorded already: {recording.plan.file}")
            return
        try:
            recording.start(self._capture.applied_to(self._console.settings.recording))
        except ApiError as error:
            _say(f"warning: The screen is not recorded: {error.message}")

    def _watch(self) -> int:
        """Obey until the machine has ended.

        A guest that was asked to shut down and does not is saved, after some time or when it is
        asked again: whoever sends signals kills the process in the end.
        """
        end = end_in_order
        patience: float | None = None
        while (order := self._next_order(patience)) != "ended":
            _say(f"{order}: ending the machine '{self._console.machine}'.")
            try:
                end(self._console)
            except ApiError as error:
                # It may have switched itself off at the same moment.
                if error.code is not ErrorCode.VBOX_E_INVALID_VM_STATE:
                    _say(f"error: {error.message}")
            patience = ACPI_SECONDS if end is end_in_order else None
            end = save_or_switch_off
        return EXIT_FAILED if self._failed else EXIT_OK

    def _next_order(self, patience: float | None) -> str:
        try:
            return self._orders.get(timeout=patience)
        except queue.Empty:
            return "The guest did not shut down"

    def _on_event(self, event: events.ConsoleEvent) -> None:
        if isinstance(event, events.RemoteDisplayChanged) and event.reason:
            _say(f"warning: {event.reason}")
        if isinstance(event, events.Ended):
            self._orders.put("ended")
        elif isinstance(event, events.StateChanged) and event.state is MachineState.STUCK:
            self._failed = True
        elif isinstance(event, events.RuntimeErrorRaised):
            _say(f"{'fatal error' if event.fatal else 'warning'}: {event.message}")
