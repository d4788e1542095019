"""The menu of the USB: devices of the host, those checked that the guest has."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.common.translation import tr
from app.console.hostusb import title_of

if TYPE_CHECKING:
    from app.api.hoststructs import HostUsbDevice
    from app.settings.hardware import HardwareSettings
    from app.vmwindow.devices.part_menu import PartMenu


def no_usb(hardware: HardwareSettings) -> str:
    """Return why there is no menu of the USB, or an empty text."""
    return "" if hardware.usb_controllers else tr("The machine has no USB controller.")


def fill_usb(menu: PartMenu) -> None:
    """Add a switch for each device."""
    offers = menu.window.offers.usb
    for device in offers.devices:
        menu.add_switch(
            title_of(device).replace("&", "&&"),
            device.id in offers.attached,
            partial(_switch, menu, device),
            _explanation(device),
        )
    if not offers.devices:
        menu.add_note(
            tr("No USB devices connected"), tr("No USB device is plugged into the host.")
        )


def _switch(menu: PartMenu, device: HostUsbDevice, attached: bool) -> None:
    host_usb = menu.window.console.host_usb
    command = host_usb.attach if attached else host_usb.detach
    menu.run(partial(command, device.id))


def _explanation(device: HostUsbDevice) -> str:
    rows = [
        (tr("Vendor ID: {value}"), f"{device.vendor_id:04X}"),
        (tr("Product ID: {value}"), f"{device.product_id:04X}"),
        (tr("Revision: {value}"), f"{device.revision:04X}"),
        (tr("Serial No.: {value}"), device.serial_number),
        (tr("State: {value}"), device.state),
    ]
    return "\n".join(text.format(value=value) for text, value in rows if value)
