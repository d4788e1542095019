"""Opens the settings of the running machine: a dialog of the manager's, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.api.starter import PROGRAM_ROOT

if TYPE_CHECKING:
    from app.vmwindow.window import VmWindow


class SettingsCommands(QObject):
    """Handlers of the actions that lead to the settings.

    Attributes:
        process: the dialog that was opened last; it outlives this process, so that a machine that
            ends takes no edits with it.
    """

    def __init__(self, window: VmWindow) -> None:
        super().__init__(window)
        self._window = window
        self.process: subprocess.Popen[bytes] | None = None

    def show_settings(self) -> None:
        """Open the settings."""
        self.open_page("")

    def open_page(self, page: str) -> None:
        """Open the settings at a page; nothing happens while they are open already."""
        window = self._window
        if self.process is not None and self.process.poll() is None:
            window.hint.show_hint(self.tr("The settings of this machine are open already."))
            return
        window.capture.release()
        command = [sys.executable, "-m", "app", "--settings", window.console.start_info.id]
        if page:
            command += ["--page", page]
        window.bridge.run(lambda: _start(command), self._started)

    def _started(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, cwd=PROGRAM_ROOT, stdin=subprocess.DEVNULL, start_new_session=True
    )
