"""Entry point of the manager process."""

import sys
from collections.abc import Sequence

from PySide6.QtCore import QTimer

from app.api.qtclient import QtClient
from app.common.application import create_application
from app.manager.service_link import ServiceLink
from app.manager.window import ManagerWindow

# The window waits this long for its stored position, so that it need not jump; a service that has
# to be started first takes longer, and then the window comes up where the desktop puts it.
_LAYOUT_WAIT_MS = 150


def main(argv: Sequence[str] | None = None) -> int:
    """Show the manager and run until its window is closed."""
    arguments = [sys.argv[0], *(sys.argv[1:] if argv is None else argv)]
    application = create_application(arguments)
    client = QtClient()
    link = ServiceLink(client)
    window = ManagerWindow(link)
    window.layout_recalled.connect(window.show)
    QTimer.singleShot(_LAYOUT_WAIT_MS, window.show)
    client.start()
    code = application.exec()
    client.close()
    return code
