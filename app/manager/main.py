"""Entry point of the manager process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.common.startup import StartupPreferences

if TYPE_CHECKING:
    from app.manager.service_link import ServiceLink
    from app.manager.window import ManagerWindow

# The window waits this long for its stored position, so that it need not jump; a service that has
# to be started first takes longer, and then the window comes up where the desktop puts it.
_LAYOUT_WAIT_MS = 150


class _Manager:
    """The one window of the process, which a window in another language may take the place of."""

    def __init__(self, link: ServiceLink) -> None:
        self._link = link
        self.window = self._new_window()

    def _new_window(self) -> ManagerWindow:
        from PySide6.QtCore import QTimer

        from app.manager.window import ManagerWindow

        window = ManagerWindow(self._link)
        window.layout_recalled.connect(window.show)
        QTimer.singleShot(_LAYOUT_WAIT_MS, window, window.show)
        return window

    def speak_again(self) -> None:
        """Replace the window: its texts were made in the language before."""
        old, self.window = self.window, self._new_window()
        self.window.take_over()
        old.give_way()


def main(argv: Sequence[str] | None = None) -> int:
    """Show the manager and run until its window is closed."""
    startup = StartupPreferences("GUI/Qt")
    # The service starts or answers while all this is being loaded.
    from app.api.qtclient import QtClient
    from app.common.application import create_application, look_of
    from app.manager import window as _loaded_meanwhile  # noqa: F401
    from app.manager.service_link import ServiceLink

    arguments = [sys.argv[0], *(sys.argv[1:] if argv is None else argv)]
    application = create_application(arguments, startup.get())
    client = QtClient()
    link = ServiceLink(client)
    manager = _Manager(link)
    look_of(application).language_changed.connect(manager.speak_again)
    client.start()
    code = application.exec()
    client.close()
    return code
