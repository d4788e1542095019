"""Runs one machine until it is off: ``vitrine-headless --startvm NAME``.

The main thread waits for the end of the machine or for a signal that asks for it; the machine lives
on threads of its own (docs/threading.md). A lost service does not end it: the session finds the
next one.
"""

from __future__ import annotations

import argparse
import queue
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from app.api.errors import ApiError, ErrorCode
from app.api.structs import MachineState
from app.console import events
from app.console.ending import end_in_order

if TYPE_CHECKING:
    from app.console.console import Console

PROGRAM: Final = "vitrine-headless"
CLIENT_NAME: Final = "headless"

EXIT_OK: Final = 0
EXIT_NOT_STARTED: Final = 1
EXIT_SYNTAX: Final = 2
EXIT_FAILED: Final = 3
"""It ran, and then it had a Guru Meditation and was switched off."""

# Callbacks of the emulation thread wait for Python's global lock at most this long (seconds).
_SWITCH_INTERVAL: Final = 0.0002
_ENDING_SIGNALS: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Run a virtual machine without a window, until it is off.",
        epilog="Exit codes: 0 the machine ran and is off, 1 it could not start, 2 wrong options, "
        "3 it ran and failed (Guru Meditation). At SIGTERM, SIGINT and SIGHUP its state is saved, "
        "or what the machine's autostop setting says is done.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--startvm", "-s", "-startvm", metavar="NAME|UUID", required=True, help="the machine")
    add("--start-paused", action="store_true", help="stop before the first instruction")
    add(
        "--vrde", "-v", "-vrde", choices=("on", "off", "config"), default="config",
        help="whether to serve a remote display (RFB, as VNC viewers speak it); default: as the "
        "machine's settings say",
    )  # fmt: skip
    add(
        "--vrdeproperty", "-e", metavar="NAME=VALUE", action="append", default=[],
        help="a property of the remote display for this run, such as VNCPassword",
    )  # fmt: skip
    add(
        "--vrdeport", "-p", "-vrdeport", "--vrdpport", metavar="PORTS",
        help="ports of the remote display for this run, such as 5000,5010-5012",
    )  # fmt: skip
    add("--comment", metavar="TEXT", help="shown in the list of processes, without effect")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one machine until it is off.

    Args:
        argv: options without the program's name; default: those of this process.

    Returns:
        0 when the machine ran and is off, 1 when it could not start, 2 for wrong options, 3 when
        it failed while it ran.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    properties = dict(each.partition("=")[::2] for each in options.vrdeproperty)
    if not all(properties):
        _say("error: a property of the remote display is given as NAME=VALUE.")
        return EXIT_SYNTAX
    if options.vrdeport is not None:
        properties["TCP/Ports"] = options.vrdeport
    sys.setswitchinterval(_SWITCH_INTERVAL)

    from app.console.process import open_console

    console = open_console(options.startvm, client_name=CLIENT_NAME, has_window=False)
    enabled = None if options.vrde == "config" else options.vrde == "on"
    console.remote_display.override(enabled=enabled, properties=properties)
    return HeadlessRun(console).run(paused=options.start_paused)


def _say(sentence: str) -> None:
    print(f"{PROGRAM}: {sentence}", file=sys.stderr, flush=True)


class HeadlessRun:
    """The course of one machine's run, from start to exit code. For the main thread.

    Args:
        console: of the machine, not started yet.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
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

    def _watch(self) -> int:
        while (order := self._orders.get()) != "ended":
            _say(f"{order}: ending the machine '{self._console.machine}'.")
            try:
                end_in_order(self._console)
            except ApiError as error:
                # It may have switched itself off at the same moment.
                if error.code is not ErrorCode.VBOX_E_INVALID_VM_STATE:
                    _say(f"error: {error.message}")
        return EXIT_FAILED if self._failed else EXIT_OK

    def _on_event(self, event: events.ConsoleEvent) -> None:
        if isinstance(event, events.RemoteDisplayChanged) and event.reason:
            _say(f"warning: {event.reason}")
        if isinstance(event, events.Ended):
            self._orders.put("ended")
        elif isinstance(event, events.StateChanged) and event.state is MachineState.STUCK:
            self._failed = True
        elif isinstance(event, events.RuntimeErrorRaised):
            _say(f"{'fatal error' if event.fatal else 'warning'}: {event.message}")
