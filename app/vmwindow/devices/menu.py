"""The Devices menu of the VM window, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject

from app.common.translation import tr
from app.settings.enums import DeviceType
from app.vmwindow.devices.part_menu import PartMenu, PartSpec
from app.vmwindow.devices.parts import PARTS
from app.vmwindow.drive_menu import FLOPPY, OPTICAL, DriveMenu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from app.settings.hardware import HardwareSettings
    from app.vmwindow.devices.offers import OfferStore
    from app.vmwindow.window import VmWindow


class DevicesMenu(QObject):
    """Menus of drives and other parts.

    Args:
        menu: the Devices menu.
        window: the window.
        offers: what can go into drives.
    """

    def __init__(self, menu: QMenu, window: VmWindow, offers: OfferStore) -> None:
        super().__init__(menu)
        self._menu = menu
        self._window = window
        self._offers = offers
        self.drives: dict[DeviceType, DriveMenu] = {}
        self.parts: list[PartMenu] = []
        self._started = False
        self._add_part(
            PartSpec(
                str(QT_TRANSLATE_NOOP("", "&Hard Disks")), "hard-disk",
                self._no_hard_disk, self._fill_hard_disks,
            )
        )  # fmt: skip
        for kind in (OPTICAL, FLOPPY):
            own = self._add_menu(kind.title)
            self.drives[kind.type] = DriveMenu(own, kind, offers, window.commands.change_medium)
        for spec in PARTS:
            self._add_part(spec)
        menu.aboutToShow.connect(self._refresh)

    def _add_menu(self, title: str) -> QMenu:
        menu = self._menu.addMenu(title)
        menu.setToolTipsVisible(True)
        menu.menuAction().setData(title.replace("&", ""))
        menu.menuAction().setEnabled(False)
        return menu

    def _add_part(self, spec: PartSpec) -> None:
        if spec.separated:
            self._menu.addSeparator()
        window = self._window
        part = PartMenu(self._add_menu(spec.title), spec, window, window.console, window.bridge)
        self.parts.append(part)

    def machine_started(self) -> None:
        """Show what the machine has: its settings are known."""
        self._started = True
        for menu in self.drives.values():
            menu.set_machine(self._window.console.drives)
        self._refresh()

    def _refresh(self) -> None:
        if self._started:
            for part in self.parts:
                part.show_availability()
            self._offers.refresh()

    # ------------------------------------------------------------------ hard disks

    def _no_hard_disk(self, _hardware: HardwareSettings) -> str:
        disks = (slot.type is DeviceType.HARD_DISK for slot in self._window.console.drives)
        return "" if any(disks) else tr("The machine has no hard disk.")

    def _fill_hard_disks(self, menu: PartMenu) -> None:
        drives = self._window.console.drives
        for slot in drives:
            medium = drives.medium(slot)
            if slot.type is DeviceType.HARD_DISK and medium is not None:
                menu.add_note(
                    f"{slot.label}: {Path(medium.path).name}",
                    tr("The image of a hard disk cannot change while the machine runs.")
                    + f"\n{medium.path}",
                )
