"""Keeps the host's screen saver away while a machine runs (freedesktop.org, "Idle Inhibition")."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection, QDBusMessage

_SERVICE: Final = "org.freedesktop.ScreenSaver"
_PATH: Final = "/org/freedesktop/ScreenSaver"
_CONNECTION: Final = "vitrine-screen-saver"


class ScreenSaverInhibitor:
    """Asks the desktop to leave the screen on; one that has no such service is left alone.

    The desktop forgets the request when the connection closes that made it. So each request gets a
    connection of its own, and ends with it, also when the process dies.

    Args:
        reason: what the desktop may show as the reason.
    """

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._inhibited = False

    @property
    def inhibited(self) -> bool:
        """Whether the desktop has been asked."""
        return self._inhibited

    def set_inhibited(self, inhibited: bool) -> None:
        """Ask the desktop to keep the screen on, or no longer; returns at once."""
        if inhibited == self._inhibited:
            return
        self._inhibited = inhibited
        if not inhibited:
            QDBusConnection.disconnectFromBus(_CONNECTION)
            return
        bus = QDBusConnection.connectToBus(QDBusConnection.BusType.SessionBus, _CONNECTION)
        call = QDBusMessage.createMethodCall(_SERVICE, _PATH, _SERVICE, "Inhibit")
        call.setArguments([QCoreApplication.applicationName(), self._reason])
        # Nobody waits: where there is no session bus or no screen saver, nothing is to be done.
        bus.send(call)
