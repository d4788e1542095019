"""The menus with which people change optical and floppy images while the machine runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QMenuBar, QWidget

from app.common.icons import icon
from app.settings.enums import DeviceType

if TYPE_CHECKING:
    from app.console.media import Drives, DriveSlot
    from app.vmwindow.devices.offers import OfferStore

Mount = Callable[["DriveSlot", Path | None], None]
"""Puts an image into a drive, or empties it."""


_MOST_KNOWN: Final = 30
"""A menu that does not fit the screen is no help; the file dialog reaches all images."""


@dataclass(frozen=True)
class DriveKind:
    """Words and places of one kind of removable drive; texts are translated when shown.

    Attributes:
        type: kind of drive.
        title: caption of the menu.
        icon: drawing.
        none: why the menu is disabled when the machine has no such drive.
        files: filter of the file dialog.
    """

    type: DeviceType
    title: str
    icon: str
    none: str
    files: str


OPTICAL: Final = DriveKind(
    DeviceType.DVD, str(QT_TRANSLATE_NOOP("DriveMenu", "&Optical Drives")), "optical",
    str(QT_TRANSLATE_NOOP("DriveMenu", "The machine has no optical drive.")),
    str(QT_TRANSLATE_NOOP(
        "DriveMenu", "Optical disc images (*.iso *.ISO *.cdr *.viso);;All files (*)"
    )),
)  # fmt: skip
FLOPPY: Final = DriveKind(
    DeviceType.FLOPPY, str(QT_TRANSLATE_NOOP("DriveMenu", "&Floppy Drives")), "floppy",
    str(QT_TRANSLATE_NOOP("DriveMenu", "The machine has no floppy drive.")),
    str(QT_TRANSLATE_NOOP(
        "DriveMenu", "Floppy disk images (*.img *.IMG *.ima *.flp *.vfd *.dsk);;All files (*)"
    )),
)  # fmt: skip


class DriveMenu(QObject):
    """Fills a menu with the drives of one kind whenever it is about to open.

    Args:
        menu: the menu.
        kind: kind of drives.
        offers: what can go into them.
        mount: called with what was chosen.
    """

    def __init__(self, menu: QMenu, kind: DriveKind, offers: OfferStore, mount: Mount) -> None:
        super().__init__(menu)
        self._menu = menu
        self._kind = kind
        self._offers = offers
        self._mount = mount
        self._drives: Drives | None = None
        menu.setTitle(self.tr(kind.title))
        menu.setIcon(icon(kind.icon))
        menu.aboutToShow.connect(self.fill)

    def set_machine(self, drives: Drives) -> None:
        """Tell the drives once they are known."""
        self._drives = drives
        has_drive = any(slot.type is self._kind.type for slot in drives)
        self._menu.menuAction().setEnabled(has_drive)
        self._menu.menuAction().setToolTip("" if has_drive else self.tr(self._kind.none))

    def fill(self) -> None:
        """Build the menu from what is in the drives now."""
        self._menu.clear()
        own = (slot for slot in self._drives or () if slot.type is self._kind.type)
        slots = sorted(own, key=lambda slot: slot.place)
        if not slots:
            self._menu.addAction(self.tr(self._kind.none)).setEnabled(False)
        for slot in slots:
            # One drive needs no sub-menu of its own.
            menu = self._menu if len(slots) == 1 else self._menu.addMenu(slot.label)
            self._fill_drive(menu, slot)

    def _fill_drive(self, menu: QMenu, slot: DriveSlot) -> None:
        assert self._drives is not None
        medium = self._drives.medium(slot)
        current = None if medium is None else str(medium.path)
        menu.setToolTipsVisible(True)
        self._add_host_drives(menu)
        recent = self._offers.recent(slot.type)
        if current is not None and current not in recent:
            recent = [current, *recent]
        self._add_images(menu, slot, recent, current)
        menu.addSeparator()
        choose = menu.addAction(icon("choose-file"), self.tr("&Choose a Disk File…"))
        choose.triggered.connect(lambda: self._choose(slot, current))
        self._add_known_images(menu, slot, recent)
        menu.addSeparator()
        eject = menu.addAction(icon("eject"), self.tr("&Remove Disk from Virtual Drive"))
        eject.setEnabled(current is not None)
        eject.setToolTip("" if current is not None else self.tr("The drive is empty."))
        eject.triggered.connect(lambda: self._mount(slot, None))

    def _add_host_drives(self, menu: QMenu) -> None:
        for drive in self._offers.of(self._kind.type).host_drives:
            text = self.tr("Host Drive {path}").format(path=drive.path)
            action = menu.addAction(f"{text} {drive.model}".rstrip().replace("&", "&&"))
            action.setEnabled(False)
            action.setToolTip(
                self.tr("This version of Vitrine cannot hand drives of the host to a guest.")
            )

    def _add_images(
        self, menu: QMenu, slot: DriveSlot, paths: Sequence[str], current: str | None
    ) -> None:
        group = QActionGroup(menu)
        for path in paths:
            action = menu.addAction(Path(path).name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(path == current)
            action.setToolTip(path)
            group.addAction(action)
            action.triggered.connect(
                lambda _checked=False, path=path: self._mount(slot, Path(path))
            )

    def _add_known_images(self, menu: QMenu, slot: DriveSlot, shown: Sequence[str]) -> None:
        known = [path for path in self._offers.of(slot.type).images if path not in shown]
        more = menu.addMenu(icon("media"), self.tr("Choose a &Known Image"))
        more.setToolTipsVisible(True)
        more.menuAction().setEnabled(bool(known))
        if not known:
            more.menuAction().setToolTip(self.tr("All known images are listed above."))
        self._add_images(more, slot, sorted(known, key=str.casefold)[:_MOST_KNOWN], None)

    def _choose(self, slot: DriveSlot, current: str | None) -> None:
        window = self._menu.parentWidget()
        while isinstance(window, QMenu | QMenuBar):
            window = window.parentWidget()
        folder = str(Path(current).parent) if current is not None else str(Path.home())
        title = self.tr("Choose an image for {drive}").format(drive=slot.label)
        dialog = file_dialog(window, title, folder, self.tr(self._kind.files))
        dialog.fileSelected.connect(lambda path: self._mount(slot, Path(path)))
        dialog.open()


def file_dialog(parent: QWidget | None, title: str, folder: str, files: str) -> QFileDialog:
    """Return a dialog that asks for an existing file and deletes itself."""
    dialog = QFileDialog(parent, title, folder, files)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.finished.connect(dialog.deleteLater)
    return dialog
