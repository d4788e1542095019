"""What the menus of the drives offer, fetched before they open."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from app.console.hostusb import UsbOffers, usb_offers
from app.console.surroundings import DriveOffers, drive_offers, store_for_all
from app.settings.enums import DeviceType

if TYPE_CHECKING:
    from app.api.errors import ApiError
    from app.console.console import Console
    from app.vmwindow.bridge import ConsoleBridge

_logger = logging.getLogger(__name__)

RECENT_KEYS: Final = {DeviceType.DVD: "GUI/RecentListCD", DeviceType.FLOPPY: "GUI/RecentListFD"}
_SEPARATOR: Final = ";"
_MOST_RECENT: Final = 10
_NOTHING: Final = DriveOffers()


class OfferStore(QObject):
    """Knows images, and drives and USB devices of the host; a menu cannot wait for the service.

    Args:
        console: the machine's console.
        bridge: runs what blocks.

    Attributes:
        usb: USB devices of the host.
    """

    def __init__(self, console: Console, bridge: ConsoleBridge) -> None:
        super().__init__(bridge)
        self._console = console
        self._bridge = bridge
        self._offers: dict[DeviceType, DriveOffers] = {}
        self._recent: dict[DeviceType, list[str]] = {}
        self.usb = UsbOffers()

    def refresh(self) -> None:
        """Fetch everything anew; what menus show meanwhile is what was known before."""
        for kind, key in RECENT_KEYS.items():
            self._bridge.run(
                partial(drive_offers, self._console, kind, key),
                partial(self._take, kind),
                partial(self._not_told, kind),
            )
        if self._console.settings.hardware.usb_controllers:
            self._bridge.run(
                partial(usb_offers, self._console), self._take_usb, self._usb_not_told
            )

    def _take_usb(self, offers: UsbOffers) -> None:
        self.usb = offers

    def _usb_not_told(self, error: ApiError) -> None:
        _logger.warning("The USB devices of the host are not known: %s", error.message)

    def _take(self, kind: DeviceType, offers: DriveOffers) -> None:
        self._offers[kind] = offers
        self._recent[kind] = [path for path in offers.recent.split(_SEPARATOR) if path]

    def _not_told(self, kind: DeviceType, error: ApiError) -> None:
        # The file dialog does without the service; no reason to disturb anybody.
        _logger.warning("What can go into a %s drive is not known: %s", kind, error.message)

    def of(self, kind: DeviceType) -> DriveOffers:
        """Return what is known for a kind of drive."""
        return self._offers.get(kind, _NOTHING)

    def recent(self, kind: DeviceType) -> list[str]:
        """Return the images used last, the newest first."""
        return self._recent.get(kind, [])

    def remember(self, kind: DeviceType, path: Path) -> None:
        """Put an image at the front of the recent list."""
        text = str(path)
        if _SEPARATOR in text:
            return
        others = [other for other in self.recent(kind) if other != text]
        self._recent[kind] = [text, *others][:_MOST_RECENT]
        value = _SEPARATOR.join(self._recent[kind])
        self._bridge.run(
            partial(store_for_all, self._console, RECENT_KEYS[kind], value),
            failed=partial(self._not_stored, kind),
        )

    def _not_stored(self, kind: DeviceType, error: ApiError) -> None:
        _logger.warning("The recent images of %s drives were not stored: %s", kind, error.message)
