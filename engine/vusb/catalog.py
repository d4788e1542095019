"""The devices that a configuration can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ConfigurationError
from engine.vusb.descriptors import Speed
from engine.vusb.keyboard import KeyboardState, UsbKeyboard
from engine.vusb.pointing import MouseState, TabletState, UsbMouse, UsbTablet

if TYPE_CHECKING:
    from engine.vusb.device import UsbDevice

AnyState = KeyboardState | MouseState | TabletState
"""Saved state of any device; its tag tells which."""


def make_device(kind: str, *, speed: Speed = Speed.FULL) -> UsbDevice[Any]:
    """Return a device: ``keyboard``, ``mouse`` or ``tablet``.

    Raises:
        ConfigurationError: there is no such kind.
    """
    if kind == "keyboard":
        return UsbKeyboard(KeyboardState(), speed=speed)
    if kind == "mouse":
        return UsbMouse(MouseState(), speed=speed)
    if kind == "tablet":
        return UsbTablet(TabletState(), speed=speed)
    raise ConfigurationError(f"{kind!r} is not a USB device: keyboard, mouse or tablet.")
