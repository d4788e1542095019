"""The Devices menu of the VM window, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.vmwindow.devices.hard_disks import hard_disks
from app.vmwindow.devices.part_menu import PartMenu, PartSpec
from app.vmwindow.devices.parts import PARTS
from app.vmwindow.drive_menu import FLOPPY, OPTICAL, DriveMenu

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from app.settings.enums import DeviceType
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
        self._add_part(hard_disks(window))
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
        self._refresh()

    def _refresh(self) -> None:
        if self._started:
            for menu in self.drives.values():
                menu.set_machine(self._window.console.drives)
            for part in self.parts:
                part.show_availability()
            self._offers.refresh()
