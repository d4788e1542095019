"""Runs a machine in its window: ``vitrine --startvm NAME``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.api.structs import MachineState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.api.errors import ApiError
    from app.vmwindow.window import VmWindow

# Callbacks of the emulation thread wait for Python's global lock at most this long (seconds).
_SWITCH_INTERVAL = 0.0002

_CLIENT_NAME = "GUI/Qt"
_PATIENCE_MILLISECONDS = 700


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vitrine",
        description="Start a virtual machine in a window of its own.",
        allow_abbrev=False,
    )
    parser.add_argument("--startvm", metavar="NAME|UUID", required=True, help="the machine")
    parser.add_argument(
        "--start-paused", action="store_true", help="stop before the first instruction"
    )
    parser.add_argument(
        "--separate",
        action="store_true",
        help="the window may be closed while the machine goes on, and opened again",
    )
    modes = parser.add_mutually_exclusive_group()
    for mode in ("normal", "fullscreen", "scale"):
        modes.add_argument(
            f"--{mode}", dest="mode", action="store_const", const=mode,
            help=f"show the window in {mode} mode, whatever it was last time",
        )  # fmt: skip
    parser.add_argument(
        "--no-startvm-errormsgbox",
        action="store_true",
        help="when the machine cannot start, tell standard error only",
    )
    return parser


def main(argv: Sequence[str]) -> int:
    """Run one machine until it is off.

    Args:
        argv: options without the program's name, ``--startvm`` among them.

    Returns:
        0 when the machine ran and is off, 1 when it could not start, 2 for wrong options.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    sys.setswitchinterval(_SWITCH_INTERVAL)

    from app.common.startup import StartupPreferences

    startup = StartupPreferences(_CLIENT_NAME)

    from app.api.qtclient import QtClient
    from app.common.application import create_application, look_of
    from app.common.preference_follower import PreferenceFollower
    from app.console.process import open_console
    from app.vmwindow.obedience import Obedience
    from app.vmwindow.view.settings import ViewMode
    from app.vmwindow.window import VmWindow

    preferences = startup.get()
    application = create_application(["vitrine"], preferences)
    # The process ends when the machine is off, which is later than the window is closed.
    application.setQuitOnLastWindowClosed(False)
    window = VmWindow(
        open_console(options.startvm),
        detachable=options.separate,
        first_mode=ViewMode(options.mode.capitalize()) if options.mode else None,
    )
    obedience = Obedience(window, preferences)
    client = QtClient(_CLIENT_NAME)
    follower = PreferenceFollower(client, window)
    follower.changed.connect(look_of(application).show)
    follower.changed.connect(obedience.obey)
    run = _Run(application, window, message_box=not options.no_startvm_errormsgbox)
    run.started = obedience.obey
    run.start(paused=options.start_paused)
    client.start()
    code = application.exec()
    window.stop()
    client.close()
    return code


class _Run:
    """The course of one machine's run, from start to exit code.

    Attributes:
        started: called when the machine runs and its settings are known.
    """

    def __init__(
        self, application: QApplication, window: VmWindow, *, message_box: bool
    ) -> None:
        self._application = application
        self._window = window
        self._message_box = message_box
        self.started: Callable[[], None] = lambda: None
        self._started = False
        self._failed = False
        self._terminating = False

    def start(self, *, paused: bool) -> None:
        """Begin to start the machine on a worker thread."""
        from PySide6.QtCore import QTimer

        window = self._window
        window.bridge.ended.connect(self._ended)
        window.bridge.run(
            lambda: window.console.start(paused=paused), self._on_started, self._on_failed
        )
        # Its place is known as soon as the machine has started, which mostly is at once; a window
        # that jumps is worse than one that comes late.
        QTimer.singleShot(_PATIENCE_MILLISECONDS, window, self._show_early)

        from app.vmwindow.signals import SessionWatch, SignalWatch

        self._signals = SignalWatch(self._terminate, window)
        self._session = SessionWatch(self._application, self._terminate, window.bridge.ended)

    def _show_early(self) -> None:
        """The start takes its time: show that something happens."""
        if not self._started and not self._failed:
            self._window.show()

    def _terminate(self) -> None:
        """The session of the host ends, or somebody wants the process to end: in order."""
        state = self._window.console.state
        if not state.is_online:
            self._application.exit(0 if self._started else 1)
        elif state in (MachineState.STARTING, MachineState.RESTORING):
            self._terminating = True
        elif not state.is_transient:
            self._window.closing.end_in_order()

    def _on_started(self, _result: None) -> None:
        if self._window.console.wait_for_end(timeout=0):
            self._application.exit(0)
            return
        self._started = True
        self._window.machine_started()
        self.started()
        if self._terminating:
            self._window.closing.end_in_order()

    def _on_failed(self, error: ApiError) -> None:
        from app.common.messages import show_error
        from app.common.translation import tr

        self._failed = True
        print(f"vitrine: error: {error.message}", file=sys.stderr, flush=True)
        if not self._message_box or self._terminating:
            self._application.exit(1)
            return
        name = self._window.console.machine
        title = tr("{machine} could not be started").format(machine=name)
        box = show_error(self._window, title, error.message)
        box.finished.connect(lambda: self._application.exit(1))

    def _ended(self) -> None:
        if self._started:
            self._window.closing.finish(lambda: self._application.exit(0))
