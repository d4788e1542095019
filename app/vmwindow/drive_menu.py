"""The menus with which people change optical and floppy images while the machine runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.common.icons import icon
from app.settings.enums import DeviceType
from app.vmwindow.preferences import RECENT_FLOPPY, RECENT_OPTICAL, Preferences

if TYPE_CHECKING:
    from app.console.media import Drives, DriveSlot

Mount = Callable[["DriveSlot", Path | None], None]
"""Puts an image into a drive, or empties it."""


@dataclass(frozen=True)
class DriveKind:
    """Words and places of one kind of removable drive.

    Attributes:
        type: kind of drive.
        title: caption of the menu.
        icon: drawing.
        none: what stands in the menu when the machine has no such drive.
        recent: key of the recent list.
        files: filter of the file dialog.
    """

    type: DeviceType
    title: str
    icon: str
    none: str
    recent: str
    files: str


OPTICAL: Final = DriveKind(
    DeviceType.DVD, "&Optical Drives", "optical", "No optical drives attached",
    RECENT_OPTICAL, "Optical disc images (*.iso *.ISO *.cdr *.viso);;All files (*)",
)  # fmt: skip
FLOPPY: Final = DriveKind(
    DeviceType.FLOPPY, "&Floppy Drives", "floppy", "No floppy drives attached",
    RECENT_FLOPPY, "Floppy disk images (*.img *.IMG *.ima *.flp *.vfd *.dsk);;All files (*)",
)  # fmt: skip


class DriveMenu(QObject):
    """Fills a menu with the drives of one kind whenever it is about to open.

    Args:
        menu: the menu.
        kind: kind of drives.
        mount: called with what was chosen.
    """

    def __init__(self, menu: QMenu, kind: DriveKind, mount: Mount) -> None:
        super().__init__(menu)
        self._menu = menu
        self._kind = kind
        self._mount = mount
        self._drives: Drives | None = None
        self._preferences: Preferences | None = None
        menu.setIcon(icon(kind.icon))
        menu.aboutToShow.connect(self.fill)

    def set_machine(self, drives: Drives, preferences: Preferences) -> None:
        """Tell the drives and the recent images once they are known."""
        self._drives = drives
        self._preferences = preferences

    def popup(self, position: QPoint) -> None:
        """Open the menu at a global position."""
        self._menu.popup(position)

    def fill(self) -> None:
        """Build the menu from what is in the drives now."""
        self._menu.clear()
        slots = [s for s in self._drives or () if s.type is self._kind.type]
        if not slots:
            self._menu.addAction(self._kind.none).setEnabled(False)
        for slot in slots:
            # One drive needs no sub-menu of its own.
            menu = self._menu if len(slots) == 1 else self._menu.addMenu(slot.label)
            self._fill_drive(menu, slot)

    def _fill_drive(self, menu: QMenu, slot: DriveSlot) -> None:
        assert self._drives is not None
        assert self._preferences is not None
        medium = self._drives.medium(slot)
        current = None if medium is None else str(medium.path)
        recent = self._preferences.recent(self._kind.recent)
        if current is not None and current not in recent:
            recent = [current, *recent]
        group = QActionGroup(menu)
        for path in recent:
            action = menu.addAction(Path(path).name)
            action.setCheckable(True)
            action.setChecked(path == current)
            action.setToolTip(path)
            group.addAction(action)
            action.triggered.connect(lambda _checked, p=path: self._mount(slot, Path(p)))
        if recent:
            menu.addSeparator()
        choose = menu.addAction(icon("choose-file"), "&Choose a Disk File…")
        choose.triggered.connect(lambda: self._choose(slot, current))
        eject = menu.addAction(icon("eject"), "&Remove Disk from Virtual Drive")
        eject.setEnabled(current is not None)
        eject.setToolTip("" if current is not None else "The drive is empty.")
        eject.triggered.connect(lambda: self._mount(slot, None))
        menu.setToolTipsVisible(True)

    def _choose(self, slot: DriveSlot, current: str | None) -> None:
        parent = self._menu.window()
        window = parent.parentWidget() if isinstance(parent, QMenu) else parent
        folder = str(Path(current).parent) if current is not None else str(Path.home())
        dialog = file_dialog(window, f"Choose an image for {slot.label}", folder, self._kind.files)
        dialog.fileSelected.connect(lambda path: self._mount(slot, Path(path)))
        dialog.open()


def file_dialog(parent: QWidget | None, title: str, folder: str, files: str) -> QFileDialog:
    """Return a dialog that asks for an existing file and deletes itself."""
    dialog = QFileDialog(parent, title, folder, files)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.finished.connect(dialog.deleteLater)
    return dialog
