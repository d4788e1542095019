"""The settings of one machine in a window of their own: ``vitrine --settings NAME``.

The window of a running machine opens them like this: the dialog is the manager's, which that
process does not contain.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.api.structs import MachineInfo
    from app.manager.service_link import ServiceLink

_CLIENT_NAME = "GUI/Qt"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vitrine", description="Change the settings of a virtual machine.", allow_abbrev=False
    )
    parser.add_argument("--settings", metavar="NAME|UUID", required=True, help="the machine")
    parser.add_argument("--page", default="", help="the page to begin with, such as storage")
    return parser


def main(argv: Sequence[str]) -> int:
    """Show the settings of a machine until they are closed.

    Args:
        argv: options without the program's name, ``--settings`` among them.

    Returns:
        0 when they were shown, 1 when there is no such machine or no service, 2 for wrong options.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)

    from app.common.startup import StartupPreferences

    startup = StartupPreferences(_CLIENT_NAME)

    from app.api.qtclient import QtClient
    from app.common.application import create_application
    from app.manager.service_link import ServiceLink

    application = create_application(["vitrine"], startup.get())
    application.setQuitOnLastWindowClosed(False)
    client = QtClient(_CLIENT_NAME)
    opener = _Opener(application, ServiceLink(client), options.settings, options.page)
    client.start()
    code = application.exec()
    client.close()
    del opener
    return code


class _Opener:
    """Shows the dialog as soon as the machine is known."""

    def __init__(
        self, application: QApplication, link: ServiceLink, machine: str, page: str
    ) -> None:
        self._application = application
        self._link = link
        self._machine = machine
        self._page = page
        self._opened = False
        link.machines_loaded.connect(self._open)
        link.connection_changed.connect(self._on_connection)

    def _open(self) -> None:
        if self._opened:
            return
        self._opened = True
        machine = self._find()
        if machine is None:
            self._fail(f"Could not find a registered machine named '{self._machine}'")
            return
        from app.manager.settings_dialog.dialog import SettingsDialog

        dialog = SettingsDialog(self._link, machine)
        dialog.show_page(self._page)
        dialog.finished.connect(lambda _result: self._application.exit(0))
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _find(self) -> MachineInfo | None:
        named = (each for each in self._link.model.machines() if each.name == self._machine)
        return self._link.model.machine(self._machine) or next(named, None)

    def _on_connection(self, connected: bool, reason: str) -> None:
        if not connected and not self._opened and reason:
            self._opened = True
            self._fail(reason)

    def _fail(self, sentence: str) -> None:
        from app.common.application import PRODUCT
        from app.common.messages import show_error

        print(f"vitrine: error: {sentence}", file=sys.stderr, flush=True)
        box = show_error(None, PRODUCT, sentence)
        box.finished.connect(lambda _result: self._application.exit(1))
