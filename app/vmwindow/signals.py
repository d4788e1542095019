"""Signals of the operating system in a Qt program, and the end of the desktop's session.

Python runs signal handlers between two instructions of its own, and while nothing happens Qt's
event loop runs none: the wake-up socket makes it run some.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, Qt, SignalInstance, Slot
from PySide6.QtGui import QGuiApplication, QSessionManager

_ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class SignalWatch(QObject):
    """Calls a function on the UI thread when the process is asked to end.

    Made on the main thread, which is the only one that may handle signals.
    """

    def __init__(self, asked_to_end: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked_to_end = asked_to_end
        self._receiver, self._sender = socket.socketpair()
        for end in (self._receiver, self._sender):
            end.setblocking(False)
        signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _wake_only) for number in _ENDING}
        self._notifier = QSocketNotifier(
            self._receiver.fileno(), QSocketNotifier.Type.Read, self
        )
        self._notifier.activated.connect(self._on_signal)

    @Slot()
    def _on_signal(self) -> None:
        numbers = self._receiver.recv(64)
        if any(number in numbers for number in _ENDING):
            self._asked_to_end()

    def close(self) -> None:
        """Give the signals back to whom they belonged before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._receiver.close()
        self._sender.close()


def _wake_only(_number: int, _frame: object) -> None:
    """The number reaches the event loop through the wake-up socket."""


class SessionWatch(QObject):
    """Holds the end of the desktop's session up until the machine has been ended in order.

    Args:
        application: tells the end of the session.
        asked_to_end: begins to end the machine.
        ended: emitted when the machine is gone.
    """

    def __init__(
        self,
        application: QGuiApplication,
        asked_to_end: Callable[[], None],
        ended: SignalInstance,
    ) -> None:
        super().__init__(application)
        self._asked_to_end = asked_to_end
        self._ended = ended
        self._gone = False
        ended.connect(self._on_ended)
        application.commitDataRequest.connect(
            self._on_commit, Qt.ConnectionType.DirectConnection
        )

    @Slot()
    def _on_ended(self) -> None:
        self._gone = True

    def _on_commit(self, manager: QSessionManager) -> None:
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)
        if self._gone:
            return
        # The session ends as soon as this returns; the window goes on meanwhile, with progress.
        loop = QEventLoop()
        self._ended.connect(loop.quit)
        self._asked_to_end()
        loop.exec()
