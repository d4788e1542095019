"""USB controllers of a machine, and the input devices and drives on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.settings import available
from app.settings.enums import Keyboard, PointingDevice, UsbControllerType
from engine.pcboard import UsbBus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings.model import HardwareSettings

_CONTROLLERS: Final[dict[str, str]] = {
    UsbControllerType.OHCI: "ohci",
    UsbControllerType.EHCI: "ehci",
    UsbControllerType.XHCI: "xhci",
}
"""Engine's controller by type in the settings."""

_POINTING: Final[dict[str, str]] = {
    PointingDevice.USB_MOUSE: "mouse",
    PointingDevice.COMBO_MOUSE: "mouse",
    PointingDevice.USB_TABLET: "tablet",
    # Tablets that take several fingers, too: one finger is what a mouse of the host has.
    PointingDevice.USB_MULTI_TOUCH: "tablet",
    PointingDevice.USB_MULTI_TOUCH_PAD: "tablet",
}
_KEYBOARDS: Final[dict[str, str]] = {
    Keyboard.USB_KEYBOARD: "keyboard",
    Keyboard.COMBO_KEYBOARD: "keyboard",
}
_PREFERENCE: Final = ("ohci", "xhci")
"""Where input devices are plugged in: at the first of these that the machine has.

Those of EHCI are for high speed, and our input devices are not.
"""

FIRST_DRIVE_PORT: Final = 2
"""Root hub port of the settings' first drive; keyboard and pointer have those before."""
USB_PORTS: Final = 12
"""Most ports of a root hub."""
_DRIVE_PORTS: Final = {"xhci": 6, "ehci": 8, "ohci": 8}
"""Drives that each controller has room for, the faster controller first."""


def usb_buses(hardware: HardwareSettings) -> list[UsbBus]:
    """Return the controllers that the engine builds, with what is plugged into them."""
    buses = {
        _CONTROLLERS[each.type]: UsbBus(_CONTROLLERS[each.type])
        for each in hardware.usb_controllers
        if each.type in available.USB_CONTROLLERS
    }
    home = next((buses[kind] for kind in _PREFERENCE if kind in buses), None)
    if home is not None:
        home.devices = _input_devices(hardware)
    return list(buses.values())


def usb_drive_place(hardware: HardwareSettings, port: int) -> tuple[str, int] | None:
    """Return the engine's device and connector of the drive at a port of the settings.

    None: the machine has no USB controller with room for it.
    """
    there = {bus.controller for bus in usb_buses(hardware)}
    for controller, most in _DRIVE_PORTS.items():
        if controller in there and port < most:
            return f"usb-{controller}/0", FIRST_DRIVE_PORT + port
    return None


def usb_omissions(hardware: HardwareSettings) -> Iterator[str]:
    """Yield a sentence for each part that the guest will not find."""
    for controller in hardware.usb_controllers:
        if controller.type not in available.USB_CONTROLLERS:
            yield f"The {controller.type} USB controller is left out."
    devices = _input_devices(hardware)
    if devices and not any(bus.devices for bus in usb_buses(hardware)):
        names = " and ".join(devices)
        yield (
            f"The USB {names} of the settings is left out: the machine has no USB controller "
            "for input devices (OHCI or xHCI). The PS/2 devices take its place."
        )
    if hardware.pointing_device in (
        PointingDevice.USB_MULTI_TOUCH, PointingDevice.USB_MULTI_TOUCH_PAD,
    ):  # fmt: skip
        yield "The multi-touch tablet is a USB tablet without fingers."


def _input_devices(hardware: HardwareSettings) -> list[str]:
    found = _POINTING.get(hardware.pointing_device), _KEYBOARDS.get(hardware.keyboard)
    return [kind for kind in found if kind is not None]
