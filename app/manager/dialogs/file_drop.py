"""Machine files and machine folders that are dropped onto a window."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

SUFFIX: Final = ".vbox"


class MachineFileDrop(QObject):
    """Takes what nothing inside of a window wants: its list only takes rows of its own.

    Signals:
        dropped(list): paths of settings files, or of folders that hold one.
    """

    dropped = Signal(list)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags and drops of machine files."""
        # Enter and move events of drags are drop events too.
        if isinstance(event, QDropEvent):
            paths = machine_paths(event.mimeData())
            if paths:
                event.setDropAction(Qt.DropAction.LinkAction)
                event.accept()
                if event.type() is QEvent.Type.Drop:
                    self.dropped.emit(paths)
                return True
        return super().eventFilter(watched, event)


def machine_paths(data: QMimeData) -> list[str]:
    """Return the paths in DATA when each may be that of a machine, else an empty list.

    A name without an ending may be that of a folder; the service knows when it adds it.
    """
    paths = [url.toLocalFile() for url in data.urls()]
    if all(path and Path(path).suffix.lower() in (SUFFIX, "") for path in paths):
        return paths
    return []
