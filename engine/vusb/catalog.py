"""The devices that a configuration can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.errors import ConfigurationError
from engine.vusb.descriptors import Speed
from engine.vusb.hostdevice import HostState
from engine.vusb.keyboard import KeyboardState, UsbKeyboard
from engine.vusb.pointing import MouseState, TabletState, UsbMouse, UsbTablet
from engine.vusb.storage import StorageState, UsbStorage

if TYPE_CHECKING:
    from engine.ata.drive import DriveHost
    from engine.vusb.device import UsbDevice

AnyState = KeyboardState | MouseState | TabletState | StorageState | HostState
"""Saved state of any device; its tag tells which."""

DISK, OPTICAL = "disk", "cdrom"
STORAGE_KINDS: Final = frozenset({DISK, OPTICAL})


def make_device(kind: str, *, speed: Speed = Speed.FULL) -> UsbDevice[Any]:
    """Return an input device: ``keyboard``, ``mouse`` or ``tablet``.

    Raises:
        ConfigurationError: there is no such kind.
    """
    if kind == "keyboard":
        return UsbKeyboard(KeyboardState(), speed=speed)
    if kind == "mouse":
        return UsbMouse(MouseState(), speed=speed)
    if kind == "tablet":
        return UsbTablet(TabletState(), speed=speed)
    raise ConfigurationError(
        f"{kind!r} is not a USB device: keyboard, mouse, tablet, disk or cdrom."
    )


def make_storage(kind: str, port: int, host: DriveHost, *, speed: Speed) -> UsbStorage:
    """Return a mass storage device whose medium is attached to the connector of its port.

    Args:
        kind: ``disk`` or ``cdrom``.
        port: counted from 0.
        host: the controller.
        speed: the fastest that the controller has.

    Raises:
        ConfigurationError: there is no such kind.
    """
    if kind not in STORAGE_KINDS:
        raise ConfigurationError(f"{kind!r} is not a USB drive: disk or cdrom.")
    return UsbStorage(port, host, optical=kind == OPTICAL, speed=speed)
