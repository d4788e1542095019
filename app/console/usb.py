"""USB controllers of a machine and the input devices on them."""

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
"""Where input devices are plugged in: at the first of these that the machine has."""


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
            "that this version of Vitrine knows. The PS/2 devices take its place."
        )
    if hardware.pointing_device in (
        PointingDevice.USB_MULTI_TOUCH, PointingDevice.USB_MULTI_TOUCH_PAD,
    ):  # fmt: skip
        yield "The multi-touch tablet is a USB tablet without fingers."


def _input_devices(hardware: HardwareSettings) -> list[str]:
    found = _POINTING.get(hardware.pointing_device), _KEYBOARDS.get(hardware.keyboard)
    return [kind for kind in found if kind is not None]
